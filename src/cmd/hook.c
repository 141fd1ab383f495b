// SPDX-License-Identifier: MIT
#include "cmd/hook.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/child.h"
#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/message_rows.h"

enum { RUNNING_MAX = 2, QUEUE_MAX = 64, FIELD_BYTES = 512, WORDS_MAX = 120 };

#define PATIENCE (60 * LOOP_S)
#define LOOK     (1 * LOOP_S) // a signal that somebody else took

static const char prefix[] = "XCOMTOP_MESSAGE_";

enum trouble { TROUBLE_START, TROUBLE_FAILED, TROUBLE_SLOW, TROUBLE_MANY, TROUBLE_COUNT };

struct running {
    pid_t child; // 0: none
    uint64_t number;
    int64_t began;
    bool killed;
};

struct hook {
    struct loop *loop;
    struct plant *plant;
    char *command, *site;
    bool told[TROUBLE_COUNT];
    uint64_t started;                          // commands, so far
    uint64_t trouble;                          // as many had been, when something went wrong
    void (*tell)(void *arg, const char *text); // of a screen; NULL: standard error
    void *arg;
    struct running running[RUNNING_MAX];
    struct known_message queue[QUEUE_MAX]; // a ring
    size_t first, count;
    struct loop_timer timer;
};

// --- The environment -----------------------------------------------------------------------------

struct environment {
    char **list;
    size_t count;
};

static void put(struct environment *environment, const char *name, const char *value)
{
    char text[FIELD_BYTES], line[FIELD_BYTES + 64];

    text_escape(text, sizeof text, value);
    snprintf(line, sizeof line, "%s%s=%s", prefix, name, text);
    environment->list =
        xrealloc(environment->list, environment->count + 2, sizeof *environment->list);
    environment->list[environment->count++] = xstrdup(line);
    environment->list[environment->count] = NULL;
}

static void put_number(struct environment *environment, const char *name, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    put(environment, name, text);
}

static struct environment make_environment(const struct hook *hook,
                                           const struct known_message *message)
{
    struct environment environment = {0};
    char text[FIELD_BYTES];

    put(&environment, "KIND", known_kind_name(message->kind));
    put(&environment, "TIME", message_time(message, text, sizeof text));
    put(&environment, "LEARNED", message_learned(message, text, sizeof text));
    put(&environment, "SITE", hook->site);
    put(&environment, "DEVICE", message->device);
    put_number(&environment, "ADDRESS", message->source);
    put_number(&environment, "NUMBER", message->number);
    put(&environment, "SEVERITY", message_severity(message));
    // An alarm's value stands in its text, with its unit.
    if (message->kind == KNOWN_MESSAGE)
        put_number(&environment, "VALUE", message->value);
    else
        put(&environment, "VALUE", "");
    put(&environment, "NAME", message->name);
    put(&environment, "TEXT", message_text_of(message));
    size_t own = environment.count, theirs = 0;
    while (environ[theirs])
        theirs++;
    environment.list = xrealloc(environment.list, own + theirs + 1, sizeof *environment.list);
    for (size_t i = 0; i < theirs; i++)
        if (strncmp(environ[i], prefix, strlen(prefix)) != 0)
            environment.list[environment.count++] = xstrdup(environ[i]);
    environment.list[environment.count] = NULL;
    return environment;
}

static void free_environment(struct environment *environment)
{
    for (size_t i = 0; i < environment->count; i++)
        free(environment->list[i]);
    free(environment->list);
}

// --- Running -------------------------------------------------------------------------------------

static int spawn(const struct hook *hook, char *const *environment, pid_t *child)
{
    char shell[] = "sh", flag[] = "-c";
    char *const arguments[] = {shell, flag, hook->command, NULL};
    // Results on standard output are ours.
    int output = hook->tell ? -1 : STDERR_FILENO;

    return child_start("/bin/sh", arguments, environment, (struct child_files){-1, output, output},
                       child);
}

static void tell(struct hook *hook, enum trouble trouble, const char *words)
{
    char text[WORDS_MAX + 16];

    snprintf(text, sizeof text, "--on-message: %s", words);
    if (hook->tell)
        hook->tell(hook->arg, text);
    // Each once: it would be the same a thousand times.
    else if (!hook->told[trouble])
        complain("%s", text);
    hook->told[trouble] = true;
    hook->trouble = hook->started;
}

