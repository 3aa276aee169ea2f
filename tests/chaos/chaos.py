#!/usr/bin/env python3
"""Real programs in namespaces under faults, and whether anything was lost.

    chaos.py --bin DIR [SECONDS] [--seed N] [--people N] [--relay-kills N] [--only FAULT,…] [--verbose]

People write numbered messages to each other and send files and folders, while programs are killed (also amid a
transfer) and stopped, transfers paused, cables pulled, packets lost, addresses and clocks changed, disks filled and
databases damaged, as the seed says. On a network of their own others, who reach each other by a relay alone, write to each
other at the same time, while the relay is killed (relay_deaths.py). At the end everything is healed, every history is read,
the line before the last tells of the relay's deaths, and the last one what is missing. Leaves with 1 if anything is, or if
there were fewer deaths than there should be: of programs and of the relay one in three seconds each, 200 in ten minutes.
"""
import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lan  # noqa: E402
import ledger  # noqa: E402
import parcels  # noqa: E402
import transfers  # noqa: E402
from person import Person  # noqa: E402
from relay_side import RelaySide  # noqa: E402

PARCELS_EACH = 30  # at least; the longer the run, the more
RATE = "50mbit"  # of each one's link: else a transfer is over before anything can happen to it


class Chaos:
    def __init__(self, net, options, shim):
        self.net = net
        self.options = options
        self.chance = random.Random(options.seed)
        self.verdict = ledger.Verdict()
        self.people = [Person(host, name, shim) for host, name in zip(net.hosts, ("Anna", "Boris", "Clara", "Dai"))]
        self.number = 0
        self.began = time.monotonic()
        self.counts = {}
        self.healing = []  # (when, what)
        self.next_address = 100
        self.ambush = None  # a fault that waits for a transfer
        self.faults = {"kill": 10, "stop": 3, "link": 3, "minute": 0.5, "cut": 1, "loss": 2, "address": 2, "disk": 2,
                       "flip": 1, "amid": 4, "pause": 4}
        if shim:
            self.faults["clock"] = 3
        if options.only:
            self.faults = {name: self.faults[name] for name in options.only.split(",")}

    # Traffic -------------------------------------------------------------------------------------------------------

    def talk(self):
        sender, receiver = self.chance.sample(self.people, 2)
        if not sender.may_be_told():
            return
        self.number += 1
        text = f"{sender.node.name} {self.number}"
        try:
            tag = sender.node.post("send", to=receiver.node.person, text=text)
            sender.tags.setdefault(receiver, {})[tag] = text
        except OSError:
            pass  # it died this moment; the next look notices

    def offer(self):
        sender, receiver = self.chance.sample(self.people, 2)
        if not sender.may_be_told() or len(sender.offers) >= max(PARCELS_EACH, self.options.seconds / 5):
            return
        self.number += 1
        parcel = parcels.make_parcel(self.chance, sender, receiver, self.number)
        try:
            tag = sender.node.post("send-file", to=receiver.node.person, path=[str(path) for path in parcel.paths])
            sender.offers[tag] = parcel
        except OSError:
            pass

    # Faults --------------------------------------------------------------------------------------------------------

    def strike(self):
        name = self.chance.choices(list(self.faults), list(self.faults.values()))[0]
        if name in ("amid", "pause") and not self.fetching():
            self.ambush = name
        else:
            self.strike_with(name, self.chance.choice(self.people))

    def fetching(self):
        return [person for person in self.people if list(person.inbox.glob("*.part-*"))]

    def strike_with(self, name, victim):
        if getattr(self, "fault_" + name)(victim) is False:
            return
        self.tell(f"{name} at {victim.node.name}, message {self.number}")
        rounds = self.counts.setdefault(name, {})
        rounds[victim.node.name] = rounds.get(victim.node.name, 0) + 1

    def tell(self, what):
        if self.options.verbose:
            print(f"{time.monotonic() - self.began:8.1f} s  {what}", flush=True)

    def rounds(self, name):
        return sum(self.counts.get(name, {}).values())

    def summary(self):
        return ", ".join(f"{self.rounds(name)} {name} ({', '.join(f'{who} {n}' for who, n in sorted(by.items()))})"
                         for name, by in sorted(self.counts.items()))

    def later(self, seconds, what):
        self.healing.append((time.monotonic() + seconds, what))

    def heal(self, everything=False):
        now = time.monotonic()
        due = [entry for entry in self.healing if everything or entry[0] <= now]
        self.healing = [entry for entry in self.healing if entry not in due]
        for _, what in sorted(due, key=lambda entry: entry[0]):
            what()

    def kill(self, victim):
        if victim.stopped or not victim.node.alive():
            return False
        victim.node.kill()
        # On a full disk a store cannot be opened, so it cannot be asked either. Whoever has lost its database may still be getting
        # back what had been delivered: only the end shows whether it does.
        for other in self.people:
            if other is not victim and not victim.full and not victim.has_lost_its_database():
                ledger.check_marks(other.node, victim.node, self.verdict, f"kill at {self.number}")
        victim.forget_unanswered()
        return True

    def fault_kill(self, victim):
        if not self.kill(victim):
            return False
        self.later(self.chance.choice([0, 0.1, 1, 3]), lambda: victim.node.alive() or victim.start())

    def fault_amid(self, victim):
        """Kills somebody who is fetching, or who sends to somebody that is."""
        return self.fault_kill(self.chance.choice([victim, *self.fetching()]))

    def fault_pause(self, victim):
        """Of what is offered and on its way, whoever it is from."""
        if victim.stopped or victim.full or not victim.node.alive():
            return False
        going = [line["transfer"] for line in victim.node.once("transfers", check=False)
                 if line["state"] in ("running", "queued") or (line["state"] == "offered" and not line["incoming"])]
        if not going:
            return False
        transfer = self.chance.choice(going)
        if not victim.tell("pause", transfer):
            return False
        self.later(self.chance.choice([0.2, 2, 5]), lambda: self.resume(victim, transfer))

    def resume(self, victim, transfer):
        """Once the program is there; the end of the run resumes what is left."""
        if victim.stopped or not victim.tell("resume", transfer):
            victim.paused.add(transfer)

    def resume_all(self):
        """What was paused here while its program was away; and what a full disk has stopped, once there is room."""
        for person in self.people:
            if not person.node.alive() or person.stopped or person.full:
                continue
            lines = person.node.once("transfers", check=False) if person.was_full or person.paused else []
            stopped = {line["transfer"] for line in lines if person.was_full and line["incoming"]
                       and line["state"] in ("paused", "failed", "offered")}
            for transfer in stopped | person.paused:
                if person.tell("resume", transfer):
                    person.paused.discard(transfer)

    def fault_stop(self, victim):
        if victim.stopped or not victim.node.alive():
            return False
        victim.stopped = True
        victim.node.signal(signal.SIGSTOP)

        def go_on():
            victim.stopped = False
            victim.node.signal(signal.SIGCONT)
        self.later(self.chance.choice([0.5, 2, 5]), go_on)

    def fault_link(self, victim):
        victim.host.link(False)
        self.later(self.chance.choice([0.2, 2, 6]), lambda: victim.host.link(True))

    def fault_minute(self, victim):
        """As a cable pulled out and forgotten for a minute."""
        victim.host.link(False)
        self.later(60, lambda: victim.host.link(True))

    def fault_cut(self, victim):
        """Long enough at times for the keepalive to see it."""
        victim.host.cut(True)
        self.later(self.chance.choice([3, 10, 40]), lambda: victim.host.cut(False))

    def fault_loss(self, victim):
        victim.host.loss(0.2)
        self.later(self.chance.choice([3, 8]), lambda: victim.host.loss(0))

    def fault_address(self, victim):
        self.next_address += 1
        victim.host.change_address(self.next_address)

    def fault_clock(self, victim):
        jump = self.chance.choice([-86_400, -3_600, -60, -1, 1, 60, 3_600, 86_400, 0]) * 1000
        victim.set_clock(jump)

    def fault_disk(self, victim):
        if victim.full:
            return False
        victim.full = victim.was_full = True
        filler = victim.disk / "filler"
        try:
            with open(filler, "wb", buffering=0) as file:
                block = bytes(1024 * 1024)
                while True:
                    file.write(block)
        except OSError:
            pass

        def empty():
            filler.unlink()
            victim.full = False
            if not victim.node.alive() and not victim.stopped:
                victim.start()
        self.later(self.chance.choice([1, 4]), empty)

    def fault_flip(self, victim):
        """A byte of the database, once all that only this disk holds is elsewhere too: the only copy of a message that
        lies in a damaged place nobody can bring back."""
        if victim.full or victim.stopped or not victim.node.alive() or not self.settle(15, files=True):
            return False
        # An orderly end, so that what was written is in the database and not in its log.
        victim.node.stop(timeout=20)
        victim.forget_unanswered()
        database = victim.node.profile / "landline.db"
        size = database.stat().st_size
        at = self.chance.randrange(size)
        with open(database, "r+b") as file:
            file.seek(at)
            old = file.read(1)[0]
            file.seek(at)
            file.write(bytes([old ^ self.chance.randrange(1, 256)]))
        victim.start()
        # Quiet until what was set aside has come back from the others: until then it is not on this disk.
        if not self.settle(60):
            self.verdict.problems.append(f"a flipped byte at {at} of {size} at {victim.node.name}: {self.behind()}")

    # The end -------------------------------------------------------------------------------------------------------

    def look_after(self):
        """A program that ended by itself is a defect, unless its disk is full."""
        for person in self.people:
            process = person.node.process
            if process is not None and process.poll() is not None:
                if not person.full:
                    person.crashes.append(f"{person.node.name} left with {process.returncode}: {person.node.log_tail()}")
                person.node.process = None
                person.forget_unanswered()
                self.later(1, lambda person=person: person.node.alive() or person.start())

    def pairs(self):
        return [(one, other) for one in self.people for other in self.people if one is not other]

    def behind(self):
        """Pairs of which the receiver does not yet hold what the sender holds."""
        missing = []
        for sender, receiver in self.pairs():
            try:
                own = ledger.own_messages(sender.node.history(receiver.node.person), sender.node.person)
                held = ledger.own_messages(receiver.node.history(sender.node.person), sender.node.person)
            except (AssertionError, subprocess.TimeoutExpired) as error:
                missing.append(f"{sender.node.name} to {receiver.node.name}: {error}")
                continue
            if {m["message"] for m in own} != {m["message"] for m in held}:
                missing.append(f"{sender.node.name} to {receiver.node.name}: {len(held)} of {len(own)}")
        return missing

    def settle(self, timeout, files=False):
        """Waits, in silence, until everybody holds what everybody has sent."""
        deadline = time.monotonic() + timeout
        next_resume = 0
        while self.healing or self.behind() or (files and self.file_state()[1]):
            if time.monotonic() > deadline:
                return False
            self.heal()
            self.look_after()
            if time.monotonic() > next_resume:
                self.resume_all()
                next_resume = time.monotonic() + 5
            time.sleep(0.2)
        return True

    def run(self):
        for person in self.people:
            person.start()
        for one, other in self.pairs():
            one.node.wait_online(other.node, timeout=30)
        for person in self.people:
            transfers.slow_down(person.host, RATE)
        end = time.monotonic() + self.options.seconds
        next_fault = time.monotonic() + 1
        while (in_time := time.monotonic() < end) or self.is_short_of_kills(end):
            self.heal()
            self.look_after()
            for _ in range(self.chance.randrange(0, 6)):
                self.talk()
            if self.chance.random() < 0.03:
                self.offer()
            if self.ambush and self.fetching():
                self.strike_with(self.ambush, self.chance.choice(self.people))
                self.ambush = None
            if time.monotonic() >= next_fault:
                if in_time:
                    self.strike()
                else:
                    self.strike_with("kill", self.chance.choice(self.people))
                next_fault = time.monotonic() + self.chance.uniform(0.3, 2.5 if in_time else 1)
            time.sleep(0.02)
        self.finish()

    def is_short_of_kills(self, end):
        """Killing is what a run owes a number of: 200 rounds in ten minutes."""
        late = time.monotonic() > end + 2 * self.options.seconds
        return self.missing_kills() and not late

    def missing_kills(self):
        return max(kills_of(self.options) - self.rounds("kill"), 0) if "kill" in self.faults else 0

    def finish(self):
        self.tell("healing everything")
        self.heal(everything=True)
        for person in self.people:
            person.set_clock(0)
            if not person.node.alive():
                person.node.process = None
                person.start()
        self.await_answers()
        self.tell("waiting until everybody holds everything")
        if not self.settle(180):
            self.verdict.problems.append(f"not settled at the end: {self.behind()}")
        for sender, receiver in self.pairs():
            tags = sender.tags.get(receiver, {})
            ledger.check_pair(sender.node, receiver.node, ledger.answered(sender.node, tags), self.verdict)

    def await_answers(self):
        def open_tags():
            done = {(person.node.name, event.get("tag")) for person in self.people for event in list(person.node.events)
                    if event.get("event") == "done"}
            return [tag for person in self.people for tags in person.tags.values() for tag in tags
                    if (person.node.name, tag) not in done]
        deadline = time.monotonic() + 60
        while open_tags() and time.monotonic() < deadline:
            time.sleep(0.1)
        if left := open_tags():
            self.verdict.problems.append(f"{len(left)} commands were never answered: {left[:5]}")

    def file_state(self):
        """(files that are right, {parcel: problems}): everything whose offer was answered has to arrive, as it was."""
        right, wrong = 0, {}
        for sender in self.people:
            for tag, parcel in sender.offers.items():
                if not sender.node.find("done", tag=tag, code=0):
                    continue
                if problems := parcel.problems():
                    wrong[parcel] = problems
                else:
                    right += parcel.files()
        return right, wrong

    def files(self):
        deadline = time.monotonic() + 120
        while ((result := self.file_state())[1] or self.left()) and time.monotonic() < deadline:
            self.resume_all()
            time.sleep(0.5)
        for person in self.people:
            if person.has_lost_its_database():
                parts, copies = parcels.leftovers(person.inbox)
                print(f"{person.node.name} has lost its database: {len(copies)} came a second time, {len(parts)} were given up")
        return result[0], self.left() * (not result[1]) + [
            f"{problems[0]} (of {len(problems)}): {self.transfers_of(parcel.name)}"
            for parcel, problems in result[1].items()]

    def left(self):
        """What nobody has sent. Who has lost its database does not know what it has fetched, and fetches again what comes back
        from the others: that, too, has to be right."""
        left = []
        for person in self.people:
            parts, copies = parcels.leftovers(person.inbox)
            if person.has_lost_its_database():
                parts, copies = [], [name for name in copies if not parcels.is_right_copy(person.inbox, name)]
            left += [f"{name} at {person.node.name}: half of it, or a second time" for name in parts + copies]
        return left

    def transfers_of(self, name):
        """What everybody says of the transfer of this name."""
        return [(person.node.name, {key: entry.get(key) for key in ("state", "done", "size", "error")})
                for person in self.people for entry in person.node.once("transfers", check=False)
                if entry.get("name") == name]


