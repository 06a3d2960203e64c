/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: virtual CPUs (abi/03 §10, abi/06)
 *
 * Registers are in the object or in the hardware; which of the two is right is visible when an
 * association is dissolved, and in what a monitor reads.
 */
#include "vcpu.h"

#include <string.h>

#define SCTLR_RESET   0x34D58820ul
#define VGIC_ENABLE   1ul
#define LR_EOI        (1ul << 19)
#define LR_STATE      (3ul << 28)
#define LR_PENDING    (1ul << 28)
#define LR_ACTIVE     (2ul << 28)
#define VIRQ_MAX      1023
#define PRIORITY_HIGH 31
#define NO_INDEX      ~0ul

/* Group B of abi/06 §2: stays in hardware until another VCPU needs the place. */
bool spec_vcpu_field_is_lazy(word_t field)
{
    return field >= VCPU_REG_TTBR0_EL1 && field <= VCPU_REG_SPSR_EL1;
}

struct spec_vcpu *spec_vcpu_by_id(word_t id)
{
    for (size_t i = 0; id != 0 && i < SPEC_VCPUS; i++) {
        if (spec.vcpus[i].id == id) {
            return &spec.vcpus[i];
        }
    }
    return NULL;
}

struct spec_vcpu *spec_vcpu_new(word_t id)
{
    for (size_t i = 0; i < SPEC_VCPUS; i++) {
        struct spec_vcpu *vcpu = &spec.vcpus[i];

        if (vcpu->id == 0) {
            memset(vcpu, 0, sizeof(*vcpu));
            vcpu->id = id;
            vcpu->saved.fields[VCPU_REG_SCTLR_EL1] = SCTLR_RESET;
            vcpu->saved.hcr = VGIC_ENABLE;
            return vcpu;
        }
    }
    spec_give_up("too many VCPUs");
}

struct spec_vcpu *spec_vcpu_of(const struct spec_thread *thread)
{
    for (size_t i = 0; i < SPEC_VCPUS; i++) {
        if (spec.vcpus[i].id != 0 && spec.vcpus[i].thread == thread->id) {
            return &spec.vcpus[i];
        }
    }
    return NULL;
}

/* ---- Hardware -------------------------------------------------------------------------------- */

static void copy_group(struct spec_vcpu_registers *to, const struct spec_vcpu_registers *from,
                       bool lazy)
{
    for (word_t i = 0; i < VCPU_REG_COUNT; i++) {
        if (spec_vcpu_field_is_lazy(i) == lazy) {
            to->fields[i] = from->fields[i];
        }
    }
    if (lazy) {
        memcpy(to->list, from->list, sizeof(to->list));
    } else {
        to->hcr = from->hcr;
    }
}

static void go_native(void)
{
    spec.irqs[SPEC_IRQ_VTIMER].enabled = false;
    spec.vcpu_active = false;
}

static void disable(void)
{
    if (spec.vcpu_active) {
        copy_group(&spec_vcpu_by_id(spec.vcpu)->saved, &spec.hardware, false);
        go_native();
    }
}

static void enable(struct spec_vcpu *vcpu)
{
    copy_group(&spec.hardware, &vcpu->saved, false);
    spec.irqs[SPEC_IRQ_VTIMER].enabled = !vcpu->timer_masked;
    spec.vcpu_active = true;
}

void spec_vcpu_switch(void)
{
    const struct spec_thread *thread = spec_current_thread();
    struct spec_vcpu *vcpu = thread == NULL ? NULL : spec_vcpu_of(thread);

    if (vcpu == NULL) {
        disable();
        return;
    }
    if (spec.vcpu != vcpu->id) {
        disable();
        if (spec.vcpu != 0) {
            copy_group(&spec_vcpu_by_id(spec.vcpu)->saved, &spec.hardware, true);
        }
        copy_group(&spec.hardware, &vcpu->saved, true);
        spec.vcpu = vcpu->id;
    }
    if (!spec.vcpu_active) {
        enable(vcpu);
    }
}

void spec_vcpu_dissociate(struct spec_vcpu *vcpu)
{
    struct spec_thread *thread = spec_thread_by_id(vcpu->thread);

    if (thread == NULL) {
        return;
    }
    if (spec.vcpu == vcpu->id) {
        if (spec.vcpu_active) {
            go_native();
        }
        spec.vcpu = 0;
    }
    vcpu->thread = 0;
    thread->regs[CONTEXT_SPSR] = spec_sanitised_spsr(thread, thread->regs[CONTEXT_SPSR]);
}

void spec_vcpu_end(struct spec_vcpu *vcpu)
{
    spec_vcpu_dissociate(vcpu);
    if (spec.vcpu == vcpu->id) {
        spec.vcpu = 0;
    }
    vcpu->id = 0;
}

/* ---- Interrupts ------------------------------------------------------------------------------ */

static bool guest_runs(void)
{
    const struct spec_thread *thread = spec_current_thread();

    return spec.vcpu_active && thread != NULL && thread->state == SPEC_RUNNING &&
           spec_thread_is_schedulable(thread);
}

static void fault(enum fault type, word_t word)
{
    spec_ipc_fault(spec_current_thread(), (struct spec_fault){ .type = type, .words = { word } });
}

