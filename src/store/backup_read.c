// SPDX-License-Identifier: MIT
// Backups from text, strictly: what can't be sure to be meant is refused, with its line.
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <ini.h>
#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/alloc.h"
#include "base/ini.h"
#include "base/text.h"
#include "base/value.h"
#include "catalogue/address.h"

// Far more than a full installation with limits has, 2 MB.
enum { FILE_BYTES_MAX = 16 * 1024 * 1024, SECTION_MAX = 64 };

enum section { SECTION_NONE, SECTION_BACKUP, SECTION_DEVICE, SECTION_LIMITS, SECTION_END };

struct reading {
    const char *path;
    FILE *file;
    bool part;
    unsigned line;
    size_t bytes;
    struct backup *backup;
    bool format_read, ended;
    enum section section;
    char section_name[SECTION_MAX];
    struct backup_device *device; // of the section
    unsigned given;               // keys of the section that have been read: bits
    enum xc_status status;
    char *error;
    size_t error_size;
};

enum key { KEY_PROGRAM, KEY_GUID, KEY_FID, KEY_MODEL, KEY_FIRMWARE, KEY_BATTERY, KEY_AC, KEY_READ };

static void refuse(struct reading *reading, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void refuse(struct reading *reading, const char *format, ...)
{
    char what[256];
    va_list args;

    if (reading->status != XC_OK)
        return;
    va_start(args, format);
    vsnprintf(what, sizeof what, format, args);
    va_end(args);
    reading->status = XC_SYNTAX;
    snprintf(reading->error, reading->error_size, "%s:%u: %s", reading->path, reading->line, what);
}

// --- Values --------------------------------------------------------------------------------------

enum xc_status backup_parse(const struct datapoint *dp, const char *text, double *number)
{
    uint8_t bytes[VALUE_BYTES_MAX];
    size_t length;
    enum xc_status status = datapoint_parse(dp, text, number);

    // What a device says needn't be one of the options, or a time of day.
    if (status != XC_OK) {
        double plain;
        if (text_parse_number(text, &plain) != XC_OK)
            return status;
        status = value_encode(datapoint_format(dp), plain, bytes, &length);
        if (status != XC_OK)
            return status;
        *number = plain;
    }
    if (datapoint_format(dp) == FORMAT_FLOAT)
        *number = (double)(float)*number;
    return XC_OK;
}

static bool parse_setting(struct reading *reading, const struct datapoint *dp, const char *text,
                          double *number)
{
    char again[DATAPOINT_TEXT_MAX];

    // What couldn't be written again isn't a value either (6e23 as its 24 digits).
    if (backup_parse(dp, text, number) == XC_OK && backup_text(dp, *number, again, sizeof again))
        return true;
    refuse(reading, "%u: expected %s, not '%.60s'", (unsigned)datapoint_id(dp),
           datapoint_expects(dp), text);
    return false;
}

// --- Sections ------------------------------------------------------------------------------------

static bool parse_device(const char *name, enum family *family, unsigned *index)
{
    struct target target;
    char exact[DEVICE_NAME_MAX];

    if (target_parse(name, &target) != XC_OK || target.kind != TARGET_DEVICE)
        return false;
    *family = target.family;
    *index = target.index;
    return strcmp(device_name(*family, *index, exact, sizeof exact), name) == 0;
}

static void begin_device(struct reading *reading, const char *name)
{
    enum family family;
    unsigned index;

    if (!parse_device(name, &family, &index)) {
        refuse(reading, "there is no device '%.20s'; expected a section like [XT1]", name);
    } else if (backup_device(reading->backup, family, index)) {
        refuse(reading, "the section [%s] is there twice", name);
    } else {
        reading->device = backup_add_device(reading->backup, family, index);
        reading->section = SECTION_DEVICE;
    }
}

static void begin_limits(struct reading *reading, const char *name)
{
    enum family family;
    unsigned index;
    struct backup_device *device = NULL;

    if (parse_device(name, &family, &index))
        device = backup_device(reading->backup, family, index);
    if (!device) {
        refuse(reading, "there is no section [%.20s] before these limits", name);
        return;
    }
    if (device->ranges) {
        refuse(reading, "the section [limits %s] is there twice", name);
        return;
    }
    device->ranges = xcalloc(device->value_count, sizeof *device->ranges);
    for (size_t i = 0; i < device->value_count; i++)
        device->ranges[i].min = device->ranges[i].max = (double)NAN;
    reading->device = device;
    reading->section = SECTION_LIMITS;
}

static void begin_section(struct reading *reading, const char *name)
{
    static const char limits[] = "limits ";

    snprintf(reading->section_name, sizeof reading->section_name, "%s", name);
    reading->given = 0;
    reading->device = NULL;
    if (reading->ended)
        refuse(reading, "expected nothing behind [end]");
    else if (!reading->format_read && strcmp(name, "backup") != 0)
        refuse(reading, "expected a backup of xcomtop, which begins with [backup]");
    else if (strcmp(name, "backup") == 0 && reading->format_read)
        refuse(reading, "the section [backup] is there twice");
    else if (strcmp(name, "backup") == 0)
        reading->section = SECTION_BACKUP;
    else if (strcmp(name, "end") == 0)
        reading->section = SECTION_END;
    else if (strncmp(name, limits, sizeof limits - 1) == 0)
        begin_limits(reading, name + sizeof limits - 1);
    else
        begin_device(reading, name);
}

// --- Keys ----------------------------------------------------------------------------------------

// Kept as it will be written again: what isn't UTF-8, or an order to a terminal, takes more bytes
// so.
static bool take_text(struct reading *reading, const char *value, char *out, size_t size)
{
    char safe[256];
    size_t length = strlen(text_escape(safe, sizeof safe, value));

    if (length < size) {
        memcpy(out, safe, length + 1);
        return true;
    }
    refuse(reading, "'%.60s' is too long; expected at most %zu bytes", value, size - 1);
    return false;
}

static bool is_hexadecimal(const char *value, size_t digits)
{
    return strlen(value) == digits && strspn(value, "0123456789ABCDEF") == digits;
}

// One device can't be two.
static bool is_known(const struct reading *reading, uint32_t fid)
{
    const struct backup *backup = reading->backup;

    for (size_t i = 0; fid != 0 && i < backup->device_count; i++)
        if (backup->devices[i]->family == reading->device->family && backup->devices[i]->fid == fid)
            return true;
    return false;
}

static void take_fid(struct reading *reading, const char *value)
{
    uint32_t fid = (uint32_t)strtoul(value, NULL, 16);

    if (!is_hexadecimal(value, 8))
        refuse(reading, "fid: expected 8 hexadecimal digits, not '%.60s'", value);
    else if (is_known(reading, fid))
        refuse(reading, "fid: %s is there twice; expected another one for each device", value);
    else
        reading->device->fid = fid;
}

static void take_volts(struct reading *reading, const char *key, const char *value, double *volts)
{
    if (text_parse_number(value, volts) != XC_OK || !(*volts >= 0 && *volts < 10000))
        refuse(reading, "%s: expected a voltage like 48, not '%.60s'", key, value);
}

static void take_time(struct reading *reading, const char *value)
{
    char back[64] = "";
    struct tm tm = {0};
    const char *end = strptime(value, "%Y-%m-%d %H:%M:%S UTC", &tm);
    time_t time = end && *end == '\0' ? timegm(&tm) : -1;

    // What isn't written exactly so, or doesn't exist, like February 30, comes back as another
    // text.
    if (time > 0 && gmtime_r(&time, &tm))
        strftime(back, sizeof back, "%Y-%m-%d %H:%M:%S UTC", &tm);
    if (time > 0 && strcmp(back, value) == 0)
        reading->device->read = time;
    else
        refuse(reading, "read: expected a time like 2026-11-21 14:00:00 UTC, not '%.60s'", value);
}

static void take_setting(struct reading *reading, const char *key, const char *value)
{
    struct backup_device *device = reading->device;
    struct backup_value *setting = NULL;
    double number;
    long id;

    if (text_parse_int(key, 1, UINT16_MAX, &id) == XC_OK)
        setting = backup_value(device, (unsigned)id);
    if (!setting) {
        refuse(reading, "%s has no setting '%.40s'", family_title(device->family), key);
    } else if (setting->state != BACKUP_ABSENT) {
        refuse(reading, "%ld is there twice in [%s]", id, reading->section_name);
    } else if (parse_setting(reading, setting->datapoint, value, &number)) {
        backup_set(setting, number);
    }
}

static void take_range(struct reading *reading, const char *key, const char *value)
{
    struct backup_device *device = reading->device;
    const char *to = strstr(value, " to ");
    struct backup_value *setting = NULL;
    char min[64];
    long id;

    if (text_parse_int(key, 1, UINT16_MAX, &id) == XC_OK)
        setting = backup_value(device, (unsigned)id);
    if (!setting || !backup_has_range(setting->datapoint)) {
        refuse(reading, "%s has no limits of '%.40s'", family_title(device->family), key);
        return;
    }
    struct backup_range *range = &device->ranges[setting - device->values];
    if (!isnan(range->min)) {
        refuse(reading, "%ld is there twice in [%s]", id, reading->section_name);
        return;
    }
    if (!to || (size_t)(to - value) >= sizeof min) {
        refuse(reading, "%ld: expected limits like 0 to 100, not '%.60s'", id, value);
        return;
    }
    snprintf(min, sizeof min, "%.*s", (int)(to - value), value);
    if (parse_setting(reading, setting->datapoint, min, &range->min))
        parse_setting(reading, setting->datapoint, to + strlen(" to "), &range->max);
}

// A key of a section that may stand there once.
static bool is_key(struct reading *reading, const char *key, const char *name, enum key which)
{
    if (strcmp(key, name) != 0)
        return false;
    if (reading->given & 1u << which)
        refuse(reading, "%s is there twice in [%s]", name, reading->section_name);
    reading->given |= 1u << which;
    return true;
}

static void take_device_key(struct reading *reading, const char *key, const char *value)
{
    struct backup_device *device = reading->device;

    if (is_key(reading, key, "fid", KEY_FID))
        take_fid(reading, value);
    else if (is_key(reading, key, "model", KEY_MODEL))
        take_text(reading, value, device->model, sizeof device->model);
    else if (is_key(reading, key, "firmware", KEY_FIRMWARE))
        take_text(reading, value, device->firmware, sizeof device->firmware);
    else if (is_key(reading, key, "battery", KEY_BATTERY))
        take_volts(reading, "battery", value, &device->battery_v);
    else if (is_key(reading, key, "ac", KEY_AC))
        take_volts(reading, "ac", value, &device->ac_v);
    else if (is_key(reading, key, "read", KEY_READ))
        take_time(reading, value);
    else
        take_setting(reading, key, value);
}

static void take_format(struct reading *reading, const char *key, const char *value)
{
    long format;

    if (strcmp(key, "format") != 0 || text_parse_int(value, 1, INT32_MAX, &format) != XC_OK)
        refuse(reading, "expected format = %d first", BACKUP_FORMAT);
    else if (format > BACKUP_FORMAT)
        refuse(reading,
               "this is a backup of format %ld; this program reads format %d, a newer one "
               "is needed",
               format, BACKUP_FORMAT);
    reading->format_read = true;
}

static void take_backup_key(struct reading *reading, const char *key, const char *value)
{
    char program[64];

    if (!reading->format_read) {
        take_format(reading, key, value);
    } else if (is_key(reading, key, "program", KEY_PROGRAM)) {
        take_text(reading, value, program, sizeof program);
    } else if (is_key(reading, key, "guid", KEY_GUID)) {
        if (text_parse_guid(value, reading->backup->guid) != XC_OK)
            refuse(reading, "guid: expected 32 hexadecimal digits, not '%.60s'", value);
    } else {
        refuse(reading, "there is no '%.40s' in [backup]; expected program or guid", key);
    }
}

static void take_end(struct reading *reading, const char *key, const char *value)
{
    bool whole = strcmp(value, "yes") == 0;

    if (reading->ended)
        refuse(reading, "expected nothing behind the end");
    else if (strcmp(key, "complete") != 0 || (!whole && strcmp(value, "no") != 0))
        refuse(reading, "expected complete = yes");
    else if (!whole && !reading->part)
        refuse(reading, "this backup isn't complete: 'xcomtop backup' goes on with it");
    reading->ended = true;
    reading->backup->complete = whole;
}

static int take(void *arg, const char *section, const char *key, const char *value)
{
    struct reading *reading = arg;

    if (reading->section == SECTION_NONE || strcmp(section, reading->section_name) != 0)
        begin_section(reading, section);
    if (reading->status != XC_OK)
        return 1;
    switch (reading->section) {
    case SECTION_BACKUP:
        take_backup_key(reading, key, value);
        break;
    case SECTION_DEVICE:
        take_device_key(reading, key, value);
        break;
    case SECTION_LIMITS:
        take_range(reading, key, value);
        break;
    case SECTION_END:
        take_end(reading, key, value);
        break;
    case SECTION_NONE:
        break;
    }
    return 1;
}

// --- The file ------------------------------------------------------------------------------------

// inih's handler has no line numbers in Debian's build: they are counted here. A line that begins
// with a blank would go on with the one before.
static char *read_line(char *line, int size, void *arg)
{
    struct reading *reading = arg;

    if (reading->status != XC_OK || !fgets(line, size, reading->file))
        return NULL;
    reading->line++;
    size_t length = strlen(line);
    reading->bytes += length;
    if ((length == 0 || line[length - 1] != '\n') && !feof(reading->file))
        refuse(reading, "the line is too long, or no text");
    else if (reading->bytes > FILE_BYTES_MAX)
        refuse(reading, "the file is too long; expected a backup of xcomtop");
    else if ((line[0] == ' ' || line[0] == '\t') && line[strspn(line, " \t\r\n")])
        refuse(reading, "a line can't begin with a blank");
    else if (ini_hides(line))
        refuse(reading, "expected nothing behind a section's name");
    return reading->status == XC_OK ? line : NULL;
}

static void parse(struct reading *reading)
{
    int wrong = ini_parse_stream(read_line, reading, take, reading);

    // inih goes on behind a line that it can't read: what was refused after it comes from that.
    if (wrong > 0 && (reading->status == XC_OK || (unsigned)wrong < reading->line)) {
        reading->status = XC_OK;
        reading->line = (unsigned)wrong;
        refuse(reading, "expected a section like [XT1], or NUMBER = VALUE");
    }
    if (reading->status != XC_OK)
        return;
    reading->line++;
    if (ferror(reading->file)) {
        reading->status = XC_IO;
        snprintf(reading->error, reading->error_size, "%s: %s", reading->path, strerror(errno));
    } else if (!reading->format_read) {
        refuse(reading, "expected a backup of xcomtop, which begins with [backup]");
    } else if (!reading->ended) {
        refuse(reading, "the file isn't whole: expected [end] with complete = yes");
    }
}

// A file of our own that is one.
static enum xc_status check_part(int descriptor, const char *path, char *error, size_t error_size)
{
    struct stat what;

    if (fstat(descriptor, &what) == 0 && S_ISREG(what.st_mode) && what.st_uid == geteuid())
        return XC_OK;
    snprintf(error, error_size, "%s isn't a file of your own", path);
    return XC_IO;
}

static enum xc_status read_file(const char *path, bool part, struct backup **backup, char *error,
                                size_t error_size)
{
    struct reading reading = {.path = path, .part = part, .error = error, .error_size = error_size};
    // What is named may be a pipe; a part file that was replaced by one isn't waited for.
    int flags = O_RDONLY | O_NOCTTY | O_CLOEXEC | (part ? O_NOFOLLOW | O_NONBLOCK : 0);
    int descriptor = open(path, flags);

    *backup = NULL;
    if (descriptor < 0) {
        enum xc_status status = errno == ENOENT || errno == ENOTDIR ? XC_NOT_FOUND : XC_IO;
        if (part && errno == ELOOP)
            snprintf(error, error_size, "%s is a symbolic link", path);
        else
            snprintf(error, error_size, "%s: %s", path, strerror(errno));
        return status;
    }
    if (part && check_part(descriptor, path, error, error_size) != XC_OK) {
        close(descriptor);
        return XC_IO;
    }
    reading.file = fdopen(descriptor, "r");
    if (!reading.file) {
        snprintf(error, error_size, "%s: %s", path, strerror(errno));
        close(descriptor);
        return XC_IO;
    }
    reading.backup = backup_new();
    parse(&reading);
    fclose(reading.file);
    if (reading.status == XC_OK)
        *backup = reading.backup;
    else
        backup_free(reading.backup);
    return reading.status;
}

enum xc_status backup_read(const char *path, struct backup **backup, char *error, size_t error_size)
{
    return read_file(path, false, backup, error, error_size);
}

enum xc_status backup_read_part(const char *path, struct backup **backup, char *error,
                                size_t error_size)
{
    size_t size = strlen(path) + sizeof ".part";
    char *part = xcalloc(size, 1);

    snprintf(part, size, "%s.part", path);
    enum xc_status status = read_file(part, true, backup, error, error_size);
    free(part);
    return status;
}
