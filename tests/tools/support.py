# SPDX-License-Identifier: BSD-2-Clause
"""Shared by the tests of the Python parts: the import path and the fake emulator."""

import sys
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
for folder in (TOP / "tools/deps", TOP / "tools"):
    sys.path.insert(0, str(folder))


def emulator(*acts):
    """The command line of the fake emulator, see emulator.py."""
    return [sys.executable, str(TOP / "tests/tools/emulator.py"), *acts]
