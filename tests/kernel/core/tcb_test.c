/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations: errors in order, and effects (abi/03 §4)
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <abi/registers.h>
#include <core/cdt.h>
#include <core/notification.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/tcb.h>
#include <core/thread.h>
#include <core/vcpu.h>

#define BUFFER 0x200000ul

static word_t tcb;
static struct tcb *thread;

static int one_thread(void **state)
{
    scene_setup(state);
    tcb = scene_tcb(50);
    thread = scene_tcb_at(tcb);
    return 0;
}

static word_t frame(bool is_device)
{
    return scene_put(cap_frame_new(world_alloc(SMALL_FRAME_BITS), FRAME_SMALL, FRAME_READ_WRITE,
                                   is_device, 0, 0));
}

/* ---- Registers ---------------------------------------------------------------------------------- */

static void read_registers_checks(void **state)
{
    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_READ_REGISTERS, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(tcb, LABEL_TCB_READ_REGISTERS, WORDS(0, 0)), 1, 36);
    assert_range_error(CALL(tcb, LABEL_TCB_READ_REGISTERS, WORDS(0, 37)), 1, 36);
    assert_error(CALL(SLOT_TCB, LABEL_TCB_READ_REGISTERS, WORDS(0, 36)), ERR_ILLEGAL_OPERATION);
}

static void read_registers_in_order(void **state)
{
    static const word_t order[USER_CONTEXT_COUNT] = { CONTEXT_FAULT_IP,
                                                      CONTEXT_SP,
                                                      CONTEXT_SPSR,
                                                      0,
                                                      1,
                                                      2,
                                                      3,
                                                      4,
                                                      5,
                                                      6,
                                                      7,
                                                      8,
                                                      16,
                                                      17,
                                                      18,
                                                      29,
                                                      30,
                                                      9,
                                                      10,
                                                      11,
                                                      12,
                                                      13,
                                                      14,
                                                      15,
                                                      19,
                                                      20,
                                                      21,
                                                      22,
                                                      23,
                                                      24,
                                                      25,
                                                      26,
                                                      27,
                                                      28,
                                                      CONTEXT_TPIDR,
                                                      CONTEXT_TPIDRRO };

    (void)state;
    for (word_t i = 0; i < CONTEXT_COUNT; i++) {
        thread->context.regs[i] = 100 + i;
    }
    thread->state = THREAD_RUNNING;
    assert_int_equal(INVOKE(world.root, tcb, LABEL_TCB_READ_REGISTERS, WORDS(0, 36)), 0);
    assert_message(world.root, 0, 0, 36);
    for (word_t i = 0; i < USER_CONTEXT_COUNT; i++) {
        assert_int_equal(scene_word(world.root, i), 100 + order[i]);
    }
    assert_int_equal(thread->state, THREAD_RUNNING);
    INVOKE(world.root, tcb, LABEL_TCB_READ_REGISTERS, WORDS(1, 1));
    assert_message(world.root, 0, 0, 1);
    assert_int_equal(thread->state, THREAD_INACTIVE);
    /* Stopped while running: it goes on behind what it has done. */
    assert_int_equal(scene_reg(thread, CONTEXT_FAULT_IP), 100 + CONTEXT_NEXT_IP);
    scene_drop_buffer(world.root);
    INVOKE(world.root, tcb, LABEL_TCB_READ_REGISTERS, WORDS(0, 36));
    assert_message(world.root, 0, 0, 4);
}

static void write_registers_checks(void **state)
{
    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_WRITE_REGISTERS, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_WRITE_REGISTERS, WORDS(0, 3, 1, 2)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(SLOT_TCB, LABEL_TCB_WRITE_REGISTERS, WORDS(0, 1, 1)), ERR_ILLEGAL_OPERATION);
}

