// SPDX-License-Identifier: MIT
// store: backups, from devices to a file and back.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/bytes.h"
#include "base/text.h"
#include "base/value.h"
#include "catalogue/address.h"
#include "store/backup.h"

// --- Help ----------------------------------------------------------------------------------------

static char directory[] = "/tmp/xcomtop-backup-XXXXXX";

// A path in the directory of this run; valid until the next but one call.
static const char *path_of(const char *name)
{
    static char paths[2][256];
    static unsigned turn;
    char *path = paths[turn++ % 2];

    snprintf(path, sizeof paths[0], "%s/%s", directory, name);
    return path;
}

static void put_file(const char *path, const char *text, size_t length)
{
    FILE *file = fopen(path, "w");

    assert_non_null(file);
    assert_int_equal(fwrite(text, 1, length, file), length);
    assert_int_equal(fclose(file), 0);
}

static char *get_file(const char *path)
{
    char *text = xcalloc(1, 1 << 20);
    FILE *file = fopen(path, "r");

    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    return text;
}

static bool exists(const char *path)
{
    struct stat what;
    return lstat(path, &what) == 0;
}

static char *text_of(const struct backup *backup, bool whole)
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);

    assert_int_equal(backup_write(backup, out, whole), XC_OK);
    fclose(out);
    return text;
}

static struct backup *read_text(const char *text)
{
    char error[BACKUP_ERROR_MAX] = "";
    struct backup *backup;
    const char *path = path_of("text");

    put_file(path, text, strlen(text));
    if (backup_read(path, &backup, error, sizeof error) != XC_OK)
        fail_msg("%s\n%s", error, text);
    return backup;
}

static uint32_t seed = 1;

static uint32_t chance(void)
{
    seed = seed * 1664525u + 1013904223u;
    return seed >> 8 | seed << 24;
}

// Something that a device could say, for each format; options and times mostly.
static double some_number(const struct datapoint *dp)
{
    uint8_t bytes[4];
    size_t options = 0;
    struct option option = {0};
    float value;

    while (datapoint_option(dp, options, &option))
        options++;
    if (options > 0 && chance() % 4 != 0) {
        datapoint_option(dp, chance() % options, &option);
        return option.value;
    }
    switch (datapoint_format(dp)) {
    case FORMAT_BOOL:
        return chance() % 2;
    case FORMAT_SHORT_ENUM:
        return chance() % 65536;
    case FORMAT_LONG_ENUM:
        return datapoint_encoding(dp) == ENCODING_WEEKDAYS ? chance() % 128 : chance();
    case FORMAT_INT32:
        if (datapoint_encoding(dp) == ENCODING_MINUTES_OF_DAY && chance() % 4 != 0)
            return chance() % 1441;
        return (int32_t)chance();
    default:
        break;
    }
    switch (chance() % 4) {
    case 0: // as the devices store them
        return (double)(float)((double)(int16_t)chance() / (1 << chance() % 12));
    case 1:
        return (double)((float)((int)(chance() % 2000) - 1000) / 10);
    case 2:
        return (int)(chance() % 200) - 100;
    default:
        le_put32(bytes, chance());
        value = le_get_float(bytes);
        return isfinite(value) && fabsf(value) < 1e9f && fabsf(value) > 1e-6f ? (double)value : 0;
    }
}

static void fill(struct backup_device *device)
{
    for (size_t i = 0; i < device->value_count; i++)
        backup_set(&device->values[i], some_number(device->values[i].datapoint));
}

static struct backup_device *add(struct backup *backup, enum family family, unsigned index,
                                 const char *model, const char *firmware)
{
    struct backup_device *device = backup_add_device(backup, family, index);

    device->fid = 0x10000000u * (family + 1) + index;
    snprintf(device->model, sizeof device->model, "%s", model);
    snprintf(device->firmware, sizeof device->firmware, "%s", firmware);
    device->read = 1782043200;
    return device;
}

// One of each family, with everything in it.
static struct backup *everything(void)
{
    static const char *const models[] = {"XTM 4000-48", "VT-80", "VS-120", "BSP", "BMS PYLON", ""};
    struct backup *backup = backup_new();

    snprintf(backup->guid, sizeof backup->guid, "00112233445566778899aabbccddeeff");
    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        fill(add(backup, (enum family)family, 1, models[family], "1.6.74"));
    backup->devices[0]->battery_v = 48;
    backup->devices[0]->ac_v = 230;
    backup->devices[FAMILY_COUNT - 1]->fid = 0;
    backup->devices[FAMILY_COUNT - 1]->firmware[0] = '\0';
    return backup;
}

