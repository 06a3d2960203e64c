/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The initialiser: what its steps share
 *
 * Rule: a step either does all it should or calls `fail`, which tells a person what was asked,
 * what was there and by which name the spec knows it, and does not return.
 */
#pragma once

#include <packed/packed.h>
#include <sel4/sel4.h>
#include <stdbool.h>
#include <stdint.h>

#define ROOT_DEPTH   64u
#define MEMORY_MAX   1024u /* boot untypeds (at most 230) and what is left before fixed addresses */
#define REPORT_SLOTS 80u   /* kept back so that a full root CNode can be reported */

/* A piece of untyped memory that objects can be made from. `next` mirrors the kernel's
 * watermark: physical address of the first free byte. */
struct memory {
    seL4_CPtr slot;
    uint64_t start;
    uint64_t next;
    uint64_t end;
    bool is_device;
};

struct initialiser {
    seL4_BootInfo *boot;
    struct packed_view spec;
    const uint8_t *payload;
    uint64_t image_start; /* virtual address of the first userImageFrame */
    seL4_CPtr slot_base;  /* originals, then mapping copies, then temporaries */
    seL4_CPtr slot_free;  /* next temporary slot */
    seL4_CPtr slot_end;   /* REPORT_SLOTS before the end of the root CNode */
    struct memory memory[MEMORY_MAX];
    uint32_t memory_count;
};

extern struct initialiser initialiser;

/* ---- main.c ---------------------------------------------------------------------------------- */

/** Slot of the original capability of `object`. */
seL4_CPtr object_slot(uint32_t object);
/** Slot of the capability that makes mapping `map`. */
seL4_CPtr map_slot(uint32_t map);
/** A fresh empty slot of the root CNode. */
seL4_CPtr slot_take(void);
/** Slot of the SchedControl capability of a core that `object` asks for. */
seL4_CPtr sched_control(uint64_t core, uint32_t object);
/** Slot of the image frame that holds virtual address `vaddr`. */
seL4_CPtr image_frame_slot(uint64_t vaddr);

/* ---- memory.c -------------------------------------------------------------------------------- */

void memory_init(void);
/** Untyped capability with room for `*count` objects of 2^size_bits bytes, taken as used; `*count`
 *  becomes less (but not 0) when memory does not have so many in one piece. With `paddr` the first
 *  of them is at that address. Fails in words about `object`. */
seL4_CPtr memory_take(uint32_t object, uint8_t size_bits, uint32_t *count, const uint64_t *paddr);
/** One object's room for the initialiser's own needs; 0 if there is none. */
seL4_CPtr memory_take_own(uint8_t size_bits);
/** Device page at `paddr` in a fresh slot, or 0. For the failure report only. */
seL4_CPtr memory_device_page(uint64_t paddr);

/* ---- window.c -------------------------------------------------------------------------------- */

enum window_use { WINDOW_FILL, WINDOW_UART };

/** Make the page tables of the windows, once. False if there is no memory for them. */
bool windows_prepare(void);
/** Address at which to map a frame of 2^size_bits bytes. */
uint64_t window_of(uint8_t size_bits, enum window_use use);

/* ---- the steps --------------------------------------------------------------------------------- */

void create_objects(void);
void devices_setup(void);
void fill_frames(void);
void map_spaces(void);
void threads_setup(void);
void spaces_fill(void);
void spaces_hand_over(void);
void threads_start(void);
void spaces_keep_threads(void);
_Noreturn void finish(void);

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

/* ---- uart.c ---------------------------------------------------------------------------------------- */

/** Find and map the board's serial port (device tree), wherever its frame is now. */
bool uart_open(void);
void uart_put(char character);
