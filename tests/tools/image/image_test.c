/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-image: what is in an image, and what is refused
 */
#define _DEFAULT_SOURCE /* mkdtemp */

#include "image.h"

#include "program.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <abi/boot_table.h>
#include <cmocka.h>
#include <elf.h>

#define KERNEL_FILE "image_test.kernel"
#define LOADER_FILE "image_test.loader"
#define ROOT_FILE   "image_test.root"
#define PAGE        0x1000u
#define LARGE       0x200000u

struct program {
    Elf64_Ehdr header;
    Elf64_Phdr segment;
    uint8_t bytes[64];
};

/* A program of one segment whose bytes are all `fill`. */
static struct program program_new(uint64_t start, uint64_t memory, uint8_t fill)
{
    struct program program = {
        .header = { .e_ident = { ELFMAG0, ELFMAG1, ELFMAG2, ELFMAG3, ELFCLASS64, ELFDATA2LSB },
                    .e_type = ET_EXEC,
                    .e_machine = EM_AARCH64,
                    .e_entry = start,
                    .e_phoff = offsetof(struct program, segment),
                    .e_phentsize = sizeof(Elf64_Phdr),
                    .e_phnum = 1 },
        .segment = { .p_type = PT_LOAD,
                     .p_offset = offsetof(struct program, bytes),
                     .p_vaddr = start,
                     .p_filesz = sizeof(program.bytes),
                     .p_memsz = memory },
    };

    memset(program.bytes, fill, sizeof(program.bytes));
    return program;
}

static void file_write(const char *path, const void *bytes, size_t size)
{
    FILE *file = fopen(path, "wb");

    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, size, file), size);
    assert_int_equal(fclose(file), 0);
}

static struct options options_new(void)
{
    return (struct options){ .kernel = KERNEL_FILE,
                             .loader = LOADER_FILE,
                             .root_task = ROOT_FILE,
                             .header = { .domains = 1 } };
}

static int files_write(void **state)
{
    struct program kernel = program_new(KERNEL_IMAGE_BASE, 0x30000, 'k');
    struct program loader = program_new(0, 0x2100, 'l');
    struct program root = program_new(0x400000, 0x5123, 'r');

    (void)state;
    file_write(KERNEL_FILE, &kernel, sizeof(kernel));
    file_write(LOADER_FILE, &loader, sizeof(loader));
    file_write(ROOT_FILE, &root, sizeof(root));
    return 0;
}

static char folder[] = "/tmp/image_test.XXXXXX";

static int folder_enter(void **state)
{
    return mkdtemp(folder) != NULL && chdir(folder) == 0 ? files_write(state) : -1;
}

static int folder_leave(void **state)
{
    (void)state;
    (void)remove(KERNEL_FILE);
    (void)remove(LOADER_FILE);
    (void)remove(ROOT_FILE);
    return rmdir(folder);
}

static void test_layout(void **state)
{
    (void)state;
    struct options options = options_new();
    struct image image;
    struct image_header header;
    const char *about;

    assert_null(image_build(&options, &image, &about));
    memcpy(&header, image.bytes + IMAGE_HEADER_OFFSET, sizeof(header));
    assert_int_equal(header.magic, IMAGE_MAGIC);
    assert_int_equal(header.size, sizeof(header));
    assert_int_equal(header.image_bytes, image.size);
    assert_int_equal(header.kernel_offset, 0x3000);
    assert_int_equal(header.kernel_file_bytes, 64);
    assert_int_equal(header.kernel_bytes, 0x30000);
    assert_int_equal(header.user_offset, 0x4000);
    assert_int_equal(header.user_bytes, 0x6000);
    assert_int_equal(header.user_vaddr, 0x400000);
    assert_int_equal(header.user_entry, 0x400000);
    assert_int_equal(header.root_cnode_bits, 12);
    assert_int_equal(header.large_start, header.large_end);
    assert_int_equal(image.bytes[0], 'l');
    assert_int_equal(image.bytes[0x3000], 'k');
    assert_int_equal(image.bytes[0x3000 + 64], 0);
    assert_int_equal(image.bytes[0x4000 + 63], 'r');
    assert_int_equal(image.bytes[image.size - 1], 0);
    uint64_t claimed;
    memcpy(&claimed, image.bytes + 16, sizeof(claimed));
    assert_int_equal(claimed, image.size + IMAGE_SLACK_BYTES);
    free(image.bytes);
}

