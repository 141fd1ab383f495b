#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The real program as a process: start, memory, processor time, bytes and writes to the terminal.

usage: bench_program.py BUILD_DIRECTORY [SECONDS]
"""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time


def row(name, ratio, how):
    print(f"{name:<34} {ratio:6.3f}   {how}", flush=True)


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


def bench_start(xcomtop, environment):
    """From starting the process to the first byte of the first request, on a serial line."""
    times = []
    for _ in range(21):
        line, slave = pty.openpty()
        path = os.ttyname(slave)
        begin = time.monotonic()
        process, master = start([xcomtop, "-c", f"serial:{path}?baud=38400&parity=even"], environment)
        select.select([line], [], [], 5)
        times.append(time.monotonic() - begin)
        stop(process, master)
        os.close(line)
        os.close(slave)
    times.sort()
    row("start to first request / 10 ms", times[10] / 0.010,
        f"{times[10] * 1000:.1f} ms with fork and exec; median of 21 starts")


def bench_live(xcomtop, link, environment, columns, rows, seconds, budget, paint_budget):
    process, master = start([xcomtop, "-c", link], environment, columns, rows)
    first, _ = drain(master, 5)
    before = cpu_ns(process.pid)
    size, chunks = drain(master, seconds)
    used = (cpu_ns(process.pid) - before) / 1e9
    peak = status(process.pid, "VmHWM")
    name = f"{columns}x{rows}"
    row(f"CPU / 0.5 % of a core, {name}", used / seconds / 0.005,
        f"{used / seconds * 100:.2f} % of one core over {seconds} s of live screens at 1 s")
    row(f"peak memory / 6 MiB, {name}", peak / 6144, f"{peak} KiB (VmHWM)")
    row(f"terminal / {budget} B/s, {name}", size / seconds / budget,
        f"{size / seconds:.0f} B/s in {chunks / seconds:.1f} writes/s")
    row(f"first 5 s / {paint_budget} B, {name}", first / (paint_budget + 5 * budget),
        f"{first} B, first paint and 5 s of updates")
    stop(process, master)


def main():
    build = os.path.abspath(sys.argv[1])
    seconds = int(sys.argv[2]) if len(sys.argv) > 2 else 20
    xcomtop = os.path.join(build, "xcomtop")
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"PATH": os.environ["PATH"], "HOME": scratch, "TERM": "xterm-256color",
                       "LC_ALL": "C.UTF-8", "TZ": "UTC"}
        bench_start(xcomtop, environment)
        line = os.path.join(scratch, "ttyUSB0")
        sim = subprocess.Popen([os.path.join(build, "xcomsim"), "--pty", line, "--install", "xt=3,vt=2,bsp",
                                "--baud", "38400", "--latency", "20ms", "--clock", "2026-06-21 12:00:00"],
                               stdout=subprocess.PIPE)
        sim.stdout.readline()
        try:
            bench_live(xcomtop, line, environment, 80, 24, seconds, 1200, 4000)
            bench_live(xcomtop, line, environment, 200, 50, seconds, 4500, 20000)
            bench_live(xcomtop, "demo:", environment, 80, 24, seconds, 1200, 4000)
        finally:
            sim.terminate()
            sim.wait()


if __name__ == "__main__":
    main()
