# SPDX-License-Identifier: BSD-2-Clause
"""Writes the generated part of libs/sel4: <sel4/*.h> with the API's own names.

The hand-written part (libs/sel4/include/sel4: sel4.h, trap.h, syscalls.h, ...) includes these.
"""

from abigen.kernel import comment, get_bits, head, join, literal, set_bits
from abigen.model import Field, Position

MEMBER_TYPE = {"word": "seL4_Word", "u8": "seL4_Uint8", "u16": "seL4_Uint16",
               "u32": "seL4_Uint32", "u64": "seL4_Uint64"}
STRUCT_TYPE = {"slot_region": "seL4_SlotRegion", "untyped_desc": "seL4_UntypedDesc"}
ARGUMENT_TYPE = {
    "word": "seL4_Word", "bool": "seL4_Bool", "uint8": "seL4_Uint8", "uint16": "seL4_Uint16",
    "time": "seL4_Time", "rights": "seL4_CapRights_t", "attributes": "seL4_ARM_VMAttributes",
    "user_context": "seL4_UserContext *", "smc_context": "seL4_ARM_SMCContext *",
    "cptr": "seL4_CPtr", "cnode": "seL4_CNode", "tcb": "seL4_TCB", "untyped": "seL4_Untyped",
    "vspace": "seL4_ARM_VSpace", "sched_context": "seL4_SchedContext",
    "sched_control": "seL4_SchedControl"}
CONTEXT_WORDS = {"smc_context": 8, "user_context": 36}
STATIC_ASSERT = """#if defined(__STDC_VERSION__) && __STDC_VERSION__ >= 201112L
{}#endif
"""


def signature(start, parameters):
    """Opening of a function, its parameters wrapped at 100 columns."""
    lines, line = [], start + "("
    indent = " " * len(line)
    for number, parameter in enumerate(parameters):
        part = parameter + (", " if number + 1 < len(parameters) else ")")
        if len(line) + len(part.rstrip()) > 100:
            lines.append(line.rstrip())
            line = indent
        line += part
    return "\n".join([*lines, line]) + "\n{\n"


def enum(node):
    """An API enum; nothing if no value has an API name."""
    values = [value for value in node.all("value") if value.get("user")]
    if not values or node.get("user-struct"):
        return ""
    out = comment(node.get("title")) + "typedef enum {\n"
    for value in values:
        out += f"    {value.get('user')} = {value.get('number')}, /* {value.doc()} */\n"
    if node.get("user-count"):
        out += f"    {node.get('user-count')} = {int(values[-1].get('number'), 0) + 1},\n"
    return out + f"}} {node.get('user-type') or 'seL4_' + node.get('name')};\n\n"


def constants(node):
    out = ""
    for item in node.all("constant"):
        for name in (item.get("user") or "").split():
            value = literal(item.get("value"))
            line = f"#define {name} {value} /* {item.doc()} */\n"
            out += f"#ifndef {name}\n{line}#endif\n" if name.startswith("CONFIG_") else line
    return comment(node.get("title")) + out + "\n" if out else ""


def context(node):
    """A struct of words in the order of an enum: seL4_UserContext."""
    name = node.get("user-struct")
    members = ", ".join(value.get("user") for value in node.all("value"))
    count = len(node.all("value"))
    out = comment(node.get("title")) + f"typedef struct {name}_ {{\n    seL4_Word {members};\n"
    out += f"}} {name};\n\n"
    return out + STATIC_ASSERT.format(
        f"_Static_assert(sizeof({name}) == {count} * sizeof(seL4_Word), \"{name}\");\n") + "\n"


