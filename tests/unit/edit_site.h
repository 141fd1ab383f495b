// SPDX-License-Identifier: MIT
// Behind the protocol of the simulated installation: what a device really runs with, and what
// nobody could tell it. A room of its own, since the simulator and the gateway each have a
// PART_RAM.
#ifndef XC_TESTS_EDIT_SITE_H
#define XC_TESTS_EDIT_SITE_H

#include "catalogue/catalogue.h"
#include "sim/sim.h"

// It becomes another one of the same build: other FIDs, another GUID; or the first one again.
void site_exchange(struct sim *sim);
// Past all of the device's checks.
void site_set_flash(struct sim *sim, enum family family, unsigned index, unsigned id,
                    double number);
// A parameter's value in flash, and the running one: RAM where there is one, else flash.
double site_stores(const struct sim *sim, enum family family, unsigned index, unsigned id);
double site_runs(const struct sim *sim, enum family family, unsigned index, unsigned id);

// What the SD card has of a day, to be freed; whether a transfer is open; another client begins one
// of a day's file, and has its first block.
uint8_t *site_datalog(const struct sim *sim, int64_t day, size_t *length);
bool site_transfers(const struct sim *sim);
void site_transfer(struct sim *sim, int64_t day);
// Its clock, by so many seconds.
void site_turn_clock(struct sim *sim, int64_t seconds);

#endif
