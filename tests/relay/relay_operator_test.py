#!/usr/bin/env python3
"""What an operator asks of a relay, while it serves and while it does not: figures, accounts, shutting out, backups, the
admin page; and what a service manager is told."""
import concurrent.futures
import contextlib
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import urllib.parse

from relay_program_test import PATIENCE, PROGRAM, Relay, run, with_relay

ROOT = pathlib.Path(__file__).resolve().parents[2]
UNIT = ROOT / "resources/relay/landline-relay.service"
DEVICES = [bytes([0xAB] * 4 + [i] * 28) for i in (1, 2)] + [bytes([0xC0 + i] * 32) for i in range(3)]
PERSON = bytes([7] * 32)
SEEN = 1_700_000_000_000


def database(path):
    return contextlib.closing(sqlite3.connect(path))


def fill(relay):
    """Mailboxes as a relay writes them, without clients that would open them."""
    with database(relay.folder / "relay.db") as db:
        for number, device in enumerate(DEVICES, 1):
            db.execute("INSERT INTO account VALUES(?, ?, ?, '', ?, 0, zeroblob(16), ?)", (number, device, PERSON, SEEN, SEEN))
        db.commit()
    return relay


def epoch(path):
    with database(path) as db:
        return db.execute("SELECT epoch FROM meta").fetchone()[0]


def names(relay):
    """What lies in the folder, without what SQLite and a relay that serves have there."""
    return {one.name for one in relay.folder.iterdir()
            if not one.name.endswith(("-wal", "-shm", ".reserve", ".sock", "log", ".lock"))}


class Operator:
    def __init__(self, relay):
        self.relay = relay

    def __call__(self, *arguments):
        return run(*arguments, "--config", self.relay.config)

    def good(self, *arguments):
        done = self(*arguments)
        assert done.returncode == 0 and done.stderr == "", (arguments, done)
        return done.stdout

    def bad(self, code, text, *arguments):
        failed = self(*arguments)
        assert failed.returncode == code and failed.stdout == "", (arguments, failed)
        assert text in failed.stderr and failed.stderr.startswith("landline-relay: "), (arguments, failed.stderr)

    def accounts(self):
        return {one["device"]: one for one in map(json.loads, self.good("accounts", "--json").splitlines())}


def both(test):
    """While the relay does not serve, and while it does."""
    @with_relay
    def wrapped(relay):
        fill(relay.init())
        test(relay, Operator(relay), False)
        relay.serve()
        test(relay, Operator(relay), True)
        relay.end()
        log = relay.read_log()
        assert not any(device.hex()[:8] in log for device in DEVICES) and "127.0.0.1" not in log, log
    wrapped.__name__ = test.__name__
    return wrapped


@both
def tells_figures_and_accounts(relay, operator, serves):
    figures = json.loads(operator.good("stats", "--json"))
    assert figures["serving"] is serves and figures["mailboxes"] == len(DEVICES) and figures["held_items"] == 0, figures
    text = operator.good("stats")
    assert ("does not serve" in text) != serves and re.search(r"\b5  mailboxes +Devices with a mailbox\.", text), text
    accounts = operator.accounts()
    assert set(accounts) == {one.hex() for one in DEVICES}
    one = accounts[DEVICES[0].hex()]
    assert one == {"device": DEVICES[0].hex(), "person": PERSON.hex(), "class": "", "joined": SEEN, "seen": SEEN, "online": False,
                   "revoked": False, "items": 0, "bytes": 0, "quota": 64 << 20}, one
    rows = operator.good("accounts").splitlines()
    assert rows[0].startswith("DEVICE") and len(rows) == 1 + len(DEVICES)
    assert rows[1].split()[:4] == ["abababab01010101", "0707070707070707", "2023-11-14", "22:00"] and "0 B of 64 MiB" in rows[1], rows


