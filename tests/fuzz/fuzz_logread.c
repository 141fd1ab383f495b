// SPDX-License-Identifier: MIT
// A log that somebody else may have written, read for a graph: CSV, JSON lines, or what says that
// it is a database.
#include <math.h>
#include <string.h>

#include "fuzz.h"
#include "store/logread.h"

const char fuzz_name[] = "logread";

enum { VALUES_MAX = 4, COLUMNS = 8 };

struct found {
    struct logread_value values[VALUES_MAX];
    size_t count;
};

static void take(void *arg, const struct logread_value *value)
{
    struct found *found = arg;

    must(memchr(value->device, '\0', sizeof value->device));
    fuzz_check_text(value->device, false);
    if (found->count < VALUES_MAX)
        found->values[found->count++] = *value;
}

static void check_failure(const struct logread *log)
{
    must(logread_error(log)[0]);
    fuzz_check_text(logread_error(log), false);
}

static void check_spans(struct logread *log, const struct found *found, int64_t from, int64_t until)
{
    struct span spans[VALUES_MAX][COLUMNS], *out[VALUES_MAX];

    memset(spans, 0xA5, sizeof spans);
    for (size_t i = 0; i < VALUES_MAX; i++)
        out[i] = spans[i];
    if (logread_spans(log, found->values, found->count, from, until, out, COLUMNS) != XC_OK) {
        check_failure(log);
        return;
    }
    for (size_t i = 0; i < found->count; i++)
        for (size_t j = 0; j < COLUMNS; j++)
            must(spans[i][j].count == 0 || spans[i][j].min <= spans[i][j].max);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char error[LOGREAD_ERROR_MAX] = "";
    struct found found = {.count = 0};
    struct logread *log;
    int64_t first = 0, last = 0;

    if (logread_open(fuzz_file(bytes, length), &log, error, sizeof error) != XC_OK) {
        must(error[0]);
        fuzz_check_text(error, false);
        return 0;
    }
    if (logread_bounds(log, &first, &last) != XC_OK)
        check_failure(log);
    else
        must(first <= last);
    if (logread_list(log, take, &found) != XC_OK)
        check_failure(log);
    else if (found.count > 0)
        check_spans(log, &found, first, last + 1);
    logread_close(log);
    return 0;
}
