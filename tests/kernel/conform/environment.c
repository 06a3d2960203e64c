/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * On-target conformance tests: objects, threads, console
 */
#include "conform.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define UART_PADDR   0x9000000ul
#define UART_FLAG    (0x18 / 4)
#define UART_FULL    (1u << 5)
#define SPACE_START  0x40000000ul /* of the address space handed out here */
#define THREADS_MAX  96
#define STACK_BYTES  0x2000
#define TLS_BYTES    512
#define PSCI_OFF     0x84000008ul
#define PAGE_BITS    12
#define UNTYPED_MANY 230
#define CHAPTERS     7 /* of abi/, counted from 1 */

seL4_BootInfo *boot;

static seL4_CPtr next_slot;
static bool untyped_used[UNTYPED_MANY]; /* device untypeds we have cut up */
static volatile uint32_t *uart;         /* device registers */
static unsigned passed, failed;
static struct row *first_row, *last_row, *row;

/* ---- Console and results ------------------------------------------------------------------------ */

static void put(char character)
{
    if (uart == NULL) {
        return;
    }
    while ((uart[UART_FLAG] & UART_FULL) != 0) {
    }
    uart[0] = (uint8_t)character;
}

void say(const char *format, ...)
{
    char text[256];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            put('\r');
        }
        put(*at);
    }
}

void check_report(bool holds, const char *what, const char *file, int line)
{
    *(holds ? &passed : &failed) += 1;
    if (row != NULL) {
        row->checks++;
    }
    if (!holds) {
        say("FAIL %s:%d: [%s] %s\n", file, line, row != NULL ? row->id : "no row", what);
    }
}

void check_equal(seL4_Word is, seL4_Word expected, const char *what, const char *file, int line)
{
    check_report(is == expected, what, file, line);
    if (is != expected) {
        say("     is %#lx, expected %#lx\n", is, expected);
    }
}

/* ---- Rows of the interface ----------------------------------------------------------------------- */

void row_enter(struct row *entered)
{
    row = entered;
    if (!row->is_entered) {
        row->is_entered = true;
        *(last_row != NULL ? &last_row->next : &first_row) = row;
        last_row = row;
    }
}

/* Is there an earlier place of the same row? */
static bool row_is_repeated(const struct row *place)
{
    for (const struct row *at = first_row; at != place; at = at->next) {
        if (strcmp(at->id, place->id) == 0) {
            return true;
        }
    }
    return false;
}

unsigned rows_report(void)
{
    unsigned counts[CHAPTERS] = { 0 };
    unsigned empty = 0;

    for (const struct row *at = first_row; at != NULL; at = at->next) {
        unsigned chapter = (unsigned)(at->id[1] - '0');
        if (at->checks == 0) {
            say("FAIL row %s was entered and not checked\n", at->id);
            empty++;
        } else if (chapter < CHAPTERS && !row_is_repeated(at)) {
            counts[chapter]++;
        }
    }
    for (unsigned chapter = 1; chapter < CHAPTERS; chapter++) {
        say("rows: abi/0%u %u\n", chapter, counts[chapter]);
    }
    return empty;
}

/* ---- Memory ------------------------------------------------------------------------------------------ */

seL4_CPtr slot_new(void)
{
    next_slot++;
    return next_slot - 1;
}

static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr slot)
{
    return seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot, 1);
}

/* Large pieces are taken from large untypeds, so that small ones do not spoil them. */
seL4_CPtr object_new(seL4_Word type, seL4_Word size_bits)
{
    seL4_CPtr slot = slot_new();
    seL4_Word count = boot->untyped.end - boot->untyped.start;

    for (seL4_Word i = 0; i < count; i++) {
        if (!boot->untypedList[i].isDevice && boot->untypedList[i].sizeBits >= 16 &&
            retype(boot->untyped.start + i, type, size_bits, slot) == seL4_NoError) {
            return slot;
        }
    }
    say("conform: out of memory for an object of type %lu\n", type);
    failed++;
    return seL4_CapNull;
}

seL4_CPtr untyped_new(seL4_Word size_bits)
{
    return object_new(seL4_UntypedObject, size_bits);
}

