"""landline-relay as an operator uses it, for tests and benchmarks that run the real program."""
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import tempfile
import time
import urllib.request

PATIENCE = 60
TICKS = os.sysconf("SC_CLK_TCK")
PAGE = os.sysconf("SC_PAGE_SIZE")


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def processor_seconds(pid):
    """Of all threads of a program that runs."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def resident(pid):
    """Bytes of a program that runs."""
    return int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE


class RelayProgram:
    """One in a folder of its own."""

    def __init__(self, program, folder):
        self.program = pathlib.Path(program).resolve()
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "landline-relay.conf"
        self.port = free_port()
        self.metrics_port = free_port()
        self.process = None

    def init(self, *lines):
        """Made, with these further settings."""
        made = subprocess.run([self.program, "init", "--dir", self.folder, "--listen", f"127.0.0.1:{self.port}"],
                              capture_output=True, text=True, timeout=PATIENCE)
        if made.returncode != 0:
            raise SystemExit(made.stderr)
        self.url = made.stdout.strip()
        metrics = f"metrics = 127.0.0.1:{self.metrics_port}"
        self.config.write_text(self.config.read_text() + "".join(line + "\n" for line in (metrics, *lines)))
        return self

    def serve(self):
        """Started, and ready as a service manager would be told."""
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        with tempfile.TemporaryDirectory() as where, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(f"{where}/notify")
            manager.settimeout(PATIENCE)
            with open(self.folder / "log", "a") as log:
                self.process = subprocess.Popen(
                    [self.program, "serve", "--config", self.config], stderr=log, stdout=subprocess.DEVNULL,
                    env={**os.environ, "NOTIFY_SOCKET": f"{where}/notify"},
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard)))
            try:
                ready = manager.recv(100)
            except TimeoutError:
                raise SystemExit(f"The relay does not start: {self.read_log()}") from None
            assert ready == b"READY=1", ready
        return self

    def invite(self, uses):
        """Its URL."""
        made = subprocess.run([self.program, "invite", "--uses", str(uses), "--config", self.config], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def read_log(self):
        return (self.folder / "log").read_text()

    def metrics(self):
        """{name: value}, without "landline_relay_"."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}/metrics", timeout=PATIENCE) as answer:
            text = answer.read().decode()
        return {name: float(value) for name, value in re.findall(r"^landline_relay_(\w+) ([0-9.e+]+)$", text, re.MULTILINE)}

    def processor_seconds(self):
        return processor_seconds(self.process.pid)

    def resident(self):
        return resident(self.process.pid)

    def end(self):
        self.process.send_signal(signal.SIGTERM)
        left = self.process.wait(PATIENCE)
        self.process = None
        if left != 0:
            raise SystemExit(f"The relay left with {left}: {self.read_log()}")

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
