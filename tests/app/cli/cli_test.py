#!/usr/bin/env python3
"""The command line's contract, with real programs: two people on one machine, in a network namespace of their own.

Length: one scenario for each command; they share the people and the helpers at the top."""
import json
import os
import pathlib
import signal
import socket
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from node import Node, lan  # noqa: E402


def two(net, *arguments, start=True):
    """Anna and Boris on the same machine; both accept everybody."""
    nodes = [Node(net.hosts[0], name).init() for name in ("Anna", "Boris")]
    for node in nodes:
        node.arguments = ["--allow-all", *map(str, arguments)]
        if start:
            node.start()
    if start:
        nodes[0].wait_online(nodes[1])
        nodes[1].wait_online(nodes[0])
    return nodes


def expect(node, code, *command, **options):
    """The command's result, which must leave with this code; errors are one line on standard error."""
    result = node.command(*command, **options)
    assert result.returncode == code, (command, result.returncode, result.stdout, result.stderr)
    if code not in (0, 3):
        assert result.stderr.count("\n") == 1 and result.stderr.startswith("landline-cli: "), result.stderr
    return result


def human(node, *command):
    """What a person reads, without --json."""
    return node.host.run(node.cli, "--profile", node.profile, *command).stdout


def note(node, *text):
    """Writes to oneself, without waiting for anybody."""
    result = node.command("send", node.name, "--timeout", 0, *text)
    assert result.returncode in (0, 3), result.stderr
    return json.loads(result.stdout)


def deliver(node, to, text):
    """Sends by standard input and waits for the delivery; gives the answer."""
    tag = node.post("send", to=to, text=text, timeout=20)
    done = node.wait("done", tag=tag, timeout=30)
    assert (done["code"], done["state"]) == (0, "delivered"), done
    return done


def results(node, do, **fields):
    mark = node.mark()
    tag = node.post(do, **fields)
    node.wait("done", since=mark, tag=tag)
    return [event for event in node.events[mark:] if event.get("event") == "result" and event.get("tag") == tag]


def control_socket(node):
    sockets = [path for path in (node.host.folder / "run").glob("landline-*") if stat.S_ISSOCK(path.stat().st_mode)]
    assert len(sockets) == 1, sockets
    return sockets[0]


def makes_a_profile_once():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        assert len(anna.person) == 64 and len(anna.device) == 64
        other = Node(net.hosts[0], "Other")
        assert other.once("init", "--name", "Ev\u202ee\x07 ")[0]["name"] == other.once("id")[0]["name"]
        me = anna.once("id")[0]
        assert (me["person"], me["device"], me["name"]) == (anna.person, anna.device, "Anna"), me
        assert me["fingerprint"].replace(" ", "") == anna.person[:16], me
        assert "already" in expect(anna, 1, "init", "--name", "Again").stderr
        assert anna.once("id")[0]["person"] == anna.person
        for path in anna.profile.iterdir():
            assert path.stat().st_mode & 0o077 == 0 or path.name == "landline.lock", path


def refuses_wrong_usage():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        for command in (["sned", "Boris", "x"], ["send", "Boris"], ["id", "--loud"], ["init"], ["history"],
                        ["send", "Boris", "x", "--timeout", "soon"], ["run", "--port", "70000"], []):
            expect(anna, 2, *command)
        assert "--" in expect(anna, 2, "send", "Anna", "-5 degrees").stderr
        note(anna, "--", "-5 degrees")
        assert anna.texts("Anna") == ["-5 degrees"]
        assert "no text to send" in expect(anna, 2, "send", "Anna", "-").stderr
        assert "send-file" in expect(anna, 1, "send", "Anna", "x" * 70_000).stderr
        nobody = Node(net.hosts[0], "Nobody")
        assert "init --name" in expect(nobody, 1, "id").stderr


