// SPDX-License-Identifier: MIT
// make_records FILE: a record of writes for the end-to-end tests, with every result and with text
// that nobody would like to have on a terminal.
#include <math.h>
#include <stdio.h>

#include "store/records.h"

#define UNKNOWN_VALUE ((double)NAN)

// An hour apart, from 2026-11-21 14:00 UTC on.
static const int64_t first_time = 1795269600000000, hour = 3600000000;

static const struct record list[] = {
    {.who = "anna",
     .site = "emosson",
     .device = "XT1",
     .address = 101,
     .key = "0BADF00D",
     .family = FAMILY_XT,
     .id = 1138,
     .old = 60,
     .new = 45,
     .result = RECORD_WRITTEN,
     .read_back = UNKNOWN_VALUE},
    {.who = "anna",
     .site = "emosson",
     .device = "XT1",
     .address = 101,
     .key = "0BADF00D",
     .family = FAMILY_XT,
     .id = 1247,
     .flash = true,
     .old = 46.8,
     .new = 47.13,
     .result = RECORD_WRITTEN,
     .read_back = 47.125},
    {.who = "bob",
     .site = "chalet",
     .device = "XT2",
     .address = 102,
     .key = "0BADF00E",
     .family = FAMILY_XT,
     .id = 1138,
     .flash = true,
     .old = UNKNOWN_VALUE,
     .new = 50,
     .result = RECORD_DIFFERS,
     .read_back = 60},
    {.who = "bob",
     .site = "chalet",
     .device = "L2",
     .address = 102,
     .key = "0BADF00E",
     .family = FAMILY_XT,
     .id = 1124,
     .old = 1,
     .new = 0,
     .result = RECORD_REFUSED,
     .error = 0x25,
     .read_back = UNKNOWN_VALUE},
    {.who = "bob",
     .site = "chalet",
     .device = "VT1",
     .address = 301,
     .key = "0BADF00F",
     .family = FAMILY_VT,
     .id = 10001,
     .flash = true,
     .old = 1,
     .new = 2,
     .result = RECORD_NOT_SENT,
     .read_back = UNKNOWN_VALUE},
    {.who = "bob",
     .site = "chalet",
     .device = "XT1",
     .address = 101,
     .key = "0BADF00D",
     .family = FAMILY_XT,
     .id = 1468,
     .old = UNKNOWN_VALUE,
     .new = 1,
     .result = RECORD_UNKNOWN,
     .error = 0x03,
     .read_back = UNKNOWN_VALUE},
    {.who = "bob",
     .site = "chalet",
     .device = "BSP",
     .address = 601,
     .key = "0BADF010",
     .family = FAMILY_BSP,
     .id = 6001,
     .flash = true,
     .old = 100,
     .new = 110,
     .read_back = UNKNOWN_VALUE},
    {.who = "eve\x1b]0;owned\a\n",
     .site = "a,\"b\"\xC2\x9B"
             "2J\xE2\x80\xAE",
     .device = "XT\x1b[2J",
     .address = 101,
     .key = "\r\n0",
     .family = FAMILY_XT,
     .id = 65000,
     .flash = true,
     .old = 1,
     .new = 1.5,
     .undo = 2,
     .result = RECORD_REFUSED,
     .error = 0x99,
     .read_back = UNKNOWN_VALUE},
    {.who = "bob",
     .site = "chalet",
     .device = "XT3",
     .address = 103,
     .key = "0BADF011",
     .family = FAMILY_XT,
     .id = 1202,
     .flash = true,
     .old = 1,
     .new = 4,
     .result = RECORD_WRITTEN,
     .read_back = 4},
};

int main(int argc, char **argv)
{
    struct records *records;
    char error[1024] = "expected a file's name";

    if (argc != 2 || records_open(argv[1], &records, error, sizeof error) != XC_OK) {
        fprintf(stderr, "make_records: %s\n", error);
        return 1;
    }
    for (size_t i = 0; i < sizeof list / sizeof *list; i++) {
        struct record record = list[i];
        record.time = first_time + (int64_t)i * hour;
        if (records_begin(records, &record, 1) != XC_OK ||
            (record.result != RECORD_PENDING && records_finish(records, &record, 1) != XC_OK)) {
            fprintf(stderr, "make_records: %s\n", records_error(records));
            return 1;
        }
    }
    records_close(records);
    return 0;
}
