/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What one thread must not leave to another: modes of execution, floating-point registers
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/tcb.h>
#include <core/thread.h>

/* A native thread with a guest's mode would make the kernel's return to it an illegal one. */
static void copied_mode_is_sanitised(void **state)
{
    const word_t tcb = scene_tcb(50);
    struct tcb *thread = scene_tcb_at(tcb);
    struct tcb *guest = scene_tcb_at(scene_tcb(50));
    const word_t guest_cptr = scene_cptr(guest);

    (void)state;
    guest->vcpu = (struct vcpu_ref){ world_alloc(VCPU_BITS) };
    guest->context.regs[CONTEXT_SPSR] = 0x800003c5; /* EL1h, as a guest may have it */
    INVOKE(world.root, tcb, LABEL_TCB_COPY_REGISTERS, WORDS(4), EXTRA(guest_cptr));
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0x80000140);
    guest->context.regs[CONTEXT_SPSR] = 0x800001d0; /* 32-bit code at EL0 of a guest */
    INVOKE(world.root, tcb, LABEL_TCB_COPY_REGISTERS, WORDS(4), EXTRA(guest_cptr));
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0x80000140);
    /* Between guests the mode stays. */
    thread->vcpu = (struct vcpu_ref){ world_alloc(VCPU_BITS) };
    guest->context.regs[CONTEXT_SPSR] = 0x800003c5;
    INVOKE(world.root, tcb, LABEL_TCB_COPY_REGISTERS, WORDS(4), EXTRA(guest_cptr));
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0x800003c5);
}

static void ended_thread_leaves_no_fpu(void **state)
{
    struct tcb *next = scene_tcb_at(scene_tcb(20));

    (void)state;
    scene_give_time(next);
    scene_resume(next);
    kernel_step(&(struct event){ .kind = EVENT_FPU_TRAP });
    assert_true(host.fpu_enabled);
    tcb_finalise(world.root);
    scheduler_run();
    assert_running(next);
    assert_false(host.fpu_enabled);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(copied_mode_is_sanitised, scene_setup),
        cmocka_unit_test_setup(ended_thread_leaves_no_fpu, scene_setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
