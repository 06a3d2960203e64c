/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The plan as capDL text
 *
 * Objects of a holder are declared inside its untyped, in the order of its members.
 */
#include "plan.h"

#include <inttypes.h>
#include <string.h>

static void emit_size(struct text *out, const struct object *object)
{
    if (object->kind == KIND_FRAME) {
        bool mega = object->bits >= 20;
        text_add(out, "%u%s", 1u << (object->bits - (mega ? 20 : 10)), mega ? "M" : "k");
    } else {
        text_add(out, "%u bits", object->bits);
    }
}

static bool kind_has_size(enum object_kind kind)
{
    return kind == KIND_FRAME || kind == KIND_CNODE || kind == KIND_UNTYPED ||
           kind == KIND_SCHED_CONTEXT;
}

static const char *kind_word(enum object_kind kind)
{
    switch (kind) {
    case KIND_UNTYPED: return "ut";
    case KIND_TCB: return "tcb";
    case KIND_ENDPOINT: return "ep";
    case KIND_NOTIFICATION: return "notification";
    case KIND_REPLY: return "rtreply";
    case KIND_CNODE: return "cnode";
    case KIND_SCHED_CONTEXT: return "sc";
    case KIND_VCPU: return "vcpu";
    case KIND_ROOT_TABLE: return "pud";
    case KIND_MIDDLE_TABLE: return "pd";
    case KIND_LEAF_TABLE: return "pt";
    case KIND_FRAME: return "frame";
    case KIND_IRQ: return "arm_irq";
    case KIND_SMC: return "smc";
    case KIND_ASID_POOL: return "asid_pool";
    }
    return "";
}

static void emit_object(struct text *out, const struct object *object, const char *indent)
{
    text_add(out, "%s%s", indent, object->name);
    if (object->count > 0) {
        text_add(out, "[%" PRIu64 "]", object->count);
    }
    text_add(out, " = %s", kind_word(object->kind));
    bool size = kind_has_size(object->kind);
    if (size || object->attributes != NULL) {
        text_add(out, " (");
        if (size) {
            emit_size(out, object);
        }
        text_add(out, "%s%s)", size && object->attributes != NULL ? ", " : "",
                 object->attributes == NULL ? "" : object->attributes);
    }
}

/* A file as seen from the folder of the description; only its name if it is elsewhere. */
static const char *file_seen(const struct plan *plan, const char *file)
{
    const char *description = plan->composer->options->description;
    const char *slash = strrchr(description, '/');
    size_t folder = slash == NULL ? 0 : (size_t)(slash - description) + 1;
    if (strncmp(file, description, folder) == 0 && file[folder] != '/') {
        return file + folder;
    }
    slash = strrchr(file, '/');
    return slash == NULL ? file : slash + 1;
}

void emit_place(const struct plan *plan, struct text *out, struct position at)
{
    text_add(out, "-- %s:%u\n", file_seen(plan, diag_file_name(&plan->composer->diag, at)),
             at.line);
}

static bool position_equal(struct position a, struct position b)
{
    return a.line == b.line && a.file == b.file;
}

/* Says which line of the description is the reason for what follows, until the block ends. */
static void emit_line(const struct plan *plan, struct text *out, const char *indent,
                      struct position at, struct position *last)
{
    if (at.line != 0 && !position_equal(at, *last)) {
        text_add(out, "%s", indent);
        emit_place(plan, out, at);
        *last = at;
    }
}

static void emit_holder(const struct plan *plan, struct text *out, const struct holder *holder)
{
    struct position last = { 0 };
    emit_line(plan, out, "    ", holder->untyped->at, &last);
    emit_object(out, holder->untyped, "    ");
    text_add(out, " {\n");
    for (size_t i = 0; i < holder->members.count; i++) {
        const struct object *member = holder->members.items[i];
        emit_line(plan, out, "        ", member->at, &last);
        emit_object(out, member, "        ");
        text_add(out, "\n");
    }
    text_add(out, "    }\n");
}

