/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Microkit components: the interface
 *
 * A component is init, then an endless loop that turns kernel messages into calls of the four
 * functions below. Its authority is a fixed table of capability slots, one band per kind;
 * channel, child and vCPU ids index the bands, so that no capability pointer is ever passed.
 *
 * Invariant: the patched masks say which ids of a band are there; a wrong id is reported on
 * the debug console and otherwise ignored, never sent to the kernel.
 * Source compatible with Microkit 2.x on AArch64.
 */
#pragma once

#include <sel4/sel4.h>

typedef unsigned int microkit_channel;
typedef unsigned int microkit_child;
typedef unsigned int microkit_ioport;
typedef seL4_MessageInfo_t microkit_msginfo;

#define MONITOR_EP                   5
#define TCB_CAP                      6
#define ARM_SMC_CAP                  7
#define BASE_OUTPUT_NOTIFICATION_CAP 10
#define BASE_ENDPOINT_CAP            74
#define BASE_IRQ_CAP                 138
#define BASE_TCB_CAP                 202
#define BASE_VM_TCB_CAP              266
#define BASE_VCPU_CAP                330
#define BASE_IOPORT_CAP              394
#define BASE_USER_CAPS               458

#define MICROKIT_MAX_CHANNELS   62
#define MICROKIT_MAX_CHANNEL_ID (MICROKIT_MAX_CHANNELS - 1)
#define MICROKIT_MAX_IOPORT_ID  62
#define MICROKIT_MAX_USER_CAPS  128
#define MICROKIT_PD_NAME_LENGTH 64
#define PD_ROOT_CAP_BITS        6
#define PD_ROOT_CAP_SIZE        (1 << PD_ROOT_CAP_BITS)

/*
 * Beyond Microkit: ids from MICROKIT_MAX_CHANNELS on are for channels over which nobody notifies,
 * and for children. What they stand for is in a CNode of its own, two slots for each id.
 */
#define MICROKIT_WIDE_IDS      512
#define MICROKIT_WIDE_CAPS     ((seL4_CPtr)63 << (64 - PD_ROOT_CAP_BITS))
#define MICROKIT_WIDE_ENDPOINT 0
#define MICROKIT_WIDE_TCB      1

/* Provided by the component. */
void init(void);
void notified(microkit_channel ch);
microkit_msginfo protected(microkit_channel ch, microkit_msginfo msginfo);
seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo);

/* Patched into the image when the system is composed. */
extern char microkit_name[MICROKIT_PD_NAME_LENGTH];
extern seL4_Bool microkit_passive;
extern seL4_Word microkit_irqs;
extern seL4_Word microkit_notifications;
extern seL4_Word microkit_pps;
extern seL4_Word microkit_ioports;
extern seL4_Word microkit_wide_pps[MICROKIT_WIDE_IDS / 64];

/* The one action that waits to be combined with the next receive. */
extern seL4_Bool microkit_have_signal;
extern seL4_CPtr microkit_signal_cap;
extern seL4_MessageInfo_t microkit_signal_msg;

/* Debug console: nothing is printed by a release build. Numbers are printed in decimal. */
void microkit_dbg_putc(int c);
void microkit_dbg_puts(const char *s);
void microkit_dbg_put8(seL4_Uint8 x);
void microkit_dbg_put32(seL4_Uint32 x);

/* Report a call of `function` with an id that this component does not have. */
void microkit_internal_bad_id(const char *function, seL4_Word id);
/* Report a refused invocation and stop by a fault at the address `error`. */
void microkit_internal_crash(const char *function, seL4_Word error);

static inline seL4_Bool microkit_internal_check(seL4_Word mask, seL4_Word id, const char *function)
{
    if (id <= MICROKIT_MAX_CHANNEL_ID && (mask & (1ull << id)) != 0) {
        return seL4_True;
    }
    microkit_internal_bad_id(function, id);
    return seL4_False;
}

static inline void microkit_notify(microkit_channel ch)
{
    if (microkit_internal_check(microkit_notifications, ch, "microkit_notify")) {
        seL4_Signal(BASE_OUTPUT_NOTIFICATION_CAP + ch);
    }
}

