/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The plan: every kernel object and every capability of the system
 *
 *   plan ─┬─ components ── holder (untyped, keeper, members) and the objects by role
 *         ├─ regions ───── frames; a holder of its own if several components map it
 *         └─ loose ─────── objects without memory or with fixed addresses
 *
 * Invariant: each object is a member of exactly one holder, or loose; names are unique.
 */
#pragma once

#include "image.h"

enum object_kind {
    KIND_UNTYPED,
    KIND_TCB,
    KIND_ENDPOINT,
    KIND_NOTIFICATION,
    KIND_REPLY,
    KIND_CNODE,
    KIND_SCHED_CONTEXT,
    KIND_VCPU,
    KIND_ROOT_TABLE,
    KIND_MIDDLE_TABLE,
    KIND_LEAF_TABLE,
    KIND_FRAME,
    KIND_IRQ,
    KIND_SMC,
    KIND_ASID_POOL,
};

struct object {
    enum object_kind kind;
    const char *name;
    uint64_t count;         /* elements of an array; 0: a single object */
    unsigned bits;          /* log2: bytes of a frame, SC or untyped; slots of a CNode */
    const char *attributes; /* what the kind does not say, as capDL text; NULL: nothing */
    bool from_image;        /* taken from the boot image, needs no memory */
    struct position at;     /* of the description, that asks for it */
    struct list caps;       /* struct cap, in this object's slots */
};

/* `count` capabilities in consecutive slots, to consecutive elements of `target`. */
struct cap {
    uint64_t slot;
    const struct object *target;
    const char *global; /* instead of a target: irq_control and the like */
    uint64_t first;     /* element of an array */
    uint64_t count;
    const char *params; /* capDL text in parentheses, or NULL */
    struct position at; /* of the description, that grants it */
};

/* Objects that live and die together: they share one untyped. */
struct holder {
    const char *base; /* of the names */
    struct object *untyped;
    struct object *keep;
    struct list members; /* struct object, `keep` among them */
    uint64_t mappings;   /* pages mapped into its address spaces */
    uint64_t irqs;
    uint64_t bytes; /* of the members */
    unsigned bits;  /* of the untyped */
};

struct table;

struct space {
    struct plan *plan;
    struct holder *holder;
    const char *base;
    struct table *root;
    struct object *object; /* of the root */
};

/* Frames [first, first + count) of a region; a large region is in several untypeds. */
struct piece {
    uint64_t first;
    uint64_t count;
    struct holder *holder; /* NULL: loose */
    struct holder own;
    struct object *array; /* those that are not objects of their own; NULL: none */
};

struct region_plan {
    struct region *region;
    const char *base;
    const char *file; /* contents, in the output directory; NULL: none */
    uint64_t frame_count;
    uint64_t singles; /* the first so many frames are objects of their own */
    struct object **single;
    struct list pieces; /* struct piece */
};

struct vcpu_plan {
    struct object *vcpu, *tcb, *sched_context, *cnode, *buffer;
};

struct vm_plan {
    const char *base;
    struct space space;
    struct vcpu_plan *vcpus; /* as vm->vcpus */
};

struct component {
    struct pd *pd;
    const char *base;
    struct holder holder;
    struct image *image;
    struct space space;
    struct object *tcb, *sched_context, *root_cnode, *cnode;
    struct object *endpoint; /* NULL: the input is the notification */
    struct object *notification, *reply, *buffer, *stack;
    struct object *supervised; /* CNode of a supervisor, or NULL */
    struct object *wide;       /* CNode for ids from ID_LIMIT on, or NULL */
    struct object **irqs;      /* as pd->irqs */
};

struct name_entry;

enum { NAME_BUCKETS = 1 << 16 };

