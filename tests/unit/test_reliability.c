// SPDX-License-Identifier: MIT
// Every fault that the simulator knows, against the live screens, a command that reads, and the
// logger, over both protocols, in virtual time: no value that is shown, printed or logged is wrong;
// everything comes back within a stated time; and the statistics name what happened. What is
// measured is doc/reliability.md: "make update-reliability" prints it anew.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "link/link.h"
#include "loop/loop.h"
#include "plant/plant.h"
#include "plant/sampler.h"
#include "sim/sim.h"
#include "sim_truth.h"
#include "ui/ui.h"

enum { NOON = 1782043200, REFS_MAX = 24, TRUTHS = 512, COUNTERS_MAX = 3, PAGE_MAX = 32768 };

#define STEP       (20 * LOOP_MS)
#define FAULT_TIME (60 * LOOP_S)
#define EVERY      (5 * LOOP_S)

enum protocol { SCOM, CAN, PROTOCOLS };
enum { ON_SCOM = 1 << SCOM, ON_CAN = 1 << CAN, ON_BOTH = ON_SCOM | ON_CAN };

// --- The faults ----------------------------------------------------------------------------------

#define COUNTER(name) offsetof(struct gateway_statistics, name)
#define NO_COUNTER    SIZE_MAX

struct fault {
    const char *command; // of xcomsim
    const char *what;
    unsigned protocols;
    int back;         // seconds, at most, until everything is fresh when it is over
    size_t counter;   // one of gateway_statistics that grows, or NO_COUNTER
    const char *told; // how it is called on the Link view, or what tells it where it isn't counted
    const char *end;  // a command that ends it, besides clear; NULL: none
    const char *kind; // what the gateway is like, from the beginning; NULL: as usual
};

static const struct fault faults[] = {
    {"lose 20%", "answers get lost", ON_BOTH, 10, COUNTER(timeouts), "timeouts", NULL, NULL},
    {"late 20%", "answers come 4 s late", ON_BOTH, 10, COUNTER(timeouts), "timeouts, duplicates",
     NULL, NULL},
    {"duplicate 30%", "answers come twice", ON_BOTH, 5, COUNTER(duplicate), "duplicates", NULL,
     NULL},
    {"corrupt data 10%", "a bit of the data is wrong", ON_SCOM, 10, COUNTER(bad_data),
     "wrong data checksums", NULL, NULL},
    {"corrupt header 10%", "a bit of the header is wrong", ON_SCOM, 10, COUNTER(bad_header),
     "wrong header checksums", NULL, NULL},
    {"truncate 10%", "the end of an answer is missing", ON_SCOM, 10, COUNTER(timeouts), "timeouts",
     NULL, NULL},
    {"garbage 30 20%", "noise before answers", ON_SCOM, 10, NO_COUNTER, "skipped bytes", NULL,
     NULL},
    {"garbage 8 20%", "frames of others", ON_CAN, 10, COUNTER(foreign), "foreign frames", NULL,
     NULL},
    {"crlf always", "CR LF behind each answer", ON_SCOM, 5, NO_COUNTER, "line ends are no noise",
     NULL, NULL},
    {"foreign 30%", "another master's traffic", ON_BOTH, 5, COUNTER(foreign), "foreign frames",
     NULL, NULL},
    {"fragment 1", "answers come byte by byte", ON_SCOM, 5, NO_COUNTER, "nothing is lost",
     "fragment off", NULL},
    {"busy 20%", "the gateway is busy", ON_BOTH, 10, COUNTER(busy), "busy answers", NULL, NULL},
    {"error 0x2A * 20%", "reads fail in the device", ON_BOTH, 10, COUNTER(device_errors),
     "device errors", NULL, NULL},
    {"error 0x03 * 20%", "devices don't reach the gateway", ON_BOTH, 10, COUNTER(repeats),
     "repeats", NULL, NULL},
    {"gone XT2", "a device is taken away", ON_BOTH, 70, NO_COUNTER, "the device is gone",
     "back XT2", NULL},
    {"swap XT1 XT3", "devices change their numbers", ON_BOTH, 30, NO_COUNTER,
     "recognised by their FIDs", NULL, NULL},
    {"gone XT2", "… in multi-infos it has 0", ON_SCOM, 70, NO_COUNTER, "the device is gone",
     "back XT2", "absent zero"},
    {"gone XT2", "… in multi-infos it has the master's values", ON_SCOM, 70, NO_COUNTER,
     "the device is gone", "back XT2", "absent master"},
    {"gone XT2", "… multi-infos with it are refused", ON_SCOM, 70, NO_COUNTER, "the device is gone",
     "back XT2", "absent error"},
    {"gone XT2", "… and nobody answers for it", ON_SCOM, 70, COUNTER(timeouts),
     "the device is gone", "back XT2", "missing silence"},
    {"multi off", "multi-infos aren't known any more", ON_SCOM, 15, NO_COUNTER,
     "each value is asked for", "multi on", NULL},
    {"multi-tag strict", "multi-infos are refused but of one kind", ON_SCOM, 10, NO_COUNTER,
     "another kind is asked for", "multi-tag free", NULL},
    {"traffic 100ms", "another master asks all the time", ON_BOTH, 10, COUNTER(foreign),
     "foreign frames", "traffic off", NULL},
    {"watchdog on", "the gateway's watchdog stops other requests", ON_SCOM, 10, NO_COUNTER,
     "the Link view and doctor", "watchdog off", NULL},
    {"nan BSP:7002", "a value is not a number", ON_BOTH, 10, NO_COUNTER, "the value says so", NULL,
     NULL},
    {"disconnect 10s", "the link is gone", ON_BOTH, 10, COUNTER(connections), "connections", NULL,
     NULL},
    {"reset XCOM", "the gateway restarts", ON_BOTH, 10, COUNTER(timeouts), "timeouts", NULL, NULL},
    {"reset XT2 20s", "a device restarts", ON_BOTH, 70, NO_COUNTER, "the device is gone", NULL,
     NULL},
    {"lose always", "the gateway is silent", ON_BOTH, 15, COUNTER(timeouts), "timeouts", NULL,
     NULL},
};
enum { FAULTS = sizeof faults / sizeof *faults };

