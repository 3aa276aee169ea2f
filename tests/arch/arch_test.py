#!/usr/bin/env python3
"""The rules of the house that a compiler does not know.

  * An include points down or sideways within its own module, never up. The floors are in ARCHITECTURE.md.
  * app/ and relay/ never include each other; there is no Qt below p2p/net nor in relay/store; only p2p/wire reads generated Protobuf code.
  * No file is longer than 500 lines unless its header comment has a line "Length:" with the reason.
  * Windows show text as it is, never as markup: app/views/plain_text.h.
  * No tracked file names a place on somebody's machine or a private package registry.
  * Every fuzz target has a corpus.

Run without arguments in the source tree; `--self-test` checks the rules against sources that break them.
"""
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
MAX_LINES = 500

# A module may include those of lower floors and itself. Numbers in between keep order within app/.
FLOORS = {
    "p2p/base": 0, "proto": 0,
    "p2p/noise": 1, "p2p/wire": 1, "p2p/identity": 1,
    "p2p/session": 2, "p2p/timeline": 2, "p2p/transfer": 2, "p2p/discovery": 2,
    "p2p/envelope": 2, "p2p/mailbox": 2, "p2p/path": 2,
    "p2p/net": 3,
    "relay/store": 4, "relay/clients": 4.1, "relay/admin": 4.2, "relay": 4.3,
    "app/storage": 4, "app/messenger": 4.1, "app/platform": 4.1, "app/pictures": 4.1, "app/control": 4.2, "app/models": 4.2,
    "app/views": 4.3, "app/cli": 4.3, "app": 4.4,
}
# Above p2p/net, and yet without Qt and sockets, so that simulations reach their rules.
WITHOUT_QT = {"relay/store"}
# Pairs on one floor of app/ that do not know each other are kept apart by the numbers being equal.

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^">]+)[">]', re.MULTILINE)
QT_HEADER = re.compile(r"^(Q[A-Z]\w*|Qt\w*)(/|$)")
SOURCE = (".h", ".cpp")

AS_IT_IS = r'(?!\s*(?:plainTip\(|wrappedTip\(|(?:\w+::)?tr\("[^"]*"\)[,)]))'
MARKUP = [
    (re.compile(r"\b(?:new|public|final :) QLabel\b|\bQLabel(?: \w+)?[({]|\bQLabel \w+;"), "PlainLabel"),
    (re.compile(r"\bsetToolTip\(" + AS_IT_IS), "plainTip or wrappedTip"),
    (re.compile(r"\bQToolTip::showText\([^,]*," + AS_IT_IS), "plainTip or wrappedTip"),
    (re.compile(r"\bQ(?:MessageBox|ErrorMessage|TextBrowser|TextEdit)\b|\bsetHtml\(|\bsetTextFormat\("), "a dialog or a label of ours"),
]

# Each with the pieces of a name apart, so that this file does not contain what it forbids.
PLACES = [
    (re.compile(r"(?<![\w.$}/-])/(home|Users|root)/[a-z][\w.-]*/"), "a folder of one person's machine"),
    (re.compile(r"(?<![\w.$}/-])/(work|workspace|build|src|mnt)/[\w.-]+/"), "an absolute path of one machine"),
    (re.compile(r"(?<![\w.$}/-])/tmp/[\w.-]+/"), "an absolute path of a temporary clone"),
    (re.compile(r"https?://[\w.-]*(artifact" r"ory|nex" r"us|verdac" r"cio|devpi|pypi|registry)[\w.-]*[:/]"),
     "a package registry"),
    (re.compile(r"https?://(10|192\.168|172\.(1[6-9]|2\d|3[01]))\.[\d.]+[:/]"), "a host of a private network"),
]
BINARY = (".png", ".jpg", ".ico", ".db", ".bin", ".svg", ".qm", ".gz")


def module_of(path):
    """The module in which a file lies, or None for one outside of the house (tests, resources)."""
    parts = pathlib.PurePosixPath(path).parts
    for length in (2, 1):
        name = "/".join(parts[:length])
        if len(parts) > length and name in FLOORS:
            return name
    return None


