/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * How a component ends
 *
 * A file of its own, so that a program with its own C library never gets this _exit.
 */
#include <microkit.h>
#include <tessera.h>

#define OWN_FAULT_CAP 2

_Noreturn void _exit(int status);

__attribute__((weak)) void tessera_exit_flush(void)
{
}

_Noreturn void tessera_exit(int code)
{
    tessera_exit_flush();
    seL4_SetMR(0, (seL4_Word)(seL4_Int64)code);
    /*
     * Call and not Send: nobody answers, so the kernel keeps this thread stopped from here on
     * (the capability has no grant right: the kernel makes the caller inactive).
     */
    (void)seL4_Call(OWN_FAULT_CAP, seL4_MessageInfo_new(TESSERA_EXIT_LABEL, 0, 0, 1));
    __builtin_trap();
}

/* The C library, if there is one, ends programs by this (exit, abort). */
__attribute__((weak)) _Noreturn void _exit(int status)
{
    tessera_exit(status);
}