// --- The world -----------------------------------------------------------------------------------

// What a value truly was, one sample a step.
struct truth {
    double number;
    int64_t at;
};

struct world {
    struct loop *loop;
    struct sim *sim;
    struct sim_gateway *sim_gateway;
    struct gateway *gateway;
    struct plant *plant; // NULL: for commands, which ask the gateway themselves
    struct ui *ui;
    struct canvas canvas;
    struct plant_ref refs[REFS_MAX];
    size_t count;
    struct truth truths[REFS_MAX][TRUTHS];
    size_t truths_taken;
    struct sampler *sampler;

    // What came of it.
    unsigned checked, wrong;                   // numbers
    unsigned looks, fresh;                     // looks at a value on the screen
    unsigned rows, gaps;                       // log
    unsigned asked, read, refused, unanswered; // command
    int64_t slowest, asked_at;
    bool answered;
    struct answer answer;
};

static const struct datapoint *datapoint_of(const struct plant_ref *ref)
{
    return catalogue_find(ref->family, ref->id);
}

static void take_truth(struct world *world)
{
    size_t at = world->truths_taken++ % TRUTHS;

    for (size_t i = 0; i < world->count; i++) {
        const struct plant_ref *ref = &world->refs[i];
        world->truths[i][at] =
            (struct truth){.number = sim_truth(world->sim, ref->family, ref->index, ref->id),
                           .at = loop_now(world->loop)};
    }
}

// A number is right if the device measured it (or what lies between two measurements) in the time
// in which its answer can have been on its way: a question is given up after 3 s.
static void check(struct world *world, size_t i, double number, int64_t taken)
{
    double low = INFINITY, high = -INFINITY;

    if (isnan(number))
        return;
    for (size_t at = 0; at < TRUTHS; at++) {
        const struct truth *truth = &world->truths[i][at];
        if (truth->at == 0 || truth->at < taken - 4 * LOOP_S || truth->at > taken + STEP ||
            isnan(truth->number))
            continue;
        low = fmin(low, truth->number);
        high = fmax(high, truth->number);
    }
    double margin = 1e-4 * (fabs(low) + fabs(high)) + 0.1 * (high - low) + 1e-4;
    world->checked++;
    if (!(number >= low - margin && number <= high + margin)) {
        world->wrong++;
        print_error("%s/%u %u: %g isn't between %g and %g\n", family_name(world->refs[i].family),
                    (unsigned)world->refs[i].index, (unsigned)world->refs[i].id, number, low, high);
    }
}

static void want(struct world *world, enum family family, uint8_t devices, const uint16_t *ids)
{
    for (uint8_t device = 1; device <= devices; device++)
        for (size_t i = 0; ids[i] != 0; i++)
            world->refs[world->count++] =
                (struct plant_ref){.family = family, .index = device, .id = ids[i]};
}

static void command(struct world *world, const char *text)
{
    char error[200] = "";

    if (sim_gateway_command(world->sim_gateway, text, error, sizeof error) != XC_OK)
        fail_msg("%s: %s", text, error);
}