def include_errors(path, text):
    """What is wrong with the includes of one source file."""
    module = module_of(path)
    if module is None:
        return []
    floor = FLOORS[module]
    errors = []
    for bracket, name in INCLUDE.findall(text):
        if name.endswith(".pb.h"):
            if module != "p2p/wire" and not module.startswith("relay/"):
                errors.append(f"{path}: only p2p/wire includes {name}")
            continue
        if bracket == "<":
            if (floor < FLOORS["p2p/net"] or module in WITHOUT_QT) and QT_HEADER.match(name):
                errors.append(f"{path}: no Qt below p2p/net and in relay/store, but it includes <{name}>")
            continue
        if "/" not in name:
            # Code that moc and uic generate lies beside the including file; a header of ours is named in full.
            if not name.endswith(".moc") and not name.startswith(("moc_", "ui_")):
                errors.append(f'{path}: name "{name}" by its path from the top')
            continue
        other = module_of(name)
        if other is None:
            errors.append(f'{path}: "{name}" is in no module')
        elif {module.split("/")[0], other.split("/")[0]} == {"app", "relay"}:
            errors.append(f'{path}: app and relay never include each other, but it includes "{name}"')
        elif module in WITHOUT_QT and other == "p2p/net":
            errors.append(f'{path}: {module} has no sockets, but it includes "{name}"')
        elif other != module and FLOORS[other] >= floor:
            errors.append(f'{path}: floor {floor:g} may not include "{name}" of floor {FLOORS[other]:g}')
    return errors


def length_errors(path, text):
    lines = text.splitlines()
    if len(lines) <= MAX_LINES or any(re.search(r"\bLength: \S", line) for line in lines[:60]):
        return []
    return [f"{path}: {len(lines)} lines, and no \"Length:\" in its header says why it may have more than {MAX_LINES}"]


def markup_errors(path, text):
    """What would show a name or a sentence from elsewhere as markup. Constants of ours are none."""
    if not path.startswith("app/views/") or path == "app/views/plain_text.h":
        return []
    errors = []
    for pattern, instead in MARKUP:
        for match in pattern.finditer(text):
            line = text.count("\n", 0, match.start()) + 1
            errors.append(f"{path}:{line}: takes text for markup: {match.group(0)}…; use {instead}")
    return errors


def place_errors(path, text):
    errors = []
    for number, line in enumerate(text.splitlines(), 1):
        for pattern, what in PLACES:
            match = pattern.search(line)
            if match:
                errors.append(f"{path}:{number}: {what}: {match.group(0)}")
    return errors


def corpus_errors(root):
    """Every landline_fuzzer(NAME … CORPUS dir) has a folder with at least one input."""
    errors = []
    listing = root / "tests/fuzz/CMakeLists.txt"
    text = re.sub(r"#.*", "", listing.read_text(encoding="utf-8"))
    bases = [listing.parent, root]
    for call in re.findall(r"landline_fuzzer\s*\(([^)]*)\)", text):
        words = call.split()
        if not words or "${" in words[0]:
            continue
        match = re.search(r'CORPUS\s+"?([^"\s]+)', call)
        if not match:
            errors.append(f"tests/fuzz: {words[0]} names no corpus")
            continue
        relative = re.sub(r"\$\{\w+\}/?", "", match.group(1))
        folders = [base / relative for base in bases if (base / relative).is_dir()]
        if not folders or not any(entry.is_file() for entry in folders[0].iterdir()):
            errors.append(f"tests/fuzz: the corpus of {words[0]} ({relative}) is missing or empty")
    sources = {path.stem for path in (root / "tests/fuzz").glob("*_fuzz*.cpp")}
    for stem in sorted(sources):
        if stem not in text:
            errors.append(f"tests/fuzz: {stem}.cpp is no target of CMakeLists.txt")
    return errors


def tracked_files(root):
    """What git tracks, and what it would; the whole tree where this is not a git checkout."""
    try:
        out = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=root,
                             capture_output=True, check=True).stdout.decode()
        names = [name for name in out.split("\0") if name]
    except (OSError, subprocess.CalledProcessError):
        names = [str(path.relative_to(root)) for path in root.rglob("*")
                 if path.is_file() and path.relative_to(root).parts[0] not in ("build", ".git")]
    return sorted(name for name in set(names) if (root / name).is_file())


def check_tree(root):
    errors = []
    top = {name.split("/")[0] for name in tracked_files(root) if "/" in name}
    unknown = top - {"app", "p2p", "relay", "proto", "tests", "resources", ".ci"}
    errors += [f"{name}/: not a folder of the house" for name in sorted(unknown)]
    for name in tracked_files(root):
        if name.endswith(BINARY) or "/corpus/" in name:
            continue
        try:
            text = (root / name).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if name.endswith(SOURCE):
            errors += include_errors(name, text)
            errors += markup_errors(name, text)
        if name.endswith(SOURCE + (".py", ".sh", ".proto", ".cmake")) or name == "dev":
            errors += length_errors(name, text)
        errors += place_errors(name, text)
    return errors + corpus_errors(root)


