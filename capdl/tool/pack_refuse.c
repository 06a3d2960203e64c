/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Packing, step 1: refuse what this kernel has no counterpart for
 *
 * Also fills in what later steps ask about each object: its outermost untyped, whether somebody may
 * write it, on which core its scheduling context runs.
 */
#include "pack.h"

#include "model/order.h"

static void refuse_object(struct packer *packer, uint32_t self)
{
    const struct capdl_object *object = &packer->spec->objects[self];
    const char *name = capdl_object_text(packer->spec, self);
    switch (object->kind) {
    case CAPDL_PGD:
        capdl_error(packer->diags, object->pos, "\"%s\": address spaces have three levels here",
                    name);
        capdl_remedy(packer->diags, "use the pud (1024 entries of 1 GiB) as root");
        break;
    case CAPDL_ARM_IO_DEVICE:
    case CAPDL_STREAMID:
    case CAPDL_CONTEXTBANK:
        capdl_error(packer->diags, object->pos, "\"%s\": this kernel does not manage an SMMU",
                    name);
        capdl_remedy(packer->diags, "remove the object");
        break;
    case CAPDL_UT:
        if ((object->present & CAPDL_HAS_BITS) == 0) {
            capdl_error(packer->diags, object->pos, "untyped \"%s\" has no size", name);
            capdl_remedy(packer->diags, "declare it: %s = ut (N bits)", name);
        }
        break;
    case CAPDL_ASID_POOL:
        if ((object->present & CAPDL_HAS_ASID_HIGH) == 0 || object->u.device.number[0] > 127) {
            capdl_error(packer->diags, object->pos, "\"%s\" has no number between 0 and 127", name);
            capdl_remedy(packer->diags,
                         "write asid_pool (asid_high: N); 0 is the initialiser's own pool");
        }
        break;
    case CAPDL_TCB:
        if (object->u.tcb.prio > 255 || object->u.tcb.max_prio > 255) {
            capdl_error(packer->diags, object->pos, "\"%s\": priority above 255", name);
            capdl_remedy(packer->diags, "priorities are 0 to 255");
        }
        if (object->u.tcb.init_count > PACKED_ARGUMENTS_MAX) {
            capdl_error(packer->diags, object->pos, "\"%s\" has %u arguments, %u at most", name,
                        object->u.tcb.init_count, PACKED_ARGUMENTS_MAX);
            capdl_remedy(packer->diags, "pass more through memory");
        }
        break;
    default: break;
    }
}

static void refuse_cap(struct packer *packer, const struct capdl_cap *cap)
{
    if (cap->kind == CAPDL_CAP_REPLY || cap->kind == CAPDL_CAP_MASTER_REPLY) {
        capdl_error(packer->diags, cap->pos, "there are no reply caps to threads in this kernel");
        capdl_remedy(packer->diags, "use an object of type rtreply");
    }
}

/* Follow parents outwards. Covers may form a cycle: then this ends after as many steps as objects. */
static uint32_t root_of(struct packer *packer, uint32_t object)
{
    uint32_t at = packer->spec->objects[object].parent;
    uint32_t root = CAPDL_NONE;
    for (uint32_t steps = 0; at != CAPDL_NONE; steps++) {
        if (steps > packer->spec->object_count) {
            return CAPDL_NONE;
        }
        root = at;
        if (packer->objects[at].root != CAPDL_NONE) {
            return packer->objects[at].root;
        }
        at = packer->spec->objects[at].parent;
    }
    return root;
}

static void learn_cap(struct packer *packer, const struct capdl_cap *cap)
{
    if (cap->kind != CAPDL_CAP_OBJECT) {
        return;
    }
    struct pack_object *target = &packer->objects[cap->target];
    const struct capdl_object *container = &packer->spec->objects[cap->container];
    if ((cap->rights & CAPDL_RIGHT_WRITE) != 0) {
        target->is_written = true;
    }
    if (container->kind == CAPDL_TCB && packer->spec->objects[cap->target].kind == CAPDL_SC) {
        target->affinity = (uint32_t)container->u.tcb.affinity;
    }
    if (container->kind == CAPDL_TCB && packer->spec->objects[cap->target].kind == CAPDL_FRAME) {
        target->is_written = true; /* IPC buffer: the kernel writes it */
    }
}

void pack_refuse(struct packer *packer)
{
    const struct capdl_spec *spec = packer->spec;
    if (spec->arch != CAPDL_AARCH64) {
        capdl_error(packer->diags, (struct capdl_pos){ 1, 1 }, "only aarch64 specs can be packed");
        capdl_remedy(packer->diags, "write the spec for \"arch aarch64\"");
        return;
    }
    for (uint32_t i = 0; i < spec->object_count; i++) {
        refuse_object(packer, i);
        packer->objects[i].root = root_of(packer, i);
    }
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        refuse_cap(packer, &spec->caps[i]);
        learn_cap(packer, &spec->caps[i]);
    }
}
