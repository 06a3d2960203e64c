# SPDX-License-Identifier: BSD-2-Clause
"""The code that the manual cites.

A citation is `file:/regex/`: the file from the top of the tree, and a Python regular expression
that exactly one line of it matches. A line number would be wrong after the next edit without
anybody noticing; a pattern that nothing matches any more, or that two lines match, is an Error.
"""

import html
import re
from pathlib import Path

CITATION = re.compile(r"(?P<path>[\w./-]+\.(?:c|h|S|ld|xml|xsd|py)):/(?P<pattern>.+)/")
LONGEST_EXCERPT = 45


class Error(Exception):
    """A mistake in the manual; the text says where and what."""


class Sources:
    """Files of the tree, read once; remembers which of them are cited."""

    def __init__(self, top):
        self.top, self.files, self.cited, self.count = Path(top), {}, set(), 0

    def lines(self, path):
        """The lines of a file."""
        if path not in self.files:
            file = self.top / path
            if not file.is_file():
                raise Error(f"there is no file {path}")
            self.files[path] = file.read_text(encoding="utf-8").split("\n")
        return self.files[path]

    def find(self, path, pattern):
        """Number of the one line that matches, from 1."""
        try:
            regex = re.compile(pattern)
        except re.error as error:
            raise Error(f"{path}:/{pattern}/ is no regular expression: {error}") from None
        found = [number for number, line in enumerate(self.lines(path), 1) if regex.search(line)]
        if len(found) != 1:
            what = "no line matches" if not found else f"lines {found[0]} and {found[1]} match"
            raise Error(f"{path}:/{pattern}/: {what}")
        self.cited.add(path)
        self.count += 1
        return found[0]

    def excerpt(self, path, pattern):
        """(first line number, lines) from the match to the end of what begins there.

        A comment goes on to the code below it; code ends at the first brace that closes in the
        column of the first line, or, if that line holds a whole statement, with it.
        """
        first = self.find(path, pattern)
        lines = self.lines(path)
        indent = re.match(r"\s*", lines[first - 1]).group()
        if lines[first - 1].rstrip().endswith(";"):
            return first, [lines[first - 1]]
        for last in range(first, min(first + LONGEST_EXCERPT, len(lines))):
            if re.match(re.escape(indent) + r"(\}| \*/)", lines[last]):
                return first, lines[first - 1:last + 1]
        raise Error(f"{path}:/{pattern}/: no end within {LONGEST_EXCERPT} lines")


def page_name(path):
    """The page of the site that shows a source file."""
    return "source-" + path.replace("/", "-") + ".html"


def link(path, line):
    """A link to a line of that page, as the reader sees it."""
    shown = path.removeprefix("kernel/")
    return (f'<a class="cite" href="{page_name(path)}#L{line}" title="{html.escape(path)}">'
            f"{html.escape(shown)}:{line}</a>")


def listing(lines):
    """The body of the page that shows a source file."""
    rows = "".join(f'<span id="L{number}"><a href="#L{number}">{number:4}</a> '
                   f"{html.escape(line)}\n</span>" for number, line in enumerate(lines, 1))
    return f'<pre class="source">{rows}</pre>'
