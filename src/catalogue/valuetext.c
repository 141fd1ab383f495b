// SPDX-License-Identifier: MIT
// Values as people read and write them.
#include "catalogue/catalogue.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/text.h"
#include "catalogue/tables.h"

enum { MINUTES_PER_DAY = 24 * 60, SECONDS_PER_DAY = 24 * 60 * 60, COSPHI_DECIMALS = 2 };

bool datapoint_may_lack_sensor(const struct datapoint *dp)
{
    return dp->kind == KIND_INFO && strcmp(tables_text(dp->unit), "°C") == 0;
}

const char *datapoint_absent(const struct datapoint *dp, double number)
{
    if (!isfinite(number))
        return dp->family == FAMILY_BSP && dp->id == 7004 ? "charging" : "not a number";
    // The appendix says about 32767 and leaves the sign open.
    if (fabs(number) >= 32766 && datapoint_may_lack_sensor(dp))
        return "no sensor";
    return NULL;
}

// Enums and bits may come as floats: to the nearest whole number.
static bool to_whole(double number, uint32_t max, uint32_t *whole)
{
    double nearest = round(number);
    if (!(nearest >= 0 && nearest <= (double)max))
        return false;
    *whole = (uint32_t)nearest;
    return true;
}

// --- To text -----------------------------------------------------------------------------------

static bool option_text(const struct datapoint *dp, uint32_t value, char *out, size_t size)
{
    struct option option;
    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        if (option.value == value) {
            snprintf(out, size, "%s", option.label);
            return true;
        }
    return false;
}

static void bits_text(const struct datapoint *dp, uint32_t bits, char *out, size_t size)
{
    struct option option;
    size_t used = 0;

    if (bits == 0)
        snprintf(out, size, "none");
    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        if (bits & option.value) {
            text_append(out, size, &used, "%s%s", used ? "," : "", option.label);
            bits &= ~option.value;
        }
    if (bits != 0)
        text_append(out, size, &used, "%s%lu", used ? "," : "", (unsigned long)bits);
}

static bool date_text(double number, char *out, size_t size)
{
    struct tm tm;
    double nearest = round(number);

    if (!(nearest >= INT32_MIN && nearest <= INT32_MAX))
        return false;
    time_t seconds = (time_t)nearest;
    if (!gmtime_r(&seconds, &tm))
        return false;
    snprintf(out, size, "%04d-%02d-%02d %02d:%02d:%02d", tm.tm_year + 1900, tm.tm_mon + 1,
             tm.tm_mday, tm.tm_hour, tm.tm_min, tm.tm_sec);
    return true;
}

// The appendix names -0.1, 0 and +0.1 only; value = ±(1 - cos φ) is the reading that fits them.
static bool cosphi_text(double number, int decimals, char *out, size_t size)
{
    char digits[32];

    if (fabs(number) >= 0.5)
        return false;
    text_number(digits, sizeof digits, 1 - fabs(number), decimals);
    if (strcmp(digits, "1.00") == 0)
        snprintf(out, size, "1.00");
    else
        snprintf(out, size, "%s %s", number < 0 ? "inductive" : "capacitive", digits);
    return true;
}

// False if the number has no text of its own in this encoding.
static bool encoded_text(const struct datapoint *dp, double number, char *out, size_t size)
{
    uint32_t whole;

    switch ((enum encoding)dp->encoding) {
    case ENCODING_BOOL:
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
    case ENCODING_LEVEL:
    case ENCODING_DEVICE_TYPE:
        return to_whole(number, UINT32_MAX, &whole) && option_text(dp, whole, out, size);
    case ENCODING_BITFIELD:
    case ENCODING_WEEKDAYS:
        if (!to_whole(number, UINT32_MAX, &whole))
            return false;
        bits_text(dp, whole, out, size);
        return true;
    case ENCODING_MINUTES_OF_DAY:
        if (!to_whole(number, MINUTES_PER_DAY, &whole))
            return false;
        snprintf(out, size, "%02u:%02u", (unsigned)whole / 60, (unsigned)whole % 60);
        return true;
    case ENCODING_DATE:
        return date_text(number, out, size);
    case ENCODING_SIGNAL:
        if (number != 1)
            return false;
        snprintf(out, size, "send");
        return true;
    case ENCODING_COSPHI:
        return cosphi_text(number, COSPHI_DECIMALS, out, size);
    case ENCODING_VERSION_MSB:
    case ENCODING_VERSION_LSB:
    case ENCODING_FID_MSB:
    case ENCODING_FID_LSB:
        if (!to_whole(number, UINT16_MAX, &whole))
            return false;
        snprintf(out, size, "%04X", (unsigned)whole);
        return true;
    case ENCODING_NUMBER:
    case ENCODING_NONE:
        break;
    }
    return false;
}

