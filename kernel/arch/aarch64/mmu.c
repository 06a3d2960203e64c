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

/* What a fault was, and where. */
#define ESR_STATUS_KIND        0x3cul /* without the level */
#define ESR_STATUS_ACCESS_FLAG 0x08ul /* below it: address size, translation */
#define ESR_STAGE1_WALK        (1ul << 7)
#define HPFAR_PAGE             0xfffffffff0ul
#define HPFAR_SHIFT            8
#define PAR_ADDRESS            0xfffffffff000ul

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

/* Maintenance by VMID acts on the VMID in VTTBR_EL2: borrow it, with a root under which nothing can
 * be found meanwhile that does not belong to that VMID. */
static word_t vmid_borrow(word_t vmid)
{
    word_t before = SYSREG_READ(vttbr_el2);

    SYSREG_WRITE(vttbr_el2, kernel_image_paddr(&empty_root) | vmid << VTTBR_VMID_SHIFT);
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

/* Stage 1 of the loaded guest. Where its tables are is the guest's choice, so the walk itself can end
 * in an abort, at EL2: vectors.S then goes on behind the instruction, with x16 and x17 changed. */
static word_t translate_stage1(word_t vaddr)
{
    word_t saved = SYSREG_READ(par_el1);
    word_t par;

    __asm__ volatile("\n\t.global translate_may_abort\n"
                     "translate_may_abort:\n\t"
                     "at s1e1r, %0\n\t"
                     "isb"
                     :
                     : "r"(vaddr)
                     : "x16", "x17", "cc", "memory");
    par = SYSREG_READ(par_el1);
    SYSREG_WRITE(par_el1, saved);
    return par & PAR_ADDRESS;
}

word_t machine_vcpu_translate(word_t vaddr)
{
    word_t status = SYSREG_READ(esr_el2);
    word_t page;

    /* Hardware says it, but not for permissions. */
    if ((status & ESR_STATUS_KIND) <= ESR_STATUS_ACCESS_FLAG || (status & ESR_STAGE1_WALK) != 0) {
        page = (SYSREG_READ(hpfar_el2) & HPFAR_PAGE) << HPFAR_SHIFT;
    } else {
        page = translate_stage1(vaddr);
    }
    return page | (vaddr & ((1ul << PAGE_SHIFT) - 1));
}
