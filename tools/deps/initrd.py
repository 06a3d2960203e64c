# SPDX-License-Identifier: BSD-2-Clause
"""Write the guest's initial file system: a reproducible newc cpio archive.

What is in it: Debian's static busybox, the kernel package's own virtio modules,
the two device nodes the kernel needs before devtmpfs is there, and /init below.
Everything has time 0 and owner 0, and entries are in a fixed order, so the same
packages give the same bytes.
"""

import re
import stat

# What the guest shall have; what these need in turn comes along. A kernel that
# has one of them built in has no such module, and needs none.
MODULES = ["virtio_mmio", "virtio_console", "virtio_net", "virtio_blk"]

INIT = """\
#!/bin/busybox sh
/bin/busybox --install -s /bin
export PATH=/bin HOME=/root TERM=linux
mount -t proc proc /proc
mount -t sysfs sys /sys
mount -t devtmpfs dev /dev
hostname tessera-guest
while read -r module; do insmod "/lib/modules/$module.ko"; done < /lib/modules/order
# A guest that is told to uses all the CPU time it gets.
grep -q tessera.busy /proc/cmdline && { while :; do :; done & }
export PS1='guest:\\w# '
cd /root
echo 'tessera-guest: ready'
# The benchmark counts up to here.
grep -q tessera.poweroff /proc/cmdline && poweroff -f
# A shell with the console as its controlling terminal; a new one when it ends.
while :; do setsid cttyhack sh; done
"""


class Cpio:
    """A newc archive under construction."""

    def __init__(self):
        self.data = bytearray()
        self.inode = 0

    def _pad(self):
        self.data += b"\0" * (-len(self.data) % 4)

    def add(self, name, mode, content=b"", device=(0, 0)):
        """Adds one entry; MODE has the type bits of stat."""
        self.inode += 1
        encoded = name.encode() + b"\0"
        links = 2 if stat.S_ISDIR(mode) else 1
        fields = [self.inode, mode, 0, 0, links, 0, len(content), 0, 0, *device, len(encoded), 0]
        self.data += b"070701" + b"".join(b"%08x" % field for field in fields) + encoded
        self._pad()
        self.data += content
        self._pad()

    def directory(self, name):
        """Adds an empty folder."""
        self.add(name, stat.S_IFDIR | 0o755)

    def file(self, name, content, mode=0o644):
        """Adds a regular file."""
        self.add(name, stat.S_IFREG | mode, content)

    def node(self, name, major, minor):
        """Adds a character device."""
        self.add(name, stat.S_IFCHR | 0o600, device=(major, minor))

    def finish(self):
        """The bytes of the archive, padded to a page."""
        self.inode = -1
        self.add("TRAILER!!!", 0)
        self.data += b"\0" * (-len(self.data) % 4096)
        return bytes(self.data)


def needs(module):
    """The names a kernel module's own information says must be loaded before it."""
    found = re.search(rb"\0depends=([^\0]*)\0", module)
    return found.group(1).decode().split(",") if found and found.group(1) else []


def load_order(available):
    """MODULES and what they need, each after its needs; AVAILABLE is {name: bytes}."""
    order = []

    def visit(name):
        if name in available and name not in order:
            for needed in needs(available[name]):
                visit(needed)
            order.append(name)

    for name in MODULES:
        visit(name)
    return order


def build(busybox, modules):
    """The archive for the bytes of busybox and {name: bytes} of the kernel's modules."""
    cpio = Cpio()
    for folder in ("bin", "dev", "lib", "lib/modules", "proc", "root", "sys", "tmp"):
        cpio.directory(folder)
    cpio.node("dev/console", 5, 1)
    cpio.node("dev/null", 1, 3)
    cpio.file("bin/busybox", busybox, 0o755)
    order = load_order(modules)
    for name in order:
        cpio.file(f"lib/modules/{name}.ko", modules[name])
    cpio.file("lib/modules/order", "".join(f"{name}\n" for name in order).encode())
    cpio.file("init", INIT.encode(), 0o755)
    return cpio.finish()
