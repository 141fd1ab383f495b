// SPDX-License-Identifier: MIT
// Samples of a list of values, at times that are aligned to the clock: what a log is made of. Every
// value of a sample was read for it: what didn't come in time is missing, and never an older one.
#ifndef XC_PLANT_SAMPLER_H
#define XC_PLANT_SAMPLER_H

#include "plant/plant.h"

struct sampler;

// A sample is whole, or the next one is due. time: when its reading began, microseconds since 1970
// UTC. numbers: one a reference, NaN where there is none; valid until the call returns. count of
// them that aren't NaN. The sampler mustn't be freed from within.
typedef void sampler_fn(void *arg, int64_t time, const double *numbers, size_t known);

// refs are copied. every: microseconds, from LOOP_S on; samples begin when the computer's clock is
// a multiple of it. At another installation nothing has values any more, nor has a device that
// another one has taken the place of since the first sample, by its FID, unless follow says that
// who it is is somebody else's to tell.
struct sampler *sampler_new(struct plant *plant, const struct plant_ref *refs, size_t count,
                            int64_t every, bool follow, sampler_fn *fn, void *arg);
void sampler_free(struct sampler *sampler); // NULL is allowed

// The plant has changed: a sample may be whole.
void sampler_look(struct sampler *sampler);
// During the call: why the i-th number is NaN, a few words that stay the same while the reason
// does;
// "" when it isn't. Returns out.
char *sampler_why(const struct sampler *sampler, size_t i, char *out, size_t size);
// How many values weren't even asked for in the last sample: the time was too short for so many.
size_t sampler_rushed(const struct sampler *sampler);
// True while at least one device of the references is another one than at first.
bool sampler_meets_others(const struct sampler *sampler);

#endif
