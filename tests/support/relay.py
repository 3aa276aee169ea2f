"""A running landline-relay on a host of lan.py: made, served, ended, asked for invites."""
import pathlib

from node import binary
from relay_program import PATIENCE, RelayProgram


class Relay(RelayProgram):
    """One in a folder of its own, at the host's address."""

    def __init__(self, host, port=47475, name="relay"):
        super().__init__(pathlib.Path(binary()).with_name("landline-relay"), host.folder / name, port)
        self.host = host
        self.address = f"{host.ipv4}:{port}"
        self.environment = {}
        host.net.closing.append(self.kill)

    def run(self, *command):
        return self.host.run(str(self.program), *map(str, command), timeout=PATIENCE)

    def popen(self, *arguments, env, **more):
        return self.host.popen(str(self.program), *map(str, arguments), env={**self.host.environment(), **self.environment, **env},
                               **more)

    def ask(self, *command):
        """What it says to that."""
        return self.run(*command, "--config", self.config).stdout.strip()

    def init(self):
        return self.make()


def join(relay, *nodes):
    """An account at the relay for each."""
    for node in nodes:
        node.once("relay", "add", relay.invite())


def apart(*nodes):
    """From now on none of them reaches another one; whatever is elsewhere they do."""
    for one in nodes:
        for other in nodes:
            if other is not one:
                one.host.run("iptables", "-A", "INPUT", "-s", other.host.ipv4, "-j", "DROP")
        one.host.run("ip6tables", "-A", "INPUT", "-s", "fe80::/10", "-j", "DROP")


__all__ = ["Relay", "apart", "join"]