@both
def revokes_by_the_first_digits(relay, operator, serves):
    wanted = DEVICES[3 if serves else 2].hex()
    operator.bad(2, "needs a device", "revoke")
    operator.bad(2, "first 8 to 64 digits", "revoke", wanted[:7])
    operator.bad(2, "first 8 to 64 digits", "revoke", "nobody-at-all")
    operator.bad(1, "No mailbox here", "revoke", "0" * 8)
    operator.bad(1, "No mailbox here", "revoke", "f" * 64)
    operator.bad(1, "Several devices begin with abababab", "revoke", "abababab")
    assert not any(one["revoked"] for one in operator.accounts().values() if one["device"] != DEVICES[2].hex())
    assert operator.good("revoke", wanted[:8].upper()) == f"{wanted} is shut out; what waited for it is gone.\n"
    assert operator.accounts()[wanted]["revoked"] and "revoked" in operator.good("accounts")
    assert "may come again" in operator.good("revoke", wanted, "--undo")
    assert not operator.accounts()[wanted]["revoked"]
    operator.good("revoke", wanted)


@both
def takes_invites_back(relay, operator, serves):
    urls = [operator.good("invite", "--uses", uses, "--expires", days).strip() for uses, days in (("3", "2"), ("5", "1"))]
    listed = [json.loads(line) for line in operator.good("invites", "--json").splitlines()]
    assert [one["uses"] for one in listed] == [5, 3], "the next to end first"
    assert listed[0]["invite"][:16] in operator.good("invites")
    secret = urls[0].split("invite=")[1]
    assert secret not in operator.good("invites", "--json"), "it can be ended by its name, not used"
    operator.bad(2, "needs an invite", "uninvite")
    operator.bad(2, "no invite", "uninvite", listed[0]["invite"][:7])
    operator.bad(2, "no invite", "uninvite", urls[0].split("?")[0])
    operator.bad(1, "There is no such invite", "uninvite", "0" * 8)
    shut_out = operator.good("revoke", DEVICES[2].hex())
    assert "lists 2" in shut_out and "uninvite" in shut_out, shut_out
    assert "nobody in any more" in operator.good("uninvite", listed[0]["invite"][:8].upper())
    assert "nobody in any more" in operator.good("uninvite", urls[0])
    operator.bad(1, "There is no such invite", "uninvite", urls[0])
    assert operator.good("invites", "--json") == ""


@both
def backs_up_and_overwrites_nothing(relay, operator, serves):
    with tempfile.TemporaryDirectory() as where:
        file = pathlib.Path(where) / "copy"
        assert "relay.key" in operator.good("backup", file)
        assert file.stat().st_mode & 0o777 == 0o600
        first = epoch(file)
        assert first == epoch(relay.folder / "relay.db")
        file.write_bytes(b"something else")
        operator.bad(1, "exists already", "backup", file)
        assert file.read_bytes() == b"something else"
        operator.good("backup", file, "--replace")
        assert epoch(file) == first
        operator.bad(1, "cannot be written", "backup", f"{where}/nowhere/copy")
        operator.bad(1, "is a folder", "backup", where)
        operator.bad(2, "needs a file", "backup")
        operator.bad(2, "too much", "backup", "a", "b")
        assert os.listdir(where) == ["copy"]


@both
def a_full_disk_leaves_no_half_backup(relay, operator, serves):
    with tempfile.TemporaryDirectory() as where:
        script = 'mount -t tmpfs -o size=16k none "$1" && "$2" backup "$1/copy" --config "$3"; echo $? "$(ls -A "$1")"'
        done = subprocess.run(["unshare", "-Urm", "sh", "-c", script, "sh", where, PROGRAM, relay.config], capture_output=True,
                              text=True, timeout=PATIENCE)
        assert done.stdout == "1 \n" and "not enough disk space" in done.stderr, done


