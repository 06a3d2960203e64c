#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""bin/microkit of an SDK folder: a system description and program images to one boot image.

Takes the command line that Microkit's Makefiles use and drives the programs beside it
(libexec/): compose checks and plans, audit sees that policies hold, capdl packs, image puts the
bootable file together.
"""

import json
import os
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

PROGRAM = "microkit"
SINGLE = {"--board": "board", "--config": "config", "-o": "output", "--output": "output",
          "-r": "report", "--report": "report", "--image-type": "image_type",
          "--capdl-json": "capdl_json", "--viper-output": "viper_output",
          "--override-kernel": "override_kernel", "--param": "param"}
IMAGE_TYPES = ("binary", "elf", "uimage")
ELF_PAGE = 0x1000


class Problem(Exception):
    """What stops this run, in one line; `usage` says whether the command line is wrong."""

    def __init__(self, text, usage=False):
        super().__init__(text)
        self.usage = usage


def sdk_folder():
    """MICROKIT_SDK if it is set, else the folder that this file's folder is in."""
    named = os.environ.get("MICROKIT_SDK")
    folder = Path(named) if named else Path(__file__).resolve().parent.parent
    if not folder.is_dir():
        raise Problem(f"MICROKIT_SDK is set to '{folder}', which is no folder")
    if not (folder / "board").is_dir():
        raise Problem(f"there is no folder 'board' in the SDK '{folder}'")
    return folder.resolve()


def folder_names(folder):
    """The names of the folders in a folder."""
    return sorted(path.name for path in folder.iterdir() if path.is_dir())


def usage(folder):
    """How to call this program."""
    lines = [f"usage: {PROGRAM} [-h] SYSTEM --board BOARD --config CONFIG [--search-path DIR...]",
             "                [-o FILE] [-r FILE] [--image-type TYPE] [--param NAME=VALUE]",
             "",
             "  SYSTEM                 the system description",
             "  --board, --config      what the image is for:"]
    for board in folder_names(folder / "board"):
        lines.append(f"                           {board}: {', '.join(folder_names(folder / 'board' / board))}")
    return "\n".join(lines + [
        "  --search-path DIR...   where program images and prefill files are; the current directory",
        "                         is looked at last",
        "  -o, --output FILE      the boot image (loader.img)",
        "  -r, --report FILE      what the system is made of (report.txt)",
        "  --image-type TYPE      binary (default) or elf",
        "  --override-kernel FILE boot this kernel instead of the SDK's",
        "  --param NAME=VALUE     set a parameter of the description",
        "  --capdl-json FILE      also write the capDL as JSON",
        "  --viper-output DIR     accepted; DIR is made"])


def parse(words):
    """The command line as a dictionary."""
    chosen = {"search": [], "param": [], "output": "loader.img", "report": "report.txt",
              "system": None}
    at = 0
    while at < len(words):
        word = words[at]
        at += 1
        if word in ("-h", "--help"):
            return None
        if word == "--search-path":
            first = at
            while at < len(words) and not words[at].startswith("-"):
                at += 1
            if at == first:
                raise Problem("argument --search-path: expected at least one argument", True)
            chosen["search"] += words[first:at]
        elif word in SINGLE:
            if at == len(words):
                raise Problem(f"argument {word}: expected one argument", True)
            key, value = SINGLE[word], words[at]
            chosen[key] = chosen["param"] + [value] if key == "param" else value
            at += 1
        elif word.startswith("-") or chosen["system"] is not None:
            raise Problem(f"unrecognized arguments: {word}", True)
        else:
            chosen["system"] = word
    return chosen


def check(chosen, folder):
    """Refuses what is missing or not there; returns the folder of board and configuration."""
    missing = [name for key, name in (("system", "system"), ("board", "--board"),
                                      ("config", "--config")) if chosen.get(key) is None]
    if missing:
        raise Problem(f"the following arguments are required: {', '.join(missing)}", True)
    boards = folder_names(folder / "board")
    if chosen["board"] not in boards:
        raise Problem(f"argument --board: invalid choice: '{chosen['board']}' "
                      f"(choose from {', '.join(boards)})", True)
    configs = folder_names(folder / "board" / chosen["board"])
    if chosen["config"] not in configs:
        raise Problem(f"argument --config: invalid choice: '{chosen['config']}' "
                      f"(choose from {', '.join(configs)})", True)
    kind = chosen.setdefault("image_type", "binary")
    if kind not in IMAGE_TYPES:
        raise Problem(f"argument --image-type: invalid choice: '{kind}' "
                      f"(choose from {', '.join(IMAGE_TYPES)})", True)
    if kind == "uimage":
        raise Problem("image type 'uimage' is for RISC-V; use binary or elf")
    if not Path(chosen["system"]).is_file():
        raise Problem(f"system description file '{chosen['system']}' does not exist")
    if chosen.get("override_kernel") and not Path(chosen["override_kernel"]).is_file():
        raise Problem(f"kernel '{chosen['override_kernel']}' does not exist")
    return folder / "board" / chosen["board"] / chosen["config"]


