/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Comparing what was built with the spec: address spaces, contents of frames
 */
#include "verify.h"

#include <string.h>

#define SPACE_END (1ul << 40) /* abi/05 section 6 */

/* ---- Address spaces ----------------------------------------------------------------------------- */

static seL4_X_MappingInfo_t look(uint32_t vspace, uint64_t vaddr, seL4_CPtr compared)
{
    seL4_X_VSpace_Inspect_t found = seL4_X_VSpace_Inspect(object_cptr(vspace), vaddr, compared);

    if (found.error != seL4_NoError) {
        differ("%o answers with error %u", vspace, (uint64_t)found.error);
        return seL4_X_MappingInfo_set_sizeBits((seL4_X_MappingInfo_t){ { 0 } }, 39);
    }
    return (seL4_X_MappingInfo_t){ { found.info } };
}

static void verify_page(const struct packed_map *map, seL4_X_MappingInfo_t found)
{
    bool is_cached = (map->flags & PACKED_MAP_UNCACHED) == 0;
    bool is_executable = (map->flags & PACKED_MAP_EXECUTABLE) != 0;

    verified.mappings++;
    if (!seL4_X_MappingInfo_get_isSame(found)) {
        differ("address %x of%o has another frame", map->vaddr, map->vspace);
    } else if (seL4_X_MappingInfo_get_rights(found) !=
               rights_of_kind(seL4_X_Kind_Frame, map->rights)) {
        differ("address %x of%o has other rights", map->vaddr, map->vspace);
    } else if (seL4_X_MappingInfo_get_isCacheable(found) != is_cached ||
               seL4_X_MappingInfo_get_isExecuteNever(found) == is_executable) {
        differ("address %x of%o has other attributes", map->vaddr, map->vspace);
    }
}

static void verify_tables(const struct packed_map **map, const struct packed_map *end)
{
    for (; *map < end && ((*map)->flags & PACKED_MAP_TABLE) != 0; (*map)++) {
        verified.mappings++;
        if (!seL4_X_MappingInfo_get_isSame(
                look((*map)->vspace, (*map)->vaddr, object_cptr((*map)->object)))) {
            differ("address %x of%o lacks its table", (*map)->vaddr, (*map)->vspace);
        }
    }
}

/* All of the address space, entry by entry: what the spec states is there, and nothing else. */
static void verify_space(const struct packed_map *map, const struct packed_map *end,
                         uint32_t vspace)
{
    uint64_t vaddr = 0;

    verify_tables(&map, end);
    while (vaddr < SPACE_END) {
        bool is_stated = map < end && map->vaddr == vaddr;
        seL4_X_MappingInfo_t found = look(vspace, vaddr, is_stated ? object_cptr(map->object) : 0);
        uint64_t bytes = 1ul << seL4_X_MappingInfo_get_sizeBits(found);

        if (seL4_X_MappingInfo_get_isMapped(found) && is_stated) {
            verify_page(map++, found);
        } else if (seL4_X_MappingInfo_get_isMapped(found)) {
            differ("address %x of%o is mapped", vaddr, vspace);
        }
        for (vaddr += bytes; map < end && map->vaddr < vaddr; map++) {
            differ("address %x of%o is not mapped", map->vaddr, vspace);
        }
    }
}

void verify_spaces(void)
{
    const struct packed_map *map = builder.spec.maps;
    const struct packed_map *end = map + builder.spec.map_count;

    /* Mappings are sorted by address space. */
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        if (builder.spec.objects[i].type == PACKED_VSPACE) {
            const struct packed_map *first = map;

            while (map < end && map->vspace == i) {
                map++;
            }
            verify_space(first, map, i);
        }
    }
}

/* ---- Contents of frames --------------------------------------------------------------------------- */

static bool is_equal(const struct packed_fill *fill, const uint8_t *bytes)
{
    const seL4_BootInfoHeader *block;
    uint64_t length = 0;
    uint64_t piece;

    if (fill->kind == PACKED_FILL_PAYLOAD) {
        return memcmp(bytes, payload_at(fill->source, &piece), fill->length) == 0;
    }
    block = boot_block(fill->block);
    if (block && fill->source < block->len) {
        length = block->len - fill->source;
        length = length < fill->length ? length : fill->length;
    }
    return length == 0 || memcmp(bytes, (const uint8_t *)block + fill->source, length) == 0;
}

/* Bytes that no fill covers are zero. */
static bool is_zero(const uint8_t *bytes, uint64_t start, uint64_t end)
{
    const uint64_t *words = (const uint64_t *)(const void *)bytes; /* a frame is aligned */

    for (; start < end && start % sizeof *words != 0; start++) {
        if (bytes[start] != 0) {
            return false;
        }
    }
    for (; end - start >= sizeof *words; start += sizeof *words) {
        if (words[start / sizeof *words] != 0) {
            return false;
        }
    }
    for (; start < end; start++) {
        if (bytes[start] != 0) {
            return false;
        }
    }
    return true;
}

static bool has_contents(const struct packed_object *frame, const uint8_t *bytes)
{
    const struct packed_fill *fill = &builder.spec.fills[frame->first];
    uint64_t at = 0;

    for (uint32_t i = 0; i < frame->count; i++, fill++) {
        if (!is_equal(fill, bytes + fill->offset)) {
            return false;
        }
    }
    /* Fills of one frame may overlap only if they come from boot information: then this is left. */
    fill = &builder.spec.fills[frame->first];
    for (uint32_t i = 0; i < frame->count; i++, fill++) {
        if (fill->offset < at || fill->kind != PACKED_FILL_PAYLOAD) {
            return true;
        }
        if (!is_zero(bytes, at, fill->offset)) {
            return false;
        }
        at = fill->offset + fill->length;
    }
    return is_zero(bytes, at, 1ul << frame->size_bits);
}

static void verify_frame(uint32_t index)
{
    const struct packed_object *frame = &builder.spec.objects[index];
    uint64_t window = window_of(frame->size_bits, WINDOW_FILL);
    seL4_CPtr copy = slot_take();
    bool is_same;

    /* A copy, as the original may be mapped already. */
    check(seL4_CNode_Copy(builder.root, copy, ROOT_DEPTH, builder.root, object_slot(index),
                          ROOT_DEPTH, seL4_AllRights),
          "look into", index);
    check(seL4_ARM_Page_Map(slot_cptr(copy), builder.vspace, window, seL4_CanRead,
                            seL4_ARM_Default_VMAttributes | seL4_ARM_ExecuteNever),
          "look into", index);
    is_same = has_contents(frame, (const uint8_t *)window);
    slot_drop(copy);
    if (!is_same) {
        differ("%o has other contents", index, 0);
    }
}

void verify_contents(void)
{
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        const struct packed_object *object = &builder.spec.objects[i];

        if (object->type == PACKED_FRAME && object->count > 0 &&
            (object->flags & PACKED_OBJECT_FROM_IMAGE) == 0) {
            verify_frame(i);
        }
    }
}
