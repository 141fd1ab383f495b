// SPDX-License-Identifier: MIT
// A plan of changes from the command line: looked at, shown, confirmed, carried out, reported.
#ifndef XC_CMD_PLANNED_H
#define XC_CMD_PLANNED_H

#include "cmd/session.h"
#include "plant/batch.h"

// Whether anything will be written at all: to be asked before minutes are spent on reading.
// EXIT_DONE, or EXIT_REFUSED after a line on stderr.
int planned_may_write(struct session *session, const struct options *options);

// The plan's items have been added; same settings weren't, since they are as they should be. word
// is what must be typed to say yes ("site" takes its place when the site's name was last used for
// another installation). Changes that a device has already are left out. EXIT_DONE: everything was
// written or is so already; EXIT_REFUSED: by the person, or nothing could be written; EXIT_PARTLY;
// EXIT_UNKNOWN: of at least one the outcome isn't known; EXIT_NO_ANSWER: the gateway went away, the
// rest wasn't begun; 128 + n. Frees nothing.
int planned_do(struct session *session, const struct options *options, struct batch *batch,
               size_t same, bool flash, const char *word);

// A device has a setting as it should be in flash, but an earlier run wrote something else to its
// RAM: says so. kept_in_flash: as the protocol carries it.
void planned_tell_ram(struct session *session, enum family family, unsigned index,
                      const struct datapoint *datapoint, double kept_in_flash);

// Called when the plan has got on: give it to batch_new() with the session.
void planned_changed(void *session);

#endif
