// SPDX-License-Identifier: MIT
#include "ui/formtext.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "ui/widgets.h"

char *formtext_target(const struct form *form, const struct target *target, char *out, size_t size)
{
    const struct plant_device *devices;
    size_t count = plant_devices(form->ui->plant, &devices);
    unsigned reached = 0;
    char name[DEVICE_NAME_MAX];

    for (size_t i = 0; i < count; i++)
        reached += devices[i].family == target->family && devices[i].presence == DEVICE_PRESENT &&
                   (target->kind != TARGET_PHASE || devices[i].phase == target->index);
    target_name(target, name, sizeof name);
    if (target->kind == TARGET_PHASE)
        snprintf(out, size, "phase %s, %u XT", name, reached);
    else if (target->kind == TARGET_MULTICAST)
        snprintf(out, size, "all %u %s", reached, name);
    else
        snprintf(out, size, "%s", name);
    return out;
}

void formtext_remark(const struct form *form, char *out, size_t size)
{
    const struct edit_device *devices = NULL;
    size_t count = form->edit ? edit_devices(form->edit, &devices) : 0;
    char target[48];
    enum level level =
        count > 0 && devices->level_known ? devices->level : datapoint_level(form->datapoint);

    snprintf(out, size, "%s · %s",
             formtext_target(form, &form->targets[form->where], target, sizeof target),
             level_name(level));
}

void formtext_title(const struct form *form, bool narrow, char *out, size_t size)
{
    const char *short_name = datapoint_short_name(form->datapoint);

    snprintf(out, size, "%u %s", datapoint_id(form->datapoint),
             narrow && *short_name ? short_name : datapoint_name(form->datapoint));
}

bool formtext_is_signal(const struct form *form)
{
    return datapoint_encoding(form->datapoint) == ENCODING_SIGNAL;
}

void formtext_who(const struct form *form, char *out, size_t size)
{
    const struct edit_device *devices;

    if (edit_devices(form->edit, &devices) == 1)
        device_name(devices->family, devices->index, out, size);
    else
        snprintf(out, size, "the devices");
}

void formtext_flash(const struct form *form, bool narrow, char *out, size_t size)
{
    enum { GUARANTEED = 1000 }; // writes of a parameter (scom.md, "Parameters: flash and RAM")
    const struct edit_device *devices;
    size_t count = form->ready ? edit_devices(form->edit, &devices) : 0;
    unsigned most = 0;

    for (size_t i = 0; i < count; i++)
        most = devices[i].flash_writes > most ? devices[i].flash_writes : most;
    if (count == 0)
        snprintf(out, size, "%d guaranteed", GUARANTEED);
    else if (narrow)
        snprintf(out, size, "%u of %d", most, GUARANTEED);
    else
        snprintf(out, size, "%u recorded here, %d guaranteed", most, GUARANTEED);
}

char *formtext_taken_back(const struct form *form, bool change, char *out, size_t size)
{
    const struct record *undo = &form->undo;
    char time[24], old[FORMTEXT_VALUE], new[FORMTEXT_VALUE];
    size_t used = 0;

    text_append(out, size, &used, "Takes back write %lld of %s", (long long)undo->n,
                text_local_time(undo->time, time, sizeof time));
    if (change)
        text_append(out, size, &used, ": %s → %s in %s",
                    datapoint_exact_text(form->datapoint, undo->old, old, sizeof old),
                    datapoint_exact_text(form->datapoint, undo->new, new, sizeof new),
                    undo->flash ? "flash" : "RAM");
    text_append(out, size, &used, ".");
    return out;
}

void formtext_keep(int keep, char *out, size_t size)
{
    int seconds = (int)(form_keep_period(keep) / LOOP_S);

    if (keep == 0)
        snprintf(out, size, "no");
    else if (seconds == 0)
        snprintf(out, size, "after restarts");
    else if (seconds < 60)
        snprintf(out, size, "every %d s", seconds);
    else
        snprintf(out, size, "every %d min", seconds / 60);
}

