# SPDX-License-Identifier: BSD-2-Clause
"""The manual cites code that exists, and the generator refuses everything that does not resolve."""

import html.parser
import re
import shutil
import tempfile
import unittest
from pathlib import Path

from support import TOP

from manual import site
from manual.markdown import Writer
from manual.source import CITATION, Error, Sources

CODE = """\
/* A file. */
static int first(void)
{
    return 1;
}

int second(void)
{
    return first();
}

#define THIRD 3;
"""


class Links(html.parser.HTMLParser):
    """Collects anchors and links of a page."""

    def __init__(self, text):
        super().__init__()
        self.anchors, self.links = set(), []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        self.anchors.add(attributes.get("id"))
        if tag == "a":
            self.links.append(attributes["href"])
        for name in ("src", "srcset", "data"):
            assert name not in attributes, f"{tag} loads {attributes[name]}"


class ManualTest(unittest.TestCase):
    """The manual as it is."""

    def test_everything_resolves_and_works_from_the_file_system(self):
        with tempfile.TemporaryDirectory() as scratch:
            pages, citations = site.build(TOP, scratch)
            found = {path.name: Links(path.read_text()) for path in Path(scratch).glob("*.html")}
            self.assertEqual(pages, len(found))
            self.assertGreater(citations, 100)
            for name, page in found.items():
                for link in page.links:
                    target, _, anchor = link.partition("#")
                    self.assertIn(target or name, found, f"{name}: {link}")
                    if anchor:
                        self.assertIn(anchor, found[target or name].anchors, f"{name}: {link}")
            for path in Path(scratch).glob("*.html"):
                if not path.name.startswith("source-"):
                    self.assertNotRegex(path.read_text(), r"https?:|@import|url\(")

    def test_every_call_has_its_page(self):
        made = site.Site(TOP)
        for group in made.interface.parts["labels"].all("interface"):
            page = made.reference[site.reference.page_of(group)][1]
            for node in group.all("invocation"):
                part = re.split(r"^### ", page, flags=re.M)
                own = [p for p in part if p.startswith(
                    f"{node.get('user')} {{#{site.reference.anchor(node)}}}\n")]
                self.assertEqual(len(own), 1, node.get("name"))
                for must in ("**Rights needed**: ", "**Preemptible**: "):
                    self.assertIn(must, own[0], node.get("name"))
                for error in node.all("error"):
                    self.assertIn(error.get("when").replace("|", "\\|"), own[0])

    def test_every_chapter_cites_code(self):
        for path in sorted((TOP / "kernel/manual").glob("[0-9]*.md")):
            sources = Sources(TOP)
            made = site.Site(TOP)
            Writer(sources, made.targets).html(path.read_text(), path.name)
            self.assertGreaterEqual(sources.count, 5, path.name)


