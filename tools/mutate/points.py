# SPDX-License-Identifier: BSD-2-Clause
"""Where a C file can be changed in one point so that it still compiles, and to what.

The files are formatted by clang-format, so a line has at most one statement and binary operators
stand between spaces; patterns on single lines are enough.
"""

import random
import re
from dataclasses import dataclass

# (name, pattern, what each match becomes)
RULES = [
    ("compare", r" (==|!=|<=|>=|<|>) ", {"==": "!=", "!=": "==", "<=": "<", ">=": ">", "<": "<=", ">": ">="}),
    ("logic", r" (&&|\|\|) ", {"&&": "||", "||": "&&"}),
    ("sum", r" ([+-]) ", {"+": "-", "-": "+"}),
    ("sum", r" ([+-]=) ", {"+=": "-=", "-=": "+="}),
    ("bits", r"(?<=[\w)\]]) ([&|]) ", {"&": "|", "|": "&"}),
    ("shift", r" (<<|>>) ", {"<<": ">>", ">>": "<<"}),
    ("not", r"(!)(?=[\w(])", {"!": ""}),
    ("truth", r"\b(true|false)\b", {"true": "false", "false": "true"}),
    ("number", r"(?<![\w.])([01])(?=u?l?\b)", {"0": "1", "1": "0"}),
]
# A statement of one line that is no declaration, return or jump.
STATEMENT = re.compile(r"\s+(?!return\b|break\b|continue\b|goto\b|else\b)"
                       r"[\w>.\[\]()*-]+(\(.*\)| [-+|&]?= .*|\+\+|--);$")


@dataclass(frozen=True)
class Point:
    """One change of one line."""

    file: str    # relative to the repository
    line: int    # from 1
    rule: str
    before: str  # the line
    after: str

    @property
    def key(self):
        """What identifies it while other lines come and go."""
        return f"{self.file} | {self.before.strip()} | {self.after.strip()}"

    def text(self):
        """For people."""
        return f"{self.file}:{self.line}: {self.rule}\n      - {self.before.strip()}\n      + {self.after.strip()}"


def code_lines(text):
    """(number, line) of what is inside functions, comments blanked out in place."""
    bare = re.sub(r"/\*.*?\*/|\"(?:\\.|[^\"\\])*\"", lambda m: re.sub(r"[^\n]", "\x01", m.group()), text,
                  flags=re.S)
    inside = False
    for number, line in enumerate(bare.split("\n"), 1):
        if line == "{":
            inside = True
        elif line == "}":
            inside = False
        elif inside and not line.lstrip().startswith("#"):
            yield number, line


def points(file, text):
    """All points of a file."""
    lines = text.split("\n")
    for number, bare in code_lines(text):
        line = lines[number - 1]
        for rule, pattern, changes in RULES:
            for match in re.finditer(pattern, bare):
                start, end = match.span(1)
                yield Point(file, number, rule, line, line[:start] + changes[match.group(1)] + line[end:])
        if STATEMENT.match(bare.rstrip("\x01 ")):
            yield Point(file, number, "delete", line, re.match(r"\s*", line).group() + ";")


def apply(point, text):
    """The file's text with the change."""
    lines = text.split("\n")
    assert lines[point.line - 1] == point.before
    lines[point.line - 1] = point.after
    return "\n".join(lines)


def choose(found, count, seed):
    """COUNT of the points, every file getting its share, always the same for one seed."""
    rng = random.Random(seed)
    by_file = {}
    for point in found:
        by_file.setdefault(point.file, []).append(point)
    chosen, total = [], len(found)
    for _, members in sorted(by_file.items()):
        share = max(1, round(count * len(members) / total))
        chosen += rng.sample(members, min(share, len(members)))
    return sorted(chosen, key=lambda point: (point.file, point.line, point.after))
