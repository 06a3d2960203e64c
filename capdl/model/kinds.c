/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Kinds of objects and architectures, as one table
 */
#include "model/kinds.h"

#include <string.h>

static const struct capdl_kind_info infos[CAPDL_KIND_COUNT] = {
    [CAPDL_EP] = { "ep", "endpoint", CAPDL_ARCH_ALL, false },
    [CAPDL_NOTIFICATION] = { "notification", "notification", CAPDL_ARCH_ALL, false },
    [CAPDL_TCB] = { "tcb", "TCB", CAPDL_ARCH_ALL, true },
    [CAPDL_CNODE] = { "cnode", "CNode", CAPDL_ARCH_ALL, true },
    [CAPDL_UT] = { "ut", "untyped", CAPDL_ARCH_ALL, false },
    [CAPDL_ASID_POOL] = { "asid_pool", "ASID pool", CAPDL_ARCH_ALL, true },
    [CAPDL_FRAME] = { "frame", "frame", CAPDL_ARCH_ALL, false },
    [CAPDL_PT] = { "pt", "page table (pt)", CAPDL_ARCH_ALL, true },
    [CAPDL_PD] = { "pd", "page directory (pd)", CAPDL_ARCH_ALL, true },
    [CAPDL_PDPT] = { "pdpt", "page table (pdpt)", CAPDL_X86_64, true },
    [CAPDL_PML4] = { "pml4", "page table (pml4)", CAPDL_X86_64, true },
    [CAPDL_PUD] = { "pud", "page table (pud)", CAPDL_AARCH64, true },
    [CAPDL_PGD] = { "pgd", "page table (pgd)", CAPDL_AARCH64, true },
    [CAPDL_IRQ] = { "irq", "interrupt", CAPDL_ARCH_ALL, true },
    [CAPDL_IOAPIC_IRQ] = { "ioapic_irq", "IOAPIC interrupt", CAPDL_ARCH_X86, true },
    [CAPDL_MSI_IRQ] = { "msi_irq", "MSI interrupt", CAPDL_ARCH_X86, true },
    [CAPDL_ARM_IRQ] = { "arm_irq", "interrupt", CAPDL_ARCH_ARM, true },
    [CAPDL_IO_PORTS] = { "io_ports", "IO port range", CAPDL_ARCH_X86, false },
    [CAPDL_IO_DEVICE] = { "io_device", "IO space", CAPDL_ARCH_X86, true },
    [CAPDL_IO_PT] = { "io_pt", "IO page table", CAPDL_ARCH_X86, true },
    [CAPDL_ARM_IO_DEVICE] = { "arm_io_device", "IO space", CAPDL_ARCH_ARM, true },
    [CAPDL_VCPU] = { "vcpu", "VCPU", CAPDL_ARCH_ALL & ~(uint32_t)CAPDL_RISCV, false },
    [CAPDL_SC] = { "sc", "scheduling context", CAPDL_ARCH_ALL, false },
    [CAPDL_RTREPLY] = { "rtreply", "reply object", CAPDL_ARCH_ALL, false },
    [CAPDL_STREAMID] = { "streamid", "SMMU stream", CAPDL_AARCH64, false },
    [CAPDL_CONTEXTBANK] = { "contextbank", "SMMU context bank", CAPDL_AARCH64, false },
    [CAPDL_SMC] = { "smc", "secure monitor call", CAPDL_AARCH64, false },
    [CAPDL_SGI] = { "arm_sgi_signal", "SGI signal", CAPDL_ARCH_ARM, false },
};

static const struct {
    const char *keyword;
    uint32_t arch;
} archs[] = {
    { "ia32", CAPDL_IA32 },       { "arm11", CAPDL_ARM11 }, { "x86_64", CAPDL_X86_64 },
    { "aarch64", CAPDL_AARCH64 }, { "riscv", CAPDL_RISCV }, { "aarch32", CAPDL_ARM11 },
};

const struct capdl_kind_info *capdl_kind_info(enum capdl_kind kind)
{
    return &infos[kind];
}

enum capdl_kind capdl_kind_find(const char *keyword)
{
    for (uint32_t kind = 0; kind < CAPDL_KIND_COUNT; kind++) {
        if (strcmp(infos[kind].keyword, keyword) == 0) {
            return (enum capdl_kind)kind;
        }
    }
    return CAPDL_KIND_COUNT;
}

uint32_t capdl_arch_find(const char *keyword)
{
    for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
        if (strcmp(archs[i].keyword, keyword) == 0) {
            return archs[i].arch;
        }
    }
    return 0;
}

const char *capdl_arch_keyword(uint32_t arch)
{
    for (size_t i = 0; i < sizeof(archs) / sizeof(archs[0]); i++) {
        if (archs[i].arch == arch) {
            return archs[i].keyword;
        }
    }
    return "?";
}

bool capdl_kind_is_irq(enum capdl_kind kind)
{
    return kind == CAPDL_IRQ || kind == CAPDL_IOAPIC_IRQ || kind == CAPDL_MSI_IRQ ||
           kind == CAPDL_ARM_IRQ;
}

bool capdl_kind_is_table(enum capdl_kind kind)
{
    return kind == CAPDL_PT || kind == CAPDL_PD || kind == CAPDL_PDPT || kind == CAPDL_PML4 ||
           kind == CAPDL_PUD || kind == CAPDL_PGD;
}

bool capdl_kind_is_vspace(enum capdl_kind kind, uint32_t arch)
{
    switch (arch) {
    case CAPDL_IA32:
    case CAPDL_ARM11: return kind == CAPDL_PD;
    case CAPDL_X86_64: return kind == CAPDL_PML4;
    case CAPDL_AARCH64: return kind == CAPDL_PGD || kind == CAPDL_PUD;
    case CAPDL_RISCV: return kind == CAPDL_PT;
    default: return false;
    }
}