/* TCB slots have names. */
static void emit_slot(struct text *out, const struct object *container, uint64_t slot)
{
    static const char *const words[] = {
        "cspace",        "vspace",  "reply_slot",         "caller_slot",        "ipc_buffer_slot",
        "fault_ep_slot", "sc_slot", "temp_fault_ep_slot", "bound_notification", "bound_vcpu"
    };
    if (container->kind == KIND_TCB && slot < sizeof(words) / sizeof(words[0])) {
        text_add(out, "%s", words[slot]);
    } else {
        text_add(out, "%" PRIu64, slot);
    }
}

static void emit_cap(struct text *out, const struct object *container, const struct cap *cap)
{
    text_add(out, "        ");
    emit_slot(out, container, cap->slot);
    text_add(out, ": %s", cap->target == NULL ? cap->global : cap->target->name);
    if (cap->target != NULL && cap->target->count > 0) {
        if (cap->count == 1) {
            text_add(out, "[%" PRIu64 "]", cap->first);
        } else {
            text_add(out, "[%" PRIu64 "..%" PRIu64 "]", cap->first, cap->first + cap->count - 1);
        }
    }
    text_add(out, "%s%s\n", cap->params == NULL ? "" : " ", cap->params == NULL ? "" : cap->params);
}

static void emit_caps(const struct plan *plan, struct text *out, const struct list *objects)
{
    for (size_t i = 0; i < objects->count; i++) {
        const struct object *object = objects->items[i];
        if (object->caps.count == 0) {
            continue;
        }
        struct position last = { 0 };
        text_add(out, "    %s {\n", object->name);
        for (size_t j = 0; j < object->caps.count; j++) {
            const struct cap *cap = object->caps.items[j];
            emit_line(plan, out, "        ", cap->at, &last);
            emit_cap(out, object, cap);
        }
        text_add(out, "    }\n");
    }
}

static void emit_domains(const struct plan *plan, struct text *out)
{
    const struct system *system = &plan->composer->system;
    if (!system->has_domains) {
        return;
    }
    text_add(out, "\ndomains {\n    schedule: [\n");
    for (size_t i = 0; i < system->schedule.count; i++) {
        const struct schedule_entry *entry = system->schedule.items[i];
        if (entry->end_marker) {
            text_add(out, "        (0, 0),\n");
        } else {
            text_add(out, "        (%" PRIu64 ", %" PRIu64 " %s),\n", entry->domain,
                     entry->duration, entry->microseconds ? "us" : "ticks");
        }
    }
    const struct schedule_entry *last = system->schedule.items[system->schedule.count - 1];
    text_add(out, "%s    ]\n", last->end_marker ? "" : "        (0, 0)\n");
    text_add(out, "    domain_set_start: %" PRIu64 "\n    index_shift: %" PRIu64 "\n}\n",
             system->start_index, system->index_shift);
}

static void emit_irqs(const struct plan *plan, struct text *out)
{
    text_add(out, "\nirq maps {\n");
    for (size_t i = 0; i < IRQ_LIMIT; i++) {
        if (plan->irq_map[i] != NULL) {
            text_add(out, "    %zu: %s\n", i, plan->irq_map[i]->name);
        }
    }
    text_add(out, "}\n");
}

void plan_emit(struct plan *plan, struct text *out)
{
    text_add(out, "-- written by tessera-compose from %s\narch aarch64\n\nobjects {\n",
             plan->composer->diag.name);
    for (size_t i = 0; i < plan->component_count; i++) {
        emit_holder(plan, out, &plan->components[i].holder);
    }
    for (size_t i = 0; i < plan->region_count; i++) {
        const struct list *pieces = &plan->regions[i].pieces;
        for (size_t j = 0; j < pieces->count; j++) {
            const struct piece *piece = pieces->items[j];
            if (piece->holder == &piece->own) {
                emit_holder(plan, out, &piece->own);
            }
        }
    }
    struct position last = { 0 };
    for (size_t i = 0; i < plan->loose.count; i++) {
        const struct object *object = plan->loose.items[i];
        emit_line(plan, out, "    ", object->at, &last);
        emit_object(out, object, "    ");
        text_add(out, "\n");
    }
    text_add(out, "}\n\ncaps {\n");
    for (size_t i = 0; i < plan->component_count; i++) {
        emit_caps(plan, out, &plan->components[i].holder.members);
    }
    emit_caps(plan, out, &plan->loose);
    text_add(out, "}\n");
    emit_irqs(plan, out);
    emit_domains(plan, out);
    plan_policies(plan, out);
}
