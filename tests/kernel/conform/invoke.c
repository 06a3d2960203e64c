/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * On-target conformance tests: invocations word by word
 *
 * The stubs of libs/sel4 cannot send too few words or a wrong label; these can.
 */
#include "conform.h"

#define FILLER   0xf111e700ul /* in registers and words that are not part of the message */
#define IN_REGS  4
#define MAX_SENT 8

struct answer invoke(seL4_CPtr cap, seL4_Word label, const seL4_Word *words, seL4_Word count,
                     const seL4_Word *caps, seL4_Word cap_count)
{
    struct registers registers = { .nzcv = 0 };
    seL4_IPCBuffer *buffer = seL4_GetIPCBuffer();
    struct answer answer = { 0 };

    for (seL4_Word i = 0; i < MAX_SENT || i < count; i++) {
        seL4_Word value = i < count ? words[i + 1] : FILLER + i;
        buffer->msg[i] = value;
        if (i < IN_REGS) {
            answer.sent[i] = value;
            registers.x[2 + i] = value;
        }
    }
    for (seL4_Word i = 0; i < cap_count; i++) {
        buffer->caps_or_badges[i] = caps[i + 1];
    }
    registers.x[0] = cap;
    registers.x[1] = seL4_MessageInfo_new(label, 0, cap_count, count).words[0];
    registers.x[7] = (seL4_Word)seL4_SysCall;
    raw_syscall(&registers);
    answer.badge = registers.x[0];
    answer.info = registers.x[1];
    answer.label = answer.info >> 12;
    answer.length = answer.info & 0x7f;
    for (seL4_Word i = 0; i < IN_REGS; i++) {
        answer.words[i] = registers.x[2 + i];
    }
    answer.words[4] = buffer->msg[4];
    return answer;
}

void check_answer(struct answer answer, seL4_Word label, const seL4_Word *words, seL4_Word count,
                  const char *file, int line)
{
    check_equal(answer.badge, 0, "badge of the answer", file, line);
    check_equal(answer.info, label << 12 | count, "message info of the answer", file, line);
    for (seL4_Word i = 0; i < count; i++) {
        check_equal(answer.words[i], words[i + 1], "word of the answer", file, line);
    }
    for (seL4_Word i = count; i < IN_REGS; i++) {
        check_equal(answer.words[i], answer.sent[i], "register behind the answer", file, line);
    }
}
