// SPDX-License-Identifier: MIT
// An installation that stands still: plant.h with constant values, linked instead of the real one,
// for golden screens and byte counts.
#ifndef XC_TESTS_FIXTURE_PLANT_H
#define XC_TESTS_FIXTURE_PLANT_H

#include "plant/edit.h"

enum scene {
    SCENE_SUNNY,     // 3 XT, 2 VT, 1 VS, BSP; charging; all is well
    SCENE_FEEDING,   // 1 XT, 1 VS, no battery monitor; feeding the grid, discharging
    SCENE_TROUBLE,   // as sunny, but: a device gone, one off, one hot, no sensor, stale values
    SCENE_GENSET,    // as sunny at night, a generator runs, BMS
    SCENE_BIG,       // 9 XT, 15 VT, 15 VS, BSP
    SCENE_SOLAR,     // 2 VT, 1 VS and nothing else; messages that nobody reads
    SCENE_EARLY,     // as sunny, but only sums have been read so far, and the gateway is busy
    SCENE_DISCOVERY, // connected, looking for devices
    SCENE_DOWN,      // never connected
    SCENE_CAN,       // as sunny, through an Xcom-CAN
    SCENE_CAN_BAD,   // … on a bus that nearly went off
    SCENE_COUNT
};

enum { FIXTURE_NOW = 100 * 1000000 };
extern const int64_t fixture_wall; // 2026-11-21 14:03:22 UTC

struct plant *fixture_new(struct loop *loop, enum scene scene);
void fixture_free(struct plant *plant);
// Datalog files of the scene, which stand still too: some are here, one is coming. They belong to
// nobody.
struct datalog;
struct datalog *fixture_datalog(enum scene scene);
// What was asked of them since fixture_datalog().
struct fixture_files {
    unsigned lists, gets, drops, stops;
    char name[16]; // of the last one got or dropped
};
extern struct fixture_files fixture_files;

// Makes all changing values a little different, as the next second does.
void fixture_wiggle(struct plant *plant);
// So many times plant_spans() is in time; -1: always.
void fixture_let_read(struct plant *plant, int times);
// Of this family's values the past isn't known any more; FAMILY_NONE: of all it is.
void fixture_forget(struct plant *plant, enum family family);
void fixture_scene(struct plant *plant, enum scene scene);
enum scene fixture_scene_of(const struct plant *plant);

// Answers so many of the parameters that are wanted in the background and weren't read before, and
// all of the others that are. Those on screen are read, and all but every seventh number was a
// moment ago.
void fixture_answer(struct plant *plant, size_t count);

// What is subscribed now.
size_t fixture_subscribed(const struct plant *plant, enum priority priority);
bool fixture_wants(const struct plant *plant, enum family family, unsigned index, unsigned id,
                   int64_t *period);
// In the background.
bool fixture_wants_hidden(const struct plant *plant, enum family family, unsigned index,
                          unsigned id, int64_t *period);
bool fixture_wants_part(const struct plant *plant, enum family family, unsigned index, unsigned id,
                        enum part part, int64_t *period);

#endif
