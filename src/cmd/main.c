// SPDX-License-Identifier: MIT
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/cmd.h"
#include "cmd/options.h"
#include "cmd/settings.h"
#include "ui/term.h"

static int print_help(const struct options *options)
{
    const struct command *command = options->command;

    if (command->key == COMMAND_HELP && options->word_count > 0) {
        command = command_find(options->words[0]);
        if (!command) {
            complain("there is no command '%s'; see xcomtop --help", options->words[0]);
            return EXIT_WRONG;
        }
    }
    options_help(stdout, command->key == COMMAND_SCREENS ? NULL : command);
    return finish_text(EXIT_DONE);
}

// Fills in from the configuration file what the command line left open. A file that isn't there is
// one without sites.
static int read_settings(struct options *options, struct settings **settings)
{
    char path[512], error[SETTINGS_ERROR_MAX];
    enum xc_status status;

    *settings = NULL;
    status = settings_read(settings_path(path, sizeof path), settings, error, sizeof error);
    if (status == XC_NOT_FOUND && options->site) {
        complain("--site %s: there is no %s", options->site, path);
        return EXIT_WRONG;
    }
    if (status == XC_OK)
        status = settings_apply(*settings, options, error, sizeof error);
    if (status == XC_OK || status == XC_NOT_FOUND)
        status = options_check(options, error, sizeof error);
    if (status == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return status == XC_IO ? EXIT_REFUSED : EXIT_WRONG;
}

// Commands that connect only where the person says so.
static bool may_have_link(enum command_key key)
{
    return key == COMMAND_DOCTOR || key == COMMAND_BUG_REPORT;
}

static int run(struct options *options)
{
    const char *read_only = getenv("XCOMTOP_READ_ONLY");
    struct settings *settings = NULL;
    int status = EXIT_DONE;

    if (options->help || options->command->key == COMMAND_HELP)
        return print_help(options);
    if (options->version) {
        print_versions();
        return finish_text(EXIT_DONE);
    }
    if (options->command->needs_link || options->undo ||
        (may_have_link(options->command->key) && (options->site || options->link)))
        status = read_settings(options, &settings);
    // What is wrong with the configuration has been told; the rest of the report is still wanted.
    int configured = status;
    if (status != EXIT_DONE && options->command->key != COMMAND_BUG_REPORT)
        goto done;
    options->read_only |= read_only && read_only[0] && strcmp(read_only, "0") != 0;
    options->ascii |= term_locale_is_ascii();
    switch (options->command->key) {
    case COMMAND_SCREENS:
        status = options->once ? cmd_once(options) : cmd_screens(options);
        break;
    case COMMAND_SCAN:
        status = cmd_scan(options);
        break;
    case COMMAND_READ:
        status = cmd_read(options);
        break;
    case COMMAND_WRITE:
        status = cmd_write(options);
        break;
    case COMMAND_KEEP:
        status = cmd_keep(options);
        break;
    case COMMAND_WRITES:
        status = options->undo ? cmd_undo(options) : cmd_writes(options);
        break;
    case COMMAND_LIST:
        status = cmd_list(options);
        break;
    case COMMAND_DESCRIBE:
        status = cmd_describe(options);
        break;
    case COMMAND_BACKUP:
        status = cmd_backup(options);
        break;
    case COMMAND_COMPARE:
        status = cmd_compare(options);
        break;
    case COMMAND_RESTORE:
        status = cmd_restore(options);
        break;
    case COMMAND_COPY:
        status = cmd_copy(options);
        break;
    case COMMAND_BLINK:
        status = cmd_blink(options);
        break;
    case COMMAND_CLOCK:
        status = cmd_clock(options);
        break;
    case COMMAND_DECODE:
        status = cmd_decode(options);
        break;
    case COMMAND_LOG:
        status = cmd_log(options);
        break;
    case COMMAND_GRAPH:
        status = cmd_graph(options);
        break;
    case COMMAND_COMPLETION:
        status = cmd_completion(options);
        break;
    case COMMAND_EXPORT:
        status = cmd_export(options);
        break;
    case COMMAND_MESSAGES:
        status = cmd_messages(options);
        break;
    case COMMAND_DATALOG:
        status = cmd_datalog(options);
        break;
    case COMMAND_NOTE:
        status = cmd_note(options);
        break;
    case COMMAND_DOCTOR:
        status = cmd_doctor(options);
        break;
    case COMMAND_BUG_REPORT:
        status = cmd_bug_report(options);
        status = status == EXIT_DONE ? configured : status;
        break;
    case COMMAND_HELP:
    case COMMAND_COUNT:
        break;
    }
done:
    settings_free(settings);
    return status;
}

// What is a character is the environment's to say. SSH brings along the names of the other end's
// locales: one that isn't known here still tells that the terminal speaks UTF-8.
static void take_locale(void)
{
    static const char *const variables[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *name = NULL;

    if (setlocale(LC_CTYPE, ""))
        return;
    for (size_t i = 0; i < sizeof variables / sizeof *variables && !(name && *name); i++)
        name = getenv(variables[i]);
    if (name && (strcasestr(name, "UTF-8") || strcasestr(name, "utf8")))
        setlocale(LC_CTYPE, "C.UTF-8");
}

int main(int argc, char **argv)
{
    struct options options;
    char error[OPTIONS_ERROR_MAX];
    int status = EXIT_WRONG;

    // Numbers have '.' in any locale.
    take_locale();
    // A reader that went away is told by the write that fails.
    signal(SIGPIPE, SIG_IGN);
    if (options_parse(argc, argv, &options, error, sizeof error) == XC_OK)
        status = run(&options);
    else
        complain("%s", error);
    options_free(&options);
    return status;
}
