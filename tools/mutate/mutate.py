# SPDX-License-Identifier: BSD-2-Clause
"""`tessera mutate`: do the tests notice when one point of the kernel's core is wrong?

Each mutant is tried by the core's unit tests (its own first), by the lockstep with the
specification, and by the proofs; who survives that is booted under the conformance tests. A mutant
whose optimised code equals the original's is no mutant. The verdicts are kept in
build/mutate/verdicts.txt, one line each, with the commit they hold for, so an ended run goes on.
"""

import argparse
import concurrent.futures
import json
import subprocess
import threading
import time

from cli import builder, checks, packages
from cli.common import BUILD, TOP, Failure, say
from cli.long_tier import commit
from mutate import points
from mutate.changed import Changed
from sim import script

OUT = BUILD / "mutate"
CORE = TOP / "kernel/core"
EXPLAINED = TOP / "tools/mutate/explained.txt"
CONFORM = TOP / "tests/kernel/conform/conform.run"
LOCKSTEP = "kernel_spec_lockstep_test"
PATIENCE = 10  # a test that takes so many times its usual time hangs
NOT_MUTANTS = ("equal code", "does not compile")
SURVIVED = "survived"
BOARD = threading.Lock()


def tests_of_core():
    """(name, seconds) of the test programs that run the core, quickest first, lockstep last."""
    listed = json.loads(subprocess.run(["ctest", "--preset", "host", "--show-only=json-v1"], cwd=TOP,
                                       capture_output=True, text=True, check=True).stdout)
    names = [test["name"] for test in listed["tests"]
             if test["name"].startswith("kernel_core_") and not labels(test) & {"long"}]
    timed = []
    for name in [*names, LOCKSTEP]:
        start = time.monotonic()
        if not passes(BUILD / "host/bin" / name, name, 600):
            raise Failure(f"{name} fails without any change; mend that first")
        timed.append((name, time.monotonic() - start))
    return sorted(timed, key=lambda one: (one[0] == LOCKSTEP, one[1]))


def labels(test):
    """The ctest labels of a test."""
    return {label for one in test["properties"] if one["name"] == "LABELS" for label in one["value"]}


def test_folder(name):
    """Where ctest runs a test."""
    return TOP / ("tests/kernel/spec" if name == LOCKSTEP else "tests/kernel/core")


