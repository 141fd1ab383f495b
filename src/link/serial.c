// SPDX-License-Identifier: MIT
// A serial line to an Xcom-232i: 8 data bits, 1 stop bit, no flow control. libserialport sets real
// ports; it refuses pseudo terminals (no entry in /sys/class/tty), which are opened plainly.
#include <errno.h>
#include <fcntl.h>
#include <libserialport.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "link/device.h"
#include "link/holder.h"
#include "link/stream.h"

enum { VARIANTS_MAX = 4 };

struct serial {
    struct loop *loop;
    struct link *link;
    const struct link_spec *spec;
    char variant_names[VARIANTS_MAX][24];
    char device[PATH_MAX]; // the path without symbolic links, as opened last
    bool is_pts;
    int lock; // holds the lock; a pseudo terminal's only descriptor; -1: not open
    struct sp_port *port;
    struct stream stream;
    unsigned baud;
    enum link_parity parity;
    enum link_fault fault; // of what has just failed
};

static bool resolves_to_pts(const char *path, char device[PATH_MAX])
{
    return realpath(path, device) && strncmp(device, "/dev/pts/", 9) == 0;
}

// --- Settings ------------------------------------------------------------------------------------

// What the Xcom-232i and Xcom-LAN are found set to, likeliest first: parity changes fastest. Only
// what wasn't given varies.
static unsigned choose(const struct link_spec *spec, unsigned variant, unsigned *baud,
                       enum link_parity *parity)
{
    static const unsigned bauds[] = {38400, 115200};
    static const enum link_parity parities[] = {PARITY_EVEN, PARITY_NONE};
    unsigned parity_count = spec->parity == PARITY_UNSET ? 2 : 1;
    unsigned baud_count = spec->baud == 0 ? 2 : 1;

    *baud = spec->baud ? spec->baud : bauds[variant / parity_count % baud_count];
    *parity = spec->parity != PARITY_UNSET ? spec->parity : parities[variant % parity_count];
    return parity_count * baud_count;
}

static char letter(enum link_parity parity)
{
    return parity == PARITY_EVEN ? 'E' : parity == PARITY_ODD ? 'O' : 'N';
}

static unsigned serial_variants(const void *self)
{
    const struct serial *serial = self;
    char device[PATH_MAX];
    unsigned baud;
    enum link_parity parity;

    // They are all the same to a pseudo terminal.
    if (resolves_to_pts(serial->spec->path, device))
        return 1;
    return choose(serial->spec, 0, &baud, &parity);
}

static const char *serial_variant_name(const void *self, unsigned variant)
{
    const struct serial *serial = self;
    char device[PATH_MAX];

    if (variant >= VARIANTS_MAX || resolves_to_pts(serial->spec->path, device))
        return "";
    return serial->variant_names[variant];
}

// Sets a real port; false, with why not, when it can't be set so.
static bool set_port(struct serial *serial, char *why, size_t size)
{
    static const enum sp_parity parities[] = {[PARITY_NONE] = SP_PARITY_NONE,
                                              [PARITY_EVEN] = SP_PARITY_EVEN,
                                              [PARITY_ODD] = SP_PARITY_ODD};
    struct sp_port_config *wanted = NULL, *found = NULL;
    enum sp_parity parity = SP_PARITY_INVALID;
    int baud = 0;
    bool done = false;

    if (sp_new_config(&wanted) != SP_OK || sp_new_config(&found) != SP_OK)
        goto out;
    // DTR and RTS stay as the kernel leaves them.
    sp_set_config_baudrate(wanted, (int)serial->baud);
    sp_set_config_bits(wanted, 8);
    sp_set_config_parity(wanted, parities[serial->parity]);
    sp_set_config_stopbits(wanted, 1);
    sp_set_config_flowcontrol(wanted, SP_FLOWCONTROL_NONE);
    if (sp_set_config(serial->port, wanted) != SP_OK)
        goto out;
    // A driver leaves out silently what its adapter can't do.
    done = sp_get_config(serial->port, found) == SP_OK &&
           sp_get_config_baudrate(found, &baud) == SP_OK &&
           sp_get_config_parity(found, &parity) == SP_OK && baud == (int)serial->baud &&
           parity == parities[serial->parity];
out:
    if (!done) {
        serial->fault = LINK_FAULT_SETTINGS;
        snprintf(why, size, "%.200s can't be set to %u 8%c1: choose another baud rate or parity",
                 serial->spec->path, serial->baud, letter(serial->parity));
    }
    sp_free_config(wanted);
    sp_free_config(found);
    return done;
}

