/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Frames: of regions and of programs
 *
 * Frames that are all alike are one array. A frame with contents or with an address of its
 * own is an object of its own, since attributes belong to a whole array.
 */
#include "plan.h"

#include <inttypes.h>

bool region_is_used(const struct region *region)
{
    return region->users.count > 0 || region->wants_paddr;
}

static bool map_writes(const struct list *maps, const struct region *region)
{
    for (size_t i = 0; i < maps->count; i++) {
        const struct map *map = maps->items[i];
        if (map->region == region && map->write) {
            return true;
        }
    }
    return false;
}

static bool region_is_written(const struct region *region)
{
    for (size_t i = 0; i < region->users.count; i++) {
        const struct pd *pd = region->users.items[i];
        if (map_writes(&pd->maps, region)) {
            return true;
        }
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            if (map_writes(&vm->maps, region)) {
                return true;
            }
        }
    }
    return false;
}

/* How many frames need a declaration of their own, from the first on. */
static uint64_t region_singles(const struct region *region, uint64_t count)
{
    if (region->has_paddr) {
        return count;
    }
    if (region->bootinfo != NULL) {
        return count; /* every frame may get a piece of the chunk */
    }
    uint64_t page = 1ull << region->page_bits;
    return (region->prefill_length + page - 1) / page;
}

/* Attributes of frame `index`: its address, and what to fill it with. */
static const char *frame_attributes(struct plan *plan, const struct region_plan *region,
                                    uint64_t index)
{
    const struct region *source = region->region;
    uint64_t page = 1ull << source->page_bits;
    uint64_t offset = index * page;
    struct text text = { 0 };
    text_add(&text, "%s", "");
    if (source->has_paddr) {
        text_add(&text, "paddr: 0x%" PRIx64, source->paddr + offset);
    }
    const char *comma = source->has_paddr ? ", " : "";
    if (offset < source->prefill_length) {
        uint64_t rest = source->prefill_length - offset;
        text_add(&text, "%sfill: [{0 %" PRIu64 " CDL_FrameFill_FileData \"%s\" %" PRIu64 "}]",
                 comma, rest < page ? rest : page, region->file, offset);
    } else if (source->bootinfo != NULL) {
        text_add(&text, "%sfill: [{0 %" PRIu64 " CDL_FrameFill_BootInfo %s %" PRIu64 "}]", comma,
                 page, source->bootinfo, offset);
    }
    const char *attributes =
        text.length == 0 ? NULL : arena_copy(plan->arena, text.data, text.length);
    text_free(&text);
    return attributes;
}

static int digits_for(uint64_t count)
{
    int digits = 1;
    while (count > 16) {
        count >>= 4;
        digits++;
    }
    return digits;
}

static void frames_make(struct plan *plan, struct region_plan *region)
{
    struct frames *frames = &region->frames;
    const struct region *source = region->region;
    frames->count = source->size >> source->page_bits;
    frames->singles = region_singles(source, frames->count);
    frames->single = arena_alloc(plan->arena, frames->singles * sizeof(*frames->single));
    bool from_image = !source->has_paddr && !region_is_written(source);
    int width = digits_for(frames->singles);
    for (uint64_t i = 0; i < frames->singles; i++) {
        const char *name = arena_format(plan->arena, "%s_page_%0*" PRIx64, region->base, width, i);
        struct object *frame =
            object_new(plan, region->holder, KIND_FRAME, source->page_bits, name);
        frame->attributes = frame_attributes(plan, region, i);
        frame->from_image = from_image && i << source->page_bits < source->prefill_length;
        frames->single[i] = frame;
    }
    if (frames->count > frames->singles) {
        frames->array = object_array(plan, region->holder, KIND_FRAME, source->page_bits,
                                     arena_format(plan->arena, "%s_frame", region->base),
                                     frames->count - frames->singles);
    }
}

void plan_regions(struct plan *plan)
{
    for (size_t i = 0; i < plan->region_count; i++) {
        struct region_plan *region = &plan->regions[i];
        const struct list *users = &region->region->users;
        if (!region_is_used(region->region)) {
            continue;
        }
        if (!region->region->has_paddr && users->count > 1) {
            plan->at = region->region->at;
            holder_open(plan, &region->own, region->base);
            region->holder = &region->own;
        } else if (!region->region->has_paddr) {
            region->holder = &plan_component(plan, users->items[0])->holder;
        }
        plan->at = region->region->at;
        frames_make(plan, region);
    }
}
