#!/usr/bin/env python3
"""Many transfers at once, and many files in one."""
import os
import pathlib
import random
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import (FULL, MIB, SEED, anna_and_boris, digest, held, lan, memory_disk, peak_memory,  # noqa: E402
                       people, processor_seconds, random_file, sent_bytes, slow_down,
                       start_together, told)

PEERS = ("Boris", "Clara", "Dai")


def fifty_transfers_at_once_while_people_talk():
    """Anna sends twenty to one person and ten to each of two others, and gets ten; everybody writes meanwhile."""
    size = (16 if FULL else 3) * MIB
    with lan.Lan(1 + len(PEERS)) as net:
        nodes = people(net, "Anna", *PEERS)
        anna, boris, clara, dai = nodes
        inboxes = {node: node.host.folder / "inbox" for node in nodes}
        for node in nodes:
            node.arguments += ["--accept-files", str(inboxes[node])]
            slow_down(node.host, "300mbit")
        start_together(*nodes, timeout=30)
        plan = [(anna, boris)] * 20 + [(anna, clara)] * 10 + [(anna, dai)] * 10 + [(boris, anna)] * 5 + [(dai, anna)] * 5
        right = {}
        for number, (sender, receiver) in enumerate(plan):
            name = f"{sender.name} {number}.bin"
            right[inboxes[receiver] / name] = random_file(sender.host.folder / name, size + number, number)
        marks = {node: node.mark() for node in nodes}
        began = time.monotonic()
        for number, (sender, receiver) in enumerate(plan):
            sender.post("send-file", to=receiver.name, path=str(sender.host.folder / f"{sender.name} {number}.bin"))
        lan.wait_for(lambda: all(held(inboxes[node]) > 0 for node in nodes), 60, "all four to be fetching")
        most, texts = 0, {}
        while not all(path.exists() for path in right):
            assert time.monotonic() < began + 300, [path.name for path in right if not path.exists()]
            for node in nodes:
                if node.alive() and len(texts) < 400:
                    other = nodes[(nodes.index(node) + 1 + len(texts) // 4 % 3) % 4]
                    text = f"{node.name} {len(texts)}"
                    texts[node.post("send", to=other.name, text=text, timeout=20)] = (node, other, text)
            most = max(most, sum(len(list(inbox.glob("*.part-*"))) for inbox in inboxes.values()))
            lan.wait_for(lambda: all(node.find("done", tag=tag) for tag, (node, _, _) in texts.items()), 30,
                         "answers to what was written")
        took = time.monotonic() - began
        for path, wanted in right.items():
            assert digest(path) == wanted, path
        for node in nodes:
            left = [path.name for path in inboxes[node].iterdir() if path not in right]
            assert not left, left
            assert not (errors := [event for event in node.events[marks[node]:] if event["event"] == "error"]), errors
        assert len(texts) >= 20, "too little was written meanwhile"
        for tag, (node, other, text) in texts.items():
            done = node.find("done", tag=tag)
            assert (done["code"], done["state"]) == (0, "delivered"), done
            assert other.find("message", since=marks[other], text=text), f"{text} at {other.name}"
        for node in nodes:
            wanted = sum(sender is node for sender, _ in plan)
            lan.wait_for(lambda: sum(event["event"] == "sent" for event in node.events[marks[node]:]) == wanted, 30,
                         lambda: f"{wanted} sent by {node.name}")
        print(f"   {len(plan)} files of {size // MIB} MiB in {took:.1f} s, at most {most} begun at once; "
              f"{len(texts)} messages delivered meanwhile")
        assert most >= len(nodes), "they came one after the other"


def make_deep_tree(folder, files):
    """Small files, up to twelve folders deep, some empty, some to be executed, with times of their own; links between.
    Gives {path: (digest or kind, time in ms, executable)}."""
    rng = random.Random(SEED)
    expected, folders = {}, []
    for number in range(files // 50):
        depth = number % 12 + 1
        where = folder.joinpath(*(f"level {level} {number // 12 % 8 if level else number}" for level in range(depth)))
        where.mkdir(parents=True)
        folders.append(where)
    for number in range(files):
        path = folders[number % len(folders)] / f"{number:06} ünï.txt"
        path.write_bytes(rng.randbytes(rng.choice((0, 10, 200, 900, 4000))))
        if number % 10 == 0:
            path.chmod(0o755)
        at = 1_500_000_000_000 + number * 1001
        os.utime(path, ns=(at * 1_000_000, at * 1_000_000))
    for number in range(50):
        (folders[number % len(folders)] / f"empty {number}").mkdir()
        (folders[number % len(folders)] / f"link {number}").symlink_to(folder)
    for where in sorted(folder.rglob("*"), reverse=True):
        if where.is_dir() and not where.is_symlink():
            os.utime(where, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    os.utime(folder, ns=(1_600_000_000_000_000_000, 1_600_000_000_000_000_000))
    for path, entry in entries(folder):
        if entry[0] != "link":
            expected[path] = entry
    return expected


def entries(folder):
    """(path, (kind or digest, time in ms, executable)) of everything below."""
    for where, folders, files in os.walk(folder):
        for name in folders + files:
            path = pathlib.Path(where) / name
            info = path.lstat()
            kind = "link" if path.is_symlink() else "folder" if path.is_dir() else digest(path)
            yield (str(path.relative_to(folder)),
                   (kind, info.st_mtime_ns // 1_000_000, bool(info.st_mode & 0o100) if kind != "folder" else None))


def a_deep_tree_of_small_files_survives_a_death():
    files = 100_000 if FULL else 10_000
    with lan.Lan(2) as net:
        # In memory: on some disks making the files takes longer than sending them.
        disks = [memory_disk(host, "2g") for host in net.hosts]
        anna, boris, inbox = anna_and_boris(net, inbox=disks[1] / "inbox")
        source = disks[0] / "source"
        source.mkdir()
        expected = make_deep_tree(source, files)
        assert sum(1 for _ in entries(source)) == len(expected) + 50, "the links are there"
        size = sum(path.stat().st_size for path in source.rglob("*.txt"))
        idle = {node: peak_memory(node) for node in (anna, boris)}
        slow_down(anna.host, "16mbit")
        before, began = sent_bytes(anna.host), time.monotonic()
        anna.post("send-file", to="Boris", path=str(source))
        peaks = []
        for death, victim in enumerate((boris, anna), 1):
            lan.wait_for(lambda: told(boris) > size * death // 3, 120,
                         lambda: f"{told(boris)} of {size}: {anna.once('transfers')} {boris.once('transfers')}")
            peaks += [peak_memory(node) - idle[node] for node in (anna, boris)]
            victim.kill()
            assert not (inbox / "source").exists(), "it was on its way"
            victim.start()
        boris.wait("file", timeout=300)
        took, sent = time.monotonic() - began, sent_bytes(anna.host) - before
        peaks += [peak_memory(node) - idle[node] for node in (anna, boris)]
        found = dict(entries(inbox / "source"))
        wrong = [(path, expected.get(path), found.get(path)) for path in sorted(expected.keys() | found.keys())
                 if expected.get(path) != found.get(path)]
        assert not wrong, (len(wrong), wrong[:5])
        assert [path.name for path in inbox.iterdir()] == ["source"]
        print(f"   {files} files, {size} bytes in {took:.1f} s with two deaths, {sent / size:.2f} times that sent, "
              f"at most {max(peaks) / MIB:.0f} MiB above idle, "
              f"{processor_seconds(boris):.1f} s of the receiver's processor since its last start")
        assert max(peaks) < (192 if FULL else 64) * MIB, [peak // MIB for peak in peaks]
        # Paths, times and sizes go over the wire, too; and what was in buffers when somebody died does so twice.
        assert sent < 1.1 * size + 120 * len(expected) + 2 * MIB, sent / size


lan.main(fifty_transfers_at_once_while_people_talk, a_deep_tree_of_small_files_survives_a_death)
