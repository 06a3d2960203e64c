#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Stands in for QEMU in tests: prints, echoes lines, ends as told.

usage: emulator.py WORD... -chardev socket,id=qmp,fd=N -mon ...
Each WORD is one act: print:TEXT, read (a line, echoed as `got LINE`), sleep:SECONDS,
event:REASON (the shutdown event), exit:STATUS.
"""

import json
import os
import re
import sys
import time


def main(words):
    """Plays the acts."""
    qmp = int(re.search(r"fd=(\d+)", " ".join(words)).group(1))
    os.read(qmp, 4096)
    for word in words[:words.index("-chardev")]:
        act, _, value = word.partition(":")
        if act == "print":
            print(value, flush=True)
        elif act == "read":
            print("got", sys.stdin.readline().strip(), flush=True)
        elif act == "sleep":
            time.sleep(float(value))
        elif act == "event":
            event = {"event": "SHUTDOWN", "data": {"guest": True, "reason": value}}
            os.write(qmp, (json.dumps(event) + "\r\n").encode())
        elif act == "exit":
            sys.exit(int(value))


main(sys.argv[1:])
