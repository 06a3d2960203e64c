/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What differs between two systems: the lines, and the objects
 */
#include "model/diff.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "diff_parts.h"

void diff_start(struct diff *diff, enum diff_class class)
{
    static const char *const words[] = { "added:      ", "taken away: ", "changed:    " };
    uint32_t *counts[] = { &diff->counts.added, &diff->counts.removed, &diff->counts.other };
    ++*counts[class];
    capdl_text_printf(diff->out, "%s", words[class]);
}

void diff_end(struct diff *diff, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    capdl_text_vprintf(diff->out, format, args);
    va_end(args);
    capdl_text_add(diff->out, "\n", 1);
}

/*
 * Objects of one side without counterpart. Neighbours of one array are one line.
 */
static void diff_alone(struct diff *diff, const struct wording *side, const uint32_t *other,
                       const char *words)
{
    const struct capdl_spec *spec = side->spec;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        uint32_t first = side->sorted[i];
        const struct capdl_object *object = &spec->objects[first];
        if (other[first] != CAPDL_NONE) {
            continue;
        }
        uint32_t last = object->index;
        while (i + 1 < spec->object_count && last != CAPDL_NONE) {
            const struct capdl_object *next = &spec->objects[side->sorted[i + 1]];
            if (next->name != object->name || next->index != last + 1 ||
                other[side->sorted[i + 1]] != CAPDL_NONE) {
                break;
            }
            last++;
            i++;
        }
        diff_start(diff, DIFF_OTHER);
        words_object(side, first, diff->out);
        if (last != object->index) {
            capdl_text_printf(diff->out, " to \"%s[%u]\"", capdl_name_text(spec, object->name),
                              last);
        }
        diff_end(diff, " %s", words);
    }
}

/* The untyped an object is made from, as its counterpart in b sees it; CAPDL_NONE - 1: gone. */
static uint32_t parent_in_b(const struct diff *diff, uint32_t a)
{
    uint32_t parent = diff->a.spec->objects[a].parent;
    if (parent == CAPDL_NONE) {
        return CAPDL_NONE;
    }
    uint32_t counterpart = diff->match.to_b[parent];
    return counterpart == CAPDL_NONE ? CAPDL_NONE - 1 : counterpart;
}

static void words_parent(struct diff *diff, const struct wording *side, uint32_t parent)
{
    if (parent == CAPDL_NONE) {
        capdl_text_printf(diff->out, "no untyped of the spec");
    } else {
        words_object(side, parent, diff->out);
    }
}

static void diff_pairs(struct diff *diff)
{
    for (uint32_t i = 0; i < diff->b.spec->object_count; i++) {
        uint32_t b = diff->b.sorted[i];
        uint32_t a = diff->match.to_a[b];
        if (a == CAPDL_NONE) {
            continue;
        }
        const struct capdl_object *left = &diff->a.spec->objects[a];
        const struct capdl_object *right = &diff->b.spec->objects[b];
        const char *left_name = capdl_name_text(diff->a.spec, left->name);
        const char *right_name = capdl_name_text(diff->b.spec, right->name);
        if (left->index != right->index || strcmp(left_name, right_name) != 0) {
            diff_start(diff, DIFF_OTHER);
            words_object(&diff->a, a, diff->out);
            diff_end(diff, " is now called \"%s\"", capdl_object_text(diff->b.spec, b));
        }
        diff_attributes(diff, a, b);
        if (parent_in_b(diff, a) != right->parent) {
            diff_start(diff, DIFF_OTHER);
            words_object(&diff->b, b, diff->out);
            capdl_text_printf(diff->out, " was made from ");
            words_parent(diff, &diff->a, left->parent);
            capdl_text_printf(diff->out, ", is made from ");
            words_parent(diff, &diff->b, right->parent);
            diff_end(diff, "%s", "");
        }
    }
}

struct capdl_diff_counts capdl_diff(const struct capdl_spec *a, const struct capdl_spec *b,
                                    struct capdl_text *out)
{
    struct diff diff = { .out = out };
    wording_make(&diff.a, a);
    wording_make(&diff.b, b);
    capdl_match_make(&diff.match, a, b);
    if (a->arch != b->arch) {
        diff_start(&diff, DIFF_OTHER);
        diff_end(&diff, "the architecture was %s, is %s", capdl_arch_keyword(a->arch),
                 capdl_arch_keyword(b->arch));
    }
    diff_alone(&diff, &diff.a, diff.match.to_b, "is gone");
    diff_alone(&diff, &diff.b, diff.match.to_a, "is new");
    diff_pairs(&diff);
    diff_caps(&diff);
    diff_rest(&diff);
    capdl_match_free(&diff.match);
    wording_free(&diff.a);
    wording_free(&diff.b);
    return diff.counts;
}