static void test_large_root_task(void **state)
{
    (void)state;
    struct options options = options_new();
    struct program root = program_new(0x401000, 40ul << 20, 'r');
    struct image image;
    struct image_header header;
    const char *about;

    file_write(ROOT_FILE, &root, sizeof(root));
    assert_null(image_build(&options, &image, &about));
    memcpy(&header, image.bytes + IMAGE_HEADER_OFFSET, sizeof(header));
    assert_int_equal(header.root_cnode_bits, 14); /* 10240 pages */
    free(image.bytes);

    options.large_frames_given = true;
    assert_null(image_build(&options, &image, &about));
    memcpy(&header, image.bytes + IMAGE_HEADER_OFFSET, sizeof(header));
    assert_int_equal(header.root_cnode_bits, 12);
    assert_int_equal(header.large_start, 0x600000);
    assert_int_equal(header.large_end, 0x2c00000);
    assert_int_equal(header.user_offset % LARGE, header.user_vaddr % LARGE);
    free(image.bytes);

    options.large_frames_given = false;
    options.root_cnode_bits_given = true;
    options.header.root_cnode_bits = 12;
    assert_non_null(strstr(image_build(&options, &image, &about), "--root-cnode-bits"));
    assert_string_equal(about, ROOT_FILE);
    (void)files_write(NULL);
}

static void refused(const char *path, const void *bytes, size_t size, const char *words)
{
    struct options options = options_new();
    struct image image;
    const char *about;

    file_write(path, bytes, size);
    const char *refusal = image_build(&options, &image, &about);
    assert_non_null(refusal);
    assert_non_null(strstr(refusal, words));
    assert_string_equal(about, path);
    (void)files_write(NULL);
}

static void test_refusals(void **state)
{
    (void)state;
    struct program program = program_new(0x400000, 64, 'x');
    const struct program good = program;

    refused(LOADER_FILE, &program, sizeof(program), "linked at 0");
    refused(KERNEL_FILE, &program, sizeof(program), "linked at 0xffc0000000");
    refused(ROOT_FILE, "short", 5, "too short");
    program.header.e_ident[0] = 0;
    refused(ROOT_FILE, &program, sizeof(program), "no ELF file");
    program = good;
    program.header.e_machine = EM_X86_64;
    refused(ROOT_FILE, &program, sizeof(program), "AArch64");
    program = good;
    program.header.e_phoff = UINT64_MAX - 8;
    refused(ROOT_FILE, &program, sizeof(program), "program headers");
    program = good;
    program.segment.p_offset = sizeof(program);
    refused(ROOT_FILE, &program, sizeof(program), "not in the file");
    program = good;
    program.segment.p_filesz = 65;
    program.segment.p_memsz = 64;
    refused(ROOT_FILE, &program, sizeof(program), "not in the file");
    program = good;
    program.segment.p_memsz = UINT64_MAX;
    refused(ROOT_FILE, &program, sizeof(program), "not in the file");
    program = good;
    program.segment.p_memsz = UINT64_C(1) << 33;
    refused(ROOT_FILE, &program, sizeof(program), "more than 4 GiB");
    program = good;
    program.segment.p_type = PT_NOTE;
    refused(ROOT_FILE, &program, sizeof(program), "nothing to load");
    program = good;
    program.segment.p_type = PT_INTERP;
    refused(ROOT_FILE, &program, sizeof(program), "not static");
    program = good;
    program.header.e_entry = 0;
    refused(ROOT_FILE, &program, sizeof(program), "entry point");
}

static void test_missing_file(void **state)
{
    (void)state;
    struct options options = options_new();
    struct image image;
    const char *about;

    options.kernel = "image_test.none";
    assert_string_equal(image_build(&options, &image, &about), "No such file or directory");
    assert_string_equal(about, "image_test.none");
}

static void test_symbols_of_nothing(void **state)
{
    (void)state;
    struct program program = program_new(0x400000, 64, 'x');

    assert_int_equal(elf_symbol((const uint8_t *)&program, sizeof(program), "name"), 0);
    program.header.e_shentsize = sizeof(Elf64_Shdr);
    program.header.e_shnum = 1000;
    program.header.e_shoff = 64;
    assert_int_equal(elf_symbol((const uint8_t *)&program, sizeof(program), "name"), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_layout),
        cmocka_unit_test(test_large_root_task),
        cmocka_unit_test(test_refusals),
        cmocka_unit_test(test_missing_file),
        cmocka_unit_test(test_symbols_of_nothing),
    };

    return cmocka_run_group_tests(tests, folder_enter, folder_leave);
}