static void write_registers_sanitises_and_resumes(void **state)
{
    (void)state;
    scene_give_time(thread);
    assert_int_equal(INVOKE(world.root, tcb, LABEL_TCB_WRITE_REGISTERS,
                            WORDS(1, 4, 0x8000, 0x9000, 0xffffffffffffffff, 77)),
                     0);
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 0x8000);
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0xf0000140);
    assert_int_equal(scene_reg(thread, CONTEXT_X0), 77);
    assert_int_equal(thread->state, THREAD_RESTART);
    assert_true(thread->in_ready_queue);
    kernel.config.is_debug = true;
    INVOKE(world.root, tcb, LABEL_TCB_WRITE_REGISTERS, WORDS(0, 3, 0x8000, 0x9000, 0x3c5));
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0x40);
}

static void guests_may_run_at_el1(void **state)
{
    struct vcpu *vcpu = vcpu_at((struct vcpu_ref){ world_alloc(VCPU_BITS) });

    (void)state;
    thread->vcpu = vcpu_ref_of(vcpu);
    assert_int_equal(thread_sanitise_spsr(thread, 0x3c5), 0x3c5);
    assert_int_equal(thread_sanitise_spsr(thread, 0x3c4), 0x3c4);
    assert_int_equal(thread_sanitise_spsr(thread, 0x3c0), 0x3c0);
    /* EL2 and AArch32 are not a guest's. */
    assert_int_equal(thread_sanitise_spsr(thread, 0x3c9), 0x140);
    assert_int_equal(thread_sanitise_spsr(thread, 0x1d0), 0x140);
}

static void copy_registers_checks(void **state)
{
    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_COPY_REGISTERS, CAPS(SLOT_TCB)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_COPY_REGISTERS, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(tcb, LABEL_TCB_COPY_REGISTERS, WORDS(0), CAPS(SLOT_CNODE)),
                          ERR_INVALID_CAPABILITY, 1);
}

static void copy_registers_by_group(void **state)
{
    struct tcb *source = scene_tcb_at(scene_tcb(50));

    (void)state;
    for (word_t i = 0; i < CONTEXT_COUNT; i++) {
        source->context.regs[i] = 100 + i;
    }
    INVOKE(world.root, tcb, LABEL_TCB_COPY_REGISTERS, WORDS(4), EXTRA(scene_cptr(source)));
    assert_int_equal(scene_reg(thread, CONTEXT_FAULT_IP), 100 + CONTEXT_FAULT_IP);
    assert_int_equal(scene_reg(thread, CONTEXT_NEXT_IP), 100 + CONTEXT_FAULT_IP);
    assert_int_equal(scene_reg(thread, CONTEXT_SPSR), 0x140);
    assert_int_equal(scene_reg(thread, CONTEXT_X30), 130);
    assert_int_equal(scene_reg(thread, CONTEXT_X9), 0);
    INVOKE(world.root, tcb, LABEL_TCB_COPY_REGISTERS, WORDS(8 | 2), EXTRA(scene_cptr(source)));
    assert_int_equal(scene_reg(thread, CONTEXT_X9), 109);
    assert_int_equal(scene_reg(thread, CONTEXT_TPIDR), 100 + CONTEXT_TPIDR);
    assert_int_equal(thread->state, THREAD_RESTART);
}

/* ---- Spaces ------------------------------------------------------------------------------------- */

