// SPDX-License-Identifier: MIT
#include "cmd/confirm.h"

#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <termios.h>
#include <unistd.h>

#include "cmd/cmd.h"

struct reply {
    struct session *session;
    char line[64];
    size_t length;
    bool complete;
};

static void on_input(void *arg, short revents)
{
    struct reply *reply = arg;
    char bytes[128];
    ssize_t got = revents & (POLLIN | POLLHUP) ? read(STDIN_FILENO, bytes, sizeof bytes) : 0;

    // The end of the input is no answer, so it is no.
    if (got <= 0)
        reply->complete = true;
    for (ssize_t i = 0; i < got && !reply->complete; i++) {
        if (bytes[i] == '\n')
            reply->complete = true;
        else if (reply->length < sizeof reply->line - 1)
            reply->line[reply->length++] = bytes[i];
    }
    reply->line[reply->length] = '\0';
    session_wake(reply->session);
}

static bool is_complete(void *arg)
{
    const struct reply *reply = arg;
    return reply->complete;
}

static int ask(struct session *session, const char *question, const char *word, struct reply *reply)
{
    struct loop *loop = session_loop(session);

    *reply = (struct reply){.session = session};
    // What was typed before the question is no answer to it.
    tcflush(STDIN_FILENO, TCIFLUSH);
    if (word)
        fprintf(stderr, "%s Type %s to go on: ", question, word);
    else
        fprintf(stderr, "%s [y/N] ", question);
    fflush(stderr);
    struct loop_watch *watch = loop_watch(loop, STDIN_FILENO, POLLIN, on_input, reply);
    int status = session_wait_person(session, is_complete, reply);
    loop_unwatch(loop, watch);
    if (status != EXIT_DONE)
        fputc('\n', stderr);
    return status;
}

int confirm(struct session *session, const struct options *options, const char *question,
            const char *word)
{
    struct reply reply;

    if (word && options->confirm) {
        if (strcmp(options->confirm, word) == 0)
            return EXIT_DONE;
        complain("--confirm %s: the word asked for is %s", options->confirm, word);
        return EXIT_REFUSED;
    }
    if (!word && options->yes)
        return EXIT_DONE;
    if (!isatty(STDIN_FILENO) || !isatty(STDERR_FILENO)) {
        if (word)
            complain("there is no terminal to ask on; --confirm %s says yes", word);
        else
            complain("there is no terminal to ask on; --yes says yes");
        return EXIT_REFUSED;
    }
    int status = ask(session, question, word, &reply);
    if (status != EXIT_DONE)
        return status;
    bool yes = word ? strcmp(reply.line, word) == 0
                    : strcasecmp(reply.line, "y") == 0 || strcasecmp(reply.line, "yes") == 0;
    if (!yes)
        complain("nothing was written");
    return yes ? EXIT_DONE : EXIT_REFUSED;
}
