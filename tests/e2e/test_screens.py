#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The live screens of the real xcomtop in a private tmux: what a person sees, and what is left behind."""
import contextlib
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time

from harness import SKIP, XCOMTOP, Case, environment, free_port, main, order

PROMPT = "shell>"


class Tmux(Case):
    """A shell in a terminal of 80 x 24; nothing sleeps: a marker and two equal screens are waited for."""

    def setUp(self):
        super().setUp()
        self.socket = f"xcomtop{os.getpid()}-{self._testMethodName}"
        self.env = environment(self.home)
        self.tmux("new-session", "-d", "-s", "main", "-x", "80", "-y", "24", "/bin/sh")
        self.tmux("set", "-g", "status", "off")
        self.tmux("set", "-g", "escape-time", "0")
        self.addCleanup(self.tmux, "kill-server", check=False)
        self.type("PS1='she''ll> '")  # dash takes none from the environment
        self.see(PROMPT)

    def tmux(self, *arguments, check=True):
        return subprocess.run(["tmux", "-L", self.socket, "-f", "/dev/null", *arguments], env=self.env,
                              check=check, capture_output=True, text=True, timeout=10).stdout

    def screen(self):
        return self.tmux("capture-pane", "-p", "-t", "main")

    def see(self, *markers, absent=(), seconds=10, still=False):
        """Waits until all markers are on the screen and none of absent is; returns the screen."""
        last, end = None, time.monotonic() + seconds
        while True:
            screen = self.screen()
            if all(m in screen for m in markers) and not any(a in screen for a in absent):
                if not still or screen == last:
                    return screen
            if time.monotonic() > end:
                self.fail(f"not seen in {seconds} s: {markers} without {absent}\n{screen}")
            last = screen
            time.sleep(0.05)

    def keys(self, *keys):
        self.tmux("send-keys", "-t", "main", *keys)

    def type(self, line):
        self.keys("-l", line)
        self.keys("Enter")

    def start(self, *arguments, before="", markers=("XT1", "Battery")):
        self.type(" ".join([before, XCOMTOP, *arguments]) + "; echo status=$?")
        return self.see(*markers)

    def ended(self, status=0):
        """The shell's screen is back as it was, with the exit status."""
        screen = self.see(f"status={status}", still=True)
        self.assertNotIn("Overview", screen.replace(XCOMTOP, ""))
        self.assertEqual(self.tmux("display", "-p", "-t", "main", "#{alternate_on}").strip(), "0")
        self.type("clear; stty -a | grep -c ' icanon .* echo '")
        self.see("1\n")

    def program(self):
        """The process id of the xcomtop in the pane."""
        shell = self.tmux("display", "-p", "-t", "main", "#{pane_pid}").strip()
        children = subprocess.run(["ps", "-o", "pid=,comm=", "--ppid", shell], capture_output=True,
                                  text=True).stdout.split("\n")
        return next(int(line.split()[0]) for line in children if "xcomtop" in line)

    def resize(self, columns, rows):
        self.tmux("resize-window", "-t", "main", "-x", str(columns), "-y", str(rows))


