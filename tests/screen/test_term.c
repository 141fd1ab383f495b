// SPDX-License-Identifier: MIT
// What the terminal is sent, counted: the output is a socket that keeps each write apart.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fixture_plant.h"
#include "ui/term_start.h"
#include "ui/theme.h"
#include "ui/ui.h"

enum { BYTES_MAX = 1 << 18 };

struct world {
    struct loop *loop;
    struct plant *plant;
    struct ui *ui;
    struct term *term;
    FILE *in, *out;
    int keys;     // what the person types
    int terminal; // what the terminal gets
    char bytes[BYTES_MAX];
    size_t length;
};

static struct world *open_themed(enum scene scene, int width, int height,
                                 const struct term_options *options, enum theme_number theme)
{
    struct world *world = calloc(1, sizeof *world);
    int output[2], input[2];
    char number[12];

    snprintf(number, sizeof number, "%d", width);
    setenv("COLUMNS", number, 1);
    snprintf(number, sizeof number, "%d", height);
    setenv("LINES", number, 1);
    assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, output), 0);
    assert_int_equal(pipe(input), 0);
    world->terminal = output[0];
    world->out = fdopen(output[1], "w");
    world->keys = input[1];
    world->in = fdopen(input[0], "r");
    world->loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    world->plant = fixture_new(world->loop, scene);
    const struct ui_options ui_options = {
        .ascii = options->ascii, .site = "Chalet Emosson", .theme = theme};
    world->ui = ui_new(world->loop, world->plant, &ui_options);
    assert_int_equal(term_start(world->loop, world->ui, options, "xterm-256color", world->in,
                                world->out, &world->term),
                     XC_OK);
    return world;
}

static struct world *open_size(enum scene scene, int width, int height,
                               const struct term_options *options)
{
    return open_themed(scene, width, height, options, THEME_DEFAULT);
}

static void close_world(struct world *world)
{
    term_close(world->term);
    ui_free(world->ui);
    fixture_free(world->plant);
    loop_free(world->loop);
    fclose(world->in);
    fclose(world->out);
    close(world->terminal);
    if (world->keys >= 0)
        close(world->keys);
    free(world);
}

// Number of writes since the last time; their bytes are in world->bytes.
static unsigned take_writes(struct world *world)
{
    unsigned writes = 0;
    ssize_t n;

    world->length = 0;
    while ((n = recv(world->terminal, world->bytes + world->length,
                     sizeof world->bytes - world->length - 1, MSG_DONTWAIT)) > 0) {
        world->length += (size_t)n;
        writes++;
    }
    world->bytes[world->length] = '\0';
    return writes;
}

static void run_for(struct world *world, int64_t time)
{
    loop_run_until(world->loop, loop_now(world->loop) + time);
}

static const struct term_options plain = {0};

static void first_paint(enum scene scene, enum view_id view, int width, int height, size_t budget)
{
    struct world *world = open_size(scene, width, height, &plain);

    ui_show(world->ui, view);
    run_for(world, LOOP_MS);
    take_writes(world);
    assert_true(world->length > 500);
    if (getenv("SHOW_BYTES"))
        print_message("first paint of scene %d view %d, %dx%d: %zu bytes\n", (int)scene, (int)view,
                      width, height, world->length);
    if (world->length > budget)
        fail_msg("first paint of scene %d view %d, %dx%d: %zu bytes", (int)scene, (int)view, width,
                 height, world->length);
    close_world(world);
}

static void the_first_paint_is_small(void **state)
{
    (void)state;
    for (int scene = 0; scene < SCENE_COUNT; scene++) {
        first_paint((enum scene)scene, VIEW_OVERVIEW, 80, 24, 4000);
        first_paint((enum scene)scene, VIEW_OVERVIEW, 200, 50, 20000);
        first_paint((enum scene)scene, VIEW_PARAMETERS, 80, 24, 4000);
        first_paint((enum scene)scene, VIEW_PARAMETERS, 200, 50, 20000);
        first_paint((enum scene)scene, VIEW_GRAPHS, 80, 24, 4000);
        first_paint((enum scene)scene, VIEW_GRAPHS, 200, 50, 20000);
    }
}

