/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Keepers and untypeds
 *
 * Objects are placed by falling size, so nothing is lost to alignment and the untyped is
 * the smallest power of two that is not less than their sum.
 *
 * Invariant: the keeper has a slot for every capability the initialiser puts there: the
 * original of each object, a copy for each mapped page, the originals of fixed pages and
 * of interrupts.
 */
#include "plan.h"

#include <abi/boot_table.h>
#include <abi/objects.h>
#include <inttypes.h>

enum { SIZES = 64 };

/* Slots of the initialiser's CNode for other things. */
enum { SLOTS_KEPT = 1024 };

static unsigned bits_for(uint64_t value)
{
    unsigned bits = 0;
    while (bits < SIZES - 1 && 1ull << bits < value) {
        bits++;
    }
    return bits;
}

static uint64_t object_elements(const struct object *object)
{
    return object->count == 0 ? 1 : object->count;
}

/* By falling size; objects of one size stay in the order of their making. */
static void holder_sort(struct plan *plan, struct holder *holder)
{
    struct list by_size[SIZES] = { 0 };
    struct list sorted = { 0 };
    for (size_t i = 0; i < holder->members.count; i++) {
        struct object *object = holder->members.items[i];
        list_add(plan->arena, &by_size[object_size_bits(object)], object);
    }
    for (size_t size = SIZES; size-- > 0;) {
        for (size_t i = 0; i < by_size[size].count; i++) {
            list_add(plan->arena, &sorted, by_size[size].items[i]);
        }
    }
    holder->members = sorted;
}

/* Capabilities by slot, for those who read the result. Mostly sorted already. */
static void caps_sort(const struct list *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        struct list *caps = &((struct object *)objects->items[i])->caps;
        for (size_t j = 1; j < caps->count; j++) {
            struct cap *cap = caps->items[j];
            size_t at = j;
            while (at > 0 && ((const struct cap *)caps->items[at - 1])->slot > cap->slot) {
                caps->items[at] = caps->items[at - 1];
                at--;
            }
            caps->items[at] = cap;
        }
    }
}

static bool holder_close(struct plan *plan, struct holder *holder, struct position at)
{
    uint64_t slots = 2 * holder->mappings + holder->irqs;
    for (size_t i = 0; i < holder->members.count; i++) {
        slots += object_elements(holder->members.items[i]);
    }
    holder->keep->bits = bits_for(slots < 2 ? 2 : slots);
    holder_sort(plan, holder);
    caps_sort(&holder->members);
    for (size_t i = 0; i < holder->members.count; i++) {
        const struct object *object = holder->members.items[i];
        if (!object->from_image) {
            holder->bytes += object_elements(object) << object_size_bits(object);
        }
    }
    holder->bits = bits_for(holder->bytes);
    holder->untyped->bits = holder->bits;
    uint64_t most = composer_ram_size(plan->composer);
    if (holder->bytes > most) {
        return diag_error(&plan->composer->diag, at,
                          "'%s' needs 0x%" PRIx64 " bytes of memory, the board has 0x%" PRIx64 "\n"
                          "make its regions smaller, or raise --ram-top",
                          holder->base, holder->bytes, most);
    }
    return true;
}

static uint64_t holder_slots(const struct holder *holder)
{
    uint64_t slots = holder->mappings + holder->irqs;
    for (size_t i = 0; i < holder->members.count; i++) {
        slots += object_elements(holder->members.items[i]);
    }
    return slots;
}

/* The initialiser holds every object, and one more capability for each page it maps. */
static bool check_slots(struct plan *plan)
{
    const struct pd *most = plan->composer->monitor;
    uint64_t largest = 0;
    uint64_t slots = plan->loose.count;
    for (size_t i = 0; i < plan->component_count; i++) {
        uint64_t own = holder_slots(&plan->components[i].holder);
        slots += own;
        if (own > largest) {
            largest = own;
            most = plan->components[i].pd;
        }
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        for (size_t j = 0; j < plan->regions[i].pieces.count; j++) {
            const struct piece *piece = plan->regions[i].pieces.items[j];
            slots += piece->holder == &piece->own ? holder_slots(&piece->own) : 0;
        }
    }
    plan->slots = slots;
    const uint64_t limit = (1ull << BOOT_ROOT_CNODE_BITS_MAX) - SLOTS_KEPT;
    return slots <= limit ||
           diag_error(
               &plan->composer->diag, most->at,
               "building this system takes %" PRIu64 " capabilities, the kernel has %" PRIu64
               " at most; '%s' maps the most pages\n"
               "use pages of 2 MiB: page_size=\"0x200000\", and vaddr and size multiples of it",
               slots, limit, most->name);
}

bool plan_memory(struct plan *plan)
{
    for (size_t i = 0; i < plan->component_count; i++) {
        struct component *component = &plan->components[i];
        if (!holder_close(plan, &component->holder, component->pd->at)) {
            return false;
        }
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        const struct region_plan *region = &plan->regions[i];
        for (size_t j = 0; j < region->pieces.count; j++) {
            struct piece *piece = region->pieces.items[j];
            if (piece->holder == &piece->own &&
                !holder_close(plan, &piece->own, region->region->at)) {
                return false;
            }
        }
    }
    return check_slots(plan);
}