def passes(program, name, seconds):
    """Whether a test program ends well in time."""
    try:
        done = subprocess.run([program], cwd=test_folder(name), stdin=subprocess.DEVNULL, timeout=seconds,
                              stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0


class Trial:
    """What is tried on every mutant, and what the originals look like."""

    def __init__(self, options):
        self.options = options
        self.tests = tests_of_core()
        self.originals = {}
        self.lock = threading.Lock()

    def original(self, file):
        """The optimised code of an unchanged file."""
        with self.lock:
            if file not in self.originals:
                with Changed(file, (TOP / file).read_text()) as same:
                    self.originals[file] = same.optimised()
            return self.originals[file]

    def order(self, file):
        """The tests, those named like the file first."""
        stem = file.rsplit("/", 1)[-1][:-2]
        return sorted(self.tests, key=lambda one: one[0].removeprefix("kernel_core_") != f"{stem}_test")

    def verdict(self, point):
        """Who noticed, or 'survived'."""
        with Changed(point.file, points.apply(point, (TOP / point.file).read_text())) as changed:
            code = changed.optimised()
            if code is None or changed.library() is None:
                return "does not compile"
            if code == self.original(point.file):
                return "equal code"
            for name, usual in self.order(point.file):
                if not passes(changed.host_program(name), name, 5 + PATIENCE * usual):
                    return name
            if self.options.target:
                return boot(changed)
        return SURVIVED


def boot(changed):
    """The conformance tests on a kernel with the change, one boot at a time."""
    one = script.parse(CONFORM)[0]
    with BOARD:
        command = checks.boot_command(one, boot=["--kernel", str(changed.kernel("release"))])
        problems, _, _ = script.run_script(one, command)
    return "conform" if problems else SURVIVED


def explained():
    """Keys of the mutants that EXPLAINED gives a reason for."""
    lines = EXPLAINED.read_text().splitlines() if EXPLAINED.is_file() else []
    return {line.rsplit(" | ", 1)[0] for line in lines if line and not line.startswith("#")}


def known(path, at):
    """The verdicts that hold for this commit, by key."""
    if at is None or not path.is_file():
        return {}
    rows = (line.split("\t") for line in path.read_text().splitlines())
    return {key: verdict for where, verdict, key in rows if where == at}


def try_all(trial, chosen, jobs):
    """{point: verdict}, printed as they come."""
    OUT.mkdir(parents=True, exist_ok=True)
    path, at = OUT / "verdicts.txt", commit()
    before = known(path, at)
    verdicts = {point: before[point.key] for point in chosen if point.key in before}
    left = [point for point in chosen if point not in verdicts]
    say(f"{len(chosen)} mutants, {len(verdicts)} of them tried before at this commit")
    with concurrent.futures.ThreadPoolExecutor(jobs) as pool, path.open("a") as file:
        futures = {pool.submit(trial.verdict, point): point for point in left}
        for done in concurrent.futures.as_completed(futures):
            point, verdict = futures[done], done.result()
            verdicts[point] = verdict
            print(f"[{len(verdicts)}/{len(chosen)}] {verdict}: {point.text()}", flush=True)
            file.write(f"{at}\t{verdict}\t{point.key}\n" if at else "")
            file.flush()
    return verdicts


def summary(verdicts):
    """Prints the figures; returns those that nothing noticed and nothing explains."""
    tried = {point: verdict for point, verdict in verdicts.items() if verdict not in NOT_MUTANTS}
    survivors = [point for point, verdict in tried.items() if verdict == SURVIVED]
    reasons = explained()
    open_ones = [point for point in survivors if point.key not in reasons]
    by = {}
    for verdict in verdicts.values():
        by[verdict] = by.get(verdict, 0) + 1
    for verdict, count in sorted(by.items(), key=lambda one: -one[1]):
        print(f"{count:5} {verdict}")
    for point in open_ones:
        print(f"survivor: {point.text()}")
    killed = len(tried) - len(survivors)
    print(f"mutants: {len(tried)} tried, {killed} noticed ({100 * killed / max(1, len(tried)):.1f} %), "
          f"{len(survivors) - len(open_ones)} explained, {len(open_ones)} survived")
    return open_ones


def parser():
    """The verb's options."""
    made = argparse.ArgumentParser(prog="tessera mutate", description=__doc__.split("\n", maxsplit=1)[0])
    made.add_argument("--count", type=int, default=240, help="how many points (240)")
    made.add_argument("--seed", type=int, default=1, help="which points")
    made.add_argument("--only", action="append", default=[], metavar="FILE", help="only of this file of the core")
    made.add_argument("--target", action="store_true", help="boot the conformance tests on those that survive")
    made.add_argument("--jobs", type=int, default=2, help="at the same time (2)")
    made.add_argument("--list", action="store_true", help="only print the points")
    return made


def main(arguments):
    """The verb; returns the exit status: 1 if a mutant survived unexplained."""
    options = parser().parse_args(arguments)
    files = [path for path in sorted(CORE.glob("*.c")) if not options.only or path.name in options.only]
    if not files:
        raise Failure(f"kernel/core has no file {' '.join(options.only)}")
    found = [point for path in files
             for point in points.points(str(path.relative_to(TOP)), path.read_text())]
    chosen = points.choose(found, options.count, options.seed)
    if options.list:
        for point in chosen:
            print(point.text())
        return 0
    packages.ensure([*packages.BUILD_PACKAGES, *packages.TEST_PACKAGES])
    builder.fetch("arm64")
    for preset in ("host", "aarch64"):
        builder.build_preset(preset)
    say(f"{len(found)} points in {len(files)} files; {len(chosen)} chosen by seed {options.seed}")
    return 1 if summary(try_all(Trial(options), chosen, options.jobs)) else 0
