// SPDX-License-Identifier: MIT
// Rows as aligned text, CSV and JSON lines.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <float.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "store/rows.h"

static const struct column columns[] = {
    {.name = "device", .type = COLUMN_TEXT},
    {.name = "id", .type = COLUMN_INT, .right = true},
    {.name = "value", .type = COLUMN_NUMBER, .right = true},
    {.name = "quality", .type = COLUMN_TEXT, .hidden_in_text = true},
    {.name = "name", .type = COLUMN_TEXT},
};
enum { COLUMNS = sizeof columns / sizeof *columns };

static const struct column number_column = {.name = "n", .type = COLUMN_NUMBER};
static const struct column text_column = {.name = "t", .type = COLUMN_TEXT};
static const struct column time_column = {.name = "time", .type = COLUMN_TIME};

// What was written with one column and one field. The caller frees it.
static char *one(enum row_format format, const struct column *column, struct field field)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct rows *rows = rows_new(out, format, column, 1);
    rows_add(rows, &field);
    assert_int_equal(rows_flush(rows), XC_OK);
    rows_free(rows);
    fclose(out);
    return text;
}

static void assert_one(enum row_format format, const struct column *column, struct field field,
                       const char *expected)
{
    char *text = one(format, column, field);
    assert_string_equal(text, expected);
    free(text);
}

static void assert_number(double number, int decimals, const char *expected)
{
    char line[400];
    snprintf(line, sizeof line, "{\"n\":%s}\n", expected);
    assert_one(ROWS_JSONL, &number_column, (struct field){.number = number, .decimals = decimals},
               line);
}

static void add_two(struct rows *rows)
{
    rows_add(rows, (struct field[]){{.text = "XT1"},
                                    {.integer = 3000},
                                    {.number = 12.359375, .decimals = 2},
                                    {.text = "fresh"},
                                    {.text = "Battery voltage, \"minimum\""}});
    rows_add(rows, (struct field[]){{.text = "XT.sum"},
                                    {.integer = 11},
                                    {.number = (double)NAN, .decimals = 2},
                                    {.text = NULL},
                                    {.text = "°C"}});
}

static void assert_two(enum row_format format, const char *expected)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct rows *rows = rows_new(out, format, columns, COLUMNS);
    add_two(rows);
    assert_int_equal(rows_flush(rows), XC_OK);
    rows_free(rows);
    fclose(out);
    assert_string_equal(text, expected);
    free(text);
}

static void the_same_rows_in_every_format(void **state)
{
    (void)state;
    assert_two(ROWS_TEXT, "XT1     3000  12.36  Battery voltage, \"minimum\"\n"
                          "XT.sum    11     --  °C\n");
    assert_two(ROWS_CSV, "device,id,value,quality,name\n"
                         "XT1,3000,12.36,fresh,\"Battery voltage, \"\"minimum\"\"\"\n"
                         "XT.sum,11,,,°C\n");
    assert_two(ROWS_JSONL, "{\"device\":\"XT1\",\"id\":3000,\"value\":12.36,\"quality\":\"fresh\","
                           "\"name\":\"Battery voltage, \\\"minimum\\\"\"}\n"
                           "{\"device\":\"XT.sum\",\"id\":11,\"value\":null,\"quality\":null,"
                           "\"name\":\"°C\"}\n");
}

static void text_is_aligned_by_columns_not_bytes_without_trailing_blanks(void **state)
{
    (void)state;
    static const struct column three[] = {
        {.name = "a"}, {.name = "b", .right = true}, {.name = "c"}};
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct rows *rows = rows_new(out, ROWS_TEXT, three, 3);
    rows_add(rows, (struct field[]){{.text = "°°°"}, {.text = "1"}, {.text = "x"}});
    rows_add(rows, (struct field[]){{.text = "abcde"}, {.text = "µµ"}, {.text = ""}});
    rows_add(rows, (struct field[]){{.text = ""}, {.text = ""}, {.text = "y"}});
    rows_add(rows, (struct field[]){{.text = "z"}, {.text = NULL}, {.text = NULL}});
    rows_flush(rows);
    fclose(out);
    rows_free(rows);
    assert_string_equal(text, "°°°     1  x\n"
                              "abcde  µµ\n"
                              "           y\n"
                              "z\n");
    free(text);
}