// status: as of waitpid(). One that ran beside the one that failed takes nothing back: nobody would
// have seen it.
static void tell_end(struct hook *hook, const struct running *running, int status)
{
    char words[WORDS_MAX];

    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        if (hook->tell && running->number > hook->trouble)
            hook->tell(hook->arg, "");
        return;
    }
    if (WIFEXITED(status))
        snprintf(words, sizeof words, "exit status %d", WEXITSTATUS(status));
    else
        snprintf(words, sizeof words, "ended by signal %d", WTERMSIG(status));
    tell(hook, TROUBLE_FAILED, words);
}

// The message that waits longest; nothing happens when another program has run its command.
static void start(struct hook *hook, struct running *running)
{
    const struct known_message *message = &hook->queue[hook->first];
    char words[WORDS_MAX];

    hook->first = (hook->first + 1) % QUEUE_MAX;
    hook->count--;
    // Claimed only now: what still waits when this program ends is left to the others.
    if (!plant_message_claim(hook->plant, message))
        return;
    struct environment environment = make_environment(hook, message);
    int error = spawn(hook, environment.list, &running->child);
    free_environment(&environment);
    running->began = loop_now(hook->loop);
    running->number = ++hook->started;
    running->killed = false;
    if (error == 0)
        return;
    running->child = 0;
    snprintf(words, sizeof words, "it can't be run: %s", strerror(error));
    tell(hook, TROUBLE_START, words);
}

// Takes what has ended, starts what waits.
static void look(struct hook *hook)
{
    int64_t now = loop_now(hook->loop);
    bool any = false;

    for (size_t i = 0; i < RUNNING_MAX; i++) {
        struct running *running = &hook->running[i];
        int status;
        pid_t ended = running->child ? waitpid(running->child, &status, WNOHANG) : 0;
        if (ended > 0 && !running->killed)
            tell_end(hook, running, status);
        if (ended != 0)
            running->child = 0;
        if (running->child != 0 && !running->killed && now - running->began >= PATIENCE) {
            kill(-running->child, SIGKILL);
            running->killed = true;
            tell(hook, TROUBLE_SLOW, "a command wasn't done after a minute, and was killed");
        }
        while (running->child == 0 && hook->count > 0)
            start(hook, running);
        any |= running->child != 0;
    }
    if (any)
        loop_timer_in(hook->loop, &hook->timer, LOOK);
    else
        loop_timer_stop(hook->loop, &hook->timer);
}

static void on_timer(void *arg)
{
    look(arg);
}

static void on_child(void *arg, int signal)
{
    (void)signal;
    look(arg);
}

void hook_message(void *arg, const struct known_message *message)
{
    struct hook *hook = arg;

    if (!hook)
        return;
    if (hook->count == QUEUE_MAX) {
        tell(hook, TROUBLE_MANY, "too many messages at once: some are left out");
        return;
    }
    hook->queue[(hook->first + hook->count++) % QUEUE_MAX] = *message;
    look(hook);
}

struct hook *hook_new(struct loop *loop, struct plant *plant, const char *command, const char *site)
{
    if (!command)
        return NULL;
    struct hook *hook = xcalloc(1, sizeof *hook);
    hook->loop = loop;
    hook->plant = plant;
    hook->command = xstrdup(command);
    hook->site = xstrdup(site);
    hook->timer = (struct loop_timer){.fire = on_timer, .arg = hook};
    loop_on_signal(loop, SIGCHLD, on_child, hook);
    return hook;
}

void hook_tell(struct hook *hook, void (*fn)(void *arg, const char *text), void *arg)
{
    if (!hook)
        return;
    hook->tell = fn;
    hook->arg = arg;
}

void hook_free(struct hook *hook)
{
    if (!hook)
        return;
    loop_off_signal(hook->loop, SIGCHLD);
    loop_timer_stop(hook->loop, &hook->timer);
    free(hook->command);
    free(hook->site);
    free(hook);
}
