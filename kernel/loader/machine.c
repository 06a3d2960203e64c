/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the device tree says about the machine
 *
 * Pure but for the tree it reads: host tests feed it trees. A tree comes from firmware and is
 * checked by libfdt; what is odd in it gives a refusal, not a guess.
 */
#include "machine.h"

#include <libfdt.h>
#include <plat/plat.h>

#define PAGE_BYTES          0x1000ul
#define CELL_BYTES          4
#define ADDRESS_CELLS_MAX   2
#define INTERRUPT_CELLS     3
#define PPI_BASE            16u
#define SPI_BASE            32u
#define HYP_TIMER_INDEX     3 /* secure, physical, virtual, hypervisor */
#define GICV2_GICH_INDEX    2
#define DEFAULT_MAINTENANCE (PPI_BASE + 9)
#define GICV2_PART_BYTES    0x1000ul
#define MAX_IRQ_UNKNOWN     0u

/* ---- Numbers ------------------------------------------------------------------------------- */

static uint64_t cells_read(const fdt32_t *cells, int count)
{
    uint64_t value = 0;

    for (int i = 0; i < count; i++) {
        value = value << 32 | fdt32_to_cpu(cells[i]);
    }
    return value;
}

/* Cells of a `reg` below `parent`; false if they do not fit into 64 bits. */
static bool cells_of(const void *dtb, int parent, int *address, int *size)
{
    *address = fdt_address_cells(dtb, parent);
    *size = fdt_size_cells(dtb, parent);
    return *address >= 1 && *address <= ADDRESS_CELLS_MAX && *size >= 0 &&
           *size <= ADDRESS_CELLS_MAX;
}

/* Translate `start` from the bus at `bus` to its parent's addresses. */
static bool translate(const void *dtb, int bus, uint64_t *start)
{
    int bytes, child, size, parent, unused;
    const fdt32_t *ranges = fdt_getprop(dtb, bus, "ranges", &bytes);
    int above = fdt_parent_offset(dtb, bus);

    if (ranges == NULL || above < 0) {
        return false;
    }
    if (bytes == 0) {
        return true; /* the same addresses */
    }
    if (!cells_of(dtb, bus, &child, &size) || !cells_of(dtb, above, &parent, &unused)) {
        return false;
    }
    int entry = child + parent + size;
    for (int at = 0; (at + entry) * CELL_BYTES <= bytes; at += entry) {
        uint64_t from = cells_read(ranges + at, child);
        uint64_t to = cells_read(ranges + at + child, parent);
        uint64_t length = cells_read(ranges + at + child + parent, size);
        if (*start >= from && *start - from < length) {
            *start = *start - from + to;
            return true;
        }
    }
    return false;
}

bool machine_reg(const void *dtb, int node, unsigned index, struct boot_range *range)
{
    int bytes, address, size;
    int bus = fdt_parent_offset(dtb, node);
    const fdt32_t *reg = fdt_getprop(dtb, node, "reg", &bytes);

    if (bus < 0 || reg == NULL || !cells_of(dtb, bus, &address, &size)) {
        return false;
    }
    int at = (int)index * (address + size);
    if ((at + address + size) * CELL_BYTES > bytes) {
        return false;
    }
    uint64_t start = cells_read(reg + at, address);
    uint64_t length = cells_read(reg + at + address, size);
    for (int parent = bus; parent > 0; parent = fdt_parent_offset(dtb, parent)) {
        if (!translate(dtb, parent, &start)) {
            return false;
        }
    }
    if (start + length < start) {
        return false;
    }
    *range = (struct boot_range){ start, start + length };
    return true;
}

static bool is_enabled(const void *dtb, int node)
{
    int bytes;
    const char *status = fdt_getprop(dtb, node, "status", &bytes);

    return status == NULL || (bytes >= 2 && status[0] == 'o' && status[1] == 'k');
}

/* The first enabled node with this `compatible`, or a negative number. */
static int find(const void *dtb, const char *compatible)
{
    int node = fdt_node_offset_by_compatible(dtb, -1, compatible);

    while (node >= 0 && !is_enabled(dtb, node)) {
        node = fdt_node_offset_by_compatible(dtb, node, compatible);
    }
    return node;
}