static void configure_checks(void **state)
{
    const word_t good = frame(false);
    const word_t device = frame(true);
    const word_t cnode = scene_put(cap_cnode_new(world_alloc(7), 2, 0, 0));

    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0), CAPS(SLOT_CNODE, SLOT_VSPACE, good)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, BUFFER), CAPS(SLOT_CNODE, SLOT_VSPACE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, BUFFER),
                      CAPS(SLOT_CNODE, SLOT_VSPACE, SLOT_TCB)),
                 ERR_ILLEGAL_OPERATION);
    assert_error(
        CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, BUFFER), CAPS(SLOT_CNODE, SLOT_VSPACE, device)),
        ERR_ILLEGAL_OPERATION);
    assert_error(CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, BUFFER + 512),
                      CAPS(SLOT_CNODE, SLOT_VSPACE, good)),
                 ERR_ALIGNMENT);
    /* The alignment is looked at before the spaces, and the CSpace before the VSpace. */
    assert_error(
        CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, BUFFER + 8), CAPS(SLOT_TCB, SLOT_TCB, good)),
        ERR_ALIGNMENT);
    assert_error(CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, 0), CAPS(SLOT_TCB, SLOT_VSPACE, good)),
                 ERR_ILLEGAL_OPERATION);
    assert_error(CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, 0), CAPS(SLOT_CNODE, SLOT_TCB, good)),
                 ERR_ILLEGAL_OPERATION);
    /* The last capability of a CNode would be deleted. */
    cdt_remove(&thread->slots[TCB_SLOT_CSPACE]);
    cdt_move(world_slot(cnode)->cap, world_slot(cnode), &thread->slots[TCB_SLOT_CSPACE]);
    assert_error(
        CALL(tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, 0), CAPS(SLOT_CNODE, SLOT_VSPACE, good)),
        ERR_ILLEGAL_OPERATION);
}

static void configure_installs(void **state)
{
    const word_t good = frame(false);
    const word_t data = cnode_data_new(5, 8);

    (void)state;
    assert_int_equal(INVOKE(world.root, tcb, LABEL_TCB_CONFIGURE, WORDS(data, 0, BUFFER + 1024),
                            EXTRA(SLOT_CNODE, SLOT_VSPACE, good)),
                     0);
    const struct cap cspace = thread->slots[TCB_SLOT_CSPACE].cap;

    assert_int_equal(cap_type(cspace), CAP_CNODE);
    assert_int_equal(cap_cnode_guard(cspace), 5);
    assert_int_equal(cap_cnode_guard_size(cspace), 8);
    assert_int_equal(cap_type(thread->slots[TCB_SLOT_VSPACE].cap), CAP_VSPACE);
    assert_int_equal(thread->ipc_buffer, BUFFER + 1024);
    assert_int_equal(machine_address(scene_buffer(thread)),
                     cap_frame_address(world_slot(good)->cap) + 1024);
    assert_cdt_sound(&thread->slots[TCB_SLOT_CSPACE]);
    INVOKE(world.root, tcb, LABEL_TCB_CONFIGURE, WORDS(0, 0, 0),
           EXTRA(SLOT_CNODE, SLOT_VSPACE, good));
    assert_null(scene_buffer(thread));
    assert_int_equal(thread->ipc_buffer, 0);
}

static void set_ipc_buffer_checks(void **state)
{
    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_SET_IPC_BUFFER, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_SET_IPC_BUFFER, CAPS(SLOT_TCB)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_SET_IPC_BUFFER, WORDS(BUFFER), CAPS(SLOT_TCB)),
                 ERR_ILLEGAL_OPERATION);
    assert_done(CALL(tcb, LABEL_TCB_SET_IPC_BUFFER, WORDS(0), CAPS(SLOT_TCB)));
    assert_null(scene_buffer(thread));
}

