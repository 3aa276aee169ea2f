#!/usr/bin/env python3
"""The command line's contract, with real programs in a network namespace of their own: a profile, its commands, the
control socket and standard input. What people do with each other is in cli_talk_test.py."""
import contextlib
import json
import pathlib
import signal
import socket
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[2] / "support"))
from node import Node, lan, neighbours  # noqa: E402


def note(node, *text):
    """Writes to oneself, without waiting for anybody."""
    result = node.command("send", node.name, "--timeout", 0, *text)
    assert result.returncode in (0, 3), result.stderr
    return json.loads(result.stdout)


def results(node, do, **fields):
    mark = node.mark()
    tag = node.post(do, **fields)
    node.wait("done", since=mark, tag=tag)
    return [event for event in node.events[mark:] if event.get("event") == "result" and event.get("tag") == tag]


def control_socket(node):
    sockets = [path for path in (node.host.folder / "run").glob("landline-*") if stat.S_ISSOCK(path.stat().st_mode)]
    assert len(sockets) == 1, sockets
    return sockets[0]


@contextlib.contextmanager
def taken(host, port, udp=False):
    """A program on the host keeps the port to itself."""
    hold = (f"s=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\ns.bind(('',{port}))" if udp else
            f"s=socket.socket(socket.AF_INET6)\ns.bind(('::',{port}))\ns.listen()")
    holder = host.popen(sys.executable, "-c", f"import socket,sys\n{hold}\nprint('bound',flush=True)\nsys.stdin.read()",
                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert holder.stdout.readline() == b"bound\n"
    try:
        yield holder
    finally:
        holder.stdin.close()
        holder.wait(10)


def makes_a_profile_once():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        assert len(anna.person) == 64 and len(anna.device) == 64
        other = Node(net.hosts[0], "Other")
        assert other.once("init", "--name", "Ev\u202ee\x07 ")[0]["name"] == other.once("id")[0]["name"]
        me = anna.once("id")[0]
        assert (me["person"], me["device"], me["name"]) == (anna.person, anna.device, "Anna"), me
        assert me["fingerprint"].replace(" ", "") == anna.person[:16], me
        assert "already" in anna.expect(1, "init", "--name", "Again").stderr
        assert anna.once("id")[0]["person"] == anna.person
        for path in anna.profile.iterdir():
            assert path.stat().st_mode & 0o077 == 0 or path.name == "landline.lock", path


def refuses_wrong_usage():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        for command in (["sned", "Boris", "x"], ["send", "Boris"], ["id", "--loud"], ["init"], ["history"],
                        ["send", "Boris", "x", "--timeout", "soon"], ["run", "--port", "70000"], []):
            anna.expect(2, *command)
        assert "--" in anna.expect(2, "send", "Anna", "-5 degrees").stderr
        note(anna, "--", "-5 degrees")
        assert anna.texts("Anna") == ["-5 degrees"]
        assert "no text to send" in anna.expect(2, "send", "Anna", "-").stderr
        assert "send-file" in anna.expect(1, "send", "Anna", "x" * 70_000).stderr
        nobody = Node(net.hosts[0], "Nobody")
        assert "init --name" in nobody.expect(1, "id").stderr


def says_that_there_is_no_such_person_or_message():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        for command in (["history", "Boris"], ["send", "Boris", "x", "--timeout", "1"], ["block", "Boris"],
                        ["verify", "0123456789"], ["edit", "00000000-0000000000000000-1", "x"],
                        ["delete", "nonsense"], ["accept", "0123456789abcdef"], ["search", "x", "--in", "Boris"]):
            anna.expect(4, *command)
        anna.start("--no-discovery")
        advice = anna.expect(4, "send", "Boris", "x", "--timeout", "1").stderr
        assert "on the other machine" in advice and "doctor" in advice, advice


def refuses_a_second_program_on_the_profile():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        anna.start()
        second = anna.expect(1, "run")
        assert anna.alive() and second.stdout == "", second.stdout
        assert "profile" in second.stderr.lower(), second.stderr


def hands_commands_to_the_running_node():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        sent = json.loads(anna.expect(0, "send", "Boris", "by the socket").stdout)
        assert sent["state"] == "delivered", sent
        assert sorted(sent) == ["conversation", "message", "number", "state", "time"], sent
        boris.wait("message", text="by the socket", name="Anna", author=anna.person)
        anna.wait("delivered", message=sent["message"], person=boris.person)
        assert boris.expect(0, "history", "Anna").stdout.count("by the socket") == 1
        peer = next(line for line in anna.once("peers") if line["person"] == boris.person)
        assert peer["name"] == "Boris" and peer["online"] and peer["path"] == "direct", peer
        assert [device["device"] for device in peer["devices"]] == [boris.device], peer
        assert not peer["verified"] and peer["address"], peer
        assert "Boris" in anna.human("peers") and "by the socket" in anna.human("history", "Boris")


def answers_on_standard_input():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        done = anna.deliver(boris.person[:8], "one")
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
        assert anna.expect(0, "send", "Boris", "still here").returncode == 0
        assert anna.stop() == 0


def seals_its_keys():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        anna.environment = {"LANDLINE_NEW_PASSPHRASE": "correct horse"}
        assert anna.once("passphrase")[0]["sealed"]
        anna.environment = {}
        assert "passphrase" in anna.expect(1, "id").stderr
        anna.environment = {"LANDLINE_PASSPHRASE": "wrong"}
        anna.expect(1, "id")
        anna.environment = {"LANDLINE_PASSPHRASE": "correct horse"}
        assert anna.once("id")[0]["device"] == anna.device
        assert "no new passphrase" in anna.expect(2, "passphrase").stderr  # standard input is empty
        anna.start()
        anna.environment["LANDLINE_NEW_PASSPHRASE"] = "another"
        assert "already running" in anna.expect(1, "passphrase").stderr
        anna.stop()
        assert not anna.once("passphrase", "--remove")[0]["sealed"]
        anna.environment = {}
        assert anna.once("id")[0]["device"] == anna.device


def says_something_when_it_is_done():
    with lan.Lan(1) as net:
        anna = Node(net.hosts[0], "Anna").init()
        message = note(anna, "a note")["message"]
        note(anna, "another note")
        assert "2 messages" in anna.human("export", net.hosts[0].folder / "out")
        for command in (["read", "Anna"], ["delete", message], ["presence", "away"]):
            assert anna.human(*command).strip(), command
        assert len(anna.once("search", "note", "--limit", 0)) == 1
        usage = anna.human("send", "--help")
        assert "send WHO TEXT" in usage and "export DIR" not in usage, usage


def tells_why():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net)
        checks = {line["check"]: line for line in anna.once("doctor", "Boris")}
        for name in ("listening", "discovery-port", "broadcast", "their-beacon", "connection", "clock", "beacons"):
            assert checks[name]["ok"], checks[name]
        boris.stop()
        checks = {line["check"]: line for line in anna.once("doctor", "Boris")}
        assert not checks["connection"]["ok"] and checks["connection"]["advice"], checks["connection"]
        anna.expect(4, "doctor", "Nobody")
        anna.stop()
        with taken(anna.host, 47474, udp=True) as holder:
            checks = {line["check"]: line for line in anna.once("doctor")}
            assert not checks["discovery-port"]["ok"], checks
            assert f"process {holder.pid})" in checks["discovery-port"]["found"], checks["discovery-port"]


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


