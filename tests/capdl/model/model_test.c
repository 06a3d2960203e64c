/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The capDL model: names, objects, slots, order, sizes, diagnostics
 */
#include "model/model.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "model/check.h"
#include "model/order.h"

static const struct capdl_pos nowhere;

static uint32_t add(struct capdl_spec *spec, const char *name, uint32_t index, enum capdl_kind kind)
{
    return capdl_object_add(spec, capdl_name(spec, name, strlen(name)), index, kind, nowhere);
}

static void test_names(void **state)
{
    (void)state;
    struct capdl_spec *spec = capdl_spec_new();
    char text[16];
    for (uint32_t i = 0; i < 3000; i++) {
        snprintf(text, sizeof(text), "n%u", i);
        assert_int_equal(capdl_name(spec, text, strlen(text)), i);
    }
    assert_int_equal(capdl_name(spec, "n17 and more", 3), 17);
    assert_string_equal(capdl_name_text(spec, 2999), "n2999");
    assert_int_equal(capdl_name(spec, "", 0), 3000);
    capdl_spec_free(spec);
}

static void test_objects(void **state)
{
    (void)state;
    struct capdl_spec *spec = capdl_spec_new();
    assert_int_equal(add(spec, "e", CAPDL_NONE, CAPDL_EP), 0);
    assert_int_equal(add(spec, "e", CAPDL_NONE, CAPDL_EP), CAPDL_NONE);
    assert_int_equal(add(spec, "e", 0, CAPDL_EP), CAPDL_NONE);
    assert_int_equal(add(spec, "a", 0, CAPDL_EP), 1);
    assert_int_equal(add(spec, "a", 7, CAPDL_EP), 2);
    assert_int_equal(add(spec, "a", CAPDL_NONE, CAPDL_EP), CAPDL_NONE);
    uint32_t name = capdl_name(spec, "a", 1);
    assert_int_equal(capdl_element_count(spec, name), 2);
    assert_int_equal(capdl_object_find(spec, name, 7), 2);
    assert_int_equal(capdl_object_find(spec, name, 1), CAPDL_NONE);
    assert_int_equal(capdl_object_find(spec, name, UINT64_C(0x100000007)), CAPDL_NONE);
    assert_string_equal(capdl_object_text(spec, 2), "a[7]");
    assert_string_equal(capdl_object_text(spec, 0), "e");
    capdl_spec_free(spec);
}

static uint32_t fill(struct capdl_spec *spec, uint32_t container, uint64_t slot, uint32_t target)
{
    struct capdl_cap cap = {
        .container = container, .slot = slot, .target = target, .mapping_table = CAPDL_NONE
    };
    return capdl_cap_add(spec, &cap);
}

static void test_slots_are_sorted_when_sealed(void **state)
{
    (void)state;
    struct capdl_spec *spec = capdl_spec_new();
    uint32_t c = add(spec, "c", CAPDL_NONE, CAPDL_CNODE);
    uint32_t d = add(spec, "d", CAPDL_NONE, CAPDL_CNODE);
    fill(spec, d, 5, c);
    fill(spec, c, UINT64_C(1) << 40, c);
    fill(spec, c, 3, d);
    assert_int_equal(fill(spec, c, 3, c), CAPDL_NONE);
    capdl_spec_seal(spec);
    assert_int_equal(spec->objects[c].first_cap, 0);
    assert_int_equal(spec->objects[c].cap_count, 2);
    assert_int_equal(spec->caps[0].slot, 3);
    assert_int_equal(spec->caps[capdl_cap_find(spec, d, 5)].target, c);
    assert_int_equal(capdl_cap_find(spec, d, 6), CAPDL_NONE);
    capdl_spec_free(spec);
}

