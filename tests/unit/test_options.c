// SPDX-License-Identifier: MIT
// cmd: the command line, its help, and the man pages that go with both.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/options.h"
#include "loop/loop.h"
#include "ui/keymap.h"

enum { ARGUMENTS_MAX = 16 };

struct parsed {
    char text[256];
    char *argv[ARGUMENTS_MAX + 1];
    struct options options;
    char error[OPTIONS_ERROR_MAX];
    enum xc_status status;
};

// Parses "xcomtop LINE"; words of the line are separated by blanks.
static void parse(struct parsed *parsed, const char *line)
{
    int argc = 0;

    memset(parsed, 0, sizeof *parsed);
    snprintf(parsed->text, sizeof parsed->text, "xcomtop %s", line);
    for (char *word = strtok(parsed->text, " "); word; word = strtok(NULL, " "))
        parsed->argv[argc++] = word;
    parsed->status =
        options_parse(argc, parsed->argv, &parsed->options, parsed->error, sizeof parsed->error);
}

static void assert_refused(const char *line, const char *why)
{
    struct parsed parsed;

    parse(&parsed, line);
    if (parsed.status != XC_USAGE || !strstr(parsed.error, why))
        fail_msg("'%s': expected '%s', got %d '%s'", line, why, (int)parsed.status, parsed.error);
    options_free(&parsed.options);
}

static void options_may_stand_anywhere(void **state)
{
    (void)state;
    static const char *const lines[] = {
        "-c :4001 read XT1 3000 --part max",
        "read -c:4001 XT1 --part=max 3000",
        "read XT1 3000 --part max --connect :4001",
        "--part max -c :4001 -- read XT1 3000",
    };
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct parsed parsed;
        parse(&parsed, lines[i]);
        assert_int_equal(parsed.status, XC_OK);
        assert_int_equal(parsed.options.command->key, COMMAND_READ);
        assert_int_equal(parsed.options.word_count, 2);
        assert_string_equal(parsed.options.words[0], "XT1");
        assert_string_equal(parsed.options.words[1], "3000");
        assert_string_equal(parsed.options.link, ":4001");
        assert_int_equal(parsed.options.part, PART_MAX);
        options_free(&parsed.options);
    }
}

static void posixly_correct_changes_nothing(void **state)
{
    struct parsed parsed;

    (void)state;
    setenv("POSIXLY_CORRECT", "1", 1);
    parse(&parsed, "scan --demo");
    unsetenv("POSIXLY_CORRECT");
    assert_int_equal(parsed.status, XC_OK);
    assert_true(parsed.options.demo);
    assert_int_equal(parsed.options.command->key, COMMAND_SCAN);
    options_free(&parsed.options);
}

static void behind_two_dashes_everything_is_a_word(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, "list -- --demo");
    assert_int_equal(parsed.status, XC_OK);
    assert_false(parsed.options.demo);
    assert_string_equal(parsed.options.words[0], "--demo");
    options_free(&parsed.options);
}

static void values_are_read(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, "scan --timeout 500ms --wait 1.5 --source 7 --theme light --format jsonl "
                   "--allow 10.0.0.1 --allow 10.0.0.2");
    assert_int_equal(parsed.status, XC_OK);
    assert_int_equal(parsed.options.timeout, 500 * LOOP_MS);
    assert_int_equal(parsed.options.wait, 1500 * LOOP_MS);
    assert_int_equal(parsed.options.source, 7);
    assert_string_equal(parsed.options.theme, "light");
    assert_int_equal(parsed.options.format, ROWS_JSONL);
    assert_int_equal(parsed.options.allow_count, 2);
    assert_string_equal(parsed.options.allow[1], "10.0.0.2");
    options_free(&parsed.options);
}

