/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Lockstep of core and specification, led by coverage
 */
#include "lockstep.h"

#include <stdlib.h>

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size);

int LLVMFuzzerTestOneInput(const unsigned char *data, size_t size)
{
    struct source source = { .data = data, .size = size };

    if (!lockstep_run(&source, 2000, true).agreed) {
        abort();
    }
    return 0;
}
