#!/usr/bin/env python3
"""Files from landline-cli to landline-cli, beside scp, rsync and iperf3 in turns. Prints one JSON object per figure,
each the median of the repetitions; of memory the most.

    files_bench.py BIN [large|link|many|chat]… [--quick] [--repetitions N] [--size MIB] [--files N] [--messages N]

  large   one file from memory to memory over loopback; scp, plain iperf3
  link    one file through a link of 1 Gbit/s between two namespaces; iperf3
  many    a folder of files of 4 KiB over loopback; scp -r, rsync
  chat    a message every 50 ms over loopback without a transfer, and then while one runs at full speed

What is timed begins when the command is given and ends when the receiver has the file under its name; of scp and rsync,
when the command has ended. Files lie in memory; profiles, with their databases, on the disk of TMPDIR.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import sys
import threading
import time

import file_references
from file_references import LONGEST, Iperf, SshServer, children_seconds

from node import Node, binary  # noqa: E402 (file_references has set the path)
from transfers import (MIB, digest, lan, memory, memory_disk, peak_memory, processor_seconds,  # noqa: E402
                       random_file, slow_down, tree)

MB, GB = 1e6, 1e9
SMALL = 4096
PAUSE = 0.05  # between two messages
IDLE_SHARE = 2  # so many times fewer messages without a transfer


def note(text):
    print(f"  {text}", file=sys.stderr, flush=True)


def figure(name, unit, values, of=statistics.median):
    print(json.dumps({"name": name, "value": of(values), "unit": unit}), flush=True)


def need_memory(size):
    """Leaves with a sentence where the files would not find room in memory."""
    lines = pathlib.Path("/proc/meminfo").read_text().splitlines()
    available = next(int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:"))
    if available * MIB < size + 512 * MIB:
        sys.exit(f"This benchmark keeps its files in memory and needs {size // MIB + 512} MiB; {available} MiB are "
                 f"available. Free some, or measure a smaller file with --size or --quick.")


class Pair:
    """Anna sends, Boris takes; both run, and are connected without discovery."""

    def __init__(self, anna_host, boris_host, address, inbox):
        self.inbox = inbox
        self.anna, self.boris = [Node(host, name) for host, name in ((anna_host, "Anna"), (boris_host, "Boris"))]
        for node in (self.anna, self.boris):
            # The path of a local socket has to be short; /run is this program's own.
            runtime = pathlib.Path("/run") / node.name
            runtime.mkdir(mode=0o700, exist_ok=True)
            node.environment["XDG_RUNTIME_DIR"] = str(runtime)
            node.init()
        self.boris.start("--allow-all", "--no-discovery", "--accept-files", inbox)
        self.anna.start("--allow-all", "--no-discovery", "--connect", f"{address}:{self.boris.port}")
        self.anna.wait_online(self.boris, timeout=60)
        self.boris.wait_online(self.anna, timeout=60)
        self.idle = {node: memory(node) for node in (self.anna, self.boris)}

    def send(self, source):
        """Seconds, and processor seconds of all its programs; what came is checked by whoever calls."""
        mark = self.boris.mark()
        processor = self._processor()
        began = time.monotonic()
        self.anna.once("send-file", "Boris", source, "--timeout", 120, timeout=LONGEST)
        seconds = self.boris.wait("file", since=mark, timeout=120)["at"] - began
        return seconds, self._processor() - processor

    def _processor(self):
        return sum(processor_seconds(node) for node in (self.anna, self.boris)) + children_seconds()

    def above_idle(self, node):
        """MiB that it had resident at most, beyond what it had when nothing had been sent."""
        return (peak_memory(node) - self.idle[node]) / MIB


def timed(server, copy):
    """Seconds, and processor seconds of client and server, of one copy."""
    processor = children_seconds() + server.processor_seconds()
    began = time.monotonic()
    copy()
    seconds = time.monotonic() - began
    return seconds, children_seconds() + server.processor_seconds() - processor


def memory_folders(host, size):
    """A disk in memory for so many bytes, twice, with the folders for what comes from us and from others."""
    need_memory(2 * size)
    disk = memory_disk(host, 2 * size + 64 * MIB)
    folders = disk / "inbox", disk / "copies"
    for folder in folders:
        folder.mkdir()
    return disk, *folders


def checked(path, wanted, found):
    if wanted != found:
        sys.exit(f"What came as {path} is not what was sent.")


# One file -------------------------------------------------------------------------------------------------------------

def large(plan):
    size = plan.size * MIB
    ours, scp, raw, our_cost, scp_cost = [], [], [], [], []
    with lan.Lan(1) as net:
        host = net.hosts[0]
        disk, inbox, copies = memory_folders(host, size)
        source = disk / "film.bin"
        wanted = random_file(source, size, 1)
        server, iperf = SshServer(host), Iperf(host, host, "127.0.0.1")
        pair = Pair(host, host, "127.0.0.1", inbox)
        for turn in range(plan.repetitions):
            seconds, processor = pair.send(source)
            checked(inbox / source.name, wanted, digest(inbox / source.name))
            (inbox / source.name).unlink()
            ours.append(size / seconds / MB)
            our_cost.append(processor / (size / GB))
            seconds, processor = timed(server, lambda: server.scp(source=source, folder=copies))
            checked(copies / source.name, wanted, digest(copies / source.name))
            (copies / source.name).unlink()
            scp.append(size / seconds / MB)
            scp_cost.append(processor / (size / GB))
            raw.append(iperf.bytes_per_second(size) / MB)
            note(f"large {turn + 1}/{plan.repetitions}: {ours[-1]:.0f} MB/s ({our_cost[-1]:.2f} s/GB), "
                 f"scp {scp[-1]:.0f} ({scp_cost[-1]:.2f} s/GB), iperf3 {raw[-1]:.0f}")
        figure("files.large.sender-memory", "MiB", [pair.above_idle(pair.anna)], max)
        figure("files.large.receiver-memory", "MiB", [pair.above_idle(pair.boris)], max)
    figure("files.large", "MB/s", ours)
    figure("reference.files.large.scp", "MB/s", scp)
    figure("files.large.beside-iperf3", "MB/s", ours)
    figure("reference.files.large.iperf3", "MB/s", raw)
    figure("files.large.cpu", "s/GB", our_cost)
    figure("reference.files.large.cpu", "s/GB", scp_cost)


def link(plan):
    size = plan.size * MIB
    ours, raw = [], []
    with lan.Lan(2) as net:
        near, far = net.hosts
        disk, inbox, _ = memory_folders(near, size)
        source = disk / "film.bin"
        wanted = random_file(source, size, 2)
        for host in net.hosts:
            slow_down(host, "1gbit")
        iperf = Iperf(near, far, far.ipv4)
        pair = Pair(near, far, far.ipv4, inbox)
        for turn in range(plan.repetitions):
            ours.append(size / pair.send(source)[0] / MB)
            checked(inbox / source.name, wanted, digest(inbox / source.name))
            (inbox / source.name).unlink()
            raw.append(iperf.bytes_per_second(size) / MB)
            note(f"link {turn + 1}/{plan.repetitions}: {ours[-1]:.1f} MB/s, iperf3 {raw[-1]:.1f}")
    figure("files.link", "MB/s", ours)
    figure("reference.files.link.iperf3", "MB/s", raw)


# Many -----------------------------------------------------------------------------------------------------------------

def contents(folder):
    """{path: digest or kind}, without times, which scp does not keep."""
    return {path: entry[0] for path, entry in tree(folder).items()}


def many(plan):
    size = plan.files * 2 * SMALL  # a file system takes room for names, too
    rates = {"ours": [], "scp": [], "rsync": []}
    with lan.Lan(1) as net:
        host = net.hosts[0]
        disk, inbox, copies = memory_folders(host, size)
        source = disk / "many"
        source.mkdir()
        for number in range(plan.files):
            (source / f"{number:05}.bin").write_bytes(os.urandom(SMALL))
        wanted = contents(source)
        server = SshServer(host)
        pair = Pair(host, host, "127.0.0.1", inbox)
        ways = {"ours": (inbox, lambda: pair.send(source)[0]),
                "scp": (copies, lambda: timed(server, lambda: server.scp("-r", source=source, folder=copies))[0]),
                "rsync": (copies, lambda: timed(server, lambda: server.rsync(source, copies))[0])}
        for turn in range(plan.repetitions):
            for name, (folder, copy) in ways.items():
                rates[name].append(plan.files / copy())
                checked(folder / source.name, wanted, contents(folder / source.name))
                shutil.rmtree(folder / source.name)
            note(f"many {turn + 1}/{plan.repetitions}: {rates['ours'][-1]:.0f} files/s, scp -r {rates['scp'][-1]:.0f}, "
                 f"rsync {rates['rsync'][-1]:.0f}")
    figure("files.many", "files/s", rates["ours"])
    figure("files.many.beside-rsync", "files/s", rates["ours"])
    figure("reference.files.many.scp", "files/s", rates["scp"])
    figure("reference.files.many.rsync", "files/s", rates["rsync"])


# Messages meanwhile ---------------------------------------------------------------------------------------------------

class Chatter:
    """Writes a message every 50 ms from a thread of its own. A context."""

    def __init__(self, node):
        self.node = node
        self.given = {}  # tag -> when the command was given
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def _run(self):
        due = time.monotonic()
        while not self._stop.is_set():
            now = time.monotonic()
            self.given[self.node.post("send", to="Boris", text=f"message {len(self.given)}")] = now
            due = max(due + PAUSE, now)  # what was missed is not made up for
            self._stop.wait(due - time.monotonic())

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def within(self, spans):
        """{tag: when} of the messages given in one of these spans of time."""
        return {tag: at for tag, at in list(self.given.items()) if any(first <= at <= last for first, last in spans)}


def latencies(node, given):
    """Milliseconds from each command to the event that its message was delivered, in order of size."""
    def ends():
        events = list(node.events)
        message = {event.get("tag"): event.get("message") for event in events if event["event"] == "done"}
        delivered = {event["message"]: event["at"] for event in events if event["event"] == "delivered"}
        found = {tag: delivered[message[tag]] for tag in given if message.get(tag) in delivered}
        return found if len(found) == len(given) else None
    found = lan.wait_for(ends, 60, "all messages to be delivered")
    return sorted((found[tag] - at) * 1000 for tag, at in given.items())


def chat(plan):
    size = plan.size * MIB
    spans, rates = [], []
    with lan.Lan(1) as net:
        host = net.hosts[0]
        disk, inbox, _ = memory_folders(host, size)
        source = disk / "film.bin"
        wanted = random_file(source, size, 3)
        pair = Pair(host, host, "127.0.0.1", inbox)
        with Chatter(pair.anna) as chatter:
            lan.wait_for(lambda: len(chatter.given) >= plan.messages // IDLE_SHARE, LONGEST, "messages")
        quiet = latencies(pair.anna, chatter.given)
        with Chatter(pair.anna) as chatter:
            while len(chatter.within(spans)) < plan.messages:
                mark, began = pair.boris.mark(), time.monotonic()
                seconds = pair.send(source)[0]
                moving = pair.boris.find("progress", since=mark)
                spans.append((moving["at"] if moving else began, began + seconds))
                rates.append(size / seconds / MB)
                if len(spans) == 1:
                    checked(inbox / source.name, wanted, digest(inbox / source.name))
                (inbox / source.name).unlink()
        busy = latencies(pair.anna, chatter.within(spans))
    note(f"chat: {len(busy)} messages during {len(spans)} transfers; without any, {len(quiet)}; "
         f"the slowest {busy[-1]:.1f} and {quiet[-1]:.1f} ms")
    figure("files.chat.rate", "MB/s", rates)
    figure("files.chat.messages", "messages", [len(busy)])
    for share in (50, 99):
        figure(f"files.chat.p{share}", "ms", [busy[len(busy) * share // 100]])
        figure(f"reference.files.chat.p{share}", "ms", [quiet[len(quiet) * share // 100]])


PARTS = {part.__name__: part for part in (large, link, many, chat)}


def plan_of(arguments):
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("bin", help="folder of landline-cli")
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    parser.add_argument("--quick", action="store_true", help="once, with 256 MiB, 1,000 files and 100 messages")
    for name, unit in (("repetitions", "times"), ("size", "MiB"), ("files", "files"), ("messages", "messages")):
        parser.add_argument(f"--{name}", type=int, metavar=unit.upper())
    plan = parser.parse_args(arguments)
    usual = (1, 256, 1_000, 100) if plan.quick else (5, 2048, 10_000, 400)
    for name, value in zip(("repetitions", "size", "files", "messages"), usual):
        setattr(plan, name, getattr(plan, name) or value)
        if getattr(plan, name) < 1:
            parser.error(f"--{name} is at least 1")
    if unknown := [part for part in plan.parts if part not in PARTS]:
        parser.error(f"no such part: {', '.join(unknown)} (there are {', '.join(PARTS)})")
    return plan


def main():
    plan = plan_of(sys.argv[1:])
    binary()
    if missing := file_references.missing_tools():
        sys.exit(f"Programs to compare with are missing. Install the packages {', '.join(missing)}.")
    lan.enter()
    lan.prepare()
    for part in plan.parts or PARTS:
        PARTS[part](plan)


if __name__ == "__main__":
    main()
