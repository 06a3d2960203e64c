/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 2: files, frames that come straight from the boot image, the payload
 *
 * Layout of the payload, which the image puts at a 2 MiB boundary if the first part is there:
 *
 *      files mapped by 2 MiB frames     each at a 2 MiB boundary, the rest of its last one zero
 *      all other files                  each at a page
 *
 * The kernel gives the first part as 2 MiB frames and the second as 4 KiB frames. So a 4 KiB frame
 * whose file is of the first part cannot be mapped where it lies: it is copied.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "pack.h"

static uint64_t round_up(uint64_t value, uint64_t unit)
{
    return (value + unit - 1) / unit * unit;
}

static bool find_path(const struct packer *packer, const char *name, struct capdl_text *path,
                      uint64_t *size)
{
    for (uint32_t i = 0; i < packer->search_path_count; i++) {
        struct stat status;
        capdl_text_free(path);
        capdl_text_printf(path, "%s%s%s", name[0] == '/' ? "" : packer->search_paths[i],
                          name[0] == '/' ? "" : "/", name);
        if (stat(path->bytes, &status) == 0 && S_ISREG(status.st_mode)) {
            *size = (uint64_t)status.st_size;
            return true;
        }
    }
    return false;
}

/* The file of a fill; CAPDL_NONE if it cannot be found (reported once). */
static uint32_t file_of(struct packer *packer, uint32_t frame, const struct capdl_fill *fill)
{
    uint32_t known = capdl_map_get(&packer->file_map, 0, fill->file);
    if (known != UINT32_MAX) {
        return known;
    }
    const char *name = capdl_name_text(packer->spec, fill->file);
    struct capdl_text path = { 0 };
    struct pack_file file = { .name = fill->file };
    if (!find_path(packer, name, &path, &file.size)) {
        struct capdl_text where = { 0 };
        for (uint32_t i = 0; i < packer->search_path_count; i++) {
            capdl_text_printf(&where, "%s%s", i == 0 ? "" : ", ", packer->search_paths[i]);
        }
        capdl_error(packer->diags, fill->pos, "\"%s\": file \"%s\" is not in %s",
                    capdl_object_text(packer->spec, frame), name, where.bytes);
        capdl_remedy(packer->diags, "build it, or name its folder with --search-path");
        capdl_text_free(&where);
        capdl_text_free(&path);
        return CAPDL_NONE;
    }
    file.path = path.bytes;
    capdl_map_set(&packer->file_map, 0, fill->file, packer->file_count);
    CAPDL_PUSH(packer->files, packer->file_count, packer->file_capacity, file);
    return packer->file_count - 1;
}

static bool check_fill(struct packer *packer, uint32_t frame, const struct capdl_fill *fill)
{
    uint64_t size = UINT64_C(1) << packer->spec->objects[frame].bits;
    const char *name = capdl_object_text(packer->spec, frame);
    if (!fill->is_understood) {
        capdl_error(packer->diags, fill->pos, "\"%s\": fill {%s} is not understood", name,
                    capdl_name_text(packer->spec, fill->words));
        capdl_remedy(packer->diags,
                     "write {OFFSET LENGTH CDL_FrameFill_FileData \"FILE\" START} or "
                     "{OFFSET LENGTH CDL_FrameFill_BootInfo BLOCK START}");
        return false;
    }
    if (fill->offset > size || fill->length > size - fill->offset) {
        capdl_error(packer->diags, fill->pos,
                    "\"%s\": fill of %llu bytes at offset %llu, the frame has %llu", name,
                    (unsigned long long)fill->length, (unsigned long long)fill->offset,
                    (unsigned long long)size);
        capdl_remedy(packer->diags, "fill less, or make the frame larger");
        return false;
    }
    if (fill->file == CAPDL_NONE) {
        return true;
    }
    uint32_t file = file_of(packer, frame, fill);
    if (file == CAPDL_NONE) {
        return false;
    }
    uint64_t file_size = packer->files[file].size;
    if (fill->source > file_size || fill->length > file_size - fill->source) {
        capdl_error(packer->diags, fill->pos,
                    "\"%s\": fill wants %llu bytes from offset %llu of \"%s\", which has %llu",
                    name, (unsigned long long)fill->length, (unsigned long long)fill->source,
                    capdl_name_text(packer->spec, fill->file), (unsigned long long)file_size);
        capdl_remedy(packer->diags, "correct the fill, or build the file again");
        return false;
    }
    return true;
}

