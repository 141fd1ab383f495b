#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The completion scripts are what the program prints, and shells complete with them."""
import os
import shutil
import subprocess
import unittest

from harness import Case, TOP, XCOMTOP, environment

FILES = {"bash": "xcomtop", "zsh": "_xcomtop", "fish": "xcomtop.fish"}
BASH_COMPLETION = "/usr/share/bash-completion/bash_completion"

# What is typed before Tab, and what is offered: exactly these words.
OFFERED = [
    ("xcomtop resto", "restore"),
    ("xcomtop -c /dev/ttyUSB0 read XT1 302", "3020 3021 3022 3023 3028"),
    ("xcomtop read --pa", "--parameter --part"),
    ("xcomtop --theme=x --theme l", "light"),
    ("xcomtop --theme s", "sea"),
    ("xcomtop describe 112", "1121 1122 1124 1125 1126 1127 1128"),
    ("xcomtop describe BS", "BSP"),
    ("xcomtop log --format s", "sqlite"),
    ("xcomtop export --format ", "csv jsonl"),
    ("xcomtop list --format ", "csv jsonl text"),
    ("xcomtop list V", "VS VT"),
    ("xcomtop write BS", "BSP"),
]


class Completion(Case):
    def setUp(self):
        super().setUp()
        self.write(".config/xcomtop/themes/sea.theme", "")
        self.write(".config/xcomtop/themes/s$(echo no).theme", "")

    def run_shell(self, *command):
        env = environment(self.home, PATH=os.path.dirname(XCOMTOP) + ":" + os.environ["PATH"])
        done = subprocess.run(command, env=env, capture_output=True, text=True, timeout=60)
        self.assertEqual(done.stderr, "")
        return done.stdout

    def file(self, shell):
        return os.path.join(TOP, "data", "completions", FILES[shell])

    def need(self, shell):
        if not shutil.which(shell):
            self.skipTest(f"{shell} isn't installed")

    def test_the_files_are_what_the_program_prints(self):
        for shell in FILES:
            with open(self.file(shell), encoding="utf-8") as file:
                self.assertEqual(file.read(), self.run_shell(XCOMTOP, "completion", shell),
                                 f"{shell}: make update-completions")

    def test_every_command_and_option_is_there(self):
        help_text = self.run_shell(XCOMTOP, "--help")
        options = [word.strip(",") for word in help_text.split() if word.startswith("--")]
        for shell in FILES:
            script = self.run_shell(XCOMTOP, "completion", shell)
            for option in options:
                name = option if shell != "fish" else f"-l {option[2:]}"
                self.assertIn(name, script, f"{shell}: {option}")

    def test_bash_offers(self):
        if not os.path.exists(BASH_COMPLETION):
            self.skipTest("bash-completion isn't installed")
        for typed, offered in OFFERED:
            found = self.run_shell(
                "bash", "--norc", "-c",
                f"source {BASH_COMPLETION}; source {self.file('bash')}; compopt() {{ :; }}\n"
                'COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}\n'
                '_xcomtop; printf "%s\\n" "${COMPREPLY[@]}"', "bash", *typed.split(" "))
            self.assertEqual(" ".join(sorted(found.split())), offered, typed)

    def test_fish_offers(self):
        self.need("fish")
        for typed, offered in OFFERED:
            found = self.run_shell("fish", "--no-config", "-c",
                                   f"source {self.file('fish')}; complete -C '{typed}'")
            words = sorted(line.split("\t")[0] for line in found.splitlines())
            self.assertEqual(" ".join(words), offered, typed)

    def test_zsh_reads_it(self):
        self.need("zsh")
        self.run_shell("zsh", "-f", "-n", self.file("zsh"))

    def test_wrong_words(self):
        for words in [["tcsh"], ["bash", "zsh"]]:
            done = subprocess.run([XCOMTOP, "completion", *words], capture_output=True, text=True)
            self.assertEqual(done.returncode, 2)
            self.assertIn("expected completion bash, zsh, fish", done.stderr)


if __name__ == "__main__":
    unittest.main()