char *datapoint_text(const struct datapoint *dp, double number, char *out, size_t size)
{
    if (datapoint_absent(dp, number))
        snprintf(out, size, "--");
    else if (!encoded_text(dp, number, out, size))
        text_number(out, size, number, dp->decimals);
    return out;
}

// Enough decimals, and so many at least, for the float that a device carries; it has no more than
// seven digits.
static int decimals_needed(double number, int decimals)
{
    enum { DECIMALS_MAX = 6 };

    for (double scale = pow(10, decimals); decimals < DECIMALS_MAX; decimals++, scale *= 10)
        if (fabs(round(number * scale) / scale - number) <= fabs(number) * 1e-6)
            break;
    return decimals;
}

char *datapoint_exact_number(const struct datapoint *dp, double number, char *out, size_t size)
{
    double cosphi = 1 - fabs(number);

    if (dp->encoding == ENCODING_COSPHI &&
        cosphi_text(number, decimals_needed(cosphi, COSPHI_DECIMALS), out, size))
        return out;
    if (dp->encoding != ENCODING_NUMBER || datapoint_absent(dp, number))
        return datapoint_text(dp, number, out, size);
    return text_number(out, size, number, decimals_needed(number, datapoint_decimals(dp)));
}

char *datapoint_exact_text(const struct datapoint *dp, double number, char *out, size_t size)
{
    const char *unit = datapoint_short_unit(dp);
    size_t used = strlen(datapoint_exact_number(dp, number, out, size));

    if (unit[0] && !datapoint_absent(dp, number))
        text_append(out, size, &used, " %s", unit);
    return out;
}

const char *datapoint_short_unit(const struct datapoint *dp)
{
    static const struct {
        const char *printed, *unit;
    } units[] = {{"Adc", "A"}, {"Aac", "A"},   {"Vdc", "V"},
                 {"Vac", "V"}, {"hours", "h"}, {"minutes", "min"}};
    const char *unit = datapoint_unit(dp);

    for (size_t i = 0; i < sizeof units / sizeof *units; i++)
        if (strcmp(unit, units[i].printed) == 0)
            return units[i].unit;
    return unit;
}

// --- From text ---------------------------------------------------------------------------------

// A run of decimal digits, exact as a double.
static bool parse_digits(const char *text, size_t length, double *number)
{
    if (length == 0 || length > 10 || strspn(text, "0123456789") < length)
        return false;
    *number = 0;
    for (size_t i = 0; i < length; i++)
        *number = *number * 10 + (text[i] - '0');
    return true;
}

// An option by its label or number. A label wins over a number.
static enum xc_status parse_option(const struct datapoint *dp, const char *text, double *number)
{
    struct option option;
    unsigned found = 0;

    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        if (tables_same_word(option.label, text)) {
            *number = option.value;
            found++;
        }
    if (found == 0 && parse_digits(text, strlen(text), number))
        return XC_OK;
    return found == 1 ? XC_OK : XC_SYNTAX;
}

static enum xc_status parse_bits(const struct datapoint *dp, const char *text, double *number)
{
    uint32_t all = 0, bits = 0, part;
    struct option option;

    for (size_t i = 0; datapoint_option(dp, i, &option); i++)
        all |= option.value;
    if (tables_same_word(text, "none")) {
        *number = 0;
        return XC_OK;
    }
    if (dp->encoding == ENCODING_WEEKDAYS && tables_same_word(text, "all")) {
        *number = all;
        return XC_OK;
    }
    for (;;) {
        char word[DATAPOINT_TEXT_MAX];
        double value;
        text += strspn(text, " ");
        size_t length = strcspn(text, ",");
        if (length >= sizeof word)
            return XC_SYNTAX;
        memcpy(word, text, length);
        word[length] = '\0';
        if (parse_option(dp, word, &value) != XC_OK)
            return XC_SYNTAX;
        if (!to_whole(value, UINT32_MAX, &part))
            return XC_RANGE;
        bits |= part;
        if (text[length] == '\0')
            break;
        text += length + 1;
    }
    if (dp->encoding == ENCODING_WEEKDAYS && (bits & ~all))
        return XC_RANGE;
    *number = bits;
    return XC_OK;
}

