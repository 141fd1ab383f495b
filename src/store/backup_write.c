// SPDX-License-Identifier: MIT
// Backups to text and onto the disk. libinih reads lines of at most 198 bytes.
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/text.h"
#include "catalogue/address.h"

enum { LINE_BYTES = 198, PAIR_COLUMNS = 28 };

static const char first_line[] = "; xcomtop backup: the settings of a Studer-Innotec installation";

// --- Values --------------------------------------------------------------------------------------

// A comment begins at a semicolon, and blanks at the ends are lost.
static bool can_stand(const char *text)
{
    return text[0] && text[0] != ' ' && text[strlen(text) - 1] != ' ' && !strchr(text, ';');
}

static bool reads_back(const struct datapoint *dp, const char *text, double number)
{
    double back;

    if (!can_stand(text) || backup_parse(dp, text, &back) != XC_OK)
        return false;
    return datapoint_format(dp) == FORMAT_FLOAT ? (float)back == (float)number : back == number;
}

bool backup_text(const struct datapoint *dp, double number, char *out, size_t size)
{
    bool is_plain = datapoint_encoding(dp) == ENCODING_NUMBER;

    if (!isfinite(number))
        return false;
    if (!is_plain && reads_back(dp, datapoint_text(dp, number, out, size), number))
        return true;
    return reads_back(dp, text_shortest(out, size, number), number);
}

static bool has_options(const struct datapoint *dp)
{
    switch (datapoint_encoding(dp)) {
    case ENCODING_ENUM:
    case ENCODING_ENUM_1BIT:
    case ENCODING_BITFIELD:
    case ENCODING_WEEKDAYS:
        return true;
    default:
        return false;
    }
}

// What stands in the comment before the name: the unit, or what the value doesn't say of an option.
static void put_hint(const struct datapoint *dp, double number, const char *value, char *out,
                     size_t size)
{
    char text[DATAPOINT_TEXT_MAX];

    snprintf(out, size, "%s", datapoint_unit(dp));
    if (!has_options(dp))
        return;
    datapoint_text(dp, number, text, sizeof text);
    if (strcmp(text, value) == 0)
        text_shortest(text, sizeof text, number);
    if (strcmp(text, value) != 0)
        snprintf(out, size, "(%.60s)", text);
}

// --- Lines ---------------------------------------------------------------------------------------

static void put_line(FILE *out, const char *format, ...) __attribute__((format(printf, 2, 3)));

// Whatever the text contains, it is one line that can be read back.
static void put_line(FILE *out, const char *format, ...)
{
    char line[512], harmless[LINE_BYTES];
    va_list args;

    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    fprintf(out, "%s\n", text_escape(harmless, sizeof harmless, line));
}

static void put_unread(FILE *out, const struct datapoint *dp, const char *reason)
{
    put_line(out, "; %u not read: %.80s; %s", (unsigned)datapoint_id(dp), reason,
             datapoint_name(dp));
}

// KEY = VALUE in a column of its own, whatever the value: what stands behind it stays where it is.
static void put_pair(FILE *out, const char *key, const char *value, const char *hint,
                     const char *name)
{
    char pair[LINE_BYTES];

    snprintf(pair, sizeof pair, "%s = %s", key, value);
    put_line(out, "%-*s ; %s%s%s", PAIR_COLUMNS, pair, hint, hint[0] ? "  " : "", name);
}

static void put_setting(FILE *out, const struct datapoint *dp, const char *value, const char *hint)
{
    char id[16];

    snprintf(id, sizeof id, "%u", (unsigned)datapoint_id(dp));
    put_pair(out, id, value, hint, datapoint_name(dp));
}

static void write_value(FILE *out, const struct backup_value *value)
{
    char text[DATAPOINT_TEXT_MAX], hint[DATAPOINT_TEXT_MAX], reason[64];

    if (value->state == BACKUP_FAILED) {
        put_unread(out, value->datapoint, value->reason);
    } else if (value->state == BACKUP_VALUE) {
        if (!backup_text(value->datapoint, value->number, text, sizeof text)) {
            snprintf(reason, sizeof reason, "the device says %g, which can't be", value->number);
            put_unread(out, value->datapoint, reason);
            return;
        }
        put_hint(value->datapoint, value->number, text, hint, sizeof hint);
        put_setting(out, value->datapoint, text, hint);
    }
}

static void write_range(FILE *out, const struct datapoint *dp, const struct backup_range *range)
{
    char min[DATAPOINT_TEXT_MAX], max[DATAPOINT_TEXT_MAX], both[2 * DATAPOINT_TEXT_MAX + 8];

    if (range->failed) {
        put_unread(out, dp, "the device doesn't tell");
    } else if (backup_text(dp, range->min, min, sizeof min) &&
               backup_text(dp, range->max, max, sizeof max)) {
        snprintf(both, sizeof both, "%s to %s", min, max);
        put_setting(out, dp, both, datapoint_unit(dp));
    }
}

// --- Sections ------------------------------------------------------------------------------------

static void write_head(const struct backup *backup, FILE *out)
{
    fprintf(out, "%s\n", first_line);
    fputs("; NUMBER = VALUE in the device's flash; what follows a semicolon is a comment\n\n"
          "[backup]\n",
          out);
    put_line(out, "format = %d", BACKUP_FORMAT);
    put_line(out, "program = xcomtop %s", PACKAGE_VERSION);
    if (backup->guid[0])
        put_line(out, "guid = %s", backup->guid);
}

static void write_volts(FILE *out, const char *key, double volts, unsigned info)
{
    char text[32], name[32];

    if (!isfinite(volts))
        return;
    snprintf(name, sizeof name, "nominal (info %u)", info);
    put_pair(out, key, text_shortest(text, sizeof text, volts), "V", name);
}

