# SPDX-License-Identifier: MIT
"""What the tests of changes share: the real xcomtop on a pseudo terminal, and a simulator that is told what goes
wrong and asked what it has done."""
import json
import re

from harness import Case, Terminal, order

GUID = re.compile(r"GUID is ([0-9a-f]{32})")


class Change(Case):
    installation = "xt=3,vt=2,vs=1,bsp"
    faults = ()

    def setUp(self):
        super().setUp()
        self.start()

    def start(self, *arguments):
        faults = [word for fault in self.faults for word in ("--fault", fault)]
        self.port = self.sim("--install", self.installation, "--tcp-listen", "0", "--control",
                             self.path("control"), *faults, *arguments).port
        self.link = ["-c", f"127.0.0.1:{self.port}"]

    def command(self, text):
        """To the simulator's control socket; the lines before its ok."""
        return order(self.path("control"), text)

    def written(self):
        """What the devices have done, without the count of requests."""
        return sorted(line for line in self.command("writes") if not line.startswith("requests"))

    def requests(self):
        return int(self.command("writes")[0].split()[1])

    def write(self, *arguments, status=0, **more):
        return self.run_xcomtop(*self.link, "write", *arguments, "--trace", self.path("trace"), status=status,
                                **more)

    def ask(self, *arguments):
        return Terminal(self, *self.link, "write", *arguments, "--trace", self.path("trace"))

    def records(self, *arguments):
        done = self.run_xcomtop("writes", "--format", "jsonl", *arguments)
        return [json.loads(line) for line in done.stdout.splitlines()]

    def guid(self):
        return GUID.search(self.run_xcomtop(*self.link, "-v", "scan").stderr)[1]
