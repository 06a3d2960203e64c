/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Calls the server, plays ping-pong with it, and passes text through shared memory
 */
#include <microkit.h>
#include <stdint.h>

#define PING_CH      4
#define ROUNDS       1000
#define LABEL_ADD    7
#define LABEL_PRINT  8
#define NO_SUCH_CH   17
#define LONG_MESSAGE 64

uintptr_t page_vaddr;
uint64_t page_size;
uint64_t server_ch;

static unsigned rounds;

static void expect(const char *what, seL4_Word seen, seL4_Word wanted)
{
    microkit_dbg_puts(seen == wanted ? "client: ok " : "client: WRONG ");
    microkit_dbg_puts(what);
    microkit_dbg_puts(" ");
    microkit_dbg_put32((seL4_Uint32)seen);
    microkit_dbg_puts("\n");
}

static void text_pass(const char *text)
{
    volatile char *page = (volatile char *)page_vaddr;

    do {
        *page++ = *text;
    } while (*text++ != '\0');
    (void)microkit_ppcall((microkit_channel)server_ch, microkit_msginfo_new(LABEL_PRINT, 0));
}

static void sum_ask(void)
{
    for (seL4_Uint8 i = 0; i < LONG_MESSAGE; i++) {
        microkit_mr_set(i, i);
    }
    microkit_msginfo reply =
        microkit_ppcall((microkit_channel)server_ch, microkit_msginfo_new(LABEL_ADD, LONG_MESSAGE));
    expect("label", microkit_msginfo_get_label(reply), LABEL_ADD + 1);
    expect("count", microkit_msginfo_get_count(reply), 1);
    expect("sum of 0..63", microkit_mr_get(0), 2016);
}

void init(void)
{
    expect("size", page_size, 0x1000);
    sum_ask();
    text_pass("passed through memory");
    /* Ids that are not there are reported and do nothing. */
    microkit_notify(NO_SUCH_CH);
    expect("answer of nobody",
           microkit_msginfo_get_label(microkit_ppcall(PING_CH, microkit_msginfo_new(1, 0))), 0);
    microkit_notify(PING_CH);
}

void notified(microkit_channel ch)
{
    if (ch != PING_CH) {
        expect("channel", ch, PING_CH);
    } else if (++rounds < ROUNDS) {
        microkit_deferred_notify(PING_CH);
    } else {
        expect("rounds", rounds, ROUNDS);
    }
}
