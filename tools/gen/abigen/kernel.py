# SPDX-License-Identifier: BSD-2-Clause
"""Writes the headers <abi/*.h>: freestanding C11, for the kernel, the loader and the host tools."""

from abigen.model import Field

C_TYPE = {"word": "word_t", "u8": "uint8_t", "u16": "uint16_t", "u32": "uint32_t",
          "u64": "uint64_t"}


def literal(text):
    """A C literal: plain for what fits int, unsigned 64-bit otherwise."""
    number = int(text, 0)
    return text if -(1 << 31) <= number < (1 << 31) else text + "ull"


def comment(text, indent=""):
    return f"{indent}/* {text} */\n" if text else ""


def enum_lines(name, prefix, values):
    """An enum; values are (C suffix, number, doc)."""
    out = f"enum {name} {{\n"
    for suffix, number, doc in values:
        out += f"    {prefix}{suffix.upper()} = {number}," + (f" /* {doc} */" if doc else "") + "\n"
    return out + "};\n"


def enum(node):
    values = [(v.get("name"), v.get("number"), v.doc()) for v in node.all("value")]
    return comment(node.get("title")) + enum_lines(node.get("name"), node.get("prefix"), values)


def constants(node):
    out = comment(node.get("title"))
    for item in node.all("constant"):
        out += f"#define {item.get('name')} {literal(item.get('value'))} /* {item.doc()} */\n"
    return out


def get_bits(word, field):
    if field.width == 64:
        return word
    shifted = f"({word} >> {field.low})" if field.low else word
    return shifted if field.high == 63 else f"({shifted} & {field.mask:#x}ull)"


def set_bits(field, value):
    """Bits of one field, masked and shifted into place."""
    if field.width == 64:
        return value
    masked = f"({value} & {field.mask:#x}ull)"
    return f"({masked} << {field.low})" if field.low else masked


def join(terms):
    return " | ".join(terms) if terms else "0"


def word(node):
    name = node.get("name")
    fields = [Field(field) for field in node.all("field")]
    out = comment(f"{node.get('title')}: " +
                  ", ".join(f"{f.name} [{f.high}:{f.low}]" for f in fields))
    parameters = ", ".join(f"word_t {f.name}" for f in fields)
    out += f"static inline word_t {name}_new({parameters})\n{{\n"
    out += f"    return {join([set_bits(f, f.name) for f in fields])};\n}}\n"
    for field in fields:
        out += f"\nstatic inline word_t {name}_{field.name}(word_t {name})\n{{\n"
        out += f"    return {get_bits(name, field)};\n}}\n"
        out += f"\nstatic inline word_t {name}_with_{field.name}(word_t {name}, word_t value)\n{{\n"
        rest = f"({name} & {~field.bits() & (2**64 - 1):#x}ull)"
        out += f"    return {join([rest, set_bits(field, 'value')])};\n}}\n"
    return out


def struct(node):
    name = node.get("name")
    out = comment(node.get("title")) + f"struct {name} {{\n"
    for member in node.all("member"):
        kind = C_TYPE.get(member.get("type"), "struct " + member.get("type"))
        count = f"[{member.get('count')}]" if member.get("count") else ""
        out += f"    {kind} {member.get('name')}{count}; /* {member.doc()} */\n"
    out += "};\n\n"
    for member in node.all("member"):
        out += (f"_Static_assert(__builtin_offsetof(struct {name}, {member.get('name')}) == "
                f"{member.get('offset')},\n               \"{name}.{member.get('name')}\");\n")
    return out + f"_Static_assert(sizeof(struct {name}) == {node.get('size')}, \"{name}\");\n"


def message(node):
    """Indices of message words, as an enum without a name (two may share a number)."""
    prefix = node.get("name").upper() + "_"
    title = node.get("title") or f"Words of {node.get('name')}"
    values = [(mr.get("name"), mr.get("number"), mr.doc()) for mr in node.all("mr")]
    values.append(("length", node.get("length").split("..")[-1], "Longest message."))
    if node.get("reply-length"):
        values.append(("reply_length", node.get("reply-length"), "Longest reply that is read."))
    return comment(title) + enum_lines(node.get("name") + "_word", prefix, values)


