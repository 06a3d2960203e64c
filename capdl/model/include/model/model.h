/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The model of a system: objects, capabilities, and what relates them
 *
 * One struct capdl_spec holds a whole system. Objects and caps are numbered in the order they were
 * added; everything refers to them by these numbers. The parser (capdl/lang) fills a spec, the
 * checks (model/check.h) judge it, the packer lowers it.
 *
 * Invariants: an object is known by (name, index) and only once; a slot of a container holds at
 * most one cap; after capdl_spec_seal the caps are sorted by (container, slot), each object knows
 * the range of its caps, and nothing more is added.
 */
#pragma once

#include "model/diag.h"
#include "model/kinds.h"
#include "model/memory.h"

#define CAPDL_NONE UINT32_MAX

/* Rights, numbered as in the kernel's CapRights word. On frames, GRANT means executable. */
#define CAPDL_RIGHT_WRITE       0x1u
#define CAPDL_RIGHT_READ        0x2u
#define CAPDL_RIGHT_GRANT       0x4u
#define CAPDL_RIGHT_GRANT_REPLY 0x8u
#define CAPDL_RIGHTS_ALL        0xfu

/* Attributes that are optional: bits of capdl_object.present. */
enum capdl_attr {
    CAPDL_HAS_BITS = 0x1, /* log2: bytes (ut, frame, sc) or slots (cnode) */
    CAPDL_HAS_PADDR = 0x2,
    CAPDL_HAS_FILL = 0x4,
    CAPDL_HAS_ASID_HIGH = 0x8,
    CAPDL_HAS_ADDR = 0x10,
    CAPDL_HAS_IP = 0x20,
    CAPDL_HAS_SP = 0x40,
    CAPDL_HAS_PRIO = 0x80,
    CAPDL_HAS_MAX_PRIO = 0x100,
    CAPDL_HAS_AFFINITY = 0x200,
    CAPDL_HAS_RESUME = 0x400,
    CAPDL_HAS_FPU_DISABLED = 0x800,
    CAPDL_HAS_DOM = 0x1000,
    CAPDL_HAS_FAULT_EP = 0x2000,
    CAPDL_HAS_INIT = 0x4000,
    CAPDL_HAS_PERIOD = 0x8000,
    CAPDL_HAS_BUDGET = 0x10000,
    CAPDL_HAS_DATA = 0x20000,
    CAPDL_HAS_BANK = 0x40000,
    CAPDL_HAS_COUNTER_ACCESS = 0x80000
};

struct capdl_tcb_attrs {
    uint64_t addr, ip, sp, prio, max_prio, affinity, dom, fault_ep, counter_access;
    uint32_t first_init; /* words [first_init, + init_count) of the spec */
    uint32_t init_count;
    bool resume;
    bool fpu_disabled;
};

struct capdl_sc_attrs {
    uint64_t period, budget, data; /* microseconds; badge */
};

/* arm_irq: trigger (0 level, 1 edge), target. ioapic: num, pin, level, polarity. msi: handle, bus,
 * dev, fun. ports: first, last. io_device: domain, bus, dev, fun. io_pt: level. arm_io_device:
 * iospace. sgi: irq, target. contextbank: bank. asid_pool: high. */
struct capdl_device_attrs {
    uint64_t number[4];
};

struct capdl_object {
    uint32_t name;
    uint32_t index; /* in its array, or CAPDL_NONE */
    enum capdl_kind kind;
    struct capdl_pos pos;
    uint32_t present; /* enum capdl_attr bits */
    uint64_t bits;
    uint64_t paddr;
    union {
        struct capdl_tcb_attrs tcb;
        struct capdl_sc_attrs sc;
        struct capdl_device_attrs device;
        struct {
            uint32_t first_fill; /* fills [first_fill, + fill_count) of the spec */
            uint32_t fill_count;
        } frame;
    } u;
    uint32_t parent;      /* untyped that covers it, or CAPDL_NONE */
    uint32_t first_child; /* untyped: covers, in order */
    uint32_t last_child;
    uint32_t next_sibling;
    uint32_t first_cap; /* after sealing: caps [first_cap, + cap_count) */
    uint32_t cap_count;
};

enum capdl_cap_kind {
    CAPDL_CAP_OBJECT = 0, /* what it is follows from the target's kind */
    CAPDL_CAP_REPLY,      /* target: the TCB */
    CAPDL_CAP_MASTER_REPLY,
    CAPDL_CAP_IRQ_CONTROL, /* from here on: no target */
    CAPDL_CAP_ASID_CONTROL,
    CAPDL_CAP_DOMAIN,
    CAPDL_CAP_IO_SPACE_MASTER,
    CAPDL_CAP_SCHED_CONTROL
};

struct capdl_cap {
    uint32_t container;
    uint32_t target; /* object, or CAPDL_NONE */
    uint64_t slot;
    uint64_t badge; /* endpoint, notification, smc; core of sched_control */
    uint64_t guard;
    uint64_t guard_size;
    uint64_t asid_high, asid_low;
    uint64_t mapping_slot;
    uint32_t mapping_table; /* object, or CAPDL_NONE */
    struct capdl_pos pos;
    uint8_t kind; /* enum capdl_cap_kind */
    uint8_t rights;
    bool is_uncached;
    bool has_asid;
};

