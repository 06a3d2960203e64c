#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every source file names its licence in its first lines."""

import common

SUFFIXES = {".c", ".h", ".S", ".ld", ".py", ".sh", ".cmake", ".xsd"}
NAMES = {"CMakeLists.txt", ".clang-format"}
TAG = "SPDX-License-Identifier: BSD-2-Clause"
HEAD = 6


def is_source(root, name):
    """Is the file one that people write in a language with comments?"""
    if name.suffix in SUFFIXES or name.name in NAMES:
        return True
    return not name.suffix and (root / name).read_bytes()[:2] == b"#!"


def check(root):
    """One finding for each source file without the tag."""
    return [f"{name}:1: no '{TAG}' in the first {HEAD} lines" for name in common.files(root)
            if is_source(root, name)
            and not any(TAG in line for _, line in common.lines(root / name)[:HEAD])]


if __name__ == "__main__":
    common.finish(check(common.top()))
