// SPDX-License-Identifier: MIT
// The doctor at a gateway that answers: what it and its devices tell of themselves.
#include "cmd/doctor.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "base/localclock.h"
#include "base/status.h"
#include "base/text.h"
#include "catalogue/catalogue.h"
#include "plant/edit.h"
#include "proto/scom.h"

enum {
    ANSWERS_MAX = 64,
    TRIES = 10, // questions that show how the line does
    CLOCK = 5002,
    SCOM_WATCHDOG = 5095,
    SCOM_WATCHDOG_DELAY = 5096,
    INFO_FOR_ALL = 3000,
    MINUTE = 60,
    HOUR = 60 * MINUTE,
    DAY = 24 * HOUR,
};

static const int64_t listening = 2 * LOOP_S;
static const int64_t slow = 500 * LOOP_MS;
static const int clock_drifts = MINUTE, clock_is_wrong = 10 * MINUTE;

struct survey;

struct reply {
    struct survey *survey;
    uint32_t ticket;       // 0: answered
    enum xc_status status; // XC_AGAIN: none has come
    uint16_t error;
    double number;
    int64_t wall; // microseconds since 1970, when it came
};

struct survey {
    struct doctor *doctor;
    struct reply replies[ANSWERS_MAX];
    unsigned count, open;
};

// --- Questions -----------------------------------------------------------------------------------

static void on_answer(void *arg, const struct answer *answer)
{
    struct reply *reply = arg;
    struct session *session = reply->survey->doctor->session;

    reply->ticket = 0;
    reply->status = answer->status;
    reply->error = answer->error;
    reply->number = answer->number;
    reply->wall = loop_wall(session_loop(session));
    reply->survey->open--;
    session_wake(session);
}

// NULL when there are too many already.
static struct reply *put(struct survey *survey, const struct question *question)
{
    if (survey->count == ANSWERS_MAX)
        return NULL;
    struct reply *reply = &survey->replies[survey->count++];
    *reply = (struct reply){.survey = survey, .status = XC_AGAIN, .number = (double)NAN};
    survey->open++;
    reply->ticket =
        gateway_ask(session_gateway(survey->doctor->session), question, on_answer, reply);
    return reply;
}

static struct reply *put_parameter(struct survey *survey, enum family family, unsigned index,
                                   uint16_t id)
{
    const struct datapoint *datapoint = catalogue_find(family, id);

    if (!datapoint)
        return NULL;
    return put(survey, &(struct question){.kind = QUESTION_PARAMETER,
                                          .priority = PRIORITY_PERSON,
                                          .address = device_address(family, index),
                                          .id = id,
                                          .part = PART_VALUE,
                                          .format = datapoint_format(datapoint)});
}

static bool is_answered(void *arg)
{
    const struct survey *survey = arg;
    return survey->open == 0;
}

static bool is_never(void *arg)
{
    (void)arg;
    return false;
}

// Waits for the answers so far; what hasn't come in time never does.
static int collect(struct survey *survey)
{
    struct session *session = survey->doctor->session;
    int status = session_wait(session, is_answered, survey, doctor_left(survey->doctor));

    for (unsigned i = 0; i < survey->count; i++)
        if (survey->replies[i].ticket)
            gateway_cancel(session_gateway(session), survey->replies[i].ticket);
    survey->open = 0;
    return status >= 128 ? status : EXIT_DONE;
}

static bool is_yes(const struct reply *reply)
{
    return reply && reply->status == XC_OK && reply->number != 0;
}

// --- What couldn't be found out ------------------------------------------------------------------

struct unknown {
    char late[200], failed[400]; // checks that weren't answered in time; with why, those that can't
    size_t late_used, failed_used;
};

static void append_why(struct unknown *unknown, const struct reply *reply)
{
    const char *words = reply->error ? catalogue_error_text(reply->error) : NULL;

    text_append(unknown->failed, sizeof unknown->failed, &unknown->failed_used, " (%s",
                words ? words : status_text(reply->status));
    if (reply->error)
        text_append(unknown->failed, sizeof unknown->failed, &unknown->failed_used, ", 0x%02X",
                    reply->error);
    text_append(unknown->failed, sizeof unknown->failed, &unknown->failed_used, ")");
}