def says_that_there_is_no_such_person_or_message():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        for command in (["history", "Boris"], ["send", "Boris", "x", "--timeout", "1"], ["block", "Boris"],
                        ["verify", "0123456789"], ["edit", "00000000-0000000000000000-1", "x"],
                        ["delete", "nonsense"], ["accept", "0123456789abcdef"], ["search", "x", "--in", "Boris"]):
            expect(anna, 4, *command)
        anna.start("--no-discovery")
        advice = expect(anna, 4, "send", "Boris", "x", "--timeout", "1").stderr
        assert "on the other machine" in advice and "doctor" in advice, advice


def finds_people_whatever_the_case_of_their_name():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        assert json.loads(expect(anna, 0, "block", "boris").stdout)["person"] == boris.person
        expect(anna, 0, "unblock", "BORIS")
        # Where two differ in nothing else, case tells them apart.
        small = Node(net.hosts[0], "boris").init()
        small.start("--allow-all")
        anna.wait_online(small)
        for node in (boris, small):
            assert anna.once("verify", node.name)[0]["person"] == node.person
        expect(anna, 4, "verify", "BORIS")


def waits_as_long_as_it_is_told():
    with lan.Lan(1) as net:
        anna, boris = two(net, start=False)
        tag_of = {}
        anna.start("--allow-all")
        for timeout in (2_147_484, 1e12):  # more milliseconds than a timer counts
            tag_of[timeout] = anna.post("peers", wait=timeout)
        boris.start()
        for tag in tag_of.values():
            mark = anna.find("done", tag=tag)
            assert mark is None, mark
        boris.wait_online(anna)
        for tag in tag_of.values():
            anna.wait("done", tag=tag)
            assert anna.find("result", tag=tag, person=boris.person), tag


def refuses_a_second_program_on_the_profile():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        anna.start()
        second = expect(anna, 1, "run")
        assert anna.alive() and second.stdout == "", second.stdout
        assert "profile" in second.stderr.lower(), second.stderr


def hands_commands_to_the_running_node():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        sent = json.loads(expect(anna, 0, "send", "Boris", "by the socket").stdout)
        assert sent["state"] == "delivered", sent
        assert sorted(sent) == ["conversation", "message", "number", "state", "time"], sent
        boris.wait("message", text="by the socket", name="Anna", author=anna.person)
        anna.wait("delivered", message=sent["message"], person=boris.person)
        assert expect(boris, 0, "history", "Anna").stdout.count("by the socket") == 1
        peer = next(line for line in anna.once("peers") if line["person"] == boris.person)
        assert peer["name"] == "Boris" and peer["online"] and peer["path"] == "direct", peer
        assert [device["device"] for device in peer["devices"]] == [boris.device], peer
        assert not peer["verified"] and peer["address"], peer
        assert "Boris" in human(anna, "peers") and "by the socket" in human(anna, "history", "Boris")


def answers_on_standard_input():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        done = deliver(anna, boris.person[:8], "one")
        message = done["message"]
        boris.wait("message", message=message, text="one", kind="text")
        assert boris.find("message", message=message)["conversation"] == done["conversation"]
        lines = results(anna, "history", who="Boris")
        assert [line["text"] for line in lines] == ["one"], lines
        # Nonsense gets an error and ends nothing.
        for line in (b"hello\n", b"[1]\n", b"\xff\xfe\n", b"{\"do\":\"fly\",\"tag\":1}\n", b"{}\n"):
            mark = anna.mark()
            anna.process.stdin.write(line)
            answer = lan.wait_for(lambda: anna.find("error", mark) or anna.find("done", mark), 10, line)
            assert answer.get("code") in ("malformed", 2), answer
        mark = anna.mark()
        anna.process.stdin.write(b"x" * 2_000_000 + b"\n")
        assert anna.wait("error", since=mark)["code"] == "too-large"
        # The end of standard input ends nothing either.
        anna.process.stdin.close()
        assert expect(anna, 0, "send", "Boris", "still here").returncode == 0
        assert anna.stop() == 0