static void headings_come_once_and_widths_are_kept(void **state)
{
    (void)state;
    static const struct column two[] = {{.name = "n", .heading = "Number", .right = true},
                                        {.name = "t", .heading = "Text"}};
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct rows *rows = rows_new(out, ROWS_TEXT, two, 2);
    rows_add(rows, (struct field[]){{.text = "12345678"}, {.text = "x"}});
    rows_flush(rows);
    rows_add(rows, (struct field[]){{.text = "1"}, {.text = "y"}});
    rows_flush(rows);
    rows_add(rows, (struct field[]){{.text = "not flushed"}, {.text = "z"}});
    rows_free(rows);
    fclose(out);
    assert_string_equal(text, "  Number  Text\n"
                              "12345678  x\n"
                              "       1  y\n");
    free(text);
}

static void csv_has_its_header_without_rows(void **state)
{
    (void)state;
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    struct rows *rows = rows_new(out, ROWS_CSV, columns, COLUMNS);
    rows_flush(rows);
    rows_flush(rows);
    rows_free(rows);
    fclose(out);
    assert_string_equal(text, "device,id,value,quality,name\n");
    free(text);
}

static void csv_and_json_are_written_at_once(void **state)
{
    (void)state;
    for (enum row_format format = ROWS_TEXT; format <= ROWS_JSONL; format++) {
        char *text = NULL;
        size_t length;
        FILE *out = open_memstream(&text, &length);
        struct rows *rows = rows_new(out, format, columns, COLUMNS);
        add_two(rows);
        fflush(out);
        assert_int_equal(length > 0, format != ROWS_TEXT);
        rows_free(rows);
        fclose(out);
        free(text);
    }
}

static void numbers_are_shortest_where_asked(void **state)
{
    (void)state;
    assert_number((double)0.1f, -1, "0.1");
    assert_number(0.1, -1, "0.1");
    assert_number(12.359375, -1, "12.359375");
    assert_number((double)16.3f, -1, "16.3");
    assert_number((double)-48.2f, -1, "-48.2");
    assert_number(-0.0, -1, "0");
    assert_number(60, -1, "60");
    assert_number(1e6, -1, "1000000");
    assert_number(4294967295.0, -1, "4294967295"); // a LONG_ENUM is no float
    assert_number(-2147483648.0, -1, "-2147483648");
    assert_number(1.0 / 3, -1, "0.3333333333333333");
    assert_number((double)(1.0f / 3), -1, "0.33333334");
    assert_number(0.1 + 0.2, -1, "0.30000000000000004"); // all 17 digits
    assert_number((double)1.5e-5f, -1, "0.000015");
    assert_number((double)1e-20f, -1, "1e-20");
    assert_number((double)3e20f, -1, "3e+20");
    assert_number((double)FLT_MAX, -1, "3.4028235e+38");
    assert_number(1e300, -1, "1e+300");
    assert_number(12.359375, 2, "12.36");
    assert_number(-0.001, 1, "0.0");
    assert_number(2, 3, "2.000");
}

static void shortest_numbers_come_back_as_the_same_float(void **state)
{
    (void)state;
    uint32_t bits = 1;
    for (int i = 0; i < 20000; i++) {
        float number;
        bits = bits * 1664525u + 1013904223u;
        memcpy(&number, &bits, sizeof number);
        if (!isfinite(number))
            continue;
        char *text = one(ROWS_JSONL, &number_column,
                         (struct field){.number = (double)number, .decimals = -1});
        assert_true(strtof(text + strlen("{\"n\":"), NULL) == number);
        free(text);
    }
}

static void what_is_no_number_is_null_or_empty(void **state)
{
    (void)state;
    static const struct column int_column = {.name = "i", .type = COLUMN_INT};
    assert_number((double)NAN, 1, "null");
    assert_number((double)INFINITY, -1, "null");
    assert_number(-(double)INFINITY, 1, "null");
    assert_one(ROWS_CSV, &number_column, (struct field){.number = (double)NAN}, "n\n\n");
    assert_one(ROWS_TEXT, &number_column, (struct field){.number = (double)NAN}, "--\n");
    assert_one(ROWS_JSONL, &int_column, (struct field){.integer = ROW_NONE}, "{\"i\":null}\n");
    assert_one(ROWS_JSONL, &int_column, (struct field){.integer = 0}, "{\"i\":0}\n");
    assert_one(ROWS_JSONL, &int_column, (struct field){.integer = INT64_MAX},
               "{\"i\":9223372036854775807}\n");
    assert_one(ROWS_JSONL, &time_column, (struct field){.integer = ROW_NONE}, "{\"time\":null}\n");
    assert_one(ROWS_JSONL, &text_column, (struct field){.text = NULL}, "{\"t\":null}\n");
    assert_one(ROWS_JSONL, &text_column, (struct field){.text = ""}, "{\"t\":\"\"}\n");
}

