/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The normal program attacks nothing
 */
#include "attack.h"

void attack(void)
{
}