def self_test():
    """Each rule against a source that breaks it and one that does not."""
    cases = [
        (include_errors("p2p/base/a.h", '#include "p2p/wire/frame.h"'), 1),
        (include_errors("p2p/wire/a.h", '#include "p2p/identity/keys.h"'), 1),
        (include_errors("p2p/wire/a.h", '#include "p2p/base/bytes.h"\n#include "p2p/wire/b.h"\n#include <vector>'), 0),
        (include_errors("p2p/session/a.cpp", "#include <QObject>"), 1),
        (include_errors("p2p/session/a.cpp", "#include <QtCore/QObject>"), 1),
        (include_errors("p2p/net/a.cpp", "#include <QObject>"), 0),
        (include_errors("p2p/net/a.cpp", '#include "app/storage/database.h"'), 1),
        (include_errors("p2p/session/a.cpp", '#include "wire.pb.h"'), 1),
        (include_errors("p2p/wire/a.cpp", '#include "wire.pb.h"'), 0),
        (include_errors("app/storage/a.h", '#include "app/messenger/messenger.h"'), 1),
        (include_errors("app/messenger/a.h", '#include "app/storage/database.h"'), 0),
        (include_errors("app/models/a.h", '#include "app/control/client.h"'), 1),
        (include_errors("relay/store/a.h", '#include "app/storage/database.h"'), 1),
        (include_errors("relay/store/a.h", '#include <QObject>'), 1),
        (include_errors("relay/store/a.h", '#include "p2p/net/node.h"'), 1),
        (include_errors("relay/store/a.h", '#include "p2p/base/clock.h"'), 0),
        (include_errors("relay/clients/a.h", '#include "p2p/net/node.h"\n#include <QObject>'), 0),
        (include_errors("app/storage/a.h", '#include "relay/store/mailbox.h"'), 1),
        (include_errors("app/storage/a.h", '#include "database.h"'), 1),
        (include_errors("app/storage/a.cpp", '#include "a.moc"'), 0),
        (include_errors("tests/p2p/a.cpp", '#include "p2p/net/node.h"'), 0),
        (length_errors("a.h", "x\n" * 501), 1),
        (length_errors("a.h", "x\n" * 500), 0),
        (length_errors("a.h", "/// Length: one table\n" + "x\n" * 600), 0),
        (markup_errors("app/views/a.cpp", "auto* a = new QLabel(name, this);"), 1),
        (markup_errors("app/views/a.h", "class A final : public QLabel {"), 1),
        (markup_errors("app/views/a.cpp", "QLabel a(name);"), 1),
        (markup_errors("app/views/a.h", "class QLabel;\nclass A : public PlainLabel {\n    QLabel* m_a = nullptr;"), 0),
        (markup_errors("app/views/a.cpp", "auto* a = new PlainLabel(name, this);"), 0),
        (markup_errors("app/views/a.cpp", "a->setToolTip(name);"), 1),
        (markup_errors("app/views/a.cpp", 'a->setToolTip(tr("Of %1").arg(name));'), 1),
        (markup_errors("app/views/a.cpp", 'a->setToolTip(tr("Back"));\na->setToolTip(plainTip(name));'), 0),
        (markup_errors("app/views/a.cpp", "QToolTip::showText(help->globalPos(), name, this);"), 1),
        (markup_errors("app/views/a.cpp", "QToolTip::showText(at, wrappedTip(name), this);"), 0),
        (markup_errors("app/views/a.cpp", "QMessageBox::question(this, title, name);"), 1),
        (markup_errors("tests/app/views/a.cpp", "QLabel label(name);"), 0),
        (place_errors("a", "cd /ho" "me/alice/landline"), 1),
        (place_errors("a", "cd /tm" "p/clone/landline"), 1),
        (place_errors("a", "see https://pyp" "i.example.org/simple"), 1),
        (place_errors("a", "/usr/share/fonts and https://example.org/a and build/src/x"), 0),
    ]
    for index, (errors, expected) in enumerate(cases):
        if len(errors) != expected:
            print(f"self-test {index}: expected {expected} errors, got {errors}")
            return 1
    return 0


def main():
    if self_test() != 0:
        return 1
    if "--self-test" in sys.argv:
        return 0
    errors = check_tree(ROOT)
    for error in errors:
        print(error)
    print(f"{len(errors)} errors" if errors else "the rules of the house are kept")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main())