void spec_vcpu_maintenance(word_t index)
{
    if (!guest_runs()) {
        return;
    }
    if (index < SPEC_LISTS) {
        spec.hardware.list[index] &= ~LR_EOI;
        spec_vcpu_by_id(spec.vcpu)->saved.list[index] = spec.hardware.list[index];
    } else {
        index = NO_INDEX;
    }
    fault(FAULT_VGIC_MAINTENANCE, index);
}

void spec_vcpu_timer(void)
{
    if (guest_runs()) {
        spec.irqs[SPEC_IRQ_VTIMER].enabled = false;
        spec_vcpu_by_id(spec.vcpu)->timer_masked = true;
        fault(FAULT_VPPI, SPEC_IRQ_VTIMER);
    }
}

/* ---- Invocations ----------------------------------------------------------------------------- */

static struct answer set_tcb(const struct call *call, struct spec_vcpu *vcpu)
{
    struct spec_cap cap = spec_call_extra(call, 0);

    if (call->extra_count < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (cap.type != CAP_TCB) {
        return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
    struct spec_thread *thread = spec_thread_by_id(cap.object);
    struct spec_vcpu *before = spec_vcpu_of(thread);

    if (before != NULL) {
        spec_vcpu_dissociate(before);
    }
    spec_vcpu_dissociate(vcpu);
    vcpu->thread = thread->id;
    spec_vcpu_switch();
    return spec_answer_done();
}

static struct answer inject(const struct call *call, struct spec_vcpu *vcpu)
{
    word_t word = spec_call_word(call, 0);
    word_t virq = word & 0xffff, priority = (word >> 16) & 0xff, group = (word >> 24) & 0xff;
    word_t index = (word >> 32) & 0xff;

    if (call->length < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (virq > VIRQ_MAX) {
        return spec_answer_range(0, VIRQ_MAX);
    }
    if (priority > PRIORITY_HIGH) {
        return spec_answer_range(0, PRIORITY_HIGH);
    }
    if (group > 1) {
        return spec_answer_range(0, 1);
    }
    if (index >= SPEC_LISTS) {
        return spec_answer_range(0, SPEC_LISTS - 1);
    }
    if ((vcpu->saved.list[index] & LR_STATE) == LR_ACTIVE) {
        return spec_answer_error(ERR_DELETE_FIRST);
    }
    struct spec_vcpu_registers *where = spec.vcpu == vcpu->id ? &spec.hardware : &vcpu->saved;

    where->list[index] = virq | LR_EOI | priority << 23 | LR_PENDING | group << 30;
    return spec_answer_done();
}

/* Where the right value of a field is. */
static word_t *field_of(struct spec_vcpu *vcpu, word_t field)
{
    bool in_hardware =
        spec.vcpu == vcpu->id && (spec_vcpu_field_is_lazy(field) || spec.vcpu_active);

    return in_hardware ? &spec.hardware.fields[field] : &vcpu->saved.fields[field];
}

static word_t narrow(word_t field, word_t value)
{
    bool is_short = field == VCPU_REG_CONTEXTIDR_EL1 || field == VCPU_REG_AFSR0_EL1 ||
                    field == VCPU_REG_AFSR1_EL1 || field == VCPU_REG_ESR_EL1;

    return is_short ? value & 0xffffffff : value;
}

static struct answer registers(const struct call *call, struct spec_vcpu *vcpu, bool write)
{
    word_t field = spec_call_word(call, 0);

    if (call->length < (write ? 2u : 1u)) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (field >= VCPU_REG_COUNT) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 1);
    }
    word_t *value = field_of(vcpu, field);

    if (!write) {
        return spec_answer_word(narrow(field, *value));
    }
    *value = narrow(field, spec_call_word(call, 1));
    return spec_answer_done();
}

static struct answer ack_timer(const struct call *call, struct spec_vcpu *vcpu)
{
    word_t irq = spec_call_word(call, 0);

    if (call->length < 1) {
        return spec_answer_error(ERR_TRUNCATED_MESSAGE);
    }
    if (irq >= SPEC_IRQS) {
        return spec_answer_range(0, SPEC_IRQS - 1);
    }
    if (irq != SPEC_IRQ_VTIMER) {
        return spec_answer_number(ERR_INVALID_ARGUMENT, 0);
    }
    vcpu->timer_masked = false;
    return spec_answer_done();
}

struct answer spec_vcpu_invoke(const struct call *call)
{
    struct spec_vcpu *vcpu = spec_vcpu_by_id(call->cap.object);

    switch (call->label) {
    case LABEL_ARM_VCPU_SET_TCB: return set_tcb(call, vcpu);
    case LABEL_ARM_VCPU_INJECT_IRQ: return inject(call, vcpu);
    case LABEL_ARM_VCPU_READ_REGS: return registers(call, vcpu, false);
    case LABEL_ARM_VCPU_WRITE_REGS: return registers(call, vcpu, true);
    case LABEL_ARM_VCPU_ACK_VPPI: return ack_timer(call, vcpu);
    default: return spec_answer_error(ERR_ILLEGAL_OPERATION);
    }
}
