// SPDX-License-Identifier: MIT
// ui, cmd: themes, built in and from files.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/themes.h"

struct place {
    char config[64], directory[96];
};

static void make_place(struct place *place)
{
    char path[128];

    snprintf(place->config, sizeof place->config, "/tmp/xcomtop-themes-XXXXXX");
    assert_non_null(mkdtemp(place->config));
    snprintf(path, sizeof path, "%s/xcomtop", place->config);
    assert_int_equal(mkdir(path, 0700), 0);
    snprintf(place->directory, sizeof place->directory, "%s/xcomtop/themes", place->config);
    assert_int_equal(mkdir(place->directory, 0700), 0);
    setenv("XDG_CONFIG_HOME", place->config, 1);
}

static char *path_of(const struct place *place, const char *file, char out[192])
{
    snprintf(out, 192, "%s/%s", place->directory, file);
    return out;
}

static void put_file(const struct place *place, const char *file, const char *text)
{
    char path[192];
    FILE *out = fopen(path_of(place, file, path), "w");

    assert_non_null(out);
    fputs(text, out);
    fclose(out);
}

static void remove_place(const struct place *place, const char *const *files)
{
    char path[192];

    for (; *files; files++)
        assert_int_equal(unlink(path_of(place, *files, path)), 0);
    assert_int_equal(rmdir(place->directory), 0);
    snprintf(path, sizeof path, "%s/xcomtop", place->config);
    assert_int_equal(rmdir(path), 0);
    assert_int_equal(rmdir(place->config), 0);
}

// --- Lines ---------------------------------------------------------------------------------------

static void lines_are_taken(void **state)
{
    static const struct {
        const char *key, *value;
        enum role role;
        theme_colour colour;
        unsigned attributes;
    } lines[] = {
        {"text", "default", ROLE_TEXT, THEME_OWN, 0},
        {"alarm", "red bold", ROLE_ALARM, 1, LOOK_BOLD},
        {"key-text", "grey", ROLE_KEY_TEXT, 8, 0},
        {"line-6", "255 underline reverse", ROLE_LINE_6, 255, LOOK_UNDERLINE | LOOK_REVERSE},
        {"solar", "#FFd700", ROLE_SOLAR, THEME_RGB | 0xFFD700, 0},
        {"stale", "0\tdim", ROLE_STALE, 0, LOOK_DIM},
    };
    char error[THEME_ERROR_MAX];

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct theme theme = theme_builtin[THEME_CONTRAST];
        assert_int_equal(theme_set(&theme, lines[i].key, lines[i].value, error), XC_OK);
        assert_int_equal(theme.looks[lines[i].role].colour, lines[i].colour);
        assert_int_equal(theme.looks[lines[i].role].attributes, lines[i].attributes);
    }
}

