# SPDX-License-Identifier: BSD-2-Clause
"""`tessera sdk OUTDIR`: a folder with which Microkit projects build, and nothing else is needed.

    bin/microkit                     the tool (microkit.py)
    libexec/                         the programs that it drives
    board/BOARD/CONFIG/include       <microkit.h>, <sel4/...>
    board/BOARD/CONFIG/lib           libmicrokit.a, microkit.ld
    board/BOARD/CONFIG/elf           kernel, loader, monitor, initialiser
    example/                         small projects with Makefiles

Nothing in it names a path of the machine it was made on, so it can be moved.
"""

import json
import shutil
import subprocess
import xml.etree.ElementTree as ElementTree
from pathlib import Path

from cli import builder, packages
from cli.common import BUILD, TOP, Failure, say

BOARD = "qemu_virt_aarch64"
CONFIGS = ("debug", "release")
VERSION = "2.3.0-tessera"
PROGRAMS = ("tessera-compose", "tessera-audit", "tessera-capdl", "tessera-image")
TARGETS = ("kernel-debug", "kernel-release", "loader", "initialiser",
           *(f"sdk_{part}_{config}" for part in ("microkit", "monitor") for config in CONFIGS))
# What bin/microkit must know of the board; RAM as existing Makefiles give it to QEMU (-m size=2G).
# The kernel's devices are those of interrupt controller version 2, which these boards have.
PLATFORM = {
    "memory": [{"start": 0x40000000, "end": 0xC0000000}],
    "kernel_devs": [{"start": start, "end": start + 0x1000}
                    for start in (0x08000000, 0x08010000, 0x08030000)],
    "load_address": 0x70000000,
}
PLAIN = "TESSERA_PLAIN_IPC_BUFFER"
# Where a program's stack and IPC buffer are.
ADDRESS_SPACE = {"user_top": 0xFFFFFFFFFF, "ipc_buffer": 0xFFFFFFF000, "stack_top": 0xFFFFFFE000}
# Headers by which sources reach the configuration, besides kernel/gen_config.h itself.
CONFIG_NAMES = ("sel4/config.h", "sel4/gen_config.h", "autoconf.h")
TOOLS = Path(__file__).resolve().parent
TARGET = BUILD / "aarch64"


def header(title, text):
    """A header file of ours."""
    return ("/*\n * SPDX-License-Identifier: BSD-2-Clause\n *\n"
            f" * {title}\n */\n#pragma once\n\n{text}\n")


def config_options(config):
    """{name: value or None} of the CONFIG_ macros of a configuration."""
    root = ElementTree.parse(TOP / "kernel/abi/config.xml").getroot()
    options = {}
    for option in root.iter("option"):
        on = option.get("when") != "debug" or config == "debug"
        options[option.get("name")] = option.get("value") if on else None
    return options


def config_header(config):
    """kernel/gen_config.h. Build files cut the architecture's name out of its line by counting
    blanks: there must be one after #define and two after the name."""
    lines = [f"#define {PLAIN}  1"]
    for name, value in config_options(config).items():
        lines.append(f"/* disabled: {name} */" if value is None else f"#define {name}  {value}")
    return header(f"Configuration that sources can observe: {BOARD}, {config}", "\n".join(lines))


def constants(ending):
    """{name: number} of the interface's constants whose names end so."""
    root = ElementTree.parse(TOP / "kernel/abi/objects.xml").getroot()
    return {node.get("name"): node.get("value") for node in root.iter()
            if (node.get("name") or "").endswith(ending) and node.get("value")}


def labels():
    """{name: label} of all invocations."""
    root = ElementTree.parse(TOP / "kernel/abi/invocations.xml").getroot()
    return {node.get("user-label"): int(node.get("label"), 0) for node in root.iter("invocation")}


