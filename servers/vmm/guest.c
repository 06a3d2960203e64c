/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the guest asks for
 *
 * Device accesses, trapped instructions and firmware calls. Sources: syndrome layouts, DDI 0487
 * D17.2.37; PSCI, DEN 0022D; SMC calling convention, DEN 0028.
 */
#include <console/console.h>
#include <proto/timer.h>
#include <vmm/vmm.h>

#define UART_DATA  0x00u
#define UART_FLAGS 0x18u

#define HOLDS_A_SECOND 500u /* an unfinished line waits for 2 ms at most */

/* ---- Output: from the devices into the console, as fast as that takes it ---------------------- */

/* Move on what waits. Returns true when nothing waits any more. */
static bool output_drain(struct vmm *vmm)
{
    struct vmm_output *output = &vmm->output;

    if (!output->is_blocked && output->start < output->end) {
        output->start += (unsigned)console_write_some((const char *)output->bytes + output->start,
                                                      output->end - output->start);
        output->is_blocked = output->start < output->end;
    }
    return output->start == output->end;
}

/* Have the timer driver wake us, should the guest compute on without any exit. */
static void output_hold(struct vmm *vmm)
{
    uint64_t deadline;

    vmm->output.is_held = true;
    (void)microkit_ppcall(VMM_CHANNEL_TIMER, microkit_msginfo_new(TIMER_GET_TIME, 0));
    deadline = microkit_mr_get(0) + microkit_mr_get(1) / HOLDS_A_SECOND;
    microkit_mr_set(0, deadline);
    (void)microkit_ppcall(VMM_CHANNEL_TIMER, microkit_msginfo_new(TIMER_SET_DEADLINE, 1));
}

void guest_output_release(struct vmm *vmm)
{
    if (vmm->output.is_held) {
        vmm->output.is_held = false;
        vmm->is_settled = false;
    }
}

static void uart_write(struct vmm *vmm, uint32_t offset, uint64_t value)
{
    struct vmm_output *output = &vmm->output;
    int byte = pl011_write(&vmm->uart, offset, (uint32_t)value);

    if (byte < 0) {
        return;
    }
    vmm->input_to_virtio = false;
    if (output->start == output->end) {
        output->start = output->end = 0;
    }
    output->bytes[output->end++] = (uint8_t)byte;
    output->polls = 0;
    if (byte == '\n' || output->end == sizeof output->bytes) {
        output->is_held = false;
        pl011_set_transmit_full(&vmm->uart, !output_drain(vmm));
    } else if (!output->is_held) {
        output_hold(vmm);
    }
}

/* A guest that prints reads the flags once for each byte; one that waits reads them on and on. */
static uint32_t uart_read(struct vmm *vmm, uint32_t offset)
{
    if (offset != UART_FLAGS || vmm->output.polls++ != 0) {
        guest_output_release(vmm);
    }
    if (offset == UART_DATA) { /* gives up a byte */
        vmm->is_settled = false;
    }
    return pl011_read(&vmm->uart, offset);
}

static void virtio_transmit(struct vmm *vmm)
{
    /* At most one pass over the ring, so that a guest cannot keep the monitor here. */
    for (unsigned i = 0; i < VIRTIO_QUEUE_MAX && output_drain(vmm); i++) {
        int count =
            virtio_console_transmit(&vmm->virtio, vmm->output.bytes, sizeof vmm->output.bytes);

        if (count < 0) {
            vmm->has_transmit = false;
            break;
        }
        vmm->input_to_virtio = true;
        vmm->output.start = 0;
        vmm->output.end = (unsigned)count;
    }
    pl011_set_transmit_full(&vmm->uart, !output_drain(vmm));
}

bool guest_has_output(const struct vmm *vmm)
{
    return (vmm->has_transmit || vmm->output.start < vmm->output.end) && !vmm->output.is_blocked;
}

void guest_console_finish(struct vmm *vmm)
{
    console_write((const char *)vmm->output.bytes + vmm->output.start,
                  vmm->output.end - vmm->output.start);
    vmm->output.start = vmm->output.end = 0;
}

/* ---- Devices ------------------------------------------------------------------------------ */

