#!/usr/bin/env python3
"""Messages by way of a relay: to people who are away, behind a firewall, away for longer than their prekeys live; and what
a relay that was killed, set back or away for a day does to them."""
import contextlib
import pathlib
import random
import sqlite3
import struct
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import binary, lan, people, start_together  # noqa: E402
from relay import Relay, apart, join  # noqa: E402

DAY = 86_400_000  # ms
TEXT = "the cake is in the blue cupboard"
FILE_NAME = "plan of the cellar.txt"


def met(net):
    """Anna and Boris with accounts at a relay on the third host; they have met, and run."""
    relay = Relay(net.hosts[2]).init().serve()
    anna, boris = people(net, "Anna Fromageot", "Boris Zwetschge")
    join(relay, anna, boris)
    start_together(anna, boris)
    anna.deliver(boris.person, "hello")
    boris.deliver(anna.person, "hello to you")
    return relay, anna, boris


def held(node, message, timeout=30):
    return node.wait("held", message=message, timeout=timeout)


def send_held(node, other, texts):
    """Sends while the other is away, until the relay has all of it."""
    sent = [node.send(other.person, text)["message"] for text in texts]
    for message in sent:
        held(node, message)
    return sent


def wait_for_texts(node, other, texts, timeout=60):
    """The messages of the other in the conversation are these, in this order, once each."""
    own = []

    def all_there():
        own[:] = [m["text"] for m in node.history(other.person) if m["author"] == other.person]
        return own == texts
    lan.wait_for(all_there, timeout, lambda: f"{node.name} has {own[-5:]} ({len(own)}) instead of {len(texts)}")


def wait_until_held(node, other, timeout):
    """Nothing that the node wrote to the other waits here any more."""
    def queued():
        return [m["text"] for m in node.history(other.person) if m["author"] == node.person and m["state"] == "queued"]
    lan.wait_for(lambda: not queued(), timeout, lambda: f"queued: {queued()[-5:]}")


def rows(database, statement):
    """Of a database that may be in use."""
    with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as opened:
        return opened.execute(statement).fetchall()


def wait_until_posted(node, timeout=60):
    """Everything that the node has to leave at relays is there, heads included."""
    def open_ends():
        return rows(node.profile / "landline.db",
                    "SELECT 'heads' FROM heads_owed UNION ALL SELECT 'deposit' FROM deposit WHERE expires IS NULL")
    lan.wait_for(lambda: not open_ends(), timeout, lambda: f"{node.name} has yet to leave {open_ends()}")


def shim():
    path = pathlib.Path(binary()).parent / "libchaos_clock.so"
    assert path.is_file(), "libchaos_clock.so is not built"
    return path


class Clocks:
    """Wall clocks of programs that are started after this, moved together."""

    def __init__(self, net, *programs):
        self.file = net.folder / "clock"
        self.set(0)
        for program in programs:
            program.environment = {"LD_PRELOAD": str(shim()), "LANDLINE_CHAOS_CLOCK": str(self.file)}

    def set(self, milliseconds):
        with open(self.file, "r+b" if self.file.exists() else "wb") as file:
            file.write(struct.pack("=q", milliseconds))


def reaches_whoever_was_never_there_at_the_same_time():
    with lan.Lan(3) as net:
        relay, anna, boris = met(net)
        boris.stop()
        anna.wait("peer", person=boris.person, online=False)
        texts = ["hello", *(f"one {number}" for number in range(20))]
        sent = send_held(anna, boris, texts[1:])
        assert all(m["state"] == "held" for m in anna.history(boris.person) if m["message"] in sent)
        anna.stop()

        boris.start()
        wait_for_texts(boris, anna, texts)
        boris.do("read", who=anna.person)
        held(boris, boris.send(anna.person, "got them all")["message"])
        wait_until_posted(boris)
        boris.stop()

        mark = anna.mark()
        anna.start()
        for message in sent:
            anna.wait("delivered", since=mark, message=message, person=boris.person)
            anna.wait("read", since=mark, message=message, person=boris.person)
        wait_for_texts(anna, boris, ["hello to you", "got them all"])
        assert anna.alive() and relay.process.poll() is None


