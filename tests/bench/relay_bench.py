#!/usr/bin/env python3
"""landline-relay under load, beside other programs that keep messages for who is away. Prints one JSON object per figure.

    relay_bench.py BIN [deposits|drain|clients]… [--quick]

  deposits  200 clients leave messages of 400 bytes for each other, 1 and 32 at a time each, and 30,000 a second of all; the
            same with Redis (XADD, appendfsync always), mosquitto (QoS 1 for persistent sessions) and Prosody (offline
            messages; not paced, as it does not keep up)
  drain     a mailbox of 100,000 messages is pulled, acknowledged and freed
  clients   19,000 clients (--quick: 1,000) that have exchanged ten messages each: memory, what they take from 200 busy
            ones, and how long they take to be back after a restart

All of it is on loopback, with data under TMPDIR; relay_load makes the clients and shares the machine with the server.
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from relay_references import REFERENCES

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_program import RelayProgram  # noqa: E402

BUSY = 200
DEPTHS = (1, 32)
PACE = 30_000
PER_PROCESS = 9_500  # idle clients, each with a descriptor
# Mailboxes hold what a benchmark leaves; descriptors are what one process has here.
SETTINGS = ("quota = 16 GiB, 10000000 messages", "clients = 19300", "unauthenticated = 400")
INVITED = 1_000_000
LONGEST = 600


def figure(name, value):
    print(json.dumps({"name": name, "value": value}), flush=True)


def note(text):
    print(f"  {text}", file=sys.stderr, flush=True)


class Bench:
    def __init__(self, options, folder):
        self.bin, self.quick, self.folder = options.bin.resolve(), options.quick, pathlib.Path(folder)
        self.seconds = 3 if self.quick else 10

    def relay(self, name):
        folder = self.folder / name
        folder.mkdir()
        relay = RelayProgram(self.bin / "landline-relay", folder).init(*SETTINGS).serve()
        relay.url = relay.invite("--uses", INVITED)
        return relay

    def load(self, *arguments):
        """{name: value} as it printed them."""
        done = subprocess.run([self.bin / "relay_load", *map(str, arguments)], stdout=subprocess.PIPE, text=True, timeout=LONGEST)
        if done.returncode != 0:
            raise SystemExit(f"relay_load {' '.join(map(str, arguments))} left with {done.returncode}.")
        entries = [json.loads(line) for line in done.stdout.splitlines()]
        return {entry["name"]: entry["value"] for entry in entries if "name" in entry}

    def busy(self, server, service, where, *how):
        """Deposits a second, the times of half and of 99 % in ms, and the server's processor time for each in µs."""
        processor = server.processor_seconds()
        done = self.load(service, where, "deposits", "--clients", BUSY, *how, "--seconds", self.seconds)
        processor = server.processor_seconds() - processor
        return done["deposits"], done["deposits.p50"], done["deposits.p99"], processor * 1e6 / done["deposits.count"]

    def print_busy(self, name, measured):
        for suffix, value in zip(("", ".p50", ".p99", ".cpu"), measured):
            figure(name + suffix, value)

    # --- The parts ------------------------------------------------------------------------------------------------------

    def deposits(self):
        for depth in DEPTHS:
            self.deposits_beside(str(depth), REFERENCES, "--depth", depth)
        self.deposits_beside("paced", [kind for kind in REFERENCES if kind.name != "prosody"], "--rate", PACE)

    def deposits_beside(self, name, references, *how):
        relay = self.relay(f"deposits-{name}")
        try:
            note(f"relay, {name}")
            measured = self.busy(relay, "relay", relay.url, *how)
            self.print_busy(f"relay.deposits-{name}", measured)
            for kind in references:
                if kind.name != "redis":
                    figure(f"relay.deposits-{name}.beside-{kind.name}", measured[0])
            relay.end()
        finally:
            relay.kill()
        for kind in references:
            if kind.is_there():
                self.reference(kind, name, how)
            else:
                note(f"{kind.program} is not installed; there is nothing to compare with")

    def reference(self, kind, name, how):
        note(f"{kind.name}, {name}")
        server = kind(self.folder, BUSY)
        try:
            self.print_busy(f"reference.relay.{kind.name}-{name}", self.busy(server, kind.service, server.port, *how))
        finally:
            server.end()

    def drain(self):
        relay = self.relay("drain")
        try:
            items = 10_000 if self.quick else 100_000
            figure("relay.drain", self.load("relay", relay.url, "drain", "--items", items)["drain"])
            relay.end()
        finally:
            relay.kill()

    def clients(self):
        count = 1_000 if self.quick else 2 * PER_PROCESS
        relay = self.relay("clients")
        crowd = Crowd(self.bin)

        def busy():
            return self.busy(relay, "relay", relay.url, "--depth", 32)[0]

        try:
            empty = relay.resident()
            for first in range(0, count, PER_PROCESS):
                crowd.add(relay.url, min(PER_PROCESS, count - first), first)
            crowd.wait_in()
            time.sleep(3)
            figure("relay.clients", count)
            figure("relay.clients.memory", (relay.resident() - empty) / count / 1024)
            amid = [busy()]
            note("restart")
            relay.end()
            # The machine may be another one a minute later: without the others is measured between with them, and after.
            relay.serve()
            started = time.monotonic()
            last, refusals = crowd.wait_in()
            figure("relay.clients.back", last - started)
            figure("relay.clients.refused", refusals)
            crowd.end()
            alone = [busy()]
            for first in range(0, count, PER_PROCESS):
                crowd.add(relay.url, min(PER_PROCESS, count - first), first)
            crowd.wait_in()
            amid.append(busy())
            crowd.end()
            alone.append(busy())
            figure("relay.clients.busy", sum(amid) / 2)
            figure("reference.relay.clients.busy", sum(alone) / 2)
            relay.end()
        finally:
            crowd.end()
            relay.kill()


class Crowd:
    """Processes of relay_load with clients that stay."""

    def __init__(self, bin_folder):
        self.bin = bin_folder
        self.processes = []

    def add(self, url, count, first):
        # 64 clients share an address; 300 further on begin those of the next process.
        self.processes.append(subprocess.Popen(
            [self.bin / "relay_load", "relay", url, "idle", "--clients", str(count), "--source", str(1000 + first // 32)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True))

    def wait_in(self):
        """When the last one was in, and how often any was refused before."""
        told = []
        for process in self.processes:
            line = process.stdout.readline()
            if not line:
                raise SystemExit("relay_load ended before its clients were in.")
            told.append(json.loads(line))
        return max(one["at"] for one in told), sum(one["refusals"] for one in told)

    def end(self):
        for process in self.processes:
            process.kill()
            process.wait()
            process.stdin.close()
            process.stdout.close()
        self.processes = []


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("parts", nargs="*", metavar="PART")
    parser.add_argument("--quick", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="relay-bench-") as folder:
        bench = Bench(options, folder)
        parts = {"deposits": bench.deposits, "drain": bench.drain, "clients": bench.clients}
        for part in options.parts or parts:
            parts[part]()


if __name__ == "__main__":
    main()
