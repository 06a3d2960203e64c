/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of interrupts as capabilities, and of the small authorities (SMC, domains)
 */
#include <core/irq.h>

#include <abi/labels.h>
#include <abi/messages.h>
#include <core/cdt.h>
#include <core/notification.h>
#include <core/slot_delete.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <world/world.h>

#include <cmocka.h>

#define NTFN    20
#define BADGED  21
#define HANDLER 22
#define SGI     24
#define DEST    40

static int setup(void **state)
{
    (void)state;
    world_init();
    world_retype(OBJECT_NOTIFICATION, 0, NTFN, 1);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_MINT, WORDS(BADGED, 64, NTFN, 64, RIGHTS_ALL, 0x50),
                     CAPS(SLOT_CNODE)));
    return 0;
}

static enum outcome get(word_t irq, word_t slot)
{
    return CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET, WORDS(irq, slot, 64), CAPS(SLOT_CNODE));
}

static struct notification *notification(void)
{
    return cap_notification_object(world_slot(NTFN)->cap);
}

static void get_checks_in_order(void **state)
{
    struct call call = { SLOT_IRQ_CONTROL, LABEL_IRQ_HANDLER_ACK, WORDS(160, SLOT_TCB, 0),
                         CAPS(SLOT_TCB) };

    (void)state;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_IRQ_CONTROL_GET;
    call.length = 2;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 3;
    call.extra_count = 0;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.extra_count = 1;
    assert_range_error(world_call(&call), 0, 159);
    call.words[0] = TIMER_IRQ;
    assert_error(world_call(&call), ERR_REVOKE_FIRST);
    call.words[0] = 159;
    assert_lookup_error(world_call(&call), false, LOOKUP_INVALID_ROOT, 0);
    call.extra[0] = SLOT_CNODE;
    assert_range_error(world_call(&call), 1, 64);
    call.words[2] = 64;
    assert_error(world_call(&call), ERR_DELETE_FIRST);
    call.words[1] = HANDLER;
    assert_done(world_call(&call));
    assert_true(host.irq_enabled[159]);
    assert_true(cdt_is_parent(world_slot(SLOT_IRQ_CONTROL), world_slot(HANDLER)));
    call.words[1] = DEST;
    assert_error(world_call(&call), ERR_REVOKE_FIRST);
}

static void trigger_is_programmed(void **state)
{
    (void)state;
    assert_error(CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER, WORDS(50, 1, HANDLER),
                      CAPS(SLOT_CNODE)),
                 ERR_TRUNCATED_MESSAGE);
    assert_done(CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER, WORDS(50, 1, HANDLER, 64),
                     CAPS(SLOT_CNODE)));
    assert_true(host.irq_is_edge[50]);
    assert_done(CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER, WORDS(51, 0, DEST, 64),
                     CAPS(SLOT_CNODE)));
    assert_false(host.irq_is_edge[51]);
    /* Software generated interrupts have no trigger mode. */
    assert_done(CALL(SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_GET_TRIGGER, WORDS(3, 1, DEST + 1, 64),
                     CAPS(SLOT_CNODE)));
}

static void interrupt_becomes_a_signal(void **state)
{
    (void)state;
    assert_done(get(40, HANDLER));
    assert_numbered_error(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(SLOT_TCB)),
                          ERR_INVALID_CAPABILITY, 0);
    assert_error(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION), ERR_TRUNCATED_MESSAGE);
    assert_error(CALL(HANDLER, LABEL_IRQ_CONTROL_GET), ERR_ILLEGAL_OPERATION);
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(BADGED)));
    host.irq_pending[40] = true;
    irq_handle(machine_irq_take());
    assert_int_equal(notification()->state, NOTIFICATION_ACTIVE);
    assert_int_equal(notification()->badge, 0x50);
    assert_true(host.irq_held[40]);
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_ACK));
    assert_false(host.irq_held[40]);
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_CLEAR));
    assert_true(cap_is_null(kernel.irq_slots[40].cap));
    notification()->state = NOTIFICATION_IDLE;
    irq_handle(40);
    assert_int_equal(notification()->state, NOTIFICATION_IDLE);
    assert_true(host.irq_held[40]);
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_ACK));
}

static void read_only_notification_cannot_be_set(void **state)
{
    (void)state;
    assert_done(get(40, HANDLER));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_COPY,
                     WORDS(DEST, 64, NTFN, 64, rights_new(0, 0, 1, 0)), CAPS(SLOT_CNODE)));
    assert_numbered_error(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(DEST)),
                          ERR_INVALID_CAPABILITY, 0);
}

