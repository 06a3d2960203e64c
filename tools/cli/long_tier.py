# SPDX-License-Identifier: BSD-2-Clause
"""`tessera test --long`: what takes too long for every change.

Its parts are the ctest tests with the label `long`, the boots of `*.long.run` files, and the long
tier of the proofs. A part that passed is noted with the commit it passed at, so that a run which
was ended goes on where it stopped; in a tree with changes nothing is noted or believed.
"""

import re
import subprocess
import sys
from functools import partial

from cli import builder
from cli.common import BUILD, TOP, say

DONE = BUILD / "long-tier.txt"
PROOFS = TOP / "tests/kernel/proofs/run.py"


def git(*arguments):
    """What a git command prints, or None outside a repository."""
    done = subprocess.run(["git", *arguments], cwd=TOP, capture_output=True, text=True)
    return done.stdout.strip() if done.returncode == 0 else None


def commit():
    """The commit that the tree is at; None if it has changes."""
    return None if git("status", "--porcelain") != "" else git("rev-parse", "HEAD")


def passed_before(at):
    """Names of the parts that passed at this commit."""
    if at is None or not DONE.is_file():
        return set()
    lines = (line.split(" ", 1) for line in DONE.read_text().splitlines())
    return {name for where, name in lines if where == at}


def ctest_names(preset):
    """The tests of a preset that have the label."""
    listed = subprocess.run(["ctest", "--preset", preset, "-L", "^long$", "-N"], cwd=TOP,
                            capture_output=True, text=True, stdin=subprocess.DEVNULL).stdout
    return re.findall(r"^ *Test +#\d+: (\S+)$", listed, re.M)


def succeeds(command):
    """Whether a program ends well."""
    return subprocess.run(command, cwd=TOP, stdin=subprocess.DEVNULL).returncode == 0


def parts(long_boots):
    """(name, function that says whether it passed) of everything in the tier."""
    for preset in ("host", "host-clang"):
        for name in ctest_names(preset):
            yield f"{preset} {name}", partial(succeeds, ["ctest", "--preset", preset, "-R", f"^{name}$"])
    yield "proofs", partial(succeeds, [sys.executable, str(PROOFS), "--tier", "long"])
    for name, action in long_boots:
        yield f"boot {name}", action


def run(tally, long_boots):
    """Runs every part that did not pass at this commit, counting into TALLY."""
    for preset in ("host", "host-clang", "aarch64"):
        builder.build_preset(preset)
    at = commit()
    if at is None:
        say("the tree has changes: what passes is not noted for a later run")
    before = passed_before(at)
    for name, action in list(parts(long_boots)):
        if name in before:
            print(f"ok     {name}: passed before at this commit", flush=True)
            tally.note(True)
            continue
        say(f"long: {name}")
        ok = action()
        print(f"{'ok    ' if ok else 'FAILED'} {name}", flush=True)
        tally.note(ok)
        if ok and at is not None:
            with DONE.open("a") as file:
                file.write(f"{at} {name}\n")
    return tally
