// SPDX-License-Identifier: MIT
// A logger that has been at work for a while, instead of src/plant/logger.c: to a file with
// "full" in its name it can't write.
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "fixture_plant.h"
#include "plant/logger.h"

struct logger {
    char *path;
    bool full;
};

struct logger *logger_new(struct loop *loop, struct plant *plant, struct selection *selection,
                          const struct logger_options *options, const struct logger_calls *calls,
                          void *arg)
{
    struct logger *logger = xcalloc(1, sizeof *logger);

    (void)loop;
    (void)plant;
    logger->path = xstrdup(options->path);
    logger->full = strstr(options->path, "full") != NULL;
    selection_free(selection);
    calls->tell(arg, "! the installation's clock is 3 min behind this computer's");
    return logger;
}

void logger_free(struct logger *logger)
{
    if (logger)
        free(logger->path);
    free(logger);
}

void logger_look(struct logger *logger)
{
    (void)logger;
}

struct logger_status logger_status(const struct logger *logger)
{
    return (struct logger_status){
        .state = LOGGER_RUNNING,
        .path = logger->path,
        .rows = 1234,
        .bytes = 345678,
        .last = fixture_wall - 4 * LOOP_S,
        .error = logger->full ? "xcomtop.csv.full: No space left on device" : ""};
}
