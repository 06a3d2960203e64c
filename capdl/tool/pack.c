/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-capdl pack: the verb, the totals, the report
 */
#include "pack.h"

#include <stdlib.h>
#include <string.h>

#include "verbs.h"

/* Slots the initialiser uses besides those for objects and mappings: windows, temporaries and
 * what it keeps back for a report; and the pieces it cuts memory into to reach a fixed address. */
#define SCRATCH_SLOTS 128u
#define CUT_SLOTS     64u

void packer_free(struct packer *packer)
{
    for (uint32_t i = 0; i < packer->file_count; i++) {
        free(packer->files[i].path);
    }
    free(packer->files);
    free(packer->objects);
    free(packer->order);
    free(packer->cap_parents);
    free(packer->cap_numbers);
    capdl_map_free(&packer->file_map);
    capdl_map_free(&packer->claim_map);
    packed_builder_free(&packer->builder);
}

/* Places that are fixed and do not follow upon the one before. */
static uint64_t fixed_places(const struct packer *packer)
{
    uint32_t count = packed_builder_count(&packer->builder, PACKED_OBJECTS);
    uint64_t places = 0;
    uint64_t end = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct packed_object *object = packed_builder_at(&packer->builder, PACKED_OBJECTS, i);
        if (object->parent == PACKED_NONE && (object->flags & PACKED_OBJECT_HAS_PADDR) != 0) {
            places += object->place != end || places == 0;
            end = object->place + (UINT64_C(1) << object->size_bits);
        }
    }
    return places;
}

void pack_totals(struct packer *packer)
{
    struct packed_header *header = &packer->header;
    uint32_t count = packed_builder_count(&packer->builder, PACKED_OBJECTS);
    for (uint32_t i = 0; i < count; i++) {
        const struct packed_object *object = packed_builder_at(&packer->builder, PACKED_OBJECTS, i);
        if (object->parent == PACKED_NONE && object->size_bits != 0 && object->flags == 0) {
            header->memory_bytes += UINT64_C(1) << object->size_bits;
        }
    }
    uint64_t large = header->large_end / PACKED_LARGE_BYTES;
    uint64_t small = (header->payload_bytes - header->large_end) / PACKED_PAGE_BYTES;
    uint64_t slots = count + packed_builder_count(&packer->builder, PACKED_MAPS) + large + small +
                     SCRATCH_SLOTS + fixed_places(packer) * CUT_SLOTS;
    header->root_slots_needed = slots > UINT32_MAX ? UINT32_MAX : (uint32_t)slots;
    header->root_cnode_bits =
        packed_root_cnode_bits(header, PACKED_LARGE_BYTES / PACKED_PAGE_BYTES);
    if (header->root_cnode_bits > 18) {
        capdl_error(packer->diags, (struct capdl_pos){ 0, 0 },
                    "the initialiser needs %u capability slots, the root CNode has 262144 at most",
                    header->root_slots_needed);
        capdl_remedy(packer->diags, "use 2M frames for large regions");
    }
}

static void pack_all(struct packer *packer)
{
    static void (*const steps[])(struct packer *) = {
        pack_refuse,  pack_derive, pack_files,   pack_objects, pack_fills, pack_threads,
        pack_domains, pack_caps,   pack_parents, pack_maps,    pack_keeps, pack_totals,
    };
    const struct capdl_spec *spec = packer->spec;
    packed_builder_init(&packer->builder);
    packer->objects = capdl_alloc(spec->object_count, sizeof(*packer->objects));
    for (uint32_t i = 0; i < spec->object_count; i++) {
        packer->objects[i].packed = PACKED_NONE;
        packer->objects[i].root = CAPDL_NONE;
        packer->objects[i].file = CAPDL_NONE;
        packer->objects[i].original = CAPDL_NONE;
    }
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        steps[i](packer);
        /* Later steps rely on the numbers of the first four. */
        if (i < 4 && packer->diags->error_count > 0) {
            return;
        }
    }
}

static void report_files(const struct packer *packer, struct capdl_text *out)
{
    capdl_text_printf(out, "\npayload: %llu bytes\n",
                      (unsigned long long)packer->header.payload_bytes);
    for (uint32_t i = 0; i < packer->file_count; i++) {
        const struct pack_file *file = &packer->files[i];
        capdl_text_printf(out, "  0x%08llx %10llu  %s (%s)\n", (unsigned long long)file->placed_at,
                          (unsigned long long)file->size, capdl_name_text(packer->spec, file->name),
                          file->is_large    ? "mapped by 2 MiB frames"
                          : file->has_image ? "mapped where it lies"
                                            : "copied at boot");
    }
    if (packer->copied_image_frames > 0) {
        capdl_text_printf(out,
                          "  %u frames of 4 KiB are copied: their file is mapped by 2 MiB frames\n",
                          packer->copied_image_frames);
    }
}

