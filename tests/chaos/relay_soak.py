#!/usr/bin/env python3
"""A relay under steady load: all clients leave each other messages and take their own, and some always go and come back.
Each second its figures are read; at the end its memory must not have grown, nobody may have been refused, and nothing may
be lost: what was stored has come, once, as it was left, to whom it was left for.

    relay_soak.py BIN [SECONDS] [--clients N] [--rate N]
"""
import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from honest_messages import faults_of_messages  # noqa: E402
from relay_program import RelayProgram  # noqa: E402

MIB = 1024 * 1024
# Beyond what it has after the first third. The allocator takes memory in pieces, and what is remembered of answers fills up.
GROWTH = 4 * MIB
SETTINGS = ("open = on", "quota = 1 GiB, 1000000 messages")


def watch(relay, load):
    """Resident bytes, a second apart, until the load ends."""
    memory = []
    while load.poll() is None:
        memory.append(relay.resident())
        figures = relay.metrics()
        if len(memory) % 30 == 1:
            print(f"{len(memory):6} s  {memory[-1] / MIB:7.1f} MiB  {figures['clients']:.0f} clients  "
                  f"{figures['stored_total']:.0f} stored  {figures['held_items']:.0f} held", flush=True)
        time.sleep(1)
    return memory


def faults_of(memory, figures, told):
    """Sentences."""
    third = len(memory) // 3
    before, after = statistics.median(memory[third:2 * third]), statistics.median(memory[2 * third:])
    print(f"memory: {before / MIB:.1f} MiB in the second third, {after / MIB:.1f} MiB in the last", flush=True)
    if after - before > GROWTH:
        yield f"The relay's memory has grown by {(after - before) / MIB:.1f} MiB."
    if told["refusals"]:
        yield f"{told['refusals']:.0f} requests were refused."
    for name in ("violations_total", "stuck_total", "too_fast_total", "failed_commits_total"):
        if figures[name]:
            yield f"landline_relay_{name} is {figures[name]:.0f}."
    if figures["stored_total"] != figures["acknowledged_total"] + figures["held_items"]:
        yield (f"{figures['stored_total']:.0f} were stored, but {figures['acknowledged_total']:.0f} acknowledged and "
               f"{figures['held_items']:.0f} held.")
    yield from faults_of_messages(told)
    if told["taken"] != figures["acknowledged_total"]:
        yield f"{told['taken']:.0f} messages came, but {figures['acknowledged_total']:.0f} were acknowledged."


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("seconds", type=int, nargs="?", default=900)
    parser.add_argument("--clients", type=int, default=500)
    parser.add_argument("--rate", type=int, default=2000, help="messages a second of all together")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landline-soak-") as folder:
        relay = RelayProgram(options.bin / "landline-relay", folder).init(*SETTINGS).serve()
        try:
            load = subprocess.Popen([options.bin / "relay_load", "relay", relay.url, "steady", "--clients", str(options.clients),
                                     "--rate", str(options.rate), "--seconds", str(options.seconds)],
                                    stdout=subprocess.PIPE, text=True)
            memory = watch(relay, load)
            told = {entry["name"]: entry["value"] for entry in map(json.loads, load.stdout)}
            if load.returncode != 0:
                sys.exit(f"relay_load left with {load.returncode}: {relay.read_log()}")
            time.sleep(1.1)
            relay.metrics()  # asks the store for newer ones
            time.sleep(0.5)
            faults = list(faults_of(memory, relay.metrics(), told))
            relay.end()
        finally:
            relay.kill()
    print(f"{told['stored']:.0f} messages were stored, {told['taken']:.0f} taken.")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
