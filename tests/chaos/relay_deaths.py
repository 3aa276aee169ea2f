#!/usr/bin/env python3
"""A relay that is killed over and over, while people who reach each other by it alone write to each other.

    relay_deaths.py --bin DIR [--deaths N] [--seconds N] [--seed N] [--verbose]

Each life of the relay ends with SIGKILL at a moment of chance amid deposits and drains. People come, go and are killed
meanwhile. Now and then all but one of them are killed together with the relay: then whatever was said to be held for that
one has to come from the relay's disk, since nobody is left to send it again. Takes some three seconds for each death. The
last lines say how often the relay died, and what is missing; leaves with 1 if anything is, or if it died less often.
"""
import argparse
import dataclasses
import json
import os
import pathlib
import random
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lan  # noqa: E402
import ledger  # noqa: E402
from node import Node  # noqa: E402
from relay import Relay, apart, join  # noqa: E402

OUTSTANDING = 100  # commands to one node that wait for an answer
# A node waits twice as long after each loss, as long as no connection lasts for a minute: a new program begins anew.
LOSSES = 3
WITNESS = 4  # lives of the relay, after which somebody is left alone with it
WORK_WITHIN = 20  # seconds after the relay's start
SETTLED_WITHIN = 180
# Of the deaths at least so many have to hit the relay at work.
AT_WORK = 0.5


class Correspondent:
    """A node with what it was told to send, and what it said of that."""

    def __init__(self, host, name):
        self.node = Node(host, name).init()
        self.node.arguments = ["--allow-all", "--no-discovery"]
        self.tags = {}      # receiver -> {tag: text}
        self.marked = {}    # person -> messages that were held for it, or delivered
        self.sent = set()
        self.arrived = set()
        self.losses = 0     # of the relay, that this program has seen
        self.looked_at = 0  # events
        self.asked = 0

    def look(self):
        """Takes in what the program has said since."""
        news = self.node.events[self.looked_at:]
        self.looked_at += len(news)
        for event in news:
            kind = event.get("event")
            if kind == "done" and "tag" in event:
                self.asked -= 1
                if event.get("code") == 0 and "message" in event:
                    self.sent.add(event["message"])
            elif kind in ("held", "delivered"):
                self.marked.setdefault(event["person"], set()).add(event["message"])
            elif kind == "message":
                self.arrived.add(event["message"])

    def all_marked(self):
        return set().union(*self.marked.values())

    def write(self, receiver, text):
        try:
            tag = self.node.post("send", to=receiver.node.person, text=text)
        except OSError:
            return  # it died this moment; the next look notices
        self.tags.setdefault(receiver, {})[tag] = text
        self.asked += 1

    def forget_unanswered(self):
        """What a dead program had not answered is not owed."""
        answered = {event["tag"] for event in self.node.events
                    if event.get("event") == "done" and event.get("code") == 0 and "tag" in event}
        for tags in self.tags.values():
            for tag in [tag for tag in tags if tag not in answered]:
                del tags[tag]
        self.asked = 0

    def start(self):
        self.losses = 0
        self.node.start()

    def end(self, kill):
        """By SIGKILL, or by SIGTERM; returns when all that it said was heard."""
        pid = self.node.process.pid
        if kill:
            self.node.kill()
        else:
            self.node.stop(timeout=30)
        self.node.wait("ended", pid=pid)
        self.look()
        self.forget_unanswered()


@dataclasses.dataclass
class Deaths:
    """Of the relay."""
    all: int = 0
    at_deposits: int = 0
    at_drains: int = 0
    at_work: int = 0
    witnessed: int = 0  # after which a receiver alone got what was held

    def line(self):
        return (f"relay: {self.all} deaths, {self.at_work} amid work ({self.at_deposits} amid deposits, {self.at_drains} "
                f"amid drains), {self.witnessed} after which only the relay had what it held")

    def problems(self, asked):
        if self.all < asked:
            yield f"the relay died {self.all} times instead of {asked}"
        if self.at_work < AT_WORK * self.all:
            yield f"only {self.at_work} of {self.all} deaths hit the relay at work"
        if asked >= 10 and not (self.at_deposits and self.at_drains and self.witnessed):
            yield "no death hit deposits, or none hit drains, or nobody was left alone with the relay"


