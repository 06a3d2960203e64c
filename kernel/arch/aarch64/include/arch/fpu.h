/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Saved floating-point and SIMD registers
 *
 * v0..v31 (16 bytes each, low half first), then FPSR and FPCR.
 */
#pragma once

#define FPU_OFFSET_FPSR 512
#define FPU_OFFSET_FPCR 520
#define FPU_BYTES       528

#ifndef __ASSEMBLER__

#include <abi/types.h>

struct fpu_state {
    _Alignas(16) word_t v[64];
    word_t fpsr;
    word_t fpcr;
};

_Static_assert(sizeof(struct fpu_state) == FPU_BYTES, "the save code counts on the layout");

#endif
