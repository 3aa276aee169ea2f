#!/usr/bin/env python3
"""What people decide about transfers, on a network: who may connect to whom, how fast, how many, in which order, from whom
unasked; and how files are marked that came from outside."""
import os
import pathlib
import stat
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import lan, people, start_together  # noqa: E402

KIB = 1 << 10
MIB = 1 << 20


def anna_and_boris(net):
    anna, boris = start_together(*people(net, "Anna", "Boris"))
    return anna, boris, boris.host.folder / "inbox"


def make_file(node, name, size):
    path = node.host.folder / name
    with open(path, "wb") as file:
        for _ in range(size // MIB):
            file.write(os.urandom(MIB))
        file.write(os.urandom(size % MIB))
    return path


def transfers(node):
    return {line["name"]: line for line in node.once("transfers")}


def wait_for_state(node, name, state, timeout=30):
    return lan.wait_for(lambda: (line := transfers(node).get(name)) and line["state"] == state and line, timeout,
                        lambda: f"{name} to be {state}: {transfers(node)}")


def close_for_others(host, how):
    """A firewall that lets connections out and none in."""
    for tables in ("iptables", "ip6tables"):
        reject = how == "REJECT"
        host.run(tables, "-w", "-I", "INPUT", "-p", "tcp", "--syn", "!", "-i", "lo", "-j", how,
                 *(["--reject-with", "tcp-reset"] if reject else []))


def a_transfer_works_as_long_as_one_way_does():
    for closed, how in ((0, "DROP"), (1, "DROP"), (0, "REJECT")):
        with lan.Lan(2) as net:
            close_for_others(net.hosts[closed], how)
            anna, boris, inbox = anna_and_boris(net)
            whose = ("the sender's", "the receiver's")[closed]
            file = make_file(anna, "film.bin", 8 * MIB)
            folder = anna.host.folder / "folder"
            folder.mkdir()
            for i in range(20):
                (folder / f"{i}.txt").write_text(str(i) * 1000)
            took = []
            for name, path in (("film.bin", file), ("folder", folder), ("again.bin", make_file(anna, "again.bin", MIB))):
                anna.post("send-file", to="Boris", path=str(path))
                transfer = boris.wait("offer", name=name)["transfer"]
                begun = time.monotonic()
                result = boris.once("accept", transfer, inbox, "--timeout", 30)[-1]
                took.append(time.monotonic() - begun)
                assert result["state"] == "done", result
            assert (inbox / "film.bin").read_bytes() == file.read_bytes()
            assert sorted(path.name for path in (inbox / "folder").iterdir()) == sorted(f"{i}.txt" for i in range(20))
            anna.wait("sent", name="film.bin")
            print(f"   {whose} firewall ({how}): {', '.join(f'{one:.1f}' for one in took)} s")
            # Only the first of them has to find out.
            assert took[-1] < 5, took


def a_transfer_through_a_firewall_goes_on_after_a_death():
    with lan.Lan(2) as net:
        close_for_others(net.hosts[0], "DROP")
        anna, boris, inbox = anna_and_boris(net)
        boris.once("transfers", "limit", "--down", "4M")
        file = make_file(anna, "film.bin", 24 * MIB)
        anna.post("send-file", to="Boris", path=str(file))
        boris.post("accept", transfer=boris.wait("offer")["transfer"], folder=str(inbox))
        for victim in (anna, boris):
            part = lan.wait_for(lambda: next(inbox.glob("*.part-*"), None), 30, "something that comes")
            before = part.stat().st_size
            lan.wait_for(lambda: part.stat().st_size > before + 2 * MIB, 30, "more of it")
            victim.kill()
            victim.start()
        boris.wait("file", timeout=60)
        assert (inbox / "film.bin").read_bytes() == file.read_bytes()


def limits_are_set_by_commands_and_hold():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        assert boris.once("transfers", "limit") == [{"up": 0, "down": 0, "at_once": 3}]
        assert boris.once("transfers", "limit", "--down", "1M", "--at-once", "2")[0] == {
            "up": 0, "down": MIB, "at_once": 2}
        assert boris.command("transfers", "limit", "--down", "3").returncode == 2
        assert boris.command("transfers", "limit", "--at-once", "0").returncode == 2
        assert boris.command("transfers", "limit", "--down", "fast").returncode == 2
        names = ("a.bin", "b.bin", "c.bin")
        for name in names:
            anna.post("send-file", to="Boris", path=str(make_file(anna, name, 3 * MIB)))
            boris.post("accept", transfer=boris.wait("offer", name=name)["transfer"], folder=str(inbox))
        begun = time.monotonic()
        lan.wait_for(lambda: len(transfers(boris)) == 3 and {line["state"] for line in transfers(boris).values()} ==
                     {"running", "queued"}, 20, lambda: f"two to run: {transfers(boris)}")
        lan.wait_for(lambda: any("seconds_left" in line for line in transfers(boris).values()), 20, "a speed")
        told = [line for line in transfers(boris).values() if "speed" in line]
        assert all(line["speed"] <= 1.3 * MIB for line in told), told
        assert sorted(line["order"] for line in transfers(boris).values()) == [1, 2, 3]
        human = boris.human("transfers")
        assert "/s, 0:" in human and "#3" in human, human
        # A message does not wait.
        assert anna.deliver("Boris", "meanwhile")
        boris.wait("file", name="a.bin", timeout=60)
        boris.wait("file", name="b.bin", timeout=60)
        took = time.monotonic() - begun
        assert took > 6 / 1.3, took
        boris.once("transfers", "limit", "--down", "0")
        boris.wait("file", name="c.bin", timeout=20)
        assert boris.once("transfers", "limit") == [{"up": 0, "down": 0, "at_once": 2}]


def the_order_can_be_changed_and_stays():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        boris.once("transfers", "limit", "--down", "100K", "--at-once", "1")
        ids = {}
        for name in ("a.bin", "b.bin", "c.bin"):
            anna.post("send-file", to="Boris", path=str(make_file(anna, name, 30 * MIB)))
            ids[name] = boris.wait("offer", name=name)["transfer"]
            boris.do("accept", transfer=ids[name], folder=str(inbox))
        wait_for_state(boris, "a.bin", "running")
        assert boris.once("transfers", "first", ids["c.bin"])[0]["order"] == 1
        wait_for_state(boris, "c.bin", "running")
        assert boris.once("transfers", "down", ids["a.bin"])[0]["order"] == 3
        assert boris.once("transfers", "up", ids["a.bin"])[0]["order"] == 2
        assert boris.once("transfers", "last", ids["a.bin"])[0]["order"] == 3
        boris.kill()
        boris.start()
        boris.wait_online(anna)
        wait_for_state(boris, "c.bin", "running")
        found = transfers(boris)
        assert [found[name]["order"] for name in ("c.bin", "b.bin", "a.bin")] == [1, 2, 3], found
        assert {found[name]["state"] for name in ("a.bin", "b.bin")} == {"queued"}, found
        boris.expect(4, "transfers", "first", "0123456789")
        anna.expect(2, "transfers", "first", ids["a.bin"])


def files_of_an_accepted_person_come_unasked_up_to_a_quota():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        assert boris.once("always-accept") == []
        rule = boris.once("always-accept", "Anna", inbox, "--quota", "3M")[0]
        assert (rule["always"], rule["folder"], rule["quota"], rule["used"]) == (True, str(inbox), 3 * MIB, 0), rule
        anna.post("send-file", to="Boris", path=str(make_file(anna, "a.bin", 2 * MIB)))
        boris.wait("file", name="a.bin")
        anna.post("send-file", to="Boris", path=str(make_file(anna, "b.bin", 2 * MIB)))
        why = lan.wait_for(lambda: transfers(boris).get("b.bin", {}).get("error"), 20, "a reason")
        assert "3.0 MiB a day" in why and "1.0 MiB are left" in why, why
        assert "1.0 MiB are left" in boris.human("transfers")
        rule = boris.once("always-accept")[0]
        assert (rule["name"], rule["used"]) == ("Anna", 2 * MIB), rule
        boris.once("accept", transfers(boris)["b.bin"]["transfer"], inbox)
        assert boris.once("always-accept", "Anna")[0]["used"] == 2 * MIB, "what was accepted by hand does not count"
        anna.post("send-file", to="Boris", path=str(make_file(anna, "c.bin", MIB)))
        boris.wait("file", name="c.bin")
        assert boris.once("always-accept", "Anna", "--off")[0]["always"] is False
        anna.post("send-file", to="Boris", path=str(make_file(anna, "d.bin", 10)))
        assert "error" not in boris.wait("offer", name="d.bin")
        assert wait_for_state(boris, "d.bin", "offered")
        # Blocked people's come on no account, nor those of whom was accepted only later again.
        boris.once("always-accept", "Anna", inbox)
        boris.once("block", "Anna")
        assert boris.once("always-accept") == []
        assert boris.command("always-accept", "Anna", inbox).returncode == 1


def what_came_from_outside_is_marked():
    with lan.Lan(2) as net:
        anna, boris, inbox = anna_and_boris(net)
        single = make_file(anna, "tool", 100)
        single.chmod(0o755)
        folder = anna.host.folder / "folder"
        (folder / "deep").mkdir(parents=True)
        for name in ("a.txt", "deep/empty", "deep/run.sh"):
            (folder / name).write_text("" if "empty" in name else "text")
        (folder / "deep" / "run.sh").chmod(0o755)
        offers = {}
        for path in (single, folder):
            anna.post("send-file", to="Boris", path=str(path))
            offers[path.name] = boris.wait("offer", name=path.name)
            boris.once("accept", offers[path.name]["transfer"], inbox)
        try:
            os.setxattr(inbox, "user.test", b"x")
        except OSError:
            print("   this disk keeps no marks")
            return
        for name in ("tool", "folder/a.txt", "folder/deep/empty", "folder/deep/run.sh"):
            origin = os.getxattr(inbox / name, "user.xdg.origin.url").decode()
            referrer = os.getxattr(inbox / name, "user.xdg.referrer.url").decode()
            assert origin == "landline:person/" + anna.person[:16], origin
            assert referrer == "landline:message/" + offers[name.split("/")[0]]["message"], referrer
        assert not (inbox / "tool").stat().st_mode & (stat.S_IXUSR | stat.S_IXGRP | stat.S_IXOTH)
        assert (inbox / "folder" / "deep" / "run.sh").stat().st_mode & stat.S_IXUSR


lan.main(a_transfer_works_as_long_as_one_way_does, a_transfer_through_a_firewall_goes_on_after_a_death,
         limits_are_set_by_commands_and_hold, the_order_can_be_changed_and_stays,
         files_of_an_accepted_person_come_unasked_up_to_a_quota, what_came_from_outside_is_marked)
