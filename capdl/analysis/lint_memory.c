/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lints about memory and devices
 */
#include "board.h"
#include "lint.h"

#include <stdlib.h>

/* Whoever can write what it executes turns one overflow into any program. A guest's memory must
 * be both: the guest itself decides what it executes. */
static void lint_writable_code(const struct lint *lint, const struct frame_use *use, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint32_t subject = audit->subject_of[use->container];
    if ((use->bits & USE_WRITE) == 0 || (use->bits & USE_EXECUTE) == 0 ||
        audit->subjects[subject].is_guest) {
        return;
    }
    struct found found = { "writable-code", use->cap, CAPDL_NONE, subject, node };
    lint_add(lint, &found,
             "%s can write and execute %s: a mistake in it can become any program\n"
             "map it writable or executable, not both",
             audit->subjects[subject].name, audit->nodes[node].words);
}

/* Another component can write what one executes, or its stack or IPC buffer. */
static void lint_foreign_write(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    const struct links *controls = &audit->system.controls;
    for (uint32_t i = controls->first[node]; i != AUTHORITY_NONE; i = controls->list[i].next) {
        const struct authority_link *link = &controls->list[i];
        for (uint32_t j = 0; j < audit->system.subject_count; j++) {
            uint32_t fact = closure_find(audit->closure, j, node, POWER_WRITE);
            uint32_t thread = audit->node_of[audit->subjects[link->target].thread];
            if (j == link->target || !is_held(audit, fact) ||
                holds(audit, j, thread, POWER_CONTROL)) {
                continue; /* who holds the thread needs no trick */
            }
            const char *words = link->reason == LINK_CODE    ? "code"
                                : link->reason == LINK_STACK ? "stack"
                                                             : "IPC buffer";
            struct found found = { "foreign-write", audit->closure->facts[fact].origin, CAPDL_NONE,
                                   j, node };
            lint_add(lint, &found,
                     "%s can write the %s of %s (%s) and so make it do anything\n"
                     "map it read-only in %s",
                     audit->subjects[j].name, words, audit->subjects[link->target].name,
                     audit->nodes[node].words, audit->subjects[j].name);
        }
    }
}

/* Memory that two share and nobody writes, or that one writes for nobody. */
static void lint_shared_use(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint32_t first, second, writer, other;
    uint32_t readers = lint_holders(audit, node, POWER_READ, &first, &second);
    uint32_t writers = lint_holders(audit, node, POWER_WRITE, &writer, &other);
    const struct capdl_object *frame = object_at(audit, audit->nodes[node].object);
    if (readers < 2 || writers > 0 || audit->nodes[node].is_device ||
        (frame->present & (CAPDL_HAS_FILL | CAPDL_HAS_PADDR)) != 0) {
        return;
    }
    uint32_t fact = closure_find(audit->closure, first, node, POWER_READ);
    struct found found = { "unused-right", audit->closure->facts[fact].origin, CAPDL_NONE, first,
                           node };
    lint_add(lint, &found,
             "%s is shared by %s and %s but nobody can write it: it stays zero\n"
             "let one of them write it, or remove it",
             audit->nodes[node].words, audit->subjects[first].name, audit->subjects[second].name);
}

/* A mapping that ends where the stack begins is what an overflow writes to. */
static void lint_stack_guard(const struct lint *lint, const struct frame_use *stack)
{
    const struct audit *audit = lint->audit;
    for (uint32_t i = 0; i < audit->use_count; i++) {
        const struct frame_use *use = &audit->uses[i];
        uint64_t bytes = UINT64_C(1) << (object_at(audit, use->frame)->bits & 63);
        if (use->container != stack->container || (use->bits & USE_WRITE) == 0 ||
            (use->bits & USE_STACK) != 0 || use->address + bytes != stack->address) {
            continue;
        }
        uint32_t subject = audit->subject_of[stack->container];
        uint32_t node = audit->node_of[use->frame];
        struct found found = { "no-stack-guard", use->cap, CAPDL_NONE, subject, node };
        lint_add(lint, &found,
                 "%s ends where the stack of %s ends: an overflow of the stack writes into it\n"
                 "leave an unmapped page below the stack",
                 audit->nodes[node].words, audit->subjects[subject].name);
    }
}

void lint_memory(const struct lint *lint)
{
    const struct audit *audit = lint->audit;
    for (uint32_t i = 0; i < audit->use_count; i++) {
        const struct frame_use *use = &audit->uses[i];
        if (audit->subject_of[use->container] != AUTHORITY_NONE) {
            lint_writable_code(lint, use, audit->node_of[use->frame]);
            if ((use->bits & USE_STACK) != 0) {
                lint_stack_guard(lint, use);
            }
        }
    }
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit->system.kinds[i] == NODE_MEMORY) {
            lint_foreign_write(lint, i);
            lint_shared_use(lint, i);
        }
    }
}
