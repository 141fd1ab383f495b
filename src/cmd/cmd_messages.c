// SPDX-License-Identifier: MIT
// messages: what the gateway has told, and alarms, as far as they are known and, but with
// --leave-messages, what it still has to tell.
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "base/localclock.h"
#include "cmd/cmd.h"
#include "cmd/hook.h"
#include "cmd/message_rows.h"
#include "cmd/progress.h"
#include "cmd/session.h"
#include "plant/messages.h"

enum { PATH_BYTES = 512, PARAMETER_CLOCK = 5002 };

// What is new shows in any answer: something must be asked.
static const int64_t follow_period = 5 * LOOP_S;

struct listing {
    const struct options *options;
    struct session *session;
    struct rows *rows;
    struct hook *hook;
    struct progress progress;
    uint32_t since; // as messages tell the time; 0: all
    size_t count;
    bool unread; // nobody reads what is printed: told
    bool broken; // … and never will
};

// --since is this computer's time, a message's the installation's: both are meant as what is on the
// wall.
static uint32_t wall_of(int64_t time)
{
    return time <= 0 ? 0 : (uint32_t)(local_clock(time) / LOOP_S);
}

static bool add_message(void *arg, const struct known_message *message)
{
    struct listing *listing = arg;

    message_rows_add(listing->rows, listing->options, message);
    listing->count++;
    return true;
}

static struct known_filter filter_of(const struct listing *listing)
{
    return (struct known_filter){.since = listing->since, .last = listing->options->last};
}

// --- What is known, without a link ---------------------------------------------------------------

static int list_known(struct listing *listing)
{
    const struct options *options = listing->options;
    struct known_filter filter = filter_of(listing);
    char path[PATH_BYTES], site[KNOWN_NAME_MAX], error[2 * PATH_BYTES];
    struct known *known;

    known_path(options_demo(options), path, sizeof path);
    // As long as they have it: the name of the site, or of the link.
    struct link_spec spec;
    site[0] = '\0';
    if (options->site)
        snprintf(site, sizeof site, "%s", options->site);
    else if (options->link && link_spec_parse(options->link, &spec, error, sizeof error) == XC_OK)
        link_spec_name(&spec, site, sizeof site);
    filter.site = options_demo(options) || !site[0] ? NULL : site;
    // Looking makes no file.
    if (access(path, F_OK) != 0 && (errno == ENOENT || errno == ENOTDIR))
        return EXIT_DONE;
    if (known_open(path, &known, error, sizeof error) != XC_OK) {
        complain("%s", error);
        return EXIT_REFUSED;
    }
    enum xc_status status = known_list(known, &filter, add_message, listing);
    if (status != XC_OK)
        complain("%s", known_error(known));
    known_close(known);
    return status == XC_OK ? EXIT_DONE : EXIT_REFUSED;
}

// --- What there is to know -----------------------------------------------------------------------

static bool is_read(void *arg)
{
    struct listing *listing = arg;
    struct plant_messages_state state = plant_messages_state(session_plant(listing->session));
    unsigned last = listing->options->last;

    if (state.reading && state.total > 0)
        progress_show(&listing->progress, state.read, state.total, "reading messages",
                      loop_now(session_loop(listing->session)));
    return !state.reading || (last > 0 && state.read >= last) ||
           (listing->since > 0 && state.reached > 0 && state.reached < listing->since);
}

static int read_history(struct listing *listing)
{
    struct session *session = listing->session;
    int status = session_wait_found(session);

    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status != EXIT_DONE)
        return status;
    progress_begin(&listing->progress, listing->options->verbose, loop_now(session_loop(session)));
    plant_messages_open(session_plant(session));
    status = session_wait(session, is_read, listing, 0);
    progress_clear(&listing->progress);
    if (status != EXIT_NO_ANSWER)
        return status;
    complain("the gateway doesn't answer any more: older messages may be missing");
    return EXIT_PARTLY;
}

static void print_now(struct listing *listing)
{
    if (!can_print(STDOUT_FILENO, 0)) {
        if (!listing->unread)
            complain("nobody reads: messages aren't printed until somebody does");
        listing->unread = true;
        return;
    }
    listing->unread = false;
    if (rows_flush(listing->rows) != XC_OK) {
        listing->broken = true;
        session_wake(listing->session);
    }
}

static void on_message(void *arg, const struct known_message *message)
{
    struct listing *listing = arg;

    hook_message(listing->hook, message);
    if (can_print(STDOUT_FILENO, 0))
        add_message(listing, message);
    print_now(listing);
}

static bool is_broken(void *arg)
{
    const struct listing *listing = arg;

    return listing->broken;
}

static int follow(struct listing *listing)
{
    struct plant *plant = session_plant(listing->session);
    const struct plant_ref clock = {.family = FAMILY_RCC,
                                    .index = 1,
                                    .parameter = true,
                                    .part = PART_VALUE,
                                    .id = PARAMETER_CLOCK};
    struct subscription *subscription = NULL;

    if (gateway_capabilities(session_gateway(listing->session)) & GATEWAY_CLOCK)
        subscription = plant_subscribe(plant, &clock, 1, follow_period, PRIORITY_BACKGROUND);
    listing->hook = hook_new(session_loop(listing->session), plant, listing->options->on_message,
                             session_name(listing->session));
    plant_on_message(plant, on_message, listing);
    print_now(listing);
    int status = session_wait_person(listing->session, is_broken, listing);
    plant_on_message(plant, NULL, NULL);
    plant_unsubscribe(plant, subscription);
    hook_free(listing->hook);
    return status;
}

static int list_all(struct listing *listing)
{
    int status = session_open(listing->options, SESSION_PLANT, &listing->session);

    if (status != EXIT_DONE)
        return status;
    struct session *session = listing->session;
    session_catch_signals(session);
    status = read_history(listing);
    if (status == EXIT_DONE || status == EXIT_PARTLY) {
        const struct known_filter filter = filter_of(listing);
        const char *problem = plant_messages_state(session_plant(session)).problem;
        plant_messages_list(session_plant(session), &filter, add_message, listing);
        if (problem)
            complain("%s: what was read isn't kept", problem);
    }
    if (status == EXIT_DONE && listing->options->follow)
        status = follow(listing);
    session_settle(session);
    return status;
}

int cmd_messages(const struct options *options)
{
    struct listing listing = {.options = options, .since = wall_of(options->since)};

    listing.rows = message_rows_new(options);
    bool left = options->leave_messages || options->read_only;
    int status = left && !options->follow ? list_known(&listing) : list_all(&listing);
    status = finish_rows(listing.rows, status);
    session_free(listing.session);
    if (status == EXIT_DONE && listing.count == 0)
        complain("no message is known%s", listing.since ? " since then" : "");
    return status;
}