def keeps_a_message_until_the_other_side_is_there():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        anna.stop()
        boris.stop()
        late = expect(anna, 3, "send", "Boris", "for later", "--timeout", "0.5")
        assert json.loads(late.stdout)["state"] == "queued", late.stdout
        assert [message["state"] for message in anna.history("Boris")] == ["queued"]
        boris.start()
        # A node of the command's own delivers what is queued before its own text.
        expect(anna, 0, "send", "Boris", "and now", "--timeout", "20")
        assert [message["state"] for message in anna.history("Boris")] == ["delivered"] * 2
        assert boris.texts("Anna") == ["for later", "and now"]


def changes_messages():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        first = deliver(anna, "Boris", "frist")["message"]
        second = deliver(anna, "Boris", "secret word")["message"]
        assert json.loads(expect(anna, 0, "edit", first, "first").stdout)["edited"]
        expect(anna, 0, "delete", second)
        boris.wait("changed", message=first, text="first", edited=True)
        boris.wait("changed", message=second, deleted=True, text="")
        expect(boris, 0, "react", first, "👍")
        answer = json.loads(expect(boris, 0, "reply", first, "answer").stdout)
        assert answer["state"] == "delivered", answer
        anna.wait("message", message=answer["message"], reply_to=first, text="answer")
        found = lan.wait_for(lambda: anna.history("Boris")[0].get("reactions"), 10, "the reaction")
        assert found == [{"emoji": "👍", "persons": [boris.person]}], found
        expect(boris, 1, "edit", first, "not mine")
        expect(boris, 0, "read", "Anna")
        anna.wait("read", message=first, person=boris.person)
        assert [line["text"] for line in anna.once("search", "first")] == ["first"]
        assert anna.once("search", "secret") == []
        assert [line["text"] for line in anna.once("search", "answer", "--from", "Boris")] == ["answer"]
        assert anna.once("search", "answer", "--from", "Anna") == []
        assert anna.once("search", "answer", "--until", "1000") == []
        newest = anna.once("history", "Boris", "--limit", 1)
        assert [line["text"] for line in newest] == ["answer"], newest
        before = anna.once("history", "Boris", "--before", newest[0]["time"])
        assert [line["text"] for line in before] == ["first", ""], before


def pages_through_a_long_history():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        for number in range(1234):
            anna.post("send", to="Boris", text=f"message {number}")
        boris.wait("message", text="message 1233", timeout=60)
        texts = [f"message {number}" for number in range(1234)]
        assert boris.texts("Anna") == texts
        assert [line["text"] for line in boris.once("history", "Anna", "--limit", 1000)] == texts[-1000:]
        assert [line["text"] for line in boris.once("history", "Anna", "--limit", 501)] == texts[-501:]
        assert [line["text"] for line in boris.once("history", "Anna")] == texts[-100:]


def treats_strangers_as_requests_and_blocks():
    with lan.Lan(1) as net:
        anna, boris = (Node(net.hosts[0], name).init() for name in ("Anna", "Boris"))
        anna.start()
        boris.start()
        boris.wait_online(anna)
        expect(boris, 0, "send", "Anna", "hello, I am new", "--timeout", "20")
        assert anna.wait("message", text="hello, I am new")["request"]
        requests = anna.once("requests")
        assert [(line["name"], line["text"]) for line in requests] == [("Boris", "hello, I am new")], requests
        expect(anna, 0, "allow", "Boris")
        assert anna.once("requests") == []
        anna.wait_online(boris)
        lan.wait_for(lambda: boris.command("send", "Anna", "thanks", "--timeout", "20").returncode == 0, 30, "delivery")
        assert "request" not in anna.wait("message", text="thanks")
        expect(anna, 0, "block", "Boris")
        expect(boris, 3, "send", "Anna", "are you there?", "--timeout", "1")
        assert anna.find("message", text="are you there?") is None
        expect(anna, 0, "unblock", "Boris")
        expect(anna, 2, "unblock", "Boris")
        anna.wait("message", text="are you there?", timeout=70)