void formtext_present(const struct form *form, const struct edit_device *device, char *out,
                      size_t size)
{
    char value[FORMTEXT_VALUE], overlay[FORMTEXT_VALUE];
    double number;

    datapoint_exact_text(form->datapoint, device->value, value, sizeof value);
    if (isnan(device->overlay)) {
        snprintf(out, size, "%s", value);
        return;
    }
    bool doubt = plant_overlay(form->ui->plant, device->family, device->index,
                               datapoint_id(form->datapoint), &number) == OVERLAY_DOUBT;
    snprintf(out, size, "%s (~%s in RAM%s)", value,
             datapoint_exact_text(form->datapoint, device->overlay, overlay, sizeof overlay),
             doubt ? ", perhaps" : "");
}

void formtext_now(const struct form *form, char *out, size_t size)
{
    const struct edit_device *devices;
    size_t count = form->ready ? edit_devices(form->edit, &devices) : 0, used = 0;
    char first[FORMTEXT_PRESENT] = "", other[FORMTEXT_PRESENT] = "", name[DEVICE_NAME_MAX];
    bool same = true;

    *out = '\0';
    for (size_t i = 0; i < count && same; i++) {
        formtext_present(form, &devices[i], i == 0 ? first : other, sizeof first);
        same = i == 0 || strcmp(first, other) == 0;
    }
    if (count == 0) {
        snprintf(out, size, "--");
    } else if (same) {
        snprintf(out, size, "%s%s", first, count > 1 ? ", all the same" : "");
    } else {
        text_append(out, size, &used, "they differ: ");
        for (size_t i = 0; i < count; i++) {
            formtext_present(form, &devices[i], other, sizeof other);
            device_name(devices[i].family, devices[i].index, name, sizeof name);
            text_append(out, size, &used, "%s%s %s", i > 0 ? ", " : "", name, other);
        }
    }
}

void formtext_factory(const struct form *form, bool narrow, char *out, size_t size)
{
    enum family family = datapoint_family(form->datapoint);
    unsigned index =
        form->targets[form->where].kind == TARGET_DEVICE ? form->targets[form->where].index : 1;
    unsigned infos[] = {family_battery_volts_info(family), family_ac_volts_info(family)};
    double volts[2];
    char value[FORMTEXT_VALUE];

    for (size_t i = 0; i < 2; i++) {
        struct reading reading = {.number = NAN};
        if (infos[i])
            reading = ui_read(form->ui, family, index, infos[i]);
        volts[i] = reading_has_number(&reading) ? reading.number : NAN;
    }
    double factory = datapoint_limits_at(form->datapoint, volts[0], volts[1]).factory;
    *out = '\0';
    if (!isnan(factory))
        snprintf(out, size, "factory%s %s", narrow ? "" : " default",
                 datapoint_exact_text(form->datapoint, factory, value, sizeof value));
}

void formtext_allowed(const struct form *form, char *out, size_t size)
{
    char from[FORMTEXT_VALUE], to[FORMTEXT_VALUE];
    double min, max;

    switch (entry_kind(&form->entry)) {
    case ENTRY_ONE:
        snprintf(out, size, "one of these");
        return;
    case ENTRY_SEVERAL:
        snprintf(out, size, "none, some or all of these");
        return;
    default:
        break;
    }
    if (!form->ready) {
        snprintf(out, size, "--");
        return;
    }
    edit_limits(form->edit, &min, &max);
    if (datapoint_encoding(form->datapoint) == ENCODING_DATE && isnan(min) && isnan(max))
        snprintf(out, size, "any date and time");
    else
        snprintf(out, size, "%s to %s",
                 datapoint_exact_number(form->datapoint, min, from, sizeof from),
                 datapoint_exact_text(form->datapoint, max, to, sizeof to));
}

void formtext_read(const struct form *form, bool narrow, char *out, size_t size)
{
    time_t clock = (time_t)(form->read_at / LOOP_S);
    struct tm tm;

    *out = '\0';
    if (form->ready && gmtime_r(&clock, &tm))
        snprintf(out, size, "read%s %02d:%02d:%02d", narrow ? "" : " from the device", tm.tm_hour,
                 tm.tm_min, tm.tm_sec);
}
