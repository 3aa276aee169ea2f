#!/usr/bin/env python3
"""What two people do with each other who reach a relay and not each other, by landline-cli; with real programs in a network
namespace of their own."""
import contextlib
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from node import lan, people  # noqa: E402
from relay import Relay  # noqa: E402


def only(lines):
    assert len(lines) == 1, lines
    return lines[0]


@contextlib.contextmanager
def people_apart(*settings):
    """Anna and Boris, who reach a relay with these settings and not each other, and have exchanged their links."""
    with lan.Lan(3) as net:
        relay = Relay(net.hosts[2]).init().set(*settings).serve()
        anna, boris = people(net, "Anna", "Boris", allow=False)
        for node, other in ((anna, boris), (boris, anna)):
            node.host.run("iptables", "-w", "-I", "INPUT", "-s", other.host.ipv4, "-j", "DROP")
            node.host.run("ip6tables", "-w", "-I", "INPUT", "-i", "eth0", "-j", "DROP")
            node.start("--no-discovery", "--relay", relay.invite())
            node.wait("relay", connected=True)
        for node, other in ((anna, boris), (boris, anna)):
            link = only(other.once("contact", "link"))
            assert link["relays"] == [relay.address], link
            node.once("contact", "add", link["link"], "--timeout", 0)
        yield anna, boris, relay


def brings_people_together_who_cannot_reach_each_other():
    with people_apart() as (anna, boris, relay):
        sent = json.loads(anna.expect(0, "send", "Boris", "by the relay", "--timeout", 60).stdout)
        assert sent["state"] == "delivered" and "held_until" not in sent, sent
        boris.wait("message", text="by the relay", name="Anna", author=anna.person)
        for node, other in ((anna, boris), (boris, anna)):
            node.wait("peer", person=other.person, path="relay", online=True, timeout=60)
        shown = next(line for line in anna.once("peers") if line["person"] == boris.person)
        assert shown["path"] == "relay" and shown["online"], shown
        checks = {line["check"]: line for line in anna.once("doctor", "Boris")}
        assert checks["connection"]["ok"] and "relay" in checks["connection"]["found"], checks["connection"]
        boris.expect(0, "read", "Anna")
        anna.wait("read", message=sent["message"], person=boris.person, timeout=60)


def keeps_messages_for_somebody_who_is_away():
    with people_apart() as (anna, boris, relay):
        anna.expect(0, "send", "Boris", "are you there?", "--timeout", 60)
        boris.stop()
        mark = anna.mark()
        late = anna.expect(3, "send", "Boris", "for later", "--timeout", 15)
        sent = json.loads(late.stdout)
        days = (sent["held_until"] / 1000 - time.time()) / 86_400
        assert sent["state"] == "held" and 13 < days <= 14.01, sent
        held = anna.wait("held", since=mark, message=sent["message"])
        assert (held["person"], held["until"]) == (boris.person, sent["held_until"]), held
        # Nobody is there, and yet it gets through.
        checks = {line["check"]: line for line in anna.once("doctor", "Boris")}
        for name in ("connection", "their-beacon", "beacons"):
            assert checks[name]["ok"], checks[name]
        for name in ("connection", "beacons"):
            assert "relay" in checks[name]["found"], checks[name]
        kept = anna.history("Boris")[-1]
        assert (kept["state"], kept["held_until"]) == ("held", sent["held_until"]), kept
        mark = anna.mark()
        anna.once("send", "Boris", "and this", "--timeout", 0, check=False)
        anna.wait("held", since=mark, timeout=60)
        anna.stop()
        mark = boris.mark()
        boris.start()
        boris.wait("message", since=mark, text="for later", name="Anna", timeout=60)
        mark = anna.mark()
        anna.start()
        anna.wait("delivered", since=mark, message=sent["message"], person=boris.person, timeout=60)
        assert "held_until" not in anna.history("Boris")[1], anna.history("Boris")
        assert boris.texts("Anna") == ["are you there?", "for later", "and this"], boris.texts("Anna")


def says_why_nothing_can_be_left():
    with people_apart("quota = 64 MiB, 2 messages") as (anna, boris, relay):
        sent = json.loads(anna.expect(0, "send", "Boris", "are you there?", "--timeout", 60).stdout)
        assert sent["state"] == "delivered" and "why" not in sent and "reason" not in sent, sent
        until = time.monotonic() + 60
        while json.loads(relay.ask("stats", "--json"))["held_items"] != 0:
            assert time.monotonic() < until, "what was fetched is still held"
        boris.stop()
        mark = anna.mark()
        anna.expect(3, "send", "Boris", "for later", "--timeout", 0)
        anna.wait("held", since=mark, timeout=60)
        # One sender has half of what a mailbox takes.
        sent = json.loads(anna.expect(3, "send", "Boris", "one too many", "--timeout", 5).stdout)
        assert (sent["state"], sent["reason"]) == ("queued", "full") and relay.address in sent["why"], sent
        told = {message["text"]: message for message in anna.history("Boris")}
        assert (told["one too many"]["reason"], told["one too many"]["why"]) == ("full", sent["why"]), told
        assert "why" not in told["for later"] and "why" not in told["are you there?"], told
        assert sent["why"] in anna.human("history", "Boris")
        check = next(line for line in anna.once("doctor", "Boris") if line["check"] == "connection")
        assert not check["ok"] and sent["why"] in check["advice"], check
        mark = boris.mark()
        boris.start()
        boris.wait("message", since=mark, text="one too many", timeout=90)
        boris.stop()
        relay.end()
        sent = json.loads(anna.expect(3, "send", "Boris", "and now?", "--timeout", 5).stdout)
        assert (sent["state"], sent["reason"]) == ("queued", "unreachable") and relay.address in sent["why"], sent
        assert sent["why"] in anna.human("history", "Boris")


if __name__ == "__main__":
    lan.main(brings_people_together_who_cannot_reach_each_other, keeps_messages_for_somebody_who_is_away,
             says_why_nothing_can_be_left)