static inline void microkit_irq_ack(microkit_channel ch)
{
    if (microkit_internal_check(microkit_irqs, ch, "microkit_irq_ack")) {
        (void)seL4_IRQHandler_Ack(BASE_IRQ_CAP + ch);
    }
}

/* Let an action wait for the next receive; one that waits already is carried out now. */
static inline void microkit_internal_defer(seL4_CPtr cap, seL4_Word label)
{
    if (microkit_have_signal) {
        seL4_Send(microkit_signal_cap, microkit_signal_msg);
    }
    microkit_have_signal = seL4_True;
    microkit_signal_msg = seL4_MessageInfo_new(label, 0, 0, 0);
    microkit_signal_cap = cap;
}

static inline void microkit_deferred_notify(microkit_channel ch)
{
    if (microkit_internal_check(microkit_notifications, ch, "microkit_deferred_notify")) {
        microkit_internal_defer(BASE_OUTPUT_NOTIFICATION_CAP + ch, 0);
    }
}

static inline void microkit_deferred_irq_ack(microkit_channel ch)
{
    if (microkit_internal_check(microkit_irqs, ch, "microkit_deferred_irq_ack")) {
        microkit_internal_defer(BASE_IRQ_CAP + ch, IRQAckIRQ);
    }
}

/* The slot of an id: in its band, or in the CNode for large ids. */
static inline seL4_CPtr microkit_internal_slot(seL4_CPtr band, seL4_Word id, seL4_CPtr wide_kind)
{
    return id < MICROKIT_MAX_CHANNELS ? band + id : MICROKIT_WIDE_CAPS + 2 * id + wide_kind;
}

static inline seL4_Bool microkit_internal_may_call(microkit_channel ch)
{
    if (ch >= MICROKIT_MAX_CHANNELS && ch < MICROKIT_WIDE_IDS &&
        (microkit_wide_pps[ch / 64] & (1ull << ch % 64)) != 0) {
        return seL4_True;
    }
    return microkit_internal_check(microkit_pps, ch, "microkit_ppcall");
}

static inline microkit_msginfo microkit_ppcall(microkit_channel ch, microkit_msginfo msginfo)
{
    if (!microkit_internal_may_call(ch)) {
        return seL4_MessageInfo_new(0, 0, 0, 0);
    }
    return seL4_Call(microkit_internal_slot(BASE_ENDPOINT_CAP, ch, MICROKIT_WIDE_ENDPOINT),
                     msginfo);
}

static inline microkit_msginfo microkit_msginfo_new(seL4_Word label, seL4_Uint16 count)
{
    return seL4_MessageInfo_new(label, 0, 0, count);
}

static inline seL4_Word microkit_msginfo_get_label(microkit_msginfo msginfo)
{
    return seL4_MessageInfo_get_label(msginfo);
}

static inline seL4_Word microkit_msginfo_get_count(microkit_msginfo msginfo)
{
    return seL4_MessageInfo_get_length(msginfo);
}

static inline void microkit_mr_set(seL4_Uint8 mr, seL4_Word value)
{
    seL4_SetMR(mr, value);
}

static inline seL4_Word microkit_mr_get(seL4_Uint8 mr)
{
    return seL4_GetMR(mr);
}

/* Start the thread behind `tcb` at `pc`; all its other registers stay. */
static inline void microkit_internal_restart(seL4_CPtr tcb, seL4_Word pc, const char *function)
{
    /* TCB_WriteRegisters with one register. No seL4_UserContext: clearing one asks for a memset. */
    seL4_Word words[4] = { seL4_True, 1, pc, 0 };
    seL4_Error error = sel4_invoke(tcb, seL4_MessageInfo_new(TCBWriteRegisters, 0, 0, 3), words);
    if (error != seL4_NoError) {
        microkit_internal_crash(function, (seL4_Word)error);
    }
}

