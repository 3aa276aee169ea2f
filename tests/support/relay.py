"""A running landline-relay on a host of lan.py: made, served, ended, asked for invites."""
import os
import pathlib
import socket
import subprocess
import sys

PATIENCE = 60


def binary():
    """landline-relay: beside landline-cli, in the folder that every test program is given."""
    folder = os.environ.get("LANDLINE_BIN") or sys.argv[1]
    return str(pathlib.Path(folder).resolve() / "landline-relay")


class Relay:
    """One in a folder of its own. `url` is what everybody may know of it."""

    def __init__(self, host, port=47475, name="relay"):
        self.host = host
        self.port = port
        self.folder = host.folder / name
        self.config = self.folder / "landline-relay.conf"
        self.address = f"{host.ipv4}:{port}"
        self.process = None
        self.environment = {}
        host.net.closing.append(self.kill)

    def init(self):
        self.url = self.run("init", "--dir", self.folder, "--listen", self.address, config=False)
        return self

    def run(self, *command, config=True):
        more = ["--config", self.config] if config else []
        return self.host.run(binary(), *map(str, command), *map(str, more), timeout=PATIENCE).stdout.strip()

    def set(self, *lines):
        self.config.write_text(self.config.read_text() + "".join(line + "\n" for line in lines))
        return self

    def invite(self, *options):
        return self.run("invite", *options)

    def serve(self):
        """Started, and ready as a service manager would be told."""
        where = self.folder / "notify"
        where.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager, open(self.folder / "log", "ab") as log:
            manager.bind(str(where))
            manager.settimeout(PATIENCE)
            self.process = self.host.popen(binary(), "serve", "--config", str(self.config), stdout=subprocess.DEVNULL,
                                           stderr=log, env={**self.host.environment(), **self.environment,
                                                "NOTIFY_SOCKET": str(where)})
            assert manager.recv(100) == b"READY=1", self.log()
        return self

    def end(self):
        self.process.terminate()
        assert self.process.wait(PATIENCE) == 0, self.log()
        self.process = None

    def kill(self):
        """kill -9, as a power cut for the program."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def log(self):
        return (self.folder / "log").read_text(errors="replace")


def join(relay, *nodes):
    """An account at the relay for each."""
    for node in nodes:
        node.once("relay", "add", relay.invite())


__all__ = ["Relay", "binary", "join"]
