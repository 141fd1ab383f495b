// SPDX-License-Identifier: MIT
// cmd: the configuration file.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/settings.h"
#include "loop/loop.h"

struct file {
    char path[64];
    struct settings *settings;
    char error[SETTINGS_ERROR_MAX];
    enum xc_status status;
};

static void read_text(struct file *file, const char *text)
{
    snprintf(file->path, sizeof file->path, "/tmp/xcomtop-settings-XXXXXX");
    int descriptor = mkstemp(file->path);
    assert_true(descriptor >= 0);
    assert_int_equal(write(descriptor, text, strlen(text)), strlen(text));
    close(descriptor);
    file->status = settings_read(file->path, &file->settings, file->error, sizeof file->error);
}

static void forget(struct file *file)
{
    unlink(file->path);
    settings_free(file->settings);
}

static const char sites[] = "# mine\n"
                            "theme = light\n"
                            "read-only = yes\n"
                            "\n"
                            "[chalet]\n"
                            "link = tcp-listen:4001\n"
                            "allow = 10.0.0.1, 10.0.0.2\n"
                            "read-only = no\n"
                            "[workshop]\n"
                            "link = /dev/ttyUSB0 ; the old adapter\n"
                            "timeout = 500ms\n"
                            "theme = mono\n";

static void the_first_site_is_taken_when_nothing_is_named(void **state)
{
    struct file file;
    struct options options = {.wait = -1};

    (void)state;
    read_text(&file, sites);
    assert_int_equal(file.status, XC_OK);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_string_equal(options.site, "chalet");
    assert_string_equal(options.link, "tcp-listen:4001");
    assert_string_equal(options.allow[0], "10.0.0.1, 10.0.0.2");
    assert_string_equal(options.theme, "light");
    assert_false(options.read_only); // the site's "no" overrules the common "yes"
    forget(&file);
}

static void a_site_is_taken_by_its_name(void **state)
{
    struct file file;
    struct options options = {.wait = -1, .site = "workshop"};

    (void)state;
    read_text(&file, sites);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_string_equal(options.link, "/dev/ttyUSB0");
    assert_int_equal(options.timeout, 500 * LOOP_MS);
    assert_string_equal(options.theme, "mono");
    assert_true(options.read_only);
    forget(&file);
}

static void the_command_line_comes_first(void **state)
{
    struct file file;
    struct options options = {.wait = -1, .site = "workshop", .link = ":9", .theme = "sea"};

    (void)state;
    options.given = 1u << OPTION_CONNECT | 1u << OPTION_THEME;
    read_text(&file, sites);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_string_equal(options.link, ":9");
    assert_string_equal(options.theme, "sea");
    assert_int_equal(options.timeout, 500 * LOOP_MS);
    forget(&file);
}

static void a_link_without_a_site_takes_only_what_is_common(void **state)
{
    struct file file;
    struct options options = {.wait = -1, .demo = true, .given = 1u << OPTION_DEMO};

    (void)state;
    read_text(&file, sites);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_null(options.link);
    assert_null(options.site);
    assert_true(options.read_only);
    forget(&file);
}

static void alarms_may_stand_on_several_lines(void **state)
{
    struct file file;
    struct options options = {.wait = -1};

    (void)state;
    read_text(&file, "alarm = z: XT1:3000 < 44\n[a]\nalarm = x: BSP:7002 < 40 | y: XT1:3000 < 44\n"
                     "link = :1\nalarm = z: XT1:3000 > 60\n");
    assert_int_equal(file.status, XC_OK);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_string_equal(options.alarms, "x: BSP:7002 < 40 | y: XT1:3000 < 44 | z: XT1:3000 > 60");
    forget(&file);
}

static void a_site_that_is_not_there_is_told_with_those_that_are(void **state)
{
    struct file file;
    struct options options = {.wait = -1, .site = "chalt"};

    (void)state;
    read_text(&file, sites);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error),
                     XC_USAGE);
    assert_non_null(strstr(file.error, "no site 'chalt'; it has chalet, workshop"));
    forget(&file);
}

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text, *error;
    } cases[] = {
        {"theme = light\nthme = light\n", ":2: there is no key 'thme'; did you mean theme?"},
        {"[a]\nxyzzy = 1\n", ":2: there is no key 'xyzzy'; see xcomtop.conf(5)"},
        {"[a]\n\nread-only = maybe\n", ":3: read-only: expected yes or no, not 'maybe'"},
        {"source = 101\n", ":1: source: 101 is the address of devices"},
        {"[a]\nlink = x\nlink = y\n", ":3: link is given twice"},
        {"alarm = a: BSP:7002 < 40\nalarm = b: BSP:7002\n", ":2: alarm: 'BSP:7002': expected <"},
        {"alarm = a: BSP:7002 < 40\n\nalarm = a: BSP:7002 < 9\n",
         ":3: alarm: there are two alarms with the name 'a'"},
        {"[a]\nnonsense\n", ":2: expected [SITE] or KEY = VALUE"},
        {"[a\nlink = x\n", ":1: expected [SITE] or KEY = VALUE"},
        {"[a] read-only = yes\nlink = x\n", ":1: expected nothing behind a site's name"},
        {"demo = yes\n", ":1: there is no key 'demo'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file file;
        read_text(&file, cases[i].text);
        assert_int_equal(file.status, XC_SYNTAX);
        if (!strstr(file.error, cases[i].error))
            fail_msg("expected '%s', got '%s'", cases[i].error, file.error);
        assert_null(file.settings);
        forget(&file);
    }
}

