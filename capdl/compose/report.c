/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The report for people
 */
#include "plan.h"

#include <inttypes.h>

/* Bytes in the unit that suits them. */
static void report_bytes(struct text *out, uint64_t bytes)
{
    if (bytes >= 16 << 20) {
        text_add(out, "%" PRIu64 " MiB", (bytes + (1 << 20) - 1) >> 20);
    } else if (bytes >= 16 << 10) {
        text_add(out, "%" PRIu64 " KiB", (bytes + (1 << 10) - 1) >> 10);
    } else {
        text_add(out, "%" PRIu64 " bytes", bytes);
    }
}

static void report_holder(struct text *out, const char *name, const struct holder *holder)
{
    text_add(out, "  %-24s uses ", name);
    report_bytes(out, holder->bytes);
    text_add(out, " of ");
    report_bytes(out, 1ull << holder->bits);
    text_add(out, ", %zu kinds of objects, keeper of %" PRIu64 " slots\n", holder->members.count,
             (uint64_t)1 << holder->keep->bits);
    if (holder->bits > 24 && holder->bytes < 5ull << (holder->bits - 3)) {
        text_add(out, "  %-24s (an untyped is a power of two: ", "");
        report_bytes(out, holder->bytes - (1ull << (holder->bits - 1)));
        text_add(out, " less would halve it)\n");
    }
}

static void report_memory(const struct plan *plan, struct text *out)
{
    uint64_t sum = 0;
    text_add(out, "Memory (an untyped for each component, and for each shared region)\n");
    for (size_t i = 0; i < plan->component_count; i++) {
        const struct component *component = &plan->components[i];
        report_holder(out, component->pd->name, &component->holder);
        sum += 1ull << component->holder.bits;
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        const struct region_plan *region = &plan->regions[i];
        for (size_t j = 0; j < region->pieces.count; j++) {
            const struct piece *piece = region->pieces.items[j];
            if (piece->holder == &piece->own) {
                report_holder(out, region->region->name, &piece->own);
                sum += 1ull << piece->own.bits;
            }
        }
    }
    text_add(out, "  all untypeds together: ");
    report_bytes(out, sum);
    text_add(out, "\n");
}

static void report_times(struct text *out, uint64_t priority, uint64_t budget, uint64_t period)
{
    text_add(out, "priority %" PRIu64 ", %" PRIu64 " of %" PRIu64 " us", priority, budget, period);
}

static void report_pds(const struct plan *plan, struct text *out)
{
    text_add(out, "\nProtection domains\n");
    for (size_t i = 0; i < plan->component_count; i++) {
        const struct pd *pd = plan->components[i].pd;
        text_add(out, "  %2zu %-21s ", i, pd->name);
        report_times(out, pd->priority, pd->budget, pd->period);
        text_add(out, ", core %" PRIu64 "%s%s%s%s%s, image %s\n", pd->core,
                 pd->passive ? ", passive" : "", pd->main ? ", main" : "",
                 pd->supervisor ? ", supervisor" : "", pd->counter ? ", counter" : "",
                 pd->smc ? ", firmware calls" : "", plan->components[i].image->path);
        if (pd->parent != NULL) {
            text_add(out, "     child %" PRIu64 " of %s\n", pd->id, pd->parent->name);
        }
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            text_add(out, "     virtual machine %s%s, %zu vCPU, ", vm->name,
                     vm->main ? " (main)" : "", vm->vcpus.count);
            report_times(out, vm->priority, vm->budget, vm->period);
            text_add(out, " each\n");
        }
    }
}

static void report_channels(const struct plan *plan, struct text *out)
{
    const struct list *channels = &plan->composer->system.channels;
    text_add(out, "\nChannels\n");
    for (size_t i = 0; i < channels->count; i++) {
        const struct channel_end *ends = ((const struct channel *)channels->items[i])->ends;
        text_add(out, "  %s:%" PRIu64 " <-> %s:%" PRIu64, ends[0].pd->name, ends[0].id,
                 ends[1].pd->name, ends[1].id);
        for (size_t j = 0; j < 2; j++) {
            if (ends[j].notify || ends[j].call) {
                text_add(out, "%s %s%s%s", j == 0 ? ":" : ",", ends[j].pd->name,
                         ends[j].notify ? " notifies" : "",
                         !ends[j].call    ? ""
                         : ends[j].notify ? " and calls"
                                          : " calls");
            }
        }
        text_add(out, "\n");
    }
    text_add(out, "\nInterrupts\n");
    for (size_t i = 0; i < plan->component_count; i++) {
        const struct pd *pd = plan->components[i].pd;
        for (size_t j = 0; j < pd->irqs.count; j++) {
            const struct irq *irq = pd->irqs.items[j];
            text_add(out, "  %4" PRIu64 " %s -> %s:%" PRIu64 "\n", irq->number,
                     irq->edge ? "edge " : "level", pd->name, irq->id);
        }
    }
}

static void report_maps(struct text *out, const char *name, const struct list *maps,
                        const struct region *region)
{
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *map = maps->items[i];
        if (map->region == region) {
            text_add(out, "      %s at 0x%" PRIx64 " %s%s%s%s\n", name, map->vaddr,
                     map->read ? "r" : "", map->write ? "w" : "", map->execute ? "x" : "",
                     map->cached ? "" : " uncached");
        }
    }
}

static void report_regions(const struct plan *plan, struct text *out)
{
    text_add(out, "\nMemory regions\n");
    for (size_t i = 0; i < plan->region_count; i++) {
        const struct region *region = plan->regions[i].region;
        text_add(out, "  %s: ", region->name);
        report_bytes(out, region->size);
        text_add(out, " in pages of ");
        report_bytes(out, 1ull << region->page_bits);
        if (region->has_paddr) {
            text_add(out, ", physical 0x%" PRIx64 "%s", region->paddr,
                     region->paddr_chosen ? " (chosen)" : "");
        }
        if (region->prefill_path != NULL) {
            text_add(out, ", filled with %s (%" PRIu64 " bytes)", region->prefill_path,
                     region->prefill_length);
        }
        text_add(out, "\n");
        for (size_t j = 0; j < plan->component_count; j++) {
            const struct pd *pd = plan->components[j].pd;
            report_maps(out, pd->name, &pd->maps, region);
            for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
                report_maps(out, vm->name, &vm->maps, region);
            }
        }
    }
}

void plan_report(struct plan *plan, struct text *out)
{
    text_add(out, "System %s\n\n", plan->composer->diag.name);
    report_memory(plan, out);
    report_pds(plan, out);
    report_channels(plan, out);
    report_regions(plan, out);
}
