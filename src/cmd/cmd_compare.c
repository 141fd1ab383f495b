// SPDX-License-Identifier: MIT
// compare: a backup with another one, with what is in the devices now, or with the factory's
// values.
#include "cmd/cmd.h"

#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/text.h"
#include "catalogue/address.h"
#include "cmd/collector.h"
#include "cmd/session.h"
#include "store/backup.h"

enum { SIDE_NAME_MAX = 48 };

struct comparison {
    const struct options *options;
    struct backup *left, *right;
    bool defaults; // right has the factory's values
    struct target named[BACKUP_DEVICES_MAX];
    size_t named_count;
    struct session *session; // NULL: no link is needed
    struct rows *rows;
    char left_name[SIDE_NAME_MAX], right_name[SIDE_NAME_MAX];
    size_t differences, same, unread;
};

enum { COLUMN_LEFT = 6, COLUMN_RIGHT = 8, COLUMNS = 11 };

// --- Rows ----------------------------------------------------------------------------------------

static const struct column plain_columns[COLUMNS] = {
    {.name = "device", .type = COLUMN_TEXT},
    {.name = "right_device", .type = COLUMN_TEXT, .hidden_in_text = true},
    {.name = "family", .type = COLUMN_TEXT, .hidden_in_text = true},
    {.name = "id", .type = COLUMN_INT, .right = true},
    {.name = "name", .type = COLUMN_TEXT},
    {.name = "left", .type = COLUMN_NUMBER, .hidden_in_text = true},
    {.name = "left_text", .type = COLUMN_TEXT},
    {.name = "right", .type = COLUMN_NUMBER, .hidden_in_text = true},
    {.name = "right_text", .type = COLUMN_TEXT},
    {.name = "unit", .type = COLUMN_TEXT},
    {.name = "remark", .type = COLUMN_TEXT},
};

// One line of the result; left and right are devices, NULL where there is none.
static void add_row(struct comparison *comparison, const struct backup_device *left,
                    const struct backup_device *right, const struct datapoint *dp,
                    const struct field sides[2], const char *remark)
{
    char left_name[DEVICE_NAME_MAX] = "", right_name[DEVICE_NAME_MAX] = "", texts[4][256];
    const struct options *options = comparison->options;

    if (left)
        device_name(left->family, left->index, left_name, sizeof left_name);
    if (right)
        device_name(right->family, right->index, right_name, sizeof right_name);
    struct field fields[COLUMNS] = {
        {.text = left ? left_name : right_name},
        {.text = right_name},
        {.text = family_name(left ? left->family : right->family)},
        {.integer = dp ? datapoint_id(dp) : ROW_NONE},
        {.text = plain_text(options, dp ? datapoint_name(dp) : "(the device)", texts[0], 256)},
        {.number = sides[0].number, .decimals = -1},
        {.text = plain_text(options, sides[0].text, texts[1], 256)},
        {.number = sides[1].number, .decimals = -1},
        {.text = plain_text(options, sides[1].text, texts[2], 256)},
        {.text = plain_text(options, dp ? datapoint_unit(dp) : "", texts[3], 256)},
        {.text = remark},
    };
    rows_add(comparison->rows, fields);
}

// That a device is missing, new, or has another number.
static void add_device_row(struct comparison *comparison, const struct backup_device *left,
                           const struct backup_device *right, const char *remark)
{
    char names[2][DEVICE_NAME_MAX] = {"--", "--"};

    if (left)
        device_name(left->family, left->index, names[0], sizeof names[0]);
    if (right)
        device_name(right->family, right->index, names[1], sizeof names[1]);
    const struct field sides[2] = {{.text = names[0], .number = (double)NAN},
                                   {.text = names[1], .number = (double)NAN}};
    add_row(comparison, left, right, NULL, sides, remark);
    comparison->differences++;
}

static struct field side(const struct backup_value *value, char *text, size_t size)
{
    struct field field = {.text = "--", .number = (double)NAN};

    if (value->state != BACKUP_VALUE)
        return field;
    field.number = value->number;
    field.text = text;
    if (!backup_text(value->datapoint, value->number, text, size))
        text_shortest(text, size, value->number);
    return field;
}

