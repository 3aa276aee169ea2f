#!/usr/bin/env python3
"""The benchmarks: each figure beside its bound and, where there is one, a reference measured in the same run.

    bench.py --bin DIR [--json FILE] [--list] [--quick] [NAME…]

NAME is a figure or the group before its dot. A reference is the least that the machine needs for the same work (the
same rows into SQLite with the same durability, a blank window), so a ratio of 1 would be perfect; or, where the text
names it, another program that does the same. Some bounds are of the ratio instead of the value: the table marks them
with "times", the JSON with "bound_of".
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

SUPPORT = pathlib.Path(__file__).resolve().parents[1] / "support"
sys.path.insert(0, str(SUPPORT))


class Figure:
    """One line of the result. `bound` is the most that is allowed; with `least` it is the least. With `times` it is
    that of the ratio to the reference."""

    def __init__(self, name, unit, bound=None, least=False, times=False, reference=None, text=""):
        self.name, self.unit, self.bound, self.least, self.times = name, unit, bound, least, times
        self.reference, self.text = reference, text


# Figures of programs print themselves as {"name", "value"}; a reference is another printed name.
FIGURES = [
    Figure("catch-up", "s", bound=8, reference="reference.catch-up", text="100,000 queued messages, durable and searchable"),
    Figure("catch-up.rate", "messages/s"),
    Figure("catch-up.cpu", "s", reference="reference.catch-up.cpu", text="processor time of both sides together"),
    Figure("machine.fsync", "ms", text="a synced write of 4 KiB here, median; two are on the way of a tick"),
    Figure("delivered.p50", "ms", bound=1, reference="reference.delivered.p50", text="send to delivered mark, loopback"),
    Figure("delivered.p99", "ms", bound=8, reference="reference.delivered.p99", text="send to delivered mark, loopback"),
    Figure("window.shown", "ms", reference="window.blank", text="from the program's start, 1,000,000 messages"),
    Figure("window.filled", "ms", reference="window.blank", text="the same, until the people are listed in it"),
    Figure("window.more-than-blank", "ms", bound=100, text="window.filled beyond a blank Qt window"),
    Figure("conversation.opened", "ms", bound=50, text="1,000,000 messages; the slowest, on first opening"),
    Figure("memory.resident", "MiB", bound=120, reference="memory.blank", text="window and conversation open, searched"),
    Figure("million.fill", "s", text="making the profile of 1,000,000 signed messages"),
    Figure("million.rate", "messages/s"),
    Figure("search.common", "ms", bound=30, text="the commonest word of 1,000,000 messages"),
    Figure("search.common-from-since", "ms", bound=30, text="the same with --from and --since"),
    Figure("search.prefix", "ms", bound=30, text="a one-letter prefix"),
    Figure("search.prefix-from-since", "ms", bound=30),
    Figure("search.chinese", "ms", bound=30, text="two Chinese characters"),
    Figure("search.chinese-from-since", "ms", bound=30),
    Figure("segment.start-95", "s", bound=5, text="1,000 peers start at once: until 95 % see each other (simulated)"),
    Figure("segment.newcomer-sees", "%", bound=95, least=True, text="of 1,000 peers within 5 s (simulated)"),
    Figure("segment.newcomer-seen", "%", bound=95, least=True, text="by 1,000 peers within 5 s (simulated)"),
    Figure("segment.newcomer-traffic", "MB", bound=20, text="in those 5 s (simulated)"),
    Figure("segment.steady", "KB/s", bound=20, text="beacons of 1,000 peers (simulated)"),
    Figure("relay-store.deposits-1", "deposits/s", text="400 bytes, durable, one commit for each"),
    Figure("relay-store.deposits-50", "deposits/s", text="50 to a commit"),
    Figure("relay-store.deposits-200", "deposits/s", text="200 to a commit"),
    Figure("relay-store.deposits-200.slowest", "ms", text="the slowest of these commits"),
    Figure("relay-store.open", "s", text="opening with the 500,000 of these deposits that are held"),
    Figure("relay-store.drain", "items/s", bound=100_000, least=True, text="a mailbox of 100,000 pulled, acknowledged and freed"),
    Figure("relay.deposits-32", "deposits/s", bound=30_000, least=True, reference="reference.relay.redis-32",
           text="400 bytes, durable, 200 clients with 32 unanswered each; beside Redis (XADD, appendfsync always)"),
    Figure("relay.deposits-32.beside-mosquitto", "deposits/s", reference="reference.relay.mosquitto-32",
           text="the same beside mosquitto (QoS 1 for persistent sessions; not on the disk when it answers)"),
    Figure("relay.deposits-32.beside-prosody", "deposits/s", bound=10, least=True, times=True,
           reference="reference.relay.prosody-32", text="the same beside Prosody (offline messages; the same)"),
    Figure("relay.deposits-32.p99", "ms", reference="reference.relay.redis-32.p99",
           text="from a deposit to its answer, with 6,400 unanswered at any time"),
    Figure("relay.deposits-32.cpu", "us", reference="reference.relay.redis-32.cpu", text="the server's processor time for each"),
    Figure("relay.deposits-1", "deposits/s", bound=15_000, least=True, reference="reference.relay.redis-1",
           text="the same with one unanswered each"),
    Figure("relay.deposits-1.beside-mosquitto", "deposits/s", reference="reference.relay.mosquitto-1"),
    Figure("relay.deposits-1.beside-prosody", "deposits/s", bound=10, least=True, times=True,
           reference="reference.relay.prosody-1"),
    Figure("relay.deposits-1.p50", "ms", reference="reference.relay.redis-1.p50"),
    Figure("relay.deposits-1.p99", "ms", bound=50, reference="reference.relay.redis-1.p99", text="from a deposit to its answer"),
    Figure("relay.deposits-1.cpu", "us", reference="reference.relay.redis-1.cpu"),
    Figure("relay.deposits-paced", "deposits/s", reference="reference.relay.redis-paced", text="the same, 30,000 a second of all"),
    Figure("relay.deposits-paced.beside-mosquitto", "deposits/s", reference="reference.relay.mosquitto-paced"),
    Figure("relay.deposits-paced.p50", "ms", reference="reference.relay.redis-paced.p50"),
    Figure("relay.deposits-paced.p99", "ms", bound=50, reference="reference.relay.redis-paced.p99", text="from a deposit to its answer"),
    Figure("relay.deposits-paced.cpu", "us", reference="reference.relay.redis-paced.cpu"),
    Figure("relay.drain", "items/s", bound=100_000, least=True,
           text="a mailbox of 100,000 (--quick: 10,000) over its connection: pulled, acknowledged and freed"),
    Figure("relay.clients", "clients", text="on one process, each of which has exchanged ten messages"),
    Figure("relay.clients.memory", "KiB", bound=12, text="resident at the relay for each of these, its account included"),
    Figure("relay.clients.busy", "deposits/s", bound=0.8, least=True, times=True, reference="reference.relay.clients.busy",
           text="200 more, 32 unanswered each, among these; beside the same without these"),
    Figure("relay.clients.back", "s", bound=20, text="after a restart, until all of these are let in again"),
    Figure("relay.clients.refused", "refusals", text="on their way back; each of them came in later"),
    Figure("fifty.all-see-all", "s", bound=3, text="50 namespaces on one bridge, after the last was ready"),
    Figure("files.large", "MB/s", bound=2, least=True, times=True, reference="reference.files.large.scp",
           text="2 GiB (--quick: 256 MiB) from memory to memory over loopback, beside scp with AES-256-GCM"),
    Figure("files.large.beside-iperf3", "MB/s", reference="reference.files.large.iperf3",
           text="the same beside plain iperf3; the ratio is our share of it"),
    Figure("files.large.cpu", "s/GB", reference="reference.files.large.cpu",
           text="processor time of both sides; of scp, its ssh and sshd"),
    Figure("files.large.sender-memory", "MiB", bound=64, text="most resident above idle"),
    Figure("files.large.receiver-memory", "MiB", bound=64, text="most resident above idle"),
    Figure("files.link", "MB/s", bound=0.95, least=True, times=True, reference="reference.files.link.iperf3",
           text="2 GiB (--quick: 256 MiB) through a link of 1 Gbit/s (tbf), beside iperf3"),
    Figure("files.many", "files/s", bound=3, least=True, times=True, reference="reference.files.many.scp",
           text="a folder of 10,000 files (--quick: 1,000) of 4 KiB over loopback, beside scp -r"),
    Figure("files.many.beside-rsync", "files/s", bound=1, least=True, times=True,
           reference="reference.files.many.rsync", text="the same beside rsync -a over ssh"),
    Figure("files.chat.p50", "ms", reference="reference.files.chat.p50",
           text="command to delivered event during transfers at full speed, beside none"),
    Figure("files.chat.p99", "ms", bound=20, reference="reference.files.chat.p99", text="the same"),
    Figure("files.chat.messages", "messages", text="so many were counted, one every 50 ms"),
    Figure("files.chat.rate", "MB/s", text="of those transfers"),
]

# Group -> programs with arguments; {folder} is an empty folder on disk, {start} the monotonic clock just before the
# program starts (such programs run several times, and the medians count), {quick} the option --quick where it was
# given. Run in this order.
PROGRAMS = {
    "catch-up": [["reference_bench", "catch-up", "{folder}"], ["messenger_bench", "catch-up"]],
    "delivered": [["reference_bench", "delivered", "{folder}"], ["messenger_bench", "latency"]],
    "segment": [["segment_bench"]],
    "relay-store": [["relay_store_bench", "{folder}"]],
    "relay": [[sys.executable, str(pathlib.Path(__file__).with_name("relay_bench.py")), "{bin}", part, "{quick}"]
              for part in ("deposits", "drain", "clients")],
    "million": [["million_bench", "fill", "{folder}"], ["million_bench", "search", "{folder}"],
                ["window_bench", "blank", "{start}"], ["window_bench", "{folder}", "{start}"]],
    "fifty": [[sys.executable, str(pathlib.Path(__file__).with_name("fifty_bench.py")), "{bin}"]],
    "files": [[sys.executable, str(pathlib.Path(__file__).with_name("files_bench.py")), "{bin}", part, "{quick}"]
              for part in ("large", "link", "many", "chat")],
}
GROUP_OF = {"window": "million", "conversation": "million", "memory": "million", "search": "million",
            "machine": "delivered"}
STARTS = 7
# Groups whose programs take turns so often, since a disk's speed changes from one second to the next; medians count.
TURNS = {"delivered": 5}


def group_of(name):
    head = name.split(".")[0]
    return GROUP_OF.get(head, head)


def run_program(command, bin_folder, folder, quick):
    """{printed name: value} of one run."""
    # On disk and not in memory: durability is part of what is measured.
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "LC_ALL": "C.UTF-8", "TMPDIR": folder}
    parts = [part.format(folder=folder, bin=bin_folder, start=time.monotonic_ns(), quick="--quick" if quick else "")
             for part in command]
    program, *arguments = [part for part in parts if part]
    path = program if program.startswith("/") else str(bin_folder / program)
    result = subprocess.run([path, *arguments], stdout=subprocess.PIPE, text=True, env=environment)
    if result.returncode == 77:
        print(result.stdout.strip(), file=sys.stderr)
        return {}
    if result.returncode != 0:
        raise SystemExit(f"{' '.join([program, *arguments])} left with {result.returncode}:\n{result.stdout}")
    entries = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    return {entry["name"]: entry["value"] for entry in entries}


def run_group(group, bin_folder, quick):
    """{printed name: value} of the programs of one group."""
    values = {}
    with tempfile.TemporaryDirectory(prefix="landline-bench-", dir=bin_folder.parent) as folder:
        runs = [run_program(command, bin_folder, folder, quick)
                for _ in range(TURNS.get(group, 1))
                for command in PROGRAMS[group]
                for _ in range(STARTS if "{start}" in command else 1)]
        for name in {name for run in runs for name in run}:
            values[name] = statistics.median(run[name] for run in runs if name in run)
    if "window.filled" in values:
        values["window.more-than-blank"] = values["window.filled"] - values["window.blank"]
    return values


def lines_of(values):
    for figure in FIGURES:
        if figure.name not in values:
            continue
        value = values[figure.name]
        reference = values.get(figure.reference)
        ratio = value / reference if reference else None
        bounded = ratio if figure.times else value
        met = None
        if figure.bound is not None and bounded is not None:
            met = bounded >= figure.bound if figure.least else bounded <= figure.bound
        yield {"name": figure.name, "value": round(value, 3), "unit": figure.unit,
               "reference": None if reference is None else round(reference, 3),
               "ratio": None if ratio is None else round(ratio, 2),
               "bound": figure.bound, "bound_of": "ratio" if figure.times else "value", "met": met,
               "text": figure.text}


def table(lines):
    columns = f"{'':28}{'measured':>12} {'unit':11}{'bound':>10}{'':9}{'reference':>10}{'ratio':>8}"
    print(columns)
    for line in lines:
        times = " times" if line["bound_of"] == "ratio" else ""
        bound = "" if line["bound"] is None else f"{line['bound']:g}{times}"
        met = {None: "", True: "met", False: "MISSED"}[line["met"]]
        reference = "" if line["reference"] is None else f"{line['reference']:.4g}"
        ratio = "" if line["ratio"] is None else f"{line['ratio']:.2f}"
        print(f"{line['name']:28}{line['value']:>12.4g} {line['unit']:11}{bound:>10} {met:8}{reference:>10}{ratio:>8}  "
              f"{line['text']}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bin", required=True, type=pathlib.Path)
    parser.add_argument("--json", metavar="FILE")
    parser.add_argument("--list", action="store_true")
    parser.add_argument("--quick", action="store_true", help="files, relay: with less; says little about bounds")
    parser.add_argument("names", nargs="*", metavar="NAME")
    options = parser.parse_args()
    known = {figure.name for figure in FIGURES}
    groups = list(PROGRAMS)
    if options.list:
        print("\n".join(sorted(known)))
        return
    wanted = list(dict.fromkeys(group_of(name) for name in options.names)) or groups
    if unknown := [name for name in wanted if name not in groups]:
        parser.error(f"no such benchmark: {', '.join(unknown)} (--list shows all)")
    values = {}
    for group in wanted:
        print(f"measuring {group} …", file=sys.stderr, flush=True)
        values.update(run_group(group, options.bin.resolve(), options.quick))
    lines = [line for line in lines_of(values)
             if not options.names or any(line["name"] == name or line["name"].startswith(name + ".")
                                         or group_of(line["name"]) == name for name in options.names)]
    table(lines)
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps(lines, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
