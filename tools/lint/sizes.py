#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Functions and files stay short.

Functions have 60 lines at most and files 600. Three in a hundred functions may
be longer, up to 100 lines; files may not be longer at all. Functions are found by their braces
in the first column, which is how clang-format leaves them.
"""

import common

FUNCTION = 60
FUNCTION_HARD = 100
FUNCTION_SHARE = 0.03
FILE = 600


def functions(text):
    """(first line, length) of each function body in numbered lines."""
    start = None
    for number, line in text:
        if line.rstrip() == "{":
            start = number
        elif line.startswith("}") and start is not None:
            yield start, number - start - 1
            start = None


def check(root):
    """All findings in the tree."""
    findings, long, total = [], [], 0
    for name in common.files(root, ".c", ".h"):
        text = common.lines(root / name)
        if len(text) > FILE:
            findings.append(f"{name}:{FILE}: file of {len(text)} lines, {FILE} allowed")
        for start, length in functions(text):
            total += 1
            if length > FUNCTION_HARD:
                findings.append(f"{name}:{start}: function of {length} lines, {FUNCTION} allowed")
            elif length > FUNCTION:
                long.append(f"{name}:{start}: function of {length} lines")
    if len(long) > FUNCTION_SHARE * total:
        findings += long + [f"{len(long)} of {total} functions have more than {FUNCTION} lines, "
                            f"{int(FUNCTION_SHARE * total)} allowed"]
    return findings


if __name__ == "__main__":
    common.finish(check(common.top()))