static void a_change_is_read(void **state)
{
    (void)state;
    struct parsed parsed;

    parse(&parsed, "write XT1 1139 -3 --flash --confirm flash --yes --unrecorded");
    assert_int_equal(parsed.status, XC_OK);
    assert_int_equal(parsed.options.command->key, COMMAND_WRITE);
    assert_int_equal(parsed.options.word_count, 3);
    assert_string_equal(parsed.options.words[2], "-3");
    assert_true(parsed.options.flash && parsed.options.yes && parsed.options.unrecorded);
    assert_string_equal(parsed.options.confirm, "flash");
    options_free(&parsed.options);

    // As scan -v prints it, or as records have it.
    parse(&parsed, "keep XT1 1138 45 --every 30s --guid 00112233445566778899AABBCCDDEEFF");
    assert_int_equal(parsed.status, XC_OK);
    assert_true(parsed.options.every == 30 * 1000000LL);
    assert_string_equal(parsed.options.guid, "00112233445566778899AABBCCDDEEFF");
    options_free(&parsed.options);
    parse(&parsed, "keep --guid 00112233445566778899aabbccddeeff");
    assert_int_equal(parsed.status, XC_OK);
    options_free(&parsed.options);
}

static void since_is_a_date_or_an_age(void **state)
{
    static const struct {
        const char *text;
        int64_t seconds;
    } dates[] = {
        {"2026-11-21", 1795215600},          {"2026-11-21T14:00", 1795266000},
        {"2026-07-01T12:00:01", 1782900001}, {"2028-02-29", 1835391600},
        {"1970-01-02T01:00", 86400},
    };
    struct parsed parsed;
    char line[64];

    (void)state;
    setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
    for (size_t i = 0; i < sizeof dates / sizeof *dates; i++) {
        snprintf(line, sizeof line, "writes --since %s", dates[i].text);
        parse(&parsed, line);
        assert_int_equal(parsed.status, XC_OK);
        assert_int_equal(parsed.options.since, dates[i].seconds * LOOP_S);
        options_free(&parsed.options);
    }
    unsetenv("TZ");
    parse(&parsed, "writes --since 30d --last 5 --flash");
    assert_int_equal(parsed.status, XC_OK);
    int64_t age = (int64_t)time(NULL) * LOOP_S - parsed.options.since;
    // time() may be a tick behind the clock that was read.
    assert_in_range(age, (30 * 86400 - 2) * LOOP_S, (30 * 86400 + 60) * LOOP_S);
    assert_int_equal(parsed.options.last, 5);
    assert_true(parsed.options.flash);
    options_free(&parsed.options);
    assert_refused("writes --since 2026-02-29", "expected a date like");
    assert_refused("writes --since 2026-13-01", "expected a date like");
    assert_refused("writes --since 30", "expected a date like");
    assert_refused("writes --since -2h", "expected a date like");
    assert_refused("writes --since 1000000d", "expected a date like");
    assert_refused("writes --last x", "expected a number");
    assert_refused("read XT1 1138 --last 5", "'read' takes no --last");
}

static void a_demonstration_is_known_by_option_and_link(void **state)
{
    static const struct {
        const char *line;
        bool demo;
    } lines[] = {{"--demo", true},       {"-c demo", true},
                 {"-c demo:xt=2", true}, {"-c demonstrator:4001", false},
                 {"-c :4001", false},    {"writes", false}};

    (void)state;
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        struct parsed parsed;
        parse(&parsed, lines[i].line);
        assert_int_equal(options_demo(&parsed.options), lines[i].demo);
        options_free(&parsed.options);
    }
}

