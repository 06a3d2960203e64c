/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Judging the attributes of object declarations
 */
#include <stdio.h>
#include <string.h>

#include "resolve.h"

#define BIT(attr) (UINT64_C(1) << (attr))

static const char *const attr_names[ATTR_KIND_COUNT] = {
    [ATTR_BITS] = "\"N bits\"",
    [ATTR_SIZE] = "a size such as 4k or 2M",
    [ATTR_BDF] = "bus:device.function",
    [ATTR_PADDR] = "paddr",
    [ATTR_FILL] = "fill",
    [ATTR_ASID_HIGH] = "asid_high",
    [ATTR_ADDR] = "addr",
    [ATTR_IP] = "ip",
    [ATTR_SP] = "sp",
    [ATTR_PRIO] = "prio",
    [ATTR_MAX_PRIO] = "max_prio",
    [ATTR_AFFINITY] = "affinity",
    [ATTR_RESUME] = "resume",
    [ATTR_FPU_DISABLED] = "fpu_disabled",
    [ATTR_DOM] = "dom",
    [ATTR_FAULT_EP] = "fault_ep",
    [ATTR_COUNTER_ACCESS] = "counter_access",
    [ATTR_INIT] = "init",
    [ATTR_PERIOD] = "period",
    [ATTR_BUDGET] = "budget",
    [ATTR_DATA] = "data",
    [ATTR_IOAPIC_NUM] = "ioapic_num",
    [ATTR_IOAPIC_PIN] = "ioapic_pin",
    [ATTR_IOAPIC_LEVEL] = "ioapic_level",
    [ATTR_IOAPIC_POLARITY] = "ioapic_polarity",
    [ATTR_MSI_HANDLE] = "msi_handle",
    [ATTR_MSI_BUS] = "msi_pci_bus",
    [ATTR_MSI_DEV] = "msi_pci_dev",
    [ATTR_MSI_FUN] = "msi_pci_fun",
    [ATTR_TRIGGER] = "trigger",
    [ATTR_TARGET] = "target",
    [ATTR_PORTS] = "ports",
    [ATTR_DOMAIN_ID] = "domainID",
    [ATTR_LEVEL] = "level",
    [ATTR_IOSPACE] = "iospace",
    [ATTR_BANK] = "bank",
    [ATTR_IRQ] = "irq",
    [ATTR_ELF] = "elf",
};

#define TCB_GROUP_ALL                                                                     \
    (BIT(ATTR_ADDR) | BIT(ATTR_IP) | BIT(ATTR_SP) | BIT(ATTR_PRIO) | BIT(ATTR_MAX_PRIO) | \
     BIT(ATTR_AFFINITY))
#define TCB_GROUP_FEW (BIT(ATTR_ADDR) | BIT(ATTR_AFFINITY))
#define TCB_SWITCHES  (BIT(ATTR_RESUME) | BIT(ATTR_FPU_DISABLED))
#define TCB_FREE \
    (BIT(ATTR_DOM) | BIT(ATTR_FAULT_EP) | BIT(ATTR_INIT) | BIT(ATTR_COUNTER_ACCESS) | BIT(ATTR_ELF))
#define SC_GROUP (BIT(ATTR_PERIOD) | BIT(ATTR_BUDGET))

