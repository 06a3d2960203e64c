# SPDX-License-Identifier: BSD-2-Clause
"""The interface as objects: reads kernel/abi/*.xml and checks what a schema cannot say.

Invariant: everything an Interface holds has been validated by xmllint against abi.xsd and by the
checks below, so the writers may trust it. Each complaint names file and line.
"""

import os
import re
import shutil
import subprocess
import xml.parsers.expat

SCHEMA = "abi.xsd"
SCALAR_BYTES = {"u8": 1, "u16": 2, "u32": 4, "u64": 8, "word": 8}


class Mistake(Exception):
    """A mistake in the description; str() is "file:line: what"."""


def shown(path):
    """The path as a person would type it."""
    relative = os.path.relpath(path)
    return path if relative.startswith("..") else relative


class Node:
    """One XML element with the line it starts on."""

    def __init__(self, tag, attributes, path, line):
        self.tag, self.attributes, self.path, self.line = tag, attributes, path, line
        self.children, self.text = [], ""

    def get(self, name, default=None):
        return self.attributes.get(name, default)

    def all(self, *tags):
        return [child for child in self.children if child.tag in tags]

    def first(self, tag):
        found = self.all(tag)
        return found[0] if found else None

    def doc(self):
        """The element's own text, or that of its <doc>, on one line."""
        inner = self.first("doc")
        return " ".join((inner.text if inner else self.text).split())

    def wrong(self, message):
        return Mistake(f"{shown(self.path)}:{self.line}: {message}")


def validate(paths, schema):
    """Run xmllint; raise Mistake with its complaints."""
    if not shutil.which("xmllint"):
        raise Mistake("xmllint is missing: apt-get install libxml2-utils")
    run = subprocess.run(["xmllint", "--noout", "--schema", schema, *paths],
                         capture_output=True, text=True, check=False)
    if run.returncode != 0:
        lines = [line for line in run.stderr.splitlines() if not line.endswith(" validates")]
        raise Mistake("\n".join(lines))


def parse(path):
    """Read one file into a tree of Node."""
    parser = xml.parsers.expat.ParserCreate()
    root, stack = [], []

    def start(tag, attributes):
        node = Node(tag, attributes, path, parser.CurrentLineNumber)
        (stack[-1].children if stack else root).append(node)
        stack.append(node)

    def text(data):
        stack[-1].text += data

    parser.StartElementHandler = start
    parser.EndElementHandler = lambda tag: stack.pop()
    parser.CharacterDataHandler = text
    with open(path, "rb") as file:
        parser.ParseFile(file)
    return root[0]


class Field:
    """Bits [high:low] of word `word`."""

    def __init__(self, node):
        match = re.fullmatch(r"(?:w(\d))?\[(\d+):(\d+)\]", node.get("at"))
        self.node, self.name, self.doc = node, node.get("name"), node.doc()
        self.word = int(match[1] or 0)
        self.high, self.low = int(match[2]), int(match[3])
        if not 63 >= self.high >= self.low:
            raise node.wrong(f"field {self.name}: bits {node.get('at')} are "
                             "not [high:low] of a word")
        self.width = self.high - self.low + 1
        self.mask = (1 << self.width) - 1

    def place(self):
        return (self.word, self.high, self.low)

    def bits(self):
        return self.mask << self.low


def check_disjoint(fields):
    """Pre: fields of one layout. No bit and no name is used twice."""
    used, names = {}, set()
    for field in fields:
        if field.name in names:
            raise field.node.wrong(f"field {field.name} appears twice")
        names.add(field.name)
        if used.get(field.word, 0) & field.bits():
            raise field.node.wrong(f"field {field.name} overlaps another field")
        used[field.word] = used.get(field.word, 0) | field.bits()


class Position:
    """Where an argument travels: MRn, MRn[high:low], MRn.. or capn."""

    def __init__(self, node):
        text = node.get("at")
        match = re.fullmatch(r"(MR|cap)(\d+)(?:\[(\d+):(\d+)\])?(\.\.)?", text)
        self.is_cap, self.index = match[1] == "cap", int(match[2])
        self.high = int(match[3]) if match[3] else 63
        self.low = int(match[4]) if match[4] else 0
        self.is_array = bool(match[5])
        if not 63 >= self.high >= self.low:
            raise node.wrong(f"argument {node.get('name')}: {text} are not bits of a word")
        self.mask = (1 << (self.high - self.low + 1)) - 1


