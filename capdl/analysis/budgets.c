/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Processor time and memory
 */
#include "analysis/report.h"

#include "extract.h"

#include <model/order.h>

#include <stdlib.h>

enum { SLOT_CONTEXT = 6, PER_MILLE = 1000 };

struct demand {
    uint64_t core, priority;
    uint64_t share; /* of the core, in thousandths */
    uint32_t thread;
};

static int demand_compare(const void *left, const void *right)
{
    const struct demand *a = left, *b = right;
    if (a->core != b->core) {
        return a->core < b->core ? -1 : 1;
    }
    if (a->priority != b->priority) {
        return a->priority > b->priority ? -1 : 1;
    }
    return a->thread < b->thread ? -1 : a->thread > b->thread;
}

/* Threads with a scheduling context. A period of 0 means a round-robin slice: the whole core. */
static uint32_t demands_collect(const struct audit *audit, struct demand **list)
{
    uint32_t count = 0, capacity = 0;
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        const struct capdl_object *tcb = object_at(audit, i);
        uint32_t cap =
            tcb->kind == CAPDL_TCB ? capdl_cap_find(audit->spec, i, SLOT_CONTEXT) : CAPDL_NONE;
        if (cap == CAPDL_NONE) {
            continue;
        }
        const struct capdl_object *context = object_at(audit, audit->spec->caps[cap].target);
        uint64_t period = context->u.sc.period;
        uint64_t budget = context->u.sc.budget;
        uint64_t share = period == 0 || budget >= period ? PER_MILLE : budget * PER_MILLE / period;
        struct demand demand = { tcb->u.tcb.affinity, tcb->u.tcb.prio, share, i };
        CAPDL_PUSH(*list, count, capacity, demand);
    }
    if (count > 0) {
        qsort(*list, count, sizeof(**list), demand_compare);
    }
    return count;
}

static void report_time(const struct audit *audit, struct capdl_text *out)
{
    struct demand *list = NULL;
    uint32_t count = demands_collect(audit, &list);
    uint64_t above = 0; /* of higher priorities on the core */
    capdl_text_printf(out, "processor time (share of the core a thread may use)\n");
    for (uint32_t i = 0; i < count;) {
        if (i == 0 || list[i].core != list[i - 1].core) {
            capdl_text_printf(out, "  core %llu\n", (unsigned long long)list[i].core);
            above = 0;
        }
        uint64_t level = 0;
        uint32_t first = i;
        for (; i < count && list[i].core == list[first].core &&
               list[i].priority == list[first].priority;
             i++) {
            level += list[i].share;
            capdl_text_printf(out, "    priority %3llu  %3llu.%llu %%  %s\n",
                              (unsigned long long)list[i].priority,
                              (unsigned long long)list[i].share / 10,
                              (unsigned long long)list[i].share % 10,
                              capdl_object_text(audit->spec, list[i].thread));
        }
        uint64_t left = above >= PER_MILLE ? 0 : PER_MILLE - above;
        capdl_text_printf(out, "      asks %llu %%, is left %llu %% if all above use theirs%s\n",
                          (unsigned long long)level / 10, (unsigned long long)left / 10,
                          left == 0      ? ": may starve"
                          : level > left ? ": may get less than it asks"
                                         : "");
        above += level;
    }
    free(list);
}

static void report_memory(const struct audit *audit, struct capdl_text *out)
{
    uint64_t *used = capdl_alloc(audit->spec->object_count + 1u, sizeof(*used));
    capdl_text_printf(out, "memory (made / set aside)\n");
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        uint32_t parent = object_at(audit, i)->parent;
        uint32_t bits = capdl_object_size_bits(audit->spec, i);
        if (parent != CAPDL_NONE && bits > 0) {
            used[parent] += UINT64_C(1) << (bits & 63);
        }
    }
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        const struct capdl_object *object = object_at(audit, i);
        if (object->kind == CAPDL_UT && (object->present & CAPDL_HAS_BITS) != 0) {
            capdl_text_printf(out, "  %10llu KiB / %10llu KiB  %s\n",
                              (unsigned long long)used[i] >> 10,
                              (unsigned long long)(UINT64_C(1) << (object->bits & 63)) >> 10,
                              capdl_object_text(audit->spec, i));
        }
    }
    free(used);
}

void report_budgets(const struct audit *audit, struct capdl_text *out)
{
    report_time(audit, out);
    report_memory(audit, out);
}