static void note_late(struct unknown *unknown, const char *check)
{
    text_append(unknown->late, sizeof unknown->late, &unknown->late_used, "%s%s",
                unknown->late_used ? ", " : "", check);
}

// NULL: it wasn't asked.
static void note_unknown(struct unknown *unknown, const char *check, const struct reply *reply)
{
    if (!reply || reply->status == XC_OK || reply->status == XC_UNSUPPORTED)
        return;
    if (reply->status == XC_AGAIN) {
        note_late(unknown, check);
        return;
    }
    text_append(unknown->failed, sizeof unknown->failed, &unknown->failed_used, "%s%s",
                unknown->failed_used ? "; " : "", check);
    append_why(unknown, reply);
}

static void tell_unknown(struct doctor *doctor, const struct unknown *unknown)
{
    if (unknown->late_used)
        report_add(doctor->report, FINDING_UNFINISHED, doctor->subject, NULL,
                   "not answered in time: %s", unknown->late);
    if (unknown->failed_used)
        report_add(doctor->report, FINDING_NOT_CHECKED, doctor->subject, NULL,
                   "these checks couldn't be made: %s", unknown->failed);
}

// --- The gateway ---------------------------------------------------------------------------------

// "3 h 12 min" of seconds.
static char *span_text(char *out, size_t size, long seconds)
{
    if (seconds >= DAY)
        snprintf(out, size, "%ld d %ld h", seconds / DAY, seconds % DAY / HOUR);
    else if (seconds >= HOUR)
        snprintf(out, size, "%ld h %ld min", seconds / HOUR, seconds % HOUR / MINUTE);
    else if (seconds >= MINUTE)
        snprintf(out, size, "%ld min %ld s", seconds / MINUTE, seconds % MINUTE);
    else
        snprintf(out, size, "%ld s", seconds);
    return out;
}

// The installation's clock tells local time as if it were UTC (scom.md "Value formats").
static void tell_clock(struct doctor *doctor, const struct reply *reply)
{
    time_t installation;
    struct tm theirs;
    char span[32], when[32];

    if (!reply || reply->status != XC_OK || !isfinite(reply->number) || doctor->demo)
        return;
    installation = (time_t)reply->number;
    gmtime_r(&installation, &theirs);
    strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &theirs);
    long ahead = (long)(installation - local_clock(reply->wall) / LOOP_S);
    if (labs(ahead) >= clock_drifts)
        report_add(doctor->report,
                   labs(ahead) >= clock_is_wrong ? FINDING_CLOCK_WRONG : FINDING_CLOCK_DRIFT,
                   doctor->subject, NULL, "the installation's clock says %s, %s %s this computer's",
                   when, span_text(span, sizeof span, labs(ahead)),
                   ahead > 0 ? "ahead of" : "behind");
    if (theirs.tm_hour == 0 || (theirs.tm_hour == 23 && theirs.tm_min == 59))
        report_add(doctor->report, FINDING_PORTAL_HOURS, doctor->subject, NULL,
                   "the installation's clock says %s", when);
}

static void tell_flags(struct doctor *doctor)
{
    uint8_t flags = gateway_frame_flags(session_gateway(doctor->session));

    if (flags & PLANT_SD_FULL)
        report_add(doctor->report, FINDING_SD_FULL, doctor->subject, NULL,
                   "the gateway's flag for a full SD card is set");
    else if (!(flags & PLANT_SD_PRESENT))
        report_add(doctor->report, FINDING_SD_MISSING, doctor->subject, NULL,
                   "the gateway's flag for an SD card isn't set");
    if (flags & PLANT_RESTARTED)
        report_add(doctor->report, FINDING_RESTARTED, doctor->subject, NULL,
                   "the gateway's flag for a restart is set");
}

