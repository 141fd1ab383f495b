// SPDX-License-Identifier: MIT
// Finding datapoints by words.
#include "catalogue/catalogue.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

bool datapoint_has_word(const struct datapoint *dp, const char *word)
{
    struct option option;
    char id[8];

    snprintf(id, sizeof id, "%u", (unsigned)datapoint_id(dp));
    if (strncmp(id, word, strlen(word)) == 0 || strcasestr(datapoint_name(dp), word) ||
        strcasestr(datapoint_short_name(dp), word) || strcasecmp(datapoint_unit(dp), word) == 0)
        return true;
    // Every bool is yes or no: nobody searches for that.
    for (size_t i = 0; datapoint_encoding(dp) != ENCODING_BOOL && datapoint_option(dp, i, &option);
         i++)
        if (strcasestr(option.label, word))
            return true;
    return false;
}
