# SPDX-License-Identifier: BSD-2-Clause
"""`tessera test`: every stage, and the closing line with the count.

A stage returns a Tally. What could not be run counts as failed or, if the stage
itself says it was skipped, as skipped; nothing is left out silently.
"""

import re
import shutil
import subprocess
import sys
import time
import xml.etree.ElementTree as ElementTree
from dataclasses import dataclass
from functools import partial

from cli import apps, builder, long_tier, packages, pipeline
from cli.common import BUILD, TOP, Failure, say
from sim import script

LONG_RUN = ".long.run"
SCAFFOLD = "scaffold_check"


@dataclass
class Tally:
    """Counts of checks."""

    passed: int = 0
    failed: int = 0
    skipped: int = 0

    def add(self, other):
        """Adds another count to this one."""
        self.passed += other.passed
        self.failed += other.failed
        self.skipped += other.skipped

    def note(self, ok):
        """Counts one check."""
        self.passed += bool(ok)
        self.failed += not ok

    def text(self):
        """The closing line."""
        line = f"{self.passed} passed, {self.failed} failed"
        return line + (f", {self.skipped} skipped" if self.skipped else "")


def attempt(tally, name, action):
    """Runs one check that raises Failure when it fails."""
    try:
        action()
    except Failure as error:
        print(f"FAILED {name}: {error}", flush=True)
        tally.note(False)
        return False
    tally.note(True)
    return True


def stage_build(_):
    """All presets build without a warning."""
    tally = Tally()
    for preset in ("host", "host-clang", "aarch64"):
        attempt(tally, f"build {preset}", lambda: builder.build_preset(preset))
    return tally


def stage_lint(_):
    """The lints of tools/lint, each one check."""
    tally = Tally()
    if not attempt(tally, "build kernel_core", lambda: builder.build_preset("aarch64", "kernel_core")):
        return tally
    for path in sorted((TOP / "tools/lint").glob("*.py")):
        if path.name == "common.py":
            continue
        ok = subprocess.run([sys.executable, path], stdin=subprocess.DEVNULL).returncode == 0
        print(f"{'ok    ' if ok else 'FAILED'} lint {path.stem}", flush=True)
        tally.note(ok)
    return tally


def ctest(preset):
    """All ctest tests of a preset."""
    report = BUILD / preset / "junit.xml"
    report.unlink(missing_ok=True)
    subprocess.run(["ctest", "--preset", preset, "-LE", "^long$", "--output-junit", str(report)],
                   stdin=subprocess.DEVNULL, cwd=TOP)
    if not report.is_file():
        print(f"FAILED ctest {preset}: no result", flush=True)
        return Tally(failed=1)
    counts = ElementTree.parse(report).getroot()
    total, failed = int(counts.get("tests")), int(counts.get("failures"))
    skipped = int(counts.get("skipped", 0)) + int(counts.get("disabled", 0))
    return Tally(total - failed - skipped, failed, skipped)


def stage_host(_):
    """Host unit tests, gcc."""
    return ctest("host")


def stage_fuzz(_):
    """The same with clang's sanitizers, and the fuzzers for a minute each."""
    return ctest("host-clang")


