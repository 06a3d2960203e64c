/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-capdl dump: a packed spec, readable
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "packed/packed.h"
#include "verbs.h"

static const struct packed_view *view;

static const char *object_text(uint32_t object)
{
    static char buffers[4][120];
    static uint32_t turn;
    char *buffer = buffers[turn++ % 4];
    if (object == PACKED_NONE) {
        return "-";
    }
    if (view->objects[object].index == PACKED_NONE) {
        snprintf(buffer, sizeof(buffers[0]), "%.100s", packed_name(view, object));
    } else {
        snprintf(buffer, sizeof(buffers[0]), "%.100s[%u]", packed_name(view, object),
                 view->objects[object].index);
    }
    return buffer;
}

static const char *rights_text(uint32_t rights)
{
    static char buffers[2][5];
    static uint32_t turn;
    char *buffer = buffers[turn++ % 2];
    snprintf(buffer, sizeof(buffers[0]), "%s%s%s%s", (rights & PACKED_RIGHT_READ) != 0 ? "R" : "",
             (rights & PACKED_RIGHT_WRITE) != 0 ? "W" : "",
             (rights & PACKED_RIGHT_GRANT) != 0 ? "G" : "",
             (rights & PACKED_RIGHT_GRANT_REPLY) != 0 ? "P" : "");
    return buffer;
}

static void dump_objects(void)
{
    printf("\nobjects, in creation order\n");
    for (uint32_t i = 0; i < view->object_count; i++) {
        const struct packed_object *object = &view->objects[i];
        printf("  %5u %-24s %-18s 2^%-2u", i, object_text(i), packed_type_name(object->type),
               object->size_bits);
        if (object->parent != PACKED_NONE) {
            printf(" from %s", object_text(object->parent));
        }
        if ((object->flags & PACKED_OBJECT_HAS_PADDR) != 0) {
            printf(" at 0x%llx", (unsigned long long)object->place);
        }
        if ((object->flags & PACKED_OBJECT_FROM_IMAGE) != 0) {
            printf(" from image 0x%llx", (unsigned long long)object->place);
        }
        if (object->keeper != PACKED_NONE) {
            printf(" keeper %s", object_text(object->keeper));
        }
        if (packed_component(view, i)[0] != '\0') {
            printf(" (%s)", packed_component(view, i));
        }
        printf("\n");
    }
}

static void dump_caps(void)
{
    static const char *const kinds[] = { "", "irq_control", "asid_control", "domain",
                                         "sched_control" };
    printf("\ncaps\n");
    for (uint32_t i = 0; i < view->cap_count; i++) {
        const struct packed_cap *cap = &view->caps[i];
        printf("  %s %u: %s%s %s", object_text(cap->container), cap->slot, kinds[cap->kind],
               cap->kind == PACKED_CAP_OBJECT ? object_text(cap->target) : "",
               rights_text(cap->rights));
        if (cap->data != 0 || cap->guard_size != 0) {
            printf(" data 0x%llx guard_size %u", (unsigned long long)cap->data, cap->guard_size);
        }
        if (cap->mapping != PACKED_NONE) {
            printf(" from mapping %u", cap->mapping);
        }
        printf("%s\n", (cap->flags & PACKED_CAP_MOVE) != 0 ? " (moved)" : "");
    }
}

static void dump_threads(void)
{
    printf("\nthreads\n");
    for (uint32_t i = 0; i < view->tcb_count; i++) {
        const struct packed_tcb *tcb = &view->tcbs[i];
        printf("  %s: cspace %s (guard 0x%llx, %u bits) vspace %s ip 0x%llx sp 0x%llx\n",
               object_text(tcb->object), object_text(tcb->cspace), (unsigned long long)tcb->guard,
               tcb->guard_size, object_text(tcb->vspace), (unsigned long long)tcb->ip,
               (unsigned long long)tcb->sp);
        printf("    ipc %s at 0x%llx, sc %s, notification %s, vcpu %s\n",
               object_text(tcb->ipc_frame), (unsigned long long)tcb->ipc_address,
               object_text(tcb->sched_context), object_text(tcb->notification),
               object_text(tcb->vcpu));
        printf("    fault %s (badge 0x%llx, %s) timeout %s (badge 0x%llx, %s)\n",
               object_text(tcb->fault.endpoint), (unsigned long long)tcb->fault.badge,
               rights_text(tcb->fault.rights), object_text(tcb->timeout.endpoint),
               (unsigned long long)tcb->timeout.badge, rights_text(tcb->timeout.rights));
        printf("    prio %u max %u core %u domain %u counter 0x%llx%s%s, arguments", tcb->prio,
               tcb->max_prio, tcb->affinity, tcb->domain, (unsigned long long)tcb->counter_access,
               (tcb->flags & PACKED_TCB_RESUME) != 0 ? " resume" : "",
               (tcb->flags & PACKED_TCB_FPU_DISABLED) != 0 ? " fpu_disabled" : "");
        for (uint32_t k = 0; k < tcb->argument_count; k++) {
            printf(" 0x%llx", (unsigned long long)view->words[tcb->first_argument + k]);
        }
        printf("\n");
    }
}

