"""A local network inside one process's own namespaces: hosts on one bridge, with real broadcast, IPv6 link-local
addresses, loss, cut links and captured packets. Nothing of it touches the machine's real interfaces, and no root is
needed: the whole test re-executes itself in a user, network and mount namespace of its own.

    import lan
    def test():
        with lan.Lan(hosts=2) as net:
            net.hosts[0].run("ping", "-c1", net.hosts[1].ipv4)
    lan.main(test)

Whoever needs people on the hosts takes node.py.
"""
import ctypes
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time

SKIP = 77
TOOLS = ("unshare", "nsenter", "mount", "ip", "iptables", "ip6tables")
# All namespaces of a machine share one neighbour table of 1,024 entries, which real hosts do not: beyond so many hosts
# entries are made permanent, since those do not count.
MANY = 20
_INSIDE = "LANDLINE_TEST_LAN"
# Where a user's own path may not lead.
os.environ["PATH"] += ":/usr/sbin:/sbin"


def way_in():
    """(command, reasons): how to get into namespaces of one's own; no command where the kernel forbids it, and why.
    Tools that are not installed are no such reason: then it fails."""
    if missing := [tool for tool in TOOLS if not shutil.which(tool)]:
        sys.exit(f"cannot run: {', '.join(missing)} not found (packages iproute2, iptables, mount, util-linux)")
    probe = ("mount -t tmpfs tmpfs /run && ip link set lo up && ip netns add probe && ip netns delete probe "
             "&& ip link add probe type bridge && ip link delete probe")
    reasons = []
    for command in (["unshare", "-Urnm"], ["unshare", "-nm"]):
        result = subprocess.run([*command, "sh", "-c", probe], capture_output=True, text=True)
        if result.returncode == 0:
            return command, reasons
        reasons.append(f"{' '.join(command)}: {result.stderr.strip()}")
        if os.getuid() != 0:
            break
    return None, reasons


def enter():
    """Goes on in namespaces of its own, or leaves with code 77 and the reason where the kernel forbids it."""
    if os.environ.get(_INSIDE) == "1":
        return
    command, reasons = way_in()
    if not command:
        print("skipped: the kernel does not allow network namespaces here:", "; ".join(reasons))
        sys.exit(SKIP)
    os.environ[_INSIDE] = "1"
    sys.stdout.flush()
    os.execvp(command[0], [*command, sys.executable, *sys.argv])


def prepare():
    """What a program does once, inside."""
    _sh("mount", "-t", "tmpfs", "tmpfs", "/run")
    _sh("ip", "link", "set", "lo", "up")


def main(*tests):
    """Runs functions as one test program inside the namespaces; stops at the first failure. Arguments behind the folder
    of the programs name those to run; without any all of them do."""
    if names := sys.argv[2:]:
        if unknown := set(names) - {test.__name__ for test in tests}:
            sys.exit(f"no such test: {', '.join(sorted(unknown))}")
        tests = [test for test in tests if test.__name__ in names]
    enter()
    prepare()
    for test in tests:
        began = time.monotonic()
        print(f"-- {test.__name__}", flush=True)
        test()
        print(f"   passed in {time.monotonic() - began:.1f} s", flush=True)
    print(f"{len(tests)} passed")


