/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * System calls
 *
 * The plain forms keep message words 0..3 in the IPC buffer like all others; the WithMRs forms take
 * and give them through pointers (a null pointer: not wanted) and leave the buffer alone.
 */
#pragma once

#include <sel4/trap.h>

#if defined(TESSERA_PLAIN_IPC_BUFFER)
extern seL4_IPCBuffer *__sel4_ipc_buffer;
#else
extern __thread seL4_IPCBuffer *__sel4_ipc_buffer;
#endif

static inline seL4_IPCBuffer *seL4_GetIPCBuffer(void)
{
    return __sel4_ipc_buffer;
}

/** Read message word i. */
static inline seL4_Word seL4_GetMR(int i)
{
    return seL4_GetIPCBuffer()->msg[i];
}

/** Write message word i. */
static inline void seL4_SetMR(int i, seL4_Word value)
{
    seL4_GetIPCBuffer()->msg[i] = value;
}

/* ---- Building blocks ---------------------------------------------------------------------- */

static inline void sel4_load_words(seL4_Word mr[4])
{
    mr[0] = seL4_GetMR(0);
    mr[1] = seL4_GetMR(1);
    mr[2] = seL4_GetMR(2);
    mr[3] = seL4_GetMR(3);
}

static inline void sel4_store_words(const seL4_Word mr[4])
{
    seL4_SetMR(0, mr[0]);
    seL4_SetMR(1, mr[1]);
    seL4_SetMR(2, mr[2]);
    seL4_SetMR(3, mr[3]);
}

/** Word `i` behind a pointer, or 0 if the message is shorter or the pointer null. */
static inline seL4_Word sel4_word_in(seL4_MessageInfo_t info, seL4_Word i, const seL4_Word *mr)
{
    return mr != seL4_Null && seL4_MessageInfo_get_length(info) > i ? *mr : 0;
}

static inline void sel4_word_out(seL4_Word *mr, seL4_Word value)
{
    if (mr != seL4_Null) {
        *mr = value;
    }
}

/** x0..x5 of a call whose message is in the IPC buffer. */
static inline void sel4_enter(seL4_Word number, seL4_CPtr cap, seL4_MessageInfo_t info,
                              seL4_CPtr x6, seL4_CPtr x8, seL4_Word x[6])
{
    x[0] = cap;
    x[1] = info.words[0];
    sel4_load_words(&x[2]);
    sel4_trap(number, x, x6, x8);
}

/** The same without a message to send: registers that are not used are zero. */
static inline void sel4_enter_empty(seL4_Word number, seL4_CPtr cap, seL4_CPtr x6, seL4_Word x[6])
{
    x[0] = cap;
    x[1] = 0;
    x[2] = 0;
    x[3] = 0;
    x[4] = 0;
    x[5] = 0;
    sel4_trap(number, x, x6, 0);
}

/** Deliver what was received: badge, words into the IPC buffer, information returned. */
static inline seL4_MessageInfo_t sel4_received(const seL4_Word x[6], seL4_Word *sender)
{
    seL4_MessageInfo_t info = { { x[1] } };

    sel4_store_words(&x[2]);
    sel4_word_out(sender, x[0]);
    return info;
}

/** Deliver what was received, words through pointers. */
static inline seL4_MessageInfo_t sel4_received_words(const seL4_Word x[6], seL4_Word *sender,
                                                     seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                     seL4_Word *mr3)
{
    seL4_MessageInfo_t info = { { x[1] } };

    sel4_word_out(sender, x[0]);
    sel4_word_out(mr0, x[2]);
    sel4_word_out(mr1, x[3]);
    sel4_word_out(mr2, x[4]);
    sel4_word_out(mr3, x[5]);
    return info;
}

/** x1..x5 of a call whose words 0..3 are behind pointers. */
static inline void sel4_words_in(seL4_MessageInfo_t info, const seL4_Word *mr0,
                                 const seL4_Word *mr1, const seL4_Word *mr2, const seL4_Word *mr3,
                                 seL4_Word x[6])
{
    x[1] = info.words[0];
    x[2] = sel4_word_in(info, 0, mr0);
    x[3] = sel4_word_in(info, 1, mr1);
    x[4] = sel4_word_in(info, 2, mr2);
    x[5] = sel4_word_in(info, 3, mr3);
}

/* ---- Send ----------------------------------------------------------------------------------- */

static inline void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    seL4_Word x[6];

    sel4_enter((seL4_Word)seL4_SysSend, dest, msgInfo, 0, 0, x);
}

static inline void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    seL4_Word x[6];

    sel4_enter((seL4_Word)seL4_SysNBSend, dest, msgInfo, 0, 0, x);
}

static inline void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0,
                                    seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word x[6];

    x[0] = dest;
    sel4_words_in(msgInfo, mr0, mr1, mr2, mr3, x);
    sel4_trap((seL4_Word)seL4_SysSend, x, 0, 0);
}

static inline void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo, seL4_Word *mr0,
                                      seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word x[6];

    x[0] = dest;
    sel4_words_in(msgInfo, mr0, mr1, mr2, mr3, x);
    sel4_trap((seL4_Word)seL4_SysNBSend, x, 0, 0);
}

