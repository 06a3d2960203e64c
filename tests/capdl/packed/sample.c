/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * A small packed spec with something in every section
 */
#include "sample.h"

#include <assert.h>

static const struct {
    uint8_t type;
    uint8_t bits;
    const char *name;
} objects[SAMPLE_COUNT] = {
    [SAMPLE_UT] = { PACKED_UNTYPED, 17, "app_ut" },
    [SAMPLE_DEVICE] = { PACKED_FRAME, 12, "uart" },
    [SAMPLE_IMAGE] = { PACKED_FRAME, 12, "text" },
    [SAMPLE_IRQ] = { PACKED_IRQ, 0, "line" },
    [SAMPLE_SGI] = { PACKED_SGI, 0, "ipi" },
    [SAMPLE_SMC] = { PACKED_SMC, 0, "firmware" },
    [SAMPLE_CNODE] = { PACKED_CNODE, 9, "root" },
    [SAMPLE_VSPACE] = { PACKED_VSPACE, 0, "space" },
    [SAMPLE_FRAME] = { PACKED_FRAME, 12, "data" },
    [SAMPLE_PD] = { PACKED_PAGE_TABLE, 0, "pd" },
    [SAMPLE_PT] = { PACKED_PAGE_TABLE, 0, "pt" },
    [SAMPLE_VCPU] = { PACKED_VCPU, 0, "cpu" },
    [SAMPLE_TCB] = { PACKED_TCB, 0, "main" },
    [SAMPLE_KEEP] = { PACKED_CNODE, 6, "app_keep" },
    [SAMPLE_SC] = { PACKED_SCHED_CONTEXT, 8, "time" },
    [SAMPLE_NOTIFICATION] = { PACKED_NOTIFICATION, 0, "bell" },
    [SAMPLE_REPLY] = { PACKED_REPLY, 0, "back" },
    [SAMPLE_EP] = { PACKED_ENDPOINT, 0, "faults" },
};

static void add_objects(struct packed_builder *builder)
{
    for (uint32_t i = 0; i < SAMPLE_COUNT; i++) {
        struct packed_object object = { .type = objects[i].type,
                                        .index = PACKED_NONE,
                                        .parent = i < SAMPLE_CNODE ? PACKED_NONE : SAMPLE_UT,
                                        .keeper = i == SAMPLE_UT ? SAMPLE_KEEP : PACKED_NONE };
        bool good = packed_builder_shape(object.type, objects[i].bits, &object);
        assert(good);
        (void)good;
        object.name = packed_builder_name(builder, objects[i].name);
        object.component = packed_builder_name(builder, "app");
        switch (i) {
        case SAMPLE_UT:
            object.first = SAMPLE_CNODE;
            object.count = SAMPLE_COUNT - SAMPLE_CNODE;
            break;
        case SAMPLE_DEVICE:
            object.flags = PACKED_OBJECT_HAS_PADDR;
            object.place = 0x9000000;
            break;
        case SAMPLE_IMAGE:
            object.flags = PACKED_OBJECT_FROM_IMAGE;
            object.place = 0x1000;
            break;
        case SAMPLE_CNODE: object.count = 5; break;
        case SAMPLE_FRAME: object.count = 2; break;
        case SAMPLE_IRQ:
        case SAMPLE_SGI:
        case SAMPLE_TCB:
        case SAMPLE_SC: object.count = 1; break;
        default: break;
        }
        packed_builder_add(builder, PACKED_OBJECTS, &object);
    }
}

