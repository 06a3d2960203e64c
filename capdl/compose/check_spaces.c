/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Checks of address spaces and of regions
 *
 * Page sizes are chosen after the maps are checked (with 4 KiB where none is given), for
 * they depend on every address a region is mapped at; physical addresses are chosen last.
 */
#include "composer.h"

#include <inttypes.h>
#include <stdlib.h>

/*
 * Chosen physical addresses keep clear of both ends of RAM: at the bottom is what was loaded,
 * at the top the kernel makes the initialiser's first objects.
 */
static const uint64_t RAM_CHOICE_BASE = 0x42000000;
static const uint64_t RAM_TOP_KEPT = 0x2000000;

/* What is checked at a time: the maps of a PD or of a VM. */
struct space_check {
    const char *what;
    const char *name;
    uint64_t limit; /* first address that is not theirs */
};

static uint64_t region_page(const struct region *region)
{
    return 1ull << (region->page_bits == PAGE_AUTO ? PAGE_SMALL : region->page_bits);
}

static bool check_map(struct composer *composer, const struct space_check *space, struct map *map)
{
    struct diag *diag = &composer->diag;
    map->region = system_region(&composer->system, map->region_name);
    if (map->region == NULL) {
        return diag_error(diag, map->at,
                          "this map names the memory region '%s', which does not exist\n"
                          "correct the name, or add the memory_region",
                          map->region_name);
    }
    const struct region *region = map->region;
    if (region->broken) {
        return false;
    }
    if (region->size == 0) {
        return diag_error(diag, map->at,
                          "memory region '%s' has size 0 and cannot be mapped\n"
                          "give it a size in %s",
                          region->name, diag_place(diag, region->at, map->at));
    }
    if (map->vaddr % region_page(region) != 0) {
        return diag_error(diag, map->at,
                          "vaddr 0x%" PRIx64 " of region '%s' is not on a page boundary\n"
                          "use a multiple of 0x%" PRIx64,
                          map->vaddr, region->name, region_page(region));
    }
    if (map->vaddr > UINT64_MAX - region->size) {
        return diag_error(diag, map->at,
                          "the map of '%s' runs over the end of all addresses\n"
                          "use a lower vaddr",
                          region->name);
    }
    if (map->vaddr >= space->limit || region->size > space->limit - map->vaddr) {
        return diag_error(diag, map->at,
                          "the map of '%s', [0x%" PRIx64 ", 0x%" PRIx64 "), ends above 0x%" PRIx64
                          ", the end of %s '%s'\n"
                          "use a lower vaddr",
                          region->name, map->vaddr, map->vaddr + region->size, space->limit,
                          space->what, space->name);
    }
    return true;
}

/* Something with a range of addresses, and its place among its like in the description. */
struct extent {
    uint64_t start, end;
    size_t order;
    const void *what; /* struct map or struct region */
};

static int extent_compare(const void *left, const void *right)
{
    const struct extent *a = left;
    const struct extent *b = right;
    if (a->start != b->start) {
        return a->start < b->start ? -1 : 1;
    }
    return a->order < b->order ? -1 : 1;
}

/* Sorts the extents and calls `tell` for those that meet, the earlier in the description first. */
static void extents_check(struct composer *composer, struct extent *extents, size_t count,
                          const struct space_check *space,
                          void (*tell)(struct composer *, const struct space_check *,
                                       const struct extent *, const struct extent *))
{
    if (count == 0) {
        return;
    }
    qsort(extents, count, sizeof(*extents), extent_compare);
    const struct extent *widest = &extents[0];
    for (size_t i = 1; i < count; i++) {
        const struct extent *extent = &extents[i];
        if (extent->start < widest->end && extent->start < extent->end) {
            bool first = widest->order < extent->order;
            tell(composer, space, first ? widest : extent, first ? extent : widest);
        }
        widest = extent->end > widest->end ? extent : widest;
    }
}