def verifies_by_the_safety_number():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        numbers = [one.once("verify", other.name)[0] for one, other in ((anna, boris), (boris, anna))]
        digits = [line["number"].replace(" ", "") for line in numbers]
        assert digits[0] == digits[1] and len(digits[0]) == 60 and digits[0].isdigit(), numbers
        assert not numbers[0]["verified"]
        assert anna.once("verify", "Boris", "--confirm")[0]["verified"]
        assert next(line for line in anna.once("peers") if line["person"] == boris.person)["verified"]
        assert not boris.once("verify", "Anna")[0]["verified"]
        expect(anna, 2, "verify", "Boris", "--confirm", "--withdraw")
        assert anna.once("verify", "Boris")[0]["verified"]
        assert not anna.once("verify", "Boris", "--withdraw")[0]["verified"]
        expect(anna, 2, "verify", "Anna", "--confirm")


def sends_files():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        source = net.hosts[0].folder / "a file.bin"
        source.write_bytes(os.urandom(3_000_000))
        inbox = net.hosts[0].folder / "inbox"
        inbox.mkdir()
        tag = anna.post("send-file", to="Boris", path=str(source), timeout=30)
        offer = boris.wait("offer", name="a file.bin", size=3_000_000)
        taken = json.loads(expect(boris, 0, "accept", offer["transfer"][:8], inbox).stdout)
        assert taken["state"] == "done" and taken["bytes"] == 3_000_000, taken
        done = anna.wait("done", tag=tag, timeout=30)
        assert (done["code"], done["state"], done["bytes"]) == (0, "done", 3_000_000) and done["seconds"] > 0, done
        path = pathlib.Path(boris.wait("file", transfer=offer["transfer"])["path"])
        assert path.parent == inbox and path.read_bytes() == source.read_bytes()
        assert [line["state"] for line in boris.once("transfers")] == ["done"]
        expect(anna, 2, "send-file", "Boris", source.parent / "none.bin")
        # An offer that nobody takes.
        expect(anna, 3, "send-file", "Boris", source, "--timeout", "0.5")
        waiting = next(line for line in anna.once("transfers") if line["state"] != "done")
        expect(anna, 0, "cancel", waiting["transfer"])


def waits_for_peers():
    with lan.Lan(1) as net:
        anna, boris = two(net, start=False)
        assert anna.once("peers", "--wait", "0.2") == []
        boris.start()
        seen = anna.once("peers", "--wait", "20")
        assert [(line["name"], line["person"], line["online"]) for line in seen] == [("Boris", boris.person, True)], seen
        expect(anna, 0, "send", "Boris", "never met before", "--timeout", "20")


def exports_and_restores():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        deliver(anna, "Boris", "to be kept")
        deliver(boris, "Anna", "and this")
        folder = net.hosts[0].folder
        expect(anna, 0, "export", folder / "export")
        lines = next((folder / "export").glob("Boris-*.jsonl")).read_text().splitlines()
        assert [json.loads(line)["text"] for line in lines] == ["to be kept", "and this"], lines
        assert "to be kept" in next((folder / "export").glob("Boris-*.txt")).read_text()

        secret = folder / "secret"
        secret.write_text("correct horse\n")
        backup = folder / "anna.backup"
        expect(anna, 0, "backup", backup, "--passphrase-file", secret)
        assert backup.stat().st_mode & 0o777 == 0o600
        assert "in the clear" in human(anna, "backup", folder / "open.backup")
        assert b"to be kept" in (folder / "open.backup").read_bytes()
        assert b"to be kept" not in backup.read_bytes()
        expect(anna, 2, "backup", backup)
        anna.stop()
        again = Node(net.hosts[0], "Anna again")
        expect(again, 1, "restore", backup)
        restored = again.once("restore", backup, "--passphrase-file", secret)[0]
        assert restored["person"] == anna.person and restored["device"] != anna.device, restored
        again.person, again.device = restored["person"], restored["device"]
        assert again.texts("Boris") == ["to be kept", "and this"]
        again.start("--allow-all")
        boris.wait("peer", person=anna.person, online=True)
        deliver(again, "Boris", "from the new device")
        boris.wait("message", text="from the new device", author=anna.person, device=again.device)


