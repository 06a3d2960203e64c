# SPDX-License-Identifier: BSD-2-Clause
"""How the cost of reading, checking, printing and packing a spec grows with its size.

Time is the processor time of the process, memory its peak; each is shown beside what one object
costs and beside that cost at the smallest size. Linear growth is a ratio near 1.
"""

import os
import tempfile
from pathlib import Path

from bench import capdl_specs

SIZES = (10_000, 20_000, 50_000, 100_000)
CAPS_PER_OBJECT = 10


def measured(command, output):
    """Runs a program to its end: (processor seconds, peak bytes, exit status)."""
    with open(output, "wb") as out:
        pid = os.posix_spawn(command[0], [str(word) for word in command], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, out.fileno(), 1),
                                           (os.POSIX_SPAWN_OPEN, 2, os.devnull, os.O_WRONLY, 0)])
        _, status, usage = os.wait4(pid, 0)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, os.waitstatus_to_exitcode(status)


def commands(program, folder, spec):
    """What is done with a spec: (verb, command)."""
    yield "check", [program, "check", spec]
    yield "print", [program, "print", spec]
    if spec.name.startswith("components"):
        yield "pack", [program, "pack", spec, "--output", folder / "spec.bin",
                       "--payload", folder / "payload.bin"]


def lines(program):
    """One line of figures for each shape, verb and size."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for shape, make in capdl_specs.SHAPES.items():
            first = {}
            for size in SIZES:
                spec = folder / f"{shape}.cdl"
                with open(spec, "w", encoding="ascii") as out:
                    out.writelines(make(size, CAPS_PER_OBJECT))
                for verb, command in commands(program, folder, spec):
                    seconds, peak, status = measured(command, folder / "out.txt")
                    cost, share = seconds / size, peak / size
                    base = first.setdefault(verb, (cost, share))
                    good = "" if status == 0 else f"  exit status {status}"
                    yield (f"{shape:10} {verb:6} {size:7} objects  {seconds:6.2f} s {peak >> 20:5} MiB   each "
                           f"{cost * 1e6:5.1f} us ({cost / base[0]:.2f}) "
                           f"{share:6.0f} bytes ({share / base[1]:.2f}){good}")
