/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Secure monitor calls (abi/03 §9)
 */
#include <core/smc.h>

#include <abi/labels.h>
#include <core/ipc_transfer.h>

#define SMC_REGISTERS 8

enum outcome smc_decode(struct invocation *inv)
{
    word_t registers[SMC_REGISTERS];
    word_t badge = cap_smc_badge(inv->cap);

    if (inv->label != LABEL_ARM_SMC_CALL) {
        return error_illegal();
    }
    if (inv->length < SMC_REGISTERS) {
        return error_truncated();
    }
    for (word_t i = 0; i < SMC_REGISTERS; i++) {
        registers[i] = invocation_arg(inv, i);
    }
    /* The badge is the one function that the holder may call; 0 allows all. */
    if (badge != 0 && badge != registers[0]) {
        return error_illegal();
    }
    machine_smc_call(registers);
    invocation_reply_words(inv, registers, SMC_REGISTERS);
    return OUTCOME_DONE;
}