/* Interrupt `index` of the node as the number of the GIC's; `otherwise` if it has none. */
static uint32_t interrupt(const void *dtb, int node, int index, uint32_t otherwise)
{
    int bytes;
    const fdt32_t *cells = fdt_getprop(dtb, node, "interrupts", &bytes);
    int at = index * INTERRUPT_CELLS;

    if (cells == NULL || (at + INTERRUPT_CELLS) * CELL_BYTES > bytes) {
        return otherwise;
    }
    return fdt32_to_cpu(cells[at + 1]) + (fdt32_to_cpu(cells[at]) == 0 ? SPI_BASE : PPI_BASE);
}

/* ---- Memory --------------------------------------------------------------------------------- */

/* Insert [start, end) into an ascending list of disjoint ranges, merging what touches. */
static bool range_add(struct boot_range *list, uint32_t *count, uint64_t start, uint64_t end)
{
    uint32_t at = 0;
    uint32_t kept = 0;

    for (uint32_t i = 0; i < *count; i++) {
        if (list[i].end < start || list[i].start > end) {
            list[kept] = list[i];
            kept++;
        } else {
            start = list[i].start < start ? list[i].start : start;
            end = list[i].end > end ? list[i].end : end;
        }
    }
    if (kept == BOOT_RANGE_MAX) {
        *count = kept;
        return false;
    }
    for (at = kept; at > 0 && list[at - 1].start > start; at--) {
        list[at] = list[at - 1];
    }
    list[at] = (struct boot_range){ start, end };
    *count = kept + 1;
    return true;
}