/* Attributes a kind must have and those it may have besides. */
static const struct {
    uint64_t required, optional;
} rules[CAPDL_KIND_COUNT] = {
    [CAPDL_TCB] = { 0, TCB_GROUP_ALL | TCB_SWITCHES | TCB_FREE },
    [CAPDL_CNODE] = { BIT(ATTR_BITS), 0 },
    [CAPDL_UT] = { 0, BIT(ATTR_BITS) | BIT(ATTR_PADDR) },
    [CAPDL_ASID_POOL] = { 0, BIT(ATTR_ASID_HIGH) },
    [CAPDL_FRAME] = { BIT(ATTR_SIZE), BIT(ATTR_PADDR) | BIT(ATTR_FILL) },
    [CAPDL_IOAPIC_IRQ] = { BIT(ATTR_IOAPIC_NUM) | BIT(ATTR_IOAPIC_PIN) | BIT(ATTR_IOAPIC_LEVEL) |
                               BIT(ATTR_IOAPIC_POLARITY),
                           0 },
    [CAPDL_MSI_IRQ] = { BIT(ATTR_MSI_HANDLE) | BIT(ATTR_MSI_BUS) | BIT(ATTR_MSI_DEV) |
                            BIT(ATTR_MSI_FUN),
                        0 },
    [CAPDL_ARM_IRQ] = { BIT(ATTR_TRIGGER) | BIT(ATTR_TARGET), 0 },
    [CAPDL_IO_PORTS] = { BIT(ATTR_PORTS), 0 },
    [CAPDL_IO_DEVICE] = { BIT(ATTR_DOMAIN_ID) | BIT(ATTR_BDF), 0 },
    [CAPDL_IO_PT] = { BIT(ATTR_LEVEL), 0 },
    [CAPDL_ARM_IO_DEVICE] = { BIT(ATTR_IOSPACE), 0 },
    [CAPDL_SC] = { 0, SC_GROUP | BIT(ATTR_DATA) | BIT(ATTR_BITS) },
    [CAPDL_CONTEXTBANK] = { 0, BIT(ATTR_BANK) },
    [CAPDL_SGI] = { BIT(ATTR_IRQ) | BIT(ATTR_TARGET), 0 },
};

static const char *first_name(uint64_t attrs)
{
    for (uint32_t i = 0; i < ATTR_KIND_COUNT; i++) {
        if ((attrs & BIT(i)) != 0) {
            return attr_names[i];
        }
    }
    return "?";
}

/* "paddr, fill" for a remedy. */
static const char *all_names(uint64_t attrs)
{
    static char buffer[400];
    size_t length = 0;
    buffer[0] = '\0';
    for (uint32_t i = 0; i < ATTR_KIND_COUNT && length < sizeof(buffer) - 40; i++) {
        if ((attrs & BIT(i)) != 0 && i != ATTR_ELF) {
            length += (size_t)snprintf(buffer + length, sizeof(buffer) - length, "%s%s",
                                       length == 0 ? "" : ", ", attr_names[i]);
        }
    }
    return buffer;
}

/* Which attributes are there? Foreign and repeated ones are reported. */
static bool collect(struct resolver *resolver, const struct ast_decl *decl, const char *name,
                    uint64_t *given)
{
    const char *keyword = capdl_kind_info(decl->kind)->keyword;
    uint64_t allowed = rules[decl->kind].required | rules[decl->kind].optional;
    bool good = true;
    *given = 0;
    for (uint32_t i = 0; i < decl->attr_count; i++) {
        const struct ast_attr *attr = &resolver->ast->attrs[decl->first_attr + i];
        if ((allowed & BIT(attr->kind)) == 0) {
            capdl_error(resolver->diags, attr->pos, "\"%s\": type %s has no attribute %s", name,
                        keyword, attr_names[attr->kind]);
            if (allowed == 0) {
                capdl_remedy(resolver->diags, "remove it; %s has no attributes", keyword);
            } else {
                capdl_remedy(resolver->diags, "%s may have: %s", keyword, all_names(allowed));
            }
            good = false;
        } else if ((*given & BIT(attr->kind)) != 0) {
            capdl_error(resolver->diags, attr->pos, "\"%s\": attribute %s is given twice", name,
                        attr_names[attr->kind]);
            capdl_remedy(resolver->diags, "remove one of the two");
            good = false;
        } else if (attr->kind == ATTR_ELF) {
            capdl_warning(resolver->diags, attr->pos, "\"%s\": elf is ignored", name);
            capdl_remedy(resolver->diags, "say with fill which frames hold what file data");
        }
        *given |= BIT(attr->kind);
    }
    return good;
}

