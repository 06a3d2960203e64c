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

/* ---- Devices ------------------------------------------------------------------------------ */

static void uart_write(struct vmm *vmm, uint32_t offset, uint64_t value)
{
    int byte = pl011_write(&vmm->uart, offset, (uint32_t)value);

    if (byte >= 0) {
        char character = (char)byte;

        vmm->input_to_virtio = false;
        console_write(&character, 1);
    }
}

static void virtio_transmit(struct vmm *vmm)
{
    uint8_t bytes[256];

    /* At most one pass over the ring, so that a guest cannot keep the monitor here. */
    for (unsigned i = 0; i < VIRTIO_QUEUE_MAX; i++) {
        int count = virtio_console_transmit(&vmm->virtio, bytes, sizeof bytes);

        if (count < 0) {
            break;
        }
        vmm->input_to_virtio = true;
        console_write((const char *)bytes, (size_t)count);
    }
}

static bool device_read(struct vmm *vmm, uint64_t address, unsigned size, uint64_t *value)
{
    if (address - GUEST_GICD_BASE < GUEST_GICD_BYTES) {
        *value = vgic_distributor_read(&vmm->vgic, (uint32_t)(address - GUEST_GICD_BASE), size);
    } else if (vmm->vgic.version == 3 && address - GUEST_GICR_BASE < GUEST_GICR_BYTES) {
        *value = vgic_redistributor_read(&vmm->vgic, (uint32_t)(address - GUEST_GICR_BASE), size);
    } else if (address - GUEST_UART_BASE < GUEST_PAGE) {
        *value = pl011_read(&vmm->uart, (uint32_t)(address - GUEST_UART_BASE));
    } else if (address - GUEST_VIRTIO_BASE < GUEST_PAGE) {
        *value = virtio_console_read(&vmm->virtio, (uint32_t)(address - GUEST_VIRTIO_BASE));
    } else {
        return false;
    }
    return true;
}