static void assert_equal_backups(const struct backup *a, const struct backup *b)
{
    assert_string_equal(a->guid, b->guid);
    assert_int_equal(a->device_count, b->device_count);
    for (size_t i = 0; i < a->device_count; i++) {
        const struct backup_device *x = a->devices[i], *y = b->devices[i];
        assert_int_equal(x->family, y->family);
        assert_int_equal(x->index, y->index);
        assert_int_equal(x->fid, y->fid);
        assert_string_equal(x->model, y->model);
        assert_string_equal(x->firmware, y->firmware);
        assert_int_equal(x->read, y->read);
        assert_true(x->battery_v == y->battery_v || (isnan(x->battery_v) && isnan(y->battery_v)));
        assert_true(x->ac_v == y->ac_v || (isnan(x->ac_v) && isnan(y->ac_v)));
        for (size_t j = 0; j < x->value_count; j++) {
            const struct backup_value *v = &x->values[j], *w = &y->values[j];
            assert_ptr_equal(v->datapoint, w->datapoint);
            if (w->state != BACKUP_VALUE || v->number != w->number)
                fail_msg("%u: %.17g came back as %.17g", (unsigned)datapoint_id(v->datapoint),
                         v->number, w->number);
        }
    }
}

// --- There and back ------------------------------------------------------------------------------

static void every_setting_comes_back(void **state)
{
    (void)state;
    for (seed = 1; seed < 400; seed += 8) {
        struct backup *backup = everything();
        char *text = text_of(backup, true);
        struct backup *back = read_text(text);
        assert_true(back->complete);
        assert_equal_backups(backup, back);
        backup_free(back);
        backup_free(backup);
        free(text);
    }
}

static void numbers_have_the_shortest_text_that_comes_back(void **state)
{
    static const struct {
        enum family family;
        unsigned id;
        double number;
        const char *text;
    } rows[] = {
        {FAMILY_XT, 1138, 60, "60"},
        {FAMILY_XT, 1140, 57.6, "57.6"},
        {FAMILY_XT, 1140, 57.6015625, "57.601562"},
        {FAMILY_XT, 1139, -3, "-3"},
        {FAMILY_XT, 1139, -0.0, "0"},
        {FAMILY_XT, 1126, 1, "yes"},
        {FAMILY_XT, 1552, 2, "Tolerant"},
        {FAMILY_XT, 1552, 77, "77"},
        {FAMILY_XT, 1205, 3, "MO,TU"},
        {FAMILY_XT, 1205, 0, "none"},
        {FAMILY_XT, 1202, 1, NULL},
        {FAMILY_RCC, 5032, 2, "2"}, // its label would be a comment
        {FAMILY_RCC, 5000, 2, "2"},
        {FAMILY_XT, 1622, -0.05, "inductive 0.95"},
        {FAMILY_XT, 1622, -0.051, "-0.051"},
    };
    char text[DATAPOINT_TEXT_MAX];
    double back;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct datapoint *dp = catalogue_find(rows[i].family, rows[i].id);
        double number =
            datapoint_format(dp) == FORMAT_FLOAT ? (double)(float)rows[i].number : rows[i].number;
        assert_true(backup_text(dp, number, text, sizeof text));
        if (rows[i].text)
            assert_string_equal(text, rows[i].text);
        assert_int_equal(backup_parse(dp, text, &back), XC_OK);
        assert_true(back == number);
    }
}

static void what_has_no_text_is_no_number(void **state)
{
    const struct datapoint *dp = catalogue_find(FAMILY_XT, 1140);
    char text[DATAPOINT_TEXT_MAX];
    static const double numbers[] = {NAN, INFINITY, -INFINITY, FLT_MIN};

    (void)state;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        assert_false(backup_text(dp, numbers[i], text, sizeof text));

    struct backup *backup = everything();
    backup_set(backup_value(backup->devices[0], 1140), (double)FLT_MIN);
    char *written = text_of(backup, true);
    assert_null(strstr(written, "\n1140 ="));
    assert_non_null(strstr(written, "\n; 1140 not read: the device says 1.17549e-38"));
    struct backup *back = read_text(written);
    assert_int_equal(backup_value(back->devices[0], 1140)->state, BACKUP_ABSENT);
    backup_free(back);
    backup_free(backup);
    free(written);
}

