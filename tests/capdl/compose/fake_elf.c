/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Program images made up for tests
 *
 *   file:  header │ 2 program headers │ code │ data page │ symbols │ names │ sections
 */
#include "fake_elf.h"

#include <elf.h>
#include <stdlib.h>
#include <string.h>

struct variable {
    const char *name;
    uint64_t size;
};

/* In the order of their addresses; the first twelve are in data, the rest in bss. */
static const struct variable variables[] = {
    { "microkit_name", 64 },
    { "microkit_passive", 1 },
    { "microkit_irqs", 8 },
    { "microkit_notifications", 8 },
    { "microkit_pps", 8 },
    { "microkit_ioports", 8 },
    { "word", 8 },
    { "word_b", 8 },
    { "word_c", 8 },
    { "word_d", 8 },
    { "half", 4 },
    { "text", 16 },
    { "monitor_pd_names", 512 * 64 },
    { "monitor_pd_count", 8 },
    { "monitor_main", 8 },
    { "monitor_console", 8 },
    { "monitor_band", 8 },
    { "supervisor_pd_names", 4096 },
    { "supervisor_pd_count", 8 },
    { "supervisor_region_count", 8 },
    { "bss_word", 8 },
    { "microkit_wide_pps", 64 },
};

enum { VARIABLES = sizeof(variables) / sizeof(variables[0]), IN_DATA = 12 };

enum {
    AT_CODE = 0x1000,
    AT_DATA = 0x2000,
    AT_SYMBOLS = 0x3000,
    AT_NAMES = 0x4000,
    AT_SECTIONS = 0x5000,
    FILE_BYTES = 0x6000,
};

static uint64_t variable_address(size_t index)
{
    uint64_t address = FAKE_DATA;
    for (size_t i = 0; i < index; i++) {
        if (i + 1 == IN_DATA) {
            address = FAKE_DATA + FAKE_DATA_BYTES;
        } else {
            address += (variables[i].size + 7) / 8 * 8;
        }
    }
    return address;
}

uint64_t fake_elf_symbol(const char *name)
{
    for (size_t i = 0; i < VARIABLES; i++) {
        if (strcmp(variables[i].name, name) == 0) {
            return variable_address(i);
        }
    }
    return 0;
}

/* Which fault a name asks for. */
static bool is(const char *name, const char *fault)
{
    return strcmp(name, fault) == 0;
}

static void put_headers(char *file, const char *name)
{
    Elf64_Ehdr header = { .e_type = ET_EXEC,
                          .e_machine = EM_AARCH64,
                          .e_version = EV_CURRENT,
                          .e_entry = FAKE_CODE,
                          .e_phoff = sizeof(Elf64_Ehdr),
                          .e_shoff = AT_SECTIONS,
                          .e_ehsize = sizeof(Elf64_Ehdr),
                          .e_phentsize = sizeof(Elf64_Phdr),
                          .e_phnum = 2,
                          .e_shentsize = sizeof(Elf64_Shdr),
                          .e_shnum = 3 };
    memcpy(header.e_ident, ELFMAG, SELFMAG);
    header.e_ident[EI_CLASS] = is(name, "elf32.elf") ? ELFCLASS32 : ELFCLASS64;
    header.e_ident[EI_DATA] = is(name, "bigendian.elf") ? ELFDATA2MSB : ELFDATA2LSB;
    header.e_ident[EI_VERSION] = EV_CURRENT;
    if (is(name, "x86.elf")) {
        header.e_machine = EM_X86_64;
    }
    if (is(name, "nosegments.elf")) {
        header.e_phnum = 0;
        header.e_phoff = 0;
    }
    Elf64_Phdr segments[2] = {
        { .p_type = PT_LOAD,
          .p_flags = PF_R | PF_X,
          .p_offset = AT_CODE,
          .p_vaddr = FAKE_CODE,
          .p_filesz = 0x100,
          .p_memsz = 0x100 },
        { .p_type = PT_LOAD,
          .p_flags = PF_R | PF_W,
          .p_offset = AT_DATA,
          .p_vaddr = FAKE_DATA,
          .p_filesz = FAKE_DATA_BYTES,
          .p_memsz = FAKE_DATA_BYTES + FAKE_BSS_PAGES * 0x1000 },
    };
    if (is(name, "sharedpage.elf")) {
        segments[0].p_memsz = 0x1100;
    }
    if (is(name, "cut.elf")) {
        segments[1].p_offset = FILE_BYTES;
    }
    if (is(name, "bssonly.elf")) {
        segments[1].p_filesz = 0;
        segments[1].p_offset = FILE_BYTES + 0x1000;
    }
    if (is(name, "high.elf")) {
        segments[1].p_vaddr = 1ull << 40;
    }
    if (is(name, "huge.elf")) {
        segments[1].p_memsz = 0x8000000000;
    }
    if (is(name, "rwx.elf")) {
        segments[1].p_flags |= PF_X;
    }
    if (is(name, "notes.elf")) {
        segments[0].p_type = segments[1].p_type = PT_NOTE;
    }
    memcpy(file, &header, sizeof(header));
    memcpy(file + sizeof(header), segments, sizeof(segments));
}

