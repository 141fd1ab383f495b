// SPDX-License-Identifier: MIT
// The compiled tables against data/*.csv, read here by an independent reader, and against the
// numbers of the documents; look-up, menus, messages, errors, device types.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "catalogue/catalogue.h"

enum { COLUMNS_MAX = 24, LINE_MAX_BYTES = 2048 };

struct csv {
    FILE *file;
    char line[LINE_MAX_BYTES];
    char *cell[COLUMNS_MAX];
    size_t columns;
};

// Splits in place; quotes are undone.
static void csv_split(struct csv *csv)
{
    char *in = csv->line, *out = csv->line;

    csv->columns = 0;
    csv->line[strcspn(csv->line, "\n")] = '\0';
    for (bool more = true; more;) {
        bool quoted = *in == '"';
        assert_true(csv->columns < COLUMNS_MAX);
        csv->cell[csv->columns++] = out;
        in += quoted;
        while (*in && (quoted || *in != ',')) {
            if (*in == '"' && in[1] != '"')
                quoted = false;
            else
                *out++ = *in == '"' ? *in++ : *in;
            in++;
        }
        more = *in++ == ',';
        *out++ = '\0';
    }
}

static void csv_open(struct csv *csv, const char *name)
{
    char path[4096];
    const char *top = getenv("top_srcdir");
    snprintf(path, sizeof path, "%s/data/%s", top ? top : ".", name);
    csv->file = fopen(path, "r");
    assert_non_null(csv->file);
    assert_non_null(fgets(csv->line, sizeof csv->line, csv->file));
}

static bool csv_next(struct csv *csv)
{
    if (!fgets(csv->line, sizeof csv->line, csv->file)) {
        fclose(csv->file);
        return false;
    }
    csv_split(csv);
    return true;
}

// Place of a word in a list that ends with NULL, in the order of the enum it stands for.
static unsigned word(const char *text, const char *const words[])
{
    for (unsigned i = 0; words[i]; i++)
        if (strcmp(words[i], text) == 0)
            return i;
    fail_msg("unexpected word \"%s\"", text);
    return 0;
}

static const char *const families[] = {"xt", "vt", "vs", "bsp", "bms", "rcc", NULL};
static const char *const kinds[] = {"info", "parameter", "menu", NULL};
static const char *const levels[] = {"view_only", "basic", "expert", "installer", "qsp", NULL};
static const char *const formats[] = {"none",  "bool",  "short_enum", "long_enum",
                                      "int32", "float", NULL};
static const char *const encodings[] = {
    "number",         "bool",    "enum",        "enum_1bit", "bitfield",    "weekdays",
    "minutes_of_day", "date",    "signal",      "cosphi",    "version_msb", "version_lsb",
    "fid_msb",        "fid_lsb", "device_type", "level",     "none",        NULL};
static const char *const aggregates[] = {"", "sum", "average", NULL};
static const char *const paces[] = {"fast", "slow", "once", NULL};
static const char *const vbats[] = {"", "level", "step", "pv", "per_cell", NULL};
static const char *const effects[] = {"",        "harmless", "caution", "stop",   "clock",
                                      "restart", "reset",    "erase",   "danger", NULL};
static const char *const severities[] = {"info", "warning", "error", "halt", NULL};

static const struct datapoint *find(const char *family, const char *id)
{
    const struct datapoint *dp =
        catalogue_find((enum family)word(family, families), (unsigned)atoi(id));
    assert_non_null(dp);
    return dp;
}

static void assert_number(double number, const char *cell)
{
    if (*cell == '\0')
        assert_true(isnan(number));
    else
        assert_true(number == strtod(cell, NULL));
}

static void assert_limits(struct datapoint_limits limits, char *const cell[4])
{
    assert_number(limits.factory, cell[0]);
    assert_number(limits.min, cell[1]);
    assert_number(limits.max, cell[2]);
    assert_number(limits.step, cell[3]);
}