static void tell_gateway(struct doctor *doctor, const struct reply *multi,
                         const struct reply *watchdog, const struct reply *delay)
{
    tell_flags(doctor);
    if (multi && multi->status == XC_UNSUPPORTED)
        report_add(doctor->report, FINDING_OLD_GATEWAY, doctor->subject, NULL,
                   "the gateway refused a multi-info");
    if (is_yes(watchdog))
        report_add(doctor->report, FINDING_SCOM_WATCHDOG, doctor->subject, NULL,
                   "the gateway's SCOM watchdog (XCOM 5095) is on, with %.0f s",
                   delay && delay->status == XC_OK ? delay->number : 0.0);
}

// --- Devices -------------------------------------------------------------------------------------

static void tell_devices(struct doctor *doctor)
{
    static const enum family families[] = {FAMILY_XT, FAMILY_VT, FAMILY_VS, FAMILY_BSP, FAMILY_BMS};
    struct plant *plant = session_plant(doctor->session);
    struct plant_discovery discovery = plant_discovery(plant);
    char text[80];
    size_t used = 0;

    for (size_t i = 0; i < sizeof families / sizeof *families; i++) {
        unsigned count = plant_family_count(plant, families[i]);
        if (count > 0)
            text_append(text, sizeof text, &used, "%s%u %s", used ? ", " : "", count,
                        family_name(families[i]));
    }
    if (used > 0)
        report_add(doctor->report, FINDING_DEVICES, doctor->subject, NULL, "%s", text);
    if (discovery.state != DISCOVERY_DONE)
        return; // told with what else wasn't answered in time
    if (discovery.text[0])
        report_add(doctor->report, FINDING_NOT_SEARCHED, doctor->subject, NULL, "%s",
                   discovery.text);
    else if (used == 0)
        report_add(doctor->report, FINDING_NO_DEVICES, doctor->subject, NULL,
                   "no device answers at any address");
}

static void tell_firmware(struct doctor *doctor)
{
    const struct plant_device *devices;
    size_t count = plant_devices(session_plant(doctor->session), &devices);
    char old[256] = "", unknown[256] = "", name[DEVICE_NAME_MAX];
    size_t old_used = 0, unknown_used = 0;

    for (size_t i = 0; i < count; i++) {
        const struct plant_device *device = &devices[i];
        if (device->presence != DEVICE_PRESENT || !edit_first_ram_firmware(device->family))
            continue;
        device_name(device->family, device->index, name, sizeof name);
        if (!device->version)
            text_append(unknown, sizeof unknown, &unknown_used, "%s%s", unknown_used ? ", " : "",
                        name);
        else if (device->version < edit_first_ram_firmware(device->family))
            text_append(old, sizeof old, &old_used, "%s%s has %s", old_used ? ", " : "", name,
                        device->firmware);
    }
    if (old_used)
        report_add(doctor->report, FINDING_OLD_FIRMWARE, doctor->subject, NULL, "%s", old);
    if (unknown_used)
        report_add(doctor->report, FINDING_UNKNOWN_FIRMWARE, doctor->subject, NULL,
                   "%s: the software version couldn't be read", unknown);
}

// Asks every device that has a watchdog; more than there is room for are alike.
static unsigned ask_watchdogs(struct survey *survey, const struct reply **replies,
                              struct target *owners, unsigned max)
{
    const struct plant_device *devices;
    size_t count = plant_devices(session_plant(survey->doctor->session), &devices);
    unsigned asked = 0;

    for (size_t i = 0; i < count && asked < max; i++) {
        uint16_t id = edit_watchdog_parameter(devices[i].family);
        if (!id || devices[i].presence != DEVICE_PRESENT)
            continue;
        replies[asked] = put_parameter(survey, devices[i].family, devices[i].index, id);
        owners[asked] = (struct target){TARGET_DEVICE, devices[i].family, devices[i].index};
        asked += replies[asked] != NULL;
    }
    return asked;
}

static void tell_watchdogs(struct doctor *doctor, const struct reply *const *replies,
                           const struct target *owners, unsigned count)
{
    char text[256], name[DEVICE_NAME_MAX];
    size_t used = 0;

    for (unsigned i = 0; i < count; i++)
        if (is_yes(replies[i]))
            text_append(text, sizeof text, &used, "%s%s", used ? ", " : "",
                        target_name(&owners[i], name, sizeof name));
    if (used)
        report_add(doctor->report, FINDING_DEVICE_WATCHDOG, doctor->subject, NULL,
                   "%s: the watchdog is on", text);
}