static void what_was_not_read_is_a_comment_that_says_why(void **state)
{
    struct backup *backup = everything();
    struct backup_value *value = backup_value(backup->devices[0], 1138);

    (void)state;
    backup_fail(value, "no such object (0x22)");
    backup_fail(backup_value(backup->devices[0], 1107), "evil\n1124 = no \x1b[2J");
    backup_value(backup->devices[0], 1126)->state = BACKUP_UNREAD;
    char *text = text_of(backup, true);
    assert_non_null(
        strstr(text, "\n; 1138 not read: no such object (0x22); Battery charge current\n"));
    assert_non_null(strstr(text, "\n; 1107 not read: evil\\x0A1124 = no \\x1B[2J;"));
    assert_null(strstr(text, "1126"));
    struct backup *back = read_text(text);
    assert_int_equal(backup_value(back->devices[0], 1138)->state, BACKUP_ABSENT);
    assert_int_equal(backup_value(back->devices[0], 1124)->state, BACKUP_VALUE);
    assert_int_equal(backup_count(backup, BACKUP_FAILED), 2);
    assert_int_equal(backup_count(backup, BACKUP_UNREAD), 1);
    assert_int_equal(backup_count(back, BACKUP_ABSENT), 3);
    backup_free(back);
    backup_free(backup);
    free(text);
}

static void each_line_is_one_that_inih_can_read(void **state)
{
    struct backup *backup = everything();

    (void)state;
    backup_want_ranges(backup);
    for (size_t i = 0; i < backup->device_count; i++)
        for (size_t j = 0; j < backup->devices[i]->value_count; j++) {
            struct backup_value *value = &backup->devices[i]->values[j];
            backup->devices[i]->ranges[j] = (struct backup_range){-12345.678, 12345.678, false};
            if (j % 2 == 0)
                backup_fail(value, "a reason that is told at such a length that nobody will ever "
                                   "read it to its end, since it has none and goes on and on");
        }
    char *text = text_of(backup, true);
    for (const char *line = text; *line; line += strcspn(line, "\n") + 1)
        assert_true(strcspn(line, "\n") < 198);
    backup_free(read_text(text));
    backup_free(backup);
    free(text);
}

// --- Made for diff -------------------------------------------------------------------------------

static void the_order_is_the_document_s_whatever_came_first(void **state)
{
    static const struct {
        enum family family;
        unsigned index;
        const char *name;
    } devices[] = {{FAMILY_RCC, 1, "[XCOM]"}, {FAMILY_VT, 12, "[VT12]"}, {FAMILY_XT, 2, "[XT2]"},
                   {FAMILY_BSP, 1, "[BSP]"},  {FAMILY_VT, 2, "[VT2]"},   {FAMILY_XT, 1, "[XT1]"}};
    static const unsigned order[] = {5, 2, 4, 1, 3, 0};
    struct backup *one = backup_new(), *other = backup_new();
    size_t count = sizeof devices / sizeof *devices;

    (void)state;
    for (size_t i = 0; i < count; i++)
        add(one, devices[i].family, devices[i].index, "", "");
    for (size_t i = count; i-- > 0;)
        add(other, devices[i].family, devices[i].index, "", "");
    char *text = text_of(one, true), *again = text_of(other, true);
    assert_string_equal(text, again);
    const char *at = text;
    for (size_t i = 0; i < count; i++) {
        at = strstr(at, devices[order[i]].name);
        assert_non_null(at);
    }
    // Of a device: as in the tables.
    const struct datapoint *before = NULL;
    for (size_t i = 0, j = 0; catalogue_at(i); i++) {
        const struct datapoint *dp = catalogue_at(i);
        if (datapoint_family(dp) != FAMILY_XT || !datapoint_is_setting(dp))
            continue;
        assert_ptr_equal(one->devices[0]->values[j++].datapoint, dp);
        assert_ptr_not_equal(dp, before);
        before = dp;
    }
    backup_free(one);
    backup_free(other);
    free(text);
    free(again);
}

static unsigned lines_that_differ(const char *a, const char *b)
{
    unsigned count = 0;

    while (*a && *b) {
        size_t x = strcspn(a, "\n"), y = strcspn(b, "\n");
        count += x != y || strncmp(a, b, x) != 0;
        a += x + (a[x] != '\0');
        b += y + (b[y] != '\0');
    }
    return *a || *b ? 1000 : count;
}

static void one_changed_value_changes_one_line(void **state)
{
    struct backup *backup = everything();
    char *before = text_of(backup, true);

    (void)state;
    for (size_t i = 0; i < backup->device_count; i++)
        for (size_t j = 0; j < backup->devices[i]->value_count; j++) {
            struct backup_value *value = &backup->devices[i]->values[j];
            double was = value->number;
            do {
                backup_set(value, some_number(value->datapoint));
            } while (value->number == was || datapoint_absent(value->datapoint, value->number));
            char *after = text_of(backup, true);
            assert_int_equal(lines_that_differ(before, after), 1);
            backup_set(value, was);
            free(after);
        }
    free(before);
    backup_free(backup);
}

// --- Limits --------------------------------------------------------------------------------------