static void tell_maps(struct composer *composer, const struct space_check *space,
                      const struct extent *a, const struct extent *b)
{
    const struct map *first = a->what;
    const struct map *second = b->what;
    diag_error(&composer->diag, second->at,
               "in %s '%s' the map of '%s', [0x%" PRIx64 ", 0x%" PRIx64
               "), overlaps the map of '%s', [0x%" PRIx64 ", 0x%" PRIx64 ")\n"
               "move one of them; the other is in %s",
               space->what, space->name, second->region->name, b->start, b->end,
               first->region->name, a->start, a->end,
               diag_place(&composer->diag, first->at, second->at));
}

static void check_maps(struct composer *composer, const struct space_check *space,
                       const struct list *maps, struct pd *user)
{
    struct extent *extents = arena_alloc(&composer->arena, maps->count * sizeof(*extents));
    size_t count = 0;
    for (size_t i = 0; i < maps->count; i++) {
        struct map *map = maps->items[i];
        map->broken = !check_map(composer, space, map);
        if (map->region != NULL) {
            struct list *users = &map->region->users;
            if (users->count == 0 || users->items[users->count - 1] != user) {
                list_add(&composer->arena, users, user);
            }
        }
        if (!map->broken) {
            extents[count++] =
                (struct extent){ map->vaddr, map->vaddr + map->region->size, i, map };
        }
    }
    extents_check(composer, extents, count, space, tell_maps);
}

static void check_setvars(struct composer *composer, const struct pd *pd)
{
    for (size_t i = 0; i < pd->setvars.count; i++) {
        struct setvar *setvar = pd->setvars.items[i];
        if (setvar->kind == SETVAR_VALUE || setvar->kind == SETVAR_STRING) {
            continue;
        }
        setvar->region = system_region(&composer->system, setvar->region_name);
        if (setvar->region == NULL) {
            if (setvar->kind == SETVAR_PADDR) { /* the others are of a map, which was told about */
                diag_error(&composer->diag, setvar->at,
                           "symbol '%s' asks for the memory region '%s', which does not exist\n"
                           "correct the name, or add the memory_region",
                           setvar->symbol, setvar->region_name);
            }
            continue;
        }
        if (setvar->kind == SETVAR_PREFILL_SIZE && setvar->region->prefill_path == NULL) {
            diag_error(&composer->diag, setvar->at,
                       "symbol '%s' asks for the file size of region '%s', which has no "
                       "file\n"
                       "add prefill_path to the region, or use setvar_size",
                       setvar->symbol, setvar->region_name);
        }
        setvar->region->wants_paddr |= setvar->kind == SETVAR_PADDR;
    }
}

static void check_pd_spaces(struct composer *composer, struct pd *pd)
{
    struct space_check space = { "protection domain", pd->name, STACK_TOP - pd->stack_size };
    check_maps(composer, &space, &pd->maps, pd);
    for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
        struct space_check guest = { "virtual machine", vm->name, SPACE_LIMIT };
        check_maps(composer, &guest, &vm->maps, pd);
    }
    check_setvars(composer, pd);
}

bool check_spaces(struct composer *composer)
{
    const struct list *pds = &composer->system.pds;
    for (size_t i = 0; i < pds->count; i++) {
        check_pd_spaces(composer, pds->items[i]);
    }
    check_pd_spaces(composer, composer->monitor);
    return !composer->diag.failed;
}

/* Calls `visit` with every map of the system. */
static void maps_visit(struct composer *composer, void (*visit)(struct composer *, struct map *))
{
    const struct list *pds = &composer->system.pds;
    for (size_t i = 0; i <= pds->count; i++) {
        struct pd *pd = i < pds->count ? pds->items[i] : composer->monitor;
        for (size_t j = 0; j < pd->maps.count; j++) {
            visit(composer, pd->maps.items[j]);
        }
        for (const struct vm *vm = pd->vms; vm != NULL; vm = vm->next) {
            for (size_t j = 0; j < vm->maps.count; j++) {
                visit(composer, vm->maps.items[j]);
            }
        }
    }
}

