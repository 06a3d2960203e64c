/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Do all untypeds find a place in memory?
 *
 * An untyped of 2^n bytes lies at a multiple of its size. Placed by falling size, each at the lowest
 * place, they all fit if they can fit at all. What kernel, image and initialiser take is estimated
 * from above; a system that passes by a hair may still fail at boot, with a message.
 */
#include "plan.h"

#include <abi/objects.h>
#include <inttypes.h>

/* The device tree and the kernel, at the bottom; what the kernel makes for the initialiser, at the
 * top; and what is in the boot image besides the files. */
static const uint64_t BOTTOM_KEPT = 4ull << 20;
static const uint64_t TOP_KEPT = 4ull << 20;
static const uint64_t IMAGE_REST = 4ull << 20;

enum { LARGEST_BITS = 63 };

struct range {
    uint64_t start, end;
};

/* Something that needs memory. */
struct claim {
    const char *name;
    struct position at;
};

struct fit {
    struct plan *plan;
    struct list free;                     /* struct range, in no order */
    struct list claims[LARGEST_BITS + 1]; /* struct claim, by size */
};

static void range_add(struct fit *fit, uint64_t start, uint64_t end)
{
    if (start < end) {
        struct range *range = arena_alloc(fit->plan->arena, sizeof(*range));
        *range = (struct range){ start, end };
        list_add(fit->plan->arena, &fit->free, range);
    }
}

/* Takes [start, end) out of what is free. */
static void range_take(struct fit *fit, uint64_t start, uint64_t end)
{
    size_t count = fit->free.count;
    for (size_t i = 0; i < count; i++) {
        struct range *range = fit->free.items[i];
        if (start < range->end && range->start < end) {
            uint64_t rest = range->end;
            range->end = start > range->start ? start : range->start;
            range_add(fit, end, rest);
        }
    }
}

static uint64_t largest_free(const struct fit *fit)
{
    uint64_t largest = 0;
    for (size_t i = 0; i < fit->free.count; i++) {
        const struct range *range = fit->free.items[i];
        uint64_t size = range->end - range->start;
        largest = size > largest ? size : largest;
    }
    return largest;
}

static bool place(struct fit *fit, uint64_t size)
{
    uint64_t best = UINT64_MAX;
    for (size_t i = 0; i < fit->free.count; i++) {
        const struct range *range = fit->free.items[i];
        uint64_t at = (range->start + size - 1) / size * size;
        if (at < range->end && size <= range->end - at && at < best) {
            best = at;
        }
    }
    if (best == UINT64_MAX) {
        return false;
    }
    range_take(fit, best, best + size);
    return true;
}

static void claim_add(struct fit *fit, unsigned bits, const char *name, struct position at)
{
    struct claim *claim = arena_alloc(fit->plan->arena, sizeof(*claim));
    *claim = (struct claim){ name, at };
    list_add(fit->plan->arena, &fit->claims[bits], claim);
}

static void claims_add(struct fit *fit)
{
    const struct plan *plan = fit->plan;
    for (size_t i = 0; i < plan->component_count; i++) {
        const struct component *component = &plan->components[i];
        claim_add(fit, component->holder.bits, component->pd->name, component->pd->at);
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        const struct region_plan *region = &plan->regions[i];
        for (size_t j = 0; j < region->pieces.count; j++) {
            const struct piece *piece = region->pieces.items[j];
            if (piece->holder == &piece->own) {
                claim_add(fit, piece->own.bits, region->region->name, region->region->at);
            }
        }
        /* Frames without an untyped. */
        for (uint64_t j = 0; j < region->frame_count && region->region->page_bits == PAGE_HUGE &&
                             !region->region->has_paddr;
             j++) {
            claim_add(fit, PAGE_HUGE, region->region->name, region->region->at);
        }
    }
}

/* What is free: RAM, without the kernel's part and what has an address of its own. */
static uint64_t ranges_add(struct fit *fit)
{
    const struct composer *composer = fit->plan->composer;
    uint64_t size = composer_ram_size(composer);
    uint64_t start = composer->ram_top - size;
    range_add(fit, start, composer->ram_top);
    for (size_t i = 0; i < composer->system.regions.count; i++) {
        const struct region *region = composer->system.regions.items[i];
        if (region->has_paddr && region_is_used(region)) {
            range_take(fit, region->paddr, region->paddr + region->size);
        }
    }
    uint64_t image = composer->options->image_at;
    uint64_t image_bytes = composer->file_bytes + IMAGE_REST;
    range_take(fit, start, start + BOTTOM_KEPT + (image == 0 ? image_bytes : 0));
    range_take(fit, image, image == 0 ? 0 : image + image_bytes);
    /* The initialiser's CNode is a power of two. */
    uint64_t top = TOP_KEPT + (2 * fit->plan->slots << SLOT_BITS);
    range_take(fit, composer->ram_top - top, composer->ram_top);
    uint64_t sum = 0;
    for (size_t i = 0; i < fit->free.count; i++) {
        const struct range *range = fit->free.items[i];
        sum += range->end - range->start;
    }
    return sum;
}

bool plan_fit(struct plan *plan, bool tell)
{
    if (plan->composer->options->any_ram) {
        return true;
    }
    struct fit *fit = arena_alloc(plan->arena, sizeof(*fit));
    fit->plan = plan;
    uint64_t left = ranges_add(fit);
    claims_add(fit);
    for (unsigned bits = LARGEST_BITS + 1; bits-- > 0;) {
        for (size_t i = 0; i < fit->claims[bits].count; i++) {
            const struct claim *claim = fit->claims[bits].items[i];
            if (!place(fit, 1ull << bits)) {
                return tell &&
                       diag_error(
                           &plan->composer->diag, claim->at,
                           "there is no room for the 0x%llx bytes of memory of '%s': %" PRIu64
                           " MiB are left, %" PRIu64 " in one piece\n"
                           "make regions smaller, or raise --ram-top (RAM ends at 0x%" PRIx64 ")",
                           1ull << bits, claim->name, left >> 20, largest_free(fit) >> 20,
                           plan->composer->ram_top);
            }
            left -= 1ull << bits;
        }
    }
    return true;
}
