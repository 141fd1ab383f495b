// SPDX-License-Identifier: MIT
// What a simulated device measures at this moment, whatever it is asked: for tests that compare
// what a client makes of it. (The simulator's own headers and the gateway's don't go together.)
#ifndef XC_TESTS_SIM_TRUTH_H
#define XC_TESTS_SIM_TRUTH_H

#include "catalogue/catalogue.h"
#include "sim/sim.h"

// NaN where it measures nothing.
double sim_truth(struct sim *sim, enum family family, unsigned index, unsigned id);

#endif