static void set_replaces(void **state)
{
    (void)state;
    assert_done(get(40, HANDLER));
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(BADGED)));
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(NTFN)));
    assert_int_equal(cap_notification_badge(kernel.irq_slots[40].cap), 0);
    assert_cdt_sound(world_slot(NTFN));
    /* The copy lives without the others, but not after a revoke. */
    assert_int_equal(slot_delete(world_slot(BADGED)), PROGRESS_DONE);
    assert_false(cap_is_null(kernel.irq_slots[40].cap));
    assert_int_equal(slot_revoke(world_slot(NTFN)), PROGRESS_DONE);
    assert_true(cap_is_null(kernel.irq_slots[40].cap));
}

static void last_handler_silences(void **state)
{
    (void)state;
    assert_done(get(40, HANDLER));
    assert_done(CALL(HANDLER, LABEL_IRQ_HANDLER_SET_NOTIFICATION, CAPS(NTFN)));
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST, 64, HANDLER, 64, RIGHTS_ALL),
                     CAPS(SLOT_CNODE)));
    assert_int_equal(slot_delete(world_slot(HANDLER)), PROGRESS_DONE);
    assert_int_equal(kernel.irq_state[40], IRQ_SIGNAL);
    assert_false(cap_is_null(kernel.irq_slots[40].cap));
    assert_int_equal(slot_delete(world_slot(DEST)), PROGRESS_DONE);
    assert_int_equal(kernel.irq_state[40], IRQ_INACTIVE);
    assert_true(cap_is_null(kernel.irq_slots[40].cap));
    assert_false(host.irq_enabled[40]);
    assert_done(get(40, HANDLER));
    assert_int_equal(slot_revoke(world_slot(SLOT_IRQ_CONTROL)), PROGRESS_DONE);
    assert_int_equal(kernel.irq_state[40], IRQ_INACTIVE);
}

/* A driver that ended between an interrupt and its acknowledgement leaves nothing to the next. */
static void new_handler_starts_afresh(void **state)
{
    (void)state;
    assert_done(get(40, HANDLER));
    irq_handle(40);
    assert_true(host.irq_held[40]);
    assert_int_equal(slot_delete(world_slot(HANDLER)), PROGRESS_DONE);
    assert_false(host.irq_held[40]);
    assert_false(host.irq_enabled[40]);
    assert_done(get(40, HANDLER));
    host.irq_pending[40] = true;
    assert_int_equal(machine_irq_take(), 40);
}

static void unexpected_interrupt_is_masked(void **state)
{
    (void)state;
    host.irq_enabled[60] = true;
    irq_handle(60);
    assert_false(host.irq_enabled[60]);
    assert_false(host.irq_held[60]);
    host.irq_enabled[200] = true;
    irq_handle(200); /* beyond max_irq */
    assert_false(host.irq_enabled[200]);
}

static void sgi_capabilities(void **state)
{
    struct call call = { SLOT_IRQ_CONTROL, LABEL_IRQ_CONTROL_ISSUE_SGI_SIGNAL,
                         WORDS(16, 8, SLOT_TCB), CAPS(SLOT_CNODE) };

    (void)state;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 4;
    call.words[3] = 64;
    assert_range_error(world_call(&call), 0, 15);
    call.words[0] = 15;
    assert_numbered_error(world_call(&call), ERR_INVALID_ARGUMENT, 1);
    call.words[1] = 7;
    assert_error(world_call(&call), ERR_DELETE_FIRST);
    call.words[2] = SGI;
    assert_done(world_call(&call));
    call.words[2] = SGI + 1;
    assert_done(world_call(&call)); /* as many as one likes */
    assert_done(CALL(SGI, 12345));
    assert_int_equal(host.sgis_sent, 1);
    assert_int_equal(host.sgi_irq, 15);
    assert_int_equal(host.sgi_target, 7);
}

static void smc_capabilities(void **state)
{
    struct call call = { SLOT_SMC, LABEL_ARM_PAGE_UNMAP, WORDS(0x84000008, 1, 2, 3, 4, 5, 6),
                         .extra_count = 0 };

    (void)state;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.label = LABEL_ARM_SMC_CALL;
    assert_error(world_call(&call), ERR_TRUNCATED_MESSAGE);
    call.length = 8;
    call.words[7] = 7;
    host.smc_out[0] = 42;
    host.smc_out[3] = 45;
    assert_done(world_call(&call));
    assert_int_equal(host.smc_calls, 1);
    assert_int_equal(host.smc_in[0], 0x84000008);
    assert_int_equal(host.smc_in[7], 7);
    assert_int_equal(world.root->context.regs[CONTEXT_MESSAGE], 42);
    assert_int_equal(world.root->context.regs[CONTEXT_MESSAGE + 3], 45);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_MINT, WORDS(DEST, 64, SLOT_SMC, 64, RIGHTS_ALL, 0x99),
                     CAPS(SLOT_CNODE)));
    call.cptr = DEST;
    assert_error(world_call(&call), ERR_ILLEGAL_OPERATION);
    call.words[0] = 0x99;
    assert_done(world_call(&call));
    assert_int_equal(host.smc_calls, 2);
}