// --- The line ------------------------------------------------------------------------------------

void doctor_strangers(struct doctor *doctor)
{
    struct gateway_statistics s;

    // On a bus everybody was listened to before.
    if (doctor->spec.kind == LINK_CAN || doctor->spec.kind == LINK_SLCAN)
        return;
    gateway_statistics(session_gateway(doctor->session), &s);
    if (s.echoes > 0)
        report_add(doctor->report, FINDING_ECHO, doctor->subject, NULL,
                   "what we send comes back: questions of ours that were received: %llu",
                   (unsigned long long)s.echoes);
    if (s.unasked > 0)
        report_add(doctor->report, FINDING_SAME_ADDRESS, doctor->subject, NULL,
                   "frames to our address that nobody here asked for: %llu",
                   (unsigned long long)s.unasked);
    // Whatever doesn't fit while something is awaited was to our address.
    uint64_t others = s.foreign + s.mismatched - s.unasked - s.echoes;
    if (others > 0 && s.unasked == 0)
        report_add(doctor->report, FINDING_OTHER_MASTER, doctor->subject, NULL,
                   "frames that weren't for us: %llu, the last from %lu to %lu",
                   (unsigned long long)others, (unsigned long)s.stranger_source,
                   (unsigned long)s.stranger_destination);
    else if (others > 0)
        report_add(doctor->report, FINDING_OTHER_MASTER, doctor->subject, NULL,
                   "frames that weren't for us: %llu", (unsigned long long)others);
}

static void tell_line(struct doctor *doctor, const struct gateway_statistics *before)
{
    struct gateway_statistics s;

    gateway_statistics(session_gateway(doctor->session), &s);
    uint64_t damaged = s.bad_header + s.bad_data + s.oversized + s.truncated;
    if (damaged > 0 || s.skipped > 0)
        report_add(doctor->report, FINDING_DAMAGED, doctor->subject, NULL,
                   "damaged frames: %llu, bytes that belong to no frame: %llu, answers: %llu",
                   (unsigned long long)damaged, (unsigned long long)s.skipped,
                   (unsigned long long)s.answers);
    // While addresses are still being asked, silence may be an absent device's.
    bool searching = plant_discovery(session_plant(doctor->session)).state != DISCOVERY_DONE;
    if (s.timeouts > before->timeouts && !searching)
        report_add(doctor->report, FINDING_LOST_ANSWERS, doctor->subject, NULL,
                   "questions to what is there that weren't answered in time: %llu of %llu",
                   (unsigned long long)(s.timeouts - before->timeouts),
                   (unsigned long long)(s.questions - before->questions));
    if (s.median_us >= slow)
        report_add(doctor->report, FINDING_SLOW, doctor->subject, NULL, "answers take %.1f s",
                   (double)s.median_us / (double)LOOP_S);
    if (s.busy > 0)
        report_add(doctor->report, FINDING_BUSY, doctor->subject, NULL,
                   "the gateway answered that it is busy: %llu of %llu answers",
                   (unsigned long long)s.busy, (unsigned long long)s.answers);
    if (s.line_ends > 0)
        report_add(doctor->report, FINDING_LINE_ENDS, doctor->subject, NULL,
                   "CR and LF that came behind answers: %llu", (unsigned long long)s.line_ends);
    doctor_strangers(doctor);
}

static void tell_answers(struct doctor *doctor)
{
    struct gateway *gateway = session_gateway(doctor->session);
    struct gateway_statistics s;

    gateway_statistics(gateway, &s);
    if (doctor->spec.kind == LINK_TCP_LISTEN && !doctor->demo)
        report_add(doctor->report, FINDING_DIALLED, doctor->subject, NULL, "%s",
                   link_why(session_link(doctor->session)));
    report_add(doctor->report, FINDING_ANSWERS, doctor->subject, NULL,
               "%s; the gateway answers within %.0f ms", gateway_why(gateway),
               (double)s.median_us / (double)LOOP_MS);
}

