/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Program images
 *
 * libelf reads headers and tables from memory; contents are taken from the bytes
 * themselves after a bounds check.
 */
#include "image.h"

#include <gelf.h>
#include <inttypes.h>
#include <libelf.h>
#include <string.h>

static const uint64_t PAGE = 0x1000;

static bool image_error(struct composer *composer, const struct pd *pd, const char *path,
                        const char *what)
{
    return diag_error(&composer->diag, pd->image_at,
                      "program image '%s' of '%s' %s\n"
                      "build it as a static AArch64 program with symbols",
                      path, pd->name, what);
}

/* Is this a mere check, and the file not there? */
static bool image_is_absent(struct composer *composer, const char *path)
{
    return composer->options->check_only && path != NULL && source_find(composer, path) == NULL;
}

static const struct source *image_source(struct composer *composer, const struct pd *pd,
                                         const char *path)
{
    const struct source *source = source_find(composer, path);
    if (source == NULL) {
        diag_error(&composer->diag, pd->image_at,
                   "program image '%s' of '%s' is not found\n"
                   "build it, or add its folder with --search-path",
                   path, pd->name);
    }
    return source;
}

/* NULL after an error. */
static Elf *elf_open(struct composer *composer, const struct pd *pd, const struct source *source,
                     GElf_Ehdr *header)
{
    const unsigned char *bytes = (const unsigned char *)source->bytes;
    const char *what = NULL;
    if (source->length < sizeof(Elf64_Ehdr) || memcmp(bytes, ELFMAG, SELFMAG) != 0) {
        what = "is no ELF file";
    } else if (bytes[EI_CLASS] != ELFCLASS64) {
        what = "is not for a 64-bit machine";
    } else if (bytes[EI_DATA] != ELFDATA2LSB) {
        what = "is not little-endian";
    }
    Elf *elf = NULL;
    if (what == NULL) {
        elf_version(EV_CURRENT);
        elf = elf_memory(source->bytes, source->length);
        if (elf == NULL || gelf_getehdr(elf, header) == NULL) {
            what = "cannot be read as ELF";
        } else if (header->e_machine != EM_AARCH64) {
            what = "is for another kind of processor";
        }
    }
    if (what != NULL) {
        elf_end(elf);
        image_error(composer, pd, source->path, what);
        return NULL;
    }
    return elf;
}

static bool page_is_zero(const unsigned char *bytes, size_t length)
{
    for (size_t i = 0; i < length; i++) {
        if (bytes[i] != 0) {
            return false;
        }
    }
    return true;
}

/* Copies the file's part of a segment into its pages, leaving out pages of zeros. */
static void segment_fill(struct composer *composer, struct segment *segment, uint64_t vaddr,
                         const unsigned char *bytes, uint64_t length)
{
    uint64_t done = 0;
    while (done < length) {
        uint64_t offset = vaddr + done - segment->start;
        uint64_t in_page = offset % PAGE;
        uint64_t piece = PAGE - in_page < length - done ? PAGE - in_page : length - done;
        if (!page_is_zero(bytes + done, piece)) {
            unsigned char **page = &segment->pages[offset / PAGE];
            if (*page == NULL) {
                *page = arena_alloc(&composer->arena, PAGE);
            }
            memcpy(*page + in_page, bytes + done, piece);
        }
        done += piece;
    }
}

