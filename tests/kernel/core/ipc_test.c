/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages: abi/01 §2, §4, §5, §6, §7
 */
#include <world/scene.h>

#include <abi/faults.h>
#include <abi/labels.h>
#include <core/cdt.h>
#include <core/thread.h>

static word_t endpoint, reply;
static struct tcb *receiver;

/* `receiver` (priority 255) waits on `endpoint` with `reply`; root (100) runs. */
static int waiting_receiver(void **state)
{
    scene_setup(state);
    world.root->priority = 100;
    endpoint = scene_endpoint();
    reply = scene_reply();
    receiver = scene_runner(255);
    SYSCALL(receiver, SYS_RECV, .cap = endpoint, .reply = reply);
    assert_running(world.root);
    return 0;
}

/* ---- Words -------------------------------------------------------------------------------- */

static void short_message_leaves_other_registers(void **state)
{
    const word_t badged = scene_badged(endpoint, 0x1234567812345678);

    (void)state;
    for (word_t i = 0; i < 4; i++) {
        receiver->context.regs[CONTEXT_MESSAGE + i] = 0xee00 + i;
    }
    SYSCALL(world.root, SYS_SEND, .cap = badged, .label = 0xfffffffffffff, WORDS(1, 2));
    assert_running(receiver);
    assert_message(receiver, 0x1234567812345678, 0xfffffffffffff, 2);
    assert_int_equal(scene_word(receiver, 0), 1);
    assert_int_equal(scene_word(receiver, 1), 2);
    assert_int_equal(scene_word(receiver, 2), 0xee02);
    assert_int_equal(scene_word(receiver, 3), 0xee03);
}

static void long_message_uses_the_buffers(void **state)
{
    struct request request = { .cap = endpoint, .label = 9, .length = 120 };

    (void)state;
    for (word_t i = 0; i < 120; i++) {
        request.words[i] = i * i;
    }
    scene_buffer(receiver)->msg[0] = 77;
    scene_syscall(world.root, SYS_SEND, &request);
    assert_message(receiver, 0, 9, 120);
    for (word_t i = 0; i < 120; i++) {
        assert_int_equal(scene_word(receiver, i), i * i);
    }
    /* The first four are the library's to write. */
    assert_int_equal(scene_buffer(receiver)->msg[0], 77);
}

static void length_above_120_is_120(void **state)
{
    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, .length = 127);
    assert_message(receiver, 0, 0, 120);
}

static void words_need_both_buffers(void **state)
{
    (void)state;
    scene_drop_buffer(receiver);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, WORDS(1, 2, 3, 4, 5, 6));
    assert_message(receiver, 0, 0, 4);
    assert_int_equal(scene_word(receiver, 3), 4);
}

static void words_need_a_readable_buffer_of_the_sender(void **state)
{
    struct slot *slot = &world.root->slots[TCB_SLOT_BUFFER];

    (void)state;
    slot->cap = cap_frame_with_rights(slot->cap, FRAME_KERNEL_ONLY);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, WORDS(1, 2, 3, 4, 5, 6));
    assert_message(receiver, 0, 0, 4);
}

static void words_may_come_from_a_read_only_buffer(void **state)
{
    struct slot *slot = &world.root->slots[TCB_SLOT_BUFFER];

    (void)state;
    scene_buffer(world.root)->msg[4] = 55;
    slot->cap = cap_frame_with_rights(slot->cap, FRAME_READ_ONLY);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, .length = 5, .words = { 1, 2, 3, 4, 55 });
    assert_message(receiver, 0, 0, 5);
    assert_int_equal(scene_word(receiver, 4), 55);
}

static void words_need_a_writable_buffer_of_the_receiver(void **state)
{
    struct slot *slot = &receiver->slots[TCB_SLOT_BUFFER];

    (void)state;
    slot->cap = cap_frame_with_rights(slot->cap, FRAME_READ_ONLY);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, WORDS(1, 2, 3, 4, 5));
    assert_message(receiver, 0, 0, 4);
}

