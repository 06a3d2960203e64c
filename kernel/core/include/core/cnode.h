/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Invocations of CNode capabilities
 */
#pragma once

#include <core/decode.h>

enum outcome cnode_decode(struct invocation *inv);
