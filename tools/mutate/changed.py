# SPDX-License-Identifier: BSD-2-Clause
"""Programs with one core file changed, built beside the real build and without touching the tree.

The commands come from the real build (`ninja -t commands`); a changed file is compiled to a scratch
object, and the link is made again with that object in its place.
"""

import functools
import shlex
import subprocess
import tempfile
from pathlib import Path

from cli.common import BUILD, TOP, Failure

LIBRARY = "kernel/core/libkernel_core.a"
COMPILE_SECONDS = 120


@functools.lru_cache(maxsize=None)
def commands(preset, target):
    """The shell commands that make a target, in order."""
    done = subprocess.run(["ninja", "-C", BUILD / preset, "-t", "commands", target], capture_output=True,
                          text=True, check=False)
    if done.returncode:
        raise Failure(f"build/{preset} does not know {target}: {done.stderr.strip()}")
    return done.stdout.splitlines()


def shell(line, folder):
    """Runs one command line in a build folder; True if it succeeded."""
    return subprocess.run(line, shell=True, cwd=folder, stdin=subprocess.DEVNULL, timeout=COMPILE_SECONDS,
                          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0


class Changed:
    """One changed core file: its objects and the programs linked with them."""

    def __init__(self, file, text):
        self.file = file
        self.scratch = tempfile.TemporaryDirectory(prefix="tessera-mutate-")
        self.folder = Path(self.scratch.name)
        self.source = self.folder / Path(file).name
        self.source.write_text(text)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.scratch.cleanup()

    def compile(self, preset, target, output, *flags):
        """Compiles the file as TARGET's build does; True if it compiles."""
        ending = f"-c {TOP / self.file}"
        line = next((one for one in commands(preset, target) if one.endswith(ending)), None)
        if line is None:
            raise Failure(f"no command of build/{preset} compiles {self.file} for {target}")
        words = [word for word in shlex.split(line) if word not in ("-MD", "-Werror")]
        for flag in ("-MT", "-MF", "-o"):
            if flag in words:
                at = words.index(flag)
                del words[at:at + 2]
        words[-1] = str(self.source)
        words[1:1] = [f"-I{(TOP / self.file).parent}"]
        return shell(shlex.join([*words, *flags, "-o", str(output)]), BUILD / preset)

    def library(self):
        """The core's library for the host with the change; None if it does not compile."""
        made, member = self.folder / "libkernel_core.a", self.folder / (self.source.name + ".o")
        if not made.exists():
            if not self.compile("host", LIBRARY, member):
                return None
            made.write_bytes((BUILD / "host" / LIBRARY).read_bytes())
            if not shell(f"ar r {made} {member}", self.folder):
                raise Failure("ar could not replace a member of the core's library")
        return made

    def host_program(self, name):
        """A test program with the change."""
        link = commands("host", name)[-1]
        made = self.folder / name
        line = link.replace(f" {LIBRARY}", f" {self.library()}").replace(f"-o bin/{name} ", f"-o {made} ")
        if str(made) not in line or not shell(line, BUILD / "host"):
            raise Failure(f"{name} cannot be linked with a changed core")
        return made

    def kernel(self, config):
        """A kernel for the target with the change."""
        target = f"kernel/kernel-{config}.elf"
        made, member = self.folder / f"kernel-{config}.elf", self.folder / f"{self.source.name}.{config}.obj"
        if not self.compile("aarch64", target, member):
            return None
        there = f"kernel/CMakeFiles/kernel-{config}.dir/core/{self.source.name}.obj"
        line = commands("aarch64", target)[-1].replace(f" {there} ", f" {member} ")
        line = line.replace(f"-o {target}", f"-o {made}")
        if str(member) not in line or not shell(line, BUILD / "aarch64"):
            raise Failure(f"{target} cannot be linked with a changed core")
        return made

    def optimised(self):
        """The code that an optimising compiler makes of it: equal code means an equal program."""
        made = self.folder / "optimised.o"
        return made.read_bytes() if self.compile("host", LIBRARY, made, "-O2", "-g0") else None
