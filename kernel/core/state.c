/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kernel state
 */
#include <core/state.h>

struct kernel_state kernel;
