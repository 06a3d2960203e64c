# SPDX-License-Identifier: BSD-2-Clause
"""system.xml to capDL to packed spec to boot image to QEMU command line."""

import re
from dataclasses import dataclass, field
from pathlib import Path

from cli import builder
from cli.common import BUILD, DEPS, TOP, Failure, run
from sim.board import RAM_BASE, Board, parse_size

TARGET = BUILD / "aarch64"


@dataclass
class Choices:
    """What the command line of `run` chooses."""

    config: str = "release"
    gic: int = None
    cpu: str = None
    memory: str = None
    icount: bool = False
    kernel: str = None
    initrd: str = None
    append: str = None
    params: list = field(default_factory=list)
    boot: list = field(default_factory=list)
    load_at: int = None
    initialiser: str = "initialiser"


def absolute(path):
    """A file the user named, as an absolute path; it must be there."""
    if path is None:
        return None
    if not Path(path).is_file():
        raise Failure(f"there is no file {path}")
    return str(Path(path).resolve())


def guest_memory(choices):
    """--memory in bytes, or None."""
    try:
        return parse_size(choices.memory) if choices.memory else None
    except ValueError:
        raise Failure(f"--memory {choices.memory}: a size is a number with K, M or G") from None


def parameters(app, choices):
    """The --param options for compose, from the choices the app's system.xml knows."""
    known = app.parameters()
    memory = guest_memory(choices)
    values = {"kernel": absolute(choices.kernel), "initrd": absolute(choices.initrd),
              "append": choices.append, "gic": choices.gic,
              "memory": f"{memory:#x}" if memory else None}
    for name in ("kernel", "initrd", "append"):
        if values[name] is not None and name not in known:
            raise Failure(f"app '{app.name}' takes no --{name}: its system.xml has no "
                          f"<t:param name=\"{name}\">")
    chosen = [f"{name}={value}" for name, value in values.items()
              if value is not None and name in known]
    return [part for value in chosen + choices.params for part in ("--param", value)]


def app_folder(app, choices):
    """Where the stages' outputs go."""
    return BUILD / "apps" / (app.name + ("-debug" if choices.config == "debug" else ""))


def spec_image(out, image, choices):
    """Makes IMAGE from the packed spec in OUT; what it needs of the boot is in the spec."""
    run([builder.program("tessera-image"), *kernel_files(choices.config),
         "--root-task", TARGET / f"programs/{choices.initialiser}.elf", *choices.boot,
         "--spec", out / "spec.bin", "--payload", out / "payload.bin", "--output", image],
        f"making {image.relative_to(TOP)}")


def search_paths(app):
    """The --search-path options for the files that an app's system.xml names."""
    folders = [app.folder, TARGET / "components", DEPS / "guest"]
    return [part for folder in folders for part in ("--search-path", folder)]


def app_spec(app, choices):
    """Composes APP; returns the folder with its system.cdl."""
    builder.build_for_run()
    if "kernel" in app.parameters():
        builder.fetch("guest")
    out = app_folder(app, choices)
    out.mkdir(parents=True, exist_ok=True)
    run([builder.program("tessera-compose"), app.system, *search_paths(app), *parameters(app, choices),
         "--ram-top", f"{RAM_BASE + app.board_memory(guest_memory(choices)):#x}",
         *(["--any-ram"] if board_grows(app, choices) else []),
         "--output-dir", out, "--report", out / "report.txt"], f"composing {app.name}")
    return out


def policies_check(cdl, name):
    """Fails, after saying which and why, if the capDL file breaks a policy that it states."""
    if "-- policy:" in cdl.read_text():
        run([builder.program("tessera-audit"), cdl, "policies"], f"checking the policies of {name}")


def board_grows(app, choices):
    """Does the board get as much RAM as the guests turn out to need?"""
    return bool(guest_memory(choices)) and "memory" in app.parameters()


def app_image(app, choices):
    """Builds the boot image of APP and returns its path."""
    out = app_spec(app, choices)
    paths = search_paths(app)
    policies_check(out / "system.cdl", app.name)
    run([builder.program("tessera-capdl"), "pack", out / "system.cdl", "--search-path", out, *paths,
         "--output", out / "spec.bin", "--payload", out / "payload.bin",
         "--report", out / "pack.txt"], f"packing {app.name}")
    image = BUILD / f"{out.name}.img"
    spec_image(out, image, choices)
    return image


def untyped_need(cdl):
    """The least RAM in which a system's untypeds surely find room: each is a power of two
    at a multiple of its size, and kernel, image and alignment cost one more of the largest."""
    sizes = [1 << int(bits) for bits in re.findall(r" = ut \((\d+) bits", cdl)]
    return sum(sizes) + max(sizes, default=0)


def prepare_app(app, choices):
    """Builds the image of APP; returns (board, image)."""
    image = app_image(app, choices)
    guest = guest_memory(choices)
    memory = app.board_memory(guest)
    if board_grows(app, choices):
        memory = max(memory, untyped_need(app_folder(app, choices).joinpath("system.cdl").read_text()))
    return board(choices, memory), image


def prepare_root_task(path, memory, choices):
    """The same for a root task; MEMORY is the RAM without --memory."""
    image = root_task_image(path, choices)
    made = board(choices, guest_memory(choices) or memory)
    if choices.append:
        made.extra = ("-append", choices.append)  # ends up in the device tree, /chosen/bootargs
    return made, image


def prepare_spec(path, memory, choices):
    """The same for a capDL file, whose fills name files beside it or programs."""
    builder.build_for_run()
    out = BUILD / "specs" / path.stem
    out.mkdir(parents=True, exist_ok=True)
    policies_check(path, path.name)
    run([builder.program("tessera-capdl"), "pack", path, "--search-path", path.parent,
         "--search-path", TARGET / "programs", "--output", out / "spec.bin",
         "--payload", out / "payload.bin"], f"packing {path.name}")
    image = BUILD / f"{path.stem}.img"
    spec_image(out, image, choices)
    return board(choices, guest_memory(choices) or memory), image


def kernel_files(config):
    """The options that name loader and kernel to the image tool."""
    return ["--loader", TARGET / "kernel/loader.elf",
            "--kernel", TARGET / f"kernel/kernel-{config}.elf"]


def root_task_image(path, choices):
    """A boot image with the ELF at PATH in the initialiser's place."""
    builder.build_for_run("tessera-image")
    image = BUILD / (Path(path).stem + ".img")
    run([builder.program("tessera-image"), *kernel_files(choices.config), "--root-task", absolute(path),
         *choices.boot, "--output", image], f"making {image.relative_to(TOP)}")
    return image


def board(choices, memory):
    """The emulated board for the choices; MEMORY is its RAM in bytes."""
    made = Board(memory=memory, icount=choices.icount, load_at=choices.load_at)
    if choices.gic:
        made.gic = choices.gic
    if choices.cpu:
        made.cpu = choices.cpu
    return made
