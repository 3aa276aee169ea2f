#!/usr/bin/env python3
"""landline-relay as an operator uses it: made, checked, served, asked for invites, read again, ended."""
import os
import pathlib
import re
import resource
import signal
import socket
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from relay_program import PATIENCE, RelayProgram  # noqa: E402

PROGRAM = pathlib.Path(sys.argv[1]).resolve() / "landline-relay"
URL = re.compile(r"^landline://127\.0\.0\.1:\d+/[A-Za-z0-9_-]{43}$")
INVITE = re.compile(r"^landline://127\.0\.0\.1:\d+/[A-Za-z0-9_-]{43}\?invite=[A-Za-z0-9_-]{22}$")


def run(*arguments, cwd=None):
    return subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, text=True, timeout=PATIENCE, cwd=cwd)


class Relay(RelayProgram):
    def __init__(self, folder):
        super().__init__(PROGRAM, folder)

    def init(self, *lines):
        super().init(*lines)
        assert URL.match(self.url), self.url
        return self

    def descriptors(self):
        """That it may have now."""
        limits = pathlib.Path(f"/proc/{self.process.pid}/limits").read_text()
        return int(re.search(r"^Max open files +(\d+)", limits, re.M).group(1))


def with_relay(test):
    def wrapped():
        with tempfile.TemporaryDirectory() as folder:
            relay = Relay(folder)
            try:
                test(relay)
            finally:
                relay.kill()
    wrapped.__name__ = test.__name__
    return wrapped


@with_relay
def is_made_once_and_private(relay):
    relay.init()
    assert (relay.folder / "relay.key").stat().st_mode & 0o777 == 0o600
    assert (relay.folder / "relay.db").stat().st_mode & 0o777 == 0o600
    again = run("init", "--dir", relay.folder)
    assert again.returncode == 1 and "already" in again.stderr, again.stderr
    assert run("check", "--config", relay.config).returncode == 0
    here = run("check", cwd=relay.folder)
    assert here.returncode == 0, here.stderr


@with_relay
def an_interrupted_init_goes_on(relay):
    relay.init()
    relay.config.unlink()
    again = run("init", "--dir", relay.folder, "--listen", f"127.0.0.1:{relay.port}")
    assert again.returncode == 0 and again.stdout.strip() == relay.url, again
    relay.serve().end()


@with_relay
def no_key_is_made_where_there_was_one(relay):
    """A key that is gone or damaged is asked for: with another one no client would know the relay."""
    relay.init()
    key = relay.folder / "relay.key"
    whole = key.read_bytes()
    init = ("init", "--dir", relay.folder, "--listen", f"127.0.0.1:{relay.port}")
    settings = relay.config.read_text()

    def refused(sentence, *arguments):
        told = run(*arguments)
        assert told.returncode == 1 and sentence in told.stderr and told.stdout == "", (arguments, told)

    for damaged in (b"", whole[:9], whole[:-1], whole + b"x", bytes(len(whole))):
        key.write_bytes(damaged)
        refused("Put it back from your copy", "serve", "--config", relay.config)
        refused("Put it back from your copy", "init", "--config", relay.config)
        relay.config.unlink()
        refused("Put it back from your copy", *init)
        relay.config.write_text(settings)
        assert key.read_bytes() == damaged
    key.unlink()
    refused("Put relay.key back", "init", "--config", relay.config)
    relay.config.unlink()
    refused("Put relay.key back", *init)
    assert not key.exists()
    key.write_bytes(whole)
    again = run(*init)
    assert again.returncode == 0 and again.stdout.strip() == relay.url, again


@with_relay
def names_every_error_with_its_line(relay):
    relay.init()
    lines = len(relay.config.read_text().splitlines())
    relay.set("lisen = 1", "clients = many")
    for command in ("check", "serve", "invite"):
        wrong = run(command, "--config", relay.config)
        assert wrong.returncode == 1, wrong
        assert f"{relay.config}:{lines + 1}: there is no setting \"lisen\"; did you mean \"listen\"?" in wrong.stderr, wrong.stderr
        assert f"{relay.config}:{lines + 2}: " in wrong.stderr
        assert wrong.stdout == ""
    missing = run("serve", "--config", relay.folder / "nowhere.conf")
    assert missing.returncode == 1 and "cannot be read" in missing.stderr


def knows_wrong_usage():
    for arguments in ((), ("frobnicate",), ("invite", "--uses"), ("invite", "--uses", "0"), ("invite", "--dir", "x"),
                      ("init", "--listen", "nowhere")):
        with tempfile.TemporaryDirectory() as folder:
            wrong = run(*arguments, cwd=folder)
            assert wrong.returncode == 2, (arguments, wrong)
            assert wrong.stdout == "" and wrong.stderr.startswith("landline-relay: "), wrong
            assert not os.listdir(folder)
    assert run("--help").returncode == 0


@with_relay
def gives_invites_while_it_serves_and_while_it_does_not(relay):
    relay.init()
    urls = {run("invite", "--config", relay.config).stdout.strip()}
    relay.serve()
    for arguments in (("--uses", 5, "--expires", 30), ()):
        made = run("invite", *arguments, "--config", relay.config)
        assert made.returncode == 0, made.stderr
        urls.add(made.stdout.strip())
    assert len(urls) == 3 and all(INVITE.match(url) and url.startswith(relay.url) for url in urls), urls
    unknown = run("invite", "--class", "friends", "--config", relay.config)
    assert unknown.returncode == 2 and "quota.friends" in unknown.stderr
    relay.end()
    log = relay.read_log()
    assert "invite" not in log and "landline://" not in log and "127.0.0.1" not in log, log