static void wrong_usage_is_told_in_one_line(void **state)
{
    (void)state;
    assert_refused("--conect x", "did you mean --connect?");
    assert_refused("--xyzzy", "there is no option --xyzzy");
    assert_refused("--fromat=csv list", "did you mean --format?");
    assert_refused("--le --t", "--t could be --timeout or --trace or --theme");
    assert_refused("--theme ../sea",
                   "--theme: expected default, light, contrast, mono or the name");
    assert_refused("-q", "there is no option -q");
    assert_refused("-c", "--connect needs LINK behind it");
    assert_refused("--timeout", "--timeout needs TIME behind it");
    assert_refused("--demo=yes", "--demo takes nothing behind it");
    assert_refused("raed XT1 3000", "did you mean read?");
    assert_refused("fly", "there is no command 'fly'");
    assert_refused("/dev/ttyUSB0", "xcomtop -c /dev/ttyUSB0");
    assert_refused("read XT1", "'read' needs DEVICE ID…");
    assert_refused("scan XT1", "doesn't know what to do with 'XT1'");
    assert_refused("backup", "'backup' needs FILE");
    assert_refused("backup a b", "doesn't know what to do with 'b'");
    assert_refused("compare a b c", "doesn't know what to do with 'c'");
    assert_refused("compare a --limits", "'compare' takes no --limits");
    assert_refused("backup a --format csv", "'backup' takes no --format");
    assert_refused("scan --part max", "'scan' takes no --part");
    assert_refused("--format csv", "--format needs a command");
    assert_refused("--demo -c :4001", "either --connect or --demo");
    assert_refused("read XT1 1 --info --parameter", "either --info or --parameter");
    assert_refused("scan --format xml", "expected text|csv|jsonl, not 'xml'");
    assert_refused("--format tex scan", "expected text|csv|jsonl, not 'tex'");
    assert_refused("list --format sqlite", "expected text|csv|jsonl, not 'sqlite'");
    assert_refused("log --format text", "expected csv|jsonl|sqlite, not 'text'");
    assert_refused("export a --format sqlite", "expected csv|jsonl, not 'sqlite'");
    assert_refused("--timeout 0", "expected a time");
    assert_refused("--timeout 3x", "expected a time");
    assert_refused("--timeout -3", "expected a time");
    assert_refused("--wait 1e3", "expected a time");
    assert_refused("keep XT1 1138 45 --every 0", "expected a time like 10m");
    assert_refused("keep XT1 1138 45 --flash", "'keep' takes no --flash");
    assert_refused("keep --every 10m", "--every goes with DEVICE ID VALUE");
    assert_refused("write XT1 1138", "'write' needs DEVICE ID VALUE");
    assert_refused("write XT1 1138 45 A", "doesn't know what to do with 'A'");
    assert_refused("read XT1 1138 --yes", "'read' takes no --yes");
    assert_refused("write XT1 1138 45 --guid 00112233", "expected 32 digits");
    assert_refused("write XT1 1138 45 --guid 00112233445566778899aabbccddeefg",
                   "expected 32 digits");
    assert_refused("--source x", "expected a number");
}

static void options_without_effect_are_refused(void **state)
{
    static const char guid[] = "--guid 00112233445566778899aabbccddeeff";
    static const char *const taken[] = {
        "writes --undo 3 --yes --confirm flash --unrecorded",
        "clock --set --confirm clock --unrecorded",
        "bug-report log --last 3",
        "keep XT1 1138 45 --every 10m",
        "messages --follow --on-message true",
        "log --output a --rotate daily --rotate-keep 3",
        "export a --since 2026-11-21 --until 2026-11-22",
    };
    struct parsed parsed;
    char line[128];

    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        parse(&parsed, taken[i]);
        if (parsed.status != XC_OK)
            fail_msg("'%s': %s", taken[i], parsed.error);
        options_free(&parsed.options);
    }
    snprintf(line, sizeof line, "writes %s", guid);
    assert_refused(line, "--guid goes with --undo");
    assert_refused("writes --yes", "--yes goes with --undo");
    assert_refused("writes --confirm flash", "--confirm goes with --undo");
    assert_refused("writes --unrecorded", "--unrecorded goes with --undo");
    assert_refused("writes XT1 --undo 3", "--undo takes no DEVICE");
    assert_refused("writes --undo 3 --flash", "--undo takes no DEVICE, --last, --since or --flash");
    snprintf(line, sizeof line, "clock %s", guid);
    assert_refused(line, "--guid goes with --set");
    assert_refused("clock --confirm clock", "--confirm goes with --set");
    assert_refused("clock --unrecorded", "--unrecorded goes with --set");
    assert_refused("bug-report --last 3", "--last goes with FILE");
    // A list has blanks.
    static const char *const words[] = {"xcomtop", "keep",   "XT1",        "1138",
                                        "45",      "--keep", "XT1 1138 45"};
    enum { COUNT = sizeof words / sizeof *words };
    char texts[COUNT][16], *argv[COUNT + 1] = {NULL};
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(texts[i], sizeof texts[i], "%s", words[i]);
        argv[i] = texts[i];
    }
    assert_int_equal(options_parse(COUNT, argv, &parsed.options, parsed.error, sizeof parsed.error),
                     XC_USAGE);
    assert_non_null(strstr(parsed.error, "--keep isn't for DEVICE ID VALUE"));
    options_free(&parsed.options);
    assert_refused("messages --on-message true", "--on-message goes with --follow");
    assert_refused("log --output - --rotate daily", "--rotate is for files");
    assert_refused("log --output - --rotate-keep 3", "--rotate is for files");
    assert_refused("export a --since 2026-11-21 --until 2026-11-21", "--since is not before");
    assert_refused("graph a --since 2026-11-22 --until 2026-11-21", "--since is not before");
}