static void a_frame_without_change_sends_nothing(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    for (int i = 0; i < 5; i++) {
        term_invalidate(world->term);
        run_for(world, 90 * LOOP_MS);
    }
    assert_int_equal(take_writes(world), 0);
    close_world(world);
}

static void a_tick_of_the_clock_is_one_write_of_50_bytes(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    for (int i = 0; i < 70; i++) {
        run_for(world, LOOP_S);
        assert_int_equal(take_writes(world), 1);
        assert_in_range(world->length, 1, 50);
    }
    close_world(world);
}

static void live_screen(enum scene scene, int width, int height, enum view_id view, size_t budget)
{
    struct world *world = open_size(scene, width, height, &plain);
    size_t bytes = 0;

    ui_show(world->ui, view);
    run_for(world, LOOP_MS);
    take_writes(world);
    for (int second = 0; second < 20; second++) {
        uint64_t before = term_frames(world->term);
        fixture_wiggle(world->plant);
        // Answers come one by one.
        for (int answer = 0; answer < 40; answer++) {
            term_invalidate(world->term);
            run_for(world, 25 * LOOP_MS);
        }
        unsigned writes = take_writes(world);
        uint64_t frames = term_frames(world->term) - before;
        assert_in_range(frames, 1, 4);
        assert_int_equal(writes, frames);
        bytes += world->length;
    }
    if (getenv("SHOW_BYTES"))
        print_message("scene %d live %dx%d view %d: %zu bytes/s\n", (int)scene, width, height,
                      (int)view, bytes / 20);
    if (bytes / 20 > budget)
        fail_msg("scene %d, %dx%d view %d: %zu bytes a second", (int)scene, width, height,
                 (int)view, bytes / 20);
    close_world(world);
}

static void live_screens_stay_within_their_budget(void **state)
{
    (void)state;
    for (int view = 0; view < VIEW_COUNT; view++) {
        live_screen(SCENE_SUNNY, 80, 24, (enum view_id)view, 1200);
        live_screen(SCENE_SUNNY, 200, 50, (enum view_id)view, 4500);
        live_screen(SCENE_BIG, 80, 24, (enum view_id)view, 1200);
        live_screen(SCENE_BIG, 200, 50, (enum view_id)view, 4500);
    }
}

static void keys_are_answered_at_once_but_never_more_than_four_frames_a_second(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);
    int64_t began;

    (void)state;
    run_for(world, 1200 * LOOP_MS);
    take_writes(world);
    assert_int_equal(write(world->keys, "2", 1), 1);
    run_for(world, LOOP_MS);
    assert_int_equal(ui_view(world->ui), VIEW_XT);
    // A whole new view may be more than ncurses' buffer holds, about 2.2 kB at 80x24.
    assert_in_range(take_writes(world), 1, 2);
    began = loop_now(world->loop);
    uint64_t before = term_frames(world->term);
    while (loop_now(world->loop) < began + 3 * LOOP_S) {
        assert_int_equal(write(world->keys, "\t", 1), 1);
        run_for(world, 30 * LOOP_MS);
        take_writes(world);
    }
    assert_in_range(term_frames(world->term) - before, 9, 13);
    close_world(world);
}

static void keys_of_the_terminal_are_understood(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);

    (void)state;
    run_for(world, LOOP_MS);
    assert_int_equal(write(world->keys, "\t", 1), 1);
    run_for(world, LOOP_MS);
    assert_int_equal(ui_view(world->ui), VIEW_XT);
    assert_int_equal(write(world->keys, "\x1b[Z", 3), 3); // Shift-Tab
    run_for(world, LOOP_MS);
    assert_int_equal(ui_view(world->ui), VIEW_OVERVIEW);
    assert_int_equal(write(world->keys, "\x1b", 1), 1);
    assert_false(loop_run_until(world->loop, loop_now(world->loop) + LOOP_S));
    assert_int_equal(write(world->keys, "\x1b[21~", 5), 5); // F10
    assert_true(loop_run_until(world->loop, loop_now(world->loop) + LOOP_S));
    assert_int_equal(term_signal(world->term), 0);
    close_world(world);
}

static void ctrl_l_sends_everything_again(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    assert_int_equal(write(world->keys, "\x0c", 1), 1);
    run_for(world, 300 * LOOP_MS);
    take_writes(world);
    assert_true(world->length > 1000);
    close_world(world);
}

