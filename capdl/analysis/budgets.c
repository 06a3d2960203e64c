/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Processor time and memory
 */
#include "budgets.h"

#include "analysis/report.h"
#include "extract.h"

#include <model/order.h>

#include <stdlib.h>

enum { SLOT_CONTEXT = 6, PER_MILLE = 1000 };

struct demand {
    uint64_t core, priority;
    uint64_t share; /* of the core, in thousandths */
    uint32_t thread;
    uint32_t cap; /* to the scheduling context */
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
        struct demand demand = { tcb->u.tcb.affinity, tcb->u.tcb.prio, share, i, cap };
        CAPDL_PUSH(*list, count, capacity, demand);
    }
    if (count > 0) {
        qsort(*list, count, sizeof(**list), demand_compare);
    }
    return count;
}

static bool demand_is_meant(const struct audit *audit, const struct demand *demand,
                            const struct budget_filter *filter)
{
    return demand->core == filter->core && demand->priority >= filter->priority &&
           (filter->subject == AUTHORITY_NONE ||
            audit->subject_of[demand->thread] == filter->subject);
}

uint64_t budget_share(const struct audit *audit, const struct budget_filter *filter)
{
    struct demand *list = NULL;
    uint32_t count = demands_collect(audit, &list);
    uint64_t share = 0;
    for (uint32_t i = 0; i < count; i++) {
        share += demand_is_meant(audit, &list[i], filter) ? list[i].share : 0;
    }
    free(list);
    return share;
}

void budget_share_list(const struct audit *audit, const struct budget_filter *filter,
                       struct capdl_text *out)
{
    struct demand *list = NULL;
    uint32_t count = demands_collect(audit, &list);
    for (uint32_t i = 0; i < count; i++) {
        if (demand_is_meant(audit, &list[i], filter)) {
            capdl_text_printf(
                out, "  priority %3llu  %3llu.%llu %%  %s (%s)\n",
                (unsigned long long)list[i].priority, (unsigned long long)list[i].share / 10,
                (unsigned long long)list[i].share % 10,
                capdl_object_text(audit->spec, list[i].thread), audit_place(audit, list[i].cap));
        }
    }
    free(list);
}

uint64_t budget_last_core(const struct audit *audit)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        const struct capdl_object *tcb = object_at(audit, i);
        last = tcb->kind == CAPDL_TCB && tcb->u.tcb.affinity > last ? tcb->u.tcb.affinity : last;
    }
    return last < 64 ? last : 64;
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

/* Adds up, by node of memory, what the component has mapped. Devices are no memory. */
static uint64_t memory_add(const struct audit *audit, uint32_t subject, uint64_t *by_node)
{
    struct capdl_map met = { 0 };
    uint64_t bytes = 0;
    for (uint32_t i = 0; i < audit->use_count; i++) {
        const struct frame_use *use = &audit->uses[i];
        uint32_t node = audit->node_of[use->frame];
        if (use->container != audit->subjects[subject].vspace || audit->nodes[node].is_device ||
            capdl_map_get(&met, 0, use->frame) != AUTHORITY_NONE) {
            continue;
        }
        capdl_map_set(&met, 0, use->frame, 0);
        uint64_t size = UINT64_C(1) << (object_at(audit, use->frame)->bits & 63);
        by_node[node] += size;
        bytes += size;
    }
    capdl_map_free(&met);
    return bytes;
}

uint64_t budget_memory(const struct audit *audit, uint32_t subject)
{
    uint64_t *by_node = capdl_alloc(audit->system.node_count + 1u, sizeof(*by_node));
    uint64_t bytes = memory_add(audit, subject, by_node);
    free(by_node);
    return bytes;
}

void budget_memory_list(const struct audit *audit, uint32_t subject, struct capdl_text *out)
{
    uint64_t *by_node = capdl_alloc(audit->system.node_count + 1u, sizeof(*by_node));
    memory_add(audit, subject, by_node);
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (by_node[i] > 0) {
            uint32_t fact = closure_find(audit->closure, subject, i, POWER_READ);
            capdl_text_printf(out, "  %10llu KiB  %s (%s)\n", (unsigned long long)by_node[i] >> 10,
                              audit->nodes[i].words,
                              fact == AUTHORITY_NONE
                                  ? audit_object_place(audit, audit->nodes[i].object)
                                  : audit_place(audit, audit->closure->facts[fact].origin));
        }
    }
    free(by_node);
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
    capdl_text_printf(out, "memory mapped, by component\n");
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        capdl_text_printf(out, "  %10llu KiB  %s\n",
                          (unsigned long long)budget_memory(audit, i) >> 10,
                          audit->subjects[i].name);
    }
}

void report_budgets(const struct audit *audit, struct capdl_text *out)
{
    report_time(audit, out);
    report_memory(audit, out);
}
