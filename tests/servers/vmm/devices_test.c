/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Tests of the virtual serial port, the virtio console and guest memory
 */
#include <vmm/memory.h>
#include <vmm/pl011.h>
#include <vmm/virtio_console.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#define RAM_BYTES 0x10000u

static _Alignas(64) uint8_t ram[RAM_BYTES];
static const struct guest_memory memory = { ram, RAM_BYTES };

static void memory_is_bounded(void **state)
{
    (void)state;
    assert_ptr_equal(guest_memory_at(&memory, GUEST_RAM_BASE, RAM_BYTES), ram);
    assert_null(guest_memory_at(&memory, GUEST_RAM_BASE, RAM_BYTES + 1));
    assert_null(guest_memory_at(&memory, GUEST_RAM_BASE - 1, 1));
    assert_null(guest_memory_at(&memory, GUEST_RAM_BASE + 8, ~0ull));
    assert_null(guest_memory_at(&memory, ~0ull, 2));
    assert_non_null(guest_memory_at(&memory, GUEST_RAM_BASE + RAM_BYTES, 0));
}

static void serial_port_transmits_and_interrupts(void **state)
{
    struct pl011 uart;

    (void)state;
    pl011_reset(&uart);
    assert_false(pl011_interrupts(&uart));
    assert_int_equal(pl011_write(&uart, 0x00, 'x'), 'x');
    assert_int_equal(pl011_write(&uart, 0x38, 1 << 5), -1); /* transmit interrupt on */
    assert_true(pl011_interrupts(&uart));
    pl011_write(&uart, 0x44, 1 << 5);
    assert_false(pl011_interrupts(&uart));
}

static void serial_port_receives_in_order(void **state)
{
    struct pl011 uart;

    (void)state;
    pl011_reset(&uart);
    pl011_write(&uart, 0x38, 1 << 4);
    assert_true((pl011_read(&uart, 0x18) & 1 << 4) != 0); /* empty */
    for (unsigned i = 0; i < PL011_FIFO_BYTES; i++) {
        assert_true(pl011_can_receive(&uart));
        pl011_receive(&uart, (uint8_t)i);
    }
    assert_false(pl011_can_receive(&uart));
    assert_true(pl011_interrupts(&uart));
    for (unsigned i = 0; i < PL011_FIFO_BYTES; i++) {
        assert_int_equal(pl011_read(&uart, 0x00), i);
    }
    assert_false(pl011_interrupts(&uart));
    assert_int_equal(pl011_read(&uart, 0xfe0), 0x11);
}

/* ---- virtio: a driver in a few lines ------------------------------------------------------------ */

#define DESCRIPTORS 0x0000u
#define AVAILABLE   0x1000u
#define USED        0x2000u
#define BUFFER      0x3000u
#define QUEUE_SIZE  8u

static void put_descriptor(unsigned index, uint64_t address, uint32_t length, uint16_t flags,
                           uint16_t next)
{
    memcpy(ram + DESCRIPTORS + 16 * index, &address, 8);
    memcpy(ram + DESCRIPTORS + 16 * index + 8, &length, 4);
    memcpy(ram + DESCRIPTORS + 16 * index + 12, &flags, 2);
    memcpy(ram + DESCRIPTORS + 16 * index + 14, &next, 2);
}

static void offer(uint16_t head)
{
    uint16_t index;

    memcpy(&index, ram + AVAILABLE + 2, 2);
    memcpy(ram + AVAILABLE + 4 + 2 * (index % QUEUE_SIZE), &head, 2);
    index++;
    memcpy(ram + AVAILABLE + 2, &index, 2);
}

static void setup_queue(struct virtio_console *console, uint32_t queue)
{
    memset(ram, 0, sizeof ram);
    virtio_console_reset(console, &memory);
    virtio_console_write(console, 0x070, 1 | 2 | 8 | 4); /* up to DRIVER_OK */
    virtio_console_write(console, 0x030, queue);
    virtio_console_write(console, 0x038, QUEUE_SIZE);
    virtio_console_write(console, 0x080, (uint32_t)GUEST_RAM_BASE + DESCRIPTORS);
    virtio_console_write(console, 0x090, (uint32_t)GUEST_RAM_BASE + AVAILABLE);
    virtio_console_write(console, 0x0a0, (uint32_t)GUEST_RAM_BASE + USED);
    virtio_console_write(console, 0x044, 1);
}

static void console_is_found(void **state)
{
    struct virtio_console console;

    (void)state;
    virtio_console_reset(&console, &memory);
    assert_int_equal(virtio_console_read(&console, 0x000), 0x74726976);
    assert_int_equal(virtio_console_read(&console, 0x004), 2);
    assert_int_equal(virtio_console_read(&console, 0x008), 3);
    virtio_console_write(&console, 0x014, 1);
    assert_int_equal(virtio_console_read(&console, 0x010), 1); /* VERSION_1 */
}

static void console_transmits_chains(void **state)
{
    struct virtio_console console;
    uint8_t bytes[16];

    (void)state;
    setup_queue(&console, 1);
    memcpy(ram + BUFFER, "hello, ", 7);
    memcpy(ram + BUFFER + 64, "world", 5);
    put_descriptor(0, GUEST_RAM_BASE + BUFFER, 7, 1, 3);
    put_descriptor(3, GUEST_RAM_BASE + BUFFER + 64, 5, 0, 0);
    assert_int_equal(virtio_console_transmit(&console, bytes, sizeof bytes), -1);
    offer(0);
    assert_true(virtio_console_write(&console, 0x050, 1));
    assert_int_equal(virtio_console_transmit(&console, bytes, sizeof bytes), 12);
    assert_memory_equal(bytes, "hello, world", 12);
    assert_int_equal(ram[USED + 2], 1);
    assert_true(virtio_console_interrupts(&console));
    virtio_console_write(&console, 0x064, 1);
    assert_false(virtio_console_interrupts(&console));
}

