/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the guest's RAM holds when it starts
 *
 *     RAM base                                                             RAM end
 *     | kernel (at its text offset) ... bss |      | initrd | device tree (64 KiB) |
 *
 * The kernel is an arm64 Image as distributions ship it, uncompressed. Source: the boot protocol
 * in the kernel's documentation, "Booting AArch64 Linux" (64-byte header, 2 MiB aligned base).
 * The guest starts with its caches off, so what is written here is cleaned to memory.
 */
#include <console/console.h>
#include <string.h>
#include <vmm/vmm.h>

#define IMAGE_MAGIC       0x644d5241u /* "ARM\x64" at offset 56 */
#define DEVICE_TREE_BYTES 0x10000ul
#define PAGE              0x1000ul

struct image_header {
    uint32_t code[2];
    uint64_t text_offset;
    uint64_t image_size;
    uint64_t flags;
    uint64_t reserved[3];
    uint32_t magic;
    uint32_t pe_offset;
};
_Static_assert(sizeof(struct image_header) == 64, "arm64 Image header");

static void clean_to_memory(const void *start, uint64_t bytes)
{
    uint64_t line = (uint64_t)start & ~63ul; /* no cache of an Armv8-A core has shorter lines */

    for (; line < (uint64_t)start + bytes; line += 64) {
        __asm__ volatile("dc cvac, %0" ::"r"(line) : "memory");
    }
    __asm__ volatile("dsb sy" ::: "memory");
}

static void place(void *destination, const void *source, uint64_t bytes)
{
    memcpy(destination, source, bytes);
    clean_to_memory(destination, bytes);
}

/* Copy the kernel. Returns the first guest-physical address after it, or 0. */
static uint64_t load_kernel(const struct guest_memory *memory, struct guest_start *start)
{
    struct image_header header;
    uint64_t bytes;
    void *destination;

    if (guest_kernel_bytes < sizeof header) {
        console_printf("vmm: the guest kernel is empty: give an arm64 Image file\n");
        return 0;
    }
    memcpy(&header, (const void *)guest_kernel_base, sizeof header);
    if (header.magic != IMAGE_MAGIC) {
        console_printf("vmm: the guest kernel is no arm64 Image (magic %08x at offset 56, "
                       "expected %08x): give the uncompressed Image file\n",
                       (unsigned)header.magic, IMAGE_MAGIC);
        return 0;
    }
    bytes = header.image_size > guest_kernel_bytes ? header.image_size : guest_kernel_bytes;
    start->entry = GUEST_RAM_BASE + header.text_offset;
    destination = guest_memory_at(memory, start->entry, bytes);
    if (!destination) {
        console_printf("vmm: the guest kernel needs %lu KiB at offset %lu KiB, its RAM has %lu "
                       "KiB: raise the VM's memory\n",
                       bytes / 1024, header.text_offset / 1024, memory->bytes / 1024);
        return 0;
    }
    place(destination, (const void *)guest_kernel_base, guest_kernel_bytes);
    return start->entry + bytes;
}

bool boot_load(const struct guest_memory *memory, struct guest_start *start)
{
    struct device_tree_request request = { .ram_bytes = memory->bytes,
                                           .gic_version = (unsigned)guest_gic_version,
                                           .append = guest_append };
    uint64_t kernel_end = load_kernel(memory, start);
    uint64_t ram_end = GUEST_RAM_BASE + memory->bytes;
    void *tree;
    int error;

    if (kernel_end == 0) {
        return false;
    }
    start->device_tree = ram_end - DEVICE_TREE_BYTES;
    request.initrd_end = start->device_tree;
    request.initrd_start = (request.initrd_end - guest_initrd_bytes) & ~(PAGE - 1);
    if (guest_initrd_bytes > memory->bytes || request.initrd_start < kernel_end) {
        console_printf("vmm: the initial RAM disk (%lu KiB) does not fit behind the kernel in %lu "
                       "KiB of RAM: raise the VM's memory\n",
                       guest_initrd_bytes / 1024, memory->bytes / 1024);
        return false;
    }
    if (guest_initrd_bytes != 0) {
        request.initrd_end = request.initrd_start + guest_initrd_bytes;
        place(guest_memory_at(memory, request.initrd_start, guest_initrd_bytes),
              (const void *)guest_initrd_base, guest_initrd_bytes);
    } else {
        request.initrd_end = 0;
    }
    tree = guest_memory_at(memory, start->device_tree, DEVICE_TREE_BYTES);
    error = device_tree_make(tree, (int)DEVICE_TREE_BYTES, &request);
    if (error != 0) {
        console_printf("vmm: the guest's device tree cannot be made (libfdt error %d): shorten "
                       "the kernel command line\n",
                       error);
        return false;
    }
    clean_to_memory(tree, DEVICE_TREE_BYTES);
    return true;
}

uint64_t boot_load_reset(const struct guest_memory *memory, const struct guest_start *start)
{
    /* In the device tree's last page: device_tree_make fills far less, and writes it anew. */
    uint64_t address = start->device_tree + DEVICE_TREE_BYTES - PAGE;
    bool is_v3 = guest_gic_version == 3;
    const uint8_t *code = is_v3 ? reset_code_v3 : reset_code_v2;
    const uint8_t *end = is_v3 ? reset_code_v3_end : reset_code_v2_end;
    uint8_t *destination = guest_memory_at(memory, address, PAGE);

    place(destination, code, (uint64_t)(end - code));
    for (uint64_t line = 0; line < (uint64_t)(end - code); line += 64) {
        __asm__ volatile("ic ivau, %0" ::"r"(destination + line) : "memory");
    }
    __asm__ volatile("dsb sy\n\tisb" ::: "memory");
    return address;
}