static void test_irqs_and_edges(void **state)
{
    (void)state;
    struct capdl_spec *spec = capdl_spec_new();
    uint32_t i = add(spec, "i", CAPDL_NONE, CAPDL_IRQ);
    uint32_t k = add(spec, "k", CAPDL_NONE, CAPDL_IRQ);
    struct capdl_edge edge = { i, k, 0, 1, nowhere };
    assert_true(capdl_irq_add(spec, 40, i, nowhere));
    assert_true(capdl_irq_add(spec, 33, i, nowhere));
    assert_false(capdl_irq_add(spec, 33, k, nowhere));
    assert_true(capdl_edge_add(spec, &edge));
    assert_false(capdl_edge_add(spec, &edge));
    capdl_spec_seal(spec);
    assert_int_equal(spec->irqs[0].number, 33);
    assert_int_equal(capdl_irq_of(spec, i), 0);
    assert_int_equal(capdl_irq_of(spec, k), CAPDL_NONE);
    capdl_spec_free(spec);
}

static void test_placement_order(void **state)
{
    (void)state;
    struct capdl_spec *spec = capdl_spec_new();
    uint32_t order[7];
    order[0] = add(spec, "b", 10, CAPDL_EP);
    order[1] = add(spec, "b", 9, CAPDL_EP);
    order[2] = add(spec, "a", CAPDL_NONE, CAPDL_EP);
    order[3] = add(spec, "z", CAPDL_NONE, CAPDL_TCB);
    order[4] = add(spec, "late", CAPDL_NONE, CAPDL_FRAME);
    order[5] = add(spec, "early", CAPDL_NONE, CAPDL_FRAME);
    order[6] = add(spec, "\xc3\xa9", CAPDL_NONE, CAPDL_EP); /* bytes above ASCII sort last */
    spec->objects[4].present = spec->objects[5].present = CAPDL_HAS_BITS | CAPDL_HAS_PADDR;
    spec->objects[4].bits = spec->objects[5].bits = 12;
    spec->objects[4].paddr = 0x2000;
    spec->objects[5].paddr = 0x1000;
    capdl_sort(spec, order, 7, capdl_placement_compare);
    const uint32_t wanted[] = { 5, 4, 3, 2, 1, 0, 6 };
    assert_memory_equal(order, wanted, sizeof(wanted));
    capdl_spec_free(spec);
}

static void test_sizes(void **state)
{
    (void)state;
    static const struct {
        enum capdl_kind kind;
        uint64_t bits;
        uint32_t size_bits;
    } cases[] = {
        { CAPDL_TCB, 0, 11 },   { CAPDL_EP, 0, 4 },      { CAPDL_NOTIFICATION, 0, 6 },
        { CAPDL_CNODE, 9, 14 }, { CAPDL_UT, 20, 20 },    { CAPDL_FRAME, 21, 21 },
        { CAPDL_SC, 8, 8 },     { CAPDL_RTREPLY, 0, 5 }, { CAPDL_PUD, 0, 13 },
        { CAPDL_PD, 0, 12 },    { CAPDL_VCPU, 0, 12 },   { CAPDL_ASID_POOL, 0, 12 },
        { CAPDL_SMC, 0, 0 },    { CAPDL_ARM_IRQ, 0, 0 },
    };
    struct capdl_spec *spec = capdl_spec_new();
    char name[16];
    for (uint32_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        snprintf(name, sizeof(name), "o%u", i);
        uint32_t object = add(spec, name, CAPDL_NONE, cases[i].kind);
        spec->objects[object].bits = cases[i].bits;
        spec->objects[object].present = cases[i].bits != 0 ? CAPDL_HAS_BITS : 0;
        assert_int_equal(capdl_object_size_bits(spec, object), cases[i].size_bits);
    }
    capdl_spec_free(spec);
}

