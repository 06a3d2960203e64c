/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The serial port, for a failure report
 *
 * A PL011, found in the device tree that the kernel passes on. Its frame is one the spec names
 * (the serial driver's) if that was created already, else a fresh one. Without a PL011 the report
 * goes nowhere but to a debugger.
 *
 * Source: PrimeCell UART (PL011) TRM, DDI 0183G, 3.3: data at 0x00, flags at 0x18 (bit 5: full).
 */
#include "initialiser.h"

#include <libfdt.h>

#define UART_WINDOW (SCRATCH_BASE + 2 * PACKED_LARGE_BYTES)
#define FDT_BLOCK   6u /* SEL4_BOOTINFO_HEADER_FDT */

static volatile uint32_t *uart;

static uint64_t uart_paddr(void)
{
    const uint8_t *extra = (const uint8_t *)initialiser.boot + PACKED_PAGE_BYTES;
    const seL4_BootInfoHeader *header = (const seL4_BootInfoHeader *)(const void *)extra;
    const void *tree = header + 1;
    const fdt32_t *reg;
    int node;
    int length;

    if (initialiser.boot->extraLen < sizeof *header || header->id != FDT_BLOCK ||
        fdt_check_header(tree) != 0) {
        return 0;
    }
    node = fdt_node_offset_by_compatible(tree, -1, "arm,pl011");
    reg = node < 0 ? NULL : fdt_getprop(tree, node, "reg", &length);
    if (!reg || length < 8) {
        return 0;
    }
    return (uint64_t)fdt32_to_cpu(reg[0]) << 32 | fdt32_to_cpu(reg[1]);
}

static seL4_CPtr spec_frame(uint64_t paddr)
{
    const struct packed_view *spec = &initialiser.spec;

    for (uint32_t i = 0; spec->header && i < spec->object_count; i++) {
        const struct packed_object *object = &spec->objects[i];
        seL4_CPtr copy;

        if (object->type == PACKED_FRAME && object->place == paddr &&
            (object->flags & PACKED_OBJECT_HAS_PADDR) != 0 &&
            initialiser.slot_free < initialiser.slot_end) {
            copy = slot_take();
            return seL4_CNode_Copy(seL4_CapInitThreadCNode, copy, ROOT_DEPTH,
                                   seL4_CapInitThreadCNode, object_slot(i), ROOT_DEPTH,
                                   seL4_AllRights) == seL4_NoError
                       ? copy
                       : 0;
        }
    }
    return 0;
}

static bool map_page(seL4_CPtr frame)
{
    return seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, UART_WINDOW, seL4_ReadWrite, 0) ==
           seL4_NoError;
}

/* The tables for the window may exist already: a mapping that fails asks for one more. */
static bool map_with_tables(seL4_CPtr frame)
{
    for (int level = 0; level < 3; level++) {
        seL4_CPtr untyped;
        seL4_CPtr slot;

        if (map_page(frame)) {
            return true;
        }
        untyped = memory_take_own(seL4_PageTableBits);
        if (untyped == 0 || initialiser.slot_free >= initialiser.slot_end) {
            return false;
        }
        slot = slot_take();
        if (seL4_Untyped_Retype(untyped, seL4_ARM_PageTableObject, 0, seL4_CapInitThreadCNode, 0, 0,
                                slot, 1) != seL4_NoError ||
            seL4_ARM_PageTable_Map(slot, seL4_CapInitThreadVSpace, UART_WINDOW, 0) !=
                seL4_NoError) {
            return false;
        }
    }
    return false;
}

bool uart_open(void)
{
    uint64_t paddr = uart_paddr();
    seL4_CPtr frame;

    if (paddr == 0) {
        return false;
    }
    if (initialiser.slot_end == 0) { /* failed before the slots were laid out */
        initialiser.slot_free = initialiser.boot->empty.start;
        initialiser.slot_end = initialiser.boot->empty.end;
    }
    frame = spec_frame(paddr);
    if (frame == 0) {
        frame = memory_device_page(paddr);
    }
    if (frame != 0 && map_with_tables(frame)) {
        uart = (volatile uint32_t *)UART_WINDOW;
    }
    return uart != NULL;
}

void uart_put(char character)
{
    if (!uart) {
        return;
    }
    if (character == '\n') {
        uart_put('\r');
    }
    while ((uart[0x18 / 4] & 1u << 5) != 0) {
        /* wait for room in the transmit queue */
    }
    uart[0] = (uint8_t)character;
}
