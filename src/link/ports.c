// SPDX-License-Identifier: MIT
#include "link/ports.h"

#include <dirent.h>
#include <errno.h>
#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "link/caniface.h"
#include "link/device.h"
#include "link/holder.h"

// --- Serial ports --------------------------------------------------------------------------------

// libserialport's own list opens some of the ports to see whether they are there; the kernel's
// drivers tell it too.
static int is_serial_port(const struct dirent *entry)
{
    char path[300], type[8] = "1";

    snprintf(path, sizeof path, "/sys/class/tty/%.200s/device", entry->d_name);
    if (access(path, F_OK) < 0)
        return 0;
    snprintf(path, sizeof path, "/dev/%.200s", entry->d_name);
    if (access(path, F_OK) < 0)
        return 0;
    // An 8250 that the kernel has a place for, but hasn't found: its type is 0.
    snprintf(path, sizeof path, "/sys/class/tty/%.200s/type", entry->d_name);
    FILE *file = fopen(path, "re");
    if (file) {
        if (!fgets(type, sizeof type, file))
            type[0] = '0';
        fclose(file);
    }
    return strtol(type, NULL, 10) != 0;
}

static void add_word(char *out, size_t size, size_t *used, const char *word)
{
    char safe[64];

    if (word && word[0])
        text_append(out, size, used, "%s%s", *used ? ", " : "",
                    text_escape(safe, sizeof safe, word));
}

static void describe_serial(const char *device, char *out, size_t size)
{
    struct sp_port *port = NULL;
    size_t used = 0;

    out[0] = '\0';
    if (strncmp(device, "/dev/pts/", 9) == 0) {
        snprintf(out, size, "a pseudo terminal");
        return;
    }
    if (sp_get_port_by_name(device, &port) != SP_OK)
        return;
    if (sp_get_port_transport(port) == SP_TRANSPORT_USB) {
        add_word(out, size, &used, sp_get_port_usb_product(port));
        add_word(out, size, &used, sp_get_port_usb_manufacturer(port));
        add_word(out, size, &used, sp_get_port_usb_serial(port));
    } else {
        const char *description = sp_get_port_description(port); // at worst its name
        if (description && strcmp(description, sp_get_port_name(port) + strlen("/dev/")) != 0)
            add_word(out, size, &used, description);
    }
    sp_free_port(port);
}

static void look_serial(const char *name, struct port *port)
{
    char device[PATH_MAX], holder[64];
    struct stat status;

    if (!realpath(name, device)) {
        port->fault = device_why_not(name, errno, port->why, sizeof port->why);
        return;
    }
    if (stat(device, &status) < 0 || !S_ISCHR(status.st_mode)) {
        port->fault = device_why_not(name, ENOTTY, port->why, sizeof port->why);
        return;
    }
    describe_serial(device, port->about, sizeof port->about);
    // A pseudo terminal's other end may well hold this one open too.
    if (access(device, R_OK | W_OK) < 0) {
        port->fault = device_why_not(name, errno, port->why, sizeof port->why);
    } else if (strncmp(device, "/dev/pts/", 9) != 0 &&
               holder_of_file(device, holder, sizeof holder)) {
        port->fault = LINK_FAULT_IN_USE;
        port->by_xcomtop = holder_is_xcomtop(holder);
        snprintf(port->why, sizeof port->why, "%.160s is in use by %s: %s", name, holder,
                 holder_advice(holder));
    }
}

// --- CAN interfaces ------------------------------------------------------------------------------

static void describe_can(const struct caniface *iface, char *out, size_t size)
{
    size_t used = 0;

    text_append(out, size, &used, "%s", iface->up ? "up" : "down");
    if (!iface->controller)
        text_append(out, size, &used, ", virtual");
    if (iface->up && iface->bitrate)
        text_append(out, size, &used, " at %u bit/s", iface->bitrate);
    if (iface->up && iface->state != BUS_UNKNOWN)
        text_append(out, size, &used, ", bus %s", link_bus_state_name(iface->state));
    if (iface->up && iface->receive_errors > 0)
        text_append(out, size, &used, ", %d receive errors", iface->receive_errors);
    if (iface->listen_only)
        text_append(out, size, &used, ", listens only");
}

static void look_can(const char *name, unsigned bitrate, struct port *port)
{
    struct caniface iface;
    enum xc_status status = caniface_read(name, &iface);

    if (status != XC_OK) {
        port->fault = status == XC_NOT_FOUND ? LINK_FAULT_MISSING : LINK_FAULT_OTHER;
        snprintf(port->why, sizeof port->why, "%.60s: %s", name,
                 status == XC_NOT_FOUND ? "no such interface" : strerror(errno));
        return;
    }
    describe_can(&iface, port->about, sizeof port->about);
    port->fault = caniface_fault(&iface, bitrate);
    // It would start one that is down: without a bit rate it only tells.
    if (port->fault != LINK_FAULT_NONE)
        caniface_prepare(name, iface.up ? bitrate : 0, &iface, port->why, sizeof port->why);
}

// --- Both ----------------------------------------------------------------------------------------

void ports_look(enum port_kind kind, const char *name, unsigned bitrate, struct port *port)
{
    *port = (struct port){.kind = kind};
    snprintf(port->name, sizeof port->name, "%s", name);
    if (kind == PORT_SERIAL)
        look_serial(name, port);
    else
        look_can(name, bitrate, port);
}

static size_t list_serial(struct port *ports, size_t max)
{
    struct dirent **entries;
    int count = scandir("/sys/class/tty", &entries, is_serial_port, versionsort);
    size_t listed = 0;
    char path[LINK_HOST_MAX];

    if (count < 0)
        return 0;
    for (int i = 0; i < count; i++) {
        snprintf(path, sizeof path, "/dev/%.200s", entries[i]->d_name);
        if (listed < max)
            ports_look(PORT_SERIAL, path, 0, &ports[listed++]);
        free(entries[i]);
    }
    free(entries);
    return listed;
}

static int compare_names(const void *a, const void *b)
{
    const struct port *one = a, *other = b;
    return strverscmp(one->name, other->name);
}

size_t ports_list(struct port *ports, size_t max)
{
    size_t serial = list_serial(ports, max), count = serial;
    char list[1024], *rest = list, *name;

    caniface_list(list, sizeof list);
    while ((name = strsep(&rest, ", ")) != NULL)
        if (name[0] && count < max)
            ports_look(PORT_CAN, name, 0, &ports[count++]);
    qsort(ports + serial, count - serial, sizeof *ports, compare_names);
    return count;
}
