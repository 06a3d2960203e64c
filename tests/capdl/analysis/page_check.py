#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""The page of `tessera-audit --html` in a headless browser.

Usage: page_check.py PROGRAM OUTDIR. Exit status 77: graphviz or the browser is not
there, nothing was checked. The screenshot stays in OUTDIR.
"""

import re
import shutil
import subprocess
import sys
from pathlib import Path

SKIPPED = 77
HERE = Path(__file__).resolve().parent
SHOWN = ("debian and timer_driver", "1. debian reports its faults to the endpoint of linux (system.xml:53)",
         'id="show-memory"', 'class="node component chosen"')


def browse(browser, page, *options):
    """Runs the browser on the page, with two components chosen; returns what it prints."""
    done = subprocess.run([browser, "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
                           "--virtual-time-budget=2000", *options, f"file://{page}#debian,timer_driver"],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True, timeout=60)
    return done.stdout


def main(program, outdir):
    """Makes the page, looks at it; returns the exit status."""
    browser = shutil.which("chromium")
    if not browser or not shutil.which("dot"):
        print("skipped: needs chromium and graphviz")
        return SKIPPED
    page = Path(outdir).resolve() / "page.html"
    shot = page.with_suffix(".png")
    shot.unlink(missing_ok=True)
    subprocess.run([program, HERE / "good/composed_linux.cdl", "--html", page], check=True)
    hosts = set(re.findall(r"https?://([\w.-]+)", page.read_text())) - {"www.w3.org"}
    dom = browse(browser, page, "--dump-dom")
    browse(browser, page, "--window-size=1500,900", f"--screenshot={shot}")
    problems = [f"the page does not show: {text}" for text in SHOWN if text not in dom]
    problems += [f"the page names the host {host}" for host in hosts]
    problems += [] if shot.is_file() else ["there is no screenshot"]
    print("\n".join(problems) or f"the page is as it should be; see {shot.name}")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