void pack_report(const struct packer *packer, struct capdl_text *out)
{
    const struct packed_header *header = &packer->header;
    uint32_t count = packed_builder_count(&packer->builder, PACKED_OBJECTS);
    capdl_text_printf(out, "objects: %u, caps: %u, mappings: %u, threads: %u\n", count,
                      packed_builder_count(&packer->builder, PACKED_CAPS),
                      packed_builder_count(&packer->builder, PACKED_MAPS),
                      packed_builder_count(&packer->builder, PACKED_TCBS));
    capdl_text_printf(out, "root slots needed: %u, root CNode bits: %u\n",
                      header->root_slots_needed, header->root_cnode_bits);
    capdl_text_printf(out, "\nmemory: %llu bytes\n", (unsigned long long)header->memory_bytes);
    for (uint32_t i = 0; i < count; i++) {
        const struct packed_object *object = packed_builder_at(&packer->builder, PACKED_OBJECTS, i);
        if (object->parent != PACKED_NONE || object->type != PACKED_UNTYPED) {
            continue;
        }
        uint64_t used = 0;
        for (uint32_t k = object->first; k < object->first + object->count; k++) {
            const struct packed_object *child =
                packed_builder_at(&packer->builder, PACKED_OBJECTS, k);
            used += child->size_bits == 0 ? 0 : UINT64_C(1) << child->size_bits;
        }
        capdl_text_printf(out, "  %-24s %12llu bytes, %12llu used, %u objects\n",
                          capdl_object_text(packer->spec, packer->order[i]),
                          1ull << object->size_bits, (unsigned long long)used, object->count);
    }
    report_files(packer, out);
}

struct pack_options {
    const char *input, *output, *payload, *report;
    char **search_paths;
    uint32_t search_path_count;
    bool is_preprocessed;
};

static bool options_read(struct pack_options *options, int argc, char **argv)
{
    options->search_paths = capdl_alloc((size_t)argc + 1, sizeof(*options->search_paths));
    for (int i = 0; i < argc; i++) {
        bool has_value = i + 1 < argc;
        if (strcmp(argv[i], "--search-path") == 0 && has_value) {
            options->search_paths[options->search_path_count++] = argv[++i];
        } else if (strcmp(argv[i], "--output") == 0 && has_value) {
            options->output = argv[++i];
        } else if (strcmp(argv[i], "--payload") == 0 && has_value) {
            options->payload = argv[++i];
        } else if (strcmp(argv[i], "--report") == 0 && has_value) {
            options->report = argv[++i];
        } else if (strcmp(argv[i], "--cpp") == 0) {
            options->is_preprocessed = true;
        } else if (options->input == NULL && strncmp(argv[i], "--", 2) != 0) {
            options->input = argv[i];
        } else {
            return false;
        }
    }
    if (options->search_path_count == 0) {
        static char here[] = ".";
        options->search_paths[options->search_path_count++] = here;
    }
    return options->input != NULL && options->output != NULL && options->payload != NULL;
}

static bool write_payload(const struct packer *packer, const char *path)
{
    struct capdl_text temporary = { 0 };
    capdl_text_printf(&temporary, "%s.new", path);
    FILE *out = fopen(temporary.bytes, "wb");
    bool good = out != NULL && pack_payload(packer, out);
    if (out == NULL || fclose(out) != 0 || !good) {
        fprintf(stderr, "%s: error: cannot write the payload\n", path);
        good = false;
    }
    if (!good) {
        remove(temporary.bytes);
    }
    good = good && file_replace(temporary.bytes, path);
    capdl_text_free(&temporary);
    return good;
}

static int write_all(const struct packer *packer, const struct pack_options *options)
{
    size_t length = 0;
    struct packed_view view;
    uint8_t *bytes = packed_builder_finish(&packer->builder, &packer->header, &length);
    /* The reader of the initialiser has the last word. */
    const char *wrong = packed_open(bytes, length, &view);
    int status = 0;
    if (wrong != NULL) {
        fprintf(stderr, "%s: error: packed spec is wrong: %s (section %d, record %u)\n",
                options->input, wrong, (int)view.fault_section, view.fault_index);
        fputs("  remedy: this is a mistake of tessera-capdl; please report it with the spec\n",
              stderr);
        status = 1;
    } else if (!write_payload(packer, options->payload) ||
               !file_write(options->output, bytes, length)) {
        status = 2;
    } else if (options->report != NULL) {
        struct capdl_text report = { 0 };
        pack_report(packer, &report);
        status = file_write(options->report, report.bytes, report.length) ? 0 : 2;
        capdl_text_free(&report);
    }
    free(bytes);
    return status;
}

int verb_pack(int argc, char **argv)
{
    struct pack_options options = { 0 };
    struct source source;
    int status = 2;
    if (!options_read(&options, argc, argv)) {
        free(options.search_paths);
        return usage_error();
    }
    if (source_load(&source, options.input, options.is_preprocessed)) {
        struct packer packer = { .spec = source.spec,
                                 .diags = &source.diags,
                                 .search_paths = options.search_paths,
                                 .search_path_count = options.search_path_count };
        if (source.diags.error_count == 0) {
            pack_all(&packer);
        }
        status = source_report(&source);
        if (status == 0) {
            status = write_all(&packer, &options);
        }
        packer_free(&packer);
    }
    source_free(&source);
    free(options.search_paths);
    return status;
}
