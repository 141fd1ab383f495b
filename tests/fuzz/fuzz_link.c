// SPDX-License-Identifier: MIT
// LINK texts, and the peers of --allow: a line each.
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "fuzz.h"
#include "link/link.h"
#include "link/net.h"
#include "sim/sim.h"

const char fuzz_name[] = "link";

static void check_spec(const struct link_spec *spec)
{
    char name[LINK_TEXT_MAX];

    must(memchr(spec->path, '\0', sizeof spec->path) &&
         memchr(spec->host, '\0', sizeof spec->host));
    must(spec->source <= 1023);
    link_spec_name(spec, name, sizeof name);
    must(name[0] && memchr(name, '\0', sizeof name));
}

static void check_allowed(const struct link_spec *spec)
{
    struct net_address address;

    must(spec->allow_count <= LINK_ALLOW_MAX);
    for (unsigned i = 0; i < spec->allow_count; i++)
        must(net_numeric(spec->allow[i], 0, &address));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    struct link_spec listening = {.kind = LINK_TCP_LISTEN};
    struct sim_options install;
    char error[LINK_TEXT_MAX];

    for (char *line; (line = fuzz_line(&input)); free(line)) {
        struct link_spec spec = {0};
        error[0] = '\0';
        if (link_spec_parse(line, &spec, error, sizeof error) == XC_OK)
            check_spec(&spec);
        else
            must(error[0]);
        error[0] = '\0';
        must(link_spec_allow(&listening, line, error, sizeof error) == XC_OK || error[0]);
        check_allowed(&listening);
        sim_defaults(&install);
        error[0] = '\0';
        must(sim_parse(line, &install, error, sizeof error) == XC_OK || error[0]);
    }
    return 0;
}