static bool device_read(struct vmm *vmm, uint64_t address, unsigned size, uint64_t *value)
{
    if (address - GUEST_GICD_BASE < GUEST_GICD_BYTES) {
        *value = vgic_distributor_read(&vmm->vgic, (uint32_t)(address - GUEST_GICD_BASE), size);
    } else if (vmm->vgic.version == 3 && address - GUEST_GICR_BASE < GUEST_GICR_BYTES) {
        *value = vgic_redistributor_read(&vmm->vgic, (uint32_t)(address - GUEST_GICR_BASE), size);
    } else if (address - GUEST_UART_BASE < GUEST_PAGE) {
        *value = uart_read(vmm, (uint32_t)(address - GUEST_UART_BASE));
    } else if (address - GUEST_VIRTIO_BASE < GUEST_PAGE) {
        *value = virtio_console_read(&vmm->virtio, (uint32_t)(address - GUEST_VIRTIO_BASE));
    } else {
        return false;
    }
    return true;
}

static bool device_write(struct vmm *vmm, uint64_t address, unsigned size, uint64_t value)
{
    vmm->is_settled = false;
    if (address - GUEST_GICD_BASE < GUEST_GICD_BYTES) {
        vgic_distributor_write(&vmm->vgic, (uint32_t)(address - GUEST_GICD_BASE), size, value);
    } else if (vmm->vgic.version == 3 && address - GUEST_GICR_BASE < GUEST_GICR_BYTES) {
        vgic_redistributor_write(&vmm->vgic, (uint32_t)(address - GUEST_GICR_BASE), size, value);
    } else if (address - GUEST_UART_BASE < GUEST_PAGE) {
        uart_write(vmm, (uint32_t)(address - GUEST_UART_BASE), value);
    } else if (address - GUEST_VIRTIO_BASE < GUEST_PAGE) {
        if (virtio_console_write(&vmm->virtio, (uint32_t)(address - GUEST_VIRTIO_BASE),
                                 (uint32_t)value)) {
            vmm->has_transmit = true;
            virtio_transmit(vmm);
        }
    } else {
        return false;
    }
    return true;
}

/* Truncate to the access size and extend as the load instruction wants. */
static uint64_t load_result(uint64_t value, unsigned size, bool is_signed, bool is_64bit)
{
    unsigned unused = 64 - 8 * size;

    value = value << unused >> unused;
    if (is_signed) {
        value = (uint64_t)((int64_t)(value << unused) >> unused);
        if (!is_64bit) {
            value &= 0xffffffffu;
        }
    }
    return value;
}

static bool access_write(struct vmm *vmm, uint64_t address, unsigned size, unsigned number)
{
    uint64_t value = load_result(vcpu_register(number), size, false, true);

    if (!device_write(vmm, address, size, value)) {
        return false;
    }
    vcpu_skip();
    return true;
}

static bool access_read(struct vmm *vmm, uint64_t address, unsigned size, uint64_t syndrome)
{
    unsigned number = (unsigned)(syndrome >> 16 & 31);
    bool is_signed = (syndrome >> 21 & 1) != 0;
    bool is_64bit = (syndrome >> 15 & 1) != 0;
    uint64_t value = 0;

    if (!vcpu_can_complete(number) || !device_read(vmm, address, size, &value)) {
        return false;
    }
    vcpu_complete(number, load_result(value, size, is_signed, is_64bit));
    return true;
}

void guest_access(struct vmm *vmm, uint64_t address, bool is_fetch, uint64_t syndrome)
{
    bool is_valid = (syndrome >> 24 & 1) != 0;
    unsigned size = 1u << (syndrome >> 22 & 3);
    bool is_walk = (syndrome >> 7 & 1) != 0;
    bool is_write = (syndrome >> 6 & 1) != 0;
    bool done = false;

    /* Only plain loads and stores of one register carry a valid syndrome; others (pairs, cache
     * operations on devices) are as if no device answered. */
    if (is_valid && !is_fetch && !is_walk && address % size == 0) {
        done = is_write ? access_write(vmm, address, size, (unsigned)(syndrome >> 16 & 31))
                        : access_read(vmm, address, size, syndrome);
    }
    if (!done) {
        vcpu_raise_external_abort(is_fetch);
    }
}

/* ---- Firmware ------------------------------------------------------------------------------ */

#define IS_64BIT_CALL 0x40000000u

enum {
    SMCCC_VERSION = 0x80000000u,
    SMCCC_ARCH_FEATURES = 0x80000001u,
    PSCI_VERSION = 0x84000000u,
    PSCI_CPU_SUSPEND = 0x84000001u,
    PSCI_CPU_SUSPEND_64 = 0xc4000001u,
    PSCI_CPU_OFF = 0x84000002u,
    PSCI_CPU_ON = 0x84000003u,
    PSCI_CPU_ON_64 = 0xc4000003u,
    PSCI_AFFINITY_INFO = 0x84000004u,
    PSCI_AFFINITY_INFO_64 = 0xc4000004u,
    PSCI_MIGRATE_INFO_TYPE = 0x84000006u,
    PSCI_SYSTEM_OFF = 0x84000008u,
    PSCI_SYSTEM_RESET = 0x84000009u,
    PSCI_FEATURES = 0x8400000au,
};

