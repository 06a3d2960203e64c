#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Interface generator: kernel/abi/*.xml -> headers, stubs, reference tables.

    --output DIR       writes DIR/abi/*.h (what the kernel, the loader and the host tools include)
    --sel4 DIR         writes DIR/sel4/*.h (the generated part of libs/sel4)
    --reference FILE   writes the reference tables of the manual

The description is validated with xmllint against kernel/abi/abi.xsd first. A file is rewritten
only if its text changes, so that dependents are not rebuilt in vain. Exit status 1 with
file:line on a mistake in the description.
"""

import argparse
import os
import sys

from abigen import kernel, reference, user
from abigen.model import Interface, Mistake

HERE = os.path.dirname(os.path.abspath(__file__))
ABI = os.path.normpath(os.path.join(HERE, "..", "..", "kernel", "abi"))


def write(path, text):
    """Write only what changed, and in one step: others may be compiling."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except FileNotFoundError:
        os.makedirs(os.path.dirname(os.path.abspath(path)), exist_ok=True)
    fresh = f"{path}.{os.getpid()}"
    with open(fresh, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(fresh, path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--input", default=ABI, metavar="DIR", help="folder of the XML files")
    parser.add_argument("--output", metavar="DIR", help="folder for abi/*.h")
    parser.add_argument("--sel4", metavar="DIR", help="folder for sel4/*.h")
    parser.add_argument("--reference", metavar="FILE", help="Markdown page of the manual")
    options = parser.parse_args()
    try:
        interface = Interface(options.input)
    except Mistake as mistake:
        print(mistake, file=sys.stderr)
        return 1
    for folder, headers in ((options.output, kernel.headers), (options.sel4, user.headers)):
        if folder:
            for name, text in headers(interface).items():
                write(os.path.join(folder, name), text)
    if options.reference:
        write(options.reference, reference.page(interface))
    return 0


if __name__ == "__main__":
    sys.exit(main())