/* Stop the thread behind `tcb` wherever it is. */
static inline void microkit_internal_stop(seL4_CPtr tcb, const char *function)
{
    seL4_Error error = seL4_TCB_Suspend(tcb);
    if (error != seL4_NoError) {
        microkit_internal_crash(function, (seL4_Word)error);
    }
}

static inline void microkit_pd_restart(microkit_child pd, seL4_Word entry_point)
{
    microkit_internal_restart(microkit_internal_slot(BASE_TCB_CAP, pd, MICROKIT_WIDE_TCB),
                              entry_point, "microkit_pd_restart");
}

static inline void microkit_pd_stop(microkit_child pd)
{
    microkit_internal_stop(microkit_internal_slot(BASE_TCB_CAP, pd, MICROKIT_WIDE_TCB),
                           "microkit_pd_stop");
}

static inline void microkit_pd_resume(microkit_child pd)
{
    seL4_Error error = seL4_TCB_Resume(microkit_internal_slot(BASE_TCB_CAP, pd, MICROKIT_WIDE_TCB));
    if (error != seL4_NoError) {
        microkit_internal_crash("microkit_pd_resume", (seL4_Word)error);
    }
}

static inline void microkit_vcpu_restart(microkit_child vcpu, seL4_Word entry_point)
{
    microkit_internal_restart(BASE_VM_TCB_CAP + vcpu, entry_point, "microkit_vcpu_restart");
}

static inline void microkit_vcpu_stop(microkit_child vcpu)
{
    microkit_internal_stop(BASE_VM_TCB_CAP + vcpu, "microkit_vcpu_stop");
}

static inline void microkit_vcpu_arm_inject_irq(microkit_child vcpu, seL4_Uint16 irq,
                                                seL4_Uint8 priority, seL4_Uint8 group,
                                                seL4_Uint8 index)
{
    seL4_Error error = seL4_ARM_VCPU_InjectIRQ(BASE_VCPU_CAP + vcpu, irq, priority, group, index);
    if (error != seL4_NoError) {
        microkit_internal_crash("microkit_vcpu_arm_inject_irq", (seL4_Word)error);
    }
}

static inline void microkit_vcpu_arm_ack_vppi(microkit_child vcpu, seL4_Word irq)
{
    seL4_Error error = seL4_ARM_VCPU_AckVPPI(BASE_VCPU_CAP + vcpu, irq);
    if (error != seL4_NoError) {
        microkit_internal_crash("microkit_vcpu_arm_ack_vppi", (seL4_Word)error);
    }
}

static inline seL4_Word microkit_vcpu_arm_read_reg(microkit_child vcpu, seL4_Word reg)
{
    seL4_ARM_VCPU_ReadRegs_t result = seL4_ARM_VCPU_ReadRegs(BASE_VCPU_CAP + vcpu, reg);
    if (result.error != 0) {
        microkit_internal_crash("microkit_vcpu_arm_read_reg", (seL4_Word)result.error);
    }
    return result.value;
}

static inline void microkit_vcpu_arm_write_reg(microkit_child vcpu, seL4_Word reg, seL4_Word value)
{
    seL4_Error error = seL4_ARM_VCPU_WriteRegs(BASE_VCPU_CAP + vcpu, reg, value);
    if (error != seL4_NoError) {
        microkit_internal_crash("microkit_vcpu_arm_write_reg", (seL4_Word)error);
    }
}

static inline void microkit_arm_smc_call(seL4_ARM_SMCContext *args, seL4_ARM_SMCContext *response)
{
    seL4_Error error = seL4_ARM_SMC_Call(ARM_SMC_CAP, args, response);
    if (error != seL4_NoError) {
        microkit_internal_crash("microkit_arm_smc_call", (seL4_Word)error);
    }
}

/* Turn a slot of the description's `cspace` element into a capability pointer. */
static inline seL4_CPtr microkit_cspace_root_slot_to_cptr(seL4_Word slot)
{
    return slot >= 1 && slot < PD_ROOT_CAP_SIZE ? slot << (64 - PD_ROOT_CAP_BITS) : seL4_CapNull;
}