def struct(node):
    name = node.get("user")
    if not name:
        return ""
    out = comment(node.get("title")) + f"typedef struct {name}_ {{\n"
    for member in node.all("member"):
        kind = member.get("user-type") or MEMBER_TYPE.get(member.get("type"))
        kind = kind or STRUCT_TYPE[member.get("type")]
        gap = "" if kind.endswith("*") else " "
        count = f"[{member.get('count')}]" if member.get("count") else ""
        out += f"    {kind}{gap}{member.get('user')}{count}; /* {member.doc()} */\n"
    out += f"}} {name};\n\n"
    checks = "".join(f"_Static_assert(__builtin_offsetof({name}, {m.get('user')}) == "
                     f"{m.get('offset')}, \"{name}\");\n" for m in node.all("member"))
    checks += f"_Static_assert(sizeof({name}) == {node.get('size')}, \"{name}\");\n"
    return out + STATIC_ASSERT.format(checks) + "\n"


def word(node):
    """A word of fields as a struct with _new, _get_ and _set_ functions."""
    name = node.get("user")
    fields = [Field(field) for field in node.all("field")]
    out = comment(node.get("title")) + f"typedef struct {name} {{\n    seL4_Uint64 words[1];\n"
    out += f"}} {name}_t;\n\n"
    users = {field.name: field.node.get("user") for field in fields}
    parameters = ", ".join(f"seL4_Uint64 {users[f.name]}" for f in fields)
    out += f"static inline {name}_t {name}_new({parameters})\n{{\n    {name}_t result = {{\n"
    out += f"        {{ {join([set_bits(f, users[f.name]) for f in fields])} }}\n    }};\n"
    out += "    return result;\n}\n\n"
    for field in fields:
        user = users[field.name]
        rest = f"(data.words[0] & {~field.bits() & (2**64 - 1):#x}ull)"
        out += f"static inline seL4_Uint64 {name}_get_{user}({name}_t data)\n{{\n"
        out += f"    return {get_bits('data.words[0]', field)};\n}}\n\n"
        out += f"static inline {name}_t {name}_set_{user}({name}_t data, seL4_Uint64 value)\n{{\n"
        out += f"    data.words[0] = {join([rest, set_bits(field, 'value')])};\n"
        out += "    return data;\n}\n\n"
    return out


def message(node):
    """Indices of the words of a fault or reply."""
    user = node.get("user")
    out = comment(node.get("title") or f"Words of {user}") + "typedef enum {\n"
    for mr in node.all("mr"):
        out += f"    {user}_{mr.get('user')} = {mr.get('number')}, /* {mr.doc()} */\n"
    length = node.get("length").split("..")[-1]
    return out + f"    {user}_Length = {length},\n}} {user}_Msg;\n\n"


def fault_accessors(interface):
    """seL4_Fault_t: word 0 is the kind, word 1 + n is message word n."""
    kinds = {value.get("name"): value.get("user") for value in interface.enum("fault").all("value")}
    faults = [node for node in interface.walk("message") if node.get("fault")]
    longest = max(int(node.get("length").split("..")[-1]) for node in faults)
    out = "/* A received fault: its kind, then its message words. */\n"
    out += (f"typedef struct seL4_Fault {{\n    seL4_Uint64 words[{longest + 1}];\n"
            "} seL4_Fault_t;\n\n"
            "static inline seL4_Uint64 seL4_Fault_get_seL4_FaultType(seL4_Fault_t fault)\n{\n"
            "    return fault.words[0];\n}\n\n")
    for node in faults:
        kind = kinds[node.get("fault")]
        short = kind.replace("seL4_Fault_", "")
        out += (f"static inline seL4_Bool seL4_is{short}_tag(seL4_MessageInfo_t tag)\n{{\n"
                f"    return seL4_MessageInfo_get_label(tag) == {kind};\n}}\n\n")
        for mr in node.all("mr"):
            name = f"{kind}_get_{mr.get('user')}"
            out += (f"static inline seL4_Uint64 {name}(seL4_Fault_t fault)\n{{\n"
                    f"    return fault.words[{int(mr.get('number')) + 1}];\n}}\n\n")
    return out


