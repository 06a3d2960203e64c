/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The serial port, for a failure report
 *
 * A PL011, found in the device tree that the kernel passes on. Its frame is one of the spec (the
 * serial driver's) if that was created already, else a fresh one. Without a PL011 the report goes
 * nowhere but to a debugger.
 *
 * Source: PrimeCell UART (PL011) TRM, DDI 0183G, 3.3: data at 0x00, flags at 0x18 (bit 5: full).
 */
#include "initialiser.h"

#include <libfdt.h>

#define FDT_BLOCK 6u /* SEL4_BOOTINFO_HEADER_FDT */

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

/* A copy of a frame of the spec that has the port in it, or 0; `*frame` tells which. */
static seL4_CPtr spec_frame(uint64_t paddr, const struct packed_object **frame)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; spec->header && i < spec->object_count; i++) {
        const struct packed_object *object = &spec->objects[i];

        if (object->type == PACKED_FRAME && (object->flags & PACKED_OBJECT_HAS_PADDR) != 0 &&
            paddr >> object->size_bits == object->place >> object->size_bits) {
            seL4_CPtr copy = slot_take();

            *frame = object;
            return seL4_CNode_Copy(builder.root, copy, ROOT_DEPTH, builder.root, object_slot(i),
                                   ROOT_DEPTH, seL4_AllRights) == seL4_NoError
                       ? copy
                       : 0;
        }
    }
    return 0;
}

bool uart_open(void)
{
    uint64_t paddr = uart_paddr();
    const struct packed_object *frame = NULL;
    uint8_t size_bits = seL4_PageBits;
    uint64_t window;
    seL4_CPtr slot;

    if (paddr == 0 || !windows_prepare()) {
        return false;
    }
    slot = spec_frame(paddr, &frame);
    if (slot == 0) {
        slot = memory_device_page(paddr);
    } else {
        size_bits = frame->size_bits;
    }
    window = window_of(size_bits, WINDOW_UART);
    if (slot != 0 && seL4_ARM_Page_Map(slot, seL4_CapInitThreadVSpace, window, seL4_ReadWrite, 0) ==
                         seL4_NoError) {
        uart = (volatile uint32_t *)(window + (paddr & ((1ul << size_bits) - 1)));
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
