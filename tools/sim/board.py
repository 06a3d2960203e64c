# SPDX-License-Identifier: BSD-2-Clause
"""The emulated board: QEMU's `virt` with the virtualization extensions."""

import re
import shlex
from dataclasses import dataclass

QEMU = "qemu-system-aarch64"
RAM_BASE = 0x40000000
SUFFIXES = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}

# Exact repeatability: one instruction is one nanosecond, and nothing outside the
# machine (host clock, random seeds) can be seen from inside.
ICOUNT = ["-icount", "shift=0,sleep=off", "-rtc", "base=2024-01-01,clock=vm", "-seed", "1"]


def parse_size(text):
    """Bytes of '256M', '1G', '0x1000_0000' or a plain number; ValueError otherwise."""
    found = re.fullmatch(r"(\d+)([KMG]?)i?B?", text.strip(), re.I)
    if found:
        return int(found.group(1)) * SUFFIXES[found.group(2).upper()]
    return int(text.replace("_", ""), 0)


def format_size(size):
    """The size as QEMU's -m takes it."""
    return f"{-(-size // (1 << 20))}M"


def cpu_model(name):
    """QEMU's -cpu value; `max` comes without extensions the kernel does not know."""
    return "max,pauth=off,sve=off,sme=off" if name == "max" else name


@dataclass
class Board:
    """What can be chosen about the machine."""

    gic: int = 2
    cpu: str = "cortex-a53"
    memory: int = 1 << 30
    icount: bool = False
    load_at: int = None     # put the image here and start it; else QEMU treats it as a Linux kernel
    extra: tuple = ()

    def command(self, image):
        """The QEMU command line that boots IMAGE with the console on stdin and stdout."""
        machine = f"virt,virtualization=on,gic-version={self.gic}"
        if self.icount:
            machine += ",dtb-randomness=off"
        command = [QEMU, "-M", machine, "-cpu", cpu_model(self.cpu), "-m", format_size(self.memory),
                   "-display", "none", "-monitor", "none", "-serial", "stdio", "-nic", "none",
                   "-no-reboot"]
        if self.load_at is None:
            command += ["-kernel", str(image)]
        else:
            command += ["-device", f"loader,file={image},addr={self.load_at:#x},force-raw=on,cpu-num=0"]
        if self.icount:
            command += ICOUNT
        return command + list(self.extra)

    def command_text(self, image):
        """The same for people to paste into a shell."""
        return shlex.join(self.command(image))
