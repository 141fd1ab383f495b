// SPDX-License-Identifier: MIT
// A configuration file, and what its sites make of the options.
#include <string.h>

#include "cmd/options.h"
#include "cmd/settings.h"
#include "fuzz.h"

const char fuzz_name[] = "settings";

static void apply(const struct settings *settings, const char *site)
{
    struct options options = {.command = command_at(COMMAND_SCREENS), .wait = -1, .site = site};
    char error[SETTINGS_ERROR_MAX] = "";

    if (settings_apply(settings, &options, error, sizeof error) != XC_OK)
        must(error[0]);
    must(options.allow_count <= LINK_ALLOW_MAX);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct settings *settings = NULL;
    char error[SETTINGS_ERROR_MAX] = "";

    if (settings_read(fuzz_file(bytes, length), &settings, error, sizeof error) == XC_OK) {
        apply(settings, NULL);
        apply(settings, "chalet");
        apply(settings, "none of this name");
        settings_free(settings);
    } else {
        must(error[0] && memchr(error, '\0', sizeof error));
    }
    return 0;
}