static void limits_are_those_of_a_model_and_firmware(void **state)
{
    struct backup *backup = backup_new();
    struct backup_range range;

    (void)state;
    add(backup, FAMILY_XT, 1, "XTM 4000-48", "1.6.74");
    add(backup, FAMILY_XT, 2, "XTM 4000-48", "1.6.74");
    add(backup, FAMILY_XT, 3, "XTM 4000-48", "1.6.60");
    add(backup, FAMILY_XT, 4, "XTH 8000-48", "1.6.74");
    for (unsigned i = 1; i <= 4; i++) {
        backup_set(backup_value(backup_device(backup, FAMILY_XT, i), 1138), 60);
        assert_false(backup_range(backup, backup_device(backup, FAMILY_XT, i), 1138, &range));
    }
    backup_want_ranges(backup);
    backup_want_ranges(backup);
    for (unsigned i = 1; i <= 4; i++) {
        struct backup_device *device = backup_device(backup, FAMILY_XT, i);
        assert_int_equal(device->ranges != NULL, i != 2);
        if (!device->ranges)
            continue;
        size_t at = (size_t)(backup_value(device, 1138) - device->values);
        device->ranges[at] = (struct backup_range){0.1, 50.0 + i, false};
        at = (size_t)(backup_value(device, 1206) - device->values); // a time of day
        device->ranges[at] = (struct backup_range){0, 1440, false};
        at = (size_t)(backup_value(device, 1107) - device->values);
        device->ranges[at].failed = true;
    }
    char *text = text_of(backup, true);
    assert_non_null(strstr(text, "\n[limits XT1]\n"));
    assert_null(strstr(text, "[limits XT2]"));
    assert_non_null(strstr(text, "\n1206 = 00:00 to 24:00 "));
    assert_non_null(strstr(text, "\n; 1107 not read: the device doesn't tell; Maximum"));
    struct backup *back = read_text(text);
    static const double max[] = {51, 51, 53, 54};
    for (unsigned i = 1; i <= 4; i++) {
        const struct backup_device *device = backup_device(back, FAMILY_XT, i);
        assert_true(backup_range(back, device, 1138, &range));
        assert_true(range.min == (double)0.1f && range.max == max[i - 1]);
        assert_false(backup_range(back, device, 1107, &range));
        assert_false(backup_range(back, device, 9999, &range));
    }
    backup_free(back);
    backup_free(backup);
    free(text);
}

// --- Comparing -----------------------------------------------------------------------------------

static void devices_are_the_same_by_fid_then_by_name(void **state)
{
    struct backup *left = backup_new(), *right = backup_new();

    (void)state;
    add(left, FAMILY_XT, 1, "", "")->fid = 0xA;
    add(left, FAMILY_XT, 2, "", "")->fid = 0xB;
    add(left, FAMILY_XT, 3, "", "")->fid = 0xC;
    add(left, FAMILY_XT, 4, "", "")->fid = 0xD;
    add(left, FAMILY_VT, 1, "", "")->fid = 0;
    add(right, FAMILY_XT, 1, "", "")->fid = 0xB; // moved
    add(right, FAMILY_XT, 2, "", "")->fid = 0xA; // moved
    add(right, FAMILY_XT, 3, "", "")->fid = 0xE; // another one in its place
    add(right, FAMILY_XT, 5, "", "")->fid = 0xF; // new
    add(right, FAMILY_VT, 1, "", "")->fid = 0xA; // not that family
    static const unsigned matches[] = {2, 1, 3, 0};
    for (unsigned i = 0; i < 4; i++) {
        const struct backup_device *match = backup_match(left, left->devices[i], right);
        assert_int_equal(match ? match->index : 0, matches[i]);
    }
    assert_ptr_equal(backup_match(left, left->devices[4], right), right->devices[4]);
    assert_null(backup_match(right, right->devices[3], left));
    assert_ptr_equal(backup_match(right, right->devices[2], left), left->devices[2]);
    // The one of its name is somebody else's.
    right->devices[2]->fid = 0xD;
    assert_null(backup_match(left, left->devices[2], right));
    backup_free(left);
    backup_free(right);
}

// As a device keeps a FLOAT: 16 bits, as many behind the point as the limits leave.
static double stored(double value, double min, double max)
{
    double scale = exp2(floor(log2(32767 / fmax(fabs(min), fabs(max)))));
    return round(value * scale) / scale;
}