static void set_space_checks(void **state)
{
    const word_t endpoint = scene_endpoint();
    const word_t weak = scene_masked(endpoint, 1 | 2);
    const word_t nothing = scene_free_slot();

    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_SET_SPACE, WORDS(0), CAPS(nothing, SLOT_CNODE, SLOT_VSPACE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_SET_SPACE, WORDS(0, 0), CAPS(nothing, SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    /* A bad CSpace is found before a bad handler. */
    assert_error(CALL(tcb, LABEL_TCB_SET_SPACE, WORDS(0, 0), CAPS(weak, SLOT_TCB, SLOT_VSPACE)),
                 ERR_ILLEGAL_OPERATION);
    assert_numbered_error(
        CALL(tcb, LABEL_TCB_SET_SPACE, WORDS(0, 0), CAPS(weak, SLOT_CNODE, SLOT_VSPACE)),
        ERR_INVALID_CAPABILITY, 1);
    assert_done(
        CALL(tcb, LABEL_TCB_SET_SPACE, WORDS(0, 0), CAPS(endpoint, SLOT_CNODE, SLOT_VSPACE)));
    assert_int_equal(cap_type(thread->slots[TCB_SLOT_FAULT_HANDLER].cap), CAP_ENDPOINT);
    assert_done(
        CALL(tcb, LABEL_TCB_SET_SPACE, WORDS(0, 0), CAPS(nothing, SLOT_CNODE, SLOT_VSPACE)));
    assert_true(cap_is_null(thread->slots[TCB_SLOT_FAULT_HANDLER].cap));
}

static void set_timeout_endpoint_checks(void **state)
{
    const word_t endpoint = scene_endpoint();

    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_SET_TIMEOUT_ENDPOINT, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(tcb, LABEL_TCB_SET_TIMEOUT_ENDPOINT, CAPS(SLOT_TCB)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_done(CALL(tcb, LABEL_TCB_SET_TIMEOUT_ENDPOINT, CAPS(scene_masked(endpoint, 1 | 8))));
    assert_int_equal(cap_type(thread->slots[TCB_SLOT_TIMEOUT_HANDLER].cap), CAP_ENDPOINT);
    /* Revoking takes the copy away. */
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_REVOKE, WORDS(endpoint, 64));
    assert_true(cap_is_null(thread->slots[TCB_SLOT_TIMEOUT_HANDLER].cap));
}

/* ---- Scheduling ----------------------------------------------------------------------------------- */

static void priority_checks(void **state)
{
    (void)state;
    world.root->mcp = 100;
    assert_error(CALL(tcb, LABEL_TCB_SET_PRIORITY, WORDS(1)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_SET_PRIORITY, CAPS(SLOT_TCB)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(tcb, LABEL_TCB_SET_PRIORITY, WORDS(999), CAPS(SLOT_CNODE)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_range_error(CALL(tcb, LABEL_TCB_SET_PRIORITY, WORDS(101), CAPS(SLOT_TCB)), 0, 100);
    assert_range_error(CALL(tcb, LABEL_TCB_SET_MC_PRIORITY, WORDS(256), CAPS(SLOT_TCB)), 0, 100);
    assert_done(CALL(tcb, LABEL_TCB_SET_MC_PRIORITY, WORDS(7), CAPS(SLOT_TCB)));
    assert_done(CALL(tcb, LABEL_TCB_SET_PRIORITY, WORDS(100), CAPS(SLOT_TCB)));
    assert_int_equal(thread->mcp, 7);
    assert_int_equal(thread->priority, 100);
}

static void sched_params_checks(void **state)
{
    const word_t nothing = scene_free_slot();
    const word_t context = scene_context();
    const word_t other = scene_give_time(scene_tcb_at(scene_tcb(1)));

    (void)state;
    world.root->mcp = 100;
    assert_error(CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1), CAPS(SLOT_TCB, nothing, nothing)),
                 ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, nothing)),
                 ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(101, 101), CAPS(SLOT_CNODE, nothing, nothing)),
        ERR_INVALID_CAPABILITY, 1);
    assert_range_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(101, 1), CAPS(SLOT_TCB, SLOT_TCB, SLOT_TCB)), 0,
        100);
    assert_range_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 101), CAPS(SLOT_TCB, SLOT_TCB, SLOT_TCB)), 0,
        100);
    assert_numbered_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, SLOT_TCB, SLOT_TCB)),
        ERR_INVALID_CAPABILITY, 2);
    assert_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, other, SLOT_TCB)),
        ERR_ILLEGAL_OPERATION);
    assert_error(
        CALL(SLOT_TCB, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, nothing, nothing)),
        ERR_ILLEGAL_OPERATION);
    assert_error(
        CALL(SLOT_TCB, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, context, nothing)),
        ERR_ILLEGAL_OPERATION);
    assert_numbered_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, context, SLOT_TCB)),
        ERR_INVALID_CAPABILITY, 3);
    thread->state = THREAD_BLOCKED_ON_REPLY;
    assert_error(
        CALL(tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(1, 1), CAPS(SLOT_TCB, context, nothing)),
        ERR_ILLEGAL_OPERATION);
}

