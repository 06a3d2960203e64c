/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Saved user registers
 *
 * The context is one flat array, so that the entry code saves it with pairs of registers and the
 * core names a register by its index. Index n of x0..x30 is n.
 *
 *   0 .. 30   31      32       33    34        35           36        37
 *   x0 .. x30 SP_EL0  NEXT_IP  SPSR  TPIDR_EL0 TPIDRRO_EL0  FAULT_IP  (unused)
 *
 * Invariant: on entry from user mode NEXT_IP is ELR_EL2, and FAULT_IP the address at which a
 * restart begins: ELR_EL2 - 4 for svc and hvc, ELR_EL2 for everything else. The entry code of the
 * architecture sets both; the core alone changes them afterwards; the exit code returns to NEXT_IP.
 */
#pragma once

#define CONTEXT_OFFSET_X0       0
#define CONTEXT_OFFSET_SP       (8 * 31)
#define CONTEXT_OFFSET_NEXT_IP  (8 * 32)
#define CONTEXT_OFFSET_SPSR     (8 * 33)
#define CONTEXT_OFFSET_TPIDR    (8 * 34)
#define CONTEXT_OFFSET_TPIDRRO  (8 * 35)
#define CONTEXT_OFFSET_FAULT_IP (8 * 36)
#define CONTEXT_BYTES           (8 * 38)

#ifndef __ASSEMBLER__

#include <abi/registers.h>
#include <abi/types.h>
#include <stdbool.h>

enum context_register {
    CONTEXT_X0,
    CONTEXT_X1,
    CONTEXT_X2,
    CONTEXT_X3,
    CONTEXT_X4,
    CONTEXT_X5,
    CONTEXT_X6,
    CONTEXT_X7,
    CONTEXT_X8,
    CONTEXT_X9,
    CONTEXT_X10,
    CONTEXT_X11,
    CONTEXT_X12,
    CONTEXT_X13,
    CONTEXT_X14,
    CONTEXT_X15,
    CONTEXT_X16,
    CONTEXT_X17,
    CONTEXT_X18,
    CONTEXT_X19,
    CONTEXT_X20,
    CONTEXT_X21,
    CONTEXT_X22,
    CONTEXT_X23,
    CONTEXT_X24,
    CONTEXT_X25,
    CONTEXT_X26,
    CONTEXT_X27,
    CONTEXT_X28,
    CONTEXT_X29,
    CONTEXT_X30,
    CONTEXT_SP,
    CONTEXT_NEXT_IP,
    CONTEXT_SPSR,
    CONTEXT_TPIDR,
    CONTEXT_TPIDRRO,
    CONTEXT_FAULT_IP,
    CONTEXT_UNUSED,
    CONTEXT_COUNT
};

/* What the system call convention (abi/01 §2) calls the registers. */
enum {
    CONTEXT_CAP = CONTEXT_X0,   /* in: capability pointer */
    CONTEXT_BADGE = CONTEXT_X0, /* out: badge */
    CONTEXT_INFO = CONTEXT_X1,
    CONTEXT_MESSAGE = CONTEXT_X2, /* first of the message registers */
    CONTEXT_REPLY = CONTEXT_X6,
    CONTEXT_NUMBER = CONTEXT_X7,
    CONTEXT_DESTINATION = CONTEXT_X8, /* of NBSendRecv */
    CONTEXT_TLS = CONTEXT_TPIDR
};
#define CONTEXT_MESSAGE_COUNT 4

struct context {
    word_t regs[CONTEXT_COUNT];
};

_Static_assert(sizeof(struct context) == CONTEXT_BYTES, "the entry code counts on the layout");
_Static_assert(8 * CONTEXT_SP == CONTEXT_OFFSET_SP, "as above");
_Static_assert(8 * CONTEXT_NEXT_IP == CONTEXT_OFFSET_NEXT_IP, "as above");
_Static_assert(8 * CONTEXT_FAULT_IP == CONTEXT_OFFSET_FAULT_IP, "as above");

/* The registers in the order of TCB_ReadRegisters and TCB_WriteRegisters (abi/03 §4). */

/** Index in struct context of register `i` of the user's order. Pre: i < USER_CONTEXT_COUNT. */
static inline word_t context_user_index(word_t i)
{
    /* clang-format off */
    static const uint8_t order[USER_CONTEXT_COUNT] = {
        CONTEXT_FAULT_IP, CONTEXT_SP, CONTEXT_SPSR,
        0, 1, 2, 3, 4, 5, 6, 7, 8, 16, 17, 18, 29, 30,
        9, 10, 11, 12, 13, 14, 15, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28,
        CONTEXT_TPIDR, CONTEXT_TPIDRRO
    };
    /* clang-format on */

    return order[i];
}

/* Mode field of SPSR; the rest is in <abi/registers.h>. */
#define CONTEXT_SPSR_MODE 0x1ful
#define CONTEXT_SPSR_EL0T 0ul
#define CONTEXT_SPSR_EL1T 4ul
#define CONTEXT_SPSR_EL1H 5ul

#endif
