/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * packed_open: accepts what the builder writes, and has a sentence for each way to be wrong
 *
 * Each case changes one field of a good spec; the sentence that must come out is stated.
 */
#include "sample.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Set the bytes [offset, + width) of a record to a value. */
struct change {
    enum packed_section_id section;
    uint32_t index;
    size_t offset;
    size_t width;
    uint64_t value;
    const char *wanted;
};

#define CHANGE(section, index, type, field, value, wanted)                                      \
    {                                                                                           \
        section, index, offsetof(struct type, field), sizeof(((struct type *)0)->field), value, \
            wanted                                                                              \
    }
#define OBJECT(index, field, value, wanted) \
    CHANGE(PACKED_OBJECTS, index, packed_object, field, value, wanted)
#define CAP(index, field, value, wanted) \
    CHANGE(PACKED_CAPS, index, packed_cap, field, value, wanted)
#define MAP(index, field, value, wanted) \
    CHANGE(PACKED_MAPS, index, packed_map, field, value, wanted)
#define FILL(index, field, value, wanted) \
    CHANGE(PACKED_FILLS, index, packed_fill, field, value, wanted)
#define KEEP(index, field, value, wanted) \
    CHANGE(PACKED_KEEPS, index, packed_keep, field, value, wanted)
#define DOMAIN(index, field, value, wanted) \
    CHANGE(PACKED_DOMAINS, index, packed_domain, field, value, wanted)
#define TCB(field, value, wanted) CHANGE(PACKED_TCBS, 0, packed_tcb, field, value, wanted)

