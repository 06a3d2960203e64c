/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Device trees for the tests
 *
 * A board with RAM, GIC, timer and UART; each switch makes it different in one way.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define TREE_MEMORY_MAX 40

struct tree {
    const char *compatible;
    uint64_t memory[TREE_MEMORY_MAX][2]; /* start, bytes */
    int memory_count;
    uint64_t reserved[TREE_MEMORY_MAX][2]; /* in /reserved-memory */
    int reserved_count;
    int gic;            /* 2, 3, or 0 for none */
    bool no_hypervisor; /* GICv2 without GICH */
    bool no_timer;
    bool short_timer; /* without the hypervisor's interrupt */
    bool no_uart;
    bool uart_on_bus; /* below a bus that translates addresses */
    bool uart_disabled;
    uint64_t memreserve; /* one page in the reservation block; 0 = none */
};

/** The tree; valid until the next call. */
const void *tree_build(const struct tree *tree);