/* An object over the device memory at `paddr`. */
static seL4_CPtr device_object(seL4_Word type, seL4_Word object_bits, seL4_Word paddr)
{
    seL4_Word count = boot->untyped.end - boot->untyped.start;
    seL4_CPtr slot = slot_new();

    for (seL4_Word i = 0; i < count; i++) {
        seL4_UntypedDesc *piece = &boot->untypedList[i];
        if (!piece->isDevice || untyped_used[i] || paddr < piece->paddr ||
            paddr - piece->paddr >= 1ul << piece->sizeBits) {
            continue;
        }
        /* Walk up to the page with throw-away untypeds. */
        untyped_used[i] = true;
        seL4_Word at = piece->paddr;
        while (at < paddr) {
            seL4_Word bits = 63 - (seL4_Word)__builtin_clzl(paddr - at);
            seL4_Word align = at == 0 ? 63 : (seL4_Word)__builtin_ctzl(at);
            bits = bits < align ? bits : align;
            if (retype(boot->untyped.start + i, seL4_UntypedObject, bits, slot_new()) !=
                seL4_NoError) {
                return seL4_CapNull;
            }
            at += 1ul << bits;
        }
        if (retype(boot->untyped.start + i, type, object_bits, slot) == seL4_NoError) {
            return slot;
        }
    }
    return seL4_CapNull;
}

seL4_CPtr device_frame(seL4_Word paddr)
{
    return device_object(seL4_ARM_SmallPageObject, 0, paddr);
}

seL4_CPtr device_untyped(seL4_Word paddr)
{
    return device_object(seL4_UntypedObject, PAGE_BITS, paddr);
}

seL4_Word space_new(seL4_Word bytes)
{
    static seL4_Word next = SPACE_START;
    seL4_Word start = next;

    next += (bytes + 0x1fffff) & ~0x1ffffful;
    for (seL4_Word at = start; at < next; at += 0x200000) {
        /* The first table of a gibibyte needs one above it; the error says which level is missing. */
        for (unsigned tries = 0; tries < 2; tries++) {
            seL4_CPtr table = object_new(seL4_ARM_PageTableObject, 0);
            if (seL4_ARM_PageTable_Map(table, seL4_CapInitThreadVSpace, at,
                                       seL4_ARM_Default_VMAttributes) != seL4_NoError) {
                break;
            }
        }
    }
    return start;
}

seL4_CPtr cap_mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = slot_new();

    CHECK_EQ(seL4_CNode_Mint(seL4_CapInitThreadCNode, slot, DEPTH, seL4_CapInitThreadCNode, source,
                             DEPTH, rights, badge),
             seL4_NoError);
    return slot;
}

seL4_Error cap_delete(seL4_CPtr cap)
{
    return seL4_CNode_Delete(seL4_CapInitThreadCNode, cap, DEPTH);
}

seL4_Error cap_revoke(seL4_CPtr cap)
{
    return seL4_CNode_Revoke(seL4_CapInitThreadCNode, cap, DEPTH);
}

seL4_CPtr image_frame(const void *page)
{
    extern const char _text[];

    return boot->userImageFrames.start + ((seL4_Word)page - (seL4_Word)_text) / PAGE_BYTES;
}

/* ---- Threads --------------------------------------------------------------------------------------------- */

struct thread_memory {
    _Alignas(PAGE_BYTES) char buffer[PAGE_BYTES];
    _Alignas(64) char tls[TLS_BYTES];
    _Alignas(16) char stack[STACK_BYTES];
};

static struct thread_memory memories[THREADS_MAX];
static unsigned threads;

/* First code of every thread. */
static void thread_entry(thread_fn *function, seL4_Word a, seL4_Word b, const struct thread *self)
{
    struct thread copy = *self;

    seL4_SetIPCBuffer(copy.buffer);
    function(a, b);
    for (;;) {
        (void)seL4_TCB_Suspend(copy.tcb);
    }
}

struct thread thread_new(seL4_Word priority)
{
    extern char __tls_area[];
    struct thread_memory *memory = &memories[threads % THREADS_MAX];
    struct thread thread = { object_new(seL4_TCBObject, 0), object_new(seL4_SchedContextObject, 8),
                             object_new(seL4_ReplyObject, 0), (seL4_IPCBuffer *)memory->buffer };