static void addresses_of_devices_are_no_source(void **state)
{
    static const unsigned refused[] = {100, 105, 109, 191, 193, 300, 315,
                                       500, 505, 600, 601, 700, 715};
    static const unsigned taken[] = {0, 1, 2, 99, 110, 190, 194, 316, 506, 602, 716};
    char line[32];

    (void)state;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++) {
        snprintf(line, sizeof line, "--source %u", refused[i]);
        assert_refused(line, "is the address of devices");
    }
    for (size_t i = 0; i < sizeof taken / sizeof *taken; i++) {
        struct parsed parsed;
        snprintf(line, sizeof line, "--source %u", taken[i]);
        parse(&parsed, line);
        assert_int_equal(parsed.options.source, taken[i]);
        options_free(&parsed.options);
    }
}

static void help_is_given_however_incomplete_the_line(void **state)
{
    struct parsed parsed;

    (void)state;
    parse(&parsed, "read --help");
    assert_int_equal(parsed.status, XC_OK);
    assert_true(parsed.options.help);
    assert_int_equal(parsed.options.command->key, COMMAND_READ);
    options_free(&parsed.options);
}

static void only_near_names_are_suggested(void **state)
{
    static const char *const names[] = {"read", "scan", "describe", NULL};

    (void)state;
    assert_string_equal(nearest_name("desc", names), "describe");
    assert_string_equal(nearest_name("scna", names), "scan");
    assert_string_equal(nearest_name("red", names), "read");
    assert_null(nearest_name("x", names));
    assert_null(nearest_name("", names));
    assert_null(nearest_name("a-very-long-name-that-nobody-would-ever-type", names));
}

// --- Texts that go with the tables ---------------------------------------------------------------

static char *help_text(const struct command *command)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);

    options_help(out, command);
    fclose(out);
    return text;
}

static void help_fits_a_terminal_and_misses_nothing(void **state)
{
    char *all = help_text(NULL);
    const struct option_spec *spec;

    (void)state;
    for (size_t i = 0; (spec = option_at(i)) != NULL; i++) {
        char name[40];
        snprintf(name, sizeof name, "--%s", spec->name);
        assert_non_null(strstr(all, name));
        assert_non_null(strstr(all, spec->help));
    }
    assert_non_null(strstr(all, command_at(COMMAND_SCREENS)->details));
    for (size_t i = 0; command_at(i); i++) {
        char *text = help_text(command_at(i));
        if (command_at(i)->name[0])
            assert_non_null(strstr(all, command_at(i)->name));
        assert_non_null(strstr(text, command_at(i)->summary));
        assert_non_null(strstr(text, command_at(i)->details));
        // What is "below" has to be there.
        assert_true(!strstr(text, "--connect") || strstr(text, "\nLINK:\n"));
        for (char *line = strtok(text, "\n"); line; line = strtok(NULL, "\n"))
            if (text_width(line) > 80)
                fail_msg("wider than 80: %s", line);
        free(text);
    }
    for (char *line = strtok(all, "\n"); line; line = strtok(NULL, "\n"))
        if (text_width(line) > 80)
            fail_msg("wider than 80: %s", line);
    free(all);
}

static char *read_page(const char *name)
{
    const char *top = getenv("top_srcdir");
    enum { PAGE_MAX = 1 << 18 };
    char path[1024], *text = xcalloc(1, PAGE_MAX);

    snprintf(path, sizeof path, "%s/doc/%s", top ? top : ".", name);
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("no %s", path);
    assert_in_range(fread(text, 1, PAGE_MAX, file), 1, PAGE_MAX - 1);
    fclose(file);
    return text;
}

static void assert_page_has(const char *page, const char *line)
{
    if (!strstr(page, line))
        fail_msg("the man page lacks '%s'", line);
}