def die_with_parent():
    """For preexec_fn: a child does not outlive a harness that is killed."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)


def _sh(*command, **options):
    result = subprocess.run(command, capture_output=True, text=True, **options)
    if result.returncode != 0:
        raise RuntimeError(f"{' '.join(command)}: {result.stderr.strip()}")
    return result.stdout


def wait_for(condition, timeout, what):
    """The first true value of condition(); asks often, fails with `what` after `timeout` seconds."""
    deadline = time.monotonic() + timeout
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() >= deadline:
            raise AssertionError(f"not within {timeout} s: {what() if callable(what) else what}")
        time.sleep(0.02)


class Host:
    """One machine of the network: a network namespace with eth0 on the bridge, and a folder."""

    def __init__(self, net, number):
        self.net = net
        self.number = number
        self.name = f"h{number}"
        self.port = f"v{number}"  # its end at the bridge
        self.folder = net.folder / self.name
        self.ipv4 = net.address(number) if net.with_ipv4 else None
        self.ipv6 = f"fe80::{number:x}"
        self.mac = f"02:00:00:00:{number // 256:02x}:{number % 256:02x}"
        self._losing = False

    def create(self):
        """Namespace, link and addresses. Duplicate address detection is off: it would cost two seconds."""
        self.folder.mkdir(mode=0o700)
        (self.folder / "run").mkdir(mode=0o700)
        _sh("ip", "netns", "add", self.name)
        _sh("ip", "link", "add", self.port, "type", "veth", "peer", "name", "eth0", "address", self.mac,
            "netns", self.name)
        _sh("ip", "link", "set", self.port, "master", "br0", "up")
        lines = ["link set lo up", "link set eth0 addrgenmode none", "link set eth0 up",
                 f"addr add {self.ipv6}/64 dev eth0 nodad"]
        if self.ipv4:
            lines.append(f"addr add {self.ipv4}/16 broadcast + dev eth0")
        _sh("ip", "-n", self.name, "-batch", "-", input="\n".join(lines) + "\n")

    def know(self, others):
        """Enters the others as neighbours for good."""
        lines = [f"neigh replace {other.ipv6} lladdr {other.mac} dev eth0 nud permanent" for other in others]
        lines += [f"neigh replace {other.ipv4} lladdr {other.mac} dev eth0 nud permanent"
                  for other in others if other.ipv4]
        _sh("ip", "-n", self.name, "-batch", "-", input="\n".join(lines) + "\n")

    def command(self, *command):
        return ["nsenter", f"--net=/run/netns/{self.name}", "--", *command]

    def environment(self):
        env = {key: value for key, value in os.environ.items()
               if not key.startswith(("DBUS_", "XDG_", "LANDLINE_", "DISPLAY", "WAYLAND_"))}
        env.update(HOME=str(self.folder), XDG_RUNTIME_DIR=str(self.folder / "run"), LC_ALL="C.UTF-8",
                   TMPDIR=str(self.folder))
        return env

    def run(self, *command, check=True, timeout=60, env=None):
        """Runs a command on this host to its end."""
        result = subprocess.run(self.command(*command), capture_output=True, text=True, timeout=timeout,
                                env=env or self.environment(), stdin=subprocess.DEVNULL)
        if check and result.returncode != 0:
            raise AssertionError(f"{self.name}: {' '.join(map(str, command))} left with {result.returncode}: "
                                 f"{result.stderr.strip()}")
        return result

    def popen(self, *command, **options):
        options.setdefault("env", self.environment())
        return subprocess.Popen(self.command(*command), preexec_fn=die_with_parent, **options)

    # Faults ------------------------------------------------------------------------------------------------------

    def link(self, up):
        """Pulls the cable or plugs it in: at the bridge, so that the host sees its carrier go and come."""
        _sh("ip", "link", "set", self.port, "up" if up else "down")

    def cut(self, on):
        """Drops every packet without the host noticing: no carrier change, no reset, as a dead switch does."""
        for tool in ("iptables", "ip6tables"):
            for chain in ("INPUT", "OUTPUT"):
                self.run(tool, "-w", "-I" if on else "-D", chain, "!", "-i" if chain == "INPUT" else "-o", "lo",
                         "-j", "DROP")

    def loss(self, share):
        """Loses this share (0 to 1) of the packets that arrive here."""
        rule = ["!", "-i", "lo", "-m", "statistic", "--mode", "random", "--probability"]
        for tool in ("iptables", "ip6tables"):
            if self._losing:
                self.run(tool, "-w", "-D", "INPUT", *rule, str(self._losing), "-j", "DROP")
            if share:
                self.run(tool, "-w", "-I", "INPUT", *rule, str(share), "-j", "DROP")
        self._losing = share

    def change_address(self, number):
        """Another IPv4 address, as from another DHCP lease."""
        new = self.net.address(number)
        _sh("ip", "-n", self.name, "-batch", "-",
            input=f"addr del {self.ipv4}/16 dev eth0\naddr add {new}/16 broadcast + dev eth0\n")
        self.ipv4 = new


class Lan:
    """Hosts on one bridge, numbered from 1. Used as a context; leaves nothing behind."""

    def __init__(self, hosts=2, ipv4=True):
        self.with_ipv4 = ipv4
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="landline-lan-"))
        self.hosts = [Host(self, number) for number in range(1, hosts + 1)]
        self.closing = []  # called at the end, newest first

    @staticmethod
    def address(number):
        return f"10.77.{number // 250}.{number % 250 + 1}"

    def __enter__(self):
        _sh("ip", "link", "add", "br0", "type", "bridge", "mcast_snooping", "0")
        _sh("ip", "link", "set", "br0", "addrgenmode", "none", "up")
        for host in self.hosts:
            host.create()
        if len(self.hosts) > MANY:
            for host in self.hosts:
                host.know([other for other in self.hosts if other is not host])
        return self

    def __exit__(self, kind, *_):
        for close in reversed(self.closing):
            try:
                close()
            except (OSError, RuntimeError, subprocess.SubprocessError) as error:
                print("while closing:", error)
        for host in self.hosts:
            subprocess.run(["ip", "netns", "delete", host.name], capture_output=True)
        # The kernel takes a namespace's links down a little later; the next Lan uses the same names.
        subprocess.run(["ip", "link", "delete", "br0"], capture_output=True)
        for host in self.hosts:
            subprocess.run(["ip", "link", "delete", host.port], capture_output=True)
        if kind and os.environ.get("LANDLINE_TEST_KEEP"):
            print("kept:", self.folder)
        else:
            shutil.rmtree(self.folder, ignore_errors=True)


class Capture:
    """Everything that passes one host's port, as Ethernet frames. A context."""

    def __init__(self, host):
        self.frames = []
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, socket.htons(0x0003))
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16 * 1024 * 1024)
        self._socket.bind((host.port, 0))
        self._socket.settimeout(0.1)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def _read(self):
        while not self._stop.is_set():
            try:
                self.frames.append(self._socket.recv(65536))
            except socket.timeout:
                pass

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()
        self._socket.close()

    def datagrams(self):
        """(source port, destination port, payload) of every UDP packet."""
        for protocol, body in self._transport():
            if protocol == 17:
                source, destination, length = struct.unpack_from("!HHH", body)
                yield source, destination, body[8:length]

    def streams(self):
        """The bytes of each TCP direction, put in order, by (address, port, address, port)."""
        flows = {}
        for protocol, body, addresses in self._transport(with_addresses=True):
            if protocol != 6:
                continue
            source, destination, sequence = struct.unpack_from("!HHI", body)
            payload = body[(body[12] >> 4) * 4:]
            if payload:
                flows.setdefault((addresses, source, destination), {})[sequence] = payload
        for key, pieces in flows.items():
            start = min(pieces)
            stream = bytearray()
            for sequence, payload in sorted(pieces.items()):
                at = sequence - start
                if at > len(stream):
                    stream.extend(bytes(at - len(stream)))
                stream[at:at + len(payload)] = payload
            yield key, bytes(stream)

    def _transport(self, with_addresses=False):
        for frame in self.frames:
            kind = struct.unpack_from("!H", frame, 12)[0]
            packet = frame[14:]
            if kind == 0x0800:
                length = struct.unpack_from("!H", packet, 2)[0]
                protocol, head, addresses = packet[9], (packet[0] & 15) * 4, packet[12:20]
                body = packet[head:length]
            elif kind == 0x86DD:
                length = struct.unpack_from("!H", packet, 4)[0]
                protocol, addresses = packet[6], packet[8:40]
                body = packet[40:40 + length]
            else:
                continue
            yield (protocol, body, addresses) if with_addresses else (protocol, body)


if __name__ == "__main__":
    # Says in advance whether tests on networks of their own will run here.
    if not (found := way_in())[0]:
        print("tests on a network will be skipped: the kernel does not allow namespaces:", "; ".join(found[1]))
