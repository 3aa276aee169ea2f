"""What tests of file transfers between landline-cli programs share: people who take files, trees, what went over the
wire, what lies there half, and what it cost.

LANDLINE_TEST_FULL=1 runs them at the sizes that are promised; without it sizes are such that each program takes about
a minute. LANDLINE_TEST_SEED sets where chance strikes.
"""
import hashlib
import os
import pathlib
import random
import stat
import subprocess

from node import lan, people, start_together

MIB = 1 << 20
FULL = os.environ.get("LANDLINE_TEST_FULL") == "1"
SEED = int(os.environ.get("LANDLINE_TEST_SEED", "1"))
TICKS = os.sysconf("SC_CLK_TCK")


def anna_and_boris(net, *, taking=True, inbox=None):
    """They see each other; Boris takes files into the folder that is returned with them."""
    anna, boris = people(net, "Anna", "Boris")
    inbox = inbox or boris.host.folder / "inbox"
    if taking:
        boris.arguments += ["--accept-files", str(inbox)]
    start_together(anna, boris)
    return anna, boris, inbox


# Files and trees -----------------------------------------------------------------------------------------------------

def digest(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def random_file(path, size, seed):
    """Bytes that no compression and no sparse file saves; gives their digest."""
    rng, summed = random.Random(seed), hashlib.sha256()
    with open(path, "wb") as file:
        for at in range(0, size, MIB):
            block = rng.randbytes(min(MIB, size - at))
            file.write(block)
            summed.update(block)
    return summed.hexdigest()


def tree(folder):
    """Everything below, with what is kept of it: kind, content, time in milliseconds and whether it may be executed."""
    found = {}
    for path in sorted(folder.rglob("*")):
        info = path.lstat()
        kind = "link" if path.is_symlink() else "folder" if path.is_dir() else digest(path)
        found[str(path.relative_to(folder))] = (kind, info.st_mtime_ns // 1_000_000, bool(info.st_mode & 0o100)
                                                if kind != "folder" else None)
    return found


def make_tree(folder, files):
    """Some of everything. Returns what should arrive of it."""
    rng = random.Random(5)
    folder.mkdir()
    for i in range(files):
        where = folder / f"part {i % 10}" / f"über {i % 7}"
        where.mkdir(parents=True, exist_ok=True)
        (where / f"{i}.txt").write_bytes(rng.randbytes(rng.choice((0, 1, 100, 4096, 9000))))
    (folder / "empty" / "deeper").mkdir(parents=True)
    (folder / ".hidden").mkdir()
    (folder / ".hidden" / ".file").write_text("seen")
    script = folder / "run.sh"
    script.write_text("#!/bin/sh\n")
    script.chmod(0o755)
    os.utime(script, ns=(10 ** 18, 10 ** 18 + 123_000_000))
    expected = tree(folder)
    (folder / "passwords").symlink_to("/etc/passwd")
    (folder / "empty" / "itself").symlink_to(folder)
    os.utime(folder / "empty", ns=(10 ** 18, 10 ** 18))
    expected["empty"] = tree(folder)["empty"]
    return expected


def content_size(folder):
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file() and not path.is_symlink())


def held(inbox):
    """Bytes of what has not come whole yet: of files, and of bundles."""
    total = 0
    for part in inbox.glob("*.part-*"):
        for where, _, names in [("", [], [part]), *os.walk(part)]:
            for name in names:
                try:
                    info = os.lstat(os.path.join(where, name))
                except FileNotFoundError:
                    continue  # home by now
                total += info.st_size if stat.S_ISREG(info.st_mode) else 0
    return total


def told(node, since=0):
    """Bytes of the last progress event of the receiver of a single transfer."""
    return max((event["bytes"] for event in node.events[since:] if event["event"] == "progress"), default=0)


# The wire ------------------------------------------------------------------------------------------------------------

def sent_bytes(host):
    """What left through the host's network interface."""
    for line in host.run("cat", "/proc/net/dev").stdout.splitlines():
        name, _, fields = line.strip().partition(":")
        if name == "eth0":
            return int(fields.split()[8])
    raise AssertionError("no eth0")


def slow_down(host, rate):
    host.run("tc", "qdisc", "replace", "dev", "eth0", "root", "tbf", "rate", rate, "burst", "256k", "latency", "50ms")


# The disk ------------------------------------------------------------------------------------------------------------

def memory_disk(host, size):
    """A file system of its own on this host, in memory."""
    folder = host.folder / "disk"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)], check=True)
    host.net.closing.append(lambda: subprocess.run(["umount", "--lazy", str(folder)], check=True))
    return folder


def fill(path):
    """To the last byte of its disk."""
    with open(path, "wb", buffering=0) as file:
        for size in (MIB, 4096, 1):
            try:
                while True:
                    file.write(bytes(size))
            except OSError:
                pass


# What a program says, and costs ---------------------------------------------------------------------------------------

def transfer_of(node, transfer):
    """The line of `transfers` about it."""
    return next(line for line in node.once("transfers") if line["transfer"] == transfer)


def wait_state(node, transfer, *states, timeout=30):
    """The transfer's line, once it is in one of these states."""
    def look():
        line = transfer_of(node, transfer)
        return line if line["state"] in states else None
    return lan.wait_for(look, timeout, lambda: f"{states} at {node.name}: {transfer_of(node, transfer)}")


def processor_seconds(node):
    """That the running program has used, of its own and of the kernel's."""
    fields = pathlib.Path(f"/proc/{node.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def peak_memory(node):
    """The most that the running program ever had resident, in bytes."""
    for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmHWM")


def memory(node):
    """What it has resident now, in bytes."""
    for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


__all__ = ["FULL", "MIB", "SEED", "anna_and_boris", "content_size", "digest", "fill", "held", "lan",
           "make_tree", "memory", "memory_disk", "peak_memory", "people", "processor_seconds", "random_file", "sent_bytes",
           "slow_down", "start_together", "told", "transfer_of", "tree", "wait_state"]
