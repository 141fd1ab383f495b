#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""xcomtop graph on the real files of xcomtop log, and on ones that aren't."""
import datetime
import json
import math

from harness import Case, main

START = datetime.datetime(2026, 11, 21, 6, 0, tzinfo=datetime.timezone.utc)
COLUMNS = ["XT1:3000 Battery voltage [V]", "XT1:3136 Output active power [kW]", "XT2:3136 Output active power [kW]",
           'BSP:7002 "State" of Charge [%]']
NAMES = [column.split(" ")[0] for column in COLUMNS]


def rows():
    """A day by the minute: 50 V, a spike at noon, two hours without rows, powers that rise and fall."""
    for minute in range(24 * 60):
        if 600 <= minute < 720:
            continue
        volt = 70 if minute == 360 else 50
        wave = math.sin(minute / 1440 * math.pi)
        yield START + datetime.timedelta(minutes=minute), [volt, wave, None if minute % 2 else 2 * wave, 100 * wave]


def text(number):
    return "" if number is None else repr(number)


class Graph(Case):
    def setUp(self):
        super().setUp()
        self.csv = self.path("a.csv")
        with open(self.csv, "w", encoding="utf-8") as file:
            file.write("time," + ",".join('"' + c.replace('"', '""') + '"' for c in COLUMNS) + "\n")
            for time, numbers in rows():
                file.write(time.isoformat(timespec="milliseconds") + "," + ",".join(map(text, numbers)) + "\n")
        self.jsonl = self.path("a.jsonl")
        with open(self.jsonl, "w", encoding="utf-8") as file:
            for time, numbers in rows():
                row = {"time": time.astimezone(datetime.timezone(datetime.timedelta(hours=-3, minutes=-30)))
                               .isoformat(timespec="milliseconds")}
                row.update((name, number) for name, number in zip(NAMES, numbers) if number is not None)
                file.write(json.dumps(row, separators=(",", ":")) + "\n")

    def graph(self, *arguments, status=0):
        return self.run_xcomtop("graph", *arguments, status=status)

    def test_list(self):
        for path in (self.csv, self.jsonl):
            listed = [line.split()[0] for line in self.graph(path).stdout.splitlines()]
            self.assertEqual(listed, NAMES)
        self.assertIn("XT1:3136  kW  Output active power", self.graph(self.csv).stdout)

    def test_picture(self):
        done = self.graph(self.csv, "XT1:3000", "BSP:7002", "--width", "100", "--height", "30", "--ascii")
        lines = done.stdout.splitlines()
        self.assertEqual(len(lines), 30)
        self.assertTrue(all(len(line) <= 100 for line in lines))
        self.assertTrue(lines[0].startswith("2026-11-21 06:00:00"))
        self.assertIn("V", lines[1])
        self.assertIn("%", lines[1])
        self.assertIn("12:00", lines[-4])
        self.assertIn("11-22", lines[-4])
        # The spike is in the numbers and at the top; the gap has no line in it.
        self.assertRegex(lines[-2], r"^1 XT1:3000 Battery voltage +50.00 +50.02 +70.00 V$")
        self.assertRegex(lines[-1], r"^2 BSP:7002 State of Charge +0.0 +\d\d.\d +100.0 %$")
        plot = [line[8:92] for line in lines[2:-5]]
        self.assertIn(":", plot[0])
        at = lines[-5].index("+", 20)  # a tick: times and columns go together
        self.assertGreater(at, 8)
        width = len(plot[0])
        gap = range(int(width * 605 / 1440), int(width * 715 / 1440))
        for x in gap:
            self.assertFalse({line[x] for line in plot if x < len(line)} & set("12:"), x)

    def test_formats_agree(self):
        for more in ([], ["--since", "2026-11-21T10:00"], ["--since", "2026-11-21 12:00", "--until", "2026-11-21 13:00"]):
            pictures = {self.graph(path, "XT*:3136", "XT1:3000", "--width", "90", *more).stdout
                        for path in (self.csv, self.jsonl)}
            self.assertEqual(len(pictures), 1)
            self.assertIn("2 XT2:3136", pictures.pop())

    def test_sqlite(self):
        path = self.path("a.sqlite")
        self.run_xcomtop("--demo", "log", "--output", path, "--format", "sqlite", "--every", "1s", "--count", "3",
                         "--select", "XT*:3000,XT.sum:3136,BSP:7002")
        self.assertEqual([line.split()[0] for line in self.graph(path).stdout.splitlines()],
                         ["XT1:3000", "XT2:3000", "XT3:3000", "XT.sum:3136", "BSP:7002"])
        picture = self.graph(path, "XT.sum:3136", "BSP:7002").stdout
        self.assertRegex(picture, r"\n1 XT\.sum:3136 Output active power .* kW\n2 BSP:7002 State of Charge .* %\n\Z")

    def test_torn_and_foreign(self):
        with open(self.csv, "a", encoding="utf-8") as file:
            file.write("2026-11-22T07:00:00.000+00:00,99,")
        self.assertNotIn("99", self.graph(self.csv, "XT1:3000").stdout.splitlines()[-1])
        with open(self.csv, "a", encoding="utf-8") as file:
            file.write("\nno row\n")
        done = self.graph(self.csv, "XT1:3000", status=1)
        self.assertIn("a.csv:1323: expected a row of a log", done.stderr)
        self.assertEqual(done.stdout, "")
        for content in ("", "hello\n", "a,b\n", '{"x":1}\n', "\0" * 100, "time,XT1:3000" * 200000 + "\n"):
            done = self.graph(self.write("other", content), "XT1:3000", status=1)
            self.assertRegex(done.stderr, r"\Axcomtop: .*other.*\n\Z")
        self.assertIn("No such file", self.graph(self.path("none"), status=1).stderr)

    def test_nothing_there(self):
        done = self.graph(self.csv, "XT2:3000", status=1)
        self.assertIn("a.csv holds nothing of these values; what it holds is from 20", done.stderr)
        self.assertIn("in the file there is XT1:3000", done.stderr)
        # One of two is drawn.
        done = self.graph(self.csv, "XT1:3000", "XT2:3000")
        self.assertEqual(done.stderr, "xcomtop: there are no values of XT2:3000 in that time\n")
        self.assertIn("none of these", self.graph(self.csv, "VT*:11004", status=1).stderr)
        self.assertRegex(self.graph(self.csv, "XT1:3000", "--since", "2027-01-01", status=1).stderr,
                         r"a\.csv holds nothing from 2027-01-01 00:00:00 on; what it holds is from 20\S+ \S+ to 20\S+ \S+\n\Z")
        for since, until, what in (("2020-01-01", "2020-02-01", ""), ("2027-01-01", "2027-02-01", ""),
                                   ("2026-11-21 16:30", "2026-11-21 17:30", " of these values")):
            done = self.graph(self.csv, "XT1:3000", "--since", since, "--until", until, status=1)
            self.assertRegex(done.stderr, rf"\Axcomtop: \S+a\.csv holds nothing{what} between {since[:8]}\S+ \S+ and "
                             rf"{until[:8]}\S+ \S+; what it holds is from 2026-11-2\S \S+ to 2026-11-2\S \S+\n")

    def test_numbers_beyond_measure(self):
        """What no float holds isn't drawn; what one does, in full or shortened, never over its name."""
        path = self.path("b.csv")
        for numbers, legend in ((["1e39", "5", "6"], "5.00 +5.50 +6.00"),
                                (["-1e308", "1e20", "1e20"], "1.00e.20 +1.00e.20 +1.00e.20"),
                                (["-123456.78", "-1234567.8", "0"], "-1234568 +-452674.8 +0.00")):
            with open(path, "w", encoding="utf-8") as file:
                file.write("time,XT1:3000 Battery voltage [V]\n")
                for i, number in enumerate(numbers):
                    file.write(f"2026-11-21T06:00:0{i}+00:00,{number}\n")
            last = self.graph(path, "XT1:3000", "--width", "80", "--ascii").stdout.splitlines()[-1]
            self.assertRegex(last, "^1 XT1:3000 Battery voltage +" + legend + " V$")
        with open(path, "w", encoding="utf-8") as file:
            file.write("time,XT1:3000 Battery voltage [V]\n2026-11-21T06:00:00+00:00,1e39\n")
        self.assertIn("nothing of these values", self.graph(path, "XT1:3000", status=1).stderr)

    def test_axis(self):
        """The numbers of an axis tell its ticks apart."""
        path = self.path("c.csv")
        for numbers, ticks in (([123456, 123475], ["123475", "123470", "123465", "123460", "123455"]),
                               ([99000, 103000], ["103000", "102000", "101000", "100000", "99000"]),
                               ([0, 1e20], ["1.0e20", "8.0e19", "6.0e19", "4.0e19", "2.0e19", "0"])):
            with open(path, "w", encoding="utf-8") as file:
                file.write("time,XT1:3000 Battery voltage [V]\n")
                for i, number in enumerate(numbers):
                    file.write(f"2026-11-21T06:00:0{i}+00:00,{number}\n")
            lines = self.graph(path, "XT1:3000", "--height", "22", "--ascii").stdout.splitlines()
            self.assertEqual([line[:7].strip() for line in lines[2:-4] if line[:7].strip()], ticks)

    def test_options(self):
        """Between two options there is no tick."""
        path = self.path("d.csv")
        with open(path, "w", encoding="utf-8") as file:
            file.write("time,XT1:3028 Operating mode\n2026-11-21T06:00:00+00:00,1\n2026-11-21T06:00:01+00:00,2\n")
        lines = self.graph(path, "XT1:3028", "--height", "40", "--ascii").stdout.splitlines()
        self.assertEqual([line[:7].strip() for line in lines[2:-4] if line[:7].strip()], ["2", "1"])

    def test_usage(self):
        for arguments, why in ((("XT1",), "expected values like"), (("XT1:3000", "--width", "39"), "40 to 400"),
                               (("XT1:3000", "--height", "9999"), "12 to 200"),
                               (("XT1:3000,3001,3002,3003,3004,3005,3006",), "room for 6"),
                               (("XT1:3000", "--since", "2026-11-22", "--until", "2026-11-21"), "not before"),
                               (("XT1:3000", "--until", "soon"), "expected a date")):
            self.assertIn(why, self.graph(self.csv, *arguments, status=2).stderr)


if __name__ == "__main__":
    main()