static void sched_params_bind_and_unbind(void **state)
{
    const word_t nothing = scene_free_slot();
    const word_t context = scene_context();
    const word_t endpoint = scene_endpoint();

    (void)state;
    scene_configure(context, 1000, 1000, 0, 0);
    thread_restart(thread);
    assert_int_equal(INVOKE(world.root, tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(20, 30),
                            EXTRA(SLOT_TCB, context, endpoint)),
                     0);
    assert_int_equal(thread->mcp, 20);
    assert_int_equal(thread->priority, 30);
    assert_ptr_equal(sched_context_at(thread->sched_context), scene_context_at(context));
    assert_true(thread->in_ready_queue);
    assert_int_equal(cap_type(thread->slots[TCB_SLOT_FAULT_HANDLER].cap), CAP_ENDPOINT);
    assert_int_equal(INVOKE(world.root, tcb, LABEL_TCB_SET_SCHED_PARAMS, WORDS(20, 30),
                            EXTRA(SLOT_TCB, nothing, nothing)),
                     0);
    assert_int_equal(thread->sched_context.raw, 0);
    assert_false(thread->in_ready_queue);
    assert_true(cap_is_null(thread->slots[TCB_SLOT_FAULT_HANDLER].cap));
}

/* ---- Suspend and resume ----------------------------------------------------------------------------- */

static void self_suspend_and_resume(void **state)
{
    struct tcb *self = scene_runner(255);

    (void)state;
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    self->context.regs[CONTEXT_NEXT_IP] = 0x100;
    SYSCALL(self, SYS_CALL, .cap = scene_cptr(self), .label = LABEL_TCB_SUSPEND);
    assert_int_equal(self->state, THREAD_INACTIVE);
    assert_running(world.root);
    /* It was about to execute its system call. */
    assert_int_equal(scene_reg(self, CONTEXT_FAULT_IP), 0x100);
    assert_int_equal(INVOKE(world.root, scene_cptr(self), LABEL_TCB_RESUME, .length = 0), 0);
    assert_int_equal(self->state, THREAD_RESTART);
    assert_int_equal(INVOKE(world.root, scene_cptr(self), LABEL_TCB_RESUME, .length = 0), 0);
    assert_running(world.root);
}

static void resume_cancels_what_it_waits_for(void **state)
{
    const word_t notification = scene_notification();
    struct tcb *waiter = scene_runner(255);

    (void)state;
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    SYSCALL(waiter, SYS_WAIT, .cap = notification);
    INVOKE(world.root, scene_cptr(waiter), LABEL_TCB_RESUME, .length = 0);
    assert_int_equal(waiter->state, THREAD_RESTART);
    assert_int_equal(scene_notification_at(notification)->state, NOTIFICATION_IDLE);
}

static void resume_without_time_waits(void **state)
{
    const word_t context = scene_context();

    (void)state;
    scene_configure(context, 1000, 10000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), thread);
    refill_head(scene_context_at(context))->time = TICKS(800);
    INVOKE(world.root, tcb, LABEL_TCB_RESUME, .length = 0);
    assert_true(thread->in_release_queue);
    assert_int_equal(host.deadline, TICKS(800));
    INVOKE(world.root, tcb, LABEL_TCB_SUSPEND, .length = 0);
    assert_false(thread->in_release_queue);
    assert_int_equal(host.deadline, TICKS(5000));
}

/* ---- The short ones ------------------------------------------------------------------------------- */

