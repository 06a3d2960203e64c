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
 *
 * Invariant: nothing that was made from a piece is deleted before the end: the kernel would start
 * that untyped afresh, and `next` would lie.
 */
#include "initialiser.h"

/* The entry for one more piece; when the table is full, that of a piece with nothing left. */
static struct memory *memory_entry(void)
{
    if (initialiser.memory_count < MEMORY_MAX) {
        return &initialiser.memory[initialiser.memory_count++];
    }
    for (uint32_t i = 0; i < MEMORY_MAX; i++) {
        if (initialiser.memory[i].next == initialiser.memory[i].end) {
            return &initialiser.memory[i];
        }
    }
    fail_because("remember free memory", PACKED_NONE,
                 "there are more than %u pieces of it between fixed physical addresses", MEMORY_MAX,
                 0);
}

void memory_init(void)
{
    const seL4_BootInfo *boot = initialiser.boot;

    for (seL4_CPtr slot = boot->untyped.start; slot < boot->untyped.end; slot++) {
        const seL4_UntypedDesc *desc = &boot->untypedList[slot - boot->untyped.start];

        *memory_entry() =
            (struct memory){ slot, desc->paddr, desc->paddr, desc->paddr + (1ul << desc->sizeBits),
                             desc->isDevice != 0 };
    }
}

static uint64_t align_up(uint64_t address, uint8_t bits)
{
    uint64_t mask = (1ul << bits) - 1;

    return (address + mask) & ~mask;
}

/* How many objects of this size the piece has room for. */
static uint64_t room_for(const struct memory *memory, uint8_t size_bits)
{
    uint64_t start = align_up(memory->next, size_bits);

    return start > memory->end ? 0 : (memory->end - start) >> size_bits;
}

/* The smallest piece of RAM that still has room: large pieces stay whole for large objects. */
static struct memory *best_fit(uint8_t size_bits, uint32_t count)
{
    struct memory *best = NULL;

    for (uint32_t i = 0; i < initialiser.memory_count; i++) {
        struct memory *memory = &initialiser.memory[i];

        if (!memory->is_device && room_for(memory, size_bits) >= count &&
            (!best || memory->end - memory->next < best->end - best->next)) {
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

/* ---- Fixed addresses ---------------------------------------------------------------------------- */

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
        uint8_t bits = seL4_MaxUntypedBits;
        seL4_CPtr slot = slot_take();

        while ((memory->next & ((1ul << bits) - 1)) != 0 || (1ul << bits) > paddr - memory->next) {
            bits--;
        }
        if (bits < seL4_MinUntypedBits ||
            seL4_Untyped_Retype(memory->slot, seL4_UntypedObject, bits, seL4_CapInitThreadCNode, 0,
                                0, slot, 1) != seL4_NoError) {
            return false;
        }
        *memory_entry() = (struct memory){ slot, memory->next, memory->next,
                                           memory->next + (1ul << bits), memory->is_device };
        memory->next += 1ul << bits;
    }
    return true;
}

static seL4_CPtr take_fixed(uint8_t size_bits, uint32_t *count, uint64_t paddr)
{
    struct memory *memory = holder_of(paddr, 1ul << size_bits);
    uint64_t room;

    if (!memory || (paddr & ((1ul << size_bits) - 1)) != 0 || !advance_to(memory, paddr)) {
        return 0;
    }
    /* Neighbours may lie in the next boot untyped: then those are another invocation. */
    room = room_for(memory, size_bits);
    *count = *count < room ? *count : (uint32_t)room;
    return take_from(memory, size_bits, *count);
}

/* An object before `object` that has a part of the same physical range, or PACKED_NONE. */
static uint32_t occupant_of(uint32_t object)
{
    const struct packed_object *objects = builder.spec.objects;
    uint64_t start = objects[object].place;
    uint64_t end = start + (1ul << objects[object].size_bits);

    for (uint32_t i = 0; i < object; i++) {
        if ((objects[i].flags & PACKED_OBJECT_HAS_PADDR) != 0 && objects[i].place < end &&
            objects[i].place + (1ul << objects[i].size_bits) > start) {
            return i;
        }
    }
    return PACKED_NONE;
}

static _Noreturn void refuse_fixed(uint32_t object)
{
    const struct packed_object *wanted = &builder.spec.objects[object];
    uint32_t occupant = occupant_of(object);

    if (occupant != PACKED_NONE) {
        fail_because("create", object, "its place at physical %x is taken by%o", wanted->place,
                     occupant);
    }
    for (uint32_t i = 0; i < initialiser.memory_count; i++) {
        const struct memory *memory = &initialiser.memory[i];

        if (wanted->place >= memory->next && wanted->place < memory->end) {
            fail_because("create", object,
                         "it must be at physical %x, where only %u bytes can be given away",
                         wanted->place, memory->end - wanted->place);
        }
    }
    fail_because("create", object,
                 "it must be at physical %x, where there is no memory and no device that can be "
                 "given away",
                 wanted->place, 0);
}

/* ---- What the steps ask for ---------------------------------------------------------------------- */

static _Noreturn void refuse(uint32_t object, uint8_t size_bits)
{
    uint64_t largest = 0;

    for (uint32_t i = 0; i < initialiser.memory_count; i++) {
        const struct memory *memory = &initialiser.memory[i];

        for (uint8_t bits = 4; !memory->is_device && bits < size_bits; bits++) {
            if (room_for(memory, bits) > 0 && 1ul << bits > largest) {
                largest = 1ul << bits;
            }
        }
    }
    fail_because("create", object,
                 "it needs %u bytes in one piece, the largest free piece of memory has %u",
                 1ul << size_bits, largest);
}

seL4_CPtr memory_take(uint32_t object, uint8_t size_bits, uint32_t *count, const uint64_t *paddr)
{
    struct memory *memory;
    seL4_CPtr slot;

    if (paddr) {
        slot = take_fixed(size_bits, count, *paddr);
        if (slot == 0) {
            refuse_fixed(object);
        }
        return slot;
    }
    memory = best_fit(size_bits, *count);
    while (!memory && *count > 1) {
        *count /= 2;
        memory = best_fit(size_bits, *count);
    }
    if (!memory) {
        refuse(object, size_bits);
    }
    return take_from(memory, size_bits, *count);
}

seL4_CPtr memory_take_own(uint8_t size_bits)
{
    struct memory *memory = best_fit(size_bits, 1);

    return memory ? take_from(memory, size_bits, 1) : 0;
}

seL4_CPtr memory_device_page(uint64_t paddr)
{
    uint32_t one = 1;
    seL4_CPtr untyped = take_fixed(seL4_PageBits, &one, paddr);
    seL4_CPtr slot;

    if (untyped == 0) {
        return 0;
    }
    slot = slot_take();
    return seL4_Untyped_Retype(untyped, seL4_ARM_SmallPageObject, 0, seL4_CapInitThreadCNode, 0, 0,
                               slot, 1) == seL4_NoError
               ? slot
               : 0;
}
