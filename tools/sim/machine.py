# SPDX-License-Identifier: BSD-2-Clause
"""One running QEMU: console bytes in and out, and how the machine ended.

The console is QEMU's standard input and output. A second channel (QMP, over an
inherited socket) tells a power-off from a reset; QEMU's exit status is 0 for both.
"""

import ctypes
import json
import os
import re
import selectors
import signal
import socket
import subprocess
import time

ANSI = re.compile(rb"\x1b\[[0-9;?]*[ -/]*[@-~]|\x1b[()][A-Z0-9]|\r")
CHUNK = 16          # a UART's worth of input at a time,
CHUNK_PAUSE = 0.002 # and seconds between two, so that no client overflows


def plain(data):
    """Console bytes without colours and carriage returns."""
    return ANSI.sub(b"", data)


def die_with_parent():
    """In the child: an emulator must not outlive the command that started it."""
    PR_SET_PDEATHSIG = 1
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Machine:
    """A QEMU process. Use as a context manager: it is gone afterwards."""

    def __init__(self, command):
        ours, theirs = socket.socketpair()
        qmp = ["-chardev", f"socket,id=qmp,fd={theirs.fileno()}", "-mon", "chardev=qmp,mode=control"]
        self.process = subprocess.Popen(command + qmp, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        pass_fds=[theirs.fileno()], bufsize=0,
                                        preexec_fn=die_with_parent)
        theirs.close()
        self.qmp = ours
        self.qmp_text = b""
        self.reason = None
        self.pending = bytearray()
        self.next_write = 0.0
        self.qmp.sendall(b'{"execute": "qmp_capabilities"}\n')
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.process.stdout, selectors.EVENT_READ, "console")
        self.selector.register(self.qmp, selectors.EVENT_READ, "qmp")
        os.set_blocking(self.process.stdin.fileno(), False)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ends the emulator, whatever it is doing."""
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout, self.qmp, self.selector):
            stream.close()

    def watch(self, stream, tag):
        """Lets step() report that STREAM is readable."""
        self.selector.register(stream, selectors.EVENT_READ, tag)

    def unwatch(self, stream):
        """Takes watch() back."""
        self.selector.unregister(stream)

    def send(self, data):
        """Queues bytes for the console; step() delivers them at a UART's pace."""
        self.pending += data

    def _deliver(self):
        """Writes the next piece of queued input if its time has come."""
        if self.pending and time.monotonic() >= self.next_write:
            try:
                written = os.write(self.process.stdin.fileno(), self.pending[:CHUNK])
                del self.pending[:written]
            except BlockingIOError:
                pass
            except BrokenPipeError:
                self.pending.clear()
            self.next_write = time.monotonic() + CHUNK_PAUSE

    def _read_qmp(self):
        """Notes why the machine shuts down."""
        try:
            data = self.qmp.recv(65536)
        except ConnectionResetError:    # gone before it read our greeting
            data = b""
        if not data:
            self.selector.unregister(self.qmp)
        *lines, self.qmp_text = (self.qmp_text + data).split(b"\n")
        for line in filter(None, lines):
            message = json.loads(line)
            if message.get("event") == "SHUTDOWN":
                self.reason = message["data"]["reason"]

    def step(self, limit):
        """Waits at most LIMIT seconds; returns (console bytes or None at the end,
        tags of watched streams that are readable)."""
        self._deliver()
        if self.pending:
            limit = min(limit, CHUNK_PAUSE)
        output, tags = b"", []
        for key, _ in self.selector.select(max(limit, 0)):
            if key.data == "console":
                output = os.read(self.process.stdout.fileno(), 65536) or None
            elif key.data == "qmp":
                self._read_qmp()
            else:
                tags.append(key.data)
        return output, tags

    def outcome(self):
        """After the console's end: ('off' | 'reset' | 'failed', text)."""
        self.process.wait()
        while self.reason is None and self.qmp in (k.fileobj for k in self.selector.get_map().values()):
            self._read_qmp()
        if self.process.returncode:
            return "failed", f"the emulator ended with status {self.process.returncode}"
        if self.reason == "guest-shutdown":
            return "off", "the system powered itself off"
        if self.reason in ("guest-reset", "guest-panic"):
            return "reset", f"the machine stopped by {self.reason}"
        return "failed", f"the emulator was ended from outside ({self.reason})"
