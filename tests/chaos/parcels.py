"""What people send each other besides messages in a run with faults: files, folders, and several of both in one offer;
and whether they came as they were."""
import hashlib
import os
import re

COPY = re.compile(r" \(\d+\)$")  # of names without an ending


class Parcel:
    """One offer: what lies at the sender, and what has to lie in the receiver's folder at the end."""

    def __init__(self, receiver, name, paths, expected):
        self.receiver, self.name, self.paths, self.expected = receiver, name, paths, expected
        self.is_right = False

    def problems(self):
        """Of this parcel; nothing once it has come."""
        if self.is_right:
            return []
        wrong = []
        for path, digest in self.expected.items():
            come = self.receiver.inbox / path
            if digest is None:
                wrong += [] if come.is_dir() else [f"{path} has not come to {self.receiver.node.name}"]
            elif not come.is_file():
                wrong.append(f"{path} has not come to {self.receiver.node.name}")
            elif digest_of(come) != digest:
                wrong.append(f"{path} came to {self.receiver.node.name} with other bytes")
        tops = {path.split("/")[0] for path in self.expected}
        wrong += [f"{path} came to {self.receiver.node.name} and was not sent" for top in tops
                  for path in below(self.receiver.inbox, top) if path not in self.expected]
        self.is_right = not wrong
        return wrong

    def files(self):
        return sum(digest is not None for digest in self.expected.values())


def below(folder, top):
    for where, folders, files in os.walk(folder / top):
        for name in folders + files:
            yield os.path.relpath(os.path.join(where, name), folder)


def leftovers(inbox):
    """What lies there beside what was sent: (parts of files, what came a second time)."""
    names = sorted(os.listdir(inbox))
    return [name for name in names if ".part-" in name], [name for name in names if COPY.search(name)]


def is_right_copy(inbox, name):
    """What came a second time is as what came first."""
    first = COPY.sub("", name)

    def contents(top):
        if (inbox / top).is_file():
            return digest_of(inbox / top)
        return {os.path.relpath(path, top): (inbox / path).is_dir() or digest_of(inbox / path) for path in below(inbox, top)}
    return (inbox / first).exists() and contents(first) == contents(name)


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_parcel(chance, sender, receiver, number):
    """A small file, a large one, a folder, or several things at once, as chance has it."""
    name = f"{sender.node.name}-{number}"
    kind = chance.choices((make_small, make_large, make_folder, make_several), (5, 2, 3, 2))[0]
    paths, expected = kind(chance, sender.host.folder, name)
    told = paths[0].name + (f" +{len(paths) - 1}" if len(paths) > 1 else "")
    return Parcel(receiver, told, paths, expected)


def write(path, data, expected, name):
    path.write_bytes(data)
    expected[name] = hashlib.sha256(data).hexdigest()


def make_small(chance, folder, name, most=3_000_000):
    path, expected = folder / f"file-{name}", {}
    write(path, chance.randbytes(chance.randrange(0, most)), expected, path.name)
    return [path], expected


def make_large(chance, folder, name):
    path, expected = folder / f"large-{name}", {}
    write(path, chance.randbytes(chance.randrange(8_000_000, 24_000_000)), expected, path.name)
    return [path], expected


def make_folder(chance, folder, name):
    top, expected = folder / f"tree-{name}", {f"tree-{name}": None}
    top.mkdir()
    for number in range(chance.randrange(1, 60)):
        where = top / f"part {number % 4}"
        where.mkdir(exist_ok=True)
        expected[f"{top.name}/{where.name}"] = None
        size = chance.choice((0, 10, 5_000, 100_000))
        write(where / f"{number}.bin", chance.randbytes(size), expected, f"{top.name}/{where.name}/{number}.bin")
    (top / "empty").mkdir()
    expected[f"{top.name}/empty"] = None
    return [top], expected


def make_several(chance, folder, name):
    paths, expected = [], {}
    for number in range(chance.randrange(2, 5)):
        make = make_folder if number == 1 else make_small
        more, what = make(chance, folder, f"{name}-{number}")
        paths += more
        expected |= what
    return paths, expected
