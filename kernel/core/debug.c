/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Debug system calls
 *
 * They answer at once, without accounting and without scheduling (abi/01 §8). A call that makes
 * no sense stops the machine: it is a mistake in the program under test.
 */
#include <abi/syscalls.h>
#include <core/cap.h>
#include <core/cspace.h>
#include <core/debug.h>
#include <core/ipc_transfer.h>
#include <core/release_queue.h>
#include <core/thread.h>

#define DUMP_THREADS 64 /* printed at most: there is no stop while printing */

/* ---- Printing --------------------------------------------------------------------------------- */

static void debug_print(const char *text)
{
    for (; *text != '\0'; text++) {
        machine_console_put(*text);
    }
}

static void debug_print_hex(word_t value)
{
    static const char digits[] = "0123456789abcdef";

    debug_print("0x");
    for (int shift = WORD_BITS - 4; shift >= 0; shift -= 4) {
        if (value >> shift != 0 || shift == 0) {
            machine_console_put(digits[(value >> shift) & 0xf]);
        }
    }
}

static void debug_print_thread(const struct tcb *thread)
{
    debug_print(thread->name[0] != '\0' ? thread->name : "(no name)");
    debug_print(" state ");
    debug_print_hex(thread->state);
    debug_print(" priority ");
    debug_print_hex(thread->priority);
    debug_print(" ip ");
    debug_print_hex(thread_register(thread, CONTEXT_NEXT_IP));
    debug_print("\n");
}

void debug_report_fault(const struct tcb *thread)
{
    const struct thread_fault *fault = &thread->fault;

    if (!kernel.config.is_debug) {
        return;
    }
    debug_print("kernel: nobody handles fault ");
    debug_print_hex(fault->type);
    debug_print(" of ");
    debug_print_thread(thread);
    for (word_t i = 0; i < sizeof(fault->words) / sizeof(fault->words[0]); i++) {
        debug_print(i == 0 ? "kernel:   " : " ");
        debug_print_hex(fault->words[i]);
    }
    debug_print("\n");
}

static _Noreturn void debug_halt(const char *reason)
{
    debug_print("kernel: ");
    debug_print(reason);
    debug_print(", halting\n");
    machine_halt();
}

/* ---- The calls -------------------------------------------------------------------------------- */

static void debug_put_char(word_t value)
{
    const char character = (char)value;

    if (character == '\n') {
        machine_console_put('\r');
    }
    machine_console_put(character);
}

/* Print `thread`, unless that makes too many; counts them in `printed`. */
static bool debug_dump_thread(const struct tcb *thread, word_t *printed)
{
    if (*printed == DUMP_THREADS) {
        debug_print("...\n");
        return false;
    }
    *printed += 1;
    debug_print_thread(thread);
    return true;
}

/* Threads that wait to run: others are not in any list. */
static void debug_dump_scheduler(void)
{
    const struct cpu_state *cpu = this_cpu();
    word_t printed = 0;

    debug_print_thread(thread_current());
    for (word_t priority = PRIORITY_COUNT; priority-- > 0;) {
        struct tcb_ref next = cpu->ready[kernel.domain_current].queue[priority].head;

        for (; next.raw != 0; next = tcb_at(next)->sched_next) {
            if (!debug_dump_thread(tcb_at(next), &printed)) {
                return;
            }
        }
    }
    for (const struct tcb *next = tcb_at(cpu->release.first); next != NULL;
         next = release_queue_next(next)) {
        if (!debug_dump_thread(next, &printed)) {
            return;
        }
    }
}

static void debug_identify(struct tcb *thread)
{
    struct slot *slot = NULL;
    word_t type = CAP_NULL;

    if (cspace_lookup(thread, thread_register(thread, CONTEXT_CAP), &slot)) {
        type = cap_type(slot->cap);
    }
    thread_set_register(thread, CONTEXT_CAP, type);
}

static void debug_name_thread(struct tcb *thread)
{
    const struct ipc_buffer *buffer = ipc_buffer(thread, false);
    struct slot *slot = NULL;

    if (!cspace_lookup(thread, thread_register(thread, CONTEXT_CAP), &slot) ||
        cap_type(slot->cap) != CAP_TCB) {
        debug_halt("DebugNameThread: no TCB capability");
    }
    if (buffer == NULL) {
        debug_halt("DebugNameThread: no IPC buffer");
    }
    struct tcb *target = cap_tcb_object(slot->cap);
    const char *text = (const char *)buffer->msg;
    word_t length = 0;

    while (length < sizeof(buffer->msg) && text[length] != '\0') {
        length++;
    }
    if (length == sizeof(buffer->msg)) {
        debug_halt("DebugNameThread: no end of the name");
    }
    for (word_t i = 0; i < TCB_NAME_BYTES; i++) {
        target->name[i] = i < length && i + 1 < TCB_NAME_BYTES ? text[i] : '\0';
    }
}

bool debug_syscall(word_t number)
{
    struct tcb *thread = thread_current();

    if (!kernel.config.is_debug) {
        return false;
    }
    switch ((int64_t)number) {
    case SYS_DEBUG_PUT_CHAR: debug_put_char(thread_register(thread, CONTEXT_CAP)); return true;
    case SYS_DEBUG_DUMP_SCHEDULER: debug_dump_scheduler(); return true;
    case SYS_DEBUG_HALT: debug_halt("DebugHalt");
    case SYS_DEBUG_CAP_IDENTIFY: debug_identify(thread); return true;
    case SYS_DEBUG_SNAPSHOT: debug_print("kernel: snapshots are not supported\n"); return true;
    case SYS_DEBUG_NAME_THREAD: debug_name_thread(thread); return true;
    default: return false;
    }
}
