#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The pictures show every view, and are there; so is what README.md and doc/screens.md point to; the animation can be
played."""
import importlib.machinery
import importlib.util
import json
import os
import re
import subprocess
import sys
import unittest
import xml.dom.minidom

from harness import TOP, XCOMTOP, environment

sys.dont_write_bytecode = True  # of the scripts in doc
DOC = os.path.join(TOP, "doc")


def read(*name):
    with open(os.path.join(TOP, *name), encoding="utf-8") as file:
        return file.read()


def load(name):
    loader = importlib.machinery.SourceFileLoader(name.replace("-", "_"), os.path.join(DOC, name))
    loader_spec = importlib.util.spec_from_loader(loader.name, loader)
    module = importlib.util.module_from_spec(loader_spec)
    loader.exec_module(module)
    return module


class Pictures(unittest.TestCase):
    def setUp(self):
        self.pictures = load("make-pictures").PICTURES

    def test_every_view_has_one(self):
        # The keys that lead to a view are in the program's one table of keys.
        table = read("src", "ui", "keymap.c")
        keys = re.findall(r"\{ACTION_\w+, IN_VIEWS, \{'([0-9])'\}", table)
        self.assertEqual(sorted(keys), list("0123456789"))
        shown = {keys[0] for _, _, _, keys, _ in self.pictures if keys}
        # Without any key it is the overview that is seen.
        self.assertLessEqual({*keys, "?", "L"} - {"1"}, shown)
        self.assertTrue(any(not keys for _, _, _, keys, _ in self.pictures))

    def test_every_theme_has_one(self):
        themes = re.search(r"--theme (\S+)\|NAME", subprocess.run(
            [XCOMTOP, "--help"], capture_output=True, text=True, env=environment("/nonexistent")).stdout)[1]
        names = {name for name, *_ in self.pictures}
        self.assertLessEqual({*themes.split("|")} - {"default"}, names)

    def test_all_are_made_shown_and_distributed(self):
        names = {name + ".svg" for name, *_ in self.pictures}
        self.assertEqual({name for name in os.listdir(DOC) if name.endswith(".svg")}, names)
        self.assertEqual({*re.findall(r"\]\((\w+\.svg)\)", read("doc", "screens.md"))}, names)
        self.assertLessEqual(names | {"change.cast", "screens.md", "make-cast"},
                             {*re.findall(r"%D%/(\S+)", read("doc", "Makefile.inc"))})
        for name in re.findall(r"doc/[\w.-]+\.(?:svg|cast|md)", read("README.md")):
            self.assertTrue(os.path.exists(os.path.join(TOP, name)), name)

    def test_they_are_whole(self):
        for name, columns, rows, *_ in self.pictures:
            document = xml.dom.minidom.parse(os.path.join(DOC, name + ".svg"))
            texts = document.getElementsByTagName("text")
            self.assertGreater(len(texts), rows, name)
            self.assertGreater(float(document.documentElement.getAttribute("width")), columns * 8)


class Cast(unittest.TestCase):
    def test_it_is_an_asciicast_of_what_it_should_show(self):
        text = read("doc", "change.cast")
        self.assertLess(len(text.encode()), 200000)
        header, *events = map(json.loads, text.splitlines())
        self.assertEqual((header["version"], header["width"], header["height"]), (2, 80, 24))
        times = [time for time, *_ in events]
        self.assertEqual(times, sorted(times))
        self.assertTrue(all(time % 0.25 == 0 for time in times))
        self.assertEqual({kind for _, kind, _ in events}, {"o"})
        plain = re.sub(r"\x1b(\(B|\[[0-9;]*m)", "", "".join(data for _, _, data in events))
        places = [plain.find(words) for words in ("1138 Battery charge current", "above this device's maximum",
                                                  "Confirm: write to RAM", "~45")]
        self.assertNotIn(-1, places)
        self.assertEqual(places, sorted(places))


if __name__ == "__main__":
    unittest.main()
