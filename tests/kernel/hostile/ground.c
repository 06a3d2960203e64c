/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Console, objects and address space of the hostile root tasks
 */
#include "ground.h"

#include <stdarg.h>
#include <stdio.h>

#define UART_PADDR  0x9000000ul /* PL011 of the virt board */
#define UART_FLAG   (0x18 / 4)
#define UART_FULL   (1u << 5)
#define SPACE_START 0x40000000ul
#define TABLE_BYTES 0x200000ul /* what one page table maps */
#define FAN_OUT     256ul      /* objects of one Retype */
#define PSCI_OFF    0x84000008ul

seL4_BootInfo *boot;

static seL4_CPtr next_slot;
static volatile uint32_t *uart;

/* ---- Console ------------------------------------------------------------------------------------- */

static void put(char character)
{
    while (uart != NULL && (uart[UART_FLAG] & UART_FULL) != 0) {
    }
    if (uart != NULL) {
        uart[0] = (uint8_t)character;
    }
}

static void print(const char *format, va_list arguments)
{
    char text[256];

    vsnprintf(text, sizeof(text), format, arguments);
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == '\n') {
            put('\r');
        }
        put(*at);
    }
}

void say(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    print(format, arguments);
    va_end(arguments);
}

_Noreturn void power_off(void)
{
    seL4_ARM_SMCContext off = { .x0 = PSCI_OFF };

    for (;;) {
        (void)seL4_ARM_SMC_Call(seL4_CapSMC, &off, &off);
    }
}

void give_up(const char *format, ...)
{
    va_list arguments;

    say("FAIL ");
    va_start(arguments, format);
    print(format, arguments);
    va_end(arguments);
    say("\n");
    power_off();
}

void must(seL4_Error error, const char *what, int line)
{
    if (error != seL4_NoError) {
        give_up("line %d: %s: error %d", line, what, (int)error);
    }
}

/* ---- Objects --------------------------------------------------------------------------------------- */

seL4_CPtr slots_new(seL4_Word count)
{
    seL4_CPtr first = next_slot;

    next_slot += count;
    if (next_slot > boot->empty.end) {
        give_up("the root CNode is full: --root-cnode-bits 18");
    }
    return first;
}

void objects_from(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr first,
                  seL4_Word count)
{
    while (count > 0) {
        seL4_Word some = count < FAN_OUT ? count : FAN_OUT;
        MUST(seL4_Untyped_Retype(untyped, type, size_bits, ROOT, 0, 0, first, some));
        first += some;
        count -= some;
    }
}

/* Make up to FAN_OUT objects of whichever untyped has room. */
static void make_some(seL4_Word type, seL4_Word size_bits, seL4_CPtr first, seL4_Word count)
{
    for (seL4_Word i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        const seL4_UntypedDesc *piece = &boot->untypedList[i];
        if (!piece->isDevice && piece->sizeBits >= 22 &&
            seL4_Untyped_Retype(boot->untyped.start + i, type, size_bits, ROOT, 0, 0, first,
                                count) == seL4_NoError) {
            return;
        }
    }
    give_up("no memory for %lu objects of type %lu", count, type);
}

seL4_CPtr objects_new(seL4_Word type, seL4_Word size_bits, seL4_Word count)
{
    seL4_CPtr first = slots_new(count);

    for (seL4_Word done = 0; done < count; done += FAN_OUT) {
        make_some(type, size_bits, first + done, count - done < FAN_OUT ? count - done : FAN_OUT);
    }
    return first;
}

seL4_CPtr mint(seL4_CPtr source, seL4_CapRights_t rights, seL4_Word badge)
{
    seL4_CPtr slot = slots_new(1);

    MUST(seL4_CNode_Mint(ROOT, slot, DEPTH, ROOT, source, DEPTH, rights, badge));
    return slot;
}

/* ---- Address space ---------------------------------------------------------------------------------- */

seL4_Word space_new(seL4_Word bytes)
{
    static seL4_Word next = SPACE_START;
    seL4_Word start = next;

    next += (bytes + TABLE_BYTES - 1) & ~(TABLE_BYTES - 1);
    for (seL4_Word at = start; at < next; at += TABLE_BYTES) {
        /* The first table of a gibibyte needs one above it; the second try maps the lower one. */
        for (unsigned level = 0; level < 2; level++) {
            seL4_CPtr table = objects_new(seL4_ARM_PageTableObject, 0, 1);
            if (seL4_ARM_PageTable_Map(table, SPACE, at, seL4_ARM_Default_VMAttributes) !=
                seL4_NoError) {
                break;
            }
        }
    }
    return start;
}

seL4_CPtr page_at(seL4_Word vaddr)
{
    seL4_CPtr frame = objects_new(seL4_ARM_SmallPageObject, 0, 1);

    MUST(seL4_ARM_Page_Map(frame, SPACE, vaddr, seL4_ReadWrite, seL4_ARM_Default_VMAttributes));
    return frame;
}

/* The device untyped that covers the UART is cut up to its page with throw-away untypeds. */
static seL4_CPtr uart_frame(void)
{
    for (seL4_Word i = 0; i < boot->untyped.end - boot->untyped.start; i++) {
        const seL4_UntypedDesc *piece = &boot->untypedList[i];
        seL4_CPtr untyped = boot->untyped.start + i;
        if (!piece->isDevice || UART_PADDR < piece->paddr ||
            UART_PADDR - piece->paddr >= 1ul << piece->sizeBits) {
            continue;
        }
        for (seL4_Word at = piece->paddr; at < UART_PADDR;) {
            seL4_Word bits = 63 - (seL4_Word)__builtin_clzl(UART_PADDR - at);
            if (at != 0 && (seL4_Word)__builtin_ctzl(at) < bits) {
                bits = (seL4_Word)__builtin_ctzl(at);
            }
            objects_from(untyped, seL4_UntypedObject, bits, slots_new(1), 1);
            at += 1ul << bits;
        }
        seL4_CPtr frame = slots_new(1);
        objects_from(untyped, seL4_ARM_SmallPageObject, 0, frame, 1);
        return frame;
    }
    power_off();
}

void ground_init(seL4_BootInfo *bootinfo)
{
    boot = bootinfo;
    next_slot = boot->empty.start;
    seL4_Word vaddr = space_new(PAGE_BYTES);
    MUST(seL4_ARM_Page_Map(uart_frame(), SPACE, vaddr, seL4_ReadWrite, seL4_ARM_ExecuteNever));
    uart = (volatile uint32_t *)vaddr;
}

/* ---- System calls without thread-local storage -------------------------------------------------------- */

seL4_Word bare_syscall(seL4_Word x0, seL4_Word *info, seL4_Word number)
{
    register seL4_Word r0 __asm__("x0") = x0;
    register seL4_Word r1 __asm__("x1") = *info;
    register seL4_Word r6 __asm__("x6") = 0;
    register seL4_Word r7 __asm__("x7") = number;

    __asm__ volatile("svc #0"
                     : "+r"(r0), "+r"(r1)
                     : "r"(r6), "r"(r7)
                     : "x2", "x3", "x4", "x5", "memory");
    *info = r1;
    return r0;
}