static void domain_checks_in_order(void **state)
{
    (void)state;
    assert_error(CALL(SLOT_DOMAIN, LABEL_TCB_SUSPEND), ERR_ILLEGAL_OPERATION);
    assert_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, CAPS(SLOT_TCB)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, WORDS(1)), ERR_INVALID_ARGUMENT,
                          0);
    assert_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, WORDS(0x100)), ERR_TRUNCATED_MESSAGE);
    assert_numbered_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, WORDS(0), CAPS(SLOT_CNODE)),
                          ERR_INVALID_ARGUMENT, 1);
    assert_done(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SET, WORDS(0), CAPS(SLOT_TCB)));
    /* With one domain the schedule has two entries. */
    assert_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(0, 0)),
                 ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(1, 1, 0)), 0,
                       0);
    assert_range_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(0, 1, 0)), 0,
                       0);
    assert_numbered_error(
        CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(0, 0, 1ul << 56)),
        ERR_INVALID_ARGUMENT, 2);
    assert_numbered_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(0, 0, 0)),
                          ERR_INVALID_ARGUMENT, 2);
    assert_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START), ERR_TRUNCATED_MESSAGE);
    assert_range_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START, WORDS(2)), 0, 1);
    assert_numbered_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START, WORDS(1)),
                          ERR_INVALID_ARGUMENT, 0);
}

static void domain_schedule_of_many(void **state)
{
    (void)state;
    kernel.config.domain_count = 4;
    assert_range_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(99, 1, 5)), 0,
                       98);
    assert_range_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(98, 4, 5)), 0,
                       3);
    assert_numbered_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(5, 1, 0)),
                          ERR_INVALID_ARGUMENT, 1);
    assert_done(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(5, 3, 1000)));
    assert_int_equal(kernel.domain_schedule[5].domain, 3);
    assert_done(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_SET_START, WORDS(5)));
    assert_int_equal(kernel.domain_start, 5);
    assert_int_equal(kernel.domain_current, 3);
    assert_numbered_error(CALL(SLOT_DOMAIN, LABEL_DOMAIN_SET_SCHEDULE_CONFIGURE, WORDS(5, 0, 0)),
                          ERR_INVALID_ARGUMENT, 2);
}

static void first_phase_is_restricted(void **state)
{
    const word_t refused[] = { SLOT_TCB,           SLOT_CNODE,         SLOT_DOMAIN,
                               SLOT_SCHED_CONTROL, SLOT_SCHED_CONTEXT, SLOT_NULL };

    (void)state;
    for (word_t i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        struct invocation inv = { .label = LABEL_CNODE_DELETE, .first_phase = true };

        inv.slot = world_slot(refused[i]);
        inv.cap = inv.slot->cap;
        assert_numbered_error(decode_invocation(&inv), ERR_INVALID_CAPABILITY, 0);
    }
    struct invocation inv = { .label = LABEL_UNTYPED_RETYPE, .first_phase = true };
    inv.slot = world_slot(SLOT_UNTYPED);
    inv.cap = inv.slot->cap;
    assert_error(decode_invocation(&inv), ERR_TRUNCATED_MESSAGE);
}

static void write_right_is_needed(void **state)
{
    (void)state;
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST, 64, NTFN, 64, 2), CAPS(SLOT_CNODE)));
    assert_numbered_error(CALL(DEST, 0), ERR_INVALID_CAPABILITY, 0);
    world_retype(OBJECT_ENDPOINT, 0, DEST + 1, 1);
    assert_done(CALL(SLOT_CNODE, LABEL_CNODE_COPY, WORDS(DEST + 2, 64, DEST + 1, 64, 14),
                     CAPS(SLOT_CNODE)));
    assert_numbered_error(CALL(DEST + 2, 0), ERR_INVALID_CAPABILITY, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(get_checks_in_order, setup),
        cmocka_unit_test_setup(trigger_is_programmed, setup),
        cmocka_unit_test_setup(interrupt_becomes_a_signal, setup),
        cmocka_unit_test_setup(read_only_notification_cannot_be_set, setup),
        cmocka_unit_test_setup(set_replaces, setup),
        cmocka_unit_test_setup(last_handler_silences, setup),
        cmocka_unit_test_setup(new_handler_starts_afresh, setup),
        cmocka_unit_test_setup(unexpected_interrupt_is_masked, setup),
        cmocka_unit_test_setup(sgi_capabilities, setup),
        cmocka_unit_test_setup(smc_capabilities, setup),
        cmocka_unit_test_setup(domain_checks_in_order, setup),
        cmocka_unit_test_setup(domain_schedule_of_many, setup),
        cmocka_unit_test_setup(first_phase_is_restricted, setup),
        cmocka_unit_test_setup(write_right_is_needed, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
