/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A spec made ready for questions
 *
 * The audit of a spec knows its components (subjects), what they can name (nodes), the closure of
 * their authority, and where in the user's files each capability comes from.
 */
#pragma once

#include "analysis/authority.h"

#include <model/model.h>

/* How a frame is mapped, and what for. */
enum use_bits {
    USE_READ = 1,
    USE_WRITE = 2,
    USE_EXECUTE = 4,
    USE_STACK = 8,
    USE_BUFFER = 16,
    USE_UNCACHED = 32
};

/* One mapping, or one frame capability in a CNode. */
struct frame_use {
    uint32_t frame;
    uint32_t container; /* root of the address space, or CNode */
    uint32_t cap;
    uint32_t bits;
    uint64_t address;
};

struct audit_subject {
    char *name;
    uint32_t thread; /* object: the first TCB */
    uint32_t thread_count;
    uint32_t vspace;    /* object, or CAPDL_NONE */
    uint32_t untyped;   /* object that covers its first TCB, or CAPDL_NONE */
    bool is_guest;      /* a virtual machine */
    bool is_trusted;    /* the monitor that composing adds, or named so */
    bool is_supervisor; /* holds the CNode of a supervisor */
};

struct audit_node {
    char *name;      /* as the user knows it */
    char *words;     /* in sentences: "the endpoint of pong" */
    uint32_t object; /* the first, or CAPDL_NONE */
    uint32_t object_count;
    uint64_t bytes; /* memory */
    uint32_t uses;  /* memory: all bits of its uses */
    bool is_device;
    const char *device; /* what the board has there, or NULL */
    bool device_has_dma;
    bool is_per_viewer; /* each virtual CPU sees its own: nothing goes from one to another */
};

/* A text that places name lines of. */
struct audit_source {
    char *name, *text;
    size_t length;
};

struct audit {
    const struct capdl_spec *spec;
    const char *file;
    const char *text;
    size_t length;
    char *origin_file; /* that the text was composed from, or NULL */
    uint32_t *origins; /* by line of the text: where "FILE:LINE" stands in it; 0: none */
    uint32_t line_count;
    char *origin_path; /* the description as the composer was given it, or NULL */
    struct audit_source *sources;
    uint32_t source_count, source_capacity;

    struct authority_system system;
    struct audit_subject *subjects;
    uint32_t subject_capacity;
    struct audit_node *nodes;
    uint32_t node_capacity, kind_capacity;
    uint32_t masters[16]; /* by kind of capability without object: its node + 1, or 0 */
    uint32_t *node_of;    /* by object */
    uint32_t *subject_of; /* by object: threads and address spaces */
    struct frame_use *uses;
    uint32_t use_count, use_capacity;
    struct links affects; /* power over the node can hurt the subject */
    struct closure *closure;
};

/* Pre: the spec is sealed and without errors; text is what it was read from, or NULL. */
struct audit *audit_make(const struct capdl_spec *spec, const char *file, const char *text,
                         size_t length);
void audit_free(struct audit *audit);

/* Declare which subjects pass nothing on (an array by subject), in place of those before. What
 * was made from the closure is not valid any more. */
void audit_trust(struct audit *audit, const bool *trusted);

/* Number of the component of that name, or AUTHORITY_NONE. */
uint32_t audit_subject_find(const struct audit *audit, const char *name);
/* Number of the node of that name; also by the name of an object in it. */
uint32_t audit_node_find(const struct audit *audit, const char *name);

/* Is that a name of the node? Frames that are used in several ways are several nodes of a name. */
bool audit_node_is(const struct audit *audit, uint32_t node, const char *name);

/* Make lines of a file known that places name; text is copied. */
void audit_source_add(struct audit *audit, const char *name, const char *text, size_t length);
/* Is a line of the text composed from a file that is not known yet? Its name. */
bool audit_source_wanted(const struct audit *audit, uint32_t line, char *name, size_t bytes);
/* The line at a place, without blanks around it and not terminated; "" if it is not known. */
const char *audit_place_line(const struct audit *audit, const char *place, size_t *length);

/* The name that is spelt much like it, or NULL. */
const char *audit_subject_near(const struct audit *audit, const char *name);
const char *audit_node_near(const struct audit *audit, const char *name);

/* "system.xml:12" if that is known, else "system.cdl:97"; in a buffer that the fourth call from
 * now uses again. cap: AUTHORITY_NONE gives "". */
const char *audit_place(const struct audit *audit, uint32_t cap);
const char *audit_object_place(const struct audit *audit, uint32_t object);
/* The same for a line of the text. */
const char *audit_line_place(const struct audit *audit, uint32_t line);
