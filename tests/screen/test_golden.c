// SPDX-License-Identifier: MIT
// Screens as they should look: text, then roles as letters, in golden/NAME.txt. After a change on
// purpose: make update-golden, and read the difference.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fixture_plant.h"
#include "ui/ui.h"

// D, U, R, N: down, up, right, page down; E: Enter; Z: End; ^: Esc; !: values come that are read in
// the background. Others are themselves.
struct screen {
    const char *name;
    enum scene scene;
    int width, height;
    const char *keys;
    bool ascii;
};

static const struct screen screens[] = {
    {"overview-80x24", SCENE_SUNNY, 80, 24, "", false},
    {"overview-120x40", SCENE_SUNNY, 120, 40, "", false},
    {"overview-200x50", SCENE_SUNNY, 200, 50, "", false},
    {"overview-60x16", SCENE_SUNNY, 60, 16, "", false},
    {"overview-40x12", SCENE_SUNNY, 40, 12, "", false},
    {"overview-39x11", SCENE_SUNNY, 39, 11, "", false},
    {"overview-80x24-ascii", SCENE_SUNNY, 80, 24, "", true},
    {"overview-120x40-ascii", SCENE_SUNNY, 120, 40, "", true},
    {"overview-40x12-ascii", SCENE_SUNNY, 40, 12, "", true},
    {"overview-scrolled-80x24", SCENE_SUNNY, 80, 24, "DDDDDD", false},
    {"feeding-80x24", SCENE_FEEDING, 80, 24, "", false},
    {"feeding-40x12", SCENE_FEEDING, 40, 12, "", false},
    {"genset-80x24", SCENE_GENSET, 80, 24, "", false},
    {"trouble-80x24", SCENE_TROUBLE, 80, 24, "", false},
    {"trouble-120x40", SCENE_TROUBLE, 120, 40, "", false},
    {"trouble-40x12-ascii", SCENE_TROUBLE, 40, 12, "", true},
    {"big-80x24", SCENE_BIG, 80, 24, "", false},
    {"big-200x50", SCENE_BIG, 200, 50, "", false},
    {"solar-80x24", SCENE_SOLAR, 80, 24, "", false},
    {"solar-70x16", SCENE_SOLAR, 70, 16, "", false},
    {"early-80x24", SCENE_EARLY, 80, 24, "", false},
    {"discovery-80x24", SCENE_DISCOVERY, 80, 24, "", false},
    {"down-60x16", SCENE_DOWN, 60, 16, "", false},
    {"down-40x12-ascii", SCENE_DOWN, 40, 12, "", true},
    {"paused-60x16", SCENE_SUNNY, 60, 16, "P", false},
    {"xt-80x24", SCENE_SUNNY, 80, 24, "2", false},
    {"xt-120x40", SCENE_SUNNY, 120, 40, "2", false},
    {"xt-40x12", SCENE_SUNNY, 40, 12, "2", false},
    {"xt-folded-80x24", SCENE_SUNNY, 80, 24, "2-DDDE", false},
    {"xt-identity-80x24", SCENE_SUNNY, 80, 24, "2+Z", false},
    {"xt-trouble-80x24", SCENE_TROUBLE, 80, 24, "2RDDDN", false},
    {"vt-big-60x16-ascii", SCENE_BIG, 60, 16, "3RRRRR", true},
    {"vs-trouble-80x24", SCENE_TROUBLE, 80, 24, "4D", false},
    {"vs-none-60x16", SCENE_GENSET, 60, 16, "4", false},
    {"bsp-80x24", SCENE_SUNNY, 80, 24, "5", false},
    {"bms-120x40", SCENE_GENSET, 120, 40, "5", false},
    {"params-80x24", SCENE_SUNNY, 80, 24, "6", false},
    {"params-80x24-ascii", SCENE_SUNNY, 80, 24, "6DDDDR", true},
    {"params-120x40", SCENE_SUNNY, 120, 40, "6DDDR", false},
    {"params-120x40-ascii", SCENE_SUNNY, 120, 40, "6]", true},
    {"params-200x50", SCENE_SUNNY, 200, 50, "6DDD", false},
    {"params-200x50-ascii", SCENE_BIG, 200, 50, "6DDDR", true},
    {"params-40x12", SCENE_SUNNY, 40, 12, "6DDD", false},
    {"params-40x12-ascii", SCENE_SUNNY, 40, 12, "6DDDR", true},
    {"params-one-80x24", SCENE_SUNNY, 80, 24, "6sDDDR", false},
    {"params-folded-80x24", SCENE_SUNNY, 80, 24, "6-DE", false},
    {"params-unfolded-80x24", SCENE_SUNNY, 80, 24, "6-DE+NN", false},
    {"params-vs-14180-120x40", SCENE_SUNNY, 120, 40, "6]]-DDEDDDEDDDDEDDDDDDDDDDDDDDEDDED", false},
    {"params-bms-80x24", SCENE_GENSET, 80, 24, "6]]", false},
    {"params-rcc-80x24", SCENE_SUNNY, 80, 24, "6[DDD", false},
    {"params-24v-80x24", SCENE_FEEDING, 80, 24, "6NDDDDDDDD", false},
    {"params-trouble-80x24", SCENE_TROUBLE, 80, 24, "6DDRR", false},
    {"params-early-80x24", SCENE_EARLY, 80, 24, "6DD", false},
    {"params-typing-80x24", SCENE_SUNNY, 80, 24, "6/batt volt", false},
    {"params-typing-40x12-ascii", SCENE_SUNNY, 40, 12, "6/batt volt", true},
    {"params-found-80x24", SCENE_SUNNY, 80, 24, "6/batt voltEND", false},
    {"params-found-120x40", SCENE_SUNNY, 120, 40, "6/manualE", false},
    {"params-found-none-60x16", SCENE_SUNNY, 60, 16, "6/no such", false},
    {"params-level-80x24", SCENE_SUNNY, 80, 24, "6v", false},
    {"params-question-80x24", SCENE_SUNNY, 80, 24, "6d", false},
    {"params-question-40x12-ascii", SCENE_BIG, 40, 12, "6d", true},
    {"params-reading-80x24", SCENE_SUNNY, 80, 24, "6dy!", false},
    {"params-reading-40x12", SCENE_SUNNY, 40, 12, "6xy!", false},
    {"params-stopped-80x24", SCENE_SUNNY, 80, 24, "6dy!^", false},
    {"params-changed-80x24", SCENE_SUNNY, 80, 24, "6dy!!!D", false},
    {"params-differs-80x24", SCENE_SUNNY, 80, 24, "6xy!!!DRR", false},
    {"params-mine-80x24", SCENE_SUNNY, 80, 24, "6rDR", false},
    {"link-80x24", SCENE_SUNNY, 80, 24, "0", false},
    {"link-140x40", SCENE_TROUBLE, 140, 40, "0", false},
    {"link-40x12-ascii", SCENE_DOWN, 40, 12, "0", true},
    {"help-80x24", SCENE_SUNNY, 80, 24, "?", false},
    {"help-40x12-ascii", SCENE_SUNNY, 40, 12, "?DDD", true},
};
enum { SCREEN_COUNT = sizeof screens / sizeof *screens };