@both
def restores_under_a_new_epoch(relay, operator, serves):
    with tempfile.TemporaryDirectory() as where:
        file = pathlib.Path(where) / "copy"
        operator.good("backup", file)
        operator.good("revoke", DEVICES[4].hex())
        content = file.read_bytes()
        before, there = epoch(relay.folder / "relay.db"), names(relay)
        for options in ((), ("--verify",)):
            told = operator.good("restore", file, *options)
            assert told.startswith(f"Restored {len(DEVICES)} mailboxes with 0 messages."), told
            now = epoch(relay.folder / "relay.db")
            assert now != before and not operator.accounts()[DEVICES[4].hex()]["revoked"]
            new = names(relay) - there
            assert len(new) == 1 and new.pop().startswith("relay.db.replaced-"), new
            before, there = now, names(relay)
        assert os.listdir(where) == ["copy"] and file.read_bytes() == content
        if serves:
            assert relay.read_log().count("all sessions end") == 2
            invite = operator.good("invite")
            assert "invite=" in invite


@both
def a_damaged_backup_changes_nothing(relay, operator, serves):
    with tempfile.TemporaryDirectory() as where:
        file = pathlib.Path(where) / "copy"
        operator.good("backup", file)
        good = file.read_bytes()
        before, there = epoch(relay.folder / "relay.db"), names(relay)
        page = 4096
        damaged = {"cut short": good[:len(good) // 2], "empty": b"", "text": b"hello\n" * 1000, "overwritten": good[:page] +
                   b"\x5a" * (len(good) - page), "of a newer version": good[:60] + (99).to_bytes(4, "big") + good[64:]}
        for what, content in damaged.items():
            file.write_bytes(content)
            failed = operator("restore", file, "--verify")
            assert failed.returncode == 1 and failed.stdout == "" and str(file) in failed.stderr, (what, failed)
            assert names(relay) == there, (what, names(relay))
        operator.bad(1, "There is no file", "restore", f"{where}/nowhere")
        operator.bad(1, "There is no file", "restore", where)
        assert epoch(relay.folder / "relay.db") == before and len(operator.accounts()) == len(DEVICES)


@both
def two_at_once_do_not_harm_each_other(relay, operator, serves):
    with tempfile.TemporaryDirectory() as where, concurrent.futures.ThreadPoolExecutor(4) as pool:
        backups = list(pool.map(lambda _: operator("backup", f"{where}/copy"), range(4)))
        assert sorted(one.returncode for one in backups) == [0, 1, 1, 1], backups
        assert os.listdir(where) == ["copy"]
        invites = list(pool.map(lambda _: operator("invite"), range(4)))
        assert all(one.returncode == 0 for one in invites) and len({one.stdout for one in invites}) == 4, invites
        there = names(relay)
        restores = list(pool.map(lambda _: operator("restore", f"{where}/copy"), range(4)))
        done = [one for one in restores if one.returncode == 0]
        assert done and all("under way" in one.stderr for one in restores if one.returncode != 0), restores
        assert len(names(relay) - there) == len(done) and "relay.db.ready" not in names(relay), names(relay)
        assert len(operator.accounts()) == len(DEVICES)


@with_relay
def shows_the_admin_page_while_it_serves(relay):
    operator = Operator(fill(relay.init()))
    operator.bad(1, "start it first", "admin")
    relay.serve()
    operator.good("invite", "--uses", "3")
    url = urllib.parse.urlsplit(operator.good("admin").strip())
    assert url.scheme == "http" and url.hostname == "127.0.0.1" and re.fullmatch(r"/admin/enter/[0-9a-f]{64}", url.path), url

    def get(path, **headers):
        connection = http.client.HTTPConnection(url.hostname, url.port, timeout=PATIENCE)
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        return answer, answer.read().decode()
    assert get(url.path, Host="relay.example.org")[0].status == 403, "a name of somebody else's that leads here"
    enter, _ = get(url.path)
    assert enter.status == 303 and get(url.path)[0].status == 403
    page = enter.headers["Location"]
    cookie = enter.headers["Set-Cookie"].split(";")[0]
    assert get(page)[0].status == 403
    seen, text = get(page, Cookie=cookie)
    assert seen.status == 200 and "default-src 'none'" in seen.headers["Content-Security-Policy"]
    assert all(one.hex()[:16] in text for one in DEVICES) and "<td>3</td>" in text and "script" not in text, text
    assert "/admin/" not in relay.read_log()
    relay.end()


@with_relay
def makes_what_settings_from_a_package_lack(relay):
    state = relay.folder / "state"
    relay.config.write_text(f"folder = {state}\npublic = relay.example.org:47475\nlisten = 127.0.0.1:{relay.port}\n")
    operator = Operator(relay)
    url = operator.good("init").strip()
    assert url.startswith("landline://relay.example.org:47475/"), url
    assert operator.good("init").strip() == url, "nothing is made twice"
    operator.bad(2, "settings say", "init", "--listen", "127.0.0.1:1")
    relay.serve()
    assert operator.good("init").strip() == url
    relay.end()
    (state / "relay.key").rename(state / "copy")
    operator.bad(1, "Put relay.key back", "init")
    assert not (state / "relay.key").exists()
    assert "#quota = 64 MiB" in run("settings").stdout


@with_relay
def a_folder_that_is_not_there_is_told(relay):
    relay.config.write_text(f"folder = {relay.folder}/nowhere\n")
    operator = Operator(relay)
    for command in (("stats",), ("accounts",), ("backup", relay.folder / "copy"), ("restore", relay.folder / "copy")):
        operator.bad(1, f"The relay's folder {relay.folder}/nowhere is not there.", *command)


@with_relay
def a_link_in_the_folder_leads_no_command_elsewhere(relay):
    operator = Operator(relay.init())
    other = relay.folder / "other"
    other.write_text("not the relay's")
    lock = relay.folder / "relay.lock"
    lock.unlink()
    lock.symlink_to(other)
    operator.bad(1, "relay.lock cannot be written", "invite")
    assert other.read_text() == "not the relay's"


@with_relay
def init_means_the_service_where_there_is_one(relay):
    """In an /etc of the test's own."""
    state, here = relay.folder / "state", relay.folder / "here"
    here.mkdir()
    relay.config.write_text(f"folder = {state}\npublic = relay.example.org:47475\n")
    script = ('set -e; cd "$1"; cp /etc/ld.so.cache .; mount -t tmpfs none /etc; mv ld.so.cache /etc; mkdir /etc/landline; '
              'cp "$2" /etc/landline; shift 2; exec "$@"')

    def there(*arguments):
        return subprocess.run(["unshare", "-Urm", "sh", "-c", script, "sh", here, relay.config, PROGRAM, *arguments],
                              capture_output=True, text=True, timeout=PATIENCE)
    made = there("init")
    assert made.returncode == 0 and made.stdout.startswith("landline://relay.example.org:47475/"), made
    assert (state / "relay.key").exists() and not os.listdir(here)
    wrong = there("init", "--listen", "127.0.0.1:1")
    assert wrong.returncode == 2 and "/etc/landline/landline-relay.conf" in wrong.stderr and not os.listdir(here), wrong
    assert there("invite").stdout.startswith(made.stdout.strip() + "?invite=")
    another = there("init", "--dir", here)
    assert another.returncode == 0 and (here / "relay.key").exists() and another.stdout != made.stdout, another


@with_relay
def is_known_by_its_public_address(relay):
    public = "relay.example.org:47475"  # which the settings show as an example, too
    made = run("init", "--dir", relay.folder, "--listen", f"127.0.0.1:{relay.port}", "--public", public)
    assert made.stdout.startswith(f"landline://{public}/"), made
    assert Operator(relay).good("invite").startswith(made.stdout.strip() + "?invite=")


@with_relay
def tells_the_service_manager_how_it_is(relay):
    relay.init()
    with tempfile.TemporaryDirectory() as where, socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(f"{where}/notify")
        manager.settimeout(PATIENCE)
        environment = {**os.environ, "NOTIFY_SOCKET": f"{where}/notify", "WATCHDOG_USEC": "200000"}
        with open(relay.folder / "log", "a") as log:
            relay.process = subprocess.Popen([PROGRAM, "serve", "--config", relay.config], stderr=log, env=environment)

        def expect(wanted):
            while not (told := manager.recv(200).decode()).startswith(wanted):
                assert told == "WATCHDOG=1", told
            return told
        expect("READY=1")
        assert expect("WATCHDOG=1") and expect("WATCHDOG=1")
        relay.process.send_signal(signal.SIGHUP)
        assert re.fullmatch(r"RELOADING=1\nMONOTONIC_USEC=\d+", expect("RELOADING=1"))
        expect("READY=1")
        relay.process.send_signal(signal.SIGTERM)
        expect("STOPPING=1")
        assert relay.process.wait(PATIENCE) == 0
        relay.process = None


@with_relay
def the_service_does_what_its_unit_says(relay):
    """Its commands with this program and these settings, and its two streams where the unit has them."""
    settings = UNIT.read_text()

    def commands(name, process=""):
        found = re.findall(rf"^{name}=(.+)$", settings, re.M)
        assert found, name
        return [line.replace("/usr/bin/landline-relay", str(PROGRAM)).replace("/etc/landline/landline-relay.conf", str(relay.config))
                .replace("$MAINPID", process).split() for line in found]
    assert "\nStandardOutput=null\nStandardError=journal\n" in settings
    relay.config.write_text(f"folder = {relay.folder}/state\nlisten = {relay.address}\nclients = 10\n")
    (prepare,), (serve,) = commands("ExecStartPre"), commands("ExecStart")
    with open(relay.folder / "log", "a") as log:
        subprocess.run(prepare, stdout=subprocess.DEVNULL, stderr=log, check=True, timeout=PATIENCE)
    assert serve[:2] == [str(PROGRAM), "serve"]
    relay.serve(serve[2:])

    def reload():
        for command in commands("ExecReload", str(relay.process.pid)):
            with open(relay.folder / "log", "a") as log:
                done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=log, timeout=PATIENCE)
            if done.returncode != 0:
                return False
        return True
    assert reload()
    relay.wait_for_log("The settings were read again.")
    relay.set("lisen = 1")
    assert not reload(), "whoever asked for it hears of the error"
    assert 'there is no setting "lisen"' in relay.read_log() and "goes on with those it has" not in relay.read_log()
    relay.end()
    log = relay.read_log()
    assert "landline://" not in log and "127.0.0.1" not in log, log


