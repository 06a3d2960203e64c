# SPDX-License-Identifier: BSD-2-Clause
"""The stage `sdk` of `tools/tessera test`: make an SDK, move it, build and boot its examples.

Each example is built by its own Makefile in a copy outside the SDK and booted by the QEMU line
of that Makefile; its expect.txt says what the console must show.
"""

import os
import shlex
import shutil
import subprocess

from cli.common import BUILD, TOP, Failure
from sdk import sdk
from sim import script

PLACE = BUILD / "sdk"
# (example, what `make` is given besides): both compilers and both configurations occur.
PROJECTS = (("hello", ()), ("channels", ()), ("channels", ("TOOLCHAIN=gcc",)),
            ("passive", ("TOOLCHAIN=gcc",)), ("driver", ("MICROKIT_CONFIG=release",)),
            ("hierarchy", ()), ("vm", ()), ("blobs", ()), ("many", ()), ("domains", ()),
            ("two_vms", ()), ("slots", ()))


def fresh(path):
    """Removes what an earlier run left there."""
    if path.exists():
        shutil.rmtree(path)
    return path


def make_and_move():
    """Makes the SDK at one place and moves it to another, where it must work all the same."""
    made, moved = fresh(PLACE / "made"), fresh(PLACE / "moved")
    sdk.create(made)
    made.rename(moved)
    return moved


def check_places(folder):
    """No file of the SDK names a folder of this machine."""
    here = str(TOP).encode()
    for path in sorted(folder.rglob("*")):
        if path.is_file() and here in path.read_bytes():
            raise Failure(f"{path.relative_to(folder)} names a folder of this machine")


def make(folder, moved, words, *options):
    """Runs make in a project; returns what it printed."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("MICROKIT")}
    done = subprocess.run(["make", "-s", *options, f"MICROKIT_SDK={moved}", *words], cwd=folder,
                          env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode != 0:
        raise Failure(f"make failed in {folder.name}:\n{done.stdout}")
    return done.stdout


def check_headers(moved):
    """All names of the interface compile without a warning and link without a C library."""
    source, out = TOP / "tests/tools/sdk/api.c", PLACE / "api"
    gcc = ["aarch64-linux-gnu-gcc", "-fno-pic", "-fno-pie", "-fno-stack-protector"]
    compilers = (["clang", "-target", "aarch64-none-elf"], "ld.lld"), (gcc, "aarch64-linux-gnu-ld")
    flags = ["-g3", "-mcpu=cortex-a53", "-mstrict-align", "-ffreestanding", "-nostdlib", "-Wall",
             "-Wextra", "-Wpedantic", "-Wshadow", "-Wconversion", "-Werror"]
    for config in sdk.CONFIGS:
        board = moved / "board" / sdk.BOARD / config
        for (compiler, linker), level in ((pair, level) for pair in compilers for level in ("-O0", "-O2")):
            for command in ([*compiler, "-c", level, *flags, f"-I{board}/include", source, "-o", f"{out}.o"],
                            [linker, f"-L{board}/lib", f"{out}.o", "--start-group", "-lmicrokit",
                             "-Tmicrokit.ld", "--end-group", "-o", f"{out}.elf"]):
                done = subprocess.run(list(map(str, command)), capture_output=True, text=True)
                if done.returncode != 0 or done.stderr:
                    raise Failure(f"{config} {level} {command[0]}:\n{done.stderr}")


def boot(folder, moved, words):
    """Builds and boots one project."""
    make(folder, moved, words)
    line = make(folder, moved, words, "-n", "run").replace("\\\n", " ")
    command = shlex.split(line)
    command = [part.replace("file=build/", f"file={folder}/build/") for part in command]
    one = script.parse(folder / "expect.txt")[0]
    problems, transcript, seconds = script.run_script(one, command)
    if problems:
        raise Failure(script.failure_text(problems, transcript))
    return seconds


def checks():
    """(name, action) of every check, in order."""
    moved, work = PLACE / "moved", PLACE / "work"
    yield "make the SDK and move it", make_and_move
    yield "SDK names no folder of this machine", lambda: check_places(moved)
    yield "the interface, all of it", lambda: check_headers(moved)
    yield "copy the examples", lambda: shutil.copytree(moved / "example", fresh(work))
    for number, (name, words) in enumerate(PROJECTS):
        def action(name=name, words=words, copy=work / f"{name}{number}"):
            shutil.copytree(work / name, copy)
            seconds = boot(copy, moved, words)
            print(f"ok     sdk {name} {' '.join(words)}: {seconds:.1f} s", flush=True)
        yield f"sdk {name} {' '.join(words)}".rstrip(), action
