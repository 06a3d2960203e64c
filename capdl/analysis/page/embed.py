# SPDX-License-Identifier: BSD-2-Clause
"""The page's HTML, style and script as C strings.

Usage: embed.py PAGE.HTML PAGE.CSS PAGE.JS OUT.C. The HTML is cut at its marks
<!-- name -->; style and script go where it says <!-- css --> and <!-- js -->.
"""

import re
import sys
from pathlib import Path

PARTS = ("head", "between", "middle", "tail")
HEADER = """\
/*
 * SPDX-License-Identifier: BSD-2-Clause
 *
 * The fixed parts of the page, made of page/ by page/embed.py
 */
#include "page.h"
"""


def literal(text):
    """TEXT as a C string, a line for each of its lines."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return "\n".join(f'    "{line}\\n"' for line in escaped.split("\n"))


def strip(text):
    """Without the comment that begins the file, and without a comment alone on its lines."""
    return re.sub(r"^\s*(/\*.*?\*/|<!--.*?-->)\n", "", text, count=1, flags=re.S)


def main(html, css, script, out):
    """Writes OUT."""
    text = strip(Path(html).read_text())
    text = text.replace("<!-- css -->", strip(Path(css).read_text()))
    text = text.replace("<!-- js -->", strip(Path(script).read_text()))
    pieces = re.split(r"<!-- cut -->\n?", text)
    if len(pieces) != len(PARTS):
        sys.exit(f"{html}: {len(pieces)} parts, not {len(PARTS)}")
    strings = [f"\nconst char page_{name}[] =\n{literal(piece)};" for name, piece in zip(PARTS, pieces)]
    Path(out).write_text(HEADER + "\n".join(strings) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
