# SPDX-License-Identifier: BSD-2-Clause
"""expect.txt and *.run: what a boot must show, and driving a machine through it.

The format is described in apps/README.md. A file is parsed into one Script per
variant; run_script() boots one and checks it.
"""

import re
import shlex
import time
from dataclasses import dataclass, field, replace
from pathlib import Path

from sim.board import parse_size
from sim.machine import Machine, plain
from sim.session import FATAL, UNBUILT


TRANSCRIPT_LINES = 40   # of a failed run that are shown


class ScriptError(Exception):
    """A line of a script is wrong; the text has file and line."""


@dataclass
class Script:
    """One boot and what it must show."""

    path: Path
    variant: str = ""
    options: list = field(default_factory=list)
    memory: int = 1 << 30
    timeout: int = 60
    poweroff: bool = True
    ready: str = None
    root_task: str = None
    system: str = None
    spec: str = None
    steps: list = field(default_factory=list)   # ("expect", regex) and ("input", text), in order
    forbids: list = field(default_factory=list)

    @property
    def name(self):
        """Path and variant, for reports."""
        place = self.path.parent.name if self.path.name == "expect.txt" else self.path.stem
        return f"{place}@{self.variant}" if self.variant else place


def set_key(script, key, value, where):
    """Applies one line to SCRIPT."""
    try:
        if key in ("expect", "forbid"):
            re.compile(value)
        if key == "expect":
            script.steps.append((key, value))
        elif key == "input":
            script.steps.append((key, value.encode().decode("unicode_escape")))
        elif key == "forbid":
            script.forbids.append(value)
        elif key == "memory":
            script.memory = parse_size(value)
        elif key == "timeout":
            script.timeout = int(value)
        elif key == "poweroff" and value in ("yes", "no"):
            script.poweroff = value == "yes"
        elif key == "ready":
            script.ready = value
        elif key == "root-task":
            script.root_task = value
        elif key == "system":
            script.system = value
        elif key == "spec":
            script.spec = value
        elif key == "options":
            script.options = shlex.split(value)
        else:
            raise ScriptError(f"{where}: '{key} {value}' is no line of an expect file; "
                              "apps/README.md lists them")
    except (ValueError, re.error) as error:
        raise ScriptError(f"{where}: {key}: {error}") from None


def new_variant(base, value, where):
    """A copy of BASE for a `variant NAME OPTIONS` line."""
    words = shlex.split(value)
    if not words:
        raise ScriptError(f"{where}: variant needs a name")
    return replace(base, variant=words[0], options=base.options + words[1:], steps=[], forbids=list(base.forbids))


def parse(path):
    """The Scripts of the file at PATH: the plain one first, then its variants."""
    scripts = [Script(Path(path))]
    for number, line in enumerate(Path(path).read_text().splitlines(), 1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        key, _, value = line.strip().partition(" ")
        where = f"{path}:{number}"
        if key == "variant":
            scripts.append(new_variant(scripts[0], value.strip(), where))
        else:
            set_key(scripts[-1], key, value.strip(), where)
    for script in scripts[1:]:
        script.steps = script.steps or list(scripts[0].steps)
    for script in scripts:
        if not any(kind == "expect" for kind, _ in script.steps):
            raise ScriptError(f"{path}: {script.name} expects nothing, so it could not fail")
    return scripts


class Player:
    """Walks a Script's steps as console output arrives."""

    def __init__(self, script):
        self.script = script
        self.steps = list(script.steps)
        if script.ready:
            self.steps.insert(0, ("ready", script.ready))
        self.raw = b""
        self.at = 0
        self.next = 0

    @property
    def text(self):
        """All that was printed, without colours."""
        return plain(self.raw).decode(errors="replace")

    def feed(self, data, machine):
        """Takes console bytes in; sends the inputs whose turn has come."""
        self.raw += data
        text = self.text
        while self.next < len(self.steps):
            kind, value = self.steps[self.next]
            if kind == "input":
                machine.send(value.encode() + b"\n")
            elif kind == "ready":
                if value not in text:
                    return
            else:
                found = re.search(value, text[self.at:], re.M)
                if not found:
                    return
                self.at += found.end()
            self.next += 1

    @property
    def done(self):
        """Has every step been taken?"""
        return self.next == len(self.steps)

    def hopeless(self, output):
        """Has the initialiser given up, and said all of it?"""
        return not output and UNBUILT in plain(self.raw)

    def problems(self, ending):
        """What is wrong after the run that ended so; empty when it passed."""
        found = []
        if not self.done:
            found.append(f"not seen: {self.steps[self.next][0]} {self.steps[self.next][1]}")
        for regex in self.script.forbids:
            hit = re.search(regex, self.text, re.M)
            if hit:
                found.append(f"forbidden, but seen: {hit.group(0)!r} (forbid {regex})")
        if self.script.poweroff and ending != "off":
            found.append(f"no power-off: {ending}")
        if FATAL in plain(self.raw):
            found.append("the main component failed")
        return found


def run_script(script, command):
    """Boots COMMAND, plays SCRIPT; returns (problems, transcript, seconds)."""
    player = Player(script)
    start = time.monotonic()
    ending = None
    with Machine(command) as machine:
        player.feed(b"", machine)
        while ending is None:
            left = start + script.timeout - time.monotonic()
            if left <= 0:
                ending = f"still running after {script.timeout} seconds"
                break
            output, _ = machine.step(min(left, 1.0))
            if output is None:
                kind, text = machine.outcome()
                ending = kind if kind == "off" else text
            elif output:
                player.feed(output, machine)
            if player.done and not script.poweroff and not machine.pending:
                ending = "stopped by the script"
            if player.hopeless(output):
                ending = "stopped, since the system could not be built"
    return player.problems(ending), player.text, time.monotonic() - start


def failure_text(problems, transcript):
    """The problems of a run, and the end of what it printed."""
    lines = (f"\n    | {line}" for line in transcript.splitlines()[-TRANSCRIPT_LINES:])
    return "; ".join(problems) + "".join(lines)
