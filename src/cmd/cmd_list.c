// SPDX-License-Identifier: MIT
// list: searches the tables. Needs no link.
#include "cmd/cmd.h"

#include <stdio.h>

#include "base/text.h"

static const struct column columns[] = {
    {.name = "family", .type = COLUMN_TEXT}, {.name = "id", .type = COLUMN_INT, .right = true},
    {.name = "kind", .type = COLUMN_TEXT},   {.name = "level", .type = COLUMN_TEXT},
    {.name = "unit", .type = COLUMN_TEXT},   {.name = "name", .type = COLUMN_TEXT},
    {.name = "short", .type = COLUMN_TEXT},
};

// A word of the command line can be a phrase: 'AUX 1'.
static bool datapoint_matches(const struct datapoint *dp, char **words, int count)
{
    for (int i = 0; i < count; i++)
        if (!datapoint_has_word(dp, words[i]))
            return false;
    return true;
}

int cmd_list(const struct options *options)
{
    const struct datapoint *dp;
    char **words = options->words;
    int word_count = options->word_count;
    enum family family = FAMILY_NONE;
    size_t found = 0;

    if (word_count > 0) {
        family = family_parse(words[0]);
        if (family != FAMILY_NONE) {
            words++;
            word_count--;
        }
    }
    struct rows *rows =
        rows_new(stdout, options->format, columns, sizeof columns / sizeof *columns);
    for (size_t i = 0; (dp = catalogue_at(i)) != NULL; i++) {
        char unit[64], name[256], short_name[64];
        if (family != FAMILY_NONE && datapoint_family(dp) != family)
            continue;
        if (!datapoint_matches(dp, words, word_count))
            continue;
        struct field fields[] = {
            {.text = family_name(datapoint_family(dp))},
            {.integer = datapoint_id(dp)},
            {.text = kind_name(datapoint_kind(dp))},
            {.text = level_name(datapoint_level(dp))},
            {.text = plain_text(options, datapoint_unit(dp), unit, sizeof unit)},
            {.text = plain_text(options, datapoint_name(dp), name, sizeof name)},
            {.text = plain_text(options, datapoint_short_name(dp), short_name, sizeof short_name)},
        };
        rows_add(rows, fields);
        found++;
    }
    int status = finish_rows(rows, found > 0 ? EXIT_DONE : EXIT_REFUSED);
    if (found == 0)
        complain("nothing in the tables has all of these words; try fewer");
    return status;
}
