/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Translation of user addresses (stage 2)
 *
 * The tables themselves are the core's business. Table walks are coherent with the data cache
 * (VTCR_EL2 says write-back), so making an entry visible is a barrier.
 */
#include <arch/layout.h>
#include <arch/sysreg.h>
#include <machine/machine.h>
#include <machine/parts.h>

#define VTTBR_VMID_SHIFT 48
#define ROOT_ENTRIES     1024
#define PAGE_SHIFT       12

/* The root table of threads without a VSpace: nothing is mapped. */
static struct {
    _Alignas(8192) word_t entries[ROOT_ENTRIES];
} empty_root;

void machine_table_clean(word_t kaddr, word_t bytes)
{
    (void)kaddr;
    (void)bytes;
    BARRIER_DSB(ishst);
}

void machine_pte_write(word_t kaddr, pte_t entry)
{
    /* volatile: one store, which the walker may read at any time */
    *(volatile pte_t *)machine_pointer(kaddr) = entry;
    BARRIER_DSB(ishst);
}

/* Maintenance by VMID acts on the VMID in VTTBR_EL2: borrow it. */
static word_t vmid_borrow(word_t vmid)
{
    word_t before = SYSREG_READ(vttbr_el2);

    SYSREG_WRITE(vttbr_el2, (before & ((1ul << VTTBR_VMID_SHIFT) - 1)) | vmid << VTTBR_VMID_SHIFT);
    BARRIER_DSB(ishst);
    BARRIER_ISB();
    return before;
}

static void vmid_return(word_t before)
{
    BARRIER_DSB(ish);
    SYSREG_WRITE(vttbr_el2, before);
    BARRIER_ISB();
}

void machine_tlb_flush_vmid(word_t vmid)
{
    word_t before = vmid_borrow(vmid);

    __asm__ volatile("tlbi vmalls12e1is" : : : "memory");
    vmid_return(before);
}

void machine_tlb_flush_page(word_t vmid, word_t vaddr)
{
    word_t before = vmid_borrow(vmid);

    /* Stage 2 first: else stage 1 could be walked again through the old entry. */
    __asm__ volatile("tlbi ipas2e1is, %0\n\t"
                     "dsb ish\n\t"
                     "tlbi vmalle1is"
                     :
                     : "r"(vaddr >> PAGE_SHIFT)
                     : "memory");
    vmid_return(before);
}

void machine_vspace_switch(word_t root, word_t vmid)
{
    /* The return to user mode synchronises. */
    SYSREG_WRITE(vttbr_el2, root | vmid << VTTBR_VMID_SHIFT);
}

word_t machine_vspace_empty(void)
{
    return kernel_image_paddr(&empty_root);
}

word_t machine_vcpu_translate(word_t vaddr)
{
    word_t offset = (1ul << PAGE_SHIFT) - 1;
    word_t saved = SYSREG_READ(par_el1);
    word_t par;

    __asm__ volatile("at s1e1r, %0\n\tisb" : : "r"(vaddr) : "memory");
    par = SYSREG_READ(par_el1);
    SYSREG_WRITE(par_el1, saved);
    return (par & 0xfffffffff000ul) | (vaddr & offset);
}
