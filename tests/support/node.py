"""A running landline-cli on a host of lan.py: its events, commands to it, and its death."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import threading
import time

import lan


def binary():
    """landline-cli: the first argument of every test program, or as LANDLINE_BIN says."""
    folder = os.environ.get("LANDLINE_BIN") or (sys.argv[1] if len(sys.argv) > 1 else "")
    path = pathlib.Path(folder).resolve() / "landline-cli"
    if not path.is_file():
        sys.exit(f"no landline-cli in {folder!r}: give the folder of the programs as the first argument")
    return str(path)


class Node:
    """One profile, and the `run` that serves it while it is started. Events are kept in the order of their arrival, each
    with "at" (monotonic seconds)."""

    def __init__(self, host, name, profile=None):
        self.host = host
        self.name = name
        self.profile = pathlib.Path(profile or host.folder / f"profile-{name.replace(' ', '-')}")
        self.cli = binary()
        self.events = []
        self.process = None
        self.arguments = []
        self.log = host.folder / f"log-{self.profile.name}"
        self._arrived = threading.Condition()
        self._tag = 0
        self.environment = {}
        host.net.closing.append(self.kill)

    # Life ----------------------------------------------------------------------------------------------------------

    def init(self):
        made = self.once("init", "--name", self.name)[0]
        self.person, self.device = made["person"], made["device"]
        return self

    def start(self, *arguments, ready=20):
        """Starts `run` with these arguments (those of the last start if none are given) and waits until it is ready."""
        assert self.process is None, "it runs already"
        self.arguments = [str(argument) for argument in arguments] or self.arguments
        mark = self.mark()
        with open(self.log, "ab") as log:
            self.process = self.host.popen(self.cli, "--profile", str(self.profile), "--json", "run", *self.arguments,
                                           stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, bufsize=0,
                                           env={**self.host.environment(), **self.environment})
        threading.Thread(target=self._read, args=(self.process,), daemon=True).start()
        if ready:
            self.port = self.wait("ready", since=mark, timeout=ready)["port"]
            self.ready_at = time.monotonic()
        return self

    def _read(self, process):
        for line in process.stdout:
            try:
                event = json.loads(line)
            except ValueError:
                event = {"event": "garbage", "line": line.decode(errors="replace")}
            event["at"] = time.monotonic()
            with self._arrived:
                self.events.append(event)
                self._arrived.notify_all()
        with self._arrived:
            self.events.append({"event": "ended", "pid": process.pid, "at": time.monotonic()})
            self._arrived.notify_all()

    def signal(self, number):
        if self.process:
            self.process.send_signal(number)

    def kill(self):
        """kill -9, as a power cut for the program."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def stop(self, timeout=10):
        """SIGTERM; it has to end by itself."""
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(timeout)
        self.process = None
        return code

    def alive(self):
        return self.process is not None and self.process.poll() is None

    # Commands ------------------------------------------------------------------------------------------------------

    def once(self, *command, check=True, timeout=60):
        """Runs one command of landline-cli to its end and gives its JSON lines."""
        result = self.command(*command, timeout=timeout)
        if check and result.returncode != 0:
            raise AssertionError(f"{self.name}: {' '.join(map(str, command))} left with {result.returncode}: "
                                 f"{result.stderr.strip()} {self.log_tail()}")
        return [json.loads(line) for line in result.stdout.splitlines() if line.strip()]

    def command(self, *command, timeout=60):
        return self.host.run(self.cli, "--profile", self.profile, "--json", *map(str, command), check=False,
                             timeout=timeout, env={**self.host.environment(), **self.environment})

    def expect(self, code, *command):
        """The command's result, which must leave with this code; errors are one line on standard error."""
        result = self.command(*command)
        assert result.returncode == code, (command, result.returncode, result.stdout, result.stderr)
        if code not in (0, 3):
            assert result.stderr.count("\n") == 1 and result.stderr.startswith("landline-cli: "), result.stderr
        return result

    def human(self, *command):
        """What a person reads, without --json."""
        return self.host.run(self.cli, "--profile", self.profile, *command).stdout

    def post(self, do, **fields):
        """Hands a command to the running node and gives its tag at once."""
        self._tag += 1
        tag = f"{self.name}-{self._tag}"
        line = json.dumps({"do": do, "tag": tag, **fields}, ensure_ascii=False) + "\n"
        self.process.stdin.write(line.encode())
        return tag

    def do(self, do, timeout=20, check=True, **fields):
        """The same, and waits for the answer."""
        mark = self.mark()
        tag = self.post(do, **fields)
        done = self.wait("done", since=mark, timeout=timeout, tag=tag)
        assert not check or done.get("code", 0) == 0, f"{self.name}: {do} {fields}: {done}"
        return done

    def send(self, to, text, **fields):
        return self.do("send", to=to, text=text, **fields)

    def deliver(self, to, text):
        """Sends and waits for the delivery; gives the answer."""
        tag = self.post("send", to=to, text=text, timeout=20)
        done = self.wait("done", tag=tag, timeout=30)
        assert (done["code"], done["state"]) == (0, "delivered"), done
        return done

    def history(self, who):
        """All messages of a conversation, oldest first."""
        return self.once("history", who, "--limit", 0, timeout=300)

    def texts(self, who):
        return [message["text"] for message in self.history(who)]

    # Events --------------------------------------------------------------------------------------------------------

    def mark(self):
        """A place in the events; those after it are news."""
        with self._arrived:
            return len(self.events)

    def find(self, event, since=0, **fields):
        for candidate in self.events[since:]:
            if candidate.get("event") == event and all(candidate.get(key) == value for key, value in fields.items()):
                return candidate
        return None

    def wait(self, event, since=0, timeout=20, **fields):
        """The first such event after `since`, now or within `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._arrived:
            while True:
                found = self.find(event, since, **fields)
                if found:
                    return found
                ended = self.process is not None and self.find("ended", since, pid=self.process.pid)
                left = deadline - time.monotonic()
                if left <= 0 or (ended and event != "ended"):
                    why = "it has ended" if ended else f"not within {timeout} s"
                    recent = [{key: value for key, value in entry.items() if key not in ("devices", "at")}
                              for entry in self.events[-8:]]
                    raise AssertionError(f"{self.name}: no event {event} {fields}: {why}; last events: {recent} "
                                         f"{self.log_tail()}")
                self._arrived.wait(left)

    def wait_online(self, other, since=0, timeout=20):
        return self.wait("peer", since=since, timeout=timeout, person=other.person, online=True)

    def log_tail(self):
        try:
            return "standard error: " + self.log.read_text(errors="replace")[-1500:]
        except OSError:
            return ""


def people(net, *names, allow=True):
    """One person on each host of the network, initialised, not started."""
    nodes = [Node(host, name).init() for host, name in zip(net.hosts, names)]
    for node in nodes:
        node.arguments = ["--allow-all"] if allow else []
    return nodes


def neighbours(net, start=True):
    """Anna and Boris on the first host of the network; both accept everybody."""
    nodes = [Node(net.hosts[0], name).init() for name in ("Anna", "Boris")]
    for node in nodes:
        node.arguments = ["--allow-all"]
    return start_together(*nodes) if start else nodes


def start_together(*nodes, timeout=20):
    """Starts all of them and waits until everybody sees everybody."""
    for node in nodes:
        node.start()
    for node in nodes:
        for other in nodes:
            if other is not node:
                node.wait_online(other, timeout=timeout)
    return nodes


__all__ = ["Node", "binary", "lan", "neighbours", "people", "start_together"]
