/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kinds of objects and architectures, as one table
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum capdl_arch {
    CAPDL_IA32 = 0x01,
    CAPDL_ARM11 = 0x02, /* every 32-bit Arm */
    CAPDL_X86_64 = 0x04,
    CAPDL_AARCH64 = 0x08,
    CAPDL_RISCV = 0x10 /* RV32 and RV64 */
};

#define CAPDL_ARCH_X86 (CAPDL_IA32 | CAPDL_X86_64)
#define CAPDL_ARCH_ARM (CAPDL_ARM11 | CAPDL_AARCH64)
#define CAPDL_ARCH_ALL (CAPDL_ARCH_X86 | CAPDL_ARCH_ARM | CAPDL_RISCV)

enum capdl_kind {
    CAPDL_EP = 0,
    CAPDL_NOTIFICATION,
    CAPDL_TCB,
    CAPDL_CNODE,
    CAPDL_UT,
    CAPDL_ASID_POOL,
    CAPDL_FRAME,
    CAPDL_PT,
    CAPDL_PD,
    CAPDL_PDPT,
    CAPDL_PML4,
    CAPDL_PUD,
    CAPDL_PGD,
    CAPDL_IRQ,
    CAPDL_IOAPIC_IRQ,
    CAPDL_MSI_IRQ,
    CAPDL_ARM_IRQ,
    CAPDL_IO_PORTS,
    CAPDL_IO_DEVICE,
    CAPDL_IO_PT,
    CAPDL_ARM_IO_DEVICE,
    CAPDL_VCPU,
    CAPDL_SC,
    CAPDL_RTREPLY,
    CAPDL_STREAMID,
    CAPDL_CONTEXTBANK,
    CAPDL_SMC,
    CAPDL_SGI,
    CAPDL_KIND_COUNT
};

struct capdl_kind_info {
    const char *keyword; /* in the text */
    const char *words;   /* in messages */
    uint32_t archs;      /* where objects and caps of the kind may occur */
    bool has_slots;
};

/* Pre: kind < CAPDL_KIND_COUNT. */
const struct capdl_kind_info *capdl_kind_info(enum capdl_kind kind);

/* Kind for a keyword, or CAPDL_KIND_COUNT. */
enum capdl_kind capdl_kind_find(const char *keyword);

/* Architecture for a keyword ("aarch32" is taken as "arm11"), or 0; and the way back. */
uint32_t capdl_arch_find(const char *keyword);
const char *capdl_arch_keyword(uint32_t arch);

bool capdl_kind_is_irq(enum capdl_kind kind);
bool capdl_kind_is_table(enum capdl_kind kind); /* pt, pd, pdpt, pml4, pud, pgd */

/* May the kind be the root of an address space there? */
bool capdl_kind_is_vspace(enum capdl_kind kind, uint32_t arch);
