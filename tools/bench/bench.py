#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Print the figures: instruction counts, sizes, lines. Nothing is asserted.

usage: bench.py [SECTION...]     sections: size lines boot load operations stretch exits
                               linux capdl coverage (all without)

Instruction counts are those of a deterministic run (--icount), taken by the plugin
count.c or by the guest itself; the same tree gives the same numbers every time.
"""

import re
import subprocess
import sys
import threading
from pathlib import Path

sys.dont_write_bytecode = True
sys.path[0] = str(Path(__file__).resolve().parents[1])  # not this folder: `bench` is the room

from bench import capdl_scale, capdl_specs, coverage  # noqa: E402: the path comes first
from cli import apps, builder, checks, pipeline  # noqa: E402
from cli.common import BUILD, DEPS, TOP, Failure, say  # noqa: E402
from sim import script  # noqa: E402
from sim.board import Board  # noqa: E402

KERNEL = BUILD / "aarch64/kernel/kernel-release.elf"
INITIALISER = BUILD / "aarch64/programs/initialiser.elf"
PLUGIN = BUILD / "host/bin/count.so"
LIMIT = 900
# Where the VM monitor enters a guest kernel: the start of its RAM, with the MMU off.
GUEST_ENTRY = 0x40000000
# Where every component starts (libs/microkit/microkit.ld).
COMPONENT_ENTRY = 0x200000
GUEST_OPTIONS = "console=ttyAMA0 cryptomgr.notests quiet cma=4M tessera.poweroff"


def show(what, value, unit=""):
    """One figure."""
    text = f"{value:,}" if isinstance(value, int) else str(value)
    print(f"{what:60} {text:>16} {unit}".rstrip(), flush=True)


def tool_output(*command):
    """What a program prints."""
    return subprocess.run([str(part) for part in command], check=True, text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout


def symbol(elf, name):
    """The address of a symbol; None if there is none."""
    found = re.search(rf"^([0-9a-f]+) \w {re.escape(name)}$", tool_output("nm", elf), re.M)
    return int(found.group(1), 16) if found else None


def entry(elf):
    """The address at which an ELF file starts."""
    return int(re.search(r"Entry point address:\s+(\S+)", tool_output("readelf", "-h", elf)).group(1), 16)


def counted(command, marks):
    """Runs QEMU with the counter: ({address: count}, count at the end, console)."""
    arguments = ",".join([str(PLUGIN), *(f"mark={mark:#x}" for mark in marks)])
    done = subprocess.run([*command, "-plugin", arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=LIMIT)
    text = done.stderr.decode(errors="replace")
    end = re.search(r"^count: end (\d+)", text, re.M)
    if done.returncode or not end:
        raise Failure(f"the counted run failed (status {done.returncode}): {text.strip()}")
    reached = {int(a, 16): int(n) for a, n in re.findall(r"^count: mark (\S+) (\d+)", text, re.M)}
    return reached, int(end.group(1)), done.stdout.decode(errors="replace")


def counted_until(command, marks):
    """Runs QEMU with the counter until all marks are reached: {address: count}."""
    arguments = ",".join([str(PLUGIN), *(f"mark={mark:#x}" for mark in marks)])
    reached = {}
    with subprocess.Popen([*command, "-plugin", arguments], stdin=subprocess.DEVNULL,
                          stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True) as machine:
        timer = threading.Timer(LIMIT, machine.kill)
        timer.start()
        for line in machine.stderr:
            found = re.match(r"count: mark (\S+) (\d+)", line)
            if found:
                reached[int(found.group(1), 16)] = int(found.group(2))
            if len(reached) == len(marks):
                break
        timer.cancel()
        machine.kill()
    if len(reached) < len(marks):
        raise Failure(f"only {len(reached)} of {len(marks)} steps were seen")
    return reached


def app_command(name, **choices):
    """The command line that boots an app deterministically."""
    board, image = pipeline.prepare_app(apps.App(name), pipeline.Choices(icount=True, **choices))
    return board.command(image)


def section_size():
    """Bytes of the release kernel."""
    text, data, bss, *_ = tool_output("aarch64-linux-gnu-size", KERNEL).splitlines()[1].split()
    for what, value in (("text and read-only data", text), ("data", data), ("bss", bss)):
        show(f"kernel, release: {what}", int(value), "bytes")


def code_lines(path):
    """Lines of a C or assembler file that are neither empty nor comment."""
    text = re.sub(r"/\*.*?\*/|//[^\n]*", "", path.read_text(), flags=re.S)
    return sum(1 for line in text.splitlines() if line.strip())


def section_lines():
    """Lines of code of each room."""
    rooms = {}
    for path in sorted(TOP.glob("*/*/**/*")):
        parts = path.relative_to(TOP).parts
        if path.suffix in (".c", ".h", ".S") and parts[0] not in ("build", "tests"):
            room = "/".join(parts[:2])
            rooms[room] = rooms.get(room, 0) + code_lines(path)
    for room, count in rooms.items():
        show(f"lines of code: {room}", count)
    show("lines of code: all rooms", sum(rooms.values()))


def boot_marks():
    """(address, what has been done when it is reached), in order."""
    marks = [(symbol(KERNEL, "boot_main"), "loader"), (entry(INITIALISER), "kernel"),
             (symbol(INITIALISER, "create_objects"), "initialiser: spec opened"),
             (symbol(INITIALISER, "devices_setup"), "initialiser: objects created"),
             (symbol(INITIALISER, "fill_frames"), "initialiser: devices found"),
             (symbol(INITIALISER, "map_spaces"), "initialiser: frames filled"),
             (symbol(INITIALISER, "threads_setup"), "initialiser: pages mapped"),
             (symbol(INITIALISER, "finish"), "initialiser: threads and capabilities placed"),
             (COMPONENT_ENTRY, "initialiser: authority deleted, first component runs")]
    return [(address, what) for address, what in marks if address is not None]


def section_boot():
    """From the loader to the end of the smallest system."""
    marks = boot_marks()
    reached, end, _ = counted(app_command("hello"), [address for address, _ in marks])
    counts = re.match(r"objects: (\d+), caps: \d+, mappings: (\d+)",
                      (BUILD / "apps/hello/pack.txt").read_text())
    shares = {"initialiser: objects created": ("object", int(counts.group(1))),
              "initialiser: pages mapped": ("page or table", int(counts.group(2)))}
    before = 0
    for address, what in marks:
        if address not in reached:
            raise Failure(f"hello never came to {address:#x} ({what})")
        show(f"hello: {what}", reached[address] - before, "instructions")
        if what in shares:
            noun, share = shares[what]
            show(f"hello: {what}, for each {noun} of {share}",
                 (reached[address] - before) // share, "instructions")
        before = reached[address]
    show("hello: the rest, to power-off", end - before, "instructions")


LOAD_SIZES = (1_000, 5_000, 10_000)
# Functions of the initialiser, in their order, and what begins with each; the first is its entry.
LOAD_STEPS = ((None, "spec opened"), ("create_objects", "objects created"),
              ("devices_setup", "interrupts and ASIDs given"), ("fill_frames", "frames filled"),
              ("map_spaces", "pages mapped"), ("threads_setup", "threads set up"),
              ("spaces_fill", "capabilities placed"), ("spaces_keep", "originals kept, threads started"),
              ("finish", "authority deleted"), ("delete_self", None))


def load_counts(size):
    """Instructions of each step of the initialiser for a system of SIZE objects."""
    path = BUILD / f"load_{size}.cdl"
    with open(path, "w", encoding="ascii") as out:
        out.writelines(capdl_specs.components(size, 1))
    board, image = pipeline.prepare_spec(path, 1 << 30, pipeline.Choices(icount=True))
    marks = [symbol(INITIALISER, name) if name else entry(INITIALISER) for name, _ in LOAD_STEPS]
    reached = counted_until(board.command(image), marks)
    return [reached[after] - reached[before] for before, after in zip(marks, marks[1:])]


def section_load():
    """Building systems of 1,000 to 10,000 objects: instructions of the initialiser and its kernel calls."""
    first = None
    for size in LOAD_SIZES:
        counts = load_counts(size)
        share = [count / size for count in (*counts, sum(counts))]
        first = first or share
        for (_, what), count, each, base in zip((*LOAD_STEPS[:-1], (None, "all of it")), (*counts, sum(counts)),
                                                share, first):
            show(f"load of {size:,} objects: {what}", count,
                 f"instructions, {each:,.0f} for each object ({each / base:.2f})")


def section_exits():
    """A guest's hypercall and device access, to the monitor and back."""
    guest = str(BUILD / "aarch64/programs/bench_guest.bin")
    for gic in (2, 3):
        _, _, text = counted(app_command("linux", gic=gic, kernel=guest), [])
        found = re.findall(r"bench: (\w+) (\d+)", text)
        if not found:
            raise Failure(f"the benchmark guest printed nothing:\n{text}")
        for what, count in found:
            show(f"guest {what}, GICv{gic}", int(count), "instructions")