class MistakeTest(unittest.TestCase):
    """Each mistake is found; the tree is a copy of the real one with the mistake in it."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        self.top = Path(scratch.name)
        # What chapters may cite, and the description of the interface.
        shutil.copytree(TOP / "kernel", self.top / "kernel")
        for cited in self._cited():
            if not cited.startswith("kernel/"):
                (self.top / cited).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(TOP / cited, self.top / cited)

    @staticmethod
    def _cited():
        texts = [path.read_text() for path in (TOP / "kernel/manual").glob("*.md")]
        return {m["path"] for text in texts for m in CITATION.finditer(text)}

    def change(self, path, old, new):
        file = self.top / path
        text = file.read_text()
        self.assertIn(old, text)
        file.write_text(text.replace(old, new, 1))

    def refuse(self, words):
        output = self.top / "out"
        with self.assertRaisesRegex(Error, words):
            site.build(self.top, output)
        self.assertFalse(output.exists(), "something was written all the same")

    def test_good_copy_passes(self):
        site.build(self.top, self.top / "out")
        self.assertTrue((self.top / "out/index.html").is_file())

    def test_pattern_that_is_gone(self):
        self.change("kernel/core/cdt.c", "bool cdt_is_parent(", "bool cdt_is_above(")
        self.refuse(r"kernel/manual/\d\d_\w+\.md:\d+: kernel/core/cdt\.c:/.*: no line matches")

    def test_pattern_that_matches_twice(self):
        file = self.top / "kernel/core/cdt.c"
        file.write_text(file.read_text() + "bool cdt_is_parent(void);\n")
        self.refuse(r"kernel/core/cdt\.c:/.*: lines \d+ and \d+ match")

    def test_cited_file_that_is_gone(self):
        (self.top / "kernel/core/cdt.c").unlink()
        self.refuse(r"there is no file kernel/core/cdt\.c")

    def test_unknown_call(self):
        self.change("kernel/manual/04_untyped.md", "(ref:untyped_retype)", "(ref:untyped_remake)")
        self.refuse(r"04_untyped\.md:\d+: nothing is at \(ref:untyped_remake\)")

    def test_call_that_the_core_does_not_know(self):
        self.change("kernel/core/smc.c", "LABEL_ARM_SMC_CALL", "LABEL_OTHER")
        file = self.top / "kernel/core/smc.c"
        file.write_text(file.read_text().replace("smc_decode", "smc_do"))
        self.refuse("no line of kernel/core decodes arm_smc_call")

    def test_every_mistake_is_told(self):
        self.change("kernel/manual/01_capabilities.md", "(term:badge)", "(term:bag)")
        self.change("kernel/manual/11_boot.md", "(ref:boot_table)", "(ref:boot_list)")
        self.refuse(r"01_capabilities\.md:\d+: (?s:.)*11_boot\.md:\d+: ")

    def test_unknown_term(self):
        self.change("kernel/manual/glossary.md", "**Badge**", "**Batch**")
        self.refuse("term:badge")

    def test_mistake_in_the_description(self):
        self.change("kernel/abi/errors.xml", 'name="range"', 'nom="range"')
        self.refuse(r"errors\.xml:\d+:")

    def test_long_glossary_entry(self):
        self.change("kernel/manual/glossary.md", "**Badge**: ", "**Badge**: one\ntwo\nthree ")
        self.refuse("more than two lines")


class SourceTest(unittest.TestCase):
    """Finding lines and excerpts."""

    def setUp(self):
        scratch = tempfile.TemporaryDirectory()
        self.addCleanup(scratch.cleanup)
        (Path(scratch.name) / "a.c").write_text(CODE)
        self.sources = Sources(scratch.name)

    def test_find(self):
        self.assertEqual(self.sources.find("a.c", "^int second"), 7)
        for pattern, words in (("^int third", "no line matches"), ("return", "lines 4 and 9 match"),
                               ("(", "no regular expression")):
            with self.assertRaisesRegex(Error, words):
                self.sources.find("a.c", pattern)

    def test_excerpt_ends_with_its_function(self):
        first, lines = self.sources.excerpt("a.c", "^static int first")
        self.assertEqual((first, lines[0], lines[-1], len(lines)),
                         (2, "static int first(void)", "}", 4))
        self.assertEqual(self.sources.excerpt("a.c", "THIRD"), (12, ["#define THIRD 3;"]))

    def test_markdown(self):
        writer = Writer(self.sources, {"b.md": "b.html"})
        text = writer.html("# T\n\na **b** *c* `d<e` [f](b.md) `a.c:/^int second/`\n\n- x\n- y\n", "n")
        for part in ('<h1 id="t">T</h1>', "<strong>b</strong>", "<em>c</em>", "d&lt;e",
                     '<a href="b.html">f</a>', 'href="source-a.c.html#L7"', "<li>x</li>"):
            self.assertIn(part, text)
        with self.assertRaisesRegex(Error, r"n:3: nothing is at \(c.md\)"):
            writer.html("# T\n\n[f](c.md)\n", "n")


if __name__ == "__main__":
    unittest.main()
