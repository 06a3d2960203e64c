/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The command line of tessera-image
 */
#include "options.h"

#include <abi/boot_table.h>
#include <errno.h>
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DEFAULT_SLICE_US 5000u
#define US_PER_MS        1000u
#define USER_COUNTERS    0x303u
#define PAGE_MASK        0xfffu
#define MORE             (-1) /* returned by take(): go on */

enum option_code {
    OPTION_KERNEL = 256,
    OPTION_LOADER,
    OPTION_ROOT_TASK,
    OPTION_OUTPUT,
    OPTION_SPEC,
    OPTION_PAYLOAD,
    OPTION_ROOT_CNODE_BITS,
    OPTION_DOMAINS,
    OPTION_SLICE,
    OPTION_USER_TIMER,
    OPTION_USER_PMU,
    OPTION_SMC,
    OPTION_VM_WINDOW,
    OPTION_EXTENSIONS,
    OPTION_LARGE_FRAMES,
    OPTION_RESERVE,
    OPTION_VERIFY,
    OPTION_SEED_FAULT,
    OPTION_HELP
};

static const struct option long_options[] = {
    { "kernel", required_argument, NULL, OPTION_KERNEL },
    { "loader", required_argument, NULL, OPTION_LOADER },
    { "root-task", required_argument, NULL, OPTION_ROOT_TASK },
    { "output", required_argument, NULL, OPTION_OUTPUT },
    { "spec", required_argument, NULL, OPTION_SPEC },
    { "payload", required_argument, NULL, OPTION_PAYLOAD },
    { "root-cnode-bits", required_argument, NULL, OPTION_ROOT_CNODE_BITS },
    { "domains", required_argument, NULL, OPTION_DOMAINS },
    { "boot-slice-ms", required_argument, NULL, OPTION_SLICE },
    { "user-timer", no_argument, NULL, OPTION_USER_TIMER },
    { "user-pmu", no_argument, NULL, OPTION_USER_PMU },
    { "smc", no_argument, NULL, OPTION_SMC },
    { "vm-window", no_argument, NULL, OPTION_VM_WINDOW },
    { "extensions", no_argument, NULL, OPTION_EXTENSIONS },
    { "large-frames", no_argument, NULL, OPTION_LARGE_FRAMES },
    { "reserve", required_argument, NULL, OPTION_RESERVE },
    { "verify", no_argument, NULL, OPTION_VERIFY },
    { "seed-fault", required_argument, NULL, OPTION_SEED_FAULT },
    { "help", no_argument, NULL, OPTION_HELP },
    { NULL, 0, NULL, 0 },
};

static const char usage[] =
    "usage: tessera-image --kernel ELF --loader ELF --root-task ELF --output IMG [OPTION]...\n"
    "  --spec FILE --payload FILE  what the initialiser builds from (tessera-capdl pack)\n"
    "  --root-cnode-bits N         slots of the root CNode, log2: 12 to 18 (default: enough)\n"
    "  --domains N                 scheduling domains: 1 to 16 (default 1)\n"
    "  --boot-slice-ms N           time slice of the root task (default 5)\n"
    "  --user-timer                all native threads may use counters and timers\n"
    "  --user-pmu                  all threads may use the performance counters\n"
    "  --smc                       the root task may make secure monitor calls\n"
    "  --vm-window                 the first 512 MiB of RAM are device memory, for 1:1 guests\n"
    "  --extensions                additions to the API exist (labels from 0x10000)\n"
    "  --large-frames              2 MiB frames for whole stretches of the image\n"
    "                              (default with --payload)\n"
    "  --reserve START:SIZE        place nothing there at boot; may be repeated (at most 32)\n"
    "  --verify                    the initialiser compares what it built with the spec\n"
    "  --seed-fault N              number for an initialiser that makes mistakes, 0 to 255\n";

static int complain(const char *sentence, const char *what)
{
    fprintf(stderr, "tessera-image: %s: %s\n", sentence, what);
    return 2;
}

static bool number_read(const char *text, char end, uint64_t *value, const char **rest)
{
    char *stop;

    if (*text < '0' || *text > '9') {
        return false;
    }
    errno = 0;
    *value = strtoull(text, &stop, 0);
    *rest = stop + 1;
    return errno == 0 && *stop == end;
}

static int range_check(const char *name, const char *text, uint64_t low, uint64_t high,
                       uint64_t *value)
{
    const char *rest;

    if (!number_read(text, '\0', value, &rest) || *value < low || *value > high) {
        fprintf(stderr, "tessera-image: --%s must be %llu to %llu, not '%s'\n", name,
                (unsigned long long)low, (unsigned long long)high, text);
        return 2;
    }
    return MORE;
}