static void a_terminal_that_goes_away_ends_the_loop(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);

    (void)state;
    run_for(world, LOOP_MS);
    close(world->keys);
    world->keys = -1;
    assert_true(loop_run_until(world->loop, loop_now(world->loop) + LOOP_S));
    assert_int_equal(term_signal(world->term), SIGHUP);
    close_world(world);
}

static void signals_end_the_loop(void **state)
{
    static const int signals[] = {SIGTERM, SIGINT, SIGHUP};

    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof *signals; i++) {
        struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);
        run_for(world, LOOP_MS);
        raise(signals[i]);
        assert_true(loop_run_until(world->loop, loop_now(world->loop) + LOOP_S));
        assert_int_equal(term_signal(world->term), signals[i]);
        close_world(world);
    }
}

static void no_frame_is_sent_to_a_terminal_that_cannot_take_it(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);
    static const char filler[1024];

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    while (send(fileno(world->out), filler, sizeof filler, MSG_DONTWAIT) > 0)
        continue;
    uint64_t before = term_frames(world->term);
    run_for(world, 10 * LOOP_S);
    assert_int_equal(term_frames(world->term), before);
    take_writes(world);
    run_for(world, LOOP_S);
    assert_true(term_frames(world->term) > before);
    // What was missed comes in one frame.
    assert_in_range(take_writes(world), 1, 2);
    close_world(world);
}

static bool sends_colours(enum theme_number theme, char bytes[BYTES_MAX])
{
    struct world *world = open_themed(SCENE_TROUBLE, 80, 24, &plain, theme);

    run_for(world, LOOP_MS);
    take_writes(world);
    bool found = strstr(world->bytes, "[38;5;") || strstr(world->bytes, "[48;5;") ||
                 strstr(world->bytes, "[31m");
    assert_non_null(strstr(world->bytes, "silent"));
    memcpy(bytes, world->bytes, world->length + 1);
    close_world(world);
    return found;
}

static unsigned count_reverse(const char *bytes)
{
    unsigned count = 0;

    while ((bytes = strstr(bytes, "7m")) != NULL) {
        bytes += 2;
        count++;
    }
    return count;
}

static void no_color_and_mono_send_none(void **state)
{
    static char mono[BYTES_MAX], bytes[BYTES_MAX];

    (void)state;
    assert_false(sends_colours(THEME_MONO, mono));
    assert_in_range(count_reverse(mono), 2, 100);
    for (enum theme_number theme = THEME_DEFAULT; theme < THEME_MONO; theme++)
        assert_true(sends_colours(theme, bytes));
    setenv("NO_COLOR", "1", 1);
    for (enum theme_number theme = THEME_DEFAULT; theme < THEME_COUNT; theme++) {
        assert_false(sends_colours(theme, bytes));
        assert_int_equal(count_reverse(bytes), count_reverse(mono)); // alarms stay what stands out
    }
    unsetenv("NO_COLOR");
}

// Characters and erasing orders that don't have the background of number, once it has been set.
static unsigned count_without(const char *bytes, const char *number)
{
    char wanted[16];
    bool has = true;
    unsigned count = 0;

    snprintf(wanted, sizeof wanted, "48;5;%sm", number);
    const char *p = strstr(bytes, wanted);
    assert_non_null(p);
    p += strlen(wanted);
    while (*p) {
        if (*p != '\x1b') {
            count += !has && (unsigned char)*p >= ' ';
            p++;
        } else if (p[1] == '(') {
            p += 3;
        } else {
            size_t length = 2 + strspn(p + 2, "0123456789;?");
            char order = p[length];
            if (order == 'm' && strncmp(p + 2, wanted, strlen(wanted)) == 0)
                has = true;
            else if (order == 'm' && (length == 2 || p[2] == '0' || strncmp(p + 2, "49", 2) == 0))
                has = false;
            else if (order == 'J' || order == 'K' || order == 'X')
                count += !has;
            p += length + 1;
        }
    }
    return count;
}

