/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * On-target conformance tests: a thread that makes one system call and is watched
 */
#include "conform.h"

#include <string.h>

static struct probe probe;
static seL4_CPtr endpoint, reply, buffer_frame;

static void make_call(seL4_Word unused_a, seL4_Word unused_b)
{
    (void)unused_a;
    (void)unused_b;
    raw_syscall(&probe.registers);
    probe.has_returned = true;
}

static void set_buffer(seL4_Word address)
{
    CHECK_EQ(seL4_TCB_SetIPCBuffer(probe.thread.tcb, address, buffer_frame), seL4_NoError);
}

static void prepare(void)
{
    if (endpoint == seL4_CapNull) {
        endpoint = cap_mint(object_new(seL4_EndpointObject, 0), seL4_AllRights, PROBE_BADGE);
        reply = object_new(seL4_ReplyObject, 0);
        probe.thread = thread_new(MAIN_PRIO + 1);
        buffer_frame = cap_mint(image_frame(probe.thread.buffer), seL4_AllRights, 0);
        thread_fault_endpoint(&probe.thread, endpoint);
    }
}

static struct probe *run(const struct registers *registers)
{
    seL4_MessageInfo_t info;

    probe.registers = *registers;
    probe.has_returned = false;
    thread_run(&probe.thread, make_call, 0, 0);
    info = seL4_NBRecv(endpoint, &probe.badge, reply);
    probe.has_faulted = probe.badge == PROBE_BADGE;
    if (probe.has_faulted) {
        probe.info = info.words[0];
        memcpy(probe.words, seL4_GetIPCBuffer()->msg, sizeof(probe.words));
    }
    return &probe;
}

struct probe *probe_syscall(const struct registers *registers)
{
    prepare();
    probe_stop();
    set_buffer((seL4_Word)probe.thread.buffer);
    return run(registers);
}

struct probe *probe_again(const struct registers *registers)
{
    probe_stop();
    return run(registers);
}

struct probe *probe_without_buffer(const struct registers *registers)
{
    prepare();
    probe_stop();
    set_buffer(0);
    return run(registers);
}

seL4_CPtr probe_reply(void)
{
    return reply;
}

seL4_CPtr probe_own_reply(void)
{
    prepare();
    return probe.thread.reply;
}

seL4_IPCBuffer *probe_buffer(void)
{
    prepare();
    return probe.thread.buffer;
}

void probe_stop(void)
{
    CHECK_EQ(seL4_TCB_Suspend(probe.thread.tcb), seL4_NoError);
}