static void hostile_text_stays_one_harmless_line(void **state)
{
    (void)state;
    // A new line, ESC, a C1 control, a backslash, a byte that isn't UTF-8, a change of direction.
    struct field field = {.text = "a\nb\x1B[2Jc\xC2\x9B"
                                  "d\\e\xFFg\xE2\x80\xAEh"};
    assert_one(ROWS_TEXT, &text_column, field, "a\\x0Ab\\x1B[2Jc\\x9Bd\\e\xEF\xBF\xBDg\\u202Eh\n");
    assert_one(ROWS_CSV, &text_column, field,
               "t\na\\x0Ab\\x1B[2Jc\\x9Bd\\e\xEF\xBF\xBDg\\u202Eh\n");
    assert_one(ROWS_JSONL, &text_column, field,
               "{\"t\":\"a\\nb\\u001B[2Jc\\u009Bd\\\\e\xEF\xBF\xBDg\\u202Eh\"}\n");
    assert_one(ROWS_CSV, &text_column, (struct field){.text = "1,5"}, "t\n\"1,5\"\n");
    assert_one(ROWS_CSV, &(struct column){.name = "a, \"b\"", .type = COLUMN_INT},
               (struct field){.integer = 1}, "\"a, \"\"b\"\"\"\n1\n");
    assert_one(ROWS_JSONL, &text_column, (struct field){.text = "\x01\x01\x01\x01"},
               "{\"t\":\"\\u0001\\u0001\\u0001\\u0001\"}\n");
    assert_one(ROWS_TEXT, &text_column, (struct field){.text = "\x01\x01\x01\x01"},
               "\\x01\\x01\\x01\\x01\n");
}

static void times_are_local_with_offset_and_milliseconds(void **state)
{
    (void)state;
    static const struct {
        const char *zone;
        int64_t time;
        const char *text;
    } cases[] = {
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1795266202123456, "2026-11-21T14:03:22.123+01:00"},
        {"CET-1CEST,M3.5.0,M10.5.0/3", 1782048202999999, "2026-06-21T15:23:22.999+02:00"},
        {"UTC0", 1795266202123456, "2026-11-21T13:03:22.123+00:00"},
        {"NST3:30", 1795266202000999, "2026-11-21T09:33:22.000-03:30"},
        {"ABC0:30", 0, "1969-12-31T23:30:00.000-00:30"},
        {"UTC0", -1, "1969-12-31T23:59:59.999+00:00"},
        {"UTC0", -1000000, "1969-12-31T23:59:59.000+00:00"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char line[100];
        setenv("TZ", cases[i].zone, 1);
        tzset();
        snprintf(line, sizeof line, "{\"time\":\"%s\"}\n", cases[i].text);
        assert_one(ROWS_JSONL, &time_column, (struct field){.integer = cases[i].time}, line);
        snprintf(line, sizeof line, "%s\n", cases[i].text);
        assert_one(ROWS_TEXT, &time_column, (struct field){.integer = cases[i].time}, line);
    }
}

static void a_full_disk_is_reported(void **state)
{
    (void)state;
    for (enum row_format format = ROWS_TEXT; format <= ROWS_JSONL; format++) {
        FILE *out = fopen("/dev/full", "w");
        if (!out)
            skip();
        struct rows *rows = rows_new(out, format, columns, COLUMNS);
        for (int i = 0; i < 1000; i++)
            add_two(rows);
        errno = 0;
        assert_int_equal(rows_flush(rows), XC_IO);
        assert_int_equal(errno, ENOSPC);
        errno = 0;
        assert_int_equal(rows_flush(rows), XC_IO); // and it isn't forgotten
        assert_int_equal(errno, ENOSPC);
        rows_free(rows);
        fclose(out);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_rows_in_every_format),
        cmocka_unit_test(text_is_aligned_by_columns_not_bytes_without_trailing_blanks),
        cmocka_unit_test(headings_come_once_and_widths_are_kept),
        cmocka_unit_test(csv_has_its_header_without_rows),
        cmocka_unit_test(csv_and_json_are_written_at_once),
        cmocka_unit_test(numbers_are_shortest_where_asked),
        cmocka_unit_test(shortest_numbers_come_back_as_the_same_float),
        cmocka_unit_test(what_is_no_number_is_null_or_empty),
        cmocka_unit_test(hostile_text_stays_one_harmless_line),
        cmocka_unit_test(times_are_local_with_offset_and_milliseconds),
        cmocka_unit_test(a_full_disk_is_reported),
    };
    setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests_name("rows", tests, NULL, NULL);
}
