#!/usr/bin/env python3
"""Transfers that somebody stops: cancelled and paused on either side in every state, a receiver that stands still, a
sender who never comes back. Both sides say what became of it, nobody is kept busy, and nothing is under its name that
is not whole."""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import (MIB, anna_and_boris, digest, held, lan, memory, people, processor_seconds,  # noqa: E402
                       random_file, slow_down, start_together, transfer_of, wait_state)

SIZE = 40 * MIB


class Offer:
    """A file of Anna's that Boris has not accepted yet."""

    def __init__(self, anna, boris, inbox, name, size=SIZE):
        self.anna, self.boris, self.inbox, self.name = anna, boris, inbox, name
        self.source = anna.host.folder / name
        self.digest = random_file(self.source, size, len(name))
        self.looked = -1
        mark = boris.mark()
        anna.post("send-file", to="Boris", path=str(self.source))
        self.transfer = boris.wait("offer", since=mark, name=name)["transfer"]

    def accept(self):
        self.boris.post("accept", transfer=self.transfer, folder=str(self.inbox))
        lan.wait_for(lambda: self.come() > 2 * MIB, 30, lambda: f"some of {self.name}")

    def come(self):
        """Bytes of it in the inbox."""
        part = self.inbox / f"{self.name}.part-{self.transfer}"
        return part.stat().st_size if part.exists() else 0

    def has_come(self):
        return (self.inbox / self.name).exists()

    def check_come(self, timeout=90):
        lan.wait_for(self.has_come, timeout, lambda: f"{self.name}: {transfer_of(self.boris, self.transfer)}")
        assert digest(self.inbox / self.name) == self.digest
        wait_state(self.boris, self.transfer, "done")
        wait_state(self.anna, self.transfer, "done")

    def state(self, node):
        return transfer_of(node, self.transfer)["state"]


def stays(condition, anna):
    """True as long as a hundred messages come through one after the other: far more often than the file might be asked
    for."""
    for number in range(100):
        anna.deliver("Boris", f"message {number}")
        assert condition(), "it did not stay so"
    return True


def either_side_cancels_in_every_state():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net, taking=False)
        slow_down(anna.host, "100mbit")
        for who in (anna, boris):
            for state in ("offered", "running", "paused"):
                offer = Offer(anna, boris, inbox, f"{who.name} {state}")
                if state != "offered":
                    offer.accept()
                if state == "paused":
                    boris.do("pause", transfer=offer.transfer)
                    wait_state(boris, offer.transfer, "paused")
                who.do("cancel", transfer=offer.transfer)
                wait_state(who, offer.transfer, "cancelled")
                if who is anna and state == "running":
                    told = wait_state(boris, offer.transfer, "failed")
                    assert "no longer offers" in told["error"], told
                if who is boris and state == "running":
                    wait_state(anna, offer.transfer, "offered")
                assert not offer.has_come()
                # Whoever withdraws a file gives it no more; whoever did not want it may change their mind.
                result = boris.command("resume" if state == "paused" else "accept", offer.transfer)
                if who is anna:
                    assert result.returncode == 1 and "no longer offers" in result.stderr.splitlines()[-1], result
                    assert offer.state(anna) == "cancelled" and not offer.has_come()
                    assert anna.command("resume", offer.transfer).returncode == 2, "it was withdrawn"
                else:
                    assert result.returncode == 0, result
                    found = pathlib.Path(transfer_of(boris, offer.transfer)["path"])
                    assert digest(found) == offer.digest
        offer = Offer(anna, boris, inbox, "done", MIB)
        boris.post("accept", transfer=offer.transfer, folder=str(inbox))
        offer.check_come()
        for who in (anna, boris):
            who.do("cancel", transfer=offer.transfer)
            assert offer.state(who) == "done", "what is done stays done"
        assert digest(inbox / "done") == offer.digest