// An option's heading as mdoc writes it.
static void heading_of(const struct option_spec *spec, char *out, size_t size)
{
    size_t used = 0;

    text_append(out, size, &used, "\n.It ");
    if (spec->letter)
        text_append(out, size, &used, "Fl %c , ", spec->letter);
    text_append(out, size, &used, "Fl Fl %s", spec->name);
    if (!spec->argument) {
        text_append(out, size, &used, "\n");
        return;
    }
    bool words = strchr(spec->argument, '|') != NULL;
    text_append(out, size, &used, words ? " Cm " : " Ar ");
    for (const char *p = spec->argument; *p; p++)
        if (*p != '|')
            text_append(out, size, &used, "%c", *p);
        else
            text_append(out, size, &used, p[1] >= 'A' && p[1] <= 'Z' ? " | Ar " : " | ");
    text_append(out, size, &used, "\n");
}

static void the_man_page_has_every_option_command_and_key(void **state)
{
    char *page = read_page("xcomtop.1"), heading[160];
    const struct option_spec *spec;
    const struct command *command;
    const struct key_binding *binding;

    (void)state;
    for (size_t i = 0; (spec = option_at(i)) != NULL; i++) {
        heading_of(spec, heading, sizeof heading);
        assert_page_has(page, heading);
    }
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        snprintf(heading, sizeof heading, "\n.It Cm %s", command->name);
        if (command->name[0])
            assert_page_has(page, heading);
    }
    for (size_t i = 0; (binding = keymap_at(i)) != NULL; i++)
        assert_page_has(page, binding->what);
    free(page);
}

static void the_synopsis_has_every_command(void **state)
{
    (void)state;
    char *page = read_page("xcomtop.1"), line[80];
    char *synopsis = strstr(page, "\n.Sh SYNOPSIS\n");
    const struct command *command;

    assert_non_null(synopsis);
    char *end = strstr(synopsis, "\n.Sh DESCRIPTION\n");
    assert_non_null(end);
    end[1] = '\0';
    for (size_t i = 0; (command = command_at(i)) != NULL; i++) {
        const char *at = synopsis;
        int length = snprintf(line, sizeof line, "\n.Cm %s", command->name);
        if (!command->name[0])
            continue;
        while ((at = strstr(at, line)) != NULL && !strchr(" \n", at[length]))
            at++;
        if (!at)
            fail_msg("the synopsis of the man page lacks '%s'", command->name);
    }
    free(page);
}

static void the_configuration_page_has_every_key_and_no_other(void **state)
{
    char *page = read_page("xcomtop.conf.5"), heading[80];
    const struct option_spec *spec;
    unsigned keys = 0, headings = 0;

    (void)state;
    for (size_t i = 0; (spec = option_at(i)) != NULL; i++) {
        if (!spec->config_key)
            continue;
        snprintf(heading, sizeof heading, "\n.It Cm %s = ", spec->config_key);
        assert_page_has(page, heading);
        keys++;
    }
    const char *themes = strstr(page, "\n.Sh THEMES"); // its list isn't one of keys
    assert_non_null(themes);
    for (const char *p = page; (p = strstr(p, "\n.It ")) != NULL && p < themes; p++)
        headings++;
    assert_page_has(page, "\n.It Cm preset- Ns Ar NAME = ");
    assert_int_equal(keys + 1, headings);
    free(page);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(options_may_stand_anywhere),
        cmocka_unit_test(posixly_correct_changes_nothing),
        cmocka_unit_test(behind_two_dashes_everything_is_a_word),
        cmocka_unit_test(values_are_read),
        cmocka_unit_test(a_change_is_read),
        cmocka_unit_test(since_is_a_date_or_an_age),
        cmocka_unit_test(a_demonstration_is_known_by_option_and_link),
        cmocka_unit_test(wrong_usage_is_told_in_one_line),
        cmocka_unit_test(options_without_effect_are_refused),
        cmocka_unit_test(addresses_of_devices_are_no_source),
        cmocka_unit_test(help_is_given_however_incomplete_the_line),
        cmocka_unit_test(only_near_names_are_suggested),
        cmocka_unit_test(help_fits_a_terminal_and_misses_nothing),
        cmocka_unit_test(the_man_page_has_every_option_command_and_key),
        cmocka_unit_test(the_synopsis_has_every_command),
        cmocka_unit_test(the_configuration_page_has_every_key_and_no_other),
    };
    return cmocka_run_group_tests_name("options", tests, NULL, NULL);
}
