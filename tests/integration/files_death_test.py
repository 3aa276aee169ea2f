#!/usr/bin/env python3
"""Large files and folders, and programs that die on the way: what has come is not sent again, and arrives as it is."""
import os
import pathlib
import random
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import (FULL, MIB, SEED, anna_and_boris, content_size, digest, held, lan, make_tree,  # noqa: E402
                       people, random_file, sent_bytes, slow_down, start_together, tree)


class Way:
    """A file on its way from one person to another."""

    def __init__(self, sender, receiver, size, seed):
        self.sender, self.receiver, self.size = sender, receiver, size
        self.inbox = receiver.host.folder / "inbox"
        self.name = f"from {sender.name}.bin"
        self.source = sender.host.folder / self.name
        self.digest = random_file(self.source, size, seed)
        self.before = sent_bytes(sender.host)

    def there(self):
        whole = self.inbox / self.name
        return whole.stat().st_size if whole.exists() else held(self.inbox)

    def has_come(self):
        return (self.inbox / self.name).exists()

    def sent(self):
        return (sent_bytes(self.sender.host) - self.before) / self.size


def moments(chance, count, size):
    """At how many bytes somebody dies: at random, but with enough between that all of them come."""
    step = size * 0.96 / count
    return [int(size * 0.01 + step * i + chance.uniform(0, step * 0.8)) for i in range(count)]


def files_cross_while_both_sides_are_killed():
    """Each side dies ten times on the way of 1 GiB; less often on a shorter one, since each death costs what was in the
    programs' and the kernel's buffers."""
    size, deaths, rate = (1024 * MIB, 10, "800mbit") if FULL else (256 * MIB, 3, "400mbit")
    chance = random.Random(SEED)
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris")
        for node in (anna, boris):
            node.arguments += ["--accept-files", str(node.host.folder / "inbox")]
            slow_down(node.host, rate)
        start_together(anna, boris)
        ways = [Way(anna, boris, size, SEED), Way(boris, anna, size, SEED + 1)]
        for way in ways:
            way.sender.post("send-file", to=way.receiver.name, path=str(way.source))
        victims = [anna, boris] * deaths
        chance.shuffle(victims)
        for death, (at, victim) in enumerate(zip(moments(chance, len(victims), 2 * size), victims), 1):
            lan.wait_for(lambda: sum(way.there() for way in ways) > at, 120,
                         lambda: f"death {death} at {at}: {[way.there() for way in ways]} of {size} each")
            underway = [way for way in ways if not way.has_come()]
            victim.kill()
            assert underway, "there is nothing on its way any more"
            victim.start()
        for way in ways:
            lan.wait_for(way.has_come, 300, lambda: f"{way.name}: {way.there()} of {size}")
            assert digest(way.inbox / way.name) == way.digest
            assert [path.name for path in way.inbox.iterdir()] == [way.name], "nothing else is left there"
        shares = [way.sent() for way in ways]
        print(f"   {len(victims)} deaths; sent, as a multiple of the size of {size // MIB} MiB:",
              ", ".join(f"{share:.3f}" for share in shares))
        assert max(shares) <= 1.1, shares
        for way in ways:
            way.sender.wait("sent", timeout=30)


def a_folder_survives_the_death_of_either_side():
    large = (200 if FULL else 20) * MIB
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "tree"
        expected = make_tree(source, 300)
        for number, name in enumerate(("a", "m", "z")):
            random_file(source / f"large {name}", large, SEED + number)
        os.utime(source, ns=(10 ** 18, 10 ** 18))
        expected.update((name, value) for name, value in tree(source).items() if name.startswith("large"))
        slow_down(anna.host, "400mbit" if FULL else "200mbit")
        before, size = sent_bytes(anna.host), content_size(source)
        anna.post("send-file", to="Boris", path=str(source))
        victims = [anna, boris] * 2
        random.Random(SEED).shuffle(victims)
        for death, (at, victim) in enumerate(zip(moments(random.Random(SEED), len(victims), size), victims), 1):
            lan.wait_for(lambda: held(inbox) > at, 120, lambda: f"death {death} at {at}: {held(inbox)} of {size}")
            victim.kill()
            assert not (inbox / "tree").exists(), "no half of a folder under its name"
            victim.start()
        boris.wait("file", timeout=120)
        sent = sent_bytes(anna.host) - before
        print(f"   {len(victims)} deaths, {sent / size:.3f} times the size of {size // MIB} MiB was sent")
        assert tree(inbox / "tree") == expected
        assert sent <= (1.1 if FULL else 1.15) * size, sent / size
        assert [path.name for path in inbox.iterdir()] == ["tree"]


lan.main(files_cross_while_both_sides_are_killed, a_folder_survives_the_death_of_either_side)