static void assert_options(const struct datapoint *dp, const char *cell)
{
    char joined[LINE_MAX_BYTES] = "";
    size_t used = 0;
    struct option option;

    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        used += (size_t)snprintf(joined + used, sizeof joined - used, "%s%lu:%s", i ? "|" : "",
                                 (unsigned long)option.value, option.label);
    assert_string_equal(joined, cell);
}

static void every_row_is_as_in_the_data_file(void **state)
{
    (void)state;
    struct csv csv;
    size_t i = 0;

    csv_open(&csv, "datapoints.csv");
    for (; csv_next(&csv); i++) {
        char **cell = csv.cell;
        const struct datapoint *dp = catalogue_at(i);
        assert_int_equal(csv.columns, 22);
        assert_non_null(dp);
        assert_ptr_equal(find(cell[0], cell[2]), dp);
        assert_int_equal(datapoint_family(dp), word(cell[0], families));
        assert_int_equal(datapoint_kind(dp), word(cell[1], kinds));
        assert_int_equal(datapoint_id(dp), atoi(cell[2]));
        assert_int_equal(datapoint_level(dp), word(cell[3], levels));
        assert_string_equal(datapoint_name(dp), cell[4]);
        assert_string_equal(datapoint_short_name(dp), cell[5]);
        assert_string_equal(datapoint_unit(dp), cell[6]);
        assert_int_equal(datapoint_format(dp), word(cell[7], formats));
        assert_int_equal(datapoint_encoding(dp), word(cell[8], encodings));
        assert_int_equal(datapoint_decimals(dp), atoi(cell[9]));
        assert_int_equal(datapoint_aggregation(dp), word(cell[10], aggregates));
        assert_int_equal(datapoint_pace(dp), word(*cell[11] ? cell[11] : "slow", paces));
        assert_int_equal(datapoint_vbat(dp), word(cell[12], vbats));
        assert_limits(datapoint_limits(dp), cell + 13);
        if (*cell[17])
            assert_options(dp, cell[17]);
        assert_string_equal(datapoint_note(dp), cell[18]);
        assert_string_equal(datapoint_remark(dp), cell[19]);
        assert_int_equal(datapoint_effect(dp), word(cell[20], effects));
        assert_string_equal(datapoint_effect_reason(dp), cell[21]);
    }
    assert_int_equal(i, 1400);
    assert_int_equal(catalogue_count(), i);
    assert_null(catalogue_at(i));
}

static void there_are_as_many_rows_as_in_the_documents(void **state)
{
    (void)state;
    static const unsigned expected[FAMILY_COUNT][3] = {
        // infos, parameters, menus
        [FAMILY_XT] = {113, 356, 52}, [FAMILY_VT] = {55, 263, 36}, [FAMILY_VS] = {87, 174, 25},
        [FAMILY_BSP] = {35, 25, 2},   [FAMILY_BMS] = {33, 39, 7},  [FAMILY_RCC] = {0, 82, 16},
    };
    static const unsigned expected_encodings[] = {
        [ENCODING_NUMBER] = 621,        [ENCODING_BOOL] = 362,      [ENCODING_ENUM] = 52,
        [ENCODING_ENUM_1BIT] = 50,      [ENCODING_BITFIELD] = 1,    [ENCODING_WEEKDAYS] = 16,
        [ENCODING_MINUTES_OF_DAY] = 47, [ENCODING_DATE] = 1,        [ENCODING_SIGNAL] = 87,
        [ENCODING_COSPHI] = 3,          [ENCODING_VERSION_MSB] = 4, [ENCODING_VERSION_LSB] = 4,
        [ENCODING_FID_MSB] = 4,         [ENCODING_FID_LSB] = 4,     [ENCODING_DEVICE_TYPE] = 4,
        [ENCODING_LEVEL] = 1,           [ENCODING_NONE] = 139,
    };
    unsigned counts[FAMILY_COUNT][3] = {{0}}, by_encoding[ENCODING_NONE + 1] = {0};

    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        counts[datapoint_family(dp)][datapoint_kind(dp)]++;
        by_encoding[datapoint_encoding(dp)]++;
    }
    assert_memory_equal(counts, expected, sizeof counts);
    assert_memory_equal(by_encoding, expected_encodings, sizeof by_encoding);
}

