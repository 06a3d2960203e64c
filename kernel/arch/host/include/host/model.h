/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The model machine
 *
 * Implements <machine/machine.h> on the host, for tests, fuzzing and proofs. Memory is an array;
 * time stands still until a test moves it; interrupts come when a test raises them; what the core
 * does to the machine is recorded in `host`.
 *
 * Normal memory is physical [HOST_MEMORY_BASE, + HOST_MEMORY_BYTES); nothing else can be read or
 * written, so a core that touches device memory dies in the model.
 */
#pragma once

#include <machine/machine.h>

#define HOST_MEMORY_BASE  0x40000000ul
#define HOST_MEMORY_BYTES 0x2000000ul /* 32 MiB */
#define HOST_IRQ_COUNT    1020
#define HOST_LIST_COUNT   4
#define HOST_CONSOLE_SIZE 4096

/** Kernel address of the first byte of memory. */
#define HOST_MEMORY (KERNEL_WINDOW_BASE + HOST_MEMORY_BASE)

struct host_model {
    /* Memory */
    word_t cleared_bytes; /* by machine_memory_clear */
    word_t cleaned_bytes; /* by machine_frame_clean */
    word_t cache_ops;
    enum cache_op cache_op; /* the last one */
    word_t cache_op_kaddr, cache_op_bytes;

    /* Translation */
    word_t pte_writes;
    word_t flushes_vmid, flushes_page;  /* how many */
    word_t flushed_vmid, flushed_vaddr; /* the last ones */
    word_t vspace_root, vspace_vmid;    /* what user code would run under */

    /* Time */
    word_t now, deadline;
    word_t timer_acks;

    /* Interrupts */
    bool irq_pending[HOST_IRQ_COUNT];
    bool irq_enabled[HOST_IRQ_COUNT];
    bool irq_held[HOST_IRQ_COUNT]; /* delivered to a user, not yet acknowledged */
    bool irq_is_edge[HOST_IRQ_COUNT];
    word_t irq_active;     /* taken, neither finished nor held: its number + 1; 0: none */
    bool irq_is_urgent;    /* machine_irq_is_pending says yes whatever is pending */
    word_t irq_polls;      /* how often it was asked */
    void (*on_poll)(void); /* if set: called each time, before the answer */
    word_t sgis_sent, sgi_irq, sgi_target;

    /* Execution contexts */
    struct fpu_state fpu;
    bool fpu_enabled;
    word_t counter_mask;
    struct vcpu_registers vcpu; /* the hardware's registers */
    bool vcpu_is_native;
    word_t maintenance; /* index of the list register that signals end of interrupt */

    /* Firmware and console */
    word_t smc_calls;
    word_t smc_in[8], smc_out[8];
    char console[HOST_CONSOLE_SIZE];
    word_t console_length;
};

extern struct host_model host;

/** A machine just switched on: memory zero, nothing pending, time 0. */
void host_init(void);
/** Put `byte` into all of memory, as memory is before anything has cleared it. */
void host_memory_fill(word_t kaddr, unsigned char byte, word_t bytes);
/** Does memory hold `bytes` zeros from `kaddr` on? */
bool host_memory_is_zero(word_t kaddr, word_t bytes);
