/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Translation-table entries of user address spaces
 *
 * Stage 2 with 40-bit addresses in three levels (abi/05 §6), counted here from the root:
 *
 *   level       0 (two concatenated tables)   1          2
 *   index       [39:30]                       [29:21]    [20:12]
 *   leaf covers 1 GiB                         2 MiB      4 KiB
 *
 *   63      58 57 55  54  53 48 47            12 11 10  9  8  7   6 5       2  1    0
 *   | soft-  |      | XN |     | output address |  | AF | SH | S2AP | MemAttr | type |
 *
 * type: 1 = block (levels 0, 1), 3 = table (levels 0, 1) or page (level 2); bit 0 clear = invalid.
 */
#pragma once

#include <abi/objects.h>
#include <abi/types.h>
#include <stdbool.h>

typedef word_t pte_t;

#define VSPACE_LEVELS     3
#define VSPACE_LAST_LEVEL (VSPACE_LEVELS - 1)

#define PTE_BYTES         8
#define PTE_TYPE          3ul
#define PTE_TYPE_BLOCK    1ul
#define PTE_TYPE_TABLE    3ul
#define PTE_TYPE_PAGE     3ul
#define PTE_NORMAL        (0xful << 2) /* MemAttr: write-back cacheable; 0 = device nGnRnE */
#define PTE_RIGHTS_SHIFT  6            /* S2AP has the values of enum frame_rights */
#define PTE_RIGHTS        3ul
#define PTE_ACCESSED      (1ul << 10)
#define PTE_EXECUTE_NEVER (1ul << 54)
#define PTE_ADDRESS       0x0000fffffffff000ul

/** Bits of an address below the part that selects an entry of `level`. */
static inline word_t vspace_level_shift(word_t level)
{
    return SMALL_FRAME_BITS + PAGE_TABLE_INDEX_BITS * (VSPACE_LAST_LEVEL - level);
}

/** Number of the entry of a table of `level` that covers `vaddr`. */
static inline word_t vspace_level_index(word_t vaddr, word_t level)
{
    word_t bits = level == 0 ? VSPACE_INDEX_BITS : PAGE_TABLE_INDEX_BITS;

    return (vaddr >> vspace_level_shift(level)) & ((1ul << bits) - 1);
}

static inline pte_t pte_invalid(void)
{
    return 0;
}

static inline pte_t pte_table(word_t paddr)
{
    return (paddr & PTE_ADDRESS) | PTE_TYPE_TABLE;
}

/** Leaf of `level` at `paddr`. rights: enum frame_rights; attributes: enum page_attribute. */
static inline pte_t pte_leaf(word_t paddr, word_t level, word_t rights, word_t attributes)
{
    pte_t type = level == VSPACE_LAST_LEVEL ? PTE_TYPE_PAGE : PTE_TYPE_BLOCK;
    pte_t memory = (attributes & PAGE_CACHEABLE) != 0 ? PTE_NORMAL : 0;
    pte_t execute = (attributes & PAGE_EXECUTE_NEVER) != 0 ? PTE_EXECUTE_NEVER : 0;

    return (paddr & PTE_ADDRESS) | execute | PTE_ACCESSED | (rights << PTE_RIGHTS_SHIFT) | memory |
           type;
}

static inline bool pte_is_table(pte_t pte, word_t level)
{
    return level != VSPACE_LAST_LEVEL && (pte & PTE_TYPE) == PTE_TYPE_TABLE;
}

static inline bool pte_is_leaf(pte_t pte, word_t level)
{
    return (pte & PTE_TYPE) == (level == VSPACE_LAST_LEVEL ? PTE_TYPE_PAGE : PTE_TYPE_BLOCK);
}

/** enum frame_rights of a leaf. */
static inline word_t pte_rights(pte_t pte)
{
    return (pte >> PTE_RIGHTS_SHIFT) & PTE_RIGHTS;
}

/** Physical address of the table or leaf that a valid entry names. */
static inline word_t pte_address(pte_t pte)
{
    return pte & PTE_ADDRESS;
}
