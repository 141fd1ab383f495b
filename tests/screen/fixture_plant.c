// SPDX-License-Identifier: MIT
#include "fixture_plant.h"

#include "fixture_edit.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "plant/views.h"

const int64_t fixture_wall = INT64_C(1795269802) * 1000000;

enum { DEVICES_MAX = 40 };

struct subscription {
    struct plant_ref *refs;
    size_t count;
    int64_t period;
    enum priority priority;
    struct subscription *next;
};

// What views_keep_rows() keeps.
struct kept_rows {
    const char *name;
    struct views_row rows[VIEWS_ROWS_MAX];
    size_t count;
};

struct plant {
    int reads_left; // as of fixture_let_read()
    struct loop *loop;
    enum scene scene;
    struct plant_device devices[DEVICES_MAX];
    size_t device_count;
    struct subscription *subscriptions;
    struct plant_ref *answered; // in the background
    size_t answered_count;
    unsigned wiggles;
    enum family forgotten; // as of fixture_forget()
    bool paused;
    struct plant_ref kept_refs[2][VIEWS_REFS_MAX]; // by enum views_list
    size_t kept_ref_count[2];
    bool refs_kept[2];
    struct kept_rows kept_rows[FAMILY_COUNT + 3]; // by name
};

static void add_devices(struct plant *plant, enum family family, unsigned count, const char *model)
{
    for (unsigned i = 1; i <= count; i++) {
        struct plant_device *device = &plant->devices[plant->device_count++];
        *device = (struct plant_device){.family = family,
                                        .index = (uint8_t)i,
                                        .address = device_address(family, i),
                                        .seen = FIXTURE_NOW,
                                        .fid = 0x0A000000U + (uint32_t)family * 0x100 + i,
                                        .firmware = "1.6.74"};
        snprintf(device->model, sizeof device->model, "%s", model);
        if (family == FAMILY_XT && count > 1)
            device->phase = (uint8_t)((i - 1) % 3 + 1);
    }
}

void fixture_scene(struct plant *plant, enum scene scene)
{
    static const struct {
        unsigned xt, vt, vs, bsp, bms;
    } sizes[SCENE_COUNT] = {
        [SCENE_SUNNY] = {3, 2, 1, 1, 0},   [SCENE_FEEDING] = {1, 0, 1, 0, 0},
        [SCENE_TROUBLE] = {3, 2, 1, 1, 0}, [SCENE_GENSET] = {2, 2, 0, 0, 1},
        [SCENE_BIG] = {9, 15, 15, 1, 0},   [SCENE_SOLAR] = {0, 2, 1, 0, 0},
        [SCENE_EARLY] = {3, 2, 1, 1, 0},   [SCENE_CAN] = {3, 2, 1, 1, 0},
        [SCENE_CAN_BAD] = {3, 2, 1, 1, 0},
    };

    plant->scene = scene;
    plant->device_count = 0;
    add_devices(plant, FAMILY_XT, sizes[scene].xt, "XTM 4000-48");
    add_devices(plant, FAMILY_VT, sizes[scene].vt, "VT-80");
    add_devices(plant, FAMILY_VS, sizes[scene].vs, "VS-120");
    add_devices(plant, FAMILY_BSP, sizes[scene].bsp, "BSP");
    add_devices(plant, FAMILY_BMS, sizes[scene].bms, "BYD");
    if (scene == SCENE_TROUBLE) {
        plant->devices[2].presence = DEVICE_GONE;
        plant->devices[2].seen -= 42 * LOOP_S;
    }
}

struct plant *fixture_new(struct loop *loop, enum scene scene)
{
    struct plant *plant = xcalloc(1, sizeof *plant);
    plant->reads_left = -1;
    plant->forgotten = FAMILY_NONE;
    plant->loop = loop;
    fixture_scene(plant, scene);
    return plant;
}

enum scene fixture_scene_of(const struct plant *plant)
{
    return plant->scene;
}

void fixture_free(struct plant *plant)
{
    free(plant->answered);
    free(plant);
}

void fixture_wiggle(struct plant *plant)
{
    plant->wiggles++;
}

// --- Values --------------------------------------------------------------------------------------

static bool night(const struct plant *plant)
{
    return plant->scene == SCENE_GENSET;
}

// What the installation was made for.
static double nominal_battery(const struct plant *plant)
{
    return plant->scene == SCENE_FEEDING ? 24 : 48;
}

