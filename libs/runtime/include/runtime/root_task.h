/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Root tasks: what the start code offers
 *
 * The program provides `int main(seL4_BootInfo *bootinfo)`. When it starts, stack, thread-local
 * storage, IPC buffer pointer and constructors are done. When it returns, its thread is
 * suspended. printf and friends write to the kernel's debug console in debug builds and nowhere
 * in release builds.
 */
#pragma once

#include <sel4/sel4.h>

/* Provided by the program. */
int main(seL4_BootInfo *bootinfo);

/* Return the boot information that main received; the name is the one of the seL4 API. */
seL4_BootInfo *seL4_GetBootInfo(void);
/* Set what seL4_GetBootInfo returns; the start code does so. */
void seL4_InitBootInfo(seL4_BootInfo *bootinfo);

/* Suspend the root task's thread for good; `code` is printed by debug builds. */
_Noreturn void runtime_stop(int code);
