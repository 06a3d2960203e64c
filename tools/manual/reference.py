# SPDX-License-Identifier: BSD-2-Clause
"""The reference pages: Markdown from kernel/abi, one page per interface and per kind of table.

The tables are those of tools/gen/abigen; added here are anchors, page by page order, and for each
invocation the line of the core that tells it from the others.
"""

import re
import sys
from collections import Counter
from pathlib import Path

from manual.source import Error

sys.path.append(str(Path(__file__).resolve().parents[1] / "gen"))
from abigen import reference as tables  # noqa: E402: the path comes first
from abigen.user import signature  # noqa: E402

TABLES = ["messages", "errors", "objects", "registers", "faults", "bootinfo", "boot_table", "image",
          "caps", "inspect", "config"]


def anchor(node):
    """Where an invocation or system call is on its page."""
    return node.get("name").replace("_", "-")


def page_of(group):
    """File name of the page of an interface."""
    kind = "x-" if group.get("extension") else ""
    return "ref-" + kind + group.get("object").lower().replace("_", "-") + ".html"


def targets(interface):
    """ref:name -> address, for every invocation, system call and table page."""
    found = {}
    for group in interface.parts["labels"].all("interface"):
        for node in group.all("invocation"):
            found["ref:" + node.get("name")] = f"{page_of(group)}#{anchor(node)}"
    for node in interface.parts["syscalls"].all("calls"):
        for call in node.all("call"):
            found["ref:" + call.get("name")] = f"ref-syscalls.html#{anchor(call)}"
    for name in TABLES:
        found["ref:" + name] = f"ref-{name.replace('_', '-')}.html"
    return found


def core_lines(sources):
    """(path, line) of what matters here of the core's sources, with how often it is there."""
    found = Counter()
    for path in sorted((sources.top / "kernel/core").glob("*.c")):
        name = str(path.relative_to(sources.top))
        found.update((name, line) for line in sources.lines(name)
                     if "LABEL_" in line or line.startswith("enum outcome"))
    return found


def decoded_at(group, node, lines):
    """A citation of the line of the core where the invocation's label is told from others: its
    case, or a line with it, or else the decoder in which its neighbours are."""
    label = rf"\bLABEL_{node.get('name').upper()}\b"
    for regex in (r"^\s*case " + label.removeprefix(r"\b"), label):
        for name, line in lines:
            if re.search(regex, line) and lines[name, line] == 1:
                return cited(name, line)
    neighbours = "|".join(n.get("name").upper() for n in group.all("invocation"))
    files = {name for name, line in lines if re.search(rf"\bLABEL_({neighbours})\b", line)}
    for name, line in lines:
        if name in files and re.match(r"enum outcome \w+_decode\(struct invocation \*inv\)", line):
            return cited(name, line)
    raise Error(f"no line of kernel/core decodes {node.get('name')}")


def cited(name, line):
    """A citation of exactly this line."""
    return f"`{name}:/^{re.escape(line)}$/`"


def anchored(text, node, title):
    """The Markdown of one call under a heading with its anchor; long prototypes are wrapped."""
    def wrapped(match):
        start, _, rest = match[1].partition("(")
        return signature(start, rest.removesuffix(");").split(", ")).removesuffix("\n{\n") + ";"

    text = re.sub(r"^(\w.*\);)$", wrapped, text, count=1, flags=re.M)
    heading = f"### {title} {{#{anchor(node)}}}"
    return re.sub(r"^#### .*$", heading, text, count=1, flags=re.M)


def interface_page(group, lines):
    """All invocations of one object."""
    out = [f"# {short_title(group)}: {group.get('title')}", group.doc(), ""]
    rows = [(f"[{n.get('user')}](ref:{n.get('name')})", n.doc(),
             "yes" if n.get("preemptible") != "no" else "no") for n in group.all("invocation")]
    out.append(tables.table(["call", "purpose", "preemptible"], rows))
    for node in group.all("invocation"):
        out.append(anchored(tables.invocation(group, node), node, node.get("user")))
        place = decoded_at(group, node, lines)
        out.append(f"Decoded at {place}; label {node.get('label')}.\n")
    return "\n".join(out)


def call_name(call):
    """The name of a system call without its arguments."""
    return call.get("user").split("(")[0].removeprefix("seL4_")


def syscalls_page(root):
    """Numbers, and the calls one by one."""
    out = ["# System calls", root.doc(), ""]
    for child in sorted(root.children, key=lambda child: child.tag != "calls"):
        if child.tag == "calls":
            rows = [(f"[{call_name(c)}](ref:{c.get('name')})", c.doc())
                    for c in child.all("call")]
            out.append(tables.table(["call", "purpose"], rows))
            for call in child.all("call"):
                one = type(child)(child.tag, {}, child.path, call.line)
                one.children = [call]
                out.append(anchored(tables.calls(one), call, "seL4_" + call_name(call)))
                out.append(f"In C: `{call.get('user')}`\n")
        elif child.tag in tables.WRITERS:
            out.append(re.sub("^### ", "## ", tables.WRITERS[child.tag](child)))
    return "\n".join(out)


def table_page(root):
    """A part of the description that is tables only."""
    body = "\n".join(tables.WRITERS[child.tag](child) for child in root.children
                     if child.tag in tables.WRITERS)
    return f"# {root.get('title')}\n\n{root.doc()}\n\n{body}"


def short_title(group):
    """The object's own name, as capDL and the API have it."""
    name = group.get("object").removeprefix("ARM_")
    return name + (" (additions)" if group.get("extension") else "")


def call_pages(interface):
    """(file name, what it is about) of the pages with calls on them."""
    found = [("ref-syscalls.html", ""), ("ref-invocations.html", "all of the following")]
    for group in interface.parts["labels"].all("interface"):
        title = group.get("title")
        found.append((page_of(group), title[0].lower() + title[1:]))
    return found


def error_links(interface):
    """ERR_X -> a link with the name that programs use."""
    return {"ERR_" + value.get("name").upper(): f"[{value.get('user')}](ref:errors)"
            for value in interface.enum("err").all("value")}


def pages(interface, sources):
    """File name -> (title, Markdown), in reading order."""
    text = re.sub(r"^(Rights needed|Preemptible|In C):", r"**\1**:",
                  syscalls_page(interface.parts["syscalls"]), flags=re.M)
    out = {"ref-syscalls.html": ("System calls", text)}
    labels = interface.parts["labels"]
    out["ref-invocations.html"] = ("Invocations", overview(labels))
    errors, lines = error_links(interface), core_lines(sources)
    for group in labels.all("interface"):
        if page_of(group) in out:
            raise Error(f"two interfaces would be on the page {page_of(group)}")
        text = re.sub(r"^(Rights needed|Preemptible|Effect):", r"**\1**:",
                      interface_page(group, lines), flags=re.M)
        out[page_of(group)] = (short_title(group), re.sub(r"`(ERR_\w+)`", lambda m: errors[m[1]], text))
    for name in TABLES:
        root = interface.parts[name]
        out[f"ref-{name.replace('_', '-')}.html"] = (root.get("title"), table_page(root))
    return out


def overview(labels):
    """Every invocation in one table, and the checks they share."""
    rows = [(n.get("label"), f"[{n.get('user')}](ref:{n.get('name')})", n.doc())
            for g in labels.all("interface") for n in g.all("invocation")]
    return (f"# Invocations\n\n{labels.doc()}\n\n"
            + tables.table(["label", "call", "purpose"], rows))