static const char role_letters[ROLE_COUNT] = {
    [ROLE_TEXT] = ' ',    [ROLE_DIM] = '.',   [ROLE_TITLE] = 'T',    [ROLE_HEADING] = 'H',
    [ROLE_VALUE] = 'v',   [ROLE_STALE] = '~', [ROLE_OK] = 'o',       [ROLE_WARNING] = 'w',
    [ROLE_ALARM] = 'A',   [ROLE_SOLAR] = 'S', [ROLE_GRID] = 'G',     [ROLE_LOAD] = 'L',
    [ROLE_BATTERY] = 'B', [ROLE_KEY] = 'K',   [ROLE_KEY_TEXT] = 'k', [ROLE_SELECTED] = '#',
};

static unsigned key_of(char letter)
{
    switch (letter) {
    case 'D':
        return UI_KEY_DOWN;
    case 'U':
        return UI_KEY_UP;
    case 'R':
        return UI_KEY_RIGHT;
    case 'N':
        return UI_KEY_PAGE_DOWN;
    case 'E':
        return UI_KEY_ENTER;
    case 'Z':
        return UI_KEY_END;
    case '^':
        return UI_KEY_ESCAPE;
    default:
        return (unsigned char)letter;
    }
}

static void press(struct ui *ui, struct plant *plant, char letter)
{
    if (letter == '!')
        fixture_answer(plant, 60);
    else
        assert_true(ui_key(ui, key_of(letter)));
}

