/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * TCB invocations that install capabilities
 *
 * Address spaces, IPC buffer, fault handlers and, since it comes in the same call, the scheduling
 * context. Every capability is checked, and derived where it will be a copy, before the first
 * slot of the thread changes.
 */
#include <core/cap.h>
#include <core/cdt.h>
#include <core/sched_context.h>
#include <core/scheduler.h>
#include <core/slot_delete.h>
#include <core/tcb.h>
#include <core/thread.h>
#include <core/vspace.h>

/* A capability that is going to be installed; a null one empties the slot. */
struct tcb_install {
    struct slot *source;
    struct cap cap;
};

/* ---- Checks -------------------------------------------------------------------------------------- */

/* Would emptying this slot take long? */
static bool tcb_slot_is_long(const struct slot *slot)
{
    const enum cap_type type = cap_type(slot->cap);

    return (type == CAP_CNODE || type == CAP_TCB || type == CAP_ZOMBIE) && cdt_is_final(slot);
}

static enum outcome tcb_derive(struct tcb_install *install)
{
    return cap_derive(install->source, install->cap, &install->cap) == ERR_NONE ? OUTCOME_DONE
                                                                                : OUTCOME_ERROR;
}

static enum outcome tcb_check_spaces(struct tcb *thread, struct tcb_install *cspace,
                                     word_t cspace_data, struct tcb_install *vspace,
                                     word_t vspace_data)
{
    if (tcb_slot_is_long(&thread->slots[TCB_SLOT_CSPACE]) ||
        tcb_slot_is_long(&thread->slots[TCB_SLOT_VSPACE])) {
        return error_illegal();
    }
    cspace->cap = cspace->source->cap;
    if (cspace_data != 0) {
        cspace->cap = cap_update_data(false, cspace_data, cspace->cap);
    }
    if (tcb_derive(cspace) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    if (cap_type(cspace->cap) != CAP_CNODE) {
        return error_illegal();
    }
    vspace->cap = vspace->source->cap;
    if (vspace_data != 0) {
        vspace->cap = cap_update_data(false, vspace_data, vspace->cap);
    }
    if (tcb_derive(vspace) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    return cap_is_valid_vspace_root(vspace->cap) ? OUTCOME_DONE : error_illegal();
}

/* With address 0 the buffer is taken away whatever the capability is. */
static enum outcome tcb_check_buffer(struct tcb_install *buffer, word_t address)
{
    if (address == 0) {
        buffer->cap = cap_null_new();
        return OUTCOME_DONE;
    }
    buffer->cap = buffer->source->cap;
    if (tcb_derive(buffer) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    return vspace_check_buffer_cap(buffer->cap, address);
}

static bool tcb_is_valid_handler(struct cap cap)
{
    return cap_is_null(cap) || (cap_type(cap) == CAP_ENDPOINT && cap_endpoint_can_send(cap) &&
                                (cap_endpoint_can_grant(cap) || cap_endpoint_can_grant_reply(cap)));
}

/* ---- Installing ---------------------------------------------------------------------------------- */

static enum outcome tcb_install(struct invocation *inv, struct tcb *thread, enum tcb_slot index,
                                struct tcb_install install)
{
    struct slot *slot = &thread->slots[index];

    if (slot_delete(slot) == PROGRESS_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    /* Deleting the old capability may have taken away what was checked before. */
    if (!cap_is_null(install.cap) && cap_same_object(install.cap, install.source->cap) &&
        cap_same_object(inv->cap, inv->slot->cap)) {
        cdt_insert(install.cap, install.source, slot);
    }
    return OUTCOME_DONE;
}

static enum outcome tcb_install_spaces(struct invocation *inv, struct tcb *thread,
                                       struct tcb_install cspace, struct tcb_install vspace)
{
    if (tcb_install(inv, thread, TCB_SLOT_CSPACE, cspace) == OUTCOME_PREEMPTED ||
        tcb_install(inv, thread, TCB_SLOT_VSPACE, vspace) == OUTCOME_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    if (thread_is_current(thread)) {
        vspace_switch_to(thread);
    }
    return OUTCOME_DONE;
}

static enum outcome tcb_install_buffer(struct invocation *inv, struct tcb *thread,
                                       struct tcb_install buffer, word_t address)
{
    if (tcb_install(inv, thread, TCB_SLOT_BUFFER, buffer) == OUTCOME_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    thread->ipc_buffer = address;
    return OUTCOME_DONE;
}

/* ---- Invocations --------------------------------------------------------------------------------- */

enum outcome tcb_decode_configure(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 3 || inv->extra_count < 3) {
        return error_truncated();
    }
    const word_t address = invocation_arg(inv, 2);
    struct tcb_install cspace = { .source = inv->extra[0] };
    struct tcb_install vspace = { .source = inv->extra[1] };
    struct tcb_install buffer = { .source = inv->extra[2] };

    if (tcb_check_buffer(&buffer, address) != OUTCOME_DONE ||
        tcb_check_spaces(thread, &cspace, invocation_arg(inv, 0), &vspace,
                         invocation_arg(inv, 1)) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    if (tcb_install_spaces(inv, thread, cspace, vspace) == OUTCOME_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    return tcb_install_buffer(inv, thread, buffer, address);
}

enum outcome tcb_decode_set_ipc_buffer(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 1 || inv->extra_count < 1) {
        return error_truncated();
    }
    const word_t address = invocation_arg(inv, 0);
    struct tcb_install buffer = { .source = inv->extra[0] };

    if (tcb_check_buffer(&buffer, address) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    return tcb_install_buffer(inv, thread, buffer, address);
}

enum outcome tcb_decode_set_space(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 2 || inv->extra_count < 3) {
        return error_truncated();
    }
    const struct tcb_install handler = { .source = inv->extra[0], .cap = inv->extra[0]->cap };
    struct tcb_install cspace = { .source = inv->extra[1] };
    struct tcb_install vspace = { .source = inv->extra[2] };

    if (tcb_check_spaces(thread, &cspace, invocation_arg(inv, 0), &vspace,
                         invocation_arg(inv, 1)) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    if (!tcb_is_valid_handler(handler.cap)) {
        return error_capability(1);
    }
    if (tcb_install(inv, thread, TCB_SLOT_FAULT_HANDLER, handler) == OUTCOME_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    return tcb_install_spaces(inv, thread, cspace, vspace);
}

enum outcome tcb_decode_set_timeout_endpoint(struct invocation *inv, struct tcb *thread)
{
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    const struct tcb_install handler = { .source = inv->extra[0], .cap = inv->extra[0]->cap };

    if (!tcb_is_valid_handler(handler.cap)) {
        return error_capability(1);
    }
    return tcb_install(inv, thread, TCB_SLOT_TIMEOUT_HANDLER, handler);
}

/* Check extra capability 1 of SetSchedParams; `*context` is the context that the thread is to
 * have, NULL for none. */
static enum outcome tcb_check_context(struct invocation *inv, struct tcb *thread,
                                      struct sched_context **context)
{
    const struct cap cap = inv->extra[1]->cap;

    *context = NULL;
    if (cap_is_null(cap)) {
        return thread_is_current(thread) ? error_illegal() : OUTCOME_DONE;
    }
    if (cap_type(cap) != CAP_SCHED_CONTEXT) {
        return error_capability(2);
    }
    *context = cap_sched_context_object(cap);
    if (cap_sched_context_address(cap) != thread->sched_context.raw &&
        (thread->sched_context.raw != 0 || (*context)->tcb.raw != 0)) {
        return error_illegal();
    }
    if (thread_is_blocked(thread) && !sched_context_is_released(*context)) {
        return error_illegal();
    }
    return OUTCOME_DONE;
}

static void tcb_set_context(struct tcb *thread, struct sched_context *context)
{
    struct sched_context *old = sched_context_at(thread->sched_context);

    if (context == old) {
        return;
    }
    if (context == NULL) {
        sched_context_unbind_tcb(old);
    } else {
        sched_context_bind_tcb(context, thread);
    }
}

enum outcome tcb_decode_set_sched_params(struct invocation *inv, struct tcb *thread)
{
    if (inv->length < 2 || inv->extra_count < 3) {
        return error_truncated();
    }
    const word_t mcp = invocation_arg(inv, 0);
    const word_t priority = invocation_arg(inv, 1);
    const struct tcb_install handler = { .source = inv->extra[2], .cap = inv->extra[2]->cap };
    struct sched_context *context = NULL;

    if (cap_type(inv->extra[0]->cap) != CAP_TCB) {
        return error_capability(1);
    }
    const word_t max = cap_tcb_object(inv->extra[0]->cap)->mcp;

    if (mcp > max || priority > max) {
        return error_range(0, max);
    }
    if (tcb_check_context(inv, thread, &context) != OUTCOME_DONE) {
        return OUTCOME_ERROR;
    }
    if (!tcb_is_valid_handler(handler.cap)) {
        return error_capability(3);
    }
    if (tcb_install(inv, thread, TCB_SLOT_FAULT_HANDLER, handler) == OUTCOME_PREEMPTED) {
        return OUTCOME_PREEMPTED;
    }
    thread->mcp = (uint8_t)mcp;
    thread_set_priority(thread, priority);
    tcb_set_context(thread, context);
    return OUTCOME_DONE;
}