struct plan {
    struct composer *composer;
    struct arena *arena;
    struct position at; /* of the description, that what is planned next is for */
    struct name_entry *names[NAME_BUCKETS];
    size_t component_count; /* the monitor, last, included */
    struct component components[PD_LIMIT + 1];
    struct region_plan *regions;
    size_t region_count;
    struct list loose; /* struct object */
    struct object *irq_map[IRQ_LIMIT];
    uint64_t slots;     /* capabilities that building the system takes */
    struct object *smc; /* NULL: nobody may call the firmware */
};

/* A unique capDL name made of `wanted`. */
const char *name_take(struct plan *plan, const char *wanted);

/* The same, with `<name>_ut` and `<name>_keep` reserved for a holder. */
const char *base_take(struct plan *plan, const char *wanted);
/* Makes the untyped and the keeper of a holder; their sizes come last. */
void holder_open(struct plan *plan, struct holder *holder, const char *base);

/* A new object; `holder` NULL makes it loose. The name is made unique. */
struct object *object_new(struct plan *plan, struct holder *holder, enum object_kind kind,
                          unsigned bits, const char *name);
struct object *object_array(struct plan *plan, struct holder *holder, enum object_kind kind,
                            unsigned bits, const char *name, uint64_t count);
/* log2 of the bytes of one element; 0 for objects without memory. */
unsigned object_size_bits(const struct object *object);

/* Puts a capability into a slot of `container`. */
void cap_add(struct plan *plan, struct object *container, uint64_t slot,
             const struct object *target, const char *params);
void cap_add_global(struct plan *plan, struct object *container, uint64_t slot, const char *global);
/* Text of rights and badge; badge 0 is left out. */
const char *cap_params(struct plan *plan, const char *rights, uint64_t badge);

void space_open(struct plan *plan, struct space *space, struct holder *holder, const char *base,
                const char *name);
/* Maps one element; tables appear as needed. */
void space_map(struct space *space, uint64_t vaddr, const struct object *target, uint64_t element,
               unsigned page_bits, const char *params);
/* The rights of a mapping as capDL text; always the same pointer for the same rights. */
const char *map_params(bool read, bool write, bool execute, bool cached);

/* In the CNode for ids from ID_LIMIT on: slot id * WIDE_KINDS + kind. */
enum wide_kind { WIDE_CALL, WIDE_CHILD, WIDE_KINDS };
unsigned plan_wide_bits(const struct pd *pd);

/* The object of frame `index` of a region, and which element of it. */
const struct object *region_frame(const struct region_plan *region, uint64_t index,
                                  uint64_t *element);
/* How many untypeds of their own the region's frames are in. */
uint64_t region_untypeds(const struct composer *composer, const struct region *region);

/* Does anything need the region's memory to exist? */
bool region_is_used(const struct region *region);

struct component *plan_component(struct plan *plan, const struct pd *pd);
struct region_plan *plan_region(struct plan *plan, const struct region *region);

/* The stages, in this order. */
bool plan_open(struct plan *plan);         /* components, images, names */
bool plan_patch(struct plan *plan);        /* symbols */
bool plan_write_images(struct plan *plan); /* segment and region files */
void plan_regions(struct plan *plan);      /* frames of regions */
void plan_objects(struct plan *plan);      /* threads, address spaces */
void plan_cspaces(struct plan *plan);      /* capabilities of components */
void plan_monitor(struct plan *plan);      /* and of the monitor */
/* Slots of each of the monitor's three bands, at this number, twice and three times it; 0: the
 * bands are where they are for few PDs. */
uint64_t plan_monitor_band(const struct plan *plan);
bool plan_supervisor(struct plan *plan); /* and of the supervisor */
bool plan_memory(struct plan *plan);     /* sizes of keepers and untypeds */
/* Whether all of them find room; `tell` makes it an error if not. */
bool plan_fit(struct plan *plan, bool tell);

void plan_emit(struct plan *plan, struct text *out);
/* "-- FILE:LINE": the line of the description that is the reason for what follows. */
void emit_place(const struct plan *plan, struct text *out, struct position at);
void plan_policies(struct plan *plan, struct text *out);
void plan_report(struct plan *plan, struct text *out);