static void print_roles(const struct canvas *canvas, FILE *out)
{
    for (int y = 0; y < canvas->height; y++) {
        char row[512];
        int end = 0;
        for (int x = 0; x < canvas->width; x++) {
            row[x] = role_letters[canvas->cells[y * canvas->width + x].role];
            if (row[x] != ' ')
                end = x + 1;
        }
        fprintf(out, "%.*s\n", end, row);
    }
}

static void draw_screen(const struct screen *screen, struct canvas *canvas)
{
    struct loop *loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    struct plant *plant = fixture_new(loop, screen->scene);
    const struct ui_options options = {.ascii = screen->ascii, .site = "Chalet Emosson"};
    struct ui *ui = ui_new(loop, plant, &options);

    canvas_init(canvas, screen->width, screen->height, screen->ascii);
    ui_draw(ui, canvas);
    for (const char *key = screen->keys; *key; key++) {
        press(ui, plant, *key);
        ui_draw(ui, canvas);
    }
    ui_draw(ui, canvas); // with what the last one wanted
    ui_free(ui);
    fixture_free(plant);
    loop_free(loop);
}

static char *screen_text(const struct screen *screen)
{
    struct canvas canvas;
    char *text = NULL;
    size_t size = 0;

    draw_screen(screen, &canvas);
    FILE *out = open_memstream(&text, &size);
    canvas_print(&canvas, out);
    fputs("--- roles\n", out);
    print_roles(&canvas, out);
    fclose(out);
    canvas_free(&canvas);
    return text;
}

static char *golden_path(const char *name, char *path, size_t size)
{
    const char *top = getenv("top_srcdir");

    snprintf(path, size, "%s/tests/screen/golden/%s.txt", top ? top : ".", name);
    return path;
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = calloc(1, 1 << 17);

    if (!file)
        return text;
    size_t length = fread(text, 1, (1 << 17) - 1, file);
    text[length] = '\0';
    fclose(file);
    return text;
}

// The lines that differ, as in a diff without context.
static void print_difference(const char *name, const char *wanted, const char *got)
{
    int line = 1;

    printf("--- golden/%s.txt\n+++ as drawn\n", name);
    while (*wanted || *got) {
        size_t a = strcspn(wanted, "\n"), b = strcspn(got, "\n");
        if (a != b || memcmp(wanted, got, a) != 0)
            printf("@@ line %d\n-%.*s\n+%.*s\n", line, (int)a, wanted, (int)b, got);
        wanted += a + (wanted[a] != '\0');
        got += b + (got[b] != '\0');
        line++;
    }
}

static void screens_look_as_they_should(void **state)
{
    unsigned different = 0;
    char path[512];

    (void)state;
    for (size_t i = 0; i < SCREEN_COUNT; i++) {
        char *got = screen_text(&screens[i]);
        golden_path(screens[i].name, path, sizeof path);
        if (getenv("UPDATE_GOLDEN")) {
            FILE *file = fopen(path, "w");
            assert_non_null(file);
            fputs(got, file);
            fclose(file);
        }
        char *wanted = read_file(path);
        if (strcmp(wanted, got) != 0) {
            different++;
            print_difference(screens[i].name, wanted, got);
        }
        free(wanted);
        free(got);
    }
    assert_int_equal(different, 0);
}

