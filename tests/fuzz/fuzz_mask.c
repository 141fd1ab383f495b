// SPDX-License-Identifier: MIT
// Lines of a report: what is left of them can be shown, and doesn't name the one who reports.
#include <stdlib.h>
#include <string.h>

#include "cmd/mask.h"
#include "fuzz.h"

const char fuzz_name[] = "mask";

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const char *const names[] = {"emosson", NULL};
    struct fuzz_input input = {bytes, length};
    struct mask mask = {.home = "/home/anna", .names = names, .message = fuzz_choice(&input, 2)};
    char *line, time[64], out[2100];

    while ((line = fuzz_line(&input))) {
        const char *message = mask_own_message(line, time, sizeof time);
        fuzz_check_text(mask_line(out, sizeof out, message ? message : line, &mask), false);
        must(!strstr(out, "/home/anna/"));
        must(!strstr(out, " emosson "));
        must(!strstr(out, " 192.168.1.20 "));
        free(line);
    }
    return 0;
}
