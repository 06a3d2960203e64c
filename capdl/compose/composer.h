/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * One run: what all stages share, and the stages in their order
 *
 * Every stage returns false after an error, which then stands in `diag`.
 */
#pragma once

#include "system.h"

#include <compose/compose.h>

/* A file that was read; kept until the end of the run. */
struct source {
    const char *path; /* as found */
    char *bytes;
    size_t length;
};

struct composer {
    const struct compose_options *options;
    const struct compose_files *files;
    struct arena arena;
    struct diag diag;
    struct list sources; /* struct source */
    struct system system;
    struct pd *monitor; /* as if it were a PD; its index is PD_LIMIT */
    unsigned cores;
    unsigned cores_most; /* a mere check need not know how many there will be */
    uint64_t ram_top;
    uint64_t page_limit;      /* of frames, and of four times as many mappings */
    uint64_t pages;           /* counted so far */
    uint64_t pages_described; /* of them, those before any program was read */
    uint64_t mappings;        /* counted so far */
    uint64_t region_whole;    /* larger regions are in several untypeds */
    uint64_t file_bytes;      /* of all files that were written, or would have been */
    struct xml_node *root;
};

/* The address space every component has (abi/05): 40 bits, these pages at its top. */
static const uint64_t SPACE_LIMIT = 1ull << 40;
static const uint64_t IPC_BUFFER_ADDRESS = 0xfffffff000;
static const uint64_t STACK_TOP = 0xffffffe000;

/* What a region may have at most to be in one untyped; less if there is no room otherwise. */
static const uint64_t REGION_WHOLE = 512ull << 20;
static const uint64_t REGION_WHOLE_TIGHT = 16ull << 20;

/* Bytes of main memory that components can have at most. */
uint64_t composer_ram_size(const struct composer *composer);

/* Counts pages against the limit. Fails: there are too many; `what` says of what. */
bool pages_count(struct composer *composer, struct position at, uint64_t pages, const char *what,
                 const char *name);

/* Reads exactly this file, once. NULL if there is none; reports nothing. */
const struct source *source_read(struct composer *composer, const char *path);
/* Finds `path` on the search path. NULL if it is nowhere; reports nothing. */
const struct source *source_find(struct composer *composer, const char *path);

bool parameters_apply(struct composer *composer);
bool parse_system(struct composer *composer);
bool check_system(struct composer *composer);
/* Adds the monitor. */
bool monitor_add(struct composer *composer);
/* Finds the regions that maps and symbols name, and checks every address space. */
bool check_spaces(struct composer *composer);
/* Completes page sizes and physical addresses. */
bool check_regions(struct composer *composer);