static bool segment_add(struct composer *composer, struct image *image, const struct source *source,
                        const GElf_Phdr *header)
{
    const struct pd *pd = image->pd;
    /* A segment without bytes in the file may state any offset; linkers do. */
    bool held = header->p_filesz == 0 || (header->p_offset <= source->length &&
                                          header->p_filesz <= source->length - header->p_offset);
    if (header->p_filesz > header->p_memsz || !held) {
        return image_error(composer, pd, image->path, "has a segment that its file does not hold");
    }
    uint64_t limit = STACK_TOP - pd->stack_size;
    if (header->p_vaddr >= limit || header->p_memsz > limit - header->p_vaddr) {
        return image_error(composer, pd, image->path,
                           "has a segment above the addresses of a program");
    }
    struct segment *segment = arena_alloc(&composer->arena, sizeof(*segment));
    uint64_t end = (header->p_vaddr + header->p_memsz + PAGE - 1) / PAGE * PAGE;
    segment->start = header->p_vaddr / PAGE * PAGE;
    segment->page_count = (end - segment->start) / PAGE;
    if (!pages_count(composer, pd->image_at, segment->page_count, "image", image->path)) {
        return false;
    }
    for (size_t i = 0; i < image->segments.count; i++) {
        const struct segment *other = image->segments.items[i];
        if (segment->start < other->start + other->page_count * PAGE && other->start < end) {
            return image_error(composer, pd, image->path, "has two segments in one page");
        }
    }
    segment->read = (header->p_flags & PF_R) != 0;
    segment->write = (header->p_flags & PF_W) != 0;
    segment->execute = (header->p_flags & PF_X) != 0;
    if (segment->write && segment->execute) {
        diag_warning(&composer->diag, pd->image_at,
                     "program image '%s' has a segment that is writable and executable\n"
                     "link code and data into segments of their own",
                     image->path);
    }
    segment->pages = arena_alloc(&composer->arena, segment->page_count * sizeof(*segment->pages));
    if (header->p_filesz > 0) {
        segment_fill(composer, segment, header->p_vaddr,
                     (const unsigned char *)source->bytes + header->p_offset, header->p_filesz);
    }
    list_add(&composer->arena, &image->segments, segment);
    return true;
}

static bool segments_load(struct composer *composer, struct image *image,
                          const struct source *source, Elf *elf)
{
    size_t count = 0;
    if (elf_getphdrnum(elf, &count) != 0 || count == 0) {
        return image_error(composer, image->pd, image->path, "has no program headers");
    }
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        GElf_Phdr header;
        if (gelf_getphdr(elf, (int)i, &header) == NULL) {
            return image_error(composer, image->pd, image->path, "has damaged program headers");
        }
        if (header.p_type == PT_LOAD && header.p_memsz > 0 &&
            !segment_add(composer, image, source, &header)) {
            return false;
        }
    }
    if (image->segments.count == 0) {
        return image_error(composer, image->pd, image->path, "has nothing to load");
    }
    return true;
}

static struct symbol *symbol_find(const struct image *image, const char *name)
{
    for (size_t i = 0; i < image->symbols.count; i++) {
        struct symbol *symbol = image->symbols.items[i];
        if (text_equal(symbol->name, name)) {
            return symbol;
        }
    }
    return NULL;
}

/* Is this a symbol someone may want to set? Functions, sections and files are not. */
static bool symbol_is_data(const GElf_Sym *symbol)
{
    unsigned type = GELF_ST_TYPE(symbol->st_info);
    return symbol->st_shndx != SHN_UNDEF && symbol->st_name != 0 && symbol->st_size != 0 &&
           (type == STT_OBJECT || type == STT_NOTYPE || type == STT_COMMON);
}

static void symbols_add(struct composer *composer, struct image *image, Elf *elf,
                        const GElf_Shdr *section, Elf_Data *data)
{
    size_t count = section->sh_entsize == 0 ? 0 : data->d_size / sizeof(Elf64_Sym);
    for (size_t i = 0; i < count && i < INT32_MAX; i++) {
        GElf_Sym entry;
        if (gelf_getsym(data, (int)i, &entry) == NULL || !symbol_is_data(&entry)) {
            continue;
        }
        const char *name = elf_strptr(elf, section->sh_link, entry.st_name);
        if (name == NULL) {
            continue;
        }
        struct symbol *symbol = arena_alloc(&composer->arena, sizeof(*symbol));
        symbol->name = arena_copy(&composer->arena, name, strlen(name));
        symbol->address = entry.st_value;
        symbol->size = entry.st_size;
        list_add(&composer->arena, &image->symbols, symbol);
    }
}

static bool symbols_load(struct composer *composer, struct image *image, const char *path, Elf *elf)
{
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
        GElf_Shdr header;
        if (gelf_getshdr(section, &header) == NULL || header.sh_type != SHT_SYMTAB) {
            continue;
        }
        Elf_Data *data = elf_getdata(section, NULL);
        if (data != NULL && data->d_buf != NULL) {
            symbols_add(composer, image, elf, &header, data);
            return true;
        }
    }
    return diag_error(&composer->diag, image->pd->image_at,
                      "program image '%s' of '%s' has no symbol table\n"
                      "do not strip it, or name the unstripped file with path_for_symbols",
                      path, image->pd->name);
}

