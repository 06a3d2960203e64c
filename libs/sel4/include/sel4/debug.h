/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug system calls: only programs built for the debug kernel have them
 */
#pragma once

#include <sel4/functions.h>

#ifdef CONFIG_PRINTING

static inline void seL4_DebugPutChar(char c)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysDebugPutChar, (seL4_Uint8)c, 0, x);
}

static inline void seL4_DebugPutString(const char *text)
{
    for (; *text != '\0'; text++) {
        seL4_DebugPutChar(*text);
    }
}

static inline void seL4_DebugDumpScheduler(void)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysDebugDumpScheduler, 0, 0, x);
}

#endif

#ifdef CONFIG_DEBUG_BUILD

static inline void seL4_DebugHalt(void)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysDebugHalt, 0, 0, x);
}

static inline void seL4_DebugSnapshot(void)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysDebugSnapshot, 0, 0, x);
}

/** Number of the type of a capability (<abi/caps.h>); 0 for an empty slot. */
static inline seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysDebugCapIdentify, cap, 0, x);
    return (seL4_Uint32)x[0];
}

/** Name a thread; the name is cut to what the IPC buffer holds. */
static inline void seL4_DebugNameThread(seL4_CPtr tcb, const char *name)
{
    char *to = (char *)seL4_GetIPCBuffer()->msg;
    seL4_Word x[6];
    seL4_Word i = 0;

    for (; name[i] != '\0' && i + 1 < seL4_MsgMaxLength * sizeof(seL4_Word); i++) {
        to[i] = name[i];
    }
    to[i] = '\0';
    sel4_enter_empty((seL4_Word)seL4_SysDebugNameThread, tcb, 0, x);
}

#endif
