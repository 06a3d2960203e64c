/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The printer: caps and derivation
 */
#include <stdlib.h>

#include "print.h"

static bool params_equal(const struct capdl_cap *a, const struct capdl_cap *b)
{
    return a->kind == b->kind && a->badge == b->badge && a->rights == b->rights &&
           a->guard == b->guard && a->guard_size == b->guard_size && a->has_asid == b->has_asid &&
           a->asid_high == b->asid_high && a->asid_low == b->asid_low &&
           a->is_uncached == b->is_uncached && a->mapping_table == b->mapping_table &&
           a->mapping_slot == b->mapping_slot;
}

static void print_rights(const struct capdl_spec *spec, const struct capdl_cap *cap,
                         struct list *list)
{
    bool is_frame = spec->objects[cap->target].kind == CAPDL_FRAME;
    if (cap->rights == 0) {
        return;
    }
    list_item(list);
    capdl_text_printf(list->out, "%s%s%s%s", (cap->rights & CAPDL_RIGHT_READ) != 0 ? "R" : "",
                      (cap->rights & CAPDL_RIGHT_WRITE) != 0 ? "W" : "",
                      (cap->rights & CAPDL_RIGHT_GRANT) == 0 ? ""
                      : is_frame                             ? "X"
                                                             : "G",
                      (cap->rights & CAPDL_RIGHT_GRANT_REPLY) != 0 ? "P" : "");
}

static void print_params(const struct capdl_spec *spec, const struct capdl_cap *cap,
                         struct capdl_text *out)
{
    struct list list = { out, " (", false };
    if (cap->kind == CAPDL_CAP_SCHED_CONTROL) {
        list_number(&list, "core", cap->badge);
    } else if (cap->kind == CAPDL_CAP_REPLY || cap->kind == CAPDL_CAP_MASTER_REPLY) {
        list_item(&list);
        capdl_text_printf(out, "%s", cap->kind == CAPDL_CAP_REPLY ? "reply" : "master_reply");
    } else if (cap->kind == CAPDL_CAP_OBJECT) {
        if (cap->badge != 0) {
            list_number(&list, "badge", cap->badge);
        }
        if (cap->guard != 0) {
            list_number(&list, "guard", cap->guard);
        }
        if (cap->guard_size != 0) {
            list_number(&list, "guard_size", cap->guard_size);
        }
        print_rights(spec, cap, &list);
    }
    if (cap->has_asid) {
        list_item(&list);
        capdl_text_printf(out, "asid: (0x%llx, 0x%llx)", (unsigned long long)cap->asid_high,
                          (unsigned long long)cap->asid_low);
    }
    if (cap->is_uncached) {
        list_item(&list);
        capdl_text_printf(out, "uncached");
    }
    if (cap->mapping_table != CAPDL_NONE) {
        list_item(&list);
        capdl_text_printf(out, "mapping: ");
        print_slot(spec, cap->mapping_table, cap->mapping_slot, out);
    }
    list_end(&list, ")");
}

/* One entry; as many caps as follow in consecutive slots for elements of one array. */
static uint32_t print_entry(const struct capdl_spec *spec, const struct capdl_cap *caps,
                            uint32_t count, struct capdl_text *out)
{
    static const char *const globals[] = {
        [CAPDL_CAP_IRQ_CONTROL] = "irq_control",
        [CAPDL_CAP_ASID_CONTROL] = "asid_control",
        [CAPDL_CAP_DOMAIN] = "domain",
        [CAPDL_CAP_IO_SPACE_MASTER] = "io_space_master",
        [CAPDL_CAP_SCHED_CONTROL] = "sched_control",
    };
    uint32_t taken = 1;
    capdl_text_printf(out, "        %llu: ", (unsigned long long)caps[0].slot);
    if (caps[0].target == CAPDL_NONE) {
        capdl_text_printf(out, "%s", globals[caps[0].kind]);
    } else {
        struct run run = { 0 };
        run_start(spec, &run, caps[0].target);
        while (taken < count && caps[taken].slot == caps[0].slot + taken &&
               caps[taken].target != CAPDL_NONE && params_equal(&caps[0], &caps[taken]) &&
               run_add(spec, &run, caps[taken].target)) {
            taken++;
        }
        run_end(&run, out);
    }
    print_params(spec, &caps[0], out);
    capdl_text_printf(out, "\n");
    return taken;
}

