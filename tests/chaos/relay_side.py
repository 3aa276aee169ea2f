"""relay_deaths.py beside a run with faults, in namespaces of its own."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import ledger


class RelaySide:
    """A context: begins with it, and ends with it at the latest."""

    def __init__(self, options):
        self.deaths = options.relay_kills
        self.options = options
        self.process = None

    def __enter__(self):
        if not self.deaths:
            return self
        self.folder = tempfile.TemporaryDirectory(prefix="relay-")
        self.result = pathlib.Path(self.folder.name) / "result"
        environment = {key: value for key, value in os.environ.items() if key != "LANDLINE_TEST_LAN"}
        environment["TMPDIR"] = self.folder.name
        self.process = subprocess.Popen(
            [sys.executable, str(pathlib.Path(__file__).with_name("relay_deaths.py")), "--bin", self.options.bin,
             "--deaths", str(self.deaths), "--seconds", str(self.options.seconds), "--seed", str(self.options.seed),
             "--result", str(self.result), *(["--verbose"] if self.options.verbose else [])], env=environment)
        return self

    def __exit__(self, *_):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.folder.cleanup()

    def wait(self):
        """(its verdict, what it tells of the deaths); nothing if there is none."""
        if not self.process:
            return ledger.Verdict(), None
        code = self.process.wait()
        if not self.result.is_file():
            return ledger.Verdict(problems=[f"relay: no verdict; it left with {code}"]), "relay: no deaths are known"
        told = json.loads(self.result.read_text())
        verdict = ledger.Verdict(**told["verdict"])
        verdict.problems = [f"relay: {problem}" for problem in verdict.problems]
        return verdict, told["deaths"]