static void wrong_lines_are_refused_with_what_was_expected(void **state)
{
    static const struct {
        const char *key, *value, *expected;
    } lines[] = {
        {"alarms", "red", "there is no such role; expected like, background, text, dim,"},
        {"alarm", "", "expected a colour: default, black,"},
        {"alarm", "256", "0 to 255 or #rrggbb, not '256'"},
        {"alarm", "-1", "not '-1'"},
        {"alarm", "#12345", "not '#12345'"},
        {"alarm", "#12345g", "not '#12345g'"},
        {"alarm", "bold red", "not 'bold'"},
        {"alarm", "red blink",
         "expected bold, dim, underline or reverse behind the colour, not "
         "'blink'"},
        {"background", "black bold", "expected a colour alone"},
        {"like", "dark", "expected default, light, contrast or mono, not 'dark'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct theme theme = theme_builtin[THEME_DEFAULT];
        char error[THEME_ERROR_MAX] = "";
        assert_int_equal(theme_set(&theme, lines[i].key, lines[i].value, error), XC_SYNTAX);
        if (!strstr(error, lines[i].expected))
            fail_msg("%s = %s: %s", lines[i].key, lines[i].value, error);
        assert_memory_equal(&theme, &theme_builtin[THEME_DEFAULT], sizeof theme);
    }
}

static void names_that_could_leave_the_directory_are_refused(void **state)
{
    (void)state;
    assert_true(theme_name_is_good("Sea_2-b"));
    assert_false(theme_name_is_good(""));
    assert_false(theme_name_is_good("../sea"));
    assert_false(theme_name_is_good("sea.theme"));
    assert_false(theme_name_is_good("a-name-that-is-much-too-long-for-it"));
}

// --- Colours -------------------------------------------------------------------------------------

static void colours_become_what_the_terminal_has(void **state)
{
    static const struct {
        theme_colour colour;
        int colours, number;
        bool own_background;
    } cases[] = {
        {THEME_OWN, 8, THEME_OWN, false},
        {3, 8, 3, false},
        {3, 1 << 24, 3, false},
        {214, 256, 214, false},
        {214, 8, 3, false},
        {214, 1 << 24, 0xFFAF00, false},
        {THEME_RGB | 0xFFAF00, 256, 214, false},
        {THEME_RGB | 0xFEB003, 256, 214, false},
        {THEME_RGB | 0x808080, 256, 244, false},
        {THEME_RGB | 0x000003, 1 << 24, 0, false},
        {THEME_RGB | 0x00AFD7, 16, 6, false},
        {111, 8, 4, false},
        {244, 8, THEME_OWN, false}, // it could be what the terminal has behind
        {244, 8, 7, true},
        {16, 8, 0, true},
        {231, 8, 7, true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(
            theme_number_of(cases[i].colour, cases[i].colours, cases[i].own_background),
            cases[i].number);
}

static double luminance(int number)
{
    static const double weights[] = {0.2126, 0.7152, 0.0722};
    int rgb = theme_number_of(number, 1 << 24, true);
    double sum = 0;

    for (int i = 0; i < 3; i++) {
        double c = (rgb >> (16 - 8 * i) & 0xFF) / 255.0;
        // The square is near enough to sRGB's 2.4 to tell 7 from 6.
        sum += weights[i] * c * c;
    }
    return sum;
}

static void contrast_is_high(void **state)
{
    const struct theme *theme = &theme_builtin[THEME_CONTRAST];

    (void)state;
    for (int role = 0; role < ROLE_COUNT; role++) {
        double ratio =
            (luminance(theme->looks[role].colour) + 0.05) / (luminance(theme->background) + 0.05);
        if (ratio < 7)
            fail_msg("role %d: %.1f to 1", role, ratio);
    }
}

static void mono_has_no_colours(void **state)
{
    (void)state;
    assert_int_equal(theme_builtin[THEME_MONO].background, THEME_OWN);
    for (int role = 0; role < ROLE_COUNT; role++)
        assert_int_equal(theme_builtin[THEME_MONO].looks[role].colour, THEME_OWN);
}

// --- Files ---------------------------------------------------------------------------------------

static void a_file_is_read(void **state)
{
    static const char *const files[] = {"sea.theme", NULL};
    struct theme theme;
    struct place place;
    char path[192], error[THEMES_ERROR_MAX];

    (void)state;
    make_place(&place);
    put_file(&place, "sea.theme",
             "# the sea\nlike = light\n\nbackground = #001f3f ; deep\ntext = 153\n");
    assert_int_equal(theme_read(path_of(&place, "sea.theme", path), &theme, error, sizeof error),
                     XC_OK);
    assert_int_equal(theme.background, THEME_RGB | 0x001F3F);
    assert_int_equal(theme.looks[ROLE_TEXT].colour, 153);
    assert_int_equal(theme.looks[ROLE_OK].colour, theme_builtin[THEME_LIGHT].looks[ROLE_OK].colour);
    remove_place(&place, files);
}

static void mistakes_in_files_are_told_with_their_line(void **state)
{
    static const char *const files[] = {"bad.theme", NULL};
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"text = red\n\nalarm = purple\n", "bad.theme:3: alarm: expected a colour: "},
        {"text = red\nalarm\n", "bad.theme:2: expected ROLE = COLOUR"},
        {"[light]\ntext = red\n", "bad.theme:2: expected ROLE = COLOUR without any [section]"},
        {"text = red\nlike = mono\n", "bad.theme:2: like: expected in front of everything else"},
        {"background = red\n", "bad.theme:1: with a background, text needs a colour too"},
        {"text = red\nalarm = red\nnews = red\n", "bad.theme:3: news: there is no such role"},
    };
    char path[192], error[THEMES_ERROR_MAX];
    struct theme theme;
    struct place place;

    (void)state;
    make_place(&place);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        put_file(&place, "bad.theme", cases[i].text);
        assert_int_equal(
            theme_read(path_of(&place, "bad.theme", path), &theme, error, sizeof error), XC_SYNTAX);
        if (!strstr(error, cases[i].error))
            fail_msg("%s: %s", cases[i].text, error);
    }
    remove_place(&place, files);
}

