/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Building what a packed spec states: shared by the initialiser and by supervisors
 *
 * The steps work on one CNode, the workshop, with a slot for the original of each object and for
 * each mapping of the spec. For the initialiser that is its own root CNode; to a system with a
 * supervisor it leaves that CNode behind, and the supervisor builds in the very same slots.
 *
 * With `component` set, the steps build only what is made from that untyped, and what names it.
 *
 * Rule: a step either does all it should or calls `fail`, which tells a person what was asked,
 * what was there and by which name the spec knows it, and does not return.
 */
#pragma once

#include <packed/packed.h>
#include <sel4/sel4.h>
#include <stdbool.h>
#include <stdint.h>

#define ROOT_DEPTH 64u

struct builder {
    const char *who; /* in messages */
    struct packed_view spec;
    /* The workshop: a capability to the CNode, and what makes a capability pointer of a slot. */
    seL4_CNode root;
    seL4_CPtr cptr_base;
    seL4_CPtr slot_base; /* originals, then mapping copies, then temporaries */
    seL4_CPtr slot_free; /* next temporary slot */
    seL4_CPtr slot_end;
    /* The boot image: virtual addresses by which its frames are numbered, and their first slot. */
    uint64_t image_start;
    uint64_t payload_vaddr;
    seL4_CPtr image_frames;
    seL4_ARM_VSpace vspace; /* the builder's own */
    seL4_TCB authority;     /* thread whose MCP bounds the priorities that are given */
    uint32_t component;     /* untyped of what is built; PACKED_NONE: everything */
    uint32_t supervised;    /* CNode of a supervisor; PACKED_NONE if the spec has none */
};

extern struct builder builder;

/* ---- slots.c: where capabilities are ----------------------------------------------------------- */

/** Capability pointer of a slot of the workshop. */
seL4_CPtr slot_cptr(seL4_CPtr slot);
/** Slot of the original capability of `object`, and its capability pointer. */
seL4_CPtr object_slot(uint32_t object);
seL4_CPtr object_cptr(uint32_t object);
/** The same of the capability that makes mapping `map`. */
seL4_CPtr map_slot(uint32_t map);
seL4_CPtr map_cptr(uint32_t map);
/** A fresh empty slot. */
seL4_CPtr slot_take(void);
/** Empty the last slot taken, and give it back. */
void slot_drop(seL4_CPtr slot);
/** Slot of the image frame that holds virtual address `vaddr`. */
seL4_CPtr image_frame_slot(uint64_t vaddr);
/** The untyped that no untyped of the spec is around; `object` itself if it is in none. */
uint32_t root_of(uint32_t object);
/** Is the object one of those that are built now? */
bool is_built(uint32_t object);
/** Log2 of the slots of a CNode of the spec. */
uint8_t radix_of(uint32_t cnode);
/** Find the CNode of the spec's supervisor. Pre: the spec is open. */
void supervised_find(void);

/* ---- window.c: where the builder looks into frames of others ------------------------------------- */

enum window_use { WINDOW_FILL, WINDOW_SOURCE, WINDOW_UART };

/** Make the page tables of the windows, once. False if there is no memory for them. */
bool windows_prepare(void);
/** Address at which to map a frame of 2^size_bits bytes. */
uint64_t window_of(uint8_t size_bits, enum window_use use);

/* ---- the steps ----------------------------------------------------------------------------------- */

void create_objects(void);
void devices_setup(void);
void fill_frames(void);
void map_spaces(void);
void threads_setup(void);
/** Give handlers anew to threads of others whose handler is built. */
void threads_rebind(void);
void spaces_fill(void);
/** Move what can be had only once: untypeds, capabilities of mappings. */
void spaces_move(void);
void spaces_keep(void);
void threads_start(void);
void spaces_keep_threads(void);

/* ---- report.c ------------------------------------------------------------------------------------ */

/** Say that `what` failed for `object` (PACKED_NONE: for none) with kernel error `error`, and
 *  stop. */
_Noreturn void fail(const char *what, uint32_t object, seL4_Error error);
/** The same for the capability `cap`, which could not be put into its CNode. */
_Noreturn void fail_cap(const struct packed_cap *cap, seL4_Error error);
/** As fail, with a reason in words instead of a kernel error. In `reason`, %u (decimal), %x
 *  (hexadecimal) and %o (an object, with a space before it) stand for the first, then the second
 *  number. */
_Noreturn void fail_because(const char *what, uint32_t object, const char *reason, uint64_t first,
                            uint64_t second);
/** fail if `error` is one. */
void check(seL4_Error error, const char *what, uint32_t object);
/** Print `reason`, its placeholders filled in, after report_begin(). */
void report_text(const char *reason, uint64_t first, uint64_t second);

/* ---- what each program that builds has its own way of ----------------------------------------------- */

/** Room for `*count` objects of 2^size_bits bytes that no untyped of the spec holds; see memory.c. */
seL4_CPtr memory_take(uint32_t object, uint8_t size_bits, uint32_t *count, const uint64_t *paddr);
/** One object's room for the builder's own needs: capability pointer; 0 if there is none. */
seL4_CPtr memory_take_own(uint8_t size_bits);
/** Capability pointer of the untyped that children of `untyped` are made from. */
seL4_CPtr untyped_cptr(uint32_t untyped);
/** SchedControl capability of a core that `object` asks for. */
seL4_CPtr sched_control(uint64_t core, uint32_t object);
/** Put a handler of the interrupt into the slot of its object. */
seL4_Error interrupt_take(const struct packed_irq *irq);
/** Payload from `offset` on; *bytes is how much is there in one piece. Valid until the next call. */
const uint8_t *payload_at(uint64_t offset, uint64_t *bytes);
/** The block of the extra boot information with this identifier, header included; NULL if none. */
const seL4_BootInfoHeader *boot_block(uint64_t id);
/** Get ready to print; print; and never return. */
void report_begin(void);
void report_put(char character);
_Noreturn void report_stop(void);
