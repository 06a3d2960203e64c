/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Start of a root task, from the first C line to main
 *
 * Invariant: nothing here uses the IPC buffer or a thread-local variable before
 * runtime_tls_init; every system call with more than four words comes after.
 */
#include <runtime/root_task.h>

#include <runtime/tls.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* Every generated stub reads it; thread-local as root tasks may have several threads. */
__thread seL4_IPCBuffer *__sel4_ipc_buffer;

static seL4_BootInfo *bootinfo_saved;

typedef void constructor_fn(void);
extern constructor_fn *const __init_array_start[];
extern constructor_fn *const __init_array_end[];

_Noreturn void runtime_start(seL4_BootInfo *bootinfo);

void seL4_InitBootInfo(seL4_BootInfo *bootinfo)
{
    bootinfo_saved = bootinfo;
}

seL4_BootInfo *seL4_GetBootInfo(void)
{
    return bootinfo_saved;
}

_Noreturn void runtime_stop(int code)
{
    if (code != 0) {
        printf("root task: stopped with code %d\n", code);
    }
    for (;;) {
        (void)seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

_Noreturn void runtime_start(seL4_BootInfo *bootinfo)
{
    runtime_tls_init();
    __sel4_ipc_buffer = bootinfo->ipcBuffer;
    seL4_InitBootInfo(bootinfo);
    for (constructor_fn *const *entry = __init_array_start; entry < __init_array_end; entry++) {
        (*entry)();
    }
    runtime_stop(main(bootinfo));
}

/* The C library ends programs by this (exit, abort). */
_Noreturn void _exit(int status)
{
    runtime_stop(status);
}
