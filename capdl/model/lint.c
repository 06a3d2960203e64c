/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Warnings about a spec: what is allowed but hardly meant
 */
#include "model/check.h"

#include <stdlib.h>

#include "model/order.h"

/* Sizes that the text states hold on every architecture; the rest are known for AArch64 only. */
static uint32_t known_size_bits(const struct capdl_spec *spec, uint32_t object)
{
    enum capdl_kind kind = spec->objects[object].kind;
    bool is_stated = kind == CAPDL_FRAME || kind == CAPDL_UT || kind == CAPDL_SC;
    return is_stated || spec->arch == CAPDL_AARCH64 ? capdl_object_size_bits(spec, object) : 0;
}

static void lint_cover(const struct capdl_spec *spec, uint32_t self, struct capdl_diags *diags)
{
    const struct capdl_object *object = &spec->objects[self];
    const struct capdl_object *parent = &spec->objects[object->parent];
    if (object->parent == self) {
        capdl_warning(diags, object->pos, "untyped \"%s\" covers itself",
                      capdl_object_text(spec, self));
        capdl_remedy(diags, "remove it from its own list of children");
        return;
    }
    /* A filled frame may come from the boot image and take no memory: the packer knows. */
    if ((object->present & CAPDL_HAS_FILL) == 0 && (parent->present & CAPDL_HAS_BITS) != 0 &&
        known_size_bits(spec, self) > parent->bits) {
        capdl_warning(diags, object->pos, "\"%s\" (%llu bytes) cannot fit into \"%s\" (%llu bytes)",
                      capdl_object_text(spec, self), 1ull << known_size_bits(spec, self),
                      capdl_object_text(spec, object->parent), 1ull << parent->bits);
        capdl_remedy(diags, "make the untyped at least %u bits", known_size_bits(spec, self));
    }
}

static bool frame_size_exists(uint32_t arch, uint64_t bits)
{
    switch (arch) {
    case CAPDL_ARM11:
        return bits == 12 || bits == 16 || bits == 20 || bits == 21 || bits == 24 || bits == 25;
    case CAPDL_IA32: return bits == 12 || bits == 22;
    case CAPDL_RISCV: return bits == 12 || bits == 21 || bits == 22 || bits == 30;
    default: return bits == 12 || bits == 21 || bits == 30;
    }
}

static void lint_memory(const struct capdl_spec *spec, uint32_t self, struct capdl_diags *diags)
{
    const struct capdl_object *object = &spec->objects[self];
    uint32_t bits = known_size_bits(spec, self);
    if ((object->present & CAPDL_HAS_PADDR) != 0 &&
        (object->paddr & ((UINT64_C(1) << bits) - 1)) != 0) {
        capdl_warning(
            diags, object->pos, "\"%s\": physical address 0x%llx is not aligned to 0x%llx",
            capdl_object_text(spec, self), (unsigned long long)object->paddr, 1ull << bits);
        capdl_remedy(diags, "use a multiple of the object's size");
    }
    if (object->kind == CAPDL_FRAME && !frame_size_exists(spec->arch, object->bits)) {
        capdl_warning(diags, object->pos, "\"%s\": %s has no frames of 2^%llu bytes",
                      capdl_object_text(spec, self), capdl_arch_keyword(spec->arch),
                      (unsigned long long)object->bits);
        capdl_remedy(diags, "use a size the machine can map");
    }
}

static void lint_object(const struct capdl_spec *spec, uint32_t self, struct capdl_diags *diags)
{
    const struct capdl_object *object = &spec->objects[self];
    if (object->parent != CAPDL_NONE) {
        lint_cover(spec, self, diags);
    }
    lint_memory(spec, self, diags);
    if (capdl_kind_is_irq(object->kind) && capdl_irq_of(spec, self) == CAPDL_NONE) {
        capdl_warning(diags, object->pos, "interrupt \"%s\" has no number",
                      capdl_object_text(spec, self));
        capdl_remedy(diags, "list it in irq maps { number: %s }", capdl_object_text(spec, self));
    }
    if (object->kind == CAPDL_TCB && (object->u.tcb.prio > 255 || object->u.tcb.max_prio > 255)) {
        capdl_warning(diags, object->pos, "\"%s\": priority is above 255",
                      capdl_object_text(spec, self));
        capdl_remedy(diags, "priorities are 0 to 255");
    }
}

static void lint_slot(const struct capdl_spec *spec, const struct capdl_cap *cap,
                      struct capdl_diags *diags)
{
    const struct capdl_object *container = &spec->objects[cap->container];
    uint32_t bits = 64;
    uint32_t span = 0;
    if (container->kind == CAPDL_CNODE) {
        bits = (uint32_t)container->bits;
    } else if (!capdl_table_shape(spec, cap->container, &bits, &span)) {
        return;
    }
    if (spec->arch == CAPDL_ARM11 && container->kind == CAPDL_PT) {
        bits = 8; /* 512 entries exist under the hypervisor only */
    }
    if (cap->slot >> bits != 0) {
        capdl_warning(diags, cap->pos, "slot %llu is outside \"%s\", which has %llu",
                      (unsigned long long)cap->slot, capdl_object_text(spec, cap->container),
                      1ull << bits);
        capdl_remedy(diags, container->kind == CAPDL_CNODE ? "use a smaller slot or a larger cnode"
                                                           : "use the next table");
    }
    if (span != 0 && cap->kind == CAPDL_CAP_OBJECT && spec->arch == CAPDL_AARCH64 &&
        spec->objects[cap->target].kind == CAPDL_FRAME && spec->objects[cap->target].bits != span) {
        capdl_warning(diags, cap->pos, "\"%s\" holds frames of 2^%u bytes, \"%s\" has 2^%llu",
                      capdl_object_text(spec, cap->container), span,
                      capdl_object_text(spec, cap->target),
                      (unsigned long long)spec->objects[cap->target].bits);
        capdl_remedy(diags, "4k frames go into a pt, 2M into a pd, 1024M into a pud");
    }
}

