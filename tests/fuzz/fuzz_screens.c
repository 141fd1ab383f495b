// SPDX-License-Identifier: MIT
// Keys, in any order, on the screens of an installation that stands still. The first bytes choose
// the installation, the size and the view; of the others those below 0x80 are characters, those
// above other keys and what comes meanwhile.
#include <locale.h>
#include <stdlib.h>

#include "../screen/fixture_edit.h"
#include "../screen/fixture_plant.h"
#include "base/text.h"
#include "fuzz.h"
#include "ui/ui.h"

const char fuzz_name[] = "screens";

enum { KEYS_MAX = 64, OTHER_KEYS = 0x80, MORE_CHARACTERS = 0xC0, HAPPENINGS = 0xE0 };

static const struct {
    uint8_t width, height;
} sizes[] = {{80, 24}, {120, 40}, {40, 12}, {60, 16}, {200, 50}, {39, 11}, {1, 1}, {80, 12}};

static void check_canvas(const struct canvas *canvas)
{
    for (int i = 0; i < canvas->width * canvas->height; i++) {
        const struct cell *cell = &canvas->cells[i];
        must(cell->role < ROLE_COUNT);
        must(cell->character == 0 || !text_is_control(cell->character));
        must(!canvas->ascii || (cell->character >= ' ' && cell->character < 0x7F));
    }
}

static bool edit_is(enum edit_state state)
{
    return fixture_edits.edit && edit_state(fixture_edits.edit) == state;
}

static void happen(struct plant *plant, struct ui *ui, unsigned what)
{
    switch (what) {
    case 0:
        fixture_answer(plant, 60);
        break;
    case 1:
        fixture_wiggle(plant);
        break;
    case 2:
        fixture_batch_step();
        break;
    case 3:
        (void)ui_complete(ui);
        break;
    case 4:
        fixture_edits.state = EDIT_READING; // of forms that are opened from now on
        break;
    case 5:
        if (edit_is(EDIT_READING))
            fixture_edit_becomes(EDIT_READY, "");
        break;
    case 6:
        if (edit_is(EDIT_READING))
            fixture_edit_becomes(EDIT_FAILED, "the device doesn't answer");
        break;
    default:
        if (edit_is(EDIT_WRITING))
            fixture_edit_becomes(EDIT_DONE, "written");
        break;
    }
}

// False when the program would have ended.
static bool take(struct plant *plant, struct ui *ui, uint8_t byte)
{
    static const uint32_t characters[] = {0xE9, 0xB0, 0x20AC, 0x301, 0x65E5, 0x1F50B, 0x9B, 0x202E};

    if (byte < OTHER_KEYS)
        return ui_key(ui, byte);
    if (byte < MORE_CHARACTERS)
        return ui_key(ui,
                      UI_KEY_UP + (unsigned)(byte - OTHER_KEYS) % (UI_KEY_DELETE - UI_KEY_UP + 1));
    if (byte < HAPPENINGS)
        return ui_key(ui, characters[byte % (sizeof characters / sizeof *characters)]);
    happen(plant, ui, byte - HAPPENINGS);
    return true;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    enum scene scene = (enum scene)fuzz_choice(&input, SCENE_COUNT);
    unsigned size = fuzz_byte(&input);
    bool ascii = size & 0x80;
    struct canvas canvas;

    setlocale(LC_CTYPE, "C.UTF-8");
    setenv("TZ", "UTC", 1);
    size %= sizeof sizes / sizeof *sizes;
    struct loop *loop = loop_new_virtual(FIXTURE_NOW, fixture_wall);
    struct plant *plant = fixture_new(loop, scene);
    const struct ui_options options = {.ascii = ascii, .site = "Chalet Emosson"};
    struct ui *ui = ui_new(loop, plant, &options);

    fixture_edits_reset();
    canvas_init(&canvas, sizes[size].width, sizes[size].height, ascii);
    ui_show(ui, (enum view_id)fuzz_choice(&input, VIEW_COUNT));
    ui_draw(ui, &canvas);
    for (unsigned keys = 0; keys < KEYS_MAX && input.length > 0; keys++) {
        if (!take(plant, ui, fuzz_byte(&input)))
            break;
        ui_draw(ui, &canvas);
        check_canvas(&canvas);
    }
    canvas_free(&canvas);
    ui_free(ui);
    must(!fixture_edits.edit && !fixture_edits.batch);
    fixture_free(plant);
    loop_free(loop);
    return 0;
}
