/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Every packed layout keeps its fields apart
 *
 * The widths below are typed by hand from what each field must be able to hold. Each field is set
 * to random words again and again: it reads back cut to its width, and no other field changes.
 */
#include <abi/caps.h>
#include <abi/messages.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#define ROUNDS    2000u
#define FIELD_MAX 6u

struct cap_field {
    const char *name;
    unsigned width;
    word_t (*get)(struct cap cap);
    struct cap (*with)(struct cap cap, word_t value);
};

struct cap_case {
    const char *name;
    enum cap_type type;
    struct cap (*make)(const word_t *v);
    struct cap_field fields[FIELD_MAX];
};

#define FIELD(kind, field, width)                                      \
    {                                                                  \
#field, width, cap_##kind##_##field, cap_##kind##_with_##field \
    }

#define MAKE0(kind)                                \
    static struct cap make_##kind(const word_t *v) \
    {                                              \
        (void)v;                                   \
        return cap_##kind##_new();                 \
    }
#define MAKE(kind, ...)                            \
    static struct cap make_##kind(const word_t *v) \
    {                                              \
        return cap_##kind##_new(__VA_ARGS__);      \
    }

MAKE0(null)
MAKE0(irq_control)
MAKE0(domain)
MAKE0(asid_control)
MAKE(untyped, v[0], v[1], v[2], v[3])
MAKE(endpoint, v[0], v[1], v[2], v[3], v[4], v[5])
MAKE(notification, v[0], v[1], v[2], v[3])
MAKE(reply, v[0], v[1])
MAKE(cnode, v[0], v[1], v[2], v[3])
MAKE(tcb, v[0])
MAKE(irq_handler, v[0])
MAKE(zombie, v[0], v[1], v[2], v[3])
MAKE(sched_context, v[0], v[1])
MAKE(sched_control, v[0])
MAKE(frame, v[0], v[1], v[2], v[3], v[4], v[5])
MAKE(page_table, v[0], v[1], v[2], v[3])
MAKE(vspace, v[0], v[1], v[2])
MAKE(asid_pool, v[0], v[1])
MAKE(vcpu, v[0])
MAKE(smc, v[0])
MAKE(sgi, v[0], v[1])

static const struct cap_case cap_cases[] = {
    { "null", CAP_NULL, make_null, { { 0 } } },
    { "irq_control", CAP_IRQ_CONTROL, make_irq_control, { { 0 } } },
    { "domain", CAP_DOMAIN, make_domain, { { 0 } } },
    { "asid_control", CAP_ASID_CONTROL, make_asid_control, { { 0 } } },
    { "untyped",
      CAP_UNTYPED,
      make_untyped,
      { FIELD(untyped, address, 48), FIELD(untyped, size_bits, 6), FIELD(untyped, is_device, 1),
        FIELD(untyped, free_index, 44) } },
    { "endpoint",
      CAP_ENDPOINT,
      make_endpoint,
      { FIELD(endpoint, address, 48), FIELD(endpoint, badge, 64), FIELD(endpoint, can_send, 1),
        FIELD(endpoint, can_receive, 1), FIELD(endpoint, can_grant, 1),
        FIELD(endpoint, can_grant_reply, 1) } },
    { "notification",
      CAP_NOTIFICATION,
      make_notification,
      { FIELD(notification, address, 48), FIELD(notification, badge, 64),
        FIELD(notification, can_send, 1), FIELD(notification, can_receive, 1) } },
    { "reply", CAP_REPLY, make_reply, { FIELD(reply, address, 48), FIELD(reply, can_grant, 1) } },
    { "cnode",
      CAP_CNODE,
      make_cnode,
      { FIELD(cnode, address, 48), FIELD(cnode, radix, 6), FIELD(cnode, guard_size, 6),
        FIELD(cnode, guard, 58) } },
    { "tcb", CAP_TCB, make_tcb, { FIELD(tcb, address, 48) } },
    { "irq_handler", CAP_IRQ_HANDLER, make_irq_handler, { FIELD(irq_handler, irq, 32) } },
    { "zombie",
      CAP_ZOMBIE,
      make_zombie,
      { FIELD(zombie, address, 48), FIELD(zombie, is_tcb, 1), FIELD(zombie, radix, 6),
        FIELD(zombie, remaining, 64) } },
    { "sched_context",
      CAP_SCHED_CONTEXT,
      make_sched_context,
      { FIELD(sched_context, address, 48), FIELD(sched_context, size_bits, 6) } },
    { "sched_control", CAP_SCHED_CONTROL, make_sched_control, { FIELD(sched_control, core, 32) } },
    { "frame",
      CAP_FRAME,
      make_frame,
      { FIELD(frame, address, 48), FIELD(frame, size, 2), FIELD(frame, rights, 2),
        FIELD(frame, is_device, 1), FIELD(frame, asid, 16), FIELD(frame, vaddr, 40) } },
    { "page_table",
      CAP_PAGE_TABLE,
      make_page_table,
      { FIELD(page_table, address, 48), FIELD(page_table, is_mapped, 1),
        FIELD(page_table, asid, 16), FIELD(page_table, vaddr, 40) } },
    { "vspace",
      CAP_VSPACE,
      make_vspace,
      { FIELD(vspace, address, 48), FIELD(vspace, is_mapped, 1), FIELD(vspace, asid, 16) } },
    { "asid_pool",
      CAP_ASID_POOL,
      make_asid_pool,
      { FIELD(asid_pool, address, 48), FIELD(asid_pool, base, 7) } },
    { "vcpu", CAP_VCPU, make_vcpu, { FIELD(vcpu, address, 48) } },
    { "smc", CAP_SMC, make_smc, { FIELD(smc, badge, 64) } },
    { "sgi", CAP_SGI, make_sgi, { FIELD(sgi, irq, 4), FIELD(sgi, target, 32) } },
};