static void message_writes_no_more_than_its_length(void **state)
{
    (void)state;
    for (word_t length = 4; length < 14; length++) {
        struct ipc_buffer *buffer = scene_buffer(receiver);

        buffer->msg[length] = 0xabcd;
        scene_buffer(world.root)->msg[length] = 1;
        SYSCALL(world.root, SYS_SEND, .cap = endpoint, .length = length);
        assert_message(receiver, 0, 0, length);
        assert_int_equal(buffer->msg[length], 0xabcd);
        SYSCALL(receiver, SYS_RECV, .cap = endpoint, .reply = reply);
    }
}

/* ---- Capabilities ----------------------------------------------------------------------------- */

/* Let the receiver offer slot `slot`. */
static void offer(word_t slot)
{
    struct ipc_buffer *buffer = scene_buffer(receiver);

    buffer->receive_cnode = SLOT_CNODE;
    buffer->receive_index = slot;
    buffer->receive_depth = 64;
}

static word_t received_caps(void)
{
    return msginfo_extra_caps(scene_reg(receiver, CONTEXT_INFO));
}

static word_t received_unwrapped(void)
{
    return msginfo_caps_unwrapped(scene_reg(receiver, CONTEXT_INFO));
}

static void one_capability_is_transferred(void **state)
{
    const word_t gift = scene_notification();
    const word_t slot = scene_free_slot();

    (void)state;
    offer(slot);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, EXTRA(gift, gift));
    assert_int_equal(received_caps(), 1);
    assert_int_equal(received_unwrapped(), 0);
    assert_int_equal(cap_type(world_slot(slot)->cap), CAP_NOTIFICATION);
    assert_ptr_equal(cdt_next(world_slot(gift)), world_slot(slot));
    assert_cdt_sound(world_slot(slot));
}

static void capabilities_need_grant(void **state)
{
    const word_t gift = scene_notification();
    const word_t slot = scene_free_slot();
    const word_t plain = scene_masked(endpoint, RIGHTS_ALL & ~4ul);

    (void)state;
    offer(slot);
    SYSCALL(world.root, SYS_SEND, .cap = plain, EXTRA(gift));
    assert_int_equal(received_caps(), 0);
    assert_true(cap_is_null(world_slot(slot)->cap));
}

static void capability_to_the_endpoint_is_unwrapped(void **state)
{
    const word_t badged = scene_badged(endpoint, 42);
    const word_t gift = scene_notification();
    const word_t slot = scene_free_slot();

    (void)state;
    offer(slot);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, EXTRA(badged, gift, badged));
    assert_int_equal(received_caps(), 3);
    assert_int_equal(received_unwrapped(), 5);
    assert_int_equal(scene_buffer(receiver)->caps_or_badges[0], 42);
    assert_int_equal(scene_buffer(receiver)->caps_or_badges[2], 42);
    assert_int_equal(cap_type(world_slot(slot)->cap), CAP_NOTIFICATION);
}

static void transfer_stops_at_the_first_failure(void **state)
{
    const word_t badged = scene_badged(endpoint, 42);

    (void)state;
    /* IRQControl cannot be copied: the unwrappable one behind it is not reached. */
    offer(scene_free_slot());
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, EXTRA(badged, SLOT_IRQ_CONTROL, badged));
    assert_int_equal(received_caps(), 1);
    assert_int_equal(received_unwrapped(), 1);
}

static void occupied_slot_is_no_slot(void **state)
{
    const word_t gift = scene_notification();

    (void)state;
    offer(gift);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, EXTRA(gift));
    assert_int_equal(received_caps(), 0);
}

static void null_capability_is_not_transferred(void **state)
{
    (void)state;
    offer(scene_free_slot());
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, EXTRA(SLOT_NULL), WORDS(8));
    assert_message(receiver, 0, 0, 1);
    assert_int_equal(received_caps(), 0);
}