static int reserve(struct image_header *header, const char *text)
{
    uint64_t start, bytes;
    const char *rest;

    if (!number_read(text, ':', &start, &rest) || !number_read(rest, '\0', &bytes, &rest) ||
        bytes == 0 || start + bytes < start) {
        return complain("--reserve needs START:SIZE, for example 0x70000000:0x1000000", text);
    }
    if (header->avoid_count == IMAGE_AVOID_MAX) {
        return complain("too many --reserve, at most 32; this one is too much", text);
    }
    struct image_range *range = &header->avoid[header->avoid_count];
    range->start = start & ~(uint64_t)PAGE_MASK;
    range->end = (start + bytes + PAGE_MASK) & ~(uint64_t)PAGE_MASK;
    header->avoid_count++;
    return MORE;
}

static int take_number(int option, struct options *options)
{
    struct image_header *header = &options->header;
    uint64_t value = 0;
    int status;

    switch (option) {
    case OPTION_ROOT_CNODE_BITS:
        status = range_check("root-cnode-bits", optarg, BOOT_ROOT_CNODE_BITS_MIN,
                             BOOT_ROOT_CNODE_BITS_MAX, &value);
        header->root_cnode_bits = (uint32_t)value;
        options->root_cnode_bits_given = true;
        return status;
    case OPTION_DOMAINS:
        status = range_check("domains", optarg, 1, 16, &value);
        header->domains = (uint32_t)value;
        return status;
    case OPTION_SEED_FAULT:
        status = range_check("seed-fault", optarg, 0, 255, &value);
        options->seed_fault = (uint32_t)value;
        return status;
    default:
        status = range_check("boot-slice-ms", optarg, 1, 10000, &value);
        header->boot_slice_us = value * US_PER_MS;
        return status;
    }
}

static int take(int option, struct options *options)
{
    struct image_header *header = &options->header;

    switch (option) {
    case OPTION_KERNEL: options->kernel = optarg; return MORE;
    case OPTION_LOADER: options->loader = optarg; return MORE;
    case OPTION_ROOT_TASK: options->root_task = optarg; return MORE;
    case OPTION_OUTPUT: options->output = optarg; return MORE;
    case OPTION_SPEC: options->spec = optarg; return MORE;
    case OPTION_PAYLOAD: options->payload = optarg; return MORE;
    case OPTION_USER_TIMER: header->counter_access = USER_COUNTERS; return MORE;
    case OPTION_USER_PMU: header->flags |= BOOT_USER_PMU; return MORE;
    case OPTION_SMC: header->flags |= BOOT_SMC; return MORE;
    case OPTION_VM_WINDOW: header->flags |= BOOT_VM_WINDOW; return MORE;
    case OPTION_EXTENSIONS: header->flags |= BOOT_EXTENSIONS; return MORE;
    case OPTION_LARGE_FRAMES: options->large_frames_given = true; return MORE;
    case OPTION_VERIFY: options->verify = true; return MORE;
    case OPTION_RESERVE: return reserve(header, optarg);
    case OPTION_SEED_FAULT:
    case OPTION_ROOT_CNODE_BITS:
    case OPTION_DOMAINS:
    case OPTION_SLICE: return take_number(option, options);
    case OPTION_HELP: fputs(usage, stdout); return 0;
    default: fputs(usage, stderr); return 2;
    }
}

static int finish(const struct options *options, const char *left_over)
{
    if (left_over != NULL) {
        return complain("what is this argument for", left_over);
    }
    if (options->kernel == NULL || options->loader == NULL || options->root_task == NULL ||
        options->output == NULL) {
        return complain("missing", "--kernel, --loader, --root-task and --output are needed");
    }
    if ((options->spec == NULL) != (options->payload == NULL)) {
        return complain("missing", "--spec and --payload come together");
    }
    return MORE;
}

bool options_read(int count, char **arguments, struct options *options, int *status)
{
    int option;

    *options = (struct options){ 0 };
    options->header.domains = 1;
    options->header.boot_slice_us = DEFAULT_SLICE_US;
    *status = MORE;
    while (*status == MORE &&
           (option = getopt_long(count, arguments, "", long_options, NULL)) != -1) {
        *status = take(option, options);
    }
    if (*status == MORE) {
        *status = finish(options, optind < count ? arguments[optind] : NULL);
    }
    return *status == MORE;
}