// --- What must hold on every screen --------------------------------------------------------------

static const struct cell *cell_at(const struct canvas *canvas, int x, int y)
{
    return &canvas->cells[y * canvas->width + x];
}

// A sign or a word that says what a colour says, in this row or (a paragraph) the one above.
static bool has_sign(const struct canvas *canvas, int y, int role)
{
    for (int x = 0; x < canvas->width; x++) {
        const struct cell *cell = cell_at(canvas, x, y);
        if (cell->role == role && (cell->character == '!' || cell->character == 0x25CB ||
                                   (canvas->ascii && cell->character == 'o')))
            return true;
    }
    return y > 0 && has_sign(canvas, y - 1, role);
}

static void no_alarm_is_told_by_colour_alone(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCREEN_COUNT; i++) {
        struct canvas canvas;
        draw_screen(&screens[i], &canvas);
        for (int y = 0; y < canvas.height; y++)
            for (int x = 0; x < canvas.width; x++) {
                int role = cell_at(&canvas, x, y)->role;
                if ((role == ROLE_ALARM || role == ROLE_WARNING) && !has_sign(&canvas, y, role))
                    fail_msg("%s: row %d has an alarm without a sign", screens[i].name, y);
            }
        canvas_free(&canvas);
    }
}

static void ascii_screens_are_ascii(void **state)
{
    (void)state;
    for (size_t i = 0; i < SCREEN_COUNT; i++) {
        struct screen screen = screens[i];
        struct canvas canvas;
        screen.ascii = true;
        draw_screen(&screen, &canvas);
        for (int c = 0; c < canvas.width * canvas.height; c++) {
            assert_true(canvas.cells[c].character >= ' ' && canvas.cells[c].character < 0x7F);
            // "?" is what is put for a character without a substitute; the key is one, too.
            if (canvas.cells[c].character == '?' && canvas.cells[c].role != ROLE_KEY &&
                canvas.cells[c].role != ROLE_SELECTED)
                fail_msg("%s: a character without a substitute", screen.name);
        }
        canvas_free(&canvas);
    }
}

// Where words and decimal points are; digits and charts (of points, too, in ASCII) are all the
// same.
static void shape_of(const struct canvas *canvas, char *out)
{
    for (int i = 0; i < canvas->width * canvas->height; i++) {
        uint32_t c = canvas->cells[i].character;
        bool letter = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
        bool point = !canvas->ascii && (c == '.' || c == ':');
        out[i] = letter || point ? (char)c : '-';
    }
}

static void nothing_moves_when_values_change(void **state)
{
    static char before[200 * 50], after[200 * 50];

    (void)state;
    for (size_t i = 0; i < SCREEN_COUNT; i++) {
        struct loop *loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
        struct plant *plant = fixture_new(loop, screens[i].scene);
        struct ui *ui = ui_new(loop, plant, &(struct ui_options){.ascii = screens[i].ascii});
        struct canvas canvas;
        size_t cells = (size_t)screens[i].width * (size_t)screens[i].height;
        canvas_init(&canvas, screens[i].width, screens[i].height, screens[i].ascii);
        for (const char *key = screens[i].keys; *key; key++)
            press(ui, plant, *key);
        // What is wanted now is there the next time.
        ui_draw(ui, &canvas);
        ui_draw(ui, &canvas);
        shape_of(&canvas, before);
        for (int n = 0; n < 6; n++) {
            fixture_wiggle(plant);
            ui_draw(ui, &canvas);
            shape_of(&canvas, after);
            if (memcmp(before, after, cells) != 0)
                fail_msg("%s: something moved", screens[i].name);
        }
        canvas_free(&canvas);
        ui_free(ui);
        fixture_free(plant);
        loop_free(loop);
    }
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(screens_look_as_they_should),
        cmocka_unit_test(no_alarm_is_told_by_colour_alone),
        cmocka_unit_test(ascii_screens_are_ascii),
        cmocka_unit_test(nothing_moves_when_values_change),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
