/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Device trees for the tests
 */
#include "tree.h"

#include <assert.h>
#include <libfdt.h>
#include <string.h>

#define TREE_BYTES 0x4000

static char blob[TREE_BYTES] __attribute__((aligned(8)));

static void must(int result)
{
    assert(result >= 0);
    (void)result;
}

/* (The library's own macro for this loses bits in a conversion.) */
static void property_text(const char *name, const char *text)
{
    must(fdt_property(blob, name, text, (int)strlen(text) + 1));
}

/* A property of 64-bit numbers, as cells. */
static void property_words(const char *name, const uint64_t *words, int count)
{
    fdt64_t cells[8];

    for (int i = 0; i < count; i++) {
        cells[i] = cpu_to_fdt64(words[i]);
    }
    must(fdt_property(blob, name, cells, count * (int)sizeof(cells[0])));
}

static void property_cells(const char *name, const uint32_t *values, int count)
{
    fdt32_t cells[16];

    for (int i = 0; i < count; i++) {
        cells[i] = cpu_to_fdt32(values[i]);
    }
    must(fdt_property(blob, name, cells, count * (int)sizeof(cells[0])));
}

static void memory_nodes(const struct tree *tree)
{
    for (int i = 0; i < tree->memory_count; i++) {
        char name[] = "memory@0";
        name[7] = (char)('0' + i);
        must(fdt_begin_node(blob, name));
        property_text("device_type", "memory");
        property_words("reg", tree->memory[i], 2);
        must(fdt_end_node(blob));
    }
    if (tree->reserved_count == 0) {
        return;
    }
    must(fdt_begin_node(blob, "reserved-memory"));
    must(fdt_property_u32(blob, "#address-cells", 2));
    must(fdt_property_u32(blob, "#size-cells", 2));
    must(fdt_property(blob, "ranges", NULL, 0));
    for (int i = 0; i < tree->reserved_count; i++) {
        char name[] = "keep@0";
        name[5] = (char)('0' + i);
        must(fdt_begin_node(blob, name));
        property_words("reg", tree->reserved[i], 2);
        must(fdt_end_node(blob));
    }
    must(fdt_end_node(blob));
}

static void gic_node(const struct tree *tree)
{
    static const uint64_t v2[] = { 0x8000000, 0x10000, 0x8010000, 0x10000, 0x8030000, 0x10000 };
    static const uint64_t v3[] = { 0x8000000, 0x10000, 0x80a0000, 0xf60000 };
    static const uint32_t maintenance[] = { 1, 9, 4 };

    if (tree->gic == 0) {
        return;
    }
    must(fdt_begin_node(blob, "intc@8000000"));
    property_text("compatible", tree->gic == 3 ? "arm,gic-v3" : "arm,cortex-a15-gic");
    if (tree->gic == 3) {
        property_words("reg", v3, 4);
    } else {
        property_words("reg", v2, tree->no_hypervisor ? 4 : 6);
    }
    property_cells("interrupts", maintenance, 3);
    must(fdt_end_node(blob));
}

static void timer_node(const struct tree *tree)
{
    static const uint32_t interrupts[] = { 1, 13, 4, 1, 14, 4, 1, 11, 4, 1, 10, 4 };

    if (tree->no_timer) {
        return;
    }
    must(fdt_begin_node(blob, "timer"));
    property_text("compatible", "arm,armv8-timer");
    property_cells("interrupts", interrupts, tree->short_timer ? 9 : 12);
    must(fdt_end_node(blob));
}

static void uart_node(const struct tree *tree)
{
    static const uint32_t ranges[] = { 0x1000, 0, 0x9000000, 0x1000 };
    static const uint32_t on_bus[] = { 0x1000, 0x1000 };
    static const uint64_t direct[] = { 0x9000000, 0x1000 };
    static const uint32_t interrupts[] = { 0, 1, 4 };

    if (tree->no_uart) {
        return;
    }
    if (tree->uart_on_bus) {
        must(fdt_begin_node(blob, "bus"));
        must(fdt_property_u32(blob, "#address-cells", 1));
        must(fdt_property_u32(blob, "#size-cells", 1));
        property_cells("ranges", ranges, 4);
    }
    must(fdt_begin_node(blob, "pl011@9000000"));
    must(fdt_property(blob, "compatible", "arm,pl011\0arm,primecell", 24));
    if (tree->uart_on_bus) {
        property_cells("reg", on_bus, 2);
    } else {
        property_words("reg", direct, 2);
    }
    property_cells("interrupts", interrupts, 3);
    if (tree->uart_disabled) {
        property_text("status", "disabled");
    }
    must(fdt_end_node(blob));
    if (tree->uart_on_bus) {
        must(fdt_end_node(blob));
    }
}

const void *tree_build(const struct tree *tree)
{
    memset(blob, 0, sizeof(blob));
    must(fdt_create(blob, sizeof(blob)));
    if (tree->memreserve != 0) {
        must(fdt_add_reservemap_entry(blob, tree->memreserve, 0x1000));
    }
    must(fdt_finish_reservemap(blob));
    must(fdt_begin_node(blob, ""));
    must(fdt_property_u32(blob, "#address-cells", 2));
    must(fdt_property_u32(blob, "#size-cells", 2));
    property_text("compatible", tree->compatible);
    memory_nodes(tree);
    gic_node(tree);
    timer_node(tree);
    uart_node(tree);
    must(fdt_end_node(blob));
    must(fdt_finish(blob));
    return blob;
}