def invocations(nodes):
    values = [("none", "0", "Invalid on every object.")]
    for group in nodes:
        for node in group.all("invocation"):
            values.append((node.get("name"), node.get("label"), node.get("user", "")))
    return comment("Invocation labels") + enum_lines("label", "LABEL_", values)


def cap_new(name, number, common, fields):
    terms = {0: [f"({number}ull << {common['type'].low})"] if number else [], 1: []}
    for field in fields:
        terms[field.word].append(set_bits(field, field.name))
    parameters = ", ".join(f"word_t {field.name}" for field in fields) or "void"
    return (f"static inline struct cap cap_{name}_new({parameters})\n{{\n"
            f"    return (struct cap){{ {{ {join(terms[0])},\n"
            f"                            {join(terms[1])} }} }};\n}}\n\n")


def cap_accessors(name, field):
    words = [f"cap.words[{i}]" for i in range(2)]
    rest = f"{words[field.word]} & {~field.bits() & (2**64 - 1):#x}ull"
    changed = "value" if field.width == 64 else join([f"({rest})", set_bits(field, "value")])
    words[field.word] = changed
    return (f"static inline word_t cap_{name}_{field.name}(struct cap cap)\n{{\n"
            f"    return {get_bits(f'cap.words[{field.word}]', field)};\n}}\n\n"
            f"static inline struct cap cap_{name}_with_{field.name}(struct cap cap, word_t value)\n"
            f"{{\n    return (struct cap){{ {{ {words[0]},\n"
            f"                            {words[1]} }} }};\n}}\n\n")


def caps(node):
    common = {item.get("name"): Field(item) for item in node.all("common")}
    values = [(cap.get("name"), cap.get("number"), cap.get("title")) for cap in node.all("cap")]
    out = comment("Kinds of capabilities") + enum_lines("cap_type", "CAP_", values)
    out += "\n/* A capability; all zero is the null capability. */\n"
    out += "struct cap {\n    uint64_t words[2];\n};\n\n"
    out += '_Static_assert(sizeof(struct cap) == 16, "cap");\n\n'
    out += ("static inline enum cap_type cap_type(struct cap cap)\n{\n"
            f"    return (enum cap_type){get_bits('cap.words[0]', common['type'])};\n}}\n\n"
            "/* The object's address; 0 for a kind without an object. */\n"
            "static inline word_t cap_address(struct cap cap)\n{\n"
            f"    return {get_bits('cap.words[0]', common['address'])};\n}}\n")
    for cap in node.all("cap"):
        fields = [Field(field) for field in cap.all("field")]
        layout = ", ".join(f"{f.name} {f.node.get('at')}" for f in fields)
        out += "\n" + comment(cap.get("title") + (": " + layout if layout else ""))
        out += cap_new(cap.get("name"), int(cap.get("number")), common, fields)
        for field in fields:
            out += cap_accessors(cap.get("name"), field)
    return out.rstrip("\n") + "\n"


def head(title, source):
    """Opening of a header; `source` is a file of kernel/abi or "(all files)"."""
    return (f"/*\n * SPDX-License-Identifier: BSD-2-Clause\n *\n * {title}\n *\n"
            f" * Generated by tools/gen/abi.py from kernel/abi/{source}; do not edit.\n"
            " */\n#pragma once\n\n")


WRITERS = {"enum": enum, "constants": constants, "word": word, "struct": struct,
           "message": message, "caps": caps}


def types_header():
    return (head("Words", "(all files)") + "#include <stdbool.h>\n#include <stdint.h>\n\n"
            "typedef uint64_t word_t; /* a machine word: register, message word, address */\n\n"
            '_Static_assert(sizeof(word_t) == 8, "word_t");\n')


def headers(interface):
    """All headers: {file name: text}."""
    out = {"abi/types.h": types_header()}
    for name, root in interface.parts.items():
        if root.all("config"):
            continue
        source = root.path.rsplit("/", 1)[-1]
        blocks = [WRITERS[child.tag](child) for child in root.children if child.tag in WRITERS]
        if root.all("interface"):
            blocks.insert(0, invocations(root.all("interface")))
        text = head(root.get("title"), source) + "#include <abi/types.h>\n\n" + "\n".join(blocks)
        out[f"abi/{name}.h"] = text
    return out