class Mail:
    def __init__(self, net, options):
        self.options = options
        self.chance = random.Random(options.seed)
        self.verdict = ledger.Verdict()
        self.deaths = Deaths()
        self.began = time.monotonic()
        self.number = 0
        self.relay = Relay(net.hosts[3]).init()
        self.people = [Correspondent(host, name) for host, name in zip(net.hosts, ("Anna", "Boris", "Clara"))]
        self.heard = (0, 0)  # marks and arrivals when the relay began to serve

    def tell(self, what):
        if self.options.verbose:
            print(f"{time.monotonic() - self.began:8.1f} s  relay: {what}", flush=True)

    def here(self):
        return [person for person in self.people if person.node.process is not None]

    def pairs(self):
        return [(one, other) for one in self.people for other in self.people if one is not other]

    def meet(self):
        """By links that name the relay: they have never been on one network."""
        self.serve()
        join(self.relay, *(person.node for person in self.people))
        apart(*(person.node for person in self.people))
        for person in self.people:
            person.start()
        for one, other in self.pairs():
            one.node.once("contact", "add", other.node.once("contact", "link")[0]["link"])
        for one, other in self.pairs():
            self.talk(one, other)
        lan.wait_for(lambda: self.look() and all(len(person.marked) == len(person.arrived) == 2 for person in self.people), 60,
                     lambda: f"not everybody has met everybody: {[person.node.events[-5:] for person in self.people]}")

    # Traffic -------------------------------------------------------------------------------------------------------

    def look(self):
        for person in self.people:
            person.look()
            process = person.node.process
            if process is not None and process.poll() is not None:
                raise AssertionError(f"{person.node.name} left with {process.returncode}: {person.node.log_tail()}")
        return True

    def talk(self, sender, receiver):
        self.number += 1
        sender.write(receiver, f"{sender.node.name} {self.number}")

    def turn(self):
        """A moment in which somebody may write."""
        self.look()
        for sender in self.here():
            if sender.asked < OUTSTANDING and self.chance.random() < 0.3:
                receiver = self.chance.choice([person for person in self.people if person is not sender])
                for _ in range(self.chance.randrange(1, 4)):
                    self.talk(sender, receiver)
        time.sleep(0.02)

    def turns(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.turn()

    def counts(self):
        """(marks, arrivals) of all, ever."""
        return (sum(len(person.all_marked()) for person in self.people), sum(len(person.arrived) for person in self.people))

    def promised(self, receiver):
        """What somebody said to be held for this one, or delivered."""
        return set().union(*(person.marked.get(receiver.node.person, set()) for person in self.people))

    def missing(self, receiver):
        return self.promised(receiver) - receiver.arrived

    # Life and death ------------------------------------------------------------------------------------------------

    def serve(self):
        self.relay.serve()
        self.heard = self.counts()

    def kill_relay(self):
        assert self.relay.process.poll() is None, f"the relay left with {self.relay.process.returncode}: {self.relay.read_log()}"
        self.relay.kill()
        self.look()
        # It had begun to store or to give, and was not done.
        marks, arrivals = (now > then for now, then in zip(self.counts(), self.heard))
        at_deposits = marks and any(person.sent - person.all_marked() for person in self.here())
        at_drains = arrivals and any(self.missing(person) for person in self.here())
        self.deaths.all += 1
        self.deaths.at_deposits += at_deposits
        self.deaths.at_drains += at_drains
        self.deaths.at_work += at_deposits or at_drains
        for person in self.here():
            person.losses += 1
        self.tell(f"death {self.deaths.all}" + " amid deposits" * at_deposits + " amid drains" * at_drains
                  + f", {len(self.here())} here, message {self.number}")

    def end(self, person, kill):
        """Whoever is gone has on its disk what others say it got."""
        person.end(kill)
        for other in self.people:
            if other is not person:
                history = person.node.history(other.node.person)
                ledger.check_marks(other.node, person.node, self.verdict, f"{person.node.name}, message {self.number}", history)
                # What was committed and not told any more.
                person.arrived |= {message["message"] for message in history}

    def come_and_go(self):
        for person in self.people:
            if person.node.process is not None and (person.losses >= LOSSES or self.chance.random() < 0.3):
                self.end(person, kill=self.chance.random() < 0.6)
            if person.node.process is None and self.chance.random() < 0.6:
                person.start()
        if not self.here():
            self.chance.choice(self.people).start()

    def life(self):
        """Of the relay, from its start to its death amid what it does."""
        comes_first = self.chance.random() < 0.5
        if comes_first:
            self.come_and_go()
        self.serve()
        if not comes_first:
            self.come_and_go()
        deadline = time.monotonic() + WORK_WITHIN
        while self.counts() == self.heard and time.monotonic() < deadline:
            self.turn()
        self.turns(self.chance.choice([0, self.chance.uniform(0, 0.6)]))
        for sender in self.here():
            for _ in range(self.chance.randrange(0, 20)):
                self.talk(sender, self.chance.choice([person for person in self.people if person is not sender]))
        time.sleep(self.chance.uniform(0, 0.1))
        self.kill_relay()
        self.turns(self.chance.choice([0, 0, 0.2, 1]))

    def witness(self):
        """Everybody dies with the relay. Then one alone comes back, and the relay is killed once more amid that one's drain."""
        for person in self.here():
            self.end(person, kill=True)
        receiver = max(self.people, key=lambda person: len(self.missing(person)))
        promised = self.missing(receiver)
        if not promised:
            return
        self.tell(f"{receiver.node.name} alone, {len(promised)} held")
        self.serve()
        receiver.start()
        deadline = time.monotonic() + WORK_WITHIN
        while promised == self.missing(receiver) and time.monotonic() < deadline:
            self.look()
            time.sleep(0.002)
        if self.deaths.all < self.options.deaths:
            time.sleep(self.chance.choice([0, self.chance.uniform(0, 0.1)]))
            self.kill_relay()
            if self.chance.random() < 0.5:
                self.end(receiver, kill=True)
                receiver.start()
            self.serve()
        deadline = time.monotonic() + 60
        while self.missing(receiver) and time.monotonic() < deadline:
            self.look()
            time.sleep(0.05)
        self.end(receiver, kill=False)
        self.relay.end()
        false = self.missing(receiver)
        self.verdict.note("falsely_marked", len(false),
                          f"held for {receiver.node.name}, and not at the relay: {sorted(false)[:5]}")
        self.deaths.witnessed += 1

    # The end -------------------------------------------------------------------------------------------------------

    def run(self):
        self.meet()
        self.relay.kill()
        last = time.monotonic() + 3 * self.options.seconds
        lives = 0
        while self.deaths.all < self.options.deaths and time.monotonic() < last:
            self.life()
            lives += 1
            if lives % WITNESS == 0:
                self.witness()
        self.finish()

    def behind(self):
        missing = []
        for sender, receiver in self.pairs():
            own = ledger.own_messages(sender.node.history(receiver.node.person), sender.node.person)
            held = ledger.own_messages(receiver.node.history(sender.node.person), sender.node.person)
            delivered = sum(message["state"] in ("delivered", "read") for message in own)
            if len(own) != len(held) or delivered != len(own):
                missing.append(f"{sender.node.name} to {receiver.node.name}: {len(own)} sent, {len(held)} came, "
                               f"{delivered} marked")
        return missing

    def finish(self):
        self.tell("everybody comes back; waiting until everybody holds everything")
        for person in self.here():
            self.end(person, kill=False)
        self.serve()
        for person in self.people:
            person.start()
        deadline = time.monotonic() + SETTLED_WITHIN
        while (behind := self.behind()) and time.monotonic() < deadline:
            self.look()
            time.sleep(0.5)
        if behind:
            self.verdict.problems.append(f"not settled at the end: {behind}")
        for sender, receiver in self.pairs():
            answered = ledger.answered(sender.node, sender.tags.get(receiver, {}))
            ledger.check_pair(sender.node, receiver.node, answered, self.verdict)
        for person in self.people:
            person.node.stop(timeout=30)
        self.relay.end()


def parse():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True)
    parser.add_argument("--deaths", type=int, default=200)
    parser.add_argument("--seconds", type=float, default=600, help="after three times as many it ends")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--verbose", action="store_true", help="tell each death")
    parser.add_argument("--result", type=pathlib.Path, help="a file for the verdict, in the place of its last lines")
    options = parser.parse_args()
    os.environ["LANDLINE_BIN"] = options.bin
    if options.seed is None:
        options.seed = int.from_bytes(os.urandom(4), "big")
        sys.argv += ["--seed", str(options.seed)]  # the same in the namespaces
    return options


def main():
    options = parse()
    lan.enter()
    lan.prepare()
    if options.result:
        lan.die_with_parent()
    with lan.Lan(4) as net:
        mail = Mail(net, options)
        try:
            mail.run()
        except (AssertionError, OSError, subprocess.SubprocessError) as error:
            mail.verdict.problems.append(f"{type(error).__name__}: {error}; the relay's log: {mail.relay.read_log()[-1500:]}")
    mail.verdict.problems += mail.deaths.problems(options.deaths)
    if options.result:
        options.result.write_text(json.dumps({"verdict": dataclasses.asdict(mail.verdict), "deaths": mail.deaths.line()}))
    else:
        for problem in mail.verdict.problems:
            print("problem:", problem)
        print(mail.deaths.line())
        print(mail.verdict.line())
    sys.exit(1 if mail.verdict.problems or not mail.verdict.clean else 0)


if __name__ == "__main__":
    main()
