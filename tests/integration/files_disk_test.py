#!/usr/bin/env python3
"""Where files are fetched to a disk that is full, cannot be written or is gone: it is told in a sentence, and once the
disk is well again what is there already is not sent a second time."""
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import (MIB, anna_and_boris, digest, fill, held, lan, make_tree, memory_disk,  # noqa: E402
                       random_file, sent_bytes, slow_down, transfer_of, tree, wait_state)


def remount(disk, how):
    subprocess.run(["mount", "-o", f"remount,{how}", str(disk)], check=True)


class Offer:
    """A file, or a folder with a large one and some small, that Anna offers and Boris has not accepted yet. His inbox lies
    on a disk of its own."""

    def __init__(self, net, *, folder=False, size=24 * MIB, disk="40m", rate="200mbit"):
        self.disk = memory_disk(net.hosts[1], disk)
        self.anna, self.boris, self.inbox = anna_and_boris(net, taking=False, inbox=self.disk / "in")
        self.source = self.anna.host.folder / ("tree" if folder else "film.bin")
        if folder:
            make_tree(self.source, 50)
            (self.source / "passwords").unlink()
            (self.source / "empty" / "itself").unlink()
        self.size = size
        random_file(self.source / "large" if folder else self.source, size, 1)
        slow_down(self.anna.host, rate)
        self.anna.post("send-file", to="Boris", path=str(self.source))
        self.transfer = self.boris.wait("offer")["transfer"]

    def accept(self):
        return self.boris.post("accept", transfer=self.transfer, folder=str(self.inbox))

    def refused(self):
        """Why it cannot be accepted: the last line that a person reads."""
        result = self.boris.command("accept", self.transfer, self.inbox)
        assert result.returncode == 1, result
        return result.stderr.splitlines()[-1]

    def wait_held(self, size):
        lan.wait_for(lambda: held(self.inbox) > size, 30, lambda: f"{size} bytes: {held(self.inbox)}")

    def check_come(self):
        """Whole, right, and nothing beside it."""
        come = self.inbox / self.source.name
        assert (tree(come) == tree(self.source)) if self.source.is_dir() else (digest(come) == digest(self.source))
        assert [path.name for path in self.inbox.iterdir()] == [come.name], list(self.inbox.iterdir())


def too_small_a_disk_is_told_before_anything_is_fetched():
    for folder in (False, True):
        with lan.Lan(2) as net:
            offer = Offer(net, folder=folder)
            filler = offer.disk / "filler"
            filler.write_bytes(bytes(30 * MIB))
            before = sent_bytes(offer.anna.host)
            why = offer.refused()
            assert str(offer.inbox) in why and "space" in why, why
            assert sent_bytes(offer.anna.host) - before < MIB, "nothing of it was sent"
            filler.unlink()
            offer.boris.once("accept", offer.transfer, offer.inbox)
            offer.check_come()


def a_disk_that_fills_up_pauses_and_goes_on_by_itself():
    for folder in (False, True):
        with lan.Lan(2) as net:
            offer = Offer(net, folder=folder)
            offer.accept()
            offer.wait_held(10 * MIB)
            filler = offer.disk / "filler"
            fill(filler)
            state = wait_state(offer.boris, offer.transfer, "paused")
            assert "full" in state["error"] and "space" in state["error"], state
            assert not (offer.inbox / offer.source.name).exists()
            # What is on its way already is counted when it leaves.
            held_then, before = held(offer.inbox), sent_bytes(offer.anna.host)
            if folder:  # also where the program ended meanwhile
                offer.boris.kill()
                offer.boris.start()
            filler.unlink()
            offer.boris.wait("file")
            offer.check_come()
            sent = sent_bytes(offer.anna.host) - before
            assert sent < (offer.size - held_then) * 1.05 + 4 * MIB, (sent, offer.size, held_then)


def a_disk_that_is_read_only_is_told():
    for folder in (False, True):
        with lan.Lan(2) as net:
            offer = Offer(net, folder=folder)
            offer.inbox.mkdir()
            remount(offer.disk, "ro")
            why = offer.refused()
            assert str(offer.inbox) in why and "read-only" in why.lower(), why
            remount(offer.disk, "rw")
            offer.accept()
            offer.wait_held(10 * MIB)
            # On the way: while the program is not there, since a disk with files open for writing stays as it is.
            offer.boris.kill()
            # What is on its way already is counted when it leaves.
            held_then, before = held(offer.inbox), sent_bytes(offer.anna.host)
            remount(offer.disk, "ro")
            offer.boris.start()
            state = wait_state(offer.boris, offer.transfer, "failed", "paused")
            assert str(offer.disk) in state["error"], state
            remount(offer.disk, "rw")
            offer.boris.once("resume", offer.transfer)
            offer.check_come()
            sent = sent_bytes(offer.anna.host) - before
            assert sent < (offer.size - held_then) * 1.05 + 4 * MIB, (sent, offer.size, held_then)


def a_folder_that_vanishes_is_told():
    for folder in (False, True):
        with lan.Lan(2) as net:
            offer = Offer(net, folder=folder)
            offer.accept()
            offer.wait_held(10 * MIB)
            shutil.rmtree(offer.inbox)
            state = wait_state(offer.boris, offer.transfer, "failed")
            assert str(offer.inbox) in state["error"], state
            assert not (offer.inbox / offer.source.name).exists(), "no half of it appears under its name"
            assert transfer_of(offer.anna, offer.transfer)["state"] != "done", "the sender must not believe that it came"
            offer.boris.once("resume", offer.transfer)
            offer.check_come()
            wait_state(offer.anna, offer.transfer, "done")


lan.main(too_small_a_disk_is_told_before_anything_is_fetched, a_disk_that_fills_up_pauses_and_goes_on_by_itself,
         a_disk_that_is_read_only_is_told, a_folder_that_vanishes_is_told)
