/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One run from description to capDL
 */
#include "plan.h"

#include <stdlib.h>
#include <string.h>

/* The default board has 1 GiB from 0x40000000. */
static const uint64_t RAM_BASE = 0x40000000;
static const uint64_t RAM_TOP_DEFAULT = 0x80000000;
/* A mere check does not know, and takes it for 4 GiB. */
static const uint64_t RAM_TOP_CHECK = 0x140000000;
/* Of any configuration of the default board. */
enum { BOARD_CORES_MOST = 4 };
static const uint64_t PAGE_LIMIT_DEFAULT = 1ull << 19;

uint64_t composer_ram_size(const struct composer *composer)
{
    return composer->ram_top > RAM_BASE ? composer->ram_top - RAM_BASE : 0;
}

const struct source *source_read(struct composer *composer, const char *path)
{
    for (size_t i = 0; i < composer->sources.count; i++) {
        const struct source *source = composer->sources.items[i];
        if (text_equal(source->path, path)) {
            return source;
        }
    }
    char *bytes = NULL;
    size_t length = 0;
    if (!composer->files->read(composer->files->context, path, &bytes, &length)) {
        return NULL;
    }
    struct source *source = arena_alloc(&composer->arena, sizeof(*source));
    source->path = path;
    source->bytes = bytes;
    source->length = length;
    list_add(&composer->arena, &composer->sources, source);
    return source;
}

const struct source *source_find(struct composer *composer, const char *path)
{
    if (path[0] == '\0') {
        return NULL;
    }
    for (size_t i = 0; path[0] != '/' && i < composer->options->search_path_count; i++) {
        const char *folder = composer->options->search_paths[i];
        const struct source *source =
            source_read(composer, arena_format(&composer->arena, "%s/%s", folder, path));
        if (source != NULL) {
            return source;
        }
    }
    return source_read(composer, path);
}

static bool read_description(struct composer *composer)
{
    const char *path = composer->options->description;
    const struct source *source = source_read(composer, path);
    if (source == NULL) {
        return diag_error(&composer->diag, (struct position){ .line = 1, .column = 1 },
                          "the description cannot be read\n"
                          "correct the path of the file");
    }
    composer->root =
        xml_parse(&composer->arena, &composer->diag, path, source->bytes, source->length);
    return composer->root != NULL;
}

static bool write_system(struct plan *plan)
{
    struct composer *composer = plan->composer;
    struct text out = { 0 };
    if (composer->options->check_only) {
        return true;
    }
    plan_emit(plan, &out);
    bool good =
        composer->files->write(composer->files->context, "system.cdl", out.data, out.length) ||
        diag_error(&composer->diag, composer->system.at,
                   "file 'system.cdl' cannot be written\n"
                   "see that the output directory exists, may be written, and has room");
    text_free(&out);
    return good;
}

/* NULL after an error. */
static struct plan *plan_make(struct composer *composer)
{
    struct plan *plan = arena_alloc(&composer->arena, sizeof(*plan));
    plan->composer = composer;
    plan->arena = &composer->arena;
    composer->file_bytes = 0;
    if (!plan_open(plan) || !plan_patch(plan) || !plan_write_images(plan)) {
        return NULL;
    }
    plan_regions(plan);
    plan_objects(plan);
    plan_cspaces(plan);
    plan_monitor(plan);
    return plan_supervisor(plan) && plan_memory(plan) ? plan : NULL;
}

static bool is_supervised(const struct composer *composer)
{
    for (size_t i = 0; i < composer->system.pds.count; i++) {
        if (((const struct pd *)composer->system.pds.items[i])->supervisor) {
            return true;
        }
    }
    return false;
}

/*
 * Regions of a component are in its one untyped, whose size is a power of two. If that leaves no
 * room, and nobody wants to take components away, regions get untypeds of their own.
 */
static bool run_plan(struct composer *composer, struct text *report)
{
    composer->region_whole = REGION_WHOLE;
    struct plan *plan = plan_make(composer);
    if (plan != NULL && !plan_fit(plan, false) && !is_supervised(composer)) {
        composer->region_whole = REGION_WHOLE_TIGHT;
        composer->pages = composer->pages_described;
        plan = plan_make(composer);
    }
    if (plan == NULL || !plan_fit(plan, true) || !write_system(plan)) {
        return false;
    }
    plan_report(plan, report);
    return true;
}

/* All checks of the description alone; one that fails does not keep the next from looking. */
static bool checks_run(struct composer *composer)
{
    parse_system(composer);
    if (composer->system.pds.count == 0 && composer->diag.failed) {
        return false;
    }
    check_system(composer);
    if (composer->system.pds.count > PD_LIMIT || !monitor_add(composer)) {
        return false;
    }
    check_spaces(composer);
    bool good = check_regions(composer);
    composer->pages_described = composer->pages;
    return good;
}

bool compose(const struct compose_options *options, const struct compose_files *files,
             struct compose_result *result)
{
    struct composer composer = { .options = options, .files = files };
    struct text report = { 0 };
    composer.diag.name = options->description;
    composer.diag.arena = &composer.arena;
    composer.cores = options->cores == 0 ? 1 : options->cores;
    composer.cores_most =
        options->cores == 0 && options->check_only ? BOARD_CORES_MOST : composer.cores;
    composer.ram_top = options->ram_top != 0 ? options->ram_top
                       : options->check_only ? RAM_TOP_CHECK
                                             : RAM_TOP_DEFAULT;
    composer.ram_top = composer.ram_top > SPACE_LIMIT ? SPACE_LIMIT : composer.ram_top;
    composer.page_limit = options->page_limit == 0 ? PAGE_LIMIT_DEFAULT : options->page_limit;
    bool good =
        read_description(&composer) && checks_run(&composer) && run_plan(&composer, &report);
    text_add(&composer.diag.out, "%s", "");
    result->messages = composer.diag.out.data;
    result->report = report.data;
    if (!good) {
        text_free(&report);
        result->report = NULL;
    }
    for (size_t i = 0; i < composer.sources.count; i++) {
        free(((struct source *)composer.sources.items[i])->bytes);
    }
    arena_free(&composer.arena);
    return good;
}

void compose_result_free(struct compose_result *result)
{
    free(result->messages);
    free(result->report);
    *result = (struct compose_result){ 0 };
}
