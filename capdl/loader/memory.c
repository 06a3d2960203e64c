/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where objects come from
 *
 * The kernel cuts objects from an untyped in ascending order and keeps a watermark; `next` mirrors
 * it, so that the initialiser knows beforehand what fits where. An object with a fixed physical
 * address is reached by cutting the memory before it into smaller untypeds, which serve later
 * requests. (abi/02 section 4: alignment is that of the kernel address, which for every size in
 * question is that of the physical address.)
 */
#include "initialiser.h"

static struct memory *memory_add(seL4_CPtr slot, uint64_t start, uint64_t bytes, bool is_device)
{
    struct memory *memory = &initialiser.memory[initialiser.memory_count];

    if (initialiser.memory_count == MEMORY_MAX) {
        return NULL; /* a leftover piece that nobody will use */
    }
    initialiser.memory_count++;
    *memory = (struct memory){ slot, start, start, start + bytes, is_device };
    return memory;
}

void memory_init(void)
{
    const seL4_BootInfo *boot = initialiser.boot;

    for (seL4_CPtr slot = boot->untyped.start; slot < boot->untyped.end; slot++) {
        const seL4_UntypedDesc *desc = &boot->untypedList[slot - boot->untyped.start];

        (void)memory_add(slot, desc->paddr, 1ul << desc->sizeBits, desc->isDevice != 0);
    }
}

static uint64_t align_up(uint64_t address, uint8_t bits)
{
    uint64_t mask = (1ul << bits) - 1;

    return (address + mask) & ~mask;
}

/* The smallest piece of RAM that still has room: large pieces stay whole for large objects. */
static struct memory *best_fit(uint8_t size_bits, uint32_t count)
{
    struct memory *best = NULL;

    for (uint32_t i = 0; i < initialiser.memory_count; i++) {
        struct memory *memory = &initialiser.memory[i];
        uint64_t start = align_up(memory->next, size_bits);

        if (memory->is_device || start > memory->end ||
            memory->end - start < (uint64_t)count << size_bits) {
            continue;
        }
        if (!best || memory->end - memory->next < best->end - best->next) {
            best = memory;
        }
    }
    return best;
}

static seL4_CPtr take_from(struct memory *memory, uint8_t size_bits, uint32_t count)
{
    memory->next = align_up(memory->next, size_bits) + ((uint64_t)count << size_bits);
    return memory->slot;
}

static struct memory *holder_of(uint64_t paddr, uint64_t bytes)
{
    for (uint32_t i = 0; i < initialiser.memory_count; i++) {
        struct memory *memory = &initialiser.memory[i];

        if (paddr >= memory->next && paddr < memory->end && bytes <= memory->end - paddr) {
            return memory;
        }
    }
    return NULL;
}

/* Cut untypeds from `memory` until its watermark is at `paddr`. Each is as large as alignment
 * and distance allow, so there are at most two per address bit. */
static bool advance_to(struct memory *memory, uint64_t paddr)
{
    while (memory->next < paddr) {
        uint8_t bits = 47;
        seL4_CPtr slot = slot_take();

        while ((memory->next & ((1ul << bits) - 1)) != 0 || (1ul << bits) > paddr - memory->next) {
            bits--;
        }
        if (bits < seL4_MinUntypedBits ||
            seL4_Untyped_Retype(memory->slot, seL4_UntypedObject, bits, seL4_CapInitThreadCNode, 0,
                                0, slot, 1) != seL4_NoError) {
            return false;
        }
        (void)memory_add(slot, memory->next, 1ul << bits, memory->is_device);
        memory->next += 1ul << bits;
    }
    return true;
}

static seL4_CPtr take_fixed(uint8_t size_bits, uint32_t count, uint64_t paddr)
{
    struct memory *memory = holder_of(paddr, (uint64_t)count << size_bits);

    if (!memory || (paddr & ((1ul << size_bits) - 1)) != 0 || !advance_to(memory, paddr)) {
        return 0;
    }
    return take_from(memory, size_bits, count);
}

seL4_CPtr memory_take(uint32_t object, uint8_t size_bits, uint32_t count, const uint64_t *paddr)
{
    struct memory *memory;

    if (paddr) {
        seL4_CPtr slot = take_fixed(size_bits, count, *paddr);

        if (slot == 0) {
            fail_because("create", object,
                         "no free memory or device is at the physical address it must have",
                         *paddr);
        }
        return slot;
    }
    memory = best_fit(size_bits, count);
    if (!memory) {
        fail_because("create", object,
                     "no untyped memory is left that is large enough: give the machine more "
                     "memory or the component less; bytes asked",
                     1ul << size_bits);
    }
    return take_from(memory, size_bits, count);
}

seL4_CPtr memory_take_own(uint8_t size_bits)
{
    struct memory *memory = best_fit(size_bits, 1);

    return memory ? take_from(memory, size_bits, 1) : 0;
}

seL4_CPtr memory_device_page(uint64_t paddr)
{
    seL4_CPtr untyped = take_fixed(seL4_PageBits, 1, paddr);
    seL4_CPtr slot;

    if (untyped == 0 || initialiser.slot_free >= initialiser.slot_end) {
        return 0;
    }
    slot = slot_take();
    return seL4_Untyped_Retype(untyped, seL4_ARM_SmallPageObject, 0, seL4_CapInitThreadCNode, 0, 0,
                               slot, 1) == seL4_NoError
               ? slot
               : 0;
}
