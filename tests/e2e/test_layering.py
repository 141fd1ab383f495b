#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Includes point down (doc/architecture.md), and each header compiles alone."""
import glob
import os
import re
import shlex
import subprocess
import sys

TOP = os.environ.get("top_srcdir", ".")
BUILD = os.environ.get("top_builddir", ".")

# The whole matrix: a room, and the rooms (or single headers) that it may include from besides its own.
MAY_INCLUDE = {
    "base": [],
    "loop": ["base"],
    "catalogue": ["base"],
    "proto": ["base"],
    "link": ["base", "loop", "proto/slcan.h"],
    "gateway": ["base", "loop", "proto", "link"],
    "store": ["base", "catalogue"],
    "plant": ["base", "loop", "catalogue", "proto", "link", "gateway", "store"],
    "ui": ["base", "loop", "catalogue", "plant"],
    "sim": ["base", "loop", "proto", "link", "catalogue"],
    "cmd": ["base", "loop", "catalogue", "proto", "link", "gateway", "store", "plant", "ui", "sim"],
}

# System headers that belong to one place.
ONLY_IN = {
    "ncurses.h": ["ui/term.c"],
    "curses.h": ["ui/looks.h", "ui/term.c", "ui/term_colours.c", "cmd/versions.c"],
    "term.h": ["ui/term.c", "ui/term_colours.c"],
    "libserialport.h": ["link/", "cmd/versions.c"],
    "libsocketcan.h": ["link/"],
    "linux/can.h": ["link/"],
    "linux/can/error.h": ["link/"],
    "linux/can/netlink.h": ["link/"],
    "linux/can/raw.h": ["link/"],
    "linux/rtnetlink.h": ["link/"],
    "sys/socket.h": ["link/", "cmd/control.c", "cmd/service.c", "cmd/xcomsim.c"],
    "netdb.h": ["link/"],
    "poll.h": ["loop/", "link/", "ui/term.c", "cmd/cmd.c", "cmd/confirm.c", "cmd/control.c", "cmd/outlet.c",
               "cmd/xcomsim.c"],
    "sqlite3.h": ["store/", "cmd/versions.c"],
    "ini.h": ["cmd/settings.c", "cmd/themes.c", "store/backup_read.c"],
}


def wrong_includes():
    files = glob.glob(os.path.join(TOP, "src", "*", "*.[ch]"))
    assert len(files) > 50, "where are the sources?"
    for path in sorted(files):
        name = os.path.relpath(path, os.path.join(TOP, "src"))
        room = name.split("/")[0]
        if room not in MAY_INCLUDE:
            yield f"{name}: room {room} isn't in the table"
            continue
        with open(path, encoding="utf-8") as file:
            text = file.read()
        for included in re.findall(r'^\s*#\s*include\s+"([^"]+)"', text, re.M):
            other = included.split("/")[0]
            if "/" not in included:
                yield f'{name}: "{included}" lacks its room'
            elif other != room and not {other, included} & {*MAY_INCLUDE[room]}:
                yield f'{name}: {room} mustn\'t include "{included}"'
        for included in re.findall(r"^\s*#\s*include\s+<([^>]+)>", text, re.M):
            places = ONLY_IN.get(included)
            if places and not any(name.startswith(place) for place in places):
                yield f"{name}: <{included}> belongs to {', '.join(places)}"
        own = re.search(r'^\s*#\s*include\s+(["<][^">]+)', text, re.M)
        if name.endswith(".c") and os.path.exists(path[:-1] + "h") and own and own[1] != f'"{name[:-1]}h':
            yield f"{name}: its own header comes first"


def wrong_headers():
    compiler = shlex.split(os.environ.get("CC", "cc"))
    for path in sorted(glob.glob(os.path.join(TOP, "src", "*", "*.h"))):
        done = subprocess.run(
            [*compiler, "-std=c11", "-D_GNU_SOURCE", "-I" + BUILD, "-I" + os.path.join(TOP, "src"),
             "-fsyntax-only", "-x", "c", "-Wall", "-Wextra", "-Wno-unused", "-"],
            input=f'#include "{os.path.relpath(path, os.path.join(TOP, "src"))}"\n', text=True,
            capture_output=True)
        if done.returncode != 0 or done.stderr:
            yield f"{os.path.relpath(path, TOP)} doesn't compile alone:\n{done.stderr}"


def main():
    wrong = [*wrong_includes(), *wrong_headers()]
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
