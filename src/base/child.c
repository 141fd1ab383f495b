// SPDX-License-Identifier: MIT
#include "base/child.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <unistd.h>

static void give(posix_spawn_file_actions_t *actions, int descriptor, int as)
{
    if (descriptor >= 0)
        posix_spawn_file_actions_adddup2(actions, descriptor, as);
    else
        posix_spawn_file_actions_addopen(actions, as, "/dev/null",
                                         as == STDIN_FILENO ? O_RDONLY : O_WRONLY, 0);
}

int child_start(const char *program, char *const arguments[], char *const *environment,
                struct child_files files, pid_t *child)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t none, all;

    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setpgroup(&attributes, 0);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawn_file_actions_init(&actions);
    give(&actions, files.in, STDIN_FILENO);
    give(&actions, files.out, STDOUT_FILENO);
    give(&actions, files.error, STDERR_FILENO);
    int error = posix_spawnp(child, program, &actions, &attributes, arguments,
                             environment ? environment : environ);
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
    return error;
}
