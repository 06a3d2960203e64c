/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Address spaces
 *
 * A mapping lives as long as the capability that made it. The first mapping of a frame uses its
 * original, further ones a copy each; both end in keepers (spaces.c).
 */
#include <loader/build.h>

#define ATTR_CACHEABLE     1u
#define ATTR_EXECUTE_NEVER 4u

static void map_table(uint32_t index, const struct packed_map *map)
{
    check(seL4_ARM_PageTable_Map(map_cptr(index), object_cptr(map->vspace), map->vaddr,
                                 ATTR_CACHEABLE),
          "map", map->object);
}

static void map_frame(uint32_t index, const struct packed_map *map)
{
    seL4_Word attributes = 0;
    seL4_CPtr slot = map_slot(index);

    if ((map->flags & PACKED_MAP_UNCACHED) == 0) {
        attributes |= ATTR_CACHEABLE;
    }
    if ((map->flags & PACKED_MAP_EXECUTABLE) == 0) {
        attributes |= ATTR_EXECUTE_NEVER;
    }
    if ((map->flags & PACKED_MAP_ORIGINAL) == 0) {
        /* A CNode of the spec may claim the capability of the mapping: with no more rights than
         * stated there. */
        seL4_CapRights_t rights = seL4_AllRights;

        if (map->cap != PACKED_NONE) {
            rights = (seL4_CapRights_t){ { builder.spec.caps[map->cap].rights } };
        }
        check(seL4_CNode_Copy(builder.root, slot, ROOT_DEPTH, builder.root,
                              object_slot(map->object), ROOT_DEPTH, rights),
              "copy", map->object);
    }
    check(seL4_ARM_Page_Map(slot_cptr(slot), object_cptr(map->vspace), map->vaddr,
                            (seL4_CapRights_t){ { map->rights } }, attributes),
          "map", map->object);
}

void map_spaces(void)
{
    for (uint32_t i = 0; i < builder.spec.map_count; i++) {
        const struct packed_map *map = &builder.spec.maps[i];

        if (!is_built(map->vspace)) {
            continue;
        }
        if ((map->flags & PACKED_MAP_TABLE) != 0) {
            map_table(i, map);
        } else {
            map_frame(i, map);
        }
    }
}
