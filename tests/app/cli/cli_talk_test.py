#!/usr/bin/env python3
"""What two people do with each other by landline-cli, with real programs in a network namespace of their own."""
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from node import Node, lan, neighbours, people  # noqa: E402


def keeps_a_message_until_the_other_side_is_there():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        anna.stop()
        boris.stop()
        late = anna.expect(3, "send", "Boris", "for later", "--timeout", "0.5")
        assert json.loads(late.stdout)["state"] == "queued", late.stdout
        assert [message["state"] for message in anna.history("Boris")] == ["queued"]
        boris.start()
        # A node of the command's own delivers what is queued before its own text.
        anna.expect(0, "send", "Boris", "and now", "--timeout", "20")
        assert [message["state"] for message in anna.history("Boris")] == ["delivered"] * 2
        assert boris.texts("Anna") == ["for later", "and now"]


def changes_messages():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        first = anna.deliver("Boris", "frist")["message"]
        second = anna.deliver("Boris", "secret word")["message"]
        assert json.loads(anna.expect(0, "edit", first, "first").stdout)["edited"]
        anna.expect(0, "delete", second)
        boris.wait("changed", message=first, text="first", edited=True)
        boris.wait("changed", message=second, deleted=True, text="")
        boris.expect(0, "react", first, "👍")
        answer = json.loads(boris.expect(0, "reply", first, "answer").stdout)
        assert answer["state"] == "delivered", answer
        anna.wait("message", message=answer["message"], reply_to=first, text="answer")
        found = lan.wait_for(lambda: anna.history("Boris")[0].get("reactions"), 10, "the reaction")
        assert found == [{"emoji": "👍", "persons": [boris.person]}], found
        boris.expect(1, "edit", first, "not mine")
        boris.expect(0, "read", "Anna")
        anna.wait("read", message=first, person=boris.person)
        assert [line["text"] for line in anna.once("search", "first")] == ["first"]
        assert anna.once("search", "secret") == []
        assert [line["text"] for line in anna.once("search", "answer", "--from", "Boris")] == ["answer"]
        assert anna.once("search", "answer", "--from", "Anna") == []
        assert anna.once("search", "answer", "--until", "1000") == []
        newest = anna.once("history", "Boris", "--limit", 1)
        assert [line["text"] for line in newest] == ["answer"], newest
        before = anna.once("history", "Boris", "--before", newest[0]["time"])
        assert [line["text"] for line in before] == ["first", ""], before


def pages_through_a_long_history():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        for number in range(1234):
            anna.post("send", to="Boris", text=f"message {number}")
        boris.wait("message", text="message 1233", timeout=60)
        texts = [f"message {number}" for number in range(1234)]
        assert boris.texts("Anna") == texts
        assert [line["text"] for line in boris.once("history", "Anna", "--limit", 1000)] == texts[-1000:]
        assert [line["text"] for line in boris.once("history", "Anna", "--limit", 501)] == texts[-501:]
        assert [line["text"] for line in boris.once("history", "Anna")] == texts[-100:]


def sends_files():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        source = net.hosts[0].folder / "a file.bin"
        source.write_bytes(os.urandom(3_000_000))
        inbox = net.hosts[0].folder / "inbox"
        inbox.mkdir()
        tag = anna.post("send-file", to="Boris", path=str(source), timeout=30)
        offer = boris.wait("offer", name="a file.bin", size=3_000_000)
        taken = json.loads(boris.expect(0, "accept", offer["transfer"][:8], inbox).stdout)
        assert taken["state"] == "done" and taken["bytes"] == 3_000_000, taken
        done = anna.wait("done", tag=tag, timeout=30)
        assert (done["code"], done["state"], done["bytes"]) == (0, "done", 3_000_000) and done["seconds"] > 0, done
        path = pathlib.Path(boris.wait("file", transfer=offer["transfer"])["path"])
        assert path.parent == inbox and path.read_bytes() == source.read_bytes()
        assert [line["state"] for line in boris.once("transfers")] == ["done"]
        anna.expect(2, "send-file", "Boris", source.parent / "none.bin")
        # An offer that nobody takes.
        anna.expect(3, "send-file", "Boris", source, "--timeout", "0.5")
        waiting = next(line for line in anna.once("transfers") if line["state"] != "done")
        anna.expect(0, "cancel", waiting["transfer"])


def treats_strangers_as_requests_and_blocks():
    with lan.Lan(1) as net:
        anna, boris = (Node(net.hosts[0], name).init() for name in ("Anna", "Boris"))
        anna.start()
        boris.start()
        boris.wait_online(anna)
        boris.expect(0, "send", "Anna", "hello, I am new", "--timeout", "20")
        assert anna.wait("message", text="hello, I am new")["request"]
        requests = anna.once("requests")
        assert [(line["name"], line["text"]) for line in requests] == [("Boris", "hello, I am new")], requests
        anna.expect(0, "allow", "Boris")
        assert anna.once("requests") == []
        anna.wait_online(boris)
        lan.wait_for(lambda: boris.command("send", "Anna", "thanks", "--timeout", "20").returncode == 0, 30, "delivery")
        assert "request" not in anna.wait("message", text="thanks")
        anna.expect(0, "block", "Boris")
        boris.expect(3, "send", "Anna", "are you there?", "--timeout", "1")
        assert anna.find("message", text="are you there?") is None
        anna.expect(0, "unblock", "Boris")
        anna.expect(2, "unblock", "Boris")
        anna.wait("message", text="are you there?", timeout=70)