// --- Comparing -----------------------------------------------------------------------------------

static bool is_named(const struct comparison *comparison, const struct backup_device *device)
{
    return session_names(comparison->named, comparison->named_count, device->family, device->index);
}

// It was there when the reading began.
static bool went_away(const struct comparison *comparison, const struct backup_device *right)
{
    if (!comparison->session || right->family == FAMILY_RCC)
        return false;
    const struct plant_device *now =
        plant_device(session_plant(comparison->session), right->family, right->index);
    return !now || now->presence != DEVICE_PRESENT;
}

static void compare_value(struct comparison *comparison, const struct backup_device *left,
                          const struct backup_device *right, size_t i)
{
    const struct backup_value *a = &left->values[i], *b = &right->values[i];
    char texts[2][DATAPOINT_TEXT_MAX];
    bool unread = comparison->session && b->state == BACKUP_FAILED;

    comparison->unread += unread;
    if (a->state != BACKUP_VALUE && b->state != BACKUP_VALUE)
        return;
    // Not every setting has a factory value.
    if ((comparison->defaults && b->state != BACKUP_VALUE) ||
        (unread && went_away(comparison, right)))
        return;
    if (a->state == BACKUP_VALUE && b->state == BACKUP_VALUE &&
        backup_same(comparison->left, left, a->datapoint, a->number, b->number)) {
        comparison->same++;
        return;
    }
    const struct field sides[2] = {side(a, texts[0], sizeof texts[0]),
                                   side(b, texts[1], sizeof texts[1])};
    add_row(comparison, left, right, a->datapoint, sides, b->reason ? b->reason : "");
    comparison->differences += !unread;
}

static void tell_other(const char *name, const char *what, const char *left, const char *right)
{
    if (left[0] && right[0] && strcmp(left, right) != 0)
        complain("%s: %s was %s, is %s", name, what, left, right);
}

// What else is different, and may be why settings are.
static void tell_others(const struct backup_device *left, const struct backup_device *right)
{
    char name[DEVICE_NAME_MAX], fids[2][16] = {"", ""};

    device_name(left->family, left->index, name, sizeof name);
    if (left->fid && right->fid) {
        snprintf(fids[0], sizeof fids[0], "%08X", (unsigned)left->fid);
        snprintf(fids[1], sizeof fids[1], "%08X", (unsigned)right->fid);
    }
    tell_other(name, "the FID", fids[0], fids[1]);
    tell_other(name, "the model", left->model, right->model);
    tell_other(name, "the firmware", left->firmware, right->firmware);
}

static void compare_device(struct comparison *comparison, const struct backup_device *left)
{
    const struct backup_device *right = backup_match(comparison->left, left, comparison->right);

    if (!right && comparison->session && left->family == FAMILY_RCC) {
        complain("XCOM is left out: an Xcom-CAN may have no settings; --devices XCOM tries");
        return;
    }
    if (!right) {
        add_device_row(comparison, left, NULL, "missing");
        return;
    }
    if (went_away(comparison, right))
        add_device_row(comparison, left, NULL, "went away");
    else if (right->index != left->index)
        add_device_row(comparison, left, right, "moved");
    if (!comparison->defaults)
        tell_others(left, right);
    for (size_t i = 0; i < left->value_count; i++)
        compare_value(comparison, left, right, i);
}

static void compare(struct comparison *comparison)
{
    const struct backup *left = comparison->left, *right = comparison->right;

    for (size_t i = 0; i < left->device_count; i++)
        if (is_named(comparison, left->devices[i]))
            compare_device(comparison, left->devices[i]);
    // The gateway is no device that somebody adds.
    for (size_t i = 0; i < right->device_count; i++)
        if (right->devices[i]->family != FAMILY_RCC && is_named(comparison, right->devices[i]) &&
            !backup_match(right, right->devices[i], left))
            add_device_row(comparison, NULL, right->devices[i], "new");
}

// --- The right side ------------------------------------------------------------------------------

static int read_file(const char *path, struct backup **backup)
{
    char error[BACKUP_ERROR_MAX];

    if (backup_read(path, backup, error, sizeof error) == XC_OK)
        return EXIT_DONE;
    complain("%s", error);
    return EXIT_REFUSED;
}

