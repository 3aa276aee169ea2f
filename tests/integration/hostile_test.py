#!/usr/bin/env python3
"""What a machine on the network may throw at every port of a running node: garbage, half-open and slow connections by
the thousand, forged beacons. The node stays within its bounds, and people go on talking."""
import contextlib
import os
import pathlib
import subprocess
import sys
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from node import lan, people, start_together  # noqa: E402

PREFACE = b"LNDL\x01\x01\x01\x00"
UNAUTHENTICATED = 64  # limits::kUnauthenticatedConnections
LINGERING = 64  # limits::kLingeringLinks
MOST_MEMORY = 24 * 1024 * 1024

# Runs on the hostile machine: as many connections as asked, from several addresses, with what is to be said on each, all at
# once or byte by byte, until it is killed. Reports how many it believes to stand.
FLOOD = r"""
import socket, sys, time
host, port, count, slow = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), sys.argv[4] == "slow"
said = bytes.fromhex(sys.argv[5]); sources = sys.argv[6:]
live = {}
def dial(number):
    s = socket.socket(); s.setblocking(False); s.bind((sources[number % len(sources)], 0))
    s.connect_ex((host, port)); live[s] = 0
for number in range(count): dial(number)
while True:
    for s in list(live):
        at = live[s]
        if at < len(said):
            try: live[s] += s.send(said[at:at + 1] if slow else said[at:])
            except BlockingIOError: pass
            except OSError: s.close(); del live[s]; continue
        try:
            if s.recv(65536) == b"": s.close(); del live[s]
        except BlockingIOError: pass
        except OSError: s.close(); del live[s]
    print(len(live), flush=True)
    time.sleep(0.02)
"""


def memory(node):
    """Resident bytes of the node."""
    for line in pathlib.Path(f"/proc/{node.process.pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    raise AssertionError("no VmRSS")


def descriptors(node):
    return len(os.listdir(f"/proc/{node.process.pid}/fd"))


@contextlib.contextmanager
def flood(host, target, port, count, said=b"", slow=False):
    """Keeps the connections up while the block runs; gives a function that tells how many stand at the target. The hostile
    side may believe in more: what its target's kernel answered with a cookie and then had no room for, it never hears of."""
    sources = [host.ipv4]
    for number in range(20):
        sources.append(f"10.77.9.{number + 1}")
        host.run("ip", "addr", "replace", f"{sources[-1]}/16", "dev", "eth0")
    process = host.popen(sys.executable, "-c", FLOOD, target.ipv4, str(port), str(count), "slow" if slow else "fast",
                         said.hex(), *sources, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
    seen = []

    def standing():
        listing = target.run("ss", "-Htn", "state", "established", f"sport = :{port}").stdout
        peers = [line.split()[3].rsplit(":", 1)[0] for line in listing.splitlines()]
        return sum(peer.strip("[]").removeprefix("::ffff:") in sources for peer in peers)

    def read():
        for line in process.stdout:
            seen.append(int(line))

    threading.Thread(target=read, daemon=True).start()
    lan.wait_for(lambda: len(seen) > 5, 30, "the flood")
    lan.wait_for(standing, 30, "a connection of the flood")
    try:
        yield standing
    finally:
        process.kill()
        process.wait()


def three(net):
    """Anna and Boris talk; the third host is hostile."""
    return start_together(*people(net, "Anna", "Boris")), net.hosts[2]


def still_talk(anna, boris, text):
    for one, other in ((anna, boris), (boris, anna)):
        message = one.send(other.name, text)["message"]
        one.wait("delivered", message=message, person=other.person)


def bounds_half_open_and_slow_connections():
    frame = PREFACE + b"\x04\x00" + b"x" * 1023  # all but the last byte of the longest first frame
    for name, said, slow in (("silent", b"", False), ("half a frame", frame, False), ("drop by drop", frame, True)):
        with lan.Lan(3) as net:
            (anna, boris), mallory = three(net)
            files, resident = descriptors(anna), memory(anna)
            with flood(mallory, net.hosts[0], anna.port, 600, said, slow) as standing:
                lan.wait_for(lambda: standing() <= UNAUTHENTICATED, 30, lambda: f"{name}: {standing()} stand")
                assert descriptors(anna) <= files + UNAUTHENTICATED + LINGERING, descriptors(anna)
                still_talk(anna, boris, name)
                # Somebody who comes now gets in all the same.
                boris.stop()
                mark = anna.mark()
                boris.start()
                anna.wait_online(boris, since=mark)
                still_talk(anna, boris, name + " again")
                assert memory(anna) <= resident + MOST_MEMORY, (name, memory(anna) - resident)
                # None of them may stay, however slowly it speaks.
                lan.wait_for(lambda: standing() == 0, 30, lambda: f"{name}: {standing()} stand")


def takes_garbage_on_every_port():
    with lan.Lan(3) as net:
        (anna, boris), mallory = three(net)
        resident = memory(anna)
        listing = net.hosts[0].run("ss", "-Hlunp").stdout
        ports = {int(line.split()[3].rsplit(":", 1)[1]) for line in listing.splitlines()}
        assert 47474 in ports and len(ports) > 1, listing
        throw = ("import os,random,socket,sys\n"
                 "r=random.Random(1); host,port,ports=sys.argv[1],int(sys.argv[2]),list(map(int,sys.argv[3:]))\n"
                 "u=socket.socket(socket.AF_INET,socket.SOCK_DGRAM)\n"
                 "for i in range(20000): u.sendto(r.randbytes(r.randrange(1,1400)),(host,r.choice(ports)))\n"
                 "for i in range(20000): u.sendto(b'LND\\x01\\x01\\x00'+r.randbytes(r.randrange(100,190)),"
                 "(host,r.choice(ports)))\n"
                 "for i in range(300):\n"
                 "    s=socket.create_connection((host,port),5); s.settimeout(5)\n"
                 "    try:\n"
                 "        s.sendall(r.choice([b'',b'LNDL\\x01\\x01\\x01\\x00',b'GET / HTTP/1.1\\r\\n\\r\\n'])"
                 "+r.randbytes(r.randrange(1,4000)))\n"
                 "        s.shutdown(socket.SHUT_WR)\n"
                 "        while s.recv(65536): pass\n"
                 "    except OSError: pass\n"
                 "    s.close()\n")
        mallory.run(sys.executable, "-c", throw, net.hosts[0].ipv4, str(anna.port), *map(str, sorted(ports)),
                    timeout=120)
        still_talk(anna, boris, "after the garbage")
        assert memory(anna) <= resident + MOST_MEMORY, memory(anna) - resident
        assert [line["name"] for line in anna.once("peers")] == ["Boris"]
        # And whoever comes new is found as before.
        boris.stop()
        mark = anna.mark()
        boris.start()
        anna.wait_online(boris, since=mark)


if __name__ == "__main__":
    lan.main(bounds_half_open_and_slow_connections, takes_garbage_on_every_port)
