// SPDX-License-Identifier: MIT
// Lists on the command line and in the configuration: values to log, values to keep, numbers.
#include <stdlib.h>
#include <string.h>

#include "cmd/idlist.h"
#include "cmd/keeplist.h"
#include "plant/selection.h"
#include "fuzz.h"

const char fuzz_name[] = "lists";

static void check_selection(const char *text)
{
    struct selection selection = {0};
    char error[SELECTION_ERROR_MAX] = "";

    if (selection_parse(text, &selection, error) != XC_OK) {
        must(error[0] && memchr(error, '\0', sizeof error));
    } else {
        must(selection.count > 0);
        for (size_t i = 0; i < selection.count; i++)
            must(datapoint_family(selection.items[i].datapoint) ==
                 selection.items[i].target.family);
    }
    selection_free(&selection);
}

static void check_keeplist(const char *text)
{
    struct keep_item list[KEEP_ITEMS_MAX];
    char error[KEEP_ERROR_MAX] = "";
    size_t count;

    if (keep_list_parse(text, list, &count, error, sizeof error) != XC_OK) {
        must(error[0]);
        return;
    }
    must(count >= 1 && count <= KEEP_ITEMS_MAX);
    for (size_t i = 0; i < count; i++) {
        must(list[i].period >= 0 && !datapoint_is_dangerous(list[i].datapoint));
        must(datapoint_is_setting(list[i].datapoint));
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};

    for (char *line; (line = fuzz_line(&input)); free(line)) {
        check_selection(line);
        check_keeplist(line);
        if (idlist_check(line) == XC_OK)
            for (unsigned id = 0; id < 8; id++)
                (void)idlist_has(line, 1136 + id);
    }
    return 0;
}
