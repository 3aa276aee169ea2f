#!/usr/bin/env python3
"""Names that are no good elsewhere, and files that change, shrink or vanish while they are sent: what arrives is what was
offered, under a name that is safe, and what does not arrive is told."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import (MIB, anna_and_boris, digest, held, lan, random_file, sent_bytes, slow_down,  # noqa: E402
                       transfer_of, wait_state)

NAMES = ["CON", "con.txt", "Aux", "nul.tar.gz", "COM1", "lpt9.log", "ends with dots..", "ends with space ", "trailing .",
         "a:b", "question?.txt", "a<b>c|d\"e*f", "back\\slash", "line\nbreak", "tab\there", "bell\x07", "-rf", "~", "$HOME",
         "...", "...dots", "%2e%2e", "right \u202eto left.txt", "zero\u200bwidth", "Straße", "STRASSE", "Same.txt", "same.txt",
         "SAME.TXT", "same (2).txt", "x" * 255, "x" * 254 + "y", "ü" * 127, "😀" * 63, "z" * 251 + ".txt", "part.part-00",
         "é.txt", "e\u0301.txt"]
DEVICES = {"con", "prn", "aux", "nul", *(f"{name}{number}" for name in ("com", "lpt") for number in range(1, 10))}


def assert_safe(name):
    """On every system that people use."""
    assert not set(name) & set('<>:"|?*\\/'), name
    assert not any(ord(c) < 32 or c in "\u202e\u200b" for c in name), name
    assert not name.endswith((".", " ")), name
    assert name.split(".")[0].lower() not in DEVICES, name
    assert 0 < len(name.encode()) <= 255, name


def names_are_made_safe_and_none_is_lost():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "names"
        (source / "deeper").mkdir(parents=True)
        right = []
        for number, name in enumerate(NAMES):
            (source / name).write_text(f"in it {number}")
            (source / "deeper" / name).write_text(f"deeper {number}")
            right += [f"in it {number}", f"deeper {number}"]
        # As a folder, and each by itself beside the others.
        anna.once("send-file", "Boris", source, "--timeout", 60)
        boris.wait("file", timeout=30, name="names")
        come = inbox / "names"
        found = {path: path.read_text() for path in come.rglob("*") if path.is_file()}
        assert sorted(found.values()) == sorted(right)
        singles = anna.once("send-file", "Boris", *[source / name for name in NAMES], "--timeout", 60)
        assert singles[0]["state"] == "done", singles
        boris.wait("file", timeout=30, name=singles[0]["name"])
        found |= {path: path.read_text() for path in inbox.iterdir() if path.is_file()}
        assert sorted(found.values()) == sorted(right + [text for text in right if text.startswith("in it")])
        names = [path.relative_to(inbox) for path in inbox.rglob("*")]
        for path in names:
            assert_safe(path.name)
        folded = [str(path).lower() for path in names]
        assert len(set(folded)) == len(folded), ("two differ in case only", sorted(folded))
        assert not list(boris.host.folder.glob("*.txt")), "nothing is put beside the folder"


def one_file_of_each_name_is_made_safe():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        folder = anna.host.folder / "single"
        folder.mkdir()
        mark = boris.mark()
        for number, name in enumerate(NAMES):
            (folder / name).write_text(f"alone {number}")
            anna.post("send-file", to="Boris", path=str(folder / name))
        lan.wait_for(lambda: sum(event["event"] == "file" for event in boris.events[mark:]) == len(NAMES), 60,
                     lambda: f"{len(NAMES)} files: {sorted(path.name for path in inbox.iterdir())}")
        assert sorted(path.read_text() for path in inbox.iterdir()) == sorted(f"alone {i}" for i in range(len(NAMES)))
        for path in inbox.iterdir():
            assert_safe(path.name)
            assert not path.name.startswith("."), "nobody would find it"


def a_name_that_is_no_text_is_refused():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "tree"
        (source / "below").mkdir(parents=True)
        (source / "good").write_text("good")
        bad = os.fsencode(source / "below") + b"/caf\xe9.txt"
        with open(bad, "wb") as file:
            file.write(b"latin-1")
        result = anna.command("send-file", "Boris", source)
        assert result.returncode == 2 and str(source / "below") in result.stderr, result
        assert "no valid text" in result.stderr and result.stderr.count("\n") == 1, result.stderr
        # By itself: the path does not even reach the program whole.
        alone = anna.host.run(anna.cli, "--profile", anna.profile, "send-file", "Boris", bad, check=False)
        assert alone.returncode == 2 and alone.stderr.count("\n") == 1, alone
        assert anna.once("transfers") == [] and boris.once("transfers") == [], "nothing was offered"
        assert not inbox.exists() or not list(inbox.iterdir())


def put_back(path, data, info):
    path.write_bytes(data)
    os.utime(path, ns=(info.st_atime_ns, info.st_mtime_ns))


def a_file_that_changes_on_the_way_is_not_taken_for_the_one_offered():
    size = 32 * MIB  # so that its end is not read yet when its beginning has come
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        slow_down(anna.host, "200mbit")

        def overwrite(path):
            with open(path, "r+b") as file:
                file.seek(size - 1000)
                file.write(bytes(1000))

        def vanish(path):
            anna.kill()
            path.unlink()
            anna.start()

        def becomes_a_link(path):
            anna.kill()
            path.unlink()
            path.symlink_to("/etc/passwd")
            anna.start()

        for number, (name, change) in enumerate({
                "overwritten": overwrite, "shrinks": lambda path: os.truncate(path, size // 2),
                "emptied": lambda path: os.truncate(path, 0), "grows": lambda path: os.truncate(path, size + 1),
                "vanishes": vanish, "becomes a link": becomes_a_link}.items()):
            source = anna.host.folder / name
            right = random_file(source, size, number)
            data, info = source.read_bytes(), source.stat()
            mark = boris.mark()
            anna.post("send-file", to="Boris", path=str(source))
            lan.wait_for(lambda: held(inbox) > 2 * MIB, 30, f"some of what {name}")
            change(source)
            transfer = boris.wait("progress", since=mark, name=name)["transfer"]
            error = wait_state(boris, transfer, "failed")["error"]
            assert "changed" in error or "cannot read" in error, error
            assert not (inbox / name).exists(), "it is not whole"
            assert transfer_of(anna, transfer)["state"] != "done", "the sender must not believe that it came"
            source.unlink(missing_ok=True)
            put_back(source, data, info)
            boris.once("resume", transfer)
            assert digest(inbox / name) == right
            wait_state(anna, transfer, "done")
        assert len(list(inbox.iterdir())) == 6, sorted(path.name for path in inbox.iterdir())


def what_changes_in_a_folder_is_left_out_and_told():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "tree"
        source.mkdir()
        names = ["1 first", "2 shrinks", "3 changes", "4 vanishes", "5 becomes a folder", "6 last"]
        # The first is so large that the others are not read yet when it has begun to come.
        right = {name: random_file(source / name, (2 if number else 32) * MIB, number)
                 for number, name in enumerate(names)}
        kept = {name: ((source / name).read_bytes(), (source / name).stat()) for name in names}
        slow_down(anna.host, "200mbit")
        anna.post("send-file", to="Boris", path=str(source))
        transfer = boris.wait("progress", name="tree")["transfer"]
        lan.wait_for(lambda: held(inbox) > MIB, 30, "some of it")
        os.truncate(source / names[1], 1000)
        with open(source / names[2], "r+b") as file:
            file.write(b"changed")
        (source / names[3]).unlink()
        (source / names[4]).unlink()
        (source / names[4]).mkdir()
        state = wait_state(boris, transfer, "failed")
        assert "(4)" in state["error"] and str(inbox) in state["error"], state
        assert {path.name: digest(path) for path in (inbox / "tree").iterdir()} == {
            name: right[name] for name in (names[0], names[5])}
        told = wait_state(anna, transfer, "failed")
        assert "left out" in told["error"], told
        (source / names[4]).rmdir()
        for name in names[1:5]:
            put_back(source / name, *kept[name])
        before = sent_bytes(anna.host)
        boris.once("resume", transfer)
        assert {path.name: digest(path) for path in (inbox / "tree").iterdir()} == right
        assert sent_bytes(anna.host) - before < 4 * 2 * MIB * 1.05, "only those four"
        wait_state(anna, transfer, "done")


lan.main(names_are_made_safe_and_none_is_lost, one_file_of_each_name_is_made_safe, a_name_that_is_no_text_is_refused,
         a_file_that_changes_on_the_way_is_not_taken_for_the_one_offered, what_changes_in_a_folder_is_left_out_and_told)