static double value_of(const struct plant *plant, enum family family, unsigned index, unsigned id,
                       const struct datapoint *datapoint)
{
    static const struct {
        uint16_t id;
        double first, step; // of the first device, and from one to the next
    } values[] = {
        {3000, 53.21, -.02}, {3001, 32767, 0},  {3005, 13.92, -.31}, {3010, 2, 0},
        {3011, 230.1, -.4},  {3012, 1.9, .1},   {3020, 1, 0},        {3021, 230.2, -.2},
        {3028, 2, 0},        {3031, 0, 0},      {3032, 0, 0},        {3049, 1, 0},
        {3054, 1, 0},        {3055, 1, 0},      {3078, 1.1, 0},      {3081, 1.0, .05},
        {3083, 4.7, .1},     {3084, 50.02, 0},  {3085, 50.02, 0},    {3089, 1, 1},
        {3104, 41, -1},      {3130, 0x100, 0},  {3131, 0x064A, 0},   {3136, .86, .02},
        {3137, .41, .01},    {3138, .43, .01},  {3139, .91, .02},    {3156, 0xA00, 0},
        {3157, 1, 1},        {3160, 1, 0},      {3168, 0, 0},        {3164, 57.6, 0},
        {7000, 53.2, 0},     {7001, 41.2, 0},   {7002, 82.4, 0},     {7003, 2192, 0},
        {7004, NAN, 0},      {7007, 96.5, 0},   {7008, 31.2, 0},     {7029, 22.4, 0},
        {11000, 53.2, .1},   {11001, 21.8, .3}, {11002, 118.4, -.5}, {11003, 10.1, .1},
        {11004, 1.19, .02},  {11007, 4.2, .1},  {11016, 8, 0},       {11034, 0, 0},
        {11038, 1, 0},       {11045, 38, 1},    {11069, 1, 0},       {15000, 53.2, 0},
        {15001, 27.0, .2},   {15002, 1, 0},     {15004, 410.2, 1.5}, {15007, 3.5, 0},
        {15010, 1.45, .01},  {15013, 3, 0},     {15017, 3.9, .1},    {15049, 0, 0},
        {15065, 36, 1},      {15108, 1, 0},     {11019, 2.31, .1},   {15037, 2.9, .1},
        {11025, 3.2, 0},     {15030, 3.2, 0},   {3126, 230, 0},      {3127, 48, 0},
        {7035, 48, 0},       {11048, 48, 0},    {15075, 48, 0},
    };
    double wiggle = datapoint_pace(datapoint) == PACE_FAST ? plant->wiggles % 7 * .1 : 0;

    if (id == family_battery_volts_info(family))
        return nominal_battery(plant);
    if (id == family_ac_volts_info(family))
        return 230;
    if (plant->scene == SCENE_FEEDING && family == FAMILY_XT) {
        if (id == 3137)
            return -1.18;
        if (id == 3005)
            return -8.4;
        if (id == 3028)
            return 4;
        if (id == 3007)
            return 64;
        if (id == 3001)
            return 18.2;
    }
    if (night(plant)) {
        if (id == 11004 || id == 11001 || id == 11003)
            return 0;
        if (id == 11016 || id == 11002)
            return 0;
        if (id == 3054)
            return 5;
        if (id == 3031)
            return index == 1;
    }
    if (plant->scene == SCENE_TROUBLE) {
        if (id == 3049 && index == 2)
            return 0;
        if (id == 11034 && index == 2)
            return 4;
    }
    for (size_t i = 0; i < sizeof values / sizeof *values; i++)
        if (values[i].id == id)
            return datapoint_encoding(datapoint) == ENCODING_NUMBER
                       ? values[i].first + (index - 1) * values[i].step + wiggle
                       : values[i].first + (index - 1) * values[i].step;
    if (datapoint_encoding(datapoint) == ENCODING_NUMBER)
        return (double)(id % 89) / 4 + index + wiggle;
    return datapoint_encoding(datapoint) == ENCODING_ENUM ? 1 : 0;
}

// A device that has gone, values that are old.
static void age_reading(const struct plant *plant, const struct plant_ref *ref,
                        struct reading *reading)
{
    const struct plant_device *device = plant_device(plant, ref->family, ref->index);

