/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What differs between the caps of two systems, and between the rest of them
 */
#include <stdlib.h>
#include <string.h>

#include "diff_parts.h"

static void cap_line(struct diff *diff, const struct wording *side, enum diff_class class,
                     const struct capdl_cap *cap)
{
    diff_start(diff, class);
    words_place(side, cap->container, cap->slot, diff->out);
    capdl_text_printf(diff->out, ": %s ", class == DIFF_ADDED ? "now has" : "no longer has");
    words_cap(side, cap, diff->out);
    diff_end(diff, "%s", "");
}

static void rights_line(struct diff *diff, enum diff_class class, const struct capdl_cap *cap,
                        uint8_t rights)
{
    if (rights == 0) {
        return;
    }
    diff_start(diff, class);
    words_place(&diff->b, cap->container, cap->slot, diff->out);
    capdl_text_printf(diff->out, ": %s ", class == DIFF_ADDED ? "now also has" : "no longer has");
    words_rights(&diff->b, cap, rights, diff->out);
    capdl_text_printf(diff->out, " on ");
    words_target(&diff->b, cap, diff->out);
    diff_end(diff, "%s", "");
}

static void number_line(struct diff *diff, const struct capdl_cap *cap, const char *what,
                        uint64_t before, uint64_t after)
{
    if (before == after) {
        return;
    }
    diff_start(diff, DIFF_OTHER);
    words_place(&diff->b, cap->container, cap->slot, diff->out);
    capdl_text_printf(diff->out, ": %s of the cap to ", what);
    words_target(&diff->b, cap, diff->out);
    diff_end(diff, " was %llu, is %llu", (unsigned long long)before, (unsigned long long)after);
}

static uint32_t in_b(const struct diff *diff, uint32_t a)
{
    return a == CAPDL_NONE ? CAPDL_NONE : diff->match.to_b[a];
}

static void diff_mapping(struct diff *diff, const struct capdl_cap *a, const struct capdl_cap *b)
{
    if (in_b(diff, a->mapping_table) == b->mapping_table &&
        (b->mapping_table == CAPDL_NONE || a->mapping_slot == b->mapping_slot) &&
        (a->mapping_table == CAPDL_NONE) == (b->mapping_table == CAPDL_NONE)) {
        return;
    }
    diff_start(diff, DIFF_OTHER);
    words_place(&diff->b, b->container, b->slot, diff->out);
    if (b->mapping_table == CAPDL_NONE) {
        diff_end(diff, ": is no longer the cap of a mapping");
    } else {
        diff_end(diff, ": is now the cap of the mapping in slot %llu of \"%s\"",
                 (unsigned long long)b->mapping_slot,
                 capdl_object_text(diff->b.spec, b->mapping_table));
    }
}

/* Two caps in the same slot. */
static void diff_cap(struct diff *diff, const struct capdl_cap *a, const struct capdl_cap *b)
{
    bool has_target = b->target != CAPDL_NONE;
    if (a->kind != b->kind || (a->target != CAPDL_NONE) != has_target ||
        in_b(diff, a->target) != b->target ||
        (b->kind == CAPDL_CAP_SCHED_CONTROL && a->badge != b->badge)) {
        cap_line(diff, &diff->a, DIFF_REMOVED, a);
        cap_line(diff, &diff->b, DIFF_ADDED, b);
        return;
    }
    if (has_target) {
        rights_line(diff, DIFF_ADDED, b, b->rights & (uint8_t)~a->rights);
        rights_line(diff, DIFF_REMOVED, b, a->rights & (uint8_t)~b->rights);
    }
    number_line(diff, b, "the badge", a->badge, b->badge);
    number_line(diff, b, "the guard", a->guard, b->guard);
    number_line(diff, b, "the guard size", a->guard_size, b->guard_size);
    number_line(diff, b, "uncached", a->is_uncached, b->is_uncached);
    number_line(diff, b, "asid (high)", a->has_asid ? a->asid_high : 0,
                b->has_asid ? b->asid_high : 0);
    number_line(diff, b, "asid (low)", a->has_asid ? a->asid_low : 0,
                b->has_asid ? b->asid_low : 0);
    diff_mapping(diff, a, b);
}

static void diff_container(struct diff *diff, const struct capdl_object *a,
                           const struct capdl_object *b)
{
    static const struct capdl_object nothing;
    a = a == NULL ? &nothing : a;
    b = b == NULL ? &nothing : b;
    const struct capdl_cap *left = a->cap_count == 0 ? NULL : &diff->a.spec->caps[a->first_cap];
    const struct capdl_cap *right = b->cap_count == 0 ? NULL : &diff->b.spec->caps[b->first_cap];
    uint32_t i = 0;
    uint32_t k = 0;
    while (i < a->cap_count || k < b->cap_count) {
        if (k == b->cap_count || (i < a->cap_count && left[i].slot < right[k].slot)) {
            cap_line(diff, &diff->a, DIFF_REMOVED, &left[i++]);
        } else if (i == a->cap_count || right[k].slot < left[i].slot) {
            cap_line(diff, &diff->b, DIFF_ADDED, &right[k++]);
        } else {
            diff_cap(diff, &left[i++], &right[k++]);
        }
    }
}

void diff_caps(struct diff *diff)
{
    const struct capdl_spec *a = diff->a.spec;
    const struct capdl_spec *b = diff->b.spec;
    for (uint32_t i = 0; i < a->object_count; i++) {
        uint32_t object = diff->a.sorted[i];
        if (diff->match.to_b[object] == CAPDL_NONE) {
            diff_container(diff, &a->objects[object], NULL);
        }
    }
    for (uint32_t i = 0; i < b->object_count; i++) {
        uint32_t object = diff->b.sorted[i];
        uint32_t other = diff->match.to_a[object];
        diff_container(diff, other == CAPDL_NONE ? NULL : &a->objects[other], &b->objects[object]);
    }
}
