# SPDX-License-Identifier: BSD-2-Clause
"""Building: fetched dependencies and CMake presets."""

import sys

from cli import packages
from cli.common import BUILD, TOP, Failure, run

BUILT = {}  # (preset, targets...): whether it succeeded
# The host programs that turn a system.xml into an image.
PIPELINE_PROGRAMS = ["tessera-compose", "tessera-audit", "tessera-capdl", "tessera-image"]


def fetch(*sets):
    """Fetches the named sets of tools/deps/fetch.py, if they are not there."""
    run([sys.executable, TOP / "tools/deps/fetch.py", *sets], "fetching dependencies")


def build_preset(preset, *targets):
    """Configures if need be, and builds the targets (all without). Within one command each
    is built once: a second call only repeats the verdict."""
    key = (preset, *targets)
    if key not in BUILT:
        BUILT[key] = False
        folder = BUILD / preset
        if not (folder / "build.ninja").is_file():
            run(["cmake", "--preset", preset], f"configuring build/{preset}", cwd=TOP)
        command = ["cmake", "--build", folder, "--parallel"]
        run(command + (["--target", *targets] if targets else []), f"building build/{preset}", cwd=TOP)
        BUILT[key] = True
    if not BUILT[key]:
        raise Failure(f"build/{preset} could not be built, see above")


def forget():
    """Makes build_preset() look again, after sources have changed."""
    BUILT.clear()


def build_for_run(*programs):
    """All that running needs: the target, and the host programs (all without)."""
    packages.ensure(packages.BUILD_PACKAGES)
    fetch("arm64")
    build_preset("host", *(programs or PIPELINE_PROGRAMS))
    build_preset("aarch64")


def program(name):
    """The path of a host program, which must have been built."""
    path = BUILD / "host/bin" / name
    if not path.is_file():
        raise Failure(f"{path.relative_to(TOP)} was not built")
    return path