class Interface:
    """All files of the description."""

    def __init__(self, folder):
        names = sorted(name for name in os.listdir(folder) if name.endswith(".xml"))
        paths = [os.path.join(folder, name) for name in names]
        validate(paths, os.path.join(folder, SCHEMA))
        self.parts = {}
        self.c_names, self.user_names = {}, {}
        for path in paths:
            root = parse(path)
            header = root.get("header")
            if header in self.parts:
                raise root.wrong(f"header {header} is also made by {self.parts[header].path}")
            self.parts[header] = root
        self._gather_interfaces()
        for root in self.parts.values():
            self._check_part(root)

    def _gather_interfaces(self):
        """Invocations may be in a file of their own; their labels are one enumeration."""
        labels = self.parts["labels"]
        for root in self.parts.values():
            if root is not labels:
                labels.children += root.all("interface")
                root.children = [child for child in root.children if child.tag != "interface"]

    def walk(self, *tags):
        """All elements below the roots with one of the tags, in file order."""
        for root in self.parts.values():
            yield from root.all(*tags)

    def enum(self, name):
        return next(node for node in self.walk("enum") if node.get("name") == name)

    def constant(self, name):
        for group in self.walk("constants"):
            for node in group.all("constant"):
                if node.get("name") == name:
                    return int(node.get("value"), 0)
        raise KeyError(name)

    def structs(self):
        return {node.get("name"): node for node in self.walk("struct")}

    def _claim(self, node, names, name):
        """Each C name is made once."""
        if name in names:
            other = names[name]
            raise node.wrong(f"{name} is already made at {shown(other.path)}:{other.line}")
        names[name] = node

    def _check_part(self, root):
        for node in root.all("enum"):
            self._check_enum(node)
        for group in root.all("constants"):
            for node in group.all("constant"):
                self._claim(node, self.c_names, node.get("name"))
                for user in (node.get("user") or "").split():
                    self._claim(node, self.user_names, user)
        for node in root.all("word"):
            check_disjoint([Field(field) for field in node.all("field")])
        for node in root.all("struct"):
            self._check_struct(node)
        for node in root.all("message"):
            self._check_message(node)
        for node in root.all("caps"):
            self._check_caps(node)
        labels = {}
        for group in root.all("interface"):
            for node in group.all("invocation"):
                self._check_invocation(node, labels)

    def _check_enum(self, node):
        numbers = {}
        for value in node.all("value"):
            number = int(value.get("number"), 0)
            if number in numbers:
                raise value.wrong(f"{value.get('name')} has the number of {numbers[number]}")
            numbers[number] = value.get("name")
            self._claim(value, self.c_names, node.get("prefix") + value.get("name").upper())
            if value.get("user") and not node.get("user-struct"):
                self._claim(value, self.user_names, value.get("user"))

    def _check_struct(self, node):
        offset = 0
        for member in node.all("member"):
            size, align = self.type_size(member)
            if offset % align:
                raise member.wrong(f"member {member.get('name')} would need padding before it")
            if int(member.get("offset")) != offset:
                raise member.wrong(f"member {member.get('name')} is at offset {offset}, "
                                   f"not {member.get('offset')}")
            offset += size * int(member.get("count", "1"))
        if offset != int(node.get("size")):
            raise node.wrong(f"struct {node.get('name')} has {offset} bytes, "
                             f"not {node.get('size')}")

    def type_size(self, member):
        """Size and alignment of a member's type."""
        kind = member.get("type")
        if kind in SCALAR_BYTES:
            return SCALAR_BYTES[kind], SCALAR_BYTES[kind]
        struct = self.structs().get(kind)
        if struct is None:
            raise member.wrong(f"no struct {kind}")
        return int(struct.get("size")), 8

    def _check_message(self, node):
        names = set()
        length = int(node.get("length").split("..")[-1])
        for mr in node.all("mr"):
            if mr.get("name") in names:
                raise mr.wrong(f"word {mr.get('name')} appears twice")
            names.add(mr.get("name"))
            if int(mr.get("number")) >= length:
                raise mr.wrong(f"word {mr.get('name')} lies behind the length {length}")

    def _check_caps(self, node):
        common = {field.get("name"): Field(field) for field in node.all("common")}
        numbers = {}
        for cap in node.all("cap"):
            number = int(cap.get("number"))
            if number in numbers:
                raise cap.wrong(f"{cap.get('name')} has the number of {numbers[number]}")
            if number > common["type"].mask:
                raise cap.wrong(f"number {number} does not fit the type field")
            numbers[number] = cap.get("name")
            fields = [Field(field) for field in cap.all("field")]
            check_disjoint([common["type"], *fields])
            for field in fields:
                if field.word > 1:
                    raise field.node.wrong("a capability has two words")
                shared = common.get(field.name)
                if shared and shared.place() != field.place():
                    raise field.node.wrong(f"{field.name} must be where every kind has it")
                if not shared and field.word == 0 and field.bits() & common["address"].bits():
                    raise field.node.wrong(f"{field.name} lies where every kind has its address")

    def _check_invocation(self, node, labels):
        number = int(node.get("label"), 0)
        if number in labels:
            raise node.wrong(f"{node.get('name')} has the label of {labels[number]}")
        labels[number] = node.get("name")
        self._claim(node, self.c_names, "LABEL_" + node.get("name").upper())
        if node.get("user-label"):
            self._claim(node, self.user_names, node.get("user-label"))
        errors = [value.get("name") for value in self.enum("err").all("value")]
        for error in node.all("error"):
            if error.get("code") not in errors:
                raise error.wrong(f"no error {error.get('code')}")
        used = {}
        for argument in node.all("argument"):
            place = Position(argument)
            key = (place.is_cap, place.index)
            bits = place.mask << place.low
            if used.get(key, 0) & bits:
                raise argument.wrong(f"argument {argument.get('name')} overlaps another one")
            used[key] = used.get(key, 0) | bits
        caps = sorted(index for is_cap, index in used if is_cap)
        if caps != list(range(len(caps))):
            raise node.wrong(f"{node.get('name')}: extra capabilities are not numbered 0, 1, ..")
