/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Branches taken: a QEMU plugin
 *
 * Says on standard error, at the end, from which last instruction of a block to which first
 * instruction of the next one the machine ever went, for blocks in a range of addresses:
 *
 *     -plugin branches.so,from=ADDRESS,to=ADDRESS
 *     branches: edge FROM TO
 *
 * An interrupt between the two gives an edge to the vector, which is no direction of the branch.
 * The plugin interface is declared here because Debian has no header for it (version 1, QEMU 7.2).
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT     __attribute__((visibility("default")))
#define EDGES_BITS 18 /* of the hash table */
#define EDGES      (1u << EDGES_BITS)

struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef void (*tb_function)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*block_function)(unsigned int cpu, void *data);
typedef void (*exit_function)(uint64_t id, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_function function);
extern void qemu_plugin_register_vcpu_tb_exec_cb(struct qemu_plugin_tb *tb, block_function function,
                                                 int flags, void *data);
extern void qemu_plugin_register_atexit_cb(uint64_t id, exit_function function, void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t at);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

EXPORT int qemu_plugin_version = 1;

struct block {
    uint64_t first, last; /* instructions */
};

struct edge {
    uint64_t from, to; /* from 0: unused */
};

static uint64_t range_from, range_to;
static const struct block *before;
static struct edge edges[EDGES];
static unsigned edge_count;

static void edge_add(uint64_t from, uint64_t to)
{
    uint64_t hash = (from * 31 + to) * 0x9e3779b97f4a7c15u >> (64 - EDGES_BITS);

    while (edges[hash].from != 0) {
        if (edges[hash].from == from && edges[hash].to == to) {
            return;
        }
        hash = (hash + 1) % EDGES;
    }
    if (edge_count < EDGES / 2) {
        edges[hash] = (struct edge){ from, to };
        edge_count++;
    }
}

static void block_executed(unsigned int cpu, void *data)
{
    const struct block *block = data;

    (void)cpu;
    if (before != NULL && before->last >= range_from && before->last < range_to) {
        edge_add(before->last, block->first);
    }
    before = block;
}

/* Blocks are kept for ever: they are as many as QEMU translates. */
static void block_translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    struct block *block = malloc(sizeof(*block));

    (void)id;
    if (block == NULL) {
        abort();
    }
    block->first = qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, 0));
    block->last =
        qemu_plugin_insn_vaddr(qemu_plugin_tb_get_insn(tb, qemu_plugin_tb_n_insns(tb) - 1));
    qemu_plugin_register_vcpu_tb_exec_cb(tb, block_executed, 0, block);
}

static void machine_ended(uint64_t id, void *data)
{
    (void)id;
    (void)data;
    for (unsigned i = 0; i < EDGES; i++) {
        if (edges[i].from != 0) {
            fprintf(stderr, "branches: edge 0x%llx 0x%llx\n", (unsigned long long)edges[i].from,
                    (unsigned long long)edges[i].to);
        }
    }
    fprintf(stderr, "branches: end %u%s\n", edge_count,
            edge_count == EDGES / 2 ? ", too many" : "");
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "from=", 5) == 0) {
            range_from = strtoull(argv[i] + 5, NULL, 0);
        } else if (strncmp(argv[i], "to=", 3) == 0) {
            range_to = strtoull(argv[i] + 3, NULL, 0);
        } else {
            fprintf(stderr, "branches: '%s' is neither from=ADDRESS nor to=ADDRESS\n", argv[i]);
            return 1;
        }
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
    qemu_plugin_register_atexit_cb(id, machine_ended, NULL);
    return 0;
}