static const struct change changes[] = {
    OBJECT(SAMPLE_TCB, name, 100000, "name is out of range"),
    OBJECT(SAMPLE_TCB, component, 100000, "name is out of range"),
    OBJECT(SAMPLE_TCB, type, 200, "object of an unknown type"),
    OBJECT(SAMPLE_TCB, size_bits, 12, "object whose size or kernel type does not fit its type"),
    OBJECT(SAMPLE_TCB, kernel_type, 2, "object whose size or kernel type does not fit its type"),
    OBJECT(SAMPLE_SC, retype_bits, 3, "object of a size the kernel does not have"),
    OBJECT(SAMPLE_CNODE, retype_bits, 0, "object of a size the kernel does not have"),
    OBJECT(SAMPLE_CNODE, retype_bits, 255, "object of a size the kernel does not have"),
    OBJECT(SAMPLE_TCB, flags, 0x80, "object with an unknown flag"),
    OBJECT(SAMPLE_TCB, flags, PACKED_OBJECT_GAP, "only an untyped can fill a gap"),
    OBJECT(SAMPLE_TCB, flags, PACKED_OBJECT_SUPERVISED, "supervised is what is not a CNode"),
    OBJECT(SAMPLE_TCB, flags, PACKED_OBJECT_HAS_PADDR,
           "child is not at the physical address it demands"),
    OBJECT(SAMPLE_TCB, place, 4096, "object with a place but no flag that says which"),
    OBJECT(SAMPLE_DEVICE, place, 0x9000001, "object with an impossible physical address"),
    OBJECT(SAMPLE_IMAGE, place, 0x2000, "frame that cannot come from the boot image"),
    OBJECT(SAMPLE_IMAGE, place, 0x800, "frame that cannot come from the boot image"),
    OBJECT(SAMPLE_SMC, parent, SAMPLE_KEEP, "parent is not an earlier untyped"),
    OBJECT(SAMPLE_SMC, parent, SAMPLE_DEVICE, "parent is not an earlier untyped"),
    OBJECT(SAMPLE_TCB, parent, PACKED_NONE, "range of children holds another untyped's object"),
    OBJECT(SAMPLE_SMC, parent, SAMPLE_UT, "object is not among the children of its parent"),
    OBJECT(SAMPLE_UT, first, 0, "children of an untyped are out of range"),
    OBJECT(SAMPLE_UT, count, UINT32_MAX, "children of an untyped are out of range"),
    OBJECT(SAMPLE_UT, count, 0, "range of nothing that does not start at 0"),
    OBJECT(SAMPLE_UT, keeper, SAMPLE_TCB, "keeper is not a CNode of a root untyped"),
    OBJECT(SAMPLE_TCB, keeper, SAMPLE_KEEP, "keeper is not a CNode of a root untyped"),
    OBJECT(SAMPLE_EP, count, 1, "object with a detail it cannot have"),
    OBJECT(SAMPLE_CNODE, first, 1, "contents of a CNode are out of range"),
    OBJECT(SAMPLE_CNODE, count, 3, "capability is not among the contents of its CNode"),
    OBJECT(SAMPLE_KEEP, count, 1, "contents of a CNode belong to another"),
    OBJECT(SAMPLE_KEEP, first, 1, "range of nothing that does not start at 0"),
    OBJECT(SAMPLE_FRAME, count, 3, "fills of a frame are out of range"),
    OBJECT(SAMPLE_FRAME, count, 1, "fill is not among those of its frame"),
    OBJECT(SAMPLE_DEVICE, count, 1, "fills of a frame belong to another"),
    OBJECT(SAMPLE_TCB, count, 0, "object without its record"),
    OBJECT(SAMPLE_TCB, first, 1, "object without its record"),
    CAP(0, container, SAMPLE_TCB, "contents of a CNode belong to another"),
    CAP(0, slot, 512, "slot is outside its CNode"),
    CAP(0, slot, 2, "capabilities are not in order"),
    CAP(0, target, 1000, "capability to an object that does not exist"),
    CAP(0, target, PACKED_NONE, "capability to an object that does not exist"),
    CAP(0, target, SAMPLE_UT, "wrong kind of move"),
    CAP(0, target, SAMPLE_TCB, "badge on what has none"),
    CAP(0, kind, 77, "capability of an unknown kind"),
    CAP(0, kind, PACKED_CAP_DOMAIN, "capability of an unknown kind"),
    CAP(0, rights, 0x10, "capability with unknown rights or flags"),
    CAP(1, flags, PACKED_CAP_MOVE, "wrong kind of move"),
    CAP(0, flags, 4, "capability with unknown rights or flags"),
    CAP(0, parent, 1, "parent of what is not derived"),
    CAP(0, flags, PACKED_CAP_DERIVED, "capability that cannot derive from its parent"),
    CAP(2, flags, PACKED_CAP_DERIVED, "derived capability of a wrong kind"),
    CAP(3, flags, PACKED_CAP_DERIVED | PACKED_CAP_MOVE, "derived capability of a wrong kind"),
    CAP(3, parent, 1000, "derived capability of a wrong kind"),
    CAP(3, parent, 1, "capability that cannot derive from its parent"),
    CAP(3, parent, 3, "capability that cannot derive from its parent"),
    CAP(3, data, 6, "capability that cannot derive from its parent"),
    CAP(3, rights, PACKED_RIGHT_READ, "capability that cannot derive from its parent"),
    CAP(0, guard_size, 3, "guard on what is not a CNode"),
    CAP(0, mapping, 0, "capability of a mapping that is not its own"),
    CAP(1, guard_size, 56, "guard does not fit its CNode"),
    CAP(1, guard_size, 0, "guard does not fit its CNode"),
    CAP(2, mapping, 3, "capability of a mapping that is not its own"),
    CAP(2, mapping, PACKED_NONE, "mapping capability goes to a slot that does not want it"),
    CAP(4, data, 64, "control capability with a wrong number"),
    CAP(4, kind, PACKED_CAP_ASID_CONTROL, "control capability with a wrong number"),
    FILL(0, frame, SAMPLE_TCB, "fills of a frame belong to another"),
    FILL(0, offset, 4000, "fill is larger than its frame"),
    FILL(0, offset, UINT64_MAX, "fill is larger than its frame"),
    FILL(0, length, UINT64_MAX, "fill is larger than its frame"),
    FILL(0, source, 0x1fff, "fill from beyond the payload"),
    FILL(0, source, UINT64_MAX, "fill from beyond the payload"),
    FILL(0, kind, 9, "fill of an unknown kind"),
    MAP(0, flags, 0x80, "mapping with unknown flags or rights"),
    MAP(2, rights, PACKED_RIGHT_GRANT, "mapping with unknown flags or rights"),
    MAP(2, vspace, SAMPLE_CNODE, "mapping of a wrong object"),
    MAP(2, object, SAMPLE_PT, "mapping of a wrong object"),
    MAP(2, object, PACKED_NONE, "mapping of a wrong object"),
    MAP(2, vaddr, 0x200800, "mapping at an impossible address"),
    MAP(2, vaddr, UINT64_C(1) << 40, "mapping at an impossible address"),
    MAP(2, vaddr, 0x201000, "mappings overlap"),
    MAP(2, flags, PACKED_MAP_ORIGINAL, "original capability cannot make this mapping"),
    MAP(0, flags, PACKED_MAP_TABLE, "table must be mapped by its original capability"),
    MAP(1, vaddr, 0x201000, "mapping at an impossible address"),
    MAP(4, cap, PACKED_NONE, "capability of a mapping that is not its own"),
    KEEP(0, keeper, SAMPLE_TCB, "keeper is not a CNode"),
    KEEP(0, keeper, SAMPLE_CNODE, "keeper holds capabilities of the spec"),
    KEEP(2, slot, 64, "slot is outside its keeper"),
    KEEP(0, slot, 1, "kept capabilities are not in order"),
    KEEP(0, source, SAMPLE_KEEP, "keeper must hold itself, last"),
    KEEP(2, source, SAMPLE_TCB, "keeper must hold itself, last"),
    KEEP(0, source, 1000, "kept object is out of range"),
    KEEP(0, source, SAMPLE_IMAGE, "kept object is out of range"),
    KEEP(1, source, 0, "kept mapping has no capability of its own"),
    KEEP(1, source, 4, "kept mapping has no capability of its own"),
    KEEP(1, source, 1000, "kept mapping has no capability of its own"),
    KEEP(1, kind, 5, "kept mapping has no capability of its own"),
    TCB(object, SAMPLE_SC, "record of a thread that does not name it"),
    TCB(cspace, SAMPLE_TCB, "thread with a capability of a wrong kind"),
    TCB(vspace, SAMPLE_PT, "thread with a capability of a wrong kind"),
    TCB(ipc_frame, 5000, "thread with a capability of a wrong kind"),
    TCB(sched_context, SAMPLE_EP, "thread with a capability of a wrong kind"),
    TCB(notification, SAMPLE_EP, "thread with a capability of a wrong kind"),
    TCB(vcpu, SAMPLE_EP, "thread with a capability of a wrong kind"),
    TCB(fault.endpoint, SAMPLE_SC, "thread with a capability of a wrong kind"),
    TCB(timeout.rights, 0x10, "thread with a capability of a wrong kind"),
    TCB(guard_size, 60, "guard does not fit the CSpace root"),
    TCB(ipc_address, 0x201001, "IPC buffer at an impossible address"),
    TCB(argument_count, 9, "arguments of a thread are out of range"),
    TCB(first_argument, 1, "arguments of a thread are out of range"),
    TCB(flags, 0x40, "thread with unknown flags, domain or core"),
    TCB(domain, 3, "thread with unknown flags, domain or core"),
    TCB(affinity, 64, "thread with unknown flags, domain or core"),
    CHANGE(PACKED_SCS, 0, packed_sc, object, SAMPLE_TCB,
           "record of a scheduling context that does not name it"),
    CHANGE(PACKED_SCS, 0, packed_sc, extra_refills, 9,
           "scheduling context has no room for its refills"),
    CHANGE(PACKED_SCS, 0, packed_sc, budget_us, 2001,
           "scheduling context with a budget above its period"),
    CHANGE(PACKED_IRQS, 0, packed_irq, object, SAMPLE_SGI,
           "record of an interrupt that does not name it"),
    CHANGE(PACKED_IRQS, 0, packed_irq, number, 1020, "interrupt with wrong details"),
    CHANGE(PACKED_IRQS, 0, packed_irq, trigger, 3, "interrupt with wrong details"),
    CHANGE(PACKED_IRQS, 0, packed_irq, notification, SAMPLE_EP, "interrupt with wrong details"),
    CHANGE(PACKED_SGIS, 0, packed_sgi, object, SAMPLE_IRQ,
           "record of an SGI that does not name it"),
    CHANGE(PACKED_SGIS, 0, packed_sgi, irq, 16, "SGI with a wrong number"),
    DOMAIN(0, index, 1, "domain schedule is not in order, or too long"),
    DOMAIN(2, index, 99, "domain schedule is not in order, or too long"),
    DOMAIN(1, domain, 3, "entry of the domain schedule with wrong numbers"),
    DOMAIN(1, duration, UINT64_C(1) << 56, "entry of the domain schedule with wrong numbers"),
    DOMAIN(1, unit, 2, "entry of the domain schedule with wrong numbers"),
    DOMAIN(1, duration, 0, "end marker in a wrong place of the domain schedule"),
    DOMAIN(0, duration, 0, "end marker in a wrong place of the domain schedule"),
};

