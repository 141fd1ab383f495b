#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Datalog files of a simulated gateway, fetched by the real xcomtop over TCP and a pseudo terminal: whole and
private, whatever happens on the way; what went over the wire is judged."""
import json
import os
import re
import signal
import subprocess

from harness import XCOMTOP, Case, Terminal, environment, free_port, main, order

FILES = ["LG260620.CSV", "LG260619.CSV", "LG260618.CSV"]    # the simulator's clock is at 2026-06-21
SMALL = "xt=1,bsp,log=3,log-every=30"


class Datalog(Case):
    def setUp(self):
        super().setUp()
        self.directory = self.path("logs")

    def tcp(self, install=SMALL, *arguments):
        port = free_port()
        self.sim("--install", install, "--tcp-listen", str(port), "--control", self.path("control"), *arguments)
        return f"127.0.0.1:{port}"

    def get(self, link, *arguments, status=0, **more):
        return self.run_xcomtop("-c", link, "--trace", self.path("trace"), "datalog", "get", "--output",
                                self.directory, *arguments, status=status, **more)

    def content(self, name):
        with open(os.path.join(self.directory, name), "rb") as file:
            return file.read()

    def assert_whole(self, name, every=30):
        """A line of names, one for each time of the day, and nothing behind; private."""
        lines = self.content(name).decode("ascii").split("\r\n")
        self.assertEqual(lines.pop(), "")
        self.assertTrue(lines[0].startswith("time,"))
        date = f"{name[6:8]}.{name[4:6]}.20{name[2:4]}"
        times = [f"{date} {m // 60:02}:{m % 60:02}" for m in range(0, 1440, every)]
        self.assertEqual([line.split(",")[0] for line in lines[1:]], times)
        self.assertEqual({line.count(",") for line in lines}, {lines[0].count(",")})
        self.assertEqual(os.stat(os.path.join(self.directory, name)).st_mode & 0o777, 0o600)

    def files(self):
        return sorted(os.listdir(self.directory), reverse=True) if os.path.isdir(self.directory) else []

    def results(self, done):
        return {name: result for name, result in
                ((row["name"], row["result"]) for row in map(json.loads, done.stdout.splitlines()))}

    # --- As it should be ---

    def test_list(self):
        link = self.tcp("xt=1,log=365")
        done = self.run_xcomtop("-c", link, "datalog", "list", "--format", "jsonl", "--trace", self.path("trace"))
        rows = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(len(rows), 365)
        self.assertEqual(rows[0], {"name": "LG260620.CSV", "date": "2026-06-20", "bytes": None, "whole": None})
        self.assertEqual(rows[-1]["name"], "LG250621.CSV")
        self.check_trace("trace")

    def test_all_over_tcp(self):
        done = self.get(self.tcp(), "--all", "--format", "jsonl")
        self.assertEqual(self.results(done), dict.fromkeys(FILES, "fetched"))
        self.assertEqual(self.files(), FILES)
        for name in FILES:
            self.assert_whole(name)
        self.check_trace("trace")

    def test_over_a_pseudo_terminal(self):
        self.sim("--install", SMALL, "--pty", self.path("xcom"), "--baud", "115200")
        self.get(self.path("xcom"), FILES[1])
        self.assertEqual(self.files(), [FILES[1]])
        self.assert_whole(FILES[1])
        self.check_trace("trace")

    def test_both_links_bring_the_same(self):
        self.get(self.tcp(), FILES[0])
        before = self.content(FILES[0])
        self.sim("--install", SMALL, "--pty", self.path("xcom"), "--baud", "115200")
        done = self.get(self.path("xcom"), FILES[0], "--format", "jsonl")
        self.assertEqual(self.results(done), {FILES[0]: "as it was here already"})
        self.assertEqual(self.content(FILES[0]), before)

    def test_new_ones_only(self):
        link = self.tcp()
        self.get(link, FILES[1])
        done = self.get(link, "--new", "--format", "jsonl")
        self.assertEqual(list(self.results(done)), [FILES[0], FILES[2]])
        done = self.get(link, "--new")
        self.assertEqual(done.stdout, "")
        self.assertIn("nothing is new", done.stderr)
        # One that was fetched before its day was over may have grown.
        os.utime(os.path.join(self.directory, FILES[0]), (1781956800, 1781956800))
        listed = self.run_xcomtop("-c", link, "datalog", "list", "--output", self.directory)
        self.assertRegex(listed.stdout, rf"(?m)^{FILES[0]}  2026-06-20 +\d+  part$")
        done = self.get(link, "--new", "--format", "jsonl")
        self.assertEqual(self.results(done), {FILES[0]: "as it was here already"})
        self.assertIn("nothing is new", self.get(link, "--new").stderr)

    def test_the_usual_directory(self):
        link = self.tcp()
        self.run_xcomtop("-c", link, "datalog", "get", FILES[0], env={"XDG_DATA_HOME": self.path("data")})
        name = link.replace(":", "_")
        self.assertEqual(os.listdir(self.path(f"data/xcomtop/datalog/{name}")), [FILES[0]])
        self.assertEqual(os.stat(self.path("data/xcomtop")).st_mode & 0o777, 0o700)

    def test_the_configured_directory(self):
        self.write(".config/xcomtop/xcomtop.conf",
                   f"[hut]\nlink = {self.tcp()}\ndatalog-directory = {self.directory}\nquiet-hours = yes\n")
        self.run_xcomtop("--site", "hut", "datalog", "get", FILES[0])
        self.assertEqual(self.files(), [FILES[0]])

    # --- What goes wrong ---

    def test_corrupt_blocks(self):
        link = self.tcp()
        order(self.path("control"), "block corrupt 1", "block corrupt 3 3", "block corrupt 7")
        self.get(link, FILES[0])
        self.assert_whole(FILES[0])
        self.check_trace("trace", "--faults")
        with open(self.path("trace"), encoding="utf-8") as trace:
            self.assertEqual(len(re.findall(r"asking again", trace.read())), 5)

    def test_silence_duplicates_and_restarts(self):
        link = self.tcp()
        for fault in ("silence 2", "duplicate 4", "restart 3", "late 5", "busy 1 2"):
            with self.subTest(fault):
                order(self.path("control"), "block " + fault)
                self.get(link, FILES[0], "--timeout", "1s")
                self.assert_whole(FILES[0])
                self.check_trace("trace", "--faults")
                os.unlink(os.path.join(self.directory, FILES[0]))

    def test_a_lost_connection(self):
        link = self.tcp("xt=1,bsp,log=2,log-every=1", "--latency", "30ms")
        getting = self.start(link, "--all")
        self.wait_for(lambda: self.blocks() > 20)
        order(self.path("control"), "disconnect 1s")
        self.assertEqual(getting.wait(60), 0)
        self.assertEqual(self.files(), FILES[:2])
        for name in FILES[:2]:
            self.assert_whole(name, 1)
        self.check_trace("trace", "--faults")

    def test_partly(self):
        link = self.tcp()
        done = self.get(link, FILES[0], "LG250101.CSV", "--format", "jsonl", status=4)
        self.assertIn("no such file", self.results(done)["LG250101.CSV"])
        self.assertEqual(self.files(), [FILES[0]])

    def test_no_card(self):
        link = self.tcp()
        order(self.path("control"), "sd absent")
        self.assertIn("no SD card", self.get(link, "--all", status=1).stderr)
        self.assertEqual(self.files(), [])

    def test_another_file_of_the_name(self):
        os.mkdir(self.directory)
        with open(os.path.join(self.directory, FILES[0]), "w", encoding="ascii") as file:
            file.write("mine\n")
        done = self.get(self.tcp(), "--all", "--format", "jsonl", status=4)
        self.assertIn("left as it is", self.results(done)[FILES[0]])
        self.assertEqual(self.content(FILES[0]), b"mine\n")

    def blocks(self):
        """Blocks that have come so far, by the size of the trace."""
        try:
            return os.path.getsize(self.path("trace")) // 1800
        except FileNotFoundError:
            return 0

    def start(self, link, *arguments):
        process = subprocess.Popen([XCOMTOP, "-c", link, "--trace", self.path("trace"), "datalog", "get", "--output",
                                    self.directory, *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, text=True, env=environment(self.home))
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.wait, 10)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def test_ended_in_the_middle(self):
        link = self.tcp("xt=1,bsp,log=1,log-every=1", "--latency", "30ms")
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(number):
                getting = self.start(link, FILES[0])
                self.wait_for(lambda: self.blocks() > 20)
                getting.send_signal(number)
                printed, told = getting.communicate(timeout=20)
                self.assertEqual(printed, "")
                if number != signal.SIGKILL:
                    self.assertIn(f"stopped: {FILES[0]} is fetched from the beginning next time\n", told)
                self.assertEqual(getting.wait(20), -number if number == signal.SIGKILL else 128 + number)
                self.assertEqual(self.files(), [])
                if number != signal.SIGKILL:
                    with open(self.path("trace"), encoding="utf-8") as trace:
                        self.assertIn("25 00", trace.read())    # aborted
                    self.check_trace("trace", "--faults")
                os.unlink(self.path("trace"))
        self.get(link, FILES[0])
        self.assert_whole(FILES[0], 1)

    # --- What isn't asked ---

    def test_read_only(self):
        link = self.tcp()
        self.assertIn("isn't a pure read", self.get(link, "--all", "--read-only", status=1).stderr)
        self.assertIn("--read-only", self.run_xcomtop("-c", link, "--read-only", "note", "x", status=1).stderr)
        self.assertEqual(order(self.path("control"), "status")[0], "requests 0")

    def test_wrong_usage(self):
        for arguments in (["datalog"], ["datalog", "put"], ["datalog", "list", "x"], ["datalog", "list", "--new"],
                          ["datalog", "get"], ["datalog", "get", "--all", "--new"], ["datalog", "get", "x", "--all"],
                          ["datalog", "get", "../LG260620.CSV"], ["datalog", "get", "LG260631.CSV"], ["note"],
                          ["note", ""], ["note", "a\nb"], ["note", "x" * 251], ["note", "日"]):
            with self.subTest(arguments):
                self.assertTrue(self.run_xcomtop("--demo", *arguments, status=2).stderr)

    def test_a_can_gateway_has_none(self):
        self.sim("--slcan", self.path("can"))
        link = f"slcan:{self.path('can')}?bitrate=125000"
        self.assertIn("Xcom-CAN has no datalog", self.run_xcomtop("-c", link, "datalog", "list", status=1).stderr)
        self.assertIn("Xcom-CAN has no datalog", self.run_xcomtop("-c", link, "note", "x", status=1).stderr)

    # --- Notes ---

    def test_note(self):
        link = self.tcp("xt=1,log=1,log-every=60")
        done = self.run_xcomtop("-c", link, "--trace", self.path("trace"), "note", "Öl gewechselt, 5 €", "--yes")
        self.assertIn("written", done.stderr)
        self.assertIn("separate values", done.stderr)
        self.check_trace("trace")
        order(self.path("control"), "set XCOM 5059 send")
        # The gateway is busy while it saves, and waited for.
        self.get(link, "LG260621.CSV")
        self.assertIn("note,Öl gewechselt, 5 €\r\n", self.content("LG260621.CSV").decode("iso-8859-15"))

    def test_note_asks(self):
        link = self.tcp()
        self.assertIn("--yes", self.run_xcomtop("-c", link, "note", "x", status=1).stderr)
        terminal = Terminal(self, "-c", link, "note", "fan cleaned")
        terminal.see('Write "fan cleaned" to the datalog of')
        terminal.type("n\n")
        terminal.end(1)
        terminal = Terminal(self, "-c", link, "note", "fan cleaned")
        terminal.see("[y/N]")
        terminal.type("y\n")
        terminal.end(0)
        self.assertIn("writes 1", order(self.path("control"), "status"))

    def test_note_without_an_answer(self):
        link = self.tcp()
        order(self.path("control"), "lose 1")
        done = self.run_xcomtop("-c", link, "note", "x", "--yes", "--timeout", "1s", status=5)
        self.assertIn("isn't known", done.stderr)
        self.assertIn("writes 1", order(self.path("control"), "status"))

    # --- A person looks on ---

    def test_progress_on_a_terminal(self):
        link = self.tcp("xt=1,bsp,log=2,log-every=1", "--latency", "10ms")
        terminal = Terminal(self, "-c", link, "datalog", "get", "--output", self.directory, *FILES[:2])
        terminal.see("kB/s")
        terminal.see("of about")
        terminal.end(0)


if __name__ == "__main__":
    main()