static void put_symbols(char *file, const char *name)
{
    Elf64_Sym *symbols = calloc(VARIABLES + 2, sizeof(*symbols));
    char *names = file + AT_NAMES;
    uint32_t at = 1;
    size_t count = 1;
    for (size_t i = 0; symbols != NULL && i < VARIABLES; i++) {
        if (is(name, "plain.elf") && strncmp(variables[i].name, "microkit_", 9) == 0) {
            continue;
        }
        symbols[count] = (Elf64_Sym){ .st_name = at,
                                      .st_info = ELF64_ST_INFO(STB_GLOBAL, STT_OBJECT),
                                      .st_shndx = 1,
                                      .st_value = variable_address(i),
                                      .st_size = variables[i].size };
        if (is(name, "nowhere.elf") && is(variables[i].name, "word")) {
            symbols[count].st_value = 0x900000;
        }
        memcpy(names + at, variables[i].name, strlen(variables[i].name));
        at += (uint32_t)strlen(variables[i].name) + 1;
        count++;
    }
    if (symbols != NULL && is(name, "twice.elf")) {
        symbols[count] = symbols[7]; /* the variable "word" */
        count++;
    }
    Elf64_Shdr sections[3] = {
        { 0 },
        { .sh_type = SHT_SYMTAB,
          .sh_offset = AT_SYMBOLS,
          .sh_size = count * sizeof(Elf64_Sym),
          .sh_link = 2,
          .sh_entsize = sizeof(Elf64_Sym),
          .sh_addralign = 8 },
        { .sh_type = SHT_STRTAB, .sh_offset = AT_NAMES, .sh_size = at, .sh_addralign = 1 },
    };
    if (is(name, "stripped.elf")) {
        sections[1].sh_type = SHT_PROGBITS;
    }
    if (symbols != NULL) {
        memcpy(file + AT_SYMBOLS, symbols, count * sizeof(*symbols));
    }
    memcpy(file + AT_SECTIONS, sections, sizeof(sections));
    free(symbols);
}

char *fake_elf(const char *name, size_t *length)
{
    const char *end = strrchr(name, '.');
    if (end == NULL || strcmp(end, ".elf") != 0 || is(name, "missing.elf")) {
        return NULL;
    }
    char *file = calloc(1, FILE_BYTES);
    if (file == NULL) {
        return NULL;
    }
    memset(file + AT_CODE, 0x1f, 0x100);
    file[AT_DATA + 0x800] = 'd';
    put_headers(file, name);
    put_symbols(file, name);
    if (is(name, "text.elf")) {
        memcpy(file, "#!/bin/sh", 9);
    }
    *length = is(name, "short.elf") ? 100 : FILE_BYTES;
    return file;
}
