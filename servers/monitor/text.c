/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Messages of the monitor: appending and the words for each fault
 */
#include "text.h"

#include <sel4/fault_types.h>

static void text_add_char(struct text *text, char c)
{
    if (text->length < TEXT_BYTES) {
        text->bytes[text->length++] = c;
    }
}

void text_add(struct text *text, const char *string)
{
    for (; *string != '\0'; string++) {
        text_add_char(text, *string);
    }
}

void text_add_name(struct text *text, const char *name, unsigned limit)
{
    for (unsigned i = 0; i < limit && name[i] != '\0'; i++) {
        text_add_char(text, name[i]);
    }
}

void text_add_hex(struct text *text, uint64_t value)
{
    unsigned shift = 60;

    text_add(text, "0x");
    while (shift > 0 && (value >> shift) == 0) {
        shift -= 4;
    }
    for (;; shift -= 4) {
        text_add_char(text, "0123456789abcdef"[(value >> shift) & 0xfu]);
        if (shift == 0) {
            return;
        }
    }
}

void text_add_decimal(struct text *text, int64_t value)
{
    char digits[20];
    unsigned count = 0;
    uint64_t rest = (uint64_t)value;

    if (value < 0) {
        text_add_char(text, '-');
        rest = 0u - rest;
    }
    do {
        digits[count++] = (char)('0' + rest % 10u);
        rest /= 10u;
    } while (rest != 0);
    while (count > 0) {
        text_add_char(text, digits[--count]);
    }
}

/* Return message word `index`, or 0 if the message does not have it. */
static uint64_t word_at(const uint64_t *words, unsigned count, unsigned index)
{
    return index < count ? words[index] : 0;
}

static void text_add_vm_fault(struct text *text, const uint64_t *words, unsigned count)
{
    uint64_t syndrome = word_at(words, count, 3);
    /* Bit 6 of a data abort's syndrome: the access was a write. */
    const char *access = (syndrome & 0x40u) != 0 ? "cannot write " : "cannot read ";

    text_add(text, word_at(words, count, 2) != 0 ? "cannot execute " : access);
    text_add_hex(text, word_at(words, count, 1));
    text_add(text, ", pc ");
    text_add_hex(text, word_at(words, count, 0));
    text_add(text, ", syndrome ");
    text_add_hex(text, syndrome);
}

static void text_add_cap_fault(struct text *text, const uint64_t *words, unsigned count)
{
    text_add(text, "has no capability ");
    text_add_hex(text, word_at(words, count, 1));
    text_add(text, word_at(words, count, 2) != 0 ? " to receive on, pc " : " to send to, pc ");
    text_add_hex(text, word_at(words, count, 0));
}

/* Append "what number, at pc". */
static void text_add_number(struct text *text, const char *what, uint64_t number, uint64_t pc)
{
    text_add(text, what);
    text_add_hex(text, number);
    text_add(text, ", pc ");
    text_add_hex(text, pc);
}

void text_add_fault(struct text *text, uint64_t label, const uint64_t *words, unsigned count)
{
    switch (label) {
    case seL4_Fault_CapFault: text_add_cap_fault(text, words, count); return;
    case seL4_Fault_UnknownSyscall:
        text_add_number(text, "unknown system call ", word_at(words, count, 12),
                        word_at(words, count, 8));
        return;
    case seL4_Fault_UserException:
        text_add_number(text, "undefined instruction, syndrome ", word_at(words, count, 3),
                        word_at(words, count, 0));
        return;
    case seL4_Fault_VMFault: text_add_vm_fault(text, words, count); return;
    case seL4_Fault_VCPUFault:
        text_add(text, "instruction not allowed, syndrome ");
        text_add_hex(text, word_at(words, count, 0));
        return;
    case seL4_Fault_Timeout: text_add(text, "used up its budget"); return;
    default:
        text_add(text, "unexpected message, label ");
        text_add_hex(text, label);
        return;
    }
}
