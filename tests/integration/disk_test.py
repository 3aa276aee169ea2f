#!/usr/bin/env python3
"""A disk that is full or read-only, beneath real programs: told in a sentence that says what to do, and nothing lost."""
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import Node, lan  # noqa: E402

DISK_MIB = 8


class Disk:
    """A small file system in memory that can be filled to its last byte."""

    def __init__(self, host):
        self.path = host.folder / "disk"
        self.path.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={DISK_MIB}m", "tmpfs", str(self.path)], check=True)
        self.filler = self.path / "filler"

    def fill(self):
        with open(self.filler, "wb", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while True:
                        file.write(bytes(size))
                except OSError:
                    pass

    def empty(self):
        self.filler.unlink()


def refused(node, words, *command):
    """The command fails with one line on standard error that holds all of `words`."""
    said = node.expect(1, *command).stderr
    assert all(word in said for word in words), said


def anna_and_boris(net):
    """Anna on an ordinary disk, Boris on a small one; they have talked."""
    disk = Disk(net.hosts[1])
    anna = Node(net.hosts[0], "Anna").init()
    boris = Node(net.hosts[1], "Boris", profile=disk.path / "profile").init()
    for node in (anna, boris):
        node.start("--allow-all")
    anna.wait_online(boris)
    boris.wait_online(anna)
    deliver(anna, boris, "before")
    return disk, anna, boris


def deliver(node, other, text):
    done = node.do("send", to=other.person, text=text, timeout=60)
    node.wait("delivered", message=done["message"], timeout=60)
    return done


def what_a_full_disk_does_not_take_is_neither_acknowledged_nor_lost():
    with lan.Lan(2) as net:
        disk, anna, boris = anna_and_boris(net)
        disk.fill()
        mark = boris.mark()
        waiting = [anna.do("send", to=boris.person, text=f"waiting {i} " + "x" * 5000)["message"] for i in range(20)]
        lan.wait_for(lambda: any("is full. Free some space" in event.get("text", "") for event in boris.events[mark:]
                                 if event.get("event") == "error"), 30, lambda: f"a complaint of {boris.events[mark:]}")
        assert boris.alive(), boris.log_tail()
        held = {message["message"] for message in boris.history(anna.person)}
        for message in waiting:
            assert message in held or not anna.find("delivered", message=message), "a tick for what is not there"
        disk.empty()
        for message in waiting:
            anna.wait("delivered", message=message, timeout=60)
        assert boris.texts(anna.person) == anna.texts(boris.person), "the same history"
        assert len(boris.texts(anna.person)) == 21


def what_cannot_be_stored_is_refused_and_not_sent():
    with lan.Lan(2) as net:
        disk, anna, boris = anna_and_boris(net)
        disk.fill()
        answers = [boris.do("send", to=anna.person, text=f"try {i} " + "y" * 9000, check=False) for i in range(20)]
        kept = [f"try {i} " + "y" * 9000 for i, answer in enumerate(answers) if answer["code"] == 0]
        failed = [answer for answer in answers if answer["code"] != 0]
        assert failed, "some of them do not fit"
        for answer in failed:
            assert answer["code"] == 1 and "is full. Free some space" in answer["error"], answer
        assert boris.alive(), boris.log_tail()
        disk.empty()
        deliver(boris, anna, "after")
        assert anna.texts(boris.person) == ["before", *kept, "after"], "what was refused was not sent"
        assert boris.texts(anna.person) == anna.texts(boris.person)


def a_profile_cannot_be_made_on_a_full_disk_but_later_in_the_same_place():
    with lan.Lan(1) as net:
        disk = Disk(net.hosts[0])
        anna = Node(net.hosts[0], "Anna", profile=disk.path / "profile")
        disk.fill()
        refused(anna, ["full", "Free some space"], "init", "--name", "Anna")
        disk.empty()
        anna.init()
        anna.once("send", anna.person, "a note")
        assert anna.texts(anna.person) == ["a note"]


def a_read_only_profile_is_told_and_left_as_it_is():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        anna.once("send", anna.person, "a note")
        before = {path.name: path.read_bytes() for path in anna.profile.iterdir()}
        subprocess.run(["mount", "--bind", str(anna.profile), str(anna.profile)], check=True)
        subprocess.run(["mount", "-o", "remount,bind,ro", str(anna.profile)], check=True)
        for command in (["run"], ["history", "Anna"], ["send", "Anna", "another"]):
            refused(anna, [str(anna.profile), "could not be written", "mounted read-only"], *command)
        subprocess.run(["umount", str(anna.profile)], check=True)
        assert {path.name: path.read_bytes() for path in anna.profile.iterdir()} == before
        assert anna.texts(anna.person) == ["a note"]


def a_damaged_database_is_set_aside_and_comes_back_from_the_peer():
    with lan.Lan(2) as net:
        _, anna, boris = anna_and_boris(net)
        deliver(boris, anna, "and back")
        anna.stop()
        with open(anna.profile / "landline.db", "r+b") as file:
            file.write(b"no database at all" * 100)
        mark = anna.mark()
        anna.start()
        notice = anna.wait("error", since=mark, code="notice")["text"]
        aside = [path for path in anna.profile.iterdir() if ".damaged-" in path.name]
        assert aside and str(aside[0].name) in notice, (notice, aside)
        assert "no database at all" in aside[0].read_bytes()[:100].decode()
        anna.wait_online(boris, since=mark)
        lan.wait_for(lambda: sorted(anna.texts("Boris")) == ["and back", "before"], 60, "the history")
        deliver(anna, boris, "from a new device")
        assert boris.texts("Anna") == ["before", "and back", "from a new device"]


if __name__ == "__main__":
    lan.main(what_a_full_disk_does_not_take_is_neither_acknowledged_nor_lost,
             what_cannot_be_stored_is_refused_and_not_sent,
             a_profile_cannot_be_made_on_a_full_disk_but_later_in_the_same_place,
             a_read_only_profile_is_told_and_left_as_it_is,
             a_damaged_database_is_set_aside_and_comes_back_from_the_peer)
