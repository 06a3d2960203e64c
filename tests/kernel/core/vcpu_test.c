/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual CPUs: what is in hardware when, invocations, interrupts (abi/06, abi/03 §10)
 */
#include <world/scene.h>

#include <abi/faults.h>
#include <abi/labels.h>
#include <abi/registers.h>
#include <core/cdt.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>
#include <core/vcpu.h>

#define LIST_EOI    (1ul << 19)
#define LIST_ACTIVE (1ul << 29)

/* A guest (150) with a VCPU, and its monitor (200) waiting for its faults. */
static struct tcb *guest, *monitor;
static word_t vcpu_cptr, endpoint, reply;
static struct vcpu *vcpu;

static word_t new_vcpu(void)
{
    const word_t address = world_alloc(VCPU_BITS);

    vcpu_init(vcpu_at((struct vcpu_ref){ address }));
    return scene_put(cap_vcpu_new(address));
}

static int one_guest(void **state)
{
    scene_setup(state);
    world.root->priority = 100;
    endpoint = scene_endpoint();
    reply = scene_reply();
    monitor = scene_runner(200);
    SYSCALL(monitor, SYS_RECV, .cap = endpoint, .reply = reply);
    guest = scene_tcb_at(scene_tcb(150));
    cdt_insert(world_slot(endpoint)->cap, world_slot(endpoint),
               &guest->slots[TCB_SLOT_FAULT_HANDLER]);
    vcpu_cptr = new_vcpu();
    vcpu = cap_vcpu_object(world_slot(vcpu_cptr)->cap);
    host.irq_enabled[VTIMER_IRQ] = false;
    assert_done(CALL(vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, CAPS(scene_cptr(guest))));
    scene_give_time(guest);
    return 0;
}

static void start_guest(void)
{
    scene_resume(guest);
    assert_running(guest);
}

static void interrupt(word_t irq)
{
    guest->context.regs[CONTEXT_FAULT_IP] = guest->context.regs[CONTEXT_NEXT_IP];
    host.irq_pending[irq] = true;
    kernel_step_interrupt();
}

static word_t read_register(word_t field)
{
    assert_int_equal(INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_READ_REGS, WORDS(field)), 0);
    return scene_word(world.root, 0);
}

static void write_register(word_t field, word_t value)
{
    assert_int_equal(INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_WRITE_REGS, WORDS(field, value)),
                     0);
}

/* Root runs while the guest waits for an answer: what the guest left stays loaded. */
static void stop_guest(void)
{
    kernel_step(&(struct event){ .kind = EVENT_VCPU_FAULT, .syndrome = 0x07e00000 });
    assert_running(monitor);
    thread_suspend(monitor);
    scheduler_run();
    assert_running(world.root);
}

/* ---- Invocations --------------------------------------------------------------------------------- */

static void checks(void **state)
{
    (void)state;
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, CAPS(SLOT_CNODE)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_READ_REGS, CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_READ_REGS, WORDS(24)),
                          ERR_INVALID_ARGUMENT, 1);
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_WRITE_REGS, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_WRITE_REGS, WORDS(24, 0)),
                          ERR_INVALID_ARGUMENT, 1);
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_ACK_VPPI, CAPS(SLOT_CNODE)), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_ACK_VPPI, WORDS(160)), 0, 159);
    assert_numbered_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_ACK_VPPI, WORDS(26)), ERR_INVALID_ARGUMENT,
                          0);
    assert_error(CALL(vcpu_cptr, LABEL_TCB_SUSPEND, WORDS(0)), ERR_ILLEGAL_OPERATION);
}

static word_t injection(word_t virq, word_t priority, word_t group, word_t index)
{
    return virq | priority << 16 | group << 24 | index << 32;
}

static void inject_checks(void **state)
{
    (void)state;
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, CAPS(SLOT_TCB)), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(1024, 32, 2, 4))),
                       0, 1023);
    assert_range_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(1023, 32, 2, 4))),
                       0, 31);
    assert_range_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(1023, 31, 2, 4))),
                       0, 1);
    assert_range_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(1023, 31, 1, 4))),
                       0, 3);
    vcpu->registers.vgic_list[3] = LIST_ACTIVE;
    assert_error(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(1023, 31, 1, 3))),
                 ERR_DELETE_FIRST);
    assert_done(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(27, 3, 1, 2))));
    assert_int_equal(vcpu->registers.vgic_list[2], machine_vgic_list_make(27, 3, 1));
    /* A pending one is overwritten. */
    assert_done(CALL(vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(28, 3, 1, 2))));
}