static void bind_notification_checks(void **state)
{
    const word_t notification = scene_notification();
    const word_t deaf = scene_masked(notification, 1);
    const word_t second = scene_notification();

    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_BIND_NOTIFICATION, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(tcb, LABEL_TCB_BIND_NOTIFICATION, CAPS(SLOT_TCB)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(tcb, LABEL_TCB_BIND_NOTIFICATION, CAPS(deaf)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(tcb, LABEL_TCB_UNBIND_NOTIFICATION, WORDS(0)), ERR_ILLEGAL_OPERATION);
    assert_done(CALL(tcb, LABEL_TCB_BIND_NOTIFICATION, CAPS(notification)));
    assert_error(CALL(tcb, LABEL_TCB_BIND_NOTIFICATION, CAPS(second)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_TCB, LABEL_TCB_BIND_NOTIFICATION, CAPS(notification)),
                 ERR_ILLEGAL_OPERATION);
    assert_done(CALL(tcb, LABEL_TCB_UNBIND_NOTIFICATION, WORDS(0)));
    assert_int_equal(scene_notification_at(notification)->bound_tcb.raw, 0);
    notification_receive(scene_notification_at(second), thread, true);
    assert_error(CALL(SLOT_TCB, LABEL_TCB_BIND_NOTIFICATION, CAPS(second)), ERR_ILLEGAL_OPERATION);
}

static void tls_base_and_flags(void **state)
{
    (void)state;
    assert_error(CALL(tcb, LABEL_TCB_SET_TLS_BASE, CAPS(SLOT_TCB)), ERR_TRUNCATED_MESSAGE);
    assert_done(CALL(tcb, LABEL_TCB_SET_TLS_BASE, WORDS(0x12345)));
    assert_int_equal(scene_reg(thread, CONTEXT_TPIDR), 0x12345);
    assert_error(CALL(tcb, LABEL_TCB_SET_FLAGS, WORDS(0)), ERR_TRUNCATED_MESSAGE);
    assert_done(CALL(tcb, LABEL_TCB_SET_FLAGS, WORDS(0, ~0ul)));
    assert_int_equal(thread->flags, 1);
    assert_done(CALL(tcb, LABEL_TCB_SET_FLAGS, WORDS(1, 0)));
    assert_int_equal(thread->flags, 0);
    assert_error(CALL(tcb, 0, WORDS(0)), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(tcb, LABEL_CNODE_REVOKE, WORDS(0, 0)), ERR_ILLEGAL_OPERATION);
}

static void counter_access_checks(void **state)
{
    (void)state;
    assert_error(CALL(tcb, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(1)), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(tcb, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(4), CAPS(SLOT_TCB)), 0,
                       0x303);
    assert_numbered_error(CALL(tcb, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(3), CAPS(SLOT_TCB)),
                          ERR_INVALID_CAPABILITY, 1);
    assert_done(CALL(tcb, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(0x303), CAPS(SLOT_SCHED_CONTROL)));
    assert_int_equal(thread->counter_access, 0x303);
    assert_int_equal(host.counter_mask, 0);
    kernel.config.extensions = false;
    assert_error(CALL(tcb, LABEL_X_TCB_SET_COUNTER_ACCESS, WORDS(1), CAPS(SLOT_SCHED_CONTROL)),
                 ERR_ILLEGAL_OPERATION);
}

static void deletion_leaves_everything(void **state)
{
    const word_t notification = scene_notification();
    const word_t endpoint = scene_endpoint();
    struct tcb *victim = scene_runner(255);
    struct sched_context *context = sched_context_at(victim->sched_context);
    const word_t cptr = scene_cptr(victim);

    (void)state;
    SYSCALL(world.root, SYS_YIELD, .cap = 0);
    notification_bind_tcb(scene_notification_at(notification), victim);
    SYSCALL(victim, SYS_CALL, .cap = endpoint);
    assert_int_equal(INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(cptr, 64)), 0);
    assert_int_equal(context->tcb.raw, 0);
    assert_int_equal(scene_notification_at(notification)->bound_tcb.raw, 0);
    assert_int_equal(cap_endpoint_object(world_slot(endpoint)->cap)->head.raw, 0);
    assert_true(cap_is_null(victim->slots[TCB_SLOT_CSPACE].cap));
    assert_true(cap_is_null(victim->slots[TCB_SLOT_BUFFER].cap));
}