static void add_contents(struct packed_builder *builder)
{
    const struct packed_cap caps[] = {
        { SAMPLE_CNODE, 1, SAMPLE_EP, PACKED_NONE, 5, PACKED_CAP_OBJECT, PACKED_RIGHT_WRITE, 0, 0,
          0 },
        { SAMPLE_CNODE, 2, SAMPLE_CNODE, PACKED_NONE, 1, PACKED_CAP_OBJECT, 0, 0, 55, 0 },
        { SAMPLE_CNODE, 3, SAMPLE_FRAME, 4, 0, PACKED_CAP_OBJECT, PACKED_RIGHT_READ, 0, 0, 0 },
        { SAMPLE_CNODE, 4, SAMPLE_EP, PACKED_NONE, 5, PACKED_CAP_OBJECT, PACKED_RIGHT_WRITE,
          PACKED_CAP_DERIVED, 0, 0 },
        { SAMPLE_CNODE, 9, PACKED_NONE, PACKED_NONE, 1, PACKED_CAP_SCHED_CONTROL, 0, 0, 0, 0 },
    };
    const struct packed_fill fills[] = {
        { SAMPLE_FRAME, PACKED_FILL_PAYLOAD, { 0 }, 16, 100, 0x10, 0 },
        { SAMPLE_FRAME, PACKED_FILL_BOOT_INFO, { 0 }, 2048, 2048, 0, 6 },
    };
    const uint8_t table = PACKED_MAP_TABLE | PACKED_MAP_ORIGINAL;
    const uint8_t rw = PACKED_RIGHT_READ | PACKED_RIGHT_WRITE;
    const struct packed_map maps[] = {
        { SAMPLE_PD, SAMPLE_VSPACE, 0, 0, table, { 0 }, PACKED_NONE },
        { SAMPLE_PT, SAMPLE_VSPACE, 0x200000, 0, table, { 0 }, PACKED_NONE },
        { SAMPLE_IMAGE,
          SAMPLE_VSPACE,
          0x200000,
          PACKED_RIGHT_READ,
          PACKED_MAP_EXECUTABLE,
          { 0 },
          PACKED_NONE },
        { SAMPLE_FRAME, SAMPLE_VSPACE, 0x201000, rw, PACKED_MAP_ORIGINAL, { 0 }, PACKED_NONE },
        { SAMPLE_FRAME, SAMPLE_VSPACE, 0x202000, PACKED_RIGHT_READ, 0, { 0 }, 2 },
        { SAMPLE_DEVICE,
          SAMPLE_VSPACE,
          0x203000,
          rw,
          PACKED_MAP_ORIGINAL | PACKED_MAP_UNCACHED,
          { 0 },
          PACKED_NONE },
    };
    const struct packed_keep keeps[] = {
        { SAMPLE_KEEP, 0, SAMPLE_TCB, PACKED_KEEP_OBJECT },
        { SAMPLE_KEEP, 1, 2, PACKED_KEEP_MAP },
        { SAMPLE_KEEP, 2, SAMPLE_KEEP, PACKED_KEEP_OBJECT },
    };
    for (uint32_t i = 0; i < 5; i++) {
        packed_builder_add(builder, PACKED_CAPS, &caps[i]);
    }
    for (uint32_t i = 0; i < 2; i++) {
        packed_builder_add(builder, PACKED_FILLS, &fills[i]);
    }
    for (uint32_t i = 0; i < 6; i++) {
        packed_builder_add(builder, PACKED_MAPS, &maps[i]);
    }
    for (uint32_t i = 0; i < 3; i++) {
        packed_builder_add(builder, PACKED_KEEPS, &keeps[i]);
    }
}

static void add_threads(struct packed_builder *builder)
{
    const struct packed_tcb tcb = { .object = SAMPLE_TCB,
                                    .cspace = SAMPLE_CNODE,
                                    .guard_size = 55,
                                    .vspace = SAMPLE_VSPACE,
                                    .ipc_frame = SAMPLE_FRAME,
                                    .ipc_address = 0x201000,
                                    .sched_context = SAMPLE_SC,
                                    .notification = SAMPLE_NOTIFICATION,
                                    .vcpu = SAMPLE_VCPU,
                                    .fault = { SAMPLE_EP, PACKED_RIGHT_WRITE, 7 },
                                    .timeout = { PACKED_NONE, 0, 0 },
                                    .argument_count = 2,
                                    .flags = PACKED_TCB_RESUME };
    const struct packed_sc sc = { SAMPLE_SC, 0, 1000, 2000, 3, 8, 0 };
    const struct packed_irq irq = {
        SAMPLE_IRQ, 33, PACKED_TRIGGER_EDGE, 0, SAMPLE_NOTIFICATION, PACKED_RIGHT_WRITE, 1
    };
    const struct packed_sgi sgi = { SAMPLE_SGI, 3, 1, 0 };
    const struct packed_domain domains[] = {
        { 0, 0, 1000, PACKED_TICKS, 0 },
        { 1, 2, 500, PACKED_MICROSECONDS, 0 },
        { 2, 0, 0, PACKED_TICKS, 0 },
    };
    const uint64_t words[] = { 1, 2 };
    packed_builder_add(builder, PACKED_TCBS, &tcb);
    packed_builder_add(builder, PACKED_SCS, &sc);
    packed_builder_add(builder, PACKED_IRQS, &irq);
    packed_builder_add(builder, PACKED_SGIS, &sgi);
    for (uint32_t i = 0; i < 3; i++) {
        packed_builder_add(builder, PACKED_DOMAINS, &domains[i]);
    }
    packed_builder_add(builder, PACKED_WORDS, &words[0]);
    packed_builder_add(builder, PACKED_WORDS, &words[1]);
}

uint8_t *sample_bytes(size_t *length)
{
    const struct packed_header header = { .payload_bytes = 0x2000,
                                          .domain_count = 3,
                                          .domain_start = 1 };
    struct packed_builder builder;
    packed_builder_init(&builder);
    add_objects(&builder);
    add_contents(&builder);
    add_threads(&builder);
    uint8_t *bytes = packed_builder_finish(&builder, &header, length);
    packed_builder_free(&builder);
    return bytes;
}

void *sample_at(uint8_t *bytes, enum packed_section_id section, uint32_t index)
{
    static const size_t sizes[PACKED_SECTION_COUNT] = {
        sizeof(struct packed_object), sizeof(struct packed_cap), sizeof(struct packed_tcb),
        sizeof(struct packed_sc),     sizeof(struct packed_irq), sizeof(struct packed_sgi),
        sizeof(struct packed_fill),   sizeof(struct packed_map), sizeof(struct packed_keep),
        sizeof(struct packed_domain), sizeof(uint64_t),          1,
    };
    const struct packed_header *header = (const struct packed_header *)(void *)bytes;
    return bytes + header->sections[section].offset + index * sizes[section];
}
