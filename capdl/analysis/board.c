/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The default board: QEMU's "virt"
 */
#include "board.h"

#include <stddef.h>

static const uint64_t RAM_FIRST = 0x40000000;
static const uint64_t RAM_END = 0x4000000000;

static const struct board_device devices[] = {
    { 0x0, 0x8000000, "flash memory", false, false },
    { 0x8000000, 0x10000, "interrupt distributor", false, false },
    { 0x8010000, 0x10000, "interrupt CPU interface", false, false },
    { 0x8020000, 0x1000, "message-signalled interrupts", false, false },
    { 0x8030000, 0x10000, "interrupt virtualisation control", false, false },
    { 0x8040000, 0x10000, "virtual interrupt CPU interface", false, true },
    { 0x9000000, 0x1000, "UART", false, false },
    { 0x9010000, 0x1000, "real-time clock", false, false },
    { 0x9020000, 0x1000, "firmware configuration", true, false },
    { 0x9030000, 0x1000, "GPIO", false, false },
    { 0x9040000, 0x1000, "UART", false, false },
    { 0x9050000, 0x20000, "IOMMU", true, false },
    { 0xa000000, 0x4000, "virtio transports", true, false },
    { 0xc000000, 0x2000000, "platform bus", true, false },
    { 0x10000000, 0x2eff0000, "PCI memory", true, false },
    { 0x3eff0000, 0x10000, "PCI ports", true, false },
    { 0x3f000000, 0x1000000, "PCI configuration", true, false },
    { 0x4010000000, 0x10000000, "PCI configuration", true, false },
    { 0x8000000000, 0x8000000000, "PCI memory", true, false },
};

const struct board_device *board_device_at(uint64_t address)
{
    for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
        if (address - devices[i].base < devices[i].bytes) {
            return &devices[i];
        }
    }
    return NULL;
}

bool board_has_ram_at(uint64_t address)
{
    return address >= RAM_FIRST && address < RAM_END;
}
