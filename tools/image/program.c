/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * ELF files as blocks of memory
 *
 * Nothing in the file is believed: every offset is checked against its size before it is used.
 */
#include "program.h"

#include <elf.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define BLOCK_MAX (UINT64_C(1) << 32) /* no program is larger */

uint8_t *file_read(const char *path, size_t *size)
{
    FILE *file = fopen(path, "rb");
    uint8_t *bytes = NULL;
    long length;

    if (file == NULL) {
        return NULL;
    }
    if (fseek(file, 0, SEEK_END) == 0 && (length = ftell(file)) >= 0 &&
        fseek(file, 0, SEEK_SET) == 0) {
        *size = (size_t)length;
        bytes = malloc(*size + 1);
        if (bytes != NULL && fread(bytes, 1, *size, file) != *size) {
            free(bytes);
            bytes = NULL;
        }
    }
    fclose(file);
    return bytes;
}

static bool is_inside(size_t size, uint64_t offset, uint64_t bytes)
{
    return offset <= size && bytes <= size - offset;
}

static const char *header_check(const uint8_t *file, size_t size, Elf64_Ehdr *header)
{
    if (size < sizeof(*header)) {
        return "is too short for an ELF file";
    }
    memcpy(header, file, sizeof(*header));
    if (memcmp(header->e_ident, ELFMAG, SELFMAG) != 0) {
        return "is no ELF file";
    }
    if (header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_ident[EI_DATA] != ELFDATA2LSB ||
        header->e_machine != EM_AARCH64) {
        return "is no little-endian 64-bit AArch64 program";
    }
    if (header->e_phentsize != sizeof(Elf64_Phdr) ||
        !is_inside(size, header->e_phoff, (uint64_t)header->e_phnum * sizeof(Elf64_Phdr))) {
        return "has broken program headers";
    }
    return NULL;
}

static Elf64_Phdr segment_at(const uint8_t *file, const Elf64_Ehdr *header, unsigned index)
{
    Elf64_Phdr segment;

    memcpy(&segment, file + header->e_phoff + index * sizeof(segment), sizeof(segment));
    return segment;
}

static bool is_loaded(const Elf64_Phdr *segment)
{
    return segment->p_type == PT_LOAD && segment->p_memsz > 0;
}

/* Lowest and highest address of what is loaded. */
static const char *measure(const uint8_t *file, size_t size, const Elf64_Ehdr *header,
                           uint64_t *low, uint64_t *high)
{
    *low = UINT64_MAX;
    *high = 0;
    for (unsigned i = 0; i < header->e_phnum; i++) {
        Elf64_Phdr segment = segment_at(file, header, i);
        if (segment.p_type == PT_INTERP) {
            return "is not static: it wants a dynamic linker";
        }
        if (!is_loaded(&segment)) {
            continue;
        }
        if (!is_inside(size, segment.p_offset, segment.p_filesz) ||
            segment.p_filesz > segment.p_memsz ||
            segment.p_vaddr + segment.p_memsz < segment.p_vaddr) {
            return "has a segment that is not in the file";
        }
        *low = segment.p_vaddr < *low ? segment.p_vaddr : *low;
        *high =
            segment.p_vaddr + segment.p_memsz > *high ? segment.p_vaddr + segment.p_memsz : *high;
    }
    if (*low >= *high) {
        return "has nothing to load";
    }
    return *high - *low <= BLOCK_MAX ? NULL : "is spread over more than 4 GiB";
}

const char *elf_flatten(const uint8_t *file, size_t size, struct elf_block *block)
{
    Elf64_Ehdr header;
    uint64_t low, high;
    const char *refusal = header_check(file, size, &header);

    if (refusal == NULL) {
        refusal = measure(file, size, &header, &low, &high);
    }
    if (refusal != NULL) {
        return refusal;
    }
    if (header.e_entry < low || header.e_entry >= high) {
        return "has an entry point outside its segments";
    }
    *block = (struct elf_block){ calloc(1, high - low), low, 0, high - low, header.e_entry };
    if (block->bytes == NULL) {
        return "does not fit into memory";
    }
    for (unsigned i = 0; i < header.e_phnum; i++) {
        Elf64_Phdr segment = segment_at(file, &header, i);
        if (is_loaded(&segment)) {
            uint64_t at = segment.p_vaddr - low;
            memcpy(block->bytes + at, file + segment.p_offset, segment.p_filesz);
            if (at + segment.p_filesz > block->file_bytes) {
                block->file_bytes = at + segment.p_filesz;
            }
        }
    }
    return NULL;
}

const char *elf_read(const char *path, struct elf_block *block)
{
    size_t size;
    uint8_t *file = file_read(path, &size);
    const char *refusal;

    if (file == NULL) {
        return strerror(errno);
    }
    refusal = elf_flatten(file, size, block);
    free(file);
    return refusal;
}

static Elf64_Shdr section_at(const uint8_t *file, const Elf64_Ehdr *header, unsigned index)
{
    Elf64_Shdr section;

    memcpy(&section, file + header->e_shoff + index * sizeof(section), sizeof(section));
    return section;
}

/* Look for `name` in one symbol table. */
static uint64_t table_search(const uint8_t *file, size_t size, const Elf64_Shdr *symbols,
                             const Elf64_Shdr *strings, const char *name)
{
    size_t length = strlen(name) + 1;

    if (!is_inside(size, symbols->sh_offset, symbols->sh_size) ||
        !is_inside(size, strings->sh_offset, strings->sh_size)) {
        return 0;
    }
    for (uint64_t at = 0; at + sizeof(Elf64_Sym) <= symbols->sh_size; at += sizeof(Elf64_Sym)) {
        Elf64_Sym symbol;
        memcpy(&symbol, file + symbols->sh_offset + at, sizeof(symbol));
        if (symbol.st_shndx != SHN_UNDEF && is_inside(strings->sh_size, symbol.st_name, length) &&
            memcmp(file + strings->sh_offset + symbol.st_name, name, length) == 0) {
            return symbol.st_value;
        }
    }
    return 0;
}

uint64_t elf_symbol(const uint8_t *file, size_t size, const char *name)
{
    Elf64_Ehdr header;

    if (header_check(file, size, &header) != NULL || header.e_shentsize != sizeof(Elf64_Shdr) ||
        !is_inside(size, header.e_shoff, (uint64_t)header.e_shnum * sizeof(Elf64_Shdr))) {
        return 0;
    }
    for (unsigned i = 0; i < header.e_shnum; i++) {
        Elf64_Shdr section = section_at(file, &header, i);
        if (section.sh_type == SHT_SYMTAB && section.sh_link < header.e_shnum) {
            Elf64_Shdr strings = section_at(file, &header, section.sh_link);
            uint64_t address = table_search(file, size, &section, &strings, name);
            if (address != 0) {
                return address;
            }
        }
    }
    return 0;
}
