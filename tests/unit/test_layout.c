// SPDX-License-Identifier: MIT
// Layouts at all sizes: nothing overlaps, nothing leaves the screen.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ui/layout.h"

enum { WIDTH_MAX = 220, HEIGHT_MAX = 70 };

static bool is_inside(struct rect inner, struct rect outer)
{
    return inner.width >= 0 && inner.height >= 0 &&
           (inner.width == 0 || inner.height == 0 ||
            (inner.x >= outer.x && inner.y >= outer.y &&
             inner.x + inner.width <= outer.x + outer.width &&
             inner.y + inner.height <= outer.y + outer.height));
}

static bool overlap(struct rect a, struct rect b)
{
    return a.width > 0 && a.height > 0 && b.width > 0 && b.height > 0 && a.x < b.x + b.width &&
           b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
}

static void check_apart(const struct rect *rects, size_t count, struct rect area)
{
    for (size_t i = 0; i < count; i++) {
        assert_true(is_inside(rects[i], area));
        for (size_t k = 0; k < i; k++)
            assert_false(overlap(rects[i], rects[k]));
    }
}

static void the_frame_is_too_small_below_40x12_only(void **state)
{
    (void)state;
    for (int w = 1; w <= WIDTH_MAX; w++) {
        for (int h = 1; h <= HEIGHT_MAX; h++) {
            struct frame_layout frame = layout_frame(w, h);
            assert_int_equal(frame.too_small, w < 40 || h < 12);
            if (frame.too_small)
                continue;
            struct rect rects[] = {frame.title, frame.body, frame.keys};
            check_apart(rects, 3, (struct rect){0, 0, w, h});
            assert_int_equal(frame.body.height, h - 2);
        }
    }
}

static void overview_parts_never_overlap_and_stay_inside(void **state)
{
    static const int rows[] = {0, 1, 4, 10, 20, 43}, pins[] = {0, 1, 12};

    (void)state;
    for (int w = 40; w <= WIDTH_MAX; w++) {
        for (int h = 12; h <= HEIGHT_MAX; h++) {
            for (size_t i = 0; i < sizeof rows / sizeof *rows * 3; i++) {
                size_t r = i / 3, p = i % 3;
                struct frame_layout frame = layout_frame(w, h);
                struct overview_layout o = layout_overview(frame.body, rows[r], pins[p]);
                struct rect rects[] = {o.grid,   o.inverters, o.loads,   o.solar,
                                       o.wires,  o.battery,   o.health,  o.pins,
                                       o.trends, o.devices,   o.messages};
                assert_true(pins[p] > 0 ? h < 24 || o.pins.height > o.pin_title
                                        : o.pins.height == 0);
                check_apart(rects, sizeof rects / sizeof *rects, frame.body);
                // The energy, the state of things, devices and the newest message always show.
                assert_true(o.grid.width > 0 && o.loads.width > 0);
                assert_true(o.solar.width > 0 && o.battery.width > 0);
                assert_true(o.health.width >= 20 && o.health.height >= 1);
                assert_true(o.messages.height >= 1);
                assert_true(rows[r] == 0 || o.devices.height >= (rows[r] < 4 ? rows[r] : 4));
                assert_true(!o.boxes || o.inverters.x - (o.grid.x + o.grid.width) >= 4);
                assert_true(o.trends.height == 0 || o.trend_count > 0);
            }
        }
    }
}

static void family_columns_fit(void **state)
{
    (void)state;
    for (int w = 40; w <= WIDTH_MAX; w++) {
        for (int h = 12; h <= HEIGHT_MAX; h += 7) {
            for (int devices = 1; devices <= 15; devices++) {
                struct frame_layout frame = layout_frame(w, h);
                struct family_layout f = layout_family(frame.body, devices, devices > 1);
                struct rect rects[] = {f.header, f.rows, f.detail};
                check_apart(rects, 3, frame.body);
                assert_true(f.columns >= 1 && f.columns <= devices);
                assert_true(f.label_width >= 16);
                int end = f.label_width + f.unit_width + f.columns * f.column_width + f.all_width;
                assert_true(end <= w);
                if (f.trend_width) {
                    assert_int_equal(f.columns, devices);
                    assert_true(f.trend_x >= end && f.trend_x + f.trend_width <= w);
                }
            }
        }
    }
}

static void a_larger_screen_never_shows_fewer_devices(void **state)
{
    (void)state;
    for (int w = 41; w <= WIDTH_MAX; w++) {
        struct rect narrow = layout_frame(w - 1, 24).body, wide = layout_frame(w, 24).body;
        // Units come in, columns get wider, the detail goes beside.
        if (w != 60 && w != 110 && w != 150)
            assert_true(layout_parameters(wide, 15, true).columns >=
                        layout_parameters(narrow, 15, true).columns);
        if (w == 60) // units and sums come in here
            continue;
        assert_true(layout_family(wide, 15, true).columns >=
                    layout_family(narrow, 15, true).columns);
    }
}

static void parameters_fit(void **state)
{
    (void)state;
    for (int w = 40; w <= WIDTH_MAX; w++) {
        for (int h = 12; h <= HEIGHT_MAX; h++) {
            for (int devices = 1; devices <= 15; devices++) {
                struct frame_layout frame = layout_frame(w, h);
                struct parameters_layout p =
                    layout_parameters(frame.body, devices, h % 2 || devices % 2);
                struct rect rects[] = {p.header, p.rows, p.bar, p.detail};
                check_apart(rects, 4, frame.body);
                assert_true(p.columns >= 1 && p.columns <= devices);
                // Number and name always have room, and the list more rows than the detail.
                assert_true(p.label_width >= 26 && p.detail.height >= 1);
                assert_true(p.rows.height >= 7 && (p.beside || p.rows.height > p.detail.height));
                int end = p.label_width + p.unit_width + p.columns * p.column_width +
                          p.factory_width + p.level_width;
                assert_true(end <= p.rows.width);
            }
        }
    }
}

static void a_line_tells_what_parameters_are_shown(void **state)
{
    (void)state;
    // On a small screen only when there is something to say.
    assert_int_equal(layout_parameters(layout_frame(40, 12).body, 3, false).bar.height, 0);
    assert_int_equal(layout_parameters(layout_frame(40, 12).body, 3, true).bar.height, 1);
    assert_int_equal(layout_parameters(layout_frame(80, 24).body, 3, false).bar.height, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_frame_is_too_small_below_40x12_only),
        cmocka_unit_test(overview_parts_never_overlap_and_stay_inside),
        cmocka_unit_test(family_columns_fit),
        cmocka_unit_test(a_larger_screen_never_shows_fewer_devices),
        cmocka_unit_test(parameters_fit),
        cmocka_unit_test(a_line_tells_what_parameters_are_shown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