/* Which kinds each kind of container takes in slot 0, on AArch64. */
static void test_slot_rules(void **state)
{
    (void)state;
    static const struct {
        enum capdl_kind container;
        uint64_t slot;
        enum capdl_kind good, bad;
    } cases[] = {
        { CAPDL_TCB, 0, CAPDL_CNODE, CAPDL_EP },
        { CAPDL_TCB, 1, CAPDL_PUD, CAPDL_PD },
        { CAPDL_TCB, 4, CAPDL_FRAME, CAPDL_EP },
        { CAPDL_TCB, 5, CAPDL_EP, CAPDL_SC },
        { CAPDL_TCB, 6, CAPDL_SC, CAPDL_EP },
        { CAPDL_TCB, 7, CAPDL_EP, CAPDL_SC },
        { CAPDL_TCB, 8, CAPDL_NOTIFICATION, CAPDL_EP },
        { CAPDL_TCB, 9, CAPDL_VCPU, CAPDL_EP },
        { CAPDL_ARM_IRQ, 0, CAPDL_NOTIFICATION, CAPDL_EP },
        { CAPDL_PUD, 0, CAPDL_PD, CAPDL_PT },
        { CAPDL_PD, 0, CAPDL_PT, CAPDL_PD },
        { CAPDL_PT, 0, CAPDL_FRAME, CAPDL_PT },
        { CAPDL_PGD, 0, CAPDL_PUD, CAPDL_FRAME },
        { CAPDL_ASID_POOL, 0, CAPDL_PUD, CAPDL_PT },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct capdl_spec *spec = capdl_spec_new();
        spec->arch = CAPDL_AARCH64;
        struct capdl_cap cap = { .container = add(spec, "c", CAPDL_NONE, cases[i].container),
                                 .slot = cases[i].slot };
        cap.target = add(spec, "good", CAPDL_NONE, cases[i].good);
        assert_true(capdl_slot_allows(spec, &cap));
        cap.target = add(spec, "bad", CAPDL_NONE, cases[i].bad);
        assert_false(capdl_slot_allows(spec, &cap));
        cap.kind = CAPDL_CAP_DOMAIN;
        assert_false(capdl_slot_allows(spec, &cap));
        capdl_spec_free(spec);
    }
}

static void test_map(void **state)
{
    (void)state;
    struct capdl_map map = { 0 };
    assert_int_equal(capdl_map_get(&map, 1, 2), UINT32_MAX);
    for (uint32_t i = 0; i < 20000; i++) {
        capdl_map_set(&map, i % 7, (uint64_t)i << 20, i);
    }
    for (uint32_t i = 0; i < 20000; i++) {
        assert_int_equal(capdl_map_get(&map, i % 7, (uint64_t)i << 20), i);
    }
    assert_int_equal(capdl_map_get(&map, 6, 0), UINT32_MAX);
    capdl_map_set(&map, 0, 0, 99);
    assert_int_equal(capdl_map_get(&map, 0, 0), 99);
    capdl_map_free(&map);
}

static void test_diags(void **state)
{
    (void)state;
    struct capdl_diags diags = { 0 };
    capdl_warning(&diags, (struct capdl_pos){ 0, 0 }, "%s", "no place");
    capdl_remedy(&diags, "r");
    for (int i = 0; i < 3; i++) {
        capdl_error(&diags, (struct capdl_pos){ 9, 2 }, "same %d", i);
        capdl_remedy(&diags, "first %d", i);
    }
    capdl_error(&diags, (struct capdl_pos){ 2, 7 }, "earlier");
    capdl_remedy(&diags, "r");
    capdl_diags_sort(&diags);
    assert_int_equal(diags.error_count, 4);
    assert_int_equal(diags.warning_count, 1);
    assert_int_equal(diags.count, 3);
    assert_string_equal(diags.list[0].message, "earlier");
    assert_string_equal(diags.list[1].message, "same 0");
    assert_string_equal(diags.list[1].remedy, "first 0");
    assert_string_equal(diags.list[2].message, "no place");
    capdl_diags_free(&diags);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_objects),
        cmocka_unit_test(test_slots_are_sorted_when_sealed),
        cmocka_unit_test(test_irqs_and_edges),
        cmocka_unit_test(test_placement_order),
        cmocka_unit_test(test_sizes),
        cmocka_unit_test(test_slot_rules),
        cmocka_unit_test(test_map),
        cmocka_unit_test(test_diags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
