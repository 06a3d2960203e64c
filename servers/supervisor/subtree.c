/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Components as subtrees of the spec
 *
 * The building steps find everything in its slot of the workshop. So before a component is built,
 * the originals of what it has of others are borrowed: copied there from the keepers that have
 * them. Afterwards the copies are deleted.
 *
 * No peer runs while a component is away: the supervisor has a higher priority than all of them
 * and does not wait. What a peer had begun is begun again: the kernel restarts those who wait at an
 * endpoint that is deleted; those who wait for a reply are stopped by it, and resumed here.
 */
#include "subtree.h"

#include "workshop.h"

#include <sel4/tessera.h>
#include <string.h>

#define CALLERS_MAX 64u
#define FRAMES_MAX  256u

/* Threads that ran when the component was taken away and may have waited for its reply. */
static uint32_t callers[CALLERS_MAX];
static uint32_t caller_count;

/* ---- Keepers --------------------------------------------------------------------------------------- */

static void borrow(uint32_t object)
{
    const struct packed_keep *keep = keep_of(object);
    seL4_Error error;

    if (keep) {
        error = seL4_CNode_Copy(builder.root, object_slot(object), ROOT_DEPTH,
                                object_cptr(keep->keeper), keep->slot, radix_of(keep->keeper),
                                seL4_AllRights);
        if (error != seL4_DeleteFirst) { /* borrowed already */
            check(error, "borrow", object);
        }
    }
}

static void give_back(uint32_t object)
{
    if (keep_of(object)) {
        (void)seL4_CNode_Delete(builder.root, object_slot(object), ROOT_DEPTH);
    }
}

/* ---- What a component has to do with others ----------------------------------------------------------- */

typedef void visit_fn(uint32_t object);

static void visit(visit_fn *fn, uint32_t object)
{
    if (object != PACKED_NONE && !is_built(object)) {
        fn(object);
    }
}

static void visit_thread(visit_fn *fn, const struct packed_tcb *tcb)
{
    visit(fn, tcb->cspace);
    visit(fn, tcb->vspace);
    visit(fn, tcb->ipc_frame);
    visit(fn, tcb->sched_context);
    visit(fn, tcb->notification);
    visit(fn, tcb->vcpu);
    visit(fn, tcb->fault.endpoint);
    visit(fn, tcb->timeout.endpoint);
}

static bool is_there_and_built(uint32_t object)
{
    return object != PACKED_NONE && is_built(object);
}

/* Each object of others that the component names, or that names it. Pre: builder.component. */
static void visit_others(visit_fn *fn)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];

        if (is_built(cap->container)) {
            visit(fn, cap->target);
        } else if (is_there_and_built(cap->target)) {
            visit(fn, cap->container);
        }
    }
    for (uint32_t i = 0; i < spec->map_count; i++) {
        if (is_built(spec->maps[i].vspace)) {
            visit(fn, spec->maps[i].object);
        }
    }
    for (uint32_t i = 0; i < spec->tcb_count; i++) {
        const struct packed_tcb *tcb = &spec->tcbs[i];

        if (is_built(tcb->object)) {
            visit_thread(fn, tcb);
        } else if (is_there_and_built(tcb->fault.endpoint) ||
                   is_there_and_built(tcb->timeout.endpoint)) {
            visit(fn, tcb->object);
            visit_thread(fn, tcb);
        }
    }
}

/* ---- Callers -------------------------------------------------------------------------------------------- */

static bool is_stopped(uint32_t thread)
{
    seL4_X_ThreadInfo_t info = { { seL4_X_TCB_Inspect(object_cptr(thread)).info } };

    return seL4_X_ThreadInfo_get_isStopped(info);
}

static bool is_call(const struct packed_cap *cap)
{
    return is_there_and_built(cap->target) && !is_built(cap->container) &&
           builder.spec.objects[cap->target].type == PACKED_ENDPOINT &&
           (cap->rights & (PACKED_RIGHT_GRANT | PACKED_RIGHT_GRANT_REPLY)) != 0;
}