static void a_line_that_is_too_long_is_refused(void **state)
{
    struct file file;
    char text[700];

    (void)state;
    memset(text, 'x', sizeof text);
    memcpy(text, "\nlink = ", 8);
    memcpy(text + sizeof text - 2, "\n", 2);
    read_text(&file, text);
    assert_int_equal(file.status, XC_SYNTAX);
    assert_non_null(strstr(file.error, ":2: the line is too long"));
    forget(&file);
}

static void a_file_that_is_not_there_is_not_an_error_of_its_own(void **state)
{
    struct settings *settings;
    char error[SETTINGS_ERROR_MAX];

    (void)state;
    assert_int_equal(settings_read("/nonexistent/xcomtop.conf", &settings, error, sizeof error),
                     XC_NOT_FOUND);
    assert_int_equal(settings_read("/", &settings, error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "/: "));
}

static void the_path_follows_the_base_directory_specification(void **state)
{
    char path[128];

    (void)state;
    setenv("HOME", "/home/me", 1);
    setenv("XDG_CONFIG_HOME", "/etc/me", 1);
    assert_string_equal(settings_path(path, sizeof path), "/etc/me/xcomtop/xcomtop.conf");
    setenv("XDG_CONFIG_HOME", "relative", 1);
    assert_string_equal(settings_path(path, sizeof path), "/home/me/.config/xcomtop/xcomtop.conf");
    unsetenv("XDG_CONFIG_HOME");
    assert_string_equal(settings_path(path, sizeof path), "/home/me/.config/xcomtop/xcomtop.conf");
}

static const char logs[] = "preset-solar = VT*:11004,VS*:15010\n"
                           "preset-house = XT*:3136\n"
                           "log-every = 1m\n"
                           "log-select = XT1:3000\n"
                           "log-rotate = daily\n"
                           "[chalet]\n"
                           "link = :1\n"
                           "log-output = chalet.csv\n"
                           "log-preset = house\n"
                           "log-rotate-keep = 30\n"
                           "log-sync = 10s\n"
                           "log-format = jsonl\n"
                           "preset-house = XT*:3136,\n"
                           "  XT.sum:3136,\n"
                           "  BSP:7002\n"
                           "[barn]\n"
                           "link = :2\n";

static enum xc_status apply_to_log(struct file *file, struct options *options)
{
    options->wait = -1;
    options->command = command_find("log");
    read_text(file, logs);
    assert_int_equal(file->status, XC_OK);
    return settings_apply(file->settings, options, file->error, sizeof file->error);
}

static void the_screens_read_what_a_site_logs_to_sqlite(void **state)
{
    static const char *const texts[] = {
        "[a]\nlink = :1\nlog-output = a.sqlite\nlog-format = sqlite\n",
        "[a]\nlink = :1\nlog-output = a.sqlite\nlog-format = sqlite\nhistory = b.sqlite\n",
        "[a]\nlink = :1\nlog-output = a.csv\n"};
    static const char *const histories[] = {"a.sqlite", "b.sqlite", NULL};

    (void)state;
    for (size_t i = 0; i < 3; i++) {
        struct file file;
        struct options options = {.site = "a", .wait = -1, .command = command_at(0)};
        read_text(&file, texts[i]);
        assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error),
                         XC_OK);
        if (histories[i])
            assert_string_equal(options.history, histories[i]);
        else
            assert_null(options.history);
        forget(&file);
    }
}

static void a_log_starts_from_the_file_alone(void **state)
{
    struct file file;
    struct options options = {.site = "chalet"};

    (void)state;
    assert_int_equal(apply_to_log(&file, &options), XC_OK);
    assert_string_equal(options.output, "chalet.csv");
    assert_int_equal(options.every, 60 * LOOP_S);
    assert_int_equal(options.sync, 10 * LOOP_S);
    assert_int_equal(options.format, ROWS_JSONL);
    assert_int_equal(options.rotation, ROTATE_DAILY);
    assert_int_equal(options.rotate_keep, 30);
    // The site's preset comes before the common selection, and before the common preset of the same
    // name; its lines are one value.
    assert_null(options.preset);
    assert_string_equal(options.select, "XT*:3136,XT.sum:3136,BSP:7002");
    forget(&file);
}

