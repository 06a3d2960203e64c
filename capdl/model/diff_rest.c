/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What differs between two systems besides objects and caps
 */
#include <stdlib.h>
#include <string.h>

#include "diff_parts.h"
#include "model/order.h"

static void diff_irqs(struct diff *diff)
{
    const struct capdl_spec *a = diff->a.spec;
    const struct capdl_spec *b = diff->b.spec;
    uint32_t i = 0;
    uint32_t k = 0;
    while (i < a->irq_count || k < b->irq_count) {
        const struct capdl_irq_line *left = i < a->irq_count ? &a->irqs[i] : NULL;
        const struct capdl_irq_line *right = k < b->irq_count ? &b->irqs[k] : NULL;
        bool has_left = left != NULL && (right == NULL || left->number <= right->number);
        bool has_right = right != NULL && (left == NULL || right->number <= left->number);
        i += has_left;
        k += has_right;
        if (has_left && has_right && diff->match.to_b[left->object] == right->object) {
            continue;
        }
        if (has_left) {
            diff_start(diff, DIFF_OTHER);
            diff_end(diff, "interrupt %llu is no longer that of \"%s\"",
                     (unsigned long long)left->number, capdl_object_text(a, left->object));
        }
        if (has_right) {
            diff_start(diff, DIFF_OTHER);
            diff_end(diff, "interrupt %llu is now that of \"%s\"",
                     (unsigned long long)right->number, capdl_object_text(b, right->object));
        }
    }
}

static void words_edge(const struct wording *side, const struct capdl_edge *edge, const char *verb,
                       struct capdl_text *out)
{
    capdl_text_printf(out, "slot %llu of ", (unsigned long long)edge->child_slot);
    words_object(side, edge->child, out);
    capdl_text_printf(out, " %s derived from slot %llu of ", verb,
                      (unsigned long long)edge->parent_slot);
    words_object(side, edge->parent, out);
}

static int line_compare(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* The edges of one side that the other has not, in the order of their words. */
static void diff_edges(struct diff *diff, const struct wording *side,
                       const struct capdl_spec *other, const uint32_t *counterparts,
                       const char *verb)
{
    const struct capdl_spec *spec = side->spec;
    char **lines = NULL;
    uint32_t count = 0;
    uint32_t capacity = 0;
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        const struct capdl_edge *edge = &spec->edges[i];
        uint32_t child = counterparts[edge->child];
        uint32_t found = child == CAPDL_NONE
                             ? UINT32_MAX
                             : capdl_map_get(&other->edge_map, child, edge->child_slot);
        if (found != UINT32_MAX && other->edges[found].parent == counterparts[edge->parent] &&
            other->edges[found].parent_slot == edge->parent_slot) {
            continue;
        }
        struct capdl_text line = { 0 };
        words_edge(side, edge, verb, &line);
        CAPDL_PUSH(lines, count, capacity, line.bytes);
    }
    if (count > 1) {
        qsort(lines, count, sizeof(*lines), line_compare);
    }
    for (uint32_t i = 0; i < count; i++) {
        diff_start(diff, DIFF_OTHER);
        diff_end(diff, "%s", lines[i]);
        free(lines[i]);
    }
    free(lines);
}

static void words_schedule(const struct capdl_spec *spec, struct capdl_text *out)
{
    if (!spec->has_schedule) {
        capdl_text_printf(out, "no schedule");
        return;
    }
    for (uint32_t i = 0; i < spec->schedule_count; i++) {
        const struct capdl_schedule_entry *entry = &spec->schedule[i];
        capdl_text_printf(out, "%s(%llu, %llu%s)", i == 0 ? "" : ", ",
                          (unsigned long long)entry->domain, (unsigned long long)entry->duration,
                          entry->duration == 0      ? ""
                          : entry->unit == CAPDL_US ? " us"
                                                    : " ticks");
    }
    if (spec->has_no_start) {
        capdl_text_printf(out, " without start");
    } else {
        capdl_text_printf(out, " from entry %llu", (unsigned long long)spec->domain_start);
    }
    capdl_text_printf(out, ", shifted by %llu", (unsigned long long)spec->index_shift);
}

static void diff_schedule(struct diff *diff)
{
    struct capdl_text before = { 0 };
    struct capdl_text after = { 0 };
    words_schedule(diff->a.spec, &before);
    words_schedule(diff->b.spec, &after);
    if (strcmp(before.bytes, after.bytes) != 0) {
        diff_start(diff, DIFF_OTHER);
        diff_end(diff, "domains: was %s; is %s", before.bytes, after.bytes);
    }
    capdl_text_free(&before);
    capdl_text_free(&after);
}

void diff_rest(struct diff *diff)
{
    diff_irqs(diff);
    diff_edges(diff, &diff->a, diff->b.spec, diff->match.to_b, "is no longer");
    diff_edges(diff, &diff->b, diff->a.spec, diff->match.to_a, "is now");
    diff_schedule(diff);
}
