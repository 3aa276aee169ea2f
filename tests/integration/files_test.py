#!/usr/bin/env python3
"""Files and folders between two people on a network: whole trees, several paths at once, pauses, and what failed."""
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import MIB, anna_and_boris, digest, held, lan, make_tree, sent_bytes, slow_down, tree  # noqa: E402


def a_folder_with_a_thousand_files_arrives_as_it_is():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "报告 2026"
        expected = make_tree(source, 1000)
        before = sent_bytes(anna.host)
        done = anna.once("send-file", "Boris", source, "--timeout", 60)[-1]
        size = sum(path.stat().st_size for path in source.rglob("*") if path.is_file() and not path.is_symlink())
        assert done["state"] == "done" and done["bytes"] == size and done["name"] == source.name, done
        received = pathlib.Path(boris.wait("file", timeout=30)["path"])
        assert received == inbox / source.name, received
        assert tree(received) == expected
        assert [path.name for path in inbox.iterdir()] == [source.name], "nothing else is left there"
        print(f"   1,000 files, {size} bytes in {done['seconds']:.2f} s, {sent_bytes(anna.host) - before} bytes sent")
        assert [line["state"] for line in boris.once("transfers")] == ["done"]
        assert not list((boris.profile / "bundles").iterdir())


def several_paths_are_one_offer():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        folder = anna.host.folder / "plans"
        folder.mkdir()
        (folder / "a").write_text("in a folder")
        for name in ("one.txt", "two.txt"):
            (anna.host.folder / name).write_text(name)
        paths = [anna.host.folder / name for name in ("one.txt", "two.txt", "plans")]
        done = anna.once("send-file", "Boris", *paths, "--timeout", 60)
        assert [line["name"] for line in done] == ["one.txt +2"] and done[0]["state"] == "done", done
        assert boris.wait("file", timeout=30)["path"] == str(inbox)
        assert {path.name for path in inbox.iterdir()} == {"one.txt", "two.txt", "plans"}
        assert (inbox / "plans" / "a").read_text() == "in a folder"
        # What is no file is told, and nothing is offered.
        for wrong in (anna.host.folder / "none", "/dev/null"):
            result = anna.command("send-file", "Boris", paths[0], wrong)
            assert result.returncode == 2 and str(wrong) in result.stderr, result
        assert len(anna.once("transfers")) == 1


def either_side_pauses_and_goes_on():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        source = anna.host.folder / "film.bin"
        source.write_bytes(os.urandom(32 * MIB))
        slow_down(anna.host, "100mbit")
        anna.post("send-file", to="Boris", path=str(source))
        transfer = boris.wait("progress", name=source.name)["transfer"]
        for who in (boris, anna):
            lan.wait_for(lambda: held(inbox) > 2 * MIB, 30, "something to pause")
            who.do("pause", transfer=transfer)
            assert who.once("transfers")[0]["state"] == "paused"
            before = held(inbox)
            assert not (inbox / source.name).exists()
            # It stays so over a restart.
            who.stop()
            who.start()
            assert who.once("transfers")[0]["state"] == "paused"
            who.wait_online(boris if who is anna else anna)
            assert held(inbox) - before <= 4 * MIB, "no more than was on its way"
            who.post("resume", transfer=transfer)
        boris.wait("file", timeout=90)
        assert digest(inbox / source.name) == digest(source)


def only_what_failed_is_fetched_again():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net, taking=False)
        source = anna.host.folder / "tree"
        make_tree(source, 200)
        (source / "large").write_bytes(os.urandom(10 * MIB))
        lost = source / "lost.txt"
        lost.write_text("found again")
        written = lost.stat()
        anna.post("send-file", to="Boris", path=str(source))
        transfer = boris.wait("offer")["transfer"]
        lost.unlink()
        result = boris.command("accept", transfer, inbox)
        assert result.returncode == 1 and "changed or was gone" in result.stderr, result
        assert (inbox / "tree" / "large").stat().st_size == 10 * MIB and not (inbox / "tree" / "lost.txt").exists()
        lost.write_text("found again")
        os.utime(lost, ns=(written.st_atime_ns, written.st_mtime_ns))
        before = sent_bytes(anna.host)
        boris.once("resume", transfer)
        assert (inbox / "tree" / "lost.txt").read_text() == "found again"
        assert sent_bytes(anna.host) - before < MIB, "the rest is not sent again"
        assert [path.name for path in inbox.iterdir()] == ["tree"]


lan.main(a_folder_with_a_thousand_files_arrives_as_it_is, several_paths_are_one_offer, either_side_pauses_and_goes_on,
         only_what_failed_is_fetched_again)
