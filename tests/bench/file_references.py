"""What the sending of files is measured beside: scp and rsync through an OpenSSH server, and iperf3. All of it runs on
hosts of lan.py, and ends with their network.
"""
import getpass
import json
import pathlib
import resource
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "support"))
from transfers import TICKS, lan  # noqa: E402

CIPHER = "aes256-gcm@openssh.com"
# Tool -> Debian package.
TOOLS = {"scp": "openssh-client", "ssh": "openssh-client", "ssh-keygen": "openssh-client", "sshd": "openssh-server",
         "rsync": "rsync", "iperf3": "iperf3", "tc": "iproute2"}
PORT = 2222  # of the host's own network, which nobody else uses
LONGEST = 1800  # seconds that a copy may take
USER, USER_ID = "landline-bench", 4711  # within the server's namespace; outside it is whoever runs the benchmark
# Becomes its arguments, which do not outlive the harness (1: PR_SET_PDEATHSIG) and become the parent of what their
# children leave behind (36: PR_SET_CHILD_SUBREAPER). sshd does, and only of children are processor times known.
BECOME = """import ctypes, os, signal, sys
prctl = ctypes.CDLL(None).prctl
prctl(1, signal.SIGKILL)
prctl(36, 1)
os.execv(sys.argv[1], sys.argv[1:])
"""


def missing_tools():
    """The packages of what is not installed; an empty list if all is there. Call it after lan.py has set the path."""
    return sorted({package for tool, package in TOOLS.items() if not shutil.which(tool)})


def children_seconds():
    """Processor seconds of all programs that this one has waited for, and of those that they waited for."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class SshServer:
    """sshd at 127.0.0.1 of a host, with keys of its own that are gone afterwards, for one user: the current one.

    A program with the user id 0 in a user namespace is no root, but sshd would take itself for it and fail. So it gets
    one more namespace, in which its user is an ordinary one.
    """

    def __init__(self, host):
        self.host = host
        self.folder = host.folder / "ssh"
        self.folder.mkdir(mode=0o700)
        self.config = self.folder / "client.conf"
        for name in ("host", "user"):
            host.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", self.folder / f"{name}.key")
        user, into = self._user()
        self._write_files(user)
        command = [shutil.which("sshd"), "-D", "-e", "-f", str(self.folder / "server.conf")]
        with open(self.folder / "log", "wb") as log:
            self.process = host.popen(*into, sys.executable, "-c", BECOME, *command, stdin=subprocess.DEVNULL,
                                      stdout=log, stderr=log)
        host.net.closing.append(self._end)
        lan.wait_for(self._answers, 20, lambda: "sshd to answer: " + (self.folder / "log").read_text(errors="replace"))

    def _user(self):
        """(name of whom sshd serves, command that goes into a namespace where that is an ordinary user)."""
        if pathlib.Path("/proc/self/uid_map").read_text().split() == ["0", "0", "4294967295"]:
            pathlib.Path("/run/sshd").mkdir(mode=0o755)  # what sshd asks for as the real root
            return getpass.getuser(), []
        users = self.folder / "passwd"
        known = pathlib.Path("/etc/passwd").read_text()
        users.write_text(f"{known}{USER}:x:{USER_ID}:{USER_ID}::{self.folder}:/bin/sh\n")
        subprocess.run(["mount", "--bind", users, "/etc/passwd"], check=True)  # in this program's own mount namespace
        self.host.net.closing.append(lambda: subprocess.run(["umount", "--lazy", "/etc/passwd"], check=True))
        return USER, ["unshare", "--user", f"--map-user={USER_ID}", f"--map-group={USER_ID}", "--"]

    def _write_files(self, user):
        folder = self.folder
        key = (folder / "host.key.pub").read_text()
        (folder / "known").write_text(f"[127.0.0.1]:{PORT} {key}")
        (folder / "server.conf").write_text(
            f'ListenAddress 127.0.0.1:{PORT}\nHostKey "{folder}/host.key"\nPidFile none\nStrictModes no\nUsePAM no\n'
            f'AuthorizedKeysFile "{folder}/user.key.pub"\nPasswordAuthentication no\nKbdInteractiveAuthentication no\n'
            f"PermitRootLogin prohibit-password\nSubsystem sftp internal-sftp\n")
        self.config.write_text(
            f'Host there\n HostName 127.0.0.1\n Port {PORT}\n User {user}\n IdentityFile "{folder}/user.key"\n'
            f' IdentitiesOnly yes\n UserKnownHostsFile "{folder}/known"\n GlobalKnownHostsFile /dev/null\n'
            f" StrictHostKeyChecking yes\n BatchMode yes\n Ciphers {CIPHER}\n LogLevel ERROR\n")

    def _answers(self):
        assert self.process.poll() is None, "sshd has ended: " + (self.folder / "log").read_text(errors="replace")
        return self.host.run("ssh", "-F", self.config, "there", "true", check=False).returncode == 0

    def _end(self):
        self.process.kill()
        self.process.wait()

    def scp(self, *options, source, folder):
        self.host.run("scp", "-F", self.config, "-c", CIPHER, *options, source, f"there:{folder}/", timeout=LONGEST)

    def rsync(self, source, folder):
        self.host.run("rsync", "-a", "-e", f'ssh -F "{self.config}"', source, f"there:{folder}/", timeout=LONGEST)

    def processor_seconds(self):
        """Of the server, with all connections that there were; the last ones are waited for."""
        pid = self.process.pid
        children = pathlib.Path(f"/proc/{pid}/task/{pid}/children")
        lan.wait_for(lambda: not children.read_text().strip(), 20, "sshd to end its connections")
        fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
        return sum(map(int, fields[11:15])) / TICKS


class Iperf:
    """iperf3 from one host to the address of another, which serves."""

    def __init__(self, client, server, address):
        self.client, self.address = client, address
        self.process = server.popen("iperf3", "--server", "--forceflush", "--bind", address, stdin=subprocess.DEVNULL,
                                    stdout=subprocess.PIPE, text=True)
        server.net.closing.append(self._end)
        while "listening" not in (line := self.process.stdout.readline()):
            assert line, "iperf3 --server has ended"

    def _end(self):
        self.process.kill()
        self.process.wait()

    def bytes_per_second(self, size):
        """Of one stream of so many bytes, as the receiver saw it."""
        result = self.client.run("iperf3", "--client", self.address, "--bytes", str(size), "--json", timeout=LONGEST)
        return json.loads(result.stdout)["end"]["sum_received"]["bits_per_second"] / 8
