// SPDX-License-Identifier: MIT
// Chance that can be repeated: every random number is a pure function of the seed and of what it
// is for, so that the simulation gives the same whatever the order in which it is asked.
#ifndef XC_SIM_CHANCE_H
#define XC_SIM_CHANCE_H

#include <math.h>
#include <stdint.h>

// Mixes two numbers into one that looks random (the finaliser of splitmix64).
static inline uint64_t chance_mix(uint64_t a, uint64_t b)
{
    uint64_t x = a + 0x9E3779B97F4A7C15u * (b + 1);
    x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9u;
    x = (x ^ (x >> 27)) * 0x94D049BB133111EBu;
    return x ^ (x >> 31);
}

// 0 <= result < 1.
static inline double chance_unit(uint64_t bits)
{
    return (double)(bits >> 11) * 0x1p-53;
}

// Noise from 0 to 1 that changes smoothly over period seconds.
static inline double chance_noise(uint64_t seed, unsigned channel, double seconds, double period)
{
    double k = floor(seconds / period);
    double f = seconds / period - k;
    uint64_t key = chance_mix(seed, channel);
    double a = chance_unit(chance_mix(key, (uint64_t)(int64_t)k));
    double b = chance_unit(chance_mix(key, (uint64_t)(int64_t)k + 1));

    return a + (b - a) * f * f * (3 - 2 * f);
}

#endif