def who_pauses_decides_when_it_goes_on():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net, taking=False)
        slow_down(anna.host, "100mbit")
        offer = Offer(anna, boris, inbox, "film")
        offer.accept()
        # Anna pauses: Boris's wish alone brings nothing.
        anna.do("pause", transfer=offer.transfer)
        wait_state(anna, offer.transfer, "paused")
        boris.post("resume", transfer=offer.transfer)
        held_then = offer.come()
        assert stays(lambda: offer.state(anna) == "paused" and offer.come() - held_then <= 4 * MIB, anna)
        held_then = offer.come()
        began = time.monotonic()
        anna.do("resume", transfer=offer.transfer)
        lan.wait_for(lambda: offer.come() > held_then or offer.has_come(), 90, "that it goes on")
        print(f"   goes on {time.monotonic() - began:.1f} s after the sender's resume")
        # Boris pauses: neither does Anna's.
        boris.do("pause", transfer=offer.transfer)
        wait_state(boris, offer.transfer, "paused")
        anna.do("resume", transfer=offer.transfer)
        held_then = offer.come()
        assert stays(lambda: offer.state(boris) == "paused" and offer.come() - held_then <= 4 * MIB, anna)
        held_then = offer.come()
        # Both pause: both have to resume.
        anna.do("pause", transfer=offer.transfer)
        boris.post("resume", transfer=offer.transfer)
        assert stays(lambda: offer.come() == held_then and not offer.has_come(), anna)
        anna.do("resume", transfer=offer.transfer)
        offer.check_come()


def settled(offer):
    """No more of it has come since the last look."""
    before, offer.looked = offer.looked, offer.come()
    return before == offer.looked


def a_receiver_that_stands_still_holds_nobody_up():
    with lan.Lan(3) as net:
        anna, boris, clara = people(net, "Anna", "Boris", "Clara")
        inboxes = {node: node.host.folder / "inbox" for node in (boris, clara)}
        for node, inbox in inboxes.items():
            node.arguments += ["--accept-files", str(inbox)]
        start_together(anna, boris, clara)
        slow_down(anna.host, "400mbit")
        right = random_file(anna.host.folder / "film", 96 * MIB, 1)
        idle = memory(anna)
        anna.post("send-file", to="Boris", path=str(anna.host.folder / "film"))
        lan.wait_for(lambda: held(inboxes[boris]) > 8 * MIB, 30, "some of it")
        boris.signal(signal.SIGSTOP)
        assert list(inboxes[boris].glob("*.part-*")), "it was on its way"
        # The file reaches Clara whole, and a message as well.
        anna.post("send-file", to="Clara", path=str(anna.host.folder / "film"))
        assert anna.deliver("Clara", "meanwhile")["state"] == "delivered"
        clara.wait("file", timeout=60)
        assert digest(inboxes[clara] / "film") == right
        above = memory(anna) - idle
        print(f"   {above / MIB:.0f} MiB above idle while a receiver stands still")
        assert above < 64 * MIB, above
        used, began = processor_seconds(anna), time.monotonic()
        lan.wait_for(lambda: time.monotonic() - began > 5, 10, "a while to measure")
        busy = (processor_seconds(anna) - used) / (time.monotonic() - began)
        assert busy < 0.05, busy
        boris.signal(signal.SIGCONT)
        boris.wait("file", timeout=90)
        assert digest(inboxes[boris] / "film") == right


def a_sender_who_never_comes_back_costs_nothing():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net, taking=False)
        slow_down(anna.host, "100mbit")
        offer = Offer(anna, boris, inbox, "film")
        offer.accept()
        anna.kill()
        held_then = lan.wait_for(lambda: settled(offer) and offer.come(), 20, "the last bytes on their way")
        line = transfer_of(boris, offer.transfer)
        assert line["state"] in ("running", "queued"), line
        used, began = processor_seconds(boris), time.monotonic()
        lan.wait_for(lambda: time.monotonic() - began > 15, 20, "a while to measure")
        busy = (processor_seconds(boris) - used) / (time.monotonic() - began)
        print(f"   {busy:.3%} of a processor while it waits for the sender")
        assert busy < 0.02, busy
        # It stays so over a restart, until somebody says that it is enough.
        boris.stop()
        boris.start()
        assert offer.state(boris) in ("running", "queued") and offer.come() >= held_then > 0
        boris.do("cancel", transfer=offer.transfer)
        wait_state(boris, offer.transfer, "cancelled")
        assert not offer.has_come()


lan.main(either_side_cancels_in_every_state, who_pauses_decides_when_it_goes_on,
         a_receiver_that_stands_still_holds_nobody_up, a_sender_who_never_comes_back_costs_nothing)
