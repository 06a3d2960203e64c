/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The IPC buffer, and what the generated invocations are made of
 *
 * The pointer to the buffer is thread-local, or one plain global if TESSERA_PLAIN_IPC_BUFFER is
 * defined (components with one thread and no TLS). libs/runtime or libs/microkit defines the
 * variable and sets it before main.
 */
#pragma once

#include <sel4/syscalls.h>

/** Remember the IPC buffer of this thread. */
static inline void seL4_SetIPCBuffer(seL4_IPCBuffer *buffer)
{
    __sel4_ipc_buffer = buffer;
}

static inline seL4_Word seL4_GetUserData(void)
{
    return seL4_GetIPCBuffer()->userData;
}

static inline void seL4_SetUserData(seL4_Word data)
{
    seL4_GetIPCBuffer()->userData = data;
}

/** Badge of the i-th unwrapped capability of a received message. */
static inline seL4_Word seL4_GetBadge(int i)
{
    return seL4_GetIPCBuffer()->caps_or_badges[i];
}

static inline seL4_CPtr seL4_GetCap(int i)
{
    return (seL4_CPtr)seL4_GetIPCBuffer()->caps_or_badges[i];
}

/** Set the i-th extra capability of the next message. */
static inline void seL4_SetCap(int i, seL4_CPtr cap)
{
    seL4_GetIPCBuffer()->caps_or_badges[i] = cap;
}

/** Say where a received capability goes. */
static inline void seL4_SetCapReceivePath(seL4_CPtr cnode, seL4_Word index, seL4_Word depth)
{
    seL4_GetIPCBuffer()->receiveCNode = cnode;
    seL4_GetIPCBuffer()->receiveIndex = index;
    seL4_GetIPCBuffer()->receiveDepth = depth;
}

/** Extra refills that a scheduling context of 2^size bytes can hold. */
static inline seL4_Word seL4_MaxExtraRefills(seL4_Word size)
{
    return ((1ull << size) - seL4_CoreSchedContextBytes) / seL4_RefillSizeBytes;
}

/** Invoke an object. `mr` holds message words 0..3 before and after; on an error they are put
 *  into the IPC buffer too, where the details are looked for. */
static inline seL4_Error sel4_invoke(seL4_CPtr service, seL4_MessageInfo_t info, seL4_Word mr[4])
{
    seL4_Word x[6] = { service, info.words[0], mr[0], mr[1], mr[2], mr[3] };
    seL4_MessageInfo_t reply;
    seL4_Error error;

    sel4_trap((seL4_Word)seL4_SysCall, x, 0, 0);
    reply.words[0] = x[1];
    error = (seL4_Error)seL4_MessageInfo_get_label(reply);
    mr[0] = x[2];
    mr[1] = x[3];
    mr[2] = x[4];
    mr[3] = x[5];
    if (error != seL4_NoError) {
        sel4_store_words(mr);
    }
    return error;
}

/** Put `count` (at most `total`) words at message words `first`.. */
static inline void sel4_send_array(const seL4_Word *from, seL4_Word count, seL4_Word first,
                                   seL4_Word total, seL4_Word mr[4])
{
    for (seL4_Word i = 0; i < count && i < total; i++) {
        if (first + i < 4) {
            mr[first + i] = from[i];
        } else {
            seL4_SetMR((int)(first + i), from[i]);
        }
    }
}

/** Take message words 0.. : the first four always, then up to `count` (at most `total`). */
static inline void sel4_receive_array(seL4_Word *to, seL4_Word count, seL4_Word total,
                                      const seL4_Word mr[4])
{
    for (seL4_Word i = 0; i < 4; i++) {
        to[i] = mr[i];
    }
    for (seL4_Word i = 4; i < count && i < total; i++) {
        to[i] = seL4_GetMR((int)i);
    }
}