static void new_state(void **state)
{
    (void)state;
    assert_int_equal(read_register(VCPU_REG_SCTLR_EL1), 0x34d58820);
    assert_int_equal(read_register(VCPU_REG_VMPIDR_EL2), 0);
    assert_int_equal(vcpu->registers.vgic_hcr, 1);
    write_register(VCPU_REG_ESR_EL1, 0x1234567890);
    assert_int_equal(read_register(VCPU_REG_ESR_EL1), 0x34567890);
}

/* ---- What is in hardware --------------------------------------------------------------------------- */

static void guest_state_is_loaded_and_kept(void **state)
{
    (void)state;
    write_register(VCPU_REG_SCTLR_EL1, 0x11);
    write_register(VCPU_REG_TTBR0_EL1, 0x22);
    start_guest();
    assert_false(host.vcpu_is_native);
    assert_int_equal(host.vcpu.fields[VCPU_REG_SCTLR_EL1], 0x11);
    assert_int_equal(host.vcpu.fields[VCPU_REG_TTBR0_EL1], 0x22);
    assert_int_equal(host.vcpu.vgic_hcr, 1);
    assert_true(host.irq_enabled[VTIMER_IRQ]);
    host.vcpu.fields[VCPU_REG_SCTLR_EL1] = 0x33;
    host.vcpu.fields[VCPU_REG_TTBR0_EL1] = 0x44;
    stop_guest();
    assert_true(host.vcpu_is_native);
    assert_false(host.irq_enabled[VTIMER_IRQ]);
    assert_int_equal(vcpu->registers.fields[VCPU_REG_SCTLR_EL1], 0x33);
    /* Group B is not saved yet, but is read where it is. */
    assert_int_equal(vcpu->registers.fields[VCPU_REG_TTBR0_EL1], 0x22);
    assert_int_equal(read_register(VCPU_REG_TTBR0_EL1), 0x44);
    assert_int_equal(read_register(VCPU_REG_SCTLR_EL1), 0x33);
    write_register(VCPU_REG_TTBR0_EL1, 0x55);
    assert_int_equal(host.vcpu.fields[VCPU_REG_TTBR0_EL1], 0x55);
    write_register(VCPU_REG_SCTLR_EL1, 0x66);
    assert_int_equal(vcpu->registers.fields[VCPU_REG_SCTLR_EL1], 0x66);
}

static void second_guest_takes_the_place(void **state)
{
    const word_t second_cptr = new_vcpu();
    struct tcb *second = scene_tcb_at(scene_tcb(160));

    (void)state;
    assert_done(CALL(second_cptr, LABEL_ARM_VCPU_SET_TCB, CAPS(scene_cptr(second))));
    scene_give_time(second);
    start_guest();
    host.vcpu.fields[VCPU_REG_TTBR0_EL1] = 0x44;
    host.vcpu.fields[VCPU_REG_CPACR_EL1] = 0x45;
    host.vcpu.vgic_list[1] = 0x46;
    scene_resume(second);
    assert_running(second);
    assert_false(host.vcpu_is_native);
    assert_int_equal(vcpu->registers.fields[VCPU_REG_TTBR0_EL1], 0x44);
    assert_int_equal(vcpu->registers.fields[VCPU_REG_CPACR_EL1], 0x45);
    assert_int_equal(vcpu->registers.vgic_list[1], 0x46);
    assert_int_equal(host.vcpu.fields[VCPU_REG_TTBR0_EL1], 0);
    assert_int_equal(host.vcpu.vgic_list[1], 0);
    thread_suspend(second);
    scheduler_run();
    assert_running(guest);
    assert_int_equal(host.vcpu.vgic_list[1], 0x46);
}

static void idle_is_native(void **state)
{
    (void)state;
    thread_suspend(world.root);
    start_guest();
    thread_suspend(guest);
    scheduler_run();
    assert_true(scene_is_idle());
    assert_true(host.vcpu_is_native);
}

static void dissociation_drops_live_state(void **state)
{
    (void)state;
    guest->context.regs[CONTEXT_SPSR] = 0x3c5;
    start_guest();
    host.vcpu.fields[VCPU_REG_TTBR0_EL1] = 0x44;
    stop_guest();
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(vcpu_cptr, 64));
    assert_int_equal(guest->vcpu.raw, 0);
    assert_int_equal(kernel.cpu.vcpu_current.raw, 0);
    assert_int_equal(vcpu->registers.fields[VCPU_REG_TTBR0_EL1], 0);
    assert_int_equal(guest->context.regs[CONTEXT_SPSR], 0x140);
}

