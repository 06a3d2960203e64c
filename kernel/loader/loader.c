/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The loader
 *
 * Reads the device tree, puts the kernel, the packed tree and the boot table together into
 * one 2 MiB-aligned block, puts the user image where it can stay (or leaves it where it is), and
 * starts the kernel. It runs once, with the MMU off, and is not trusted afterwards: the kernel
 * checks the table.
 *
 *      block:  kernel image with bss | device tree | boot table | (free)
 */
#include "loader.h"

#include "machine.h"
#include "place.h"

#include <libfdt.h>
#include <string.h>

#define PAGE_BYTES  0x1000ul
#define LARGE_BYTES 0x200000ul
#define ISS_ALIGN   8ul
#define GICD_TYPER  4u
#define IRQ_SPECIAL 1020u
#define FDT_MAX     (8ul << 20) /* no device tree is larger */
#define RAM_DEFAULT 0x40000000ul

extern const struct image_header image_header;

_Static_assert(offsetof(struct image_header, image_bytes) == 16, "start.S reads it there");
_Static_assert(IMAGE_AVOID_MAX == BOOT_AVOID_MAX, "the loader copies all of them");
_Static_assert(sizeof(struct image_header) == 648, "start.S makes room for it");

_Noreturn void loader_main(uint64_t dtb, uint64_t self);
_Noreturn void loader_wrong_level(void);
_Noreturn void loader_exception(uint64_t esr, uint64_t elr, uint64_t far);

static struct boot_table table;
static struct place place;

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) & ~(unit - 1);
}

_Noreturn void loader_wrong_level(void)
{
    loader_fail("the CPU is not in EL2; on QEMU's virt say -M virt,virtualization=on");
}

_Noreturn void loader_exception(uint64_t esr, uint64_t elr, uint64_t far)
{
    loader_print("\nLOADER|ERROR: unexpected exception, ESR ");
    loader_print_hex(esr);
    loader_print(" ELR ");
    loader_print_hex(elr);
    loader_fail_at(" FAR", far);
}

/* ---- The device tree ------------------------------------------------------------------------ */

static bool is_tree(uint64_t address)
{
    uint32_t magic;

    return address != 0 && (address & (ISS_ALIGN - 1)) == 0 && loader_probe(address, &magic) &&
           fdt32_to_cpu(magic) == FDT_MAGIC && fdt_check_header((const void *)address) == 0 &&
           fdt_totalsize((const void *)address) <= FDT_MAX;
}

/* From x0, as the boot protocol says; else at the start of RAM, where QEMU leaves it. */
static void *find_tree(uint64_t given)
{
    if (is_tree(given)) {
        return (void *)given;
    }
    if (is_tree(RAM_DEFAULT)) {
        return (void *)RAM_DEFAULT;
    }
    loader_fail("no device tree: neither in x0 nor at 0x40000000");
}

/* ---- Placement ------------------------------------------------------------------------------ */

static void take(uint64_t start, uint64_t end)
{
    if (!place_take(&place, start, end)) {
        loader_fail("too many reserved ranges (tree, --reserve); at most 64 together");
    }
}

/* What nobody may touch, whatever is placed. */
static void take_fixed(void)
{
    place.ram = table.ram;
    place.ram_count = table.ram_count;
    for (uint32_t i = 0; i < table.reserved_count; i++) {
        take(table.reserved[i].start, table.reserved[i].end);
    }
    for (uint32_t i = 0; i < table.avoid_count && i < BOOT_AVOID_MAX; i++) {
        take(table.avoid[i].start, table.avoid[i].end);
    }
    if ((table.flags & BOOT_VM_WINDOW) != 0) {
        take(table.vm_window_start, table.vm_window_end);
    }
}

/* Copy the kernel and the tree into their block, which the table comes into later. */
static void place_kernel(uint64_t self, const void *tree)
{
    uint64_t tree_bytes = fdt_totalsize(tree);
    uint64_t tree_at = round_up(image_header.kernel_bytes, ISS_ALIGN);
    uint64_t table_at = round_up(tree_at + tree_bytes, ISS_ALIGN);
    uint64_t bytes = round_up(table_at + sizeof(table), LARGE_BYTES);
    uint32_t fixed = place.taken_count;
    uint64_t block;

    /* Nothing that is still needed may be overwritten: this image and the tree. */
    take(self, self + image_header.image_bytes);
    take((uint64_t)tree, (uint64_t)tree + tree_bytes);
    if (!place_find(&place, bytes, LARGE_BYTES, &block)) {
        loader_fail_at("no room in RAM for the kernel, which needs so many bytes", bytes);
    }
    char *to = (char *)block;
    memcpy(to, (const char *)self + image_header.kernel_offset, image_header.kernel_file_bytes);
    memset(to + image_header.kernel_file_bytes, 0,
           image_header.kernel_bytes - image_header.kernel_file_bytes);
    memcpy(to + tree_at, tree, tree_bytes);
    table.kernel_start = block;
    table.kernel_end = block + bytes;
    table.dtb_start = block + tree_at;
    table.dtb_size = tree_bytes;
    place.taken_count = fixed;
    take(block, block + bytes);
}

