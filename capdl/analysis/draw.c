/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * Files with pictures: graphviz is called as a program
 */
#define _POSIX_C_SOURCE 200809L /* fork(), pipe(), fdopen() */

#include "verbs.h"

#include "analysis/picture.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Reads what the child writes, to the end. */
static void pipe_drain(int end, struct capdl_text *out)
{
    char buffer[65536];
    ssize_t got;
    while ((got = read(end, buffer, sizeof(buffer))) > 0) {
        capdl_text_add(out, buffer, (size_t)got);
    }
    close(end);
}

/* Runs `dot -Tsvg` on a temporary file, so that no pipe can fill up in both directions. */
static bool svg_make(const struct capdl_text *dot, struct capdl_text *svg)
{
    int ends[2];
    int status = 1;
    FILE *input = tmpfile();
    bool good = input != NULL && fwrite(dot->bytes, 1, dot->length, input) == dot->length &&
                fflush(input) == 0 && fseek(input, 0, SEEK_SET) == 0 && pipe(ends) == 0;
    if (good) {
        pid_t child = fork();
        if (child == 0) {
            dup2(fileno(input), STDIN_FILENO);
            dup2(ends[1], STDOUT_FILENO);
            close(ends[0]);
            close(ends[1]);
            execlp("dot", "dot", "-Tsvg", (char *)NULL);
            _exit(127);
        }
        close(ends[1]);
        pipe_drain(ends[0], svg);
        good = child > 0 && waitpid(child, &status, 0) == child && status == 0;
    }
    if (input != NULL) {
        fclose(input);
    }
    if (!good) {
        fprintf(stderr,
                "tessera-audit: error: the picture cannot be laid out%s\n"
                "  remedy: install graphviz, whose program dot is needed\n",
                WIFEXITED(status) && WEXITSTATUS(status) == 127 ? ": there is no program dot" : "");
    }
    return good;
}

static bool file_write(const char *path, const struct capdl_text *text)
{
    FILE *file = strcmp(path, "-") == 0 ? stdout : fopen(path, "wb");
    bool good = file != NULL && fwrite(text->bytes, 1, text->length, file) == text->length &&
                fflush(file) == 0;
    if (file != NULL && file != stdout && fclose(file) != 0) {
        good = false;
    }
    if (!good) {
        fprintf(stderr, "%s: error: cannot write: %s\n", path, strerror(errno));
    }
    return good;
}

int verb_draw(const struct flow_graph *graph, bool is_page, const char *path)
{
    struct capdl_text dot = { 0 };
    struct capdl_text svg = { 0 };
    struct capdl_text page = { 0 };
    picture_dot(graph, &dot);
    bool good = svg_make(&dot, &svg);
    if (good && is_page) {
        const char *start = strstr(svg.bytes, "<svg");
        start = start == NULL ? svg.bytes : start;
        picture_html(graph, start, svg.length - (size_t)(start - svg.bytes), &page);
    }
    good = good && file_write(path, is_page ? &page : &svg);
    capdl_text_free(&dot);
    capdl_text_free(&svg);
    capdl_text_free(&page);
    return good ? 0 : 2;
}
