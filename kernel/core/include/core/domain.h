/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The domain capability: which thread is in which domain, and their schedule
 */
#pragma once

#include <core/decode.h>

enum outcome domain_decode(struct invocation *inv);