static void write_device(const struct backup_device *device, FILE *out)
{
    char name[DEVICE_NAME_MAX], text[64];
    time_t read = (time_t)device->read;
    struct tm tm;

    fputs("\n", out);
    put_line(out, "[%s]", device_name(device->family, device->index, name, sizeof name));
    if (device->fid)
        put_line(out, "fid = %08X", (unsigned)device->fid);
    if (device->model[0])
        put_line(out, "model = %s", device->model);
    if (device->firmware[0])
        put_line(out, "firmware = %s", device->firmware);
    write_volts(out, "battery", device->battery_v, family_battery_volts_info(device->family));
    write_volts(out, "ac", device->ac_v, family_ac_volts_info(device->family));
    if (read > 0 && gmtime_r(&read, &tm) &&
        strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &tm) > 0)
        put_line(out, "read = %s", text);
    for (size_t i = 0; i < device->value_count; i++)
        write_value(out, &device->values[i]);
}

static void write_ranges(const struct backup_device *device, FILE *out)
{
    char name[DEVICE_NAME_MAX];

    if (!device->ranges)
        return;
    fputs("\n", out);
    put_line(out, "; what each %s%s%s with firmware %s allows", family_name(device->family),
             device->model[0] ? " " : "", device->model,
             device->firmware[0] ? device->firmware : "(unknown)");
    put_line(out, "[limits %s]", device_name(device->family, device->index, name, sizeof name));
    for (size_t i = 0; i < device->value_count; i++)
        if (backup_has_range(device->values[i].datapoint))
            write_range(out, device->values[i].datapoint, &device->ranges[i]);
}

enum xc_status backup_write(const struct backup *backup, FILE *out, bool whole)
{
    write_head(backup, out);
    for (size_t i = 0; i < backup->device_count; i++)
        write_device(backup->devices[i], out);
    for (size_t i = 0; i < backup->device_count; i++)
        write_ranges(backup->devices[i], out);
    fprintf(out, "\n[end]\ncomplete = %s\n", whole ? "yes" : "no");
    return ferror(out) ? XC_IO : XC_OK;
}

// --- Files ---------------------------------------------------------------------------------------

static char *joined(const char *a, const char *b)
{
    size_t size = strlen(a) + strlen(b) + 1;
    char *out = xcalloc(size, 1);

    snprintf(out, size, "%s%s", a, b);
    return out;
}

static enum xc_status cannot_write(const char *path, char *error, size_t error_size)
{
    snprintf(error, error_size, "can't write %s: %s", path, strerror(errno));
    return XC_IO;
}

// A new file, whatever stood there before: what was a link isn't followed.
static FILE *create(const char *path)
{
    if (unlink(path) != 0 && errno != ENOENT)
        return NULL;
    int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (descriptor < 0)
        return NULL;
    FILE *out = fdopen(descriptor, "w");
    if (!out)
        close(descriptor);
    return out;
}

// The part file is always one that can be read: a new one takes the place of the former.
static enum xc_status save_part(const struct backup *backup, const char *part, bool whole,
                                char *error, size_t error_size)
{
    char *fresh = joined(part, ".new");
    enum xc_status status = XC_OK;
    FILE *out = create(fresh);

    if (!out) {
        status = cannot_write(fresh, error, error_size);
        goto done;
    }
    bool written = backup_write(backup, out, whole) == XC_OK && fflush(out) == 0;
    written = written && (!whole || fsync(fileno(out)) == 0);
    int reason = errno;
    written = fclose(out) == 0 && written;
    if (!written || rename(fresh, part) != 0) {
        errno = written ? errno : reason;
        status = cannot_write(part, error, error_size);
        unlink(fresh);
    }
done:
    free(fresh);
    return status;
}

enum xc_status backup_save_part(const struct backup *backup, const char *path, char *error,
                                size_t error_size)
{
    char *part = joined(path, ".part");
    enum xc_status status = save_part(backup, part, false, error, error_size);

    free(part);
    return status;
}

// Makes the new name last. Not every file system can; the file itself is safe already.
static void sync_directory_of(const char *path)
{
    char *copy = xstrdup(path);
    int descriptor = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (descriptor >= 0) {
        fsync(descriptor);
        close(descriptor);
    }
    free(copy);
}

// As editors do.
static void keep_former(const char *path)
{
    char *former = joined(path, "~");

    rename(path, former); // there may be none
    free(former);
}

enum xc_status backup_save(const struct backup *backup, const char *path, char *error,
                           size_t error_size)
{
    char *part = joined(path, ".part");
    enum xc_status status = save_part(backup, part, true, error, error_size);

    if (status == XC_OK)
        keep_former(path);
    if (status == XC_OK && rename(part, path) != 0)
        status = cannot_write(path, error, error_size);
    if (status == XC_OK)
        sync_directory_of(path);
    free(part);
    return status;
}

enum xc_status backup_may_replace(const char *path, char *error, size_t error_size)
{
    char begin[sizeof first_line] = "";
    struct stat what;
    // Neither a device nor a pipe is waited for.
    int descriptor = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);

    if (descriptor < 0 && errno == ENOENT)
        return XC_OK;
    if (descriptor < 0)
        return cannot_write(path, error, error_size);
    bool fine = fstat(descriptor, &what) == 0 && S_ISREG(what.st_mode);
    ssize_t length = fine ? read(descriptor, begin, sizeof begin - 1) : -1;
    close(descriptor);
    if (length == 0 || strcmp(begin, first_line) == 0)
        return XC_OK;
    snprintf(error, error_size, "%s is there already and is no backup: it isn't replaced", path);
    return XC_IO;
}
