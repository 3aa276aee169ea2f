#!/usr/bin/env python3
"""Relays as people use them by landline-cli: added by an invite, shown, told of, removed; with real programs in a network
namespace of their own."""
import contextlib
import json
import pathlib
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from node import Node, lan  # noqa: E402
from relay import Relay  # noqa: E402


@contextlib.contextmanager
def anna_and_a_relay(serve=True):
    with lan.Lan(1) as net:
        relay = Relay(net.hosts[0]).init()
        if serve:
            relay.serve()
        yield Node(net.hosts[0], "Anna").init(), relay


def only(lines):
    assert len(lines) == 1, lines
    return lines[0]


def is_added_shown_and_removed():
    with anna_and_a_relay() as (anna, relay):
        assert anna.once("relay", "list") == []
        added = only(anna.once("relay", "add", relay.invite()))
        assert (added["relay"], added["address"], added["connected"]) == (relay.url, relay.address, True), added
        assert added["state"] == "connected" and added["quota"] > 0 and added["life"] > 0, added
        assert "text" not in added and "invite" not in json.dumps(added), added
        listed = only(anna.once("relay", "list"))
        assert listed["relay"] == relay.url and listed["connected"], listed
        link = only(anna.once("contact", "link"))
        assert link["relays"] == [relay.address] and f"relay={relay.address}/" in link["link"], link
        assert "invite" not in link["link"], link
        # Another one: the same but for the token.
        other = only(anna.once("contact", "link", "--new"))
        assert other["relays"] == [relay.address] and other["link"] != link["link"], other
        assert other["link"].rsplit("/", 1)[0] == link["link"].rsplit("/", 1)[0], other
        assert anna.human("contact", "link").strip() == other["link"], other
        # What lies there is the relay's to know; what this device is there goes.
        assert relay.address in anna.human("relay", "list") and "connected" in anna.human("relay", "list")
        removed = only(anna.once("relay", "remove", relay.address))
        assert removed["relay"] == relay.url and removed["removed"], removed
        assert anna.once("relay", "list") == []
        assert only(anna.once("contact", "link"))["relays"] == []
        assert "You use no relay" in anna.expect(4, "contact", "link", "--new").stderr
        anna.expect(4, "relay", "remove", relay.address)
        # Whom it has let in needs no invite to come again.
        assert only(anna.once("relay", "add", relay.url))["connected"]
        for name in (relay.host.ipv4, relay.url, only(anna.once("relay", "list"))["key"][:8]):
            anna.once("relay", "remove", name)
            anna.once("relay", "add", relay.url, "--timeout", 0)


def says_why_it_does_not_let_one_in():
    with anna_and_a_relay() as (anna, relay):
        invite = relay.invite()
        anna.once("relay", "add", invite)
        boris = Node(anna.host, "Boris").init()
        for url, reason in ((relay.url, "no-account"), (invite, "invite-used"), (f"{invite[:-22]}{'A' * 22}", "bad-invite")):
            refused = boris.expect(1, "relay", "add", url)
            told = json.loads(refused.stdout)
            assert (told["connected"], told["state"], told["reason"]) == (False, "shut-out", reason), (url, told)
            assert "invite" in refused.stderr, refused.stderr
            listed = only(boris.once("relay", "list"))
            assert (listed["state"], listed["reason"]) == ("shut-out", reason) and listed["text"], listed
        assert "invite" in boris.human("relay", "list")
        # Another invite lets it in.
        assert only(boris.once("relay", "add", relay.invite()))["connected"]
        assert len(boris.once("relay", "list")) == 1


def refuses_what_is_no_relay():
    with anna_and_a_relay(serve=False) as (anna, relay):
        for url, mentions in (("hello", "landline://"), (relay.url[:-3], "key"), ("landline://nowhere/x", "host and port"),
                              (relay.url + "?invite=short", "invite"), (only(anna.once("contact", "link"))["link"], "contact")):
            refused = anna.expect(1, "relay", "add", url)
            assert mentions in refused.stderr and refused.stdout == "", (url, refused)
            anna.expect(2, "run", "--relay", url)
        anna.expect(2, "relay", "add")
        anna.expect(2, "relay")
        anna.expect(4, "relay", "remove", "nowhere")
        assert anna.once("relay", "list") == []


def waits_for_one_that_is_off():
    with anna_and_a_relay(serve=False) as (anna, relay):
        begin = time.monotonic()
        added = only(anna.once("relay", "add", relay.invite(), "--timeout", 1))
        assert time.monotonic() - begin >= 0.9  # Qt's timers may be early by a twentieth
        assert not added["connected"] and added["state"] == "waiting" and added["text"] and added["again"], added
        checks = [line for line in anna.once("doctor") if line["check"] == "relay"]
        assert len(checks) == 1 and not checks[0]["ok"] and relay.address in checks[0]["found"] and checks[0]["advice"], checks
        relay.serve()
        assert only(anna.once("relay", "list"))["connected"]
        checks = [line for line in anna.once("doctor") if line["check"] == "relay"]
        assert len(checks) == 1 and checks[0]["ok"], checks


