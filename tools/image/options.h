/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line of tessera-image
 */
#pragma once

#include <abi/image.h>
#include <stdbool.h>
#include <stdint.h>

struct options {
    const char *kernel, *loader, *root_task, *output;
    const char *spec, *payload; /* both or neither */
    bool root_cnode_bits_given; /* else computed from the image, or what the spec asks for */
    bool verify;                /* the initialiser compares what it built with the spec */
    uint32_t seed_fault;        /* for an initialiser that makes mistakes */
    bool large_frames_given;    /* for a foreign root task; a spec says itself what it needs */
    struct image_header header; /* what the switches say about booting */
};

/** Read the command line. False: a message has been printed; `*status` is the exit status. */
bool options_read(int count, char **arguments, struct options *options, int *status);
