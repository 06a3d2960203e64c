/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the virtual interrupt controller
 */
#include <vmm/vgic.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#define GICD_CTLR       0x000
#define GICD_TYPER      0x004
#define GICD_IGROUPR    0x080
#define GICD_ISENABLER  0x100
#define GICD_ICENABLER  0x180
#define GICD_ISPENDR    0x200
#define GICD_IPRIORITYR 0x400
#define GICD_ITARGETSR  0x800
#define GICD_SGIR       0xf00
#define GICR_SGI_FRAME  0x10000

static void start(struct vgic *vgic, unsigned version)
{
    vgic_reset(vgic, version, 4);
    vgic_distributor_write(vgic, GICD_CTLR, 4, version == 3 ? 2 : 1);
    if (version == 3) { /* all in group 1, as system software does it */
        vgic_redistributor_write(vgic, GICR_SGI_FRAME + GICD_IGROUPR, 4, 0xffffffff);
        vgic_distributor_write(vgic, GICD_IGROUPR + 4, 4, 0xffffffff);
        vgic_distributor_write(vgic, GICD_IGROUPR + 8, 4, 0xffffffff);
    }
}

static void enable(struct vgic *vgic, unsigned irq)
{
    vgic_distributor_write(vgic, GICD_ISENABLER + irq / 32 * 4, 4, 1u << irq % 32);
}

static void disabled_interrupts_wait(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 2);
    vgic_raise(&vgic, 40);
    assert_false(vgic_pick(&vgic, &irq, &index));
    enable(&vgic, 40);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 40);
    assert_int_equal(vgic_end(&vgic, index), 40);
    assert_false(vgic_has_work(&vgic));
}

static void groups_are_forwarded_each_for_itself(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 3); /* all in group 1, which is on */
    vgic_distributor_write(&vgic, GICD_IGROUPR + 4, 4, 0xfffffeff);
    enable(&vgic, 40);
    enable(&vgic, 41);
    vgic_raise(&vgic, 40);
    assert_false(vgic_pick(&vgic, &irq, &index));
    vgic_raise(&vgic, 41);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 41);
    assert_int_equal(vgic_group(&vgic, 41), 1);
    vgic_distributor_write(&vgic, GICD_CTLR, 4, 3);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 40);
    assert_int_equal(vgic_group(&vgic, 40), 0);
}

static void software_interrupts_check_all_affinities(void **state)
{
    static const unsigned elsewhere[] = { 16, 32, 48, 44 }; /* Aff1, Aff2, Aff3, range selector */
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 3);
    vgic_redistributor_write(&vgic, GICR_SGI_FRAME + GICD_ISENABLER, 4, 0xffff);
    for (unsigned i = 0; i < sizeof elsewhere / sizeof elsewhere[0]; i++) {
        vgic_software_interrupt(&vgic, 1ul << elsewhere[i] | 5ul << 24 | 1);
        assert_false(vgic_pick(&vgic, &irq, &index));
    }
    vgic_software_interrupt(&vgic, 5ul << 24 | 1);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 5);
}

static void distributor_off_forwards_nothing(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 2);
    enable(&vgic, 40);
    vgic_raise(&vgic, 40);
    vgic_distributor_write(&vgic, GICD_CTLR, 4, 0);
    assert_false(vgic_pick(&vgic, &irq, &index));
    vgic_distributor_write(&vgic, GICD_CTLR, 4, 1);
    assert_true(vgic_pick(&vgic, &irq, &index));
}

static void most_urgent_goes_first_and_lists_are_bounded(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 2);
    for (unsigned i = 0; i < 6; i++) {
        enable(&vgic, 32 + i);
        vgic_raise(&vgic, 32 + i);
        vgic_distributor_write(&vgic, GICD_IPRIORITYR + 32 + i, 1, 0xf0 - 0x10 * i);
    }
    for (unsigned i = 0; i < 4; i++) {
        assert_true(vgic_pick(&vgic, &irq, &index));
        assert_int_equal(irq, 37 - i);
    }
    assert_false(vgic_pick(&vgic, &irq, &index)); /* all four list registers are in use */
    assert_int_equal(vgic_end(&vgic, 0), 37);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 33);
    assert_int_equal(index, 0);
}

static void level_returns_until_the_line_falls(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 3);
    enable(&vgic, 33);
    vgic_set_level(&vgic, 33, true);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_false(vgic_pick(&vgic, &irq, &index)); /* not twice at a time */
    vgic_end(&vgic, index);
    assert_true(vgic_pick(&vgic, &irq, &index));
    vgic_set_level(&vgic, 33, false);
    vgic_end(&vgic, index);
    assert_false(vgic_has_work(&vgic));
}

static void refused_injection_is_not_lost(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 2);
    enable(&vgic, 50);
    vgic_raise(&vgic, 50);
    assert_true(vgic_pick(&vgic, &irq, &index));
    vgic_unpick(&vgic, index);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 50);
}

