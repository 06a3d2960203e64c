/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Between building and comparing nothing happens
 *
 * tests/capdl/loader links a program with another file in this place, which then must be caught.
 */
#include "verify.h"

void after_building(void)
{
}

void after_keeping(void)
{
}