enum {
    CALL_SUCCESS = 0,
    CALL_NOT_SUPPORTED = -1,
    CALL_INVALID_PARAMETERS = -2,
    CALL_ALREADY_ON = -4,
};

static int64_t firmware_features(uint32_t function)
{
    switch (function) {
    case SMCCC_VERSION:
    case SMCCC_ARCH_FEATURES:
    case PSCI_VERSION:
    case PSCI_CPU_SUSPEND:
    case PSCI_CPU_SUSPEND_64:
    case PSCI_CPU_OFF:
    case PSCI_CPU_ON:
    case PSCI_CPU_ON_64:
    case PSCI_AFFINITY_INFO:
    case PSCI_AFFINITY_INFO_64:
    case PSCI_MIGRATE_INFO_TYPE:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case PSCI_FEATURES: return CALL_SUCCESS;
    default: return CALL_NOT_SUPPORTED;
    }
}

enum guest_action guest_firmware_call(const uint64_t *arguments, uint64_t *result)
{
    uint32_t function = (uint32_t)arguments[0];
    bool is_64bit = (function & IS_64BIT_CALL) != 0;
    uint64_t first = is_64bit ? arguments[1] : (uint32_t)arguments[1];
    uint64_t second = is_64bit ? arguments[2] : (uint32_t)arguments[2];
    enum guest_action action = GUEST_CONTINUE;
    int64_t value = CALL_NOT_SUPPORTED;

    switch (function) {
    case SMCCC_VERSION:
    case PSCI_VERSION: value = 0x10001; break; /* both 1.1 */
    case SMCCC_ARCH_FEATURES:
    case PSCI_FEATURES: value = firmware_features((uint32_t)first); break;
    case PSCI_MIGRATE_INFO_TYPE: value = 2; break; /* no trusted OS to migrate */
    case PSCI_AFFINITY_INFO:
    case PSCI_AFFINITY_INFO_64: /* of the one CPU (affinity 0, level 0): on */
        value = first == 0 && second == 0 ? CALL_SUCCESS : CALL_INVALID_PARAMETERS;
        break;
    case PSCI_CPU_ON:
    case PSCI_CPU_ON_64: value = first == 0 ? CALL_ALREADY_ON : CALL_INVALID_PARAMETERS; break;
    case PSCI_CPU_SUSPEND:
    case PSCI_CPU_SUSPEND_64: /* standby; a power-down request may end as one, says DEN 0022D */
        value = CALL_SUCCESS;
        action = GUEST_WAIT;
        break;
    case PSCI_CPU_OFF: /* the only CPU: nothing is left that could run */
    case PSCI_SYSTEM_OFF: return GUEST_OFF;
    case PSCI_SYSTEM_RESET: return GUEST_RESET;
    default: break;
    }
    *result = is_64bit ? (uint64_t)value : (uint32_t)value;
    return action;
}

static enum guest_action secure_call(uint64_t esr)
{
    uint64_t arguments[4];
    uint64_t result = (uint32_t)CALL_NOT_SUPPORTED;
    enum guest_action action = GUEST_CONTINUE;

    for (unsigned i = 4; i-- > 0;) {
        arguments[i] = vcpu_register(i); /* the last first: it needs the longest read */
    }
    if ((esr & 0xffff) == 0) { /* no other immediate is a call */
        action = guest_firmware_call(arguments, &result);
    }
    if (action == GUEST_CONTINUE || action == GUEST_WAIT) {
        vcpu_complete(0, result);
    }
    return action;
}

/* ---- Trapped instructions --------------------------------------------------------------------- */

#define SYSREG_MASK ~(uint64_t)(0x1ful << 5 | 1ul) /* without register number and direction */
#define ISS_MASK    0x1fffffful

enum {
    EC_WFX = 0x01,
    EC_SMC = 0x17,
    EC_SYSREG = 0x18,

