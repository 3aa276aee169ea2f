"""What a relay is measured beside: Redis with a synced log, mosquitto's persistent sessions, and Prosody's offline store.
Each with a configuration and a folder of its own, on loopback, and ended with its harness. None of their own services is
needed or touched.
"""
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_program import PATIENCE, free_port, processor_seconds  # noqa: E402

# Programs of servers lie where a user's path does not lead.
PATH = os.environ.get("PATH", "") + ":/usr/sbin:/sbin"


class Reference:
    """A server of another program. `service` is what relay_load calls its protocol."""

    service = program = ""

    def __init__(self, folder, boxes):
        self.folder = pathlib.Path(folder) / self.service
        self.folder.mkdir()
        self.port = free_port()
        command = self.prepare(boxes)
        with open(self.folder / "log", "wb") as log:
            self.process = subprocess.Popen([shutil.which(self.program, path=PATH), *command], stdout=log, stderr=log,
                                            stdin=subprocess.DEVNULL, cwd=self.folder)
        self._await()

    def prepare(self, boxes):
        """Writes its settings and gives its arguments."""
        raise NotImplementedError

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    def _await(self):
        end = time.monotonic() + PATIENCE
        while True:
            try:
                socket.create_connection(("127.0.0.1", self.port), timeout=1).close()
                return
            except OSError:
                if self.process.poll() is not None or time.monotonic() > end:
                    self.process.kill()
                    raise SystemExit(f"{self.program} does not start: {(self.folder / 'log').read_text()}") from None
                time.sleep(0.02)

    def processor_seconds(self):
        return processor_seconds(self.process.pid)

    def end(self):
        self.process.kill()
        self.process.wait()
        shutil.rmtree(self.folder)

    @classmethod
    def is_there(cls):
        return shutil.which(cls.program, path=PATH) is not None


class Redis(Reference):
    service, program, name = "redis", "redis-server", "redis"

    def prepare(self, boxes):
        return ["--bind", "127.0.0.1", "--port", str(self.port), "--dir", str(self.folder), "--save", "", "--appendonly",
                "yes", "--appendfsync", "always",
                # It takes 127.0.0.2 for another machine; it listens on loopback alone.
                "--protected-mode", "no"]


class Mosquitto(Reference):
    service, program, name = "mqtt", "mosquitto", "mosquitto"

    def prepare(self, boxes):
        # Its database is written when it ends: what it answers is not on the disk then.
        return ["-c", self.write("mosquitto.conf", f"""listener {self.port} 127.0.0.1
allow_anonymous true
persistence true
persistence_location {self.folder}/
max_queued_messages 0
user root
""")]


class Prosody(Reference):
    service, program, name = "xmpp", "prosody", "prosody"

    def prepare(self, boxes):
        for kind in ("box", "from"):
            for number in range(boxes):
                self.write(f"data/localhost/accounts/{kind}{number}.dat", 'return {\n\t["password"] = "secret";\n};\n')
        return ["-F", "--config", self.write("prosody.cfg.lua", f"""run_as_root = true
pidfile = "{self.folder}/pid"
data_path = "{self.folder}/data"
modules_enabled = {{ "saslauth", "offline", "smacks" }}
modules_disabled = {{ "s2s" }}
authentication = "internal_plain"
storage = "internal"
allow_unencrypted_plain_auth = true
c2s_require_encryption = false
interfaces = {{ "127.0.0.1" }}
c2s_ports = {{ {self.port} }}
log = {{ warn = "*console" }}
VirtualHost "localhost"
""")]


REFERENCES = (Redis, Mosquitto, Prosody)
