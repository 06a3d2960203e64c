/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What a packed spec asks of the boot
 */
#include "spec.h"

#include <abi/boot_table.h>
#include <packed/packed.h>

/* Add [start, end) to what the loader avoids; what touches or overlaps becomes one range. */
static const char *avoid(struct image_header *header, uint64_t start, uint64_t end)
{
    for (uint32_t i = 0; i < header->avoid_count; i++) {
        struct image_range *range = &header->avoid[i];

        if (start <= range->end && end >= range->start) {
            range->start = start < range->start ? start : range->start;
            range->end = end > range->end ? end : range->end;
            return NULL;
        }
    }
    if (header->avoid_count == IMAGE_AVOID_MAX) {
        return "names more separate physical ranges than the loader can avoid (32)";
    }
    header->avoid[header->avoid_count++] = (struct image_range){ start, end };
    return NULL;
}

static const char *objects_apply(const struct packed_view *view, struct image_header *header)
{
    for (uint32_t i = 0; i < view->object_count; i++) {
        const struct packed_object *object = &view->objects[i];
        const char *refusal = NULL;

        if (object->type == PACKED_SMC) {
            header->flags |= BOOT_SMC;
        } else if ((object->flags & PACKED_OBJECT_HAS_PADDR) != 0) {
            refusal =
                avoid(header, object->place, object->place + (UINT64_C(1) << object->size_bits));
        }
        if (refusal != NULL) {
            return refusal;
        }
    }
    return NULL;
}

uint64_t spec_payload_align(const void *bytes, size_t size)
{
    struct packed_view view;
    bool has_large = packed_open(bytes, size, &view) == NULL &&
                     view.header->large_start < view.header->large_end;

    return has_large ? PACKED_LARGE_BYTES : PACKED_PAGE_BYTES;
}

const char *spec_apply(const void *bytes, size_t size, uint64_t payload_vaddr, uint64_t own_pages,
                       struct image_header *header)
{
    struct packed_view view;
    const char *refusal = packed_open(bytes, size, &view);

    if (refusal != NULL) {
        return refusal;
    }
    header->flags |= BOOT_EXTENSIONS;
    if (view.header->large_start < view.header->large_end) {
        header->large_start = payload_vaddr + view.header->large_start;
        header->large_end = payload_vaddr + view.header->large_end;
    }
    if (view.header->domain_count > header->domains) {
        header->domains = view.header->domain_count;
    }
    header->root_cnode_bits = packed_root_cnode_bits(view.header, own_pages);
    if (header->root_cnode_bits > BOOT_ROOT_CNODE_BITS_MAX) {
        return "needs more slots than a root CNode can have (2^18)";
    }
    return objects_apply(&view, header);
}
