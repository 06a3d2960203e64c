/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * System registers, barriers and device registers
 *
 * The asm statements are volatile because reading and writing these registers has effects that
 * the compiler cannot see; those that order memory clobber it.
 */
#pragma once

#include <abi/types.h>

#define SYSREG_READ(name)                                        \
    ({                                                           \
        word_t sysreg_value;                                     \
        __asm__ volatile("mrs %0, " #name : "=r"(sysreg_value)); \
        sysreg_value;                                            \
    })

#define SYSREG_WRITE(name, value)                                               \
    do {                                                                        \
        word_t sysreg_new = (value);                                            \
        __asm__ volatile("msr " #name ", %x0" : : "rZ"(sysreg_new) : "memory"); \
    } while (0)

#define BARRIER_ISB()     __asm__ volatile("isb" : : : "memory")
#define BARRIER_DSB(kind) __asm__ volatile("dsb " #kind : : : "memory")

/* Device registers: volatile, since each access is an event on the bus. */
static inline uint32_t device_read(word_t address)
{
    return *(volatile uint32_t *)address;
}

static inline void device_write(word_t address, uint32_t value)
{
    *(volatile uint32_t *)address = value;
}