static void rounding_by_the_devices_is_no_difference(void **state)
{
    struct backup *backup = everything();

    (void)state;
    for (size_t i = 0; i < backup->device_count; i++) {
        const struct backup_device *device = backup->devices[i];
        for (size_t j = 0; j < device->value_count; j++) {
            const struct datapoint *dp = device->values[j].datapoint;
            struct datapoint_limits l = datapoint_limits_at(dp, device->battery_v, device->ac_v);
            if (datapoint_format(dp) != FORMAT_FLOAT || isnan(l.min) || isnan(l.max))
                continue;
            for (int k = 0; k < 20; k++) {
                double value = l.min + (l.max - l.min) * (chance() % 1000) / 1000;
                double kept = (double)(float)stored(value, l.min, l.max);
                assert_true(backup_same(backup, device, dp, value, kept));
                // A step that somebody can make on the remote control is one.
                if (l.step > 0)
                    assert_false(backup_same(backup, device, dp, value, value + l.step));
            }
        }
    }
    const struct datapoint *option = catalogue_find(FAMILY_XT, 1552);
    assert_false(backup_same(backup, backup->devices[0], option, 1, 2));
    assert_true(backup_same(backup, backup->devices[0], option, 2, 2));
    backup_free(backup);
}

static void without_limits_only_a_float_s_own_rounding_is_forgiven(void **state)
{
    struct backup *backup = backup_new();
    struct backup_device *device = add(backup, FAMILY_XT, 1, "XTM 4000-48", "1.6.74");
    const struct datapoint *dp = catalogue_find(FAMILY_XT, 1140); // depends on the battery

    (void)state;
    assert_true(backup_same(backup, device, dp, 57.6, (double)57.6f));
    assert_false(backup_same(backup, device, dp, 57.6, 57.6015625));
    device->battery_v = 48;
    assert_true(backup_same(backup, device, dp, 57.6, 57.6015625));
    // The device's own limits count before the tables'.
    backup_want_ranges(backup);
    device->ranges[backup_value(device, 1140) - device->values] = (struct backup_range){0, 1, 0};
    assert_false(backup_same(backup, device, dp, 57.6, 57.6015625));
    backup_free(backup);
}

// --- Files that aren't as they should be ---------------------------------------------------------

#define HEAD "[backup]\nformat = 1\n"
#define END  "[end]\ncomplete = yes\n"

