// SPDX-License-Identifier: MIT
// Values, times, numbers and names that a person types, and values that come over the wire. Two
// bytes choose a datapoint, four are a value of it, the rest is text.
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "base/value.h"
#include "catalogue/address.h"
#include "catalogue/catalogue.h"
#include "cmd/options.h"
#include "fuzz.h"
#include "store/backup.h"

const char fuzz_name[] = "values";

// What is shown is harmless, and what a backup keeps comes back.
static void check_number(const struct datapoint *dp, double number)
{
    char text[DATAPOINT_TEXT_MAX];
    double again;

    fuzz_check_text(datapoint_text(dp, number, text, sizeof text), false);
    must(text[0]);
    fuzz_check_text(datapoint_exact_text(dp, number, text, sizeof text), false);
    (void)datapoint_meant(dp, number);
    if (!backup_text(dp, number, text, sizeof text))
        return;
    fuzz_check_text(text, false);
    must(backup_parse(dp, text, &again) == XC_OK);
    must(again == number || (float)again == (float)number); // the shortest text of a float
}

static void check_wire(const struct datapoint *dp, const uint8_t *bytes, size_t length)
{
    uint8_t again[VALUE_BYTES_MAX];
    double number;
    size_t size;

    if (value_decode(datapoint_format(dp), bytes, length, &number) != XC_OK)
        return;
    check_number(dp, number);
    // Of the two zeros only one is written.
    if (number != 0 && value_encode(datapoint_format(dp), number, again, &size) == XC_OK &&
        size == length)
        must(memcmp(bytes, again, size) == 0);
}

static void check_text(const struct datapoint *dp, const char *text)
{
    uint8_t bytes[VALUE_BYTES_MAX];
    double number = NAN;
    size_t length;

    if (datapoint_parse(dp, text, &number) == XC_OK) {
        must(isfinite(number));
        must(value_encode(datapoint_format(dp), number, bytes, &length) == XC_OK);
        check_number(dp, number);
    }
    (void)datapoint_has_word(dp, text);
}

static void check_words(const char *text)
{
    char name[DEVICE_NAME_MAX], safe[64], ascii[64];
    struct target target, again;
    double number;
    int64_t time;
    long whole;

    if (text_parse_number(text, &number) == XC_OK) {
        must(isfinite(number));
        must(text_parse_number(text_shortest(safe, sizeof safe, number), &number) == XC_OK ||
             strchr(safe, 'e'));
    }
    if (text_parse_int(text, -5, 1000, &whole) == XC_OK)
        must(whole >= -5 && whole <= 1000);
    if (options_parse_time(text, 1, &time) == XC_OK)
        must(time >= 0 && time <= 86400 * INT64_C(1000000));
    if (target_parse(text, &target) == XC_OK) {
        must(target_parse(target_name(&target, name, sizeof name), &again) == XC_OK);
        must(again.kind == target.kind && again.family == target.family);
        must(again.index == target.index);
    }
    fuzz_check_text(text_escape(safe, sizeof safe, text), false);
    for (const char *c = text_to_ascii(ascii, sizeof ascii, safe); *c; c++)
        must(*c >= ' ' && *c < 0x7F);
    must(text_fit(ascii, sizeof ascii, safe, 20, true, false) <= 20);
    must(text_width(ascii) <= 20);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    const struct datapoint *dp = catalogue_at(fuzz_choice(&input, (unsigned)catalogue_count()));
    bool has_value = datapoint_format(dp) != FORMAT_NONE;
    char safe[128];
    size_t size;

    fuzz_check_text(text_from_wire(safe, sizeof safe, input.bytes, input.length), false);
    const uint8_t *value = fuzz_bytes(&input, value_size(datapoint_format(dp)), &size);
    if (has_value)
        check_wire(dp, value, size);
    for (char *line; (line = fuzz_line(&input)); free(line)) {
        if (has_value)
            check_text(dp, line);
        check_words(line);
    }
    return 0;
}