    /* ISS of a trapped MRS/MSR without Rt and direction */
    SYSREG_ICC_SGI1R = 0x3a3016,
    SYSREG_ICC_ASGI1R = 0x3c3016,
    SYSREG_ICC_SGI0R = 0x3e3016,
    SYSREG_ICC_SRE = 0x3a3018,
    SYSREG_CNTPCT = 0x32f800,
    SYSREG_CNTP_TVAL = 0x30f804,
    SYSREG_CNTP_CTL = 0x32f804,
    SYSREG_CNTP_CVAL = 0x34f804,
};

uint64_t guest_time(void)
{
    (void)microkit_ppcall(VMM_CHANNEL_TIMER, microkit_msginfo_new(TIMER_GET_TIME, 0));
    return microkit_mr_get(0);
}

static bool system_register_read(struct vmm *vmm, uint64_t which, uint64_t *value)
{
    switch (which) {
    case SYSREG_ICC_SRE: *value = 7; return vmm->vgic.version == 3; /* system registers: always */
    case SYSREG_CNTPCT: *value = guest_time() - vcpu_timer_offset(); return true;
    case SYSREG_CNTP_TVAL:
    case SYSREG_CNTP_CTL:
    case SYSREG_CNTP_CVAL:
        /* The device tree offers the virtual timer only; this one never fires. */
        *value = 0;
        return true;
    default: return false;
    }
}

static bool system_register_write(struct vmm *vmm, uint64_t which, uint64_t value)
{
    switch (which) {
    case SYSREG_ICC_SGI1R:
        if (vmm->vgic.version == 3) {
            vgic_software_interrupt(&vmm->vgic, value);
            vmm->is_settled = false;
        }
        return vmm->vgic.version == 3;
    case SYSREG_ICC_ASGI1R: /* no second security state to interrupt */
    case SYSREG_ICC_SGI0R:  /* as SGI1R for group 0, which no system software uses here */
    case SYSREG_ICC_SRE: return vmm->vgic.version == 3;
    case SYSREG_CNTP_TVAL:
    case SYSREG_CNTP_CTL:
    case SYSREG_CNTP_CVAL: return true;
    default: return false;
    }
}

static void system_register(struct vmm *vmm, uint64_t iss)
{
    unsigned number = (unsigned)(iss >> 5 & 31);
    bool is_read = (iss & 1) != 0;
    uint64_t value = 0;

    if (is_read && system_register_read(vmm, iss & SYSREG_MASK, &value)) {
        vcpu_complete(number, value);
    } else if (!is_read && system_register_write(vmm, iss & SYSREG_MASK, vcpu_register(number))) {
        vcpu_skip();
    } else {
        vcpu_raise_undefined();
    }
}

enum guest_action guest_trap(struct vmm *vmm, uint64_t esr)
{
    switch (esr >> 26) {
    case EC_WFX:
        vcpu_skip();
        return (esr & 1) != 0 ? GUEST_CONTINUE : GUEST_WAIT; /* WFE: a hint; WFI: wait */
    case EC_SMC: return secure_call(esr);
    case EC_SYSREG: system_register(vmm, esr & ISS_MASK); return GUEST_CONTINUE;
    default: vcpu_raise_undefined(); return GUEST_CONTINUE;
    }
}

/* ---- Console ------------------------------------------------------------------------------------ */

/* The oldest input byte that no device has taken yet, or -1. */
static int input_peek(struct vmm *vmm)
{
    if (vmm->held_input < 0) {
        vmm->held_input = console_read_byte();
    }
    return vmm->held_input;
}

static bool input_give(struct vmm *vmm, uint8_t byte)
{
    if (vmm->input_to_virtio && virtio_console_is_on(&vmm->virtio)) {
        return virtio_console_receive(&vmm->virtio, &byte, 1) == 1;
    }
    if (!pl011_can_receive(&vmm->uart)) {
        return false;
    }
    pl011_receive(&vmm->uart, byte);
    return true;
}

void guest_console_poll(struct vmm *vmm)
{
    int byte = -1;

    if (guest_has_output(vmm) && !vmm->output.is_held) {
        virtio_transmit(vmm);
    }
    /* Bounded: each device takes only as many bytes as it has room for. */
    while (vmm->has_input && (byte = input_peek(vmm)) >= 0 && input_give(vmm, (uint8_t)byte)) {
        vmm->held_input = -1;
    }
    if (byte < 0) {
        vmm->has_input = false; /* until the console signals */
    }
    vgic_set_level(&vmm->vgic, GUEST_IRQ_UART, pl011_interrupts(&vmm->uart));
    vgic_set_level(&vmm->vgic, GUEST_IRQ_VIRTIO, virtio_console_interrupts(&vmm->virtio));
}