def write(path, text):
    """Writes a file and the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def copy(source, target):
    """Copies one file that must be there."""
    if not source.is_file():
        raise Failure(f"{source.relative_to(TOP)} was not built")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def copy_elf(source, target, *options):
    """Copies a program without what only debuggers read."""
    copy(source, target)
    subprocess.run(["aarch64-linux-gnu-objcopy", *options, str(target)], check=True)


def write_headers(folder, config):
    """The include folder of a configuration."""
    for place in (TOP / "libs/sel4/include", TARGET / "abi/sel4", TOP / "libs/microkit/include",
                  TOOLS / "include"):
        for path in sorted(place.rglob("*.h")):
            copy(path, folder / path.relative_to(place))
    write(folder / "kernel/gen_config.h", config_header(config))
    write(folder / "kernel/gen_config.json", json.dumps(config_options(config), indent=4) + "\n")
    for name in CONFIG_NAMES:
        write(folder / name, header("Configuration, by another name",
                                    "#include <kernel/gen_config.h>"))


def write_board(folder, config):
    """board/BOARD/CONFIG."""
    write_headers(folder / "include", config)
    copy(TARGET / "sdk" / config / "libmicrokit.a", folder / "lib/libmicrokit.a")
    subprocess.run(["aarch64-linux-gnu-objcopy", "--strip-debug", str(folder / "lib/libmicrokit.a")],
                   check=True)
    copy(TOP / "libs/microkit/microkit.ld", folder / "lib/microkit.ld")
    elfs = {"sel4": TARGET / f"kernel/kernel-{config}.elf", "loader": TARGET / "kernel/loader.elf",
            "monitor": TARGET / f"sdk/{config}/monitor.elf",
            "initialiser": TARGET / "programs/initialiser.elf"}
    for name, source in elfs.items():
        copy_elf(source, folder / f"elf/{name}.elf", "--strip-debug")
    for name, content in (("platform_gen", PLATFORM), ("object_sizes", constants("BITS")),
                          ("address_space_constants", ADDRESS_SPACE), ("invocations_all", labels())):
        write(folder / f"{name}.json", json.dumps(content, indent=4) + "\n")


def copy_examples(folder):
    """The example projects, without what building them left behind."""
    for path in sorted((TOOLS / "example").rglob("*")):
        if path.is_file() and "build" not in path.relative_to(TOOLS).parts:
            copy(path, folder / path.relative_to(TOOLS / "example"))


def copy_notices(folder):
    """The licences of what is linked into the programs of a board: Debian's own texts."""
    deps = BUILD / "deps/arm64/usr/share/doc"
    found = {"picolibc": Path("/usr/share/doc/picolibc-aarch64-linux-gnu/copyright")}
    found |= {path.parent.name: path for path in sorted(deps.glob("*/copyright"))}
    for name, path in found.items():
        if path.is_file():
            write(folder / f"{name}.txt", path.read_text())


def prepare(folder):
    """Makes the folder, or empties one that is an SDK of ours."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        version = folder / "VERSION"
        if not version.is_file() or "tessera" not in version.read_text():
            raise Failure(f"{folder} is there already and is no SDK of ours; name another folder")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)


def create(folder):
    """Builds all that is needed and makes the SDK at FOLDER."""
    packages.ensure(packages.BUILD_PACKAGES)
    try:
        packages.ensure(packages.SDK_PACKAGES)
    except Failure as problem:      # the SDK can be made without them, and used elsewhere
        say(f"projects will need more: {problem}")
    builder.fetch("arm64")
    builder.build_preset("host", *PROGRAMS)
    builder.build_preset("aarch64", *TARGETS)
    prepare(folder)
    for config in CONFIGS:
        write_board(folder / "board" / BOARD / config, config)
    for name in PROGRAMS:
        target = folder / "libexec" / name
        copy(builder.program(name), target)
        subprocess.run(["strip", str(target)], check=True)
        target.chmod(0o755)
    copy(TOOLS / "microkit.py", folder / "bin/microkit")
    (folder / "bin/microkit").chmod(0o755)
    write(folder / "VERSION", VERSION + "\n")
    copy(TOP / "LICENSE", folder / "LICENSE.md")
    copy(TOP / "LICENSE", folder / "LICENSES/BSD-2-Clause.txt")
    copy_notices(folder / "LICENSES")
    copy(TOP / "capdl/compose/README.md", folder / "doc/composer.md")
    copy(TOP / "capdl/compose/ADDITIONS.md", folder / "doc/additions.md")
    copy(TOOLS / "SDK.md", folder / "README.md")
    copy_examples(folder / "example")
