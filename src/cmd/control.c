// SPDX-License-Identifier: MIT
#include "cmd/control.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"

enum { CLIENTS_MAX = 4, COMMAND_MAX = 256, REPLY_MAX = 1024 };

struct client {
    struct control *control;
    int descriptor; // -1: free
    struct loop_watch *watch;
    char line[COMMAND_MAX];
    size_t used;
};

struct control {
    struct loop *loop;
    struct sim_gateway *gateway;
    char *path;
    int listener;
    struct loop_watch *watch;
    struct client clients[CLIENTS_MAX];
};

static void hang_up(struct client *client)
{
    loop_unwatch(client->control->loop, client->watch);
    close(client->descriptor);
    client->watch = NULL;
    client->descriptor = -1;
}

// False when the client is gone, or doesn't read what it asked for.
static bool reply(struct client *client, const char *text)
{
    size_t length = strlen(text);

    return send(client->descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)length;
}

static bool run(struct client *client, const char *line)
{
    char error[160], text[REPLY_MAX];

    if (strcmp(line, "status") == 0) {
        size_t length = strlen(sim_gateway_status(client->control->gateway, text, sizeof text - 4));
        memcpy(text + length, "ok\n", 4);
        return reply(client, text);
    }
    if (strcmp(line, "writes") == 0) {
        char *counts = sim_gateway_writes(client->control->gateway);
        bool sent = reply(client, counts) && reply(client, "ok\n");
        free(counts);
        return sent;
    }
    enum xc_status status =
        sim_gateway_command(client->control->gateway, line, error, sizeof error);
    snprintf(text, sizeof text, status == XC_OK ? "ok\n" : "error: %s\n", error);
    return reply(client, text);
}

static void on_client(void *arg, short revents)
{
    struct client *client = arg;
    ssize_t n = recv(client->descriptor, client->line + client->used,
                     sizeof client->line - client->used, MSG_DONTWAIT);

    (void)revents;
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n <= 0) {
        hang_up(client);
        return;
    }
    client->used += (size_t)n;
    char *end;
    while ((end = memchr(client->line, '\n', client->used))) {
        size_t length = (size_t)(end - client->line);
        client->line[length] = '\0';
        if (length > 0 && client->line[length - 1] == '\r')
            client->line[length - 1] = '\0';
        if (!run(client, client->line)) {
            hang_up(client);
            return;
        }
        client->used -= length + 1;
        memmove(client->line, end + 1, client->used);
    }
    if (client->used == sizeof client->line) {
        reply(client, "error: a shorter command was expected\n");
        hang_up(client);
    }
}

static void on_listener(void *arg, short revents)
{
    struct control *control = arg;
    int descriptor = accept4(control->listener, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

    (void)revents;
    if (descriptor < 0)
        return;
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        struct client *client = &control->clients[i];
        if (client->descriptor >= 0)
            continue;
        client->descriptor = descriptor;
        client->used = 0;
        client->watch = loop_watch(control->loop, descriptor, POLLIN, on_client, client);
        if (!client->watch) {
            close(descriptor);
            client->descriptor = -1;
        }
        return;
    }
    close(descriptor);
}

// Removes a socket that nobody listens on. False, with errno, when something else is there.
static bool make_room(const struct sockaddr_un *address)
{
    struct stat status;

    if (lstat(address->sun_path, &status) < 0)
        return errno == ENOENT;
    errno = EEXIST;
    if (!S_ISSOCK(status.st_mode))
        return false;
    int probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (probe < 0)
        return false;
    bool dead = connect(probe, (const struct sockaddr *)address, sizeof *address) < 0 &&
                errno == ECONNREFUSED;
    close(probe);
    errno = EADDRINUSE;
    return dead && unlink(address->sun_path) == 0;
}

static int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};

    if (strlen(path) >= sizeof address.sun_path) {
        errno = ENAMETOOLONG;
        return -1;
    }
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    if (!make_room(&address))
        return -1;
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (listener < 0)
        return -1;
    // The mode is there from the beginning, not a moment later.
    mode_t mask = umask(0177);
    int bound = bind(listener, (const struct sockaddr *)&address, sizeof address);
    int error = errno;
    umask(mask);
    errno = error;
    if (bound < 0 || listen(listener, CLIENTS_MAX) < 0) {
        error = errno;
        close(listener);
        errno = error;
        return -1;
    }
    return listener;
}

enum xc_status control_new(struct loop *loop, const char *path, struct sim_gateway *gateway,
                           struct control **control)
{
    int listener = listen_at(path);

    if (listener < 0)
        return XC_IO;
    struct control *c = xcalloc(1, sizeof *c);
    c->loop = loop;
    c->gateway = gateway;
    c->path = xstrdup(path);
    c->listener = listener;
    for (unsigned i = 0; i < CLIENTS_MAX; i++) {
        c->clients[i].control = c;
        c->clients[i].descriptor = -1;
    }
    c->watch = loop_watch(loop, listener, POLLIN, on_listener, c);
    *control = c;
    return XC_OK;
}

void control_free(struct control *control)
{
    if (!control)
        return;
    for (unsigned i = 0; i < CLIENTS_MAX; i++)
        if (control->clients[i].descriptor >= 0)
            hang_up(&control->clients[i]);
    loop_unwatch(control->loop, control->watch);
    close(control->listener);
    unlink(control->path);
    free(control->path);
    free(control);
}
