/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Inside the machine
 *
 * What `arch`, `drivers`, `plat` and `boot` ask of each other while a machine starts and runs. The
 * core knows nothing of it: it sees machine.h only.
 */
#pragma once

#include <abi/boot_table.h>
#include <abi/types.h>
#include <stdbool.h>

/* ---- Start: called once each by boot, in this order --------------------------------------- */

/** Debug output through the UART of the table. Before this, nothing can be printed. */
void console_init(const struct boot_table *table);
/** Interrupt controller with every interrupt off, and its virtual interface off. */
void gic_init(const struct boot_table *table);
/** Controls of EL2, counters, caches; no guest. Pre: kernel mappings are on. */
void cpu_init(const struct boot_table *table);
/** Timer without a deadline. */
void timer_init(void);

/* ---- Virtual interrupt controller: what arch's VCPU switch asks of the driver ------------- */

void vgic_set_hcr(word_t value);
word_t vgic_hcr(void);
void vgic_set_vmcr(word_t value);
word_t vgic_vmcr(void);
/* Active priorities: GICv3 keeps those of each interrupt group; `group0` is 0 with GICv2. */
void vgic_set_apr(word_t value, word_t group0);
word_t vgic_apr(void);
word_t vgic_apr0(void);

/* ---- Printing, for refusals and last words ------------------------------------------------- */

void print_text(const char *text);
/** Hexadecimal with 0x. */
void print_hex(word_t value);
void print_decimal(word_t value);

/* ---- Memory ------------------------------------------------------------------------------- */

/** Physical address of a place inside the kernel image. */
word_t kernel_image_paddr(const void *place);
/** Physical start and end of the kernel image: the memory that is never handed out. */
word_t kernel_image_start(void);
word_t kernel_image_end(void);

/** Give up: print the sentence, then halt. */
_Noreturn void machine_panic(const char *sentence);
