/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lints about devices and interrupts
 */
#include "board.h"
#include "lint.h"

static struct found found_fact(const struct audit *audit, const char *name, uint32_t subject,
                               uint32_t node, enum power power)
{
    uint32_t fact = closure_find(audit->closure, subject, node, power);
    return (struct found){ name, audit->closure->facts[fact].origin, CAPDL_NONE, subject, node };
}

/* A device that moves memory by itself ignores every mapping. */
static void lint_dma(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (holds(audit, i, node, POWER_WRITE)) {
            struct found found = found_fact(audit, "dma-without-iommu", i, node, POWER_WRITE);
            lint_add(lint, &found,
                     "%s drives %s, which reads and writes any memory by itself; there is no IOMMU "
                     "before it, so %s could reach everything\n"
                     "trust %s with all memory, or give it a device without DMA",
                     audit->subjects[i].name, audit->nodes[node].words, audit->subjects[i].name,
                     audit->subjects[i].name);
        }
    }
}

static void lint_two_drivers(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint64_t address = object_at(audit, audit->nodes[node].object)->paddr;
    const struct board_device *device = board_device_at(address);
    uint32_t first, second;
    if ((device != NULL && device->is_per_viewer) ||
        lint_holders(audit, node, POWER_WRITE, &first, &second) < 2) {
        return;
    }
    struct found found = found_fact(audit, "two-drivers", second, node, POWER_WRITE);
    lint_add(lint, &found,
             "%s and %s can both write %s: each can undo what the other set up\n"
             "let one component drive it and serve the other",
             audit->subjects[first].name, audit->subjects[second].name, audit->nodes[node].words);
}

/* The same physical page may be declared twice, under two names. */
static void lint_two_names(const struct lint *lint, uint32_t node, uint32_t other)
{
    const struct audit *audit = lint->audit;
    const struct capdl_object *a = object_at(audit, audit->nodes[node].object);
    const struct capdl_object *b = object_at(audit, audit->nodes[other].object);
    uint32_t first, second, ignored;
    if (a->paddr + (UINT64_C(1) << (a->bits & 63)) <= b->paddr ||
        b->paddr + (UINT64_C(1) << (b->bits & 63)) <= a->paddr ||
        lint_holders(audit, node, POWER_WRITE, &first, &ignored) == 0 ||
        lint_holders(audit, other, POWER_WRITE, &second, &ignored) == 0) {
        return;
    }
    struct found found = found_fact(audit, "two-drivers", second, other, POWER_WRITE);
    lint_add(lint, &found,
             "%s and %s are the same physical memory: %s and %s can both write it\n"
             "declare it once",
             audit->nodes[node].words, audit->nodes[other].words, audit->subjects[first].name,
             audit->subjects[second].name);
}

static void lint_interrupt(const struct lint *lint, uint32_t node)
{
    const struct audit *audit = lint->audit;
    uint32_t first, second;
    uint32_t count = 0;
    second = first = AUTHORITY_NONE;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (holds(audit, i, node, POWER_CONTROL) && !audit->subjects[i].is_supervisor) {
            second = count == 1 ? i : second;
            first = count == 0 ? i : first;
            count++;
        }
    }
    if (count > 1) {
        struct found found = found_fact(audit, "two-drivers", second, node, POWER_CONTROL);
        lint_add(lint, &found,
                 "%s and %s both hold %s: each can silence or redirect it\n"
                 "give it to one of them",
                 audit->subjects[first].name, audit->subjects[second].name,
                 audit->nodes[node].words);
    }
    /* Bound interrupts nobody can acknowledge stop after the first. */
    const struct capdl_object *irq = object_at(audit, audit->nodes[node].object);
    if (count == 0 && irq->cap_count > 0) {
        struct found found = { "unused-right", irq->first_cap, CAPDL_NONE, AUTHORITY_NONE, node };
        lint_add(lint, &found,
                 "%s is signalled to %s but nobody holds its handler: it comes once and never "
                 "again\n"
                 "give the handler to who waits for it",
                 audit->nodes[node].words,
                 audit->nodes[audit->node_of[audit->spec->caps[irq->first_cap].target]].words);
    }
    if (count == 1 && irq->cap_count == 0) {
        struct found found = found_fact(audit, "unused-right", first, node, POWER_CONTROL);
        lint_add(lint, &found,
                 "%s holds %s, which signals nothing\n"
                 "put a notification into its slot 0",
                 audit->subjects[first].name, audit->nodes[node].words);
    }
}

void lint_devices(const struct lint *lint)
{
    const struct audit *audit = lint->audit;
    for (uint32_t i = 0; i < audit->system.node_count; i++) {
        if (audit->system.kinds[i] == NODE_IRQ) {
            lint_interrupt(lint, i);
        }
        if (audit->system.kinds[i] != NODE_MEMORY || !audit->nodes[i].is_device) {
            continue;
        }
        lint_two_drivers(lint, i);
        if (audit->nodes[i].device_has_dma) {
            lint_dma(lint, i);
        }
        for (uint32_t j = 0; j < i; j++) {
            if (audit->system.kinds[j] == NODE_MEMORY && audit->nodes[j].is_device) {
                lint_two_names(lint, j, i);
            }
        }
    }
}