static enum xc_status parse_minutes(const char *text, double *number)
{
    double hours, minutes;
    size_t colon = strcspn(text, ":");

    if (text[colon] != ':' || colon > 2 || strlen(text + colon + 1) != 2 ||
        !parse_digits(text, colon, &hours) || !parse_digits(text + colon + 1, 2, &minutes))
        return XC_SYNTAX;
    if (minutes > 59 || hours * 60 + minutes > MINUTES_PER_DAY)
        return XC_RANGE;
    *number = hours * 60 + minutes;
    return XC_OK;
}

// Days from 1970-01-01 in the Gregorian calendar; the year is 1 or later.
static double days_before(int year, int month, int day)
{
    // March is the first month, so that the day that leap years add is the last one.
    int y = month <= 2 ? year - 1 : year, m = month <= 2 ? month + 9 : month - 3;
    int days = 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1 - 719468;
    return days;
}

static enum xc_status parse_date(const char *text, double *number)
{
    static const char form[] = "dddd-dd-dd dd:dd:dd";
    static const struct {
        uint8_t at, length;
    } places[6] = {{0, 4}, {5, 2}, {8, 2}, {11, 2}, {14, 2}, {17, 2}};
    double part[6];

    if (strlen(text) != sizeof form - 1)
        return XC_SYNTAX;
    for (size_t i = 0; i < sizeof form - 1; i++)
        if (form[i] != 'd' && text[i] != form[i])
            return XC_SYNTAX;
    for (size_t i = 0; i < 6; i++)
        if (!parse_digits(text + places[i].at, places[i].length, &part[i]))
            return XC_SYNTAX;

    int year = (int)part[0], month = (int)part[1], day = (int)part[2];
    if (year < 1 || month < 1 || month > 12 || day < 1)
        return XC_RANGE;
    double month_begins = days_before(year, month, 1);
    double next_begins =
        month == 12 ? days_before(year + 1, 1, 1) : days_before(year, month + 1, 1);
    if (day > next_begins - month_begins || part[3] > 23 || part[4] > 59 || part[5] > 59)
        return XC_RANGE;
    *number = (month_begins + day - 1) * SECONDS_PER_DAY + part[3] * 3600 + part[4] * 60 + part[5];
    return XC_OK;
}

// "inductive 0.95", "capacitive 0.95", "1", or the protocol's own number from -0.5 to 0.5.
static enum xc_status parse_cosphi(const char *text, double *number)
{
    char word[16];
    size_t length = strcspn(text, " ");
    double cosphi;

    if (text[length] == '\0') {
        if (text_parse_number(text, &cosphi) != XC_OK)
            return XC_SYNTAX;
        if (cosphi == 1)
            cosphi = 0;
        else if (fabs(cosphi) >= 0.5)
            return XC_SYNTAX; // 0.9 alone doesn't say which of the two
        *number = cosphi;
        return XC_OK;
    }
    if (length >= sizeof word)
        return XC_SYNTAX;
    memcpy(word, text, length);
    word[length] = '\0';
    bool inductive = tables_same_word(word, "inductive");
    if ((!inductive && !tables_same_word(word, "capacitive")) ||
        text_parse_number(text + length + 1, &cosphi) != XC_OK)
        return XC_SYNTAX;
    if (cosphi <= 0.5 || cosphi > 1)
        return XC_RANGE;
    // 1 - 0.95 isn't quite 0.05.
    double away = round((1 - cosphi) * 1e6) / 1e6;
    *number = inductive ? -away : away;
    return XC_OK;
}

static enum xc_status parse_half(const char *text, double *number)
{
    if (strlen(text) != 4 || strspn(text, "0123456789ABCDEFabcdef") != 4)
        return XC_SYNTAX;
    *number = (double)strtoul(text, NULL, 16);
    return XC_OK;
}

// "45", and with its unit "45 A" or "45 Aac".
static enum xc_status parse_quantity(const struct datapoint *dp, const char *text, double *number)
{
    const char *const units[] = {datapoint_unit(dp), datapoint_short_unit(dp)};
    size_t length = strlen(text);
    char digits[64];

