"""Somebody in a run with faults."""
import struct

import transfers
from node import Node

DISK_MIB = 256
OUTSTANDING = 200  # commands to one node that wait for an answer


class Person:
    """A node with its books, its disk and its clock."""

    def __init__(self, host, name, shim):
        self.host = host
        self.disk = transfers.memory_disk(host, f"{DISK_MIB}m")
        self.inbox = host.folder / "inbox"
        self.clock_file = host.folder / "clock"
        self.set_clock(0)
        self.node = Node(host, name, profile=self.disk / "profile")
        if shim:
            self.node.environment = {"LD_PRELOAD": str(shim), "LANDLINE_CHAOS_CLOCK": str(self.clock_file)}
        self.node.init()
        self.node.arguments = ["--allow-all", "--accept-files", str(self.inbox)]
        self.tags = {}      # receiver -> {tag: text}
        self.offers = {}    # tag -> Parcel
        self.was_full = False
        self.paused = set()  # transfers to be resumed
        self.stopped = False
        self.full = False
        self.crashes = []
        self.answers = 0
        self.looked_at = 0  # events of which `answers` knows

    def set_clock(self, milliseconds):
        with open(self.clock_file, "r+b" if self.clock_file.exists() else "wb") as file:
            file.write(struct.pack("=q", milliseconds))

    def may_be_told(self):
        if not self.node.alive() or self.stopped:
            return False
        asked = sum(len(tags) for tags in self.tags.values()) + len(self.offers)
        news = self.node.events[self.looked_at:]
        self.looked_at += len(news)
        self.answers += sum(1 for event in news if event.get("event") == "done" and "tag" in event)
        return asked - self.answers < OUTSTANDING

    def forget_unanswered(self):
        """What a dead program had not answered is not owed."""
        answered = {event["tag"] for event in self.node.events
                    if event.get("event") == "done" and event.get("code") == 0 and "tag" in event}
        for tags in self.tags.values():
            for tag in [tag for tag in tags if tag not in answered]:
                del tags[tag]
        for tag in [tag for tag in self.offers if tag not in answered]:
            del self.offers[tag]

    def has_lost_its_database(self):
        """It was damaged and set aside, and with it the knowledge of what was fetched."""
        return any(".damaged-" in path.name for path in self.node.profile.iterdir())

    def tell(self, do, transfer):
        """True if the program has done it."""
        try:
            return self.node.alive() and self.node.do(do, transfer=transfer, check=False, timeout=10).get("code") == 0
        except (AssertionError, OSError):
            return False  # it died this moment, or its disk takes nothing

    def start(self):
        try:
            self.node.start()
            return True
        except AssertionError as error:
            ended = self.node.process.poll() if self.node.process else None
            self.node.kill()
            if not self.full:
                self.crashes.append(f"{self.node.name} does not start (left with {ended}): {error}")
            return False