static const char *open_changed(const struct change *change, struct packed_view *view)
{
    size_t length = 0;
    uint8_t *bytes = sample_bytes(&length);
    uint8_t *record = sample_at(bytes, change->section, change->index);
    memcpy(record + change->offset, &change->value, change->width); /* little-endian host */
    const char *wrong = packed_open(bytes, length, view);
    free(bytes);
    return wrong;
}

static void test_each_sentence(void **state)
{
    (void)state;
    int failures = 0;
    for (size_t i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        struct packed_view view;
        const char *wrong = open_changed(&changes[i], &view);
        if (wrong == NULL || strcmp(wrong, changes[i].wanted) != 0) {
            fprintf(stderr, "change %zu: \"%s\" instead of \"%s\"\n", i,
                    wrong == NULL ? "accepted" : wrong, changes[i].wanted);
            failures++;
        }
    }
    assert_int_equal(failures, 0);
    printf("%zu wrong specs refused\n", sizeof(changes) / sizeof(changes[0]));
}

static void test_good(void **state)
{
    (void)state;
    struct packed_view view;
    size_t length = 0;
    uint8_t *bytes = sample_bytes(&length);
    assert_null(packed_open(bytes, length, &view));
    assert_int_equal(view.object_count, SAMPLE_COUNT);
    assert_string_equal(packed_name(&view, SAMPLE_KEEP), "app_keep");
    assert_string_equal(packed_component(&view, SAMPLE_TCB), "app");
    assert_int_equal(view.tcbs[0].vcpu, SAMPLE_VCPU);
    assert_int_equal(view.words[1], 2);
    assert_string_equal(packed_type_name(PACKED_VSPACE), "vspace");
    assert_string_equal(packed_type_name(200), "?");
    free(bytes);
}

