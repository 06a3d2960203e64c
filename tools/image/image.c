/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Putting a boot image together
 */
#include "image.h"

#include "program.h"
#include "spec.h"

#include <abi/boot_table.h>
#include <abi/bootinfo.h>
#include <errno.h>
#include <packed/packed.h>
#include <stdlib.h>
#include <string.h>

#define PAGE_BYTES        UINT64_C(0x1000)
#define LARGE_BYTES       UINT64_C(0x200000)
#define ARM64_SIZE_OFFSET 16  /* image_size of the arm64 boot protocol */
#define OTHER_SLOTS       300 /* of the root CNode: fixed ones, untypeds, tree, scheduling */

struct blob {
    uint8_t *bytes;
    size_t size;
};

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

/* ---- The user image --------------------------------------------------------------------------- */

struct user {
    uint8_t *bytes;
    uint64_t size, vaddr, entry;
};

/* Tell the initialiser where its data is. */
static const char *locations_patch(struct user *user, uint64_t symbol,
                                   const struct packed_locations *locations)
{
    uint64_t magic;

    if (symbol < user->vaddr || symbol - user->vaddr > user->size - sizeof(*locations)) {
        return "has no variable packed_locations: it is no initialiser, so it takes no --spec";
    }
    memcpy(&magic, user->bytes + (symbol - user->vaddr), sizeof(magic));
    if (magic != PACKED_LOCATIONS_MAGIC) {
        return "has a packed_locations of another version than this tool";
    }
    memcpy(user->bytes + (symbol - user->vaddr), locations, sizeof(*locations));
    return NULL;
}

static const char *blob_read(const char *path, struct blob *blob)
{
    blob->bytes = file_read(path, &blob->size);
    return blob->bytes != NULL ? NULL : strerror(errno);
}

/* The program from `base` on, with room for `size` bytes. */
static const char *user_program(const struct elf_block *program, uint64_t base, uint64_t size,
                                struct user *user)
{
    *user = (struct user){ calloc(1, size), size, base, program->entry };
    if (user->bytes == NULL) {
        return "does not fit into memory";
    }
    memcpy(user->bytes + (program->start - base), program->bytes, program->bytes_count);
    return NULL;
}

static uint64_t initialiser_options(const struct options *options)
{
    return (options->verify ? PACKED_OPTION_VERIFY : 0) | (uint64_t)options->seed_fault
                                                              << PACKED_OPTION_SEED_SHIFT;
}

/* Root task, spec and payload as one block of virtual memory; what the spec asks for goes into
 * `header`. */
static const char *user_build(const struct options *options, struct user *user,
                              struct image_header *header, const char **about)
{
    struct blob file = { 0 }, spec = { 0 }, payload = { 0 };
    struct elf_block program = { 0 };
    const char *refusal;

    *about = options->root_task;
    refusal = blob_read(options->root_task, &file);
    if (refusal == NULL) {
        refusal = elf_flatten(file.bytes, file.size, &program);
    }
    uint64_t base = program.start / PAGE_BYTES * PAGE_BYTES;
    uint64_t end = round_up(program.start + program.bytes_count, PAGE_BYTES);
    if (refusal != NULL || options->spec == NULL) {
        if (refusal == NULL) {
            refusal = user_program(&program, base, end - base, user);
        }
    } else {
        *about = options->spec;
        refusal = blob_read(options->spec, &spec);
        if (refusal == NULL) {
            *about = options->payload;
            refusal = blob_read(options->payload, &payload);
        }
        uint64_t payload_at =
            round_up(end + spec.size,
                     refusal == NULL ? spec_payload_align(spec.bytes, spec.size) : PAGE_BYTES);
        uint64_t size = round_up(payload_at + payload.size, PAGE_BYTES) - base;
        if (refusal == NULL) {
            *about = options->spec;
            refusal = spec_apply(spec.bytes, spec.size, payload_at,
                                 (payload_at - base) / PAGE_BYTES, header);
        }
        if (refusal == NULL) {
            const struct packed_locations locations = {
                PACKED_LOCATIONS_MAGIC,      end, spec.size, payload_at, payload.size,
                initialiser_options(options)
            };
            *about = options->root_task;
            refusal = user_program(&program, base, size, user);
            if (refusal == NULL) {
                memcpy(user->bytes + (end - base), spec.bytes, spec.size);
                memcpy(user->bytes + (payload_at - base), payload.bytes, payload.size);
                refusal = locations_patch(
                    user, elf_symbol(file.bytes, file.size, "packed_locations"), &locations);
            }
        }
    }
    free(program.bytes);
    free(file.bytes);
    free(spec.bytes);
    free(payload.bytes);
    return refusal;
}

/* ---- The whole --------------------------------------------------------------------------------- */

