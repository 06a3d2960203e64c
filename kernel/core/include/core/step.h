/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One step of the kernel
 *
 * Everything that can happen while a thread runs is an event; the core answers it and leaves the
 * thread that runs next in this_cpu()->current. The entry code saves the user registers in the
 * current thread's context before, and loads the context of the current thread afterwards.
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

struct slot;

enum event_kind {
    EVENT_SYSCALL,         /* svc from EL0, hvc from EL1: `number` is x7 */
    EVENT_UNKNOWN_SYSCALL, /* the same; the number decides anyway */
    EVENT_INTERRUPT,
    EVENT_VM_FAULT,       /* stage 2: `address`, `is_fetch`, `syndrome` */
    EVENT_FPU_TRAP,       /* floating point used while machine_fpu_enable(false): `syndrome` */
    EVENT_USER_EXCEPTION, /* undefined instruction: `syndrome` */
    EVENT_VCPU_FAULT      /* everything else: `syndrome` */
};

struct event {
    enum event_kind kind;
    bool is_fetch;
    word_t number;
    word_t address; /* FAR_EL2; not used on a fetch */
    word_t syndrome;
};

/** Handle `event` of the current thread and choose who runs next.
 *  Pre: the context of the current thread is saved; FAULT_IP and NEXT_IP are set. */
void kernel_step(const struct event *event);

/* The same for the two frequent kinds, without a struct event. */
void kernel_step_syscall(word_t number);
void kernel_step_interrupt(void);

/** kernel_step_syscall without trying short cuts (fastpath.h). */
void kernel_step_syscall_general(word_t number);
/** The same for Call, when the capability has been looked up already. */
void kernel_step_call(struct slot *slot, word_t cptr);