/* A region whose maps are not all on 2 MiB boundaries is left to small pages. */
static void map_bound_page(struct composer *composer, struct map *map)
{
    (void)composer;
    if (map->region->page_bits == PAGE_AUTO && map->vaddr % (1ull << PAGE_LARGE) != 0) {
        map->region->page_bits = PAGE_SMALL;
    }
}

static void choose_page_sizes(struct composer *composer)
{
    const uint64_t large = 1ull << PAGE_LARGE;
    maps_visit(composer, map_bound_page);
    for (size_t i = 0; i < composer->system.regions.count; i++) {
        struct region *region = composer->system.regions.items[i];
        if (region->page_bits == PAGE_AUTO) {
            bool whole = region->size != 0 && region->size % large == 0 &&
                         (!region->has_paddr || region->paddr % large == 0);
            region->page_bits = whole ? PAGE_LARGE : PAGE_SMALL;
        }
    }
}

/* Cached and uncached views of one memory contradict each other on real machines. */
static void map_check_cached(struct composer *composer, struct map *map)
{
    struct region *region = map->region;
    if (region->mapped_cached != region->mapped_uncached &&
        (map->cached ? region->mapped_uncached : region->mapped_cached)) {
        diag_warning(&composer->diag, map->at,
                     "region '%s' is mapped both cached and uncached\n"
                     "give all its maps the same cached=\"...\"",
                     region->name);
    }
    region->mapped_cached |= map->cached;
    region->mapped_uncached |= !map->cached;
}

/* The region with a physical address that [paddr, paddr + size) meets, or NULL. */
static struct region *region_at(struct composer *composer, const struct region *self,
                                uint64_t paddr, uint64_t size)
{
    const struct list *regions = &composer->system.regions;
    for (size_t i = 0; i < regions->count; i++) {
        struct region *other = regions->items[i];
        if (other != self && !other->broken && other->has_paddr && other->size > 0 &&
            other->paddr < paddr + size && paddr < other->paddr + other->size) {
            return other;
        }
    }
    return NULL;
}

/* The highest free place below the top of RAM. */
static bool choose_paddr(struct composer *composer, struct region *region)
{
    uint64_t page = region_page(region);
    uint64_t top = composer->ram_top > RAM_TOP_KEPT ? composer->ram_top - RAM_TOP_KEPT : 0;
    uint64_t end = top;
    while (end >= RAM_CHOICE_BASE && region->size <= end - RAM_CHOICE_BASE) {
        uint64_t paddr = (end - region->size) / page * page;
        const struct region *other = region_at(composer, region, paddr, region->size);
        if (paddr < RAM_CHOICE_BASE) {
            break;
        }
        if (other == NULL) {
            region->paddr = paddr;
            region->has_paddr = true;
            region->paddr_chosen = true;
            return true;
        }
        end = other->paddr;
    }
    return diag_error(&composer->diag, region->at,
                      "no contiguous 0x%" PRIx64 " bytes for region '%s' below 0x%" PRIx64 "\n"
                      "make it smaller, give it a phys_addr, or raise --ram-top",
                      region->size, region->name, top);
}

/* E27: what the kernel keeps for itself cannot be had. */
static void check_kernel_ranges(struct composer *composer, const struct region *region)
{
    const struct compose_options *options = composer->options;
    for (size_t i = 0; region->has_paddr && i < options->kernel_range_count; i++) {
        uint64_t start = options->kernel_ranges[i][0];
        uint64_t end = start + options->kernel_ranges[i][1];
        if (region->paddr < end && start < region->paddr + region->size) {
            diag_error(&composer->diag, region->at,
                       "region '%s', [0x%" PRIx64 ", 0x%" PRIx64 "), covers [0x%" PRIx64
                       ", 0x%" PRIx64 "), which the kernel keeps for itself\n"
                       "use another phys_addr, or less",
                       region->name, region->paddr, region->paddr + region->size, start, end);
        }
    }
}

