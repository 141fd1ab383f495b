// SPDX-License-Identifier: MIT
// ui/plot: spans as dots and characters.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ui/plot.h"

enum { WIDTH = 60, HEIGHT = 14, MOST = 128, SIDE = 8 };
#define SECOND ((int64_t)1000000)

static const struct rect area = {0, 0, WIDTH, HEIGHT};
static struct span spans[PLOT_SERIES_MAX][MOST];
static struct canvas canvas;
static struct plot plot;

static void begin(bool ascii, size_t count)
{
    canvas_init(&canvas, WIDTH, HEIGHT, ascii);
    memset(spans, 0, sizeof spans);
    plot = (struct plot){.from = 1795000000 * SECOND,
                         .length = 10 * SECOND,
                         .count = count,
                         .front = SIZE_MAX,
                         .cursor = SIZE_MAX};
    for (size_t i = 0; i < count; i++)
        plot.series[i] = (struct plot_series){.unit = "kW", .spans = spans[i]};
    plot.columns = plot_columns(area, ascii, 1);
    assert_in_range(plot.columns, 1, MOST);
}

static void end(void)
{
    canvas_free(&canvas);
}

static const struct cell *cell(int x, int y)
{
    return &canvas.cells[y * WIDTH + x];
}

static unsigned count_of(uint32_t from, uint32_t until, enum role role)
{
    unsigned count = 0;

    for (int i = 0; i < WIDTH * HEIGHT; i++)
        count += canvas.cells[i].character >= from && canvas.cells[i].character <= until &&
                 canvas.cells[i].role == role;
    return count;
}

static unsigned braille(enum role role)
{
    return count_of(0x2801, 0x28FF, role);
}

static void every_column_has_its_place(void **state)
{
    (void)state;
    begin(false, 1);
    for (size_t c = 0; c < plot.columns; c++)
        span_add(&spans[0][c], 1);
    assert_int_equal(plot_draw(&canvas, area, &plot), 0);
    // A line of the whole width, with its number on it.
    assert_int_equal(braille(ROLE_LINE_1) + count_of('1', '1', ROLE_LINE_1), WIDTH - SIDE - 1);
    assert_true(count_of('1', '1', ROLE_LINE_1) >= 2);
    assert_int_equal(cell(WIDTH - 2, 0)->role == ROLE_LINE_1, 0);
    end();
}

static void in_ascii_the_number_is_the_line(void **state)
{
    (void)state;
    begin(true, 2);
    for (size_t c = 0; c < plot.columns; c++) {
        span_add(&spans[0][c], 1);
        span_add(&spans[1][c], 5);
    }
    plot_draw(&canvas, area, &plot);
    assert_int_equal(count_of('1', '1', ROLE_LINE_1), plot.columns);
    assert_int_equal(count_of('2', '2', ROLE_LINE_2), plot.columns);
    end();
}

static void gaps_stay_gaps(void **state)
{
    (void)state;
    begin(true, 1);
    for (size_t c = 0; c < plot.columns; c++)
        if (c < 10 || c > 20)
            span_add(&spans[0][c], 1);
    plot_draw(&canvas, area, &plot);
    assert_int_equal(count_of('1', '1', ROLE_LINE_1), plot.columns - 11);
    for (int x = SIDE + 10; x <= SIDE + 20; x++)
        for (int y = 0; y < HEIGHT - 2; y++)
            assert_true(cell(x, y)->role != ROLE_LINE_1);
    end();
}

// A value that is logged once a minute in columns of ten seconds.
static void what_comes_seldom_is_one_line(void **state)
{
    (void)state;
    begin(true, 1);
    for (size_t c = 0; c < plot.columns; c += 6)
        if (c != 18 && c != 24)
            span_add(&spans[0][c], 1);
    plot_draw(&canvas, area, &plot);
    // From 12 to 30 it is silent for longer than usual.
    assert_true(cell(SIDE + 3, 3)->role == ROLE_LINE_1 || count_of('1', '1', ROLE_LINE_1) > 13);
    for (int x = SIDE + 13; x < SIDE + 30; x++)
        for (int y = 0; y < HEIGHT - 2; y++)
            assert_true(cell(x, y)->role != ROLE_LINE_1);
    assert_int_equal(count_of('1', '1', ROLE_LINE_1), (plot.columns - 1) / 6 * 6 + 1 - 17);
    end();
}

static void a_spike_reaches_its_height(void **state)
{
    (void)state;
    for (int n = 0; n < 4; n++) {
        bool ascii = n % 2;
        size_t at = 20 + (size_t)n / 2; // whichever dots the shade leaves out
        begin(ascii, 1);
        for (size_t c = 0; c < plot.columns; c++)
            for (int i = 0; i < 100; i++)
                span_add(&spans[0][c], c == at && i == 50 ? 10 : 1);
        plot_draw(&canvas, area, &plot);
        int x = plot_x(area, ascii, at), top = HEIGHT;
        for (int y = HEIGHT - 3; y >= 0; y--)
            if (cell(x, y)->role == ROLE_LINE_1)
                top = y;
        assert_int_equal(top, 1); // below the row with the unit
        assert_true(ascii || cell(x, top)->character & (at % 2 ? 0x08 : 0x01));
        assert_true(cell(x + 1, 2)->role != ROLE_LINE_1);
        end();
    }
}