    reading->taken = loop_now(plant->loop) - LOOP_S / 4;
    reading->age = LOOP_S / 4;
    reading->quality = QUALITY_FRESH;
    if (datapoint_absent(reading->datapoint, reading->number)) {
        reading->quality = QUALITY_ABSENT;
    } else if (plant->scene == SCENE_TROUBLE && device) {
        if (device->presence == DEVICE_GONE) {
            reading->quality = QUALITY_GONE;
            reading->age = 42 * LOOP_S;
        } else if (device->family == FAMILY_VS) {
            reading->quality = QUALITY_STALE;
            reading->age = 12 * LOOP_S;
        }
    }
}

static void refuse_reading(struct reading *reading)
{
    *reading = (struct reading){
        .quality = QUALITY_REFUSED, .number = NAN, .error = 0x22, .datapoint = reading->datapoint};
}

// --- Parameters ----------------------------------------------------------------------------------

static bool same_ref(const struct plant_ref *a, const struct plant_ref *b)
{
    return a->family == b->family && a->index == b->index && a->parameter == b->parameter &&
           a->part == b->part && a->id == b->id;
}

static bool is_answered(const struct plant *plant, const struct plant_ref *ref)
{
    for (size_t i = 0; i < plant->answered_count; i++)
        if (same_ref(&plant->answered[i], ref))
            return true;
    return false;
}

static bool is_read(const struct plant *plant, const struct plant_ref *ref)
{
    if ((ref->part == PART_VALUE && ref->id % 7 != 3) || is_answered(plant, ref))
        return true;
    for (const struct subscription *s = plant->subscriptions; s; s = s->next)
        for (size_t i = 0; s->priority == PRIORITY_SCREEN && i < s->count; i++)
            if (same_ref(&s->refs[i], ref))
                return true;
    return false;
}

// As left by the factory, but for some that somebody has changed.
static double parameter_of(const struct plant *plant, const struct plant_ref *ref,
                           const struct datapoint *datapoint)
{
    static const struct {
        enum family family;
        uint8_t index; // 0: all
        uint16_t id;
        double number;
    } changed[] = {
        {FAMILY_XT, 2, 1107, 16},          {FAMILY_XT, 0, 1140, 55.2}, {FAMILY_XT, 3, 1257, 1},
        {FAMILY_XT, 1, 1202, 2},           {FAMILY_XT, 0, 1125, 0},    {FAMILY_VT, 2, 10009, 58.4},
        {FAMILY_VT, 0, 10002, 60},         {FAMILY_VS, 0, 14001, 90},  {FAMILY_BSP, 1, 6001, 860},
        {FAMILY_RCC, 1, 5002, 1795269802}, {FAMILY_XT, 3, 1565, 545},  {FAMILY_XT, 0, 1109, 43.5},
        {FAMILY_XT, 2, 1298, .3},
    };
    struct datapoint_limits limits = datapoint_limits_at(datapoint, nominal_battery(plant), 230);

    if (ref->part == PART_MIN)
        return limits.min;
    if (ref->part == PART_MAX)
        return limits.max;
    for (size_t i = 0; plant->scene != SCENE_FEEDING && i < sizeof changed / sizeof *changed; i++)
        if (changed[i].family == ref->family && changed[i].id == ref->id &&
            (changed[i].index == 0 || changed[i].index == ref->index))
            return changed[i].number;
    return isnan(limits.factory) ? 0 : limits.factory;
}

static struct reading parameter_reading(const struct plant *plant, const struct plant_ref *ref,
                                        const struct datapoint *datapoint)
{
    struct reading reading = {.number = NAN, .datapoint = datapoint};

    // This one's answer is still under way.
    if (ref->family == FAMILY_XT && ref->index == 3 && ref->id == 1187)
        return reading;
    if (plant->scene == SCENE_EARLY || !is_read(plant, ref))
        return reading;
    reading.number = parameter_of(plant, ref, datapoint);
    age_reading(plant, ref, &reading);
    if (is_answered(plant, ref))
        reading.taken = loop_now(plant->loop);
    if (ref->id == 1646 || (ref->part != PART_VALUE && ref->id == 1140))
        refuse_reading(&reading);
    return reading;
}

