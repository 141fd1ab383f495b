// SPDX-License-Identifier: MIT
#include "base/logname.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

enum { CENTURY = 100 }; // tm_year of 2000

char *logname_make(int64_t day, char out[LOGNAME_MAX])
{
    time_t seconds = (time_t)(day * LOGNAME_DAY_S);
    struct tm date;

    out[0] = '\0';
    if (gmtime_r(&seconds, &date) && date.tm_year >= CENTURY && date.tm_year < 2 * CENTURY)
        snprintf(out, LOGNAME_MAX, "LG%02u%02u%02u.CSV", (unsigned)(date.tm_year - CENTURY) % 100,
                 (unsigned)(date.tm_mon + 1) % 100, (unsigned)date.tm_mday % 100);
    return out;
}

bool logname_read(const char *name, int64_t *day)
{
    char again[LOGNAME_MAX];
    int number[3];

    if (strlen(name) != LOGNAME_LENGTH)
        return false;
    for (int i = 0; i < 3; i++) {
        const char *digits = name + 2 + 2 * i;
        if (digits[0] < '0' || digits[0] > '9' || digits[1] < '0' || digits[1] > '9')
            return false;
        number[i] = 10 * (digits[0] - '0') + digits[1] - '0';
    }
    struct tm date = {
        .tm_year = CENTURY + number[0], .tm_mon = number[1] - 1, .tm_mday = number[2]};
    *day = (int64_t)timegm(&date) / LOGNAME_DAY_S;
    // A date that doesn't exist became another one.
    return strcmp(logname_make(*day, again), name) == 0;
}
