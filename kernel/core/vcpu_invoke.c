/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Virtual CPUs: the invocations
 */
#include <abi/labels.h>
#include <core/cap.h>
#include <core/ipc_transfer.h>
#include <core/thread.h>
#include <core/vcpu.h>

static bool vcpu_is_loaded(const struct vcpu *vcpu)
{
    return this_cpu()->vcpu_current.raw == vcpu_ref_of(vcpu).raw;
}

/* Fields whose hardware registers are the guest's only while it runs. */
static bool vcpu_field_is_group_a(word_t field)
{
    return field == VCPU_REG_SCTLR_EL1 || field == VCPU_REG_CPACR_EL1 ||
           field >= VCPU_REG_CNTV_CTL_EL0;
}

static bool vcpu_field_is_in_hardware(const struct vcpu *vcpu, word_t field)
{
    return vcpu_is_loaded(vcpu) && (this_cpu()->vcpu_active || !vcpu_field_is_group_a(field));
}

/* Some registers have 32 bits. */
static word_t vcpu_field_mask(word_t field)
{
    switch (field) {
    case VCPU_REG_CONTEXTIDR_EL1:
    case VCPU_REG_AFSR0_EL1:
    case VCPU_REG_AFSR1_EL1:
    case VCPU_REG_ESR_EL1: return UINT32_MAX;
    default: return UINT64_MAX;
    }
}

static enum outcome vcpu_decode_read(struct invocation *inv, struct vcpu *vcpu)
{
    if (inv->length < 1) {
        return error_truncated();
    }
    const word_t field = invocation_arg(inv, 0);

    if (field >= VCPU_REG_COUNT) {
        return error_argument(1);
    }
    const word_t value = vcpu_field_is_in_hardware(vcpu, field) ? machine_vcpu_read(field)
                                                                : vcpu->registers.fields[field];
    const word_t result = value & vcpu_field_mask(field);

    invocation_reply_words(inv, &result, 1);
    return OUTCOME_DONE;
}

static enum outcome vcpu_decode_write(struct invocation *inv, struct vcpu *vcpu)
{
    if (inv->length < 2) {
        return error_truncated();
    }
    const word_t field = invocation_arg(inv, 0);

    if (field >= VCPU_REG_COUNT) {
        return error_argument(1);
    }
    const word_t value = invocation_arg(inv, 1) & vcpu_field_mask(field);

    if (vcpu_field_is_in_hardware(vcpu, field)) {
        machine_vcpu_write(field, value);
    } else {
        vcpu->registers.fields[field] = value;
    }
    return OUTCOME_DONE;
}

static enum outcome vcpu_decode_set_tcb(struct invocation *inv, struct vcpu *vcpu)
{
    if (inv->extra_count < 1) {
        return error_truncated();
    }
    if (cap_type(inv->extra[0]->cap) != CAP_TCB) {
        return error_illegal();
    }
    struct tcb *thread = cap_tcb_object(inv->extra[0]->cap);

    vcpu_dissociate(vcpu);
    if (thread->vcpu.raw != 0) {
        vcpu_dissociate(vcpu_at(thread->vcpu));
    }
    vcpu->tcb = tcb_ref_of(thread);
    thread->vcpu = vcpu_ref_of(vcpu);
    thread->hardware |= THREAD_HAS_VCPU;
    if (thread_is_current(thread)) {
        vcpu_switch(vcpu);
    }
    return OUTCOME_DONE;
}

static enum outcome vcpu_decode_inject(struct invocation *inv, struct vcpu *vcpu)
{
    if (inv->length < 1) {
        return error_truncated();
    }
    const word_t argument = invocation_arg(inv, 0);
    const word_t virq = argument & 0xffff;
    const word_t priority = (argument >> 16) & 0xff;
    const word_t group = (argument >> 24) & 0xff;
    const word_t index = (argument >> 32) & 0xff;
    const word_t count = machine_vgic_list_count();

    if (virq > VIRQ_MAX) {
        return error_range(0, VIRQ_MAX);
    }
    if (priority > VIRQ_PRIORITY_MAX) {
        return error_range(0, VIRQ_PRIORITY_MAX);
    }
    if (group > VIRQ_GROUP_MAX) {
        return error_range(0, VIRQ_GROUP_MAX);
    }
    if (index >= count || index >= VGIC_LIST_MAX) {
        return error_range(0, count - 1);
    }
    if (machine_vgic_list_is_active(vcpu->registers.vgic_list[index])) {
        return error_delete_first();
    }
    const word_t value = machine_vgic_list_make(virq, priority, group);

    if (vcpu_is_loaded(vcpu)) {
        machine_vgic_list_write(index, value);
    } else {
        vcpu->registers.vgic_list[index] = value;
    }
    return OUTCOME_DONE;
}

static enum outcome vcpu_decode_ack(struct invocation *inv, struct vcpu *vcpu)
{
    if (inv->length < 1) {
        return error_truncated();
    }
    const word_t irq = invocation_arg(inv, 0);

    if (irq > kernel.config.max_irq) {
        return error_range(0, kernel.config.max_irq);
    }
    if (irq != kernel.config.vtimer_irq) {
        return error_argument(0);
    }
    vcpu->vppi_masked = false;
    return OUTCOME_DONE;
}

enum outcome vcpu_decode(struct invocation *inv)
{
    struct vcpu *vcpu = cap_vcpu_object(inv->cap);

    switch (inv->label) {
    case LABEL_ARM_VCPU_SET_TCB: return vcpu_decode_set_tcb(inv, vcpu);
    case LABEL_ARM_VCPU_INJECT_IRQ: return vcpu_decode_inject(inv, vcpu);
    case LABEL_ARM_VCPU_READ_REGS: return vcpu_decode_read(inv, vcpu);
    case LABEL_ARM_VCPU_WRITE_REGS: return vcpu_decode_write(inv, vcpu);
    case LABEL_ARM_VCPU_ACK_VPPI: return vcpu_decode_ack(inv, vcpu);
    default: return error_illegal();
    }
}
