/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A child that does, by its name, one of two things its parent must look after
 */
#include <microkit.h>
#include <stdint.h>

#define PARENT_CH 1
#define NOWHERE   0x1230

uintptr_t note_vaddr;

static void constructed(void) __attribute__((constructor));

static volatile unsigned constructions;

static void constructed(void)
{
    constructions++;
}

/* Memory is not cleared by a restart: the note counts on. */
static void first(void)
{
    volatile uint32_t *note = (volatile uint32_t *)note_vaddr;

    (*note)++;
    microkit_dbg_puts("first: runs, constructed ");
    microkit_dbg_put32(constructions);
    microkit_dbg_puts("\n");
    microkit_notify(PARENT_CH);
    *(volatile uint32_t *)NOWHERE = 1;
}

static void second(void)
{
    register seL4_Word x0 __asm__("x0") = 5;
    register seL4_Word x1 __asm__("x1") = 6;
    register seL4_Word x7 __asm__("x7") = 1234;

    __asm__ volatile("svc #0" : "+r"(x0), "+r"(x1) : "r"(x7) : "memory");
    microkit_dbg_puts("second: answered ");
    microkit_dbg_put32((seL4_Uint32)x1);
    microkit_dbg_puts("\n");
    microkit_notify(PARENT_CH);
}

void init(void)
{
    if (microkit_name[0] == 'f') {
        first();
    } else {
        second();
    }
}

void notified(microkit_channel ch)
{
}
