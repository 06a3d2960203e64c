/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Exceptions become events
 *
 * ESR_EL2 says what happened; kernel_step (core/step.h) decides what it means. FAULT_IP of the
 * saved registers is set here: the system call instruction itself, or where the exception
 * happened, so that "restart" is the same for all.
 */
#include "trap.h"

#include <arch/sysreg.h>
#include <core/state.h>
#include <core/step.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define ESR_LOW         0xfffffffful /* later CPUs put more above */
#define ESR_CLASS_SHIFT 26
#define ESR_CLASS_FPU   0x07u
#define ESR_CLASS_SVC   0x15u
#define ESR_CLASS_HVC   0x16u
#define ESR_CLASS_FETCH 0x20u /* instruction abort from a lower exception level */
#define ESR_CLASS_DATA  0x24u
#define ESR_UNDEFINED   0x02000000u
#define SYSCALL_BYTES   4 /* of the svc or hvc instruction, which ELR_EL2 is behind */

/* Run the idle thread: it has no registers and no instructions of its own, it is this loop. WFI
 * ends on a pending interrupt although interrupts are masked here. Kept out of the way of those
 * who do not idle. */
static __attribute__((noinline)) struct context *idle(void)
{
    struct cpu_state *cpu = this_cpu();

    while (cpu->current.raw == cpu->idle.raw) {
        __asm__ volatile("dsb sy\n\twfi" : : : "memory");
        kernel_step_interrupt();
    }
    return &tcb_at(cpu->current)->context;
}

static inline struct context *next_context(void)
{
    struct cpu_state *cpu = this_cpu();

    return cpu->current.raw == cpu->idle.raw ? idle() : &tcb_at(cpu->current)->context;
}

static __attribute__((noinline)) struct context *trap_fault(word_t esr)
{
    word_t class = esr >> ESR_CLASS_SHIFT;
    struct event event = { .kind = EVENT_VCPU_FAULT, .syndrome = esr };

    if (class == ESR_CLASS_FETCH) {
        event.kind = EVENT_VM_FAULT;
        event.is_fetch = true;
    } else if (class == ESR_CLASS_DATA) {
        event.kind = EVENT_VM_FAULT;
        event.address = SYSREG_READ(far_el2);
    } else if (class == ESR_CLASS_FPU) {
        event.kind = EVENT_FPU_TRAP;
    } else if (esr == ESR_UNDEFINED) {
        event.kind = EVENT_USER_EXCEPTION;
    }
    kernel_step(&event);
    return next_context();
}

struct context *trap_sync(struct context *context)
{
    word_t esr = SYSREG_READ(esr_el2) & ESR_LOW;
    word_t class = esr >> ESR_CLASS_SHIFT;

    if (class == ESR_CLASS_SVC || class == ESR_CLASS_HVC) {
        context->regs[CONTEXT_FAULT_IP] = context->regs[CONTEXT_NEXT_IP] - SYSCALL_BYTES;
        kernel_step_syscall(context->regs[CONTEXT_NUMBER]);
        return next_context();
    }
    context->regs[CONTEXT_FAULT_IP] = context->regs[CONTEXT_NEXT_IP];
    return trap_fault(esr);
}

struct context *trap_irq(struct context *context)
{
    context->regs[CONTEXT_FAULT_IP] = context->regs[CONTEXT_NEXT_IP];
    kernel_step_interrupt();
    return next_context();
}

struct context *trap_first(void)
{
    return next_context();
}

static void print_pair(const char *name, word_t value)
{
    print_text(name);
    print_hex(value);
}

_Noreturn void trap_fatal(word_t stack, word_t vector)
{
    print_text("\nKERNEL|PANIC: exception without a handler, vector ");
    print_decimal(vector);
    print_pair("\n  ESR_EL2  ", SYSREG_READ(esr_el2));
    print_pair("\n  ELR_EL2  ", SYSREG_READ(elr_el2));
    print_pair("\n  FAR_EL2  ", SYSREG_READ(far_el2));
    print_pair("\n  SPSR_EL2 ", SYSREG_READ(spsr_el2));
    print_pair("\n  SP       ", stack);
    print_text("\n");
    machine_halt();
}

_Noreturn void machine_panic(const char *sentence)
{
    print_text("\nKERNEL|PANIC: ");
    print_text(sentence);
    print_text("\n");
    machine_halt();
}
