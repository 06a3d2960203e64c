/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Contents of frames
 *
 * A frame that is not taken from the image is mapped into a window of the initialiser, written,
 * cleaned to memory (its user may map it uncached, or run it) and unmapped again. New memory is
 * zero already.
 */
#include <loader/build.h>

#include <string.h>

static uint8_t *open_frame(uint32_t frame)
{
    uint64_t window = window_of(builder.spec.objects[frame].size_bits, WINDOW_FILL);

    check(seL4_ARM_Page_Map(object_cptr(frame), builder.vspace, window, seL4_ReadWrite,
                            seL4_ARM_Default_VMAttributes),
          "open for filling", frame);
    return (uint8_t *)window;
}

static void close_frame(uint32_t frame)
{
    check(seL4_ARM_Page_Unmap(object_cptr(frame)), "close after filling", frame);
}

/* Bytes from one instruction of cache maintenance to the next: the shortest line of any data cache
 * (shift 16) or instruction cache (shift 0) of the processor. Source: Arm DDI 0487, CTR_EL0. */
static uint64_t line_bytes(unsigned shift)
{
    uint64_t type;

    __asm__("mrs %0, ctr_el0" : "=r"(type));
    return 4ul << (type >> shift & 15);
}

static void clean(const uint8_t *start, uint64_t bytes)
{
    uint64_t data = line_bytes(16);
    uint64_t code = line_bytes(0);
    uint64_t end = (uint64_t)start + bytes;

    for (uint64_t at = (uint64_t)start & ~(data - 1); at < end; at += data) {
        __asm__ volatile("dc cvac, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb ish" ::: "memory");
    for (uint64_t at = (uint64_t)start & ~(code - 1); at < end; at += code) {
        __asm__ volatile("ic ivau, %0" ::"r"(at) : "memory");
    }
    __asm__ volatile("dsb ish\n\tisb" ::: "memory");
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

static void fill_from_payload(const struct packed_fill *fill, uint8_t *destination)
{
    uint64_t done = 0;

    while (done < fill->length) {
        uint64_t bytes;
        const uint8_t *source = payload_at(fill->source + done, &bytes);

        bytes = bytes < fill->length - done ? bytes : fill->length - done;
        memcpy(destination + done, source, bytes);
        done += bytes;
    }
}

void fill_frames(void)
{
    const struct packed_view *spec = &builder.spec;
    uint32_t open = PACKED_NONE;
    uint8_t *window = NULL;

    for (uint32_t i = 0; i < spec->fill_count; i++) {
        const struct packed_fill *fill = &spec->fills[i];

        if (!is_built(fill->frame)) {
            continue;
        }
        if (fill->frame != open) {
            if (open != PACKED_NONE) {
                close_frame(open);
            }
            open = fill->frame;
            window = open_frame(open);
        }
        if (fill->kind == PACKED_FILL_PAYLOAD) {
            fill_from_payload(fill, window + fill->offset);
        } else {
            fill_from_boot_info(fill, window + fill->offset);
        }
        clean(window + fill->offset, fill->length);
    }
    if (open != PACKED_NONE) {
        close_frame(open);
    }
}
