/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The monitor of one virtual machine
 *
 * One struct holds everything; each file of this room serves one part of it. `vmm.c` receives the
 * events (guest faults, console input, timer) and hands them out.
 *
 * Rule: nothing a guest does may stop the monitor. What it does wrong gets the architecture's
 * answer: an abort, an undefined-instruction exception, a read of zero.
 */
#pragma once

#include <microkit.h>
#include <stdbool.h>
#include <stdint.h>
#include <vmm/memory.h>
#include <vmm/pl011.h>
#include <vmm/vgic.h>
#include <vmm/virtio_console.h>

/* Channels and children, as the description of every VM numbers them (servers/vmm/README.md). */
#define VMM_CHANNEL_CONSOLE 1u
#define VMM_CHANNEL_TIMER   2u
#define VMM_VCPU            0u

/* The guest's machine: addresses as on QEMU's virt board, so that stock kernels feel at home. */
#define GUEST_GICD_BASE   0x08000000ul
#define GUEST_GICD_BYTES  0x10000ul
#define GUEST_GICC_BASE   0x08010000ul
#define GUEST_GICC_BYTES  0x2000ul
#define GUEST_GICR_BASE   0x080a0000ul
#define GUEST_GICR_BYTES  0x20000ul
#define GUEST_UART_BASE   0x09000000ul
#define GUEST_VIRTIO_BASE 0x0a000000ul
#define GUEST_PAGE        0x1000ul

#define GUEST_IRQ_TIMER  27u /* virtual timer, a private interrupt */
#define GUEST_IRQ_UART   33u
#define GUEST_IRQ_VIRTIO 48u

#define VMM_OUTPUT_BYTES 256u

/* Bytes of the guest on their way to the console. While the console has no room they stay here,
 * the devices show themselves full, and only this guest waits. Bytes of an unfinished line stay
 * too, until the guest does something else or a short time is over: what is behind the console
 * costs far more than the bytes. */
struct vmm_output {
    uint8_t bytes[VMM_OUTPUT_BYTES];
    unsigned start, end; /* bytes [start, end) wait */
    bool is_blocked;     /* the console's ring is full: it will signal */
    bool is_held;        /* an unfinished line of the serial port */
    unsigned polls;      /* reads of its flags since the last byte */
};

struct guest_start {
    uint64_t entry; /* guest-physical address of the first instruction */
    uint64_t device_tree;
};

struct vmm {
    struct guest_memory memory;
    struct vgic vgic;
    struct pl011 uart;
    struct virtio_console virtio;
    bool input_to_virtio; /* input follows the console that the guest last wrote to */
    bool has_input;       /* the console may have bytes for us */
    int held_input;       /* console byte for which the guest has no room yet, or -1 */
    struct vmm_output output;
    bool has_transmit; /* the virtio console's transmit ring may hold more */
    bool is_settled;   /* no device changed since lines and list registers were set */
    bool is_idle;      /* the vCPU waits for an interrupt, not replied to */
    bool is_resetting; /* the vCPU runs the code of reset.S */
    struct guest_start start;
};

/* ---- What compose patches in (setvar, t:setvar, t:setstring) ------------------------------ */

extern uint64_t guest_ram_base;     /* where the monitor sees the guest's RAM */
extern uint64_t guest_ram_bytes;    /* its size */
extern uint64_t guest_kernel_base;  /* the kernel file, read-only */
extern uint64_t guest_kernel_bytes; /* length of the file */
extern uint64_t guest_initrd_base;
extern uint64_t guest_initrd_bytes; /* 0: no initial RAM disk */
extern uint64_t guest_gic_version;  /* 2 or 3 */
extern char guest_append[1024];     /* kernel command line */

/* ---- boot.c: what the guest's RAM holds when it starts -------------------------------------- */

/** Copy kernel and initrd into RAM and make the device tree. Says why on failure. */
bool boot_load(const struct guest_memory *memory, struct guest_start *start);
/** Put the code that empties the virtual CPU interface behind the device tree of `start`; returns
 *  its guest-physical address. Pre: boot_load has succeeded. */