def capability_types(interface):
    """One integer type per kind of object."""
    names = ["seL4_CPtr"]
    for node in interface.walk("interface"):
        if node.get("user-type") not in names:
            names.append(node.get("user-type"))
    for extra in ("seL4_Notification", "seL4_Endpoint", "seL4_Reply"):
        names.append(extra)
    out = "/* Capability pointers; the names only say what is expected. */\n"
    out += "typedef seL4_Word seL4_CPtr;\n"
    return out + "".join(f"typedef seL4_CPtr {name};\n" for name in names[1:]) + "\n"


class Stub:
    """The C function of one invocation."""

    def __init__(self, interface_node, node):
        self.node, self.name = node, node.get("user")
        self.service = interface_node.get("user-type")
        self.arguments = [(a, Position(a)) for a in node.all("argument")]
        self.results = [(r, Position(r)) for r in node.all("result")]
        self.scalars = [r for r, place in self.results if not place.is_array]

    def result_type(self):
        return f"{self.name}_t" if self.scalars else "seL4_Error"

    def parameters(self):
        out = [f"{self.service} _service"]
        for argument, _ in self.arguments + [r for r in self.results if r[1].is_array]:
            kind = ARGUMENT_TYPE[argument.get("type")]
            out.append(kind + ("" if kind.endswith("*") else " ") + argument.get("name"))
        return out

    def value(self, argument, place):
        """The argument as bits of its message word."""
        name, kind = argument.get("name"), argument.get("type")
        if kind == "rights":
            return f"{name}.words[0]"
        if kind == "bool":
            text = f"({name} ? 1ull : 0ull)"
        elif place.mask < (1 << 64) - 1 or kind == "attributes":
            text = f"(seL4_Word){name}"
        else:
            text = name
        return f"({text} << {place.low})" if place.low else text

    def words(self):
        """{message word: expression} of the arguments that are no arrays."""
        out = {}
        for argument, place in self.arguments:
            if not place.is_cap and not place.is_array:
                out.setdefault(place.index, []).append(self.value(argument, place))
        return {index: join(terms) for index, terms in out.items()}

    def array(self):
        """(name, first message word, words, count) of the array argument, or None."""
        for argument, place in self.arguments:
            if place.is_array:
                total = CONTEXT_WORDS[argument.get("type")]
                count = "count" if argument.get("type") == "user_context" else str(total)
                return argument.get("name"), place.index, total, count
        return None

    def length(self):
        array = self.array()
        words = self.words()
        return array[1] + array[2] if array else (max(words) + 1 if words else 0)

    def text(self):
        words, array = self.words(), self.array()
        out = comment(self.node.doc())
        if self.scalars:
            fields = "".join(f"    {ARGUMENT_TYPE[r.get('type')]} {r.get('name')};\n"
                             for r in self.scalars)
            out += f"typedef struct {{\n    int error;\n{fields}}} {self.result_type()};\n\n"
        out += signature(f"static inline {self.result_type()} {self.name}", self.parameters())
        mrs = ", ".join(words.get(i, "0") for i in range(4))
        out += f"    seL4_Word mr[4] = {{ {mrs} }};\n"
        if array:
            out += (f"    sel4_send_array((const seL4_Word *){array[0]}, {array[3]}, {array[1]}, "
                    f"{array[2]}, mr);\n")
        for index in sorted(i for i in words if i >= 4):
            out += f"    seL4_SetMR({index}, {words[index]});\n"
        caps = [(a, p) for a, p in self.arguments if p.is_cap]
        for argument, place in caps:
            out += f"    seL4_SetCap({place.index}, {argument.get('name')});\n"
        call = (f"sel4_invoke(_service, seL4_MessageInfo_new({self.node.get('user-label')}, 0, "
                f"{len(caps)}, {self.length()}), mr)")
        return out + self.tail(call) + "}\n\n"

    def tail(self, call):
        if self.scalars:
            out = f"    {self.result_type()} result;\n    result.error = (int){call};\n"
            for result, place in self.results:
                out += f"    result.{result.get('name')} = mr[{place.index}];\n"
            return out + "    return result;\n"
        if self.results:
            result = self.results[0][0]
            total = CONTEXT_WORDS[result.get("type")]
            count = "count" if result.get("type") == "user_context" else str(total)
            return (f"    seL4_Error error = {call};\n    if (error == seL4_NoError) {{\n"
                    f"        sel4_receive_array((seL4_Word *){result.get('name')}, {count}, "
                    f"{total}, mr);\n    }}\n    return error;\n")
        return f"    return {call};\n"


