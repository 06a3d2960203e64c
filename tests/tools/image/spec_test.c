/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-image: what a packed spec asks of the boot
 */
#include "spec.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <abi/boot_table.h>
#include <cmocka.h>
#include <packed/builder.h>

#define PAYLOAD_AT UINT64_C(0x800000)
#define RAM        UINT64_C(0x40000000)
#define PAGE       UINT64_C(0x1000)

static struct packed_builder builder;
static struct packed_header packed;
static struct image_header header;

static int setup(void **state)
{
    (void)state;
    packed_builder_init(&builder);
    packed = (struct packed_header){ .root_slots_needed = 100,
                                     .domain_count = 1,
                                     .domain_start = PACKED_NONE };
    memset(&header, 0, sizeof(header));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    packed_builder_free(&builder);
    return 0;
}

static void frame_at(uint64_t paddr, uint32_t bits)
{
    struct packed_object frame = { .index = PACKED_NONE,
                                   .parent = PACKED_NONE,
                                   .keeper = PACKED_NONE,
                                   .place = paddr,
                                   .type = PACKED_FRAME,
                                   .flags = PACKED_OBJECT_HAS_PADDR };

    assert_true(packed_builder_shape(PACKED_FRAME, bits, &frame));
    packed_builder_add(&builder, PACKED_OBJECTS, &frame);
}

static const char *apply(uint64_t own_pages)
{
    size_t length;
    uint8_t *bytes = packed_builder_finish(&builder, &packed, &length);
    const char *refusal = spec_apply(bytes, length, PAYLOAD_AT, own_pages, &header);

    free(bytes);
    return refusal;
}

static void assert_avoided(uint32_t index, uint64_t start, uint64_t end)
{
    assert_true(header.avoid_count > index);
    assert_int_equal(header.avoid[index].start, start);
    assert_int_equal(header.avoid[index].end, end);
}

static void test_empty(void **state)
{
    (void)state;
    assert_null(apply(16));
    assert_int_equal(header.flags, BOOT_EXTENSIONS);
    assert_int_equal(header.avoid_count, 0);
    assert_int_equal(header.large_start, 0);
    assert_int_equal(header.large_end, 0);
    assert_int_equal(header.root_cnode_bits, 12);
}

static void test_smc(void **state)
{
    struct packed_object smc = {
        .index = PACKED_NONE, .parent = PACKED_NONE, .keeper = PACKED_NONE, .type = PACKED_SMC
    };

    (void)state;
    assert_true(packed_builder_shape(PACKED_SMC, 0, &smc));
    packed_builder_add(&builder, PACKED_OBJECTS, &smc);
    assert_null(apply(16));
    assert_int_equal(header.flags, BOOT_EXTENSIONS | BOOT_SMC);
}

static void test_large_range(void **state)
{
    (void)state;
    packed.payload_bytes = 5 * PACKED_LARGE_BYTES;
    packed.large_start = PACKED_LARGE_BYTES;
    packed.large_end = 4 * PACKED_LARGE_BYTES;
    assert_null(apply(16));
    assert_int_equal(header.large_start, PAYLOAD_AT + PACKED_LARGE_BYTES);
    assert_int_equal(header.large_end, PAYLOAD_AT + 4 * PACKED_LARGE_BYTES);
}

static uint64_t payload_align(void)
{
    size_t length;
    uint8_t *bytes = packed_builder_finish(&builder, &packed, &length);
    uint64_t align = spec_payload_align(bytes, length);

    free(bytes);
    return align;
}

static void test_payload_align(void **state)
{
    (void)state;
    packed.payload_bytes = 5 * PACKED_LARGE_BYTES;
    assert_int_equal(payload_align(), PAGE);
    packed.large_end = PACKED_LARGE_BYTES;
    assert_int_equal(payload_align(), PACKED_LARGE_BYTES);
    assert_int_equal(spec_payload_align("no spec", 8), PAGE); /* spec_apply refuses it */
}

static void test_ranges_joined(void **state)
{
    (void)state;
    header.avoid_count = 1; /* what --reserve said */
    header.avoid[0] = (struct image_range){ RAM + 8 * PAGE, RAM + 16 * PAGE };
    frame_at(RAM, 12);
    frame_at(RAM + PAGE, 12);
    frame_at(RAM + 3 * PAGE, 12);
    frame_at(RAM + 9 * PAGE, 12);  /* inside */
    frame_at(RAM + 16 * PAGE, 12); /* behind */
    frame_at(RAM + PACKED_LARGE_BYTES, 21);
    assert_null(apply(16));
    assert_int_equal(header.avoid_count, 4);
    assert_avoided(0, RAM + 8 * PAGE, RAM + 17 * PAGE);
    assert_avoided(1, RAM, RAM + 2 * PAGE);
    assert_avoided(2, RAM + 3 * PAGE, RAM + 4 * PAGE);
    assert_avoided(3, RAM + PACKED_LARGE_BYTES, RAM + 2 * PACKED_LARGE_BYTES);
}

static void test_too_many_ranges(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < IMAGE_AVOID_MAX; i++) {
        frame_at(RAM + 2 * i * PAGE, 12);
    }
    assert_null(apply(16));
    assert_int_equal(header.avoid_count, IMAGE_AVOID_MAX);
    header.avoid_count = 0;
    frame_at(RAM + 2 * IMAGE_AVOID_MAX * PAGE, 12);
    assert_string_equal(apply(16), "names more separate physical ranges than the loader can avoid "
                                   "(32)");
}

/* One more page than fits decides. */
static void test_root_cnode(void **state)
{
    uint64_t pages = 0;

    (void)state;
    while (packed_root_cnode_bits(&packed, pages) == 12) {
        pages++;
    }
    assert_in_range(pages, 3000, 4096);
    assert_null(apply(pages - 1));
    assert_int_equal(header.root_cnode_bits, 12);
    assert_null(apply(pages));
    assert_int_equal(header.root_cnode_bits, 13);
    packed.root_slots_needed = (1u << 18) + 1;
    assert_string_equal(apply(16), "needs more slots than a root CNode can have (2^18)");
}

static void test_refused_spec(void **state)
{
    const char bytes[64] __attribute__((aligned(8))) = "no spec";
    const char *refusal;

    (void)state;
    refusal = spec_apply(bytes, sizeof(bytes), PAYLOAD_AT, 16, &header);
    assert_non_null(refusal);
    assert_int_equal(header.root_cnode_bits, 0);
    assert_int_equal(header.flags, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
        cmocka_unit_test_setup_teardown(test_smc, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_range, setup, teardown),
        cmocka_unit_test_setup_teardown(test_payload_align, setup, teardown),
        cmocka_unit_test_setup_teardown(test_ranges_joined, setup, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_ranges, setup, teardown),
        cmocka_unit_test_setup_teardown(test_root_cnode, setup, teardown),
        cmocka_unit_test_setup_teardown(test_refused_spec, setup, teardown),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
