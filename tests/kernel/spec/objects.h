/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: objects by id, threads in queues, time
 */
#pragma once

#include "spec.h"

#define NO_THREAD SPEC_THREADS

/* NULL if there is no such object. */
struct spec_thread *spec_thread_by_id(word_t id);
struct spec_endpoint *spec_endpoint_by_id(word_t id);
struct spec_notification *spec_notification_by_id(word_t id);
struct spec_reply *spec_reply_by_id(word_t id);
struct spec_context *spec_context_by_id(word_t id);
/** An unused record of that kind, zeroed, with `id`. */
struct spec_thread *spec_thread_new(word_t id);
struct spec_endpoint *spec_endpoint_new(word_t id);
struct spec_notification *spec_notification_new(word_t id);
struct spec_reply *spec_reply_new(word_t id);
struct spec_context *spec_context_new(word_t id, word_t size_bits);

unsigned spec_thread_index(const struct spec_thread *thread);
struct spec_thread *spec_current_thread(void); /* NULL: idle */
bool spec_thread_is_current(const struct spec_thread *thread);
bool spec_thread_is_blocked(const struct spec_thread *thread);

/** Would the interrupt be delivered if the device raised it? */
bool spec_irq_can_come(word_t irq);

bool spec_queue_has(const struct spec_queue *queue, const struct spec_thread *thread);
void spec_queue_remove(struct spec_queue *queue, const struct spec_thread *thread);
/** Behind all of the same or a higher priority. */
void spec_queue_add_by_priority(struct spec_queue *queue, const struct spec_thread *thread);

/* ---- Domains (abi/04 §5.12) ---------------------------------------------------------------- */

bool spec_domain_has_expired(void);
void spec_domain_pass(word_t ticks);
void spec_domain_next(void);

/* ---- Refills (abi/04 §5.3, §5.4) ----------------------------------------------------------- */

bool spec_context_is_ready(const struct spec_context *context);
bool spec_context_is_sufficient(const struct spec_context *context, word_t usage);
void spec_refill_new(struct spec_context *context, word_t max, word_t budget, word_t period);
void spec_refill_update(struct spec_context *context, word_t max, word_t budget, word_t period);
void spec_refill_budget_check(struct spec_context *context, word_t usage);
void spec_refill_unblock_check(struct spec_context *context);
/** A thread is woken: unblock_check if its context is sporadic and not the current one. */
void spec_refill_wake(const struct spec_thread *thread);

/* ---- Scheduling (abi/04 §5.5, §5.6) -------------------------------------------------------- */

bool spec_thread_is_schedulable(const struct spec_thread *thread);
void spec_schedule_enqueue(struct spec_thread *thread); /* at the head of its priority */
void spec_schedule_append(struct spec_thread *thread);
/** Take out of the ready and release queues. */
void spec_schedule_forget(struct spec_thread *thread);
void spec_schedule_release_later(struct spec_thread *thread);
/** The thread has been woken; it may run next ("possible switch"). */
void spec_schedule_wake(struct spec_thread *thread);
void spec_schedule_reschedule(void);
/** The thread was given a context: to the release queue if that is not usable yet. */
void spec_schedule_check_context(struct spec_thread *thread);
void spec_schedule_commit(void);
void spec_schedule_charge(word_t usage, bool can_timeout);
bool spec_schedule_budget_check(void);
/** End of each kernel entry: decide who runs, set the deadline, activate. */
void spec_schedule(void);
