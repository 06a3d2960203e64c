/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Specification: resolving a capability address (abi/02 §3)
 */
#include "caps.h"

/* The low n bits of a; n may be 64. */
static word_t low_bits(word_t a, word_t n)
{
    return n >= WORD_BITS ? a : a & ((1ul << n) - 1);
}

struct spec_lookup spec_lookup_resolve(struct spec_cap root, word_t address, word_t bits,
                                       word_t *place, word_t *left)
{
    const struct spec_lookup found = { .failure = LOOKUP_NONE };
    struct spec_cap node = root;
    word_t n = bits;

    if (node.type != CAP_CNODE) {
        return (struct spec_lookup){ .failure = LOOKUP_INVALID_ROOT };
    }
    while (true) {
        word_t g = node.guard_size, r = node.size_bits;
        word_t top = g == 0 || g > n ? 0 : low_bits(address, n) >> (n - g);

        if (g > n || (g != 0 && top != node.guard)) {
            return (struct spec_lookup){ LOOKUP_GUARD_MISMATCH, n, node.guard, g };
        }
        if (g + r > n) {
            return (struct spec_lookup){ LOOKUP_DEPTH_MISMATCH, n, 0, g + r };
        }
        n -= g + r;
        *place = node.object + (low_bits(n == WORD_BITS ? 0 : address >> n, r) << SLOT_BITS);
        *left = n;
        node = spec_caps_value(*place);
        if (n == 0 || node.type != CAP_CNODE) {
            return found;
        }
    }
}

struct spec_lookup spec_lookup_thread(const struct spec_thread *thread, word_t cptr, word_t *place)
{
    word_t left;
    word_t root = thread->id + (TCB_SLOT_CSPACE << SLOT_BITS);

    return spec_lookup_resolve(spec_caps_value(root), cptr, CPTR_DEPTH, place, &left);
}