static void what_a_log_takes_is_for_no_other_command(void **state)
{
    struct file file;
    struct options options = {.wait = -1, .site = "chalet", .command = command_find("keep")};

    (void)state;
    read_text(&file, logs);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_int_equal(options.every, 0);
    assert_int_equal(options.format, ROWS_TEXT);
    assert_null(options.output);
    assert_int_equal(options.given & option_bit(OPTION_EVERY), 0);
    forget(&file);
}

static void presets_are_chosen_by_name(void **state)
{
    static const struct {
        const char *site, *select, *preset, *selected, *builtin;
    } cases[] = {
        {"chalet", NULL, "solar", "VT*:11004,VS*:15010", NULL},
        {"barn", NULL, "house", "XT*:3136", NULL},
        {"barn", NULL, NULL, "XT1:3000", NULL},
        {"chalet", "BSP:7000", NULL, "BSP:7000", NULL},
        {"chalet", NULL, "all", NULL, "all"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file file;
        struct options options = {
            .site = cases[i].site, .select = cases[i].select, .preset = cases[i].preset};
        options.given = (cases[i].select ? option_bit(OPTION_SELECT) : 0) |
                        (cases[i].preset ? option_bit(OPTION_PRESET) : 0);
        assert_int_equal(apply_to_log(&file, &options), XC_OK);
        if (cases[i].selected)
            assert_string_equal(options.select, cases[i].selected);
        else
            assert_null(options.select);
        if (cases[i].builtin)
            assert_string_equal(options.preset, cases[i].builtin);
        else
            assert_null(options.preset);
        forget(&file);
    }
}

static void a_preset_that_is_not_there_is_told_with_those_that_are(void **state)
{
    struct file file;
    struct options options = {.site = "barn", .preset = "sun", .given = option_bit(OPTION_PRESET)};

    (void)state;
    assert_int_equal(apply_to_log(&file, &options), XC_USAGE);
    assert_string_equal(file.error,
                        "there is no preset 'sun'; there are overview, all, solar, house");
    forget(&file);
}

static void wrong_presets_and_logs_are_told_with_their_line(void **state)
{
    static const char *const cases[][2] = {
        {"theme = mono\npreset-a = XT1\n", ":2: preset-a: "},
        {"preset-a = XT1:3000,\n XT1:99\ntheme = mono\n", ":1: preset-a: XT has no value 99"},
        {"preset-all = XT1:3000\n", ":1: preset-all: all is a preset of the program"},
        {"preset-a = XT1:3000\npreset-a = XT1:3000\n", ":2: preset-a is given twice"},
        {"preset-A b = XT1:3000\n", ":1: there is no key 'preset-A b'"},
        {"preset- = XT1:3000\n", ":1: there is no key 'preset-'"},
        {"[a]\nlog-every = often\n", ":2: log-every: expected a time"},
        {"[a]\nlog-format = xml\n", ":2: log-format: expected csv|jsonl|sqlite"},
        {"[a]\nevery = 1m\n", ":2: there is no key 'every'"},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct file file;
        read_text(&file, cases[i][0]);
        assert_int_equal(file.status, XC_SYNTAX);
        if (!strstr(file.error, cases[i][1]))
            fail_msg("%s: %s", cases[i][0], file.error);
        forget(&file);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_site_is_taken_when_nothing_is_named),
        cmocka_unit_test(a_site_is_taken_by_its_name),
        cmocka_unit_test(the_command_line_comes_first),
        cmocka_unit_test(a_link_without_a_site_takes_only_what_is_common),
        cmocka_unit_test(alarms_may_stand_on_several_lines),
        cmocka_unit_test(a_site_that_is_not_there_is_told_with_those_that_are),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(a_file_that_is_not_there_is_not_an_error_of_its_own),
        cmocka_unit_test(the_path_follows_the_base_directory_specification),
        cmocka_unit_test(the_screens_read_what_a_site_logs_to_sqlite),
        cmocka_unit_test(a_log_starts_from_the_file_alone),
        cmocka_unit_test(what_a_log_takes_is_for_no_other_command),
        cmocka_unit_test(presets_are_chosen_by_name),
        cmocka_unit_test(a_preset_that_is_not_there_is_told_with_those_that_are),
        cmocka_unit_test(wrong_presets_and_logs_are_told_with_their_line),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
