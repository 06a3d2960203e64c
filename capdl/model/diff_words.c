/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Words for places and caps
 */
#include "diff_words.h"

#include <stdlib.h>

#include "model/check.h"
#include "model/order.h"

/* Levels of page tables there are at most. */
#define LEVELS_MAX 4

void wording_make(struct wording *wording, const struct capdl_spec *spec)
{
    uint32_t count = spec->object_count;
    *wording = (struct wording){ .spec = spec };
    wording->sorted = capdl_sorted_by_name(spec);
    wording->holder = capdl_alloc(count, sizeof(uint32_t));
    wording->holder_more = capdl_alloc(count, sizeof(uint32_t));
    wording->above = capdl_alloc(count, sizeof(uint32_t));
    for (uint32_t i = 0; i < count; i++) {
        wording->holder[i] = CAPDL_NONE;
        wording->above[i] = CAPDL_NONE;
    }
    for (uint32_t rank = 0; rank < count; rank++) {
        const struct capdl_object *object = &spec->objects[wording->sorted[rank]];
        for (uint32_t i = object->first_cap; i < object->first_cap + object->cap_count; i++) {
            uint32_t target = spec->caps[i].target;
            if (target == CAPDL_NONE) {
                continue;
            }
            if (object->kind == CAPDL_TCB && spec->caps[i].slot < 2) {
                wording->holder_more[target] += wording->holder[target] != CAPDL_NONE;
                wording->holder[target] = wording->holder[target] == CAPDL_NONE
                                              ? wording->sorted[rank]
                                              : wording->holder[target];
            } else if (capdl_kind_is_table(object->kind) && wording->above[target] == CAPDL_NONE) {
                wording->above[target] = i;
            }
        }
    }
}

void wording_free(struct wording *wording)
{
    free(wording->sorted);
    free(wording->holder);
    free(wording->holder_more);
    free(wording->above);
}

void words_object(const struct wording *wording, uint32_t object, struct capdl_text *out)
{
    const struct capdl_object *o = &wording->spec->objects[object];
    capdl_text_printf(out, "%s \"%s\"",
                      o->kind == CAPDL_TCB ? "thread" : capdl_kind_info(o->kind)->words,
                      capdl_object_text(wording->spec, object));
}

/* `thread "t", ` before something of a CNode or an address space; nothing if no thread has it. */
static void words_holder(const struct wording *wording, uint32_t object, struct capdl_text *out)
{
    if (wording->holder[object] == CAPDL_NONE) {
        return;
    }
    words_object(wording, wording->holder[object], out);
    if (wording->holder_more[object] > 0) {
        capdl_text_printf(out, " and %u more", wording->holder_more[object]);
    }
    capdl_text_printf(out, ", ");
}

/* Where an entry of a table lies, if the way up to a root is known. */
static void words_address(const struct wording *wording, uint32_t table, uint64_t slot,
                          struct capdl_text *out)
{
    const struct capdl_spec *spec = wording->spec;
    uint64_t address = 0;
    uint32_t entries = 0;
    uint32_t span = 0;
    uint32_t root = table;
    for (uint32_t level = 0; level < LEVELS_MAX; level++) {
        if (!capdl_table_shape(spec, root, &entries, &span) || span == 0) {
            return;
        }
        address += slot << span;
        if (wording->above[root] == CAPDL_NONE) {
            break;
        }
        const struct capdl_cap *above = &spec->caps[wording->above[root]];
        slot = above->slot;
        root = above->container;
    }
    words_holder(wording, root, out);
    capdl_text_printf(out, "address 0x%llx, ", (unsigned long long)address);
}

void words_place(const struct wording *wording, uint32_t container, uint64_t slot,
                 struct capdl_text *out)
{
    static const char *const slots[] = {
        "CSpace",
        "address space",
        "reply slot",
        "caller slot",
        "IPC buffer",
        "fault handler",
        "scheduling context",
        "timeout handler",
        "bound notification",
        "VCPU",
    };
    enum capdl_kind kind = wording->spec->objects[container].kind;
    if (kind == CAPDL_TCB && slot < sizeof(slots) / sizeof(slots[0])) {
        words_object(wording, container, out);
        capdl_text_printf(out, ", its %s", slots[slot]);
        return;
    }
    if (kind == CAPDL_CNODE) {
        words_holder(wording, container, out);
    } else if (capdl_kind_is_table(kind)) {
        words_address(wording, container, slot, out);
    } else if (capdl_kind_is_irq(kind) && slot == 0) {
        words_object(wording, container, out);
        capdl_text_printf(out, ", what it signals");
        return;
    }
    capdl_text_printf(out, "slot %llu of ", (unsigned long long)slot);
    words_object(wording, container, out);
}

void words_rights(const struct wording *wording, const struct capdl_cap *cap, uint8_t rights,
                  struct capdl_text *out)
{
    bool is_frame = wording->spec->objects[cap->target].kind == CAPDL_FRAME;
    const struct {
        uint8_t right;
        const char *word;
    } words[] = {
        { CAPDL_RIGHT_READ, "read" },
        { CAPDL_RIGHT_WRITE, "write" },
        { CAPDL_RIGHT_GRANT, is_frame ? "execute" : "grant" },
        { CAPDL_RIGHT_GRANT_REPLY, "grant reply" },
    };
    const char *before = "";
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if ((rights & words[i].right) != 0) {
            capdl_text_printf(out, "%s%s", before, words[i].word);
            before = ", ";
        }
    }
}

void words_target(const struct wording *wording, const struct capdl_cap *cap,
                  struct capdl_text *out)
{
    switch ((enum capdl_cap_kind)cap->kind) {
    case CAPDL_CAP_OBJECT: words_object(wording, cap->target, out); break;
    case CAPDL_CAP_REPLY:
        capdl_text_printf(out, "a reply to ");
        words_object(wording, cap->target, out);
        break;
    case CAPDL_CAP_MASTER_REPLY:
        capdl_text_printf(out, "the master reply of ");
        words_object(wording, cap->target, out);
        break;
    case CAPDL_CAP_IRQ_CONTROL: capdl_text_printf(out, "control of all interrupts"); break;
    case CAPDL_CAP_ASID_CONTROL:
        capdl_text_printf(out, "control of address-space identifiers");
        break;
    case CAPDL_CAP_DOMAIN: capdl_text_printf(out, "control of domains"); break;
    case CAPDL_CAP_IO_SPACE_MASTER: capdl_text_printf(out, "control of all IO spaces"); break;
    case CAPDL_CAP_SCHED_CONTROL:
        capdl_text_printf(out, "control of the time of core %llu", (unsigned long long)cap->badge);
        break;
    }
}

void words_cap(const struct wording *wording, const struct capdl_cap *cap, struct capdl_text *out)
{
    words_target(wording, cap, out);
    if (cap->kind != CAPDL_CAP_OBJECT) {
        return;
    }
    enum capdl_kind kind = wording->spec->objects[cap->target].kind;
    if (kind == CAPDL_EP || kind == CAPDL_NOTIFICATION || kind == CAPDL_FRAME) {
        capdl_text_printf(out, " (");
        if (cap->rights == 0) {
            capdl_text_printf(out, "no rights");
        }
        words_rights(wording, cap, cap->rights, out);
        if (cap->badge != 0) {
            capdl_text_printf(out, "; badge %llu", (unsigned long long)cap->badge);
        }
        capdl_text_printf(out, "%s)", cap->is_uncached ? "; uncached" : "");
    }
}