static bool symbols_load_from(struct composer *composer, struct image *image)
{
    const struct source *source = image_source(composer, image->pd, image->pd->symbols_path);
    GElf_Ehdr header;
    Elf *elf = source == NULL ? NULL : elf_open(composer, image->pd, source, &header);
    bool good = elf != NULL && symbols_load(composer, image, source->path, elf);
    elf_end(elf);
    return good;
}

struct image *image_load(struct composer *composer, const struct pd *pd)
{
    struct image *image = arena_alloc(&composer->arena, sizeof(*image));
    image->pd = pd;
    image->path = pd->image_path;
    image->unknown = image_is_absent(composer, pd->symbols_path);
    if (image_is_absent(composer, pd->image_path)) {
        image->unknown = true;
        return image;
    }
    const struct source *source = image_source(composer, pd, pd->image_path);
    GElf_Ehdr header;
    Elf *elf = source == NULL ? NULL : elf_open(composer, pd, source, &header);
    if (elf == NULL) {
        return NULL;
    }
    image->path = source->path;
    image->entry = header.e_entry;
    bool good = segments_load(composer, image, source, elf) &&
                (image->unknown             ? true
                 : pd->symbols_path == NULL ? symbols_load(composer, image, source->path, elf)
                                            : symbols_load_from(composer, image));
    elf_end(elf);
    return good ? image : NULL;
}

const struct symbol *image_symbol(const struct image *image, const char *name)
{
    return symbol_find(image, name);
}

static bool symbol_is_unique(const struct image *image, const struct symbol *symbol)
{
    size_t count = 0;
    for (size_t i = 0; i < image->symbols.count; i++) {
        const struct symbol *other = image->symbols.items[i];
        count += text_equal(other->name, symbol->name) ? 1 : 0;
    }
    return count == 1;
}

static struct segment *segment_at(const struct image *image, uint64_t address, uint64_t length)
{
    for (size_t i = 0; i < image->segments.count; i++) {
        struct segment *segment = image->segments.items[i];
        uint64_t size = segment->page_count * PAGE;
        if (address >= segment->start && address - segment->start < size &&
            length <= size - (address - segment->start)) {
            return segment;
        }
    }
    return NULL;
}

bool image_patch(struct composer *composer, struct image *image, struct position at,
                 const char *name, const void *bytes, size_t length)
{
    struct diag *diag = &composer->diag;
    const struct symbol *symbol = symbol_find(image, name);
    if (image->unknown) {
        return true;
    }
    if (symbol == NULL) {
        return diag_error(diag, at,
                          "program image '%s' of '%s' has no symbol '%s'\n"
                          "define it as a global variable of %zu bytes%s",
                          image->path, image->pd->name, name, length,
                          strncmp(name, "microkit_", 9) == 0 ? ", or link libmicrokit" : "");
    }
    if (!symbol_is_unique(image, symbol)) {
        return diag_error(diag, at,
                          "program image '%s' of '%s' has the symbol '%s' more than once\n"
                          "rename the others, also static ones",
                          image->path, image->pd->name, name);
    }
    if (symbol->size != length) {
        return diag_error(diag, at,
                          "symbol '%s' in '%s' of '%s' has %" PRIu64 " bytes, it must have %zu\n"
                          "declare it with a type of %zu bytes",
                          name, image->path, image->pd->name, symbol->size, length, length);
    }
    struct segment *segment = segment_at(image, symbol->address, length);
    if (segment == NULL) {
        return diag_error(diag, at,
                          "symbol '%s' in '%s' of '%s' is in no loaded segment\n"
                          "define it as an ordinary global variable",
                          name, image->path, image->pd->name);
    }
    for (size_t i = 0; i < length; i++) {
        uint64_t offset = symbol->address + i - segment->start;
        unsigned char **page = &segment->pages[offset / PAGE];
        if (*page == NULL) {
            *page = arena_alloc(&composer->arena, PAGE);
        }
        (*page)[offset % PAGE] = ((const unsigned char *)bytes)[i];
    }
    return true;
}

bool image_patch_optional(struct composer *composer, struct image *image, const char *symbol,
                          const void *bytes, size_t length)
{
    return symbol_find(image, symbol) == NULL ||
           image_patch(composer, image, image->pd->image_at, symbol, bytes, length);
}