def stubs(interface, extension):
    out = ""
    for group in interface.walk("interface"):
        if (group.get("extension") == "true") == extension:
            out += "".join(Stub(group, node).text() for node in group.all("invocation"))
    return out


def labels(interface, extension):
    out = "typedef enum {\n" + ("" if extension else "    InvalidInvocation = 0,\n")
    last = 0
    for group in interface.walk("interface"):
        if (group.get("extension") == "true") == extension:
            for node in group.all("invocation"):
                out += f"    {node.get('user-label')} = {node.get('label')},\n"
                last = max(last, int(node.get("label"), 0))
    if not extension:
        out += f"    nInvocationLabels = {last + 1},\n"
    return out + f"}} {'seL4_X_InvocationLabel' if extension else 'seL4_InvocationLabel'};\n"


def config(interface):
    out = ""
    for node in interface.walk("config"):
        for option in node.all("option"):
            name, value = option.get("name"), option.get("value")
            if value is None:
                out += f"/* off: {name} ({option.doc()}) */\n"
                continue
            define = f"#ifndef {name}\n#define {name} {value} /* {option.doc()} */\n#endif\n"
            if option.get("when"):
                define = ("#if defined(TESSERA_DEBUG_KERNEL) && TESSERA_DEBUG_KERNEL\n"
                          f"{define}#endif\n")
            out += define
    return out


def all_of(interface, tag, writer, parts):
    return "".join(writer(node) for name in parts for node in interface.parts[name].all(tag))


def headers(interface):
    """The generated headers of libs/sel4: {file name: text}."""
    def header(title, includes, text):
        lines = "".join(f"#include <sel4/{name}.h>\n" for name in includes)
        body = (lines + "\n" if lines else "") + text.rstrip("\n") + "\n"
        return head(title, "(all files)") + body

    contexts = "".join(context(node) for node in interface.walk("enum") if node.get("user-struct"))
    plain = ["syscalls", "objects", "messages", "registers"]
    boot = ["bootinfo"]
    additions = ["inspect"]
    return {
        "sel4/config.h": header("Configuration that sources can observe", [], config(interface)),
        "kernel/gen_config.h": header("Configuration, by its other name", ["config"], ""),
        "sel4/constants.h": header("Numbers of the API", ["config"],
                                   all_of(interface, "enum", enum, plain) +
                                   all_of(interface, "constants", constants, plain)),
        "sel4/errors.h": header("Errors", [], all_of(interface, "enum", enum, ["errors"])),
        "sel4/types.h": header("Types of the API", ["simple_types", "constants", "errors"],
                               capability_types(interface) +
                               all_of(interface, "word", word, ["messages"]) +
                               all_of(interface, "struct", struct, ["messages"]) + contexts),
        "sel4/bootinfo_types.h": header("Boot information", ["types"],
                                        all_of(interface, "constants", constants, boot) +
                                        all_of(interface, "struct", struct, boot) +
                                        all_of(interface, "enum", enum, boot)),
        "sel4/fault_types.h": header("Faults", ["types"],
                                     all_of(interface, "enum", enum, ["faults"]) +
                                     all_of(interface, "message", message, ["faults"]) +
                                     fault_accessors(interface)),
        "sel4/invocation.h": header("Invocation labels", [], labels(interface, False)),
        "sel4/stubs.h": header("Object invocations", ["functions", "invocation"],
                               stubs(interface, False)),
        "sel4/tessera.h": header("Additions to the API", ["sel4"],
                                 labels(interface, True) + "\n" +
                                 all_of(interface, "enum", enum, additions) +
                                 all_of(interface, "word", word, additions) +
                                 stubs(interface, True)),
    }
