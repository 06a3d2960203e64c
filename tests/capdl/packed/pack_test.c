/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-capdl as a command: what pack makes of a spec, and what it refuses
 *
 * bad/NAME.cdl is a readable spec with the mistake NAME; bad/NAME.expect is all that pack says
 * about it. Started with the word `write`, the program writes the .expect files that are missing.
 */
#define _POSIX_C_SOURCE 200809L

#include "packed/packed.h"

#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

enum { BAD_LEAST = 40, SMALL_BYTES = 8192, TAIL_BYTES = 5000, LARGE_BYTES = (2 << 20) + 5000 };

static bool writes;

/* What one run left behind. */
struct result {
    int status;
    char *said; /* standard error */
    char *printed;
    uint8_t *spec;
    size_t spec_length;
    uint8_t *payload;
    size_t payload_length;
    struct packed_view view;
};

static uint8_t *file_bytes(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = calloc(1, 16 << 20);
    *length = file == NULL ? 0 : fread(bytes, 1, (16 << 20) - 1, file);
    if (file != NULL) {
        fclose(file);
    }
    return bytes;
}

static void file_make(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, length, file), length);
    fclose(file);
}

/* Files whose every byte tells its place. */
static void pattern_make(const char *path, size_t length)
{
    uint8_t *bytes = malloc(length);
    for (size_t i = 0; i < length; i++) {
        bytes[i] = (uint8_t)(1 + (i / 16 + i) % 255);
    }
    file_make(path, bytes, length);
    free(bytes);
}

