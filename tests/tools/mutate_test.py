# SPDX-License-Identifier: BSD-2-Clause
"""tools/mutate: points, choosing, verdicts."""

import io
import tempfile
import unittest
from contextlib import redirect_stdout
from pathlib import Path
from unittest import mock

from support import TOP  # noqa: F401  (puts tools on the path)

from mutate import mutate, points

SOURCE = """\
#define LIMIT 1
static int limit = 1;
/* a < b && c */
int f(int a, bool *b)
{
    int c = a + 1; /* a == 0 */
    *b = c <= 10 && !b[0];
    say("a || b");
    return c;
}
"""


class Points(unittest.TestCase):
    """What is changed, and what is not."""

    def test_points(self):
        """Every operator of a function's code once; no comment, text or declaration."""
        found = {(point.line, point.rule, point.after.strip()) for point in points.points("f.c", SOURCE)}
        self.assertEqual(found, {
            (6, "sum", "int c = a - 1; /* a == 0 */"), (6, "number", "int c = a + 0; /* a == 0 */"),
            (7, "compare", "*b = c < 10 && !b[0];"), (7, "logic", "*b = c <= 10 || !b[0];"),
            (7, "not", "*b = c <= 10 && b[0];"), (7, "number", "*b = c <= 10 && !b[1];"),
            (7, "delete", ";"), (8, "delete", ";")})

    def test_apply(self):
        """One line changes."""
        point = next(one for one in points.points("f.c", SOURCE) if one.rule == "logic")
        changed = points.apply(point, SOURCE)
        self.assertEqual(changed.replace(point.after, point.before), SOURCE)
        self.assertNotEqual(changed, SOURCE)

    def test_choose(self):
        """The same seed chooses the same, another seed others, each file has a share."""
        found = [*points.points("f.c", SOURCE * 10), *points.points("g.c", SOURCE)]
        one, same, other = (points.choose(found, 11, seed) for seed in (1, 1, 2))
        self.assertEqual((one, len(one)), (same, 11))
        self.assertNotEqual(one, other)
        self.assertEqual({point.file for point in one}, {"f.c", "g.c"})


class Verdicts(unittest.TestCase):
    """The report."""

    def test_summary(self):
        """Survivors count against us until they are explained; what is no mutant does not count."""
        found = list(points.points("f.c", SOURCE))
        verdicts = dict(zip(found, ["survived", "survived", "a_test", "equal code", "does not compile"]))
        with tempfile.TemporaryDirectory() as folder, redirect_stdout(io.StringIO()) as out, \
                mock.patch.object(mutate, "EXPLAINED", Path(folder) / "explained"):
            mutate.EXPLAINED.write_text(f"# why\n{found[0].key} | cannot be seen\n")
            self.assertEqual(mutate.summary(verdicts), [found[1]])
        self.assertIn("3 tried, 1 noticed (33.3 %), 1 explained, 1 survived", out.getvalue())

    def test_known(self):
        """A verdict holds for its commit only."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "verdicts"
            path.write_text("one\tsurvived\tk\ntwo\ta_test\tk\n")
            self.assertEqual(mutate.known(path, "two"), {"k": "a_test"})
            self.assertEqual(mutate.known(path, None), {})


if __name__ == "__main__":
    unittest.main()
