/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The list of findings
 */
#include "lint.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void lint_add(const struct lint *lint, const struct found *found, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *buffer = capdl_format(format, args);
    va_end(args);
    const char *place = found->cap != AUTHORITY_NONE
                            ? audit_place(lint->audit, found->cap)
                            : audit_object_place(lint->audit, found->object);
    char *newline = strchr(buffer, '\n');
    size_t length = newline == NULL ? strlen(buffer) : (size_t)(newline - buffer);
    const char *remedy = newline == NULL ? "" : newline + 1;
    struct finding finding = { .name = found->name,
                               .text = text_copy(buffer, length),
                               .remedy = text_copy(remedy, strlen(remedy)),
                               .file_line = text_copy(place, strlen(place)),
                               .subject = found->subject,
                               .node = found->node };
    free(buffer);
    /* The same words about another capability of the same group say nothing new. */
    for (uint32_t i = 0; i < lint->findings->count; i++) {
        if (strcmp(lint->findings->list[i].text, finding.text) == 0) {
            free(finding.text);
            free(finding.remedy);
            free(finding.file_line);
            return;
        }
    }
    CAPDL_PUSH(lint->findings->list, lint->findings->count, lint->findings->capacity, finding);
}

uint32_t lint_holders(const struct audit *audit, uint32_t node, enum power power, uint32_t *first,
                      uint32_t *second)
{
    uint32_t count = 0;
    *first = *second = AUTHORITY_NONE;
    for (uint32_t i = 0; i < audit->system.subject_count; i++) {
        if (holds(audit, i, node, power)) {
            *second = count == 1 ? i : *second;
            *first = count == 0 ? i : *first;
            count++;
        }
    }
    return count;
}

void lint_audit(const struct flow_graph *graph, struct findings *findings)
{
    struct lint lint = { graph->audit, graph, findings };
    lint_memory(&lint);
    lint_devices(&lint);
    lint_messages(&lint);
    lint_threads(&lint);
    lint_masters(&lint);
}

void findings_free(struct findings *findings)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        free(findings->list[i].text);
        free(findings->list[i].remedy);
        free(findings->list[i].file_line);
    }
    free(findings->list);
    *findings = (struct findings){ 0 };
}

void findings_report(const struct findings *findings, struct capdl_text *out)
{
    for (uint32_t i = 0; i < findings->count; i++) {
        const struct finding *finding = &findings->list[i];
        capdl_text_printf(out, "%s: warning: %s [%s]\n  remedy: %s\n", finding->file_line,
                          finding->text, finding->name, finding->remedy);
    }
}