static int run(const char *arguments)
{
    char command[4096];
    snprintf(command, sizeof(command), "%s %s >" SCRATCH "/printed 2>" SCRATCH "/said",
             CAPDL_PROGRAM, arguments);
    int status = system(command);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static struct result pack_file(const char *path)
{
    struct result result = { 0 };
    char arguments[1024];
    size_t length = 0;
    unlink(SCRATCH "/spec.bin");
    unlink(SCRATCH "/payload.bin");
    snprintf(arguments, sizeof(arguments),
             "pack %s --search-path " SCRATCH " --output " SCRATCH "/spec.bin --payload " SCRATCH
             "/payload.bin --report " SCRATCH "/report.txt",
             path);
    result.status = run(arguments);
    result.said = (char *)file_bytes(SCRATCH "/said", &length);
    result.printed = (char *)file_bytes(SCRATCH "/printed", &length);
    result.spec = file_bytes(SCRATCH "/spec.bin", &result.spec_length);
    result.payload = file_bytes(SCRATCH "/payload.bin", &result.payload_length);
    if (result.status == 0) {
        assert_null(packed_open(result.spec, result.spec_length, &result.view));
        assert_int_equal(result.view.header->payload_bytes, result.payload_length);
    } else {
        assert_int_equal(result.spec_length, 0); /* a refused spec leaves nothing behind */
    }
    return result;
}

static struct result pack(const char *text)
{
    file_make(SCRATCH "/test.cdl", text, strlen(text));
    struct result result = pack_file(SCRATCH "/test.cdl");
    if (result.status != 0) {
        fprintf(stderr, "%s", result.said);
    }
    return result;
}

static void result_free(struct result *result)
{
    free(result->said);
    free(result->printed);
    free(result->spec);
    free(result->payload);
}

static uint32_t find(const struct result *result, const char *name, uint32_t index)
{
    for (uint32_t i = 0; i < result->view.object_count; i++) {
        if (result->view.objects[i].index == index &&
            strcmp(packed_name(&result->view, i), name) == 0) {
            return i;
        }
    }
    fail_msg("no object %s", name);
    return 0;
}

static const struct packed_object *object(const struct result *result, const char *name)
{
    return &result->view.objects[find(result, name, PACKED_NONE)];
}

/* Names of the objects in creation order, separated by spaces. */
static const char *order(const struct result *result)
{
    static char text[1024];
    text[0] = '\0';
    for (uint32_t i = 0; i < result->view.object_count; i++) {
        strcat(text, i == 0 ? "" : " ");
        strcat(text, packed_name(&result->view, i));
        if (result->view.objects[i].index != PACKED_NONE) {
            sprintf(text + strlen(text), "%u", result->view.objects[i].index);
        }
    }
    return text;
}

static void test_creation_order(void **state)
{
    (void)state;
    struct result result =
        pack("arch aarch64 objects {"
             "  z = ep  b[2] = ep  a = tcb (addr: 0, affinity: 0, resume: False)"
             "  dev2 = frame (4k, paddr: 0x2000)  dev1 = frame (4k, paddr: 0x1000)"
             "  w_ut = ut (14 bits) { e2 = ep t2 = cnode (7 bits) e1 = ep b10 = ep }"
             "  firmware = smc }");
    assert_int_equal(result.status, 0);
    assert_string_equal(order(&result), "dev1 dev2 w_ut a b0 b1 z firmware t2 b10 e1 e2");
    assert_int_equal(object(&result, "w_ut")->first, 8);
    assert_int_equal(object(&result, "w_ut")->count, 4);
    assert_int_equal(result.view.header->memory_bytes, (1 << 14) + (1 << 11) + 3 * 16);
    result_free(&result);
}

/* Children at fixed addresses: the space between them is used, and padded where it must be. */
static void test_fixed_children(void **state)
{
    (void)state;
    struct result result = pack("arch aarch64 objects { u = ut (15 bits, paddr: 0x40000000) {"
                                "  f = frame (4k, paddr: 0x40002000)  g = frame (4k)"
                                "  h = frame (4k, paddr: 0x40004000)  e = ep } }");
    assert_int_equal(result.status, 0);
    assert_string_equal(order(&result), "u g e gap gap gap gap gap gap gap gap f gap h");
    assert_int_equal(result.view.objects[3].flags, PACKED_OBJECT_GAP);
    result_free(&result);
}

static void test_frames_from_the_image(void **state)
{
    (void)state;
    struct result result = pack(
        "arch aarch64 objects {"
        "  whole = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 4096}])"
        "  tail = frame (4k, fill: [{0 904 CDL_FrameFill_FileData \"tail.bin\" 4096}])"
        "  part = frame (4k, fill: [{0 100 CDL_FrameFill_FileData \"tail.bin\" 0}])"
        "  shifted = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 16}])"
        "  written = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 0}])"
        "  placed = frame (4k, paddr: 0x1000, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 0}])"
        "  u = ut (12 bits) { inside = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 0}]) other = frame (4k) }"
        "  c = cnode (2 bits) } caps { c { 0: whole (R) 1: written (W) } }");
    assert_int_equal(result.status, 0);
    static const struct {
        const char *name;
        bool from_image;
        size_t source;
    } frames[] = {
        { "whole", true, 4096 },  { "tail", true, 4096 },  { "part", false, 0 },
        { "shifted", false, 16 }, { "written", false, 0 }, { "placed", false, 0 },
        { "inside", true, 0 },
    };
    size_t length = 0;
    uint8_t *small = file_bytes(SCRATCH "/small.bin", &length);
    for (size_t i = 0; i < sizeof(frames) / sizeof(frames[0]); i++) {
        const struct packed_object *frame = object(&result, frames[i].name);
        bool from_image = (frame->flags & PACKED_OBJECT_FROM_IMAGE) != 0;
        assert_int_equal(from_image, frames[i].from_image);
        assert_int_equal(frame->count, from_image ? 0 : 1);
        uint64_t at = from_image ? frame->place : result.view.fills[frame->first].source;
        size_t bytes = strcmp(frames[i].name, "tail") == 0   ? 904
                       : strcmp(frames[i].name, "part") == 0 ? 100
                                                             : 4096;
        assert_memory_equal(result.payload + at, small + frames[i].source, bytes);
        assert_true(bytes != 904 || result.payload[at + 904] == 0);
    }
    assert_int_equal(object(&result, "inside")->parent, PACKED_NONE);
    assert_int_equal(result.view.header->large_end, 0);
    free(small);
    result_free(&result);
}

static void test_large_frames(void **state)
{
    (void)state;
    struct result result =
        pack("arch aarch64 objects {"
             "  first = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 0}])"
             "  big = frame (2M, fill: [{0 2097152 CDL_FrameFill_FileData \"large.bin\" 0}])"
             "  rest = frame (2M, fill: [{0 5000 CDL_FrameFill_FileData \"large.bin\" 2097152}])"
             "  page = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"large.bin\" 0}]) }");
    assert_int_equal(result.status, 0);
    assert_int_equal(result.view.header->large_start, 0);
    assert_int_equal(result.view.header->large_end, 4 << 20);
    assert_int_equal(object(&result, "big")->place, 0);
    assert_int_equal(object(&result, "rest")->place, 2 << 20);
    assert_int_equal(object(&result, "first")->place, 4 << 20);
    /* Its page is part of a 2 MiB frame: it must be copied. */
    assert_int_equal(object(&result, "page")->flags, 0);
    assert_int_equal(object(&result, "page")->count, 1);
    for (size_t i = LARGE_BYTES; i < 4 << 20; i++) {
        assert_int_equal(result.payload[i], 0);
    }
    result_free(&result);
}

static const char two_components[] =
    "arch aarch64 objects {"
    "  a_ut = ut (17 bits) { a_space = pud a_pd = pd a_pt = pt a_main = tcb (addr: 0x1000, ip: 4, sp: 8, prio: 9, max_prio: 10, affinity: 0, init: [7])"
    "    a_root = cnode (4 bits) a_data = frame (4k) a_time = sc (period: 1000, budget: 100, data: 3, 8 bits) a_bell = notification a_keep = cnode (5 bits) }"
    "  b_ut = ut (17 bits) { b_space = pud b_pd = pd b_pt = pt b_keep = cnode (5 bits) }"
    "  faults = ep  uart = frame (4k, paddr: 0x9000000)  line = arm_irq (trigger: edge, target: 0)"
    "  text = frame (4k, fill: [{0 4096 CDL_FrameFill_FileData \"small.bin\" 0}]) }"
    "caps {"
    "  a_main { cspace: a_root (guard_size: 60) vspace: a_space ipc_buffer_slot: a_data (RW)"
    "    fault_ep_slot: faults (WP, badge: 5) sc_slot: a_time bound_notification: a_bell (R) }"
    "  a_space { 1: a_pd } a_pd { 2: a_pt } a_pt { 3: a_data (RW) 4: text (RX) 5: uart (RW, uncached) }"
    "  b_space { 0: b_pd } b_pd { 0: b_pt } b_pt { 0: a_data (R) 1: text (R) }"
    "  a_root { 1: a_bell (R) 2: a_data (R, mapping: (b_pt, 0)) 3: line 4: b_ut 5: sched_control (core: 0) }"
    "  line { 0: a_bell (W, badge: 2) } }"
    "irq maps { 33: line }";

static void test_spaces_and_keepers(void **state)
{
    (void)state;
    struct result result = pack(two_components);
    assert_int_equal(result.status, 0);
    const struct packed_view *view = &result.view;
    uint32_t data = find(&result, "a_data", PACKED_NONE);
    assert_int_equal(view->map_count, 9);
    assert_int_equal(view->maps[0].vaddr, UINT64_C(1) << 30);
    assert_int_equal(view->maps[1].vaddr, (UINT64_C(1) << 30) + (2 << 21));
    assert_int_equal(view->maps[2].object, data);
    assert_int_equal(view->maps[2].flags, PACKED_MAP_ORIGINAL);
    assert_int_equal(view->maps[3].flags, PACKED_MAP_EXECUTABLE); /* a copy: it is in the image */
    assert_int_equal(view->maps[4].flags, PACKED_MAP_UNCACHED);   /* a copy: it outlives a */
    assert_int_equal(view->maps[7].object, data);
    assert_int_equal(view->caps[view->maps[7].cap].slot, 2);
    assert_int_equal(view->caps[view->maps[7].cap].mapping, 7);
    /* b_ut goes to a thread: it is moved, and not kept. */
    assert_int_equal(view->caps[3].flags, PACKED_CAP_MOVE);
    uint32_t a_keep = find(&result, "a_keep", PACKED_NONE);
    uint32_t uart = find(&result, "uart", PACKED_NONE);
    uint32_t line = find(&result, "line", PACKED_NONE);
    uint32_t kept = 0;
    bool has_uart = false;
    bool has_line = false;
    for (uint32_t i = 0; i < view->keep_count; i++) {
        if (view->keeps[i].keeper == a_keep) {
            kept++;
            bool is_map = view->keeps[i].kind == PACKED_KEEP_MAP;
            has_uart = has_uart || (is_map && view->keeps[i].source == 4);
            has_line = has_line || (!is_map && view->keeps[i].source == line);
        }
    }
    /* 8 objects, the copy of text, the device, the interrupt, itself */
    assert_int_equal(kept, 12);
    assert_true(has_uart && has_line);
    assert_string_equal(packed_component(view, uart), "a");
    assert_int_equal(object(&result, "a_ut")->keeper, a_keep);
    result_free(&result);
}

static void test_threads(void **state)
{
    (void)state;
    struct result result = pack(two_components);
    assert_int_equal(result.status, 0);
    const struct packed_tcb *tcb = &result.view.tcbs[0];
    assert_int_equal(tcb->cspace, find(&result, "a_root", PACKED_NONE));
    assert_int_equal(tcb->guard_size, 60);
    assert_int_equal(tcb->ipc_address, 0x1000);
    assert_int_equal(tcb->fault.endpoint, find(&result, "faults", PACKED_NONE));
    assert_int_equal(tcb->fault.badge, 5);
    assert_int_equal(tcb->fault.rights, PACKED_RIGHT_WRITE | PACKED_RIGHT_GRANT_REPLY);
    assert_int_equal(tcb->timeout.endpoint, PACKED_NONE);
    assert_int_equal(tcb->prio, 9);
    assert_int_equal(tcb->max_prio, 10);
    assert_int_equal(tcb->flags, PACKED_TCB_RESUME);
    assert_int_equal(result.view.words[tcb->first_argument], 7);
    assert_int_equal(result.view.scs[0].extra_refills, 8);
    assert_int_equal(result.view.scs[0].badge, 3);
    assert_int_equal(result.view.irqs[0].number, 33);
    assert_int_equal(result.view.irqs[0].badge, 2);
    assert_int_equal(result.view.irqs[0].trigger, PACKED_TRIGGER_EDGE);
    result_free(&result);
}

static const char domains[] =
    "arch aarch64\n"
    "objects { t = tcb (addr: 0, affinity: 0, resume: False, dom: 5) }\n"
    "domains { schedule: [(0, 10 us), (5, 7), (3, 20 ticks), (0, 0)] index_shift: 2\n"
    "    domain_set_start: 1 }\n";

static void test_domains(void **state)
{
    (void)state;
    struct result result = pack(domains);
    assert_int_equal(result.status, 0);
    const struct packed_view *view = &result.view;
    assert_int_equal(view->header->domain_count, 6);
    assert_int_equal(view->header->domain_start, 3);
    assert_int_equal(view->domain_count, 4);
    assert_int_equal(view->domains[0].index, 2);
    assert_int_equal(view->domains[0].unit, PACKED_MICROSECONDS);
    assert_int_equal(view->domains[2].domain, 3);
    assert_int_equal(view->domains[2].duration, 20);
    assert_int_equal(view->domains[2].unit, PACKED_TICKS);
    assert_int_equal(view->tcbs[0].domain, 5);
    result_free(&result);
    /* Without a schedule, nothing but domain 0 gets time: said, not refused. */
    result = pack("arch aarch64 objects { t = tcb (addr: 0, affinity: 0, resume: False, dom: 1) }");
    assert_int_equal(result.status, 0);
    assert_int_equal(result.view.header->domain_count, 2);
    assert_int_equal(result.view.header->domain_start, PACKED_NONE);
    assert_non_null(strstr(result.said, "\"t\" is in domain 1, which gets no time"));
    result_free(&result);
    /* The schedule goes round from its start: entry 0 is left behind. */
    result = pack("arch aarch64 objects { t = tcb (addr: 0, affinity: 0, resume: False, dom: 1)"
                  " u = tcb (addr: 0, affinity: 0, resume: False, dom: 2) }"
                  "domains { schedule: [(1, 5), (2, 5), (0, 0), (3, 1)] domain_set_start: 1 }");
    assert_int_equal(result.status, 0);
    assert_non_null(strstr(result.said, "\"t\" is in domain 1, which gets no time"));
    assert_null(strstr(result.said, "\"u\" is in domain 2"));
    result_free(&result);
    result = pack(two_components);
    assert_int_equal(result.view.header->domain_count, 1);
    result_free(&result);
}

static const char derived[] =
    "arch aarch64\n"
    "objects {\n"
    "    a_ut = ut (18 bits) { a = cnode (4 bits)  a_keep = cnode (4 bits)  e = ep  n = notification\n"
    "        f = frame (4k)  space = pud  d = pd  p = pt }\n"
    "    b = cnode (4 bits)\n"
    "}\n"
    "caps {\n"
    "    a { 0: e (RWGP)  1: e (RW, badge: 5) - child_of (a, 0)  2: n (W, badge: 9)  3: f (RW) }\n"
    "    b { 0: e (W, badge: 5) - child_of (a, 1)  1: e (R) - child_of (a, 0)\n"
    "        2: n (W, badge: 9) - child_of (a, 2)  3: n (W, badge: 9)  4: f (R) - child_of (a, 3) }\n"
    "    space { 0: d } d { 0: p } p { 0: f (R) - child_of (a, 3) }\n"
    "}\n";

static const struct packed_cap *cap_of(const struct result *result, const char *cnode,
                                       uint32_t slot)
{
    const struct packed_object *container = object(result, cnode);
    for (uint32_t i = container->first; i < container->first + container->count; i++) {
        if (result->view.caps[i].slot == slot) {
            return &result->view.caps[i];
        }
    }
    fail_msg("no cap in slot %u of %s", slot, cnode);
    return NULL;
}

static void test_derivation(void **state)
{
    (void)state;
    struct result result = pack(derived);
    assert_int_equal(result.status, 0);
    const struct packed_view *view = &result.view;
    /* The original of "e" and of "f" goes to their parents of all, that of "n" stays hidden. */
    assert_int_equal(cap_of(&result, "a", 0)->flags, PACKED_CAP_MOVE);
    assert_int_equal(cap_of(&result, "a", 1)->flags, 0);
    assert_int_equal(cap_of(&result, "a", 2)->flags, 0);
    assert_int_equal(cap_of(&result, "a", 3)->flags, PACKED_CAP_MOVE);
    assert_int_equal(cap_of(&result, "b", 0)->flags, PACKED_CAP_DERIVED);
    assert_ptr_equal(&view->caps[cap_of(&result, "b", 0)->parent], cap_of(&result, "a", 1));
    assert_int_equal(cap_of(&result, "b", 1)->flags, 0);
    assert_ptr_equal(&view->caps[cap_of(&result, "b", 2)->parent], cap_of(&result, "a", 2));
    assert_int_equal(cap_of(&result, "b", 3)->flags, 0);
    assert_int_equal(cap_of(&result, "b", 4)->flags, 0);
    /* What is moved is kept by nobody, and maps nothing itself. */
    for (uint32_t i = 0; i < view->keep_count; i++) {
        assert_true(view->keeps[i].kind == PACKED_KEEP_MAP ||
                    (view->keeps[i].source != find(&result, "e", PACKED_NONE) &&
                     view->keeps[i].source != find(&result, "f", PACKED_NONE)));
    }
    for (uint32_t i = 0; i < view->map_count; i++) {
        assert_true(view->maps[i].object != find(&result, "f", PACKED_NONE) ||
                    (view->maps[i].flags & PACKED_MAP_ORIGINAL) == 0);
    }
    result_free(&result);
}

static void test_dump_and_report(void **state)
{
    (void)state;
    size_t length = 0;
    struct result result = pack(two_components);
    assert_int_equal(result.status, 0);
    char *report = (char *)file_bytes(SCRATCH "/report.txt", &length);
    assert_non_null(strstr(report, "a_ut"));
    assert_non_null(strstr(report, "small.bin (mapped where it lies)"));
    free(report);
    assert_int_equal(run("dump " SCRATCH "/spec.bin"), 0);
    char *dump = (char *)file_bytes(SCRATCH "/printed", &length);
    assert_non_null(strstr(dump, "a_space 0x0040403000 a_data RW"));
    assert_non_null(strstr(dump, "33: line (edge, core 0) signals a_bell badge 0x2 W"));
    free(dump);
    file_make(SCRATCH "/rubbish", "rubbish", 7);
    assert_int_equal(run("dump " SCRATCH "/rubbish"), 1);
    result_free(&result);
}

static void test_command_lines(void **state)
{
    (void)state;
    file_make(SCRATCH "/good.cdl", two_components, strlen(two_components));
    assert_int_equal(run(""), 2);
    assert_int_equal(run("fly"), 2);
    assert_int_equal(run("--help"), 0);
    assert_int_equal(run("check"), 2);
    assert_int_equal(run("check " SCRATCH "/nothing-there"), 2);
    assert_int_equal(run("check " SCRATCH "/good.cdl"), 0);
    assert_int_equal(run("check - <" SCRATCH "/good.cdl"), 0);
    assert_int_equal(run("print " SCRATCH "/good.cdl --output " SCRATCH "/printed.cdl"), 0);
    assert_int_equal(run("check " SCRATCH "/printed.cdl"), 0);
    assert_int_equal(run("convert --to xml " SCRATCH "/good.cdl -o " SCRATCH "/good.xml"), 0);
    assert_int_equal(run("convert --to json " SCRATCH "/good.cdl"), 1); /* sched_control */
    file_make(SCRATCH "/other.cdl", "arch aarch64 objects { }", 24);
    assert_int_equal(run("convert --to json " SCRATCH "/other.cdl"), 0);
    assert_int_equal(run("convert --to csv " SCRATCH "/good.cdl"), 2);
    assert_int_equal(run("convert " SCRATCH "/good.cdl"), 2);
    assert_int_equal(run("diff " SCRATCH "/good.cdl " SCRATCH "/printed.cdl"), 0);
    assert_int_equal(run("diff " SCRATCH "/good.cdl " SCRATCH "/other.cdl"), 1);
    assert_int_equal(run("diff " SCRATCH "/good.cdl"), 2);
    assert_int_equal(run("diff " SCRATCH "/good.cdl " SCRATCH "/nothing-there"), 2);
    assert_int_equal(run("diff " SCRATCH "/good.cdl bad/pgd_as_root.cdl"), 1);
    assert_int_equal(run("diff " SCRATCH "/good.cdl bad"), 2);
    file_make(SCRATCH "/cpp.cdl", "arch aarch64\n#pragma once\nobjects { }\n", 38);
    assert_int_equal(run("check " SCRATCH "/cpp.cdl"), 1);
    assert_int_equal(run("check --cpp " SCRATCH "/cpp.cdl"), 0);
    assert_int_equal(run("pack " SCRATCH "/good.cdl"), 2);
    assert_int_equal(run("pack " SCRATCH "/good.cdl --search-path " SCRATCH " --output " SCRATCH
                         "/no/such/folder --payload " SCRATCH "/p"),
                     2);
    /* A device as target is written to, not replaced. */
    struct stat status;
    assert_int_equal(run("print " SCRATCH "/good.cdl --output /dev/null"), 0);
    assert_int_equal(stat("/dev/null", &status), 0);
    assert_true(S_ISCHR(status.st_mode));
}

static bool bad_check(const char *name)
{
    char path[512];
    char expect[512];
    char *wanted;
    size_t length = 0;
    snprintf(path, sizeof(path), "bad/%s.cdl", name);
    snprintf(expect, sizeof(expect), "bad/%s.expect", name);
    struct result result = pack_file(path);
    /* Scratch folders differ: the test files' place is not part of the message. */
    for (char *at; (at = strstr(result.said, SCRATCH)) != NULL;) {
        memmove(at + 7, at + strlen(SCRATCH), strlen(at + strlen(SCRATCH)) + 1);
        memcpy(at, "SCRATCH", 7);
    }
    wanted = (char *)file_bytes(expect, &length);
    if (length == 0 && writes) {
        file_make(expect, result.said, strlen(result.said));
        strcpy(wanted, result.said);
    }
    bool good = result.status == 1 && strcmp(wanted, result.said) == 0 &&
                strstr(result.said, ": error: ") != NULL &&
                strstr(result.said, "\n  remedy: ") != NULL;
    if (!good) {
        fprintf(stderr, "%s: status %d\n--- said\n%s--- wanted\n%s", path, result.status,
                result.said, wanted);
    }
    free(wanted);
    result_free(&result);
    return good;
}

static void test_bad(void **state)
{
    (void)state;
    int count = 0;
    int failures = 0;
    DIR *folder = opendir("bad");
    assert_non_null(folder);
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        char name[256];
        snprintf(name, sizeof(name), "%s", entry->d_name);
        char *end = strstr(name, ".cdl");
        if (end == NULL || end[4] != '\0') {
            continue;
        }
        *end = '\0';
        failures += bad_check(name) ? 0 : 1;
        count++;
    }
    closedir(folder);
    assert_int_equal(failures, 0);
    assert_true(count >= BAD_LEAST);
    printf("%d specs refused\n", count);
}

static int make_files(void **state)
{
    (void)state;
    pattern_make(SCRATCH "/small.bin", SMALL_BYTES);
    pattern_make(SCRATCH "/tail.bin", TAIL_BYTES);
    pattern_make(SCRATCH "/large.bin", LARGE_BYTES);
    return 0;
}

int main(int count, char **words)
{
    writes = count == 2 && strcmp(words[1], "write") == 0;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_creation_order),
        cmocka_unit_test(test_fixed_children),
        cmocka_unit_test(test_frames_from_the_image),
        cmocka_unit_test(test_large_frames),
        cmocka_unit_test(test_spaces_and_keepers),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_domains),
        cmocka_unit_test(test_derivation),
        cmocka_unit_test(test_dump_and_report),
        cmocka_unit_test(test_command_lines),
        cmocka_unit_test(test_bad),
    };
    return cmocka_run_group_tests(tests, make_files, NULL);
}
