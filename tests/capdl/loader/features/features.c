/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The program of features.cdl: checks what was built around it
 *
 * Two threads share everything. The handler takes faults and timeouts of the main thread, notes
 * them, and lets it go on.
 */
#include "features/checks.h"

#include <sel4/sel4.h>
#include <stdbool.h>
#include <stdint.h>

#define SLOT_FAULTS  1u
#define SLOT_REPLY   2u
#define SLOT_MAIN    3u
#define SLOT_SPACE   4u
#define SLOT_CLAIMED 5u
#define SLOT_POOL    6u

#define CODE    ((const volatile uint8_t *)0x400000)
#define CLAIMED ((volatile uint64_t *)0x430000)
#define PIECES  ((const volatile uint8_t *)0x431000)
#define GIANT   ((const volatile uint8_t *)0x40000000)

#define GIANT_BYTES 0x40000000u

#define BADGE_FAULT   0x11u
#define BADGE_TIMEOUT 0x22u
#define SC_BADGE      0x77u

seL4_IPCBuffer *__sel4_ipc_buffer = (seL4_IPCBuffer *)0x411000;

volatile uint64_t resume;
static volatile uint64_t faults;
static volatile uint64_t timeouts;
static volatile uint64_t fault_address;

_Noreturn void main_thread(uint64_t first, uint64_t second);
_Noreturn void handler_thread(void);
void try_write(volatile uint64_t *address);
void try_read(volatile uint64_t *address);

/* Its IPC buffer has no use: all its messages fit into registers. A timeout is answered; a fault is
 * ended by starting the thread anew where it wants to go on. */
_Noreturn void handler_thread(void)
{
    for (;;) {
        seL4_Word badge;
        seL4_Word mr[4];
        seL4_MessageInfo_t info =
            seL4_RecvWithMRs(SLOT_FAULTS, &badge, &mr[0], &mr[1], &mr[2], &mr[3], SLOT_REPLY);
        seL4_Word label = seL4_MessageInfo_get_label(info);

        if (badge == BADGE_TIMEOUT && label == seL4_Fault_Timeout && mr[0] == SC_BADGE) {
            timeouts++;
            seL4_Send(SLOT_REPLY, seL4_MessageInfo_new(0, 0, 0, 0));
        } else if (badge == BADGE_FAULT && label == seL4_Fault_VMFault) {
            seL4_UserContext context = { .pc = resume };

            faults++;
            fault_address = mr[1];
            (void)seL4_TCB_WriteRegisters(SLOT_MAIN, 1, 0, 1, &context);
        }
    }
}

static void check_same(const volatile uint8_t *left, const volatile uint8_t *right_bytes,
                       unsigned count, const char *what)
{
    bool is_same = true;

    for (unsigned i = 0; i < count; i++) {
        is_same = is_same && left[i] == right_bytes[i];
    }
    check(is_same, what);
}

static void check_zero(const volatile uint8_t *bytes, unsigned count, const char *what)
{
    bool is_zero = true;

    for (unsigned i = 0; i < count; i++) {
        is_zero = is_zero && bytes[i] == 0;
    }
    check(is_zero, what);
}

static void check_fills(void)
{
    check_same(PIECES + 8, CODE + 4, 16, "first piece");
    check_same(PIECES + 4088, CODE, 8, "second piece");
    check_zero(PIECES, 8, "before the first piece");
    check_zero(PIECES + 24, 4064, "between the pieces");
    check_same(GIANT + GIANT_BYTES - 4096, CODE, 4096, "end of the large frame");
    check_zero(GIANT + GIANT_BYTES - 8192, 4096, "the page before it");
    check_zero(GIANT, 4096, "start of the large frame");
}

/* The capability in our CNode is the one of the mapping, and can read only. */
static void check_claim(void)
{
    check(CLAIMED[0] == *(const volatile uint64_t *)CODE, "contents of the claimed frame");
    check(seL4_ARM_Page_Map(SLOT_CLAIMED, SLOT_SPACE, (seL4_Word)CLAIMED, seL4_ReadWrite,
                            seL4_ARM_Default_VMAttributes) == seL4_NoError,
          "mapping again");
    try_write(CLAIMED);
    check(faults == 1 && fault_address == (uint64_t)CLAIMED, "no writing after mapping again");
    check(seL4_ARM_Page_Unmap(SLOT_CLAIMED) == seL4_NoError, "unmapping");
    try_read(CLAIMED);
    check(faults == 2, "no reading after unmapping");
}

static void check_timeout(void)
{
    uint64_t before = timeouts;

    for (uint64_t i = 0; i < 1000000000u && timeouts == before; i++) {
    }
    check(timeouts == before + 1, "the timeout handler was told");
}

_Noreturn void main_thread(uint64_t first, uint64_t second)
{
    check(first == 7 && second == 8, "arguments");
    check_fills();
    check_claim();
    check(seL4_ARM_ASIDPool_Assign(SLOT_POOL, SLOT_MAIN) == seL4_InvalidCapability, "ASID pool");
    check_timeout();
    put_counts("features");
    for (;;) {
        (void)seL4_TCB_Suspend(SLOT_MAIN);
    }
}
