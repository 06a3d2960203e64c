/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A failure, told in the words of the spec
 *
 *     tessera: initialiser: cannot create untyped "linux_ut" of component "linux": it needs
 *     536870912 bytes in one piece, the largest free piece of memory has 268435456
 *
 * One line, printed in the way of the program that builds, which then stops: a half-built system
 * must not start.
 */
#include <loader/build.h>

static void put_text(const char *text)
{
    for (; *text != 0; text++) {
        report_put(*text);
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
            report_put("0123456789abcdef"[value >> shift & 15]);
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
    const struct packed_view *spec = &builder.spec;
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

/* Kernel errors carry details in the first message registers (abi/01 section 6). */
static void put_error(seL4_Error error, const uint64_t details[2])
{
    put_text(error_text(error));
    if (error == seL4_NotEnoughMemory) {
        put_text(", bytes left: ");
        put_number(details[0]);
    } else if (error == seL4_InvalidArgument || error == seL4_InvalidCapability) {
        put_text(" number ");
        put_number(details[0]);
    } else if (error == seL4_RangeError) {
        put_text(", allowed are ");
        put_number(details[0]);
        put_text(" to ");
        put_number(details[1]);
    } else if (error == seL4_FailedLookup) {
        put_text(" of type ");
        put_number(details[1]);
    }
}

void report_text(const char *reason, uint64_t first, uint64_t second)
{
    uint64_t number = first;

    for (; *reason != 0; reason++) {
        if (*reason != '%') {
            report_put(*reason);
            continue;
        }
        reason++;
        if (*reason == 'u') {
            put_number(number);
        } else if (*reason == 'x') {
            put_hex(number);
        } else {
            put_object((uint32_t)number);
        }
        number = second;
    }
}

static void begin(const char *what, uint32_t object)
{
    report_begin();
    put_text("\ntessera: ");
    put_text(builder.who);
    put_text(": cannot ");
    put_text(what);
    put_object(object);
}

_Noreturn void fail(const char *what, uint32_t object, seL4_Error error)
{
    /* Read now: the report makes calls of its own. */
    uint64_t details[2] = { seL4_GetMR(0), seL4_GetMR(1) };

    begin(what, object);
    put_text(": ");
    put_error(error, details);
    put_text("\n");
    report_stop();
}

_Noreturn void fail_cap(const struct packed_cap *cap, seL4_Error error)
{
    static const char *const kinds[PACKED_CAP_KIND_COUNT] = { "", " irq_control", " asid_control",
                                                              " domain", " sched_control" };
    uint64_t details[2] = { seL4_GetMR(0), seL4_GetMR(1) };

    begin("put", cap->target);
    put_text(kinds[cap->kind]);
    put_text(" into slot ");
    put_number(cap->slot);
    put_text(" of");
    put_object(cap->container);
    put_text(": ");
    put_error(error, details);
    put_text("\n");
    report_stop();
}

_Noreturn void fail_because(const char *what, uint32_t object, const char *reason, uint64_t first,
                            uint64_t second)
{
    begin(what, object);
    put_text(": ");
    report_text(reason, first, second);
    put_text("\n");
    report_stop();
}

void check(seL4_Error error, const char *what, uint32_t object)
{
    if (error != seL4_NoError) {
        fail(what, object, error);
    }
}
