/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * What tests say about a composed system
 */
#include "expect.h"

#include "fake_elf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

const char two_pds[] =
    "<system>"
    "<memory_region name=\"shared\" size=\"0x2000\"/>" PD(
        "ping",
        "priority=\"10\"") "<map mr=\"shared\" vaddr=\"0x1000_0000\" setvar_vaddr=\"word\" setvar_size=\"word_b\"/>" END
        PD("pong",
           "priority=\"20\" passive=\"true\" budget=\"50\" period=\"100\"") "<map mr=\"shared\" vaddr=\"0x1000_0000\" perms=\"r\"/>" END
                                                                            "<channel><end pd=\"ping\" id=\"0\" pp=\"true\"/>"
                                                                            "<end pd=\"pong\" id=\"3\" setvar_id=\"word\"/></channel></system>";

struct harness composed(const char *description)
{
    struct harness harness = { .description = description };
    if (!harness_run(&harness)) {
        fail_msg("%s", harness.result.messages);
    }
    return harness;
}

const char *system_text(const struct harness *harness)
{
    const struct written *file = harness_file(harness, "system.cdl");
    assert_non_null(file);
    return file->bytes;
}

void assert_cap(const struct harness *harness, const char *container, const char *line)
{
    char start[128];
    char wanted[256];
    snprintf(start, sizeof(start), "\n    %s {\n", container);
    snprintf(wanted, sizeof(wanted), "\n        %s\n", line);
    const char *block = strstr(system_text(harness), start);
    if (block == NULL) {
        fail_msg("no block %s", container);
        return;
    }
    const char *end = strstr(block, "\n    }\n");
    const char *found = strstr(block, wanted);
    if (found == NULL || found > end) {
        fail_msg("no '%s' in\n%.*s", line, (int)(end - block), block);
    }
}

void assert_cap_count(const struct harness *harness, const char *container, int wanted)
{
    char start[128];
    snprintf(start, sizeof(start), "\n    %s {\n", container);
    const char *block = strstr(system_text(harness), start);
    assert_non_null(block);
    int count = 0;
    for (block = strchr(block + 1, '\n') + 1; strncmp(block, "    }\n", 6) != 0;
         block = strchr(block, '\n') + 1) {
        count += strncmp(block, "        -- ", 11) == 0 ? 0 : 1;
    }
    assert_int_equal(count, wanted);
}

void assert_line(const struct harness *harness, const char *line)
{
    if (strstr(system_text(harness), line) == NULL) {
        fail_msg("no '%s' in\n%s", line, system_text(harness));
    }
}

void assert_no_line(const struct harness *harness, const char *line)
{
    assert_null(strstr(system_text(harness), line));
}

uint64_t patched(const struct harness *harness, const char *file, const char *symbol)
{
    const struct written *written = harness_file(harness, file);
    uint64_t offset = fake_elf_symbol(symbol) - FAKE_DATA;
    uint64_t word = 0;
    assert_non_null(written);
    assert_true(offset + 8 <= written->length);
    memcpy(&word, written->bytes + offset, 8);
    return word;
}
