/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Where the initialiser takes memory from, against a model of the kernel's watermarks
 *
 * The model has the untypeds by slot and does what abi/02 section 4 says of Retype. After each
 * request the objects are made in the model; none may be where the initialiser did not expect it,
 * and none may overlap another.
 */
#include "initialiser.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIRST_SLOT 100u
#define SLOTS      4096u
#define RAM        UINT64_C(0x40000000)
#define DEVICE     UINT64_C(0x09000000)

struct initialiser initialiser;
struct builder builder;

static seL4_IPCBuffer buffer;
__thread seL4_IPCBuffer *__sel4_ipc_buffer = &buffer;

static struct model {
    uint64_t base, size, used; /* size 0: no untyped */
    bool is_device;
} model[SLOTS];

static seL4_BootInfo boot;
static struct packed_object objects[8];
static jmp_buf failed;
static const char *fail_reason;
static uint64_t fail_numbers[2];

seL4_CPtr slot_take(void)
{
    assert_true(builder.slot_free < SLOTS);
    return builder.slot_free++;
}

_Noreturn void fail_because(const char *what, uint32_t object, const char *reason, uint64_t first,
                            uint64_t second)
{
    (void)what;
    (void)object;
    fail_reason = reason;
    fail_numbers[0] = first;
    fail_numbers[1] = second;
    longjmp(failed, 1);
}

/* Address of the first of `count` objects cut from an untyped. */
static uint64_t model_cut(seL4_CPtr untyped, uint64_t bits, uint64_t count)
{
    struct model *from = &model[untyped];
    uint64_t at = (from->base + from->used + (1ul << bits) - 1) >> bits << bits;

    assert_true(from->size != 0);
    assert_true(at + (count << bits) <= from->base + from->size);
    from->used = at + (count << bits) - from->base;
    return at;
}

/* The only invocation that memory.c makes: cutting an untyped, or a device page. */
void sel4_host_trap(seL4_Word number, seL4_Word x[6], seL4_Word x6, seL4_Word x8)
{
    uint64_t bits = x[2] == seL4_UntypedObject ? x[3] : seL4_PageBits;
    uint64_t slot = buffer.msg[4];
    uint64_t at = model_cut(x[0], bits, 1);

    (void)number;
    (void)x6;
    (void)x8;
    assert_int_equal(x[1] >> 12, UntypedRetype);
    assert_int_equal(buffer.msg[5], 1);
    assert_int_equal(model[slot].size, 0);
    model[slot] = (struct model){ at, 1ul << bits, 0, model[x[0]].is_device };
    x[1] = 0; /* no error */
}

static void boot_add(uint64_t paddr, uint8_t bits, bool is_device)
{
    uint64_t index = boot.untyped.end - boot.untyped.start;

    boot.untypedList[index] =
        (seL4_UntypedDesc){ .paddr = paddr, .sizeBits = bits, .isDevice = is_device };
    model[boot.untyped.end++] = (struct model){ paddr, 1ul << bits, 0, is_device };
}

/* RAM in pieces of 2 MiB, 64 MiB and 16 MiB, and a device page among others. */
static int setup(void **state)
{
    (void)state;
    memset(&initialiser, 0, sizeof(initialiser));
    memset(model, 0, sizeof(model));
    memset(objects, 0, sizeof(objects));
    boot.untyped = (seL4_SlotRegion){ FIRST_SLOT, FIRST_SLOT };
    boot_add(DEVICE - 0x800000, 24, true);
    boot_add(RAM + 0x200000, 21, false);
    boot_add(RAM + 0x4000000, 26, false);
    boot_add(RAM + 0x8000000, 24, false);
    initialiser.boot = &boot;
    builder.slot_free = boot.untyped.end;
    builder.spec.objects = objects;
    builder.spec.object_count = 8;
    memory_init();
    return 0;
}

/* Ask as create.c does, then make the objects in the model. Returns the first one's address. */
static uint64_t take(uint8_t bits, uint32_t *count, const uint64_t *paddr)
{
    seL4_CPtr untyped = memory_take(0, bits, count, paddr);
    uint64_t at = model_cut(untyped, bits, *count);

    if (paddr) {
        assert_int_equal(at, *paddr);
    }
    return at;
}

static uint64_t take_one(uint8_t bits)
{
    uint32_t one = 1;

    return take(bits, &one, NULL);
}

static void test_smallest_piece_first(void **state)
{
    (void)state;
    assert_int_equal(take_one(12), RAM + 0x200000);
    assert_int_equal(take_one(20), RAM + 0x300000); /* aligned: the gap before it is lost */
    assert_int_equal(take_one(12), RAM + 0x8000000);
    assert_int_equal(take_one(26), RAM + 0x4000000);
}

/* Neither the serial port nor any other device is taken for memory. */
static void test_no_device_as_memory(void **state)
{
    volatile uint64_t bytes = 0;

    (void)state;
    if (setjmp(failed) == 0) {
        for (;;) {
            bytes += 0x100000;
            assert_true(take_one(20) >= RAM);
        }
    }
    assert_int_equal(bytes, 0x200000 + 0x4000000 + 0x1000000 + 0x100000);
    assert_int_equal(fail_numbers[0], 0x100000);
    assert_int_equal(fail_numbers[1], 0);
}