void fixture_answer(struct plant *plant, size_t count)
{
    for (const struct subscription *s = plant->subscriptions; s; s = s->next) {
        for (size_t i = 0; i < s->count; i++) {
            bool again = is_read(plant, &s->refs[i]);
            if (s->priority != PRIORITY_BACKGROUND || !s->refs[i].parameter ||
                is_answered(plant, &s->refs[i]) || (!again && count == 0))
                continue;
            plant->answered =
                xrealloc(plant->answered, plant->answered_count + 1, sizeof *plant->answered);
            plant->answered[plant->answered_count++] = s->refs[i];
            count -= !again;
        }
    }
}

enum overlay_state plant_overlay(const struct plant *plant, enum family family, unsigned index,
                                 unsigned id, double *number)
{
    if (index == 1 && !isnan(fixture_edits.overlay)) {
        *number = fixture_edits.overlay;
        return fixture_edits.doubt ? OVERLAY_DOUBT : OVERLAY_SURE;
    }
    if (plant->scene == SCENE_EARLY || family != FAMILY_XT)
        return OVERLAY_NONE;
    if (index == 2 && id == 1138) {
        *number = 45;
        return OVERLAY_SURE;
    }
    if (index == 1 && id == 1124) {
        *number = 0;
        return OVERLAY_DOUBT;
    }
    return OVERLAY_NONE;
}

// Those of one parameter, or with id 0 all of a device: then also some that its detail doesn't
// show.
static size_t list_records(enum family family, unsigned index, unsigned id, struct record *list,
                           size_t count, unsigned *flash_writes)
{
    static const int64_t day = INT64_C(86400) * 1000000;
    const struct {
        bool hidden;
        struct record record;
    } all[] = {
        {false,
         {.n = 10,
          .family = FAMILY_XT,
          .address = 103,
          .id = 1138,
          .time = fixture_wall - 3 * day,
          .old = 32,
          .new = 32,
          .undo = 9,
          .result = RECORD_WRITTEN}},
        {false,
         {.n = 9,
          .family = FAMILY_XT,
          .address = 103,
          .id = 1138,
          .time = fixture_wall - 4 * day,
          .old = 32,
          .new = 20,
          .undo = 0,
          .result = RECORD_WRITTEN}},
        {false,
         {.n = 8,
          .family = FAMILY_XT,
          .address = 103,
          .id = 1138,
          .time = fixture_wall - 5 * day,
          .old = 40,
          .new = 32,
          .undo = 0,
          .result = RECORD_WRITTEN}},
        {true,
         {.n = 20,
          .family = FAMILY_XT,
          .address = 101,
          .id = 1202,
          .time = fixture_wall - day / 48,
          .old = 1,
          .new = 2,
          .undo = 11,
          .result = RECORD_PENDING}},
        {false,
         {.n = 19,
          .family = FAMILY_XT,
          .address = 102,
          .id = 1138,
          .time = fixture_wall - day / 24,
          .old = 60,
          .new = 45,
          .result = RECORD_WRITTEN}},
        {false,
         {.n = 18,
          .family = FAMILY_XT,
          .address = 101,
          .id = 1124,
          .time = fixture_wall - day / 12,
          .old = 1,
          .new = 0,
          .result = RECORD_UNKNOWN}},
        {true,
         {.n = 17,
          .family = FAMILY_XT,
          .address = 101,
          .id = 1108,
          .time = fixture_wall - day,
          .flash = true,
          .old = 46.7,
          .new = 60.25,
          .result = RECORD_REFUSED,
          .error = 0x28}},
        {true,
         {.n = 16,
          .family = FAMILY_XT,
          .address = 101,
          .id = 1107,
          .time = fixture_wall - day - 2000000,
          .old = 32,
          .new = 16,
          .result = RECORD_NOT_SENT}},
        {false,
         {.n = 15,
          .family = FAMILY_VT,
          .address = 302,
          .id = 10009,
          .time = fixture_wall - 2 * day,
          .flash = true,
          .old = NAN,
          .new = 58.4,
          .result = RECORD_REFUSED,
          .error = 0x24}},
        {false,
         {.n = 14,
          .family = FAMILY_XT,
          .address = 102,
          .id = 1138,
          .time = fixture_wall - 3 * day,
          .flash = true,
          .old = 50,
          .new = 60,
          .result = RECORD_WRITTEN}},
        {true,
         {.n = 13,
          .family = FAMILY_XT,
          .address = 101,
          .id = 1468,
          .time = fixture_wall - 4 * day,
          .old = NAN,
          .new = 1,
          .result = RECORD_WRITTEN}},
        {false,
         {.n = 12,
          .family = FAMILY_XT,
          .address = 101,
          .id = 1140,
          .time = fixture_wall - 30 * day,
          .flash = true,
          .old = 54.4,
          .new = 55.2,
          .result = RECORD_WRITTEN}},
    };
    size_t found = 0;
    unsigned writes = 0;

    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        const struct record *record = &all[i].record;
        if (record->family != family || record->address != device_address(family, index) ||
            (id != 0 && (record->id != id || all[i].hidden)))
            continue;
        writes += record->flash && record->result != RECORD_REFUSED;
        if (found < count) {
            list[found] = *record;
            snprintf(list[found].who, sizeof list[found].who, "anna");
            device_name(family, index, list[found].device, sizeof list[found].device);
            found++;
        }
    }
    if (flash_writes)
        *flash_writes = writes == 1 && id == 1138 ? 12 : writes;
    return found;
}