static void callers_of(const struct packed_cap *cap)
{
    uint32_t peer = root_of(cap->container);

    for (uint32_t i = 0; i < builder.spec.tcb_count && caller_count < CALLERS_MAX; i++) {
        const struct packed_tcb *tcb = &builder.spec.tcbs[i];

        if (root_of(tcb->object) == peer && (tcb->flags & PACKED_TCB_RESUME) != 0) {
            borrow(tcb->object);
            if (!is_stopped(tcb->object)) {
                callers[caller_count++] = tcb->object;
            }
            give_back(tcb->object);
        }
    }
}

static void callers_note(void)
{
    caller_count = 0;
    for (uint32_t i = 0; i < builder.spec.cap_count; i++) {
        if (is_call(&builder.spec.caps[i])) {
            callers_of(&builder.spec.caps[i]);
        }
    }
}

static void callers_resume(void)
{
    for (uint32_t i = 0; i < caller_count; i++) {
        borrow(callers[i]);
        if (is_stopped(callers[i])) {
            check(seL4_TCB_Resume(object_cptr(callers[i])), "resume", callers[i]);
        }
        give_back(callers[i]);
    }
    caller_count = 0;
}

/* Can the component signal others, but for us, through this capability? */
static bool is_channel(const struct packed_cap *cap)
{
    return is_built(cap->container) && cap->target != PACKED_NONE && !is_built(cap->target) &&
           root_of(cap->target) != root_of(builder.supervised) &&
           builder.spec.objects[cap->target].type == PACKED_NOTIFICATION &&
           (cap->rights & PACKED_RIGHT_WRITE) != 0;
}

/* Signal each channel of the component, as if it had done so itself: the documented event. */
static void peers_signal(void)
{
    const struct packed_view *spec = &builder.spec;

    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];
        seL4_CPtr slot;

        if (!is_channel(cap)) {
            continue;
        }
        slot = slot_take();
        check(seL4_CNode_Mint(builder.root, slot, ROOT_DEPTH, builder.root,
                              object_slot(cap->target), ROOT_DEPTH,
                              (seL4_CapRights_t){ { PACKED_RIGHT_WRITE } }, cap->data),
              "tell the holder of", cap->target);
        seL4_Signal(slot_cptr(slot));
        slot_drop(slot);
    }
}

/* ---- Accounts ------------------------------------------------------------------------------------------- */

static seL4_X_CNode_Inspect_t untyped_look(uint32_t untyped)
{
    return seL4_X_CNode_Inspect(SUPERVISED, supervised_slot(untyped), SUPERVISED_DEPTH, 0);
}

static bool is_full(seL4_CNode cnode, uint64_t slot, uint64_t depth)
{
    return seL4_X_CNode_Inspect(cnode, slot, depth, 0).kind != seL4_X_Kind_Null;
}

/* Capabilities to what is built, in the slots where the spec and the workshop have them. */
static uint64_t capabilities_count(void)
{
    const struct packed_view *spec = &builder.spec;
    uint64_t count = 0;

    for (uint32_t i = 0; i < spec->object_count; i++) {
        if (is_built(i) && (spec->objects[i].flags & PACKED_OBJECT_FROM_IMAGE) == 0) {
            count += is_full(builder.root, object_slot(i), ROOT_DEPTH);
        }
    }
    for (uint32_t i = 0; i < spec->map_count; i++) {
        if (is_built(spec->maps[i].vspace) && (spec->maps[i].flags & PACKED_MAP_ORIGINAL) == 0) {
            count += is_full(builder.root, map_slot(i), ROOT_DEPTH);
        }
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        const struct packed_cap *cap = &spec->caps[i];

        if (!is_built(cap->container) && is_there_and_built(cap->target)) {
            borrow(cap->container);
            count += is_full(object_cptr(cap->container), cap->slot, radix_of(cap->container));
            give_back(cap->container);
        }
    }
    return count;
}

static uint64_t interrupts_count(void)
{
    uint64_t count = 0;

    for (uint32_t i = 0; i < builder.spec.irq_count; i++) {
        const struct packed_irq *irq = &builder.spec.irqs[i];

        if (is_there_and_built(irq->notification)) {
            count +=
                seL4_X_IRQHandler_Inspect(SUPERVISED + SUPERVISED_IRQS + irq->number, 0).kind !=
                seL4_X_Kind_Null;
        }
    }
    return count;
}

