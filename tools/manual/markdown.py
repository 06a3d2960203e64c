# SPDX-License-Identifier: BSD-2-Clause
"""Markdown to HTML: the part of Markdown that the manual uses, and two things of its own.

Headings (with an anchor of their own: "## Text {#anchor}"), paragraphs, lists (one level), tables, quotes, code (fenced or indented), `code`, **strong**, *emphasis*
and links. Our own: `file:/regex/` is a citation (source.py), and a fence "```code file:/regex/" is
replaced by the code that begins there. A link [text](ref:name) leads to an invocation or a
system call of the reference, [text](term:name) to the glossary.
"""

import html
import re

from manual.source import CITATION, Error, link

INLINE = re.compile(r"(?P<code>`[^`]+`)|\[(?P<text>[^\]]+)\]\((?P<target>[^)]+)\)|"
                    r"\*\*(?P<strong>[^*]+)\*\*|\*(?P<em>[^*\s][^*]*)\*")
ITEM = re.compile(r"(?:[-*]|(\d+)\.) +")


def slug(text):
    """The anchor of a heading or a glossary term."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


class Writer:
    """Turns one file into HTML. `targets` maps link targets to addresses."""

    def __init__(self, sources, targets):
        self.sources, self.targets, self.headings = sources, targets, []

    # ---- Inside a line -----------------------------------------------------------------------

    def _code(self, text):
        citation = CITATION.fullmatch(text)
        if not citation:
            # Long names may be broken behind an underscore.
            return f"<code>{html.escape(text).replace('_', '_<wbr>')}</code>"
        return link(citation["path"], self.sources.find(citation["path"], citation["pattern"]))

    def _target(self, target):
        if target.startswith("#") or target in self.targets.values():
            return target
        if target not in self.targets:
            raise Error(f"nothing is at ({target})")
        return self.targets[target]

    def inline(self, text):
        """Text of a paragraph."""
        out, at = "", 0
        for match in INLINE.finditer(text):
            out += html.escape(text[at:match.start()], quote=False)
            at = match.end()
            if match["code"]:
                out += self._code(match["code"][1:-1])
            elif match["text"]:
                address = html.escape(self._target(match["target"]))
                out += f'<a href="{address}">{self.inline(match["text"])}</a>'
            elif match["strong"]:
                out += f"<strong>{self.inline(match['strong'])}</strong>"
            else:
                out += f"<em>{self.inline(match['em'])}</em>"
        return out + html.escape(text[at:], quote=False)

    # ---- Blocks --------------------------------------------------------------------------------

    def _heading(self, line):
        level = len(line) - len(line.lstrip("#"))
        text, _, name = line[level:].strip().partition(" {#")
        anchor = name.rstrip("}") or slug(text)
        self.headings.append((level, text, anchor))
        return f'<h{level} id="{anchor}">{self.inline(text)}</h{level}>'

    def _fence(self, info, body):
        if not info.startswith("code "):
            return f"<pre>{html.escape(chr(10).join(body))}</pre>"
        citation = CITATION.fullmatch(info[len("code "):])
        if not citation:
            raise Error(f"{info}: not file:/regex/")
        first, lines = self.sources.excerpt(citation["path"], citation["pattern"])
        return (f'<figure><figcaption>{link(citation["path"], first)}</figcaption>'
                f"<pre>{html.escape(chr(10).join(lines))}</pre></figure>")

    def _table(self, lines):
        rows = [[cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
                for line in lines]
        head = "".join(f"<th>{self.inline(cell)}</th>" for cell in rows[0])
        body = "".join("<tr>" + "".join(f"<td>{self.inline(cell)}</td>" for cell in row) + "</tr>\n"
                       for row in rows[2:])
        return f"<table><thead><tr>{head}</tr></thead>\n<tbody>{body}</tbody></table>"

    def _list(self, lines):
        tag = "ol" if ITEM.match(lines[0]).group(1) else "ul"
        items = []
        for line in lines:
            if ITEM.match(line):
                items.append(ITEM.sub("", line, count=1))
            else:
                items[-1] += " " + line.strip()
        return f"<{tag}>" + "".join(f"<li>{self.inline(i)}</li>\n" for i in items) + f"</{tag}>"

    def _block(self, lines):
        if lines[0].startswith("#"):
            rest = self._block(lines[1:]) if lines[1:] else ""
            return self._heading(lines[0]) + rest
        if lines[0].startswith("|"):
            return self._table(lines)
        if ITEM.match(lines[0]):
            return self._list(lines)
        if all(line.startswith("    ") for line in lines):
            return f"<pre>{html.escape(chr(10).join(line[4:] for line in lines))}</pre>"
        if lines[0].startswith("> "):
            return f"<blockquote>{self.inline(' '.join(l[1:].strip() for l in lines))}</blockquote>"
        return f"<p>{self.inline(' '.join(line.strip() for line in lines))}</p>"

    def html(self, text, name):
        """The HTML of a whole file; the Error names each block with a mistake by file and line."""
        out, block, fence, wrong = [], [], None, []
        for number, line in enumerate([*text.split("\n"), ""], 1):
            try:
                if fence is not None:
                    if line.startswith("```"):
                        out.append(self._fence(fence, block))
                        fence, block = None, []
                    else:
                        block.append(line)
                elif line.startswith("```") or not line.strip():
                    if block:
                        out.append(self._block(block))
                        block = []
                    fence = line[3:].strip() if line.startswith("```") else None
                else:
                    block.append(line)
            except Error as error:
                wrong.append(f"{name}:{max(1, number - len(block))}: {error}")
                block, fence = [], None
        if fence is not None:
            wrong.append(f"{name}: a fence is not closed")
        if wrong:
            raise Error("\n".join(wrong))
        return "\n".join(out)
