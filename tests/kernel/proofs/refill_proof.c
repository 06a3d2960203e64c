/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Proofs: refills
 *
 * A scheduling context with room for a few refills, in any state that its invariant allows. The
 * operations keep the invariant, and give or take no time: the amounts sum up to the same budget.
 */
#include "pool.h"

#include "refill.c"

#include <stdlib.h>

#define ROOM       4           /* refills */
#define TIME_MAX   (1ul << 60) /* 580 years of ticks */
#define BUDGET_MAX (1ul << 40) /* five hours */

struct kernel_state kernel;

static struct sched_context *context;

static struct refill *place(unsigned i)
{
    const unsigned index = context->refill_head + i;

    return &context->refills[index >= context->refill_max ? index - context->refill_max : index];
}

static bool is_sound(void)
{
    return context->refill_max >= 2 && context->refill_max <= ROOM && context->refill_count >= 1 &&
           context->refill_count <= context->refill_max &&
           context->refill_head < context->refill_max;
}

/* Refills are in order and do not overlap. */
static bool is_ordered(void)
{
    for (unsigned i = 0; i + 1 < ROOM; i++) {
        if (i + 1 < context->refill_count &&
            place(i)->time + place(i)->amount > place(i + 1)->time) {
            return false;
        }
    }
    return true;
}

static word_t sum(void)
{
    word_t all = 0;

    for (unsigned i = 0; i < ROOM; i++) {
        all += i < context->refill_count ? place(i)->amount : 0;
    }
    return all;
}

static void any_context(void)
{
    context = malloc(sizeof(struct sched_context) + ROOM * sizeof(struct refill));
    assume(context != NULL);
    kernel.config.min_budget = any_word();
    kernel.config.max_release = any_word();
    kernel.cpu.now = any_word();
    assume(kernel.config.min_budget >= 1 && kernel.config.min_budget < BUDGET_MAX);
    assume(kernel.config.max_release < TIME_MAX && kernel.cpu.now < TIME_MAX);
}

/* In use, and not round robin. */
static void any_sporadic(void)
{
    any_context();
    assume(context->period >= 1 && context->period < BUDGET_MAX);
    assume(is_sound());
    for (unsigned i = 0; i < ROOM; i++) {
        assume(context->refills[i].time < TIME_MAX && context->refills[i].amount < BUDGET_MAX);
        assume(context->refills[i].amount >= 1);
    }
    assume(is_ordered());
}

/* Proof refill_new
 * Claim: the context has its whole budget now, in one refill, or for round robin in two of which
 *   the second is empty
 * For: all budgets, periods and moments, all states before
 * Bound: room for 4 refills
 * Core: refill_new
 * Flags: --unwind 5
 * Tier: short
 */
void refill_new_proof(void)
{
    const word_t max = any_word(), budget = any_word(), period = any_word();

    any_context();
    assume(max >= 2 && max <= ROOM && budget < BUDGET_MAX);
    refill_new(context, max, budget, period);
    prove(is_sound(), "the ring is sound");
    prove(sum() == budget && refill_head(context)->time == kernel.cpu.now, "all of it, now");
    prove(context->refill_count == (period == 0 ? 2 : 1), "one, or two for round robin");
    reaches(period == 0, "round robin");
}

/* Proof refill_update
 * Claim: the ring is sound, in order, and sums up to the new budget
 * For: all rings, and all new parameters
 * Bound: room for 4 refills; budgets below 2^40 and moments below 2^60 ticks
 * Core: refill_update
 * Flags: --unwind 5
 * Tier: short
 */
void refill_update_proof(void)
{
    const word_t max = any_word(), budget = any_word(), period = any_word();

    any_sporadic();
    assume(max >= 2 && max <= ROOM && budget >= 1 && budget <= period && period < BUDGET_MAX);
    refill_update(context, period, budget, max);
    prove(is_sound(), "the ring is sound");
    prove(sum() == budget, "the new budget");
    prove(is_ordered(), "in order");
    reaches(context->refill_count == 2, "with a rest for later");
}

/* Proof refill_unblock
 * Claim: the ring is sound and in order, no time is lost or won, and a head that was due starts now
 * For: all rings in order
 * Bound: room for 4 refills; budgets below 2^40 and moments below 2^60 ticks
 * Core: refill_unblock
 * Flags: --unwind 6
 * Tier: long
 */
void refill_unblock_proof(void)
{
    any_sporadic();
    const word_t budget = sum();
    const bool is_due = refill_head(context)->time <= kernel.cpu.now;

    refill_unblock(context);
    prove(is_sound(), "the ring is sound");
    prove(sum() == budget, "the budget stays");
    prove(is_ordered(), "in order");
    prove(!is_due || refill_head(context)->time == kernel.cpu.now, "from now on");
    reaches(is_due && context->refill_count == 2, "some are merged, some not");
}
