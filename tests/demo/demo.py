#!/usr/bin/env python3
"""Three people with windows on a network of their own, and a relay: they find each other, chat, send a file, and one of them
goes away, and on returning gets from the relay what was missed, though by then nobody else is there.

    demo.py --bin DIR --out DIR [--hold SECONDS]

Windows are on the display, or else under Xvfb. What happens is driven through landline-cli, which hands its commands to
the running windows, and is told on standard output. Pictures of the windows are written to --out.
"""
import argparse
import hashlib
import json
import os
import pathlib
import random
import shutil
import signal
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
import lan  # noqa: E402
import x11  # noqa: E402
from relay import Relay  # noqa: E402

WIDTH, HEIGHT, GAP = 900, 620, 10
PEOPLE = ("Anna", "Boris", "Chen 晨")


class Window:
    """A person's desktop app on a host, and the command line on the same profile."""

    def __init__(self, host, name, options, display_name, place):
        self.host, self.name, self.place = host, name, place
        self.bin = options.bin.resolve()
        self.profile = host.folder / "profile"
        self.display_name = display_name
        self.process = None
        self.window = None
        self.display = None
        self.cli("init", "--name", name)

    def cli(self, *arguments, check=True, timeout=60):
        result = self.host.run(self.bin / "landline-cli", "--profile", self.profile, "--json", *arguments, check=False,
                               timeout=timeout)
        if check and result.returncode != 0:
            raise AssertionError(f"{self.name}: landline-cli {' '.join(map(str, arguments))}: {result.stderr.strip()}")
        return [json.loads(line) for line in result.stdout.splitlines() if line.strip()]

    def open(self, display):
        environment = {**self.host.environment(), "DISPLAY": self.display_name, "QT_QPA_PLATFORM": "xcb",
                       "QT_XCB_NO_XI2": "1", "LANDLINE_LANG": "en"}
        if "XAUTHORITY" in os.environ:
            environment["XAUTHORITY"] = os.environ["XAUTHORITY"]
        log = open(self.host.folder / "window.log", "ab")
        self.process = self.host.popen(self.bin / "landline", "--profile", self.profile, "--color-scheme", "light",
                                       env=environment, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
        log.close()
        self.display = display

        def shown():
            if self.process.poll() is not None:
                raise AssertionError(f"{self.name}: the window closed: "
                                     + (self.host.folder / "window.log").read_text(errors="replace")[-2000:])
            return next(iter(display.windows_of(self.process.pid)), None)
        self.window = lan.wait_for(shown, 30, f"the window of {self.name}")
        display.place(self.window, *self.place, WIDTH, HEIGHT)

    def close(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(15)
        self.process = self.window = None

    def sees(self, *others):
        online = {peer["name"] for peer in self.cli("peers") if peer["online"]}
        return {other.name for other in others} <= online

    def picture(self):
        return self.display.picture(self.window)


class Story:
    def __init__(self, options, windows, display):
        self.options, self.windows, self.display = options, windows, display
        self.step = 0
        self.began = time.monotonic()

    def tell(self, text):
        print(f"[{time.monotonic() - self.began:5.1f} s] {text}", flush=True)

    def photograph(self, what, *windows):
        """One picture per window, once what is drawn has come to rest."""
        self.step += 1
        for window in windows or [window for window in self.windows if window.window]:
            before = None

            def at_rest():
                nonlocal before
                now = window.picture()
                same = before is not None and now[2] == before[2]
                before = now
                time.sleep(0.1)
                return same and not x11.is_blank(now)
            try:
                lan.wait_for(at_rest, 10, "a picture at rest")
            except AssertionError:
                pass  # a caret blinks: any picture will do
            name = f"{self.step}-{what}-{window.name.split()[0].lower()}.png"
            x11.write_png(self.options.out / name, before)
            print(f"          {self.options.out / name}")

    def say(self, sender, receiver, text):
        sent = sender.cli("send", receiver.name, text, "--timeout", "20")[-1]
        self.tell(f"{sender.name} → {receiver.name}: {text}   ({sent['state']})")
        return sent

    def show_conversation(self, window, who):
        """Opens a conversation as a person does: by a click on its row."""
        people = [peer for peer in window.cli("peers")]
        rows = max(1, len(people))
        for row in range(rows + 2):
            self.display.click(window.window, 120, 135 + row * 62)
            time.sleep(0.4)
            if self.is_open(window, who):
                return True
        return False

    def is_open(self, window, who):
        unread = [peer.get("unread", 0) for peer in window.cli("peers") if peer["name"] == who.name]
        return unread == [0]


def discover(story, anna, boris, chen):
    for window in (anna, boris, chen):
        window.open(story.display)
        story.tell(f"{window.name} opens Landline on a computer of their own ({window.host.ipv4})")
    for window in (anna, boris, chen):
        others = [other for other in (anna, boris, chen) if other is not window]
        lan.wait_for(lambda: window.sees(*others), 20, f"{window.name} sees the others")
        story.tell(f"{window.name} sees {' and '.join(other.name for other in others)}")
    story.photograph("discovered")


def chat(story, anna, boris, chen):
    story.say(anna, boris, "Hello! Are you at your desk already?")
    requests = lan.wait_for(lambda: boris.cli("requests"), 20, "the request")
    story.tell(f"Boris has a request of {requests[0]['name']}, whom he has never written to, and accepts it")
    boris.cli("allow", anna.name)
    story.say(boris, anna, "Just sat down. Coffee first 🙂")
    story.say(anna, boris, "The projector in room 3 works again, by the way.")
    story.say(boris, anna, "Wonderful. I will tell the others.")
    story.say(chen, anna, "你好！会议几点开始？")
    anna.cli("allow", chen.name)
    story.say(anna, chen, "十点，三号会议室。")
    story.show_conversation(anna, boris)
    story.show_conversation(boris, anna)
    story.show_conversation(chen, anna)
    story.photograph("chat")


def send_file(story, anna, boris):
    source = anna.host.folder / "Agenda for Monday.txt"
    data = "\n".join(f"{number}. Item {number}" for number in range(1, 20_000)).encode()
    source.write_bytes(data)
    sender = anna.host.popen(anna.bin / "landline-cli", "--profile", anna.profile, "--json", "send-file", boris.name,
                             source, "--timeout", "60", stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    story.tell(f"Anna → Boris: {source.name}, {len(data)} bytes")
    offer = lan.wait_for(lambda: [t for t in boris.cli("transfers") if t["incoming"] and t["state"] == "offered"], 20,
                         "the offer")[0]
    inbox = boris.host.folder / "inbox"
    inbox.mkdir(exist_ok=True)
    boris.cli("accept", offer["transfer"], inbox, "--timeout", "60")
    sender.wait(60)
    received = lan.wait_for(lambda: [path for path in inbox.iterdir() if path.stat().st_size == len(data)], 30, "the file")
    same = hashlib.sha256(received[0].read_bytes()).digest() == hashlib.sha256(data).digest()
    assert same, "the file has other bytes"
    story.tell(f"Boris has it: {received[0].name}, every byte the same")
    story.photograph("file", anna, boris)


def join_relay(story, relay, *windows):
    relay.serve()
    story.tell(f"A relay is started on another computer ({relay.host.ipv4}); it invites the three")
    for window in windows:
        window.cli("relay", "add", relay.invite())
    for window in windows:
        lan.wait_for(lambda: [line["connected"] for line in window.cli("relay", "list")] == [True], 20,
                     f"{window.name} at the relay")
        story.tell(f"{window.name} is connected to it")


def states(window, who, count):
    return [m["state"] for m in window.cli("history", who.name) if m["own"]][-count:]


def go_away_and_return(story, anna, boris, chen):
    chen.close()
    story.tell(f"{chen.name} closes the lid and leaves")
    lan.wait_for(lambda: not anna.sees(chen), 20, "Anna sees that Chen is away")
    missed = ["The meeting is moved to eleven.", "And Boris brings cake."]
    for text in missed:
        anna.cli("send", chen.name, text, "--timeout", "0.5", check=False)
        lan.wait_for(lambda: states(anna, chen, 1) == ["held"], 20, "the relay to hold it")
        story.tell(f"Anna → {chen.name}: {text}   (held at the relay)")
    story.show_conversation(anna, chen)
    story.photograph("away", anna)
    anna.close()
    story.tell("Anna goes home as well")
    chen.open(story.display)
    story.tell(f"{chen.name} is back")
    lan.wait_for(lambda: [m["text"] for m in chen.cli("history", anna.name)][-2:] == missed, 30, "what was missed")
    for text in missed:
        story.tell(f"{chen.name} gets from the relay what was missed: {text}")
    story.show_conversation(chen, anna)
    story.photograph("returned", chen)
    chen.cli("read", anna.name)
    time.sleep(3)  # heads to the relay are gathered for a moment
    chen.close()
    story.tell(f"{chen.name} has read it, and leaves")
    anna.open(story.display)
    lan.wait_for(lambda: set(states(anna, chen, 2)) <= {"delivered", "read"}, 30, "Anna's ticks")
    story.tell(f"Anna is back, and the relay tells her: {states(anna, chen, 1)[0]}")
    story.show_conversation(anna, chen)
    story.photograph("ticks", anna)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--xvfb", action="store_true", help="even where there is a display")
    parser.add_argument("--hold", type=float, default=0, help="leave the windows open for so long at the end")
    options = parser.parse_args()
    os.environ["LANDLINE_BIN"] = str(options.bin)
    lan.enter()
    lan.prepare()
    random.seed(1)
    shutil.rmtree(options.out, ignore_errors=True)
    options.out.mkdir(parents=True)
    display_name, server = "" if options.xvfb else os.environ.get("DISPLAY", ""), None
    try:
        display = x11.Display(display_name) if display_name else None
    except RuntimeError:
        display = None
    if display is None:
        server, display_name = x11.start_xvfb(3 * WIDTH + 4 * GAP, HEIGHT + 2 * GAP)
        display = x11.Display(display_name)
        print("No display here that can be used: the windows are under Xvfb, and the pictures show them.")
    try:
        with lan.Lan(4) as net:
            windows = [Window(host, name, options, display_name, (GAP + number * (WIDTH + GAP), GAP))
                       for number, (host, name) in enumerate(zip(net.hosts, PEOPLE))]
            story = Story(options, windows, display)
            anna, boris, chen = windows
            discover(story, anna, boris, chen)
            chat(story, anna, boris, chen)
            send_file(story, anna, boris)
            join_relay(story, Relay(net.hosts[3]).init(), anna, boris, chen)
            go_away_and_return(story, anna, boris, chen)
            story.tell(f"done; the pictures are in {options.out}/")
            time.sleep(options.hold)
    finally:
        if server:
            server.terminate()


if __name__ == "__main__":
    main()
