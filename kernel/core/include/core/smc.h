/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Secure monitor calls
 */
#pragma once

#include <core/decode.h>

enum outcome smc_decode(struct invocation *inv);
