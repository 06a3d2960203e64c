# SPDX-License-Identifier: BSD-2-Clause
"""Each lint can fail: a small good tree passes, the same with one mistake does not."""

import shutil
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

TOP = Path(__file__).resolve().parents[2]
SPDX = "/* SPDX-License-Identifier: BSD-2-Clause */\n"
ROOMS = """\
kernel/core: kernel/machine
kernel/machine:
servers/*: libs/*
libs/util:
external libxml/ libs/util
kernel-headers stdint.h
"""
GOOD = {
    "README.md": "# A tree\n",
    "tests/README.md": "# Tests\n",
    "tools/lint/README.md": "# Lints\n",
    "tools/lint/rooms.txt": ROOMS,
    "kernel/core/CMakeLists.txt": "# SPDX-License-Identifier: BSD-2-Clause\n",
    "kernel/core/README.md": "# Core\n",
    "kernel/core/include/core/a.h": SPDX + "int core_a(void);\n",
    "kernel/core/a.c": SPDX + "#include <core/a.h>\n#include <machine/m.h>\n#include <stdint.h>\n",
    "kernel/machine/include/machine/m.h": SPDX + "int machine_m(void);\n",
    "servers/one/CMakeLists.txt": "# SPDX-License-Identifier: BSD-2-Clause\n",
    "servers/one/README.md": "# One\n",
    "servers/one/include/one/one.h": SPDX,
    "servers/two/two.c": SPDX + "#include <stdio.h>\n#include <util/u.h>\n",
    "libs/util/include/util/u.h": SPDX,
}


class LintTest(unittest.TestCase):
    """Runs a lint on a scratch tree."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="tessera-lint-"))
        self.addCleanup(shutil.rmtree, self.root)
        for name, text in GOOD.items():
            self.write(name, text)
        shutil.copy(TOP / ".clang-format", self.root)

    def write(self, name, text):
        """One file of the scratch tree."""
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def lint(self, name):
        """(exit status, output) of a lint."""
        done = subprocess.run([sys.executable, TOP / f"tools/lint/{name}.py", self.root],
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        return done.returncode, done.stdout

    def passes(self, name):
        """The lint finds nothing."""
        self.assertEqual(self.lint(name), (0, ""))

    def refuses(self, name, message):
        """The lint's only finding is MESSAGE."""
        self.assertEqual(self.lint(name), (1, message + "\n"))


class Rooms(LintTest):
    """rooms.py"""

    def test_good(self):
        """Allowed edges, standard headers, and a room's own headers."""
        self.passes("rooms")

    def test_edge(self):
        """An edge that the table lacks."""
        self.write("kernel/core/b.c", SPDX + "#include <util/u.h>\n")
        self.refuses("rooms", "kernel/core/b.c:2: kernel/core may not include libs/util "
                     "(<util/u.h>); see tools/lint/rooms.txt")

    def test_server_to_server(self):
        """Servers do not meet."""
        self.write("servers/two/b.c", SPDX + "#include <one/one.h>\n")
        self.refuses("rooms", "servers/two/b.c:2: servers/two may not include servers/one "
                     "(<one/one.h>); see tools/lint/rooms.txt")

    def test_quoted(self):
        """A quoted path out of the room."""
        self.write("servers/two/b.c", SPDX + '#include "../one/include/one/one.h"\n')
        self.refuses("rooms", "servers/two/b.c:2: servers/two may not reach into servers/one "
                     'with "../one/include/one/one.h"')

    def test_kernel_header(self):
        """The kernel has no stdio."""
        self.write("kernel/core/b.c", SPDX + "#include <stdio.h>\n")
        self.refuses("rooms", "kernel/core/b.c:2: <stdio.h> is no header the kernel has")

    def test_external(self):
        """Libraries of others only where the table says."""
        self.write("servers/two/b.c", SPDX + "#include <libxml/tree.h>\n")
        self.refuses("rooms", "servers/two/b.c:2: servers/two may not use <libxml/tree.h>")

    def test_no_room(self):
        """A file outside every room."""
        self.write("extra/b.c", SPDX)
        self.refuses("rooms", "extra/b.c:1: this folder is no room of tools/lint/rooms.txt")