static void what_is_wrong_is_told_with_its_line(void **state)
{
    static const struct {
        const char *text, *says;
    } rows[] = {
        {"", ":1: expected a backup of xcomtop, which begins with [backup]"},
        {"hello\n", ":1: expected a section like [XT1], or NUMBER = VALUE"},
        {"a = b\n", ":1: expected a backup of xcomtop"},
        {"[XT1]\n1138 = 60\n", ":2: expected a backup of xcomtop"},
        {"[backup]\nprogram = x\n", ":2: expected format = 1 first"},
        {"[backup]\nformat = x\n", ":2: expected format = 1 first"},
        {"[backup]\nformat = 0\n", ":2: expected format = 1 first"},
        {"[backup]\nformat = 2\n", ":2: this is a backup of format 2; this program reads format 1"},
        {HEAD "color = red\n" END, ":3: there is no 'color' in [backup]"},
        {HEAD "format = 1\n" END, ":3: there is no 'format' in [backup]"},
        {HEAD "guid = 12\n" END, ":3: guid: expected 32 hexadecimal digits, not '12'"},
        {HEAD "program = a\nprogram = b\n" END, ":4: program is there twice in [backup]"},
        {HEAD "[XT10]\n1138 = 1\n" END, ":4: there is no device 'XT10'; expected a section like"},
        {HEAD "[xt1]\n1138 = 1\n" END, ":4: there is no device 'xt1'"},
        {HEAD "[101]\n1138 = 1\n" END, ":4: there is no device '101'"},
        {HEAD "[XT]\n1138 = 1\n" END, ":4: there is no device 'XT'"},
        {HEAD "[XT1]\n1138 = 1\n[XT2]\n1138 = 1\n[XT1]\n1107 = 5\n" END,
         ":8: the section [XT1] is there twice"},
        {HEAD "[XT1]\n1138 = 1\n[XT1]\n1138 = 1\n" END, ":6: 1138 is there twice in [XT1]"},
        {HEAD "[XT1]\n9999 = 1\n" END, ":4: Xtender has no setting '9999'"},
        {HEAD "[XT1]\n10002 = 1\n" END, ":4: Xtender has no setting '10002'"},
        {HEAD "[XT1]\n1415 = send\n" END, ":4: Xtender has no setting '1415'"},
        {HEAD "[XCOM]\n5002 = 2026-11-21 14:00:00\n" END, "has no setting '5002'"},
        {HEAD "[XT1]\nvoltage = 1\n" END, ":4: Xtender has no setting 'voltage'"},
        {HEAD "[XT1]\n1138 = sixty\n" END, ":4: 1138: expected a number, not 'sixty'"},
        {HEAD "[XT1]\n1138 =\n" END, ":4: 1138: expected a number, not ''"},
        {HEAD "[XT1]\n1138 = nan\n" END, ":4: 1138: expected a number, not 'nan'"},
        {HEAD "[XT1]\n1138 = 1e3\n" END, ":4: 1138: expected a number"},
        {HEAD "[XT1]\n1138 = 622222222222222222222222\n" END, ":4: 1138: expected a number"},
        {HEAD "[XT1]\n1138 = 60 V\n" END, ":4: 1138: expected a number, not '60 V'"},
        {HEAD "[XT1]\n1126 = perhaps\n" END, ":4: 1126: expected yes or no, not 'perhaps'"},
        {HEAD "[XT1]\n1126 = 2\n" END, ":4: 1126: expected yes or no, not '2'"},
        {HEAD "[XT1]\n1552 = Nervous\n" END, ":4: 1552: expected one of its options"},
        {HEAD "[XT1]\n1206 = 25:00\n" END, ":4: 1206: expected a time like 13:41, not '25:00'"},
        {HEAD "[XT1]\n1138\n" END, ":4: expected a section like [XT1], or NUMBER = VALUE"},
        {HEAD "[XT1] 1107 = 5\n1138 = 1\n" END, ":3: expected nothing behind a section's name"},
        {HEAD "[XT1\n1138 = 1\n" END, ":3: expected a section"},
        {HEAD "[XT1]\n1138 = 1\n 60\n" END, ":5: a line can't begin with a blank"},
        {HEAD "[XT1]\nfid = 123\n" END, ":4: fid: expected 8 hexadecimal digits, not '123'"},
        {HEAD "[XT1]\nfid = 12345678\nfid = 12345678\n" END, ":5: fid is there twice in [XT1]"},
        {HEAD "[XT1]\nfid = 12345678\n[XT2]\nfid = 12345678\n" END,
         ":6: fid: 12345678 is there twice; expected another one for each device"},
        {HEAD "[XT1]\nbattery = -1\n" END, ":4: battery: expected a voltage like 48, not '-1'"},
        {HEAD "[XT1]\nread = yesterday\n" END, ":4: read: expected a time like 2026-11-21"},
        {HEAD "[XT1]\nread = 2026-02-30 10:00:00 UTC\n" END, ":4: read: expected a time like"},
        {HEAD "[XT1]\nread = 2026-2-3 10:00:00 UTC\n" END, ":4: read: expected a time like"},
        {HEAD "[XT1]\nmodel = XTM 4000-48 and then some more of it\n" END, "at most 23 bytes"},
        {HEAD "[XT1]\nfirmware = 1.6.74\xFF\xFF\xFF\xFF\n" END, "at most 15 bytes"},
        {HEAD "[limits XT1]\n1138 = 0 to 1\n" END, ":4: there is no section [XT1] before these"},
        {HEAD "[XT1]\n1138 = 1\n[limits XT1]\n1138 = 1\n" END, ":6: 1138: expected limits like 0"},
        {HEAD "[XT1]\n1138 = 1\n[limits XT1]\n1138 = 0 to x\n" END, ":6: 1138: expected a number"},
        {HEAD "[XT1]\n1138 = 1\n[limits XT1]\n1126 = no to yes\n" END, "no limits of '1126'"},
        {HEAD "[XT1]\n1138 = 1\n[limits XT1]\n1138 = 0 to 1\n1138 = 0 to 1\n" END,
         ":7: 1138 is there twice in [limits XT1]"},
        {HEAD "[XT1]\n1138 = 60\n", ":5: the file isn't whole: expected [end]"},
        {HEAD "[XT1]\n1138 = 60\n[end]\n", ":6: the file isn't whole: expected [end]"},
        {HEAD "[XT1]\n1138 = 60\n[end]\ncomplete = no\n", ":6: this backup isn't complete"},
        {HEAD "[end]\ncomplete = maybe\n", ":4: expected complete = yes"},
        {HEAD END "[XT1]\n1138 = 60\n", ":6: expected nothing behind [end]"},
        {HEAD END "complete = yes\n", ":5: expected nothing behind the end"},
    };
    const char *path = path_of("wrong");
    char error[BACKUP_ERROR_MAX];
    struct backup *backup;

    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        put_file(path, rows[i].text, strlen(rows[i].text));
        enum xc_status status = backup_read(path, &backup, error, sizeof error);
        if (status != XC_SYNTAX || !strstr(error, rows[i].says) || strchr(error, '\n') ||
            strncmp(error, path, strlen(path)) != 0)
            fail_msg("%s: expected '%s', got %d '%s'", rows[i].text, rows[i].says, (int)status,
                     status == XC_OK ? "" : error);
        assert_null(backup);
    }
}

