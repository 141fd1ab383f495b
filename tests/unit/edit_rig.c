// SPDX-License-Identifier: MIT
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "edit_rig.h"

#include <math.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/alloc.h"
#include "catalogue/catalogue.h"
#include "edit_site.h"

static const int64_t wall = 1781956800; // 2026-06-20 12:00:00

// --- The line ------------------------------------------------------------------------------------

static void take_request(struct rig *rig, const struct scom_frame *frame)
{
    if (frame->service_id != SCOM_WRITE) {
        rig->reads++;
        return;
    }
    if (rig->write_count == RIG_WRITES_MAX)
        abort();
    struct rig_write *write = &rig->writes[rig->write_count++];
    *write = (struct rig_write){.address = frame->destination,
                                .id = frame->object_id,
                                .property = frame->property_id,
                                .length = frame->data_length,
                                .at = loop_now(rig->loop)};
    if (frame->data_length <= sizeof write->data)
        memcpy(write->data, frame->data, frame->data_length);
}

static void send_forged(void *arg)
{
    struct rig *rig = arg;

    link_send(rig->far, rig->forged, rig->forged_length);
}

void rig_forge(struct rig *rig, const struct scom_frame *request, uint16_t error,
               const uint8_t *data, size_t length)
{
    const uint8_t code[] = {(uint8_t)error, (uint8_t)(error >> 8)};
    struct scom_frame answer = *request;

    answer.source = request->destination;
    answer.destination = request->source;
    answer.service_flags = (uint8_t)(SCOM_RESPONSE | (error ? SCOM_ERROR : 0));
    answer.data = error && !data ? code : data;
    answer.data_length = (uint16_t)(error && !data ? sizeof code : length);
    rig->forged_length = scom_encode(&answer, rig->forged, sizeof rig->forged);
    loop_timer_in(rig->loop, &rig->forge, 100 * LOOP_MS);
    rig_command(rig, "lose 1");
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct rig *rig = arg;
    struct scom_frame frame;

    while (length > 0) {
        size_t taken = scom_decoder_feed(&rig->decoder, bytes, length);
        bytes += taken;
        length -= taken;
        while (scom_decoder_next(&rig->decoder, &frame) == XC_OK) {
            take_request(rig, &frame);
            if (rig->tap)
                rig->tap(rig, &frame);
        }
    }
}

static const struct sim_events events = {.received = on_received};

// --- The rig -------------------------------------------------------------------------------------

