#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real program as a process: start, memory, processor time, bytes and writes to the terminal.

Processor time, since others use the machine too: of the process, as the kernel counts it. What lies
between a start and the first request can only be told by the clock: a median.

usage: bench_program.py BUILD_DIRECTORY [SECONDS]
"""
import fcntl
import os
import pty
import resource
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time

STARTS = 21
SETTLE = 5  # seconds until what is on the screen has been read


def row(name, figure, unit, how):
    """A line of the table, as bench_row() prints it."""
    print(f"{name:<38} {figure:10.{3 if figure < 100 else 0}f} {unit:<8}  {how}", flush=True)


def start(arguments, environment, columns=80, rows=24):
    """Starts a program on a terminal of its own; returns its process and the terminal's master."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    process = subprocess.Popen(arguments, stdin=slave, stdout=slave, stderr=slave, env=environment,
                               start_new_session=True,
                               preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0))
    os.close(slave)
    return process, master


def drain(master, seconds):
    """Reads what the program writes for so long; returns the bytes and the number of chunks."""
    end, size, chunks = time.monotonic() + seconds, 0, 0
    while (left := end - time.monotonic()) > 0:
        if select.select([master], [], [], left)[0]:
            size += len(os.read(master, 65536))
            chunks += 1
    return size, chunks


def stop(process, master):
    process.send_signal(signal.SIGTERM)
    drain_end = time.monotonic() + 2
    while process.poll() is None and time.monotonic() < drain_end:
        if select.select([master], [], [], 0.05)[0]:
            try:
                os.read(master, 65536)
            except OSError:
                break
    process.wait()
    os.close(master)


def cpu_ns(pid):
    with open(f"/proc/{pid}/schedstat", encoding="ascii") as file:
        return int(file.read().split()[0])


def status(pid, key):
    with open(f"/proc/{pid}/status", encoding="ascii") as file:
        for line in file:
            if line.startswith(key + ":"):
                return int(line.split()[1])
    return 0


def median(figures):
    return sorted(figures)[len(figures) // 2]


def cpu_of_children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def bench_start(xcomtop, environment):
    """From starting the process to the first byte of the first request, on a serial line."""
    times, cpu, bare = [], [], []
    for _ in range(STARTS):
        line, slave = pty.openpty()
        path = os.ttyname(slave)
        begin = time.monotonic()
        process, master = start([xcomtop, "-c", f"serial:{path}?baud=38400&parity=even"], environment)
        select.select([line], [], [], 5)
        times.append(time.monotonic() - begin)
        stop(process, master)
        os.close(line)
        os.close(slave)
    for _ in range(STARTS):
        for program, used in ((xcomtop, cpu), ("true", bare)):
            before = cpu_of_children()
            subprocess.run([program, "--version"], stdout=subprocess.DEVNULL, env=environment, check=True)
            used.append(cpu_of_children() - before)
    row("start to first request", median(times) * 1000, "ms",
        f"of 10 ms, fork and exec included; by the clock, median of {STARTS}")
    row("start, CPU", median(cpu) * 1000, "ms",
        f"xcomtop --version; true(1): {median(bare) * 1000:.3f} ms; median of {STARTS}")


def bench_live(name, xcomtop, link, environment, columns, rows, seconds):
    """The overview, live."""
    process, master = start([xcomtop, "-c", link], environment, columns, rows)
    first, _ = drain(master, SETTLE)
    before = cpu_ns(process.pid)
    size, chunks = drain(master, seconds)
    used = (cpu_ns(process.pid) - before) / 1e9
    name = f"{name}, {columns}x{rows}"
    row(f"screens, CPU: {name}", used / seconds * 100, "%",
        f"of one core, of 0.5 %; {seconds} s of the overview, read each second")
    row(f"screens, memory: {name}", status(process.pid, "VmHWM"), "KiB", "of 6144; greatest (VmHWM)")
    row(f"screens, terminal: {name}", size / seconds, "B/s",
        f"{chunks / seconds:.1f} writes/s; first paint and {SETTLE} s of updates: {first} B")
    stop(process, master)


def bench_views(xcomtop, link, environment, columns, rows):
    """The greatest memory, after every view was shown."""
    process, master = start([xcomtop, "-c", link], environment, columns, rows)
    drain(master, SETTLE)
    for key in b"1234567890":
        os.write(master, bytes([key]))
        drain(master, 2)
    row(f"all views, memory: 40 devices, {columns}x{rows}", status(process.pid, "VmHWM"), "KiB",
        "greatest (VmHWM), after each of the ten views was shown for 2 s")
    stop(process, master)


def bench_log(xcomtop, link, environment, path, seconds):
    """A log of everything on the overview, each second."""
    process = subprocess.Popen([xcomtop, "-c", link, "log", "--every", "1s", "--output", path],
                               env=environment, stdin=subprocess.DEVNULL,
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    time.sleep(2 * SETTLE)  # the search for the devices
    before, rows_before = cpu_ns(process.pid), count_lines(path)
    time.sleep(seconds)
    used = (cpu_ns(process.pid) - before) / 1e9
    rows = count_lines(path) - rows_before
    peak = status(process.pid, "VmHWM")
    process.terminate()
    process.wait()
    with open(path, encoding="utf-8") as file:
        values = file.readline().count(",")
    if not rows:
        sys.exit("bench_program.py: the log has no rows")
    row("log, CPU of a value: 40 devices", used / rows / values * 1e6, "us",
        f"{rows} rows of {values} values in {seconds} s, {used / seconds * 100:.2f} % of one core; "
        "reading them included")
    row("log, memory: 40 devices", peak, "KiB", "greatest (VmHWM)")


def count_lines(path):
    with open(path, "rb") as file:
        return file.read().count(b"\n")


def simulate(build, line, installation):
    sim = subprocess.Popen([os.path.join(build, "xcomsim"), "--pty", line, "--install", installation,
                            "--baud", "38400", "--latency", "20ms", "--clock", "2026-06-21 12:00:00"],
                           stdout=subprocess.PIPE)
    sim.stdout.readline()
    return sim


def main():
    build = os.path.abspath(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    xcomtop = os.path.join(build, "xcomtop")
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"PATH": os.environ["PATH"], "HOME": scratch, "TERM": "xterm-256color",
                       "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        bench_start(xcomtop, environment)
        line, full = os.path.join(scratch, "ttyUSB0"), os.path.join(scratch, "ttyUSB1")
        sims = [simulate(build, line, "xt=3,vt=2,bsp"), simulate(build, full, "xt=9,vt=15,vs=15,bsp")]
        try:
            for columns, rows in ((80, 24), (200, 50)):
                bench_live("6 devices", xcomtop, line, environment, columns, rows, seconds)
                bench_live("40 devices", xcomtop, full, environment, columns, rows, seconds)
            bench_live("demo", xcomtop, "demo:", environment, 80, 24, seconds)
            bench_views(xcomtop, full, environment, 200, 50)
            bench_log(xcomtop, full, environment, os.path.join(scratch, "log.csv"), seconds)
        finally:
            for sim in sims:
                sim.terminate()
                sim.wait()


if __name__ == "__main__":
    main()
