/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Components and their images: loading, patching, writing out
 */
#include "plan.h"

#include <inttypes.h>
#include <string.h>

static const uint64_t PAGE = 0x1000;

/* Longest array a string may fill. */
static const uint64_t STRING_LIMIT = 1 << 20;

/* What the monitor's console is mapped at, and what names it. */
static const uint64_t CONSOLE_ADDRESS = 0x10000000;
static const char CONSOLE_REGION[] = "console_monitor";

bool monitor_add(struct composer *composer)
{
    struct arena *arena = &composer->arena;
    struct pd *pd = arena_alloc(arena, sizeof(*pd));
    *pd =
        (struct pd){ .at = composer->system.at,
                     .name = "monitor",
                     .index = PD_LIMIT,
                     .priority = PRIORITY_LIMIT,
                     .budget = 1000,
                     .period = 2000,
                     .stack_size = PAGE,
                     .fpu = true,
                     .image_path = composer->options->monitor == NULL ? "monitor.elf"
                                                                      : composer->options->monitor,
                     .image_at = composer->system.at };
    composer->monitor = pd;
    const struct region *console = system_region(&composer->system, CONSOLE_REGION);
    if (console == NULL) {
        return true;
    }
    if (system_pd(&composer->system, "serial_virt") == NULL) {
        return diag_error(&composer->diag, console->at,
                          "region '%s' without a protection domain 'serial_virt'\n"
                          "name the serial virtualiser so, or remove the region",
                          CONSOLE_REGION);
    }
    struct map *map = arena_alloc(arena, sizeof(*map));
    *map = (struct map){ .at = console->at,
                         .region_name = CONSOLE_REGION,
                         .vaddr = CONSOLE_ADDRESS,
                         .read = true,
                         .write = true,
                         .cached = true };
    list_add(arena, &pd->maps, map);
    return true;
}

/* E26: a map may not touch a page of the program. */
static void image_check_maps(struct composer *composer, const struct image *image)
{
    const struct pd *pd = image->pd;
    for (size_t i = 0; i < pd->maps.count; i++) {
        const struct map *map = pd->maps.items[i];
        uint64_t end = map->vaddr + map->region->size;
        for (size_t j = 0; j < image->segments.count; j++) {
            const struct segment *segment = image->segments.items[j];
            uint64_t segment_end = segment->start + segment->page_count * PAGE;
            if (map->vaddr < segment_end && segment->start < end) {
                diag_error(&composer->diag, map->at,
                           "the map of '%s', [0x%" PRIx64 ", 0x%" PRIx64
                           "), overlaps the program image '%s', [0x%" PRIx64 ", 0x%" PRIx64 ")\n"
                           "move the map; programs start at 0x200000",
                           map->region->name, map->vaddr, end, image->path, segment->start,
                           segment_end);
            }
        }
    }
}

bool plan_open(struct plan *plan)
{
    struct composer *composer = plan->composer;
    const struct list *pds = &composer->system.pds;
    plan->component_count = pds->count + 1;
    for (size_t i = 0; i <= pds->count; i++) {
        struct component *component = &plan->components[i];
        component->pd = i < pds->count ? pds->items[i] : composer->monitor;
        plan->at = component->pd->at;
        component->base = base_take(plan, component->pd->name);
        holder_open(plan, &component->holder, component->base);
        component->image = image_load(composer, component->pd);
        if (component->image != NULL) {
            image_check_maps(composer, component->image);
        }
    }
    if (composer->diag.failed) {
        return false;
    }
    for (size_t i = 0; i < pds->count; i++) {
        for (struct vm *vm = plan->components[i].pd->vms; vm != NULL; vm = vm->next) {
            vm->plan = arena_alloc(plan->arena, sizeof(*vm->plan));
            vm->plan->base = base_take(plan, vm->name);
        }
    }
    plan->region_count = composer->system.regions.count;
    plan->regions = arena_alloc(plan->arena, plan->region_count * sizeof(*plan->regions));
    for (size_t i = 0; i < plan->region_count; i++) {
        plan->regions[i].region = composer->system.regions.items[i];
        plan->regions[i].base = base_take(plan, plan->regions[i].region->name);
    }
    return true;
}

static bool patch_word(struct composer *composer, struct image *image, const char *symbol,
                       uint64_t value)
{
    return image_patch(composer, image, image->pd->image_at, symbol, &value, sizeof(value));
}

