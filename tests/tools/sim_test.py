# SPDX-License-Identifier: BSD-2-Clause
"""tools/sim: exit statuses, held input, scripts, and the board's command line."""

import os
import pty
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

from support import TOP, emulator

from sim import script
from sim.board import Board, format_size, parse_size

OFF = ["event:guest-shutdown", "exit:0"]
RUNNER = ("import sys; sys.path.insert(0, sys.argv[1]); from sim.session import Session; "
          "sys.exit(Session(sys.argv[5:], sys.argv[2] or None, sys.argv[3] or None, "
          "float(sys.argv[4])).run())")


def session(acts, keys=b"", ready="", until="", timeout=20):
    """(exit status, output) of a session with KEYS piped in."""
    command = [sys.executable, "-c", RUNNER, str(TOP / "tools"), ready, until, str(timeout)]
    done = subprocess.run(command + emulator(*acts), input=keys, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=60)
    return done.returncode, done.stdout.decode()


class Session(unittest.TestCase):
    """A run with standard input and output in pipes."""

    def test_power_off(self):
        """Power-off is success; output is passed on."""
        self.assertEqual(session(["print:hello", *OFF]), (0, "hello\n"))

    def test_reset(self):
        """A reset is not a power-off, though the emulator's status is 0."""
        self.assertEqual(session(["event:guest-reset", "exit:0"])[0], 1)

    def test_emulator_fails(self):
        """The emulator's own failure is handed on."""
        self.assertEqual(session(["exit:7"])[0], 7)

    def test_ended_without_reason(self):
        """Status 0 without a power-off event is a failure."""
        self.assertEqual(session(["exit:0"])[0], 1)

    def test_main_failed(self):
        """A power-off after the main component's fault is a failure."""
        self.assertEqual(session(["print:MON|ERROR: main: x", *OFF])[0], 1)

    def test_not_built(self):
        """The initialiser's failure ends the run at once, after all of its line."""
        line = "tessera: initialiser: cannot create x"
        self.assertEqual(session(["print:" + line, "sleep:30"]), (1, line + "\n"))

    def test_timeout(self):
        """124 when time is up."""
        self.assertEqual(session(["print:a", "sleep:30"], timeout=0.5), (124, "a\n"))

    def test_until(self):
        """--until ends the run with success, however the text arrives."""
        self.assertEqual(session(["print:now \x1b[32mwe are\x1b[0m there", "sleep:30"],
                                 until="we are there")[0], 0)

    def test_held_input(self):
        """Input waits for the ready line."""
        acts = ["print:boot", "sleep:0.3", "print:ready", "read", "read", *OFF]
        self.assertEqual(session(acts, b"one\ntwo\n", ready="ready"),
                         (0, "boot\nready\ngot one\ngot two\n"))

    def test_input_not_taken_before(self):
        """Without the ready line nothing is sent."""
        self.assertEqual(session(["print:boot", "read"], b"one\n", ready="ready", timeout=1),
                         (124, "boot\n"))

    def test_file_input(self):
        """Input from a file, which cannot be waited for."""
        command = [sys.executable, "-c", RUNNER, str(TOP / "tools"), "ready", "", "20"]
        with tempfile.TemporaryFile() as file:
            file.write(b"one\n")
            file.seek(0)
            done = subprocess.run(command + emulator("print:ready", "read", *OFF), stdin=file,
                                  stdout=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b"ready\ngot one\n"))

    def test_no_input(self):
        """No input at all."""
        command = [sys.executable, "-c", RUNNER, str(TOP / "tools"), "", "", "20"]
        done = subprocess.run(command + emulator("print:up", *OFF), stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, timeout=60)
        self.assertEqual((done.returncode, done.stdout), (0, b"up\n"))

    def test_terminal(self):
        """On a terminal keys go through at once, and Ctrl-\\ ends the run."""
        command = [sys.executable, "-c", RUNNER, str(TOP / "tools"), "never", "", "20"]
        main, other = pty.openpty()
        process = subprocess.Popen(command + emulator("print:up", "read", "sleep:30"), stdin=other,
                                   stdout=other, stderr=other, close_fds=True)
        os.close(other)
        text = b""
        sent = 0
        for wanted, keys in ((b"Ctrl-\\", b""), (b"up", b"hi\n"), (b"got hi", b"\x1c")):
            while wanted not in text:
                text += os.read(main, 1024)
            sent += os.write(main, keys) if keys else 0
        self.assertEqual(process.wait(timeout=20), 130)
        os.close(main)