size_t plant_changes(const struct plant *plant, enum family family, unsigned index, unsigned id,
                     struct record *list, size_t count, unsigned *flash_writes)
{
    (void)plant;
    return list_records(family, index, id, list, count, flash_writes);
}

size_t plant_records(const struct plant *plant, enum family family, unsigned index,
                     struct record *list, size_t count)
{
    (void)plant;
    return list_records(family, index, 0, list, count, NULL);
}

size_t plant_changed(const struct plant *plant, enum family family, unsigned index, uint16_t *ids,
                     size_t room)
{
    size_t count = 0;

    for (unsigned id = 1; id <= UINT16_MAX && count < room; id++) {
        struct record record;
        if (plant_changes(plant, family, index, id, &record, 1, NULL) > 0)
            ids[count++] = (uint16_t)id;
    }
    return count;
}

// --- Readings ------------------------------------------------------------------------------------

struct reading plant_reading(struct plant *plant, const struct plant_ref *ref)
{
    const struct datapoint *datapoint = catalogue_find(ref->family, ref->id);
    struct reading reading = {.number = NAN, .datapoint = datapoint};
    unsigned count = 0, from = ref->index, to = ref->index;

    if (!datapoint || plant->scene == SCENE_DOWN || plant->scene == SCENE_DISCOVERY)
        return reading;
    if (ref->parameter)
        return parameter_reading(plant, ref, datapoint);
    bool is_aggregate = ref->index == PLANT_SUM || ref->index == PLANT_AVERAGE;
    if (plant->scene == SCENE_EARLY && !is_aggregate)
        return reading;
    if (is_aggregate) {
        from = 1;
        to = plant_family_count(plant, ref->family);
    } else if (!plant_device(plant, ref->family, ref->index)) {
        return reading;
    }
    reading.number = 0;
    for (unsigned i = from; i <= to; i++, count++)
        reading.number += value_of(plant, ref->family, i, ref->id, datapoint);
    if (count == 0)
        reading.number = NAN;
    else if (ref->index == PLANT_AVERAGE)
        reading.number /= count;
    age_reading(plant, ref, &reading);
    if (plant->scene == SCENE_TROUBLE && ref->id == 3164 && reading.quality == QUALITY_FRESH)
        refuse_reading(&reading);
    return reading;
}

char *plant_reading_reason(const struct reading *reading, char *out, size_t size)
{
    const char *absent;

    *out = '\0';
    switch (reading->quality) {
    case QUALITY_FRESH:
        break;
    case QUALITY_NONE:
        snprintf(out, size, "not asked yet");
        break;
    case QUALITY_STALE:
        snprintf(out, size, "%d s old", (int)(reading->age / LOOP_S));
        break;
    case QUALITY_REFUSED:
        snprintf(out, size, "no such object (0x%02x)", reading->error);
        break;
    case QUALITY_ABSENT:
        absent = reading->datapoint ? datapoint_absent(reading->datapoint, reading->number) : NULL;
        snprintf(out, size, "%s", absent ? absent : "not a number");
        break;
    case QUALITY_GONE:
        snprintf(out, size, "gone for %d s", (int)(reading->age / LOOP_S));
        break;
    }
    return out;
}

