# SPDX-License-Identifier: BSD-2-Clause
"""tools/cli: apps, parameters, choices, and the verbs that build nothing."""

import io
import shutil
import subprocess
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

from support import TOP

from cli import apps, checks, long_tier, main, packages, pipeline
from cli.common import Failure

SYSTEM = """<system xmlns:t="urn:tessera:system:1">
<t:param name="kernel" default="vmlinuz"/><t:param name="memory" default="0x8000000"/>
<t:param name="gic" default="2"/>
<protection_domain name="a"><virtual_machine name="v"/></protection_domain>
<protection_domain name="b"><virtual_machine name="w"/></protection_domain></system>
"""


class AppsTest(unittest.TestCase):
    """A scratch apps folder."""

    def setUp(self):
        self.folder = Path(tempfile.mkdtemp(prefix="tessera-apps-"))
        self.addCleanup(shutil.rmtree, self.folder)
        patch = mock.patch.object(apps, "APPS", self.folder)
        patch.start()
        self.addCleanup(patch.stop)
        self.write("hello/system.xml", "<system><protection_domain name='hello'/></system>")
        self.write("hello/README.md", "# hello: say hello\n\ntools/tessera run hello\n")
        self.write("hello/hello.c", "/* hello, othello, a_hello */\n")
        self.write("hello/expect.txt", "memory 128M\nexpect hello\n")
        self.write("guests/system.xml", SYSTEM)
        self.write("guests/expect.txt", "memory 512M\nexpect x\n")

    def write(self, name, text):
        """One file of an app."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def test_unknown(self):
        """The message names those there are."""
        with self.assertRaisesRegex(Failure, "there is no app 'x'; there are: guests, hello"):
            apps.App("x")

    def test_title(self):
        """The README's first line."""
        self.assertEqual(apps.App("hello").title(), "hello: say hello")

    def test_memory(self):
        """--memory is the board's without guests, and each guest's with."""
        self.assertEqual(apps.App("hello").board_memory(None), 128 << 20)
        self.assertEqual(apps.App("hello").board_memory(256 << 20), 256 << 20)
        self.assertEqual(apps.App("guests").board_memory(None), 512 << 20)
        self.assertEqual(apps.App("guests").board_memory(256 << 20), (512 + 2 * 128) << 20)

    def test_parameters(self):
        """Choices become parameters where the system has them."""
        file = str(self.folder / "hello/hello.c")
        choices = pipeline.Choices(gic=3, memory="64M", kernel=file, params=["a=b"])
        self.assertEqual(pipeline.parameters(apps.App("guests"), choices),
                         ["--param", f"kernel={file}", "--param", "gic=3",
                          "--param", "memory=0x4000000", "--param", "a=b"])
        self.assertEqual(pipeline.parameters(apps.App("hello"), pipeline.Choices(gic=3, memory="1G")), [])

    def test_untyped_need(self):
        """Room for each untyped, and one more of the largest."""
        self.assertEqual(pipeline.untyped_need("a = ut (20 bits) {\n x = tcb\n}\nb = ut (12 bits)\n"),
                         (2 << 20) + 4096)
        self.assertEqual(pipeline.untyped_need(""), 0)

    def test_refused(self):
        """A choice the system does not have, a missing file, a size that is none."""
        for choices, text in ((pipeline.Choices(append="x"), "app 'hello' takes no --append"),
                              (pipeline.Choices(kernel="/nowhere"), "there is no file /nowhere"),
                              (pipeline.Choices(memory="big"), "--memory big: a size is a number")):
            with self.assertRaisesRegex(Failure, text):
                pipeline.parameters(apps.App("hello"), choices)

    def test_new(self):
        """A new app is the smallest one under a new name, whole words only."""
        folder = apps.create("greet")
        self.assertEqual((folder / "greet.c").read_text(), "/* greet, othello, a_greet */\n")
        self.assertEqual(apps.App("greet").title(), "greet: say greet")
        self.assertIn("name='greet'", (folder / "system.xml").read_text())

    def test_new_refused(self):
        """Names that are taken or no names."""
        with self.assertRaisesRegex(Failure, "apps/hello is there already"):
            apps.create("hello")
        for name in ("Bad", "1x", "a-b", "../x", ""):
            with self.assertRaisesRegex(Failure, "an app's name is"):
                apps.create(name)

    def test_boots(self):
        """Every app is booted by `test`; one that states nothing fails."""
        self.write("silent/system.xml", "<system/>")
        found = {one.name: app.name for one, app in checks.app_boots()
                 if app and app.folder.parent == self.folder}
        self.assertEqual(found, {"guests": "guests", "hello": "hello", "silent": "silent"})
        with self.assertRaisesRegex(Failure, "states nothing that the console must show"):
            checks.boot(apps.App("silent").scripts()[0], apps.App("silent"))


