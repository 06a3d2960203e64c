/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A parent of two children made from one program: it restarts the one that faults, twice, then
 * stops it, and lets the other go on after its unknown system call
 */
#include <microkit.h>
#include <stdint.h>

#define ENTRY    0x200000
#define RESTARTS 2
#define FIRST_CH 1

uintptr_t note_vaddr;
uint64_t first_id;
uint64_t second_id;

static unsigned restarts;

static void say(const char *text, seL4_Word number)
{
    microkit_dbg_puts("parent: ");
    microkit_dbg_puts(text);
    microkit_dbg_puts(" ");
    microkit_dbg_put32((seL4_Uint32)number);
    microkit_dbg_puts("\n");
}

void init(void)
{
}

void notified(microkit_channel ch)
{
    say("notified by channel", ch);
    if (ch == FIRST_CH) {
        say("note", *(volatile uint32_t *)note_vaddr);
    }
}

static seL4_Bool first_faulted(seL4_Word label, seL4_Word address)
{
    say(label == seL4_Fault_VMFault ? "first cannot reach" : "first WRONG", address);
    if (restarts == RESTARTS) {
        microkit_pd_stop((microkit_child)first_id);
        say("first is stopped after restarts:", restarts);
    } else {
        restarts++;
        microkit_pd_restart((microkit_child)first_id, ENTRY);
    }
    return seL4_False;
}

seL4_Bool fault(microkit_child child, microkit_msginfo msginfo, microkit_msginfo *reply_msginfo)
{
    seL4_Word label = microkit_msginfo_get_label(msginfo);

    if (child == first_id) {
        return first_faulted(label, microkit_mr_get(seL4_VMFault_Addr));
    }
    say("fault of child", child);
    if (label == seL4_Fault_UnknownSyscall) {
        /* It goes on behind the instruction, with x0 as it was and the number answered in x1. */
        microkit_mr_set(seL4_UnknownSyscall_X1, microkit_mr_get(seL4_UnknownSyscall_Syscall));
        microkit_mr_set(seL4_UnknownSyscall_FaultIP, microkit_mr_get(seL4_UnknownSyscall_LR));
        *reply_msginfo = microkit_msginfo_new(0, seL4_UnknownSyscall_Length);
        return seL4_True;
    }
    return seL4_False;
}