static void unresolved_extra_capability_is_a_fault(void **state)
{
    const word_t handler = scene_endpoint();

    (void)state;
    cdt_insert(world_slot(handler)->cap, world_slot(handler),
               &world.root->slots[TCB_SLOT_FAULT_HANDLER]);
    SYSCALL(world.root, SYS_SEND, .cap = endpoint, EXTRA(SLOT_TCB, ROOT_SLOTS));
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_SEND);
    assert_int_equal(world.root->fault.type, FAULT_CAP);
    assert_int_equal(world.root->fault.words[0], ROOT_SLOTS);
    assert_int_equal(world.root->fault.words[1], 0);
    assert_int_equal(receiver->state, THREAD_BLOCKED_ON_RECEIVE);
}

static void unresolved_extra_capability_silences_nbsend(void **state)
{
    (void)state;
    SYSCALL(world.root, SYS_NB_SEND, .cap = endpoint, EXTRA(ROOT_SLOTS));
    assert_running(world.root);
    assert_int_equal(receiver->state, THREAD_BLOCKED_ON_RECEIVE);
}

/* ---- Sending and receiving ---------------------------------------------------------------------- */

static void send_without_receiver_blocks_in_order_of_priority(void **state)
{
    static const word_t priorities[] = { 110, 120, 110, 130 };
    static const word_t expected[] = { 3, 1, 0, 2 };
    const word_t queue = scene_endpoint();

    (void)state;
    for (word_t i = 0; i < 4; i++) {
        struct tcb *sender = scene_runner(priorities[i]);

        SYSCALL(sender, SYS_SEND, .cap = queue, WORDS(i));
        assert_running(world.root);
    }
    /* Above all senders, so that it is not preempted by those it wakes. */
    world.root->priority = 200;
    for (word_t i = 0; i < 4; i++) {
        SYSCALL(world.root, SYS_NB_RECV, .cap = queue, .reply = reply);
        assert_int_equal(scene_word(world.root, 0), expected[i]);
    }
}

static void nbsend_without_receiver_is_dropped(void **state)
{
    const word_t empty = scene_endpoint();

    (void)state;
    SYSCALL(world.root, SYS_NB_SEND, .cap = empty, WORDS(1));
    assert_running(world.root);
    SYSCALL(world.root, SYS_NB_RECV, .cap = empty, .reply = scene_reply());
    assert_int_equal(scene_reg(world.root, CONTEXT_BADGE), 0);
}

static void nbrecv_of_nothing_changes_x0_only(void **state)
{
    const word_t empty = scene_endpoint();

    (void)state;
    SYSCALL(world.root, SYS_NB_RECV, .cap = empty, .label = 3, WORDS(7, 8), .reply = scene_reply());
    assert_message(world.root, 0, 3, 2);
    assert_int_equal(scene_word(world.root, 0), 7);
}

static void wait_takes_a_call_without_reply(void **state)
{
    const word_t other = scene_endpoint();
    struct tcb *caller = scene_runner(200);

    (void)state;
    SYSCALL(caller, SYS_CALL, .cap = other, WORDS(5));
    assert_running(world.root);
    SYSCALL(world.root, SYS_WAIT, .cap = other);
    assert_message(world.root, 0, 0, 1);
    assert_int_equal(caller->state, THREAD_INACTIVE);
}

static void call_needs_grant_or_grant_reply(void **state)
{
    const word_t plain = scene_masked(endpoint, 3);

    (void)state;
    SYSCALL(world.root, SYS_CALL, .cap = plain, WORDS(5));
    assert_running(receiver);
    assert_message(receiver, 0, 0, 1);
    assert_int_equal(world.root->state, THREAD_INACTIVE);
    assert_int_equal(scene_reply_at(reply)->tcb.raw, 0);
}

static void grant_reply_alone_lets_a_call_through(void **state)
{
    const word_t weak = scene_masked(endpoint, 1 | 8);

    (void)state;
    SYSCALL(world.root, SYS_CALL, .cap = weak, WORDS(5));
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_REPLY);
    SYSCALL(receiver, SYS_SEND, .cap = reply, .label = 4, WORDS(6, 7));
    assert_int_equal(world.root->state, THREAD_RUNNING);
    assert_message(world.root, 0, 4, 2);
    assert_int_equal(scene_word(world.root, 1), 7);
}

