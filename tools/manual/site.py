# SPDX-License-Identifier: BSD-2-Clause
"""The kernel manual as an HTML site that works from the file system.

    kernel/manual/NN_name.md, glossary.md    chapters, in the order of their numbers
    kernel/abi/*.xml                         the reference pages (reference.py)
    files that chapters cite                 one page each, so that citations can be followed

build() writes nothing unless every citation, link and term resolves.
"""

import html
import os
import re
import sys
from pathlib import Path

from manual import reference
from manual.markdown import Writer, slug
from manual.source import Error, Sources, listing, page_name

sys.path.append(str(Path(__file__).resolve().parents[1] / "gen"))
from abigen.model import Interface, Mistake  # noqa: E402: the path comes first

STYLE = Path(__file__).with_name("style.css")
CHAPTER = re.compile(r"\d\d_\w+\.md")
GLOSSARY = "glossary.md"
TITLE = "Tessera kernel manual"


class Site:
    """Everything that the pages share while they are made."""

    def __init__(self, top):
        self.top = Path(top)
        self.folder = self.top / "kernel/manual"
        self.sources = Sources(top)
        try:
            self.interface = Interface(str(self.top / "kernel/abi"))
        except Mistake as mistake:
            raise Error(str(mistake)) from None
        names = sorted(path.name for path in self.folder.glob("*.md"))
        self.chapters = [name for name in names if CHAPTER.fullmatch(name)] + [GLOSSARY]
        self.texts = {name: (self.folder / name).read_text(encoding="utf-8")
                      for name in self.chapters}
        self.titles = {name: self._title(name) for name in self.chapters}
        self.reference = reference.pages(self.interface, self.sources)
        self.calls = [name for name, _ in reference.call_pages(self.interface)]
        self.targets = self._targets()
        self.pages = {}  # file name -> (title, HTML)

    def _title(self, name):
        first = self.texts[name].split("\n", 1)[0]
        if not first.startswith("# "):
            raise Error(f"{name}:1: a chapter begins with '# Title'")
        return first[2:].strip()

    def _targets(self):
        targets = {name: page_of(name) for name in self.chapters}
        targets.update(reference.targets(self.interface))
        for term in re.findall(r"^\*\*(.+?)\*\*", self.texts[GLOSSARY], re.M):
            targets["term:" + term.lower()] = f"{page_of(GLOSSARY)}#{slug(term)}"
        return targets

    def _chapter(self, name):
        writer = Writer(self.sources, self.targets)
        if name == GLOSSARY:
            return glossary(writer, self.texts[name])
        return writer.html(self.texts[name], f"kernel/manual/{name}")

    def make(self):
        """All pages; the Error has a line for each thing that does not resolve."""
        wrong = []
        for name in self.chapters:
            try:
                self.pages[page_of(name)] = (self.titles[name], self._chapter(name))
            except Error as error:
                wrong.append(str(error))
        if wrong:
            raise Error("\n".join(wrong))
        for name, (title, text) in self.reference.items():
            writer = Writer(self.sources, self.targets)
            self.pages[name] = (title, writer.html(text, name))
        self.pages["index.html"] = (TITLE, self._index())
        for path in sorted(self.sources.cited):
            body = f"<h1>{html.escape(path)}</h1>{listing(self.sources.lines(path))}"
            self.pages[page_name(path)] = (path, body)
        return self

    def order(self):
        """Pages in reading order."""
        return ["index.html", *map(page_of, self.chapters), *self.reference]

    def _index(self):
        writer = Writer(self.sources, self.targets)
        intro = writer.html((self.folder / "README.md").read_text(encoding="utf-8")
                            .split("<!-- site ends -->")[0], "kernel/manual/README.md")
        return intro + self._contents()

    def _contents(self):
        chapters = "".join(f'<li><a href="{page_of(n)}">{html.escape(self.titles[n])}</a></li>\n'
                           for n in self.chapters)
        pages = "".join(f'<li><a href="{name}">{html.escape(title)}</a>{html.escape(about)}</li>\n'
                        for name, title, about in self._reference_lines())
        return f"<h2>The book</h2><ol>{chapters}</ol><h2>The reference</h2><ul>{pages}</ul>"

    def _reference_lines(self):
        about = dict(reference.call_pages(self.interface))
        for name, (title, _) in self.reference.items():
            yield name, title, f": {about[name]}" if about.get(name) else ""

    def _navigation(self, current):
        def item(name, title):
            here = ' class="here"' if name == current else ""
            return f'<li{here}><a href="{name}">{html.escape(title)}</a></li>'

        book = "".join(item(page_of(n), self.titles[n]) for n in self.chapters)
        calls = "".join(item(n, self.reference[n][0]) for n in self.calls)
        rest = "".join(item(n, title) for n, (title, _) in self.reference.items()
                       if n not in self.calls)
        return (f'<nav><a class="home" href="index.html">{TITLE}</a><h2>The book</h2><ol>{book}</ol>'
                f"<h2>Calls</h2><ul>{calls}</ul><h2>Tables</h2><ul>{rest}</ul></nav>")

    def document(self, name):
        """The whole text of one page."""
        title, body = self.pages[name]
        order = self.order()
        turn = ""
        if name in order:
            at = order.index(name)
            before = order[at - 1] if at else None
            after = order[at + 1] if at + 1 < len(order) else None
            turn = "".join(f'<a class="{side}" href="{n}">{html.escape(self.pages[n][0])}</a>'
                           for side, n in (("before", before), ("after", after)) if n)
        kind = "wide" if name not in order else "calls" if name in self.calls else "page"
        return ("<!DOCTYPE html>\n" '<html lang="en"><head><meta charset="utf-8">'
                '<meta name="viewport" content="width=device-width, initial-scale=1">'
                f"<title>{html.escape(title)}</title><style>{STYLE.read_text()}</style></head>\n"
                f'<body class="{kind}">{self._navigation(name)}<main>{body}'
                f'<div class="turn">{turn}</div></main></body></html>\n')


def page_of(chapter):
    """File name of a chapter's page."""
    return re.sub(r"^\d\d_", "", chapter).removesuffix(".md") + ".html"


def glossary(writer, text):
    """The glossary: blocks of "**Term**: definition"."""
    blocks = text.strip().split("\n\n")
    out, entries = [writer.html(blocks[0], GLOSSARY)], []
    for block in blocks[1:]:
        entry = re.fullmatch(r"\*\*(.+?)\*\*: (.+)", block, re.S)
        if not entry:
            out.append(writer.html(block, GLOSSARY))
            continue
        if block.count("\n") > 1:
            raise Error(f"{GLOSSARY}: {entry[1]} has more than two lines")
        entries.append(entry[1].lower())
        body = writer.inline(" ".join(entry[2].split()))
        out.append(f'<dl id="{slug(entry[1])}"><dt>{html.escape(entry[1])}</dt><dd>{body}</dd></dl>')
    if entries != sorted(entries):
        wrong = next(b for a, b in zip(entries, entries[1:]) if b < a)
        raise Error(f"{GLOSSARY}: {wrong} is not in its alphabetical place")
    return "\n".join(out)


def check(top):
    """Resolves everything and writes nothing; returns (pages, citations)."""
    site = Site(top).make()
    return len(site.pages), site.sources.count


def build(top, output):
    """Writes the site; returns (pages, citations)."""
    site = Site(top).make()
    os.makedirs(output, exist_ok=True)
    for old in Path(output).glob("*.html"):
        if old.name not in site.pages:
            old.unlink()
    for name in site.pages:
        (Path(output) / name).write_text(site.document(name), encoding="utf-8")
    return len(site.pages), site.sources.count
