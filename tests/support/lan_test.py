#!/usr/bin/env python3
"""Where the kernel refuses namespaces, tests on a network skip, and say so; where only a tool is missing, they fail."""
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SUPPORT = pathlib.Path(__file__).resolve().parent
REFUSAL = "unshare: unshare failed: Operation not permitted"
TEST = f"import sys; sys.path.insert(0, {str(SUPPORT)!r}); import lan; lan.main(lambda: print('it ran'))"


def run(path, *command):
    environment = {key: value for key, value in os.environ.items() if not key.startswith("LANDLINE_")}
    environment["PATH"] = path
    return subprocess.run([sys.executable, *command], env=environment, capture_output=True, text=True, timeout=60)


def skips_with_the_kernels_reason(folder):
    fake = folder / "unshare"
    fake.write_text(f"#!/bin/sh\necho '{REFUSAL}' >&2\nexit 1\n")
    fake.chmod(0o755)
    path = f"{folder}:{os.environ['PATH']}"
    refused = run(path, "-c", TEST)
    assert refused.returncode == 77, refused
    assert refused.stdout.startswith("skipped:") and REFUSAL in refused.stdout, refused
    assert "it ran" not in refused.stdout, refused
    told = run(path, str(SUPPORT / "lan.py"))
    assert told.returncode == 0 and REFUSAL in told.stdout, told


def fails_without_its_tools(folder):
    for name in ("unshare", "nsenter", "mount"):
        (folder / name).unlink(missing_ok=True)
        (folder / name).symlink_to(shutil.which(name))
    script = TEST.replace("import lan;", "import lan; lan.os.environ['PATH'] = lan.os.environ['PATH'].split(':')[0];")
    broken = run(str(folder), "-c", script)
    assert broken.returncode == 1 and "iproute2" in broken.stderr, broken


if __name__ == "__main__":
    for test in (skips_with_the_kernels_reason, fails_without_its_tools):
        with tempfile.TemporaryDirectory() as made:
            test(pathlib.Path(made))
        print(test.__name__, "passed")