// A read without bytes waits (EAGAIN): 0 then means that the line is gone.
static bool set_raw(int descriptor, bool whole)
{
    struct termios settings;

    if (tcgetattr(descriptor, &settings) < 0)
        return false;
    if (whole) {
        cfmakeraw(&settings);
        settings.c_cflag |= CLOCAL | CREAD;
    }
    settings.c_cc[VMIN] = 1;
    settings.c_cc[VTIME] = 0;
    return tcsetattr(descriptor, TCSANOW, &settings) == 0;
}

// --- Why not, in words ---------------------------------------------------------------------------

static void say_in_use(struct serial *serial, char *why, size_t size)
{
    char holder[64];

    serial->fault = LINK_FAULT_IN_USE;
    if (!holder_of_file(serial->device, holder, sizeof holder))
        snprintf(holder, sizeof holder, "another program");
    snprintf(why, size, "%.160s is in use by %s: %s", serial->spec->path, holder,
             holder_advice(holder));
}

// --- Opening and closing -------------------------------------------------------------------------

static void serial_close(void *self)
{
    struct serial *serial = self;
    int descriptor = stream_detach(&serial->stream);

    // What is left unsent would make close() wait for it.
    if (descriptor >= 0)
        (void)tcflush(descriptor, serial->spec->finish_output ? TCIFLUSH : TCIOFLUSH);
    if (serial->port) {
        sp_close(serial->port);
        sp_free_port(serial->port);
    }
    serial->port = NULL;
    if (serial->lock >= 0)
        close(serial->lock);
    serial->lock = -1;
}