static bool device_write(struct vmm *vmm, uint64_t address, unsigned size, uint64_t value)
{
    if (address - GUEST_GICD_BASE < GUEST_GICD_BYTES) {
        vgic_distributor_write(&vmm->vgic, (uint32_t)(address - GUEST_GICD_BASE), size, value);
    } else if (vmm->vgic.version == 3 && address - GUEST_GICR_BASE < GUEST_GICR_BYTES) {
        vgic_redistributor_write(&vmm->vgic, (uint32_t)(address - GUEST_GICR_BASE), size, value);
    } else if (address - GUEST_UART_BASE < GUEST_PAGE) {
        uart_write(vmm, (uint32_t)(address - GUEST_UART_BASE), value);
    } else if (address - GUEST_VIRTIO_BASE < GUEST_PAGE) {
        if (virtio_console_write(&vmm->virtio, (uint32_t)(address - GUEST_VIRTIO_BASE),
                                 (uint32_t)value)) {
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

void guest_access(struct vmm *vmm, uint64_t address, bool is_fetch, uint64_t syndrome)
{
    bool is_valid = (syndrome >> 24 & 1) != 0;
    unsigned size = 1u << (syndrome >> 22 & 3);
    unsigned number = (unsigned)(syndrome >> 16 & 31);
    bool is_walk = (syndrome >> 7 & 1) != 0;
    bool is_write = (syndrome >> 6 & 1) != 0;
    bool done = false;

    /* Only plain loads and stores of one register carry a valid syndrome; others (pairs, cache
     * operations on devices) are as if no device answered. */
    if (is_valid && !is_fetch && !is_walk && address % size == 0) {
        if (is_write) {
            done = device_write(vmm, address, size,
                                load_result(vcpu_register(number), size, false, true));
            if (done) {
                vcpu_skip();
            }
        } else {
            uint64_t value = 0;

            done = device_read(vmm, address, size, &value);
            if (done) {
                vcpu_complete(number, load_result(value, size, (syndrome >> 21 & 1) != 0,
                                                  (syndrome >> 15 & 1) != 0));
            }
        }
    }
    if (!done) {
        vcpu_raise_external_abort(is_fetch);
    }
}

/* ---- Firmware ------------------------------------------------------------------------------ */

#define NOT_SUPPORTED (~0ul)

enum {
    SMCCC_VERSION = 0x80000000u,
    PSCI_VERSION = 0x84000000u,
    PSCI_CPU_SUSPEND = 0xc4000001u,
    PSCI_CPU_OFF = 0x84000002u,
    PSCI_AFFINITY_INFO = 0xc4000004u,
    PSCI_MIGRATE_INFO_TYPE = 0x84000006u,
    PSCI_SYSTEM_OFF = 0x84000008u,
    PSCI_SYSTEM_RESET = 0x84000009u,
    PSCI_FEATURES = 0x8400000au,
};

static uint64_t psci_features(uint32_t function)
{
    switch (function) {
    case SMCCC_VERSION:
    case PSCI_VERSION:
    case PSCI_CPU_OFF:
    case PSCI_AFFINITY_INFO:
    case PSCI_MIGRATE_INFO_TYPE:
    case PSCI_SYSTEM_OFF:
    case PSCI_SYSTEM_RESET:
    case PSCI_FEATURES: return 0;
    default: return NOT_SUPPORTED;
    }
}

/* Serve the call whose registers are x0..x3, then move past the instruction. `skip` is false
 * when the return address is already past it. */
static enum guest_action firmware_call(void)
{
    uint64_t result = NOT_SUPPORTED;

    switch ((uint32_t)vcpu_register(0)) {
    case SMCCC_VERSION:
    case PSCI_VERSION: result = 0x10001; break;     /* 1.1 */
    case PSCI_MIGRATE_INFO_TYPE: result = 2; break; /* no trusted OS to migrate */
    case PSCI_FEATURES: result = psci_features((uint32_t)vcpu_register(1)); break;
    case PSCI_AFFINITY_INFO: result = vcpu_register(1) == 0 ? 0 : ~1ul; break; /* on; invalid */
    case PSCI_CPU_OFF: /* the only CPU: nothing is left that could run */
    case PSCI_SYSTEM_OFF: return GUEST_OFF;
    case PSCI_SYSTEM_RESET: return GUEST_RESET;
    default: break;
    }
    vcpu_complete(0, result);
    return GUEST_CONTINUE;
}

enum guest_action guest_hypercall(void)
{
    return firmware_call();
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

static void system_register(struct vmm *vmm, uint64_t iss)
{
    unsigned number = (unsigned)(iss >> 5 & 31);

    switch (iss & SYSREG_MASK) {
    case SYSREG_ICC_SGI1R:
        vgic_software_interrupt(&vmm->vgic, vcpu_register(number));
        vcpu_skip();
        break;
    case SYSREG_ICC_ASGI1R:
    case SYSREG_ICC_SGI0R:
        vcpu_skip(); /* interrupts of groups that this guest does not have */
        break;
    case SYSREG_CNTPCT:
        vcpu_complete(number,
                      guest_time() - microkit_vcpu_arm_read_reg(VMM_VCPU, seL4_VCPUReg_CNTVOFF));
        break;
    case SYSREG_CNTP_TVAL:
    case SYSREG_CNTP_CTL:
    case SYSREG_CNTP_CVAL:
        /* The device tree offers the virtual timer only; this one never fires. */
        vcpu_complete((iss & 1) != 0 ? number : 31, 0);
        break;
    default: vcpu_raise_undefined(); break;
    }
}

enum guest_action guest_trap(struct vmm *vmm, uint64_t esr)
{
    switch (esr >> 26) {
    case EC_WFX:
        vcpu_skip();
        return (esr & 1) != 0 ? GUEST_CONTINUE : GUEST_WAIT; /* WFE: a hint; WFI: wait */
    case EC_SMC: return firmware_call();
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
    if (vmm->input_to_virtio) {
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
    int byte;

    /* Bounded: each device takes only as many bytes as it has room for. */
    while ((byte = input_peek(vmm)) >= 0 && input_give(vmm, (uint8_t)byte)) {
        vmm->held_input = -1;
    }
    vgic_set_level(&vmm->vgic, GUEST_IRQ_UART, pl011_interrupts(&vmm->uart));
    vgic_set_level(&vmm->vgic, GUEST_IRQ_VIRTIO, virtio_console_interrupts(&vmm->virtio));
}
