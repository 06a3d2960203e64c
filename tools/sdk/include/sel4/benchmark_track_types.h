/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tracking of kernel entries: sources include this header even where it is switched off
 *
 * This kernel does not track entries (CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES is off).
 */
#pragma once
