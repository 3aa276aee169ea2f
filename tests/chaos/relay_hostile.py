#!/usr/bin/env python3
"""A relay among hostile clients: connections that say nothing, garbage, handshakes without end, strangers, false invites and
tokens, deposits for nobody, too large or too many, acknowledgements of the future, members who do not read. Honest users
leave each other messages meanwhile, and notice nothing: none is refused, nothing is lost, answers stay quick.

    relay_hostile.py BIN [SECONDS] [--attackers N]
"""
import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_program import RelayProgram  # noqa: E402

MIB = 1024 * 1024
HONEST, RATE = 60, 300
SLOWEST = 1000  # ms that 99 % of the honest answers may take; the machine is shared with those who attack
MOST_MEMORY = 256 * MIB
SETTINGS = ("quota = 64 MiB, 200000 messages",)
# What must have been met, or the attack was none.
MET = ("violations_total", "turned_away_total", "refused_total")


def invite(relay):
    made = subprocess.run([relay.program, "invite", "--uses", "10000", "--config", relay.config], capture_output=True, text=True,
                          timeout=60)
    if made.returncode != 0:
        sys.exit(made.stderr)
    return made.stdout.strip()


def read_all(load):
    told = {entry["name"]: entry["value"] for entry in map(json.loads, load.stdout)}
    if load.wait() != 0:
        sys.exit(f"relay_load left with {load.returncode}.")
    return told


def faults_of(honest, figures, memory):
    """Sentences."""
    if honest["refusals"]:
        yield f"{honest['refusals']:.0f} requests of honest users were refused."
    if honest["p99"] > SLOWEST:
        yield f"Of the answers to honest users one in a hundred took {honest['p99']:.0f} ms."
    if not honest["stored"] or honest["taken"] < 0.9 * honest["stored"]:
        yield f"Of {honest['stored']:.0f} messages of honest users {honest['taken']:.0f} arrived."
    if memory > MOST_MEMORY:
        yield f"The relay took {memory / MIB:.0f} MiB."
    for name in MET:
        if not figures[name]:
            yield f"Nobody met landline_relay_{name}: this was no attack."


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("seconds", type=int, nargs="?", default=120)
    parser.add_argument("--attackers", type=int, default=8, help="of each kind")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="landline-hostile-") as folder:
        relay = RelayProgram(options.bin / "landline-relay", folder).init(*SETTINGS).serve()

        def load(mode, *more):
            return subprocess.Popen([options.bin / "relay_load", "relay", invite(relay), mode, *map(str, more)],
                                    stdout=subprocess.PIPE, text=True)
        running = []
        try:
            running.append(load("hostile", "--clients", options.attackers, "--seconds", options.seconds, "--source", 5000))
            time.sleep(1)
            running.append(load("steady", "--clients", HONEST, "--rate", RATE, "--seconds", max(options.seconds - 5, 3)))
            memory = 0
            while running[1].poll() is None:
                memory = max(memory, relay.resident())
                time.sleep(0.2)
            attack, honest = map(read_all, running)
            figures = relay.metrics()
            time.sleep(1)
            figures = relay.metrics()  # of the store, as of the call before
            faults = list(faults_of(honest, figures, memory))
            relay.end()
        finally:
            for one in running:
                one.kill()
                one.wait()
            relay.kill()
    print(f"{attack['dials']:.0f} hostile connections, {attack['answers']:.0f} answers to them; violations: "
          f"{figures['violations_total']:.0f}, turned away: {figures['turned_away_total']:.0f}, too fast: "
          f"{figures['too_fast_total']:.0f}, stuck: {figures['stuck_total']:.0f}, refused: {figures['refused_total']:.0f}")
    print(f"honest: {honest['stored']:.0f} stored, {honest['taken']:.0f} taken, {honest['refusals']:.0f} refused; half of the "
          f"answers within {honest['p50']:.1f} ms, 99 % within {honest['p99']:.1f}; the relay had {memory / MIB:.0f} MiB")
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
