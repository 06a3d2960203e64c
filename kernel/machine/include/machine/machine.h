/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The machine interface
 *
 * Everything the pure core asks of a machine. `arch/aarch64` (with `drivers`) implements it on
 * the target, `arch/host` for tests, fuzzing and proofs. The core calls nothing else outside
 * itself (checked by the lint with nm), and a machine function never calls back into the core.
 *
 * Pure data comes with it from the architecture's own headers:
 *   <arch/address.h>  machine_pointer, machine_address
 *   <arch/context.h>  struct context: the saved user registers, with accessors
 *   <arch/pte.h>      translation-table entries and the shape of the table tree
 *   <arch/fpu.h>      struct fpu_state
 *   <arch/vcpu.h>     struct vcpu_registers: the saved state of a virtual CPU
 *
 * Addresses: `kaddr` is a kernel address (machine/ref.h), `paddr` physical, `vaddr` a user's.
 */
#pragma once

#include <abi/types.h>
#include <arch/context.h>
#include <arch/fpu.h>
#include <arch/pte.h>
#include <arch/vcpu.h>
#include <machine/ref.h>
#include <stdbool.h>

/* ---- Memory ---------------------------------------------------------------------------- */

/** Zero `bytes` (multiple of 16) of normal memory. Pre: inside the kernel window. */
void machine_memory_clear(word_t kaddr, word_t bytes);
/** Make `bytes` visible to translation-table walks (clean to the point of unification). */
void machine_table_clean(word_t kaddr, word_t bytes);
/** Write a frame's new contents through to RAM (clean to the point of coherency). */
void machine_frame_clean(word_t kaddr, word_t bytes);

enum cache_op { CACHE_CLEAN, CACHE_INVALIDATE, CACHE_CLEAN_INVALIDATE, CACHE_UNIFY };
/** Apply `op` to `bytes` at kernel address `kaddr`. */
void machine_cache_op(enum cache_op op, word_t kaddr, word_t bytes);
/** Is [paddr, paddr + bytes) reachable through the kernel window? */
bool machine_in_window(word_t paddr, word_t bytes);

/* ---- Translation ------------------------------------------------------------------------ */

/** Write one table entry at `kaddr` so that later walks see it. */
void machine_pte_write(word_t kaddr, pte_t entry);
/** Forget every translation of `vmid`. */
void machine_tlb_flush_vmid(word_t vmid);
/** Forget the translation of `vaddr` under `vmid`, and what stage 1 derived from it. */
void machine_tlb_flush_page(word_t vmid, word_t vaddr);
/** Run following user code under the root table at physical `root`, tagged `vmid`. */
void machine_vspace_switch(word_t root, word_t vmid);
/** Physical address of the empty root table, for threads without a usable VSpace (VMID 0). */
word_t machine_vspace_empty(void);
/** Number of hardware VMIDs (256 on every machine of today). VMID 0 is the empty VSpace's. */
#define MACHINE_VMID_COUNT 256

/* ---- Time -------------------------------------------------------------------------------- */

/** Current time in ticks; never goes back. */
word_t machine_time_now(void);
/** Raise the timer interrupt when time reaches `deadline`; at once if it is in the past. */
void machine_timer_set(word_t deadline);
/** Take back a raised timer interrupt. */
void machine_timer_ack(void);

/* ---- Interrupts ------------------------------------------------------------------------- */

#define MACHINE_IRQ_NONE 0xffff
/** Acknowledge and return the pending interrupt of highest priority, or MACHINE_IRQ_NONE. */
word_t machine_irq_take(void);
/** Would machine_irq_take return an interrupt? (Preemption points ask this.) */
bool machine_irq_is_pending(void);
/** End handling inside the kernel of an interrupt that the kernel keeps for itself. */
void machine_irq_finish(word_t irq);
/** End handling inside the kernel of an interrupt delivered to a user: it stays silent until
 *  machine_irq_user_ack (GICv2: masked and completed; GICv3: priority dropped, still active). */
void machine_irq_hold(word_t irq);
/** The user has served the interrupt: let it come again. */
void machine_irq_user_ack(word_t irq);
void machine_irq_mask(word_t irq);
void machine_irq_unmask(word_t irq);
/** Program trigger mode (edge or level). Pre: irq is no SGI. */
void machine_irq_set_trigger(word_t irq, bool edge);
/** Is `target` a CPU that machine_sgi_send can name? (GICv2: 0..7, GICv3: any 32-bit value.) */
bool machine_sgi_target_is_valid(word_t target);
void machine_sgi_send(word_t irq, word_t target);

/* ---- Execution contexts ------------------------------------------------------------------ */

void machine_fpu_save(struct fpu_state *state);
void machine_fpu_load(const struct fpu_state *state);
/** Allow or trap FP/SIMD instructions of user code. */
void machine_fpu_enable(bool enable);
/** Set which counter and timer registers native user code may use (CNTKCTL_EL1 bits 0,1,8,9). */
void machine_counter_access(word_t mask);

/** Native code runs next: guest controls off (HCR etc.), no virtual interrupts. */
void machine_vcpu_native(void);
/** Load lazily kept state (group B of abi/06 §2: fields 2..19, VMCR, APR, list registers). */
void machine_vcpu_restore(const struct vcpu_registers *vcpu);
/** Save what machine_vcpu_restore loads. */
void machine_vcpu_save(struct vcpu_registers *vcpu);
/** Load group A (SCTLR, CPACR, HCR, virtual timer, VGIC HCR): the guest can run after this.
 *  Leaves interrupt 27 masked or not as it is; the core decides. */
void machine_vcpu_enable(const struct vcpu_registers *vcpu);
/** Save group A and put the native values in its place (as machine_vcpu_native). */
void machine_vcpu_disable(struct vcpu_registers *vcpu);
/** Read or write hardware register `field` (enum vcpu_reg) of the loaded VCPU. */
word_t machine_vcpu_read(word_t field);
void machine_vcpu_write(word_t field, word_t value);
/** Number of list registers of this machine's virtual interrupt controller. */
word_t machine_vgic_list_count(void);
/** Value of a list register that makes `virq` pending (abi/06 §4); and its state field. */
word_t machine_vgic_list_make(word_t virq, word_t priority, word_t group);
bool machine_vgic_list_is_active(word_t list_register);
word_t machine_vgic_list_read(word_t index);
void machine_vgic_list_write(word_t index, word_t value);
/** Clear the EOI-maintenance request bit of a list-register value. */
word_t machine_vgic_list_without_eoi(word_t list_register);
/** Index of the lowest list register that signals end of interrupt, or -1 if none does. */
word_t machine_vgic_maintenance_index(void);
/** Guest-physical address of a stage-2 fault: translate `vaddr` by the loaded guest's stage 1
 *  (AT S1E1R), PAR_EL1 preserved (abi/06 §3). */
word_t machine_vcpu_translate(word_t vaddr);

/* ---- Firmware, console, end -------------------------------------------------------------- */

/** Secure monitor call with x0..x7 in and out. */
void machine_smc_call(word_t registers[8]);
/** Write one character to the debug console (debug builds; a no-op without a console). */
void machine_console_put(char character);
/** Stop this CPU for good. */
_Noreturn void machine_halt(void);