static void dump_devices(void)
{
    printf("\nscheduling contexts\n");
    for (uint32_t i = 0; i < view->sc_count; i++) {
        const struct packed_sc *sc = &view->scs[i];
        printf("  %s: %llu us in %llu us, badge 0x%llx, core %u, %u extra refills\n",
               object_text(sc->object), (unsigned long long)sc->budget_us,
               (unsigned long long)sc->period_us, (unsigned long long)sc->badge, sc->core,
               sc->extra_refills);
    }
    printf("\ninterrupts\n");
    for (uint32_t i = 0; i < view->irq_count; i++) {
        static const char *const triggers[] = { "level", "edge", "default" };
        const struct packed_irq *irq = &view->irqs[i];
        printf("  %u: %s (%s, core %u) signals %s badge 0x%llx %s\n", irq->number,
               object_text(irq->object), triggers[irq->trigger], irq->core,
               object_text(irq->notification), (unsigned long long)irq->badge,
               rights_text(irq->rights));
    }
    for (uint32_t i = 0; i < view->sgi_count; i++) {
        printf("  SGI %u to %u: %s\n", view->sgis[i].irq, view->sgis[i].target,
               object_text(view->sgis[i].object));
    }
}

static void dump_domains(void)
{
    static const char *const units[] = { "ticks", "us" };
    printf("\ndomains: %u\n", view->header->domain_count);
    for (uint32_t i = 0; i < view->domain_count; i++) {
        const struct packed_domain *entry = &view->domains[i];
        printf("  %u: domain %u for %llu %s%s\n", entry->index, entry->domain,
               (unsigned long long)entry->duration, units[entry->unit],
               entry->index == view->header->domain_start ? ", start" : "");
    }
}

static void dump_memory(void)
{
    printf("\nfills\n");
    for (uint32_t i = 0; i < view->fill_count; i++) {
        const struct packed_fill *fill = &view->fills[i];
        printf(
            "  %s +0x%llx, %llu bytes from %s 0x%llx\n", object_text(fill->frame),
            (unsigned long long)fill->offset, (unsigned long long)fill->length,
            fill->kind == PACKED_FILL_PAYLOAD ? "payload" : "boot information",
            (unsigned long long)(fill->kind == PACKED_FILL_PAYLOAD ? fill->source : fill->block));
    }
    printf("\nmappings\n");
    for (uint32_t i = 0; i < view->map_count; i++) {
        const struct packed_map *map = &view->maps[i];
        printf("  %5u %s 0x%010llx %s %s%s%s%s%s\n", i, object_text(map->vspace),
               (unsigned long long)map->vaddr, object_text(map->object), rights_text(map->rights),
               (map->flags & PACKED_MAP_EXECUTABLE) != 0 ? "X" : "",
               (map->flags & PACKED_MAP_UNCACHED) != 0 ? " uncached" : "",
               (map->flags & PACKED_MAP_TABLE) != 0 ? " table" : "",
               (map->flags & PACKED_MAP_ORIGINAL) != 0 ? "" : " (copy)");
    }
    printf("\nkept at the end\n");
    for (uint32_t i = 0; i < view->keep_count; i++) {
        const struct packed_keep *keep = &view->keeps[i];
        if (keep->kind == PACKED_KEEP_OBJECT) {
            printf("  %s %u: %s\n", object_text(keep->keeper), keep->slot,
                   object_text(keep->source));
        } else {
            printf("  %s %u: mapping %u\n", object_text(keep->keeper), keep->slot, keep->source);
        }
    }
}

int verb_dump(int argc, char **argv)
{
    struct capdl_text text = { 0 };
    struct packed_view opened;
    if (argc != 1) {
        return usage_error();
    }
    if (!file_read(argv[0], &text)) {
        return 2;
    }
    const char *wrong = packed_open(text.bytes, text.length, &opened);
    if (wrong != NULL) {
        fprintf(stderr, "%s: error: %s (section %d, record %u)\n", argv[0], wrong,
                (int)opened.fault_section, opened.fault_index);
        fputs("  remedy: pack the spec again with this version of tessera-capdl\n", stderr);
        capdl_text_free(&text);
        return 1;
    }
    const struct packed_header *header = opened.header;
    view = &opened;
    printf("packed spec version %u, %llu bytes; payload %llu bytes, large [0x%llx, 0x%llx)\n",
           header->version, (unsigned long long)header->total_bytes,
           (unsigned long long)header->payload_bytes, (unsigned long long)header->large_start,
           (unsigned long long)header->large_end);
    printf("memory %llu bytes, root slots %u, root CNode bits %u\n",
           (unsigned long long)header->memory_bytes, header->root_slots_needed,
           header->root_cnode_bits);
    dump_objects();
    dump_devices();
    dump_threads();
    dump_domains();
    dump_memory();
    dump_caps();
    capdl_text_free(&text);
    return 0;
}