def says_that_a_port_is_taken():
    with lan.Lan(1) as net:
        anna, boris = neighbours(net, start=False)
        with taken(net.hosts[0], 4711), taken(net.hosts[0], 47474):
            refused = anna.expect(1, "run", "--port", "4711")
            assert "Port 4711 " in refused.stderr and "another port" in refused.stderr, refused.stderr
            assert '"ready"' not in refused.stdout, refused.stdout
            # Where no port was asked for any free one does.
            for node in (anna, boris):
                node.start()
                assert node.port not in (0, 4711, 47474), node.port
                assert node.find("error") is None, node.find("error")
            anna.wait_online(boris)
            anna.deliver("Boris", "by another port")


def ends_cleanly():
    with lan.Lan(1) as net:
        for number in (signal.SIGINT, signal.SIGTERM):
            anna = Node(net.hosts[0], f"Anna {number}").init()
            anna.start()
            anna.signal(number)
            assert anna.process.wait(10) == 0
            anna.process = None
            assert not list((anna.host.folder / "run").glob("landline-*"))


if __name__ == "__main__":
    lan.main(makes_a_profile_once, refuses_wrong_usage, says_that_there_is_no_such_person_or_message,
             refuses_a_second_program_on_the_profile, hands_commands_to_the_running_node, answers_on_standard_input,
             seals_its_keys, says_something_when_it_is_done, tells_why, guards_the_socket, says_that_a_port_is_taken,
             ends_cleanly)