static void only_listed_numbers_are_found(void **state)
{
    (void)state;
    size_t found = 0;

    for (unsigned family = 0; family < FAMILY_COUNT; family++)
        for (unsigned id = 0; id <= 70000; id++) {
            const struct datapoint *dp = catalogue_find((enum family)family, id);
            if (!dp)
                continue;
            assert_int_equal(datapoint_id(dp), id);
            assert_int_equal(datapoint_family(dp), family);
            found++;
        }
    assert_int_equal(found, 1400);
    assert_null(catalogue_find(FAMILY_NONE, 3000));
    // BSP and BMS share numbers, and each has its own.
    assert_ptr_not_equal(catalogue_find(FAMILY_BSP, 7002), catalogue_find(FAMILY_BMS, 7002));
    assert_null(catalogue_find(FAMILY_BMS, 7034));
    assert_null(catalogue_find(FAMILY_BSP, 7061));
}

static void limits_of_120_volt_devices_differ_for_seven_parameters(void **state)
{
    (void)state;
    struct csv csv;
    size_t rows = 0, different = 0;

    csv_open(&csv, "limits_120v.csv");
    for (; csv_next(&csv); rows++)
        assert_limits(datapoint_limits_120v(find(csv.cell[0], csv.cell[1])), csv.cell + 2);
    assert_int_equal(rows, 7);
    for (size_t i = 0; i < catalogue_count(); i++) {
        struct datapoint_limits usual = datapoint_limits(catalogue_at(i));
        struct datapoint_limits other = datapoint_limits_120v(catalogue_at(i));
        different += memcmp(&usual, &other, sizeof usual) != 0;
    }
    assert_int_equal(different, 7);
    assert_true(datapoint_limits(catalogue_find(FAMILY_XT, 1286)).factory == 230);
    assert_true(datapoint_limits_120v(catalogue_find(FAMILY_XT, 1286)).factory == 120);
}

static void names_are_static_texts(void **state)
{
    (void)state;
    for (unsigned family = 0; family < FAMILY_COUNT; family++) {
        assert_true(*family_name((enum family)family));
        assert_true(*family_title((enum family)family));
    }
    assert_string_equal(family_name(FAMILY_BMS), "BMS");
    assert_string_equal(family_name(FAMILY_NONE), "");
    assert_string_equal(family_title(FAMILY_RCC), "RCC / Xcom-232i");
    assert_string_equal(level_name(LEVEL_INFO), "view only");
    assert_string_equal(level_name(LEVEL_QSP), "QSP");
    assert_string_equal(aggregation_name(AGGREGATE_AVERAGE), "average");
    assert_string_equal(severity_name(SEVERITY_HALT), "halted");

    enum level level;
    assert_true(level_from_code(0x20, &level));
    assert_int_equal(level, LEVEL_EXPERT);
    assert_true(level_from_code(0x40, &level));
    assert_int_equal(level, LEVEL_QSP);
    assert_false(level_from_code(0x50, &level));
    assert_false(level_from_code(0x21, &level));
}

// --- Menus -------------------------------------------------------------------------------------

