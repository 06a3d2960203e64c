/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Memory regions
 *
 * The size of a prefilled region may come from its file, so the file is read here.
 */
#include "parse.h"

#include <inttypes.h>

static bool parse_page_size(struct composer *composer, const struct xml_node *node,
                            struct region *region)
{
    uint64_t size = 0;
    if (!read_number(composer, node, "page_size", &size)) {
        return false;
    }
    const enum page_bits sizes[] = { PAGE_SMALL, PAGE_LARGE, PAGE_HUGE };
    for (size_t i = 0; i < 3; i++) {
        if (size == 1ull << sizes[i]) {
            region->page_bits = sizes[i];
        }
    }
    if (region->page_bits == PAGE_AUTO && xml_attribute(node, XML_PLAIN, "page_size") != NULL) {
        return diag_error(&composer->diag, node->at,
                          "0x%" PRIx64 " is no page size\n"
                          "use 0x1000, 0x200000 or 0x40000000, or leave it out",
                          size);
    }
    return true;
}

static bool parse_prefill(struct composer *composer, const struct xml_node *node,
                          struct region *region)
{
    static const char *const ids[][2] = {
        { "fdt", "CDL_FrameFill_BootInfo_FDT" },
        { "x86_vbe", NULL },
        { "x86_mbmmap", NULL },
        { "x86_acpi_rsdp", NULL },
        { "x86_framebuffer", NULL },
        { "x86_tsc_freq", NULL },
    };
    region->prefill_path = xml_attribute(node, XML_PLAIN, "prefill_path");
    const char *bootinfo = xml_attribute(node, XML_PLAIN, "prefill_bootinfo");
    if (bootinfo == NULL) {
        return true;
    }
    if (region->prefill_path != NULL) {
        return diag_error(&composer->diag, node->at,
                          "region '%s' has both prefill_path and prefill_bootinfo\n"
                          "remove one of them",
                          region->name);
    }
    for (size_t i = 0; i < sizeof(ids) / sizeof(ids[0]); i++) {
        if (!text_equal(ids[i][0], bootinfo)) {
            continue;
        }
        region->bootinfo = ids[i][1];
        return ids[i][1] != NULL || diag_error(&composer->diag, node->at,
                                               "prefill_bootinfo '%s' is for x86-64 only\n"
                                               "use fdt, or remove it",
                                               bootinfo);
    }
    return diag_error(&composer->diag, node->at,
                      "'%s' is no boot information\n"
                      "use fdt",
                      bootinfo);
}

static uint64_t region_page(const struct region *region)
{
    return 1ull << (region->page_bits == PAGE_AUTO ? PAGE_SMALL : region->page_bits);
}

static bool prefill_load(struct composer *composer, struct region *region)
{
    if (region->prefill_path == NULL) {
        return true;
    }
    const struct source *source = source_find(composer, region->prefill_path);
    if (source == NULL && composer->options->check_only) {
        diag_warning(&composer->diag, region->at,
                     "file '%s' of region '%s' is not found\n"
                     "composing needs it; correct prefill_path, or add the file's folder with "
                     "--search-path",
                     region->prefill_path, region->name);
        return true;
    }
    if (source == NULL || source->length == 0) {
        return diag_error(&composer->diag, region->at,
                          "file '%s' of region '%s' is %s\n"
                          "correct prefill_path, or add the file's folder with --search-path",
                          region->prefill_path, region->name,
                          source == NULL ? "not found" : "empty");
    }
    region->prefill_bytes = source->bytes;
    region->prefill_length = source->length;
    return true;
}

static bool parse_size(struct composer *composer, const struct xml_node *node,
                       struct region *region)
{
    struct diag *diag = &composer->diag;
    uint64_t page = region_page(region);
    region->size_given = xml_attribute(node, XML_PLAIN, "size") != NULL;
    if (!region->size_given && region->prefill_path == NULL && region->bootinfo == NULL) {
        return need_number(composer, node, "size", &region->size);
    }
    if (!read_number(composer, node, "size", &region->size) || !prefill_load(composer, region)) {
        return false;
    }
    if (!region->size_given) {
        uint64_t length = region->bootinfo != NULL ? page : region->prefill_length;
        length += length == 0 ? 1 : 0; /* a file that is not there yet */
        region->size = (length + page - 1) / page * page;
    }
    if (region->size % page != 0) {
        return diag_error(diag, node->at,
                          "size 0x%" PRIx64 " of region '%s' is not whole pages\n"
                          "use a multiple of 0x%" PRIx64,
                          region->size, region->name, page);
    }
    if (region->size > SPACE_LIMIT) {
        return diag_error(diag, node->at,
                          "size 0x%" PRIx64 " of region '%s' is more than any address space has\n"
                          "use at most 0x%" PRIx64,
                          region->size, region->name, SPACE_LIMIT);
    }
    if (region->size < region->prefill_length) {
        return diag_error(diag, node->at,
                          "region '%s' has 0x%" PRIx64 " bytes, its file '%s' has 0x%" PRIx64 "\n"
                          "make it larger, or leave out size",
                          region->name, region->size, region->prefill_path, region->prefill_length);
    }
    return true;
}

static bool parse_paddr(struct composer *composer, const struct xml_node *node,
                        struct region *region)
{
    region->has_paddr = xml_attribute(node, XML_PLAIN, "phys_addr") != NULL;
    if (!read_number(composer, node, "phys_addr", &region->paddr)) {
        return false;
    }
    if (region->paddr % region_page(region) != 0) {
        return diag_error(&composer->diag, node->at,
                          "phys_addr 0x%" PRIx64 " of region '%s' is not on a page boundary\n"
                          "use a multiple of 0x%" PRIx64,
                          region->paddr, region->name, region_page(region));
    }
    if (region->paddr > SPACE_LIMIT || region->size > SPACE_LIMIT - region->paddr) {
        return diag_error(&composer->diag, node->at,
                          "region '%s' ends above the physical addresses of this machine\n"
                          "end it at or below 0x%" PRIx64,
                          region->name, SPACE_LIMIT);
    }
    return true;
}

bool parse_region(struct composer *composer, const struct xml_node *node)
{
    struct region *region = arena_alloc(&composer->arena, sizeof(*region));
    region->at = node->at;
    node_is_leaf(composer, node);
    if (!need_string(composer, node, "name", &region->name)) {
        return false;
    }
    system_region_add(&composer->arena, &composer->system, region);
    region->broken =
        !node_allow(composer, node, "name size page_size phys_addr prefill_path prefill_bootinfo",
                    "") ||
        !parse_page_size(composer, node, region) || !parse_prefill(composer, node, region) ||
        !parse_size(composer, node, region) || !parse_paddr(composer, node, region);
    return !region->broken;
}
