/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The attack: try everything that can be named, and count
 *
 * What a component may name: capability pointers, addresses, registers and instructions, system
 * calls. Each attempt ends in one of three ways: refused by an error, refused by a fault (the
 * referee counts it and lets us go on), or allowed. Allowed uses are right only of what was
 * given: our console's signal, our empty reply slot, cache maintenance of our own memory.
 * Anything else is a breach.
 *
 * Not tried: slot 2, our own fault handler. Whoever calls it ends, that is what it is for
 * (tessera_exit uses it).
 */
#include "attack.h"
#include "attempt.h"
#include "score.h"

#include <console/console.h>
#include <microkit.h>
#include <stdbool.h>
#include <stddef.h>

#define CSPACE_SLOTS  512u
#define ROOT_SLOTS    64u
#define INPUT_SLOT    1u
#define OWN_END_SLOT  2u
#define OWN_VSPACE    3u
#define REPLY_SLOT    4u
#define CACHE_BYTES   64u
#define EXTENSION     0x10000u
#define MESSAGE_WORDS 8u

/* System calls of the API, and the debug calls that only a debug kernel has, are below this. */
#define FIRST_OTHER_SYSCALL 32u
#define LAST_OTHER_SYSCALL  64u

#define SWEEP_END   0x100000000ull
#define SWEEP_STEP  0x100000ull
#define STACK_BYTES 0x2000ull

extern char _text[];
extern char _text_end[];
extern char _data[];
extern char _bss_end[];

static _Alignas(64) uint8_t scratch[CACHE_BYTES];

static struct score *score;

/* Results of one kind of attempt. */
struct tally {
    uint64_t tried;
    uint64_t errors;
    uint64_t faults;
    uint64_t granted;
};

static uint64_t number_of(const void *pointer)
{
    return (uint64_t)(uintptr_t)pointer;
}

/* Count one attempt that was made when `faults_before` faults had been counted. */
static void tally_add(struct tally *tally, uint64_t faults_before, bool error, bool is_granted)
{
    tally->tried++;
    if (score->faults != faults_before) {
        tally->faults++;
        score->refused++;
    } else if (error) {
        tally->errors++;
    } else if (is_granted) {
        tally->granted++;
    } else {
        score->breaches++;
    }
}

static void tally_print(const char *what, const struct tally *tally)
{
    console_printf("%s: %lu tried, %lu refused by error, %lu by fault, %lu granted\n", what,
                   tally->tried, tally->errors, tally->faults, tally->granted);
}

static bool cap_is_granted(uint64_t cptr, uint64_t label)
{
    return cptr == REPLY_SLOT || cptr == BASE_OUTPUT_NOTIFICATION_CAP + console_channel ||
           (cptr == OWN_VSPACE && label >= ARMVSpaceClean_Data &&
            label <= ARMVSpaceUnify_Instruction);
}

/* Invoke `cptr`, with words that mean our own scratch line, or only zeros. */
static void cap_invoke(struct tally *tally, uint64_t cptr, uint64_t label, bool zeros)
{
    uint64_t before = score->faults;

    for (unsigned i = 0; i < MESSAGE_WORDS; i++) {
        seL4_SetMR((int)i, zeros ? 0 : number_of(scratch) + (i % 2u) * CACHE_BYTES);
    }
    seL4_SetCap(0, OWN_VSPACE);
    seL4_SetCap(1, OWN_VSPACE);
    seL4_SetCap(2, OWN_VSPACE);
    seL4_MessageInfo_t reply = seL4_Call(cptr, seL4_MessageInfo_new(label, 0, 3, MESSAGE_WORDS));
    tally_add(tally, before, seL4_MessageInfo_get_label(reply) != seL4_NoError,
              cap_is_granted(cptr, label));
}

static void caps_attack(void)
{
    struct tally tally = { 0 };

    for (uint64_t cptr = 0; cptr < CSPACE_SLOTS; cptr++) {
        if (cptr == OWN_END_SLOT) {
            continue;
        }
        for (uint64_t label = 0; label <= nInvocationLabels; label++) {
            uint64_t real = label == nInvocationLabels ? EXTENSION : label;
            cap_invoke(&tally, cptr, real, false);
            cap_invoke(&tally, cptr, real, true);
        }
    }
    /* The slots that a description's cspace element could have filled: all empty. */
    for (uint64_t slot = 1; slot < ROOT_SLOTS; slot++) {
        cap_invoke(&tally, microkit_cspace_root_slot_to_cptr(slot), TCBSuspend, true);
    }
    tally_print("capabilities", &tally);
}