static void units_have_axes_and_then_panels(void **state)
{
    (void)state;
    static const char *const units[] = {"kW", "V", "%", "A", "kW", "C"};

    for (size_t count = 1; count <= PLOT_SERIES_MAX; count++) {
        begin(false, count);
        for (size_t i = 0; i < count; i++)
            plot.series[i].unit = units[i];
        unsigned different = (unsigned)(count < 5 ? count : count - 1);
        assert_int_equal(plot_units(&plot), different);
        plot.columns = plot_columns(area, false, different);
        assert_int_equal(plot.columns, 2 * (WIDTH - SIDE - (count > 1 ? SIDE : 1)));
        for (size_t i = 0; i < count; i++)
            for (size_t c = 0; c < plot.columns; c++)
                span_add(&spans[i][c], i % 2 ? (double)c : (double)i + 1); // apart
        assert_int_equal(plot_draw(&canvas, area, &plot), 0);
        for (size_t i = 0; i < count; i++)
            assert_true(braille((enum role)(ROLE_LINE_1 + i)) > 0);
        end();
    }
}

static void what_has_no_room_is_told(void **state)
{
    (void)state;
    static const char *const units[] = {"kW", "V", "%", "A", "Hz", "C"};
    const struct rect low = {0, 0, WIDTH, 7};

    begin(false, 6);
    for (size_t i = 0; i < 6; i++) {
        plot.series[i].unit = units[i];
        for (size_t c = 0; c < MOST; c++)
            span_add(&spans[i][c], 1);
    }
    plot.columns = plot_columns(low, false, 6);
    // Two panels of two units.
    assert_int_equal(plot_draw(&canvas, low, &plot), 0x30);
    // What is in front is always among them.
    plot.front = 5;
    assert_int_equal(plot_draw(&canvas, low, &plot), 0x03);
    assert_int_equal(plot_columns((struct rect){0, 0, 8, 7}, false, 1), 0);
    assert_int_equal(plot_draw(&canvas, (struct rect){0, 0, 8, 7}, &plot), 0x3F);
    assert_int_equal(plot_draw(&canvas, (struct rect){0, 0, WIDTH, 2}, &plot), 0x3F);
    end();
}

static void the_cursor_marks_its_column(void **state)
{
    (void)state;
    begin(false, 1);
    for (size_t c = 0; c < plot.columns; c++)
        span_add(&spans[0][c], 1);
    plot.cursor = 31;
    plot_draw(&canvas, area, &plot);
    int x = plot_x(area, false, 31);
    unsigned marked = 0;
    for (int y = 1; y < HEIGHT - 2; y++)
        marked += cell(x, y)->role == ROLE_KEY || cell(x, y)->role == ROLE_SELECTED;
    assert_int_equal(marked, HEIGHT - 3);
    end();
}

static void values_beyond_measure_are_drawn(void **state)
{
    (void)state;
    static const float numbers[] = {3e38f, -3e38f, 0, 1e-38f, -1e-30f, 1e9f};
    struct span span = {0};

    // What no float holds isn't counted; between the others is their mean.
    span_add(&span, 1e39);
    span_add(&span, (double)-INFINITY);
    span_add(&span, (double)NAN);
    assert_int_equal(span.count, 0);
    span_add(&span, 3e38);
    span_add(&span, -3e38);
    assert_int_equal(span.count, 2);
    assert_true(fabsf(span.mean) < 1e32f);
    for (size_t a = 0; a < 6; a++)
        for (size_t b = 0; b < 6; b++) {
            begin(false, 1);
            for (size_t c = 0; c < plot.columns; c++)
                span_add(&spans[0][c], (double)numbers[c % 2 ? a : b]);
            assert_int_equal(plot_draw(&canvas, area, &plot), 0);
            assert_true(braille(ROLE_LINE_1) > 0);
            end();
        }
}

static void without_values_there_is_only_time(void **state)
{
    (void)state;
    begin(false, 2);
    assert_int_equal(plot_draw(&canvas, area, &plot), 0);
    assert_int_equal(braille(ROLE_LINE_1) + braille(ROLE_LINE_2), 0);
    assert_true(count_of(':', ':', ROLE_DIM) > 0);
    assert_int_equal(plot_total(&plot, 0).count, 0);
    end();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_column_has_its_place),
        cmocka_unit_test(in_ascii_the_number_is_the_line),
        cmocka_unit_test(gaps_stay_gaps),
        cmocka_unit_test(what_comes_seldom_is_one_line),
        cmocka_unit_test(a_spike_reaches_its_height),
        cmocka_unit_test(units_have_axes_and_then_panels),
        cmocka_unit_test(what_has_no_room_is_told),
        cmocka_unit_test(the_cursor_marks_its_column),
        cmocka_unit_test(values_beyond_measure_are_drawn),
        cmocka_unit_test(without_values_there_is_only_time),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests_name("plot", tests, NULL, NULL);
}
