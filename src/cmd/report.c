// SPDX-License-Identifier: MIT
#include "cmd/report.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/cmd.h"

enum { MOST_WIDTH = 100, INDENT = 11, SEEN_MAX = 512 };

static const struct column columns[] = {
    {.name = "subject", .type = COLUMN_TEXT},  {.name = "finding", .type = COLUMN_TEXT},
    {.name = "severity", .type = COLUMN_TEXT}, {.name = "seen", .type = COLUMN_TEXT},
    {.name = "means", .type = COLUMN_TEXT},    {.name = "todo", .type = COLUMN_TEXT},
};

struct report {
    const struct options *options;
    struct rows *rows; // NULL: text
    int width;
    char subject[LINK_TEXT_MAX]; // of the last finding
    bool found[FINDING_COUNT];   // about that subject
    unsigned counts[GRADE_PROBLEM + 1];
    bool began, mild;
    struct progress *progress; // NULL: none
};

struct report *report_new(const struct options *options)
{
    struct report *report = xcalloc(1, sizeof *report);

    report->options = options;
    int width = output_width();
    report->width = width > MOST_WIDTH ? MOST_WIDTH : width;
    if (options->format != ROWS_TEXT)
        report->rows = rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
    return report;
}

void report_over(struct report *report, struct progress *progress)
{
    report->progress = progress;
}

void report_mildly(struct report *report)
{
    report->mild = true;
}

// Words of a text, as many as fit on each line; begun by first on the first line, and indented.
static void print_wrapped(const struct report *report, const char *first, const char *text)
{
    char buffer[2 * SEEN_MAX], line[MOST_WIDTH * 4 + 1];
    const char *rest = plain_text(report->options, text, buffer, sizeof buffer);
    int room = report->width - 1 - INDENT;

    printf("%-*s", INDENT, first);
    while (*rest) {
        text_fit(line, sizeof line, rest, room, false, false);
        size_t fits = strlen(line);
        if (rest[fits] && rest[fits] != ' ') {
            size_t whole = fits;
            while (whole > 0 && rest[whole - 1] != ' ')
                whole--;
            fits = whole > 0 ? whole : fits; // a word that is longer than a line is cut
        }
        size_t end = fits;
        while (end > 0 && rest[end - 1] == ' ')
            end--;
        printf("%.*s\n", (int)end, rest);
        rest += fits;
        rest += strspn(rest, " ");
        if (*rest)
            printf("%*s", INDENT, "");
    }
}

static void print_finding(struct report *report, const struct finding *row, enum grade grade,
                          const char *todo, const char *seen)
{
    char first[32], line[SEEN_MAX + 64];

    snprintf(first, sizeof first, "  %s", grade_name(grade));
    snprintf(line, sizeof line, "%s: %s", row->name, seen);
    print_wrapped(report, first, line);
    if (row->means[0])
        print_wrapped(report, "", row->means);
    if (todo[0])
        print_wrapped(report, "        ->", todo);
}

static void begin_subject(struct report *report, const char *subject)
{
    if (strcmp(subject, report->subject) == 0 && report->began)
        return;
    snprintf(report->subject, sizeof report->subject, "%s", subject);
    memset(report->found, 0, sizeof report->found);
    if (!report->rows)
        printf("%s%s\n", report->began ? "\n" : "", subject);
    report->began = true;
}

void report_add(struct report *report, enum finding_key key, const char *subject, const char *todo,
                const char *seen, ...)
{
    const struct finding *row = finding(key);
    char text[SEEN_MAX], safe[SEEN_MAX], name[LINK_TEXT_MAX];
    va_list args;

    va_start(args, seen);
    vsnprintf(text, sizeof text, seen, args);
    va_end(args);
    text_escape(safe, sizeof safe, text);
    text_escape(name, sizeof name, subject);
    if (report->progress)
        progress_clear(report->progress);
    begin_subject(report, name);
    report->found[key] = true;
    enum grade grade = report->mild && row->grade == GRADE_PROBLEM ? GRADE_HINT : row->grade;
    report->counts[grade]++;
    if (!todo)
        todo = row->todo;
    if (!report->rows) {
        print_finding(report, row, grade, todo, safe);
        fflush(stdout);
        return;
    }
    const struct field fields[] = {
        {.text = name}, {.text = row->name},  {.text = grade_name(grade)},
        {.text = safe}, {.text = row->means}, {.text = todo},
    };
    rows_add(report->rows, fields);
}

bool report_has(const struct report *report, enum finding_key key, const char *subject)
{
    char name[LINK_TEXT_MAX];

    return strcmp(text_escape(name, sizeof name, subject), report->subject) == 0 &&
           report->found[key];
}

static void print_summary(const struct report *report)
{
    unsigned problems = report->counts[GRADE_PROBLEM], hints = report->counts[GRADE_HINT];

    if (problems == 0 && hints == 0)
        printf("\nNothing is wrong.\n");
    else
        printf("\n%u problem%s, %u hint%s.\n", problems, problems == 1 ? "" : "s", hints,
               hints == 1 ? "" : "s");
}

int report_end(struct report *report, int status)
{
    if (status == EXIT_DONE && report->counts[GRADE_PROBLEM] > 0)
        status = EXIT_REFUSED;
    if (report->rows) {
        status = finish_rows(report->rows, status);
    } else {
        if (report->began)
            print_summary(report);
        status = finish_text(status);
    }
    free(report);
    return status;
}
