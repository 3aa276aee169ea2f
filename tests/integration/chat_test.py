#!/usr/bin/env python3
"""Two people talk: both ways, with marks, edits, files, requests and blocks, and while one of them is away."""
import hashlib
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import lan, people, start_together  # noqa: E402

TEXTS = ["hello", "你好，世界", "👩‍👩‍👧 and \u202eback", "two\nlines", "x" * 60000]


def talks_both_ways():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        for one, other in ((anna, boris), (boris, anna)):
            for text in TEXTS:
                done = one.send(other.name, text, timeout=20)
                one.wait("delivered", message=done["message"], person=other.person)
            assert one.texts(other.person)[-len(TEXTS):] == other.texts(one.person)[-len(TEXTS):]
            states = [message["state"] for message in one.history(other.person) if message["own"]]
            assert states == ["delivered"] * len(TEXTS), states


def shows_read_marks():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        message = anna.send("Boris", "read me")["message"]
        boris.wait("message", text="read me")
        boris.do("read", who="Anna")
        anna.wait("read", message=message, person=boris.person)


def edits_deletes_and_reactions_reach_the_other_side():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        kept = anna.send("Boris", "frist")["message"]
        gone = anna.send("Boris", "secret word")["message"]
        boris.wait("message", text="secret word")
        anna.do("edit", message=kept, text="first")
        boris.wait("changed", message=kept, text="first", edited=True)
        anna.do("delete", message=gone)
        boris.wait("changed", message=gone, deleted=True)
        boris.do("react", message=kept, emoji="👍")
        reacted = anna.wait("changed", message=kept)
        lan.wait_for(lambda: any(event.get("reactions") for event in anna.events if event.get("message") == kept), 20,
                     lambda: f"a reaction: {reacted}")
        reply = boris.do("reply", message=kept, text="answer")["message"]
        anna.wait("message", message=reply, reply_to=kept)
        shown = [(message["text"], message["deleted"]) for message in boris.history("Anna")]
        assert shown == [("first", False), ("", True), ("answer", False)], shown
        assert boris.once("search", "secret") == []


def words_deleted_by_single_commands_leave_the_disk():
    with lan.Lan(1) as net:
        anna, = people(net, "Anna")
        for word in ("unspeakable", "keepable"):
            assert anna.command("send", "Anna", word, "--timeout", 0).returncode in (0, 3)

        def on_disk(word):
            return [path.name for path in anna.profile.glob("landline.db*") if word in path.read_bytes()]

        assert on_disk(b"unspeakable") and on_disk(b"keepable")
        first = anna.history("Anna")[0]
        assert first["text"] == "unspeakable", first
        anna.once("delete", first["message"])
        assert not on_disk(b"unspeakable") and on_disk(b"keepable"), on_disk(b"unspeakable")


def a_message_waits_for_somebody_who_is_away_and_survives_restarts():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        boris.stop()
        sent = anna.send("Boris", "while you were away")
        assert sent["state"] == "queued", sent
        anna.stop()
        late = anna.command("send", "Boris", "and while I was", "--timeout", 1)
        assert late.returncode == 3, (late.returncode, late.stderr)
        boris.start()
        anna.start()
        anna.wait("delivered", message=sent["message"], person=boris.person, timeout=30)
        lan.wait_for(lambda: boris.texts("Anna") == ["while you were away", "and while I was"], 30,
                     lambda: boris.texts("Anna"))


def sends_a_file():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris")
        folder = boris.host.folder / "inbox"
        boris.arguments += ["--accept-files", folder]
        boris.arguments = [str(argument) for argument in boris.arguments]
        start_together(anna, boris)
        source = anna.host.folder / "photo of us.jpg"
        data = os.urandom(7_654_321)
        source.write_bytes(data)
        done = anna.once("send-file", "Boris", source, "--timeout", 60)[-1]
        assert done["state"] == "done" and done["bytes"] == len(data), done
        received = pathlib.Path(boris.wait("file", timeout=30)["path"])
        assert received.parent == folder and received.name == source.name, received
        assert hashlib.sha256(received.read_bytes()).digest() == hashlib.sha256(data).digest()


def takes_what_was_offered_before_it_was_restarted():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        source = anna.host.folder / "offered early"
        source.write_bytes(os.urandom(10_000))
        anna.do("send-file", to=boris.person, path=[str(source)])
        boris.wait("offer", name=source.name)
        boris.kill()
        boris.start("--allow-all", "--accept-files", boris.host.folder / "inbox")
        assert pathlib.Path(boris.wait("file", timeout=30)["path"]).read_bytes() == source.read_bytes()


def sends_an_empty_file():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris")
        boris.arguments = ["--allow-all", "--accept-files", str(boris.host.folder / "inbox")]
        start_together(anna, boris)
        source = anna.host.folder / "empty"
        source.touch()
        anna.once("send-file", "Boris", source, "--timeout", 60)
        assert pathlib.Path(boris.wait("file", timeout=30)["path"]).stat().st_size == 0