class Screens(Tmux):
    def test_views_help_and_the_way_out(self):
        self.start("--demo", markers=("XT1", "VT1", "BSP", "kW"))
        for key, markers in (("2", ("XT1", "XT2", "XT3", "Battery voltage")), ("3", ("VT1", "VT2")),
                             ("4", ("VS1",)), ("5", ("BSP", "State of Charge")), ("0", ("GUID",)),
                             ("1", ("Battery", "XT1", "Loads"))):
            self.keys(key)
            self.see(*markers)
        self.keys("?")
        self.see("Shift-Tab")
        self.keys("Escape")
        self.see("Loads", absent=("pause polling, and go on",))
        self.keys("q")
        self.ended(0)

    def test_themes(self):
        for name in ("bad", "sea"):
            self.write(f".config/xcomtop/themes/{name}.theme", f"alarm = red\nsolar = {name}\n")
        for wanted, line in (("sea2", "there is no ~/.config/xcomtop/themes/sea2.theme"),
                             ("bad", "~/.config/xcomtop/themes/bad.theme:2: solar: expected a colour"),
                             ("a/b", "--theme: expected default, light, contrast, mono or the name")):
            done = self.run_xcomtop("--demo", "--theme", wanted, status=2)
            self.assertIn(line.replace("~", self.home), done.stderr)
        self.write(".config/xcomtop/themes/sea.theme", "like = light\nalarm = red\n")
        self.start("--demo", "--theme", "mono")
        self.keys("T")
        self.see("Theme sea. For always: theme = sea")
        self.keys("T")
        self.see("Theme default.")
        self.keys("2")
        self.see("Battery voltage", absent=("Theme",))
        self.keys("q")
        self.ended(0)

    def test_arranged_screens_are_kept(self):
        self.start("--demo")
        self.keys("0")
        self.see("59e1045c")  # its GUID: which installation this is
        self.keys("2")
        self.see("3010 Battery cycle phase")
        self.keys("Down")
        self.keys("*")
        self.see("pinned to the overview, on 1: XT1 3028 Operating state")
        self.keys("g")
        self.see("in the graphs (8) as 1: XT1 3028")
        self.keys("Down")
        self.keys("x")
        self.see("State  1 hidden", absent=("3010 Battery cycle",))
        self.keys("q")
        self.ended(0)
        self.start("--demo", markers=("► XT1 3028", "Loads"))
        self.keys("2")
        self.see("State  1 hidden", "3049 State of the inverter", absent=("3010 Battery cycle",))
        self.keys("v")
        self.see("-3010 Battery cycle phase")
        self.keys("8")
        self.see("1─ XT1 3028", absent=("2─",))
        self.keys("1")
        self.see("► XT1 3028")
        self.keys("*")
        self.see("taken off the overview: XT1 3028", absent=("► XT1 3028",))
        self.keys("q")
        self.ended(0)

    def test_a_log_as_the_configuration_wants_it(self):
        os.makedirs(self.path(".config/xcomtop"))
        with open(self.path(".config/xcomtop/xcomtop.conf"), "w", encoding="utf-8") as file:
            file.write(f"log-output = {self.path('a.csv')}\nlog-every = 2s\nlog-sync = 3s\n"
                       "log-rotate = 20k\nlog-rotate-keep = 2\n")
        self.start("--demo")
        self.keys("L")
        self.see("a.csv")
        for _ in range(4):
            self.keys("Tab")
        # What isn't among the choices is one more.
        self.see("(●) 2 s", "(●) files of 20 kB", "(●) 2", "(●) 3 s")
        for _ in range(4):
            self.keys("Tab")
        self.keys("Right", "Right")  # ten rows
        self.see("(●) 10", absent=("(●) until stopped",))
        self.keys("Enter")
        self.see("a.csv", "1 row")
        # It ends by itself, and the form is there again.
        self.see("a.csv 10 ", "(●) 10", absent=("10 0 B",), seconds=40)
        with open(self.path("a.csv"), encoding="utf-8") as file:
            self.assertEqual(len(file.readlines()), 11)

    def test_sizes(self):
        self.start("--demo")
        self.resize(40, 12)
        self.see("kW")
        self.assertTrue(all(len(line) <= 40 for line in self.screen().splitlines()))
        self.resize(30, 8)
        self.see("40")
        self.resize(132, 50)
        self.see("XT1", "Loads")
        self.resize(80, 24)
        self.see("XT1", "Loads")
        self.keys("F10")
        self.ended(0)

    def test_datalog_files(self):
        self.start("-c demo:xt=1,bsp,log=30,log-every=30 --datalog-directory", self.path("logs"))
        self.keys("9")
        self.see("30 files, 0 here", "Datalog files", self.path("logs"))
        self.keys("Down")
        self.keys("Enter")
        screen = self.see("fetched", "30 files, 1 here", "1 done")
        name = next(line for line in screen.splitlines() if "fetched" in line).split()[0]
        self.assertEqual(os.listdir(self.path("logs")), [name])
        self.keys("n")
        self.see("kB/s", "waits")
        self.keys("x")
        self.see("30 files", absent=("kB/s", "waits"))
        self.keys("A")
        self.see("kB/s")
        self.keys("q")  # in the middle of a file
        self.ended(0)
        self.assertFalse([name for name in os.listdir(self.path("logs")) if name.startswith(".")])

    def test_interrupted(self):
        self.start("--demo")
        self.keys("C-c")
        self.ended(130)

    def test_terminated(self):
        self.start("--demo")
        os.kill(self.program(), signal.SIGTERM)
        self.ended(143)

    def test_stopped_and_continued(self):
        self.start("--demo")
        self.keys("C-z")
        self.see(PROMPT, absent=("Loads",))
        self.assertEqual(self.tmux("display", "-p", "-t", "main", "#{alternate_on}").strip(), "0")
        self.type("fg")
        self.see("XT1", "Loads")
        self.keys("q")
        self.see(PROMPT, absent=("Loads",))

    def test_what_is_new_shows_until_it_is_seen(self):
        control = self.path("control")
        port = self.sim("--tcp-listen", "0", "--control", control).port
        self.start("-c", f"tcp:127.0.0.1:{port}")
        self.keys("7")
        self.see("known", "Xcom server connected")
        self.keys("2")
        self.see("Battery voltage", absent=("new",))
        order(control, "message 20 XT1")
        self.see("! 1 new")
        self.keys("7")
        self.see("*2026-06-21", "HALTED: Battery overvoltage", absent=("! 1 new",))
        self.keys("1")
        self.see("Battery overvoltage", absent=("! 1 new",))
        self.keys("q")
        self.see("status=0")
        # It has been, also for the next one.
        self.start("-c", f"tcp:127.0.0.1:{port}", before="clear;")
        self.see("live", absent=("new",), still=True)
        self.keys("q")

    def test_an_alarm_is_set_on_a_value_and_kept(self):
        port = self.sim("--tcp-listen", "0").port
        self.start("-c", f"tcp:127.0.0.1:{port}")
        self.keys("5")
        self.see("State of Charge")
        self.keys("Down", "a")
        self.see("A new alarm", "BSP:7002 <")
        self.keys("-l", "101 %")
        self.keys("Enter")
        self.see("Alarms on values", "! ON")
        self.keys("Escape")
        self.see("! 1 new", absent=("Alarms on values",))
        self.keys("q")
        self.see("status=0")
        self.start("-c", f"tcp:127.0.0.1:{port}", before="clear;")
        self.keys("7")
        self.see("ALARM: BSP SOC")
        self.keys("a", "x")
        self.see("There are none")
        self.keys("Escape", "q")

    def test_a_command_that_failed_is_told_until_a_later_one_does_well(self):
        control, pid = self.path("control"), self.path("pid")
        port = self.sim("--tcp-listen", "0", "--control", control).port
        self.run_xcomtop("-c", f"tcp:127.0.0.1:{port}", "messages")
        os.mkfifo(self.path("go"))
        command = self.write("bin/command", "#!/bin/sh\ncase $XCOMTOP_MESSAGE_NUMBER in\n16) exit 3;;\n"
                             f"21) echo $$ > {pid}; cat {self.path('go')};;\nesac\n")
        self.start("-c", f"tcp:127.0.0.1:{port}", "--on-message", f"'sh {command}'")
        order(control, "message 21 XT1")
        self.wait_for(lambda: os.path.exists(pid) and os.path.getsize(pid))
        order(control, "message 16 XT2")
        self.see("! --on-message: exit")
        # The one that ran beside it does well: that it has ended is known when its process is taken away.
        with open(self.path("go"), "w", encoding="utf-8"):
            pass
        with open(pid, encoding="utf-8") as file:
            process = file.read().strip()
        self.wait_for(lambda: not os.path.exists(f"/proc/{process}"))
        self.keys("2")
        self.see("Battery voltage", "! command")
        self.keys("1")
        self.see("! --on-message: exit")
        order(control, "message 22 XT1")
        self.see("Loads", absent=("on-message",))
        self.keys("q")
        self.ended(0)

    def test_a_gateway_that_goes_and_comes_back(self):
        port = free_port()
        sim = self.sim("--tcp-listen", str(port))
        self.start("-c", f"127.0.0.1:{port}", markers=("XT1", "live"))
        self.stop(sim)
        self.see("next try", absent=("live",))
        self.sim("--tcp-listen", str(port))
        self.see("live", "XT1", seconds=15)
        self.keys("q")
        self.ended(0)

    def test_a_moxa_that_dials_in_late(self):
        port = free_port()
        self.start("-c", f"tcp-listen:127.0.0.1:{port}", markers=(str(port),))
        self.see("only this computer reaches it: 127.0.0.1")
        self.sim("--tcp-connect", f"127.0.0.1:{port}", wait=False)
        self.see("XT1", "live", seconds=15)
        self.keys("q")
        self.ended(0)

    def test_a_moxa_is_waited_for_while_this_computer_gets_its_address(self):
        network = ["unshare", "--net", "--map-root-user"]
        veth = "ip link add veth0 type veth peer name veth1"
        if shutil.which("unshare") is None or subprocess.run([*network, "sh", "-c", veth], capture_output=True).returncode:
            self.skipTest("no network of its own can be made")
        os.mkfifo(self.path("go"))
        self.type(" ".join(network) + " sh")
        self.type(f"{veth}; (cat {self.path('go')}; ip address add 192.0.2.7/24 dev veth0; ip link set veth0 up) &")
        self.start("-c", ":4001", markers=("no address that a Moxa could dial",))
        with open(self.path("go"), "w", encoding="utf-8"):
            pass
        self.see("this computer is reached at 192.0.2.7 (veth0)", absent=("no address",), seconds=20)
        self.keys("q")
        self.see("status=0")
        self.type("exit")

    def test_a_link_that_cannot_be_had_is_told_before_the_screens(self):
        self.type(f"{XCOMTOP} -c 127.0.0.1:{free_port()}; echo status=$?")
        self.see("refused", "status=3")
        self.type(f"clear; {XCOMTOP} -c /dev/ttyUSB99; echo status=$?")
        self.see("/dev/ttyUSB99", "status=3")
        self.type(f"clear; {XCOMTOP}; echo status=$?")
        self.see("--demo", "status=2")

    def test_terminals_that_cannot_do_it(self):
        self.type(f"TERM=nonesuch {XCOMTOP} --demo; echo status=$?")
        self.see("nonesuch", "status=2")
        self.type(f"clear; TERM=dumb {XCOMTOP} --demo; echo status=$?")
        self.see("dumb", "status=2", absent=("probing",))
        self.type(f"clear; TERM= {XCOMTOP} --demo; echo status=$?")
        self.see("TERM", "status=2")
        self.type(f"clear; {XCOMTOP} --demo </dev/null; echo status=$?")
        self.see("--once", "status=2")

    def test_plain_terminals(self):
        for before in ("LC_ALL=C", "NO_COLOR=1", "TERM=vt100"):
            self.start("--demo", before=before)
            if before == "LC_ALL=C":
                self.assertTrue(self.screen().isascii(), self.screen())
            self.keys("q")
            if before == "TERM=vt100":  # it has no second screen to come back from
                # The bottom line is the shell's again.
                self.assertRegex(self.see("status=0"), r"(?m)^status=0\s*$")
            else:
                self.ended(0)

    def test_once_in_a_terminal_is_as_wide(self):
        self.resize(60, 40)
        self.type(f"clear; {XCOMTOP} --demo --once; echo status=$?")
        screen = self.see("status=0")
        self.assertIn("XT1", screen)
        self.assertNotIn("Overview", screen)

    def test_graphs_of_older_times(self):
        log = self.path("site.sqlite")
        subprocess.run([XCOMTOP, "--demo", "log", "--output", log, "--format", "sqlite", "--every", "1s", "--count", "3",
                        "--select", "XT.sum:3136"], env=self.env, check=True, timeout=60, stderr=subprocess.DEVNULL)
        with contextlib.closing(sqlite3.connect(log)) as database, database:
            database.execute("UPDATE samples SET time = time - 3 * 86400 * 1000000")
            (first,) = database.execute("SELECT min(time) FROM samples").fetchone()
        self.start("--demo", "--history", log)
        self.keys("8")
        self.see("XT.sum 3136", "until now")
        self.keys("Home")
        # The window begins there: what was logged is at its left edge, and an hour is shown.
        day = time.strftime("%Y-%m-%d", time.gmtime(first / 1e6 + 3600))
        screen = self.see(f"until {day}")
        values = next(line for line in screen.splitlines() if "XT.sum 3136" in line)
        self.assertRegex(values, r" kW +\d\.\d\d +\d\.\d\d +\d\.\d\d$")
        self.keys("End")
        self.see("until now")
        self.keys("q")
        self.see("status=0")

    def test_a_history_that_is_none(self):
        with open(self.path("other"), "w", encoding="utf-8") as file:
            file.write("no log")
        self.start("--demo", "--history", self.path("other"), markers=("status=1", "other"))
        self.start("--demo", "--history", self.path("comes-later"))
        self.keys("q")
        self.see("status=0")


if __name__ == "__main__":
    if not shutil.which("tmux"):
        sys.exit(SKIP)
    main()
