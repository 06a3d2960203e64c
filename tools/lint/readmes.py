#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Every room has a README.md: what lives here, who may call it, where to start."""

import common

LONGEST_FRONT = 100


def rooms(root):
    """Folders that must have a README.md: those that are built, and those of tools/."""
    found = {root / "tests"}
    for name in common.files(root):
        if name.parts[0] == "tools" and len(name.parts) > 2:
            found.add(root / "tools" / name.parts[1])
        elif name.parts[0] != "tests" and len(name.parts) > 1 and name.name == "CMakeLists.txt":
            found.add(root / name.parent)
    return sorted(folder.relative_to(root) for folder in found)


def check(root):
    """All findings in the tree."""
    findings = [f"{room}: no README.md" for room in rooms(root)
                if not (root / room / "README.md").is_file()]
    front = common.lines(root / "README.md") if (root / "README.md").is_file() else []
    if not front or len(front) > LONGEST_FRONT:
        findings.append(f"README.md: {len(front)} lines, 1 to {LONGEST_FRONT} wanted")
    return findings


if __name__ == "__main__":
    common.finish(check(common.top()))
