/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Proofs: bit fields of capabilities and message words
 *
 * Every accessor of <abi/caps.h> and <abi/messages.h>, for all 64-bit inputs. The widths below are
 * those of abi/01 and abi/02, written down a second time. The positions are not: that no two
 * fields overlap follows from what is proved.
 */
#include "proof.h"

#include <abi/caps.h>
#include <abi/messages.h>

#define FIELDS_MAX 6

static word_t low_bits(word_t value, unsigned width)
{
    return width == 64 ? value : value & ((1ul << width) - 1);
}

static bool is_same(struct cap a, struct cap b)
{
    return a.words[0] == b.words[0] && a.words[1] == b.words[1];
}

/* For a list FIELDS of a kind: the i-th field's value, the capability with it changed, its width
 * (0: there is no i-th field). */
#define GET(kind, field, width)           \
    if (n++ == i) {                       \
        return cap_##kind##_##field(cap); \
    }
#define SET(kind, field, width)                       \
    if (n++ == i) {                                   \
        return cap_##kind##_with_##field(cap, value); \
    }
#define WIDTH(kind, field, width) \
    if (n++ == i) {               \
        return width;             \
    }

/* `made` is the call of cap_KIND_new with the words v[0], v[1], ... */
#define KIND(kind, type, FIELDS, made)                                                 \
    static word_t kind##_get(struct cap cap, unsigned i)                               \
    {                                                                                  \
        unsigned n = 0;                                                                \
        FIELDS(GET)                                                                    \
        return 0;                                                                      \
    }                                                                                  \
    static struct cap kind##_set(struct cap cap, unsigned i, word_t value)             \
    {                                                                                  \
        unsigned n = 0;                                                                \
        FIELDS(SET)                                                                    \
        return cap;                                                                    \
    }                                                                                  \
    static unsigned kind##_width(unsigned i)                                           \
    {                                                                                  \
        unsigned n = 0;                                                                \
        FIELDS(WIDTH)                                                                  \
        return 0;                                                                      \
    }                                                                                  \
    static void kind##_check(const word_t v[FIELDS_MAX], struct cap any, unsigned i)   \
    {                                                                                  \
        const struct cap cap = made;                                                   \
        struct cap built = { { (word_t)(type) << 59, 0 } };                            \
        const struct cap changed = kind##_set(any, i, v[i]);                           \
                                                                                       \
        prove(cap_type(cap) == (type), #kind ": new gives the type");                  \
        prove(cap_type(changed) == cap_type(any), #kind ": with_ keeps the type");     \
        prove(is_same(kind##_set(changed, i, kind##_get(any, i)), any),                \
              #kind ": with_ changes no bit outside its field");                       \
        for (unsigned k = 0; k < FIELDS_MAX; k++) {                                    \
            built = kind##_set(built, k, v[k]);                                        \
            prove(kind##_get(cap, k) == low_bits(v[k], kind##_width(k)),               \
                  #kind ": new keeps each field, cut to its width");                   \
            prove(kind##_get(changed, k) ==                                            \
                      (k == i ? low_bits(v[i], kind##_width(i)) : kind##_get(any, k)), \
                  #kind ": with_ changes its own field and no other");                 \
        }                                                                              \
        prove(is_same(cap, built), #kind ": new sets no bit outside the fields");      \
        reaches(true, #kind);                                                          \
    }

#define NONE(F)
#define OBJECT_ONLY(kind, F) F(kind, address, 48)
#define UNTYPED(F)          \
    F(untyped, address, 48) \
    F(untyped, size_bits, 6) F(untyped, is_device, 1) F(untyped, free_index, 44)
#define ENDPOINT(F)          \
    F(endpoint, address, 48) \
    F(endpoint, badge, 64)   \
    F(endpoint, can_send, 1) \
    F(endpoint, can_receive, 1) F(endpoint, can_grant, 1) F(endpoint, can_grant_reply, 1)
#define NOTIFICATION(F)          \
    F(notification, address, 48) \
    F(notification, badge, 64) F(notification, can_send, 1) F(notification, can_receive, 1)
#define REPLY(F) F(reply, address, 48) F(reply, can_grant, 1)
#define CNODE(F) \
    F(cnode, address, 48) F(cnode, radix, 6) F(cnode, guard_size, 6) F(cnode, guard, 58)
#define TCB(F)         F(tcb, address, 48)
#define IRQ_HANDLER(F) F(irq_handler, irq, 32)
#define ZOMBIE(F) \
    F(zombie, address, 48) F(zombie, is_tcb, 1) F(zombie, radix, 6) F(zombie, remaining, 64)
#define SCHED_CONTEXT(F) F(sched_context, address, 48) F(sched_context, size_bits, 6)
#define SCHED_CONTROL(F) F(sched_control, core, 32)
#define FRAME(F)          \
    F(frame, address, 48) \
    F(frame, size, 2)     \
    F(frame, rights, 2) F(frame, is_device, 1) F(frame, asid, 16) F(frame, vaddr, 40)
#define PAGE_TABLE(F)          \
    F(page_table, address, 48) \
    F(page_table, is_mapped, 1) F(page_table, asid, 16) F(page_table, vaddr, 40)
#define VSPACE(F)    F(vspace, address, 48) F(vspace, is_mapped, 1) F(vspace, asid, 16)
#define ASID_POOL(F) F(asid_pool, address, 48) F(asid_pool, base, 7)
#define VCPU(F)      F(vcpu, address, 48)
#define SMC(F)       F(smc, badge, 64)
#define SGI(F)       F(sgi, irq, 4) F(sgi, target, 32)

KIND(null, CAP_NULL, NONE, cap_null_new())
KIND(untyped, CAP_UNTYPED, UNTYPED, cap_untyped_new(v[0], v[1], v[2], v[3]))
KIND(endpoint, CAP_ENDPOINT, ENDPOINT, cap_endpoint_new(v[0], v[1], v[2], v[3], v[4], v[5]))
KIND(notification, CAP_NOTIFICATION, NOTIFICATION, cap_notification_new(v[0], v[1], v[2], v[3]))
KIND(reply, CAP_REPLY, REPLY, cap_reply_new(v[0], v[1]))
KIND(cnode, CAP_CNODE, CNODE, cap_cnode_new(v[0], v[1], v[2], v[3]))
KIND(tcb, CAP_TCB, TCB, cap_tcb_new(v[0]))
KIND(irq_control, CAP_IRQ_CONTROL, NONE, cap_irq_control_new())
KIND(irq_handler, CAP_IRQ_HANDLER, IRQ_HANDLER, cap_irq_handler_new(v[0]))
KIND(zombie, CAP_ZOMBIE, ZOMBIE, cap_zombie_new(v[0], v[1], v[2], v[3]))
KIND(domain, CAP_DOMAIN, NONE, cap_domain_new())
KIND(sched_context, CAP_SCHED_CONTEXT, SCHED_CONTEXT, cap_sched_context_new(v[0], v[1]))
KIND(sched_control, CAP_SCHED_CONTROL, SCHED_CONTROL, cap_sched_control_new(v[0]))
KIND(frame, CAP_FRAME, FRAME, cap_frame_new(v[0], v[1], v[2], v[3], v[4], v[5]))
KIND(page_table, CAP_PAGE_TABLE, PAGE_TABLE, cap_page_table_new(v[0], v[1], v[2], v[3]))
KIND(vspace, CAP_VSPACE, VSPACE, cap_vspace_new(v[0], v[1], v[2]))
KIND(asid_control, CAP_ASID_CONTROL, NONE, cap_asid_control_new())
KIND(asid_pool, CAP_ASID_POOL, ASID_POOL, cap_asid_pool_new(v[0], v[1]))
KIND(vcpu, CAP_VCPU, VCPU, cap_vcpu_new(v[0]))
KIND(smc, CAP_SMC, SMC, cap_smc_new(v[0]))
KIND(sgi, CAP_SGI, SGI, cap_sgi_new(v[0], v[1]))

/* Proof cap_fields
 * Claim: for each kind of capability, new gives the type and each field cut to its width and sets
 *   no other bit; with_FIELD sets its field to the value cut to its width and changes no other
 *   field, not the type and no bit that belongs to no field
 * For: all field values and all capability words, of the right kind or not
 * Bound: none
 * Core: every function of <abi/caps.h> but cap_address (see cap_address_field)
 * Flags: --unwind 7
 * Tier: short
 */
void cap_fields_proof(void)
{
    const word_t v[FIELDS_MAX] = { any_word(), any_word(), any_word(),
                                   any_word(), any_word(), any_word() };
    const struct cap cap = { { any_word(), any_word() } };
    const unsigned i = (unsigned)(any_word() % FIELDS_MAX);

    null_check(v, cap, i);
    untyped_check(v, cap, i);
    endpoint_check(v, cap, i);
    notification_check(v, cap, i);
    reply_check(v, cap, i);
    cnode_check(v, cap, i);
    tcb_check(v, cap, i);
    irq_control_check(v, cap, i);
    irq_handler_check(v, cap, i);
    zombie_check(v, cap, i);
    domain_check(v, cap, i);
    sched_context_check(v, cap, i);
    sched_control_check(v, cap, i);
    frame_check(v, cap, i);
    page_table_check(v, cap, i);
    vspace_check(v, cap, i);
    asid_control_check(v, cap, i);
    asid_pool_check(v, cap, i);
    vcpu_check(v, cap, i);
    smc_check(v, cap, i);
    sgi_check(v, cap, i);
}

/* Proof cap_address_field
 * Claim: cap_address gives the address field of every kind that names an object, without knowing
 *   the kind, and 0 for the kinds without one
 * For: all field values
 * Bound: none
 * Core: cap_address of <abi/caps.h>
 * Tier: short
 */
void cap_address_field_proof(void)
{
    const word_t v[FIELDS_MAX] = { any_word(), any_word(), any_word(),
                                   any_word(), any_word(), any_word() };
    const word_t address = v[0] & 0xfffffffffffful;

    prove(cap_address(cap_untyped_new(v[0], v[1], v[2], v[3])) == address, "untyped");
    prove(cap_address(cap_endpoint_new(v[0], v[1], v[2], v[3], v[4], v[5])) == address, "endpoint");
    prove(cap_address(cap_notification_new(v[0], v[1], v[2], v[3])) == address, "notification");
    prove(cap_address(cap_reply_new(v[0], v[1])) == address, "reply");
    prove(cap_address(cap_cnode_new(v[0], v[1], v[2], v[3])) == address, "cnode");
    prove(cap_address(cap_tcb_new(v[0])) == address, "tcb");
    prove(cap_address(cap_zombie_new(v[0], v[1], v[2], v[3])) == address, "zombie");
    prove(cap_address(cap_sched_context_new(v[0], v[1])) == address, "sched_context");
    prove(cap_address(cap_frame_new(v[0], v[1], v[2], v[3], v[4], v[5])) == address, "frame");
    prove(cap_address(cap_page_table_new(v[0], v[1], v[2], v[3])) == address, "page_table");
    prove(cap_address(cap_vspace_new(v[0], v[1], v[2])) == address, "vspace");
    prove(cap_address(cap_asid_pool_new(v[0], v[1])) == address, "asid_pool");
    prove(cap_address(cap_vcpu_new(v[0])) == address, "vcpu");
    prove(cap_address(cap_null_new()) == 0 && cap_address(cap_irq_control_new()) == 0 &&
              cap_address(cap_irq_handler_new(v[0])) == 0 && cap_address(cap_domain_new()) == 0 &&
              cap_address(cap_sched_control_new(v[0])) == 0 &&
              cap_address(cap_asid_control_new()) == 0 && cap_address(cap_smc_new(v[0])) == 0 &&
              cap_address(cap_sgi_new(v[0], v[1])) == 0,
          "kinds without an object");
    reaches(address != 0, "end");
}

#define FIELD_CHECK(word, field, width)                                                     \
    prove(word##_##field(word##_with_##field(any, value)) == low_bits(value, width),        \
          #word " " #field ": with_ changes its own field");                                \
    prove(word##_with_##field(word##_with_##field(any, value), word##_##field(any)) == any, \
          #word " " #field ": with_ changes no bit outside its field");

/* Proof message_fields
 * Claim: the fields of message information, rights and CNode data: new keeps each field cut to its
 *   width; with_FIELD changes its own field and no bit outside it
 * For: all 64-bit inputs
 * Bound: none
 * Core: every function of <abi/messages.h>
 * Tier: short
 */
void message_fields_proof(void)
{
    const word_t any = any_word();
    const word_t value = any_word();
    const word_t v[4] = { any_word(), any_word(), any_word(), any_word() };
    const word_t info = msginfo_new(v[0], v[1], v[2], v[3]);
    const word_t rights = rights_new(v[0], v[1], v[2], v[3]);
    const word_t data = cnode_data_new(v[0], v[1]);

    FIELD_CHECK(msginfo, label, 52)
    FIELD_CHECK(msginfo, caps_unwrapped, 3)
    FIELD_CHECK(msginfo, extra_caps, 2)
    FIELD_CHECK(msginfo, length, 7)
    prove(msginfo_label(info) == low_bits(v[0], 52) && msginfo_caps_unwrapped(info) == (v[1] & 7) &&
              msginfo_extra_caps(info) == (v[2] & 3) && msginfo_length(info) == (v[3] & 127),
          "message information: new keeps each field");

    FIELD_CHECK(rights, can_grant_reply, 1)
    FIELD_CHECK(rights, can_grant, 1)
    FIELD_CHECK(rights, can_read, 1)
    FIELD_CHECK(rights, can_write, 1)
    prove(rights_can_grant_reply(rights) == (v[0] & 1) && rights_can_grant(rights) == (v[1] & 1) &&
              rights_can_read(rights) == (v[2] & 1) && rights_can_write(rights) == (v[3] & 1) &&
              rights < 16,
          "rights: new keeps each field");

    FIELD_CHECK(cnode_data, guard, 58)
    FIELD_CHECK(cnode_data, guard_size, 6)
    prove(cnode_data_guard(data) == low_bits(v[0], 58) &&
              cnode_data_guard_size(data) == (v[1] & 63),
          "CNode data: new keeps each field");
    reaches(true, "end");
}
