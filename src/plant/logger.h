// SPDX-License-Identifier: MIT
// Writes rows of values of a plant to a file, for as long as it may take: CSV, JSON lines or
// SQLite. A row is there as a whole or not at all, and every value of it was read for it. What a
// disk or a gateway does is told once, and once more when it is over.
#ifndef XC_PLANT_LOGGER_H
#define XC_PLANT_LOGGER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/status.h"
#include "plant/plant.h"
#include "plant/selection.h"
#include "store/logfile.h"

enum logger_format { LOGGER_CSV, LOGGER_JSONL, LOGGER_SQLITE, LOGGER_FORMAT_COUNT };
extern const char *const logger_format_names[LOGGER_FORMAT_COUNT]; // "csv", "jsonl", "sqlite"

// The name of a value's column: "XT1:3000"; with_name "XT1:3000 Battery voltage [V]", for people
// who open a CSV file. device: "XT1", "XT.sum". Returns out.
enum { LOGGER_COLUMN_MAX = 192 };
char *logger_column_name(const char *device, enum family family, unsigned id, bool with_name,
                         char out[LOGGER_COLUMN_MAX]);

struct logger_options {
    const char *path; // copied; NULL: rows go to put()
    enum logger_format format;
    int64_t every; // microseconds, LOOP_S at least
    int64_t sync;  // microseconds: what may be lost with the computer's power
    enum rotation rotation;
    int64_t rotate_size;  // bytes, ROTATE_SIZE
    unsigned rotate_keep; // so many former files; 0: all
    bool why;             // beside each value why it is missing
    unsigned rows;        // ends after so many; 0: never
    bool demo;            // its clock is set on purpose: that it is another one isn't told
};

// What a logger has to say to those who run it; called from the loop, and from logger_look(). It
// mustn't be freed from within.
struct logger_calls {
    void (*tell)(void *arg, const char *line);               // one line for a person
    bool (*put)(void *arg, const char *text, size_t length); // whole lines; false: not taken
    void (*changed)(void *arg);                              // its status
};

enum logger_state {
    LOGGER_WAITING, // the devices aren't known yet: no file is touched
    LOGGER_RUNNING,
    LOGGER_ENDED,  // as many rows as were wanted
    LOGGER_FAILED, // it can't begin; error says why
};

struct logger_status {
    enum logger_state state;
    const char *path;  // "" for put()
    size_t values;     // of a row; 0 while waiting
    bool nobody;       // waiting, or none of the devices is there
    uint64_t rows;     // written by this logger
    int64_t bytes;     // of the file as it is
    int64_t last;      // loop_wall() of the last row; 0: none
    const char *error; // why no rows are written at present, one line; "" when they are
};

struct logger;

// Begins when the plant knows its devices. The selection becomes the logger's. calls and arg are
// kept by pointer.
struct logger *logger_new(struct loop *loop, struct plant *plant, struct selection *selection,
                          const struct logger_options *options, const struct logger_calls *calls,
                          void *arg);
// Everything is on the disk when this returns. Before its plant; NULL is allowed.
void logger_free(struct logger *logger);
// The plant has changed.
void logger_look(struct logger *logger);
// Valid until the loop goes on.
struct logger_status logger_status(const struct logger *logger);

#endif