def adds_somebody_by_a_link():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris", allow=False)
        for node in (anna, boris):
            node.start("--no-discovery")
        link = boris.once("contact", "link")[0]["link"]
        assert boris.human("contact", "link").strip() == link
        assert f"at={net.hosts[1].ipv4}:{boris.port}" in link, link
        anna.expect(4, "send", "Boris", "not yet")
        added = json.loads(anna.expect(0, "contact", "add", link).stdout)
        assert (added["name"], added["person"], added["online"], added["standing"]) == \
            ("Boris", boris.person, True, "accepted"), added
        anna.deliver("Boris", "found you")
        assert boris.wait("message", text="found you")["request"]
        # To the one who gave the link the other is a stranger still, until there is an answer.
        boris.deliver("Anna", "welcome")
        own = anna.once("contact", "link")[0]["link"]
        assert "is your own link" in anna.expect(2, "contact", "add", own).stderr
        assert "no contact link" in anna.expect(1, "contact", "add", link[:100]).stderr
        # What was added is dialled again after a restart.
        anna.stop()
        anna.start("--no-discovery")
        anna.deliver("Boris", "again")


def verifies_by_the_safety_number():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        numbers = [one.once("verify", other.name)[0] for one, other in ((anna, boris), (boris, anna))]
        digits = [line["number"].replace(" ", "") for line in numbers]
        assert digits[0] == digits[1] and len(digits[0]) == 60 and digits[0].isdigit(), numbers
        assert not numbers[0]["verified"]
        assert anna.once("verify", "Boris", "--confirm")[0]["verified"]
        assert next(line for line in anna.once("peers") if line["person"] == boris.person)["verified"]
        assert not boris.once("verify", "Anna")[0]["verified"]
        anna.expect(2, "verify", "Boris", "--confirm", "--withdraw")
        assert anna.once("verify", "Boris")[0]["verified"]
        assert not anna.once("verify", "Boris", "--withdraw")[0]["verified"]
        anna.expect(2, "verify", "Anna", "--confirm")


def finds_people_whatever_the_case_of_their_name():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        assert json.loads(anna.expect(0, "block", "boris").stdout)["person"] == boris.person
        anna.expect(0, "unblock", "BORIS")
        # Where two differ in nothing else, case tells them apart.
        small = Node(net.hosts[0], "boris").init()
        small.start("--allow-all")
        anna.wait_online(small)
        for node in (boris, small):
            assert anna.once("verify", node.name)[0]["person"] == node.person
        anna.expect(4, "verify", "BORIS")


def waits_for_peers():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net, start=False)
        assert anna.once("peers", "--wait", "0.2") == []
        boris.start()
        seen = anna.once("peers", "--wait", "20")
        assert [(line["name"], line["person"], line["online"]) for line in seen] == [("Boris", boris.person, True)], seen
        anna.expect(0, "send", "Boris", "never met before", "--timeout", "20")


def waits_as_long_as_it_is_told():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net, start=False)
        tag_of = {}
        anna.start("--allow-all")
        for timeout in (2_147_484, 1e12):  # more milliseconds than a timer counts
            tag_of[timeout] = anna.post("peers", wait=timeout)
        boris.start()
        for tag in tag_of.values():
            mark = anna.find("done", tag=tag)
            assert mark is None, mark
        boris.wait_online(anna)
        for tag in tag_of.values():
            anna.wait("done", tag=tag)
            assert anna.find("result", tag=tag, person=boris.person), tag


def exports_and_restores():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        anna.deliver("Boris", "to be kept")
        boris.deliver("Anna", "and this")
        folder = net.hosts[0].folder
        anna.expect(0, "export", folder / "export")
        lines = next((folder / "export").glob("Boris-*.jsonl")).read_text().splitlines()
        assert [json.loads(line)["text"] for line in lines] == ["to be kept", "and this"], lines
        assert "to be kept" in next((folder / "export").glob("Boris-*.txt")).read_text()

        secret = folder / "secret"
        secret.write_text("correct horse\n")
        backup = folder / "anna.backup"
        anna.expect(0, "backup", backup, "--passphrase-file", secret)
        assert backup.stat().st_mode & 0o777 == 0o600
        assert "in the clear" in anna.human("backup", folder / "open.backup")
        assert b"to be kept" in (folder / "open.backup").read_bytes()
        assert b"to be kept" not in backup.read_bytes()
        anna.expect(2, "backup", backup)
        anna.stop()
        again = Node(net.hosts[0], "Anna again")
        again.expect(1, "restore", backup)
        restored = again.once("restore", backup, "--passphrase-file", secret)[0]
        assert restored["person"] == anna.person and restored["device"] != anna.device, restored
        again.person, again.device = restored["person"], restored["device"]
        assert again.texts("Boris") == ["to be kept", "and this"]
        again.start("--allow-all")
        boris.wait("peer", person=anna.person, online=True)
        again.deliver("Boris", "from the new device")
        boris.wait("message", text="from the new device", author=anna.person, device=again.device)


if __name__ == "__main__":
    lan.main(keeps_a_message_until_the_other_side_is_there, changes_messages, pages_through_a_long_history, sends_files,
             treats_strangers_as_requests_and_blocks, adds_somebody_by_a_link, verifies_by_the_safety_number,
             finds_people_whatever_the_case_of_their_name, waits_for_peers, waits_as_long_as_it_is_told,
             exports_and_restores)
