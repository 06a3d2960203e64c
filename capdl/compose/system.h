/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The system description as C structures
 *
 * Filled by parse_*.c in document order, completed (names resolved, sizes and addresses
 * chosen) by check*.c, and only read after that.
 *
 *   system ─┬─ pds ──┬─ maps, irqs, setvars, user caps
 *           │        ├─ children ──▶ pds
 *           │        └─ vms ── vcpus, maps
 *           ├─ regions
 *           ├─ channels ── 2 ends
 *           └─ domains, schedule, policies
 *
 * Invariant: pds are in depth-first document order; a PD's place is its index.
 */
#pragma once

#include "diag.h"
#include "xml.h"

enum limits {
    PD_LIMIT = 511,
    SUPERVISED_LIMIT = 63, /* PDs that a supervisor's slots and tables have room for */
    ID_LIMIT = 62,         /* channels and interrupts of a PD; vCPUs of a PD */
    WIDE_ID_LIMIT = 512,   /* children of a PD, and channels over which nobody notifies */
    PRIORITY_LIMIT = 255,
    NAME_BYTES = 64,
    USER_CAP_LIMIT = 64,
    WIDE_ROOT_SLOT = 63, /* of a PD with ids from ID_LIMIT on: a CNode for them */
    DOMAIN_LIMIT = 16,
    SCHEDULE_LIMIT = 100,
    IRQ_FIRST = 16,
    IRQ_LIMIT = 1020,
};

/* Bits of a page: 4 KiB, 2 MiB, 1 GiB. */
enum page_bits { PAGE_AUTO = 0, PAGE_SMALL = 12, PAGE_LARGE = 21, PAGE_HUGE = 30 };

struct region {
    struct position at;
    const char *name;
    size_t index;             /* in document order */
    struct region *same_hash; /* the next of its bucket, see system_region() */
    uint64_t size;
    bool size_given;
    enum page_bits page_bits; /* PAGE_AUTO until check_page_sizes() */
    bool has_paddr;           /* given, or chosen */
    bool paddr_chosen;
    uint64_t paddr;
    const char *prefill_path; /* NULL: none */
    const char *prefill_bytes;
    uint64_t prefill_length;
    const char *bootinfo; /* identification word of capDL, or NULL */
    bool wants_paddr;     /* some setvar asks for it */
    bool mapped_cached;   /* by some map */
    bool mapped_uncached; /* by some map */
    bool broken;          /* not understood: size and address mean nothing */
    struct list users;    /* struct pd, each once; the PD of a VM for the VM */
};

struct map {
    struct position at;
    const char *region_name;
    struct region *region;
    uint64_t vaddr;
    bool read, write, execute, cached;
    bool broken; /* names no region, or lies where it cannot */
};

enum setvar_kind { SETVAR_VALUE, SETVAR_STRING, SETVAR_SIZE, SETVAR_PREFILL_SIZE, SETVAR_PADDR };

struct setvar {
    struct position at;
    const char *symbol;
    enum setvar_kind kind;
    uint64_t value;          /* SETVAR_VALUE */
    const char *string;      /* SETVAR_STRING */
    const char *region_name; /* the others */
    struct region *region;
};

struct irq {
    struct position at;
    uint64_t number;
    uint64_t id;
    bool edge;
};

struct vcpu {
    struct position at;
    uint64_t id;
    uint64_t core;
};

struct vm {
    struct position at;
    const char *name;
    uint64_t priority, budget, period;
    bool main;
    struct vm *next;      /* of the same PD; NULL: the last */
    struct vm_plan *plan; /* its objects, once they are planned */
    struct list vcpus;    /* struct vcpu */
    struct list maps;     /* struct map */
};

enum user_cap_kind { USER_CAP_TCB, USER_CAP_SC, USER_CAP_VSPACE };

struct user_cap {
    struct position at;
    enum user_cap_kind kind;
    uint64_t slot;
    const char *pd_name;
    struct pd *pd;
};

static const uint64_t RESTART_NEVER = 0;
static const uint64_t RESTART_ALWAYS = UINT64_MAX;

struct pd {
    struct position at;
    const char *name;
    unsigned index;
    struct pd *parent; /* NULL: root */
    uint64_t id;       /* of a child */
    uint64_t priority, budget, period, stack_size, core;
    bool passive, smc, fpu;
    bool main, supervisor, counter;
    uint64_t restart; /* N << 32 | SECONDS, or RESTART_... */
    uint64_t smc_badge;
    const char *domain_name; /* NULL: none */
    uint64_t domain;
    const char *image_path;
    const char *symbols_path; /* NULL: the same */
    struct position image_at;
    struct list maps;      /* struct map */
    struct list irqs;      /* struct irq */
    struct list setvars;   /* struct setvar */
    struct list children;  /* struct pd */
    struct list user_caps; /* struct user_cap */
    struct vm *vms;        /* the first; NULL: none */
    bool several_vms;
    bool called;       /* some channel calls it */
    uint64_t wide_end; /* one more than the largest id from ID_LIMIT on that needs a slot; or 0 */
    bool broken;       /* its attributes were not understood */
    bool image_broken; /* its program_image was not understood */
};

struct channel_end {
    struct position at;
    struct pd *pd;
    uint64_t id;
    bool call, notify;
};

struct channel {
    struct position at;
    struct channel_end ends[2];
};

struct domain {
    struct position at;
    const char *name;
    bool has_id;
    uint64_t id;
};

struct schedule_entry {
    struct position at;
    bool end_marker;
    const char *domain_name;
    uint64_t domain;
    uint64_t duration;
    bool microseconds; /* else ticks */
};

struct policy {
    struct position at;
    const struct xml_node *node;
    uint64_t interrupt; /* that it is about, if any */
};

enum { REGION_BUCKETS = 4096 };

struct system {
    struct position at;
    struct list pds;     /* struct pd */
    struct list regions; /* struct region */
    struct region *region_buckets[REGION_BUCKETS];
    struct list channels; /* struct channel */
    struct list domains;  /* struct domain */
    struct list schedule; /* struct schedule_entry */
    struct list policies; /* struct policy */
    bool has_domains;
    bool domains_broken; /* not understood */
    uint64_t start_index;
    bool has_index_shift;
    uint64_t index_shift;
};

/* Adds a region that has a name. */
void system_region_add(struct arena *arena, struct system *system, struct region *region);
/* The first region of this name, or NULL. */
struct region *system_region(const struct system *system, const char *name);
struct pd *system_pd(const struct system *system, const char *name);
/* The PD marked main, or that holds the VM marked main; NULL if there is none. */
struct pd *system_main(const struct system *system);
