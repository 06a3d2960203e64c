# SPDX-License-Identifier: BSD-2-Clause
"""tools/deps: the machine's apt sources, and the guest's initial file system."""

import unittest

import support  # noqa: F401: sets the import path

import debian
import initrd


class Sources(unittest.TestCase):
    """Both forms of apt's source files."""

    def test_deb822(self):
        """Stanzas; disabled ones and those without main do not count."""
        text = ("Types: deb deb-src\n# a comment\nURIs: m://a\nSuites: s s-updates\nComponents: main x\n"
                "Signed-By: /k.gpg\n\nTypes: deb\nURIs: m://b\nSuites: s\nComponents: main\nEnabled: no\n\n"
                "Types: deb\nURIs: m://c\nSuites: s\nComponents: contrib\n")
        self.assertEqual(list(debian.deb822_entries(text)),
                         [("m://a", "s", "/k.gpg"), ("m://a", "s-updates", "/k.gpg")])

    def test_one_line(self):
        """Lines, with and without options."""
        text = ("# deb m://z s main\ndeb m://a s main contrib\ndeb-src m://a s main\n"
                "deb [arch=amd64 signed-by=/k.gpg] m://b s main\ndeb m://c s contrib\n")
        self.assertEqual(list(debian.one_line_entries(text)), [("m://a", "s", ""), ("m://b", "s", "/k.gpg")])


def module(depends):
    """The bytes of a module that needs DEPENDS."""
    return b"\x7fELF\0license=x\0depends=" + depends.encode() + b"\0rest"


class Initrd(unittest.TestCase):
    """The archive."""

    MODULES = {"virtio_ring": module(""), "virtio": module("virtio_ring"),
               "virtio_mmio": module("virtio,virtio_ring"), "other": module("")}

    def test_order(self):
        """Needs come first; what nobody needs stays away; built-in ones are no error."""
        self.assertEqual(initrd.load_order(self.MODULES), ["virtio_ring", "virtio", "virtio_mmio"])

    def test_reproducible(self):
        """The same in, the same out."""
        self.assertEqual(initrd.build(b"bb", self.MODULES), initrd.build(b"bb", dict(self.MODULES)))

    def test_entries(self):
        """A reader of the format finds every entry, device nodes included."""
        data, at, found = initrd.build(b"bb", self.MODULES), 0, {}
        while True:
            self.assertEqual(data[at:at + 6], b"070701")
            fields = [int(data[at + 6 + 8 * i:at + 14 + 8 * i], 16) for i in range(13)]
            name = data[at + 110:at + 110 + fields[11] - 1].decode()
            if name == "TRAILER!!!":
                break
            at += -(-(110 + fields[11]) // 4) * 4
            found[name] = (fields[1], fields[9], fields[10], data[at:at + fields[6]])
            at += -(-fields[6] // 4) * 4
        self.assertEqual(found["dev/console"][:3], (0o20600, 5, 1))
        self.assertEqual(found["dev/null"][:3], (0o20600, 1, 3))
        self.assertEqual(found["bin/busybox"], (0o100755, 0, 0, b"bb"))
        self.assertEqual(found["lib/modules/order"][3], b"virtio_ring\nvirtio\nvirtio_mmio\n")
        self.assertNotIn("lib/modules/other.ko", found)
        self.assertIn(b"tessera-guest: ready", found["init"][3])


if __name__ == "__main__":
    unittest.main()
