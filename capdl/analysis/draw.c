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

enum { PATH_BYTES = 4096 };

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

/* A file beside another, or where that one is. */
static bool beside_read(const char *other, const char *name, struct capdl_text *out)
{
    char path[PATH_BYTES];
    const char *slash = other == NULL ? NULL : strrchr(other, '/');
    int folder = slash == NULL ? 0 : (int)(slash - other) + 1;
    if (snprintf(path, sizeof(path), "%.*s%s", folder, other == NULL ? "" : other, name) >=
        PATH_BYTES) {
        return false;
    }
    FILE *file = fopen(path, "rb");
    char buffer[65536];
    size_t got;
    while (file != NULL && (got = fread(buffer, 1, sizeof(buffer), file)) > 0) {
        capdl_text_add(out, buffer, got);
    }
    if (file != NULL) {
        fclose(file);
    }
    return out->length > 0;
}

/* The files that the capDL was composed from, where they are to be found. */
static void sources_read(struct audit *audit)
{
    char name[PATH_BYTES];
    for (uint32_t i = 1; i < audit->line_count; i++) {
        struct capdl_text text = { 0 };
        if (!audit_source_wanted(audit, i, name, sizeof(name))) {
            continue;
        }
        if (!beside_read(audit->origin_path, name, &text) &&
            !beside_read(audit->file, name, &text)) {
            fprintf(stderr,
                    "%s: warning: %s is not found: the page will not show its lines\n"
                    "  remedy: put it beside the capDL file\n",
                    audit->file, name);
        }
        audit_source_add(audit, name, text.bytes == NULL ? "" : text.bytes, text.length);
        capdl_text_free(&text);
    }
}

/* Without what stands before the element: a page has its own. */
static void svg_trim(struct capdl_text *svg)
{
    const char *start = svg->bytes == NULL ? NULL : strstr(svg->bytes, "<svg");
    if (start != NULL) {
        size_t skipped = (size_t)(start - svg->bytes);
        memmove(svg->bytes, start, svg->length - skipped + 1);
        svg->length -= skipped;
    }
}

static bool pictures_make(const struct picture *picture, bool is_page, struct picture_svg *svg)
{
    struct capdl_text whole = { 0 };
    struct capdl_text groups = { 0 };
    picture_dot(picture, !is_page, &whole);
    bool good = svg_make(&whole, &svg->whole);
    if (good && is_page) {
        picture_groups_dot(picture, &groups, &svg->merged);
        good = svg_make(&groups, &svg->groups);
        svg_trim(&svg->whole);
        svg_trim(&svg->groups);
    }
    capdl_text_free(&whole);
    capdl_text_free(&groups);
    return good;
}

int verb_draw(struct audit *audit, const char *policies, bool is_page, const char *path)
{
    struct flow_graph *graph = flow_graph_make(audit);
    struct picture *picture = picture_make(graph);
    struct picture_svg svg = { 0 };
    struct capdl_text page = { 0 };
    bool good = pictures_make(picture, is_page, &svg);
    if (good && is_page) {
        sources_read(audit);
        picture_html(picture, &svg, policies, &page);
    }
    good = good && file_write(path, is_page ? &page : &svg.whole);
    capdl_text_free(&svg.whole);
    capdl_text_free(&svg.groups);
    capdl_text_free(&svg.merged);
    capdl_text_free(&page);
    picture_free(picture);
    flow_graph_free(graph);
    return good ? 0 : 2;
}