@with_relay
def a_second_one_on_the_folder_is_refused(relay):
    relay.init().serve()
    second = run("serve", "--config", relay.config)
    assert second.returncode == 1 and f"process {relay.process.pid}" in second.stderr, second.stderr
    relay.kill()
    relay.serve().end()  # a crash leaves nothing in the way


@with_relay
def a_port_that_is_taken_is_told(relay):
    relay.init()
    with socket.socket() as other:
        other.bind(("127.0.0.1", relay.port))
        other.listen()
        taken = run("serve", "--config", relay.config)
    assert taken.returncode == 1 and f"cannot listen on 127.0.0.1:{relay.port}" in taken.stderr, taken.stderr
    relay.serve().end()


@with_relay
def a_damaged_or_missing_key_is_told(relay):
    relay.init()
    key = relay.folder / "relay.key"
    good = key.read_bytes()
    key.write_bytes(good[:40] + bytes([good[40] ^ 1]) + good[41:])
    damaged = run("serve", "--config", relay.config)
    assert damaged.returncode == 1 and "damaged" in damaged.stderr, damaged.stderr
    key.unlink()
    missing = run("serve", "--config", relay.config)
    assert missing.returncode == 1 and "no relay key" in missing.stderr, missing.stderr


@with_relay
def reads_its_settings_again(relay):
    relay.init().serve()
    relay.set("clients = 7", "backlog = 9")
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_for_log('"backlog" takes effect with the next start.')
    relay.wait_for_log("The settings were read again.")
    # What is in effect since the start is no news when it stands there again, and what is not stays news.
    restart = '"backlog" takes effect with the next start.'
    settings = relay.config.read_text()
    for times, (text, told) in enumerate(((settings, 2), (settings.replace("backlog = 9", ""), 2), (settings, 3)), 2):
        relay.config.write_text(text)
        relay.process.send_signal(signal.SIGHUP)
        relay.wait_for_log("The settings were read again.", times)
        assert relay.read_log().count(restart) == told, relay.read_log()
    relay.set("clients = many")
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_for_log("The relay goes on with those it has.")
    relay.end()


@with_relay
def settings_that_cannot_be_read_are_no_defaults(relay):
    relay.init()
    wrong = run("check", "--config", relay.folder)
    assert wrong.returncode == 1 and "cannot be read" in wrong.stderr, wrong
    relay.serve(arguments=(), cwd=relay.folder)
    good = relay.config.read_text()
    relay.config.unlink()
    relay.config.symlink_to(relay.config.name)
    wrong = run("check", cwd=relay.folder)
    assert wrong.returncode == 1 and "cannot be read" in wrong.stderr, wrong
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_for_log("The relay goes on with those it has.")
    relay.config.unlink()
    relay.config.write_text(good)
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_for_log("The settings were read again.")
    relay.end()


@with_relay
def goes_on_when_nobody_reads_its_log(relay):
    relay.init()
    reads, writes = os.pipe()
    with os.fdopen(writes, "w") as log:
        relay.serve(log=log)
    os.close(reads)
    relay.process.send_signal(signal.SIGHUP)
    made = run("invite", "--config", relay.config)
    assert made.returncode == 0, made.stderr
    relay.process.send_signal(signal.SIGTERM)
    assert relay.process.wait(PATIENCE) == 0
    relay.process = None


@with_relay
def has_descriptors_for_as_many_clients_as_it_takes(relay):
    most = 8_000
    if resource.getrlimit(resource.RLIMIT_NOFILE)[1] < most:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    relay.init()
    relay.set("clients = 10", "unauthenticated = 10")
    relay.serve(preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_NOFILE, (200, most)))
    assert relay.descriptors() == 200, "more than enough"
    text = relay.config.read_text()
    relay.config.write_text(text.replace("clients = 10", "clients = 300"))
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_for_log("The settings were read again.")
    assert relay.descriptors() > 300 + 75
    assert "LimitNOFILE" not in relay.read_log()
    relay.config.write_text(text.replace("clients = 10", "clients = 900000"))
    relay.process.send_signal(signal.SIGHUP)
    relay.wait_for_log("LimitNOFILE")
    told = relay.read_log()
    assert relay.descriptors() == most, "fewer than it may have"
    taken = int(re.search(r"It takes (\d+) clients", told).group(1))
    assert most * 9 // 10 < taken < most, taken
    relay.end()


@with_relay
def tells_its_figures_on_loopback(relay):
    relay.init().serve()
    assert relay.get("/healthz") and relay.get("/readyz")
    assert relay.metrics()["clients"] == 0
    relay.end()


@with_relay
def ends_at_once_when_nobody_is_there(relay):
    relay.init().serve()
    with socket.create_connection(("127.0.0.1", relay.port)):
        relay.end()
    assert "The relay ends" in relay.read_log()


TESTS = [is_made_once_and_private, an_interrupted_init_goes_on, no_key_is_made_where_there_was_one, names_every_error_with_its_line, knows_wrong_usage,
         gives_invites_while_it_serves_and_while_it_does_not, a_second_one_on_the_folder_is_refused,
         a_port_that_is_taken_is_told, a_damaged_or_missing_key_is_told, reads_its_settings_again, settings_that_cannot_be_read_are_no_defaults,
         goes_on_when_nobody_reads_its_log, has_descriptors_for_as_many_clients_as_it_takes, tells_its_figures_on_loopback,
         ends_at_once_when_nobody_is_there]

if __name__ == "__main__":
    wanted = sys.argv[2:]
    for test in TESTS:
        if wanted and test.__name__ not in wanted:
            continue
        print(test.__name__, flush=True)
        test()
    print("ok")