def is_told_loudly_of_another_key():
    with anna_and_a_relay() as (anna, relay):
        other = Relay(anna.host, 4711, "other").init()
        wrong = f"{relay.url.rsplit('/', 1)[0]}/{other.url.rsplit('/', 1)[1]}"
        refused = anna.expect(1, "relay", "add", wrong)
        assert json.loads(refused.stdout)["state"] == "wrong-key", refused.stdout
        assert "another key" in refused.stderr and relay.address in refused.stderr, refused.stderr


def tells_how_it_fares():
    with anna_and_a_relay() as (anna, relay):
        anna.start("--no-discovery", "--relay", relay.invite())
        anna.wait("relay", relay=relay.url, connected=True)
        mark = anna.mark()
        relay.end()
        lost = anna.wait("relay", since=mark, connected=False)
        assert lost["text"] and lost["state"] == "waiting" and lost["address"] == relay.address, lost
        assert not only(anna.once("relay", "list"))["connected"]
        mark = anna.mark()
        relay.serve()
        anna.wait("relay", since=mark, connected=True, timeout=60)
        # By the running node, and told by it.
        mark = anna.mark()
        anna.once("relay", "remove", relay.url)
        assert anna.wait("relay", since=mark, removed=True)["relay"] == relay.url
        anna.once("relay", "add", relay.url)
        anna.wait("relay", since=mark, connected=True)
        # As it was left.
        anna.stop()
        mark = anna.mark()
        anna.start("--no-discovery")
        anna.wait("relay", since=mark, connected=True)


def people_are_found_who_want_to_be():
    with anna_and_a_relay(serve=False) as (anna, relay):
        relay.set("directory = on").serve()
        boris = Node(anna.host, "Boris").init()
        anna.expect(4, "relay", "people")
        anna.expect(4, "relay", "listed", "on")
        for node in (anna, boris):
            added = only(node.once("relay", "add", relay.invite()))
            assert (added["directory"], added["listed"]) == (True, False) and "listing_pending" not in added, added
        assert boris.once("relay", "people") == []
        anna.expect(2, "relay", "listed", "perhaps")
        listed = only(anna.once("relay", "listed", "on"))
        assert listed["relay"] == relay.url and listed["listed"] and "listing_pending" not in listed, listed
        assert "you are listed there" in anna.human("relay", "listed", "on", relay.address)
        found = only(boris.once("relay", "people", relay.address))
        assert (found["name"], found["person"], found["contact"]) == ("Anna", anna.person, False), found
        assert f"relay={relay.address}/" in found["link"] and "at=" not in found["link"], found
        shown = boris.human("relay", "people")
        assert "Anna" in shown and anna.person[:8] in shown and found["link"] in shown, shown
        assert anna.once("relay", "people") == []
        # The link of now, with the token of now.
        anna.start("--no-discovery")
        mark = anna.mark()
        anna.wait("relay", connected=True)
        anna.once("contact", "link", "--new")
        until = time.monotonic() + 60
        while only(boris.once("relay", "people"))["link"] == found["link"]:
            assert time.monotonic() < until, "the link of before is still listed"
        boris.once("contact", "add", only(boris.once("relay", "people"))["link"], "--timeout", 0)
        boris.once("send", "Anna", "found you", "--timeout", 10, check=False)
        anna.wait("message", since=mark, text="found you", timeout=60)
        assert only(boris.once("relay", "people"))["contact"]
        taken_back = only(anna.once("relay", "listed", "off"))
        assert not taken_back["listed"] and "listing_pending" not in taken_back, taken_back
        assert boris.once("relay", "people") == []


def a_relay_without_a_directory_says_so():
    with anna_and_a_relay() as (anna, relay):
        assert not only(anna.once("relay", "add", relay.invite()))["directory"]
        for command in (("people",), ("listed", "on"), ("listed", "on", relay.address)):
            refused = anna.expect(1, "relay", *command)
            assert "no directory" in refused.stderr and refused.stdout == "", (command, refused)
        assert not only(anna.once("relay", "listed", "off"))["listed"]
        # Which one is meant is not guessed.
        other = Relay(anna.host, 4711, "other").init().serve()
        anna.once("relay", "add", other.invite())
        anna.expect(4, "relay", "people")
        other.end()
        # It is not reached: the wish is kept, and said.
        asked = only(anna.once("relay", "listed", "on", other.url, "--timeout", 1))
        assert asked["listed"] and asked["listing_pending"] and not asked["connected"], asked
        assert "to be listed" in anna.human("relay", "list")
        anna.expect(3, "relay", "people", other.url, "--timeout", 1)


if __name__ == "__main__":
    lan.main(is_added_shown_and_removed, says_why_it_does_not_let_one_in, refuses_what_is_no_relay, waits_for_one_that_is_off,
             is_told_loudly_of_another_key, tells_how_it_fares, people_are_found_who_want_to_be,
             a_relay_without_a_directory_says_so)
