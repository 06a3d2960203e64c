#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Mistakes in the interface description are refused with file and line.

Each case changes one text in a copy of kernel/abi; the generator must exit with status 1, name the
changed file and line, and say what is wrong.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.normpath(os.path.join(HERE, "..", "..", ".."))
GENERATOR = os.path.join(ROOT, "tools", "gen", "abi.py")

# (what, file, old text, new text, expected message[, text of the line it shows at if another])
CASES = [
    ("unknown element", "errors.xml", '<value name="range"', '<valeu name="range"', "valeu"),
    ("unknown attribute", "objects.xml", 'name="TCB_BITS" value', 'name="TCB_BITS" valu', "valu"),
    ("upper-case field", "caps.xml", 'name="free_index"', 'name="FreeIndex"', "pattern"),
    ("unknown argument type", "invocations.xml", 'name="depth" type="uint8"',
     'name="depth" type="uint9"', "uint9"),
    ("number that is none", "syscalls.xml", 'number="-7"', 'number="seven"', "seven"),
    ("two values with one number", "syscalls.xml", 'number="-7"', 'number="-8"',
     "nb_recv has the number of recv", '<value name="nb_recv"'),
    ("two labels with one number", "invocations.xml", 'label="46"', 'label="44"',
     "has the label of"),
    ("overlapping fields", "caps.xml", 'name="size_bits" at="w0[54:49]"',
     'name="size_bits" at="w0[54:48]"', "is_device overlaps another field",
     '<field name="is_device" at="w0[48:48]">Device memory.</field>\n      <field name="free'),
    ("field over the type", "caps.xml", 'name="is_device" at="w0[52:52]"',
     'name="is_device" at="w0[60:60]"', "overlaps another field"),
    ("field in the place of the address", "caps.xml", 'name="core" at="w1[31:0]"',
     'name="core" at="w0[31:0]"', "where every kind has its address"),
    ("address elsewhere", "caps.xml", '<field name="address" at="w0[47:0]">The VCPU.',
     '<field name="address" at="w1[47:0]">The VCPU.', "must be where every kind has it"),
    ("bits in the wrong order", "messages.xml", 'at="[63:12]"', 'at="[12:63]"',
     "not [high:low] of a word"),
    ("member at the wrong offset", "bootinfo.xml", 'offset="136"', 'offset="140"',
     "is at offset 136"),
    ("member that needs padding", "boot_table.xml",
     '<member name="size" type="u32" offset="12">', '<member name="size" type="u8" offset="12">',
     "kernel_start would need padding before it", '<member name="kernel_start"'),
    ("structure of the wrong size", "bootinfo.xml", 'size="3864"', 'size="3865"',
     "has 3864 bytes, not 3865"),
    ("unknown error", "invocations.xml", 'code="truncated_message" when="length below 6',
     'code="truncated" when="length below 6', "no error truncated"),
    ("overlapping arguments", "invocations.xml", 'name="num_objects" type="word" at="MR5"',
     'name="num_objects" type="word" at="MR4"', "overlaps another one"),
    ("gap in the capabilities", "invocations.xml", 'name="src_root" type="cnode" at="cap1"',
     'name="src_root" type="cnode" at="cap2"', "not numbered 0, 1, ..",
     '<invocation name="cnode_rotate"'),
    ("word behind the message", "faults.xml", '<mr number="4" name="code"',
     '<mr number="5" name="code"', "lies behind the length 5"),
    ("name made twice", "objects.xml", 'name="REPLY_BITS"', 'name="SLOT_BITS"',
     "SLOT_BITS is already made at"),
    ("invocation that does not say whether it is preemptible", "invocations.xml",
     'preemptible="while the untyped', 'rights="while the untyped', "preemptible"),
    ("system call without rights", "syscalls.xml", '          rights="none">', '          >',
     "rights"),
    ("two files for one header", "faults.xml", 'header="faults"', 'header="errors"',
     "is also made by"),
]


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def run_case(folder, what, name, old, new, expected, shown=None):
    """None if all is as it should be, else what is not."""
    path = os.path.join(folder, name)
    with open(path, encoding="utf-8") as file:
        original = file.read()
    if old not in original:
        return f"{what}: {name} has no {old!r}"
    position = original.index(old)
    with open(path, "w", encoding="utf-8") as file:
        file.write(original[:position] + new + original[position + len(old):])
    run = subprocess.run([sys.executable, GENERATOR, "--input", folder, "--output",
                          os.path.join(folder, "out")], capture_output=True, text=True, check=False)
    with open(path, "w", encoding="utf-8") as file:
        file.write(original)
    if run.returncode != 1:
        return f"{what}: exit status {run.returncode}, expected 1\n{run.stderr}"
    if os.path.exists(os.path.join(folder, "out")):
        return f"{what}: headers were written all the same"
    # Where it should show: at the changed line, or at the element that the change made wrong.
    line = line_of(original, original.index(shown)) if shown else line_of(original, position)
    if not re.search(re.escape(name) + rf":{line}:", run.stderr):
        return f"{what}: does not name {name}:{line}\n{run.stderr}"
    if expected not in run.stderr:
        return f"{what}: does not say {expected!r}\n{run.stderr}"
    return None


def main():
    failures = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = os.path.join(scratch, "abi")
        shutil.copytree(os.path.join(ROOT, "kernel", "abi"), folder)
        good = subprocess.run([sys.executable, GENERATOR, "--input", folder], check=False)
        if good.returncode != 0:
            failures.append("the description itself is refused")
        for case in CASES:
            problem = run_case(folder, *case)
            if problem:
                failures.append(problem)
    for failure in failures:
        print("FAIL", failure)
    print(f"{len(CASES)} mistakes, {len(failures)} failures")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
