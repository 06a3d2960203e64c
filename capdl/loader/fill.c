/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Contents of frames
 *
 * A frame that is not taken from the image is mapped into a window of the initialiser, written,
 * cleaned to memory (its user may map it uncached, or run it) and unmapped again. New memory is
 * zero already.
 */
#include "initialiser.h"

#include <string.h>

#define WINDOW_SMALL SCRATCH_BASE
#define WINDOW_LARGE (SCRATCH_BASE + PACKED_LARGE_BYTES)
#define LINE         64ul /* no cache of an Armv8-A core has shorter lines than this is rounded to */

static bool windows_ready;

static void make_window_table(void)
{
    seL4_CPtr slot = slot_take();
    seL4_CPtr untyped = memory_take_own(seL4_PageTableBits);

    if (untyped == 0) {
        fail_because("make room to fill frames", PACKED_NONE, "no memory is left; bytes asked",
                     PACKED_PAGE_BYTES);
    }
    check(seL4_Untyped_Retype(untyped, seL4_ARM_PageTableObject, 0, seL4_CapInitThreadCNode, 0, 0,
                              slot, 1),
          "make a page table of the initialiser", PACKED_NONE);
    check(seL4_ARM_PageTable_Map(slot, seL4_CapInitThreadVSpace, WINDOW_SMALL,
                                 seL4_ARM_Default_VMAttributes),
          "map a page table of the initialiser", PACKED_NONE);
}

static uint8_t *open_frame(uint32_t frame)
{
    bool is_large = initialiser.spec.objects[frame].size_bits > seL4_PageBits;
    uint64_t window = is_large ? WINDOW_LARGE : WINDOW_SMALL;

    if (!windows_ready) {
        make_window_table(); /* level 2 */
        make_window_table(); /* level 3, for the small window */
        windows_ready = true;
    }
    check(seL4_ARM_Page_Map(object_slot(frame), seL4_CapInitThreadVSpace, window, seL4_ReadWrite,
                            seL4_ARM_Default_VMAttributes),
          "open for filling", frame);
    return (uint8_t *)window;
}

static void close_frame(uint32_t frame)
{
    check(seL4_ARM_Page_Unmap(object_slot(frame)), "close after filling", frame);
}

static void clean(const uint8_t *start, uint64_t bytes)
{
    uint64_t line = (uint64_t)start & ~(LINE - 1);
    uint64_t end = (uint64_t)start + bytes;

    for (uint64_t at = line; at < end; at += LINE) {
        __asm__ volatile("dc cvac, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb ish" ::: "memory");
    for (uint64_t at = line; at < end; at += LINE) {
        __asm__ volatile("ic ivau, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb ish\n\tisb" ::: "memory");
}

/* The block of the extra boot information with this identifier, header included; NULL if the
 * kernel gave none. */
static const seL4_BootInfoHeader *boot_block(uint64_t id)
{
    uint64_t at = (uint64_t)initialiser.boot + PACKED_PAGE_BYTES;
    uint64_t end = at + initialiser.boot->extraLen;

    while (end - at >= sizeof(seL4_BootInfoHeader)) {
        const seL4_BootInfoHeader *header = (const seL4_BootInfoHeader *)at;

        if (header->id == id) {
            return header;
        }
        if (header->len < sizeof *header || header->len > end - at) {
            break;
        }
        at += header->len;
    }
    return NULL;
}

static void fill_from_boot_info(const struct packed_fill *fill, uint8_t *destination)
{
    const seL4_BootInfoHeader *block = boot_block(fill->block);
    uint64_t bytes;

    if (!block || fill->source >= block->len) {
        return; /* the spec's rule: the frame stays zero */
    }
    bytes = block->len - fill->source;
    memcpy(destination, (const uint8_t *)block + fill->source,
           bytes < fill->length ? bytes : fill->length);
}

void fill_frames(void)
{
    const struct packed_view *spec = &initialiser.spec;
    uint32_t open = PACKED_NONE;
    uint8_t *window = NULL;

    for (uint32_t i = 0; i < spec->fill_count; i++) {
        const struct packed_fill *fill = &spec->fills[i];

        if (fill->frame != open) {
            if (open != PACKED_NONE) {
                close_frame(open);
            }
            open = fill->frame;
            window = open_frame(open);
        }
        if (fill->kind == PACKED_FILL_PAYLOAD) {
            memcpy(window + fill->offset, initialiser.payload + fill->source, fill->length);
        } else {
            fill_from_boot_info(fill, window + fill->offset);
        }
        clean(window + fill->offset, fill->length);
    }
    if (open != PACKED_NONE) {
        close_frame(open);
    }
}
