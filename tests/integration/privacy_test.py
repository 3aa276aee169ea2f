#!/usr/bin/env python3
"""What somebody on the network can read: a beacon's listed fields, and nothing of what people say."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import lan, people, start_together  # noqa: E402

DISCOVERY = 47474
GOODBYE = 4  # the kind of a beacon
TEXT = "the cake is in the blue cupboard"
STATUS = "gone fishing until Thursday"
FILE_NAME = "plan of the cellar.txt"
FILE_TEXT = b"seven steps down, then left. " * 4000


def parse_beacon(datagram):
    """The fields of a beacon by PROTOCOL.md, section 4; fails if there is anything else in it."""
    magic, version, kind, flags, port, period, instance, counter = struct.unpack_from("!3sBBBHHQQ", datagram)
    device, person, length = datagram[26:58], datagram[58:66], datagram[66]
    assert magic == b"LND" and version == 1 and kind in (1, 2, 3, 4) and flags == 0, datagram[:6]
    assert len(datagram) == 67 + length + 64 and length <= 64, len(datagram)
    assert 20 <= period <= 120, period
    return {"kind": kind, "port": port, "device": device.hex(), "hint": person.hex(),
            "name": datagram[67:67 + length].decode(), "instance": instance, "counter": counter}


def shows_nothing_but_beacons_to_the_network():
    with lan.Lan(2) as net:
        anna, boris = people(net, "Anna Fromageot", "Boris Zwetschge")
        boris.arguments = ["--allow-all", "--accept-files", str(boris.host.folder / "inbox")]
        source = anna.host.folder / FILE_NAME
        source.write_bytes(FILE_TEXT)
        with lan.Capture(net.hosts[0]) as capture:
            start_together(anna, boris)
            anna.do("presence", state="busy", text=STATUS)
            boris.wait("peer", person=anna.person, status=STATUS)
            done = anna.send(boris.person, TEXT)
            anna.wait("delivered", message=done["message"])
            answer = boris.send(anna.person, TEXT[::-1])
            boris.wait("delivered", message=answer["message"])
            anna.once("send-file", boris.person, source, "--timeout", 60)
            boris.wait("file", timeout=30)
            anna.stop()
            boris.stop()

        beacons = [payload for _, destination, payload in capture.datagrams()
                   if destination == DISCOVERY or payload[:3] == b"LND"]
        parsed = [parse_beacon(beacon) for beacon in beacons]
        by_device = {beacon["device"]: beacon for beacon in parsed}
        assert set(by_device) == {anna.device, boris.device}, by_device
        for node in (anna, boris):
            beacon = by_device[node.device]
            assert beacon["name"] == node.name and beacon["port"] == node.port, beacon
            assert beacon["hint"] == node.person[:16], beacon
        others = [payload for _, _, payload in capture.datagrams() if payload not in set(beacons)]
        assert not any(b"LND" in payload or b"Anna" in payload for payload in others), others

        streams = [stream for _, stream in capture.streams()]
        assert sum(map(len, streams)) > len(FILE_TEXT), "the session was not captured"
        secrets = {"text": TEXT, "answer": TEXT[::-1], "status": STATUS, "file name": FILE_NAME,
                   "a name": "Fromageot", "another name": "Zwetschge"}
        needles = {what: text.encode() for what, text in secrets.items()}
        needles.update({f"{what} in UTF-16": text.encode("utf-16-le") for what, text in secrets.items()})
        needles["file"] = FILE_TEXT[:29]
        for node in (anna, boris):
            needles[f"person key of {node.name}"] = bytes.fromhex(node.person)
            needles[f"device key of {node.name}"] = bytes.fromhex(node.device)
        for what, needle in needles.items():
            assert not any(needle in stream for stream in streams), f"a session shows: {what}"
        # The same needles are found where they are sent in the clear: the search itself works.
        assert any(b"Fromageot" in beacon for beacon in beacons)
        print(f"   {len(beacons)} beacons, {len(streams)} streams of {sum(map(len, streams))} bytes")


def an_invisible_person_sends_no_beacon():
    """Neither by themselves nor as an answer to newcomers, who would get one from everybody else."""
    with lan.Lan(4) as net:
        anna, boris, clara, dai = people(net, "Anna", "Boris", "Clara", "Dai")
        start_together(anna, boris)
        mark = boris.mark()
        anna.do("presence", state="invisible")
        boris.wait("peer", since=mark, person=anna.person, presence="offline", timeout=10)
        with lan.Capture(net.hosts[0]) as capture:
            for newcomer in (clara, dai):
                newcomer.start()
                newcomer.wait_online(boris, timeout=10)
            dai.wait_online(clara, timeout=10)
            clara.stop()
            dai.wait("peer", person=clara.person, online=False, timeout=10)
        beacons = [parse_beacon(payload) for _, _, payload in capture.datagrams() if payload[:3] == b"LND"]
        seen = {beacon["device"] for beacon in beacons}
        # Anna's port hears the newcomers, and would have shown what she sends.
        assert {clara.device, dai.device} <= seen, seen
        assert all(beacon["kind"] == GOODBYE for beacon in beacons if beacon["device"] == anna.device), beacons
        for newcomer in (clara, dai):
            assert not newcomer.find("peer", person=anna.person, online=True)


if __name__ == "__main__":
    lan.main(shows_nothing_but_beacons_to_the_network, an_invisible_person_sends_no_beacon)
