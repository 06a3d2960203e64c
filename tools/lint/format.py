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
    names = [str(name) for name in common.files(root, ".c", ".h")]
    if not names:
        return []
    text = subprocess.run([program, "--dry-run", "--ferror-limit=1", *names], cwd=root, text=True,
                          stdin=subprocess.DEVNULL, stderr=subprocess.PIPE).stderr
    found = {name: line for name, line in
             reversed(re.findall(r"^(\S+?):(\d+):\d+: (?:warning|error): code should be", text, re.M))}
    return [f"{name}:{line}: not formatted; run clang-format -i {name}"
            for name, line in sorted(found.items())]


if __name__ == "__main__":
    common.finish(check(common.top()))
