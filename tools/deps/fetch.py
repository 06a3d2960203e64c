#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Fetch what the build needs and this machine's own packages cannot give.

usage: fetch.py [arm64] [guest] [guest-generic] [guest-installer] [cbmc]

  arm64            libfdt's headers and library for the target -> build/deps/arm64
  guest            the kernel of linux-image-cloud-arm64 and an initial file system of
                   busybox-static and that kernel's virtio modules -> build/deps/guest
  guest-generic    the same with linux-image-arm64 -> build/deps/guest-generic
  guest-installer  the Debian installer's kernel and initrd -> build/deps/guest-installer
  cbmc             the bounded model checker of a newer Debian with its own C library, for
                   tests/kernel/proofs -> build/deps/cbmc, started by build/deps/cbmc/run

Without arguments: arm64 and guest. Packages are fetched by name from the
machine's own Debian mirror; dpkg's architectures are not touched. What is there
is not fetched again; 'tools/tessera clean --deps' forgets it. If the environment has
TESSERA_DEPS_CACHE, packages are looked for there first and kept there.
"""

import hashlib
import lzma
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import initrd
from debian import Archive, FetchError, native_architecture, say, unpack

TOP = Path(__file__).resolve().parents[2]
DEPS = TOP / "build" / "deps"


def recipe():
    """A digest of these scripts: what they made is remade when they change."""
    digest = hashlib.sha256()
    for name in ("fetch.py", "initrd.py", "debian.py"):
        digest.update((Path(__file__).parent / name).read_bytes())
    return digest.hexdigest()


def fresh(folder):
    """Does FOLDER hold a finished result of the present recipe?"""
    stamp = folder / "stamp"
    return stamp.is_file() and stamp.read_text().split("\n")[0] == recipe()


def install(built, folder, packages):
    """Puts the finished BUILT in the place of FOLDER, in one step."""
    (built / "stamp").write_text(recipe() + "\n" + "".join(f"{p}\n" for p in packages))
    built.chmod(0o755)
    shutil.rmtree(folder, ignore_errors=True)
    built.rename(folder)


def module_bytes(path):
    """A kernel module's bytes, decompressed (busybox's insmod does not)."""
    data = path.read_bytes()
    return lzma.decompress(data) if path.suffix == ".xz" else data


def find_modules(root):
    """{name: bytes} of the kernel's modules below ROOT that a guest's devices may need."""
    found = {}
    for folder in ("drivers/virtio", "drivers/net", "drivers/block", "drivers/char", "net/core"):
        for path in sorted(root.glob(f"lib/modules/*/kernel/{folder}/*.ko*")):
            found[path.name.split(".ko")[0].replace("-", "_")] = module_bytes(path)
    return found


def fetch_arm64(archive, built):
    """The target's libraries that we take from Debian."""
    deb = archive.download("libfdt-dev")
    unpack(deb, built)
    if not (built / "usr/lib/aarch64-linux-gnu/libfdt.a").is_file():
        raise FetchError("libfdt-dev has no usr/lib/aarch64-linux-gnu/libfdt.a")
    return [deb.name]


def fetch_kernel(archive, metapackage, built):
    """A stock kernel and the initial file system for it."""
    kernel = archive.download(archive.versioned(metapackage))
    busybox = archive.download("busybox-static")
    with tempfile.TemporaryDirectory(dir=archive.folder) as scratch:
        root = Path(scratch)
        say(f"unpacking {kernel.name}")
        unpack(kernel, root)
        unpack(busybox, root)
        images = sorted(root.glob("boot/vmlinu[xz]-*"))
        if len(images) != 1:
            raise FetchError(f"{kernel.name} has {len(images)} kernels, one expected")
        shutil.copyfile(images[0], built / "vmlinuz")
        modules = find_modules(root)
        (built / "initrd.cpio").write_bytes(
            initrd.build((root / "bin/busybox").read_bytes(), modules))
    return [kernel.name, busybox.name]


def fetch_installer(archive, built):
    """The Debian installer's own kernel and initrd (128 MB package)."""
    deb = archive.download("debian-installer-12-netboot-arm64")
    with tempfile.TemporaryDirectory(dir=archive.folder) as scratch:
        unpack(deb, scratch)
        text = next(Path(scratch).glob("**/text/debian-installer/arm64"))
        shutil.copyfile(text / "linux", built / "vmlinuz")
        shutil.copyfile(text / "initrd.gz", built / "initrd.cpio.gz")
    return [deb.name]


# The release that has CBMC 6, and what CBMC needs of it: its C library is newer than ours.
CBMC_RELEASE = "trixie"
CBMC_PACKAGES = ["cbmc", "libc6", "libstdc++6", "libgcc-s1", "minisat", "zlib1g"]
CBMC_START = """\
#!/bin/sh
# Starts a program of this folder with the C library of this folder: run cbmc ...
here=$(dirname "$(readlink -f "$0")")
program=$1
shift
exec "$here/{loader}" --library-path "$here/{libraries}:$here/usr/lib" "$here/usr/bin/$program" "$@"
"""


def fetch_cbmc(_, built):
    """CBMC with the libraries that it needs, to be started from where it is unpacked."""
    archive = Archive(DEPS / "apt-cbmc", os.environ.get("TESSERA_DEPS_CACHE"),
                      native_architecture(), CBMC_RELEASE)
    debs = [archive.download(package) for package in CBMC_PACKAGES]
    for deb in debs:
        unpack(deb, built)
    loaders = sorted(built.glob("usr/lib/*-linux-gnu/ld-linux-*.so.*"))
    if len(loaders) != 1:
        raise FetchError(f"libc6 has {len(loaders)} program loaders, one expected")
    loader = loaders[0].relative_to(built)
    start = built / "run"
    start.write_text(CBMC_START.format(loader=loader, libraries=loader.parent))
    start.chmod(0o755)
    done = subprocess.run([start, "cbmc", "--version"], stdout=subprocess.PIPE, text=True)
    if done.returncode or not done.stdout.startswith("6."):
        raise FetchError(f"cbmc does not start, or is not release 6: {done.stdout!r}")
    return [deb.name for deb in debs]


SETS = {
    "arm64": fetch_arm64,
    "guest": lambda a, b: fetch_kernel(a, "linux-image-cloud-arm64", b),
    "guest-generic": lambda a, b: fetch_kernel(a, "linux-image-arm64", b),
    "guest-installer": fetch_installer,
    "cbmc": fetch_cbmc,
}


def main(arguments):
    """Fetches the named sets; exit status 0, 1 on failure, 2 on misuse."""
    wanted = arguments or ["arm64", "guest"]
    unknown = [name for name in wanted if name not in SETS]
    if unknown:
        print(__doc__, file=sys.stderr)
        return 2
    missing = [name for name in wanted if not fresh(DEPS / name)]
    if not missing:
        return 0
    archive = Archive(DEPS / "apt", os.environ.get("TESSERA_DEPS_CACHE"))
    for name in missing:
        built = Path(tempfile.mkdtemp(prefix=f"{name}-", dir=DEPS))
        try:
            packages = SETS[name](archive, built)
            install(built, DEPS / name, packages)
        finally:
            shutil.rmtree(built, ignore_errors=True)
        say(f"{name}: {', '.join(packages)} -> {(DEPS / name).relative_to(TOP)}")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (FetchError, subprocess.CalledProcessError, OSError) as error:
        say(f"error: {error}")
        sys.exit(1)