static struct world *world_new(enum protocol protocol, const struct fault *fault, bool with_plant)
{
    static const uint16_t xt[] = {3000, 3005, 3136, 0}, vt[] = {11000, 11004, 0};
    static const uint16_t vs[] = {15000, 15010, 0}, bsp[] = {7000, 7002, 0};
    const struct gateway_options options = {.dialect =
                                                protocol == CAN ? GATEWAY_STUCAN : GATEWAY_SCOM};
    const struct plant_options plant_options = {0};
    const struct sim_line line = {
        .baud = 38400, .bits_per_byte = 11, .latency = 20 * LOOP_MS, .jitter = 10 * LOOP_MS};
    const struct sim_can can = {.bitrate = 250000};
    struct world *world = xcalloc(1, sizeof *world);
    struct sim_options sim_options;
    struct link *near_end, *far_end;

    world->loop = loop_new_virtual(LOOP_S, NOON * LOOP_S);
    sim_defaults(&sim_options);
    sim_options.clock = NOON;
    link_memory_pair(world->loop, &near_end, &far_end);
    world->sim = sim_new(world->loop, &sim_options);
    world->sim_gateway = sim_gateway_new(world->sim, far_end, &line, protocol == CAN ? &can : NULL);
    if (fault->kind)
        command(world, fault->kind);
    if (with_plant)
        world->plant = plant_new(world->loop, &plant_options, NULL, NULL);
    world->gateway = gateway_new(world->loop, near_end, &options,
                                 with_plant ? plant_gateway_event : NULL, world->plant);
    if (with_plant)
        plant_attach(world->plant, world->gateway);
    want(world, FAMILY_XT, 3, xt);
    want(world, FAMILY_VT, 2, vt);
    want(world, FAMILY_VS, 1, vs);
    want(world, FAMILY_BSP, 1, bsp);
    return world;
}

static void world_free(struct world *world)
{
    sampler_free(world->sampler);
    if (world->ui)
        canvas_free(&world->canvas);
    ui_free(world->ui);
    plant_free(world->plant);
    gateway_free(world->gateway);
    sim_gateway_free(world->sim_gateway);
    sim_free(world->sim);
    loop_free(world->loop);
    free(world);
}

static void step(struct world *world)
{
    loop_run_until(world->loop, loop_now(world->loop) + STEP);
    take_truth(world);
}

static void end_fault(struct world *world, const struct fault *fault)
{
    command(world, "clear");
    if (fault->end)
        command(world, fault->end);
}

// --- The live screens ----------------------------------------------------------------------------

static unsigned look(struct world *world)
{
    unsigned fresh = 0;

    ui_draw(world->ui, &world->canvas);
    for (size_t i = 0; i < world->count; i++) {
        struct reading reading = plant_reading(world->plant, &world->refs[i]);
        if (reading.quality != QUALITY_FRESH)
            continue;
        fresh++;
        check(world, i, reading.number, reading.taken);
    }
    return fresh;
}

static void watch(struct world *world, int64_t duration)
{
    int64_t end = loop_now(world->loop) + duration;

    for (unsigned n = 1; loop_now(world->loop) < end; n++) {
        step(world);
        if (n % 10 == 0) {
            world->fresh += look(world);
            world->looks += (unsigned)world->count;
        }
    }
}

static struct world *open_screens(enum protocol protocol, const struct fault *fault)
{
    static const struct ui_options options = {.site = "test"};
    struct world *world = world_new(protocol, fault, true);

    world->ui = ui_new(world->loop, world->plant, &options);
    canvas_init(&world->canvas, 120, 40, false);
    plant_subscribe(world->plant, world->refs, world->count, LOOP_S, PRIORITY_SCREEN);
    return world;
}

static int64_t until_all_are_fresh(struct world *world)
{
    int64_t since = loop_now(world->loop), limit = since + 300 * LOOP_S;

    while (look(world) < world->count) {
        step(world);
        if (loop_now(world->loop) > limit)
            fail_msg("not everything has come back");
    }
    return loop_now(world->loop) - since;
}

// --- A command -----------------------------------------------------------------------------------

static void take_answer(void *arg, const struct answer *answer)
{
    struct world *world = arg;

    world->answered = true;
    world->answer = *answer;
}