/* The sets of attributes that are accepted together. */
static bool check_groups(struct resolver *resolver, const struct ast_decl *decl, const char *name,
                         uint64_t given)
{
    uint64_t missing = rules[decl->kind].required & ~given;
    uint64_t group = given & (TCB_GROUP_ALL | TCB_SWITCHES);
    uint64_t numbers = given & TCB_GROUP_ALL;
    if (missing != 0) {
        capdl_error(resolver->diags, decl->pos, "\"%s\": type %s needs %s", name,
                    capdl_kind_info(decl->kind)->keyword, first_name(missing));
        capdl_remedy(resolver->diags, "an object of type %s needs: %s",
                     capdl_kind_info(decl->kind)->keyword, all_names(rules[decl->kind].required));
        return false;
    }
    if (decl->kind == CAPDL_TCB && group != 0 && numbers != TCB_GROUP_ALL &&
        numbers != TCB_GROUP_FEW) {
        capdl_error(resolver->diags, decl->pos,
                    "\"%s\": a tcb cannot have just these attributes: %s", name, all_names(group));
        capdl_remedy(resolver->diags,
                     "give none of them, or addr and affinity, or addr, ip, sp, prio, max_prio "
                     "and affinity; resume and fpu_disabled go with either set");
        return false;
    }
    if (decl->kind == CAPDL_SC && (given & SC_GROUP) != SC_GROUP &&
        (given & (SC_GROUP | BIT(ATTR_DATA))) != 0) {
        capdl_error(resolver->diags, decl->pos,
                    "\"%s\": an sc cannot have just these attributes: %s", name,
                    all_names(given & (SC_GROUP | BIT(ATTR_DATA))));
        capdl_remedy(resolver->diags, "give period and budget, and data if wanted, or none");
        return false;
    }
    return true;
}

static bool store_size(struct resolver *resolver, const struct ast_attr *attr, const char *name,
                       struct capdl_object *object)
{
    uint64_t value = attr->value[0];
    object->present |= CAPDL_HAS_BITS;
    if (attr->kind == ATTR_BITS) {
        object->bits = value;
        if (value > 63) {
            capdl_error(resolver->diags, attr->pos, "\"%s\": size of 2^%llu is impossible", name,
                        (unsigned long long)value);
            capdl_remedy(resolver->diags, "bits are a logarithm: 12 bits are 4096");
            return false;
        }
        return true;
    }
    if (value == 0 || (value & (value - 1)) != 0) {
        capdl_error(resolver->diags, attr->pos, "\"%s\": frame size is not a power of two", name);
        capdl_remedy(resolver->diags, "write 4k, 2M or 1024M");
        return false;
    }
    while ((UINT64_C(1) << object->bits) != value) {
        object->bits++;
    }
    return true;
}

static void store_tcb(const struct ast_attr *attr, struct capdl_object *object)
{
    struct capdl_tcb_attrs *tcb = &object->u.tcb;
    uint64_t value = attr->value[0];
    switch (attr->kind) {
    case ATTR_ADDR: tcb->addr = value; break;
    case ATTR_IP: tcb->ip = value; break;
    case ATTR_SP: tcb->sp = value; break;
    case ATTR_PRIO: tcb->prio = value; break;
    case ATTR_MAX_PRIO: tcb->max_prio = value; break;
    case ATTR_AFFINITY: tcb->affinity = value; break;
    case ATTR_RESUME: tcb->resume = value != 0; break;
    case ATTR_FPU_DISABLED: tcb->fpu_disabled = value != 0; break;
    case ATTR_DOM: tcb->dom = value; break;
    case ATTR_FAULT_EP: tcb->fault_ep = value; break;
    case ATTR_COUNTER_ACCESS: tcb->counter_access = value; break;
    case ATTR_INIT:
        tcb->first_init = attr->first;
        tcb->init_count = attr->count;
        break;
    default: return;
    }
    /* The present bits of a TCB are in the order of the attributes, but for the last two. */
    static const uint32_t bits[] = {
        [ATTR_ADDR] = CAPDL_HAS_ADDR,
        [ATTR_IP] = CAPDL_HAS_IP,
        [ATTR_SP] = CAPDL_HAS_SP,
        [ATTR_PRIO] = CAPDL_HAS_PRIO,
        [ATTR_MAX_PRIO] = CAPDL_HAS_MAX_PRIO,
        [ATTR_AFFINITY] = CAPDL_HAS_AFFINITY,
        [ATTR_RESUME] = CAPDL_HAS_RESUME,
        [ATTR_FPU_DISABLED] = CAPDL_HAS_FPU_DISABLED,
        [ATTR_DOM] = CAPDL_HAS_DOM,
        [ATTR_FAULT_EP] = CAPDL_HAS_FAULT_EP,
        [ATTR_COUNTER_ACCESS] = CAPDL_HAS_COUNTER_ACCESS,
        [ATTR_INIT] = CAPDL_HAS_INIT,
    };
    object->present |= bits[attr->kind];
}

