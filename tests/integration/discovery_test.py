#!/usr/bin/env python3
"""People who start on one network see each other without any set-up."""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import Node, lan, people, start_together  # noqa: E402


def sees_each_other_on_one_network():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna", "Boris")
        anna.start()
        boris.start()
        for one, other in ((anna, boris), (boris, anna)):
            seen = one.wait_online(other, timeout=10)
            print(f"   {one.name} saw {other.name} {seen['at'] - boris.ready_at:.2f} s after the last was ready")
            assert seen["name"] == other.name, seen


def sees_each_other_over_ipv6_only():
    with lan.Lan(2, ipv4=False) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        address = anna.find("peer", person=boris.person, online=True)["address"]
        assert "fe80" in address, address


def two_people_on_one_machine_see_each_other():
    with lan.Lan(1) as net:
        host = net.hosts[0]
        anna, boris = Node(host, "Anna").init(), Node(host, "Boris").init()
        for node in (anna, boris):
            node.arguments = ["--allow-all"]
        start_together(anna, boris)
        assert anna.port != boris.port
        anna.do("send", to="Boris", text="on the same machine", timeout=20)
        boris.wait("message", text="on the same machine")


def two_people_on_one_machine_without_network_see_each_other():
    with lan.Lan(1) as net:
        host = net.hosts[0]
        host.link(False)
        anna, boris = Node(host, "Anna").init(), Node(host, "Boris").init()
        start_together(anna, boris)


def a_leaving_person_goes_offline_at_once():
    with lan.Lan(2) as net:
        anna, boris = start_together(*people(net, "Anna", "Boris"))
        mark = anna.mark()
        assert boris.stop() == 0
        anna.wait("peer", since=mark, person=boris.person, online=False, timeout=5)


def an_invisible_person_is_not_seen_by_newcomers():
    with lan.Lan(3) as net:
        anna, boris, clara = people(net, "Anna", "Boris", "Clara")
        start_together(anna, boris)
        mark = boris.mark()
        anna.do("presence", state="invisible")
        boris.wait("peer", since=mark, person=anna.person, presence="offline", timeout=10)
        clara.start()
        clara.wait_online(boris, timeout=10)
        known = {peer["person"] for peer in clara.once("peers")}
        assert boris.person in known and anna.person not in known, known


def fifty_people_see_each_other():
    with lan.Lan(50) as net:
        nodes = people(net, *(f"Person {number}" for number in range(1, 51)))
        for node in nodes:
            node.start(ready=None)
        for node in nodes:
            node.wait("ready", timeout=60)
        last_ready = max(node.find("ready")["at"] for node in nodes)
        last_seen = 0
        for node in nodes:
            for other in nodes:
                if other is not node:
                    last_seen = max(last_seen, node.wait_online(other, timeout=60)["at"])
        print(f"   everyone saw everyone {last_seen - last_ready:.2f} s after the last was ready")


if __name__ == "__main__":
    lan.main(sees_each_other_on_one_network, sees_each_other_over_ipv6_only, two_people_on_one_machine_see_each_other,
             two_people_on_one_machine_without_network_see_each_other, a_leaving_person_goes_offline_at_once,
             an_invisible_person_is_not_seen_by_newcomers, fifty_people_see_each_other)
