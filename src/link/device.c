// SPDX-License-Identifier: MIT
#include "link/device.h"

#include <errno.h>
#include <glob.h>
#include <grp.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"

enum { LISTED_MAX = 4 };

static void say_missing(const char *path, char *why, size_t size)
{
    static const char *const patterns[] = {"/dev/serial/by-id/*", "/dev/ttyUSB*", "/dev/ttyACM*"};
    size_t used = 0;
    unsigned listed = 0;
    glob_t found;

    text_append(why, size, &used, "%.160s: no such device", path);
    for (size_t i = 0; i < sizeof patterns / sizeof *patterns; i++) {
        if (glob(patterns[i], 0, NULL, &found) != 0)
            continue;
        for (size_t k = 0; k < found.gl_pathc && listed < LISTED_MAX; k++)
            text_append(why, size, &used, "%s%s", listed++ ? ", " : "; there is ",
                        found.gl_pathv[k]);
        globfree(&found);
    }
    if (!listed)
        text_append(why, size, &used, "; no USB serial adapter is plugged in");
}

static bool are_in_group(gid_t wanted)
{
    gid_t groups[256];
    int count = getgroups((int)(sizeof groups / sizeof *groups), groups);

    for (int i = 0; i < count; i++)
        if (groups[i] == wanted)
            return true;
    return getegid() == wanted;
}

// Looked up in /etc/group itself, where the groups of devices are: getgrgid() may wait for a
// directory server.
bool device_group(const char *path, char *name, size_t size)
{
    static const mode_t both = S_IRGRP | S_IWGRP;
    struct stat status;
    bool found = false;

    if (stat(path, &status) < 0 || (status.st_mode & both) != both || status.st_gid == 0 ||
        are_in_group(status.st_gid))
        return false;
    FILE *file = fopen("/etc/group", "re");
    if (!file)
        return false;
    for (const struct group *group; !found && (group = fgetgrent(file));) {
        found = group->gr_gid == status.st_gid;
        if (found)
            snprintf(name, size, "%s", group->gr_name);
    }
    fclose(file);
    return found;
}

enum link_fault device_why_not(const char *path, int error, char *why, size_t size)
{
    char group[40];

    switch (error) {
    case ENOENT:
        say_missing(path, why, size);
        return LINK_FAULT_MISSING;
    case EACCES:
    case EPERM:
        if (device_group(path, group, sizeof group))
            snprintf(
                why, size,
                "%.160s: permission denied: you aren't in group %s: sudo adduser $USER %s, then "
                "log in again",
                path, group, group);
        else
            snprintf(why, size, "%.160s: permission denied: see ls -l for who may use it", path);
        return LINK_FAULT_PERMISSION;
    case ENXIO:
    case ENODEV:
        snprintf(why, size, "%.160s: no adapter is behind this device: is it plugged in?", path);
        return LINK_FAULT_MISSING;
    case ENOTTY:
    case EINVAL:
    case EIO:
    case EISDIR:
        snprintf(why, size, "%.160s isn't a serial port", path);
        return LINK_FAULT_KIND;
    default:
        snprintf(why, size, "%.160s: %s", path, strerror(error));
        return LINK_FAULT_OTHER;
    }
}