class Core(LintTest):
    """core.py"""

    def build(self, text):
        """A library of the core with one file."""
        folder = self.root / "build/aarch64/kernel/core"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "a.c").write_text(text)
        subprocess.run(["gcc", "-c", "-o", folder / "a.o", folder / "a.c"], check=True)
        subprocess.run(["ar", "rcs", folder / "libkernel_core.a", folder / "a.o"], check=True)

    def test_good(self):
        """machine_ functions may be called."""
        self.build("int machine_m(void); int f(void); int f(void) { return machine_m(); }")
        self.passes("core")

    def test_outward(self):
        """Others may not."""
        self.build("int printk(void); int f(void); int f(void) { return printk(); }")
        self.refuses("core", "build/aarch64/kernel/core/libkernel_core.a: the core needs printk, "
                     "which is no machine_ function")

    def test_not_built(self):
        """Without the library nothing is proved."""
        self.refuses("core", "build/aarch64/kernel/core/libkernel_core.a: not built; "
                     "run tools/tessera build first")

    def test_conditional(self):
        """No #if."""
        self.build("int f(void); int f(void) { return 0; }")
        self.write("kernel/core/b.c", SPDX + "#ifdef X\n#endif\n")
        self.refuses("core", "kernel/core/b.c:2: no conditional compilation in the core")


class Others(LintTest):
    """The small lints."""

    def test_good(self):
        """The good tree passes them all."""
        for name in ("format", "sizes", "spdx", "readmes", "words"):
            self.passes(name)

    def test_format(self):
        """Two spaces are not the house's indent."""
        self.write("libs/util/a.c", SPDX + "int a(void)\n{\n  return 1;\n}\n")
        self.refuses("format", "libs/util/a.c:3: not formatted; run clang-format -i libs/util/a.c")

    def test_function_too_long(self):
        """A function far above the limit."""
        self.write("libs/util/a.c", SPDX + "int a(void)\n{\n" + "    a();\n" * 101 + "}\n")
        self.refuses("sizes", "libs/util/a.c:3: function of 101 lines, 60 allowed")

    def test_functions_too_long(self):
        """Too many functions a little above the limit."""
        self.write("libs/util/a.c", SPDX + "int a(void)\n{\n" + "    a();\n" * 61 + "}\n")
        self.refuses("sizes", "libs/util/a.c:3: function of 61 lines\n"
                     "1 of 1 functions have more than 60 lines, 0 allowed")

    def test_file_too_long(self):
        """A file above the limit."""
        self.write("libs/util/a.c", SPDX + "\n" * 600)
        self.refuses("sizes", "libs/util/a.c:600: file of 601 lines, 600 allowed")

    def test_spdx(self):
        """A source file without licence."""
        self.write("libs/util/a.c", "int a;\n")
        self.refuses("spdx", "libs/util/a.c:1: no 'SPDX-License-Identifier: BSD-2-Clause' "
                     "in the first 6 lines")

    def test_readme(self):
        """A room without README.md."""
        (self.root / "servers/one/README.md").unlink()
        self.refuses("readmes", "servers/one: no README.md")

    def test_front_page(self):
        """A front page nobody reads to the end."""
        self.write("README.md", "x\n" * 101)
        self.refuses("readmes", "README.md: 101 lines, 1 to 100 wanted")

    def test_words(self):
        """An unfinished thought, a host, a folder of the machine."""
        self.write("libs/util/a.txt", "TO" "DO later\n")
        self.refuses("words", "libs/util/a.txt:1: TO" "DO: say NEEDSWORK and what to decide")
        self.write("libs/util/a.txt", "from http" "s://example.org/x\n")
        self.refuses("words", "libs/util/a.txt:1: names the host example.org")
        self.write("libs/util/a.txt", f"see {self.root}/x\n")
        self.refuses("words", "libs/util/a.txt:1: names a folder of this machine")


if __name__ == "__main__":
    unittest.main()