def kills_of(options):
    """What a run owes: 200 in ten minutes."""
    return int(options.seconds // 3)


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("seconds", nargs="?", type=float, default=600)
    parser.add_argument("--bin", required=True)
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--people", type=int, default=3, choices=(2, 3, 4))
    parser.add_argument("--verbose", action="store_true", help="tell each fault")
    parser.add_argument("--only", help="comma-separated faults; without the relay, unless --relay-kills is given")
    parser.add_argument("--relay-kills", type=int, help="of the relay (default: one in three seconds)")
    options = parser.parse_args()
    os.environ["LANDLINE_BIN"] = options.bin
    if options.relay_kills is None:
        options.relay_kills = 0 if options.only else kills_of(options)
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(4), "big")
        sys.argv += ["--seed", str(options.seed)]  # the same in the namespaces
    return options


def main():
    options = parse()
    lan.enter()
    lan.prepare()
    shim = pathlib.Path(options.bin).resolve() / "libchaos_clock.so"
    print(f"seed {options.seed}, {options.seconds:g} s, {options.people} people, the relay is killed {options.relay_kills} times"
          + ("" if shim.is_file() else ", without clock jumps (libchaos_clock.so is not built)"), flush=True)
    with RelaySide(options) as relay, lan.Lan(options.people) as net:
        chaos = Chaos(net, options, shim if shim.is_file() else None)
        chaos.run()
        right, wrong_files = chaos.files()
        print("faults:", chaos.summary())
        wrong = wrong_files + [crash for person in chaos.people for crash in person.crashes]
        if missing := chaos.missing_kills():
            wrong.append(f"{missing} kills fewer than there should be")
        verdict, deaths = relay.wait()
    verdict.add(chaos.verdict)
    for problem in verdict.problems + wrong:
        print("problem:", problem)
    bad = bool(verdict.problems or wrong or not verdict.clean)
    if bad:
        print(f"replay: ./dev chaos {options.seconds:g} --seed {options.seed}")
    if deaths:
        print(deaths)
    print(f"{verdict.line()}, {right} files right")
    sys.exit(1 if bad else 0)


if __name__ == "__main__":
    main()
