/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Judging the parameters of caps
 */
#include <string.h>

#include "resolve.h"

#define BIT(param) (1u << (param))

static const char *const param_names[PARAM_KIND_COUNT] = {
    [PARAM_RIGHTS] = "rights",
    [PARAM_MASKED] = "masked",
    [PARAM_GUARD] = "guard",
    [PARAM_GUARD_SIZE] = "guard_size",
    [PARAM_BADGE] = "badge",
    [PARAM_CORE] = "core",
    [PARAM_REPLY] = "reply",
    [PARAM_MASTER_REPLY] = "master_reply",
    [PARAM_ASID] = "asid",
    [PARAM_CACHED] = "cached",
    [PARAM_UNCACHED] = "uncached",
    [PARAM_MAPPING] = "mapping",
    [PARAM_EXECUTABLE] = "executable",
    [PARAM_EXECUTE_NEVER] = "execute_never",
};

#define FRAME_PARAMS                                                                 \
    (BIT(PARAM_RIGHTS) | BIT(PARAM_ASID) | BIT(PARAM_CACHED) | BIT(PARAM_UNCACHED) | \
     BIT(PARAM_MAPPING) | BIT(PARAM_EXECUTABLE) | BIT(PARAM_EXECUTE_NEVER))

static uint32_t allowed_params(enum capdl_kind kind)
{
    switch (kind) {
    case CAPDL_EP:
    case CAPDL_NOTIFICATION: return BIT(PARAM_RIGHTS) | BIT(PARAM_BADGE);
    case CAPDL_FRAME: return FRAME_PARAMS;
    case CAPDL_CNODE: return BIT(PARAM_GUARD) | BIT(PARAM_GUARD_SIZE);
    case CAPDL_TCB: return BIT(PARAM_REPLY) | BIT(PARAM_MASTER_REPLY);
    case CAPDL_SMC: return BIT(PARAM_BADGE);
    case CAPDL_ASID_POOL: return BIT(PARAM_ASID);
    default: return capdl_kind_is_table(kind) ? BIT(PARAM_ASID) : 0;
    }
}

/* Parameters that may not stand together with this one: itself, and its opposite. */
static uint32_t excluded_params(enum ast_param_kind kind)
{
    switch (kind) {
    case PARAM_RIGHTS: return 0;
    case PARAM_CACHED:
    case PARAM_UNCACHED: return BIT(PARAM_CACHED) | BIT(PARAM_UNCACHED);
    case PARAM_REPLY:
    case PARAM_MASTER_REPLY: return BIT(PARAM_REPLY) | BIT(PARAM_MASTER_REPLY);
    case PARAM_EXECUTABLE:
    case PARAM_EXECUTE_NEVER: return BIT(PARAM_EXECUTABLE) | BIT(PARAM_EXECUTE_NEVER);
    default: return BIT(kind);
    }
}

static bool check_params(struct resolver *resolver, const struct ast_entry *entry, const char *what,
                         uint32_t allowed)
{
    uint32_t given = 0;
    for (uint32_t i = 0; i < entry->param_count; i++) {
        const struct ast_param *param = &resolver->ast->params[entry->first_param + i];
        if ((allowed & BIT(param->kind)) == 0) {
            capdl_error(resolver->diags, param->pos, "cap to %s: it has no %s", what,
                        param_names[param->kind]);
            capdl_remedy(resolver->diags, "%s",
                         param->kind == PARAM_MASKED
                             ? "only copies, written <name>, are masked; state the rights instead"
                         : allowed == 0 ? "remove the parentheses: it takes no parameter"
                                        : "remove it; see the table in capdl/lang/README.md");
            return false;
        }
        if ((given & excluded_params(param->kind)) != 0) {
            capdl_error(resolver->diags, param->pos, "%s is given twice or contradicts another",
                        param_names[param->kind]);
            capdl_remedy(resolver->diags, "keep one of the two");
            return false;
        }
        given |= BIT(param->kind);
    }
    return true;
}

static bool store_mapping(struct resolver *resolver, const struct ast_param *param,
                          struct capdl_cap *cap)
{
    cap->mapping_table = resolver_one(resolver, &param->table);
    cap->mapping_slot = param->value[0];
    return cap->mapping_table != CAPDL_NONE;
}