size_t plant_history(struct plant *plant, const struct plant_ref *ref, float *samples, size_t count)
{
    struct reading reading = plant_reading(plant, ref);

    if (isnan(reading.number) || ref->family == plant->forgotten)
        return 0;
    for (size_t i = 0; i < count; i++) {
        size_t t = (i + ref->id % 31 + plant->wiggles) % 24;
        // Nothing lies on the edge between two heights, whatever a processor's rounding.
        double share = ((double)(t < 12 ? t : 24 - t) + .29) / 12.4;
        samples[i] = (float)(reading.number * (.25 + .75 * share));
        if (ref->id == 7003 && t < 6)
            samples[i] = (float)(-reading.number * .4);
    }
    return count;
}

// A ripple on a wave of hours, or for what the sun makes a day from 6 to 18 h; a value at a time is
// always the same. Nothing came between 13:40 and 13:44, and in the second Xtender there is
// a spike at 13:00.
static double share_at(const struct plant_ref *ref, int64_t wall)
{
    const double day = 86400, seconds = (double)(wall / LOOP_S);
    if (ref->family == FAMILY_VT || ref->family == FAMILY_VS) {
        double angle = (fmod(seconds, day) / day - .25) * 2 * 3.14159265358979;
        return angle > 0 && angle < 3.14159 ? sin(angle) : 0;
    }
    double wave = fmod(seconds + ref->id * 711, 31000) / 31000;
    double ripple = fmod(seconds + ref->id * 17, 2300) / 2300;
    return .3 + .6 * fabs(2 * wave - 1) + .1 * fabs(2 * ripple - 1);
}

void plant_spans(struct plant *plant, const struct plant_ref *ref, int64_t from, int64_t until,
                 struct span *out, size_t columns)
{
    const int64_t gap = fixture_wall - 23 * 60 * LOOP_S, spike = fixture_wall - 63 * 60 * LOOP_S;
    struct reading reading = plant_reading(plant, ref);
    int64_t width = (until - from) / (int64_t)columns;
    enum { PARTS = 8 };

    memset(out, 0, columns * sizeof *out);
    if (plant->reads_left > 0)
        plant->reads_left--;
    if (isnan(reading.number))
        return;
    for (size_t c = 0; c < columns; c++)
        for (int64_t part = 0; part < PARTS; part++) {
            int64_t at = from + (int64_t)c * width + part * width / PARTS;
            int64_t after = at + width / PARTS;
            if (at > fixture_wall || (at >= gap && at < gap + 4 * 60 * LOOP_S))
                continue;
            bool spiked = ref->index == 2 && spike >= at && spike < after;
            span_add(&out[c], reading.number * (spiked ? 1.8 : share_at(ref, at)));
        }
}

int64_t plant_spans_begin(struct plant *plant, const struct plant_ref *ref)
{
    return isnan(plant_reading(plant, ref).number) ? 0 : fixture_wall - 30 * 86400 * LOOP_S;
}

void plant_read_log(struct plant *plant, const char *path)
{
    (void)plant;
    (void)path;
}

bool plant_spans_in_time(const struct plant *plant)
{
    return plant->reads_left != 0;
}

void fixture_forget(struct plant *plant, enum family family)
{
    plant->forgotten = family;
}

void fixture_let_read(struct plant *plant, int times)
{
    plant->reads_left = times;
}

// --- Subscriptions -------------------------------------------------------------------------------

struct subscription *plant_subscribe(struct plant *plant, const struct plant_ref *refs,
                                     size_t count, int64_t period, enum priority priority)
{
    struct subscription *subscription = xcalloc(1, sizeof *subscription);

    subscription->refs = xcalloc(count, sizeof *refs);
    memcpy(subscription->refs, refs, count * sizeof *refs);
    subscription->count = count;
    subscription->period = period;
    subscription->priority = priority;
    subscription->next = plant->subscriptions;
    plant->subscriptions = subscription;
    return subscription;
}

void plant_unsubscribe(struct plant *plant, struct subscription *subscription)
{
    if (!subscription)
        return;
    struct subscription **link = &plant->subscriptions;
    while (*link != subscription)
        link = &(*link)->next;
    *link = subscription->next;
    free(subscription->refs);
    free(subscription);
}

bool plant_subscription_complete(const struct plant *plant, const struct subscription *subscription)
{
    for (size_t i = 0; i < subscription->count; i++)
        if (subscription->refs[i].parameter && !is_read(plant, &subscription->refs[i]))
            return false;
    return true;
}

