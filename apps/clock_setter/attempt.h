/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Single attempts that may fault (attempt.S)
 *
 * Each function first stores its own continuation at `landing`, so that it returns normally
 * even if the thread is stopped at the attempt and restarted by the referee.
 */
#pragma once

#include <stdint.h>

struct attempt_result {
    uint64_t x0;
    uint64_t x1;
};

/* Load or store a byte at `address`; attempt_write stores `value`. */
uint64_t attempt_read(uint64_t address, volatile uint64_t *landing);
void attempt_write(uint64_t address, volatile uint64_t *landing, uint64_t value);
/* Jump to `address`. */
void attempt_execute(uint64_t address, volatile uint64_t *landing);
/* Make system call `number` with x0 = cptr, x1 = info and zeros elsewhere, x6 = reply slot. */
struct attempt_result attempt_syscall(uint64_t cptr, volatile uint64_t *landing, uint64_t info,
                                      uint64_t number);

/* Instructions that a component may not execute: a name and a function for each. */
struct attempt_instruction {
    const char *name;
    void (*run)(uint64_t scratch, volatile uint64_t *landing);
};

extern const struct attempt_instruction attempt_instructions[];
extern const uint64_t attempt_instruction_count;