// It has answered, and isn't there any more.
static void tell_loss(struct doctor *doctor)
{
    const struct link *link = session_link(doctor->session);
    struct gateway *gateway = session_gateway(doctor->session);
    enum gateway_state state = gateway_state(gateway);
    enum link_fault fault = link_fault(link);

    if (state == GATEWAY_DOWN || state == GATEWAY_WAITING || state == GATEWAY_CONNECTING)
        doctor_tell_fault(doctor->report, doctor->subject, &doctor->spec,
                          fault != LINK_FAULT_NONE ? fault : LINK_FAULT_LOST, gateway_why(gateway));
}

// --- All of it -----------------------------------------------------------------------------------

// The last of the clock's answers; where there is none, any of what came instead.
static const struct reply *best(const struct reply *const clocks[TRIES])
{
    const struct reply *found = clocks[0];

    for (unsigned i = 0; i < TRIES; i++)
        if (clocks[i] && (!found || clocks[i]->status == XC_OK || found->status == XC_AGAIN))
            found = clocks[i];
    return found;
}

int doctor_site(struct doctor *doctor)
{
    static const struct multi_item item = {.info = INFO_FOR_ALL, .aggregation = MULTI_MASTER};
    struct gateway *gateway = session_gateway(doctor->session);
    struct survey survey = {.doctor = doctor};
    const struct reply *clocks[TRIES] = {NULL}, *multi = NULL, *watchdog = NULL, *delay = NULL;
    const struct reply *watchdogs[ANSWERS_MAX];
    struct target owners[ANSWERS_MAX];
    struct gateway_statistics before;
    struct unknown unknown = {.late_used = 0};
    bool has_clock = gateway_capabilities(gateway) & GATEWAY_CLOCK;

    plant_pause(session_plant(doctor->session), true);
    gateway_statistics(gateway, &before);
    tell_answers(doctor);
    tell_devices(doctor);
    tell_firmware(doctor);
    if (has_clock) {
        for (unsigned i = 0; i < TRIES; i++)
            clocks[i] = put_parameter(&survey, FAMILY_RCC, 1, CLOCK);
        watchdog = put_parameter(&survey, FAMILY_RCC, 1, SCOM_WATCHDOG);
        delay = put_parameter(&survey, FAMILY_RCC, 1, SCOM_WATCHDOG_DELAY);
        multi = put(&survey, &(struct question){.kind = QUESTION_MULTI,
                                                .priority = PRIORITY_PERSON,
                                                .items = &item,
                                                .item_count = 1});
    }
    unsigned count = ask_watchdogs(&survey, watchdogs, owners, ANSWERS_MAX);
    int status = collect(&survey);
    if (status != EXIT_DONE)
        return status;
    // Others' frames come when others ask; on a bus they were listened to before.
    int64_t rest = listening - (loop_now(session_loop(doctor->session)) - doctor->asked);
    if (rest > 0 && has_clock)
        status = session_wait(doctor->session, is_never, NULL, rest);
    if (status >= 128)
        return status;
    tell_clock(doctor, best(clocks));
    if (has_clock)
        tell_gateway(doctor, multi, watchdog, delay);
    tell_watchdogs(doctor, watchdogs, owners, count);
    tell_line(doctor, &before);
    tell_loss(doctor);
    if (plant_discovery(session_plant(doctor->session)).state != DISCOVERY_DONE)
        note_late(&unknown, "which devices there are");
    note_unknown(&unknown, "the clock", best(clocks));
    note_unknown(&unknown, "the SCOM watchdog", watchdog);
    note_unknown(&unknown, "multi-infos", multi);
    for (unsigned i = 0; i < count; i++) {
        char name[DEVICE_NAME_MAX], check[DEVICE_NAME_MAX + 20];
        snprintf(check, sizeof check, "%s's watchdog", target_name(&owners[i], name, sizeof name));
        note_unknown(&unknown, check, watchdogs[i]);
    }
    tell_unknown(doctor, &unknown);
    return EXIT_DONE;
}
