/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the serial virtualiser as a whole
 *
 * The test plays kernel, clients and driver: it maps the regions where the virtualiser expects
 * them and calls its entry points when it was signalled, as the event loop would.
 *
 * The component's globals live as long as the program, so the tests build on one another.
 */
#include <microkit.h>
#include <proto/console.h>
#include <queue/byte_ring.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include <cmocka.h>

#define CLIENTS      2u
#define LINES        3000u
#define ESCAPE       0x1du
#define OUTPUT_BYTES 1000000u

uint64_t microkit_notifications = 1u | 1u << 1 | 1u << 2;

static uint64_t signalled;
static char terminal[OUTPUT_BYTES];
static uint32_t terminal_length;

static struct console_output_header *headers[CLIENTS + 1];
static struct byte_producer client_output[CLIENTS + 1];
static struct byte_consumer client_input[CLIENTS + 1];
static struct byte_consumer driver_output;
static struct byte_producer driver_input;

void microkit_notify(microkit_channel ch)
{
    signalled |= 1ull << ch;
}

static struct byte_ring *ring_at(uintptr_t page)
{
    return (struct byte_ring *)(page + CONSOLE_RING_OFFSET);
}

static int setup(void **state)
{
    (void)state;
    void *base = (void *)(uintptr_t)CONSOLE_VIRT_BASE;
    size_t length = (CLIENTS + 1u) * CONSOLE_VIRT_STRIDE;
    void *memory = mmap(base, length, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (memory != base) {
        return -1;
    }
    for (unsigned id = 0; id <= CLIENTS; id++) {
        uintptr_t region = CONSOLE_VIRT_BASE + (uintptr_t)id * CONSOLE_VIRT_STRIDE;
        headers[id] = (struct console_output_header *)region;
        byte_producer_init(&client_output[id], ring_at(region), CONSOLE_RING_BYTES);
        byte_consumer_init(&client_input[id], ring_at(region + CONSOLE_PAGE_BYTES),
                           CONSOLE_RING_BYTES);
    }
    byte_consumer_init(&driver_output, ring_at(CONSOLE_VIRT_BASE), CONSOLE_RING_BYTES);
    byte_producer_init(&driver_input, ring_at(CONSOLE_VIRT_BASE + CONSOLE_PAGE_BYTES),
                       CONSOLE_RING_BYTES);
    init();
    return 0;
}

/* Let the driver take up to `limit` bytes of output, then signal. */
static void driver_take(uint32_t limit)
{
    uint8_t bytes[CONSOLE_RING_BYTES];
    uint32_t count = byte_consumer_read(&driver_output, bytes, limit);

    assert_true(terminal_length + count < OUTPUT_BYTES);
    memcpy(terminal + terminal_length, bytes, count);
    terminal_length += count;
    atomic_store(&headers[0]->done, driver_output.tail);
    if (count > 0) {
        notified(CONSOLE_VIRT_DRIVER_CHANNEL);
    }
}

static void type(const char *text)
{
    uint32_t length = (uint32_t)strlen(text);

    assert_int_equal(byte_producer_write(&driver_input, (const uint8_t *)text, length), length);
    notified(CONSOLE_VIRT_DRIVER_CHANNEL);
}

static void name_write(unsigned id, const char *name)
{
    strncpy(headers[id]->name, name, CONSOLE_NAME_BYTES - 1);
    atomic_store(&headers[id]->magic, CONSOLE_MAGIC);
}

/* Two clients print numbered lines as fast as they can; the driver is slow and irregular. */
static void no_line_is_lost_or_mixed(void **state)
{
    uint32_t printed[CLIENTS + 1] = { 0 };
    uint32_t seen[CLIENTS + 1] = { 0 };
    unsigned random = 7;

    (void)state;
    name_write(1, "one");
    name_write(2, "two");
    while (printed[1] < LINES || printed[2] < LINES) {
        random = random * 1103515245u + 12345u;
        unsigned id = 1u + ((random >> 16) & 1u);
        char line[64];
        int length = snprintf(line, sizeof(line), "client %u line %u\n", id, printed[id]);
        if (printed[id] < LINES && byte_producer_free(&client_output[id]) >= (uint32_t)length) {
            byte_producer_write(&client_output[id], (const uint8_t *)line, (uint32_t)length);
            printed[id]++;
            notified(id);
        }
        driver_take((random >> 20) % 40u);
    }
    for (unsigned i = 0; i < 1000; i++) {
        driver_take(CONSOLE_RING_BYTES);
    }
    terminal[terminal_length] = '\0';
    for (char *line = strtok(terminal, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned id = 0;
        unsigned number = 0;
        /* What was wiped before the line's end is shown again, later. */
        for (char *wiped = strstr(line, "\x1b[K"); wiped != NULL; wiped = strstr(line, "\x1b[K")) {
            line = wiped + 3;
        }
        assert_int_equal(sscanf(strstr(line, "client"), "client %u line %u\r", &id, &number), 2);
        assert_in_range(id, 1, CLIENTS);
        assert_int_equal(number, seen[id]);
        seen[id]++;
    }
    assert_int_equal(seen[1], LINES);
    assert_int_equal(seen[2], LINES);
}

/* One client prints without end, the driver is slow: the other one is heard nevertheless. */
static void busy_client_starves_nobody(void **state)
{
    char text[32];
    unsigned turns = 0;

    (void)state;
    terminal_length = 0;
    byte_producer_write(&client_output[2], (const uint8_t *)"heard\n", 6);
    do {
        int length = snprintf(text, sizeof(text), "flood %u\n", turns);
        while (byte_producer_free(&client_output[1]) >= (uint32_t)length) {
            byte_producer_write(&client_output[1], (const uint8_t *)text, (uint32_t)length);
        }
        notified(1);
        driver_take(40);
        terminal[terminal_length] = '\0';
        assert_true(turns++ < 1000);
    } while (strstr(terminal, "heard") == NULL);
    for (unsigned i = 0; i < 100; i++) {
        driver_take(CONSOLE_RING_BYTES);
    }
}

/* A partial line of a client without focus is held back, until the client asks for it. */
static void flush_brings_all_out_and_says_so(void **state)
{
    (void)state;
    terminal_length = 0;
    byte_producer_write(&client_output[2], (const uint8_t *)"bye", 3);
    notified(2);
    driver_take(CONSOLE_RING_BYTES);
    assert_int_equal(terminal_length, 0);
    atomic_store(&headers[2]->urgent, client_output[2].head);
    notified(2);
    assert_int_not_equal(atomic_load(&headers[2]->done), client_output[2].head);
    signalled = 0;
    driver_take(CONSOLE_RING_BYTES);
    assert_memory_equal(terminal + terminal_length - 3, "bye", 3);
    assert_int_equal(atomic_load(&headers[2]->done), client_output[2].head);
    assert_true((signalled & (1u << 2)) != 0);
}

static void input_goes_to_the_focus(void **state)
{
    uint8_t bytes[16];

    (void)state;
    signalled = 0;
    type("ab");
    assert_int_equal(byte_consumer_read(&client_input[1], bytes, sizeof(bytes)), 2);
    assert_memory_equal(bytes, "ab", 2);
    assert_int_equal(signalled & 6u, 1u << 1);
    type("\x1d"
         "2"
         "c");
    assert_int_equal(byte_consumer_read(&client_input[2], bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], 'c');
    type("\x1d"
         "1");
    driver_take(CONSOLE_RING_BYTES);
}

/* A client that does not read stops input; nothing is dropped until Ctrl-] is typed. */
static void input_waits_and_escape_gets_through(void **state)
{
    char line[101];
    uint32_t typed = 0;
    uint8_t bytes[CONSOLE_RING_BYTES];

    (void)state;
    memset(line, 'k', 100);
    line[100] = '\0';
    while (byte_producer_free(&driver_input) >= 100) {
        type(line);
        typed += 100;
    }
    assert_int_equal(byte_consumer_available(&client_input[1]), CONSOLE_RING_BYTES);
    uint32_t waiting = CONSOLE_RING_BYTES - byte_producer_free(&driver_input);
    assert_int_equal(waiting, typed - CONSOLE_RING_BYTES);
    /* The client reads some, and signals as libs/console does: the input flows on. */
    assert_int_equal(byte_consumer_read(&client_input[1], bytes, 500), 500);
    notified(1);
    assert_int_equal(byte_consumer_available(&client_input[1]), CONSOLE_RING_BYTES);
    assert_int_equal(CONSOLE_RING_BYTES - byte_producer_free(&driver_input), waiting - 500);
    terminal_length = 0;
    type("\x1d"
         "2"
         "x");
    assert_int_equal(byte_consumer_read(&client_input[2], bytes, sizeof(bytes)), 1);
    assert_int_equal(bytes[0], 'x');
    driver_take(CONSOLE_RING_BYTES);
    terminal[terminal_length] = '\0';
    assert_non_null(strstr(terminal, "input bytes dropped, one does not read"));
    assert_non_null(strstr(terminal, "input to 2 two"));
}

/* Impossible indices of a hostile client do not disturb the other. */
static void hostile_client_disturbs_nobody(void **state)
{
    (void)state;
    atomic_store(&client_output[1].ring->head, client_output[1].head + 100000u);
    atomic_store(&headers[1]->urgent, 0x12345678u);
    notified(1);
    terminal_length = 0;
    byte_producer_write(&client_output[2], (const uint8_t *)"alive\n", 6);
    notified(2);
    driver_take(CONSOLE_RING_BYTES);
    terminal[terminal_length] = '\0';
    assert_non_null(strstr(terminal, "alive"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(no_line_is_lost_or_mixed),
        cmocka_unit_test(busy_client_starves_nobody),
        cmocka_unit_test(flush_brings_all_out_and_says_so),
        cmocka_unit_test(input_goes_to_the_focus),
        cmocka_unit_test(input_waits_and_escape_gets_through),
        cmocka_unit_test(hostile_client_disturbs_nobody),
    };

    return cmocka_run_group_tests(tests, setup, NULL);
}
