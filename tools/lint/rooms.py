#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Who may include whom: checks every #include against rooms.txt.

A file's room is the nearest folder above it that has a line in rooms.txt; below
a line `a/*`, rooms are a's own folders and deeper ones with a CMakeLists.txt. A header belongs to the room whose include/
folder it is in. Quoted includes must stay within the room.
"""

import fnmatch
import re
from dataclasses import dataclass, field
from pathlib import Path

import common

INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


@dataclass
class Table:
    """rooms.txt."""

    rooms: list = field(default_factory=list)       # (pattern, allowed patterns)
    generated: list = field(default_factory=list)   # (prefix, room)
    external: list = field(default_factory=list)    # (prefix, room patterns)
    kernel_headers: list = field(default_factory=list)
    hosted: list = field(default_factory=list)      # kernel rooms with standard headers


def read_table(path):
    """Reads rooms.txt."""
    table = Table()
    for number, line in common.lines(path):
        words = line.split("#")[0].split()
        if not words:
            continue
        if words[0] == "generated":
            table.generated.append((words[1], words[2]))
        elif words[0] == "external":
            table.external.append((words[1], words[2:]))
        elif words[0] == "kernel-headers":
            table.kernel_headers += words[1:]
        elif words[0] == "hosted":
            table.hosted += words[1:]
        elif words[0].endswith(":"):
            table.rooms.append((words[0][:-1], words[1:]))
        else:
            raise SystemExit(f"{path}:{number}: not a line of a rooms table")
    return table


def matches(room, patterns):
    """Does ROOM fit one of the patterns?"""
    return any(fnmatch.fnmatchcase(room, pattern) for pattern in patterns)


class Tree:
    """The rooms of one tree."""

    def __init__(self, root, table):
        self.root = root
        self.table = table
        self.headers = {}
        self.sources = common.files(root, ".c", ".h", ".S")
        for name in self.sources:
            if "include" in name.parts and name.suffix == ".h":
                at = name.parts.index("include")
                room = "/".join(name.parts[:at])
                self.headers["/".join(name.parts[at + 1:])] = self.room_of(Path(room) / "x") or room

    def room_of(self, name):
        """The room a file is in; None if it is in none."""
        for folder in name.parents:
            text = folder.as_posix()
            for pattern, _ in self.table.rooms:
                if pattern == text:
                    return text
                if "*" in pattern and fnmatch.fnmatchcase(text, pattern) \
                        and (text.count("/") == pattern.count("/")
                             or (self.root / folder / "CMakeLists.txt").is_file()):
                    return text
        return None

    def allowed(self, room):
        """The patterns of rooms that ROOM may include."""
        for pattern, allowed in self.table.rooms:
            if matches(room, [pattern]):
                return allowed
        return []

    def owner(self, header):
        """The room a <header> belongs to; None if it is not ours."""
        for prefix, room in self.table.generated:
            if header.startswith(prefix):
                return room
        return self.headers.get(header)

    def judge(self, name, room, header):
        """What is wrong with <HEADER> in a file of ROOM; None if nothing."""
        owner = self.owner(header)
        if owner is not None:
            if owner in (room, "*") or matches(owner, self.allowed(room)):
                return None
            return f"{room} may not include {owner} (<{header}>); see tools/lint/rooms.txt"
        for prefix, rooms in self.table.external:
            if header.startswith(prefix):
                return None if matches(room, rooms) else f"{room} may not use <{header}>"
        freestanding = room.startswith("kernel/") and room not in self.table.hosted
        if freestanding and header not in self.table.kernel_headers:
            return f"<{header}> is no header the kernel has"
        return None

    def judge_quoted(self, name, room, header):
        """The same for "HEADER", which names a file relative to NAME's folder or room."""
        for folder in (name.parent, Path(room)):
            target = (self.root / folder / header).resolve()
            if target.is_file():
                inside = self.room_of(target.relative_to(self.root))
                return None if inside == room else \
                    f'{room} may not reach into {inside} with "{header}"'
        return self.judge(name, room, header)


def check(root, table):
    """All findings in the tree."""
    tree = Tree(root, table)
    findings = []
    for name in tree.sources:
        room = tree.room_of(name)
        if room is None:
            findings.append(f"{name}:1: this folder is no room of tools/lint/rooms.txt")
            continue
        for number, line in common.lines(root / name):
            found = INCLUDE.match(line)
            if found:
                judge = tree.judge if found.group(1) == "<" else tree.judge_quoted
                problem = judge(name, room, found.group(2))
                if problem:
                    findings.append(f"{name}:{number}: {problem}")
    return findings


if __name__ == "__main__":
    ROOT = common.top()
    common.finish(check(ROOT, read_table(ROOT / "tools/lint/rooms.txt")))