static const char *read_ram(const void *dtb, struct boot_table *table)
{
    int node = fdt_node_offset_by_prop_value(dtb, -1, "device_type", "memory", sizeof("memory"));

    for (; node >= 0; node = fdt_node_offset_by_prop_value(dtb, node, "device_type", "memory",
                                                           sizeof("memory"))) {
        struct boot_range range;
        for (unsigned i = 0; is_enabled(dtb, node) && machine_reg(dtb, node, i, &range); i++) {
            uint64_t start = (range.start + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
            uint64_t end = range.end < KERNEL_PADDR_TOP ? range.end : KERNEL_PADDR_TOP;
            end &= ~(PAGE_BYTES - 1);
            if (start < end && !range_add(table->ram, &table->ram_count, start, end)) {
                return "the device tree has more than 16 separate ranges of RAM";
            }
        }
    }
    return table->ram_count > 0 ? NULL : "the device tree has no `memory` node with RAM";
}

static bool reserve(struct boot_table *table, uint64_t start, uint64_t end)
{
    start &= ~(PAGE_BYTES - 1);
    end = (end + PAGE_BYTES - 1) & ~(PAGE_BYTES - 1);
    end = end < KERNEL_PADDR_TOP ? end : KERNEL_PADDR_TOP;
    return start >= end || range_add(table->reserved, &table->reserved_count, start, end);
}

/* What the firmware keeps: the memory reservation block and /reserved-memory. */
static const char *read_reserved(const void *dtb, struct boot_table *table)
{
    static const char too_many[] = "the device tree has more than 16 separate reserved ranges";
    uint64_t self = (uint64_t)(uintptr_t)dtb;

    for (int i = 0; i < fdt_num_mem_rsv(dtb); i++) {
        uint64_t start, bytes;
        if (fdt_get_mem_rsv(dtb, i, &start, &bytes) != 0 ||
            (start <= self && self - start < bytes)) {
            continue; /* the tree itself is copied */
        }
        if (!reserve(table, start, start + bytes)) {
            return too_many;
        }
    }
    int parent = fdt_path_offset(dtb, "/reserved-memory");
    int node;
    if (parent < 0) {
        return NULL;
    }
    fdt_for_each_subnode(node, dtb, parent)
    {
        struct boot_range range;
        for (unsigned i = 0; is_enabled(dtb, node) && machine_reg(dtb, node, i, &range); i++) {
            if (!reserve(table, range.start, range.end)) {
                return too_many;
            }
        }
    }
    return NULL;
}

/* ---- Devices -------------------------------------------------------------------------------- */

static const char *read_gicv3(const void *dtb, int node, struct boot_table *table)
{
    struct boot_range distributor, redistributors;

    if (!machine_reg(dtb, node, 0, &distributor) || !machine_reg(dtb, node, 1, &redistributors)) {
        return "the GICv3 node has no distributor or no redistributors";
    }
    table->gic_version = 3;
    table->gicd_base = distributor.start;
    table->gicd_size = distributor.end - distributor.start;
    table->gicr_base = redistributors.start;
    table->gicr_size = redistributors.end - redistributors.start;
    return NULL;
}

static const char *read_gicv2(const void *dtb, int node, struct boot_table *table)
{
    struct boot_range distributor, cpu, hypervisor;

    if (!machine_reg(dtb, node, 0, &distributor) || !machine_reg(dtb, node, 1, &cpu) ||
        !machine_reg(dtb, node, GICV2_GICH_INDEX, &hypervisor)) {
        return "the GICv2 has no hypervisor interface; on QEMU's virt say virtualization=on";
    }
    table->gic_version = 2;
    table->gicd_base = distributor.start;
    table->gicd_size = distributor.end - distributor.start;
    table->gicc_base = cpu.start;
    table->gicc_size = cpu.end - cpu.start;
    table->gich_base = hypervisor.start;
    table->gich_size = hypervisor.end - hypervisor.start;
    return NULL;
}

static const char *read_gic(const void *dtb, struct boot_table *table)
{
    int node = find(dtb, "arm,gic-v3");
    const char *refusal;

    if (node >= 0) {
        refusal = read_gicv3(dtb, node, table);
    } else {
        node = find(dtb, "arm,cortex-a15-gic");
        node = node >= 0 ? node : find(dtb, "arm,gic-400");
        if (node < 0) {
            return "the device tree has no GICv2 or GICv3";
        }
        refusal = read_gicv2(dtb, node, table);
    }
    table->maintenance_irq = interrupt(dtb, node, 0, DEFAULT_MAINTENANCE);
    return refusal;
}

static const char *read_timer(const void *dtb, struct boot_table *table)
{
    int node = find(dtb, "arm,armv8-timer");

    if (node < 0) {
        return "the device tree has no arm,armv8-timer";
    }
    table->timer_irq = interrupt(dtb, node, HYP_TIMER_INDEX, 0);
    if (table->timer_irq == 0) {
        return "the timer node names no hypervisor timer interrupt";
    }
    int bytes;
    const fdt32_t *hz = fdt_getprop(dtb, node, "clock-frequency", &bytes);
    if (hz != NULL && bytes == CELL_BYTES) {
        table->timer_hz = fdt32_to_cpu(*hz);
    }
    return NULL;
}

/* The node that /chosen names as console: a path or an alias, up to a colon. */
static int console_node(const void *dtb)
{
    int chosen = fdt_path_offset(dtb, "/chosen");
    int bytes = 0;
    const char *path = chosen < 0 ? NULL : fdt_getprop(dtb, chosen, "stdout-path", &bytes);
    int length = 0;

    if (path == NULL) {
        return -1;
    }
    while (length < bytes && path[length] != '\0' && path[length] != ':') {
        length++;
    }
    return fdt_path_offset_namelen(dtb, path, length);
}

static void read_uart(const void *dtb, struct boot_table *table)
{
    int node = console_node(dtb);
    struct boot_range range;

    if (node < 0 || fdt_node_check_compatible(dtb, node, "arm,pl011") != 0) {
        node = find(dtb, "arm,pl011");
    }
    if (node < 0 || !machine_reg(dtb, node, 0, &range)) {
        table->uart_kind = BOOT_UART_NONE;
        return;
    }
    table->uart_kind = BOOT_UART_PL011;
    table->uart_base = range.start;
    table->uart_irq = interrupt(dtb, node, 0, 0);
}

const char *machine_read(const void *dtb, struct boot_table *table)
{
    const struct plat_board *board = NULL;
    int bytes;
    const char *compatible = fdt_getprop(dtb, 0, "compatible", &bytes);
    const char *refusal;

    if (compatible != NULL) {
        board = plat_board_find(compatible, (size_t)bytes);
    }
    table->max_irq = board != NULL ? board->max_irq : MAX_IRQ_UNKNOWN;
    read_uart(dtb, table);
    refusal = read_ram(dtb, table);
    if (refusal == NULL) {
        refusal = read_reserved(dtb, table);
    }
    if (refusal == NULL) {
        refusal = read_gic(dtb, table);
    }
    if (refusal == NULL) {
        refusal = read_timer(dtb, table);
    }
    return refusal;
}
