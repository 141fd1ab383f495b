// SPDX-License-Identifier: MIT
#include "gallery.h"

#include "fixture_edit.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

static const char role_letters[ROLE_COUNT] = {
    [ROLE_TEXT] = ' ',    [ROLE_DIM] = '.',    [ROLE_TITLE] = 'T',    [ROLE_HEADING] = 'H',
    [ROLE_VALUE] = 'v',   [ROLE_STALE] = '~',  [ROLE_OK] = 'o',       [ROLE_WARNING] = 'w',
    [ROLE_ALARM] = 'A',   [ROLE_SOLAR] = 'S',  [ROLE_GRID] = 'G',     [ROLE_LOAD] = 'L',
    [ROLE_BATTERY] = 'B', [ROLE_KEY] = 'K',    [ROLE_KEY_TEXT] = 'k', [ROLE_SELECTED] = '#',
    [ROLE_LINE_1] = '1',  [ROLE_LINE_2] = '2', [ROLE_LINE_3] = '3',   [ROLE_LINE_4] = '4',
    [ROLE_LINE_5] = '5',  [ROLE_LINE_6] = '6',
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
    case 'T':
        return UI_KEY_TAB;
    case '@':
        return '*'; // which is a step of a plan
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
    else if (letter == '*')
        fixture_batch_step();
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

static void draw_screen(const struct gallery *gallery, size_t i, bool ascii, struct canvas *canvas)
{
    const struct screen *screen = gallery->at(i);
    struct loop *loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    struct plant *plant = fixture_new(loop, screen->scene);
    const struct ui_options options = {
        .ascii = ascii, .site = "Chalet Emosson", .datalog = fixture_datalog(screen->scene)};
    struct ui *ui = ui_new(loop, plant, &options);

    canvas_init(canvas, screen->width, screen->height, ascii);
    if (gallery->prepare)
        gallery->prepare(i, ui);
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

static char *screen_text(const struct gallery *gallery, size_t i)
{
    struct canvas canvas;
    char *text = NULL;
    size_t size = 0;

    draw_screen(gallery, i, gallery->at(i)->ascii, &canvas);
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

static void they_look_as_they_should(void **state)
{
    const struct gallery *gallery = *state;

    unsigned different = 0;
    char path[512];

    for (size_t i = 0; i < gallery->count; i++) {
        const struct screen *screen = gallery->at(i);
        char *got = screen_text(gallery, i);
        golden_path(screen->name, path, sizeof path);
        if (getenv("UPDATE_GOLDEN")) {
            FILE *file = fopen(path, "w");
            assert_non_null(file);
            fputs(got, file);
            fclose(file);
        }
        char *wanted = read_file(path);
        if (strcmp(wanted, got) != 0) {
            different++;
            print_difference(screen->name, wanted, got);
        }
        free(wanted);
        free(got);
    }
    assert_int_equal(different, 0);
}

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
    const struct gallery *gallery = *state;

    for (size_t i = 0; i < gallery->count; i++) {
        const struct screen *screen = gallery->at(i);
        struct canvas canvas;
        draw_screen(gallery, i, screen->ascii, &canvas);
        for (int y = 0; y < canvas.height; y++)
            for (int x = 0; x < canvas.width; x++) {
                int role = cell_at(&canvas, x, y)->role;
                if ((role == ROLE_ALARM || role == ROLE_WARNING) && !has_sign(&canvas, y, role))
                    fail_msg("%s: row %d has an alarm without a sign", screen->name, y);
            }
        canvas_free(&canvas);
    }
}

static void ascii_is_ascii(void **state)
{
    const struct gallery *gallery = *state;

    for (size_t i = 0; i < gallery->count; i++) {
        struct canvas canvas;
        draw_screen(gallery, i, true, &canvas);
        for (int c = 0; c < canvas.width * canvas.height; c++) {
            assert_true(canvas.cells[c].character >= ' ' && canvas.cells[c].character < 0x7F);
            // "?" is what is put for a character without a substitute; the key is one, too.
            if (canvas.cells[c].character == '?' && canvas.cells[c].role != ROLE_KEY &&
                canvas.cells[c].role != ROLE_SELECTED)
                fail_msg("%s: a character without a substitute", gallery->at(i)->name);
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
    const struct gallery *gallery = *state;

    static char before[200 * 50], after[200 * 50];

    for (size_t i = 0; i < gallery->count; i++) {
        const struct screen *screen = gallery->at(i);
        struct loop *loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
        struct plant *plant = fixture_new(loop, screen->scene);
        struct ui *ui = ui_new(loop, plant,
                               &(struct ui_options){.ascii = screen->ascii,
                                                    .datalog = fixture_datalog(screen->scene)});
        struct canvas canvas;
        size_t cells = (size_t)screen->width * (size_t)screen->height;
        canvas_init(&canvas, screen->width, screen->height, screen->ascii);
        if (gallery->prepare)
            gallery->prepare(i, ui);
        for (const char *key = screen->keys; *key; key++)
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
                fail_msg("%s: something moved", screen->name);
        }
        canvas_free(&canvas);
        ui_free(ui);
        fixture_free(plant);
        loop_free(loop);
    }
}

int gallery_run(const struct gallery *gallery)
{
    void *state = (void *)(uintptr_t)gallery;
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_prestate(they_look_as_they_should, state),
        cmocka_unit_test_prestate(no_alarm_is_told_by_colour_alone, state),
        cmocka_unit_test_prestate(ascii_is_ascii, state),
        cmocka_unit_test_prestate(nothing_moves_when_values_change, state),
    };

    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