static void all_are_found_and_one_is_wanted(void **state)
{
    static const char *const files[] = {"a.theme",    "bad.theme",     "light.theme", "sea.theme",
                                        "pipe.theme", ".hidden.theme", NULL};
    char path[192], error[THEMES_ERROR_MAX];
    struct themes themes;
    struct place place;

    (void)state;
    make_place(&place);
    put_file(&place, "sea.theme", "alarm = red\n");
    put_file(&place, "a.theme", "alarm = blue\n");
    put_file(&place, "bad.theme", "alarm = purple\n");
    put_file(&place, "light.theme", "alarm = blue\n");
    put_file(&place, ".hidden.theme", "alarm = blue\n");
    assert_int_equal(mkfifo(path_of(&place, "pipe.theme", path), 0600), 0);

    assert_int_equal(themes_read(NULL, &themes, error, sizeof error), XC_OK);
    assert_int_equal(themes.count, THEME_COUNT + 2);
    assert_int_equal(themes.wanted, THEME_DEFAULT);
    assert_string_equal(themes.list[THEME_COUNT].name, "a");
    assert_string_equal(themes.list[THEME_COUNT + 1].name, "sea");
    themes_free(&themes);

    assert_int_equal(themes_read("sea", &themes, error, sizeof error), XC_OK);
    assert_string_equal(themes.list[themes.wanted].name, "sea");
    themes_free(&themes);

    // The built-in one is what its name stands for.
    assert_int_equal(themes_read("light", &themes, error, sizeof error), XC_OK);
    assert_int_equal(themes.wanted, THEME_LIGHT);
    themes_free(&themes);

    assert_int_equal(themes_read("bad", &themes, error, sizeof error), XC_SYNTAX);
    assert_non_null(strstr(error, "bad.theme:1: alarm: expected a colour"));
    assert_int_equal(themes_read("pipe", &themes, error, sizeof error), XC_IO);
    assert_int_equal(themes_read("contras", &themes, error, sizeof error), XC_NOT_FOUND);
    assert_non_null(strstr(error, "contras.theme; did you mean contrast?"));
    remove_place(&place, files);
    assert_int_equal(themes_read(NULL, &themes, error, sizeof error), XC_OK);
    assert_int_equal(themes.count, THEME_COUNT);
    themes_free(&themes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_are_taken),
        cmocka_unit_test(wrong_lines_are_refused_with_what_was_expected),
        cmocka_unit_test(names_that_could_leave_the_directory_are_refused),
        cmocka_unit_test(colours_become_what_the_terminal_has),
        cmocka_unit_test(contrast_is_high),
        cmocka_unit_test(mono_has_no_colours),
        cmocka_unit_test(a_file_is_read),
        cmocka_unit_test(mistakes_in_files_are_told_with_their_line),
        cmocka_unit_test(all_are_found_and_one_is_wanted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