/* May this frame come straight from the image, as far as the spec goes? Then: from which file? */
static uint32_t image_file(const struct packer *packer, uint32_t frame)
{
    const struct capdl_object *object = &packer->spec->objects[frame];
    uint64_t size = UINT64_C(1) << object->bits;
    if ((object->bits != 12 && object->bits != 21) || packer->objects[frame].is_written ||
        (object->present & CAPDL_HAS_PADDR) != 0 || object->u.frame.fill_count != 1) {
        return CAPDL_NONE;
    }
    const struct capdl_fill *fill = &packer->spec->fills[object->u.frame.first_fill];
    if (fill->file == CAPDL_NONE || fill->offset != 0 || fill->length == 0 ||
        fill->source % size != 0) {
        return CAPDL_NONE;
    }
    uint32_t file = capdl_map_get(&packer->file_map, 0, fill->file);
    bool ends_file = fill->source + fill->length == packer->files[file].size;
    return fill->length == size || ends_file ? file : CAPDL_NONE;
}

static void choose_frame(struct packer *packer, uint32_t frame)
{
    const struct capdl_object *object = &packer->spec->objects[frame];
    bool good = true;
    for (uint32_t i = 0; i < object->u.frame.fill_count; i++) {
        good =
            check_fill(packer, frame, &packer->spec->fills[object->u.frame.first_fill + i]) && good;
    }
    if (!good) {
        return;
    }
    uint32_t file = image_file(packer, frame);
    packer->objects[frame].file = file;
    if (file != CAPDL_NONE) {
        packer->files[file].has_image = true;
        packer->files[file].is_large = packer->files[file].is_large || object->bits == 21;
    }
}

/* Place the files that are large, or those that are not. Returns the new end of the payload. */
static uint64_t place(struct packer *packer, bool is_large, uint64_t at)
{
    for (uint32_t i = 0; i < packer->file_count; i++) {
        struct pack_file *file = &packer->files[i];
        if (file->is_large == is_large) {
            file->placed_at = at;
            at = round_up(at + file->size, is_large ? PACKED_LARGE_BYTES : PACKED_PAGE_BYTES);
        }
    }
    return at;
}

void pack_files(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    for (uint32_t i = 0; i < spec->object_count; i++) {
        packer->objects[i].file = CAPDL_NONE;
        if (spec->objects[i].kind == CAPDL_FRAME) {
            choose_frame(packer, i);
        }
    }
    packer->header.large_end = place(packer, true, 0);
    packer->header.payload_bytes = place(packer, false, packer->header.large_end);
    for (uint32_t i = 0; i < spec->object_count; i++) {
        uint32_t file = packer->objects[i].file;
        if (spec->objects[i].kind != CAPDL_FRAME || file == CAPDL_NONE) {
            continue;
        }
        if (packer->files[file].is_large && spec->objects[i].bits != 21) {
            packer->objects[i].file = CAPDL_NONE;
            packer->copied_image_frames++;
        }
    }
}

static bool write_zeros(FILE *out, uint64_t count)
{
    static const uint8_t zeros[PACKED_PAGE_BYTES];
    while (count > 0) {
        size_t now = count < sizeof(zeros) ? (size_t)count : sizeof(zeros);
        if (fwrite(zeros, 1, now, out) != now) {
            return false;
        }
        count -= now;
    }
    return true;
}

static bool copy_file(const struct pack_file *file, FILE *out)
{
    char buffer[1 << 16];
    FILE *in = fopen(file->path, "rb");
    uint64_t left = file->size;
    while (in != NULL && left > 0) {
        size_t got = fread(buffer, 1, left < sizeof(buffer) ? (size_t)left : sizeof(buffer), in);
        if (got == 0 || fwrite(buffer, 1, got, out) != got) {
            break;
        }
        left -= got;
    }
    if (in != NULL) {
        fclose(in);
    }
    if (left > 0) {
        fprintf(stderr, "%s: error: cannot copy: %s\n", file->path,
                errno != 0 ? strerror(errno) : "it became shorter");
    }
    return left == 0;
}

static int place_compare(const void *left, const void *right)
{
    const struct pack_file *a = *(const struct pack_file *const *)left;
    const struct pack_file *b = *(const struct pack_file *const *)right;
    return a->placed_at < b->placed_at ? -1 : a->placed_at > b->placed_at;
}

bool pack_payload(const struct packer *packer, FILE *out)
{
    const struct pack_file **sorted = capdl_alloc(packer->file_count, sizeof(*sorted));
    uint64_t at = 0;
    bool good = true;
    for (uint32_t i = 0; i < packer->file_count; i++) {
        sorted[i] = &packer->files[i];
    }
    qsort(sorted, packer->file_count, sizeof(*sorted), place_compare);
    for (uint32_t i = 0; i < packer->file_count && good; i++) {
        good = write_zeros(out, sorted[i]->placed_at - at) && copy_file(sorted[i], out);
        at = sorted[i]->placed_at + sorted[i]->size;
    }
    good = good && write_zeros(out, packer->header.payload_bytes - at);
    free(sorted);
    return good;
}
