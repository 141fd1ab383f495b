// SPDX-License-Identifier: MIT
#include "cmd/keeplist.h"

#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/options.h"

enum { ITEM_MAX = 128, WORDS_MAX = 4 };

// Splits at blanks; the number of words, or WORDS_MAX + 1 when there are more.
static size_t split(char *text, char *words[WORDS_MAX])
{
    size_t count = 0;

    while (*(text += strspn(text, " \t"))) {
        if (count == WORDS_MAX)
            return WORDS_MAX + 1;
        words[count++] = text;
        text += strcspn(text, " \t");
        if (*text)
            *text++ = '\0';
    }
    return count;
}

// Cuts the text into its words.
static enum xc_status parse_item(char *text, struct keep_item *item, char *error, size_t error_size)
{
    char *words[WORDS_MAX];
    long id;

    *item = (struct keep_item){0};
    size_t count = split(text, words);
    if (count < 3 || count > WORDS_MAX) {
        snprintf(error, error_size, "expected DEVICE ID VALUE [TIME], several joined by |");
        return XC_SYNTAX;
    }
    if (target_parse(words[0], &item->target) != XC_OK || target_address(&item->target) == 0) {
        snprintf(error, error_size, "'%s' isn't a device to write to", words[0]);
        return XC_SYNTAX;
    }
    if (text_parse_int(words[1], 1, UINT16_MAX, &id) == XC_OK)
        item->datapoint = catalogue_find(item->target.family, (unsigned)id);
    if (!item->datapoint || !datapoint_is_setting(item->datapoint)) {
        snprintf(error, error_size, "%s has no parameter '%s' that can be kept",
                 family_name(item->target.family), words[1]);
        return XC_SYNTAX;
    }
    if (datapoint_is_dangerous(item->datapoint)) {
        snprintf(error, error_size,
                 "%s is dangerous, so somebody must confirm it: xcomtop keep %s %s %s", words[1],
                 words[0], words[1], words[2]);
        return XC_SYNTAX;
    }
    if (datapoint_parse(item->datapoint, words[2], &item->number) != XC_OK) {
        snprintf(error, error_size, "'%s': expected %s", words[2],
                 datapoint_expects(item->datapoint));
        return XC_SYNTAX;
    }
    if (count == WORDS_MAX &&
        (options_parse_time(words[3], 1, &item->period) != XC_OK || item->period <= 0)) {
        snprintf(error, error_size, "expected a time like 10m or 30s, not '%s'", words[3]);
        return XC_SYNTAX;
    }
    return XC_OK;
}

// One would overwrite the other.
static bool is_there(const struct keep_item *list, size_t count, const struct keep_item *item)
{
    for (size_t i = 0; i < count; i++)
        if (list[i].datapoint == item->datapoint && list[i].target.kind == item->target.kind &&
            list[i].target.index == item->target.index)
            return true;
    return false;
}

enum xc_status keep_list_parse(const char *text, struct keep_item list[KEEP_ITEMS_MAX],
                               size_t *count, char *error, size_t error_size)
{
    *count = 0;
    for (bool more = true; more;) {
        size_t length = strcspn(text, "|");
        char item[ITEM_MAX];
        if (*count == KEEP_ITEMS_MAX) {
            snprintf(error, error_size, "at most %d values can be kept", KEEP_ITEMS_MAX);
            return XC_SYNTAX;
        }
        if (length >= sizeof item) {
            snprintf(error, error_size, "'%.20s…' is too long for one value to keep", text);
            return XC_SYNTAX;
        }
        memcpy(item, text, length);
        item[length] = '\0';
        enum xc_status status = parse_item(item, &list[*count], error, error_size);
        if (status != XC_OK)
            return status;
        if (is_there(list, *count, &list[*count])) {
            snprintf(error, error_size, "%u is to be kept twice for %s",
                     (unsigned)datapoint_id(list[*count].datapoint),
                     target_name(&list[*count].target, item, sizeof item));
            return XC_SYNTAX;
        }
        ++*count;
        more = text[length] == '|';
        text += length + more;
    }
    return XC_OK;
}

enum xc_status keep_list_check(const char *text, char *error, size_t error_size)
{
    struct keep_item list[KEEP_ITEMS_MAX];
    size_t count;

    return keep_list_parse(text, list, &count, error, error_size) == XC_OK ? XC_OK : XC_USAGE;
}