static void carriage_returns_and_comments_change_nothing(void **state)
{
    struct backup *backup = read_text("; hello\r\n\r\n# hello\r\n[backup] ; hello\r\nformat = 1\r\n"
                                      "[XT1]\r\n1138 = 60 ; hello\r\n[end]\r\ncomplete = yes\r\n");

    (void)state;
    assert_true(backup_value(backup->devices[0], 1138)->number == 60);
    backup_free(backup);
}

static void a_cut_file_is_never_taken_for_a_whole_one(void **state)
{
    struct backup *backup = backup_new(), *read;
    const char *path = path_of("cut");
    char error[BACKUP_ERROR_MAX];

    (void)state;
    fill(add(backup, FAMILY_BSP, 1, "BSP", "1.6.74"));
    char *text = text_of(backup, true);
    size_t length = strlen(text);
    // The last newline may be missing.
    for (size_t cut = 0; cut < length - 1; cut++) {
        put_file(path, text, cut);
        assert_int_equal(backup_read(path, &read, error, sizeof error), XC_SYNTAX);
    }
    put_file(path, text, length - 1);
    assert_int_equal(backup_read(path, &read, error, sizeof error), XC_OK);
    backup_free(read);
    backup_free(backup);
    free(text);
}

static void hostile_files_are_refused_soon(void **state)
{
    const char *path = path_of("hostile");
    char error[BACKUP_ERROR_MAX], *big = xcalloc(1, 20 << 20);
    struct backup *backup;

    (void)state;
    memset(big, 'x', 20 << 20);
    put_file(path, big, 20 << 20);
    assert_int_equal(backup_read(path, &backup, error, sizeof error), XC_SYNTAX);
    assert_non_null(strstr(error, ":1: the line is too long"));
    for (size_t i = 0; i < 20 << 20; i++)
        big[i] = i % 100 == 99 ? '\n' : ';';
    put_file(path, big, 20 << 20);
    assert_int_equal(backup_read(path, &backup, error, sizeof error), XC_SYNTAX);
    assert_non_null(strstr(error, "the file is too long"));
    static const char zero[] = HEAD "[XT1]\n1138 = 6\0 0\n" END;
    put_file(path, zero, sizeof zero - 1);
    assert_int_equal(backup_read(path, &backup, error, sizeof error), XC_SYNTAX);
    assert_non_null(strstr(error, ":4: the line is too long, or no text"));
    free(big);

    assert_int_equal(backup_read("/dev/zero", &backup, error, sizeof error), XC_SYNTAX);
    assert_int_equal(backup_read(directory, &backup, error, sizeof error), XC_IO);
    assert_int_equal(backup_read(path_of("none"), &backup, error, sizeof error), XC_NOT_FOUND);
}

static void no_garbage_does_harm(void **state)
{
    struct backup *backup = everything(), *read;
    char *text = text_of(backup, true), error[BACKUP_ERROR_MAX];
    size_t length = strlen(text);
    const char *path = path_of("garbage");

    (void)state;
    for (int round = 0; round < 300; round++) {
        char *copy = xstrdup(text);
        for (unsigned n = chance() % 4; n < 5; n++)
            copy[chance() % length] = (char)chance();
        put_file(path, copy, length);
        error[0] = '\0';
        if (backup_read(path, &read, error, sizeof error) != XC_OK)
            assert_int_equal(error[0], '/');
        backup_free(read);
        free(copy);
    }
    backup_free(backup);
    free(text);
}

// --- On the disk ---------------------------------------------------------------------------------

static void a_backup_appears_when_it_is_whole(void **state)
{
    struct backup *backup = everything(), *read;
    const char *path = "backup.txt", *part = "backup.txt.part";
    char error[BACKUP_ERROR_MAX];
    struct stat what;

    (void)state;
    assert_int_equal(chdir(directory), 0);
    assert_int_equal(backup_read_part(path, &read, error, sizeof error), XC_NOT_FOUND);
    backup_value(backup->devices[0], 1138)->state = BACKUP_UNREAD;
    assert_int_equal(backup_save_part(backup, path, error, sizeof error), XC_OK);
    assert_false(exists(path));
    assert_int_equal(stat(part, &what), 0);
    assert_int_equal(what.st_mode & 0777, 0600);
    assert_int_equal(backup_read(part, &read, error, sizeof error), XC_SYNTAX);
    assert_int_equal(backup_read_part(path, &read, error, sizeof error), XC_OK);
    assert_false(read->complete);
    assert_int_equal(backup_value(read->devices[0], 1138)->state, BACKUP_ABSENT);
    assert_int_equal(backup_value(read->devices[0], 1107)->state, BACKUP_VALUE);
    backup_free(read);

    backup_set(backup_value(backup->devices[0], 1138), 60);
    assert_int_equal(backup_save(backup, path, error, sizeof error), XC_OK);
    assert_false(exists(part));
    assert_false(exists("backup.txt.part.new"));
    assert_int_equal(stat(path, &what), 0);
    assert_int_equal(what.st_mode & 0777, 0600);
    assert_int_equal(backup_read(path, &read, error, sizeof error), XC_OK);
    assert_equal_backups(backup, read);
    backup_free(read);
    backup_free(backup);
}

