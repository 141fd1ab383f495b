// SPDX-License-Identifier: MIT
// getaddrinfo() can block for many seconds: a child process calls it and sends the addresses
// through a pipe.
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc.h"
#include "link/net.h"

enum { CHILD_SECONDS = 30 };

// What the child sends; less than PIPE_BUF, so it comes in one piece or not at all.
struct report {
    int error; // of getaddrinfo()
    unsigned count;
    struct net_address addresses[NET_ADDRESSES_MAX];
};

struct resolver {
    struct loop *loop;
    struct loop_watch *watch;
    int pipe;
    pid_t child;
    char host[256];
    net_resolved_fn *fn;
    void *arg;
};

// Only what getaddrinfo() needs: no terminal, none of our descriptors, none of our handlers.
static void shed_everything(int keep)
{
    sigset_t none;
    int null = open("/dev/null", O_RDWR);

    if (keep < 3)
        keep = fcntl(keep, F_DUPFD, 3);
    for (int s = 1; s < NSIG; s++)
        signal(s, SIG_DFL);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (int standard = 0; standard <= 2; standard++)
        if (null >= 0)
            dup2(null, standard);
    if (keep != 3)
        dup2(keep, 3);
    closefrom(4);
}

static void run_child(int out, const char *host, uint16_t port)
{
    struct addrinfo hints = {.ai_flags = AI_NUMERICSERV, .ai_socktype = SOCK_STREAM};
    struct addrinfo *found = NULL;
    struct report report = {0};
    char service[8];

    shed_everything(out);
    alarm(CHILD_SECONDS);
    snprintf(service, sizeof service, "%u", (unsigned)port);
    report.error = getaddrinfo(host, service, &hints, &found);
    for (struct addrinfo *a = found; a && report.count < NET_ADDRESSES_MAX; a = a->ai_next) {
        struct net_address *address = &report.addresses[report.count++];
        memcpy(&address->sa, a->ai_addr, a->ai_addrlen);
        address->length = a->ai_addrlen;
    }
    ssize_t ignored = write(3, &report, sizeof report);
    (void)ignored;
    _exit(0);
}

void net_resolve_cancel(struct resolver *resolver)
{
    if (!resolver)
        return;
    loop_unwatch(resolver->loop, resolver->watch);
    close(resolver->pipe);
    // It has ended or ends now: waiting for it takes no time.
    kill(resolver->child, SIGKILL);
    while (waitpid(resolver->child, NULL, 0) < 0 && errno == EINTR)
        ;
    free(resolver);
}

static void say_why(const struct resolver *resolver, int error, char *out, size_t size)
{
    switch (error) {
    case EAI_NONAME:
    case EAI_NODATA:
        snprintf(out, size, "unknown host '%.100s': check the name, or give its IP address",
                 resolver->host);
        break;
    case EAI_AGAIN:
        snprintf(out, size, "can't look up '%.100s' now: no answer from the name server",
                 resolver->host);
        break;
    case EAI_SYSTEM:
        snprintf(out, size, "can't look up '%.100s': the look-up was stopped", resolver->host);
        break;
    default:
        snprintf(out, size, "can't look up '%.100s': %s", resolver->host, gai_strerror(error));
        break;
    }
}

static void on_report(void *arg, short revents)
{
    struct resolver *resolver = arg;
    struct report report = {0};
    char why[256];

    (void)revents;
    ssize_t n = read(resolver->pipe, &report, sizeof report);
    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n != sizeof report)
        report = (struct report){.error = EAI_SYSTEM};
    say_why(resolver, report.count ? 0 : report.error, why, sizeof why);
    net_resolved_fn *fn = resolver->fn;
    void *fn_arg = resolver->arg;
    net_resolve_cancel(resolver);
    fn(fn_arg, report.addresses, report.count, why);
}

struct resolver *net_resolve(struct loop *loop, const char *host, uint16_t port,
                             net_resolved_fn *fn, void *arg)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) < 0)
        return NULL;
    pid_t child = fork();
    if (child == 0)
        run_child(ends[1], host, port);
    int error = errno;
    close(ends[1]);
    if (child < 0) {
        close(ends[0]);
        errno = error;
        return NULL;
    }
    struct resolver *resolver = xcalloc(1, sizeof *resolver);
    resolver->loop = loop;
    resolver->pipe = ends[0];
    resolver->child = child;
    snprintf(resolver->host, sizeof resolver->host, "%s", host);
    resolver->fn = fn;
    resolver->arg = arg;
    resolver->watch = loop_watch(loop, resolver->pipe, POLLIN, on_report, resolver);
    return resolver;
}
