# SPDX-License-Identifier: BSD-2-Clause
"""The Debian packages this machine needs: checking and installing."""

import os
import shlex
import shutil
import subprocess
import sys

from cli.common import Failure, say

# package: what for. Enough to build and run any system.
BUILD_PACKAGES = {
    "cmake": "building",
    "ninja-build": "building",
    "pkg-config": "finding the libraries below",
    "gcc": "host programs",
    "libc6-dev": "host programs",
    "gcc-aarch64-linux-gnu": "kernel and components",
    "binutils-aarch64-linux-gnu": "kernel and components",
    "picolibc-aarch64-linux-gnu": "the components' C library",
    "libxml2-dev": "reading system.xml and the kernel interface",
    "libxml2-utils": "checking the kernel interface (xmllint)",
    "libelf-dev": "reading program images",
    "libcmocka-dev": "host unit tests",
    "qemu-system-arm": "running",
    "ca-certificates": "fetching packages",
}

# What pictures of a system need besides.
PICTURE_PACKAGES = {"graphviz": "laying out pictures of a system"}

# What the Makefiles of Microkit projects expect to find.
SDK_PACKAGES = {
    "make": "Microkit projects",
    "clang": "Microkit projects",
    "lld": "Microkit projects",
    "ipxe-qemu": "the command lines by which Microkit projects start QEMU",
}

# What tests need besides.
TEST_PACKAGES = {
    "chromium": "looking at the audit's page",
    "graphviz": "the same",
    "clang": "sanitizers and fuzzing",
    "libclang-rt-14-dev": "sanitizers and fuzzing",
    "clang-format": "the format lint",
    "device-tree-compiler": "device-tree tests",
    "libfdt-dev": "device-tree tests",
    "git": "the list of files that the lints read",
}


def is_installed(package):
    """Is the package fully installed?"""
    done = subprocess.run(["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", package],
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    return done.stdout.startswith("ii")


def missing(wanted):
    """Those of the packages that are not installed."""
    return [package for package in wanted if not is_installed(package)]


def privilege():
    """The command prefix that makes us root; None if there is no way."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo"):
        return ["sudo"] if sys.stdin.isatty() else ["sudo", "-n"]
    return None


def install_line(names):
    """The line a person would type."""
    return f"apt-get install --no-install-recommends {shlex.join(names)}"


def apt(prefix, *arguments):
    """Runs apt-get without questions; returns success."""
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "-q", *arguments]
    return subprocess.run(command, stdin=subprocess.DEVNULL, stdout=sys.stderr).returncode == 0


def ensure(wanted):
    """Installs what is missing, after saying so; Failure if that cannot be done."""
    if not shutil.which("dpkg-query"):
        raise Failure("this is no Debian machine (no dpkg-query); 'tools/tessera doctor' lists "
                      "what is needed")
    names = missing(wanted)
    if not names:
        return
    prefix = privilege()
    if prefix is None:
        raise Failure("packages are missing; as root, type:\n    " + install_line(names))
    say(f"installing Debian packages: {' '.join(names)}")
    install = ("install", "-y", "--no-install-recommends", *names)
    if not (apt(prefix, *install) or (apt(prefix, "update") and apt(prefix, *install))):
        raise Failure("apt-get failed; as root, type:\n    apt-get update\n    " + install_line(names))


def report():
    """Prints the state of every package; returns those missing."""
    for title, table in (("to build and run", BUILD_PACKAGES), ("to test", TEST_PACKAGES)):
        print(f"Debian packages {title}:")
        for package, purpose in table.items():
            state = "ok     " if is_installed(package) else "MISSING"
            print(f"  {state} {package:28} {purpose}")
    return missing([*BUILD_PACKAGES, *TEST_PACKAGES])
