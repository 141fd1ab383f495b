// SPDX-License-Identifier: MIT
#include "base/localclock.h"

#include <time.h>

#define SECOND ((int64_t)1000000)

int64_t local_clock(int64_t wall)
{
    time_t seconds = (time_t)(wall / SECOND);
    struct tm local;

    return localtime_r(&seconds, &local) ? wall + (int64_t)local.tm_gmtoff * SECOND : wall;
}