/* 64 MiB are there in one piece, then 16 MiB; a longer run is cut. */
static void test_run_shortened(void **state)
{
    uint32_t count = 30;

    (void)state;
    assert_int_equal(take(21, &count, NULL), RAM + 0x4000000);
    assert_int_equal(count, 30);
    count = 8;
    assert_int_equal(take(21, &count, NULL), RAM + 0x8000000);
    count = 35;
    (void)take(21, &count, NULL);
    assert_in_range(count, 1, 2);
}

static void test_fixed(void **state)
{
    uint64_t paddr = RAM + 0x4123000;
    uint32_t count = 3;

    (void)state;
    assert_int_equal(take(12, &count, &paddr), paddr);
    assert_int_equal(count, 3);
    paddr = DEVICE;
    count = 1;
    assert_int_equal(take(12, &count, &paddr), paddr);
    /* What was cut off before it serves others, the smallest piece first. */
    assert_int_equal(take_one(12), RAM + 0x4122000);
    assert_int_equal(take_one(12), RAM + 0x4120000);
}

/* Frames that go on behind the boot untyped in which they begin: the rest is another request. */
static void test_fixed_across_untypeds(void **state)
{
    uint64_t paddr = RAM + 0x7fff000;
    uint32_t count = 4;

    (void)state;
    assert_int_equal(take(12, &count, &paddr), paddr);
    assert_int_equal(count, 1);
    paddr += 0x1000;
    count = 3;
    assert_int_equal(take(12, &count, &paddr), paddr);
    assert_int_equal(count, 3);
}

static void expect_refused(uint64_t paddr, uint8_t bits, const char *reason)
{
    uint32_t one = 1;

    objects[0] = (struct packed_object){ .place = paddr, .size_bits = bits };
    fail_reason = NULL;
    if (setjmp(failed) == 0) {
        (void)memory_take(0, bits, &one, &paddr);
    }
    assert_non_null(fail_reason);
    assert_non_null(strstr(fail_reason, reason));
    assert_int_equal(fail_numbers[0], paddr);
}

static void test_fixed_refused(void **state)
{
    uint64_t paddr = RAM + 0x4100000;
    uint32_t count = 1;

    (void)state;
    expect_refused(RAM, 12, "no memory and no device");
    expect_refused(RAM + 0x8000000, 30, "only %u bytes");
    assert_int_equal(fail_numbers[1], 0x1000000);
    assert_int_equal(take(21, &count, &(uint64_t){ RAM + 0x4200000 }), RAM + 0x4200000);
    expect_refused(RAM + 0x4200000, 12, "no memory and no device");
    assert_int_equal(take(12, &count, &paddr), paddr); /* a piece cut off before */
}

static void test_occupant_named(void **state)
{
    uint64_t paddr = RAM + 0x4200000;
    uint32_t one = 1;

    (void)state;
    objects[0] =
        (struct packed_object){ .place = paddr, .size_bits = 21, .flags = PACKED_OBJECT_HAS_PADDR };
    (void)take(21, &one, &paddr);
    objects[1] = objects[0];
    objects[1].place += 0x1000;
    objects[1].size_bits = 12;
    if (setjmp(failed) == 0) {
        (void)memory_take(1, 12, &one, &objects[1].place);
    }
    assert_non_null(strstr(fail_reason, "taken by%o"));
    assert_int_equal(fail_numbers[1], 0);
}

static void test_port_page(void **state)
{
    (void)state;
    assert_true(memory_device_page(DEVICE) != 0);
    assert_int_equal(memory_device_page(DEVICE), 0); /* taken */
}

static uint64_t overlap_free(uint64_t at, uint64_t bytes, uint8_t *used)
{
    for (uint64_t page = at >> 12; page < (at + bytes + 0xfff) >> 12; page++) {
        assert_int_equal(used[page - (RAM >> 12)], 0);
        used[page - (RAM >> 12)] = 1;
    }
    return bytes;
}

/* Requests of all kinds until all is gone: everything is given out once. */
static void test_any_order(void **state)
{
    static uint8_t used[0x10000];
    volatile uint64_t total = 0; /* it lives across the longjmp */
    volatile uint32_t seed = 1;

    (void)state;
    memset(used, 0, sizeof(used));
    for (int i = 0; i < 40; i++) {
        uint64_t paddr = RAM + 0x4000000 + (uint64_t)i * 0x110000;
        uint32_t count = 1 + (uint32_t)i % 4;

        total += overlap_free(take(12, &count, &paddr), (uint64_t)count << 12, used);
    }
    if (setjmp(failed) == 0) {
        for (;;) {
            uint32_t count = 1 + (seed >> 20) % 5;
            uint8_t bits = (uint8_t)(12 + (seed >> 12) % 6);
            uint64_t at = take(total < 0x4000000 ? bits : 12, &count, NULL);

            total += overlap_free(at, (uint64_t)count << (total < 0x4000000 ? bits : 12), used);
            seed = seed * 1103515245 + 12345;
        }
    }
    assert_in_range(total, 0x5000000, 0x5200000); /* what alignment costs aside */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_smallest_piece_first, setup),
        cmocka_unit_test_setup(test_no_device_as_memory, setup),
        cmocka_unit_test_setup(test_run_shortened, setup),
        cmocka_unit_test_setup(test_fixed, setup),
        cmocka_unit_test_setup(test_fixed_across_untypeds, setup),
        cmocka_unit_test_setup(test_fixed_refused, setup),
        cmocka_unit_test_setup(test_occupant_named, setup),
        cmocka_unit_test_setup(test_port_page, setup),
        cmocka_unit_test_setup(test_any_order, setup),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
