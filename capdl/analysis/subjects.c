/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Components: threads that share an address space
 *
 * A component's name is that of its address space (<name>_vspace), else of its thread (<name>_tcb),
 * else of the untyped that covers it (<name>_ut).
 */
#include "extract.h"

#include <stdlib.h>
#include <string.h>

enum { TCB_VSPACE = 1, TCB_VCPU = 9 };

/* The text before the suffix, or NULL if it does not end so. */
static char *stem(const struct audit *audit, uint32_t object, const char *suffix)
{
    if (object == CAPDL_NONE) {
        return NULL;
    }
    const char *text = capdl_object_text(audit->spec, object);
    size_t length = strlen(text) - (text_ends(text, suffix) ? strlen(suffix) : 0);
    return length == 0 || !text_ends(text, suffix) ? NULL : text_copy(text, length);
}

static char *subject_name(const struct audit *audit, const struct audit_subject *subject)
{
    char *name = stem(audit, subject->vspace, "_vspace");
    name = name != NULL ? name : stem(audit, subject->thread, "_tcb");
    name = name != NULL ? name : stem(audit, subject->untyped, "_ut");
    if (name == NULL) {
        const char *text = capdl_object_text(audit->spec, subject->thread);
        name = text_copy(text, strlen(text));
    }
    if (audit_subject_find(audit, name) == AUTHORITY_NONE) {
        return name;
    }
    struct capdl_text other = { 0 };
    capdl_text_printf(&other, "%s.%s", name, capdl_object_text(audit->spec, subject->thread));
    free(name);
    return other.bytes;
}

static uint32_t slot_target(const struct audit *audit, uint32_t container, uint64_t slot)
{
    uint32_t cap = capdl_cap_find(audit->spec, container, slot);
    return cap == CAPDL_NONE ? CAPDL_NONE : audit->spec->caps[cap].target;
}

/* The outermost untyped that covers the object. Covers do not nest deeper than objects exist. */
static uint32_t untyped_of(const struct audit *audit, uint32_t object)
{
    uint32_t at = object_at(audit, object)->parent;
    uint32_t last = at;
    for (uint32_t i = 0; at != CAPDL_NONE && i < audit->spec->object_count; i++) {
        last = at;
        at = object_at(audit, at)->parent;
    }
    return last;
}

static void subject_add(struct audit *audit, uint32_t thread)
{
    uint32_t vspace = slot_target(audit, thread, TCB_VSPACE);
    uint32_t known = vspace == CAPDL_NONE ? AUTHORITY_NONE : audit->subject_of[vspace];
    if (known == AUTHORITY_NONE) {
        struct audit_subject subject = { .thread = thread,
                                         .vspace = vspace,
                                         .untyped = untyped_of(audit, thread) };
        subject.name = subject_name(audit, &subject);
        /* Only a composed system has a monitor that its maker vouches for. */
        subject.is_trusted = audit->origin_file != NULL && strcmp(subject.name, "monitor") == 0;
        known = audit->system.subject_count;
        CAPDL_PUSH(audit->subjects, audit->system.subject_count, audit->subject_capacity, subject);
        if (vspace != CAPDL_NONE) {
            audit->subject_of[vspace] = known;
        }
    }
    audit->subject_of[thread] = known;
    audit->subjects[known].thread_count++;
    if (slot_target(audit, thread, TCB_VCPU) != CAPDL_NONE) {
        audit->subjects[known].is_guest = true;
    }
}

/* The composer gives a supervisor, and nobody else, a CNode <name>_supervised. */
static void supervisors_find(struct audit *audit)
{
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        char *name =
            object_at(audit, i)->kind != CAPDL_CNODE ? NULL : stem(audit, i, "_supervised");
        uint32_t subject = name == NULL ? AUTHORITY_NONE : audit_subject_find(audit, name);
        if (subject != AUTHORITY_NONE && audit->origin_file != NULL) {
            audit->subjects[subject].is_supervisor = true;
        }
        free(name);
    }
}

void extract_subjects(struct audit *audit)
{
    audit->subject_of = capdl_alloc(audit->spec->object_count + 1u, sizeof(*audit->subject_of));
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        audit->subject_of[i] = AUTHORITY_NONE;
    }
    for (uint32_t i = 0; i < audit->spec->object_count; i++) {
        if (object_at(audit, i)->kind == CAPDL_TCB) {
            subject_add(audit, i);
        }
    }
    supervisors_find(audit);
}

uint32_t audit_subject_find(const struct audit *audit, const char *name)
{
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (strcmp(audit->subjects[i].name, name) == 0) {
            return i;
        }
    }
    return AUTHORITY_NONE;
}
