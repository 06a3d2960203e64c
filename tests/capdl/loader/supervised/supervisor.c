/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * supervisor: uses what the initialiser handed over
 *
 * Lists its CNode (capdl/compose/README.md), takes the component `victim` away by one revocation of
 * its untyped, and shows what is left: no thread of it runs, its memory can be had again in full
 * and reads zero, the others run on.
 */
#include "beats.h"

#include <console/console.h>
#include <microkit.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <tessera.h>

#define SUPERVISED       (1ul << 58) /* slot 0 of the CNode: the CNode itself */
#define SUPERVISED_DEPTH 11u
#define SLOT_COUNT       (1ul << SUPERVISED_DEPTH)
#define SLOT_PDS         64ul
#define SLOT_FRAMES      1024ul /* free ones */
#define SLOT_IRQ         (512ul + 33ul)
#define OWN_VSPACE       3ul
#define WAIT_MS          50ul /* five periods */

__attribute__((used, section(".data.microkit"))) struct beats *beats = 0;
uint64_t supervisor_pd_count = 1;
uint64_t supervisor_region_count = 1;
char supervisor_pd_names[64][64] = { "?" };

static seL4_CPtr held(seL4_Word slot)
{
    return SUPERVISED + slot;
}

static void expect(bool is_right, const char *what)
{
    if (!is_right) {
        console_printf("WRONG: %s\n", what);
        tessera_exit(1);
    }
}

/* What answers to no label at all holds no capability. */
static bool is_empty(seL4_Word slot)
{
    seL4_MessageInfo_t reply = seL4_Call(held(slot), seL4_MessageInfo_new(0, 0, 0, 0));

    return seL4_MessageInfo_get_label(reply) == seL4_InvalidCapability;
}

/* Bytes not in use, asked by a request that no untyped can fulfil; ~0 if it is no untyped. */
static uint64_t untyped_free(seL4_Word slot)
{
    seL4_Error error = seL4_Untyped_Retype(held(slot), seL4_UntypedObject, seL4_MaxUntypedBits,
                                           SUPERVISED, 0, 0, SLOT_FRAMES, 1);

    return error == seL4_NotEnoughMemory ? seL4_GetMR(0) : ~0ull;
}

static bool is_stated(seL4_Word slot)
{
    return slot <= 2 || slot == 127 || slot == SLOT_IRQ ||
           (slot >= SLOT_PDS && slot < SLOT_PDS + supervisor_pd_count) ||
           (slot >= 128 && slot < 128 + supervisor_region_count);
}

static void list(void)
{
    unsigned count = 0;

    for (seL4_Word slot = 0; slot < SLOT_COUNT; slot++) {
        if (is_empty(slot) == is_stated(slot)) {
            console_printf("WRONG: slot %lu is %s\n", slot,
                           is_stated(slot) ? "empty" : "not empty");
            tessera_exit(1);
        }
        count += is_stated(slot);
    }
    for (uint64_t i = 0; i < supervisor_pd_count; i++) {
        uint64_t left = untyped_free(SLOT_PDS + i);

        expect(left != ~0ull, "a component's slot has no untyped");
        console_printf("slot %lu: untyped of %s, %lu bytes free\n", SLOT_PDS + i,
                       supervisor_pd_names[i], left);
    }
    console_printf("holds %u capabilities, exactly those stated\n", count);
}

static uint64_t counter_read(void)
{
    uint64_t value;

    __asm__ volatile("isb\n\tmrs %0, cntvct_el0" : "=r"(value));
    return value;
}

/* Let some periods pass, in which all the others have their budgets; the bystander must run. */
static void wait_periods(void)
{
    uint64_t before = beats->bystander;
    uint64_t start = counter_read();
    uint64_t frequency;

    __asm__("mrs %0, cntfrq_el0" : "=r"(frequency));
    while (counter_read() - start < frequency / 1000 * WAIT_MS) {
    }
    expect(beats->bystander > before, "the bystander does not run");
}

static seL4_Word slot_of(const char *name)
{
    for (uint64_t i = 0; i < supervisor_pd_count; i++) {
        if (strcmp(supervisor_pd_names[i], name) == 0) {
            return SLOT_PDS + i;
        }
    }
    expect(false, "the component is not among those supervised");
    return 0;
}

static void check_alive(void)
{
    struct beats before = *beats;

    wait_periods();
    expect(beats->victim > before.victim, "the victim does not run");
    expect(beats->guest > before.guest, "the guest does not run");
    console_printf("victim, its guest and bystander run\n");
}

static void check_gone(void)
{
    struct beats before = *beats;

    wait_periods();
    expect(beats->victim == before.victim, "the victim runs");
    expect(beats->guest == before.guest, "the guest runs");
    console_printf("victim and its guest are gone, bystander runs on\n");
}

/* Map each page of the memory and look at every word. */
static void check_zero(uint64_t pages)
{
    seL4_Word window = (seL4_Word)beats + 0x1000; /* the table for it is there */

    for (uint64_t i = 0; i < pages; i++) {
        const volatile uint64_t *word = (const volatile uint64_t *)window;

        expect(seL4_ARM_Page_Map(held(SLOT_FRAMES + i), OWN_VSPACE, window, seL4_CanRead,
                                 seL4_ARM_Default_VMAttributes | seL4_ARM_ExecuteNever) ==
                   seL4_NoError,
               "a page cannot be mapped");
        for (unsigned k = 0; k < 512; k++) {
            expect(word[k] == 0, "memory is not zero");
        }
        expect(seL4_ARM_Page_Unmap(held(SLOT_FRAMES + i)) == seL4_NoError, "no unmapping");
    }
}

void init(void)
{
    console_init(NULL);
    seL4_Word victim = slot_of("victim");
    list();
    check_alive();

    uint64_t used_free = untyped_free(victim);
    expect(seL4_CNode_Revoke(SUPERVISED, victim, SUPERVISED_DEPTH) == seL4_NoError,
           "no revocation");
    uint64_t all = untyped_free(victim);
    expect(all > used_free && (all & (all - 1)) == 0, "the untyped is not whole again");
    console_printf("one revocation gave back %lu bytes\n", all);
    check_gone();

    uint64_t pages = all >> seL4_PageBits;
    expect(seL4_Untyped_Retype(held(victim), seL4_ARM_SmallPageObject, 0, SUPERVISED, 0, 0,
                               SLOT_FRAMES, pages) == seL4_NoError,
           "the memory cannot be retyped in full");
    check_zero(pages);
    console_printf("%lu pages made of it, all zero\n", pages);
    check_gone();
    expect(seL4_CNode_Revoke(SUPERVISED, victim, SUPERVISED_DEPTH) == seL4_NoError,
           "no revocation");
    expect(is_empty(SLOT_FRAMES), "a page outlived its untyped");
    console_printf("supervision works\n");
    tessera_exit(0);
}

void notified(microkit_channel ch)
{
    (void)ch;
}
