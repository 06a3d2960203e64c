/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * tessera-capdl: check, print, convert, compare, pack and dump specs
 */
#include <stdio.h>
#include <string.h>

#include "verbs.h"

static const struct {
    const char *name;
    int (*run)(int argc, char **argv);
} verbs[] = {
    { "check", verb_check }, { "print", verb_print }, { "convert", verb_convert },
    { "diff", verb_diff },   { "pack", verb_pack },   { "dump", verb_dump },
};

static const char usage[] =
    "usage: tessera-capdl check [--cpp] FILE\n"
    "       tessera-capdl print [--cpp] FILE [-o OUT]\n"
    "       tessera-capdl convert [--cpp] --to xml|json|text FILE [-o OUT]\n"
    "       tessera-capdl diff [--cpp] A B\n"
    "       tessera-capdl pack FILE [--search-path DIR]... --output SPEC --payload PAYLOAD\n"
    "                          [--report REPORT]\n"
    "       tessera-capdl dump SPEC\n";

int usage_error(void)
{
    fputs(usage, stderr);
    return 2;
}

int main(int argc, char **argv)
{
    for (size_t i = 0; argc > 1 && i < sizeof(verbs) / sizeof(verbs[0]); i++) {
        if (strcmp(argv[1], verbs[i].name) == 0) {
            return verbs[i].run(argc - 2, argv + 2);
        }
    }
    if (argc > 1 && strcmp(argv[1], "--help") == 0) {
        fputs(usage, stdout);
        return 0;
    }
    return usage_error();
}
