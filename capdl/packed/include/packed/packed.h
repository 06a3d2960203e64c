/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The packed spec: a system in the form the initialiser reads
 *
 * The host (tessera-capdl pack) lowers a capDL spec into this form; the initialiser, running as
 * root task, walks each section once, front to back, and has built the system. There are no
 * pointers: records name each other by index, names are offsets into one table of strings.
 *
 *      +--------+---------+------+------+-----+-- - - --+-------+
 *      | header | objects | caps | tcbs | ... |  words  | names |     every part 8-aligned
 *      +--------+---------+------+------+-----+-- - - --+-------+
 *
 * Steps of the initialiser and the section each walks:
 *      create    objects   (an untyped comes before its children, siblings in placement order)
 *      irqs      irqs      (get the handler, bind its notification)
 *      fills     fills     (copy file data or boot information into frames)
 *      vspaces   maps      (a table comes before what is mapped through it)
 *      budgets   scs
 *      threads   tcbs      (configure, write registers)
 *      cspaces   caps      (mint or move into CNodes)
 *      domains   domains   (write the schedule)
 *      start     tcbs      (resume those marked)
 *      keep      keeps     (original caps that must outlive the initialiser)
 *
 * Invariant: after packed_open() has accepted a spec, every index, range, slot, offset and
 * enumeration value in it is in bounds and of the right kind; users need no check of their own.
 * All numbers are little-endian. Freestanding: needs memcmp-free C only.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACKED_MAGIC           UINT64_C(0x31434550534c4454) /* "TDLSPEC1" */
#define PACKED_LOCATIONS_MAGIC UINT64_C(0x32434f4c534c4454) /* "TDLSLOC2" */
#define PACKED_VERSION         2u
#define PACKED_NONE            UINT32_MAX /* "no object", "no index" */
#define PACKED_PAGE_BYTES      UINT64_C(0x1000)
#define PACKED_LARGE_BYTES     UINT64_C(0x200000)

/*
 * Where the spec and its payload are in the address space of the initialiser. The initialiser
 * defines the variable `packed_locations`; the image tool fills it in. Both start on a page of one
 * contiguous image; the payload starts on a 2 MiB boundary if large frames map a part of it.
 */
struct packed_locations {
    uint64_t magic; /* PACKED_LOCATIONS_MAGIC, in the file too: the image tool checks it */
    uint64_t spec_vaddr;
    uint64_t spec_size;
    uint64_t payload_vaddr;
    uint64_t payload_size;
    uint64_t options; /* PACKED_OPTION_... */
};

#define PACKED_OPTION_VERIFY     0x1u /* compare what was built with the spec before it starts */
#define PACKED_OPTION_SEED_SHIFT 8u   /* for the test initialiser: number of the fault to seed */

enum packed_type {
    PACKED_UNTYPED = 0,
    PACKED_TCB,
    PACKED_ENDPOINT,
    PACKED_NOTIFICATION,
    PACKED_CNODE,
    PACKED_SCHED_CONTEXT,
    PACKED_REPLY,
    PACKED_FRAME,
    PACKED_VSPACE,     /* root of an address space, 1024 entries of 1 GiB */
    PACKED_PAGE_TABLE, /* any lower level */
    PACKED_VCPU,
    PACKED_ASID_POOL, /* `first` = asid_high; 0 is the root task's own pool */
    PACKED_IRQ,       /* from here on: not made of memory */
    PACKED_SGI,
    PACKED_SMC,
    PACKED_TYPE_COUNT
};

/* enum packed_object_flag */
#define PACKED_OBJECT_HAS_PADDR  0x1u /* `place` is a physical address it must have */
#define PACKED_OBJECT_FROM_IMAGE 0x2u /* frame: not created; `place` is its payload offset */
#define PACKED_OBJECT_GAP        0x4u /* untyped nobody uses: pads its parent, can be dropped */
#define PACKED_OBJECT_SUPERVISED 0x8u /* CNode of a supervisor: what it supervises */

#define PACKED_NO_KERNEL_TYPE 0xffu

/*
 * One object. `first` and `count` depend on the type:
 *      untyped               its children, objects [first, first + count)
 *      CNode                 its contents, caps [first, first + count)
 *      frame                 its fills [first, first + count)
 *      TCB, SC, IRQ, SGI     its record is tcbs/scs/irqs/sgis[first], count = 1
 *      ASID pool             first = asid_high, count = 0
 *      all others            0, 0
 */
struct packed_object {
    uint32_t name;      /* offset into names, without index */
    uint32_t index;     /* element of an array in the spec, or PACKED_NONE */
    uint32_t component; /* name of the component it belongs to; 0 (the empty name) if none */
    uint32_t parent;    /* untyped it is made from, or PACKED_NONE: boot untypeds */
    uint64_t place;     /* see PACKED_OBJECT_HAS_PADDR and _FROM_IMAGE, else 0 */
    uint32_t first;
    uint32_t count;
    uint32_t keeper; /* root untyped: CNode that keeps its originals; else PACKED_NONE */
    uint8_t type;    /* enum packed_type */
    uint8_t flags;
    uint8_t size_bits;   /* log2 of the bytes it occupies; 0 if none. CNode: radix + slot bits */
    uint8_t kernel_type; /* first number for Untyped_Retype, PACKED_NO_KERNEL_TYPE if not retyped */
    uint8_t retype_bits; /* second number for Untyped_Retype; CNode: the radix */
    uint8_t zero[7];
};

