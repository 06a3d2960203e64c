#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Words that must not be in the tree.

Unfinished thoughts are marked NEEDSWORK with what is to be decided, and nothing
else. Names of machines (hosts to fetch from, folders of the machine the tree was written
on) make a tree depend on them, so no host is named at all, but for those that
name things and are never asked.
"""

import re

import common

UNFINISHED = re.compile(r"\b(" + "|".join(("TO" "DO", "FIX" "ME", "X" "XX")) + r")\b")
URL = re.compile(r"\b(?:https?|ftp|git|ssh)://([\w.-]+)")
NAMING_HOSTS = {"www.w3.org"}
# Folders that every machine has: naming them names no machine.
EVERYWHERE = {"/tmp", "/var/tmp", "/root", "/home", "/opt", "/srv"}


def check(root):
    """All findings in the tree."""
    folder = root if str(root.parent) in EVERYWHERE else root.parent
    here = re.compile(re.escape(str(folder)) + r"/[\w.]") if len(root.parts) > 2 else None
    findings = []
    for name in common.files(root):
        for number, line in common.lines(root / name):
            for found in UNFINISHED.finditer(line):
                findings.append(f"{name}:{number}: {found.group(1)}: say NEEDSWORK and what to decide")
            for found in URL.finditer(line):
                if found.group(1) not in NAMING_HOSTS:
                    findings.append(f"{name}:{number}: names the host {found.group(1)}")
            if here and here.search(line):
                findings.append(f"{name}:{number}: names a folder of this machine")
    return findings


if __name__ == "__main__":
    common.finish(check(common.top()))
