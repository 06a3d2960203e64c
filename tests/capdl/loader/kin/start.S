/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the two threads of kin.cdl start
 */
    .section .text.start, "ax"
    .global _start
_start:
    b       main_thread
    b       busy_thread
