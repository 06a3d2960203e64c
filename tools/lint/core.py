#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The pure core: no conditionals in its text, no way out but the machine interface."""

import re
import subprocess

import common

# The compiler may ask for these by itself when structures are copied or cleared.
COMPILER = {"memcpy", "memset", "memmove", "memcmp"}
LIBRARY = "build/aarch64/kernel/core/libkernel_core.a"


def conditionals(root):
    """Every #if in kernel/core."""
    return [f"{name}:{number}: no conditional compilation in the core"
            for name in common.files(root, ".c", ".h")
            if name.as_posix().startswith("kernel/core/")
            for number, line in common.lines(root / name) if re.match(r"\s*#\s*if", line)]


def outward(root):
    """Every symbol the built core needs from outside that is not machine_*."""
    library = root / LIBRARY
    if not library.is_file():
        return [f"{LIBRARY}: not built; run tools/tessera build first"]
    text = subprocess.run(["nm", "--format=posix", library], check=True, text=True,
                          stdout=subprocess.PIPE).stdout
    symbols = [line.split()[:2] for line in text.splitlines() if len(line.split()) >= 2]
    defined = {name for name, kind in symbols if kind not in "Uwv"}
    needed = {name for name, kind in symbols if kind == "U"} - defined
    return [f"{LIBRARY}: the core needs {name}, which is no machine_ function"
            for name in sorted(needed) if not name.startswith("machine_") and name not in COMPILER]


if __name__ == "__main__":
    ROOT = common.top()
    common.finish(conditionals(ROOT) + outward(ROOT))