static void contrast_brings_its_background(void **state)
{
    struct world *world = open_themed(SCENE_TROUBLE, 80, 24, &plain, THEME_CONTRAST);

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    assert_non_null(strstr(world->bytes, "\x1b[38;5;231m"));
    assert_int_equal(count_without(world->bytes, "16"), 0);
    close_world(world);
}

static void a_key_changes_the_theme_at_once(void **state)
{
    static const struct {
        const char *name, *seen;              // NULL: no colour
    } steps[] = {{"light", "\x1b[38;5;243m"}, // after default
                 {"contrast", "\x1b[48;5;16m"},
                 {"mono", NULL},
                 {"default", "\x1b[38;5;244m"}};
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);
    char notice[32];

    (void)state;
    run_for(world, LOOP_S);
    for (size_t i = 0; i < sizeof steps / sizeof *steps; i++) {
        take_writes(world);
        assert_int_equal(write(world->keys, "T", 1), 1);
        run_for(world, 300 * LOOP_MS);
        take_writes(world);
        snprintf(notice, sizeof notice, "Theme %s.", steps[i].name);
        assert_non_null(strstr(world->bytes, notice));
        if (steps[i].seen)
            assert_non_null(strstr(world->bytes, steps[i].seen));
        else
            assert_null(strstr(world->bytes, "8;5;"));
        run_for(world, LOOP_S);
    }
    close_world(world);
}

static void the_terminal_is_given_back(void **state)
{
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    term_close(world->term);
    take_writes(world);
    assert_non_null(strstr(world->bytes, "\x1b[?1049l"));
    world->term = NULL;
    close_world(world);
}

static void the_terminal_is_given_back_in_a_crash(void **state)
{
    // cmocka's own handler is out of the way; ours gives way to the one before it.
    void (*former)(int) = signal(SIGBUS, SIG_DFL);
    struct world *world = open_size(SCENE_SUNNY, 80, 24, &plain);
    int status;

    (void)state;
    run_for(world, LOOP_MS);
    take_writes(world);
    pid_t child = fork();
    if (child == 0) {
        if (!freopen("/dev/null", "w", stderr))
            _exit(1);
        raise(SIGBUS);
        _exit(1);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    take_writes(world);
    assert_non_null(strstr(world->bytes, "\x1b[?1049l"));
    close_world(world);
    signal(SIGBUS, former);
}

static void a_terminal_without_screens_is_refused(void **state)
{
    static const char *const types[] = {"no-such-terminal", "dumb"};
    struct loop *loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    struct plant *plant = fixture_new(loop, SCENE_SUNNY);
    struct ui *ui = ui_new(loop, plant, &(struct ui_options){.site = ""});
    struct term *term;
    FILE *null = fopen("/dev/null", "r+");

    (void)state;
    for (size_t i = 0; i < sizeof types / sizeof *types; i++)
        assert_int_equal(term_start(loop, ui, &plain, types[i], null, null, &term), XC_IO);
    fclose(null);
    ui_free(ui);
    fixture_free(plant);
    loop_free(loop);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    unsetenv("NO_COLOR");
    unsetenv("COLORFGBG");
    alarm(120); // a terminal that can't take it would be waited for forever
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_first_paint_is_small),
        cmocka_unit_test(a_frame_without_change_sends_nothing),
        cmocka_unit_test(a_tick_of_the_clock_is_one_write_of_50_bytes),
        cmocka_unit_test(live_screens_stay_within_their_budget),
        cmocka_unit_test(keys_are_answered_at_once_but_never_more_than_four_frames_a_second),
        cmocka_unit_test(keys_of_the_terminal_are_understood),
        cmocka_unit_test(ctrl_l_sends_everything_again),
        cmocka_unit_test(a_terminal_that_goes_away_ends_the_loop),
        cmocka_unit_test(signals_end_the_loop),
        cmocka_unit_test(no_frame_is_sent_to_a_terminal_that_cannot_take_it),
        cmocka_unit_test(no_color_and_mono_send_none),
        cmocka_unit_test(contrast_brings_its_background),
        cmocka_unit_test(a_key_changes_the_theme_at_once),
        cmocka_unit_test(the_terminal_is_given_back),
        cmocka_unit_test(the_terminal_is_given_back_in_a_crash),
        cmocka_unit_test(a_terminal_without_screens_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
