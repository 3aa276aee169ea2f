#!/usr/bin/env python3
"""Fifty namespaces on one bridge: how long after the last is ready everyone sees everyone. Prints one figure."""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import lan, people  # noqa: E402

PEOPLE = 50


def all_see_all():
    with lan.Lan(PEOPLE) as net:
        nodes = people(net, *(f"Person {number}" for number in range(1, PEOPLE + 1)))
        for node in nodes:
            node.start(ready=None)
        ready = max(node.wait("ready", timeout=60)["at"] for node in nodes)
        seen = max(node.wait_online(other, timeout=60)["at"]
                   for node in nodes for other in nodes if other is not node)
        print(json.dumps({"name": "fifty.all-see-all", "value": max(0, seen - ready), "unit": "s"}))


if __name__ == "__main__":
    lan.main(all_see_all)