// As read asks: one value after the other, whatever came of the one before.
static void read_all(struct world *world)
{
    for (size_t i = 0; i < world->count; i++) {
        const struct plant_ref *ref = &world->refs[i];
        const struct question question = {.kind = QUESTION_INFO,
                                          .priority = PRIORITY_PERSON,
                                          .address = device_address(ref->family, ref->index),
                                          .id = ref->id,
                                          .format = datapoint_format(datapoint_of(ref))};
        int64_t began = loop_now(world->loop);
        world->answered = false;
        gateway_ask(world->gateway, &question, take_answer, world);
        while (!world->answered && loop_now(world->loop) < began + 200 * LOOP_S)
            step(world);
        if (!world->answered)
            fail_msg("a question was never answered");
        int64_t took = loop_now(world->loop) - began;
        world->slowest = took > world->slowest ? took : world->slowest;
        world->asked++;
        if (world->answer.status == XC_OK) {
            world->read++;
            check(world, i, world->answer.number, world->answer.arrived);
        } else if (world->answer.status == XC_DEVICE_ERROR) {
            world->refused++;
        } else {
            world->unanswered++;
        }
    }
}

// --- The logger ----------------------------------------------------------------------------------

static void take_row(void *arg, int64_t time, const double *numbers, size_t known)
{
    struct world *world = arg;

    (void)time;
    if (known == 0)
        return;
    world->rows++;
    world->gaps += known < world->count;
    for (size_t i = 0; i < world->count; i++) {
        struct reading reading = plant_reading(world->plant, &world->refs[i]);
        check(world, i, numbers[i], reading.taken);
    }
}

static void plant_changes(struct world *world, int64_t duration)
{
    int64_t end = loop_now(world->loop) + duration;

    while (loop_now(world->loop) < end) {
        step(world);
        sampler_look(world->sampler);
    }
}

// --- The table -----------------------------------------------------------------------------------

struct page {
    char text[PAGE_MAX];
    size_t length;
};

static uint64_t counted(struct world *world, size_t counter)
{
    struct gateway_statistics statistics;
    uint64_t value;

    gateway_statistics(world->gateway, &statistics);
    memcpy(&value, (const char *)&statistics + counter, sizeof value);
    return value;
}

static void on_screens(enum protocol protocol, const struct fault *fault, struct page *page)
{
    struct world *world = open_screens(protocol, fault);

    watch(world, 30 * LOOP_S);
    until_all_are_fresh(world);
    uint64_t before = fault->counter == NO_COUNTER ? 0 : counted(world, fault->counter);
    world->looks = world->fresh = 0;
    command(world, fault->command);
    watch(world, FAULT_TIME);
    if (fault->counter != NO_COUNTER && counted(world, fault->counter) == before)
        fail_msg("%s: nothing was counted as %s", fault->command, fault->told);
    unsigned fresh = 100 * world->fresh / world->looks;
    end_fault(world, fault);
    int64_t back = until_all_are_fresh(world);
    if (back > fault->back * LOOP_S)
        fail_msg("%s: back after %d s, not %d s", fault->command, (int)(back / LOOP_S),
                 fault->back);
    assert_int_equal(world->wrong, 0);
    assert_true(world->checked > 100);
    text_append(page->text, sizeof page->text, &page->length, "%u %% | %d s | ", fresh,
                fault->back);
    world_free(world);
}

static void on_a_command(enum protocol protocol, const struct fault *fault, struct page *page)
{
    struct world *world = world_new(protocol, fault, false);

    read_all(world);
    assert_int_equal(world->read, world->count);
    world->asked = world->read = 0;
    world->slowest = 0;
    command(world, fault->command);
    for (int round = 0; round < 4; round++)
        read_all(world);
    text_append(page->text, sizeof page->text, &page->length, "%u of %u", world->read,
                world->asked);
    if (world->refused > 0)
        text_append(page->text, sizeof page->text, &page->length, ", %u refused", world->refused);
    text_append(page->text, sizeof page->text, &page->length, " | %.1f s | ",
                ceil((double)world->slowest / 1e5) / 10);
    end_fault(world, fault);
    // The first ones may still find the line in disorder.
    loop_run_until(world->loop, loop_now(world->loop) + fault->back * LOOP_S);
    for (int round = 0; round < 2; round++) {
        world->read = world->refused = world->unanswered = 0;
        read_all(world);
    }
    assert_int_equal(world->read, world->count);
    assert_int_equal(world->wrong, 0);
    world_free(world);
}