    threads++;
    memcpy(memory->tls, __tls_area, TLS_BYTES);
    seL4_CPtr frame = cap_mint(image_frame(memory->buffer), seL4_AllRights, 0);
    CHECK_EQ(seL4_TCB_Configure(thread.tcb, seL4_CapInitThreadCNode, 0, seL4_CapInitThreadVSpace, 0,
                                (seL4_Word)memory->buffer, frame),
             seL4_NoError);
    CHECK_EQ(seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, thread.sched_context, 5000,
                                              5000, 0, 0, 0),
             seL4_NoError);
    CHECK_EQ(seL4_TCB_SetSchedParams(thread.tcb, seL4_CapInitThreadTCB, priority, priority,
                                     thread.sched_context, seL4_CapNull),
             seL4_NoError);
    return thread;
}

void thread_run(const struct thread *thread, thread_fn *function, seL4_Word a, seL4_Word b)
{
    struct thread_memory *memory = (struct thread_memory *)(void *)thread->buffer;
    /* On the new thread's own stack: the entry copies it. */
    struct thread *copy = (struct thread *)(void *)(memory->stack + STACK_BYTES - 64);
    seL4_UserContext registers = { .pc = (seL4_Word)thread_entry,
                                   .sp = (seL4_Word)copy,
                                   .x0 = (seL4_Word)function,
                                   .x1 = a,
                                   .x2 = b,
                                   .x3 = (seL4_Word)copy,
                                   .tpidr_el0 = (seL4_Word)memory->tls };

    *copy = *thread;
    CHECK_EQ(seL4_TCB_WriteRegisters(thread->tcb, 1, 0, sizeof(registers) / sizeof(seL4_Word),
                                     &registers),
             seL4_NoError);
}

struct thread thread_spawn(seL4_Word priority, thread_fn *function, seL4_Word a, seL4_Word b)
{
    struct thread thread = thread_new(priority);

    thread_run(&thread, function, a, b);
    return thread;
}

seL4_Error thread_budget(const struct thread *thread, seL4_Word budget_us, seL4_Word period_us)
{
    return seL4_SchedControl_ConfigureFlags(boot->schedcontrol.start, thread->sched_context,
                                            budget_us, period_us, 0, 0, 0);
}

void thread_fault_endpoint(const struct thread *thread, seL4_CPtr endpoint)
{
    CHECK_EQ(seL4_TCB_SetSpace(thread->tcb, endpoint, seL4_CapInitThreadCNode, 0,
                               seL4_CapInitThreadVSpace, 0),
             seL4_NoError);
}

void thread_priority(const struct thread *thread, seL4_Word priority)
{
    CHECK_EQ(seL4_TCB_SetPriority(thread->tcb, seL4_CapInitThreadTCB, priority), seL4_NoError);
}

/* ---- Start and end ------------------------------------------------------------------------------------------ */

void environment_init(seL4_BootInfo *bootinfo)
{
    boot = bootinfo;
    next_slot = boot->empty.start;
    seL4_CPtr frame = device_frame(UART_PADDR);
    seL4_Word vaddr = space_new(PAGE_BYTES);
    if (seL4_ARM_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_AllRights,
                          seL4_ARM_ExecuteNever) == seL4_NoError) {
        uart = (volatile uint32_t *)vaddr;
    }
}

int main(seL4_BootInfo *bootinfo)
{
    seL4_ARM_SMCContext off = { .x0 = PSCI_OFF };
    static const struct {
        const char *name;
        void (*run)(void);
    } suites[] = {
        { "boot", suite_boot },
        { "syscall", suite_syscall },
        { "transfer", suite_transfer },
        { "retype", suite_retype },
        { "cnode", suite_cnode },
        { "tcb", suite_tcb },
        { "registers", suite_registers },
        { "context", suite_context },
        { "mapping", suite_mapping },
        { "cspace", suite_cspace },
        { "untyped", suite_untyped },
        { "ipc", suite_ipc },
        { "notification", suite_notification },
        { "fault", suite_fault },
        { "sched", suite_sched },
        { "vspace", suite_vspace },
        { "irq", suite_irq },
        { "fpu", suite_fpu },
        { "vcpu", suite_vcpu },
        { "cost", suite_cost },
    };

    environment_init(bootinfo);
    ROW("03.4.set-priority");
    CHECK_EQ(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, MAIN_PRIO),
             seL4_NoError);
    for (unsigned i = 0; i < sizeof(suites) / sizeof(suites[0]); i++) {
        unsigned before = passed;
        suites[i].run();
        say("suite %s: %u checks held\n", suites[i].name, passed - before);
    }
    failed += rows_report();
    say("conform: %u passed, %u failed\n", passed, failed);
    (void)seL4_ARM_SMC_Call(seL4_CapSMC, &off, &off);
    return 0;
}