// Opens the device and takes it for us alone. False, with why not, when it can't be had.
static bool take_device(struct serial *serial, char *why, size_t size)
{
    const char *path = serial->spec->path;
    struct termios settings;
    char holder[64];

    if (!realpath(path, serial->device)) {
        serial->fault = device_why_not(path, errno, why, size);
        return false;
    }
    serial->is_pts = resolves_to_pts(path, serial->device);
    serial->lock = open(serial->device, O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
    if (serial->lock < 0 && errno == EBUSY) {
        say_in_use(serial, why, size);
        return false;
    }
    if (serial->lock < 0 || tcgetattr(serial->lock, &settings) < 0) {
        serial->fault = device_why_not(path, errno, why, size);
        return false;
    }
    if (flock(serial->lock, LOCK_EX | LOCK_NB) < 0) {
        say_in_use(serial, why, size);
        return false;
    }
    // Many programs don't lock. A pseudo terminal's other end may well hold this one open too.
    if (!serial->is_pts && holder_of_file(serial->device, holder, sizeof holder)) {
        say_in_use(serial, why, size);
        return false;
    }
    return true;
}

// libserialport's descriptor of a port taken; -1, with why not, when it can't be had.
static int open_port(struct serial *serial, char *why, size_t size)
{
    int descriptor = -1;

    if (sp_get_port_by_name(serial->device, &serial->port) != SP_OK) {
        serial->port = NULL;
        serial->fault = device_why_not(serial->spec->path, ENOTTY, why, size);
        return -1;
    }
    if (sp_open(serial->port, SP_MODE_READ_WRITE) != SP_OK ||
        sp_get_port_handle(serial->port, &descriptor) != SP_OK) {
        serial->fault = device_why_not(serial->spec->path, sp_last_error_code(), why, size);
        return -1;
    }
    // Programs that don't lock are kept out too, unless they are root's.
    (void)ioctl(descriptor, TIOCEXCL);
    (void)fcntl(descriptor, F_SETFD, FD_CLOEXEC);
    return descriptor;
}

static void lost(void *arg, int error)
{
    struct serial *serial = arg;
    const char *path = serial->spec->path;
    char why[LINK_TEXT_MAX];

    serial_close(serial);
    if (serial->is_pts)
        snprintf(why, sizeof why, "%.200s: the program at the other end is gone", path);
    else if (error == 0 || error == EIO || error == ENXIO || error == ENODEV)
        snprintf(why, sizeof why, "%.200s has vanished: is the adapter plugged in?", path);
    else
        snprintf(why, sizeof why, "%.200s: %s", path, strerror(error));
    link_backend_failed(serial->link, LINK_FAULT_LOST, why);
}

static bool open_line(struct serial *serial, char *why, size_t size)
{
    int descriptor;

    if (!take_device(serial, why, size))
        return false;
    descriptor = serial->is_pts ? serial->lock : open_port(serial, why, size);
    if (descriptor < 0)
        return false;
    stream_attach(&serial->stream, descriptor);
    if (!set_raw(descriptor, serial->is_pts)) {
        serial->fault = device_why_not(serial->spec->path, errno, why, size);
        return false;
    }
    return true;
}

static void serial_open(void *self, unsigned variant)
{
    struct serial *serial = self;
    const char *path = serial->spec->path;
    char why[LINK_TEXT_MAX];

    choose(serial->spec, variant, &serial->baud, &serial->parity);
    if ((serial->stream.descriptor < 0 && !open_line(serial, why, sizeof why)) ||
        (!serial->is_pts && !set_port(serial, why, sizeof why))) {
        serial_close(serial);
        link_backend_failed(serial->link, serial->fault, why);
        return;
    }
    // What came before, at another setting perhaps, is nothing to us.
    (void)tcflush(serial->stream.descriptor, TCIOFLUSH);
    if (serial->is_pts)
        snprintf(why, sizeof why, "%.200s is open", path);
    else
        snprintf(why, sizeof why, "%.200s is open at %u 8%c1", path, serial->baud,
                 letter(serial->parity));
    link_backend_state(serial->link, LINK_UP, why);
}

static void *serial_create(struct loop *loop, struct link *link, const struct link_spec *spec)
{
    struct serial *serial = xcalloc(1, sizeof *serial);
    unsigned baud;
    enum link_parity parity;

    serial->loop = loop;
    serial->link = link;
    serial->spec = spec;
    serial->lock = -1;
    stream_init(&serial->stream, loop, link, lost, serial);
    for (unsigned i = 0; i < VARIANTS_MAX; i++) {
        choose(spec, i, &baud, &parity);
        snprintf(serial->variant_names[i], sizeof serial->variant_names[i], "%u 8%c1", baud,
                 letter(parity));
    }
    return serial;
}

// --- Bytes ---------------------------------------------------------------------------------------

static long serial_write(void *self, const uint8_t *bytes, size_t length)
{
    struct serial *serial = self;
    return stream_write(&serial->stream, bytes, length);
}

static void serial_want_write(void *self, bool wanted)
{
    struct serial *serial = self;
    stream_want_write(&serial->stream, wanted);
}

static void serial_discard(void *self, bool dropped)
{
    struct serial *serial = self;

    (void)dropped;
    (void)tcflush(serial->stream.descriptor, TCOFLUSH);
}

static unsigned serial_baud(const void *self)
{
    const struct serial *serial = self;
    return serial->is_pts ? serial->spec->baud : serial->baud;
}

static unsigned serial_bits_per_byte(const void *self)
{
    const struct serial *serial = self;
    return serial->parity == PARITY_UNSET ? 0 : serial->parity == PARITY_NONE ? 10 : 11;
}

const struct link_backend link_serial_backend = {
    .variants = serial_variants,
    .variant_name = serial_variant_name,
    .create = serial_create,
    .destroy = free,
    .open = serial_open,
    .close = serial_close,
    .write = serial_write,
    .broken = lost,
    .want_write = serial_want_write,
    .discard = serial_discard,
    .baud = serial_baud,
    .bits_per_byte = serial_bits_per_byte,
};