/* Make a system call that can only fault; anything else than a fault or an error is a breach. */
static void syscall_try(struct tally *tally, uint64_t cptr, int64_t number)
{
    uint64_t before = score->faults;
    seL4_MessageInfo_t info = seL4_MessageInfo_new(TCBSuspend, 0, 0, 0);
    struct attempt_result result =
        attempt_syscall(cptr, &score->landing, info.words[0], (uint64_t)number);

    info.words[0] = result.x1;
    tally_add(tally, before,
              number == seL4_SysCall && seL4_MessageInfo_get_label(info) != seL4_NoError, false);
}

static void syscalls_attack(void)
{
    struct tally tally = { 0 };

    /* Pointers with bits that no CNode of ours resolves. */
    for (unsigned bit = 9; bit < 58; bit++) {
        syscall_try(&tally, 1ull << bit, seL4_SysCall);
    }
    for (uint64_t cptr = 0; cptr < CSPACE_SLOTS; cptr++) {
        if (cptr != INPUT_SLOT) {
            syscall_try(&tally, cptr, seL4_SysNBRecv);
            syscall_try(&tally, cptr, seL4_SysNBWait);
        }
    }
    for (int64_t number = FIRST_OTHER_SYSCALL; number <= LAST_OTHER_SYSCALL; number++) {
        syscall_try(&tally, 0, -number);
        syscall_try(&tally, 0, number);
    }
    syscall_try(&tally, 0, 0);
    syscall_try(&tally, 0, INT64_MIN);
    tally_print("system calls", &tally);
}

/* Is there something of ours at the address? (Stack, a gap, IPC buffer: at the very top.) */
static bool address_is_ours(uint64_t address)
{
    uint64_t from_top = seL4_UserVSpaceTop - address;

    return (address >= number_of(_text) && address < number_of(_bss_end)) ||
           (address - console_region < 0x2000) || (address - rtc_base < 0x1000) ||
           (address - score_base < 0x1000) || from_top < 0x1000 ||
           (from_top >= 0x2000 && from_top < 0x2000 + STACK_BYTES);
}

static void address_try(struct tally *tally, uint64_t address)
{
    if (address_is_ours(address)) {
        return;
    }
    uint64_t before = score->faults;
    uint64_t value = attempt_read(address, &score->landing);
    tally_add(tally, before, false, false);
    before = score->faults;
    attempt_write(address, &score->landing, value);
    tally_add(tally, before, false, false);
    before = score->faults;
    attempt_execute(address, &score->landing);
    tally_add(tally, before, false, false);
}

/* Use our own memory against its rights: write what is code, execute what is data. */
static void rights_try(struct tally *tally)
{
    uint64_t text[] = { number_of(_text), number_of(_text_end) - 1 };
    uint64_t data[] = { number_of(_data), number_of(scratch), console_region,
                        rtc_base,         score_base,         number_of(seL4_GetIPCBuffer()),
                        number_of(&tally) };

    for (unsigned i = 0; i < sizeof(text) / sizeof(text[0]); i++) {
        uint64_t before = score->faults;
        attempt_write(text[i], &score->landing, attempt_read(text[i], &score->landing));
        tally_add(tally, before, false, false);
    }
    for (unsigned i = 0; i < sizeof(data) / sizeof(data[0]); i++) {
        uint64_t before = score->faults;
        attempt_execute(data[i] & ~3ull, &score->landing);
        tally_add(tally, before, false, false);
    }
}

static void addresses_attack(void)
{
    static const uint64_t places[] = {
        0x8000000,      0x8010000,          0x8030000,          0x8040000,          0x80a0000,
        0x9000000,      0x9010000,          0x9020000,          0x9030000,          0xa000000,
        0xa003e00,      0x3eff0000,         0x40000000,         0x8000000000,       0x8040000000,
        0xffc0000000,   0xffffe00000,       0xffffffe000,       0x10000000000,      0x100000000000,
        0x800000000000, 0xffff000000000000, 0xffffffc000000000, UINT64_MAX - 0xfff,
    };
    struct tally tally = { 0 };

    for (uint64_t address = 0; address < SWEEP_END; address += SWEEP_STEP) {
        address_try(&tally, address);
    }
    for (unsigned i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
        address_try(&tally, places[i]);
    }
    rights_try(&tally);
    tally_print("addresses", &tally);
}

static void instructions_attack(void)
{
    struct tally tally = { 0 };

    for (uint64_t i = 0; i < attempt_instruction_count; i++) {
        uint64_t before = score->faults;
        attempt_instructions[i].run(number_of(scratch), &score->landing);
        tally_add(&tally, before, false, false);
        if (score->faults == before) {
            console_printf("not refused: %s\n", attempt_instructions[i].name);
        }
    }
    tally_print("instructions", &tally);
}

void attack(void)
{
    /* An address of our own space, given by the composer. */
    score = (struct score *)(uintptr_t)score_base;
    console_printf("exploited: trying everything\n");
    caps_attack();
    syscalls_attack();
    addresses_attack();
    instructions_attack();
    console_printf("exploited: %lu breaches\n", (unsigned long)score->breaches);
}
