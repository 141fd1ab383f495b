// SPDX-License-Identifier: MIT
// log: rows of values into a file, for as long as it may take. Nothing but a signal ends it.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/hook.h"
#include "cmd/log_options.h"
#include "cmd/outlet.h"
#include "cmd/service.h"
#include "cmd/session.h"
#include "plant/messages.h"

static const int64_t usual_every = 10 * LOOP_S, least_every = LOOP_S, most_every = 3600 * LOOP_S;
static const int64_t usual_sync = 5 * LOOP_S;

struct logging {
    const struct options *options;
    struct session *session;
    struct logger *logger;
    struct outlet *outlet; // NULL: a file
    struct service *service;
    bool on_terminal; // a person looks on
    bool told_begin, over;
    struct loop_timer wait; // --wait
    int lost;               // errno of stdout, once it can't be written to
};

static int check_options(const struct options *options, struct selection *selection)
{
    char error[SELECTION_ERROR_MAX];
    enum xc_status status;

    if (!options->output) {
        complain("log needs --output FILE (- is stdout)");
        return EXIT_WRONG;
    }
    if (options->sqlite && strcmp(options->output, "-") == 0) {
        complain("a log in SQLite is a file: it can't go to stdout");
        return EXIT_WRONG;
    }
    if (options->every && (options->every < least_every || options->every > most_every)) {
        complain("--every %.10gs: expected 1s to 1h", (double)options->every / (double)LOOP_S);
        return EXIT_WRONG;
    }
    if (options->select && options->preset) {
        complain("give either --select or --preset");
        return EXIT_WRONG;
    }
    if (options->select)
        status = selection_parse(options->select, selection, error);
    else
        status = selection_preset(options->preset ? options->preset : "overview", selection, error);
    if (status == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return EXIT_WRONG;
}

// --- What the logger says ------------------------------------------------------------------------

static void tell(void *arg, const char *line)
{
    const struct logging *logging = arg;

    // That nothing can be written any more is told at the end, with the reason.
    if (!logging->lost)
        complain("%s", line);
}

static bool put(void *arg, const char *text, size_t length)
{
    struct logging *logging = arg;

    return outlet_put(logging->outlet, text, length);
}

static void changed(void *arg)
{
    struct logging *logging = arg;
    char when[32];

    // It tells so before logger_new() has returned.
    if (!logging->logger)
        return;
    struct logger_status status = logger_status(logging->logger);
    if (*status.error)
        service_status(logging->service, "%s; %llu rows so far", status.error,
                       (unsigned long long)status.rows);
    else if (status.rows > 0)
        service_status(logging->service, "%llu row%s in %s, the last of %s",
                       (unsigned long long)status.rows, status.rows == 1 ? "" : "s",
                       logging->options->output, text_local_time(status.last, when, sizeof when));
    if (logging->on_terminal && !logging->told_begin && status.state == LOGGER_RUNNING) {
        logging->told_begin = true;
        complain("logging %zu value%s every %.10g s to %s; Ctrl-C ends", status.values,
                 status.values == 1 ? "" : "s",
                 (double)log_options(logging->options).every / (double)LOOP_S,
                 logging->options->output);
    }
    session_wake(logging->session);
}

// Rows may be rare: values that are on their way are waited for.
static void look_at_wait(void *arg)
{
    struct logging *logging = arg;
    struct logger_status status = logger_status(logging->logger);

    logging->over = status.rows == 0 && status.nobody;
    session_wake(logging->session);
}

static void lose_stdout(void *arg)
{
    struct logging *logging = arg;

    logging->lost = errno;
    session_wake(logging->session);
}

static bool is_ended(void *arg)
{
    const struct logging *logging = arg;

    return logging->lost || logging->over || logger_status(logging->logger).state >= LOGGER_ENDED;
}

static void on_change(void *arg)
{
    struct logging *logging = arg;

    logger_look(logging->logger);
}

static void ignore(void *arg, int number)
{
    (void)arg;
    (void)number; // a file that was moved away is noticed by itself
}

// --- Life ----------------------------------------------------------------------------------------

static bool ends_in(const char *path, const char *end)
{
    size_t length = strlen(path), behind = strlen(end);

    return length > behind && strcmp(path + length - behind, end) == 0;
}

// Without --format a file's name may say it.
static enum logger_format format_of(const struct options *options)
{
    bool named = options->output && !(options->given & option_bit(OPTION_FORMAT));

    if (options->sqlite || (named && ends_in(options->output, ".sqlite")))
        return LOGGER_SQLITE;
    if (options->format == ROWS_JSONL || (named && ends_in(options->output, ".jsonl")))
        return LOGGER_JSONL;
    return LOGGER_CSV;
}

struct logger_options log_options(const struct options *options)
{
    bool to_stdout = !options->output || strcmp(options->output, "-") == 0;

    return (struct logger_options){.path = to_stdout ? NULL : options->output,
                                   .format = format_of(options),
                                   .every = options->every ? options->every : usual_every,
                                   .sync = options->sync ? options->sync : usual_sync,
                                   .rotation = options->rotation,
                                   .rotate_size = options->rotate_size,
                                   .rotate_keep = options->rotate_keep,
                                   .why = options->why,
                                   .rows = options->samples,
                                   .demo = options_demo(options)};
}

// --wait is over.
static int tell_nobody(const struct logging *logging)
{
    if (session_heard(logging->session))
        complain("no values in the time of --wait: no device of the selection was found");
    else
        session_complain(logging->session);
    return EXIT_NO_ANSWER;
}

static int tell_end(const struct logging *logging)
{
    struct logger_status status = logger_status(logging->logger);

    // Who reads as much as it wants, like head, is no fault.
    if (logging->lost == EPIPE)
        return 128 + SIGPIPE;
    if (logging->lost)
        complain("can't write the results: %s", strerror(logging->lost));
    else if (status.state == LOGGER_FAILED)
        complain("%s", status.error);
    else
        return logging->over ? tell_nobody(logging) : EXIT_DONE;
    return EXIT_REFUSED;
}

static void tell_rows(const struct logging *logging)
{
    uint64_t rows = logger_status(logging->logger).rows;

    complain("%llu row%s in %s", (unsigned long long)rows, rows == 1 ? "" : "s",
             logging->options->output);
}

static int run(struct logging *logging, struct selection *selection)
{
    static const struct logger_calls calls = {.tell = tell, .put = put, .changed = changed};
    struct loop *loop = session_loop(logging->session);
    const struct logger_options options = log_options(logging->options);

    session_catch_signals(logging->session);
    loop_on_signal(loop, SIGHUP, ignore, NULL);
    logging->service = service_new(loop);
    if (!options.path)
        logging->outlet = outlet_new(loop, lose_stdout, logging);
    logging->on_terminal = options.path && !logging->service && isatty(STDERR_FILENO);
    logging->logger =
        logger_new(loop, session_plant(logging->session), selection, &options, &calls, logging);
    session_on_change(logging->session, on_change, logging);
    // A service goes on for as long as it may take.
    logging->wait = (struct loop_timer){.fire = look_at_wait, .arg = logging};
    if (logging->options->wait >= 0 && !logging->service)
        loop_timer_in(loop, &logging->wait, logging->options->wait);
    changed(logging);
    struct hook *hook = hook_new(loop, session_plant(logging->session),
                                 logging->options->on_message, session_name(logging->session));
    plant_on_message(session_plant(logging->session), hook_message, hook);
    // The gateway may come hours later: it isn't waited for with having started.
    service_ready(logging->service);
    service_status(logging->service, "waiting for the gateway");
    int status = session_wait_person(logging->session, is_ended, logging);
    plant_on_message(session_plant(logging->session), NULL, NULL);
    hook_free(hook);
    session_on_change(logging->session, NULL, NULL);
    loop_timer_stop(loop, &logging->wait);
    // Who has it run as a service ends it so.
    if (status == 128 + SIGTERM)
        status = EXIT_DONE;
    else if (status == EXIT_DONE)
        status = tell_end(logging);
    if (logging->told_begin && logger_status(logging->logger).state != LOGGER_FAILED)
        tell_rows(logging);
    session_settle(logging->session);
    service_free(logging->service);
    logger_free(logging->logger);
    outlet_free(logging->outlet);
    return status;
}

int cmd_log(const struct options *options)
{
    struct logging logging = {.options = options};
    struct selection selection = {0};
    int status = check_options(options, &selection);

    if (status == EXIT_DONE)
        status = session_open(options, SESSION_PLANT, &logging.session);
    if (status == EXIT_DONE)
        status = run(&logging, &selection);
    selection_free(&selection);
    session_free(logging.session);
    return status;
}
