#!/usr/bin/env python3
"""The doctor tells which side's firewall lets nobody in, and that versions do not fit."""
import pathlib
import re
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import lan, people, start_together  # noqa: E402


def checks(node, who):
    return {line["check"]: line for line in node.once("doctor", who)}


def drop_incoming_connections(host):
    """As a firewall does: what others begin is dropped without a word, what was begun from here goes on."""
    host.run("iptables", "-w", "-I", "INPUT", "-p", "tcp", "--syn", "!", "-i", "lo", "-j", "DROP")
    host.run("ip6tables", "-w", "-I", "INPUT", "-p", "tcp", "--syn", "!", "-i", "lo", "-j", "DROP")


def tells_that_both_ways_are_open():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        for node, other in ((anna, "Boris"), (boris, "Anna")):
            found = checks(node, other)
            for name in ("connection", "to-them", "from-them", "version"):
                assert found[name]["ok"], found[name]
            assert "reach this machine" in found["from-them"]["found"], found["from-them"]
            assert re.search(r"version (1\.\d+) .*speaks \1\.$", found["version"]["found"]), found["version"]


def tells_whose_firewall_lets_nobody_in():
    for closed in (0, 1):
        with lan.Lan(2) as net:
            drop_incoming_connections(net.hosts[closed])
            nodes = start_together(*people(net, "Anna", "Boris"))
            behind, free = nodes[closed], nodes[1 - closed]
            # Who is behind the firewall is reached by nobody, and is told to open the port.
            found = checks(behind, free.name)
            assert found["connection"]["ok"] and found["to-them"]["ok"], found
            assert not found["from-them"]["ok"] and f"TCP port {behind.port}" in found["from-them"]["advice"], found
            # The other sees that it is the other's.
            found = checks(free, behind.name)
            assert found["connection"]["ok"] and found["from-them"]["ok"], found
            assert not found["to-them"]["ok"] and behind.name in found["to-them"]["advice"], found
            # And they can talk.
            message = free.send(behind.name, "through")["message"]
            free.wait("delivered", message=message, person=behind.person)


def asks_again_only_after_a_while():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        assert checks(anna, "Boris")["from-them"]["ok"]
        # What was found out a moment ago still holds: the other side would not heed a second request.
        assert checks(anna, "Boris")["from-them"]["ok"]


def tells_of_another_version():
    with lan.Lan(2) as net:
        anna, _ = people(net, "Anna", "Boris")
        anna.start()
        newer = net.hosts[1].run(sys.executable, "-c", "import socket\n"
                                 f"s=socket.create_connection(('{net.hosts[0].ipv4}',{anna.port}))\n"
                                 "s.sendall(b'LNDL\\x02\\x01\\x01\\x00')\nprint(s.recv(99).hex())")
        assert newer.stdout.strip() == "4c4e444c01000100", newer.stdout
        warning = anna.wait("error", code="warning")["text"]
        assert "version 2" in warning and net.hosts[1].ipv4 in warning, warning
        node = [line for line in anna.once("doctor") if line["check"] == "node"]
        assert len(node) == 1 and node[0]["found"] == warning and not node[0]["ok"], node


if __name__ == "__main__":
    lan.main(tells_that_both_ways_are_open, tells_whose_firewall_lets_nobody_in, asks_again_only_after_a_while,
             tells_of_another_version)