/* Names of all PDs by index, as the monitor and the supervisor get them. */
static char *name_table(const struct plan *plan, size_t rows)
{
    char *table = arena_alloc(plan->arena, rows * NAME_BYTES);
    for (size_t i = 0; i + 1 < plan->component_count && i < rows; i++) {
        const char *name = plan->components[i].pd->name;
        size_t length = strlen(name);
        memcpy(table + i * NAME_BYTES, name, length < NAME_BYTES ? length : NAME_BYTES);
    }
    return table;
}

static bool patch_monitor(struct plan *plan, struct image *image)
{
    struct composer *composer = plan->composer;
    const size_t rows = PD_LIMIT + 1;
    char name[NAME_BYTES] = "monitor";
    const struct pd *main = system_main(&composer->system);
    uint64_t console = image->pd->maps.count > 0 ? CONSOLE_ADDRESS : 0;
    return image_patch(composer, image, image->pd->image_at, "monitor_pd_names",
                       name_table(plan, rows), rows * NAME_BYTES) &&
           patch_word(composer, image, "monitor_pd_count", plan->component_count - 1) &&
           patch_word(composer, image, "monitor_band", plan_monitor_band(plan)) &&
           patch_word(composer, image, "monitor_main", main == NULL ? UINT64_MAX : main->index) &&
           image_patch_optional(composer, image, "monitor_console", &console, sizeof(console)) &&
           image_patch_optional(composer, image, "microkit_name", name, sizeof(name));
}

static bool patch_supervisor(struct plan *plan, struct image *image)
{
    struct composer *composer = plan->composer;
    const size_t rows = SUPERVISED_LIMIT + 1;
    uint64_t count = plan->component_count - 1;
    uint64_t regions = 0;
    uint64_t restart[SUPERVISED_LIMIT + 1] = { 0 };
    for (size_t i = 0; i < plan->region_count; i++) {
        regions += region_untypeds(composer, plan->regions[i].region);
    }
    for (size_t i = 0; i + 1 < plan->component_count; i++) {
        restart[i] = plan->components[i].pd->restart;
    }
    return image_patch_optional(composer, image, "supervisor_pd_names", name_table(plan, rows),
                                rows * NAME_BYTES) &&
           image_patch_optional(composer, image, "supervisor_pd_count", &count, sizeof(count)) &&
           image_patch_optional(composer, image, "supervisor_restart", restart, sizeof(restart)) &&
           image_patch_optional(composer, image, "supervisor_region_count", &regions,
                                sizeof(regions));
}

/* A string fills an array of any size that has room for it and its end. */
static bool patch_string(struct composer *composer, struct image *image,
                         const struct setvar *setvar)
{
    const struct symbol *symbol = image_symbol(image, setvar->symbol);
    size_t length = strlen(setvar->string);
    if (symbol == NULL || symbol->size > STRING_LIMIT) {
        /* No such array: the check below says so. */
        return image_patch(composer, image, setvar->at, setvar->symbol, setvar->string, length + 1);
    }
    if (symbol->size <= length) {
        return diag_error(&composer->diag, setvar->at,
                          "the string for '%s' has %zu bytes, the array in '%s' %" PRIu64 "\n"
                          "shorten the string, or enlarge the array to %zu bytes",
                          setvar->symbol, length + 1, image->path, symbol->size, length + 1);
    }
    char *bytes = arena_alloc(&composer->arena, symbol->size);
    memcpy(bytes, setvar->string, length);
    return image_patch(composer, image, setvar->at, setvar->symbol, bytes, symbol->size);
}

static bool patch_setvars(struct composer *composer, struct image *image)
{
    const struct pd *pd = image->pd;
    bool good = true;
    for (size_t i = 0; i < pd->setvars.count; i++) {
        const struct setvar *setvar = pd->setvars.items[i];
        const struct region *region = setvar->region;
        uint64_t value = setvar->value;
        switch (setvar->kind) {
        case SETVAR_VALUE:
        case SETVAR_STRING: break;
        case SETVAR_SIZE: value = region->size; break;
        case SETVAR_PREFILL_SIZE: value = region->prefill_length; break;
        case SETVAR_PADDR: value = region->paddr; break;
        }
        good &= setvar->kind == SETVAR_STRING ? patch_string(composer, image, setvar)
                                              : image_patch(composer, image, setvar->at,
                                                            setvar->symbol, &value, sizeof(value));
    }
    return good;
}