static void on_the_logger(enum protocol protocol, const struct fault *fault, struct page *page)
{
    struct world *world = world_new(protocol, fault, true);

    while (plant_discovery(world->plant).state != DISCOVERY_DONE)
        step(world);
    world->sampler =
        sampler_new(world->plant, world->refs, world->count, EVERY, false, take_row, world);
    plant_changes(world, 30 * LOOP_S);
    assert_true(world->rows >= 4);
    assert_int_equal(world->gaps, 0);
    world->rows = world->gaps = 0;
    command(world, fault->command);
    plant_changes(world, FAULT_TIME);
    text_append(page->text, sizeof page->text, &page->length, "%u of %d", world->rows,
                (int)(FAULT_TIME / EVERY));
    if (world->gaps > 0)
        text_append(page->text, sizeof page->text, &page->length, ", %u with gaps", world->gaps);
    end_fault(world, fault);
    plant_changes(world, (fault->back + 10) * LOOP_S);
    world->rows = world->gaps = 0;
    plant_changes(world, 30 * LOOP_S);
    assert_true(world->rows >= 5);
    assert_int_equal(world->gaps, 0);
    assert_int_equal(world->wrong, 0);
    world_free(world);
}

static void make_table(enum protocol protocol, struct page *page)
{
    text_append(page->text, sizeof page->text, &page->length,
                "\n## %s\n\n"
                "| fault | what happens | fresh on screen | all back within | read by a command | "
                "slowest | logged rows | told as |\n|---|---|---|---|---|---|---|---|\n",
                protocol == CAN ? "Xcom-CAN" : "SCOM: Xcom-232i, Xcom-LAN");
    for (size_t i = 0; i < FAULTS; i++) {
        const struct fault *fault = &faults[i];
        if (!(fault->protocols & 1u << protocol))
            continue;
        text_append(page->text, sizeof page->text, &page->length, "| `%s%s%s` | %s | ",
                    fault->kind ? fault->kind : "", fault->kind ? "`, `" : "", fault->command,
                    fault->what);
        on_screens(protocol, fault, page);
        on_a_command(protocol, fault, page);
        on_the_logger(protocol, fault, page);
        text_append(page->text, sizeof page->text, &page->length, " | %s |\n", fault->told);
    }
}

// --- The page ------------------------------------------------------------------------------------

static const char introduction[] =
    "# What happens when the line is bad\n"
    "\n"
    "Made by `tests/unit/test_reliability.c` (`make update-reliability`), not by hand. Each fault "
    "of\n"
    "[xcomsim](xcomsim.1) strikes for a minute (percentages: of all answers), in virtual time, "
    "over a\n"
    "line of 38400 baud with 20 to 30 ms latency, while 17 values of 3 XT, 2 VT, a VS and a BSP "
    "are\n"
    "wanted: each second by the screens; one after the other, four times over, by a command; "
    "every\n"
    "5 s by the logger. Each number that is shown as fresh, printed or logged is compared with "
    "what\n"
    "the simulated device measured at that time. **None was wrong in any run**; the test fails if "
    "one\n"
    "is, if anything hangs, if not everything is back in the time stated here, or if the "
    "statistics\n"
    "on the Link view don't name the fault.\n"
    "\n"
    "- *fresh on screen*: how much of what is shown during the fault is fresh. The rest is dimmed "
    "with\n"
    "  its age, or `--` with the reason.\n"
    "- *read by a command*: of 68 values; the others end with the reason, and an exit status that "
    "is\n"
    "  not 0.\n"
    "- *slowest*: the longest that a command waited for one value, or for that there is none.\n"
    "- *logged rows*: of 12; where a value didn't come its field is empty. Without any value there "
    "is\n"
    "  no row.\n";

static void nothing_is_wrong_whatever_happens(void **state)
{
    static struct page page;
    const char *top = getenv("top_srcdir");
    char path[512], *text = NULL;
    size_t size = 0;

    (void)state;
    text_append(page.text, sizeof page.text, &page.length, "%s", introduction);
    for (enum protocol protocol = SCOM; protocol < PROTOCOLS; protocol++)
        make_table(protocol, &page);
    assert_true(page.length + 1 < sizeof page.text);
    snprintf(path, sizeof path, "%s/doc/reliability.md", top ? top : ".");
    if (getenv("UPDATE_RELIABILITY")) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(page.text, 1, page.length, file), page.length);
        assert_int_equal(fclose(file), 0);
        return;
    }
    FILE *file = fopen(path, "r");
    if (!file)
        fail_msg("%s isn't there: make update-reliability", path);
    ssize_t length = getdelim(&text, &size, '\0', file);
    fclose(file);
    if (length < 0 || strcmp(text, page.text) != 0)
        fail_msg("doc/reliability.md isn't what is measured now: make update-reliability");
    free(text);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_wrong_whatever_happens),
    };
    return cmocka_run_group_tests_name("reliability", tests, NULL, NULL);
}
