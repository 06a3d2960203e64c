/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread-local storage of a program's one thread
 *
 *   TPIDR_EL0 -> +0   two words reserved by the AArch64 TLS ABI
 *                +64  .tdata, then .tbss (16, rounded up to the alignment of the block)
 *
 * The block lives in the program's own .bss (`__tls_area`, sized by the linker script), so a
 * program needs no allocator to have errno.
 */
#pragma once

/*
 * Fill the thread-local block from the image and point TPIDR_EL0 at it.
 * Pre: called once, before anything that has a thread-local variable or may set errno; the
 * program is linked with microkit.ld or root_task.ld.
 */
void runtime_tls_init(void);
