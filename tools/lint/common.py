# SPDX-License-Identifier: BSD-2-Clause
"""What the lints share: the tree's files, and how findings are reported."""

import subprocess
import sys
from pathlib import Path


def top():
    """The tree to check: the argument, or the one this file is in."""
    return Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(__file__).resolve().parents[2]


def files(root, *suffixes):
    """All files of the tree that git does not ignore (all outside build/ without
    git), relative to ROOT; only those with one of the suffixes, if any are given."""
    if (root / ".git").exists():
        text = subprocess.run(["git", "ls-files", "-co", "--exclude-standard"], cwd=root, text=True,
                              check=True, stdout=subprocess.PIPE).stdout
        names = sorted({Path(line) for line in text.splitlines()})
    else:
        names = sorted(p.relative_to(root) for p in root.rglob("*"))
    return [name for name in names if (root / name).is_file() and name.parts[0] != "build"
            and (not suffixes or name.suffix in suffixes)]


def lines(path):
    """(number, text) of each line; a file that is not text has none."""
    try:
        return list(enumerate(path.read_text().splitlines(), 1))
    except UnicodeDecodeError:
        return []


def finish(findings):
    """Prints the findings and ends with status 1 if there are any."""
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