static void reply_carries_capabilities_only_with_grant(void **state)
{
    const word_t weak = scene_masked(reply, 0);
    const word_t gift = scene_notification();
    const word_t slot = scene_free_slot();
    struct ipc_buffer *buffer = scene_buffer(world.root);

    (void)state;
    buffer->receive_cnode = SLOT_CNODE;
    buffer->receive_index = slot;
    buffer->receive_depth = 64;
    SYSCALL(world.root, SYS_CALL, .cap = endpoint);
    SYSCALL(receiver, SYS_REPLY_RECV, .cap = endpoint, .reply = weak, EXTRA(gift));
    assert_running(world.root);
    assert_int_equal(msginfo_extra_caps(scene_reg(world.root, CONTEXT_INFO)), 0);
    SYSCALL(world.root, SYS_CALL, .cap = endpoint);
    SYSCALL(receiver, SYS_REPLY_RECV, .cap = endpoint, .reply = reply, EXTRA(gift));
    assert_int_equal(msginfo_extra_caps(scene_reg(world.root, CONTEXT_INFO)), 1);
    assert_int_equal(cap_type(world_slot(slot)->cap), CAP_NOTIFICATION);
}

static void reply_never_unwraps(void **state)
{
    const word_t badged = scene_badged(endpoint, 42);

    (void)state;
    SYSCALL(world.root, SYS_CALL, .cap = endpoint);
    SYSCALL(receiver, SYS_REPLY_RECV, .cap = endpoint, .reply = reply, EXTRA(badged));
    assert_int_equal(msginfo_extra_caps(scene_reg(world.root, CONTEXT_INFO)), 0);
}

static void send_phase_without_right_is_silent(void **state)
{
    const word_t deaf = scene_masked(endpoint, 2 | 4 | 8);

    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = deaf, .label = 3, WORDS(9));
    assert_message(world.root, deaf, 3, 1);
    assert_int_equal(INVOKE(world.root, deaf, 0, .length = 0), ERR_INVALID_CAPABILITY);
    assert_message(world.root, 0, ERR_INVALID_CAPABILITY, 1);
    assert_int_equal(scene_word(world.root, 0), 0);
    assert_int_equal(INVOKE(world.root, SLOT_NULL, 0, .length = 0), ERR_INVALID_CAPABILITY);
}

static void first_phase_refuses_some_objects(void **state)
{
    const word_t notification = scene_notification();

    (void)state;
    SYSCALL(world.root, SYS_NB_SEND_WAIT, .cap = notification, .reply = scene_cptr(receiver),
            .label = LABEL_TCB_SUSPEND);
    assert_int_equal(receiver->state, THREAD_BLOCKED_ON_RECEIVE);
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_NOTIFICATION);
}

static void signal_by_call_succeeds(void **state)
{
    const word_t notification = scene_notification();

    (void)state;
    assert_int_equal(INVOKE(world.root, notification, 7, WORDS(1)), 0);
    assert_message(world.root, 0, 0, 0);
    assert_int_equal(scene_notification_at(notification)->state, NOTIFICATION_ACTIVE);
}

static void nbsend_recv_uses_x8(void **state)
{
    const word_t other = scene_endpoint();
    const word_t my_reply = scene_reply();

    (void)state;
    SYSCALL(world.root, SYS_NB_SEND_RECV, .cap = other, .reply = my_reply, .destination = endpoint,
            WORDS(31));
    assert_running(receiver);
    assert_int_equal(scene_word(receiver, 0), 31);
    assert_int_equal(world.root->state, THREAD_BLOCKED_ON_RECEIVE);
    assert_int_equal(scene_reply_at(my_reply)->tcb.raw, tcb_ref_of(world.root).raw);
}

/* ---- Errors of kernel objects --------------------------------------------------------------------- */

