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

struct vmm {
    struct guest_memory memory;
    struct vgic vgic;
    struct pl011 uart;
    struct virtio_console virtio;
    bool input_to_virtio; /* input follows the console that the guest last wrote to */
    int held_input;       /* console byte for which the guest has no room yet, or -1 */
    bool is_idle;         /* the vCPU waits for an interrupt, not replied to */
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

struct guest_start {
    uint64_t entry; /* guest-physical address of the first instruction */
    uint64_t device_tree;
};

/** Copy kernel and initrd into RAM and make the device tree. Says why on failure. */
bool boot_load(const struct guest_memory *memory, struct guest_start *start);

/* ---- device_tree.c ------------------------------------------------------------------------- */

struct device_tree_request {
    uint64_t ram_bytes, initrd_start, initrd_end;
    unsigned gic_version;
    const char *append;
};

/** Write a device tree blob into `buffer`. Returns 0, or a libfdt error number (negative). */
int device_tree_make(void *buffer, int bytes, const struct device_tree_request *request);

/* ---- vcpu.c: registers of the one vCPU -------------------------------------------------------- */

/** Put the vCPU into its reset state and start it. */
void vcpu_start(const struct guest_start *start);
void vcpu_stop(void);
/** General register `number` (31 reads zero). */
uint64_t vcpu_register(unsigned number);
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
/** Tell the kernel to deliver `irq` through list register `index`. False: try again later. */
bool vcpu_inject(unsigned irq, unsigned priority, unsigned group, unsigned index);

/* ---- guest.c: what the guest asks for -------------------------------------------------------- */

enum guest_action { GUEST_CONTINUE, GUEST_WAIT, GUEST_OFF, GUEST_RESET };

/** Stage-2 fault at guest-physical `address`. */
void guest_access(struct vmm *vmm, uint64_t address, bool is_fetch, uint64_t syndrome);
/** Trapped instruction (WFI, SMC, system register, …) with syndrome `esr`. */
enum guest_action guest_trap(struct vmm *vmm, uint64_t esr);
/** HVC with a number that is not the kernel's. */
enum guest_action guest_hypercall(void);
/** Move waiting output and input between guest and console, and set interrupt lines. */
void guest_console_poll(struct vmm *vmm);
/** Current physical count, from the timer driver. */
uint64_t guest_time(void);
