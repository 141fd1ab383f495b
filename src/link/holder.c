// SPDX-License-Identifier: MIT
#include "link/holder.h"

#include <dirent.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TCP_LISTENING = 0x0A };

static void describe(long pid, char *out, size_t size)
{
    char path[64], name[32] = "";

    snprintf(path, sizeof path, "/proc/%ld/comm", pid);
    FILE *file = fopen(path, "re");
    if (file) {
        if (fgets(name, sizeof name, file))
            name[strcspn(name, "\n")] = '\0';
        fclose(file);
    }
    snprintf(out, size, "%s (pid %ld)", name[0] ? name : "a process", pid);
}

static bool has_open(long pid, const char *target)
{
    char path[64], link[PATH_MAX];
    bool found = false;

    snprintf(path, sizeof path, "/proc/%ld/fd", pid);
    DIR *dir = opendir(path);
    if (!dir)
        return false;
    for (struct dirent *entry; !found && (entry = readdir(dir));) {
        ssize_t n = readlinkat(dirfd(dir), entry->d_name, link, sizeof link - 1);
        if (n <= 0)
            continue;
        link[n] = '\0';
        found = strcmp(link, target) == 0;
    }
    closedir(dir);
    return found;
}

// The first process but except that has target (what its /proc/PID/fd/N says) open; 0 for none.
static long find_process(const char *target, long except)
{
    DIR *proc = opendir("/proc");
    long found = 0;

    if (!proc)
        return 0;
    for (struct dirent *entry; !found && (entry = readdir(proc));) {
        long pid = strtol(entry->d_name, NULL, 10);
        if (pid > 0 && pid != except && has_open(pid, target))
            found = pid;
    }
    closedir(proc);
    return found;
}

bool holder_of_file(const char *path, char *out, size_t size)
{
    long pid = find_process(path, (long)getpid());
    if (!pid)
        return false;
    describe(pid, out, size);
    return true;
}

bool holder_is_xcomtop(const char *holder)
{
    return strncmp(holder, "xcomtop ", 8) == 0;
}

const char *holder_advice(const char *holder)
{
    return holder_is_xcomtop(holder)
               ? "stop it, or give the LINK just as it was given there, to ask through it"
               : "stop it first";
}

// The inode of a socket bound to port, from one of /proc/net/{tcp,tcp6,udp,udp6}; 0 for none.
static unsigned long find_socket(const char *table, bool listening, uint16_t port)
{
    char line[512];
    unsigned long found = 0;
    FILE *file = fopen(table, "re");

    if (!file)
        return 0;
    while (!found && fgets(line, sizeof line, file)) {
        unsigned local_port, state;
        unsigned long inode;
        // NOLINTNEXTLINE(cert-err34-c): the kernel's own numbers
        if (sscanf(line,
                   " %*u: %*[0-9A-Fa-f]:%4x %*[0-9A-Fa-f]:%*x %2x %*x:%*x %*x:%*x %*x %*u %*u %lu",
                   &local_port, &state, &inode) == 3 &&
            local_port == port && (!listening || state == TCP_LISTENING))
            found = inode;
    }
    fclose(file);
    return found;
}

char *holder_of_port(bool udp, uint16_t port, char *out, size_t size)
{
    unsigned long inode = find_socket(udp ? "/proc/net/udp" : "/proc/net/tcp", !udp, port);
    char target[40];
    long pid = 0;

    if (!inode)
        inode = find_socket(udp ? "/proc/net/udp6" : "/proc/net/tcp6", !udp, port);
    if (inode) {
        snprintf(target, sizeof target, "socket:[%lu]", inode);
        pid = find_process(target, 0);
    }
    if (pid == (long)getpid())
        snprintf(out, size, "this program");
    else if (pid)
        describe(pid, out, size);
    else
        snprintf(out, size, "another program");
    return out;
}
