// SPDX-License-Identifier: MIT
// blink: makes a device's LEDs flash, so that somebody who stands there sees which one it is.
#include <string.h>

#include "cmd/change.h"
#include "cmd/cmd.h"
#include "proto/scom.h"

// The first of each family's infos, which all of its devices have.
static const uint16_t infos[FAMILY_COUNT] = {[FAMILY_XT] = 3000,
                                             [FAMILY_VT] = 11000,
                                             [FAMILY_VS] = 15000,
                                             [FAMILY_BSP] = 7000,
                                             [FAMILY_BMS] = 7000};

// meant: whose LEDs; unchanged for "off".
static int parse(const char *word, struct change *change, struct target *meant)
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
    *meant = target;
    if (address != 0)
        return EXIT_DONE;
    complain("'%s': expected a device like XT2, VT1 or BSP, a phase L1…L3, XT, VT or VS for all of "
             "a family, or off",
             word);
    return EXIT_WRONG;
}

// --- Is it there? --------------------------------------------------------------------------------

// The gateway takes the address of any device, also of one that isn't there.
static int check_there(struct session *session, const struct target *meant)
{
    // All of a family are spoken to only for writing: where there is one, there is a first.
    const struct target first = {TARGET_DEVICE, meant->family, 1};
    const struct target *asks = meant->kind == TARGET_MULTICAST ? &first : meant;
    const struct question question = {.kind = QUESTION_INFO,
                                      .priority = PRIORITY_PERSON,
                                      .address = target_address(asks),
                                      .id = infos[meant->family],
                                      .format = FORMAT_FLOAT};
    char name[DEVICE_NAME_MAX];

    if (question.address == 0 || question.id == 0)
        return EXIT_DONE;
    struct answer answer;
    int status = session_ask(session, &question, &answer);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status != EXIT_DONE)
        return status;
    target_name(meant, name, sizeof name);
    if (answer.status == XC_TIMEOUT || answer.status == XC_NO_LINK) {
        complain("no answer from %s: its LEDs don't flash", name);
        return EXIT_NO_ANSWER;
    }
    if (answer.status == XC_DEVICE_ERROR &&
        (answer.error == SCOM_DEVICE_NOT_FOUND || answer.error == SCOM_RESPONSE_TIMEOUT)) {
        complain("there is no %s; scan lists what is there", name);
        return EXIT_REFUSED;
    }
    return EXIT_DONE;
}

// --- Flashing ------------------------------------------------------------------------------------

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
    struct target meant = {.family = FAMILY_RCC};
    int status = parse(options->words[0], &change, &meant);

    if (status == EXIT_DONE)
        status = session_open(options, SESSION_CHANGE, &session);
    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait_ready(session);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status == EXIT_DONE)
        status = check_there(session, &meant);
    if (status == EXIT_DONE)
        status = blink(session, options, &change);
    session_settle(session);
    session_free(session);
    return status;
}
