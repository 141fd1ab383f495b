// SPDX-License-Identifier: MIT
// clock: the installation's clock beside the computer's; sets it to that.
#include <stdio.h>
#include <time.h>

#include "base/localclock.h"
#include "base/text.h"
#include "cmd/change.h"
#include "cmd/cmd.h"

enum { CLOCK_PARAMETER = 5002, TIME_MAX = 32 };

static const struct column columns[] = {
    {.name = "installation", .type = COLUMN_TEXT, .heading = "installation"},
    {.name = "computer", .type = COLUMN_TEXT, .heading = "computer"},
    {.name = "ahead_s", .type = COLUMN_INT, .right = true, .heading = "ahead s"},
};

// Neither clock knows a time zone here: seconds since 1970 as if it were UTC.
static char *clock_text(int64_t seconds, char out[TIME_MAX])
{
    time_t time = (time_t)seconds;
    struct tm tm;

    if (!gmtime_r(&time, &tm) || strftime(out, TIME_MAX, "%Y-%m-%d %H:%M:%S", &tm) == 0)
        out[0] = '\0';
    return out;
}

static int64_t computer_clock(struct session *session)
{
    return local_clock(loop_wall(session_loop(session))) / LOOP_S;
}

static int print_clocks(struct session *session, const struct options *options, int64_t clock)
{
    char installation[TIME_MAX], computer[TIME_MAX];
    int64_t ours = computer_clock(session);
    const struct field fields[] = {{.text = clock_text(clock, installation)},
                                   {.text = clock_text(ours, computer)},
                                   {.integer = clock - ours}};
    struct rows *rows =
        rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);

    rows_add(rows, fields);
    return finish_rows(rows, EXIT_DONE);
}

static int tell(struct session *session, const struct options *options)
{
    const struct question question = {.kind = QUESTION_PARAMETER,
                                      .priority = PRIORITY_PERSON,
                                      .address = device_address(FAMILY_RCC, 1),
                                      .id = CLOCK_PARAMETER,
                                      .part = PART_VALUE,
                                      .format = FORMAT_INT32};

    if (!(gateway_capabilities(session_gateway(session)) & GATEWAY_CLOCK)) {
        complain("this gateway doesn't tell the installation's clock");
        return EXIT_REFUSED;
    }
    struct answer answer;
    int status = session_ask(session, &question, &answer);
    if (status == EXIT_NO_ANSWER || (status == EXIT_DONE && answer.status == XC_TIMEOUT)) {
        session_complain_gateway(session);
        return EXIT_NO_ANSWER;
    }
    if (status != EXIT_DONE)
        return status;
    if (answer.status != XC_OK) {
        const char *words = catalogue_error_text(answer.error);
        complain("the gateway doesn't tell its clock: %s",
                 words ? words : status_text(answer.status));
        return EXIT_REFUSED;
    }
    return print_clocks(session, options, (int64_t)answer.number);
}

static int set(struct session *session, const struct options *options)
{
    const struct change change = {
        .target = {.kind = TARGET_DEVICE, .family = FAMILY_RCC, .index = 1},
        .datapoint = catalogue_find(FAMILY_RCC, CLOCK_PARAMETER),
        .wish = {.now = true},
    };

    return change_do(session, options, &change);
}

int cmd_clock(const struct options *options)
{
    struct session *session;
    int status = session_open(options, options->set ? SESSION_CHANGE : SESSION_QUESTIONS, &session);

    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait_ready(session);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status == EXIT_DONE)
        status = options->set ? set(session, options) : tell(session, options);
    session_settle(session);
    session_free(session);
    return status;
}
