/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * New objects: sizes and first contents (abi/02 §1, §2)
 */
#include <core/object_create.h>

#include <core/cap.h>
#include <core/tcb.h>
#include <core/vcpu.h>

word_t object_size_bits(enum object_type type, word_t size_bits)
{
    switch (type) {
    case OBJECT_UNTYPED:
    case OBJECT_SCHED_CONTEXT: return size_bits;
    case OBJECT_TCB: return TCB_BITS;
    case OBJECT_ENDPOINT: return ENDPOINT_BITS;
    case OBJECT_NOTIFICATION: return NOTIFICATION_BITS;
    case OBJECT_CNODE: return SLOT_BITS + size_bits;
    case OBJECT_REPLY: return REPLY_BITS;
    case OBJECT_HUGE_FRAME: return HUGE_FRAME_BITS;
    case OBJECT_VSPACE: return VSPACE_BITS;
    case OBJECT_SMALL_FRAME: return SMALL_FRAME_BITS;
    case OBJECT_LARGE_FRAME: return LARGE_FRAME_BITS;
    case OBJECT_PAGE_TABLE: return PAGE_TABLE_BITS;
    case OBJECT_VCPU: return VCPU_BITS;
    }
    return WORD_BITS;
}

bool object_is_frame(enum object_type type)
{
    return type == OBJECT_SMALL_FRAME || type == OBJECT_LARGE_FRAME || type == OBJECT_HUGE_FRAME;
}

static struct cap frame_new(word_t address, enum frame_size size, bool is_device)
{
    return cap_frame_new(address, size, FRAME_READ_WRITE, is_device, 0, 0);
}

struct cap object_create(enum object_type type, word_t address, word_t size_bits, bool is_device)
{
    switch (type) {
    case OBJECT_UNTYPED: return cap_untyped_new(address, size_bits, is_device, 0);
    case OBJECT_TCB: tcb_init(tcb_at((struct tcb_ref){ address })); return cap_tcb_new(address);
    case OBJECT_ENDPOINT: return cap_endpoint_new(address, 0, true, true, true, true);
    case OBJECT_NOTIFICATION: return cap_notification_new(address, 0, true, true);
    case OBJECT_CNODE: return cap_cnode_new(address, size_bits, 0, 0);
    case OBJECT_SCHED_CONTEXT: return cap_sched_context_new(address, size_bits);
    case OBJECT_REPLY: return cap_reply_new(address, true);
    case OBJECT_HUGE_FRAME: return frame_new(address, FRAME_HUGE, is_device);
    case OBJECT_VSPACE: return cap_vspace_new(address, false, 0);
    case OBJECT_SMALL_FRAME: return frame_new(address, FRAME_SMALL, is_device);
    case OBJECT_LARGE_FRAME: return frame_new(address, FRAME_LARGE, is_device);
    case OBJECT_PAGE_TABLE: return cap_page_table_new(address, false, 0, 0);
    case OBJECT_VCPU:
        vcpu_init(vcpu_at((struct vcpu_ref){ address }));
        return cap_vcpu_new(address);
    }
    return cap_null_new();
}
