/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The fixed parts of the page (private to the room)
 *
 * Made at build time from page/page.html, page.css and page.js by page/embed.py.
 */
#pragma once

/* Longer lines of the description are cut. */
enum { LINE_SHOWN = 400 };

extern const char page_head[];    /* up to the picture */
extern const char page_between[]; /* from the picture to that of the groups */
extern const char page_middle[];  /* from there to the data */
extern const char page_tail[];    /* behind the data */