def joins_two_whom_firewalls_keep_apart():
    with lan.Lan(3) as net:
        relay, anna, boris = met(net)
        apart(anna, boris)
        for node in (anna, boris):
            node.stop()
            node.start()
        for number in range(3):
            anna.deliver(boris.person, f"ping {number}")
            boris.deliver(anna.person, f"pong {number}")
        wait_for_texts(boris, anna, ["hello", *(f"ping {number}" for number in range(3))])
        wait_for_texts(anna, boris, ["hello to you", *(f"pong {number}" for number in range(3))])
        line = next(line for line in anna.once("peers") if line["person"] == boris.person)
        assert (line["path"], line["online"]) == ("relay", True), line


def leave_words_and_a_file(anna, boris):
    """Anna leaves them, and heads, for Boris, who is away and has written to her."""
    source = anna.host.folder / FILE_NAME
    source.write_bytes(b"seven steps down, then left. " * 400)
    anna.deliver(boris.person, "hello")
    boris.deliver(anna.person, "hello to you")
    mark = anna.mark()
    boris.stop()
    anna.wait("peer", since=mark, person=boris.person, online=False, timeout=60)
    anna.do("read", who=boris.person)
    send_held(anna, boris, [TEXT])
    anna.post("send-file", to=boris.person, path=[str(source)])

    def states():
        return [m["state"] for m in anna.history(boris.person) if m["own"]]
    lan.wait_for(lambda: states()[1:] == ["held", "held"], 60, lambda: f"text and file are {states()[1:]}")
    wait_until_posted(anna)


def shows_the_relay_neither_words_nor_names():
    with lan.Lan(3) as net:
        relay = Relay(net.hosts[2]).init()
        with lan.Capture(net.hosts[2]) as capture:
            relay.serve()
            anna, boris = people(net, "Anna Fromageot", "Boris Zwetschge")
            join(relay, anna, boris)
            anna.start("--allow-all", "--no-discovery")
            boris.start("--allow-all", "--no-discovery")
            apart(anna, boris)
            anna.once("contact", "add", boris.once("contact", "link")[0]["link"])
            leave_words_and_a_file(anna, boris)
            anna.stop()
            relay.end()
        seen = [stream for _, stream in capture.streams()]
        assert sum(map(len, seen)) > 3000, "the sessions were not captured"
        files = {path.name: path.read_bytes() for path in relay.folder.iterdir() if path.is_file()}
        assert any(bytes.fromhex(boris.device) in content for content in files.values()), "the database was not looked at"
        kept = rows(relay.folder / "relay.db", "SELECT count(*) FROM body UNION ALL SELECT count(*) FROM heads")
        assert kept[0][0] >= 2 and kept[1][0] >= 1, f"the relay keeps {kept} of what was left"
        for what in (TEXT, FILE_NAME, "Fromageot", "Zwetschge", "Anna", "Boris"):
            for needle in (what.encode(), what.encode("utf-16-le")):
                assert not any(needle in stream for stream in seen), f"the wire shows {what!r}"
                assert not [name for name, content in files.items() if needle in content], f"the relay keeps {what!r}"
        for node in (anna, boris):
            assert not any(bytes.fromhex(key) in stream for stream in seen for key in (node.person, node.device))
            assert node.device.encode() not in files["log"] and node.host.ipv4.encode() not in files["log"]