uint64_t boot_load_reset(const struct guest_memory *memory, const struct guest_start *start);

/* ---- reset.S: guest code ---------------------------------------------------------------------- */

/* Position independent. x0: address of the CPU interface (GICv2); x1: four interrupts that list
 * registers may hold, 16 bits each. Ends with SMC. */
extern const uint8_t reset_code_v2[], reset_code_v2_end[];
extern const uint8_t reset_code_v3[], reset_code_v3_end[];

/* ---- device_tree.c ------------------------------------------------------------------------- */

struct device_tree_request {
    uint64_t ram_bytes, initrd_start, initrd_end;
    unsigned gic_version;
    const char *append;
};

/** Write a device tree blob into `buffer`. Returns 0, or a libfdt error number (negative). */
int device_tree_make(void *buffer, int bytes, const struct device_tree_request *request);

/* ---- vcpu.c: registers of the one vCPU -------------------------------------------------------- */

/* Registers read during one exit are remembered until the next: an exit costs at most one read
 * and one write of the vCPU thread's registers. */

/** A new exit: nothing is known of the registers. `esr` tells the instruction's length. */
void vcpu_exit(uint64_t esr);
/** A new exit whose message held the PC. */
void vcpu_exit_at(uint64_t esr, uint64_t pc);

/** Put the vCPU into its reset state and start it at `entry` with x0 and x1. */
void vcpu_start(uint64_t entry, uint64_t x0, uint64_t x1);
void vcpu_stop(void);
/** General register `number` (31 reads zero). */
uint64_t vcpu_register(unsigned number);
/** Can `vcpu_complete` set register `number`? Not for AArch32 code: the kernel's interface cannot
 *  write general registers and keep that state. */
bool vcpu_can_complete(unsigned number);
/** Set general register `number` (31: no effect) and move the PC past this instruction. */
void vcpu_complete(unsigned number, uint64_t value);
/** Move the PC past this instruction. */
void vcpu_skip(void);
/** Raise a synchronous exception of class and syndrome `esr` at the guest's EL1. `aborts` picks
 *  the exception class of the guest's own level (lower level or same level). */
void vcpu_raise(uint64_t esr, bool aborts);
void vcpu_raise_undefined(void);
void vcpu_raise_external_abort(bool is_fetch);
/** Continue a vCPU that was left without reply. */
void vcpu_resume(void);
/** Absolute physical count at which the virtual timer fires; false when it is off or masked. */
bool vcpu_timer_deadline(uint64_t *deadline);
/** The guest's virtual count is the physical one minus this. */
uint64_t vcpu_timer_offset(void);
/** Tell the kernel to deliver `irq` through list register `index`. False: try again later. */
bool vcpu_inject(unsigned irq, unsigned priority, unsigned group, unsigned index);

/* ---- guest.c: what the guest asks for -------------------------------------------------------- */

enum guest_action { GUEST_CONTINUE, GUEST_WAIT, GUEST_OFF, GUEST_RESET };

/** Stage-2 fault at guest-physical `address`. */
void guest_access(struct vmm *vmm, uint64_t address, bool is_fetch, uint64_t syndrome);
/** Trapped instruction (WFI, SMC, system register, …) with syndrome `esr`. */
enum guest_action guest_trap(struct vmm *vmm, uint64_t esr);
/**
 * PSCI or SMC calling convention call with arguments[0..3] = x0..x3. Sets `*result` to what x0
 * shall be, unless the action ends the guest's present life.
 */
enum guest_action guest_firmware_call(const uint64_t *arguments, uint64_t *result);
/** Move waiting output and input between guest and console, and set interrupt lines. */
void guest_console_poll(struct vmm *vmm);
/** Is there output that the console could take now? */
bool guest_has_output(const struct vmm *vmm);
/** The guest does something else than print: let an unfinished line go. */
void guest_output_release(struct vmm *vmm);
/** The guest ends: give the console what still waits, even if that takes time. */
void guest_console_finish(struct vmm *vmm);
/** Current physical count, from the timer driver. */
uint64_t guest_time(void);