static bool store_param(struct resolver *resolver, const struct ast_param *param,
                        struct capdl_cap *cap)
{
    switch (param->kind) {
    case PARAM_RIGHTS: cap->rights |= (uint8_t)param->value[0]; break;
    case PARAM_GUARD: cap->guard = param->value[0]; break;
    case PARAM_GUARD_SIZE: cap->guard_size = param->value[0]; break;
    case PARAM_BADGE:
    case PARAM_CORE: cap->badge = param->value[0]; break;
    case PARAM_REPLY: cap->kind = CAPDL_CAP_REPLY; break;
    case PARAM_MASTER_REPLY: cap->kind = CAPDL_CAP_MASTER_REPLY; break;
    case PARAM_ASID:
        cap->has_asid = true;
        cap->asid_high = param->value[0];
        cap->asid_low = param->value[1];
        break;
    case PARAM_UNCACHED: cap->is_uncached = true; break;
    case PARAM_EXECUTABLE: cap->rights |= CAPDL_RIGHT_GRANT; break;
    case PARAM_EXECUTE_NEVER: cap->rights &= (uint8_t)~CAPDL_RIGHT_GRANT; break;
    case PARAM_MAPPING: return store_mapping(resolver, param, cap);
    default: break;
    }
    return true;
}

enum capdl_cap_kind resolve_global(const struct resolver *resolver, const struct ast_ref *ref)
{
    const char *name = capdl_name_text(resolver->spec, ref->name);
    if (ref->is_bracketed) {
        return CAPDL_CAP_OBJECT;
    }
    if (strcmp(name, "irq_control") == 0) {
        return CAPDL_CAP_IRQ_CONTROL;
    }
    if (strcmp(name, "asid_control") == 0) {
        return CAPDL_CAP_ASID_CONTROL;
    }
    if (strcmp(name, "domain") == 0) {
        return CAPDL_CAP_DOMAIN;
    }
    if (strcmp(name, "io_space_master") == 0) {
        return CAPDL_CAP_IO_SPACE_MASTER;
    }
    return strcmp(name, "sched_control") == 0 ? CAPDL_CAP_SCHED_CONTROL : CAPDL_CAP_OBJECT;
}

/* Why an older way to write the parameters is wrong now. */
static void warn_old_asid(struct resolver *resolver, const struct ast_entry *entry)
{
    capdl_warning(resolver->diags, entry->target.pos, "asid on a cap to an ASID pool is ignored");
    capdl_remedy(resolver->diags, "give the object asid_high: N instead");
}

bool resolve_params(struct resolver *resolver, const struct ast_entry *entry, uint32_t target,
                    struct capdl_cap *cap)
{
    bool has_target = target != CAPDL_NONE;
    enum capdl_kind kind = has_target ? resolver->spec->objects[target].kind : CAPDL_EP;
    const char *what = has_target ? capdl_kind_info(kind)->words
                                  : capdl_name_text(resolver->spec, entry->target.name);
    uint32_t allowed = has_target                             ? allowed_params(kind)
                       : cap->kind == CAPDL_CAP_SCHED_CONTROL ? BIT(PARAM_CORE)
                                                              : 0;
    cap->target = target;
    cap->mapping_table = CAPDL_NONE;
    cap->pos = entry->target.pos;
    if (!check_params(resolver, entry, what, allowed)) {
        return false;
    }
    if (cap->kind == CAPDL_CAP_SCHED_CONTROL && entry->param_count != 1) {
        capdl_error(resolver->diags, entry->target.pos, "sched_control needs a core");
        capdl_remedy(resolver->diags, "write sched_control (core: 0)");
        return false;
    }
    for (uint32_t i = 0; i < entry->param_count; i++) {
        if (!store_param(resolver, &resolver->ast->params[entry->first_param + i], cap)) {
            return false;
        }
    }
    if (kind == CAPDL_ASID_POOL && cap->has_asid) {
        warn_old_asid(resolver, entry);
        cap->has_asid = false;
    }
    return true;
}
