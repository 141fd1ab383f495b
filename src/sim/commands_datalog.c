// SPDX-License-Identifier: MIT
// Commands about datalog transfers, the SD card and the clock.
#include "sim/commands.h"

#include "base/text.h"

enum { BLOCK_NUMBER_MAX = 100000 };

enum xc_status command_block(struct command *c)
{
    static const char *const kinds[] = {"corrupt", "silence", "duplicate", "late",
                                        "restart", "busy",    "broken"};
    struct faults *faults = &c->gateway->faults;
    struct fault_when when;
    unsigned kind;
    long block;

    if (!command_choice(c->words[0], kinds, sizeof kinds / sizeof *kinds, &kind))
        return command_expected(c, "corrupt, silence, duplicate, late, restart, busy or broken");
    if (!c->words[1] || text_parse_int(c->words[1], 1, BLOCK_NUMBER_MAX, &block) != XC_OK)
        return command_expected(c, "the number of a block, from 1,");
    if (!command_when(c->words[2], &when))
        return command_expected(c, command_when_text);
    if (faults->block_count == FAULT_BLOCKS_MAX)
        return command_refuse(c, "there are 16 such faults already: clear them first");
    unsigned i = faults->block_count++;
    faults->blocks[i].kind = (enum block_fault)(kind + 1);
    faults->blocks[i].block = (unsigned)block;
    faults->blocks[i].when = when;
    return XC_OK;
}

enum xc_status command_sd(struct command *c)
{
    static const char *const choices[] = {"present", "absent", "full"};
    unsigned place;

    if (!command_choice(c->words[0], choices, 3, &place))
        return command_expected(c, "present, absent or full");
    c->sim->sd.absent = place == 1;
    c->sim->sd.full = place == 2;
    // Taking it out ends what was read from it (scom.md, frame flag 4).
    if (place == 1) {
        transfer_close(c->sim);
        c->sim->sd.new_file = false;
    }
    return XC_OK;
}

enum xc_status command_drift(struct command *c)
{
    double seconds;

    if (!c->words[0] || text_parse_number(c->words[0], &seconds) != XC_OK || seconds < -3600 ||
        seconds > 3600)
        return command_expected(c, "a number of seconds from -3600 to 3600");
    site_set_drift(c->sim, seconds);
    return XC_OK;
}