def seals_its_keys():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        anna.environment = {"LANDLINE_NEW_PASSPHRASE": "correct horse"}
        assert anna.once("passphrase")[0]["sealed"]
        anna.environment = {}
        assert "passphrase" in expect(anna, 1, "id").stderr
        anna.environment = {"LANDLINE_PASSPHRASE": "wrong"}
        expect(anna, 1, "id")
        anna.environment = {"LANDLINE_PASSPHRASE": "correct horse"}
        assert anna.once("id")[0]["device"] == anna.device
        assert "no new passphrase" in expect(anna, 2, "passphrase").stderr  # standard input is empty
        anna.start()
        anna.environment["LANDLINE_NEW_PASSPHRASE"] = "another"
        assert "already running" in expect(anna, 1, "passphrase").stderr
        anna.stop()
        assert not anna.once("passphrase", "--remove")[0]["sealed"]
        anna.environment = {}
        assert anna.once("id")[0]["device"] == anna.device


def says_something_when_it_is_done():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        message = note(anna, "a note")["message"]
        note(anna, "another note")
        assert "2 messages" in human(anna, "export", net.hosts[0].folder / "out")
        for command in (["read", "Anna"], ["delete", message], ["presence", "away"]):
            assert human(anna, *command).strip(), command
        assert len(anna.once("search", "note", "--limit", 0)) == 1
        usage = human(anna, "send", "--help")
        assert "send WHO TEXT" in usage and "export DIR" not in usage, usage


