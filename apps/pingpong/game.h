/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * pingpong: what the two components agreed on
 *
 * Channel 1 joins them. Shared page `table`: one byte ring, written by ping, read by pong.
 */
#pragma once

#include <stdint.h>

#define PEER_CHANNEL 1u

#define CALL_ROUNDS   1000u
#define SIGNAL_ROUNDS 1000u
#define TABLE_BYTES   100000u

/* Data bytes of the ring in the shared page; not a divisor of anything above. */
#define TABLE_RING_BYTES 2048u

/* Labels of ping's protected calls. */
enum game_call {
    GAME_ADD = 1,    /* MR0, MR1, .. MR9: numbers. Reply: MR0 their sum, MR1 calls so far */
    GAME_RESULT = 2, /* Reply: MR0 calls, MR1 signals, MR2 table bytes, MR3 table checksum */
};

/* The bytes that ping writes to the table, by position. */
static inline uint8_t game_byte(uint32_t position)
{
    return (uint8_t)((position * 2654435761u) >> 24);
}

/* One step of the checksum over those bytes. */
static inline uint32_t game_checksum(uint32_t sum, uint8_t byte)
{
    return sum * 31u + byte;
}