def a_withdrawn_file_is_sent_no_further():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris")
        folder = boris.host.folder / "inbox"
        boris.arguments = ["--allow-all", "--accept-files", str(folder)]
        start_together(anna, boris)
        source = anna.host.folder / "film.bin"
        with open(source, "wb") as file:
            file.truncate(1 << 30)
        anna.post("send-file", to="Boris", path=str(source))
        transfer = boris.wait("progress", name=source.name)["transfer"]
        anna.do("cancel", transfer=transfer)
        assert "no longer offers" in boris.wait("error", transfer=transfer)["text"]
        assert not (folder / source.name).exists()
        assert [line["state"] for line in anna.once("transfers")] == ["cancelled"]


def a_file_from_somebody_blocked_does_not_arrive():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        source = anna.host.folder / "film.bin"
        with open(source, "wb") as file:
            file.truncate(1 << 30)
        anna.post("send-file", to="Boris", path=str(source))
        transfer = boris.wait("offer")["transfer"]
        folder = boris.host.folder / "inbox"
        boris.post("accept", transfer=transfer, folder=str(folder))
        boris.wait("progress", transfer=transfer)
        boris.do("block", who="Anna")
        assert boris.wait("error", transfer=transfer)["state"] == "cancelled"
        assert boris.command("accept", transfer, folder).returncode == 1
        boris.stop()
        boris.start()
        assert [line["state"] for line in boris.once("transfers")] == ["cancelled"]
        boris.do("unblock", who=anna.person)
        anna.send("Boris", "are we good?")
        boris.wait("message", text="are we good?", timeout=90)
        assert not (folder / source.name).exists()


def somebody_ignored_is_still_a_request():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris", allow=False)
        start_together(anna, boris)
        anna.send("Boris", "hello")
        boris.wait("message", text="hello", request=True)
        boris.do("ignore", who="Anna")
        boris.wait("peer", person=anna.person, standing="ignored")
        anna.send("Boris", "hello?")
        boris.wait("message", text="hello?", request=True)
        boris.do("allow", who="Anna")
        boris.wait("peer", person=anna.person, standing="accepted")
        anna.send("Boris", "hello!")
        assert "request" not in boris.wait("message", text="hello!", timeout=60)


def a_stranger_is_a_request_until_one_answers():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris", allow=False)
        start_together(anna, boris)
        anna.send("Boris", "may I?")
        assert boris.wait("message", text="may I?").get("request") is True
        assert [request["person"] for request in boris.once("requests")] == [anna.person]
        boris.send("Anna", "you may")
        assert "request" not in anna.wait("message", text="you may")
        anna.send("Boris", "thank you")
        assert "request" not in boris.wait("message", text="thank you")
        assert boris.once("requests") == []


def a_stranger_is_held_to_twenty_messages():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris", allow=False)
        start_together(anna, boris)
        for number in range(30):
            anna.send("Boris", f"advertisement {number}")
        boris.wait("message", text="advertisement 19")
        boris.do("allow", who="Anna")
        boris.wait("message", text="advertisement 29", timeout=60)
        assert boris.texts("Anna") == [f"advertisement {number}" for number in range(30)]
        requests = [event.get("request", False) for event in boris.events if event.get("event") == "message"]
        assert requests[:20] == [True] * 20 and not any(requests[20:]), requests


def a_blocked_person_reaches_nobody():
    with lan.Lan(3) as net:
        anna, boris, clara = people(net, "Anna", "Boris", "Clara")
        start_together(anna, boris, clara)
        anna.send("Boris", "before")
        boris.wait("message", text="before")
        boris.do("block", who="Anna")
        sent = anna.send("Boris", "behind the wall")
        clara.send("Boris", "still here")
        boris.wait("message", text="still here")
        anna.stop()
        anna.start()
        anna.wait_online(clara)
        anna.send("Clara", "to Clara it works")
        clara.wait("message", text="to Clara it works")
        assert "behind the wall" not in boris.texts(anna.person)
        assert not anna.find("delivered", message=sent["message"])
        boris.do("unblock", who=anna.person)
        boris.wait("message", text="behind the wall", timeout=90)


def a_device_renewed_while_running_is_told_and_not_echoed():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        anna.stop()
        database = anna.profile / "landline.db"
        early = database.read_bytes()
        anna.start()
        boris.wait("message", message=anna.send("Boris", "kept by Boris")["message"])
        anna.stop()
        database.write_bytes(early)  # an old copy: numbers would be used twice
        anna.start()
        renewed = anna.events.index(anna.wait("error", code="new-device", timeout=60))
        device = anna.wait("ready", since=renewed)["device"]
        assert device != anna.device
        sent = anna.send("Boris", "from the new device")["message"]
        anna.wait("delivered", message=sent, timeout=60)
        assert boris.wait("message", message=sent)["device"] == device
        assert not anna.find("message", message=sent)


if __name__ == "__main__":
    lan.main(talks_both_ways, shows_read_marks, edits_deletes_and_reactions_reach_the_other_side,
             words_deleted_by_single_commands_leave_the_disk, a_withdrawn_file_is_sent_no_further,
             a_file_from_somebody_blocked_does_not_arrive, somebody_ignored_is_still_a_request,
             a_message_waits_for_somebody_who_is_away_and_survives_restarts, sends_a_file,
             takes_what_was_offered_before_it_was_restarted, sends_an_empty_file,
             a_stranger_is_a_request_until_one_answers, a_stranger_is_held_to_twenty_messages,
             a_blocked_person_reaches_nobody, a_device_renewed_while_running_is_told_and_not_echoed)
