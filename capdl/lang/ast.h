/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What the parser found, before names are looked up (private to the room)
 *
 * Names may be used before they are declared, so the whole text is read first. All lists are flat
 * arrays; parts of one construct are a contiguous range (first, count) of its array.
 */
#pragma once

#include "model/model.h"

/* name, name[], name[ranges] */
enum range_kind { RANGE_ONE, RANGE_FROM_TO, RANGE_TO, RANGE_FROM };

struct ast_range {
    enum range_kind kind;
    uint64_t from, to;
};

struct ast_ref {
    uint32_t name;
    bool is_bracketed;
    uint32_t first_range, range_count; /* none, but bracketed: all elements */
    struct capdl_pos pos;
};

enum ast_attr_kind {
    ATTR_BITS,
    ATTR_SIZE, /* frame size in bytes */
    ATTR_BDF,  /* bus, device, function */
    ATTR_PADDR,
    ATTR_FILL,
    ATTR_ASID_HIGH,
    ATTR_ADDR,
    ATTR_IP,
    ATTR_SP,
    ATTR_PRIO,
    ATTR_MAX_PRIO,
    ATTR_AFFINITY,
    ATTR_RESUME,
    ATTR_FPU_DISABLED,
    ATTR_DOM,
    ATTR_FAULT_EP,
    ATTR_COUNTER_ACCESS,
    ATTR_INIT,
    ATTR_PERIOD,
    ATTR_BUDGET,
    ATTR_DATA,
    ATTR_IOAPIC_NUM,
    ATTR_IOAPIC_PIN,
    ATTR_IOAPIC_LEVEL,
    ATTR_IOAPIC_POLARITY,
    ATTR_MSI_HANDLE,
    ATTR_MSI_BUS,
    ATTR_MSI_DEV,
    ATTR_MSI_FUN,
    ATTR_TRIGGER,
    ATTR_TARGET,
    ATTR_PORTS,
    ATTR_DOMAIN_ID,
    ATTR_LEVEL,
    ATTR_IOSPACE,
    ATTR_BANK,
    ATTR_IRQ,
    ATTR_ELF, /* old; ignored with a warning */
    ATTR_KIND_COUNT
};

struct ast_attr {
    enum ast_attr_kind kind;
    struct capdl_pos pos;
    uint64_t value[3];
    uint32_t first, count; /* fills (ATTR_FILL) or words (ATTR_INIT) of the spec */
};

/* One declaration, or one reference in a list of children. */
struct ast_decl {
    bool is_reference;
    uint32_t first_part, part_count; /* refs: the parts of the qualified name */
    enum capdl_kind kind;
    struct capdl_pos pos, kind_pos;
    uint32_t first_attr, attr_count;
    uint32_t first_child, next; /* lists of declarations, CAPDL_NONE ends */
    bool has_children;
};

enum ast_param_kind {
    PARAM_RIGHTS,
    PARAM_MASKED,
    PARAM_GUARD,
    PARAM_GUARD_SIZE,
    PARAM_BADGE,
    PARAM_CORE,
    PARAM_REPLY,
    PARAM_MASTER_REPLY,
    PARAM_ASID,
    PARAM_CACHED,
    PARAM_UNCACHED,
    PARAM_MAPPING,
    PARAM_EXECUTABLE,
    PARAM_EXECUTE_NEVER,
    PARAM_KIND_COUNT
};

struct ast_slot_ref {
    bool is_pair; /* (object, slot); else the name of a cap */
    struct ast_ref ref;
    uint64_t slot;
};

struct ast_param {
    enum ast_param_kind kind;
    struct capdl_pos pos;
    uint64_t value[2];
    struct ast_ref table; /* PARAM_MAPPING */
};

struct ast_entry {
    struct capdl_pos pos;
    bool has_slot, has_label, is_copy, has_parent;
    uint64_t slot;
    struct ast_ref label, target;
    uint32_t first_param, param_count;
    struct ast_slot_ref parent;
};

struct ast_block {
    struct ast_ref container;
    uint32_t first_entry, entry_count;
};

struct ast_slot_name {
    struct capdl_pos pos;
    uint32_t name;
    struct ast_slot_ref slot;
};

struct ast_irq {
    bool has_number;
    uint64_t number;
    struct ast_ref target;
    struct capdl_pos pos;
};

struct ast_edge {
    struct ast_slot_ref child, parent;
};

struct ast {
    struct capdl_spec *spec; /* names, fills, words and the schedule go there at once */
    struct capdl_diags *diags;
    uint32_t first_decl, last_decl; /* declarations at section level */

    struct ast_ref *refs;
    uint32_t ref_count, ref_capacity;
    struct ast_range *ranges;
    uint32_t range_count, range_capacity;
    struct ast_attr *attrs;
    uint32_t attr_count, attr_capacity;
    struct ast_decl *decls;
    uint32_t decl_count, decl_capacity;
    struct ast_param *params;
    uint32_t param_count, param_capacity;
    struct ast_entry *entries;
    uint32_t entry_count, entry_capacity;
    struct ast_block *blocks;
    uint32_t block_count, block_capacity;
    struct ast_slot_name *slot_names;
    uint32_t slot_name_count, slot_name_capacity;
    struct ast_irq *irqs;
    uint32_t irq_count, irq_capacity;
    struct ast_edge *edges;
    uint32_t edge_count, edge_capacity;
    struct capdl_pos start_pos, shift_pos, schedule_pos; /* domains; line 0: absent */
};

void ast_free(struct ast *ast);