static void software_interrupts_reach_only_named_cpu(void **state)
{
    struct vgic vgic;
    unsigned irq;
    unsigned index;

    (void)state;
    start(&vgic, 2);
    enable(&vgic, 3);
    vgic_distributor_write(&vgic, GICD_SGIR, 4, 2u << 16 | 3); /* CPU 1 does not exist */
    assert_false(vgic_pick(&vgic, &irq, &index));
    vgic_distributor_write(&vgic, GICD_SGIR, 4, 1u << 24 | 3); /* all but self */
    assert_false(vgic_pick(&vgic, &irq, &index));
    vgic_distributor_write(&vgic, GICD_SGIR, 4, 1u << 16 | 3);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 3);

    start(&vgic, 3);
    vgic_redistributor_write(&vgic, GICR_SGI_FRAME + GICD_ISENABLER, 4, 1u << 5);
    vgic_software_interrupt(&vgic, 5ull << 24 | 1);
    assert_true(vgic_pick(&vgic, &irq, &index));
    assert_int_equal(irq, 5);
    vgic_end(&vgic, index);
    vgic_software_interrupt(&vgic, 1ull << 40 | 5ull << 24);     /* all but self */
    vgic_software_interrupt(&vgic, 1ull << 16 | 5ull << 24 | 1); /* another cluster */
    assert_false(vgic_has_work(&vgic));
}

static void registers_read_back(void **state)
{
    struct vgic vgic;

    (void)state;
    start(&vgic, 2);
    assert_int_equal(vgic_distributor_read(&vgic, GICD_TYPER, 4) & 31, 2); /* 96 interrupts */
    vgic_distributor_write(&vgic, GICD_ITARGETSR + 40, 1, 1);
    assert_int_equal(vgic_distributor_read(&vgic, GICD_ITARGETSR + 40, 4), 1);
    vgic_distributor_write(&vgic, GICD_ITARGETSR, 4, 0);
    assert_int_equal(vgic_distributor_read(&vgic, GICD_ITARGETSR, 1), 1); /* private: read-only */
    enable(&vgic, 64);
    assert_int_equal(vgic_distributor_read(&vgic, GICD_ISENABLER + 8, 4), 1);
    vgic_distributor_write(&vgic, GICD_ICENABLER + 8, 4, 1);
    assert_int_equal(vgic_distributor_read(&vgic, GICD_ISENABLER + 8, 4), 0);
    start(&vgic, 3);
    assert_int_equal(vgic_redistributor_read(&vgic, 0x8, 8), 0x10); /* the last one */
    vgic_redistributor_write(&vgic, 0x14, 4, 0);
    assert_int_equal(vgic_redistributor_read(&vgic, 0x14, 4), 0);
}

/* A guest may access any offset in any way: nothing outside the structure may be touched (the
 * sanitizers look) and its own interrupts stay in range. */
static void hostile_accesses_are_harmless(void **state)
{
    struct vgic vgic;
    uint64_t random = 88172645463325252u;
    unsigned irq;
    unsigned index;

    (void)state;
    for (unsigned version = 2; version <= 3; version++) {
        start(&vgic, version);
        for (unsigned i = 0; i < 400000; i++) {
            unsigned size;
            uint32_t offset;

            random ^= random << 13;
            random ^= random >> 7;
            random ^= random << 17;
            size = 1u << (random & 3);
            offset = (uint32_t)(random >> 8) % (version == 3 ? 0x20000 : 0x10000) & ~(size - 1);
            switch (random >> 40 & 7) {
            case 0: vgic_distributor_read(&vgic, offset & 0xffff, size); break;
            case 1: vgic_distributor_write(&vgic, offset & 0xffff, size, random); break;
            case 2: vgic_distributor_write(&vgic, offset & 0xfff, size, random); break;
            case 3: vgic_redistributor_read(&vgic, offset, size); break;
            case 4: vgic_redistributor_write(&vgic, offset, size, random); break;
            case 5: vgic_software_interrupt(&vgic, random); break;
            case 6: vgic_end(&vgic, (unsigned)(random >> 50)); break;
            default:
                if (vgic_pick(&vgic, &irq, &index)) {
                    assert_in_range(irq, 0, VGIC_IRQS - 1);
                    assert_in_range(index, 0, 3);
                }
                break;
            }
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(disabled_interrupts_wait),
        cmocka_unit_test(groups_are_forwarded_each_for_itself),
        cmocka_unit_test(software_interrupts_check_all_affinities),
        cmocka_unit_test(distributor_off_forwards_nothing),
        cmocka_unit_test(most_urgent_goes_first_and_lists_are_bounded),
        cmocka_unit_test(level_returns_until_the_line_falls),
        cmocka_unit_test(refused_injection_is_not_lost),
        cmocka_unit_test(software_interrupts_reach_only_named_cpu),
        cmocka_unit_test(registers_read_back),
        cmocka_unit_test(hostile_accesses_are_harmless),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