static void test_header(void **state)
{
    (void)state;
    static const struct {
        size_t offset, width;
        uint64_t value;
        const char *wanted;
    } cases[] = {
        { offsetof(struct packed_header, magic), 8, 1, "not a packed spec (wrong magic number)" },
        { offsetof(struct packed_header, version), 4, 99, "packed spec of another version" },
        { offsetof(struct packed_header, header_bytes), 4, 8, "header of an unknown size" },
        { offsetof(struct packed_header, total_bytes), 8, UINT64_MAX, "packed spec is cut off" },
        { offsetof(struct packed_header, payload_bytes), 8, 0x2001, "payload is not whole pages" },
        { offsetof(struct packed_header, large_start), 8, 1,
          "range of large payload frames is wrong" },
        { offsetof(struct packed_header, large_end), 8, 0x200000,
          "range of large payload frames is wrong" },
        { offsetof(struct packed_header, sections[2].offset), 4, 4, "section is misplaced" },
        { offsetof(struct packed_header, sections[2].offset), 4, 8, "section is misplaced" },
        { offsetof(struct packed_header, sections[2].count), 4, UINT32_MAX,
          "section reaches past the end" },
        { offsetof(struct packed_header, sections[PACKED_NAMES].count), 4, 3,
          "table of names has no end" },
        { offsetof(struct packed_header, domain_count), 4, 17, "wrong number of domains" },
        { offsetof(struct packed_header, domain_count), 4, 1, "wrong number of domains" },
        { offsetof(struct packed_header, domain_start), 4, 2,
          "domain schedule starts at an entry that is not there" },
        { offsetof(struct packed_header, domain_start), 4, 7,
          "domain schedule starts at an entry that is not there" },
    };
    for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        struct packed_view view;
        size_t length = 0;
        uint8_t *bytes = sample_bytes(&length);
        memcpy(bytes + cases[i].offset, &cases[i].value, cases[i].width);
        const char *wrong = packed_open(bytes, length, &view);
        assert_non_null(wrong);
        assert_string_equal(wrong, cases[i].wanted);
        free(bytes);
    }
}