struct capdl_fill {
    uint64_t offset;
    uint64_t length;
    uint64_t source;     /* offset in the file or block */
    uint32_t file;       /* name, or CAPDL_NONE: boot information */
    uint32_t block_word; /* name: the word that says which block; CAPDL_NONE for files */
    bool is_understood;  /* else only words: kept as text */
    uint32_t words;      /* name: the whole directive, words joined by one space */
    struct capdl_pos pos;
};

struct capdl_irq_line {
    uint64_t number;
    uint32_t object;
    struct capdl_pos pos;
};

/* A derivation edge: the cap in the child slot was derived from that in the parent slot. */
struct capdl_edge {
    uint32_t child, parent; /* containers */
    uint64_t child_slot, parent_slot;
    struct capdl_pos pos;
};

enum capdl_time_unit { CAPDL_TICKS = 0, CAPDL_US = 1 };

struct capdl_schedule_entry {
    uint64_t domain;
    uint64_t duration; /* (0, 0): end marker */
    enum capdl_time_unit unit;
    struct capdl_pos pos;
};

struct capdl_name_entry {
    uint32_t hash;
    uint32_t name; /* CAPDL_NONE: free */
};

struct capdl_spec {
    uint32_t arch; /* one enum capdl_arch bit */
    bool is_sealed;

    struct capdl_object *objects;
    uint32_t object_count, object_capacity;
    struct capdl_cap *caps;
    uint32_t cap_count, cap_capacity;
    struct capdl_fill *fills;
    uint32_t fill_count, fill_capacity;
    struct capdl_irq_line *irqs;
    uint32_t irq_count, irq_capacity;
    struct capdl_edge *edges;
    uint32_t edge_count, edge_capacity;
    struct capdl_schedule_entry *schedule;
    uint32_t schedule_count, schedule_capacity;
    uint64_t *words;
    uint32_t word_count, word_capacity;
    bool has_schedule, has_no_start, has_start;
    uint64_t domain_start, index_shift;

    /* names: texts one after the other, each with its zero byte */
    struct capdl_text name_texts;
    size_t *name_offsets;
    uint32_t *name_elements; /* per name: objects with an index */
    uint32_t name_count, name_capacity, element_capacity;
    struct capdl_name_entry *name_table; /* hash table of names */
    uint32_t name_mask;

    struct capdl_map object_map; /* (name, index) */
    struct capdl_map slot_map;   /* (container, slot) -> cap, until sealed */
    struct capdl_map irq_map;    /* number -> irqs */
    struct capdl_map edge_map;   /* (child, slot) -> edges */
};

struct capdl_spec *capdl_spec_new(void);
void capdl_spec_free(struct capdl_spec *spec);

/* Number of a name: equal texts, equal numbers. */
uint32_t capdl_name(struct capdl_spec *spec, const char *text, size_t length);

/* The number a text has already, or CAPDL_NONE. */
uint32_t capdl_name_find(const struct capdl_spec *spec, const char *text, size_t length);
const char *capdl_name_text(const struct capdl_spec *spec, uint32_t name);

/*
 * Add an object with all attributes zero. Returns its number, or CAPDL_NONE if (name, index) is
 * taken, or if name is taken without index and index is given, or the other way round.
 */
uint32_t capdl_object_add(struct capdl_spec *spec, uint32_t name, uint32_t index,
                          enum capdl_kind kind, struct capdl_pos pos);
uint32_t capdl_object_find(const struct capdl_spec *spec, uint32_t name, uint64_t index);

/* How many elements the array of that name has. */
uint32_t capdl_element_count(const struct capdl_spec *spec, uint32_t name);

/* "name" or "name[3]", in a buffer that the fourth call from now uses again. */
const char *capdl_object_text(const struct capdl_spec *spec, uint32_t object);

/* Put cap into its container and slot. Returns its number, or CAPDL_NONE if the slot is taken. */
uint32_t capdl_cap_add(struct capdl_spec *spec, const struct capdl_cap *cap);

/* The cap in a slot, or CAPDL_NONE. Works before and after sealing. */
uint32_t capdl_cap_find(const struct capdl_spec *spec, uint32_t container, uint64_t slot);

/* Returns false if the number is taken. */
bool capdl_irq_add(struct capdl_spec *spec, uint64_t number, uint32_t object, struct capdl_pos pos);

/* The interrupt line an object is listed under (the first, if several), or CAPDL_NONE. */
uint32_t capdl_irq_of(const struct capdl_spec *spec, uint32_t object);

/* Returns false if the child slot has a parent already. */
bool capdl_edge_add(struct capdl_spec *spec, const struct capdl_edge *edge);

/* State that untyped covers object; the cover keeps the order of the calls. Pre: no parent yet. */
void capdl_cover_add(struct capdl_spec *spec, uint32_t untyped, uint32_t object);

/* Sort; after this nothing is added. */
void capdl_spec_seal(struct capdl_spec *spec);
