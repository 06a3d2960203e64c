/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Attempts that may fault
 *
 * Each stores at x1 where to go on; the warden restarts the thread there. All that a fault leaves
 * changed are registers that a caller must expect to be changed.
 */
    .text

/* void try_write(volatile uint64_t *address, volatile uint64_t *resume) */
    .global try_write
try_write:
    adr     x9, 1f
    str     x9, [x1]
    mov     x9, #0x5a
    str     x9, [x0]
1:  ret

/* void try_execute(volatile uint64_t *address, volatile uint64_t *resume) */
    .global try_execute
try_execute:
    stp     x29, x30, [sp, #-16]!
    adr     x9, 1f
    str     x9, [x1]
    blr     x0
1:  ldp     x29, x30, [sp], #16
    ret

/* void try_receive(uint64_t cptr, volatile uint64_t *resume): NBRecv, the reply in slot 4 */
    .global try_receive
try_receive:
    adr     x9, 1f
    str     x9, [x1]
    mov     x1, #0
    mov     x6, #4
    mov     x7, #-8                 /* seL4_SysNBRecv */
    svc     #0
1:  ret