static void links_are_not_followed(void **state)
{
    struct backup *backup = everything(), *read;
    char error[BACKUP_ERROR_MAX];

    (void)state;
    assert_int_equal(chdir(directory), 0);
    put_file("precious", "precious", 8);
    static const char *const links[] = {"l.part", "l.part.new"};
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(symlink("precious", links[i]), 0);
        if (i == 0) {
            assert_int_equal(backup_read_part("l", &read, error, sizeof error), XC_IO);
            assert_non_null(strstr(error, "l.part is a symbolic link"));
        }
        assert_int_equal(backup_save_part(backup, "l", error, sizeof error), XC_OK);
        char *text = get_file("precious");
        assert_string_equal(text, "precious");
        free(text);
        assert_int_equal(backup_read_part("l", &read, error, sizeof error), XC_OK);
        backup_free(read);
        assert_int_equal(unlink("l.part"), 0);
    }
    // A pipe isn't waited for.
    assert_int_equal(mkfifo("l.part", 0600), 0);
    assert_int_equal(backup_read_part("l", &read, error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "isn't a file of your own"));
    backup_free(backup);
}

static void only_a_backup_is_replaced(void **state)
{
    struct backup *backup = everything();
    char error[BACKUP_ERROR_MAX];

    (void)state;
    assert_int_equal(chdir(directory), 0);
    put_file("notes", "; notes\n", 8);
    put_file("empty", "", 0);
    assert_int_equal(backup_save(backup, "real", error, sizeof error), XC_OK);
    assert_int_equal(backup_may_replace("real", error, sizeof error), XC_OK);
    assert_int_equal(backup_may_replace("empty", error, sizeof error), XC_OK);
    assert_int_equal(backup_may_replace("nothing", error, sizeof error), XC_OK);
    assert_int_equal(backup_may_replace("notes", error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "notes is there already and is no backup"));
    assert_int_equal(backup_may_replace("/dev/null", error, sizeof error), XC_IO);
    assert_int_equal(backup_may_replace(".", error, sizeof error), XC_IO);
    assert_int_equal(backup_save_part(backup, "no/where", error, sizeof error), XC_IO);
    assert_non_null(strstr(error, "can't write no/where.part.new: No such file or directory"));
    backup_free(backup);
}

static void a_full_disk_is_told(void **state)
{
    struct backup *backup = everything();
    FILE *full = fopen("/dev/full", "w");

    (void)state;
    assert_non_null(full);
    setvbuf(full, NULL, _IONBF, 0);
    assert_int_equal(backup_write(backup, full, true), XC_IO);
    fclose(full);
    backup_free(backup);
}

static int make_directory(void **state)
{
    (void)state;
    return mkdtemp(directory) ? 0 : -1;
}

static int remove_directory(void **state)
{
    char command[300];

    (void)state;
    snprintf(command, sizeof command, "rm -rf '%s'", directory);
    return system(command);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_setting_comes_back),
        cmocka_unit_test(numbers_have_the_shortest_text_that_comes_back),
        cmocka_unit_test(what_has_no_text_is_no_number),
        cmocka_unit_test(what_was_not_read_is_a_comment_that_says_why),
        cmocka_unit_test(each_line_is_one_that_inih_can_read),
        cmocka_unit_test(the_order_is_the_document_s_whatever_came_first),
        cmocka_unit_test(one_changed_value_changes_one_line),
        cmocka_unit_test(limits_are_those_of_a_model_and_firmware),
        cmocka_unit_test(devices_are_the_same_by_fid_then_by_name),
        cmocka_unit_test(rounding_by_the_devices_is_no_difference),
        cmocka_unit_test(without_limits_only_a_float_s_own_rounding_is_forgiven),
        cmocka_unit_test(what_is_wrong_is_told_with_its_line),
        cmocka_unit_test(carriage_returns_and_comments_change_nothing),
        cmocka_unit_test(a_cut_file_is_never_taken_for_a_whole_one),
        cmocka_unit_test(hostile_files_are_refused_soon),
        cmocka_unit_test(no_garbage_does_harm),
        cmocka_unit_test(a_backup_appears_when_it_is_whole),
        cmocka_unit_test(links_are_not_followed),
        cmocka_unit_test(only_a_backup_is_replaced),
        cmocka_unit_test(a_full_disk_is_told),
    };
    return cmocka_run_group_tests_name("backup", tests, make_directory, remove_directory);
}