/* Caps whose rights nobody reads: what an interrupt signals, what a thread is bound to. */
static bool rights_matter(const struct capdl_spec *spec, const struct capdl_cap *cap)
{
    enum capdl_kind container = spec->objects[cap->container].kind;
    enum capdl_kind target = spec->objects[cap->target].kind;
    if (container != CAPDL_CNODE && !capdl_kind_is_table(container)) {
        return false;
    }
    return target == CAPDL_EP || target == CAPDL_NOTIFICATION ||
           (target == CAPDL_FRAME && container != CAPDL_CNODE);
}

/*
 * Which tables belong to virtual machines? A guest's memory is writable and executable to it: what
 * its pages may do is for the guest to decide. Three rounds reach the lowest level of any table.
 */
static bool *guest_tables(const struct capdl_spec *spec)
{
    bool *is_guest = capdl_alloc(spec->object_count, sizeof(*is_guest));
    for (uint32_t i = 0; i < spec->object_count; i++) {
        uint32_t vspace = capdl_cap_find(spec, i, 1);
        if (spec->objects[i].kind == CAPDL_TCB && vspace != CAPDL_NONE &&
            spec->caps[vspace].target != CAPDL_NONE && capdl_cap_find(spec, i, 9) != CAPDL_NONE) {
            is_guest[spec->caps[vspace].target] = true;
        }
    }
    for (uint32_t round = 0; round < 3; round++) {
        for (uint32_t i = 0; i < spec->cap_count; i++) {
            const struct capdl_cap *cap = &spec->caps[i];
            if (is_guest[cap->container] && cap->target != CAPDL_NONE &&
                capdl_kind_is_table(spec->objects[cap->container].kind)) {
                is_guest[cap->target] = true;
            }
        }
    }
    return is_guest;
}

static void lint_rights(const struct capdl_spec *spec, const struct capdl_cap *cap,
                        const bool *is_guest, struct capdl_diags *diags)
{
    uint8_t wx = CAPDL_RIGHT_WRITE | CAPDL_RIGHT_GRANT;
    if (cap->rights == 0 && rights_matter(spec, cap)) {
        capdl_warning(diags, cap->pos, "cap to \"%s\" has no rights at all",
                      capdl_object_text(spec, cap->target));
        capdl_remedy(diags, "state its rights: (R), (W), (RW), ...");
    }
    if (capdl_kind_is_table(spec->objects[cap->container].kind) && !is_guest[cap->container] &&
        spec->objects[cap->target].kind == CAPDL_FRAME && (cap->rights & wx) == wx) {
        capdl_warning(diags, cap->pos, "\"%s\" is mapped writable and executable",
                      capdl_object_text(spec, cap->target));
        capdl_remedy(diags, "drop W or X");
    }
}

static void lint_guard(const struct capdl_spec *spec, const struct capdl_cap *cap,
                       struct capdl_diags *diags)
{
    uint64_t radix = spec->objects[cap->target].bits;
    if (cap->guard_size > 64 || cap->guard_size + radix > 64 ||
        (cap->guard_size < 64 && cap->guard >> cap->guard_size != 0)) {
        capdl_warning(diags, cap->pos, "guard of %llu bits does not fit a cnode of %llu bits",
                      (unsigned long long)cap->guard_size, (unsigned long long)radix);
        capdl_remedy(diags, "guard_size plus the cnode's bits is at most 64, and the guard below "
                            "2^guard_size");
    }
}

static void lint_cap(const struct capdl_spec *spec, const struct capdl_cap *cap,
                     const bool *is_guest, struct capdl_diags *diags)
{
    lint_slot(spec, cap, diags);
    if (cap->kind != CAPDL_CAP_OBJECT) {
        return;
    }
    lint_rights(spec, cap, is_guest, diags);
    if (spec->objects[cap->target].kind == CAPDL_CNODE) {
        lint_guard(spec, cap, diags);
    }
}

void capdl_lint(const struct capdl_spec *spec, struct capdl_diags *diags)
{
    for (uint32_t i = 0; i < spec->object_count; i++) {
        lint_object(spec, i, diags);
    }
    bool *is_guest = guest_tables(spec);
    for (uint32_t i = 0; i < spec->cap_count; i++) {
        lint_cap(spec, &spec->caps[i], is_guest, diags);
    }
    free(is_guest);
    capdl_lint_system(spec, diags);
}