static void long_buffers_are_taken_piece_by_piece(void **state)
{
    struct virtio_console console;
    uint8_t bytes[8];

    (void)state;
    setup_queue(&console, 1);
    memcpy(ram + BUFFER, "0123456789", 10);
    memcpy(ram + BUFFER + 64, "abcdef", 6);
    put_descriptor(0, GUEST_RAM_BASE + BUFFER, 10, 1, 3);
    put_descriptor(3, GUEST_RAM_BASE + BUFFER + 64, 6, 0, 0);
    offer(0);
    assert_int_equal(virtio_console_transmit(&console, bytes, 8), 8);
    assert_memory_equal(bytes, "01234567", 8);
    assert_int_equal(ram[USED + 2], 0); /* not the driver's again before its end */
    assert_int_equal(virtio_console_transmit(&console, bytes, 5), 5);
    assert_memory_equal(bytes, "89abc", 5);
    assert_int_equal(virtio_console_transmit(&console, bytes, 8), 3);
    assert_memory_equal(bytes, "def", 3);
    assert_int_equal(ram[USED + 2], 1);
    assert_int_equal(virtio_console_transmit(&console, bytes, 8), -1);
}

static void console_wants_its_features(void **state)
{
    struct virtio_console console;

    (void)state;
    virtio_console_reset(&console, &memory);
    virtio_console_write(&console, 0x070, 1 | 2 | 8); /* a legacy driver: VERSION_1 not taken */
    assert_int_equal(virtio_console_read(&console, 0x070), 1 | 2);
    virtio_console_write(&console, 0x024, 1);
    virtio_console_write(&console, 0x020, 1);
    virtio_console_write(&console, 0x070, 1 | 2 | 8);
    assert_int_equal(virtio_console_read(&console, 0x070), 1 | 2 | 8);
}

static void serial_port_waits_for_room(void **state)
{
    struct pl011 uart;

    (void)state;
    pl011_reset(&uart);
    pl011_write(&uart, 0x38, 1 << 5);
    pl011_set_transmit_full(&uart, true);
    assert_int_equal(pl011_read(&uart, 0x18) & 0xa8, 0x28); /* full and busy, not empty */
    assert_int_equal(pl011_write(&uart, 0x00, 'x'), -1);
    assert_false(pl011_interrupts(&uart));
    pl011_set_transmit_full(&uart, false);
    assert_int_equal(pl011_read(&uart, 0x18) & 0xa8, 0x80);
    assert_true(pl011_interrupts(&uart));
}

static void console_receives(void **state)
{
    struct virtio_console console;

    (void)state;
    setup_queue(&console, 0);
    assert_int_equal(virtio_console_receive(&console, (const uint8_t *)"ab", 2), 0);
    put_descriptor(2, GUEST_RAM_BASE + BUFFER, 64, 2, 0);
    offer(2);
    assert_int_equal(virtio_console_receive(&console, (const uint8_t *)"ab", 2), 2);
    assert_memory_equal(ram + BUFFER, "ab", 2);
}

static void console_survives_bad_drivers(void **state)
{
    struct virtio_console console;
    uint8_t bytes[16];

    (void)state;
    /* a buffer outside RAM */
    setup_queue(&console, 1);
    put_descriptor(0, 0xffffffffffffff00u, 0x1000, 0, 0);
    offer(0);
    virtio_console_transmit(&console, bytes, sizeof bytes);
    assert_true((virtio_console_read(&console, 0x070) & 64) != 0); /* NEEDS_RESET */
    /* a chain that bites its tail ends after one pass */
    setup_queue(&console, 1);
    put_descriptor(0, GUEST_RAM_BASE + BUFFER, 0, 1, 0);
    offer(0);
    assert_int_equal(virtio_console_transmit(&console, bytes, sizeof bytes), 0);
    /* a head beyond the queue */
    setup_queue(&console, 1);
    offer(77);
    assert_int_equal(virtio_console_transmit(&console, bytes, sizeof bytes), -1);
    assert_true((virtio_console_read(&console, 0x070) & 64) != 0);
    /* more buffers offered than the ring has */
    setup_queue(&console, 1);
    ram[AVAILABLE + 2] = QUEUE_SIZE + 1;
    assert_int_equal(virtio_console_transmit(&console, bytes, sizeof bytes), -1);
    assert_true((virtio_console_read(&console, 0x070) & 64) != 0);
    assert_int_equal(virtio_console_read(&console, 0x060) & 2, 2); /* and says so */
    virtio_console_write(&console, 0x070, 15);
    assert_true((virtio_console_read(&console, 0x070) & 64) != 0); /* only a reset clears it */
    /* a ring outside RAM */
    setup_queue(&console, 1);
    virtio_console_write(&console, 0x094, 0xdead);
    offer(0);
    assert_int_equal(virtio_console_transmit(&console, bytes, sizeof bytes), -1);
    /* a reset heals */
    virtio_console_write(&console, 0x070, 0);
    assert_int_equal(virtio_console_read(&console, 0x070), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(memory_is_bounded),
        cmocka_unit_test(serial_port_transmits_and_interrupts),
        cmocka_unit_test(serial_port_receives_in_order),
        cmocka_unit_test(console_is_found),
        cmocka_unit_test(console_transmits_chains),
        cmocka_unit_test(long_buffers_are_taken_piece_by_piece),
        cmocka_unit_test(console_wants_its_features),
        cmocka_unit_test(serial_port_waits_for_room),
        cmocka_unit_test(console_receives),
        cmocka_unit_test(console_survives_bad_drivers),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
