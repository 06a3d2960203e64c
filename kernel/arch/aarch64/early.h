/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What head.S calls before and just after the MMU is on
 */
#pragma once

#include <abi/types.h>

/** Check the boot table and build the kernel's translation tables; returns the physical address
 *  of the root. Runs with the MMU off. Fails: prints why and halts. */
word_t early_main(word_t table_paddr);
/** Take the identity map away and check the tables. */
void early_finish(void);
