# SPDX-License-Identifier: BSD-2-Clause
"""tools/sdk: the command line of bin/microkit, and the header that build files cut up."""

import contextlib
import io
import json
import os
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import TOP

from sdk import microkit, sdk

STUB = """#!/bin/sh
# Stands for a program of libexec: notes its arguments, makes the files it is asked for.
echo "$(basename "$0") $*" >> "$(dirname "$0")/calls.txt"
[ -f "$(dirname "$0")/fails" ] && exit 1
while [ $# -gt 0 ]; do
    case "$1" in
    --output-dir) echo cdl > "$2/system.cdl"; echo "the report" > "$2/report.txt";;
    --output|--payload|-o) printf image > "$2";;
    --report) [ -e "$2" ] || echo packed > "$2";;
    esac
    shift
done
"""


class Tool(unittest.TestCase):
    """bin/microkit over programs that only note how they are called."""

    def setUp(self):
        """An SDK folder with two boards, and a project to be in."""
        self.place = Path(tempfile.mkdtemp())
        self.sdk = self.place / "sdk"
        for board, config in (("qemu_virt_aarch64", "debug"), ("qemu_virt_aarch64", "release"),
                              ("other", "debug")):
            folder = self.sdk / "board" / board / config
            folder.mkdir(parents=True)
            (folder / "platform_gen.json").write_text(json.dumps(sdk.PLATFORM))
        for name in sdk.PROGRAMS:
            path = self.sdk / "libexec" / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(STUB)
            path.chmod(0o755)
        (self.sdk / "bin").mkdir()
        shutil.copy(TOP / "tools/sdk/microkit.py", self.sdk / "bin/microkit")
        self.work = self.place / "work"
        self.work.mkdir()
        (self.work / "a.system").write_text("<system/>")

    def tearDown(self):
        """Takes all of it away."""
        shutil.rmtree(self.place)

    def call(self, *words, **environment):
        """(status, output, errors) of the tool."""
        clean = {name: value for name, value in os.environ.items() if name != "MICROKIT_SDK"}
        done = subprocess.run([sys.executable, self.sdk / "bin/microkit", *words], cwd=self.work,
                              env=clean | environment, capture_output=True, text=True)
        return done.returncode, done.stdout, done.stderr

    def calls(self):
        """How the programs were called."""
        return (self.sdk / "libexec/calls.txt").read_text()

    def good(self, *more):
        """A run that must succeed."""
        status, out, err = self.call("a.system", "--board", "qemu_virt_aarch64", "--config", "debug", *more)
        self.assertEqual((status, err), (0, ""))
        self.assertTrue(all(line.startswith("MICROKIT|") for line in out.splitlines()))

    def test_defaults(self):
        """loader.img and report.txt in the current folder."""
        self.good()
        self.assertEqual((self.work / "loader.img").read_bytes(), b"image")
        self.assertIn("the report", (self.work / "report.txt").read_text())
        self.assertIn("--ram-top 0xc0000000 --image-at 0x70000000 --kernel-range 0x8000000:0x1000", self.calls())

    def test_search_paths(self):
        """All words up to the next option, and again."""
        self.good("--search-path", "one", "two", "-o", "x.img", "-r", "x.txt", "--search-path", "three")
        self.assertIn("--search-path one --search-path two --search-path three", self.calls())
        self.assertTrue((self.work / "x.img").is_file() and (self.work / "x.txt").is_file())

    def test_accepted_extras(self):
        """What stock Makefiles pass."""
        kernel = self.work / "kernel.elf"
        kernel.write_text("k")
        self.good("--viper-output", "viper", "--capdl-json", "spec.json", "--override-kernel", "kernel.elf")
        self.assertTrue((self.work / "viper").is_dir() and (self.work / "spec.json").is_file())
        self.assertIn("--kernel kernel.elf", self.calls())

    def test_elf(self):
        """An ELF image is the flat one behind a header, at the load address."""
        self.good("--image-type", "elf")
        image = (self.work / "loader.img").read_bytes()
        self.assertEqual(image[:4], b"\x7fELF")
        self.assertEqual(struct.unpack_from("<Q", image, 24)[0], 0x70000000)
        self.assertEqual(image[0x1000:], b"image")

    def test_usage(self):
        """A wrong command line: usage on standard output, one line of error, status 1."""
        full = ["a.system", "--board", "qemu_virt_aarch64", "--config", "debug"]
        for words, text in ((full[:1], "required: --board, --config"), (full[1:], "required: system"),
                            ([*full, "b.system"], "unrecognized arguments: b.system"),
                            ([*full, "--board=other"], "unrecognized arguments: --board=other"),
                            ([*full, "--search-path"], "expected at least one argument"),
                            ([*full, "-o"], "expected one argument"),
                            ([*full, "--board", "none"], "choose from other, qemu_virt_aarch64"),
                            ([*full, "--board", "other", "--config", "release"], "choose from debug"),
                            ([*full, "--image-type", "flat"], "invalid choice: 'flat'")):
            status, out, err = self.call(*words)
            self.assertEqual(status, 1, words)
            self.assertTrue(out.startswith("usage: microkit"), words)
            self.assertTrue(err.startswith("microkit: error: ") and text in err, err)

    def test_help(self):
        """-h is success and lists the boards."""
        status, out, _ = self.call("--help")
        self.assertEqual(status, 0)
        self.assertIn("qemu_virt_aarch64: debug, release", out)

    def test_refusals(self):
        """Files that are not there; a stage that fails; a wrong MICROKIT_SDK."""
        full = ["--board", "qemu_virt_aarch64", "--config", "debug"]
        self.assertIn("'b.system' does not exist", self.call("b.system", *full)[2])
        self.assertIn("uimage", self.call("a.system", *full, "--image-type", "uimage")[2])
        self.assertIn("no folder", self.call("a.system", *full, MICROKIT_SDK="/nowhere")[2])
        self.assertIn("no folder 'board'", self.call("a.system", *full, MICROKIT_SDK=str(self.work))[2])
        (self.sdk / "libexec/fails").write_text("")
        self.assertEqual(self.call("a.system", *full)[0], 1)
        self.assertFalse((self.work / "loader.img").exists())


class Headers(unittest.TestCase):
    """What outside build files read from the headers."""

    def test_architecture(self):
        """The line that build files cut by counting blanks."""
        for config in sdk.CONFIGS:
            lines = [line for line in sdk.config_header(config).splitlines() if "CONFIG_SEL4_ARCH  " in line]
            self.assertEqual(len(lines), 1)
            self.assertEqual(lines[0].split(" ")[3], "aarch64")

    def test_printing(self):
        """Only the debug configuration prints."""
        self.assertIn("#define CONFIG_PRINTING  1", sdk.config_header("debug"))
        self.assertIn("/* disabled: CONFIG_PRINTING */", sdk.config_header("release"))

    def test_folder_of_others(self):
        """A folder with something else in it is left alone."""
        with tempfile.TemporaryDirectory() as place:
            (Path(place) / "precious").write_text("x")
            with self.assertRaises(Exception), contextlib.redirect_stdout(io.StringIO()):
                sdk.prepare(Path(place))
            self.assertTrue((Path(place) / "precious").is_file())


class Parsing(unittest.TestCase):
    """The command line as such."""

    def test_repeats(self):
        """Parameters add up; of other options the last counts."""
        chosen = microkit.parse(["s", "--param", "a=1", "--param", "b=2", "-o", "x", "-o", "y"])
        self.assertEqual((chosen["param"], chosen["output"]), (["a=1", "b=2"], "y"))


if __name__ == "__main__":
    unittest.main()
