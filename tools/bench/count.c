/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Instruction counter: a QEMU plugin
 *
 * Counts every instruction the machine executes and says on standard error how many
 * had been executed when given addresses were first reached, one after the other, and
 * at the end (an address does not count before those named before it):
 *
 *     -plugin count.so,mark=ADDRESS,mark=ADDRESS...
 *     count: mark ADDRESS COUNT
 *     count: end COUNT
 *
 * Addresses are virtual, as the processor sees them; kernel, initialiser and guests
 * are at different ones. Debian has no header for QEMU's plugin interface (version
 * 1 of it, QEMU 7.2), so what is used of it is declared here.
 */

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define EXPORT    __attribute__((visibility("default")))
#define MARKS_MAX 16

struct qemu_plugin_tb;
struct qemu_plugin_insn;

typedef void (*tb_function)(uint64_t id, struct qemu_plugin_tb *tb);
typedef void (*insn_function)(unsigned int cpu, void *data);
typedef void (*exit_function)(uint64_t id, void *data);

extern void qemu_plugin_register_vcpu_tb_trans_cb(uint64_t id, tb_function function);
extern void qemu_plugin_register_atexit_cb(uint64_t id, exit_function function, void *data);
extern size_t qemu_plugin_tb_n_insns(const struct qemu_plugin_tb *tb);
extern struct qemu_plugin_insn *qemu_plugin_tb_get_insn(const struct qemu_plugin_tb *tb, size_t at);
extern uint64_t qemu_plugin_insn_vaddr(const struct qemu_plugin_insn *insn);
extern void qemu_plugin_register_vcpu_insn_exec_inline(struct qemu_plugin_insn *insn, int op,
                                                       void *counter, uint64_t amount);
extern void qemu_plugin_register_vcpu_insn_exec_cb(struct qemu_plugin_insn *insn,
                                                   insn_function function, int flags, void *data);

EXPORT extern int qemu_plugin_version;
EXPORT int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv);

EXPORT int qemu_plugin_version = 1;

enum { INLINE_ADD = 0, NO_REGISTERS = 0 };

struct mark {
    uint64_t address;
    int reached;
};

static uint64_t executed;
static struct mark marks[MARKS_MAX];
static size_t mark_count;

static void mark_reached(unsigned int cpu, void *data)
{
    struct mark *mark = data;

    (void)cpu;
    if (!mark->reached && (mark == marks || mark[-1].reached)) {
        mark->reached = 1;
        fprintf(stderr, "count: mark 0x%llx %llu\n", (unsigned long long)mark->address,
                (unsigned long long)executed);
    }
}

static void block_translated(uint64_t id, struct qemu_plugin_tb *tb)
{
    (void)id;
    for (size_t i = 0; i < qemu_plugin_tb_n_insns(tb); i++) {
        struct qemu_plugin_insn *insn = qemu_plugin_tb_get_insn(tb, i);
        for (size_t m = 0; m < mark_count; m++) {
            if (qemu_plugin_insn_vaddr(insn) == marks[m].address) {
                qemu_plugin_register_vcpu_insn_exec_cb(insn, mark_reached, NO_REGISTERS, &marks[m]);
            }
        }
        qemu_plugin_register_vcpu_insn_exec_inline(insn, INLINE_ADD, &executed, 1);
    }
}

static void machine_ended(uint64_t id, void *data)
{
    (void)id;
    (void)data;
    fprintf(stderr, "count: end %llu\n", (unsigned long long)executed);
}

int qemu_plugin_install(uint64_t id, const void *info, int argc, char **argv)
{
    (void)info;
    for (int i = 0; i < argc; i++) {
        if (strncmp(argv[i], "mark=", 5) != 0 || mark_count == MARKS_MAX) {
            fprintf(stderr, "count: '%s' is no mark=ADDRESS, or one too many\n", argv[i]);
            return 1;
        }
        marks[mark_count].address = strtoull(argv[i] + 5, NULL, 0);
        mark_count++;
    }
    qemu_plugin_register_vcpu_tb_trans_cb(id, block_translated);
    qemu_plugin_register_atexit_cb(id, machine_ended, NULL);
    return 0;
}
