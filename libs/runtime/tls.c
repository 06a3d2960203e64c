/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Thread-local storage: copy the image, clear the rest, set the register
 *
 * Runs before the C library may be used and is linked into programs that have none, so it
 * calls nothing.
 */
#include <runtime/tls.h>

#include <stddef.h>
#include <stdint.h>

/*
 * Set by the linker script; the addresses of these symbols are the values. Weak, since a program
 * with a script of its own and without thread-local variables need not have them.
 */
extern const char __tls_image[] __attribute__((weak));
extern const char __tls_image_size[] __attribute__((weak));
extern const char __tls_size[] __attribute__((weak));
extern char __tls_area[] __attribute__((weak));

/* Two words of the TLS ABI, rounded up to the alignment that the linker scripts force. */
#define TLS_HEADER_BYTES 64u

void runtime_tls_init(void)
{
    size_t image_bytes = (size_t)(uintptr_t)__tls_image_size;
    size_t size_bytes = (size_t)(uintptr_t)__tls_size;
    /* The compiler takes the address of a symbol to be never null, but these sizes can be 0. */
    __asm__("" : "+r"(image_bytes), "+r"(size_bytes));
    if (__tls_area == NULL) {
        return;
    }
    /* volatile: else the compiler makes calls of memcpy and memset out of the loops. */
    volatile char *block = __tls_area + TLS_HEADER_BYTES;

    for (size_t i = 0; i < image_bytes; i++) {
        block[i] = __tls_image[i];
    }
    /* A restarted component finds its old values here: clear, do not rely on .bss. */
    for (size_t i = image_bytes; i < size_bytes; i++) {
        block[i] = 0;
    }
    __asm__ volatile("msr tpidr_el0, %0" : : "r"(__tls_area) : "memory");
}
