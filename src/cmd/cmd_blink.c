// SPDX-License-Identifier: MIT
// blink: makes a device's LEDs flash, so that somebody who stands there sees which one it is.
#include <string.h>

#include "cmd/change.h"
#include "cmd/cmd.h"

static int parse(const char *word, struct change *change)
{
    struct target target = {0};
    uint32_t address = 0;

    *change = (struct change){
        .target = {.kind = TARGET_DEVICE, .family = FAMILY_RCC, .index = 1},
        .datapoint = catalogue_find(FAMILY_RCC, IDENTIFY_PARAMETER),
    };
    if (strcmp(word, "off") == 0 || strcmp(word, "0") == 0)
        return EXIT_DONE;
    if (target_parse(word, &target) == XC_OK) {
        if (target.kind == TARGET_EACH)
            target.kind = TARGET_MULTICAST;
        address = target_address(&target);
    }
    change->wish.number = address;
    if (address != 0)
        return EXIT_DONE;
    complain("'%s': expected a device like XT2, VT1 or BSP, a phase L1…L3, XT, VT or VS for all of "
             "a family, or off",
             word);
    return EXIT_WRONG;
}

// Nothing can come of it: it isn't asked for, unless this may be another site.
static int blink(struct session *session, const struct options *options,
                 const struct change *change)
{
    struct edit_verdict verdict;
    struct edit *edit;
    int status = change_look(session, change, &edit);

    if (status != EXIT_DONE)
        return status;
    edit_check(edit, &change->wish, &verdict);
    if (verdict.status != XC_OK || verdict.word)
        status = change_confirm(session, options, change, edit);
    if (status == EXIT_DONE)
        status = change_write(session, options, change, edit);
    edit_close(edit);
    return status;
}

int cmd_blink(const struct options *options)
{
    struct session *session;
    struct change change;
    int status = parse(options->words[0], &change);

    if (status == EXIT_DONE)
        status = session_open(options, SESSION_CHANGE, &session);
    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait_ready(session);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status == EXIT_DONE)
        status = blink(session, options, &change);
    session_settle(session);
    session_free(session);
    return status;
}