static void set_tcb_moves_the_association(void **state)
{
    struct tcb *second = scene_tcb_at(scene_tcb(160));
    const word_t other_cptr = new_vcpu();

    (void)state;
    assert_done(CALL(other_cptr, LABEL_ARM_VCPU_SET_TCB, CAPS(scene_cptr(second))));
    assert_done(CALL(vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, CAPS(scene_cptr(second))));
    assert_int_equal(guest->vcpu.raw, 0);
    assert_ptr_equal(vcpu_at(second->vcpu), vcpu);
    assert_int_equal(cap_vcpu_object(world_slot(other_cptr)->cap)->tcb.raw, 0);
    /* To the caller: at once. */
    assert_int_equal(INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, EXTRA(SLOT_TCB)), 0);
    assert_false(host.vcpu_is_native);
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(vcpu_cptr, 64));
    assert_true(host.vcpu_is_native);
    assert_int_equal(host.counter_mask, 0);
}

static void former_guest_gets_its_counters(void **state)
{
    (void)state;
    INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, EXTRA(SLOT_TCB));
    INVOKE(world.root, SLOT_TCB, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(2),
           EXTRA(SLOT_SCHED_CONTROL));
    assert_int_equal(host.counter_mask, 0);
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(vcpu_cptr, 64));
    assert_int_equal(host.counter_mask, 2);
}

static void injection_goes_where_the_state_is(void **state)
{
    (void)state;
    start_guest();
    stop_guest();
    assert_int_equal(
        INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_INJECT_IRQ, WORDS(injection(40, 1, 0, 3))), 0);
    assert_int_equal(host.vcpu.vgic_list[3], machine_vgic_list_make(40, 1, 0));
    assert_int_equal(vcpu->registers.vgic_list[3], 0);
}

/* ---- Interrupts ------------------------------------------------------------------------------------ */

static void maintenance_reports_the_list_register(void **state)
{
    (void)state;
    start_guest();
    host.vcpu.vgic_list[2] = LIST_EOI | 33;
    host.maintenance = 2;
    interrupt(MAINTENANCE);
    assert_running(monitor);
    assert_message(monitor, 0, FAULT_VGIC_MAINTENANCE, 1);
    assert_int_equal(scene_word(monitor, 0), 2);
    assert_int_equal(host.vcpu.vgic_list[2], 33);
    assert_int_equal(vcpu->registers.vgic_list[2], 33);
    SYSCALL(monitor, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(guest);
    host.maintenance = ~0ul;
    interrupt(MAINTENANCE);
    assert_int_equal(scene_word(monitor, 0), ~0ul);
}

static void maintenance_without_a_guest_is_ignored(void **state)
{
    (void)state;
    start_guest();
    stop_guest();
    host.irq_pending[MAINTENANCE] = true;
    kernel_step_interrupt();
    assert_running(world.root);
}

static void virtual_timer_fires_once_until_acknowledged(void **state)
{
    (void)state;
    start_guest();
    interrupt(VTIMER_IRQ);
    assert_running(monitor);
    assert_message(monitor, 0, FAULT_VPPI, 1);
    assert_int_equal(scene_word(monitor, 0), 27);
    assert_false(host.irq_enabled[VTIMER_IRQ]);
    SYSCALL(monitor, SYS_REPLY_RECV, .cap = endpoint, .reply = reply);
    assert_running(guest);
    assert_false(host.irq_enabled[VTIMER_IRQ]);
    stop_guest();
    assert_int_equal(INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_ACK_VPPI, WORDS(27)), 0);
    assert_false(host.irq_enabled[VTIMER_IRQ]);
    scene_resume(guest);
    assert_running(guest);
    assert_true(host.irq_enabled[VTIMER_IRQ]);
}

static void guest_interrupt_waits_when_time_is_up(void **state)
{
    (void)state;
    start_guest();
    scene_pass(5000);
    interrupt(VTIMER_IRQ);
    assert_int_equal(guest->fault.type, FAULT_NONE);
    assert_false(vcpu->vppi_masked);
}

#define TEST(name) cmocka_unit_test_setup(name, one_guest)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(checks),
        TEST(inject_checks),
        TEST(new_state),
        TEST(guest_state_is_loaded_and_kept),
        TEST(second_guest_takes_the_place),
        TEST(idle_is_native),
        TEST(dissociation_drops_live_state),
        TEST(set_tcb_moves_the_association),
        TEST(injection_goes_where_the_state_is),
        TEST(maintenance_reports_the_list_register),
        TEST(maintenance_without_a_guest_is_ignored),
        TEST(virtual_timer_fires_once_until_acknowledged),
        TEST(guest_interrupt_waits_when_time_is_up),
        TEST(former_guest_gets_its_counters),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