    for (size_t i = 0; i < 2; i++) {
        size_t unit = strlen(units[i]);
        if (unit == 0 || unit >= length || length - unit >= sizeof digits ||
            strcmp(text + length - unit, units[i]) != 0)
            continue;
        snprintf(digits, sizeof digits, "%.*s", (int)(length - unit), text);
        for (size_t end = strlen(digits); end > 0 && digits[end - 1] == ' '; end--)
            digits[end - 1] = '\0';
        return text_parse_number(digits, number);
    }
    return text_parse_number(text, number);
}

static enum xc_status parse_encoded(const struct datapoint *dp, const char *text, double *number)
{
    switch ((enum encoding)dp->encoding) {
    case ENCODING_BOOL:
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
    case ENCODING_LEVEL:
    case ENCODING_DEVICE_TYPE:
        return parse_option(dp, text, number);
    case ENCODING_BITFIELD:
    case ENCODING_WEEKDAYS:
        return parse_bits(dp, text, number);
    case ENCODING_MINUTES_OF_DAY:
        return parse_minutes(text, number);
    case ENCODING_DATE:
        return parse_date(text, number);
    case ENCODING_SIGNAL:
        *number = 1;
        return tables_same_word(text, "send") ? XC_OK : XC_SYNTAX;
    case ENCODING_COSPHI:
        return parse_cosphi(text, number);
    case ENCODING_VERSION_MSB:
    case ENCODING_VERSION_LSB:
    case ENCODING_FID_MSB:
    case ENCODING_FID_LSB:
        return parse_half(text, number);
    case ENCODING_NUMBER:
        return parse_quantity(dp, text, number);
    case ENCODING_NONE:
        break;
    }
    return XC_SYNTAX;
}

enum xc_status datapoint_parse(const struct datapoint *dp, const char *text, double *number)
{
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t length;
    double value;
    enum xc_status status = parse_encoded(dp, text, &value);

    // What SCOM doesn't carry (user level) has no format to fit into.
    if (status == XC_OK && dp->format != FORMAT_NONE)
        status = value_encode((enum value_format)dp->format, value, bytes, &length);
    if (status == XC_OK)
        *number = value;
    return status;
}

const char *datapoint_expects(const struct datapoint *dp)
{
    switch ((enum encoding)dp->encoding) {
    case ENCODING_BOOL:
        return "yes or no";
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
    case ENCODING_LEVEL:
    case ENCODING_DEVICE_TYPE:
        return "one of its options, by label or number";
    case ENCODING_BITFIELD:
        return "options with commas between, or none";
    case ENCODING_WEEKDAYS:
        return "days like MO,TU,SU, or all, or none";
    case ENCODING_MINUTES_OF_DAY:
        return "a time like 13:41";
    case ENCODING_DATE:
        return "a date and time like 2026-11-21 14:00:00";
    case ENCODING_SIGNAL:
        return "the word send";
    case ENCODING_COSPHI:
        return "1, or inductive or capacitive with a cos phi like 0.95";
    case ENCODING_VERSION_MSB:
    case ENCODING_VERSION_LSB:
    case ENCODING_FID_MSB:
    case ENCODING_FID_LSB:
        return "four hexadecimal digits";
    case ENCODING_NUMBER:
        return dp->format == FORMAT_FLOAT ? "a number" : "a whole number";
    case ENCODING_NONE:
        break;
    }
    return "nothing: it has no value over this protocol";
}

// --- Halves ------------------------------------------------------------------------------------

char *catalogue_version(double msb, double lsb, char *out, size_t size)
{
    uint32_t high, low;

    if (to_whole(msb, UINT16_MAX, &high) && to_whole(lsb, UINT16_MAX, &low))
        snprintf(out, size, "%u.%u.%u", (unsigned)(high >> 8), (unsigned)(low >> 8),
                 (unsigned)(low & 0xFF));
    else
        snprintf(out, size, "--");
    return out;
}

uint32_t catalogue_fid(double msb, double lsb)
{
    uint32_t high, low;

    if (!to_whole(msb, UINT16_MAX, &high) || !to_whole(lsb, UINT16_MAX, &low))
        return 0;
    return high << 16 | low;
}
