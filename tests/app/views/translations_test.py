#!/usr/bin/env python3
"""Every visible text has a finished translation that keeps its placeholders: lupdate run over the sources finds nothing
that the committed files lack."""

import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import xml.etree.ElementTree as xml

lupdate, root = sys.argv[1], pathlib.Path(sys.argv[2])
sources = [root / "app" / part for part in ("models", "views", "platform", "messenger", "storage", "control/doctor.cpp")]
problems = []


def texts(message):
    translation = message.find("translation")
    forms = translation.findall("numerusform")
    return [form.text or "" for form in forms] if forms else [translation.text or ""]


def check(name, options):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder) / name
        shutil.copy(root / "resources" / "translations" / name, copy)
        subprocess.run([lupdate, "-silent", "-no-obsolete", "-locations", "none", "-I", root, *options, *sources, "-ts", copy],
                       check=True, stderr=subprocess.DEVNULL)
        count = 0
        for message in xml.parse(copy).getroot().iter("message"):
            count += 1
            source = message.find("source").text
            if message.find("translation").get("type") == "unfinished":
                problems.append(f"{name}: not translated: {source!r}")
            for text in texts(message):
                if not text.strip():
                    problems.append(f"{name}: empty: {source!r}")
                elif set(re.findall(r"%[0-9n]", source)) != set(re.findall(r"%[0-9n]", text)):
                    problems.append(f"{name}: other placeholders: {source!r} -> {text!r}")
                elif name.endswith("zh_CN.ts") and re.search(r"[\u3400-\u9fff][,:;?!]|[,:;?!][\u3400-\u9fff]", text):
                    problems.append(f"{name}: half-width punctuation: {text!r}")
                elif name.endswith("zh_CN.ts") and "您" in text:
                    problems.append(f"{name}: the program says 你: {text!r}")
        return count


if check("landline_zh_CN.ts", []) < 100:
    problems.append("lupdate found hardly any text")
check("landline_en.ts", ["-pluralonly"])
print("\n".join(problems) or "every text is translated")
sys.exit(1 if problems else 0)
