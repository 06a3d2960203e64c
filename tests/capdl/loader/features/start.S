/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the two threads of features.cdl start, and an attempt that may fault
 */
    .section .text.start, "ax"
    .global _start
_start:
    b       main_thread
    b       handler_thread

    .text
/* void try_write(volatile uint64_t *address), void try_read(...): the handler goes on at `resume`. */
    .global try_write, try_read
try_write:
    adr     x9, 1f
    ldr     x10, =resume
    str     x9, [x10]
    str     x9, [x0]
1:  ret

try_read:
    adr     x9, 1f
    ldr     x10, =resume
    str     x9, [x10]
    ldr     x9, [x0]
1:  ret