def tells_why():
    with lan.Lan(1) as net:
        anna, boris = two(net)
        checks = {line["check"]: line for line in anna.once("doctor", "Boris")}
        for name in ("listening", "discovery-port", "broadcast", "their-beacon", "connection", "clock", "beacons"):
            assert checks[name]["ok"], checks[name]
        boris.stop()
        checks = {line["check"]: line for line in anna.once("doctor", "Boris")}
        assert not checks["connection"]["ok"] and checks["connection"]["advice"], checks["connection"]
        expect(anna, 4, "doctor", "Nobody")
        anna.stop()
        blocker = anna.host.popen(sys.executable, "-c", "import socket,sys\ns=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                                  "s.bind(('',47474))\nprint('bound',flush=True)\nsys.stdin.read()",
                                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert blocker.stdout.readline() == b"bound\n"
        checks = {line["check"]: line for line in anna.once("doctor")}
        assert not checks["discovery-port"]["ok"], checks
        assert f"process {blocker.pid})" in checks["discovery-port"]["found"], checks["discovery-port"]
        blocker.stdin.close()
        blocker.wait(10)


def guards_the_socket():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        anna.start()
        path = control_socket(anna)
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, oct(path.stat().st_mode)

        def talk(data):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            client.connect(str(path))
            try:
                client.sendall(data)
            except BrokenPipeError:
                pass
            answer = b""
            try:
                while piece := client.recv(65536):
                    answer += piece
            except ConnectionResetError:
                pass
            return answer

        assert json.loads(talk(b"garbage\n"))["code"] == "malformed"
        assert json.loads(talk(b"\x00" * 1_500_000 + b"\n"))["code"] == "too-large"
        silent = []
        for _ in range(40):
            client = socket.socket(socket.AF_UNIX)
            client.settimeout(20)
            client.connect(str(path))
            silent.append(client)
        refused = [client for client in silent[32:] if json.loads(client.recv(65536))["code"] == "full"]
        assert len(refused) == 8
        for client in silent:
            client.close()
        lan.wait_for(lambda: anna.command("id").returncode == 0, 10, "room for another client")
        # A socket left behind by a program that was killed is no obstacle.
        anna.kill()
        assert path.exists()
        assert anna.once("id")[0]["person"] == anna.person
        anna.start()
        assert anna.once("id")[0]["port"] == anna.port


def taken(host, port):
    """A program on the host that keeps a TCP port to itself; ends with its standard input."""
    holder = host.popen(sys.executable, "-c", "import socket,sys\ns=socket.socket(socket.AF_INET6)\n"
                        f"s.bind(('::',{port}))\ns.listen()\nprint('bound',flush=True)\nsys.stdin.read()",
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"bound\n"
    return holder


def says_that_a_port_is_taken():
    with lan.Lan(1) as net:
        anna, boris = (Node(net.hosts[0], name).init() for name in ("Anna", "Boris"))
        holders = [taken(net.hosts[0], 4711), taken(net.hosts[0], 47474)]
        refused = expect(anna, 1, "run", "--port", "4711")
        assert "Port 4711 " in refused.stderr and "another port" in refused.stderr, refused.stderr
        assert '"ready"' not in refused.stdout, refused.stdout
        # Where no port was asked for any free one does.
        for node in (anna, boris):
            node.start("--allow-all")
            assert node.port not in (0, 4711, 47474), node.port
            assert node.find("error") is None, node.find("error")
        anna.wait_online(boris)
        deliver(anna, "Boris", "by another port")
        for holder in holders:
            holder.stdin.close()
            holder.wait(10)


def adds_somebody_by_a_link():
    with lan.Lan(2) as net:
        anna, boris = (Node(host, name).init() for host, name in zip(net.hosts, ("Anna", "Boris")))
        for node in (anna, boris):
            node.start("--no-discovery")
        link = boris.once("contact", "link")[0]["link"]
        assert human(boris, "contact", "link").strip() == link
        assert f"at={net.hosts[1].ipv4}:{boris.port}" in link, link
        expect(anna, 4, "send", "Boris", "not yet")
        added = json.loads(expect(anna, 0, "contact", "add", link).stdout)
        assert (added["name"], added["person"], added["online"], added["standing"]) == \
            ("Boris", boris.person, True, "accepted"), added
        deliver(anna, "Boris", "found you")
        assert boris.wait("message", text="found you")["request"]
        # To the one who gave the link the other is a stranger still, until there is an answer.
        deliver(boris, "Anna", "welcome")
        assert "is your own link" in expect(anna, 2, "contact", "add",
                                            anna.once("contact", "link")[0]["link"]).stderr
        assert "no contact link" in expect(anna, 1, "contact", "add", link[:100]).stderr
        # What was added is dialled again after a restart.
        anna.stop()
        anna.start("--no-discovery")
        deliver(anna, "Boris", "again")


def ends_cleanly():
    with lan.Lan(1) as net:
        for number in (signal.SIGINT, signal.SIGTERM):
            anna = Node(net.hosts[0], f"Anna {number}").init()
            anna.start()
            anna.signal(number)
            assert anna.process.wait(10) == 0
            anna.process = None
            assert not list((anna.host.folder / "run").glob("landline-*"))


TESTS = [makes_a_profile_once, refuses_wrong_usage, says_that_there_is_no_such_person_or_message,
         refuses_a_second_program_on_the_profile, hands_commands_to_the_running_node, answers_on_standard_input,
         keeps_a_message_until_the_other_side_is_there, changes_messages, pages_through_a_long_history,
         treats_strangers_as_requests_and_blocks, verifies_by_the_safety_number, waits_for_peers, exports_and_restores,
         ends_cleanly, sends_files, seals_its_keys, says_something_when_it_is_done, tells_why, guards_the_socket,
         finds_people_whatever_the_case_of_their_name, waits_as_long_as_it_is_told,
         says_that_a_port_is_taken, adds_somebody_by_a_link]

if __name__ == "__main__":
    # Behind the folder of the programs: names of single tests.
    names = sys.argv[2:]
    lan.main(*[test for test in TESTS if not names or test.__name__ in names])