enum packed_cap_kind {
    PACKED_CAP_OBJECT = 0, /* kind follows from the target's type */
    PACKED_CAP_IRQ_CONTROL,
    PACKED_CAP_ASID_CONTROL,
    PACKED_CAP_DOMAIN,
    PACKED_CAP_SCHED_CONTROL, /* data = core */
    PACKED_CAP_KIND_COUNT
};

/* Rights: the bits the kernel's CapRights word uses. */
#define PACKED_RIGHT_WRITE       0x1u
#define PACKED_RIGHT_READ        0x2u
#define PACKED_RIGHT_GRANT       0x4u
#define PACKED_RIGHT_GRANT_REPLY 0x8u

#define PACKED_CAP_MOVE \
    0x1u /* move the original instead of copying it: always of an untyped and of
                              * IRQControl; of others, when caps in the spec derive from it */
#define PACKED_CAP_DERIVED 0x2u /* a copy of caps[parent], not of the original */

/* One slot of a CNode. Sorted by (container, slot). */
struct packed_cap {
    uint32_t container; /* a CNode */
    uint32_t slot;      /* below 2^radix of the container */
    uint32_t target;    /* object, or PACKED_NONE when the kind is not PACKED_CAP_OBJECT */
    uint32_t mapping;   /* frame: index in maps, the cap of that mapping is moved; PACKED_NONE */
    uint64_t data;      /* badge (endpoint, notification, SMC), guard (CNode), core */
    uint8_t kind;       /* enum packed_cap_kind */
    uint8_t rights;
    uint8_t flags;
    uint8_t guard_size; /* CNode targets only */
    uint32_t parent;    /* PACKED_CAP_DERIVED: one that is not derived itself; else 0 */
};

/* An endpoint cap a TCB holds (fault or timeout handler). */
struct packed_handler {
    uint32_t endpoint; /* or PACKED_NONE */
    uint32_t rights;
    uint64_t badge;
};

#define PACKED_TCB_RESUME       0x1u
#define PACKED_TCB_FPU_DISABLED 0x2u

struct packed_tcb {
    uint32_t object;
    uint32_t cspace; /* CNode, or PACKED_NONE */
    uint32_t vspace; /* or PACKED_NONE */
    uint32_t ipc_frame;
    uint32_t sched_context;
    uint32_t notification;
    uint32_t vcpu;
    uint32_t notification_rights;
    uint64_t guard; /* of the CSpace root cap */
    uint64_t ipc_address;
    uint64_t ip;
    uint64_t sp;
    uint64_t counter_access; /* mask for the counter access invocation; 0 = none */
    struct packed_handler fault;
    struct packed_handler timeout;
    uint32_t first_argument; /* words [first_argument, + argument_count): x0, x1, ... */
    uint32_t argument_count; /* at most PACKED_ARGUMENTS_MAX */
    uint32_t affinity;
    uint8_t flags;
    uint8_t prio;
    uint8_t max_prio;
    uint8_t guard_size;
    uint32_t domain;
    uint32_t zero;
};

#define PACKED_ARGUMENTS_MAX 8u

struct packed_sc {
    uint32_t object;
    uint32_t core;
    uint64_t budget_us;
    uint64_t period_us; /* both 0: leave the object inactive */
    uint64_t badge;
    uint32_t extra_refills; /* all that fit into the object */
    uint32_t zero;
};

enum packed_trigger {
    PACKED_TRIGGER_LEVEL = 0,
    PACKED_TRIGGER_EDGE = 1,
    PACKED_TRIGGER_DEFAULT = 2
};

struct packed_irq {
    uint32_t object;
    uint32_t number;
    uint32_t trigger; /* enum packed_trigger */
    uint32_t core;
    uint32_t notification; /* or PACKED_NONE */
    uint32_t rights;       /* of the notification cap, as the spec states them */
    uint64_t badge;
};

struct packed_sgi {
    uint32_t object;
    uint32_t irq;
    uint32_t target;
    uint32_t zero;
};

enum packed_time_unit { PACKED_TICKS = 0, PACKED_MICROSECONDS = 1 };

/* An entry of the kernel's domain schedule. Ascending by index. (0, 0) is an end marker. */
struct packed_domain {
    uint32_t index;
    uint32_t domain; /* below domain_count */
    uint64_t duration;
    uint32_t unit; /* enum packed_time_unit */
    uint32_t zero;
};

enum packed_fill_kind { PACKED_FILL_PAYLOAD = 0, PACKED_FILL_BOOT_INFO = 1 };

