/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A kernel that only remembers what it was called with
 *
 * Include in one file of a test: it defines the IPC buffer and sel4_host_trap.
 */
#pragma once

#include <sel4/sel4.h>
#include <sel4/tessera.h>

static struct {
    seL4_Word number;
    seL4_Word x[9];     /* registers on entry */
    seL4_Word reply[6]; /* x0..x5 on return */
} fake;

static seL4_IPCBuffer fake_buffer;
__thread seL4_IPCBuffer *__sel4_ipc_buffer = &fake_buffer;

void sel4_host_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6, seL4_Word x8)
{
    fake.number = number;
    for (int i = 0; i < 6; i++) {
        fake.x[i] = x[i];
        x[i] = fake.reply[i];
    }
    fake.x[6] = x6;
    fake.x[7] = number;
    fake.x[8] = x8;
}
