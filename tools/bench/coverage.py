# SPDX-License-Identifier: BSD-2-Clause
"""Branches of the kernel's core that tests go both ways.

On the host gcov counts the branches of the source; on the target a plugin sees which ways the
conditional branches of the kernel's object code go, and the debug information says whose they are.
"""

import os
import re
import subprocess

from cli import checks, pipeline
from cli.common import BUILD, TOP, Failure, run
from sim import script

FOLDER = BUILD / "coverage"
PLUGIN = BUILD / "host/bin/branches.so"
CONFORM = TOP / "tests/kernel/conform/conform.run"
CONDITIONAL = re.compile(r"^ *([0-9a-f]+):\t[0-9a-f]{8} \t(?:b\.\w+|cbn?z|tbn?z)\t.*?([0-9a-f]+) <", re.M)
IMAGE = 0xffc0000000
IMAGE_END = IMAGE + (1 << 24)
LIMIT = 900


def host():
    """(ways taken, ways) of the core's source branches in the unit tests and the lockstep."""
    run(["cmake", "--preset", "host", "-B", FOLDER, "-DCMAKE_C_FLAGS=--coverage"], "configuring", cwd=TOP)
    run(["cmake", "--build", FOLDER, "--parallel", "2"], "building with coverage", cwd=TOP)
    for old in FOLDER.rglob("*.gcda"):
        old.unlink()
    subprocess.run(["ctest", "--test-dir", str(FOLDER), "-LE", "^long$", "-R", "^kernel_(core|spec)_"],
                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    ways = taken = 0
    objects = sorted((FOLDER / "kernel/core").rglob("*.gcda"))
    for path in objects:
        text = subprocess.run(["gcov", "-b", "-n", path], cwd=FOLDER, capture_output=True, text=True,
                              check=True, env={**os.environ, "LC_ALL": "C"}).stdout
        own = re.search(rf"File '[^']*kernel/core/{re.escape(path.stem)}'\n(.*?)(?:\n\n|\Z)", text, re.S)
        found = re.search(r"Taken at least once:([\d.]+)% of (\d+)", own.group(1)) if own else None
        if found:
            ways += int(found.group(2))
            taken += round(float(found.group(1)) * int(found.group(2)) / 100)
    if ways == 0:
        raise Failure("gcov found no branch in kernel/core")
    return taken, ways


def core_branches(kernel):
    """{address: (target, next)} of the conditional branches that come from kernel/core."""
    listing = subprocess.run(["aarch64-linux-gnu-objdump", "-d", kernel], capture_output=True, text=True,
                             check=True).stdout
    found = {int(at, 16): int(target, 16) for at, target in CONDITIONAL.findall(listing)}
    lines = subprocess.run(["aarch64-linux-gnu-addr2line", "-e", kernel, *map(hex, found)],
                           capture_output=True, text=True, check=True).stdout.splitlines()
    return {at: (target, at + 4) for (at, target), line in zip(found.items(), lines)
            if "kernel/core/" in line}


def target():
    """(ways taken, ways) of the release kernel's conditional branches in the conformance tests."""
    command = [*checks.boot_command(script.parse(CONFORM)[0]), "-plugin",
               f"{PLUGIN},from={IMAGE:#x},to={IMAGE_END:#x}"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=LIMIT)
    text = done.stderr.decode(errors="replace")
    if done.returncode or not re.search(r"^branches: end \d+$", text, re.M):
        raise Failure(f"the observed run failed (status {done.returncode})")
    edges = {(int(a, 16), int(b, 16)) for a, b in re.findall(r"^branches: edge (\S+) (\S+)", text, re.M)}
    ways = [(at, way) for at, both in core_branches(pipeline.TARGET / "kernel/kernel-release.elf").items()
            for way in both]
    return sum(way in edges for way in ways), len(ways)