static bool contents_equal(const struct capdl_spec *spec, const struct capdl_object *a,
                           const struct capdl_object *b)
{
    if (a->cap_count != b->cap_count) {
        return false;
    }
    for (uint32_t i = 0; i < a->cap_count; i++) {
        const struct capdl_cap *left = &spec->caps[a->first_cap + i];
        const struct capdl_cap *right = &spec->caps[b->first_cap + i];
        if (left->slot != right->slot || left->target != right->target ||
            !params_equal(left, right)) {
            return false;
        }
    }
    return true;
}

void print_caps(const struct capdl_spec *spec, const uint32_t *sorted, struct capdl_text *out)
{
    capdl_text_printf(out, "caps {\n");
    for (uint32_t i = 0; i < spec->object_count;) {
        const struct capdl_object *object = &spec->objects[sorted[i]];
        struct run run = { 0 };
        run_start(spec, &run, sorted[i++]);
        while (i < spec->object_count && contents_equal(spec, object, &spec->objects[sorted[i]]) &&
               run_add(spec, &run, sorted[i])) {
            i++;
        }
        if (object->cap_count == 0) {
            capdl_text_free(&run.text);
            continue;
        }
        capdl_text_printf(out, "    ");
        run_end(&run, out);
        capdl_text_printf(out, " {\n");
        for (uint32_t c = 0; c < object->cap_count;) {
            c += print_entry(spec, &spec->caps[object->first_cap + c], object->cap_count - c, out);
        }
        capdl_text_printf(out, "    }\n");
    }
    capdl_text_printf(out, "}\n");
}

/* Edges in the order of their parents, then children; ranks are places in the order by name. */
struct ranked_edge {
    uint32_t parent_rank, child_rank;
    const struct capdl_edge *edge;
};

static int edge_compare(const void *left, const void *right)
{
    const struct ranked_edge *a = left;
    const struct ranked_edge *b = right;
    if (a->parent_rank != b->parent_rank) {
        return a->parent_rank < b->parent_rank ? -1 : 1;
    }
    if (a->edge->parent_slot != b->edge->parent_slot) {
        return a->edge->parent_slot < b->edge->parent_slot ? -1 : 1;
    }
    if (a->child_rank != b->child_rank) {
        return a->child_rank < b->child_rank ? -1 : 1;
    }
    return a->edge->child_slot < b->edge->child_slot ? -1
                                                     : a->edge->child_slot > b->edge->child_slot;
}

static struct ranked_edge *edges_sorted(const struct capdl_spec *spec, const uint32_t *sorted)
{
    uint32_t *rank = capdl_alloc(spec->object_count, sizeof(*rank));
    struct ranked_edge *edges = capdl_alloc(spec->edge_count, sizeof(*edges));
    for (uint32_t i = 0; i < spec->object_count; i++) {
        rank[sorted[i]] = i;
    }
    for (uint32_t i = 0; i < spec->edge_count; i++) {
        const struct capdl_edge *edge = &spec->edges[i];
        edges[i] = (struct ranked_edge){ rank[edge->parent], rank[edge->child], edge };
    }
    if (spec->edge_count > 1) {
        qsort(edges, spec->edge_count, sizeof(*edges), edge_compare);
    }
    free(rank);
    return edges;
}

void print_cdt(const struct capdl_spec *spec, const uint32_t *sorted, struct capdl_text *out)
{
    struct ranked_edge *edges = edges_sorted(spec, sorted);
    capdl_text_printf(out, "cdt {\n");
    for (uint32_t i = 0; i < spec->edge_count;) {
        const struct capdl_edge *edge = edges[i].edge;
        capdl_text_printf(out, "    ");
        print_slot(spec, edge->parent, edge->parent_slot, out);
        capdl_text_printf(out, " {\n");
        for (; i < spec->edge_count && edges[i].edge->parent == edge->parent &&
               edges[i].edge->parent_slot == edge->parent_slot;
             i++) {
            capdl_text_printf(out, "        ");
            print_slot(spec, edges[i].edge->child, edges[i].edge->child_slot, out);
            capdl_text_printf(out, "\n");
        }
        capdl_text_printf(out, "    }\n");
    }
    capdl_text_printf(out, "}\n");
    free(edges);
}
