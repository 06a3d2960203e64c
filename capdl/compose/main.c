/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The command tessera-compose
 *
 * Exit status: 0 composed, 1 the description is wrong (messages on standard error), 2 the
 * command line is wrong or the output directory cannot be made.
 */
#define _POSIX_C_SOURCE 200809L /* fileno(), fstat(), mkdir() */

#include "text.h"

#include <compose/compose.h>
#include <compose/number.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

static const char USAGE[] =
    "usage: tessera-compose SYSTEM.XML [--check] [--param NAME=VALUE]... [--search-path DIR]...\n"
    "                       [--cores N] [--ram-top ADDRESS] [--any-ram] [--image-at ADDRESS]\n"
    "                       [--kernel-range START:SIZE]... [--monitor FILE]\n"
    "                       [--output-dir DIR] [--report FILE]\n"
    "\n"
    "Reads a system description, checks it, and writes DIR/system.cdl and the contents of all\n"
    "programs and regions beside it. --check only checks; the programs need not be there.\n";

enum { KERNEL_RANGES = 64 };

struct command {
    struct compose_options options;
    struct arena arena;
    const char *output;
    const char *report;
    struct list search_paths;
    uint64_t kernel_ranges[KERNEL_RANGES][2];
};

static bool file_read(void *context, const char *path, char **bytes, size_t *length)
{
    (void)context;
    struct stat status;
    FILE *file = fopen(path, "rb");
    if (file == NULL || fstat(fileno(file), &status) != 0 || !S_ISREG(status.st_mode)) {
        if (file != NULL) {
            fclose(file);
        }
        return false;
    }
    size_t size = (size_t)status.st_size;
    char *contents = malloc(size + 1);
    bool good = contents != NULL && fread(contents, 1, size, file) == size;
    fclose(file);
    if (!good) {
        free(contents);
        return false;
    }
    *bytes = contents;
    *length = size;
    return true;
}

static bool path_write(const char *path, const char *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");
    if (file == NULL) {
        return false;
    }
    bool good = fwrite(bytes, 1, length, file) == length;
    return fclose(file) == 0 && good;
}

static bool output_write(void *context, const char *name, const char *bytes, size_t length)
{
    struct command *command = context;
    return path_write(arena_format(&command->arena, "%s/%s", command->output, name), bytes, length);
}

static bool usage_error(const char *message, const char *word)
{
    fprintf(stderr, "tessera-compose: %s '%s'\n%s", message, word, USAGE);
    return false;
}

/* Takes START:SIZE. */
static bool range_add(struct command *command, const char *word)
{
    const char *colon = strchr(word, ':');
    uint64_t *range = command->kernel_ranges[command->options.kernel_range_count];
    if (command->options.kernel_range_count == KERNEL_RANGES || colon == NULL ||
        !number_parse(arena_copy(&command->arena, word, (size_t)(colon - word)), &range[0]) ||
        !number_parse(colon + 1, &range[1]) || range[1] > UINT64_MAX - range[0]) {
        return usage_error("--kernel-range needs START:SIZE, at most 64 times, not", word);
    }
    command->options.kernel_range_count++;
    return true;
}

static bool parameter_add(struct command *command, struct compose_parameter *parameters,
                          const char *word)
{
    const char *equals = strchr(word, '=');
    if (equals == NULL) {
        return usage_error("--param needs NAME=VALUE, not", word);
    }
    struct compose_parameter *parameter = &parameters[command->options.parameter_count++];
    parameter->name = arena_copy(&command->arena, word, (size_t)(equals - word));
    parameter->value = equals + 1;
    return true;
}

