// SPDX-License-Identifier: MIT
// keep: holds values in RAM until it is stopped: one of the command line, or those of the
// configuration file.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "cmd/change.h"
#include "cmd/cmd.h"
#include "cmd/keeplist.h"

struct keeper {
    const struct options *options;
    struct session *session;
    struct keep_item list[KEEP_ITEMS_MAX];
    size_t count;
    bool configured;
    char told[KEEP_ITEMS_MAX][EDIT_TEXT_MAX]; // by number - 1
    unsigned written[KEEP_ITEMS_MAX];
};

static int take_words(const struct options *options, struct keeper *keeper)
{
    char error[KEEP_ERROR_MAX];

    if (options->word_count == 3) {
        struct change change;
        int status = change_parse(options->words[0], options->words[1], options->words[2], &change);
        if (status != EXIT_DONE)
            return status;
        if (!datapoint_is_setting(change.datapoint)) {
            complain("%u can't be kept: it is done once, or runs by itself",
                     (unsigned)datapoint_id(change.datapoint));
            return EXIT_WRONG;
        }
        keeper->list[keeper->count++] =
            (struct keep_item){change.target, change.datapoint, change.wish.number, options->every};
        return EXIT_DONE;
    }
    if (options->word_count > 0) {
        complain("'keep' needs DEVICE ID VALUE, or nothing for what the configuration file keeps");
        return EXIT_WRONG;
    }
    if (!options->keep) {
        complain("nothing to keep: give DEVICE ID VALUE, or a line keep = … in the configuration "
                 "file");
        return EXIT_WRONG;
    }
    keeper->configured = true;
    if (keep_list_parse(options->keep, keeper->list, &keeper->count, error, sizeof error) == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return EXIT_WRONG;
}

// Only what is kept is looked for.
static char *names_of(const struct keeper *keeper)
{
    char names[KEEP_ITEMS_MAX * (DEVICE_NAME_MAX + 1)] = "", name[DEVICE_NAME_MAX];
    size_t used = 0;

    for (size_t i = 0; i < keeper->count; i++) {
        if (keeper->list[i].target.kind != TARGET_DEVICE)
            return NULL; // a whole family
        target_name(&keeper->list[i].target, name, sizeof name);
        if (keeper->list[i].target.family != FAMILY_RCC)
            text_append(names, sizeof names, &used, "%s%s", used ? "," : "", name);
    }
    return used > 0 ? xstrdup(names) : NULL;
}

// Shows and asks, without writing yet.
static int confirm_item(struct keeper *keeper, const struct options *options,
                        const struct keep_item *item)
{
    struct change change = {.target = item->target,
                            .datapoint = item->datapoint,
                            .wish = {.number = item->number, .keep_period = item->period}};
    struct edit *edit;
    int status = change_look(keeper->session, &change, &edit);

    if (status == EXIT_DONE)
        status = change_confirm(keeper->session, options, &change, edit);
    edit_close(edit);
    return status;
}

static void tell(struct keeper *keeper, const struct keep_status *status)
{
    time_t now = (time_t)(loop_wall(session_loop(keeper->session)) / LOOP_S);
    char clock[32], plain[EDIT_TEXT_MAX];
    struct tm local;

    localtime_r(&now, &local);
    strftime(clock, sizeof clock, "%Y-%m-%d %H:%M:%S", &local);
    printf("%s  %u  %s%s\n", clock, (unsigned)datapoint_id(status->datapoint),
           status->trouble ? "! " : "",
           plain_text(keeper->options, status->text, plain, sizeof plain));
    fflush(stdout);
}

// A line for everything that was written, and for trouble when it is news.
static void on_change(void *arg)
{
    struct keeper *keeper = arg;
    struct keep_status status;

    for (size_t i = 0;
         keep_at(session_plant(keeper->session), i, &status) && can_print(STDOUT_FILENO, 0); i++) {
        char *told = keeper->told[status.n - 1];
        bool news = status.written != keeper->written[status.n - 1] ||
                    (status.trouble && strcmp(told, status.text) != 0);
        if (!news || status.text[0] == '\0')
            continue;
        keeper->written[status.n - 1] = status.written;
        snprintf(told, EDIT_TEXT_MAX, "%s", status.text);
        tell(keeper, &status);
    }
}

// What it means that this program goes.
static void tell_end(const struct keeper *keeper)
{
    struct keep_status status;
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; keep_at(session_plant(keeper->session), i, &status); i++)
        if (status.watchdog_s > 0)
            complain("! the watchdog of %s is on: it restarts %.0f s after the last write",
                     target_name(&status.target, name, sizeof name), status.watchdog_s);
}

static bool never(void *arg)
{
    (void)arg;
    return false;
}

static int keep_all(struct keeper *keeper, const struct options *options)
{
    struct plant *plant = session_plant(keeper->session);
    char error[EDIT_TEXT_MAX];
    int status = session_wait_ready(keeper->session);

    if (status == EXIT_NO_ANSWER)
        session_complain(keeper->session);
    // Who wrote the configuration file has decided there.
    for (size_t i = 0; i < keeper->count && status == EXIT_DONE && !keeper->configured; i++)
        status = confirm_item(keeper, options, &keeper->list[i]);
    for (size_t i = 0; i < keeper->count && status == EXIT_DONE; i++) {
        const struct keep_item *item = &keeper->list[i];
        unsigned n;
        if (keep_start(plant, &item->target, item->datapoint, item->number, item->period, false, &n,
                       error, sizeof error) != XC_OK) {
            complain("%s", error);
            status = EXIT_REFUSED;
        }
    }
    if (status != EXIT_DONE)
        return status;
    session_on_change(keeper->session, on_change, keeper);
    on_change(keeper);
    status = session_wait_person(keeper->session, never, NULL);
    tell_end(keeper);
    session_on_change(keeper->session, NULL, NULL);
    return status;
}

int cmd_keep(const struct options *options)
{
    struct keeper *keeper = xcalloc(1, sizeof *keeper);
    struct options own = *options;
    char *names = NULL;
    int status = take_words(options, keeper);

    keeper->options = options;
    if (status != EXIT_DONE)
        goto done;
    if (!own.devices)
        own.devices = names = names_of(keeper);
    status = session_open(&own, SESSION_PLANT, &keeper->session);
    if (status != EXIT_DONE)
        goto done;
    session_catch_signals(keeper->session);
    status = keep_all(keeper, options);
    session_settle(keeper->session);
done:
    session_free(keeper->session);
    free(names);
    free(keeper);
    return status;
}
