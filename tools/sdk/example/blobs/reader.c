/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Reads what the build put into a section of its program and into its memory regions
 */
#include <microkit.h>
#include <stdint.h>

/* Filled by objcopy; never zero, so that it is kept in the file. */
__attribute__((section(".reader_config"), used)) char reader_config[64] = "empty";

uintptr_t poem_vaddr;
uint64_t poem_length;
uint64_t poem_size;
uintptr_t roomy_vaddr;
uintptr_t tree_vaddr;

static void say(const char *text, seL4_Word number)
{
    microkit_dbg_puts("reader: ");
    microkit_dbg_puts(text);
    microkit_dbg_puts(" ");
    microkit_dbg_put32((seL4_Uint32)number);
    microkit_dbg_puts("\n");
}

static uint32_t lines(const char *text, uint64_t bytes)
{
    uint32_t count = 0;

    for (uint64_t i = 0; i < bytes; i++) {
        count += text[i] == '\n';
    }
    return count;
}

void init(void)
{
    microkit_dbg_puts("reader: configured ");
    microkit_dbg_puts(reader_config);
    microkit_dbg_puts("\n");
    say("poem has bytes", poem_length);
    say("in a region of", poem_size);
    say("lines", lines((const char *)poem_vaddr, poem_length));
    say("lines in the roomy region", lines((const char *)roomy_vaddr, 0x10000));
    /* The chunk begins with its id and its length; the tree with its magic number. */
    const unsigned char *tree = (const unsigned char *)tree_vaddr + 16;
    say("tree",
        (seL4_Word)tree[0] << 24 | (seL4_Word)tree[1] << 16 | (seL4_Word)tree[2] << 8 | tree[3]);
}

void notified(microkit_channel ch)
{
}