def the_service_is_shut_in():
    unit = UNIT
    assert run("check", "--config", ROOT / "resources/relay/landline-relay.conf").returncode == 0
    assert shutil.which("systemd-analyze"), "the unit cannot be checked without systemd-analyze, of the package systemd"
    with tempfile.TemporaryDirectory() as where:
        copy = pathlib.Path(where) / unit.name
        copy.write_text(unit.read_text().replace("/usr/bin/landline-relay", str(PROGRAM)))
        verified = subprocess.run(["systemd-analyze", "verify", "--man=no", copy], capture_output=True, text=True, timeout=PATIENCE)
        assert verified.returncode == 0 and unit.name not in verified.stderr, verified
        judged = subprocess.run(["systemd-analyze", "security", "--offline=true", "--no-pager", "--threshold=20", copy],
                                capture_output=True, text=True, timeout=PATIENCE)
        assert judged.returncode == 0, judged.stdout[-300:] + judged.stderr


TESTS = [tells_figures_and_accounts, revokes_by_the_first_digits, takes_invites_back, backs_up_and_overwrites_nothing,
         a_full_disk_leaves_no_half_backup, restores_under_a_new_epoch, a_damaged_backup_changes_nothing,
         two_at_once_do_not_harm_each_other, shows_the_admin_page_while_it_serves, makes_what_settings_from_a_package_lack,
         a_folder_that_is_not_there_is_told, a_link_in_the_folder_leads_no_command_elsewhere,
         init_means_the_service_where_there_is_one, is_known_by_its_public_address,
         tells_the_service_manager_how_it_is, the_service_does_what_its_unit_says, the_service_is_shut_in]

if __name__ == "__main__":
    wanted = sys.argv[2:]
    for test in TESTS:
        if wanted and test.__name__ not in wanted:
            continue
        print(test.__name__, flush=True)
        test()
    print("ok")
