// SPDX-License-Identifier: MIT
// The SD card's directory as it comes over the wire, and the names of files that are to be kept.
#include <stdlib.h>
#include <string.h>

#include "base/logname.h"
#include "fuzz.h"
#include "loop/loop.h"
#include "plant/datalog_internal.h"
#include "plant/internal.h"
#include "store/datafiles.h"

const char fuzz_name[] = "datalog";

// Each file once, newest first, under a name that can't lead anywhere.
static void check_list(const uint8_t *bytes, size_t length)
{
    struct plant plant = {.loop = loop_new_virtual(LOOP_S, 0)};
    const struct datalog_options options = {.directory = fuzz_directory()};
    struct datalog *datalog = datalog_new(&plant, &options, NULL, NULL);

    datalog_take_list(datalog, bytes, length);
    must(datalog_listed(datalog, NULL));
    must(datalog_count(datalog) + datalog_strange(datalog) <= length);
    for (size_t i = 0; i < datalog_count(datalog); i++) {
        const struct datalog_file *file = datalog_file(datalog, i);
        char name[LOGNAME_MAX];
        must(strlen(file->name) == LOGNAME_LENGTH && !strpbrk(file->name, "/\\"));
        must(strcmp(file->name, logname_make(file->day, name)) == 0);
        must(i == 0 || file->day < datalog_file(datalog, i - 1)->day);
        must(file->size == -1 && file->state == DATALOG_IDLE);
    }
    datalog_free(datalog);
    loop_free(plant.loop);
}

// A file is kept under a name of a datalog file, or not at all.
static void check_name(const char *name)
{
    char error[DATAFILES_ERROR_MAX] = "";
    enum datafile was;
    int64_t day, size, changed;

    if (logname_read(name, &day))
        return; // the unit test writes
    must(datafiles_keep(fuzz_directory(), name, "a", 1, &was, error, sizeof error) == XC_RANGE);
    must(error[0]);
    fuzz_check_text(error, false);
    must(!datafiles_find(fuzz_directory(), name, &size, &changed) || size >= 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};

    check_list(bytes, length);
    for (char *line; (line = fuzz_line(&input)); free(line))
        check_name(line);
    return 0;
}
