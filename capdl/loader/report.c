/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A failure, told in the words of the spec
 *
 *     tessera: initialiser: cannot create frame "ram[3]" of component "linux": not enough memory
 *     (4096 bytes left); asked 2097152 bytes
 *
 * Written straight to the serial port, since a release kernel prints nothing and no driver runs
 * yet. Then the initialiser suspends itself: a half-built system must not start.
 */
#include "initialiser.h"

static void put_text(const char *text)
{
    for (; *text != 0; text++) {
        uart_put(*text);
    }
}

static void put_number(uint64_t value)
{
    char digits[21];
    unsigned at = sizeof digits - 1;

    digits[at] = 0;
    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value != 0);
    put_text(&digits[at]);
}

static void put_hex(uint64_t value)
{
    put_text("0x");
    for (int shift = 60; shift >= 0; shift -= 4) {
        if (value >> shift != 0 || shift == 0) {
            uart_put("0123456789abcdef"[value >> shift & 15]);
        }
    }
}

static const char *error_text(seL4_Error error)
{
    static const char *const texts[] = {
        "no error",     "invalid argument", "invalid capability", "illegal operation",
        "out of range", "not aligned",      "failed lookup",      "message too short",
        "delete first", "revoke first",     "not enough memory",
    };

    return error < sizeof texts / sizeof texts[0] ? texts[error] : "unknown error";
}

static void put_object(uint32_t index)
{
    const struct packed_view *spec = &initialiser.spec;
    const struct packed_object *object;

    if (index == PACKED_NONE || !spec->header) {
        return;
    }
    object = &spec->objects[index];
    put_text(" ");
    put_text(packed_type_name(object->type));
    put_text(" \"");
    put_text(packed_name(spec, index));
    if (object->index != PACKED_NONE) {
        put_text("[");
        put_number(object->index);
        put_text("]");
    }
    put_text("\"");
    if (packed_component(spec, index)[0] != 0) {
        put_text(" of component \"");
        put_text(packed_component(spec, index));
        put_text("\"");
    }
}

static void put_asked(uint32_t index)
{
    const struct packed_object *object;

    if (index == PACKED_NONE || !initialiser.spec.header) {
        return;
    }
    object = &initialiser.spec.objects[index];
    if (object->size_bits != 0) {
        put_text("; it is ");
        put_number(1ul << object->size_bits);
        put_text(" bytes");
    }
    if ((object->flags & PACKED_OBJECT_HAS_PADDR) != 0) {
        put_text(" at physical ");
        put_hex(object->place);
    }
}

static void begin(const char *what, uint32_t object)
{
    (void)uart_open();
    put_text("\ntessera: initialiser: cannot ");
    put_text(what);
    put_object(object);
    put_text(": ");
}

static _Noreturn void stop(uint32_t object)
{
    put_asked(object);
    put_text("\n");
    for (;;) {
        (void)seL4_TCB_Suspend(seL4_CapInitThreadTCB);
    }
}

_Noreturn void fail(const char *what, uint32_t object, seL4_Error error)
{
    /* The kernel's details, before the report makes calls of its own. */
    uint64_t details[5];

    for (int i = 0; i < 5; i++) {
        details[i] = seL4_GetMR(i);
    }
    begin(what, object);
    put_text(error_text(error));
    if (error == seL4_NotEnoughMemory) {
        put_text(" (");
        put_number(details[0]);
        put_text(" bytes left)");
    } else if (error == seL4_InvalidArgument || error == seL4_InvalidCapability) {
        put_text(" ");
        put_number(details[0]);
    } else if (error == seL4_RangeError) {
        put_text(" (allowed: ");
        put_number(details[0]);
        put_text(" to ");
        put_number(details[1]);
        put_text(")");
    } else if (error == seL4_FailedLookup) {
        put_text(" (type ");
        put_number(details[1]);
        put_text(", bits left ");
        put_number(details[2]);
        put_text(")");
    }
    stop(object);
}

_Noreturn void fail_because(const char *what, uint32_t object, const char *reason, uint64_t number)
{
    begin(what, object);
    put_text(reason);
    put_text(" ");
    put_number(number);
    stop(object);
}

void check(seL4_Error error, const char *what, uint32_t object)
{
    if (error != seL4_NoError) {
        fail(what, object, error);
    }
}
