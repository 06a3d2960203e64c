#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make capDL specs of any size, for measuring.

usage: capdl_specs.py SHAPE OBJECTS [CAPS_PER_OBJECT]

SHAPE is
  components  components of a hundred objects each, in an untyped of their own; packs and boots
  arrays      few names: arrays, ranges, one cover of everything
  copies      every capability named, copied with a mask, and derived (child_of)
The same arguments give the same text.
"""

import sys

PART = 100  # objects of a component
FRAMES = 90


def component_objects(number):
    """The objects of one component, inside its untyped."""
    yield f"    c{number}_ut = ut (21 bits) {{\n"
    yield f"        c{number}_tcb = tcb (addr: 0x200000, ip: 0x200000, sp: 0, prio: 10, max_prio: 10, affinity: 0)\n"
    yield f"        c{number}_cnode = cnode (10 bits)\n"
    for kind in ("pud", "pd", "pt", "sc", "rtreply", "ep", "notification"):
        extra = " (period: 10000, budget: 1000, 7 bits)" if kind == "sc" else ""
        yield f"        c{number}_{kind} = {kind}{extra}\n"
    for frame in range(FRAMES):
        yield f"        c{number}_frame_{frame} = frame (4k)\n"
    yield "    }\n"


def component_caps(number, count, each):
    """The capabilities of one component: its own, and endpoints of others."""
    own = f"c{number}_"
    yield f"    {own}tcb {{ cspace: {own}cnode (guard_size: 54) vspace: {own}pud sc_slot: {own}sc\n"
    yield f"        ipc_buffer_slot: {own}frame_0 (RW) }}\n"
    yield f"    {own}pud {{ 0: {own}pd }}\n    {own}pd {{ 1: {own}pt }}\n    {own}pt {{\n"
    for frame in range(FRAMES):
        yield f"        {frame}: {own}frame_{frame} (RW)\n"
    yield f"    }}\n    {own}cnode {{\n        0: {own}cnode (guard_size: 54)\n"
    for slot in range(1, max(1, each * PART - FRAMES - 8)):
        other = (number + slot) % count
        what = ("ep (RWG", "notification (W", "ep (RWGP")[slot % 3]
        yield f"        {slot}: c{other}_{what}, badge: {slot})\n"
    yield "    }\n"


def components(objects, each):
    """A system of like components."""
    count = max(1, objects // PART)
    yield "arch aarch64\nobjects {\n"
    for number in range(count):
        yield from component_objects(number)
    yield "}\ncaps {\n"
    for number in range(count):
        yield from component_caps(number, count, each)
    yield "}\n"


def arrays(objects, each):
    """Arrays and ranges."""
    tables = max(1, objects // 16)
    frames = objects - tables
    yield f"arch aarch64\nobjects {{\n    f[{frames}] = frame (4k)\n    n[{tables}] = cnode (10 bits)\n"
    yield "    all = ut (40 bits) { f[] n[] }\n}\ncaps {\n"
    for number in range(tables):
        low = number * 16 % frames
        high = min(frames - 1, low + 15)
        yield f"    n[{number}] {{\n"
        for turn in range(each):
            yield f"        {turn * 20}: f[{low}..{high}] ({'RWX' if turn % 2 else 'R'})\n"
        yield "    }\n"
    yield "}\n"


def copies(objects, each):
    """Copies of copies, and derivation."""
    spaces = max(1, objects // 2)
    yield "arch aarch64\nobjects {\n"
    for number in range(spaces):
        yield f"    e{number} = ep\n    n{number} = cnode (10 bits)\n"
    yield "}\ncaps {\n"
    for number in range(spaces):
        yield f"    n{number} {{\n        0: m{number}_0 = e{number} (RWGP)\n"
        for slot in range(1, each * 2):
            source = f"m{number}_{slot - 1}"
            yield f"        {slot}: m{number}_{slot} = <{source}> (masked: RWG) - child_of {source}\n"
        yield "    }\n"
    yield "}\n"


SHAPES = {"components": components, "arrays": arrays, "copies": copies}


def main(words):
    """Writes the spec to standard output; returns the exit status."""
    if len(words) not in (2, 3) or words[0] not in SHAPES or not all(word.isdigit() for word in words[1:]):
        print(__doc__, file=sys.stderr)
        return 2
    numbers = [int(word) for word in words[1:]]
    sys.stdout.writelines(SHAPES[words[0]](numbers[0], *(numbers[1:] or [10])))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
