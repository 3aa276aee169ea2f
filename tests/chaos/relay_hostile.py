#!/usr/bin/env python3
"""A relay among hostile clients: connections that say nothing, garbage, handshakes without end, strangers, invites that are
false, expired or used up, tokens that are false or taken back, deposits for nobody, too large or too many, acknowledgements
of the future and of another epoch, members who do not read. Honest users leave each other messages meanwhile, and notice
nothing: none is refused, nothing is lost, answers stay quick. Of each kind of attack the relay has to have answered some as
that kind calls for; what memory, processor and descriptors the relay takes is bounded.

    relay_hostile.py BIN [SECONDS] [--attackers N]
"""
import argparse
import base64
import hashlib
import json
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from honest_messages import faults_of_messages  # noqa: E402
from relay_program import RelayProgram  # noqa: E402

MIB = 1024 * 1024
HONEST, RATE = 60, 300
SLOWEST = 1000  # ms that 99 % of the honest answers may take; the machine is shared with those who attack
MOST_MEMORY = 256 * MIB
MOST_PROCESSOR = 1.0  # seconds of a processor in one second
KINDS = 18  # of attack
OTHER_DESCRIPTORS = 100  # beside one for each connection
LEAST = 45  # seconds: a relay waits for half a minute before it sends away who does not read
SETTINGS = ("quota = 64 MiB, 200000 messages",)


def invite(relay, uses):
    made = subprocess.run([relay.program, "invite", "--uses", str(uses), "--config", relay.config], capture_output=True,
                          text=True, timeout=60)
    if made.returncode != 0:
        sys.exit(made.stderr)
    return made.stdout.strip()


def expired_invite(relay):
    """Known to the relay, and over for a minute: told to it as the operator's command would, which makes no such ones."""
    secret = os.urandom(16)
    over = int((time.time() - 60) * 1000)
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(relay.folder / "relay.sock"))
        control.sendall(f"invite {hashlib.sha256(secret).hexdigest()} 10000 {over}\n".encode())
        answer = control.makefile().readline().strip()
    if answer != "ok":
        sys.exit(f"The relay takes no invite: {answer}")
    return f"{relay.url}?invite={base64.urlsafe_b64encode(secret).decode().rstrip('=')}"


def read_all(load):
    told = {entry["name"]: entry["value"] for entry in map(json.loads, load.stdout)}
    if load.wait() != 0:
        sys.exit(f"relay_load left with {load.returncode}.")
    return told


class Watch:
    """The most that the relay took."""

    def __init__(self, relay):
        self.relay = relay
        self.memory = self.descriptors = 0
        self.began = time.monotonic(), relay.processor_seconds()

    def look(self):
        self.memory = max(self.memory, self.relay.resident())
        self.descriptors = max(self.descriptors, len(os.listdir(f"/proc/{self.relay.process.pid}/fd")))

    def end(self):
        """What it took of a processor, all the time, 1 being one."""
        self.processor = (self.relay.processor_seconds() - self.began[1]) / (time.monotonic() - self.began[0])


def faults_of(attack, honest, figures, watch, connections):
    """Sentences."""
    if honest["refusals"]:
        yield f"{honest['refusals']:.0f} requests of honest users were refused."
    if honest["p99"] > SLOWEST:
        yield f"Of the answers to honest users one in a hundred took {honest['p99']:.0f} ms."
    yield from faults_of_messages(honest)
    if watch.memory > MOST_MEMORY:
        yield f"The relay took {watch.memory / MIB:.0f} MiB."
    if watch.processor > MOST_PROCESSOR:
        yield f"The relay took {watch.processor:.2f} of a processor."
    if watch.descriptors > connections + OTHER_DESCRIPTORS:
        yield f"The relay had {watch.descriptors} descriptors for {connections} connections."
    met = {name.removeprefix("met."): value for name, value in attack.items() if name.startswith("met.")}
    # Who reads nothing cannot tell.
    met["deaf"] = figures["stuck_total"]
    if len(met) != KINDS:
        yield f"There were {len(met)} kinds of attack instead of {KINDS}."
    for name in (name for name, value in met.items() if not value):
        yield f"Nobody met what {name} calls for: this was no attack."


def tell(attack, honest, figures, watch):
    print(f"{attack['dials']:.0f} hostile connections, {attack['answers']:.0f} answers to them; violations: "
          f"{figures['violations_total']:.0f}, turned away: {figures['turned_away_total']:.0f}, too fast: "
          f"{figures['too_fast_total']:.0f}, stuck: {figures['stuck_total']:.0f}, refused: {figures['refused_total']:.0f}")
    print("answered as they call for:", ", ".join(f"{name.removeprefix('met.')} {value:.0f}" for name, value in attack.items()
                                                  if name.startswith("met.") and name != "met.deaf"))
    print(f"honest: {honest['stored']:.0f} stored, {honest['taken']:.0f} taken, {honest['refusals']:.0f} refused; half of the "
          f"answers within {honest['p50']:.1f} ms, 99 % within {honest['p99']:.1f}")
    print(f"the relay had {watch.memory / MIB:.0f} MiB, {watch.descriptors} descriptors and {watch.processor:.2f} of a processor")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", type=pathlib.Path)
    parser.add_argument("seconds", type=int, nargs="?", default=120, help=f"at least {LEAST}")
    parser.add_argument("--attackers", type=int, default=8, help="of each kind, two at least")
    options = parser.parse_args()
    if options.attackers < 2:
        parser.error("one alone never finds an invite used up")
    if options.seconds < LEAST:
        parser.error(f"in less than {LEAST} seconds the relay sends nobody away who does not read")
    with tempfile.TemporaryDirectory(prefix="landline-hostile-") as folder:
        relay = RelayProgram(options.bin / "landline-relay", folder).init(*SETTINGS).serve()

        def load(mode, *more):
            return subprocess.Popen([options.bin / "relay_load", "relay", invite(relay, 10_000), mode, *map(str, more)],
                                    stdout=subprocess.PIPE, text=True)
        running = []
        try:
            watch = Watch(relay)
            running.append(load("hostile", "--clients", options.attackers, "--seconds", options.seconds, "--source", 5000,
                                "--expired", expired_invite(relay), "--used", invite(relay, 1)))
            time.sleep(1)
            running.append(load("steady", "--clients", HONEST, "--rate", RATE, "--seconds", options.seconds - 5))
            while running[1].poll() is None:
                watch.look()
                time.sleep(0.2)
            attack, honest = map(read_all, running)
            watch.end()
            figures = relay.metrics()
            time.sleep(1)
            figures = relay.metrics()  # of the store, as of the call before
            faults = list(faults_of(attack, honest, figures, watch, KINDS * options.attackers + HONEST))
            relay.end()
        finally:
            for one in running:
                one.kill()
                one.wait()
            relay.kill()
    tell(attack, honest, figures, watch)
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