/* Leave the user image where it is, or move it (memmove: it may be moved over itself). */
static void place_user(uint64_t self)
{
    bool large = image_header.large_start != image_header.large_end;
    uint64_t align = large ? LARGE_BYTES : PAGE_BYTES;
    uint64_t at = self + image_header.user_offset;
    uint64_t bytes = image_header.user_bytes;
    uint64_t shift = image_header.user_vaddr & (align - 1);
    uint64_t to = at;

    take(self, self + image_header.kernel_offset); /* the code that runs now */
    if (((at - shift) & (align - 1)) != 0 || !place_is_free(&place, at, at + bytes)) {
        if (!place_find(&place, shift + bytes, align, &to)) {
            loader_fail_at("no room in RAM for the user image, which has so many bytes", bytes);
        }
        to += shift;
        memmove((void *)to, (const void *)at, bytes);
    }
    table.user_start = to;
    table.user_end = to + bytes;
    table.user_vaddr = image_header.user_vaddr;
    table.user_entry = image_header.user_entry;
    table.large_start = image_header.large_start;
    table.large_end = image_header.large_end;
}

/* ---- The rest of the table ------------------------------------------------------------------- */

static void fill_identity(void)
{
    table.magic = BOOT_TABLE_MAGIC;
    table.version = BOOT_TABLE_VERSION;
    table.size = sizeof(table);
    table.flags = image_header.flags;
    table.counter_access = image_header.counter_access;
    table.boot_slice_us = image_header.boot_slice_us;
    table.root_cnode_bits = image_header.root_cnode_bits;
    table.domains = image_header.domains;
    table.core_count = 1;
    table.avoid_count = image_header.avoid_count;
    for (uint32_t i = 0; i < image_header.avoid_count && i < IMAGE_AVOID_MAX; i++) {
        table.avoid[i] =
            (struct boot_range){ image_header.avoid[i].start, image_header.avoid[i].end };
    }
}

static void fill_machine(const void *tree)
{
    const char *refusal = machine_read(tree, &table);

    loader_console(table.uart_kind == BOOT_UART_PL011 ? table.uart_base : 0);
    if (refusal != NULL) {
        loader_fail(refusal);
    }
    if (table.timer_hz == 0) {
        __asm__("mrs %0, cntfrq_el0" : "=r"(table.timer_hz));
    }
    if (table.max_irq == 0) {
        uint32_t typer = *(volatile uint32_t *)(table.gicd_base + GICD_TYPER); /* a device */
        uint32_t lines = 32 * ((typer & 31) + 1);
        table.max_irq = (lines < IRQ_SPECIAL ? lines : IRQ_SPECIAL) - 1;
    }
    if ((table.flags & BOOT_VM_WINDOW) != 0) {
        table.vm_window_start = table.ram[0].start;
        table.vm_window_end = table.ram[0].start + IMAGE_VM_WINDOW_BYTES;
    }
}

/* Caches are off, so all writes are in RAM; drop what caches may hold of it from before. */
static void forget_cached(uint64_t start, uint64_t end)
{
    uint64_t ctr;
    __asm__("mrs %0, ctr_el0" : "=r"(ctr));
    uint64_t line = 4ul << (ctr >> 16 & 15);

    for (uint64_t at = start & ~(line - 1); at < end; at += line) {
        __asm__ volatile("dc ivac, %0" : : "r"(at) : "memory");
    }
}

_Noreturn void loader_main(uint64_t dtb, uint64_t self)
{
    if (image_header.magic != IMAGE_MAGIC || image_header.version != IMAGE_VERSION ||
        image_header.size != sizeof(image_header)) {
        loader_fail("this loader was not put into an image by tessera-image");
    }
    void *tree = find_tree(dtb);

    (void)fdt_pack(tree); /* a tree that cannot be packed is used as it is */
    fill_identity();
    fill_machine(tree);
    take_fixed();
    place_kernel(self, tree);
    place_user(self);

    uint64_t table_at = round_up(table.dtb_start + table.dtb_size, ISS_ALIGN);
    memcpy((void *)table_at, &table, sizeof(table));
    forget_cached(table.kernel_start, table_at + sizeof(table));
    if (table.user_start != self + image_header.user_offset) {
        forget_cached(table.user_start, table.user_end);
    }
    loader_enter(table.kernel_start, table_at);
}
