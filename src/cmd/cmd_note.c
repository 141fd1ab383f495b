// SPDX-License-Identifier: MIT
// note: writes the gateway's custom datalog field, which it stores in the day's datalog file. It is
// in RAM until then, and no parameter: nothing of it is in the record of writes.
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "base/text.h"
#include "cmd/cmd.h"
#include "cmd/confirm.h"
#include "cmd/session.h"
#include "proto/scom.h"

struct note {
    struct session *session;
    uint8_t bytes[QUESTION_TEXT_MAX];
    size_t length;
};

static int read_text(const char *text, struct note *note)
{
    const char *where = text;
    char piece[8], safe[32];
    uint32_t c;

    switch (text_to_wire(text, note->bytes, sizeof note->bytes, &note->length, &where)) {
    case XC_OK:
        if (note->length > 0)
            return EXIT_DONE;
        complain("note: a text was expected");
        return EXIT_WRONG;
    case XC_RANGE:
        complain("note: the text has more than %d characters", QUESTION_TEXT_MAX);
        return EXIT_WRONG;
    default:
        snprintf(piece, sizeof piece, "%.*s", (int)text_next(where, &c), where);
        complain("note: '%s' can't be in it: characters of ISO-8859-15 were expected, and no line "
                 "ends or other controls",
                 text_escape(safe, sizeof safe, piece));
        return EXIT_WRONG;
    }
}

// The text ends up in a CSV file of which no more is documented.
static void warn(const char *text)
{
    if (strpbrk(text, ",;\""))
        complain("! , ; and \" separate values in CSV files: a program that reads the datalog may "
                 "take the text apart there");
}

static int check_gateway(const struct options *options, struct note *note)
{
    char guid[TEXT_GUID_MAX];

    if (!(gateway_capabilities(session_gateway(note->session)) & GATEWAY_DATALOG)) {
        complain("an Xcom-CAN has no datalog: a note is for an Xcom-232i or Xcom-LAN");
        return EXIT_REFUSED;
    }
    if (!options->guid)
        return EXIT_DONE;
    int status = session_guid(note->session, guid);
    if (status == EXIT_NO_ANSWER)
        session_complain(note->session);
    if (status != EXIT_DONE || strcasecmp(guid, options->guid) == 0)
        return status;
    complain("another gateway answers: its GUID is %s", guid[0] ? guid : "unknown");
    return EXIT_REFUSED;
}

static int tell(const struct answer *answer)
{
    switch (answer->status) {
    case XC_OK:
        complain("written; the gateway stores it with the day's datalog at 00:00:30");
        return EXIT_DONE;
    case XC_UNKNOWN:
        complain("no clear answer: it isn't known whether it was written, and it can't be read");
        return EXIT_UNKNOWN;
    case XC_UNSUPPORTED:
        complain("this gateway has no custom datalog field");
        return EXIT_REFUSED;
    case XC_NO_LINK:
        complain("the connection was lost before it was written");
        return EXIT_NO_ANSWER;
    default:
        complain("refused by the gateway (0x%02X)", answer->error);
        return EXIT_REFUSED;
    }
}

static int write_note(struct note *note)
{
    struct question question = {.kind = QUESTION_NOTE,
                                .priority = PRIORITY_PERSON,
                                .text = (const char *)note->bytes,
                                .text_length = note->length};
    struct answer answer;
    int status = session_ask(note->session, &question, &answer);

    if (status == EXIT_DONE)
        return tell(&answer);
    complain("no answer: it isn't known whether it was written, and it can't be read");
    return status == EXIT_NO_ANSWER ? EXIT_UNKNOWN : status;
}

int cmd_note(const struct options *options)
{
    struct note note = {0};
    char safe[4 * QUESTION_TEXT_MAX + 1], question[sizeof safe + 80];
    int status = read_text(options->words[0], &note);

    if (status == EXIT_DONE && options->read_only) {
        complain("nothing is written: --read-only");
        status = EXIT_REFUSED;
    }
    if (status == EXIT_DONE)
        status = session_open(options, SESSION_QUESTIONS, &note.session);
    if (status != EXIT_DONE)
        return status;
    session_catch_signals(note.session);
    status = session_wait_ready(note.session);
    if (status == EXIT_NO_ANSWER)
        session_complain(note.session);
    if (status == EXIT_DONE)
        status = check_gateway(options, &note);
    if (status == EXIT_DONE) {
        warn(options->words[0]);
        snprintf(question, sizeof question, "Write \"%s\" to the datalog of %s?",
                 text_escape(safe, sizeof safe, options->words[0]), session_name(note.session));
        status = confirm(note.session, options, question, NULL);
    }
    if (status == EXIT_DONE)
        status = write_note(&note);
    session_settle(note.session);
    session_free(note.session);
    return status;
}