/* Takes one option with its value. */
static bool option_take(struct command *command, struct compose_parameter *parameters,
                        const char *option, char *value)
{
    uint64_t number = 0;
    if (value == NULL) {
        return usage_error("a value must follow", option);
    }
    if (text_equal(option, "--param")) {
        return parameter_add(command, parameters, value);
    }
    if (text_equal(option, "--kernel-range")) {
        return range_add(command, value);
    }
    if (text_equal(option, "--search-path")) {
        list_add(&command->arena, &command->search_paths, value);
    } else if (text_equal(option, "--output-dir")) {
        command->output = value;
    } else if (text_equal(option, "--monitor")) {
        command->options.monitor = value;
    } else if (text_equal(option, "--report")) {
        command->report = value;
    } else if (text_equal(option, "--cores")) {
        if (!number_parse(value, &number) || number < 1 || number > 64) {
            return usage_error("--cores needs a number from 1 to 64, not", value);
        }
        command->options.cores = (unsigned)number;
    } else if (text_equal(option, "--image-at")) {
        if (!number_parse(value, &command->options.image_at)) {
            return usage_error("--image-at needs an address, not", value);
        }
    } else if (text_equal(option, "--ram-top")) {
        if (!number_parse(value, &command->options.ram_top)) {
            return usage_error("--ram-top needs an address, not", value);
        }
    } else {
        return usage_error("unknown option", option);
    }
    return true;
}

static bool command_parse(struct command *command, int count, char **words)
{
    struct compose_parameter *parameters =
        arena_alloc(&command->arena, (size_t)count * sizeof(*parameters));
    for (int i = 1; i < count; i++) {
        const char *word = words[i];
        if (text_equal(word, "--check")) {
            command->options.check_only = true;
        } else if (text_equal(word, "--any-ram")) {
            command->options.any_ram = true;
        } else if (word[0] == '-') {
            if (!option_take(command, parameters, word, i + 1 < count ? words[i + 1] : NULL)) {
                return false;
            }
            i++;
        } else if (command->options.description != NULL) {
            return usage_error("a second description", word);
        } else {
            command->options.description = word;
        }
    }
    if (command->options.description == NULL) {
        return usage_error("the description is missing, as in", "system.xml");
    }
    if (command->output == NULL && !command->options.check_only) {
        return usage_error("without --check there must be", "--output-dir DIR");
    }
    command->options.kernel_ranges = (const uint64_t(*)[2])command->kernel_ranges;
    command->options.parameters = parameters;
    command->options.search_path_count = command->search_paths.count;
    const char **paths = arena_alloc(&command->arena, command->search_paths.count * sizeof(*paths));
    for (size_t i = 0; i < command->search_paths.count; i++) {
        paths[i] = command->search_paths.items[i];
    }
    command->options.search_paths = paths;
    return true;
}

static int command_run(struct command *command)
{
    struct compose_files files = { command, file_read, output_write };
    struct compose_result result = { 0 };
    if (!command->options.check_only && mkdir(command->output, 0777) != 0 && errno != EEXIST) {
        fprintf(stderr, "tessera-compose: cannot make the directory '%s': %s\n", command->output,
                strerror(errno));
        return 2;
    }
    if (!command->options.check_only) {
        /* What an earlier run left must not pass for the result of this one. */
        remove(arena_format(&command->arena, "%s/system.cdl", command->output));
    }
    bool good = compose(&command->options, &files, &result);
    fputs(result.messages, stderr);
    if (good && command->options.check_only) {
        printf("%s: correct\n", command->options.description);
    }
    int status = good ? 0 : 1;
    if (good && command->report != NULL &&
        !path_write(command->report, result.report, strlen(result.report))) {
        fprintf(stderr, "tessera-compose: cannot write the report '%s'\n", command->report);
        status = 2;
    }
    compose_result_free(&result);
    return status;
}

int main(int count, char **words)
{
    struct command command = { 0 };
    if (count == 2 && (text_equal(words[1], "--help") || text_equal(words[1], "-h"))) {
        fputs(USAGE, stdout);
        return 0;
    }
    int status = command_parse(&command, count, words) ? command_run(&command) : 2;
    arena_free(&command.arena);
    return status;
}
