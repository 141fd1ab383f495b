// SPDX-License-Identifier: MIT
// What a program that runs as a service tells its manager: datagrams to the socket that the
// environment names (sd_notify(3); systemd.service(5), Type=notify and WatchdogSec=). A dozen lines
// of protocol don't justify another library. Without NOTIFY_SOCKET all of this does nothing.
#ifndef XC_CMD_SERVICE_H
#define XC_CMD_SERVICE_H

#include "loop/loop.h"

struct service;

// From now on WATCHDOG=1 goes out at half of WATCHDOG_USEC for as long as the loop goes round, if
// WATCHDOG_PID is this process or isn't given. NULL when nobody wants to be told; the functions
// below take that.
struct service *service_new(struct loop *loop);
// It has started: READY=1. What doesn't go through is told again a second later.
void service_ready(struct service *service);
// What it does, one line for a person.
void service_status(struct service *service, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
// It ends: STOPPING=1.
void service_free(struct service *service);

#endif
