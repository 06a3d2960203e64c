/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: objects by id, threads in queues
 */
#include "objects.h"

#include <string.h>

/* The record with that id in a table; id 0 finds an unused one. */
#define FIND(table, wanted)                                           \
    for (size_t i = 0; i < sizeof(table) / sizeof((table)[0]); i++) { \
        if ((table)[i].id == (wanted)) {                              \
            return &(table)[i];                                       \
        }                                                             \
    }                                                                 \
    return NULL

#define OBJECT(noun, table)                             \
    static struct spec_##noun *noun##_find(word_t id)   \
    {                                                   \
        FIND(table, id);                                \
    }                                                   \
    struct spec_##noun *spec_##noun##_by_id(word_t id)  \
    {                                                   \
        return id == 0 ? NULL : noun##_find(id);        \
    }                                                   \
    static struct spec_##noun *noun##_unused(word_t id) \
    {                                                   \
        struct spec_##noun *object = noun##_find(0);    \
                                                        \
        if (object == NULL) {                           \
            spec_give_up("too many objects: " #noun);   \
        }                                               \
        memset(object, 0, sizeof(*object));             \
        object->id = id;                                \
        return object;                                  \
    }

OBJECT(thread, spec.threads)
OBJECT(endpoint, spec.endpoints)
OBJECT(notification, spec.notifications)
OBJECT(reply, spec.replies)
OBJECT(context, spec.contexts)

struct spec_thread *spec_thread_new(word_t id)
{
    struct spec_thread *thread = thread_unused(id);

    thread->regs[CONTEXT_SPSR] = spec.is_debug ? SPSR_USER_DEBUG : SPSR_USER_RELEASE;
    thread->domain = spec.domain;
    return thread;
}

struct spec_endpoint *spec_endpoint_new(word_t id)
{
    return endpoint_unused(id);
}

struct spec_notification *spec_notification_new(word_t id)
{
    return notification_unused(id);
}

struct spec_reply *spec_reply_new(word_t id)
{
    return reply_unused(id);
}

struct spec_context *spec_context_new(word_t id, word_t size_bits)
{
    struct spec_context *context = context_unused(id);

    context->size_bits = size_bits;
    return context;
}

unsigned spec_thread_index(const struct spec_thread *thread)
{
    return (unsigned)(thread - spec.threads);
}

struct spec_thread *spec_current_thread(void)
{
    return spec.current == NO_THREAD ? NULL : &spec.threads[spec.current];
}

bool spec_thread_is_current(const struct spec_thread *thread)
{
    return spec_thread_index(thread) == spec.current;
}

bool spec_thread_is_blocked(const struct spec_thread *thread)
{
    return thread->state >= SPEC_BLOCKED_RECEIVE && thread->state <= SPEC_BLOCKED_NOTIFICATION;
}

static unsigned queue_find(const struct spec_queue *queue, const struct spec_thread *thread)
{
    unsigned i = 0;

    while (i < queue->count && queue->at[i] != spec_thread_index(thread)) {
        i++;
    }
    return i;
}

bool spec_queue_has(const struct spec_queue *queue, const struct spec_thread *thread)
{
    return queue_find(queue, thread) < queue->count;
}

void spec_queue_remove(struct spec_queue *queue, const struct spec_thread *thread)
{
    unsigned i = queue_find(queue, thread);

    if (i < queue->count) {
        queue->count--;
        memmove(&queue->at[i], &queue->at[i + 1], (queue->count - i) * sizeof(queue->at[0]));
    }
}

static void queue_insert(struct spec_queue *queue, unsigned i, const struct spec_thread *thread)
{
    memmove(&queue->at[i + 1], &queue->at[i], (queue->count - i) * sizeof(queue->at[0]));
    queue->at[i] = spec_thread_index(thread);
    queue->count++;
}

static word_t priority_in(const struct spec_queue *queue, unsigned i)
{
    return spec.threads[queue->at[i]].priority;
}

void spec_queue_add_by_priority(struct spec_queue *queue, const struct spec_thread *thread)
{
    unsigned i = 0;

    while (i < queue->count && priority_in(queue, i) >= thread->priority) {
        i++;
    }
    queue_insert(queue, i, thread);
}

/* ---- The two queues of the scheduler -------------------------------------------------------- */

void spec_schedule_enqueue(struct spec_thread *thread)
{
    unsigned i = 0;

    if (spec_queue_has(&spec.ready, thread)) {
        return;
    }
    while (i < spec.ready.count && priority_in(&spec.ready, i) > thread->priority) {
        i++;
    }
    queue_insert(&spec.ready, i, thread);
}

void spec_schedule_append(struct spec_thread *thread)
{
    if (!spec_queue_has(&spec.ready, thread)) {
        spec_queue_add_by_priority(&spec.ready, thread);
    }
}

/* The deadline depends on the first of the release queue. */
static void release_head_changes(unsigned i)
{
    if (i == 0) {
        spec.reprogram = true;
    }
}

void spec_schedule_forget(struct spec_thread *thread)
{
    spec_queue_remove(&spec.ready, thread);
    if (spec_queue_has(&spec.release, thread)) {
        release_head_changes(queue_find(&spec.release, thread));
        spec_queue_remove(&spec.release, thread);
    }
}

void spec_schedule_release_later(struct spec_thread *thread)
{
    word_t time = spec_context_by_id(thread->context)->refills[0].time;
    unsigned i = 0;

    spec_schedule_forget(thread);
    while (i < spec.release.count &&
           spec_context_by_id(spec.threads[spec.release.at[i]].context)->refills[0].time <= time) {
        i++;
    }
    queue_insert(&spec.release, i, thread);
    release_head_changes(i);
}