/* Numbers of device objects, at their place in capdl_device_attrs. */
static void store_device(const struct ast_attr *attr, struct capdl_object *object)
{
    static const uint8_t places[ATTR_KIND_COUNT] = {
        [ATTR_IOAPIC_PIN] = 1, [ATTR_IOAPIC_LEVEL] = 2, [ATTR_IOAPIC_POLARITY] = 3,
        [ATTR_MSI_BUS] = 1,    [ATTR_MSI_DEV] = 2,      [ATTR_MSI_FUN] = 3,
        [ATTR_TARGET] = 1,     [ATTR_BDF] = 1,
    };
    uint64_t *number = object->u.device.number + places[attr->kind];
    number[0] = attr->value[0];
    if (attr->kind == ATTR_PORTS || attr->kind == ATTR_BDF) {
        number[1] = attr->value[1];
    }
    if (attr->kind == ATTR_BDF) {
        number[2] = attr->value[2];
    }
    if (attr->kind == ATTR_ASID_HIGH) {
        object->present |= CAPDL_HAS_ASID_HIGH;
    } else if (attr->kind == ATTR_BANK) {
        object->present |= CAPDL_HAS_BANK;
    }
}

static bool store(struct resolver *resolver, const struct ast_attr *attr, const char *name,
                  struct capdl_object *object)
{
    switch (attr->kind) {
    case ATTR_BITS:
    case ATTR_SIZE: return store_size(resolver, attr, name, object);
    case ATTR_PADDR:
        object->paddr = attr->value[0];
        object->present |= CAPDL_HAS_PADDR;
        return true;
    case ATTR_FILL:
        object->u.frame.first_fill = attr->first;
        object->u.frame.fill_count = attr->count;
        object->present |= CAPDL_HAS_FILL;
        return true;
    case ATTR_PERIOD:
        object->u.sc.period = attr->value[0];
        object->present |= CAPDL_HAS_PERIOD;
        return true;
    case ATTR_BUDGET:
        object->u.sc.budget = attr->value[0];
        object->present |= CAPDL_HAS_BUDGET;
        return true;
    case ATTR_DATA:
        object->u.sc.data = attr->value[0];
        object->present |= CAPDL_HAS_DATA;
        return true;
    default: break;
    }
    if (object->kind == CAPDL_TCB) {
        store_tcb(attr, object);
    } else {
        store_device(attr, object);
    }
    return true;
}

bool resolve_attrs(struct resolver *resolver, const struct ast_decl *decl, const char *name,
                   struct capdl_object *object)
{
    uint64_t given;
    bool good = collect(resolver, decl, name, &given);
    good = good && check_groups(resolver, decl, name, given);
    object->kind = decl->kind;
    if (decl->kind == CAPDL_TCB) {
        object->u.tcb.resume = true;
    }
    for (uint32_t i = 0; i < decl->attr_count && good; i++) {
        good = store(resolver, &resolver->ast->attrs[decl->first_attr + i], name, object);
    }
    if (good && decl->kind == CAPDL_CNODE && object->bits == 0) {
        object->kind = CAPDL_IRQ; /* the old way to write an interrupt */
        object->present = 0;
    }
    return good;
}