def call(program, arguments, output=None):
    """Runs one of our programs; its messages go where ours go."""
    try:
        done = subprocess.run([program, *map(str, arguments)], stdin=subprocess.DEVNULL, stdout=output)
    except OSError as error:
        raise Problem(f"{program.name} cannot be run: {error.strerror}") from None
    if done.returncode == 127:
        raise Problem(f"{program.name} lacks a library; on Debian: apt-get install libxml2 libelf1")
    if done.returncode < 0:
        raise Problem(f"{program.name} was ended by signal {-done.returncode}")
    if done.returncode != 0:
        raise Problem("")


def elf_wrap(image, address):
    """A flat image as the one segment of an ELF file that starts at its first byte."""
    ident = b"\x7fELF" + bytes([2, 1, 1, 0]) + bytes(8)
    header = struct.pack("<HHIQQQIHHHHHH", 2, 183, 1, address, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 7, ELF_PAGE, address, address, len(image), len(image), ELF_PAGE)
    head = ident + header + segment
    return head + bytes(ELF_PAGE - len(head)) + image


def board_options(board):
    """(load address, options of compose) from the board's own file."""
    platform = json.loads((board / "platform_gen.json").read_text())
    ranges = [f"{part['start']:#x}:{part['end'] - part['start']:#x}" for part in platform["kernel_devs"]]
    options = ["--ram-top", hex(max(part["end"] for part in platform["memory"])),
               "--image-at", hex(platform["load_address"])]
    return platform["load_address"], options + [word for one in ranges for word in ("--kernel-range", one)]


def build(chosen, folder, board):
    """All stages; writes image and report."""
    libexec, elf = folder / "libexec", board / "elf"
    load_address, options = board_options(board)
    search = [part for path in chosen["search"] for part in ("--search-path", path)]
    params = [part for value in chosen["param"] for part in ("--param", value)]
    with tempfile.TemporaryDirectory(prefix="microkit-") as place:
        out = Path(place)
        call(libexec / "tessera-compose",
             [chosen["system"], *search, *params, "--monitor", elf / "monitor.elf",
              *options, "--output-dir", out, "--report", out / "report.txt"])
        if "-- policy:" in (out / "system.cdl").read_text():
            call(libexec / "tessera-audit", [out / "system.cdl", "policies"], sys.stderr)
        call(libexec / "tessera-capdl",
             ["pack", out / "system.cdl", "--search-path", out, "--output", out / "spec.bin",
              "--payload", out / "payload.bin", "--report", out / "pack.txt"], subprocess.DEVNULL)
        call(libexec / "tessera-image",
             ["--loader", elf / "loader.elf",
              "--kernel", chosen.get("override_kernel") or elf / "sel4.elf",
              "--root-task", elf / "initialiser.elf", "--user-timer",
              "--spec", out / "spec.bin", "--payload", out / "payload.bin", "--output", out / "image"])
        image = (out / "image").read_bytes()
        if chosen["image_type"] == "elf":
            image = elf_wrap(image, load_address)
        Path(chosen["output"]).write_bytes(image)
        report = [(out / name).read_text() for name in ("report.txt", "pack.txt", "system.cdl")]
        Path(chosen["report"]).write_text("\n".join(report))
        if chosen.get("capdl_json"):
            call(libexec / "tessera-capdl", ["convert", "--to", "json", out / "system.cdl",
                                             "-o", chosen["capdl_json"]])
    if chosen.get("viper_output"):
        Path(chosen["viper_output"]).mkdir(parents=True, exist_ok=True)
    return len(image)


def main(words):
    """The command; returns the exit status."""
    try:
        folder = sdk_folder()
        chosen = parse(words)
        if chosen is None:
            print(usage(folder))
            return 0
        size = build(chosen, folder, check(chosen, folder))
    except Problem as problem:
        if problem.usage:
            print(usage(folder), flush=True)
        if str(problem):
            print(f"{PROGRAM}: error: {problem}", file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{PROGRAM}: error: {error.filename}: {error.strerror}", file=sys.stderr)
        return 1
    print(f"MICROKIT|IMAGE: {chosen['output']} ({size} bytes)")
    print(f"MICROKIT|REPORT: {chosen['report']}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
