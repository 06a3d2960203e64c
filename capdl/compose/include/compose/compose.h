/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The composer as a library
 *
 * One call turns a system description into capDL text and program segments. Files come and
 * go through two functions, so that tests and the fuzzer need no file system.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct compose_files {
    void *context;
    /*
     * Reads the whole file `path`. `bytes` is allocated with malloc() and becomes the
     * composer's. Fails: false when there is no such file or it cannot be read.
     */
    bool (*read)(void *context, const char *path, char **bytes, size_t *length);
    /* Writes a file of the output directory. Fails: false when that cannot be done. */
    bool (*write)(void *context, const char *name, const char *bytes, size_t length);
};

struct compose_parameter {
    const char *name;
    const char *value;
};

struct compose_options {
    const char *description; /* path of the system description */
    const struct compose_parameter *parameters;
    size_t parameter_count;
    const char *const *search_paths; /* the current directory is always searched last */
    size_t search_path_count;
    const char *monitor; /* program of the monitor; NULL: monitor.elf on the search path */
    bool check_only;     /* write nothing */
    unsigned cores;      /* of the board; 0 means 1 */
    uint64_t ram_top;    /* chosen physical addresses end at or below it; 0: the default */
    /* Physical memory that the kernel keeps: pairs of start and size. */
    const uint64_t (*kernel_ranges)[2];
    size_t kernel_range_count;
    uint64_t image_at;   /* where the boot image is loaded; 0: at the start of RAM */
    bool any_ram;        /* the board gets as much RAM as the system turns out to need */
    uint64_t page_limit; /* most pages one system may have; 0: the default */
};

/* What a run leaves behind; all to be freed with compose_result_free(). */
struct compose_result {
    char *messages; /* errors and warnings; never NULL */
    char *report;   /* for people; NULL after an error */
};

/*
 * Composes one system.
 * Post: `result` is filled. The capDL text was written as `system.cdl`, last of all files.
 * Fails: false, with an error in the messages.
 */
bool compose(const struct compose_options *options, const struct compose_files *files,
             struct compose_result *result);

void compose_result_free(struct compose_result *result);
