// SPDX-License-Identifier: MIT
// Numbers in byte streams. le_* is little endian (SCOM), be_* big endian (Studer public CAN).
// The caller guarantees the bytes are there.
#ifndef XC_BASE_BYTES_H
#define XC_BASE_BYTES_H

#include <stdint.h>
#include <string.h>

static inline uint16_t le_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] | p[1] << 8);
}

static inline uint32_t le_get32(const uint8_t *p)
{
    return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 | (uint32_t)p[3] << 24;
}

static inline void le_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static inline void le_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
    p[2] = (uint8_t)(v >> 16);
    p[3] = (uint8_t)(v >> 24);
}

// IEEE-754 binary32, the protocol's FLOAT.
static inline float le_get_float(const uint8_t *p)
{
    uint32_t bits = le_get32(p);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline void le_put_float(uint8_t *p, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    le_put32(p, bits);
}

static inline uint16_t be_get16(const uint8_t *p)
{
    return (uint16_t)(p[0] << 8 | p[1]);
}

static inline uint32_t be_get32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

static inline void be_put16(uint8_t *p, uint16_t v)
{
    p[0] = (uint8_t)(v >> 8);
    p[1] = (uint8_t)v;
}

static inline void be_put32(uint8_t *p, uint32_t v)
{
    p[0] = (uint8_t)(v >> 24);
    p[1] = (uint8_t)(v >> 16);
    p[2] = (uint8_t)(v >> 8);
    p[3] = (uint8_t)v;
}

static inline float be_get_float(const uint8_t *p)
{
    uint32_t bits = be_get32(p);
    float v;
    memcpy(&v, &bits, sizeof v);
    return v;
}

static inline void be_put_float(uint8_t *p, float v)
{
    uint32_t bits;
    memcpy(&bits, &v, sizeof bits);
    be_put32(p, bits);
}

#endif