def section_linux():
    """The stock kernel's boot to the shell: bare QEMU against our virtual machine."""
    native = Board(memory=128 << 20, icount=True, extra=(
        "-initrd", str(DEPS / "guest/initrd.cpio"), "-append", GUEST_OPTIONS))
    _, bare, _ = counted(native.command(DEPS / "guest/vmlinuz"), [])
    show("linux on bare QEMU, to the shell", bare, "instructions")
    # Our loader runs at such addresses too, so the guest's counts only after the initialiser's.
    reached, end, _ = counted(app_command("linux", append=GUEST_OPTIONS),
                              [entry(INITIALISER), GUEST_ENTRY])
    if GUEST_ENTRY not in reached:
        raise Failure(f"the guest was not entered at {GUEST_ENTRY:#x}")
    show("linux in a virtual machine: before the guest's entry", reached[GUEST_ENTRY], "instructions")
    ours = end - reached[GUEST_ENTRY]
    show("linux in a virtual machine: guest's entry to the shell", ours, "instructions")
    show("ratio", f"{ours / bare:.3f}")


def section_capdl():
    """What a spec costs on the host, by its size."""
    builder.build_preset("host", "tessera-capdl")
    for line in capdl_scale.lines(builder.program("tessera-capdl")):
        print(line, flush=True)


