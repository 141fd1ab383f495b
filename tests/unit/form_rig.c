// SPDX-License-Identifier: MIT
#include "form_rig.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

int form_rig_open(void **state)
{
    struct world *world = calloc(1, sizeof *world);

    fixture_edits_reset();
    world->loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    world->plant = fixture_new(world->loop, SCENE_SUNNY);
    world->ui = ui_new(world->loop, world->plant, &(struct ui_options){.site = "test"});
    canvas_init(&world->canvas, 80, 24, false);
    ui_draw(world->ui, &world->canvas);
    *state = world;
    return 0;
}

int form_rig_close(void **state)
{
    struct world *world = *state;

    canvas_free(&world->canvas);
    ui_free(world->ui);
    fixture_free(world->plant);
    loop_free(world->loop);
    free(world);
    // Whatever has been opened has been closed.
    if (fixture_edits.refused == XC_OK)
        assert_int_equal(fixture_edits.opened, fixture_edits.closed);
    return 0;
}

void open_form(struct world *world, const char *device, unsigned id)
{
    struct target target;

    assert_int_equal(target_parse(device, &target), XC_OK);
    form_open(world->ui, &target, catalogue_find(target.family, id));
    ui_draw(world->ui, &world->canvas);
}

void press(struct world *world, unsigned key)
{
    // No key of a form ends the program.
    assert_true(ui_key(world->ui, key));
    ui_draw(world->ui, &world->canvas);
}

void press_all(struct world *world, const char *keys)
{
    static const struct {
        char letter;
        unsigned key;
    } letters[] = {
        {'D', UI_KEY_DOWN}, {'U', UI_KEY_UP},     {'L', UI_KEY_LEFT},      {'R', UI_KEY_RIGHT},
        {'T', UI_KEY_TAB},  {'E', UI_KEY_ENTER},  {'B', UI_KEY_BACKSPACE}, {'H', UI_KEY_HOME},
        {'Z', UI_KEY_END},  {'X', UI_KEY_ESCAPE}, {'N', UI_KEY_PAGE_DOWN},
    };

    for (; *keys; keys++) {
        unsigned key = (unsigned char)*keys;
        for (size_t i = 0; i < sizeof letters / sizeof *letters; i++)
            if (letters[i].letter == *keys)
                key = letters[i].key;
        press(world, key);
    }
}

void resize(struct world *world, int width, int height)
{
    canvas_free(&world->canvas);
    canvas_init(&world->canvas, width, height, false);
    ui_draw(world->ui, &world->canvas);
}

bool shows(const struct world *world, const char *text)
{
    char row[512];

    for (int y = 0; y < world->canvas.height; y++) {
        size_t used = 0;
        for (int x = 0; x < world->canvas.width; x++) {
            uint32_t c = world->canvas.cells[y * world->canvas.width + x].character;
            row[used++] = c < 0x80 ? (char)c : '#';
        }
        row[used] = '\0';
        if (strstr(row, text))
            return true;
    }
    return false;
}

void confirm(struct world *world)
{
    press(world, UI_KEY_ENTER);
    assert_int_equal(world->ui->form->page, FORM_CONFIRM);
    if (world->ui->form->verdict.word) {
        press_all(world, world->ui->form->verdict.word);
        press(world, UI_KEY_ENTER);
    } else {
        press(world, 'y');
    }
}