size_t fixture_subscribed(const struct plant *plant, enum priority priority)
{
    size_t count = 0;

    for (const struct subscription *s = plant->subscriptions; s; s = s->next)
        if (s->priority == priority)
            count += s->count;
    return count;
}

static bool wants(const struct plant *plant, const struct plant_ref *ref, enum priority priority,
                  int64_t *period)
{
    for (const struct subscription *s = plant->subscriptions; s; s = s->next)
        for (size_t i = 0; i < s->count; i++)
            if (s->priority == priority && same_ref(&s->refs[i], ref)) {
                *period = s->period;
                return true;
            }
    return false;
}

bool fixture_wants(const struct plant *plant, enum family family, unsigned index, unsigned id,
                   int64_t *period)
{
    return wants(plant,
                 &(struct plant_ref){.family = family, .index = (uint8_t)index, .id = (uint16_t)id},
                 PRIORITY_SCREEN, period);
}

bool fixture_wants_hidden(const struct plant *plant, enum family family, unsigned index,
                          unsigned id, int64_t *period)
{
    return wants(plant,
                 &(struct plant_ref){.family = family, .index = (uint8_t)index, .id = (uint16_t)id},
                 PRIORITY_BACKGROUND, period);
}

bool fixture_wants_part(const struct plant *plant, enum family family, unsigned index, unsigned id,
                        enum part part, int64_t *period)
{
    return wants(plant,
                 &(struct plant_ref){.family = family,
                                     .index = (uint8_t)index,
                                     .parameter = true,
                                     .part = part,
                                     .id = (uint16_t)id},
                 PRIORITY_SCREEN, period);
}

// --- Devices, connection -------------------------------------------------------------------------

size_t plant_devices(const struct plant *plant, const struct plant_device **devices)
{
    *devices = plant->devices;
    return plant->device_count;
}

unsigned plant_family_count(const struct plant *plant, enum family family)
{
    unsigned count = 0;

    for (size_t i = 0; i < plant->device_count; i++)
        count += plant->devices[i].family == family && plant->devices[i].presence == DEVICE_PRESENT;
    return count;
}

const struct plant_device *plant_device(const struct plant *plant, enum family family,
                                        unsigned index)
{
    for (size_t i = 0; i < plant->device_count; i++)
        if (plant->devices[i].family == family && plant->devices[i].index == index)
            return &plant->devices[i];
    return NULL;
}

struct plant_discovery plant_discovery(const struct plant *plant)
{
    if (plant->scene == SCENE_DOWN)
        return (struct plant_discovery){.state = DISCOVERY_WAITING};
    if (plant->scene == SCENE_DISCOVERY)
        return (struct plant_discovery){DISCOVERY_RUNNING, 12, 40, "looking for VarioTrack 3"};
    return (struct plant_discovery){.state = DISCOVERY_DONE};
}

static void take_can(const struct plant *plant, struct plant_link *link)
{
    bool bad = plant->scene == SCENE_CAN_BAD;

    snprintf(link->text, sizeof link->text, "can0 at 250 kbit/s%s",
             bad ? ", error-passive (128 transmit errors, 3 receive errors)" : "");
    link->can = true;
    link->bus = bad ? (struct link_bus){BUS_PASSIVE, 128, 3, 2, 1, 0, false}
                    : (struct link_bus){.state = BUS_ACTIVE};
    link->bus_state = bad ? "passive" : "active";
    link->bitrate = 250000;
    link->capabilities = link->frame_flags = 0;
    link->guid_known = link->multi = false;
    link->statistics.bytes_sent = 1236 * 16;
    link->statistics.bytes_received = 1250 * 16;
    link->statistics.foreign = bad ? 12 : 3;
    link->statistics.unfit = bad;
    link->statistics.messages = 9;
}

bool plant_clock_offset(const struct plant *plant, int64_t *offset)
{
    // A bus says nothing of a clock.
    bool known =
        plant->scene != SCENE_DOWN && plant->scene != SCENE_CAN && plant->scene != SCENE_CAN_BAD;

    *offset = known ? -3 * LOOP_S : 0;
    return known;
}

