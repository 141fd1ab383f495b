// SPDX-License-Identifier: MIT
// The gateway's SD card and the datalogger that fills it: a file for each day (reference scom.md,
// "Datalog files"; field.md, section 1, row 35). What is in a file isn't documented: xcomsim(1),
// "CHOICES". Private to src/sim/.
#ifndef XC_SIM_SDCARD_H
#define XC_SIM_SDCARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/scom.h"

struct sim;

// Days are counted since 1970-01-01 on the installation's clock.
struct sdcard {
    bool absent, full;
    bool new_file; // frame flag
    int64_t *days; // that are there as whole files, oldest first
    size_t count, room;
    int64_t last;         // the day that was to be saved last
    int64_t today;        // a day that was saved before its end (parameter 5059),
    int64_t today_clock;  // and up to when; 0: there is none
    int64_t saving_until; // loop time: requests are answered with GATEWAY_BUSY
    char note[SCOM_NOTE_MAX];
    size_t note_length;
    char saved_note[SCOM_NOTE_MAX]; // of the day saved last
    size_t saved_note_length;
    int64_t saved_note_day;
};

void sdcard_begin(struct sim *sim);
void sdcard_end(struct sim *sim);
// At 00:00:30 the day before is saved.
void sdcard_advance(struct sim *sim);
// Saves today's data so far.
void sdcard_save(struct sim *sim);
// Removes so many of the oldest files; all with SIZE_MAX.
void sdcard_erase(struct sim *sim, size_t count);
// The frame flags that tell about it.
uint8_t sdcard_flags(const struct sim *sim);

// The names of all files, each ended by LF, oldest first; and the content of a day's file. NULL:
// there is no card, or no such file. To be freed.
uint8_t *sdcard_directory(const struct sim *sim, size_t *length);
uint8_t *sdcard_file(const struct sim *sim, int64_t day, size_t *length);

#endif
