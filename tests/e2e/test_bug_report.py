#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bug-report: what it tells, and what it leaves out."""
import os
import re

from harness import Case, Terminal, main

GUID = "0123456789ABCDEF0123456789ABCDEF"
CONFIGURATION = f"""read-only = yes
[emosson]
link = tcp-listen:192.168.1.4:4001
allow = 192.168.1.20
guid = {GUID}
[barrage]
link = moxa.example.org:4001
"""


class BugReport(Case):
    def report(self, *arguments, status=0, **more):
        return self.run_xcomtop("bug-report", *arguments, status=status, **more).stdout

    def test_the_computer(self):
        text = self.report(env={"TERM": "xterm-256color", "COLORTERM": "truecolor"})
        self.assertRegex(text, r"\Axcomtop \d+\.\d+\.\d+\nncurses .*, SQLite ")
        for line in (rf"kernel: {os.uname().sysname} {re.escape(os.uname().release)} ", "distribution: .+",
                     "TERM=xterm-256color", "COLORTERM=truecolor", "LC_ALL=C.UTF-8", "character set: UTF-8",
                     "terminal: none", "colours: 256",
                     r"configuration: ~/.config/xcomtop/xcomtop.conf: there is none"):
            self.assertRegex(text, f"(?m)^{line}")
        self.assertIn("colours: unknown", self.report(env={"TERM": "no-such-terminal"}))

    def test_on_a_terminal(self):
        out, _ = Terminal(self, "bug-report").end(0)
        self.assertIn("terminal: of unknown size\n", out)

    def test_settings_are_left_out_unless_asked_for(self):
        self.write(".config/xcomtop/xcomtop.conf", CONFIGURATION)
        text = self.report()
        self.assertIn("  read-only = …\n  [site 1]\n  link = …\n  allow = …\n  guid = …\n  [site 2]\n  link = …\n", text)
        for private in ("emosson", "barrage", "192.168", "moxa", GUID[4:], self.home):
            self.assertNotIn(private, text)
        text = self.report("--values")
        for private in ("[emosson]", "moxa.example.org:4001", "192.168.1.20", GUID, self.home):
            self.assertIn(private, text)

    def test_a_broken_configuration(self):
        self.write(".config/xcomtop/xcomtop.conf", "nonsense\n")
        self.assertIn("it can't be read: ~/.config/xcomtop/xcomtop.conf", self.report(status=4))

    def test_a_link(self):
        port = self.sim("--tcp-listen", "0", "--fault", "crlf always").port
        text = self.report("-c", f"127.0.0.1:{port}", "--trace", self.path("trace"))
        self.check_trace("trace")
        self.assertIn("\nlink: tcp\n  XT1  XTH 8000-48  1.6.74\n", text)
        self.assertRegex(text, r"\nGUID: [0-9a-f]{4}…\n")
        self.assertRegex(text, r"\nquestions [1-9]\d*, answers [1-9]")
        self.assertRegex(text, r"CR LF [1-9]")
        self.assertNotIn("127.0.0.1", text)
        text = self.report("-c", f"127.0.0.1:{port}", "--values")
        self.assertIn(f"link: 127.0.0.1:{port}\n", text)
        self.assertRegex(text, r"\nGUID: [0-9a-f]{32}\n")

    def test_no_answer(self):
        self.assertIn("\nlink: serial\nno answer: missing\n", self.report("-c", "/dev/ttyUSB99", status=3))

    def test_the_first_site_is_not_connected_to(self):
        self.write(".config/xcomtop/xcomtop.conf", "[emosson]\nlink = /dev/ttyUSB99\n")
        self.assertNotIn("link: ", self.report())
        self.assertIn("link: serial", self.report("--site", "emosson", status=3))

    def test_a_log(self):
        log = self.write("log", "".join(f"xcomtop: line {n} from 10.0.0.{n}\n" for n in range(1, 31)) +
                         "xcomtop: \033[2Jend")
        lines = self.report(log).split("last messages of xcomtop in ~/log:\n")[1].splitlines()
        self.assertEqual((len(lines), lines[0], lines[-1]),
                         (20, "xcomtop: line 12 from ADDRESS", "xcomtop: \\x1B[2Jend"))
        self.assertEqual(len(self.report(log, "--last", "3").split("~/log:\n")[1].splitlines()), 3)
        self.assertIn("xcomtop: line 30 from 10.0.0.30\n", self.report(log, "--values"))
        self.report(self.path("missing"), status=1)

    def test_of_a_log_only_messages_are_shown(self):
        self.write(".config/xcomtop/xcomtop.conf", CONFIGURATION + "preset-mine = XT1:3000\n")
        private = ["2026-11-26T07:04:35.000+00:00,50.4375,1.5", '{"time":"2026-11-26","value":50.4375}',
                   "XT1 3000 Battery voltage 50.4375 V", "systemd[1]: Started xcomtop-log@emosson.service",
                   "Nov 21 14:03:22 farm sshd[12]: Accepted anna@example.org", "x" * 600 + " xcomtop: 50.4375"]
        log = self.write("log", "\n".join(private + [
            "xcomtop: emosson: connecting to gate.example.invalid:4001",
            "Nov 21 14:03:22 farm xcomtop[123]: xcomtop: moxa.example.org has MAC 00:90:e8:12:34:56, /home/maria/x",
            "xcomtop: there is no preset 'mine', anna@example.org 01234567-89ab-cdef-0123-456789abcdef",
            "xcomtop: XT1 1138: 50.4375 V at " + "y" * 480 + " " + GUID, ""]))
        shown = self.report(log).split("~/log:\n")[1]
        self.assertEqual(shown.splitlines()[:3], [
            "xcomtop: …: connecting to HOST:4001",
            "Nov 21 14:03:22 xcomtop: … has MAC MAC, /home/…/x",
            "xcomtop: there is no preset '…', MAIL 0123…"])
        self.assertTrue(shown.endswith("(left out: 6 lines that are no messages of xcomtop; with --values lines of every "
                                       "kind are shown)\n"), shown)
        for word in ("50.4375", "emosson", "farm", "maria", "anna", "mine", "example", "456789", "00:90"):
            self.assertNotIn(word, shown)
        everything = self.report(log, "--values")
        for line in private[:5]:
            self.assertIn(line, everything)

    def test_how_many_lines_are_left_out(self):
        def end(*lines, more=()):
            return self.report(self.write("log", "".join(f"{line}\n" for line in lines)), *more).split("\n\n")[-1]

        self.assertEqual(end("xcomtop: up"), "last messages of xcomtop in ~/log:\nxcomtop: up\n")
        self.assertEqual(end("other", "xcomtop: up"), "last messages of xcomtop in ~/log:\nxcomtop: up\n(left out: 1 line "
                         "that is no message of xcomtop; with --values lines of every kind are shown)\n")
        self.assertEqual(end("a", "b"), "there are no messages of xcomtop in ~/log\n(left out: 2 lines that are no "
                         "messages of xcomtop; with --values lines of every kind are shown)\n")
        self.assertEqual(end(), "there are no messages of xcomtop in ~/log\n")
        self.assertTrue(end("a", more=("--values",)).startswith("last lines in "))

    def test_what_is_no_text_is_refused(self):
        with open(self.path("log"), "wb") as file:
            file.write(b"SQLite format 3\0" + bytes(range(256)))
        for more in ((), ("--values",)):
            done = self.run_xcomtop("bug-report", self.path("log"), *more, status=1)
            self.assertIn("log is no text: expected what xcomtop printed on standard error", done.stderr)
            self.assertNotIn("SQLite format", done.stdout)

    def test_a_wrong_configuration_holds_nothing_up(self):
        self.write(".config/xcomtop/xcomtop.conf", CONFIGURATION)
        log = self.write("log", "xcomtop: emosson is up\n")
        done = self.run_xcomtop("bug-report", "--site", "emoson", log, status=2)
        self.assertIn("has no site 'emoson'; it has emosson, barrage", done.stderr)
        self.assertIn("xcomtop: … is up\n", done.stdout)
        # Without the configuration nobody knows what is a name.
        self.write(".config/xcomtop/xcomtop.conf", "[emosson]\nlink = a\nallow = b\nnonsense\n")
        done = self.run_xcomtop("bug-report", "--site", "emosson", log, status=4)
        self.assertIn("xcomtop.conf:4: ", done.stderr)
        self.assertIn("log is left out: ", done.stderr)
        self.assertNotIn("emosson", done.stdout)
        done = self.run_xcomtop("bug-report", "--site", "emosson", "--values", log, status=4)
        self.assertIn("xcomtop: emosson is up\n", done.stdout)

    def test_a_link_that_is_none_holds_nothing_up(self):
        log = self.write("log", "xcomtop: up\n")
        self.assertIn("xcomtop: up\n", self.report("-c", "nonsense", log, status=2))


if __name__ == "__main__":
    main()
