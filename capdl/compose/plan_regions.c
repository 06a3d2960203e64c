/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Frames: of regions and of programs
 *
 * Frames that are all alike are one array. A frame with contents or with an address of its
 * own is an object of its own, since attributes belong to a whole array.
 */
#include "plan.h"

#include <abi/objects.h>
#include <inttypes.h>

/* Fewer frames than this are not worth an untyped of their own. */
static const uint64_t PIECE_LEAST = 8;

/* Bytes of a keeper CNode for so many frames and itself. */
static uint64_t keeper_bytes(uint64_t frames)
{
    uint64_t slots = 2;
    while (slots < frames + 1) {
        slots *= 2;
    }
    return slots << SLOT_BITS;
}

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

const struct object *region_frame(const struct region_plan *region, uint64_t index,
                                  uint64_t *element)
{
    *element = 0;
    if (index < region->singles) {
        return region->single[index];
    }
    for (size_t i = 0; i < region->pieces.count; i++) {
        const struct piece *piece = region->pieces.items[i];
        if (index - piece->first < piece->count) {
            uint64_t first = piece->first < region->singles ? region->singles : piece->first;
            *element = index - first;
            return piece->array;
        }
    }
    return NULL;
}

/* Makes the frames of one piece. */
static void frames_make(struct plan *plan, struct region_plan *region, struct piece *piece)
{
    const struct region *source = region->region;
    bool from_image = !source->has_paddr && !region_is_written(source);
    int width = digits_for(region->singles);
    uint64_t end = piece->first + piece->count;
    uint64_t at = piece->first;
    for (; at < end && at < region->singles; at++) {
        const char *name = arena_format(plan->arena, "%s_page_%0*" PRIx64, region->base, width, at);
        struct object *frame = object_new(plan, piece->holder, KIND_FRAME, source->page_bits, name);
        frame->attributes = frame_attributes(plan, region, at);
        frame->from_image = from_image && at << source->page_bits < source->prefill_length;
        region->single[at] = frame;
    }
    if (at < end) {
        piece->array = object_array(plan, piece->holder, KIND_FRAME, source->page_bits,
                                    arena_format(plan->arena, "%s_frame", region->base), end - at);
    }
}

/* Has the region untypeds that are no component's? */
static bool region_stands_alone(const struct composer *composer, const struct region *region)
{
    return !region->has_paddr && region->page_bits != PAGE_HUGE &&
           (region->users.count > 1 || region->size > composer->region_whole);
}

/*
 * How many of `left` frames go into the next untyped: all, if they are few. Else as many as fit
 * into the largest untyped that they fill, with their keeper's slots.
 */
static uint64_t piece_frames(const struct composer *composer, const struct region *region,
                             uint64_t left)
{
    if (region->size <= composer->region_whole) {
        return left;
    }
    for (uint64_t size = REGION_WHOLE; size >> region->page_bits >= PIECE_LEAST; size /= 2) {
        uint64_t count = size >> region->page_bits;
        while (count > 0 && (count << region->page_bits) + keeper_bytes(count) > size) {
            count--;
        }
        if (count <= left) {
            return count;
        }
    }
    return left;
}

uint64_t region_untypeds(const struct composer *composer, const struct region *region)
{
    uint64_t count = 0;
    uint64_t left = region->size >> region->page_bits;
    if (!region_stands_alone(composer, region)) {
        return 0;
    }
    for (; left > 0; count++) {
        left -= piece_frames(composer, region, left);
    }
    return count;
}

static struct piece *piece_add(struct plan *plan, struct region_plan *region, uint64_t first,
                               uint64_t count)
{
    struct piece *piece = arena_alloc(plan->arena, sizeof(*piece));
    piece->first = first;
    piece->count = count;
    list_add(plan->arena, &region->pieces, piece);
    return piece;
}

/* A region that stands alone: one untyped, or several. */
static void pieces_make(struct plan *plan, struct region_plan *region)
{
    const char *base = region->base;
    for (uint64_t first = 0; first < region->frame_count;) {
        uint64_t count = piece_frames(plan->composer, region->region, region->frame_count - first);
        struct piece *piece = piece_add(plan, region, first, count);
        holder_open(plan, &piece->own, base);
        piece->holder = &piece->own;
        first += count;
        base = base_take(
            plan, arena_format(plan->arena, "%s_part%zu", region->base, region->pieces.count + 1));
    }
}

void plan_regions(struct plan *plan)
{
    for (size_t i = 0; i < plan->region_count; i++) {
        struct region_plan *region = &plan->regions[i];
        const struct region *source = region->region;
        if (!region_is_used(source)) {
            continue;
        }
        plan->at = source->at;
        region->frame_count = source->size >> source->page_bits;
        region->singles = region_singles(source, region->frame_count);
        region->single = arena_alloc(plan->arena, region->singles * sizeof(*region->single));
        if (region_stands_alone(plan->composer, source)) {
            pieces_make(plan, region);
        } else {
            struct piece *piece = piece_add(plan, region, 0, region->frame_count);
            /* A frame of 1 GiB leaves no room for a keeper in an untyped of 1 GiB: it is loose. */
            if (!source->has_paddr && source->page_bits != PAGE_HUGE) {
                piece->holder = &plan_component(plan, source->users.items[0])->holder;
            }
        }
        for (size_t j = 0; j < region->pieces.count; j++) {
            frames_make(plan, region, region->pieces.items[j]);
        }
    }
}
