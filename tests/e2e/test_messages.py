#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""xcomtop messages, alarms on values, and the command of --on-message."""
import csv
import io
import json
import os
import signal
import stat
import subprocess

from harness import XCOMTOP, Case, environment, main, order

FILE = ".local/state/xcomtop/messages.sqlite"
KEYS = ["time", "device", "address", "number", "severity", "text", "kind", "value", "learned"]
HOSTILE = 'a "$(touch pwned)" `touch pwned`; touch pwned $HOME \\ \'q\''


class Messages(Case):
    def start(self, *arguments):
        self.control = self.path("control")
        sim = self.sim("--tcp-listen", "0", "--control", self.control, "--latency", "1ms", *arguments)
        return f"tcp:127.0.0.1:{sim.port}"

    def list(self, link, *arguments, **more):
        done = self.run_xcomtop("-c", link, "messages", "--format", "jsonl", *arguments, **more)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def follow(self, link, *arguments, name="out"):
        with open(self.path(name), "w") as out, open(self.path("err"), "w") as err:
            process = subprocess.Popen([XCOMTOP, "-c", link, "messages", "--follow", "--format", "jsonl", *arguments],
                                       stdin=subprocess.DEVNULL, stdout=out, stderr=err,
                                       env=environment(self.home), cwd=self.home)
        self.addCleanup(lambda: process.poll() is None and process.kill())
        return process

    def text_of(self, name):
        try:
            with open(self.path(name), encoding="utf-8") as file:
                return file.read()
        except FileNotFoundError:
            return ""

    def reads(self):
        return sum(" message " in line for line in self.text_of("trace").splitlines())

    def test_history(self):
        link = self.start("--install", "xt=2,bsp,messages=300")
        rows = self.list(link, "--trace", self.path("trace"))
        self.check_trace("trace")
        self.assertGreater(len(rows), 300)
        self.assertEqual(list(rows[0]), KEYS)
        self.assertEqual([row["time"] for row in rows], sorted(row["time"] for row in rows))
        self.assertEqual(len({(r["time"], r["address"], r["number"]) for r in rows}), len(rows))
        halt = next(row for row in rows if row["number"] == 20)
        self.assertEqual(halt["severity"], "halted")
        self.assertEqual(halt["text"], "Battery overvoltage")
        self.assertRegex(halt["device"], r"\AXT[12]\Z")
        self.assertEqual(stat.S_IMODE(os.stat(self.path(FILE)).st_mode), 0o600)
        # Again it is known: one question finds that out. --last and --since are of what is known.
        self.assertEqual(self.list(link), rows)
        self.assertEqual(self.list(link, "--last", "5"), rows[-5:])
        self.assertEqual(self.list(link, "--since", rows[-3]["time"]),
                         [row for row in rows if row["time"] >= rows[-3]["time"]])
        done = self.run_xcomtop("-c", link, "messages", "--format", "csv")
        table = list(csv.DictReader(io.StringIO(done.stdout)))
        self.assertEqual(list(table[0]), KEYS)
        self.assertEqual(len(table), len(rows))

    def test_counting_down(self):
        link = self.start("--install", "xt=2,bsp,messages=40,message-count=remaining")
        rows = self.list(link)
        self.assertGreater(len(rows), 40)
        self.assertEqual(rows[0]["number"], 3 if 40 % 2 else 224)

    def test_leave_messages(self):
        link = self.start()
        order(self.control, "message 16 XT2")
        done = self.run_xcomtop("-c", link, "messages", "--leave-messages")
        self.assertEqual(done.stdout, "")
        self.assertIn("no message is known", done.stderr)
        self.assertFalse(os.path.exists(self.path(FILE)))
        known = self.list(link)
        self.assertEqual(known[-1]["text"], "Fan error detected")
        order(self.control, "message 20 XT1")
        # Nobody has to answer for what is known; what is known by another link is another's.
        self.assertEqual(self.list(link, "--leave-messages"), known)
        self.assertEqual(self.list("tcp:127.0.0.1:1", "--leave-messages"), [])
        self.assertEqual(len(self.list(link)), len(known) + 1)

    def test_wrong_usage(self):
        for arguments, says in (
                (("messages", "--on-message", "true"), "--on-message goes with --follow"),
                (("messages", "--alarm", "low: BSP:7002 < much"), "--alarm: 'much': expected a number in %"),
                (("messages", "--alarm", "low BSP:7002 < 40"), "expected NAME: DEVICE:ID < VALUE"),
                (("scan", "--alarm", "low: BSP:7002 < 40"), "'scan' takes no --alarm"),
                (("read", "XT1", "3000", "--follow"), "'read' takes no --follow")):
            done = self.run_xcomtop("--demo", *arguments, status=2)
            self.assertIn(says, done.stderr)
            self.assertEqual(done.stderr.count("\n"), 1)
        self.write(".config/xcomtop/xcomtop.conf", "[a]\nlink = demo:\nalarm = low: BSP:7002 ? 40\n")
        done = self.run_xcomtop("scan", status=2)
        self.assertIn("xcomtop.conf:3: alarm: 'BSP:7002 ? 40': expected <, >, = or !=", done.stderr)

    def test_follow_and_command(self):
        link = self.start()
        command = 'printf "%s|%s|%s|%s|%s\\n" "$XCOMTOP_MESSAGE_KIND" "$XCOMTOP_MESSAGE_DEVICE" ' \
                  '"$XCOMTOP_MESSAGE_NUMBER" "$XCOMTOP_MESSAGE_SEVERITY" "$XCOMTOP_MESSAGE_TEXT" >> told'
        self.list(link)
        process = self.follow(link, "--last", "1", "--on-message", command)
        self.wait_for(lambda: self.text_of("out").count("\n") == 1)
        order(self.control, "message 16 XT2", "message 999 BSP")
        self.wait_for(lambda: self.text_of("told").count("\n") == 2)
        self.assertEqual(sorted(self.text_of("told").splitlines()),
                         ["message|BSP|999|info|message 999", "message|XT2|16|warning|Fan error detected"])
        rows = [json.loads(line) for line in self.text_of("out").splitlines()]
        self.assertEqual([row["number"] for row in rows[1:]], [16, 999])
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 128 + signal.SIGTERM)
        self.assertEqual(self.text_of("err"), "")

    def test_no_name_is_read_by_a_shell(self):
        link = self.start()
        process = self.follow(link, "--alarm", f"{HOSTILE[:30]}: XT1:3000 > 1",
                              "--on-message", 'printf "%s" "$XCOMTOP_MESSAGE_NAME" > name; env > environment')
        self.wait_for(lambda: "XCOMTOP_MESSAGE_TEXT" in self.text_of("environment"))
        self.assertEqual(self.text_of("name"), HOSTILE[:30].rstrip())
        self.assertFalse(os.path.exists(self.path("pwned")))
        self.assertIn("XCOMTOP_MESSAGE_SEVERITY=alarm\n", self.text_of("environment"))
        self.assertIn("XCOMTOP_MESSAGE_KIND=alarm\n", self.text_of("environment"))
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(20), 128 + signal.SIGINT)

    def test_commands_that_fail_or_hang_hold_nothing_up(self):
        link = self.start()
        self.list(link)
        process = self.follow(link, "--on-message", "echo started >> started; echo noise; exec sleep 1000")
        self.wait_for(lambda: self.text_of("out"))
        order(self.control, *[f"message {number} XT2" for number in range(21, 101)])
        before = self.text_of("out").count("\n")
        self.wait_for(lambda: self.text_of("started").count("\n") == 2)
        order(self.control, "message 20 XT1")
        self.wait_for(lambda: '"number":20' in self.text_of("out"))
        self.assertGreaterEqual(self.text_of("out").count("\n"), before)
        # At most two at a time; what they print isn't taken for a result.
        self.assertEqual(self.text_of("started").count("\n"), 2)
        self.assertNotIn("noise", self.text_of("out"))
        self.assertIn("noise", self.text_of("err"))
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(20), 128 + signal.SIGTERM)

    def test_what_waits_in_one_program_another_one_runs(self):
        link = self.start()
        self.list(link)
        slow = self.follow(link, "--on-message", "echo slow >> started; exec sleep 1000")
        self.wait_for(lambda: self.text_of("out"))
        quick = self.follow(link, "--on-message", "echo $XCOMTOP_MESSAGE_NUMBER >> told", name="quick")
        self.wait_for(lambda: self.text_of("quick"))
        order(self.control, *[f"message {number} XT2" for number in range(21, 29)])
        self.wait_for(lambda: self.text_of("told").count("\n") + self.text_of("started").count("\n") == 8)
        self.assertLessEqual(self.text_of("started").count("\n"), 2)
        for process in (slow, quick):
            process.send_signal(signal.SIGTERM)
            process.wait(20)

    def test_children_are_taken_away(self):
        link = self.start()
        self.list(link)
        process = self.follow(link, "--on-message", "echo $$ >> pids; exit 3")
        self.wait_for(lambda: self.text_of("out"))
        order(self.control, "message 16 XT2", "message 16 XT1")
        self.wait_for(lambda: self.text_of("pids").count("\n") == 2)
        for pid in self.text_of("pids").split():
            self.wait_for(lambda: not os.path.exists(f"/proc/{pid}"))
        self.wait_for(lambda: self.text_of("err").endswith("\n"))  # it is told after that
        self.assertEqual(self.text_of("err"), "xcomtop: --on-message: exit status 3\n")
        process.send_signal(signal.SIGTERM)
        process.wait(20)

    def test_log_tells_messages_too(self):
        link = self.start()
        self.write(".config/xcomtop/xcomtop.conf",
                   f"on-message = echo \"$XCOMTOP_MESSAGE_SITE $XCOMTOP_MESSAGE_TEXT\" >> {self.path('told')}\n"
                   f"[chalet]\nlink = {link}\nalarm = mains: XT1:3000 > 1 V\n")
        process = subprocess.Popen([XCOMTOP, "log", "--every", "1s", "--output", self.path("log.csv")],
                                   stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                   env=environment(self.home))
        self.addCleanup(lambda: process.poll() is None and process.kill())
        self.wait_for(lambda: "chalet mains: XT1 3000" in self.text_of("told"))
        process.send_signal(signal.SIGTERM)
        process.wait(20)
        rows = self.list(link, "--site", "chalet", "--leave-messages")
        self.assertEqual((rows[-1]["kind"], rows[-1]["number"], rows[-1]["device"]), ("alarm", None, "XT1"))


if __name__ == "__main__":
    main()
