/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Decoding invocations: dispatch by the kind of the invoked capability (abi/03 §2)
 */
#include <core/decode.h>

#include <abi/labels.h>
#include <abi/messages.h>
#include <core/asid.h>
#include <core/cnode.h>
#include <core/domain.h>
#include <core/endpoint.h>
#include <core/inspect.h>
#include <core/irq.h>
#include <core/notification.h>
#include <core/reply.h>
#include <core/sched_context.h>
#include <core/smc.h>
#include <core/tcb.h>
#include <core/untyped.h>
#include <core/vcpu.h>
#include <core/vspace.h>

#define BUFFER_FIRST_WORD 1 /* message word 0 in struct ipc_buffer, counted in words */

word_t invocation_arg(const struct invocation *inv, word_t i)
{
    if (i < CONTEXT_MESSAGE_COUNT) {
        return tcb_at(this_cpu()->current)->context.regs[CONTEXT_MESSAGE + i];
    }
    return inv->buffer == NULL ? 0 : inv->buffer[BUFFER_FIRST_WORD + i];
}

/* Kinds that may be invoked in the sending phase of a system call that then receives. */
static enum outcome decode_any_phase(struct invocation *inv)
{
    switch (cap_type(inv->cap)) {
    case CAP_ENDPOINT:
        return cap_endpoint_can_send(inv->cap) ? endpoint_invoke(inv) : error_capability(0);
    case CAP_NOTIFICATION:
        return cap_notification_can_send(inv->cap) ? notification_invoke(inv) : error_capability(0);
    case CAP_REPLY: return reply_invoke(inv);
    case CAP_UNTYPED: return untyped_decode(inv);
    case CAP_IRQ_CONTROL: return irq_control_decode(inv);
    case CAP_IRQ_HANDLER: return irq_handler_decode(inv);
    case CAP_FRAME: return frame_decode(inv);
    case CAP_PAGE_TABLE: return page_table_decode(inv);
    case CAP_VSPACE: return vspace_decode(inv);
    case CAP_ASID_CONTROL: return asid_control_decode(inv);
    case CAP_ASID_POOL: return asid_pool_decode(inv);
    case CAP_VCPU: return vcpu_decode(inv);
    case CAP_SMC: return smc_decode(inv);
    case CAP_SGI: return sgi_decode(inv);
    default: return error_capability(0);
    }
}

enum outcome decode_invocation(struct invocation *inv)
{
    if (inv->first_phase) {
        return decode_any_phase(inv);
    }
    if (inv->label >= LABEL_X_CNODE_INSPECT && inspect_is_asked(inv)) {
        return inspect_decode(inv);
    }
    switch (cap_type(inv->cap)) {
    case CAP_TCB: return tcb_decode(inv);
    case CAP_CNODE: return cnode_decode(inv);
    case CAP_DOMAIN: return domain_decode(inv);
    case CAP_SCHED_CONTEXT: return sched_context_decode(inv);
    case CAP_SCHED_CONTROL: return sched_control_decode(inv);
    default: return decode_any_phase(inv);
    }
}