/** Signal a notification. */
static inline void seL4_Signal(seL4_CPtr dest)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysSend, dest, 0, x);
}

/* ---- Call ----------------------------------------------------------------------------------- */

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t msgInfo)
{
    seL4_Word x[6];

    sel4_enter((seL4_Word)seL4_SysCall, dest, msgInfo, 0, 0, x);
    return sel4_received(x, (seL4_Word *)seL4_Null);
}

static inline seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                  seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                  seL4_Word *mr3)
{
    seL4_Word x[6];

    x[0] = dest;
    sel4_words_in(msgInfo, mr0, mr1, mr2, mr3, x);
    sel4_trap((seL4_Word)seL4_SysCall, x, 0, 0);
    return sel4_received_words(x, (seL4_Word *)seL4_Null, mr0, mr1, mr2, mr3);
}

/* ---- Receive -------------------------------------------------------------------------------- */

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysRecv, src, reply, x);
    return sel4_received(x, sender);
}

static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysNBRecv, src, reply, x);
    return sel4_received(x, sender);
}

static inline seL4_MessageInfo_t seL4_Wait(seL4_CPtr src, seL4_Word *sender)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysWait, src, 0, x);
    return sel4_received(x, sender);
}

static inline seL4_MessageInfo_t seL4_NBWait(seL4_CPtr src, seL4_Word *sender)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysNBWait, src, 0, x);
    return sel4_received(x, sender);
}

/** Look whether a notification was signalled: *sender is its word, or 0. */
static inline seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word *sender)
{
    return seL4_NBWait(src, sender);
}

static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3,
                                                  seL4_CPtr reply)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysRecv, src, reply, x);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBRecvWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                    seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                    seL4_Word *mr3, seL4_CPtr reply)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysNBRecv, src, reply, x);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_WaitWithMRs(seL4_CPtr src, seL4_Word *sender, seL4_Word *mr0,
                                                  seL4_Word *mr1, seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysWait, src, 0, x);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBWaitWithMRs(seL4_CPtr src, seL4_Word *sender,
                                                    seL4_Word *mr0, seL4_Word *mr1, seL4_Word *mr2,
                                                    seL4_Word *mr3)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysNBWait, src, 0, x);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

/* ---- Send, then receive --------------------------------------------------------------------- */

/** Reply through `reply`, then receive from `src` with it. */
static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                seL4_Word *sender, seL4_CPtr reply)
{
    seL4_Word x[6];

    sel4_enter((seL4_Word)seL4_SysReplyRecv, src, msgInfo, reply, 0, x);
    return sel4_received(x, sender);
}

/** Send to `dest` without blocking, then receive from `src` with `reply`. */
static inline seL4_MessageInfo_t seL4_NBSendRecv(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                 seL4_CPtr src, seL4_Word *sender, seL4_CPtr reply)
{
    seL4_Word x[6];

    sel4_enter((seL4_Word)seL4_SysNBSendRecv, src, msgInfo, reply, dest, x);
    return sel4_received(x, sender);
}

/** Send to `dest` without blocking, then wait on `src`. */
static inline seL4_MessageInfo_t seL4_NBSendWait(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                 seL4_CPtr src, seL4_Word *sender)
{
    seL4_Word x[6];

    sel4_enter((seL4_Word)seL4_SysNBSendWait, src, msgInfo, dest, 0, x);
    return sel4_received(x, sender);
}

static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src, seL4_MessageInfo_t msgInfo,
                                                       seL4_Word *sender, seL4_Word *mr0,
                                                       seL4_Word *mr1, seL4_Word *mr2,
                                                       seL4_Word *mr3, seL4_CPtr reply)
{
    seL4_Word x[6];

    x[0] = src;
    sel4_words_in(msgInfo, mr0, mr1, mr2, mr3, x);
    sel4_trap((seL4_Word)seL4_SysReplyRecv, x, reply, 0);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBSendRecvWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3,
                                                        seL4_CPtr reply)
{
    seL4_Word x[6];

    x[0] = src;
    sel4_words_in(msgInfo, mr0, mr1, mr2, mr3, x);
    sel4_trap((seL4_Word)seL4_SysNBSendRecv, x, reply, dest);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

static inline seL4_MessageInfo_t seL4_NBSendWaitWithMRs(seL4_CPtr dest, seL4_MessageInfo_t msgInfo,
                                                        seL4_CPtr src, seL4_Word *sender,
                                                        seL4_Word *mr0, seL4_Word *mr1,
                                                        seL4_Word *mr2, seL4_Word *mr3)
{
    seL4_Word x[6];

    x[0] = src;
    sel4_words_in(msgInfo, mr0, mr1, mr2, mr3, x);
    sel4_trap((seL4_Word)seL4_SysNBSendWait, x, dest, 0);
    return sel4_received_words(x, sender, mr0, mr1, mr2, mr3);
}

/* ---- Others ----------------------------------------------------------------------------------- */

static inline void seL4_Yield(void)
{
    seL4_Word x[6];

    sel4_enter_empty((seL4_Word)seL4_SysYield, 0, 0, x);
}