void component_account(uint32_t untyped, struct account *account)
{
    seL4_X_CNode_Inspect_t found = untyped_look(untyped);
    seL4_X_CapInfo_t info = { { found.info } };
    bool has_children = seL4_X_CapInfo_get_hasChildren(info);

    builder.component = untyped;
    account->size = 1ul << seL4_X_CapInfo_get_sizeBits(info);
    account->used = has_children ? found.data : 0;
    account->capabilities = capabilities_count() + has_children;
    account->asids = seL4_X_ASIDPool_Inspect(slot_cptr(seL4_CapInitThreadASIDPool)).used;
    account->interrupts = interrupts_count();
    builder.component = PACKED_NONE;
}

uint64_t workshop_slots_used(void)
{
    uint64_t count = 0;

    for (seL4_CPtr slot = 0; slot < builder.slot_end; slot++) {
        count += is_full(builder.root, slot, ROOT_DEPTH);
    }
    return count;
}

/* ---- Names ------------------------------------------------------------------------------------------------- */

uint32_t component_named(const char *name)
{
    for (uint32_t i = 0; i < builder.spec.object_count; i++) {
        const struct packed_object *object = &builder.spec.objects[i];

        if (object->type == PACKED_UNTYPED && object->parent == PACKED_NONE &&
            object->keeper != PACKED_NONE &&
            strcmp(packed_component(&builder.spec, i), name) == 0) {
            return i;
        }
    }
    return PACKED_NONE;
}

uint32_t component_of_badge(uint64_t badge)
{
    uint32_t own = root_of(builder.supervised);

    for (uint32_t i = 0; i < builder.spec.tcb_count; i++) {
        const struct packed_handler *fault = &builder.spec.tcbs[i].fault;

        if (fault->endpoint != PACKED_NONE && fault->badge == badge &&
            root_of(fault->endpoint) == own) {
            return root_of(builder.spec.tcbs[i].object);
        }
    }
    return PACKED_NONE;
}

/* ---- Away and back ---------------------------------------------------------------------------------------- */

void component_destroy(uint32_t untyped)
{
    builder.component = untyped;
    callers_note();
    check(seL4_CNode_Revoke(SUPERVISED, supervised_slot(untyped), SUPERVISED_DEPTH), "take away",
          untyped);
    builder.component = PACKED_NONE;
}

void component_rebuild(uint32_t untyped)
{
    builder.component = untyped;
    visit_others(borrow);
    create_objects();
    devices_setup();
    fill_frames();
    payload_close();
    map_spaces();
    threads_setup();
    threads_rebind();
    spaces_fill();
    spaces_move();
    peers_signal();
    spaces_keep();
    threads_start();
    spaces_keep_threads();
    visit_others(give_back);
    callers_resume();
    builder.component = PACKED_NONE;
}

static bool page_is_zero(seL4_CPtr slot)
{
    uint64_t window = window_of(seL4_PageBits, WINDOW_FILL);
    const volatile uint64_t *word = (const volatile uint64_t *)window;
    bool is_zero = true;

    check(seL4_ARM_Page_Map(slot_cptr(slot), builder.vspace, window, seL4_CanRead,
                            seL4_ARM_Default_VMAttributes | seL4_ARM_ExecuteNever),
          "look into memory", PACKED_NONE);
    for (unsigned i = 0; i < PACKED_PAGE_BYTES / sizeof *word; i++) {
        is_zero = is_zero && word[i] == 0;
    }
    check(seL4_ARM_Page_Unmap(slot_cptr(slot)), "look into memory", PACKED_NONE);
    return is_zero;
}

bool component_is_zero(uint32_t untyped)
{
    uint64_t pages = 1ul << (builder.spec.objects[untyped].size_bits - seL4_PageBits);
    bool is_zero = pages <= FRAMES_MAX;

    if (is_zero) {
        check(seL4_Untyped_Retype(untyped_cptr(untyped), seL4_ARM_SmallPageObject, 0, builder.root,
                                  0, 0, builder.slot_free, pages),
              "look into memory", PACKED_NONE);
        for (uint64_t i = 0; i < pages; i++) {
            is_zero = page_is_zero(builder.slot_free + i) && is_zero;
        }
    }
    check(seL4_CNode_Revoke(SUPERVISED, supervised_slot(untyped), SUPERVISED_DEPTH), "take away",
          untyped);
    return is_zero;
}
