#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""What `convert` writes is well formed and hangs together, for each spec of a folder.

usage: convert_check.py TESSERA-CAPDL DTD FOLDER

XML is checked against the DTD by xmllint. In JSON every reference must name an object that is
there, each object but those at the top is covered once, and what one untyped covers is a range
behind it. A spec that the JSON form cannot hold is refused with a message.
"""

import json
import subprocess
import sys
from pathlib import Path


def converted(program, form, spec):
    """What the command writes: (exit status, standard output, standard error)."""
    done = subprocess.run([program, "convert", "--to", form, spec], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
    return done.returncode, done.stdout, done.stderr.decode()


def xml_fault(program, dtd, spec):
    """What is wrong with the XML form; None if nothing is."""
    status, out, said = converted(program, "xml", spec)
    if status != 0:
        return f"status {status}: {said}"
    lint = subprocess.run(["xmllint", "--noout", "--dtdvalid", dtd, "-"], input=out,
                          stderr=subprocess.PIPE, check=False)
    return lint.stderr.decode() if lint.returncode else None


def targets(spec):
    """Numbers of objects that anything in a JSON spec names."""
    for entry in spec["objects"]:
        details = entry["object"] if isinstance(entry["object"], dict) else {}
        for fields in details.values():
            for slot in fields.get("slots", []):
                yield from (cap["object"] for cap in slot["cap"].values())
    yield from (line["handler"] for line in spec["irqs"])
    yield from spec["asid_slots"]


def json_fault(program, spec):
    """What is wrong with the JSON form; None if nothing is."""
    status, out, said = converted(program, "json", spec)
    if status == 1 and "error: " in said and "remedy: " in said and not out:
        return None
    if status != 0:
        return f"status {status}: {said}"
    form = json.loads(out)
    count = len(form["objects"])
    covered = []
    for cover in form["untyped_covers"]:
        children = range(cover["children"]["start"], cover["children"]["end"])
        if not children or cover["parent"] >= children.start:
            return f"cover {cover} does not lie behind its untyped"
        covered += children
    if sorted(covered) != list(range(form["root_objects"]["end"], count)):
        return "objects are covered twice, or never"
    wrong = [target for target in targets(form) if not 0 <= target < count]
    return f"objects {wrong} are not there" if wrong else None


def main(words):
    """Checks all; returns the exit status."""
    program, dtd, folder = words
    specs = sorted(Path(folder).glob("*.cdl"))
    faults = [(spec.name, fault) for spec in specs
              for fault in (xml_fault(program, dtd, spec), json_fault(program, spec)) if fault]
    for name, fault in faults:
        print(f"{name}: {fault}")
    print(f"{len(specs)} specs converted, {len(faults)} faults")
    return 1 if faults or not specs else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
