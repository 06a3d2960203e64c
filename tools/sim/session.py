# SPDX-License-Identifier: BSD-2-Clause
"""A person's run: a terminal, or input held until the system is ready for it."""

import contextlib
import os
import sys
import termios
import time
import tty

from sim.machine import Machine, plain

STATUS_FAILED = 1
STATUS_TIMEOUT = 124
STATUS_LEFT = 130
ESCAPE = b"\x1c"
FATAL = b"MON|ERROR: main"
UNBUILT = b"tessera: initialiser: cannot "
UNBUILT_GRACE = 0.5     # seconds for the rest of that line
TAIL = 4096     # bytes kept to find a text that arrives in pieces


def say(text):
    """A line about the run, on standard error."""
    print(f"tessera: {text}\r", file=sys.stderr, flush=True)


@contextlib.contextmanager
def raw_terminal(stream):
    """STREAM without line editing, so that every key goes to the system."""
    saved = termios.tcgetattr(stream)
    try:
        tty.setraw(stream)
        mode = termios.tcgetattr(stream)
        mode[1] |= termios.OPOST | termios.ONLCR
        termios.tcsetattr(stream, termios.TCSANOW, mode)
        yield
    finally:
        termios.tcsetattr(stream, termios.TCSAFLUSH, saved)


class Watch:
    """Looks for texts in a stream that arrives in pieces."""

    def __init__(self):
        self.tail = b""
        self.fatal = False
        self.unbuilt = False

    def feed(self, data):
        """Takes new console bytes in."""
        self.tail = plain(self.tail + data)
        self.fatal = self.fatal or FATAL in self.tail
        self.unbuilt = self.unbuilt or UNBUILT in self.tail

    def seen(self, text):
        """Has TEXT just come by? None never has."""
        return text is not None and text.encode() in self.tail

    def trim(self):
        """Forgets what is old, after everybody has looked."""
        self.tail = self.tail[-TAIL:]


class Session:
    """One run of a system, connected to our standard input and output."""

    def __init__(self, command, ready=None, until=None, timeout=None):
        self.command = command
        self.ready = ready
        self.until = until
        self.deadline = time.monotonic() + timeout if timeout else None
        self.interactive = sys.stdin.isatty()
        self.watch = Watch()

    def run(self):
        """Runs to the end; returns the exit status."""
        if not self.interactive:
            return self._run()
        say("Ctrl-\\ ends this run; all other keys go to the system.")
        with raw_terminal(sys.stdin):
            return self._run()

    def _run(self):
        with Machine(self.command) as machine:
            holding = not self.interactive
            if not holding:
                self._connect(machine)
            while True:
                left = self.deadline - time.monotonic() if self.deadline else 1.0
                if left <= 0:
                    say("time is up")
                    return STATUS_TIMEOUT
                output, tags = machine.step(min(left, 1.0))
                if output is None:
                    return self._ended(machine)
                if output:
                    self._show(output)
                    if self.watch.unbuilt:
                        return self._unbuilt(machine)
                    if self.watch.seen(self.until):
                        return 0
                    if holding and (self.ready is None or self.watch.seen(self.ready)):
                        holding = False
                        self._connect(machine)
                    self.watch.trim()
                if "keys" in tags and not self._keys(machine):
                    return STATUS_LEFT

    def _connect(self, machine):
        """Lets standard input through. A file cannot be waited for, and need not be."""
        try:
            machine.watch(sys.stdin, "keys")
        except PermissionError:
            machine.send(sys.stdin.buffer.read())

    def _show(self, output):
        """Passes console bytes on, unchanged."""
        sys.stdout.buffer.write(output)
        sys.stdout.buffer.flush()
        self.watch.feed(output)

    def _keys(self, machine):
        """Passes input on; False when the person wants to leave."""
        keys = os.read(sys.stdin.fileno(), 4096)
        if not keys:
            machine.unwatch(sys.stdin)
        if self.interactive and ESCAPE in keys:
            say("ended by Ctrl-\\")
            return False
        machine.send(keys)
        return True

    def _unbuilt(self, machine):
        """The initialiser gave up, so nothing will ever start."""
        end = time.monotonic() + UNBUILT_GRACE
        while time.monotonic() < end:
            output, _ = machine.step(end - time.monotonic())
            if output is None:
                break
            self._show(output)
        say("the system could not be built")
        return STATUS_FAILED

    def _ended(self, machine):
        """The exit status for a machine that stopped by itself."""
        kind, text = machine.outcome()
        if self.watch.fatal:
            say("the system powered itself off because its main component failed")
            return STATUS_FAILED
        if kind != "off":
            say(text)
        return {"off": 0, "reset": STATUS_FAILED}.get(kind, machine.process.returncode or STATUS_FAILED)