/* Every cut and every changed byte: refused or accepted, never read outside (sanitizers watch). */
static void test_damage(void **state)
{
    (void)state;
    struct packed_view view;
    size_t length = 0;
    uint8_t *bytes = sample_bytes(&length);
    assert_non_null(packed_open(bytes + 1, length - 1, &view));
    for (size_t cut = 0; cut < length; cut++) {
        uint8_t *part = malloc(cut == 0 ? 1 : cut);
        memcpy(part, bytes, cut);
        assert_non_null(packed_open(part, cut, &view));
        free(part);
    }
    for (size_t at = 0; at < length; at++) {
        for (uint32_t bit = 0; bit < 8; bit++) {
            bytes[at] ^= (uint8_t)(1u << bit);
            packed_open(bytes, length, &view);
            bytes[at] ^= (uint8_t)(1u << bit);
        }
    }
    assert_null(packed_open(bytes, length, &view));
    free(bytes);
}

/* The fuzzer learns from its seeds only what they are right in: they are of this version. */
static void test_seeds(void **state)
{
    (void)state;
    static const char *const names[] = { "seeds/sample.bin", "seeds/hello.bin" };
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        struct packed_view view;
        uint8_t *bytes = malloc(1 << 20);
        FILE *file = fopen(names[i], "rb");
        assert_non_null(file);
        size_t length = fread(bytes, 1, 1 << 20, file);
        fclose(file);
        assert_null(packed_open(bytes, length, &view));
        free(bytes);
    }
}

static void test_children_must_fit(void **state)
{
    (void)state;
    struct packed_view view;
    size_t length = 0;
    uint8_t *bytes = sample_bytes(&length);
    struct packed_object *untyped = sample_at(bytes, PACKED_OBJECTS, SAMPLE_UT);
    untyped->size_bits = untyped->retype_bits = 15;
    assert_string_equal(packed_open(bytes, length, &view),
                        "children do not fit into their untyped");
    free(bytes);
}

static void test_root_cnode_bits(void **state)
{
    (void)state;
    struct packed_header header = { .root_slots_needed = 100 };
    assert_int_equal(packed_root_cnode_bits(&header, 10), 12);
    assert_int_equal(packed_root_cnode_bits(&header, 4000), 13);
    header.root_slots_needed = 1u << 18;
    assert_true(packed_root_cnode_bits(&header, 0) > 18);
}

static void test_names_are_shared(void **state)
{
    (void)state;
    struct packed_builder builder;
    char name[16];
    packed_builder_init(&builder);
    uint32_t first = packed_builder_name(&builder, "name0");
    for (int i = 0; i < 2000; i++) {
        snprintf(name, sizeof(name), "name%d", i);
        packed_builder_name(&builder, name);
    }
    uint32_t bytes = packed_builder_count(&builder, PACKED_NAMES);
    assert_int_equal(packed_builder_name(&builder, "name0"), first);
    assert_int_equal(packed_builder_name(&builder, "name1999") != first, 1);
    assert_int_equal(packed_builder_name(&builder, ""), 0);
    assert_int_equal(packed_builder_count(&builder, PACKED_NAMES), bytes);
    packed_builder_free(&builder);
}

int main(int count, char **words)
{
    if (count == 3 && strcmp(words[1], "seed") == 0) {
        size_t length = 0;
        uint8_t *bytes = sample_bytes(&length);
        FILE *file = fopen(words[2], "wb");
        size_t done = file == NULL ? 0 : fwrite(bytes, 1, length, file);
        free(bytes);
        return file == NULL || fclose(file) != 0 || done != length;
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_header),
        cmocka_unit_test(test_each_sentence),
        cmocka_unit_test(test_damage),
        cmocka_unit_test(test_seeds),
        cmocka_unit_test(test_children_must_fit),
        cmocka_unit_test(test_root_cnode_bits),
        cmocka_unit_test(test_names_are_shared),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