// Walks below an entry (and its siblings) and compares with the file, line by line.
static void compare_menu(struct csv *csv, const struct menu_entry *entry,
                         const struct menu_entry *parent, enum family family, unsigned depth,
                         unsigned *count)
{
    for (; entry; entry = menu_next(entry)) {
        const struct datapoint *dp = menu_datapoint(entry);
        assert_true(csv_next(csv));
        assert_int_equal(word(csv->cell[0], families), family);
        assert_int_equal(atoi(csv->cell[1]), depth);
        assert_int_equal(datapoint_id(dp), atoi(csv->cell[2]));
        assert_int_equal(datapoint_family(dp), family);
        assert_string_equal(datapoint_name(dp), csv->cell[3]);
        assert_ptr_equal(menu_parent(entry), parent);
        ++*count;
        if (menu_children(entry))
            assert_int_equal(datapoint_kind(dp), KIND_MENU);
        compare_menu(csv, menu_children(entry), entry, family, depth + 1, count);
    }
}

static void the_menu_tree_is_as_in_the_data_file(void **state)
{
    (void)state;
    static const unsigned entries[FAMILY_COUNT] = {420, 308, 207, 27, 46, 98};
    struct csv csv;

    csv_open(&csv, "menus.csv");
    for (unsigned family = 0; family < FAMILY_COUNT; family++) {
        unsigned count = 0;
        compare_menu(&csv, menu_first((enum family)family), NULL, (enum family)family, 0, &count);
        assert_int_equal(count, entries[family]);
    }
    assert_false(csv_next(&csv));
    assert_null(menu_first(FAMILY_NONE));
}

static void every_menu_and_parameter_has_its_places_in_the_tree(void **state)
{
    (void)state;
    unsigned twice = 0;

    for (size_t i = 0; i < catalogue_count(); i++) {
        const struct datapoint *dp = catalogue_at(i);
        unsigned places = 0;
        for (const struct menu_entry *e = menu_of(dp, NULL); e; e = menu_of(dp, e)) {
            assert_ptr_equal(menu_datapoint(e), dp);
            places++;
        }
        if (datapoint_kind(dp) == KIND_INFO) {
            assert_int_equal(places, 0);
            continue;
        }
        assert_in_range(places, 1, 2);
        twice += places == 2;
    }
    assert_int_equal(twice, 29);
}

static unsigned child_count(const struct menu_entry *entry)
{
    unsigned count = 0;
    for (entry = menu_children(entry); entry; entry = menu_next(entry))
        count++;
    return count;
}

static void menu_14180_is_there_twice_with_different_children(void **state)
{
    (void)state;
    const struct datapoint *dp = catalogue_find(FAMILY_VS, 14180);
    const struct menu_entry *vs120 = menu_of(dp, NULL), *vs70 = menu_of(dp, vs120);

    assert_int_equal(datapoint_id(menu_datapoint(menu_parent(vs120))), 14194);
    assert_int_equal(datapoint_id(menu_datapoint(menu_parent(vs70))), 14195);
    assert_int_equal(datapoint_id(menu_datapoint(menu_children(vs120))), 14043);
    assert_int_equal(datapoint_id(menu_datapoint(menu_children(vs70))), 14197);
    assert_int_equal(child_count(vs120), 12);
    assert_int_equal(child_count(vs70), 5);
}

// --- Messages, errors, device types ------------------------------------------------------------

static void messages_are_as_in_the_data_file(void **state)
{
    (void)state;
    static const unsigned expected[] = {69, 34, 53, 33}; // info, warning, error, halt
    unsigned counts[4] = {0}, known = 0, rows = 0;
    struct csv csv;

    csv_open(&csv, "messages.csv");
    for (; csv_next(&csv); rows++) {
        struct message_text message = catalogue_message((unsigned)atoi(csv.cell[0]));
        assert_int_equal(message.severity, word(csv.cell[1], severities));
        assert_string_equal(message.text, csv.cell[2]);
        counts[message.severity]++;
    }
    assert_int_equal(rows, 189);
    assert_memory_equal(counts, expected, sizeof counts);
    for (unsigned number = 0; number < 1000; number++)
        known += catalogue_message(number).text != NULL;
    assert_int_equal(known, 189);
    assert_null(catalogue_message(66).text);
    assert_null(catalogue_message(236).text);
    assert_null(catalogue_message(UINT32_MAX).text);
}

