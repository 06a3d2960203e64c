/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Objects
 *
 * One pass over the objects, in the order that the packer laid down: an untyped before its
 * children, the children in the order in which they fill it. Neighbours of the same kind are made
 * by one invocation (up to the kernel's limit), which is most of the work of a large region.
 */
#include <loader/build.h>

#define FAN_OUT 256u /* abi/01, "retype fan-out limit" */

static bool is_made(const struct packed_object *object)
{
    return object->kernel_type != PACKED_NO_KERNEL_TYPE &&
           (object->flags & PACKED_OBJECT_FROM_IMAGE) == 0 && object->type != PACKED_ASID_POOL;
}

/* Could `next` be made by the same invocation as `first`, `distance` objects before it? */
static bool joins(const struct packed_object *first, const struct packed_object *next,
                  uint32_t distance)
{
    if (!is_made(next) || next->kernel_type != first->kernel_type ||
        next->retype_bits != first->retype_bits || next->parent != first->parent ||
        ((next->flags ^ first->flags) & PACKED_OBJECT_HAS_PADDR) != 0) {
        return false;
    }
    /* Untypeds come one by one: best fit is chosen for each. */
    if (first->parent == PACKED_NONE && first->type == PACKED_UNTYPED) {
        return false;
    }
    return (first->flags & PACKED_OBJECT_HAS_PADDR) == 0 ||
           next->place == first->place + ((uint64_t)distance << first->size_bits);
}

static uint32_t run_length(uint32_t start)
{
    const struct packed_object *objects = builder.spec.objects;
    uint32_t end = start + 1;

    while (end < builder.spec.object_count && end - start < FAN_OUT &&
           joins(&objects[start], &objects[end], end - start)) {
        end++;
    }
    return end - start;
}

/* Make up to `count` objects by one invocation; returns how many. */
static uint32_t make_run(uint32_t start, uint32_t count)
{
    const struct packed_object *object = &builder.spec.objects[start];
    bool is_fixed = (object->flags & PACKED_OBJECT_HAS_PADDR) != 0;
    seL4_CPtr untyped;

    if (object->parent != PACKED_NONE) {
        untyped = untyped_cptr(object->parent);
    } else {
        untyped = memory_take(start, object->size_bits, &count, is_fixed ? &object->place : NULL);
    }
    check(seL4_Untyped_Retype(untyped, object->kernel_type, object->retype_bits, builder.root, 0, 0,
                              builder.slot_base + start, count),
          "create", start);
    return count;
}

/* An ASID pool is made from a 4 KiB untyped of its own. Pool 0 is the initialiser's. */
static void make_asid_pool(uint32_t index)
{
    const struct packed_object *object = &builder.spec.objects[index];
    uint32_t one = 1;
    seL4_CPtr slot;
    seL4_CPtr untyped;

    if (object->first == 0) {
        return;
    }
    slot = slot_take();
    untyped = object->parent != PACKED_NONE ? untyped_cptr(object->parent)
                                            : memory_take(index, object->size_bits, &one, NULL);
    check(seL4_Untyped_Retype(untyped, seL4_UntypedObject, object->size_bits, builder.root, 0, 0,
                              slot, 1),
          "create the memory of", index);
    check(seL4_ARM_ASIDControl_MakePool(slot_cptr(seL4_CapASIDControl), slot_cptr(slot),
                                        builder.root, builder.slot_base + index, ROOT_DEPTH),
          "create", index);
}

void create_objects(void)
{
    uint32_t i = 0;

    while (i < builder.spec.object_count) {
        const struct packed_object *object = &builder.spec.objects[i];
        uint32_t count = 1;

        /* What has a fixed address comes first, and must find it free. */
        if ((object->flags & PACKED_OBJECT_HAS_PADDR) == 0 && !windows_prepare()) {
            fail_because("make windows into frames", PACKED_NONE, "no memory is left", 0, 0);
        }
        if (!is_built(i)) {
            i++;
            continue;
        }
        if (is_made(object)) {
            count = make_run(i, run_length(i));
        } else if (object->type == PACKED_ASID_POOL) {
            make_asid_pool(i);
        }
        i += count;
    }
}