void plant_link(struct plant *plant, struct plant_link *link)
{
    const unsigned scom = GATEWAY_MULTI | GATEWAY_GUID | GATEWAY_HISTORY | GATEWAY_LEVELS |
                          GATEWAY_CLOCK | GATEWAY_DATALOG;

    *link = (struct plant_link){
        .state = GATEWAY_UP,
        .read_only = fixture_edits.refused == XC_READ_ONLY,
        .text = "connected to ttyUSB0, 38400 8E1",
        .frame_flags = PLANT_SD_PRESENT | PLANT_DATALOG_SUPPORTED,
        .guid_known = true,
        .guid = {0x12, 0x34, 0x56, 0x78, 0x9A, 0xBC, 0xDE, 0xF0, 1, 2, 3, 4, 5, 6, 7, 8},
        .capabilities = scom,
        .multi = true,
        .statistics = {.questions = 1234,
                       .answers = 1231,
                       .values = 48210,
                       .timeouts = 2,
                       .repeats = 2,
                       .bytes_sent = 123456,
                       .bytes_received = 456789,
                       .connections = 1,
                       .median_us = 24000,
                       .percentile95_us = 61000,
                       .questions_per_s = 1.5,
                       .values_per_s = 41 + plant->wiggles % 5,
                       .line_use = .137},
    };
    link->clock_known = plant_clock_offset(plant, &link->clock_offset);
    if (plant->scene == SCENE_TROUBLE) {
        link->frame_flags |= PLANT_RESTARTED | PLANT_SD_FULL | PLANT_MESSAGE_PENDING;
        link->state = GATEWAY_SILENT;
        link->multi = false;
        snprintf(link->text, sizeof link->text, "no answer from ttyUSB0 for 12 s");
    }
    if (plant->scene == SCENE_EARLY)
        link->statistics.values_per_s = 0;
    if (plant->scene == SCENE_SOLAR)
        link->frame_flags |= PLANT_MESSAGE_PENDING;
    if (plant->scene == SCENE_CAN || plant->scene == SCENE_CAN_BAD)
        take_can(plant, link);
    if (plant->scene == SCENE_DOWN) {
        *link = (struct plant_link){.state = GATEWAY_DOWN, .capabilities = scom};
        snprintf(link->text, sizeof link->text,
                 "/dev/ttyUSB0: permission denied (you aren't in group dialout); next try in 8 s");
    }
}

void plant_pause(struct plant *plant, bool paused)
{
    plant->paused = paused;
}

bool plant_paused(const struct plant *plant)
{
    return plant->paused;
}

// --- Arranged screens ----------------------------------------------------------------------------

bool views_has_value(const struct datapoint *datapoint)
{
    return datapoint_encoding(datapoint) != ENCODING_SIGNAL;
}

unsigned views_version(const struct plant *plant)
{
    (void)plant;
    return 1;
}

bool views_readable(const struct plant *plant)
{
    (void)plant;
    return true;
}

bool views_refs(struct plant *plant, enum views_list list, struct plant_ref refs[VIEWS_REFS_MAX],
                size_t *count)
{
    *count = plant->kept_ref_count[list];
    memcpy(refs, plant->kept_refs[list], *count * sizeof *refs);
    return plant->refs_kept[list];
}

enum xc_status views_keep_refs(struct plant *plant, enum views_list list,
                               const struct plant_ref *refs, size_t count,
                               char error[VIEWS_ERROR_MAX])
{
    (void)error;
    memcpy(plant->kept_refs[list], refs, count * sizeof *refs);
    plant->kept_ref_count[list] = count;
    plant->refs_kept[list] = true;
    return XC_OK;
}

static struct kept_rows *kept_under(struct plant *plant, const char *name)
{
    struct kept_rows *kept = plant->kept_rows;

    while (kept->name && strcmp(kept->name, name) != 0)
        kept++;
    kept->name = name;
    return kept;
}

size_t views_rows(struct plant *plant, const char *name, struct views_row rows[VIEWS_ROWS_MAX])
{
    const struct kept_rows *kept = kept_under(plant, name);

    memcpy(rows, kept->rows, kept->count * sizeof *rows);
    return kept->count;
}

enum xc_status views_keep_rows(struct plant *plant, const char *name, const struct views_row *rows,
                               size_t count, char error[VIEWS_ERROR_MAX])
{
    struct kept_rows *kept = kept_under(plant, name);

    (void)error;
    memcpy(kept->rows, rows, count * sizeof *rows);
    kept->count = count;
    return XC_OK;
}