def outlasts_the_life_of_a_prekey():
    with lan.Lan(3) as net:
        relay = Relay(net.hosts[2]).init()
        anna, boris = people(net, "Anna", "Boris")
        clocks = Clocks(net, relay, anna, boris)
        relay.serve()
        join(relay, anna, boris)
        start_together(anna, boris)
        anna.deliver(boris.person, "hello")
        boris.stop()
        apart(anna, boris)
        first = send_held(anna, boris, ["before"])[0]
        anna.stop()
        relay.end()
        clocks.set(31 * DAY)  # beyond the life of the deposit, and of Boris's prekey
        relay.serve()
        mark = anna.mark()
        anna.start()
        late = anna.send(boris.person, "after")["message"]
        lan.wait_for(lambda: {m["message"]: m["state"] for m in anna.history(boris.person)}[first] == "queued", 30,
                     "the first is queued again")
        boris.start()
        for message in (first, late):
            anna.wait("delivered", since=mark, message=message, timeout=90)
        wait_for_texts(boris, anna, ["hello", "before", "after"])


def a_relay_from_yesterdays_backup_loses_nothing():
    with lan.Lan(3) as net:
        relay, anna, boris = met(net)
        boris.stop()
        send_held(anna, boris, ["in the backup"])
        copy = relay.host.folder / "yesterday"
        relay.ask("backup", copy)
        send_held(anna, boris, ["after the backup"])
        relay.kill()
        relay.ask("restore", copy, "--verify")
        mark = anna.mark()
        relay.serve()
        last = anna.send(boris.person, "after the restore")["message"]
        anna.wait("held", since=mark, message=last, timeout=60)
        wait_until_held(anna, boris, 60)
        anna.stop()
        boris.start()
        wait_for_texts(boris, anna, ["hello", "in the backup", "after the backup", "after the restore"])


def a_relay_gone_for_a_day_is_caught_up():
    with lan.Lan(3) as net:
        relay = Relay(net.hosts[2]).init()
        anna, boris = people(net, "Anna", "Boris")
        clocks = Clocks(net, relay, anna, boris)
        relay.serve()
        join(relay, anna, boris)
        start_together(anna, boris)
        anna.deliver(boris.person, "hello")
        boris.stop()
        relay.end()
        texts = [f"meanwhile {number}" for number in range(5)]
        sent = [anna.send(boris.person, text) for text in texts]
        assert all(m["state"] == "queued" for m in sent), sent
        clocks.set(DAY)
        anna.stop()
        relay.serve()
        mark = anna.mark()
        anna.start()
        for message in sent:
            anna.wait("held", since=mark, message=message["message"], timeout=60)
        anna.stop()
        boris.start()
        wait_for_texts(boris, anna, ["hello", *texts])


def survives_ten_deaths_of_the_relay():
    """Killed at random moments amid deposits and deliveries: all that it said to hold is there, once and in order."""
    chance = random.Random(7)
    with lan.Lan(3) as net:
        relay, anna, boris = met(net)
        apart(anna, boris)
        boris.stop()
        texts = ["hello"]
        for death in range(10):
            if death % 3 == 2:
                boris.start()
            for _ in range(chance.randrange(5, 30)):
                texts.append(f"before death {death}: {len(texts)}")
                anna.send(boris.person, texts[-1])
            time.sleep(chance.uniform(0, 0.4))
            relay.kill()
            if boris.alive():
                boris.kill() if chance.random() < 0.5 else boris.stop()
            relay.serve()
        last = anna.send(boris.person, "the last")["message"]
        texts.append("the last")
        held(anna, last, timeout=120)
        wait_until_held(anna, boris, 120)
        anna.stop()
        boris.start()
        wait_for_texts(boris, anna, texts, timeout=120)


if __name__ == "__main__":
    lan.main(reaches_whoever_was_never_there_at_the_same_time, joins_two_whom_firewalls_keep_apart,
             shows_the_relay_neither_words_nor_names, outlasts_the_life_of_a_prekey,
             a_relay_from_yesterdays_backup_loses_nothing, a_relay_gone_for_a_day_is_caught_up,
             survives_ten_deaths_of_the_relay)
