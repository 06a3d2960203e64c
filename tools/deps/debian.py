# SPDX-License-Identifier: BSD-2-Clause
"""Fetch Debian packages of another architecture or release, leaving the machine alone.

apt-get is run with a state folder of its own, so the packages known, installed
and configured on the machine neither matter nor change, and no privilege is
needed. Mirrors and signing keys are those of the machine's own sources.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ARCHITECTURE = "arm64"


class FetchError(Exception):
    """A package could not be had; the text says what to do."""


def say(text):
    """Progress, on standard error and at once."""
    print(f"deps: {text}", file=sys.stderr, flush=True)


def codename():
    """The Debian release of this machine, such as 'bookworm'."""
    for line in Path("/etc/os-release").read_text().splitlines():
        if line.startswith("VERSION_CODENAME="):
            return line.split("=", 1)[1].strip('"')
    raise FetchError("/etc/os-release names no release (VERSION_CODENAME); is this Debian?")


def deb822_entries(text):
    """(uri, suite, signed-by) of each binary entry of a .sources file."""
    for stanza in re.split(r"\n\s*\n", text):
        lines = [l for l in stanza.splitlines() if not l.startswith("#")]
        fields = dict(re.findall(r"^([\w-]+):[ \t]*(.*)$", "\n".join(lines), re.M))
        if fields.get("Enabled", "yes").lower() == "no" or "deb" not in fields.get("Types", "").split():
            continue
        if "main" not in fields.get("Components", "").split():
            continue
        for uri in fields.get("URIs", "").split():
            for suite in fields.get("Suites", "").split():
                yield uri, suite, fields.get("Signed-By", "")


def one_line_entries(text):
    """(uri, suite, signed-by) of each binary entry of a .list file."""
    for line in text.splitlines():
        found = re.match(r"\s*deb\s+(?:\[([^]]*)\]\s*)?(\S+)\s+(\S+)\s+(.*)", line)
        if found and "main" in found.group(4).split():
            key = re.search(r"signed-by=(\S+)", found.group(1) or "")
            yield found.group(2), found.group(3), key.group(1) if key else ""


def native_architecture():
    """The architecture of this machine's own packages."""
    return subprocess.run(["dpkg", "--print-architecture"], stdout=subprocess.PIPE, text=True,
                          check=True).stdout.strip()


def machine_sources(architecture=ARCHITECTURE, release=None):
    """The lines of our own sources.list, made from the machine's.

    With RELEASE, the archive of the machine's own release gives that one instead."""
    name = codename()
    entries = []
    etc = Path("/etc/apt")
    for path in [etc / "sources.list", *sorted(etc.glob("sources.list.d/*"))]:
        if path.is_file() and path.suffix in (".list", ".sources"):
            reader = deb822_entries if path.suffix == ".sources" else one_line_entries
            entries += reader(path.read_text())
    lines = []
    for uri, suite, key in entries:
        if release and suite not in (name, "stable"):
            continue
        if suite.split("-")[0].split("/")[0] in (name, "stable") and "backports" not in suite:
            option = f" signed-by={key}" if key.startswith("/") else ""
            lines.append(f"deb [arch={architecture}{option}] {uri} {release or suite} main")
    if not lines:
        raise FetchError(f"no entry for {name} main in /etc/apt/sources.list or sources.list.d; "
                         "add Debian's own archive there")
    return sorted(set(lines))


class Archive:
    """A private view of the Debian archive, kept below FOLDER."""

    def __init__(self, folder, cache=None, architecture=ARCHITECTURE, release=None):
        """FOLDER holds lists and packages; CACHE, if given, is searched for
        packages first and keeps a copy of those downloaded. RELEASE is another
        release of Debian than the machine's."""
        self.folder = Path(folder)
        self.architecture = architecture
        self.release = release
        self.debs = self.folder / "debs"
        self.cache = Path(cache) if cache else None
        self.updated = False
        for sub in ("lists/partial", "cache/archives/partial", "debs"):
            (self.folder / sub).mkdir(parents=True, exist_ok=True)
        (self.folder / "status").write_text("")

    def options(self):
        """The -o options that separate us from the machine's apt."""
        base = self.folder.resolve()
        settings = {
            "Dir::State": base, "Dir::State::Lists": base / "lists",
            "Dir::State::status": base / "status", "Dir::Cache": base / "cache",
            "Dir::Etc::SourceList": base / "sources.list", "Dir::Etc::SourceParts": "-",
            "APT::Architecture": self.architecture, "APT::Architectures": self.architecture,
            "Acquire::Languages": "none", "APT::Sandbox::User": "", "Debug::NoLocking": "true",
            "APT::Update::Post-Invoke-Success": "", "Acquire::Retries": "3",
        }
        return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]

    def apt(self, tool, *arguments, capture=False, cwd=None):
        """Runs apt-get or apt-cache and returns its output if CAPTURE."""
        command = [tool, *self.options(), *arguments]
        stdout = subprocess.PIPE if capture else sys.stderr
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=stdout, text=True, cwd=cwd,
                              env={**os.environ, "LC_ALL": "C"})
        if done.returncode:
            raise FetchError(f"{tool} {' '.join(arguments)} failed (exit status {done.returncode}); "
                             "is the Debian mirror reachable?")
        return done.stdout if capture else ""

    def update(self):
        """Reads the package lists, once per process."""
        if not self.updated:
            say(f"reading the {self.architecture} package lists of {self.release or codename()}")
            lines = machine_sources(self.architecture, self.release)
            (self.folder / "sources.list").write_text("\n".join(lines) + "\n")
            self.apt("apt-get", "-q", "update")
            self.updated = True

    def versioned(self, metapackage):
        """The one real package that METAPACKAGE stands for (linux-image-6.1.0-50-...)."""
        self.update()
        text = self.apt("apt-cache", "depends", metapackage, capture=True)
        names = re.findall(r"^\s+Depends: (linux-image-\S+)", text, re.M)
        if len(names) != 1:
            raise FetchError(f"{metapackage} depends on {names or 'nothing'}, one kernel expected")
        return names[0].split(":")[0]

    def download(self, package):
        """The path of PACKAGE's .deb, fetched if need be."""
        self.update()
        for place in filter(None, (self.debs, self.cache)):
            wanted = self.wanted_name(package)
            if (place / wanted).is_file():
                return place / wanted
        say(f"fetching {package}")
        self.apt("apt-get", "-q", "download", package, cwd=self.debs)
        path = self.debs / wanted
        if not path.is_file():
            raise FetchError(f"apt-get download {package} left no {wanted}")
        if self.cache:
            self.cache.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, self.cache / wanted)
        return path

    def wanted_name(self, package):
        """The file name apt-get download gives the candidate of PACKAGE."""
        text = self.apt("apt-get", "download", "--print-uris", package, capture=True)
        found = re.search(r"^'[^']*' (\S+) ", text, re.M)
        if not found:
            raise FetchError(f"no package {package} for {self.architecture} in "
                             f"{self.release or codename()}")
        return found.group(1)


def unpack(deb, folder):
    """Unpacks the files of a .deb into FOLDER."""
    Path(folder).mkdir(parents=True, exist_ok=True)
    subprocess.run(["dpkg-deb", "-x", str(deb), str(folder)], check=True)