class AuditTest(unittest.TestCase):
    """What `audit` asks, and that a build asks about policies."""

    def asked(self, *words):
        """The command line that the program gets."""
        with mock.patch.object(packages, "ensure"), mock.patch.object(main.builder, "build_preset"), \
             mock.patch.object(pipeline, "app_spec", return_value=Path("out")) as spec, \
             mock.patch.object(main.builder, "program", return_value="prog"), \
             mock.patch.object(main.os, "execv") as execv:
            self.assertIsNone(main.main(["audit", *words]))
        return (spec.call_args and spec.call_args[0][0].name), execv.call_args[0][1][1:]

    def test_verb_first_or_app_first(self):
        """Both orders are the same question."""
        wanted = ("hello", ["out/system.cdl", "why", "a", "b"])
        self.assertEqual(self.asked("hello", "why", "a", "b"), wanted)
        self.assertEqual(self.asked("why", "hello", "a", "b"), wanted)

    def test_files(self):
        """A folder is an app, a .cdl is asked as it is."""
        self.assertEqual(self.asked(str(TOP / "apps/hello")), ("hello", ["out/system.cdl"]))
        with tempfile.NamedTemporaryFile(suffix=".cdl") as file:
            self.assertEqual(self.asked(file.name, "lint"), (None, [str(Path(file.name).resolve()), "lint"]))

    def test_policies_at_build(self):
        """A spec that states policies is asked about them, another is not."""
        with tempfile.TemporaryDirectory() as folder, mock.patch.object(pipeline, "run") as run, \
             mock.patch.object(pipeline.builder, "program", return_value="prog"):
            cdl = Path(folder) / "system.cdl"
            cdl.write_text("arch aarch64\n")
            pipeline.policies_check(cdl, "x")
            run.assert_not_called()
            cdl.write_text('arch aarch64\n-- policy: isolated a="a" b="b"\n')
            pipeline.policies_check(cdl, "x")
            run.assert_called_once_with(["prog", cdl, "policies"], "checking the policies of x")


class Verbs(unittest.TestCase):
    """The command as a person calls it."""

    def command(self, *arguments):
        """(exit status, output, messages)"""
        done = subprocess.run([TOP / "tools/tessera", *arguments], stdin=subprocess.DEVNULL, text=True,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=120)
        return done.returncode, done.stdout, done.stderr

    def test_help(self):
        """Every verb is in the help."""
        status, text, _ = self.command("--help")
        self.assertEqual(status, 0)
        for verb in ("run", "build", "test", "bench", "list", "clean", "doctor", "new", "image",
                     "compose", "capdl"):
            self.assertIn(f"    {verb} ", text)

    def test_misuse(self):
        """Misuse is said and fails."""
        self.assertEqual(self.command("fly")[0], 2)
        self.assertEqual(self.command("run", "hello", "--gic", "4")[0], 2)
        status, _, text = self.command("run")
        self.assertEqual((status, "run needs an app or --root-task FILE" in text), (1, True))
        status, _, text = self.command("test", "nothing")
        self.assertEqual((status, "there is no stage nothing" in text), (1, True))

    def test_list(self):
        """Every app with its title."""
        status, text, _ = self.command("list")
        self.assertEqual((status, [line.split()[0] for line in text.splitlines()]), (0, apps.names()))

    def test_choices(self):
        """Options of run arrive where they are used."""
        options = main.run_parser().parse_args(["a", "--gic", "3", "--cpu", "max", "--icount",
                                                "--config", "debug"])
        board = pipeline.board(main.choices_of(options), 1 << 30)
        self.assertEqual((board.gic, board.cpu, board.icount), (3, "max", True))
        self.assertEqual(main.choices_of(options).config, "debug")

    def test_root_task_choices(self):
        """What a root task was built for becomes boot options; --kernel names ours."""
        options = main.run_parser().parse_args(["--root-task", "f", "--kernel", "debug", "--domains", "4",
                                                "--root-cnode-bits", "14", "--vm-window",
                                                "--boot=--smc"])
        choices = main.choices_of(options)
        self.assertEqual((choices.config, choices.kernel), ("debug", None))
        self.assertEqual(choices.boot, ["--smc", "--root-cnode-bits", "14", "--domains", "4", "--vm-window"])

    def test_long_tier(self):
        """A part that passed is not run again at the same commit, and again at another."""
        with tempfile.TemporaryDirectory() as folder, \
                mock.patch.object(long_tier, "DONE", Path(folder) / "done"), \
                mock.patch.object(long_tier.builder, "build_preset"), \
                mock.patch.object(long_tier, "ctest_names", return_value=[]), \
                mock.patch.object(long_tier, "succeeds", return_value=False), \
                mock.patch.object(long_tier, "commit") as commit, redirect_stdout(io.StringIO()):
            action = mock.Mock(return_value=True)
            for at in ("one", "one", "two", None, None):
                commit.return_value = at
                tally = long_tier.run(checks.Tally(), [("it", action)])
                self.assertEqual((tally.passed, tally.failed), (1, 1))
            self.assertEqual(action.call_count, 4)


class Packages(unittest.TestCase):
    """What is missing is installed, or the line to type is said."""

    def test_no_privilege(self):
        """Neither root nor sudo: the exact line."""
        with mock.patch.object(packages, "missing", return_value=["a", "b"]), \
                mock.patch.object(packages, "privilege", return_value=None), \
                self.assertRaisesRegex(Failure, "apt-get install --no-install-recommends a b"):
            packages.ensure(["a", "b"])

    def test_nothing_missing(self):
        """Nothing is called when all is there."""
        with mock.patch.object(packages, "missing", return_value=[]), \
                mock.patch.object(packages, "apt") as apt:
            packages.ensure(["a"])
            apt.assert_not_called()

    def test_update_when_needed(self):
        """The lists are read only when the first attempt fails."""
        with mock.patch.object(packages, "missing", return_value=["a"]), \
                mock.patch.object(packages, "privilege", return_value=[]), \
                mock.patch.object(packages, "apt", side_effect=[False, True, True]) as apt:
            packages.ensure(["a"])
            self.assertEqual([call.args[1] for call in apt.call_args_list], ["install", "update", "install"])


if __name__ == "__main__":
    unittest.main()