def stage_tools(_):
    """The tests of the Python parts."""
    done = subprocess.run([sys.executable, "-m", "unittest", "discover", "-s", TOP / "tests/tools",
                           "-p", "*_test.py"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                          text=True, cwd=TOP)
    print(done.stderr, end="", flush=True)
    total = re.search(r"^Ran (\d+) tests?", done.stderr, re.M)
    if not total or int(total.group(1)) == 0:
        return Tally(failed=1)
    counts = {key: int(n) for key, n in re.findall(r"(failures|errors|skipped)=(\d+)", done.stderr)}
    failed = counts.get("failures", 0) + counts.get("errors", 0)
    skipped = counts.get("skipped", 0)
    return Tally(int(total.group(1)) - failed - skipped, failed, skipped)


def app_boots():
    """(script, app or None) of every boot: all apps, and all tests/**/*.run but the long ones."""
    for name in apps.names():
        app = apps.App(name)
        for one in app.scripts():
            yield one, app
    yield from script_boots(path for path in sorted((TOP / "tests").rglob("*.run"))
                            if not path.name.endswith(LONG_RUN))


def script_boots(paths):
    """The same for given .run files."""
    for path in paths:
        for one in script.parse(path):
            yield one, apps.App(one.system, path.parent / one.system) if one.system else None


def boot_command(one, app=None, boot=()):
    """Builds what the script boots, with these boot options besides; returns the QEMU command line."""
    from cli.main import choices_of, run_parser
    options = run_parser().parse_args([app.name if app else "-", *one.options])
    choices = choices_of(options)
    choices.boot += boot
    if app:
        board, image = pipeline.prepare_app(app, choices)
    elif one.spec:
        board, image = pipeline.prepare_spec(one.path.parent / one.spec, one.memory, choices)
    else:
        path = pipeline.TARGET / "programs" / f"{one.root_task}.elf"
        board, image = pipeline.prepare_root_task(path, one.memory, choices)
    return board.command(image)


def boot(one, app):
    """Boots one script; Failure if it does not show what it must."""
    if not one.steps:
        raise Failure(f"{one.path} states nothing that the console must show")
    problems, transcript, seconds = script.run_script(one, boot_command(one, app))
    (BUILD / "transcripts").mkdir(parents=True, exist_ok=True)
    (BUILD / "transcripts" / f"{one.name}.txt").write_text(transcript)
    if problems:
        raise Failure(script.failure_text(problems, transcript))
    count = sum(1 for kind, _ in one.steps if kind == "expect")
    print(f"ok     boot {one.name}: {count} expectations, {seconds:.1f} s", flush=True)


def boot_scaffold():
    """What `new` makes is built and boots at once."""
    folder = apps.create(SCAFFOLD)
    builder.forget()
    try:
        app = apps.App(SCAFFOLD)
        boot(app.scripts()[0], app)
    finally:
        shutil.rmtree(folder)
        builder.forget()


def stage_boot(only):
    """Every app and every .run test boots and shows what it must."""
    tally = Tally()
    found = [(one, app) for one, app in app_boots() if not only or one.name.split("@")[0] in only]
    for one, app in found:
        attempt(tally, f"boot {one.name}", lambda: boot(one, app))
    if not only:
        attempt(tally, "boot of a new app", boot_scaffold)
    if not found:
        print(f"FAILED boot: nothing to boot {' '.join(only)}", flush=True)
        tally.note(False)
    return tally


def stage_sdk(_):
    """The SDK for Microkit projects: made, moved, and its examples built and booted."""
    from sdk import checks as sdk_checks
    packages.ensure(packages.SDK_PACKAGES)
    tally = Tally()
    for name, action in sdk_checks.checks():
        attempt(tally, name, action)
    return tally


def stage_proofs(_):
    """The short tier of the proofs."""
    done = subprocess.run([sys.executable, long_tier.PROOFS], stdin=subprocess.DEVNULL, text=True,
                          stdout=subprocess.PIPE, cwd=TOP)
    print(done.stdout, end="", flush=True)
    counts = re.search(r"^(\d+) passed, (\d+) failed$", done.stdout, re.M)
    if not counts or int(counts.group(1)) == 0:
        print("FAILED proofs: the provers did not run", flush=True)
        return Tally(failed=1)
    return Tally(int(counts.group(1)), int(counts.group(2)))


STAGES = {"build": stage_build, "lint": stage_lint, "host": stage_host, "tools": stage_tools,
          "boot": stage_boot, "sdk": stage_sdk, "fuzz": stage_fuzz,
          "proofs": stage_proofs}


def long_boots():
    """(name, function that says whether it passed) of every long boot."""
    for one, app in script_boots(sorted((TOP / "tests").rglob(f"*{LONG_RUN}"))):
        yield one.name, partial(attempt, Tally(), f"boot {one.name}", partial(boot, one, app))


def test(stages, only, long=False):
    """Runs the stages (all without), or the long tier alone; returns the exit status."""
    unknown = [name for name in stages if name not in STAGES]
    if unknown:
        raise Failure(f"there is no stage {unknown[0]}; there are: {', '.join(STAGES)}")
    packages.ensure([*packages.BUILD_PACKAGES, *packages.TEST_PACKAGES])
    builder.fetch("arm64", "guest")
    total = long_tier.run(Tally(), long_boots()) if long else Tally()
    for name in [] if long else stages or STAGES:
        start = time.monotonic()
        say(f"stage {name}: {STAGES[name].__doc__}")
        tally = STAGES[name](only)
        print(f"-- {name}: {tally.text()} ({time.monotonic() - start:.0f} s)", flush=True)
        total.add(tally)
    print(total.text(), flush=True)
    return 1 if total.failed else 0
