#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""clang-format agrees with every C file. Version 14, because others differ."""

import re
import shutil
import subprocess

import common

VERSION = "14"


def tool():
    """The clang-format of the right version; None if there is none."""
    for name in (f"clang-format-{VERSION}", "clang-format"):
        if shutil.which(name):
            text = subprocess.run([name, "--version"], stdout=subprocess.PIPE, text=True).stdout
            if re.search(rf"version {VERSION}\.", text):
                return name
    return None


def check(root):
    """One finding for each file that is not formatted."""
    program = tool()
    if program is None:
        return [f"clang-format {VERSION} is not installed"]
    findings = []
    for name in common.files(root, ".c", ".h"):
        text = (root / name).read_bytes()
        formatted = subprocess.run([program, f"--assume-filename={name}"], cwd=root, input=text,
                                   check=True, stdout=subprocess.PIPE).stdout
        if formatted != text:
            pairs = enumerate(zip(text.split(b"\n"), formatted.split(b"\n")), 1)
            line = next((number for number, (a, b) in pairs if a != b), 1)
            findings.append(f"{name}:{line}: not formatted; run clang-format -i {name}")
    return findings


if __name__ == "__main__":
    common.finish(check(common.top()))
