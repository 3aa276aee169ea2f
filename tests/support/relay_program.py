"""landline-relay as an operator uses it, for tests and benchmarks that run the real program."""
import contextlib
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
    """One in a folder of its own. `url` is what everybody may know of it."""

    def __init__(self, program, folder, port=None):
        self.program = pathlib.Path(program).resolve()
        self.folder = pathlib.Path(folder)
        self.config = self.folder / "landline-relay.conf"
        self.port = port or free_port()
        self.address = f"127.0.0.1:{self.port}"
        self.metrics_port = None
        self.process = None

    def run(self, *arguments, cwd=None):
        """A command to its end, whatever that is."""
        return subprocess.run([self.program, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, cwd=cwd)

    def popen(self, *arguments, env, **more):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        more.setdefault("preexec_fn", lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard)))
        return subprocess.Popen([self.program, *map(str, arguments)], env={**os.environ, **env}, **more)

    def make(self):
        made = self.run("init", "--dir", self.folder, "--listen", self.address)
        if made.returncode != 0:
            raise SystemExit(made.stderr)
        self.url = made.stdout.strip()
        return self

    def init(self, *lines):
        """Made, with these further settings, and figures to be read."""
        self.make()
        self.metrics_port = free_port()
        return self.set(f"metrics = 127.0.0.1:{self.metrics_port}", *lines)

    def set(self, *lines):
        self.config.write_text(self.config.read_text() + "".join(line + "\n" for line in lines))
        return self

    def serve(self, arguments=None, log=None, **more):
        """Started, and ready as a service manager would be told."""
        arguments = ("--config", self.config) if arguments is None else arguments
        with contextlib.ExitStack() as until:
            where = until.enter_context(tempfile.TemporaryDirectory(dir=self.folder))
            manager = until.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM))
            manager.bind(f"{where}/notify")
            manager.settimeout(PATIENCE)
            log = log or until.enter_context(open(self.folder / "log", "a"))
            self.process = self.popen("serve", *arguments, stdout=subprocess.DEVNULL, stderr=log,
                                      env={"NOTIFY_SOCKET": f"{where}/notify"}, **more)
            try:
                ready = manager.recv(100)
            except TimeoutError:
                raise SystemExit(f"The relay does not start: {self.read_log()}") from None
            assert ready == b"READY=1", ready
        return self

    def invite(self, *options):
        """Its URL."""
        made = self.run("invite", *options, "--config", self.config)
        assert made.returncode == 0, made.stderr
        return made.stdout.strip()

    def read_log(self):
        return (self.folder / "log").read_text(errors="replace")

    def wait_for_log(self, text, times=1):
        end = time.monotonic() + PATIENCE
        while self.read_log().count(text) < times:
            assert time.monotonic() < end and self.process.poll() is None, self.read_log()
            time.sleep(0.05)

    def metrics(self):
        """{name: value}, without "landline_relay_"."""
        return {name: float(value) for name, value in
                re.findall(r"^landline_relay_(\w+) ([0-9.e+]+)$", self.get("/metrics"), re.MULTILINE)}

    def get(self, path):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.metrics_port}{path}", timeout=PATIENCE) as answer:
            return answer.read().decode()

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
        """kill -9, as a power cut for the program."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