class Script(unittest.TestCase):
    """expect.txt"""

    def parse(self, text):
        """The scripts of a file with TEXT."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "demo.run"
            path.write_text(text)
            return script.parse(path)

    def play(self, text, *acts):
        """The problems after playing the first script of TEXT."""
        return script.run_script(self.parse(text)[0], emulator(*acts))[0]

    def test_all_keys(self):
        """Every line of the format."""
        one, two = self.parse("# c\n\nmemory 256M\nready go\ntimeout 5\npoweroff no\nroot-task x\n"
                              "expect a\ninput b c\nforbid d\nvariant g --gic 3 --append 'x y'\nexpect e\n")
        self.assertEqual((one.memory, one.ready, one.timeout, one.poweroff, one.root_task),
                         (256 << 20, "go", 5, False, "x"))
        self.assertEqual((one.steps, one.forbids), ([("expect", "a"), ("input", "b c")], ["d"]))
        self.assertEqual((two.name, two.options, two.steps, two.forbids),
                         ("demo@g", ["--gic", "3", "--append", "x y"], [("expect", "e")], ["d"]))

    def test_wrong_line(self):
        """A message with file, line and remedy."""
        with self.assertRaisesRegex(script.ScriptError, r"demo.run:2: 'wait 3' is no line of an "
                                    r"expect file; apps/README.md lists them"):
            self.parse("expect a\nwait 3\n")

    def test_wrong_regex(self):
        """A pattern that Python refuses."""
        with self.assertRaisesRegex(script.ScriptError, r"demo.run:1: expect: "):
            self.parse("expect (\n")

    def test_expects_nothing(self):
        """A script that could not fail is refused."""
        with self.assertRaisesRegex(script.ScriptError, "expects nothing"):
            self.parse("memory 1G\n")

    def test_pass(self):
        """Steps in order, input included."""
        self.assertEqual(self.play("ready go\ninput hi\nexpect got hi\n", "print:go", "read", *OFF), [])
        self.assertEqual(self.play("ready go\nexpect ^let us go$\n", "print:let us go", *OFF), [])

    def test_not_seen(self):
        """What was not seen is named."""
        self.assertEqual(self.play("expect a\nexpect b\n", "print:b", "print:a", *OFF), ["not seen: expect b"])

    def test_forbidden(self):
        """What must not be seen."""
        self.assertEqual(self.play("expect a\nforbid p.nic\n", "print:a", "print:panic", *OFF),
                         ["forbidden, but seen: 'panic' (forbid p.nic)"])

    def test_no_power_off(self):
        """A system that goes on running."""
        self.assertEqual(self.play("expect a\ntimeout 1\n", "print:a", "sleep:30"),
                         ["no power-off: still running after 1 seconds"])

    def test_stopped(self):
        """poweroff no: the run ends with the last line."""
        self.assertEqual(self.play("poweroff no\nexpect a\n", "print:a", "sleep:30"), [])

    def test_reset(self):
        """A reset is no power-off."""
        self.assertEqual(self.play("expect a\n", "print:a", "event:guest-reset", "exit:0"),
                         ["no power-off: the machine stopped by guest-reset"])

    def test_not_built(self):
        """The initialiser's failure ends the boot at once."""
        self.assertEqual(self.play("expect up\n", "print:tessera: initialiser: cannot x", "sleep:30"),
                         ["not seen: expect up", "no power-off: stopped, since the system could not be built"])

    def test_main_failed(self):
        """The monitor's line fails every boot."""
        self.assertEqual(self.play("expect a\n", "print:a", "print:MON|ERROR: main", *OFF),
                         ["the main component failed"])


class BoardTest(unittest.TestCase):
    """The emulator's command line."""

    def test_sizes(self):
        """Sizes people write."""
        self.assertEqual([parse_size(t) for t in ("256M", "1g", "0x1000", "4096", "2GiB")],
                         [256 << 20, 1 << 30, 4096, 4096, 2 << 30])
        self.assertEqual(format_size((1 << 20) + 1), "2M")
        with self.assertRaises(ValueError):
            parse_size("much")

    def test_default(self):
        """The default board."""
        text = Board().command_text("x.img")
        self.assertIn("-M virt,virtualization=on,gic-version=2 -cpu cortex-a53 -m 1024M", text)
        self.assertNotIn("icount", text)

    def test_choices(self):
        """Every choice shows."""
        text = Board(gic=3, cpu="max", memory=2 << 30, icount=True).command_text("x.img")
        self.assertIn("gic-version=3,dtb-randomness=off -cpu max,pauth=off,sve=off,sme=off -m 2048M", text)
        self.assertIn("-device loader,file=x.img,addr=0x48000000,force-raw=on,cpu-num=0",
                      Board(load_at=0x48000000).command_text("x.img"))
        self.assertIn("-icount shift=0,sleep=off -rtc base=2024-01-01,clock=vm -seed 1", text)


if __name__ == "__main__":
    unittest.main()
