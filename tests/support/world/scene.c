/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Several threads in one CSpace, for the tests of threads
 */
#include <world/scene.h>

#include <abi/labels.h>
#include <core/cdt.h>
#include <core/ipc_transfer.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/step.h>
#include <core/thread.h>
#include <string.h>

#define BUFFER_ADDRESS 0x100000ul

static word_t next_slot;

static void give_buffer(struct tcb *thread)
{
    const word_t frame = world_alloc(SMALL_FRAME_BITS);

    cdt_insert_root(&thread->slots[TCB_SLOT_BUFFER],
                    cap_frame_new(frame, FRAME_SMALL, FRAME_READ_WRITE, false, 0, 0));
    thread->ipc_buffer = BUFFER_ADDRESS;
}

int scene_setup(void **state)
{
    (void)state;
    world_init();
    next_slot = SLOT_FREE;
    give_buffer(world.root);
    for (word_t irq = 0; irq < HOST_IRQ_COUNT; irq++) {
        host.irq_enabled[irq] = true;
    }
    /* Start the root thread as boot does, so that the hardware is its own. */
    this_cpu()->current = this_cpu()->idle;
    this_cpu()->current_sc = this_cpu()->idle_sc;
    scheduler_enqueue(world.root);
    scheduler_reschedule();
    scheduler_run();
    return 0;
}

word_t scene_free_slot(void)
{
    return next_slot++;
}

word_t scene_put(struct cap cap)
{
    const word_t slot = scene_free_slot();

    cdt_insert_root(world_slot(slot), cap);
    return slot;
}

word_t scene_copy(word_t source, struct cap cap)
{
    const word_t slot = scene_free_slot();

    cdt_insert(cap, world_slot(source), world_slot(slot));
    return slot;
}

word_t scene_endpoint(void)
{
    return scene_put(cap_endpoint_new(world_alloc(ENDPOINT_BITS), 0, 1, 1, 1, 1));
}

word_t scene_notification(void)
{
    return scene_put(cap_notification_new(world_alloc(NOTIFICATION_BITS), 0, 1, 1));
}

word_t scene_reply(void)
{
    return scene_put(cap_reply_new(world_alloc(REPLY_BITS), 1));
}

word_t scene_tcb(word_t priority)
{
    struct tcb *thread = world_thread();

    thread->priority = (uint8_t)priority;
    thread->mcp = PRIORITY_MAX;
    cdt_insert(world.cnode, world_slot(SLOT_CNODE), &thread->slots[TCB_SLOT_CSPACE]);
    cdt_insert(world_slot(SLOT_VSPACE)->cap, world_slot(SLOT_VSPACE),
               &thread->slots[TCB_SLOT_VSPACE]);
    give_buffer(thread);
    return scene_put(cap_tcb_new(tcb_ref_of(thread).raw));
}

word_t scene_context(void)
{
    return scene_put(cap_sched_context_new(world_alloc(10), 10));
}

word_t scene_badged(word_t source, word_t badge)
{
    const struct cap cap = world_slot(source)->cap;

    return scene_copy(source, cap_type(cap) == CAP_ENDPOINT
                                  ? cap_endpoint_with_badge(cap, badge)
                                  : cap_notification_with_badge(cap, badge));
}

word_t scene_masked(word_t source, word_t rights)
{
    return scene_copy(source, cap_mask_rights(rights, world_slot(source)->cap));
}

struct tcb *scene_tcb_at(word_t cptr)
{
    return cap_tcb_object(world_slot(cptr)->cap);
}

struct sched_context *scene_context_at(word_t cptr)
{
    return cap_sched_context_object(world_slot(cptr)->cap);
}

struct reply *scene_reply_at(word_t cptr)
{
    return cap_reply_object(world_slot(cptr)->cap);
}

struct notification *scene_notification_at(word_t cptr)
{
    return cap_notification_object(world_slot(cptr)->cap);
}

struct ipc_buffer *scene_buffer(struct tcb *thread)
{
    return ipc_buffer(thread, false);
}

void scene_drop_buffer(struct tcb *thread)
{
    cdt_remove(&thread->slots[TCB_SLOT_BUFFER]);
}

void scene_configure(word_t context, word_t budget, word_t period, word_t extra, word_t flags)
{
    const struct tcb_ref current = this_cpu()->current;

    /* Decoding reads the registers of whoever runs. */
    this_cpu()->current = tcb_ref_of(world.root);
    assert_done(CALL(SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
                     WORDS(budget, period, extra, 7, flags), CAPS(context)));
    this_cpu()->current = current;
}

