/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Floating point: who owns the registers
 */
#include <core/fpu.h>

static void fpu_set_enabled(struct cpu_state *cpu, bool enable)
{
    if (cpu->fpu_enabled != enable) {
        cpu->fpu_enabled = enable;
        machine_fpu_enable(enable);
    }
}

static void fpu_disown(struct tcb *thread)
{
    thread->hardware &= (uint8_t)~THREAD_OWNS_FPU;
    this_cpu()->fpu_owner = (struct tcb_ref){ 0 };
}

void fpu_forget(struct tcb *thread)
{
    if ((thread->hardware & THREAD_OWNS_FPU) != 0) {
        fpu_disown(thread);
        /* A thread that ends itself must not leave them open to the next one. */
        fpu_set_enabled(this_cpu(), false);
    }
}

void fpu_switch(struct tcb *thread)
{
    fpu_set_enabled(this_cpu(), (thread->hardware & THREAD_OWNS_FPU) != 0);
}

bool fpu_take(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    if ((thread->flags & TCB_FLAG_FPU_DISABLED) != 0) {
        return false;
    }
    fpu_set_enabled(cpu, true);
    if (cpu->fpu_owner.raw != 0) {
        machine_fpu_save(&tcb_at(cpu->fpu_owner)->fpu);
        fpu_disown(tcb_at(cpu->fpu_owner));
    }
    machine_fpu_load(&thread->fpu);
    cpu->fpu_owner = tcb_ref_of(thread);
    thread->hardware |= THREAD_OWNS_FPU;
    return true;
}

void fpu_release(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    if ((thread->hardware & THREAD_OWNS_FPU) != 0) {
        /* Saving them is a use, too. */
        fpu_set_enabled(cpu, true);
        machine_fpu_save(&thread->fpu);
        fpu_disown(thread);
        fpu_set_enabled(cpu, false);
    }
}
