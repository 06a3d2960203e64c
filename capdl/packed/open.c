/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Opening a packed spec: the header, the sections, and the order of the checks
 *
 * The bytes are untrusted until packed_open returns NULL. The checks are split by section over
 * check_objects.c, check_caps.c, check_threads.c and check_domains.c; each may rely on those called before it.
 */
#include "check.h"

static const uint32_t record_bytes[PACKED_SECTION_COUNT] = {
    [PACKED_OBJECTS] = sizeof(struct packed_object),
    [PACKED_CAPS] = sizeof(struct packed_cap),
    [PACKED_TCBS] = sizeof(struct packed_tcb),
    [PACKED_SCS] = sizeof(struct packed_sc),
    [PACKED_IRQS] = sizeof(struct packed_irq),
    [PACKED_SGIS] = sizeof(struct packed_sgi),
    [PACKED_FILLS] = sizeof(struct packed_fill),
    [PACKED_MAPS] = sizeof(struct packed_map),
    [PACKED_KEEPS] = sizeof(struct packed_keep),
    [PACKED_DOMAINS] = sizeof(struct packed_domain),
    [PACKED_WORDS] = sizeof(uint64_t),
    [PACKED_NAMES] = 1,
};

static const char *check_header(const struct packed_header *header, size_t length)
{
    if (header->magic != PACKED_MAGIC) {
        return "not a packed spec (wrong magic number)";
    }
    if (header->version != PACKED_VERSION) {
        return "packed spec of another version";
    }
    if (header->header_bytes != sizeof(struct packed_header)) {
        return "header of an unknown size";
    }
    if (header->total_bytes > length) {
        return "packed spec is cut off";
    }
    if (header->large_start > header->large_end || header->large_end > header->payload_bytes ||
        header->large_start % PACKED_LARGE_BYTES != 0 ||
        header->large_end % PACKED_LARGE_BYTES != 0) {
        return "range of large payload frames is wrong";
    }
    if (header->payload_bytes % PACKED_PAGE_BYTES != 0) {
        return "payload is not whole pages";
    }
    return NULL;
}

/* Sections lie in order, 8-aligned, without overlap, inside the total. */
static const char *check_sections(struct packed_view *view)
{
    const struct packed_header *header = view->header;
    uint64_t end = sizeof(struct packed_header);
    for (uint32_t id = 0; id < PACKED_SECTION_COUNT; id++) {
        const struct packed_section *section = &header->sections[id];
        view->fault_section = (enum packed_section_id)id;
        view->fault_index = 0;
        if (section->offset % 8 != 0 || section->offset < end) {
            return "section is misplaced";
        }
        end = section->offset + (uint64_t)section->count * record_bytes[id];
        if (end > header->total_bytes) {
            return "section reaches past the end";
        }
    }
    return NULL;
}

static void view_set(struct packed_view *view, const uint8_t *bytes)
{
    const struct packed_section *s = view->header->sections;
    view->objects = (const struct packed_object *)(const void *)(bytes + s[PACKED_OBJECTS].offset);
    view->caps = (const struct packed_cap *)(const void *)(bytes + s[PACKED_CAPS].offset);
    view->tcbs = (const struct packed_tcb *)(const void *)(bytes + s[PACKED_TCBS].offset);
    view->scs = (const struct packed_sc *)(const void *)(bytes + s[PACKED_SCS].offset);
    view->irqs = (const struct packed_irq *)(const void *)(bytes + s[PACKED_IRQS].offset);
    view->sgis = (const struct packed_sgi *)(const void *)(bytes + s[PACKED_SGIS].offset);
    view->fills = (const struct packed_fill *)(const void *)(bytes + s[PACKED_FILLS].offset);
    view->maps = (const struct packed_map *)(const void *)(bytes + s[PACKED_MAPS].offset);
    view->keeps = (const struct packed_keep *)(const void *)(bytes + s[PACKED_KEEPS].offset);
    view->domains = (const struct packed_domain *)(const void *)(bytes + s[PACKED_DOMAINS].offset);
    view->words = (const uint64_t *)(const void *)(bytes + s[PACKED_WORDS].offset);
    view->names = (const char *)(bytes + s[PACKED_NAMES].offset);
    view->object_count = s[PACKED_OBJECTS].count;
    view->cap_count = s[PACKED_CAPS].count;
    view->tcb_count = s[PACKED_TCBS].count;
    view->sc_count = s[PACKED_SCS].count;
    view->irq_count = s[PACKED_IRQS].count;
    view->sgi_count = s[PACKED_SGIS].count;
    view->fill_count = s[PACKED_FILLS].count;
    view->map_count = s[PACKED_MAPS].count;
    view->keep_count = s[PACKED_KEEPS].count;
    view->domain_count = s[PACKED_DOMAINS].count;
    view->word_count = s[PACKED_WORDS].count;
}

static const char *check_names(struct packed_view *view)
{
    uint32_t count = view->header->sections[PACKED_NAMES].count;
    view->fault_section = PACKED_NAMES;
    view->fault_index = 0;
    if (count == 0 || view->names[0] != '\0' || view->names[count - 1] != '\0') {
        return "table of names has no end";
    }
    return NULL;
}

const char *packed_open(const void *bytes, size_t length, struct packed_view *view)
{
    view->fault_section = PACKED_OBJECTS;
    view->fault_index = 0;
    if ((uintptr_t)bytes % 8 != 0) {
        return "packed spec is not 8-aligned";
    }
    if (length < sizeof(struct packed_header)) {
        return "packed spec is cut off";
    }
    view->header = (const struct packed_header *)bytes;
    const char *wrong = check_header(view->header, length);
    if (wrong == NULL) {
        wrong = check_sections(view);
    }
    if (wrong != NULL) {
        return wrong;
    }
    view_set(view, (const uint8_t *)bytes);
    static const char *(*const checks[])(struct packed_view *) = {
        check_names,       packed_check_objects, packed_check_caps, packed_check_fills,
        packed_check_maps, packed_check_keeps,   packed_check_tcbs, packed_check_scs,
        packed_check_irqs, packed_check_domains,
    };
    for (size_t i = 0; i < sizeof(checks) / sizeof(checks[0]); i++) {
        wrong = checks[i](view);
        if (wrong != NULL) {
            return wrong;
        }
    }
    return NULL;
}

const char *packed_name(const struct packed_view *view, uint32_t object)
{
    return view->names + view->objects[object].name;
}

const char *packed_component(const struct packed_view *view, uint32_t object)
{
    return view->names + view->objects[object].component;
}

uint32_t packed_root_cnode_bits(const struct packed_header *header, uint64_t image_pages)
{
    /* Fixed slots, boot untypeds at most, one table per 2 MiB of image and of payload. */
    uint64_t slots = 16 + 230 + 8 + header->root_slots_needed + image_pages + image_pages / 512 +
                     header->payload_bytes / PACKED_LARGE_BYTES;
    uint32_t bits = 12;
    while (bits < 63 && (UINT64_C(1) << bits) < slots) {
        bits++;
    }
    return bits;
}