static void tell_regions(struct composer *composer, const struct space_check *space,
                         const struct extent *a, const struct extent *b)
{
    const struct region *first = a->what;
    const struct region *second = b->what;
    (void)space;
    diag_error(&composer->diag, second->at,
               "regions '%s', [0x%" PRIx64 ", 0x%" PRIx64 "), and '%s', [0x%" PRIx64 ", 0x%" PRIx64
               "), share physical memory\n"
               "move one of them, or map one region twice",
               first->name, a->start, a->end, second->name, b->start, b->end);
}

/* E20, E27 and W1. */
static void check_places(struct composer *composer)
{
    const struct list *regions = &composer->system.regions;
    struct extent *extents = arena_alloc(&composer->arena, regions->count * sizeof(*extents));
    size_t count = 0;
    for (size_t i = 0; i < regions->count; i++) {
        const struct region *region = regions->items[i];
        if (region->has_paddr && !region->broken) {
            check_kernel_ranges(composer, region);
            extents[count++] =
                (struct extent){ region->paddr, region->paddr + region->size, i, region };
        }
    }
    extents_check(composer, extents, count, NULL, tell_regions);
    for (size_t i = 0; i < regions->count && !composer->diag.failed; i++) {
        const struct region *region = regions->items[i];
        if (region->users.count == 0) {
            diag_warning(&composer->diag, region->at,
                         "region '%s' is mapped nowhere\n"
                         "map it, or remove it",
                         region->name);
        }
    }
}

bool pages_count(struct composer *composer, struct position at, uint64_t pages, const char *what,
                 const char *name)
{
    if (pages <= composer->page_limit - composer->pages) {
        composer->pages += pages;
        return true;
    }
    return diag_error(&composer->diag, at,
                      "with %s '%s' this system has more than %" PRIu64 " pages\n"
                      "use larger pages (page_size=\"0x200000\") or less memory",
                      what, name, composer->page_limit);
}

/* Counts the entries that maps need; they are not bounded by the number of frames. */
static void map_count(struct composer *composer, struct map *map)
{
    uint64_t pages = map->region->size >> map->region->page_bits;
    uint64_t limit = 4 * composer->page_limit;
    if (composer->diag.failed || pages <= limit - composer->mappings) {
        composer->mappings += pages;
        return;
    }
    diag_error(&composer->diag, map->at,
               "with the map of '%s' this system maps more than %" PRIu64 " pages\n"
               "use larger pages (page_size=\"0x200000\") or fewer maps",
               map->region->name, limit);
}

/* A bound on the work, far above any machine this runs on. */
static bool check_page_count(struct composer *composer)
{
    const struct list *regions = &composer->system.regions;
    for (size_t i = 0; i < regions->count; i++) {
        const struct region *region = regions->items[i];
        if (!pages_count(composer, region->at, region->size >> region->page_bits, "region",
                         region->name)) {
            return false;
        }
    }
    const struct list *pds = &composer->system.pds;
    for (size_t i = 0; i < pds->count; i++) {
        const struct pd *pd = pds->items[i];
        if (!pages_count(composer, pd->at, pd->stack_size >> PAGE_SMALL, "the stack of",
                         pd->name)) {
            return false;
        }
    }
    maps_visit(composer, map_count);
    return !composer->diag.failed;
}

bool check_regions(struct composer *composer)
{
    const struct list *regions = &composer->system.regions;
    check_places(composer);
    if (composer->diag.failed) {
        return false;
    }
    maps_visit(composer, map_check_cached);
    choose_page_sizes(composer);
    for (size_t i = 0; i < regions->count; i++) {
        struct region *region = regions->items[i];
        if (region->wants_paddr && !region->has_paddr && !choose_paddr(composer, region)) {
            return false;
        }
    }
    return check_page_count(composer);
}