/* Sorted by frame. Bytes of the frame that no fill covers stay zero. */
struct packed_fill {
    uint32_t frame;
    uint8_t kind; /* enum packed_fill_kind */
    uint8_t zero[3];
    uint64_t offset; /* in the frame */
    uint64_t length; /* boot info: at most this much */
    uint64_t source; /* payload offset, or offset in the block (its header included) */
    uint64_t block;  /* boot info: identifier of the block */
};

#define PACKED_MAP_TABLE      0x1u /* a page table, else a frame */
#define PACKED_MAP_ORIGINAL   0x2u /* with the original cap; else with a copy in a fresh slot */
#define PACKED_MAP_EXECUTABLE 0x4u
#define PACKED_MAP_UNCACHED   0x8u

/* Sorted by vspace; in one, tables come first, then frames by ascending address. */
struct packed_map {
    uint32_t object;
    uint32_t vspace;
    uint64_t vaddr;
    uint8_t rights; /* PACKED_RIGHT_READ, _WRITE */
    uint8_t flags;
    uint8_t zero[2];
    uint32_t cap; /* entry of caps into which the mapping cap is moved, or PACKED_NONE */
};

enum packed_keep_kind {
    PACKED_KEEP_OBJECT = 0, /* the original cap of objects[source] */
    PACKED_KEEP_MAP = 1     /* the copy that made maps[source] */
};

/* One cap to move into a keeper CNode at the end. Sorted by (keeper, slot); for each keeper the
 * last entry is the keeper's own original cap: the CNode then holds itself alive. */
struct packed_keep {
    uint32_t keeper;
    uint32_t slot;
    uint32_t source;
    uint32_t kind; /* enum packed_keep_kind */
};

enum packed_section_id {
    PACKED_OBJECTS = 0,
    PACKED_CAPS,
    PACKED_TCBS,
    PACKED_SCS,
    PACKED_IRQS,
    PACKED_SGIS,
    PACKED_FILLS,
    PACKED_MAPS,
    PACKED_KEEPS,
    PACKED_DOMAINS,
    PACKED_WORDS, /* uint64_t: thread arguments */
    PACKED_NAMES, /* char: strings, each with its zero byte; offset 0 is the empty one */
    PACKED_SECTION_COUNT
};

struct packed_section {
    uint32_t offset; /* from the start of the header, multiple of 8 */
    uint32_t count;  /* of records */
};

struct packed_header {
    uint64_t magic;
    uint32_t version;
    uint32_t header_bytes; /* sizeof(struct packed_header) */
    uint64_t total_bytes;  /* of the spec, names included */
    uint64_t payload_bytes;
    /*
     * [large_start, large_end) of the payload holds the files that are mapped by 2 MiB frames;
     * multiples of 2 MiB. Both 0 if there are none. The kernel must give exactly this part of the
     * image as 2 MiB frames (boot table), and the rest as 4 KiB ones.
     */
    uint64_t large_start;
    uint64_t large_end;
    uint64_t memory_bytes;      /* RAM the objects take, image frames not counted */
    uint32_t root_slots_needed; /* one for each object, each map, each frame of the payload, few */
    uint32_t root_cnode_bits;   /* 12..18, with room for a 2 MiB initialiser */
    uint32_t domain_count;      /* domains the kernel must be booted with, 1..16 */
    uint32_t domain_start;      /* schedule entry to start at, in the end; PACKED_NONE: do not */
    struct packed_section sections[PACKED_SECTION_COUNT];
};

/* An opened spec: typed pointers into the bytes that were given to packed_open. */
struct packed_view {
    const struct packed_header *header;
    const struct packed_object *objects;
    const struct packed_cap *caps;
    const struct packed_tcb *tcbs;
    const struct packed_sc *scs;
    const struct packed_irq *irqs;
    const struct packed_sgi *sgis;
    const struct packed_fill *fills;
    const struct packed_map *maps;
    const struct packed_keep *keeps;
    const struct packed_domain *domains;
    const uint64_t *words;
    const char *names;
    uint32_t object_count, cap_count, tcb_count, sc_count, irq_count, sgi_count;
    uint32_t fill_count, map_count, keep_count, domain_count, word_count;
    /* When packed_open refuses: the record at fault, for the message. */
    enum packed_section_id fault_section;
    uint32_t fault_index;
};

/*
 * Check a packed spec completely and give access to it.
 * Pre: bytes is 8-aligned and stays in place as long as the view is used.
 * Returns NULL and fills *view, or a sentence saying what is wrong; then view->fault_section and
 * view->fault_index say where and nothing else of the view may be used.
 */
const char *packed_open(const void *bytes, size_t length, struct packed_view *view);

/* Name of an object of an opened spec, without its index. */
const char *packed_name(const struct packed_view *view, uint32_t object);

/* Name of the component an object belongs to; "" if none. */
const char *packed_component(const struct packed_view *view, uint32_t object);

/* Word for a type in messages: "tcb", "frame", ... */
const char *packed_type_name(uint8_t type);

/*
 * Size of the root CNode (log2 slots, 12..18) for this spec when the initialiser's own part of the
 * image (program and spec) takes image_pages pages; 19 or more if 18 is not enough.
 */
uint32_t packed_root_cnode_bits(const struct packed_header *header, uint64_t image_pages);