/* The symbols of libmicrokit. */
static bool patch_component(struct composer *composer, struct image *image)
{
    const struct pd *pd = image->pd;
    const struct list *channels = &composer->system.channels;
    char name[NAME_BYTES] = { 0 };
    size_t length = strlen(pd->name);
    unsigned char passive = pd->passive ? 1 : 0;
    uint64_t irqs = 0, notifications = 0, calls = 0;
    uint64_t wide[WIDE_ID_LIMIT / 64] = { 0 };
    memcpy(name, pd->name, length < NAME_BYTES ? length : NAME_BYTES);
    for (size_t i = 0; i < pd->irqs.count; i++) {
        irqs |= 1ull << ((const struct irq *)pd->irqs.items[i])->id;
    }
    for (size_t i = 0; i < 2 * channels->count; i++) {
        const struct channel *channel = channels->items[i / 2];
        const struct channel_end *end = &channel->ends[i % 2];
        if (end->pd == pd) {
            notifications |= end->notify ? 1ull << end->id : 0; /* always below ID_LIMIT */
            if (end->call) {
                uint64_t *word = end->id < ID_LIMIT ? &calls : &wide[end->id / 64];
                *word |= 1ull << end->id % 64;
            }
        }
    }
    bool set = patch_setvars(composer, image);
    return set && image_patch(composer, image, pd->image_at, "microkit_name", name, sizeof(name)) &&
           image_patch(composer, image, pd->image_at, "microkit_passive", &passive, 1) &&
           patch_word(composer, image, "microkit_irqs", irqs) &&
           patch_word(composer, image, "microkit_notifications", notifications) &&
           patch_word(composer, image, "microkit_pps", calls) &&
           patch_word(composer, image, "microkit_ioports", 0) &&
           (pd->wide_end == 0 ||
            image_patch(composer, image, pd->image_at, "microkit_wide_pps", wide, sizeof(wide)));
}

bool plan_patch(struct plan *plan)
{
    struct composer *composer = plan->composer;
    bool good = true;
    for (size_t i = 0; i + 1 < plan->component_count; i++) {
        struct image *image = plan->components[i].image;
        good &= patch_component(composer, image);
        good &= !image->pd->supervisor || patch_supervisor(plan, image);
    }
    return patch_monitor(plan, plan->components[plan->component_count - 1].image) && good;
}

/* A mere check writes nothing, but the offsets are computed all the same. */
static bool file_write(struct composer *composer, const char *name, const char *bytes,
                       size_t length)
{
    composer->file_bytes += length;
    return composer->options->check_only ||
           composer->files->write(composer->files->context, name, bytes, length) ||
           diag_error(&composer->diag, composer->system.at,
                      "file '%s' cannot be written\n"
                      "see that the output directory exists, may be written, and has room",
                      name);
}

static bool page_is_zero(const unsigned char *page)
{
    for (size_t i = 0; i < PAGE; i++) {
        if (page[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Writes the pages that are not all zero, one after the other. */
static bool segment_write(struct plan *plan, struct segment *segment, const char *name)
{
    struct text contents = { 0 };
    segment->file_offsets =
        arena_alloc(plan->arena, segment->page_count * sizeof(*segment->file_offsets));
    for (uint64_t i = 0; i < segment->page_count; i++) {
        if (segment->pages[i] == NULL || page_is_zero(segment->pages[i])) {
            segment->pages[i] = NULL;
            continue;
        }
        segment->file_offsets[i] = contents.length;
        text_add_bytes(&contents, segment->pages[i], PAGE);
    }
    bool good = true;
    if (contents.length > 0) {
        segment->file = name;
        good = file_write(plan->composer, name, contents.data, contents.length);
    }
    text_free(&contents);
    return good;
}

bool plan_write_images(struct plan *plan)
{
    for (size_t i = 0; i < plan->component_count; i++) {
        const struct component *component = &plan->components[i];
        for (size_t j = 0; j < component->image->segments.count; j++) {
            const char *name = arena_format(plan->arena, "%s_seg%zu.bin", component->base, j);
            if (!segment_write(plan, component->image->segments.items[j], name)) {
                return false;
            }
        }
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        struct region_plan *region = &plan->regions[i];
        if (region->region->prefill_path == NULL || !region_is_used(region->region)) {
            continue;
        }
        region->file = arena_format(plan->arena, "%s_prefill.bin", region->base);
        if (!file_write(plan->composer, region->file, region->region->prefill_bytes,
                        region->region->prefill_length)) {
            return false;
        }
    }
    return true;
}