static void open_records(struct rig *rig)
{
    char directory[] = "/tmp/xcomtop-edit-XXXXXX", error[256];

    if (!mkdtemp(directory))
        abort();
    snprintf(rig->path, sizeof rig->path, "%s/records.sqlite", directory);
    if (records_open(rig->path, &rig->records, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
}

static void remove_records(const struct rig *rig)
{
    static const char *const endings[] = {"", "-wal", "-shm"};
    char name[300];

    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(name, sizeof name, "%s%s", rig->path, endings[i]);
        unlink(name);
    }
    snprintf(name, sizeof name, "%.*s", (int)(strrchr(rig->path, '/') - rig->path), rig->path);
    rmdir(name);
}

struct rig *rig_new(const char *installation, const struct plant_options *options)
{
    static const struct gateway_options gateway_options = {0};

    return rig_new_over(installation, options, &gateway_options);
}

struct rig *rig_new_over(const char *installation, const struct plant_options *options,
                         const struct gateway_options *gateway_options)
{
    static const struct sim_line line = {
        .baud = 115200, .bits_per_byte = 11, .latency = 20 * LOOP_MS};
    struct rig *rig = xcalloc(1, sizeof *rig);
    struct plant_options plant_options = options ? *options : (struct plant_options){0};
    struct sim_options sim_options;
    struct link *near_end, *far_end;
    char error[200];

    rig->loop = loop_new_virtual(1000 * LOOP_S, wall * LOOP_S);
    rig->forge = (struct loop_timer){.fire = send_forged, .arg = rig};
    open_records(rig);
    sim_defaults(&sim_options);
    if (sim_parse(installation, &sim_options, error, sizeof error) != XC_OK)
        fail_msg("%s", error);
    sim_options.clock = wall;
    link_memory_pair(rig->loop, &near_end, &far_end);
    rig->far = far_end;
    rig->sim = sim_new(rig->loop, &sim_options);
    rig->sim_gateway = sim_gateway_new(rig->sim, far_end, &line, NULL);
    sim_gateway_listen(rig->sim_gateway, &events, rig);
    if (!plant_options.unrecorded && !plant_options.records)
        plant_options.records = rig->path;
    if (!plant_options.who)
        plant_options.who = "anna";
    if (!plant_options.site)
        plant_options.site = "emosson";
    rig->plant = plant_new(rig->loop, &plant_options, NULL, NULL);
    rig->gateway =
        gateway_new(rig->loop, near_end, gateway_options, plant_gateway_event, rig->plant);
    plant_attach(rig->plant, rig->gateway);
    return rig;
}

void rig_end(struct rig *rig)
{
    plant_free(rig->plant);
    gateway_free(rig->gateway);
    rig->plant = NULL;
    rig->gateway = NULL;
}

void rig_free(struct rig *rig)
{
    rig_end(rig);
    loop_timer_stop(rig->loop, &rig->forge);
    sim_gateway_free(rig->sim_gateway);
    sim_free(rig->sim);
    records_close(rig->records);
    remove_records(rig);
    loop_free(rig->loop);
    free(rig);
}

void rig_run(struct rig *rig, int64_t duration)
{
    loop_run_until(rig->loop, loop_now(rig->loop) + duration);
}

void rig_command(struct rig *rig, const char *text)
{
    char error[200] = "";

    if (sim_gateway_command(rig->sim_gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

void rig_discover(struct rig *rig)
{
    for (int i = 0; i < 600 && plant_discovery(rig->plant).state != DISCOVERY_DONE; i++)
        rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(plant_discovery(rig->plant).state, DISCOVERY_DONE);
}

void rig_watch(struct rig *rig, enum family family, unsigned devices)
{
    struct plant_ref refs[DEVICES_PER_FAMILY_MAX];

    for (unsigned i = 0; i < devices; i++)
        refs[i] = (struct plant_ref){
            .family = family, .index = (uint8_t)(i + 1), .id = family == FAMILY_VT ? 11000 : 3000};
    plant_subscribe(rig->plant, refs, devices, LOOP_S, PRIORITY_SCREEN);
    rig_run(rig, 5 * LOOP_S);
}

void rig_exchange(struct rig *rig)
{
    site_exchange(rig->sim);
}

void rig_set_flash(struct rig *rig, enum family family, unsigned index, unsigned id, double number)
{
    site_set_flash(rig->sim, family, index, id, number);
}

void rig_break_records(struct rig *rig)
{
    sqlite3 *db;

    assert_int_equal(sqlite3_open(rig->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "ALTER TABLE writes RENAME TO taken", NULL, NULL, NULL),
                     SQLITE_OK);
    sqlite3_close(db);
}

// --- Edits ---------------------------------------------------------------------------------------

struct target rig_target(const char *name)
{
    struct target target;

    if (target_parse(name, &target) != XC_OK)
        fail_msg("%s", name);
    return target;
}

static void on_edit(void *arg)
{
    struct rig *rig = arg;

    rig->changes++;
}

struct edit *rig_open(struct rig *rig, const char *name, unsigned id)
{
    struct target target = rig_target(name);
    const struct datapoint *datapoint = catalogue_find(target.family, id);
    struct edit *edit;
    char error[256];

    assert_non_null(datapoint);
    if (edit_open(rig->plant, &target, datapoint, on_edit, rig, &edit, error, sizeof error) !=
        XC_OK)
        fail_msg("%s", error);
    for (int i = 0; i < 1200 && edit_state(edit) == EDIT_READING; i++)
        rig_run(rig, 100 * LOOP_MS);
    return edit;
}

struct edit_wish rig_wish(double number, bool flash)
{
    return (struct edit_wish){.number = number, .flash = flash};
}

struct edit_verdict rig_check(struct edit *edit, double number, bool flash)
{
    struct edit_wish wish = rig_wish(number, flash);
    struct edit_verdict verdict;

    edit_check(edit, &wish, &verdict);
    return verdict;
}

enum record_result rig_write(struct rig *rig, struct edit *edit, double number, bool flash)
{
    struct edit_wish wish = rig_wish(number, flash);

    assert_int_equal(edit_write(edit, &wish, 0), XC_OK);
    for (int i = 0; i < 1200 && edit_state(edit) != EDIT_DONE; i++)
        rig_run(rig, 100 * LOOP_MS);
    assert_int_equal(edit_state(edit), EDIT_DONE);
    return edit_result(edit);
}

enum record_result rig_change(struct rig *rig, const char *target, unsigned id, double number,
                              bool flash)
{
    struct edit *edit = rig_open(rig, target, id);

    assert_int_equal(edit_state(edit), EDIT_READY);
    enum record_result result = rig_write(rig, edit, number, flash);
    edit_close(edit);
    return result;
}

// --- What came of it -----------------------------------------------------------------------------

void rig_assert_not_sent(struct rig *rig, struct edit *edit, const char *says)
{
    assert_int_equal(edit_state(edit), EDIT_DONE);
    assert_int_equal(edit_result(edit), RECORD_NOT_SENT);
    if (!strstr(edit_text(edit), says))
        fail_msg("%s", edit_text(edit));
    assert_int_equal(rig->write_count, 0);
}

static struct target device_at(uint32_t address)
{
    struct target target;

    assert_true(target_from_address(address, &target));
    return target;
}

double rig_flash(struct rig *rig, uint32_t address, unsigned id)
{
    struct target target = device_at(address);

    return site_stores(rig->sim, target.family, target.index, id);
}

double rig_running(struct rig *rig, uint32_t address, unsigned id)
{
    struct target target = device_at(address);

    return site_runs(rig->sim, target.family, target.index, id);
}

struct list {
    struct record *records;
    size_t count, room;
};

static bool take(void *arg, const struct record *record)
{
    struct list *list = arg;

    if (list->count < list->room)
        list->records[list->count++] = *record;
    return true;
}

size_t rig_records(struct rig *rig, struct record *records, size_t count)
{
    static const struct record_filter all = {.family = FAMILY_NONE};
    struct list list = {records, 0, count};

    assert_int_equal(records_list(rig->records, &all, take, &list), XC_OK);
    return list.count;
}
