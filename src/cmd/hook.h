// SPDX-License-Identifier: MIT
// --on-message: a command of the person's for each new message and alarm.
//
// It is run by /bin/sh -c, in a process group of its own, with nothing to read. What the message
// says stands in the environment only, never in the command: nothing that comes over the wire, and
// no name, is ever read by a shell, as long as the command has "$XCOMTOP_MESSAGE_TEXT" in quotes.
// Texts are escaped and short. At most two run at a time; others wait, at most 64, then they are
// lost. One that isn't done after a minute is killed.
//
//   XCOMTOP_MESSAGE_KIND      message, alarm, "alarm over"
//   XCOMTOP_MESSAGE_TIME      2026-11-21T14:03:22, the installation's wall clock
//   XCOMTOP_MESSAGE_LEARNED   2026-11-21T14:03:25+01:00, this computer's
//   XCOMTOP_MESSAGE_SITE      the site's or the link's name
//   XCOMTOP_MESSAGE_DEVICE    XT1; may be empty
//   XCOMTOP_MESSAGE_ADDRESS   101; 0 for alarms on sums and averages
//   XCOMTOP_MESSAGE_NUMBER    of the message; 0 for alarms
//   XCOMTOP_MESSAGE_SEVERITY  info, warning, error, halted; alarm
//   XCOMTOP_MESSAGE_VALUE     that came with the message
//   XCOMTOP_MESSAGE_NAME      of the alarm
//   XCOMTOP_MESSAGE_TEXT      in words
#ifndef XC_CMD_HOOK_H
#define XC_CMD_HOOK_H

#include <stdbool.h>

#include "loop/loop.h"
#include "plant/messages.h"

struct hook;

// Of several programs on one installation the first one that has room runs the command for a
// message. command NULL: NULL, which the others allow. What the command prints goes to standard
// error, and so does what goes wrong, each kind of it once.
struct hook *hook_new(struct loop *loop, struct plant *plant, const char *command,
                      const char *site);
// There is a screen: nothing goes to standard error. What goes wrong is told each time, "" when a
// command has done well that was started after that.
void hook_tell(struct hook *hook, void (*fn)(void *arg, const char *text), void *arg);
// Commands that run go on; those that wait are forgotten.
void hook_free(struct hook *hook);

// Runs the command for a message, now or when another one has ended.
void hook_message(void *hook, const struct known_message *message);

#endif
