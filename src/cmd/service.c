// SPDX-License-Identifier: MIT
#include "cmd/service.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"

enum { STATUS_MAX = 480 };

static const int64_t again = LOOP_S;

struct service {
    struct loop *loop;
    int descriptor;
    struct sockaddr_un address;
    socklen_t length;
    int64_t period; // of the watchdog; 0: none
    struct loop_timer watchdog, retry;
    bool told; // READY=1
};

// A path, or with '@' in front an abstract name, which has no 0 at its end.
static bool read_address(const char *text, struct service *service)
{
    size_t length = strlen(text);

    if ((text[0] != '/' && text[0] != '@') || length < 2 ||
        length >= sizeof service->address.sun_path)
        return false;
    service->address.sun_family = AF_UNIX;
    memcpy(service->address.sun_path, text, length);
    if (text[0] == '@')
        service->address.sun_path[0] = '\0';
    service->length = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + length);
    if (text[0] == '/')
        service->length++;
    return true;
}

static int64_t watchdog_period(void)
{
    const char *period = getenv("WATCHDOG_USEC"), *process = getenv("WATCHDOG_PID");
    long number, meant;

    if (!period || text_parse_int(period, 2, INT32_MAX, &number) != XC_OK)
        return 0;
    if (process &&
        (text_parse_int(process, 1, INT32_MAX, &meant) != XC_OK || meant != (long)getpid()))
        return 0;
    return number / 2;
}

// Never waits: a manager that doesn't read isn't worth a hang.
static bool tell(struct service *service, const char *text)
{
    size_t length = strlen(text);

    return sendto(service->descriptor, text, length, MSG_NOSIGNAL | MSG_DONTWAIT,
                  (const struct sockaddr *)&service->address, service->length) == (ssize_t)length;
}

static void feed_watchdog(void *arg)
{
    struct service *service = arg;

    tell(service, "WATCHDOG=1");
    loop_timer_in(service->loop, &service->watchdog, service->period);
}

static void tell_ready(void *arg)
{
    struct service *service = arg;

    service->told = service->told || tell(service, "READY=1");
    if (!service->told)
        loop_timer_in(service->loop, &service->retry, again);
}

struct service *service_new(struct loop *loop)
{
    const char *where = getenv("NOTIFY_SOCKET");
    struct service *service = xcalloc(1, sizeof *service);

    service->loop = loop;
    service->descriptor = -1;
    if (where && read_address(where, service))
        service->descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    if (service->descriptor < 0) {
        free(service);
        return NULL;
    }
    service->retry = (struct loop_timer){.fire = tell_ready, .arg = service};
    service->watchdog = (struct loop_timer){.fire = feed_watchdog, .arg = service};
    service->period = watchdog_period();
    if (service->period > 0)
        feed_watchdog(service);
    return service;
}

void service_ready(struct service *service)
{
    if (service)
        tell_ready(service);
}

void service_status(struct service *service, const char *format, ...)
{
    char line[STATUS_MAX], harmless[STATUS_MAX], text[STATUS_MAX + 16];
    va_list args;

    if (!service)
        return;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    snprintf(text, sizeof text, "STATUS=%s", text_escape(harmless, sizeof harmless, line));
    tell(service, text);
}

void service_free(struct service *service)
{
    if (!service)
        return;
    loop_timer_stop(service->loop, &service->retry);
    loop_timer_stop(service->loop, &service->watchdog);
    tell(service, "STOPPING=1");
    close(service->descriptor);
    free(service);
}
