#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Includes point down (doc/architecture.md), each header compiles alone, nothing is called that
mustn't be, and SECURITY.md names what there is."""
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

# Functions that run other programs, or can't be used safely, and where they are allowed nevertheless: a shell
# runs only what the user gave with --on-message.
FORBIDDEN = {
    "system": [], "popen": [], "wordexp": [],
    "execl": [], "execlp": [], "execle": [], "execv": [], "execvp": [], "execve": [], "posix_spawn": [],
    "posix_spawnp": ["base/child.c"],
    "fork": ["link/resolve.c"], "vfork": [],
    "gets": [], "strcpy": [], "strcat": [], "sprintf": [], "vsprintf": [], "strtok": [], "tmpnam": [], "mktemp": [],
    "alloca": [],
}


def sources():
    files = glob.glob(os.path.join(TOP, "src", "*", "*.[ch]"))
    assert len(files) > 50, "where are the sources?"
    for path in sorted(files):
        with open(path, encoding="utf-8") as file:
            yield path, os.path.relpath(path, os.path.join(TOP, "src")), file.read()


def wrong_names():
    """Files and tests that SECURITY.md names."""
    with open(os.path.join(TOP, "SECURITY.md"), encoding="utf-8") as file:
        table = [line for line in file if line.startswith("|")]
    assert len(table) > 15, "where is the table?"
    tests = ""
    for path in glob.glob(os.path.join(TOP, "tests", "e2e", "*.py")):
        with open(path, encoding="utf-8") as file:
            tests += file.read()
    for name in re.findall(r"`((?:src|tests)/[\w/.]*|(?:fuzz|test)_\w+(?:\.py)?)`", "".join(table)):
        places = [name, f"tests/fuzz/{name}.c", f"tests/unit/{name}.c", f"tests/screen/{name}.c", f"tests/e2e/{name}"]
        if not any(os.path.exists(os.path.join(TOP, place)) for place in places) and f"def {name}(" not in tests:
            yield f"SECURITY.md: there is no {name}"


def wrong_calls():
    called = re.compile(r"\b(" + "|".join(FORBIDDEN) + r")\s*\(")
    for _, name, text in sources():
        code = re.sub(r'//[^\n]*|"(?:\\.|[^"\\])*"', "", text)
        for function in called.findall(code):
            if name not in FORBIDDEN[function]:
                yield f"{name}: {function}() mustn't be called"


def wrong_includes():
    for path, name, text in sources():
        room = name.split("/")[0]
        if room not in MAY_INCLUDE:
            yield f"{name}: room {room} isn't in the table"
            continue
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
    wrong = [*wrong_names(), *wrong_calls(), *wrong_includes(), *wrong_headers()]
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
