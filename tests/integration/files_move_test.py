#!/usr/bin/env python3
"""Transfers go on by themselves after an address has changed, a cable was out, or a machine was asleep."""
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import (FULL, MIB, anna_and_boris, digest, held, lan, people, random_file, sent_bytes,  # noqa: E402
                       slow_down, start_together)


def goes_on(inbox, timeout, what):
    """Waits until more of it has come; gives the seconds that took."""
    before, began = held(inbox), time.monotonic()
    lan.wait_for(lambda: held(inbox) > before + 2 * MIB or not list(inbox.glob("*.part-*")), timeout,
                 lambda: f"more than {before} bytes after {what}")
    return time.monotonic() - began


def goes_on_from_another_address():
    size = (512 if FULL else 96) * MIB
    with lan.Lan(2) as net:
        for host in net.hosts:
            host.run("ip", "-6", "address", "flush", "dev", "eth0")  # by which it could go on without noticing
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "film.bin"
        random_file(source, size, 1)
        slow_down(anna.host, "200mbit")
        before = sent_bytes(anna.host)
        anna.post("send-file", to="Boris", path=str(source))
        moves = [("the sender's move", [(anna, 101)]), ("the receiver's move", [(boris, 102)]),
                 ("both moved", [(anna, 103), (boris, 104)])]
        for number, (what, changes) in enumerate(moves, 1):
            lan.wait_for(lambda: held(inbox) > size * number // 5, 60, lambda: f"{what}: {held(inbox)} of {size}")
            for node, address in changes:
                node.host.change_address(address)
            assert not (inbox / source.name).exists(), "it was on its way"
            # Sooner than after the half minute of silence by which a dead connection shows.
            print(f"   goes on {goes_on(inbox, 20, what):.1f} s after {what}")
        boris.wait("file", timeout=90)
        sent = sent_bytes(anna.host) - before
        print(f"   {sent / size:.3f} times the size was sent")
        assert digest(inbox / source.name) == digest(source)
        assert sent <= 1.1 * size, sent / size
        anna.wait("sent", timeout=30)


def goes_on_after_a_short_break_of_the_cable():
    size = 48 * MIB
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "film.bin"
        random_file(source, size, 1)
        slow_down(anna.host, "100mbit")
        anna.post("send-file", to="Boris", path=str(source))

        def carrier(host):
            return "LOWER_UP" in host.run("ip", "link", "show", "dev", "eth0").stdout

        for number, victim in enumerate((anna, boris), 1):
            lan.wait_for(lambda: held(inbox) > size * number // 4, 60, lambda: f"{held(inbox)} of {size}")
            victim.host.link(False)
            lan.wait_for(lambda: not carrier(victim.host), 10, "the cable to be out")
            assert not (inbox / source.name).exists(), "it was on its way"
            victim.host.link(True)
            print(f"   goes on {goes_on(inbox, 30, 'the cable was out'):.1f} s after {victim.name}'s cable is in again")
        boris.wait("file", timeout=60)
        assert digest(inbox / source.name) == digest(source)


def goes_on_after_sleep_and_a_long_break():
    """Of three transfers at Anna's one has a receiver who falls asleep, one a sender who does, one a cable that is out,
    for so long that she notices."""
    size = 24 * MIB
    with lan.Lan(4) as net:
        anna, boris, clara, dai = people(net, "Anna", "Boris", "Clara", "Dai")
        inboxes = {node: node.host.folder / "inbox" for node in (anna, boris, clara)}
        for node, inbox in inboxes.items():
            node.arguments += ["--accept-files", str(inbox)]
        for node in (anna, dai):
            slow_down(node.host, "60mbit")
        start_together(anna, boris, clara, dai)
        ways = [(anna, boris, boris), (anna, clara, clara), (dai, anna, dai)]
        digests = [random_file(sender.host.folder / f"for {receiver.name}", size, number)
                   for number, (sender, receiver, _) in enumerate(ways)]
        for sender, receiver, _ in ways:
            sender.post("send-file", to=receiver.name, path=str(sender.host.folder / f"for {receiver.name}"))
        for _, receiver, _ in ways:
            lan.wait_for(lambda: held(inboxes[receiver]) > 2 * MIB, 60, "some of it")
        for sleeper in (boris, dai):
            sleeper.signal(signal.SIGSTOP)
        clara.host.link(False)
        for _, receiver, _ in ways:
            assert list(inboxes[receiver].glob("*.part-*")), "it was on its way"
        # By then the third one's connection is as old.
        lan.wait_for(lambda: not any(line["state"] == "running" for line in anna.once("transfers")
                                     if not line["incoming"]), 60, "Anna to notice that two of them are away")
        for sleeper in (boris, dai):
            sleeper.signal(signal.SIGCONT)
        clara.host.link(True)
        began = time.monotonic()
        for (sender, receiver, _), right in zip(ways, digests):
            receiver.wait("file", timeout=90)
            assert digest(inboxes[receiver] / f"for {receiver.name}") == right
            print(f"   {sender.name} to {receiver.name}: whole {time.monotonic() - began:.1f} s after the end of it")


lan.main(goes_on_from_another_address, goes_on_after_a_short_break_of_the_cable, goes_on_after_sleep_and_a_long_break)
