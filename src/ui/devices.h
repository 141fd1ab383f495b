// SPDX-License-Identifier: MIT
// The overview's list of devices: a line each, in tables by kind. Inside of src/ui.
#ifndef XC_UI_DEVICES_H
#define XC_UI_DEVICES_H

#include "ui/view.h"

// Rows it would like, headings included.
int devices_rows(const struct ui *ui);
void devices_draw(struct ui *ui, struct canvas *canvas, struct rect area);
// Shows the selected device's family, with the device selected.
void devices_open(struct ui *ui);
// Opens the list of its table's columns.
void devices_columns(struct ui *ui);
// Makes the selected device flash.
void devices_identify(struct ui *ui);
// The selected device's power into the graphs, or out.
void devices_graph(struct ui *ui);

// What is wrong with a device, in two or three words; NULL if nothing is. Severe ones are alarms.
struct device_trouble {
    const char *what; // "off", "gone", "transformer hot" …; an option's label for errors
    bool severe;
    bool unknown; // nothing is wrong so far, but not everything has been read
};
struct device_trouble devices_trouble(struct ui *ui, const struct plant_device *device);

#endif