static void every_error_code_has_words(void **state)
{
    (void)state;
    unsigned rows = 0, known = 0;
    struct csv csv;

    csv_open(&csv, "errors.csv");
    for (; csv_next(&csv); rows++) {
        unsigned code = (unsigned)strtoul(csv.cell[0], NULL, 16);
        assert_string_equal(catalogue_error_name(code), csv.cell[1]);
        assert_string_equal(catalogue_error_text(code), csv.cell[2]);
    }
    for (unsigned code = 0; code <= UINT16_MAX; code++)
        known += catalogue_error_name(code) != NULL;
    assert_int_equal(rows, 23);
    assert_int_equal(known, 23);
    assert_string_equal(catalogue_error_name(0x13), "SCOM_ERROR_GATEWAY_BUSY");
    assert_string_equal(catalogue_error_text(0x28),
                        "the value is above the maximum the device allows");
    assert_null(catalogue_error_name(0));
    assert_null(catalogue_error_text(0x99));
}

static void device_types_are_named(void **state)
{
    (void)state;
    unsigned rows = 0;
    struct csv csv;

    csv_open(&csv, "device_types.csv");
    for (; csv_next(&csv); rows++) {
        enum family family = (enum family)word(csv.cell[0], families);
        unsigned info = (unsigned)atoi(csv.cell[1]);
        assert_string_equal(
            catalogue_device_type(family, info, (uint32_t)strtoul(csv.cell[2], NULL, 10)),
            csv.cell[3]);
    }
    assert_int_equal(rows, 12);
    assert_string_equal(catalogue_device_type(FAMILY_VT, 11047, 9079), "VT65 and VT80");
    assert_string_equal(catalogue_device_type(FAMILY_VT, 11047, 9729), "VT65 and VT80");
    assert_null(catalogue_device_type(FAMILY_VT, 11047, 1));
    assert_null(catalogue_device_type(FAMILY_XT, 3000, 1));
    assert_null(catalogue_device_type(FAMILY_BMS, 7034, 10241));
}

static void words_are_found_in_number_name_and_options(void **state)
{
    const struct datapoint *current = catalogue_find(FAMILY_XT, 1138);
    const struct datapoint *mode = catalogue_find(FAMILY_XT, 1202);

    (void)state;
    assert_true(datapoint_has_word(current, "1138") && datapoint_has_word(current, "11"));
    assert_false(datapoint_has_word(current, "138"));
    assert_true(datapoint_has_word(current, "CHARGE") && datapoint_has_word(current, "ery c"));
    assert_true(datapoint_has_word(current, "adc"));
    assert_false(datapoint_has_word(current, "voltage"));
    assert_true(datapoint_has_word(mode, "reversed"));
    assert_true(datapoint_has_word(catalogue_find(FAMILY_XT, 3000), "ubat"));
    // Every bool is yes or no.
    assert_false(datapoint_has_word(catalogue_find(FAMILY_XT, 1124), "yes"));
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_row_is_as_in_the_data_file),
        cmocka_unit_test(there_are_as_many_rows_as_in_the_documents),
        cmocka_unit_test(only_listed_numbers_are_found),
        cmocka_unit_test(limits_of_120_volt_devices_differ_for_seven_parameters),
        cmocka_unit_test(names_are_static_texts),
        cmocka_unit_test(the_menu_tree_is_as_in_the_data_file),
        cmocka_unit_test(every_menu_and_parameter_has_its_places_in_the_tree),
        cmocka_unit_test(menu_14180_is_there_twice_with_different_children),
        cmocka_unit_test(messages_are_as_in_the_data_file),
        cmocka_unit_test(every_error_code_has_words),
        cmocka_unit_test(device_types_are_named),
        cmocka_unit_test(words_are_found_in_number_name_and_options),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
