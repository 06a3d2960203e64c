/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep: the calls with which the root thread builds a system
 */
#include "generate.h"

static void built(struct proposal *proposal, word_t cptr, word_t label, const word_t *words,
                  word_t count, const word_t *caps, word_t cap_count)
{
    for (word_t i = 0; i < count; i++) {
        generate_put_word(proposal, i, words[i]);
    }
    for (word_t i = 0; i < cap_count; i++) {
        proposal->buffer[122 + i] = caps[i];
    }
    proposal->event.number = (word_t)SYS_CALL;
    proposal->regs[CONTEXT_CAP] = cptr;
    proposal->regs[CONTEXT_INFO] = msginfo_new(label, 0, cap_count, count);
}

/* Untyped, type, size, first slot, count. */
static const word_t objects[][5] = {
    { SLOT_UNTYPED, OBJECT_ENDPOINT, 0, B_ENDPOINT, 4 },
    { SLOT_UNTYPED, OBJECT_NOTIFICATION, 0, B_NOTIFICATION, 4 },
    { SLOT_UNTYPED, OBJECT_REPLY, 0, B_REPLY, 6 },
    { SLOT_UNTYPED, OBJECT_TCB, 0, B_TCB, B_COUNT },
    { SLOT_UNTYPED, OBJECT_SCHED_CONTEXT, 8, B_CONTEXT, B_COUNT + 1 },
    { SLOT_UNTYPED, OBJECT_SMALL_FRAME, 0, B_FRAME, 5 },
    { SLOT_UNTYPED, OBJECT_UNTYPED, 15, B_UNTYPED, 2 },
    { SLOT_UNTYPED, OBJECT_CNODE, 4, B_CNODE, 1 },
    { SLOT_UNTYPED, OBJECT_PAGE_TABLE, 0, B_TABLE, 6 },
    { SLOT_UNTYPED, OBJECT_VSPACE, 0, B_VSPACE, 2 },
    { SLOT_UNTYPED, OBJECT_UNTYPED, 12, B_POOL_UNTYPED, 2 },
    { SLOT_UNTYPED, OBJECT_VCPU, 0, B_VCPU, 2 },
    { B_LARGE_UNTYPED, OBJECT_LARGE_FRAME, 0, B_LARGE_FRAME, 1 },
};
#define OBJECT_STEPS (sizeof(objects) / sizeof(objects[0]))
#define DEVICE_STEPS 2
#define THREAD_STEPS 5
#define ROOT_STEPS   3

static void build_object(const word_t o[5], struct proposal *proposal)
{
    built(proposal, o[0], LABEL_UNTYPED_RETYPE, (const word_t[]){ o[1], o[2], 0, 0, o[3], o[4] }, 6,
          (const word_t[]){ SLOT_CNODE }, 1);
}

/* The device memory is one huge frame, or two halves with smaller frames. */
static void build_device(struct source *source, unsigned step, struct proposal *proposal)
{
    static const word_t halves[5] = { SLOT_DEVICE, OBJECT_UNTYPED, 29, B_DEVICE, 2 };
    static const word_t huge[5] = { SLOT_DEVICE, OBJECT_HUGE_FRAME, 0, B_DEVICE_FRAME, 1 };
    static const word_t large[5] = { B_DEVICE, OBJECT_LARGE_FRAME, 0, B_DEVICE_FRAME, 2 };
    static const word_t small[5] = { B_DEVICE + 1, OBJECT_SMALL_FRAME, 0, B_DEVICE_FRAME + 2, 2 };

    if (step == 0) {
        build_object(source_below(source, 3) ? halves : huge, proposal);
    } else {
        build_object(source_below(source, 2) ? large : small, proposal);
    }
}

static void build_context(struct source *source, word_t slot, struct proposal *proposal)
{
    word_t words[5] = { 0 };

    generate_put_times(source, words);
    words[2] = source_below(source, 6);
    words[3] = 0x100 + slot;
    words[4] = source_below(source, 2);
    built(proposal, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS, words, 5,
          (const word_t[]){ slot }, 1);
}

/* The calls that set up thread `i`. The last context stays free, for a notification. */
static void build_thread(struct source *source, word_t i, unsigned step, struct proposal *proposal)
{
    word_t tcb = B_TCB + i, priority = 100 + source_below(source, 4);

    switch (step) {
    case 0: build_context(source, B_CONTEXT + i, proposal); break;
    case 1:
        built(proposal, tcb, LABEL_TCB_CONFIGURE, (const word_t[]){ 0, 0, 0x20000 + 1024 * i }, 3,
              (const word_t[]){ SLOT_CNODE, SLOT_VSPACE, B_FRAME + i % 5 }, 3);
        break;
    case 2:
        built(proposal, tcb, LABEL_TCB_SET_SCHED_PARAMS, (const word_t[]){ 255, priority }, 2,
              (const word_t[]){ SLOT_TCB, B_CONTEXT + i, B_ENDPOINT + source_below(source, 2) }, 3);
        break;
    case 3:
        built(proposal, tcb, LABEL_TCB_SET_TIMEOUT_ENDPOINT, NULL, 0,
              (const word_t[]){ source_below(source, 3) ? B_ENDPOINT + source_below(source, 2)
                                                        : pick_free(source) },
              1);
        break;
    default: built(proposal, tcb, LABEL_TCB_RESUME, NULL, 0, NULL, 0); break;
    }
}

/* At last the root thread gets a little time now and then, so that the others run. */
static void build_root(struct source *source, unsigned step, struct proposal *proposal)
{
    word_t priority = source_below(source, 4) ? 200 : 102;

    switch (step) {
    case 0: build_context(source, B_CONTEXT + B_COUNT, proposal); break;
    case 1:
        built(proposal, SLOT_TCB, LABEL_TCB_SET_PRIORITY, &priority, 1,
              (const word_t[]){ SLOT_TCB }, 1);
        break;
    default:
        built(proposal, SLOT_SCHED_CONTROL, LABEL_SCHED_CONTROL_CONFIGURE_FLAGS,
              (const word_t[]){ GENERATE_ROOT_BUDGET, GENERATE_ROOT_PERIOD, 0, 0, 0 }, 5,
              (const word_t[]){ SLOT_SCHED_CONTEXT }, 1);
        break;
    }
}

bool generate_build(struct source *source, unsigned step, struct proposal *proposal)
{
    if (step < OBJECT_STEPS) {
        build_object(objects[step], proposal);
        return true;
    }
    step -= (unsigned)OBJECT_STEPS;
    if (step < DEVICE_STEPS) {
        build_device(source, step, proposal);
        return true;
    }
    step -= DEVICE_STEPS;
    if (step < THREAD_STEPS * B_COUNT) {
        build_thread(source, step / THREAD_STEPS, step % THREAD_STEPS, proposal);
        return true;
    }
    step -= THREAD_STEPS * B_COUNT;
    if (step < ROOT_STEPS) {
        build_root(source, step, proposal);
        return true;
    }
    return false;
}
