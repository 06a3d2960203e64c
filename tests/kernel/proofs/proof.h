/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The language of the proofs
 *
 * A proof is a C function without arguments. It makes a state in which everything is arbitrary,
 * assumes what the operation may rely on, calls the operation, and asserts the claim. CBMC turns
 * all runs of it into one formula and searches for one that breaks an assertion.
 */
#pragma once

#include <abi/types.h>
#include <stdbool.h>

/* CBMC gives a function that has no body, and such a name, every result. */
word_t nondet_word(void);
unsigned char nondet_byte(void);
bool nondet_bool(void);

/** An arbitrary word: the proof holds whatever it is. */
static inline word_t any_word(void)
{
    return nondet_word();
}

static inline bool any_bool(void)
{
    return nondet_bool();
}

/** From here on only runs in which `condition` holds count. */
#define assume(condition) __CPROVER_assume(condition)
/** The claim: no run reaches this place with `condition` false. */
#define prove(condition, text) __CPROVER_assert(condition, text)
/** Some run gets here with `condition` true. The runner expects CBMC to find it: a proof whose
 *  assumptions exclude each other, or whose claim is about nothing, is refused. */
#ifdef PROOF_MUTANT
#define reaches(condition, text)
#else
#define reaches(condition, text) __CPROVER_assert(!(condition), "reach: " text)
#endif

/** Make every byte of `object` arbitrary. */
#define make_arbitrary(object) __CPROVER_havoc_object(&(object))
