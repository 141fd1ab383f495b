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
    assert_int_equal(options.theme, 1);
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
    assert_int_equal(options.theme, 2);
    assert_true(options.read_only);
    forget(&file);
}

static void the_command_line_comes_first(void **state)
{
    struct file file;
    struct options options = {.wait = -1, .site = "workshop", .link = ":9", .theme = 0};

    (void)state;
    options.given = 1u << OPTION_CONNECT | 1u << OPTION_THEME;
    read_text(&file, sites);
    assert_int_equal(settings_apply(file.settings, &options, file.error, sizeof file.error), XC_OK);
    assert_string_equal(options.link, ":9");
    assert_int_equal(options.theme, 0);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_site_is_taken_when_nothing_is_named),
        cmocka_unit_test(a_site_is_taken_by_its_name),
        cmocka_unit_test(the_command_line_comes_first),
        cmocka_unit_test(a_link_without_a_site_takes_only_what_is_common),
        cmocka_unit_test(a_site_that_is_not_there_is_told_with_those_that_are),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(a_line_that_is_too_long_is_refused),
        cmocka_unit_test(a_file_that_is_not_there_is_not_an_error_of_its_own),
        cmocka_unit_test(the_path_follows_the_base_directory_specification),
    };
    return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
