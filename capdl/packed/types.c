/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What each object type of a packed spec costs and how the kernel is asked for it
 */
#include "types.h"

#include <abi/objects.h>

/* Types whose size is fixed. */
struct fixed_shape {
    uint8_t type;
    uint8_t kernel_type;
    uint8_t size_bits;
};

static const struct fixed_shape fixed_shapes[] = {
    { PACKED_TCB, OBJECT_TCB, TCB_BITS },
    { PACKED_ENDPOINT, OBJECT_ENDPOINT, ENDPOINT_BITS },
    { PACKED_NOTIFICATION, OBJECT_NOTIFICATION, NOTIFICATION_BITS },
    { PACKED_REPLY, OBJECT_REPLY, REPLY_BITS },
    { PACKED_VSPACE, OBJECT_VSPACE, VSPACE_BITS },
    { PACKED_PAGE_TABLE, OBJECT_PAGE_TABLE, PAGE_TABLE_BITS },
    { PACKED_VCPU, OBJECT_VCPU, VCPU_BITS },
    { PACKED_ASID_POOL, OBJECT_UNTYPED, ASID_POOL_BITS },
    { PACKED_IRQ, PACKED_NO_KERNEL_TYPE, 0 },
    { PACKED_SGI, PACKED_NO_KERNEL_TYPE, 0 },
    { PACKED_SMC, PACKED_NO_KERNEL_TYPE, 0 },
};

static const char *const type_names[PACKED_TYPE_COUNT] = {
    "untyped", "tcb",   "endpoint", "notification", "cnode", "scheduling context",
    "reply",   "frame", "vspace",   "page table",   "vcpu",  "asid pool",
    "irq",     "sgi",   "smc",
};

static bool frame_shape(uint32_t bits, struct packed_object *object)
{
    if (bits == SMALL_FRAME_BITS) {
        object->kernel_type = OBJECT_SMALL_FRAME;
    } else if (bits == LARGE_FRAME_BITS) {
        object->kernel_type = OBJECT_LARGE_FRAME;
    } else if (bits == HUGE_FRAME_BITS) {
        object->kernel_type = OBJECT_HUGE_FRAME;
    } else {
        return false;
    }
    object->size_bits = (uint8_t)bits;
    return true;
}

/* Types whose size the spec chooses; the size is also the argument of the retype call. */
static bool sized_shape(uint8_t type, uint32_t bits, struct packed_object *object)
{
    uint32_t low = UNTYPED_MIN_BITS;
    uint32_t extra = 0;
    object->kernel_type = OBJECT_UNTYPED;
    if (type == PACKED_SCHED_CONTEXT) {
        low = SCHED_CONTEXT_MIN_BITS;
        object->kernel_type = OBJECT_SCHED_CONTEXT;
    } else if (type == PACKED_CNODE) {
        low = CNODE_MIN_RADIX;
        extra = SLOT_BITS;
        object->kernel_type = OBJECT_CNODE;
    }
    if (bits < low || bits + extra > UNTYPED_MAX_BITS) {
        return false;
    }
    object->size_bits = (uint8_t)(bits + extra);
    object->retype_bits = (uint8_t)bits;
    return true;
}

bool packed_type_shape(uint8_t type, uint32_t bits, struct packed_object *object)
{
    object->retype_bits = 0;
    if (type == PACKED_FRAME) {
        return frame_shape(bits, object);
    }
    if (type == PACKED_UNTYPED || type == PACKED_SCHED_CONTEXT || type == PACKED_CNODE) {
        return sized_shape(type, bits, object);
    }
    for (size_t i = 0; i < sizeof(fixed_shapes) / sizeof(fixed_shapes[0]); i++) {
        if (fixed_shapes[i].type == type) {
            object->kernel_type = fixed_shapes[i].kernel_type;
            object->size_bits = fixed_shapes[i].size_bits;
            if (type == PACKED_ASID_POOL) {
                object->retype_bits = ASID_POOL_BITS;
            }
            return true;
        }
    }
    return false;
}

const char *packed_type_name(uint8_t type)
{
    return type < PACKED_TYPE_COUNT ? type_names[type] : "?";
}