static uint64_t random_state = 0x9e3779b97f4a7c15u;

/* xorshift64*: the same sequence in every run. */
static word_t random_word(void)
{
    random_state ^= random_state >> 12;
    random_state ^= random_state << 25;
    random_state ^= random_state >> 27;
    return random_state * 0x2545f4914f6cdd1du;
}

static word_t mask_of(unsigned width)
{
    return width == 64 ? ~(word_t)0 : ((word_t)1 << width) - 1;
}

static unsigned field_count(const struct cap_case *c)
{
    unsigned n = 0;

    while (n < FIELD_MAX && c->fields[n].name != NULL) {
        n++;
    }
    return n;
}

static void check_cap(const struct cap_case *c, struct cap cap, const word_t *expected)
{
    assert_int_equal(cap_type(cap), c->type);
    for (unsigned i = 0; i < field_count(c); i++) {
        word_t value = c->fields[i].get(cap);

        if (value != expected[i]) {
            fail_msg("cap_%s_%s: 0x%llx, expected 0x%llx", c->name, c->fields[i].name,
                     (unsigned long long)value, (unsigned long long)expected[i]);
        }
    }
}

static void cap_fields_are_independent(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cap_cases / sizeof cap_cases[0]; k++) {
        const struct cap_case *c = &cap_cases[k];
        unsigned n = field_count(c);

        for (unsigned round = 0; round < ROUNDS; round++) {
            word_t raw[FIELD_MAX] = { 0 };
            word_t expected[FIELD_MAX] = { 0 };
            struct cap cap;

            for (unsigned i = 0; i < n; i++) {
                raw[i] = random_word();
                expected[i] = raw[i] & mask_of(c->fields[i].width);
            }
            cap = c->make(raw);
            check_cap(c, cap, expected);
            for (unsigned i = 0; i < n; i++) {
                raw[i] = random_word();
                expected[i] = raw[i] & mask_of(c->fields[i].width);
                cap = c->fields[i].with(cap, raw[i]);
                check_cap(c, cap, expected);
            }
        }
    }
}

/* The address can be read without knowing the kind; kinds without an object have none. */
static void cap_address_is_common(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof cap_cases / sizeof cap_cases[0]; k++) {
        const struct cap_case *c = &cap_cases[k];
        bool has_address =
            field_count(c) > 0 &&
            c->fields[0].get(c->make((word_t[FIELD_MAX]){ ~(word_t)0 })) == mask_of(48);
        word_t all[FIELD_MAX] = { 0x8012345678f0, ~(word_t)0, ~(word_t)0,
                                  ~(word_t)0,     ~(word_t)0, ~(word_t)0 };

        assert_int_equal(cap_address(c->make(all)), has_address ? 0x8012345678f0 : 0);
    }
}

static void null_cap_is_all_zero(void **state)
{
    struct cap null = cap_null_new();

    (void)state;
    assert_int_equal(null.words[0] | null.words[1], 0);
    assert_int_equal(cap_type((struct cap){ { 0, 0 } }), CAP_NULL);
}

struct word_field {
    const char *name;
    unsigned high;
    unsigned low;
    word_t (*get)(word_t word);
    word_t (*with)(word_t word, word_t value);
};

#define WORD_FIELD(kind, field, high, low)                     \
    {                                                          \
#field, high, low, kind##_##field, kind##_with_##field \
    }

static const struct word_field word_fields[] = {
    WORD_FIELD(msginfo, label, 63, 12),    WORD_FIELD(msginfo, caps_unwrapped, 11, 9),
    WORD_FIELD(msginfo, extra_caps, 8, 7), WORD_FIELD(msginfo, length, 6, 0),
    WORD_FIELD(rights, can_write, 0, 0),   WORD_FIELD(rights, can_read, 1, 1),
    WORD_FIELD(rights, can_grant, 2, 2),   WORD_FIELD(rights, can_grant_reply, 3, 3),
    WORD_FIELD(cnode_data, guard, 63, 6),  WORD_FIELD(cnode_data, guard_size, 5, 0),
};

/* These layouts are seen by users, so the place of each field counts, not only its width. */
static void word_fields_are_where_the_abi_says(void **state)
{
    (void)state;
    for (size_t k = 0; k < sizeof word_fields / sizeof word_fields[0]; k++) {
        const struct word_field *f = &word_fields[k];
        word_t mask = mask_of(f->high - f->low + 1);

        for (unsigned round = 0; round < ROUNDS; round++) {
            word_t word = random_word();
            word_t value = random_word();
            word_t changed = f->with(word, value);

            assert_int_equal(f->get(word), (word >> f->low) & mask);
            assert_int_equal(f->get(changed), value & mask);
            assert_int_equal(changed & ~(mask << f->low), word & ~(mask << f->low));
        }
    }
}

static void words_are_made_of_their_fields(void **state)
{
    (void)state;
    assert_int_equal(msginfo_new(0x123, 5, 2, 17), (0x123 << 12) | (5 << 9) | (2 << 7) | 17);
    assert_int_equal(rights_new(1, 0, 0, 1), 9);
    assert_int_equal(rights_new(0, 1, 1, 0), 6);
    assert_int_equal(cnode_data_new(0x3, 52), (0x3 << 6) | 52);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cap_fields_are_independent),
        cmocka_unit_test(cap_address_is_common),
        cmocka_unit_test(null_cap_is_all_zero),
        cmocka_unit_test(word_fields_are_where_the_abi_says),
        cmocka_unit_test(words_are_made_of_their_fields),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
