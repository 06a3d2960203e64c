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

void fpu_switch(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    fpu_set_enabled(cpu, cpu->fpu_owner.raw == tcb_ref_of(thread).raw);
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
    }
    machine_fpu_load(&thread->fpu);
    cpu->fpu_owner = tcb_ref_of(thread);
    return true;
}

void fpu_release(struct tcb *thread)
{
    struct cpu_state *cpu = this_cpu();

    if (cpu->fpu_owner.raw == tcb_ref_of(thread).raw) {
        /* Saving them is a use, too. */
        fpu_set_enabled(cpu, true);
        machine_fpu_save(&thread->fpu);
        cpu->fpu_owner = (struct tcb_ref){ 0 };
        fpu_set_enabled(cpu, false);
    }
}

void fpu_forget(struct tcb *thread)
{
    if (this_cpu()->fpu_owner.raw == tcb_ref_of(thread).raw) {
        this_cpu()->fpu_owner = (struct tcb_ref){ 0 };
    }
}