/* Slots that the kernel fills with the image's frames and page tables. */
static uint64_t image_slots(const struct user *user, const struct image_header *header)
{
    uint64_t large_bytes = header->large_end - header->large_start;
    uint64_t pages = (user->size - large_bytes) / PAGE_BYTES + large_bytes / LARGE_BYTES;

    return pages + user->size / LARGE_BYTES + OTHER_SLOTS;
}

static uint32_t cnode_bits(const struct user *user, const struct image_header *header)
{
    uint64_t slots = image_slots(user, header);
    uint32_t bits = header->root_cnode_bits > BOOT_ROOT_CNODE_BITS_MIN ? header->root_cnode_bits
                                                                       : BOOT_ROOT_CNODE_BITS_MIN;

    while (bits < BOOT_ROOT_CNODE_BITS_MAX && UINT64_C(1) << bits < slots) {
        bits++;
    }
    return bits;
}

/* A foreign root task gets 2 MiB frames for every whole aligned stretch of its image. */
static void large_everywhere(const struct user *user, struct image_header *header)
{
    uint64_t start = round_up(user->vaddr, LARGE_BYTES);
    uint64_t end = (user->vaddr + user->size) / LARGE_BYTES * LARGE_BYTES;

    if (start < end) {
        header->large_start = start;
        header->large_end = end;
    }
}

static const char *header_fill(const struct options *options, const struct elf_block *loader,
                               const struct elf_block *kernel, const struct user *user,
                               struct image_header *header)
{
    header->magic = IMAGE_MAGIC;
    header->version = IMAGE_VERSION;
    header->size = sizeof(*header);
    if (options->large_frames_given && options->spec == NULL) {
        large_everywhere(user, header);
    }
    header->root_cnode_bits =
        options->root_cnode_bits_given ? options->header.root_cnode_bits : cnode_bits(user, header);
    if (image_slots(user, header) > UINT64_C(1) << header->root_cnode_bits) {
        return "is too large for the root CNode; give a larger --root-cnode-bits, "
               "or --large-frames";
    }
    header->kernel_offset = round_up(loader->bytes_count, PAGE_BYTES);
    header->kernel_file_bytes = kernel->file_bytes;
    header->kernel_bytes = round_up(kernel->bytes_count, PAGE_BYTES);
    header->user_offset = round_up(header->kernel_offset + kernel->file_bytes, PAGE_BYTES);
    if (header->large_start != header->large_end) {
        /* Virtual and physical address must agree modulo 2 MiB, best without being moved. */
        header->user_offset =
            round_up(header->user_offset, LARGE_BYTES) + user->vaddr % LARGE_BYTES;
    }
    header->user_bytes = user->size;
    header->user_vaddr = user->vaddr;
    header->user_entry = user->entry;
    header->image_bytes = header->user_offset + user->size;
    return NULL;
}

static const char *assemble(const struct image_header *header, const struct elf_block *loader,
                            const struct elf_block *kernel, const struct user *user,
                            struct image *image)
{
    uint64_t claimed = header->image_bytes + IMAGE_SLACK_BYTES;

    image->size = header->image_bytes;
    image->bytes = calloc(1, image->size);
    if (image->bytes == NULL) {
        return "does not fit into memory";
    }
    memcpy(image->bytes, loader->bytes, loader->bytes_count);
    memcpy(image->bytes + ARM64_SIZE_OFFSET, &claimed, sizeof(claimed));
    memcpy(image->bytes + IMAGE_HEADER_OFFSET, header, sizeof(*header));
    memcpy(image->bytes + header->kernel_offset, kernel->bytes, kernel->file_bytes);
    memcpy(image->bytes + header->user_offset, user->bytes, user->size);
    return NULL;
}

static const char *kernel_check(const struct elf_block *kernel)
{
    if (kernel->start != KERNEL_IMAGE_BASE || kernel->entry != kernel->start) {
        return "is no Tessera kernel: it must be linked at 0xffc0000000 and start there";
    }
    return NULL;
}

const char *image_build(const struct options *options, struct image *image, const char **about)
{
    struct elf_block loader = { 0 }, kernel = { 0 };
    struct user user = { 0 };
    struct image_header header = options->header;
    const char *refusal;

    *about = options->loader;
    refusal = elf_read(options->loader, &loader);
    if (refusal == NULL && (loader.start != 0 || loader.entry != 0)) {
        refusal = "is no Tessera loader: it must be linked at 0 and start there";
    }
    if (refusal == NULL) {
        *about = options->kernel;
        refusal = elf_read(options->kernel, &kernel);
    }
    if (refusal == NULL) {
        refusal = kernel_check(&kernel);
    }
    if (refusal == NULL) {
        refusal = user_build(options, &user, &header, about);
    }
    if (refusal == NULL) {
        *about = options->root_task;
        refusal = header_fill(options, &loader, &kernel, &user, &header);
    }
    if (refusal == NULL) {
        refusal = assemble(&header, &loader, &kernel, &user, image);
    }
    free(loader.bytes);
    free(kernel.bytes);
    free(user.bytes);
    return refusal;
}