static void deletion_ends_a_yield_and_parts_a_vcpu(void **state)
{
    struct tcb *victim = scene_runner(254);
    struct tcb *killer = scene_tcb_at(scene_tcb(255));
    const word_t context = scene_put(cap_sched_context_new(victim->sched_context.raw, 10));
    struct vcpu *vcpu = vcpu_at((struct vcpu_ref){ world_alloc(VCPU_BITS) });
    const word_t vcpu_cptr = scene_put(cap_vcpu_new(vcpu_ref_of(vcpu).raw));

    (void)state;
    world.root->priority = 254;
    scene_give_time(killer);
    INVOKE(world.root, vcpu_cptr, LABEL_ARM_VCPU_SET_TCB, EXTRA(scene_cptr(victim)));
    SYSCALL(world.root, SYS_CALL, .cap = context, .label = LABEL_SCHED_CONTEXT_YIELD_TO);
    assert_running(victim);
    scene_resume(killer);
    assert_running(killer);
    assert_int_not_equal(world.root->yield_to.raw, 0);
    INVOKE(killer, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(scene_cptr(victim), 64));
    assert_int_equal(world.root->yield_to.raw, 0);
    assert_message(world.root, 0, 0, 1);
    assert_int_equal(vcpu->tcb.raw, 0);
}

static void new_space_of_the_caller_is_used_at_once(void **state)
{
    const word_t nothing = scene_free_slot();
    const word_t root = world_alloc(VSPACE_BITS);
    const word_t vspace = scene_put(cap_vspace_new(root, false, 0));

    (void)state;
    assert_int_equal(INVOKE(world.root, SLOT_ASID_POOL, LABEL_ARM_ASID_POOL_ASSIGN, EXTRA(vspace)),
                     0);
    assert_int_not_equal(host.vspace_root, root - KERNEL_WINDOW_BASE);
    assert_int_equal(INVOKE(world.root, SLOT_TCB, LABEL_TCB_SET_SPACE, WORDS(0, 0),
                            EXTRA(nothing, SLOT_CNODE, vspace)),
                     0);
    assert_int_equal(host.vspace_root, root - KERNEL_WINDOW_BASE);
}

static void names_say_whose_child(void **state)
{
    struct tcb *child = world_thread();

    (void)state;
    kernel.config.is_debug = true;
    world.root->name[0] = 'R';
    tcb_init(child);
    assert_string_equal(child->name, "child of: 'R'");
    assert_int_equal(scene_reg(child, CONTEXT_SPSR), 0x40);
}

#define TEST(name) cmocka_unit_test_setup(name, one_thread)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(read_registers_checks),
        TEST(read_registers_in_order),
        TEST(write_registers_checks),
        TEST(write_registers_sanitises_and_resumes),
        TEST(guests_may_run_at_el1),
        TEST(copy_registers_checks),
        TEST(copy_registers_by_group),
        TEST(configure_checks),
        TEST(configure_installs),
        TEST(set_ipc_buffer_checks),
        TEST(set_space_checks),
        TEST(set_timeout_endpoint_checks),
        TEST(priority_checks),
        TEST(sched_params_checks),
        TEST(sched_params_bind_and_unbind),
        TEST(self_suspend_and_resume),
        TEST(resume_cancels_what_it_waits_for),
        TEST(resume_without_time_waits),
        TEST(bind_notification_checks),
        TEST(tls_base_and_flags),
        TEST(counter_access_checks),
        TEST(deletion_leaves_everything),
        TEST(names_say_whose_child),
        TEST(deletion_ends_a_yield_and_parts_a_vcpu),
        TEST(new_space_of_the_caller_is_used_at_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
