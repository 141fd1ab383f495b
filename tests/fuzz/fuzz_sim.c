// SPDX-License-Identifier: MIT
// xcomsim, which listens to strangers: bytes from its client, and commands of its control socket.
// The first byte chooses the protocol; then pieces of bytes, or lines, each behind a byte that says
// which.
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/canframe.h"
#include "fuzz.h"
#include "link/link.h"
#include "loop/loop.h"
#include "proto/scom.h"
#include "sim/sim.h"

const char fuzz_name[] = "sim";

enum { CAN = 1, SLCAN = 2, EXCLUSIVE = 4, STEPS_MAX = 64, PIECE_MAX = 127 };
enum { COMMAND = 0x80 };

// What the client hears.
struct client {
    struct link *link;
    struct scom_decoder decoder;
    bool faulty; // so that it may be no frame
};

static void on_state(void *arg, enum link_state state)
{
    (void)arg;
    (void)state;
}

static void on_received(void *arg, const uint8_t *bytes, size_t length)
{
    struct client *client = arg;
    struct scom_frame frame;

    while (!client->faulty && length > 0) {
        size_t taken = scom_decoder_feed(&client->decoder, bytes, length);
        bytes += taken;
        length -= taken;
        while (scom_decoder_next(&client->decoder, &frame) == XC_OK)
            must(frame.service_flags & SCOM_RESPONSE);
        must(client->decoder.counters.skipped == 0);
    }
}

static const struct link_events events = {on_state, on_received};

static void send_piece(struct client *client, bool is_can, size_t most, struct fuzz_input *input)
{
    uint8_t piece[PIECE_MAX];
    size_t length;
    const uint8_t *bytes = fuzz_bytes(input, most, &length);
    struct canframe frame;

    if (length == 0)
        return;
    memcpy(piece, bytes, length);
    if (!is_can) {
        fuzz_mend_scom(piece, length);
        link_send(client->link, piece, length);
        return;
    }
    for (size_t at = 0; at + CANFRAME_RECORD_SIZE <= length; at += CANFRAME_RECORD_SIZE)
        if (canframe_get(piece + at, &frame) == XC_OK)
            link_send(client->link, piece + at, CANFRAME_RECORD_SIZE);
}

static void command(struct sim_gateway *gateway, struct client *client, struct fuzz_input *input)
{
    char *line = fuzz_line(input), error[160] = "", status[1024];

    if (!line)
        return;
    client->faulty = true;
    if (sim_gateway_command(gateway, line, error, sizeof error) != XC_OK)
        must(error[0]);
    fuzz_check_text(error, false);
    fuzz_check_text(sim_gateway_status(gateway, status, sizeof status), true);
    char *writes = sim_gateway_writes(gateway);
    fuzz_check_text(writes, true);
    free(writes);
    free(line);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static const struct sim_line line = {.latency = LOOP_MS};
    struct fuzz_input input = {bytes, length};
    uint8_t how = fuzz_byte(&input);
    const struct sim_can can = {
        .exclusive = how & EXCLUSIVE, .slcan = how & SLCAN, .bitrate = 125000};
    struct loop *loop = loop_new_virtual(100 * LOOP_S, 1795269600 * LOOP_S);
    struct client *client = xcalloc(1, sizeof *client);
    struct sim_options options;
    struct link *its;

    sim_defaults(&options);
    options.clock = 1795269600;
    struct sim *sim = sim_new(loop, &options);
    link_memory_pair(loop, &client->link, &its);
    link_listen(client->link, &events, client);
    link_open(client->link, 0);
    client->faulty = how & CAN;
    struct sim_gateway *gateway = sim_gateway_new(sim, its, &line, how & CAN ? &can : NULL);
    for (unsigned steps = 0; steps < STEPS_MAX && input.length > 0; steps++) {
        uint8_t step = fuzz_byte(&input);
        if (step & COMMAND)
            command(gateway, client, &input);
        else
            send_piece(client, (how & CAN) && !(how & SLCAN), step, &input);
        loop_run_until(loop, loop_now(loop) + LOOP_S);
    }
    sim_gateway_free(gateway);
    link_free(client->link);
    sim_free(sim);
    loop_free(loop);
    free(client);
    return 0;
}