// The factory's values, for each device's own voltages.
static void take_defaults(struct comparison *comparison)
{
    comparison->right = backup_new();
    comparison->defaults = true;
    for (size_t i = 0; i < comparison->left->device_count; i++) {
        const struct backup_device *left = comparison->left->devices[i];
        struct backup_device *right =
            backup_add_device(comparison->right, left->family, left->index);
        right->fid = left->fid;
        for (size_t j = 0; j < right->value_count; j++) {
            double factory =
                datapoint_limits_at(right->values[j].datapoint, left->battery_v, left->ac_v)
                    .factory;
            if (!isnan(factory))
                backup_set(&right->values[j], factory);
        }
    }
}

// Of the devices of the file, what is in it.
static void want_same(struct comparison *comparison)
{
    for (size_t i = 0; i < comparison->left->device_count; i++) {
        const struct backup_device *left = comparison->left->devices[i];
        struct backup_device *right = backup_match(comparison->left, left, comparison->right);
        if (!right || !is_named(comparison, left))
            continue;
        for (size_t j = 0; j < left->value_count; j++)
            if (left->values[j].state == BACKUP_VALUE)
                right->values[j].state = BACKUP_UNREAD;
    }
}

static int read_live(struct comparison *comparison)
{
    int status = session_open(comparison->options, SESSION_PLANT, &comparison->session);
    struct session *session = comparison->session;

    if (status != EXIT_DONE)
        return status;
    session_catch_signals(session);
    status = session_wait_found(session);
    if (status == EXIT_NO_ANSWER)
        session_complain(session);
    if (status == EXIT_DONE) {
        comparison->right = backup_new();
        collector_find(session_plant(session), comparison->named, comparison->named_count,
                       comparison->right);
        want_same(comparison);
        status = collector_read(session, comparison->options, comparison->right);
    }
    session_settle(session);
    return status;
}

// --- The command ---------------------------------------------------------------------------------

// What stands above a column: the file's name without its directories.
static void name_side(const char *path, char out[SIDE_NAME_MAX])
{
    const char *slash = strrchr(path, '/');
    char harmless[256];

    text_escape(harmless, sizeof harmless, slash ? slash + 1 : path);
    text_fit(out, SIDE_NAME_MAX, harmless, 24, true, true);
}

static int read_sides(struct comparison *comparison)
{
    const struct options *options = comparison->options;
    const char *other = options->word_count > 1 ? options->words[1] : "live";
    int status = session_parse_devices(options, comparison->named, BACKUP_DEVICES_MAX,
                                       &comparison->named_count);

    if (status == EXIT_DONE)
        status = read_file(options->words[0], &comparison->left);
    if (status != EXIT_DONE)
        return status;
    name_side(options->words[0], comparison->left_name);
    name_side(other, comparison->right_name);
    if (strcmp(other, "live") == 0)
        return read_live(comparison);
    if (strcmp(other, "defaults") != 0)
        return read_file(other, &comparison->right);
    take_defaults(comparison);
    return EXIT_DONE;
}

static int conclude(struct comparison *comparison)
{
    if (comparison->unread > 0)
        complain("%zu settings couldn't be read", comparison->unread);
    if (comparison->differences > 0)
        return EXIT_REFUSED;
    if (comparison->unread > 0)
        return EXIT_PARTLY;
    if (isatty(STDERR_FILENO) || comparison->options->verbose)
        complain("no difference in %zu settings", comparison->same);
    return EXIT_DONE;
}

int cmd_compare(const struct options *options)
{
    struct comparison comparison = {.options = options};
    struct column columns[COLUMNS];
    int status = read_sides(&comparison);

    if (status == EXIT_DONE) {
        memcpy(columns, plain_columns, sizeof columns);
        columns[COLUMN_LEFT].heading = comparison.left_name;
        columns[COLUMN_RIGHT].heading = comparison.right_name;
        comparison.rows = rows_new(stdout, options->format, columns, COLUMNS);
        compare(&comparison);
        status = finish_rows(comparison.rows, conclude(&comparison));
    }
    session_free(comparison.session);
    backup_free(comparison.left);
    backup_free(comparison.right);
    return status;
}