word_t scene_give_time(struct tcb *thread)
{
    const word_t context = scene_context();

    scene_configure(context, 5000, 5000, 0, 0);
    sched_context_bind_tcb(scene_context_at(context), thread);
    return context;
}

struct tcb *scene_runner(word_t priority)
{
    struct tcb *thread = scene_tcb_at(scene_tcb(priority));

    scene_give_time(thread);
    scene_resume(thread);
    return thread;
}

word_t scene_cptr(const struct tcb *thread)
{
    for (word_t i = 1; i < next_slot; i++) {
        const struct cap cap = world_slot(i)->cap;

        if (cap_type(cap) == CAP_TCB && cap_tcb_object(cap) == thread) {
            return i;
        }
    }
    fail();
    return 0;
}

void scene_resume(struct tcb *thread)
{
    thread_restart(thread);
    scheduler_run();
}

void scene_syscall(struct tcb *thread, int number, const struct request *request)
{
    struct ipc_buffer *buffer = scene_buffer(thread);
    word_t *regs = thread->context.regs;

    assert_running(thread);
    for (word_t i = 0; i < request->length && i < MESSAGE_MAX_LENGTH; i++) {
        if (i < MESSAGE_REGISTERS) {
            regs[CONTEXT_MESSAGE + i] = request->words[i];
        } else if (buffer != NULL) {
            buffer->msg[i] = request->words[i];
        }
    }
    for (word_t i = 0; i < request->cap_count && buffer != NULL; i++) {
        buffer->caps_or_badges[i] = request->caps[i];
    }
    regs[CONTEXT_CAP] = request->cap;
    regs[CONTEXT_INFO] = msginfo_new(request->label, 0, request->cap_count, request->length);
    regs[CONTEXT_REPLY] = request->reply;
    regs[CONTEXT_DESTINATION] = request->destination;
    regs[CONTEXT_NUMBER] = (word_t)(int64_t)number;
    const word_t ip = regs[CONTEXT_NEXT_IP];

    /* The call starts again when its thread's time was up; a CPU would just execute it again. */
    do {
        regs[CONTEXT_FAULT_IP] = ip;
        regs[CONTEXT_NEXT_IP] = ip + 4;
        kernel_step_syscall((word_t)(int64_t)number);
    } while (scene_current() == thread && regs[CONTEXT_NEXT_IP] == ip);
}

word_t scene_invoke(struct tcb *thread, const struct request *request)
{
    scene_syscall(thread, SYS_CALL, request);
    assert_int_equal(scene_reg(thread, CONTEXT_BADGE), 0);
    return msginfo_label(scene_reg(thread, CONTEXT_INFO));
}

word_t scene_run_ticks(struct tcb *thread, word_t ticks)
{
    word_t run = 0;

    while (run < ticks && scene_current() == thread) {
        word_t step = ticks - run;

        if (host.deadline < host.now + step) {
            step = host.deadline > host.now ? host.deadline - host.now : 0;
        }
        run += step;
        host.now += step;
        if (host.deadline <= host.now) {
            thread->context.regs[CONTEXT_FAULT_IP] = thread->context.regs[CONTEXT_NEXT_IP];
            host.irq_pending[TIMER_IRQ] = true;
            kernel_step_interrupt();
        }
    }
    return run;
}

word_t scene_run(struct tcb *thread, word_t us)
{
    assert_running(thread);
    return scene_run_ticks(thread, TICKS(us));
}

void scene_pass(word_t us)
{
    host.now += TICKS(us);
}

struct tcb *scene_current(void)
{
    return thread_current();
}

bool scene_is_idle(void)
{
    return this_cpu()->current.raw == this_cpu()->idle.raw;
}

word_t scene_reg(const struct tcb *thread, word_t index)
{
    return thread->context.regs[index];
}

word_t scene_word(struct tcb *thread, word_t i)
{
    return i < MESSAGE_REGISTERS ? scene_reg(thread, CONTEXT_MESSAGE + i)
                                 : scene_buffer(thread)->msg[i];
}

void assert_message(struct tcb *thread, word_t badge, word_t label, word_t length)
{
    const word_t info = scene_reg(thread, CONTEXT_INFO);

    assert_int_equal(scene_reg(thread, CONTEXT_BADGE), badge);
    assert_int_equal(msginfo_label(info), label);
    assert_int_equal(msginfo_length(info), length);
}
