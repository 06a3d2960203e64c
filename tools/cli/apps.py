# SPDX-License-Identifier: BSD-2-Clause
"""Example systems: finding them, their parameters, making a new one."""

import re
import shutil
import xml.etree.ElementTree as ElementTree

from cli.common import TOP, Failure
from sim import script
from sim.board import parse_size

APPS = TOP / "apps"
OURS = "{urn:tessera:system:1}"
MODEL_APP = "hello"


class App:
    """A folder below apps/ with a system.xml; tests have theirs elsewhere."""

    def __init__(self, name, folder=None):
        self.name = name
        self.folder = folder or APPS / name
        self.system = self.folder / "system.xml"
        if not self.system.is_file():
            raise Failure(f"there is no app '{name}'; there are: {', '.join(names())}")

    def _tree(self):
        try:
            return ElementTree.parse(self.system).getroot()
        except ElementTree.ParseError as error:
            raise Failure(f"{self.system.relative_to(TOP)}: {error}") from None

    def parameters(self):
        """{name: default or None} of the <t:param> of system.xml."""
        return {param.get("name"): param.get("default") for param in self._tree().iter(OURS + "param")}

    def guests(self):
        """How many virtual machines the system has."""
        return sum(1 for _ in self._tree().iter("virtual_machine"))

    def scripts(self):
        """The boots of expect.txt; one that states nothing if there is no such file."""
        path = self.folder / "expect.txt"
        try:
            return script.parse(path) if path.is_file() else [script.Script(path)]
        except script.ScriptError as error:
            raise Failure(str(error)) from None

    def board_memory(self, guest_memory):
        """RAM of the board, in bytes. --memory is the board's own size for a system
        without guests; for guests it is the size of each, and the board grows or
        shrinks by the difference from their default."""
        stated = self.scripts()[0].memory
        if guest_memory is None:
            return stated
        default = self.parameters().get("memory")
        if default is None:
            return guest_memory
        return stated + max(self.guests(), 1) * (guest_memory - parse_size(default))

    def title(self):
        """The first line of README.md."""
        readme = self.folder / "README.md"
        line = readme.read_text().split("\n", 1)[0] if readme.is_file() else ""
        return re.sub(r"^#\s*", "", line)


def names():
    """The names of all apps."""
    return sorted(path.parent.name for path in APPS.glob("*/system.xml"))


def create(name):
    """Makes apps/NAME, a copy of the smallest app under a new name."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{0,30}", name):
        raise Failure("an app's name is lower-case letters, digits and '_', and begins with a letter")
    target = APPS / name
    if target.exists():
        raise Failure(f"apps/{name} is there already")
    source = App(MODEL_APP).folder
    word = re.compile(rf"(?<![A-Za-z]){MODEL_APP}(?![A-Za-z])")
    target.mkdir()
    for path in sorted(source.rglob("*")):
        place = target / word.sub(name, str(path.relative_to(source)))
        if path.is_dir():
            place.mkdir()
        else:
            place.write_text(word.sub(name, path.read_text()))
            shutil.copymode(path, place)
    return target
