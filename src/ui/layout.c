// SPDX-License-Identifier: MIT
#include "ui/layout.h"

static int smaller(int a, int b)
{
    return a < b ? a : b;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

// Takes rows from the top of what is left.
static struct rect take_rows(struct rect *left, int rows)
{
    rows = larger(0, smaller(rows, left->height));
    struct rect taken = {left->x, left->y, left->width, rows};
    left->y += rows;
    left->height -= rows;
    return taken;
}

struct frame_layout layout_frame(int width, int height)
{
    struct frame_layout frame = {.too_small =
                                     width < LAYOUT_MIN_WIDTH || height < LAYOUT_MIN_HEIGHT};
    if (frame.too_small)
        return frame;
    frame.title = (struct rect){0, 0, width, 1};
    frame.body = (struct rect){0, 1, width, height - 2};
    frame.keys = (struct rect){0, height - 1, width, 1};
    return frame;
}

enum {
    BOXES_MIN_WIDTH = 78,
    BOXES_MIN_BODY = 20,
    UPPER_BOX = 5, // rows: borders and three lines
    LOWER_BOX = 6,
    SIDE_MIN_WIDTH = 160, // from here messages have their own column
    MESSAGES_MIN = 3,
    MESSAGES_GOOD = 7,
    TRENDS_MIN = 7,
    TRENDS_MAX = 16,
    TRENDS_MAX_BESIDE = 20, // where messages have their own column
    TREND_WIDTH = 26,
    PIN_WIDTH = 39, // about half of a terminal
    PINS_FROM = 8,  // rows besides the energy
    PIN_TITLE_FROM = 20,
};

static void place_boxes(struct overview_layout *layout, struct rect area)
{
    // The five boxes in two rows: grid, inverters, loads; solar, battery. The wires have the
    // space between the upper three, and between the lower two.
    int extra = area.width - BOXES_MIN_WIDTH;
    int side = smaller(22 + extra * 3 / 10, 38), right = smaller(26 + extra * 3 / 10, 42);
    int middle = smaller(20 + extra * 2 / 10, 32);
    int right_x = area.x + area.width - right - 1;
    int middle_x = area.x + 1 + side + (right_x - area.x - 1 - side - middle) / 2;
    int lower_y = area.y + UPPER_BOX;

    layout->boxes = true;
    layout->grid = (struct rect){area.x + 1, area.y, side, UPPER_BOX};
    layout->inverters = (struct rect){middle_x, area.y, middle, UPPER_BOX};
    layout->loads = (struct rect){right_x, area.y, right, UPPER_BOX};
    layout->solar = (struct rect){area.x + 1, lower_y, side, LOWER_BOX};
    layout->battery = (struct rect){right_x, lower_y, right, LOWER_BOX};
    int wires_x = area.x + 1 + side;
    layout->wires = (struct rect){wires_x, lower_y, right_x - wires_x, 3};
    layout->health = (struct rect){wires_x + 2, lower_y + 3, right_x - wires_x - 4, 3};
}

// Pinned values: more of them where there is more room, none where devices and messages need it.
static void place_pins(struct overview_layout *layout, struct rect *left, int pins)
{
    layout->pin_columns = larger(1, left->width / PIN_WIDTH);
    int wanted = (pins + layout->pin_columns - 1) / layout->pin_columns;
    int rows = left->height < PINS_FROM ? 0 : smaller(wanted, left->height / 5);

    layout->pin_title = rows > 0 && left->height >= PIN_TITLE_FROM;
    layout->pins = take_rows(left, rows + layout->pin_title);
}

struct overview_layout layout_overview(struct rect body, int device_rows, int pins)
{
    struct overview_layout layout = {0};
    struct rect left = body;

    if (body.width >= SIDE_MIN_WIDTH) {
        int side = smaller(body.width * 3 / 10, 76);
        layout.messages = (struct rect){body.x + body.width - side, body.y, side, body.height};
        left.width -= side + 1;
    }
    if (left.width >= BOXES_MIN_WIDTH && left.height >= BOXES_MIN_BODY) {
        place_boxes(&layout, take_rows(&left, UPPER_BOX + LOWER_BOX));
    } else {
        layout.grid = take_rows(&left, 1);
        layout.solar = take_rows(&left, 1);
        layout.loads = take_rows(&left, 1);
        layout.battery = take_rows(&left, 1);
        layout.health = take_rows(&left, 1);
    }

    place_pins(&layout, &left, pins);

    // Devices first, but never without the newest messages; what is left makes messages, then
    // trends, comfortable.
    bool side_messages = layout.messages.width > 0;
    int messages = side_messages ? 0 : left.height < 7 ? 1 : left.height < 10 ? 2 : MESSAGES_MIN;
    int devices = larger(0, smaller(device_rows, left.height - messages));
    int spare = larger(0, left.height - messages - devices);
    if (!side_messages) {
        int more = smaller(spare, MESSAGES_GOOD - messages);
        messages += larger(0, more);
        spare -= larger(0, more);
    }
    int highest = side_messages ? TRENDS_MAX_BESIDE : TRENDS_MAX;
    int trends = spare >= TRENDS_MIN ? smaller(spare, highest) : 0;
    spare -= trends;
    if (side_messages)
        devices += trends ? 0 : spare;
    else
        messages += spare;
    layout.devices = take_rows(&left, devices);
    layout.trends = take_rows(&left, trends);
    if (trends)
        layout.trend_count = (unsigned)larger(1, smaller(4, left.width / TREND_WIDTH));
    if (!side_messages)
        layout.messages = take_rows(&left, messages);
    return layout;
}

struct family_layout layout_family(struct rect body, int devices, bool all)
{
    struct family_layout layout = {0};
    struct rect left = body;

    layout.header = take_rows(&left, 1);
    layout.rows = (struct rect){left.x, left.y, left.width, left.height - 1};
    layout.detail = (struct rect){left.x, left.y + left.height - 1, left.width, 1};

    layout.column_width = body.width < 60 ? 9 : 10;
    layout.unit_width = body.width < 60 ? 4 : 5;
    layout.all_width = all && body.width >= 60 ? 13 : 0;
    // Names get what they need as long as one device has room; from then on devices do.
    int rest = body.width - layout.unit_width - layout.all_width;
    int label = smaller(44, rest - layout.column_width * smaller(devices, 3));
    layout.label_width = larger(label, smaller(20, rest - layout.column_width));
    rest -= layout.label_width;
    layout.columns = larger(0, smaller(devices, rest / layout.column_width));
    rest -= layout.columns * layout.column_width;
    if (rest >= 10 && layout.columns == devices) {
        layout.trend_width = smaller(rest - 3, 60);
        layout.trend_x = body.x + body.width - rest + 2;
    }
    return layout;
}

enum { GRAPH_HEADING_FROM = 16, GRAPH_VALUES_MIN = 2 };

struct graph_layout layout_graph(struct rect body, int values)
{
    struct graph_layout layout = {0};
    struct rect left = body;
    int heading = body.height >= GRAPH_HEADING_FROM;
    int most = larger(GRAPH_VALUES_MIN, body.height / 4);

    layout.header = take_rows(&left, 1);
    values = smaller(values, most);
    layout.plot = take_rows(&left, left.height - heading - values);
    layout.heading = take_rows(&left, heading);
    layout.values = left;
    return layout;
}

enum {
    PARAMETERS_DETAIL_FROM = 18, // rows of the body, for a detail of more than one line
    PARAMETERS_WIDE_FROM = 110,
    PARAMETERS_BESIDE_FROM = 150,
    PARAMETERS_LABEL_MIN = 40,
    PARAMETERS_LABEL_MAX = 72,
    PARAMETERS_SIDE_MAX = 64,
};

// Takes columns from what is left of a row, if there is that much.
static int take_columns(int *left, int width)
{
    if (*left < width)
        return 0;
    *left -= width;
    return width;
}

struct parameters_layout layout_parameters(struct rect body, int devices, bool bar)
{
    struct parameters_layout layout = {.beside = body.width >= PARAMETERS_BESIDE_FROM};
    struct rect left = body;
    bool high = body.height >= PARAMETERS_DETAIL_FROM;
    int detail = high ? larger(6, smaller(body.height * 3 / 10, 12)) : 1;

    if (layout.beside) {
        int side = smaller(body.width * 3 / 10, PARAMETERS_SIDE_MAX);
        layout.detail = (struct rect){body.x + body.width - side, body.y, side, body.height};
        left.width -= side + 1;
        detail = 0;
    }
    layout.header = take_rows(&left, 1);
    layout.rows = take_rows(&left, left.height - detail - (high || bar));
    layout.bar = take_rows(&left, high || bar);
    if (!layout.beside)
        layout.detail = left;

    // A device, its unit, up to three devices, the default, the level, more devices, longer names.
    bool narrow = left.width < 60;
    int label = narrow ? 26 : PARAMETERS_LABEL_MIN;
    layout.unit_width = narrow ? 0 : 7;
    layout.column_width = devices > 1 || narrow ? body.width < PARAMETERS_WIDE_FROM ? 10 : 12
                          : left.width < 100    ? 13
                                                : 21;
    int rest = left.width - layout.unit_width - layout.column_width - label;
    layout.columns = 1;
    while (layout.columns < smaller(devices, 3) && take_columns(&rest, layout.column_width))
        layout.columns++;
    layout.factory_width =
        narrow ? 0 : take_columns(&rest, body.width < PARAMETERS_WIDE_FROM ? 9 : 11);
    layout.level_width = layout.factory_width ? take_columns(&rest, 10) : 0;
    while (layout.columns < devices && take_columns(&rest, layout.column_width))
        layout.columns++;
    rest += label;
    layout.label_width = narrow ? rest : smaller(rest, PARAMETERS_LABEL_MAX);
    return layout;
}
