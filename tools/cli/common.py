# SPDX-License-Identifier: BSD-2-Clause
"""What all parts of the command share: places, messages, running programs."""

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
BUILD = TOP / "build"
DEPS = BUILD / "deps"


class Failure(Exception):
    """The command cannot go on; the text says why and what to do."""


def say(text):
    """A line of progress, on standard error and at once."""
    print(f"tessera: {text}", file=sys.stderr, flush=True)


def run(command, what, **options):
    """Runs a program, its output going to standard error; Failure if it fails."""
    command = [str(part) for part in command]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr, **options)
    if done.returncode:
        raise Failure(f"{what} failed (exit status {done.returncode})")