static void lookup_errors_are_detailed(void **state)
{
    (void)state;
    /* Depth 60 does not fit the guard: 56 bits of guard, 8 of radix. */
    assert_int_equal(INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(1, 60)),
                     ERR_FAILED_LOOKUP);
    assert_int_equal(scene_word(world.root, 0), 0);
    assert_int_equal(INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(0x12340000, 64)),
                     ERR_FAILED_LOOKUP);
    assert_message(world.root, 0, ERR_FAILED_LOOKUP, 5);
    assert_int_equal(scene_word(world.root, 1), LOOKUP_GUARD_MISMATCH);
    assert_int_equal(scene_word(world.root, 2), 64);
    assert_int_equal(scene_word(world.root, 3), 0);
    assert_int_equal(scene_word(world.root, 4), 56);
}

static void lookup_error_without_buffer_has_four_words(void **state)
{
    (void)state;
    scene_drop_buffer(world.root);
    world.root->context.regs[CONTEXT_MESSAGE + 1] = 64;
    INVOKE(world.root, SLOT_CNODE, LABEL_CNODE_DELETE, WORDS(0x12340000, 64));
    assert_message(world.root, 0, ERR_FAILED_LOOKUP, 4);
}

static void missing_buffer_limits_the_length(void **state)
{
    (void)state;
    scene_drop_buffer(world.root);
    /* Three registers make a message of five words. */
    assert_int_equal(
        INVOKE(world.root, scene_cptr(receiver), LABEL_TCB_WRITE_REGISTERS, WORDS(0, 3, 1, 1, 1)),
        ERR_TRUNCATED_MESSAGE);
    assert_int_equal(
        INVOKE(world.root, SLOT_UNTYPED, LABEL_UNTYPED_RETYPE, WORDS(0, 12, 0, 0, 0, 1)),
        ERR_TRUNCATED_MESSAGE);
}

static void send_to_an_object_reports_nothing(void **state)
{
    (void)state;
    SYSCALL(world.root, SYS_SEND, .cap = SLOT_TCB, .label = 999, WORDS(5));
    assert_message(world.root, SLOT_TCB, 999, 1);
}

static void range_error_has_both_limits(void **state)
{
    (void)state;
    world.root->mcp = 99;
    assert_int_equal(INVOKE(world.root, scene_cptr(receiver), LABEL_TCB_SET_PRIORITY, WORDS(100),
                            EXTRA(SLOT_TCB)),
                     ERR_RANGE);
    assert_message(world.root, 0, ERR_RANGE, 2);
    assert_int_equal(scene_word(world.root, 0), 0);
    assert_int_equal(scene_word(world.root, 1), 99);
}

#define TEST(name) cmocka_unit_test_setup(name, waiting_receiver)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(short_message_leaves_other_registers),
        TEST(long_message_uses_the_buffers),
        TEST(length_above_120_is_120),
        TEST(words_need_both_buffers),
        TEST(words_need_a_readable_buffer_of_the_sender),
        TEST(words_may_come_from_a_read_only_buffer),
        TEST(words_need_a_writable_buffer_of_the_receiver),
        TEST(one_capability_is_transferred),
        TEST(capabilities_need_grant),
        TEST(capability_to_the_endpoint_is_unwrapped),
        TEST(transfer_stops_at_the_first_failure),
        TEST(occupied_slot_is_no_slot),
        TEST(null_capability_is_not_transferred),
        TEST(unresolved_extra_capability_is_a_fault),
        TEST(unresolved_extra_capability_silences_nbsend),
        TEST(send_without_receiver_blocks_in_order_of_priority),
        TEST(nbsend_without_receiver_is_dropped),
        TEST(nbrecv_of_nothing_changes_x0_only),
        TEST(wait_takes_a_call_without_reply),
        TEST(call_needs_grant_or_grant_reply),
        TEST(grant_reply_alone_lets_a_call_through),
        TEST(reply_carries_capabilities_only_with_grant),
        TEST(reply_never_unwraps),
        TEST(send_phase_without_right_is_silent),
        TEST(first_phase_refuses_some_objects),
        TEST(signal_by_call_succeeds),
        TEST(nbsend_recv_uses_x8),
        TEST(lookup_errors_are_detailed),
        TEST(lookup_error_without_buffer_has_four_words),
        TEST(missing_buffer_limits_the_length),
        TEST(send_to_an_object_reports_nothing),
        TEST(range_error_has_both_limits),
        TEST(message_writes_no_more_than_its_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
