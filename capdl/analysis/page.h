/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The fixed parts of the page (private to the room)
 */
#pragma once

/* Chains between all pairs are in the page up to so many components. */
enum { CHAINS_AHEAD = 220 };

extern const char page_head[];   /* up to the picture */
extern const char page_middle[]; /* from the picture to the data */
extern const char page_tail[];   /* behind the data */
