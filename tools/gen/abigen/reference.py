# SPDX-License-Identifier: BSD-2-Clause
"""Writes the reference tables of the manual: one Markdown page from the whole description."""

from abigen.model import Field
from abigen.user import Stub

ORDER = ["syscalls", "messages", "errors", "labels", "objects", "registers", "faults", "bootinfo",
         "boot_table", "caps", "inspect", "config"]


def table(heads, rows):
    """A Markdown table; columns that are empty in every row are left out."""
    used = [i for i in range(len(heads)) if any(str(row[i]) for row in rows)]
    lines = ["| " + " | ".join(heads[i] for i in used) + " |", "|" + "---|" * len(used)]
    for row in rows:
        lines.append("| " + " | ".join(str(row[i]).replace("|", "\\|") for i in used) + " |")
    return "\n".join(lines) + "\n"


def code(text):
    return f"`{text}`" if text else ""


def titled(node, text):
    doc = node.first("doc")
    intro = " ".join(doc.text.split()) + "\n\n" if doc else ""
    title = node.get("title")
    return (f"### {title}\n\n" if title else "") + intro + text


def enum(node):
    prefix = node.get("prefix")
    rows = [(v.get("number"), code(prefix + v.get("name").upper()),
             code(v.get("user") if not node.get("user-struct") else ""), v.get("when", ""),
             v.get("size", ""), v.get("length", ""), v.doc()) for v in node.all("value")]
    return titled(node, table(["number", "kernel", "user", "exists with", "size", "length",
                               "meaning"], rows))


def constants(node):
    rows = [(c.get("value"), code(c.get("name")), code(c.get("user", "")), c.doc())
            for c in node.all("constant")]
    return titled(node, table(["value", "kernel", "user", "meaning"], rows))


def word(node):
    rows = [(f"[{f.high}:{f.low}]", code(f.name), code(f.node.get("user")), f.doc)
            for f in map(Field, node.all("field"))]
    return titled(node, table(["bits", "kernel", "user", "meaning"], rows))


def struct(node):
    rows = [(m.get("offset"), m.get("type") + (f"[{m.get('count')}]" if m.get("count") else ""),
             code(m.get("name")), code(m.get("user", "")), m.doc()) for m in node.all("member")]
    size = f"{node.get('size')} bytes.\n\n"
    return titled(node, size + table(["offset", "type", "kernel", "user", "meaning"], rows))


def message(node):
    rows = [(mr.get("number"), code(f"{node.get('user')}_{mr.get('user')}"), mr.doc())
            for mr in node.all("mr")]
    title = node.get("title") or node.get("user").replace("seL4_", "")
    reply = f"\nReply: {node.get('reply')}\n" if node.get("reply") else ""
    return (f"### {title}\n\nLength {node.get('length')}.\n\n" +
            table(["MR", "word", "meaning"], rows) + reply)


def caps(node):
    out = "### Kinds\n\n" + table(["number", "kind", "names"],
                                  [(c.get("number"), code("CAP_" + c.get("name").upper()),
                                    c.get("title")) for c in node.all("cap")])
    for cap in node.all("cap"):
        rows = [(f"word {f.word} [{f.high}:{f.low}]", code(f.name), f.doc)
                for f in map(Field, cap.all("field"))]
        if rows:
            out += f"\n### {cap.get('title')}\n\n" + table(["bits", "field", "meaning"], rows)
    return out


def invocation(group, node):
    stub = Stub(group, node)
    parts = [f"#### {node.get('label')} {node.get('user')}\n\n{node.doc()}\n",
             f"```c\n{stub.result_type()} {stub.name}({', '.join(stub.parameters())});\n```\n"]
    rows = [(code(a.get("name")), a.get("at"), a.get("type"), a.doc())
            for a in node.all("argument")]
    rows += [(code(r.get("name")), r.get("at") + " (result)", r.get("type"), r.doc())
             for r in node.all("result")]
    if rows:
        parts.append(table(["argument", "at", "type", "meaning"], rows))
    errors = [(i + 1, e.get("when"), code("ERR_" + e.get("code").upper()), e.get("detail", ""))
              for i, e in enumerate(node.all("error"))]
    parts.append(table(["order", "cause", "error", "detail"], errors) if errors else "No errors.\n")
    parts.append(f"Rights needed: {node.get('rights', 'none beyond the capabilities themselves')}.\n")
    parts.append(f"Preemptible: {node.get('preemptible')}.\n")
    effect = node.first("effect")
    if effect:
        parts.append("Effect: " + " ".join(effect.text.split()) + "\n")
    return "\n".join(parts)


def interface_section(group):
    blocks = [invocation(group, node) for node in group.all("invocation")]
    return titled(group, "\n".join(blocks))


def calls(node):
    out = ""
    for call in node.all("call"):
        rows = [(i.get("at"), "in", i.doc()) for i in call.all("in")]
        rows += [(o.get("at"), "out", o.doc()) for o in call.all("out")]
        failures = [(f.get("what"), f.get("when")) for f in call.all("failure")]
        parts = [f"#### {call.get('user')}\n\n{call.doc()}\n"]
        parts += [table(["register", "", "meaning"], rows)] if rows else []
        parts.append(table(["failure", "cause"], failures) if failures else "No failures.\n")
        parts.append(f"Rights needed: {call.get('rights')}.\n")
        parts.append(f"Preemptible: {call.get('preemptible')}.\n")
        out += "\n".join(parts) + "\n"
    return titled(node, out)


def config(node):
    rows = [(code(o.get("name")), o.get("value", "off"), o.get("when", ""), o.doc())
            for o in node.all("option")]
    return table(["macro", "value", "only in", "meaning"], rows)


WRITERS = {"enum": enum, "constants": constants, "word": word, "struct": struct,
           "message": message, "caps": caps, "interface": interface_section, "config": config,
           "calls": calls}


def page(interface):
    """The whole page."""
    names = sorted(interface.parts, key=lambda name: (ORDER.index(name) if name in ORDER else 99))
    out = ("# Interface reference\n\nMade by tools/gen/abi.py from kernel/abi; do not edit. "
           "MRn is message word n.\n")
    for name in names:
        root = interface.parts[name]
        out += f"\n## {root.get('title')}\n\n"
        if root.first("doc"):
            out += " ".join(root.first("doc").text.split()) + "\n\n"
        out += "\n".join(WRITERS[child.tag](child) for child in root.children
                         if child.tag in WRITERS)
    return out