# What seL4 16.0 needs for the same on the same emulated processor, both sides counted as a whole.
PEER = {"call and reply, length 0": 525, "call and reply, length 10": 2209, "call and reply, length 120": 3309,
        "send to a null capability": 340, "yield": 513, "signal, nobody waiting": 404,
        "signal to a higher priority, and back": 1187, "fault, handler, reply": 1843, "retype of a TCB": 794,
        "retype of a 4 KiB frame": 1184, "delete of a TCB": 1777, "map of a 4 KiB frame, and unmap": 1264,
        "CNode copy and delete": 1415}


def root_task_console(name):
    """What a root task of the tests prints when its .run file's first boot is made."""
    one = script.parse(next((TOP / "tests").rglob(f"{name}.run")))[0]
    return subprocess.run(checks.boot_command(one), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          check=True, timeout=LIMIT).stdout.decode(errors="replace")


def section_operations():
    """System calls and invocations, kernel and user together; and what seL4 needs."""
    for what, count in re.findall(r"^cost: (.*) (\d+)\r?$", root_task_console("conform"), re.M):
        peer = PEER.get(what)
        show(what, int(count), f"instructions (seL4 {peer:,}: {int(count) / peer:.2f})" if peer
             else "instructions")


def section_stretch():
    """The longest time without interrupts that a user's load makes, by its size."""
    for what, size, count in re.findall(r"^stretch: (.*?) +(\d+): +(\d+) instructions",
                                        root_task_console("stretch"), re.M):
        show(f"deaf: {what} ({size})", int(count), "instructions, to 16")


def section_coverage():
    """Ways of the core's branches that tests take."""
    builder.build_preset("host", "tools_bench_branches")
    for name, function in (("host tests, source", coverage.host), ("conform, object code", coverage.target)):
        taken, ways = function()
        show(f"branches of kernel/core: {name}", f"{taken:,} of {ways:,}", f"ways ({100 * taken / ways:.1f} %)")


SECTIONS = {"size": section_size, "lines": section_lines, "boot": section_boot, "load": section_load,
            "operations": section_operations, "stretch": section_stretch,
            "exits": section_exits, "linux": section_linux,
            "capdl": section_capdl, "coverage": section_coverage}


def main(wanted):
    """Prints the sections; returns the exit status."""
    unknown = [name for name in wanted if name not in SECTIONS]
    if unknown:
        print(__doc__, file=sys.stderr)
        return 2
    if wanted != ["capdl"]:
        builder.build_for_run()
        builder.build_preset("host", "tools_bench_count")
        builder.fetch("guest")
    status = 0
    for name in wanted or SECTIONS:
        say(SECTIONS[name].__doc__)
        try:
            SECTIONS[name]()
        except (Failure, subprocess.SubprocessError) as error:
            say(f"section {name}: {error}")
            status = 1
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
