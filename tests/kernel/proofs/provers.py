# SPDX-License-Identifier: BSD-2-Clause
"""The provers: from a proof and perhaps a mutant to a verdict.

Each run gets the source as the C preprocessor leaves it. With a mutant, a folder that holds the
changed file is searched before the kernel's, so the kernel's own files are never touched.
"""

import hashlib
import re
import shutil
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from catalogue import HERE, TOP

BUILD = TOP / "build" / "proofs"
CBMC = TOP / "build" / "deps" / "cbmc" / "run"
GENERATED = BUILD / "abi"
# Where the kernel's files are found; a mutant's copy keeps the path below `overlay`.
KERNEL_FOLDERS = ["kernel/core", "kernel/core/include", "kernel/machine/include",
                  "kernel/arch/aarch64/include"]
GENERATED_PREFIX = "generated/"
CBMC_FLAGS = ["--bounds-check", "--pointer-check", "--pointer-overflow-check",
              "--signed-overflow-check", "--undefined-shift-check", "--div-by-zero-check",
              "--unwinding-assertions", "--drop-unused-functions", "--sat-solver", "cadical"]
# Counts as part of every question: raise it when the meaning of a verdict changes.
VERDICT_VERSION = "1"


class ProverError(Exception):
    """A prover cannot be used at all; the text says what to do."""


@dataclass
class Verdict:
    """The outcome of one run."""

    ok: bool
    goals: int
    seconds: float
    text: str

    def as_dict(self):
        """For the file of results."""
        return asdict(self)


def run_limited(command, limit, log):
    """Runs a program for so long; (exit status or None, output, seconds)."""
    start = time.monotonic()
    with open(log, "w", encoding="utf-8") as stream:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=stream,
                                   stderr=subprocess.STDOUT)
        try:
            status = process.wait(timeout=limit)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            status = None
    output = Path(log).read_text(encoding="utf-8", errors="replace")
    return status, output, time.monotonic() - start


def prepare(tools):
    """Fetches and makes what the provers need; {tool: version}."""
    versions = {}
    if "cbmc" in tools:
        if subprocess.run([sys.executable, TOP / "tools/deps/fetch.py", "cbmc"],
                          stdin=subprocess.DEVNULL).returncode:
            raise ProverError("CBMC could not be fetched; the proofs cannot be made without it. "
                              "Is the Debian mirror reachable?")
        versions["cbmc"] = version_of([CBMC, "cbmc", "--version"])
    if tools & {"wp", "eva"}:
        missing = [name for name in ("frama-c", "why3", "cvc4", "z3") if not shutil.which(name)]
        if missing:
            raise ProverError(f"{', '.join(missing)} not found; as root, type:\n    apt-get install "
                              "--no-install-recommends frama-c-base why3 cvc4 z3")
        versions["wp"] = versions["eva"] = " ".join(
            version_of(command) for command in (["frama-c", "-version"], ["why3", "--version"],
                                                ["cvc4", "--version"], ["z3", "--version"]))
    if subprocess.run([sys.executable, TOP / "tools/gen/abi.py", "--output", GENERATED, "--sel4",
                       BUILD / "sel4", "--reference", BUILD / "reference.md"],
                      stdin=subprocess.DEVNULL).returncode:
        raise ProverError("the headers of kernel/abi could not be generated")
    return versions


def version_of(command):
    """The first line that a prover says of itself."""
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True)
    if done.returncode or not done.stdout:
        raise ProverError(f"{command[0]} does not start")
    return done.stdout.splitlines()[0]


def overlay(mutant, folder):
    """A folder with the changed file, at its place below the folder it is searched in."""
    source = (BUILD / "abi" / mutant.path[len(GENERATED_PREFIX):]
              if mutant.path.startswith(GENERATED_PREFIX) else TOP / mutant.path)
    roots = [GENERATED] + sorted((TOP / name for name in KERNEL_FOLDERS),
                                 key=lambda path: -len(str(path)))
    root = next(path for path in roots if source.is_relative_to(path))
    changed = folder / source.relative_to(root)
    changed.parent.mkdir(parents=True, exist_ok=True)
    changed.write_text(mutant.apply(source.read_text()))


def preprocess(proof, mutant, work):
    """The source that the prover gets; a path below WORK."""
    shutil.rmtree(work, ignore_errors=True)
    (work / "overlay").mkdir(parents=True)
    if mutant:
        overlay(mutant, work / "overlay")
    folders = [work / "overlay", HERE / "stand_in", HERE, GENERATED,
               *(TOP / name for name in KERNEL_FOLDERS)]
    command = ["gcc", "-E", "-std=gnu11", "-Wall", "-Werror", "-Wno-unknown-pragmas",
               *(["-DPROOF_MUTANT"] if mutant else []), *(["-C", "-DPROOF_FRAMAC"] if proof.tool != "cbmc" else []),
               *(part for folder in folders for part in ("-I", folder)),
               proof.path, "-o", work / "source.i"]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        raise ProverError(f"{proof.path.relative_to(TOP)} does not compile:\n{done.stderr}")
    return work / "source.i"


def question(source, proof, command, version):
    """A digest of everything that the answer depends on; line numbers do not count."""
    digest = hashlib.sha256(f"{VERDICT_VERSION}\n{version}\n".encode())
    digest.update("\n".join(str(part) for part in command if part != source).encode())
    digest.update(proof.name.encode())
    for line in source.read_text().splitlines():
        if line.strip() and not line.startswith("#"):
            digest.update(line.strip().encode() + b"\n")
    return digest.hexdigest()


# ---- CBMC ---------------------------------------------------------------------------------------

def cbmc_command(source, proof, mutant):
    """The command line of one run."""
    return [CBMC, "cbmc", source, "--function", f"{proof.name}_proof", *CBMC_FLAGS,
            *(["--stop-on-fail"] if mutant else []), *proof.flags]


def cbmc_verdict(status, output, seconds):
    """Everything proved, and every place that must be reached is."""
    found = re.findall(r"^\[(\S+)\] (?:line \d+ )?(.*): (SUCCESS|FAILURE|UNKNOWN|ERROR)$", output, re.M)
    wrong = [f"{name} {text}" for name, text, state in found
             if (state == "FAILURE") != text.startswith("reach: ") or state in ("UNKNOWN", "ERROR")]
    reached = sum(text.startswith("reach: ") for _, text, _ in found)
    goals = sum(state == "SUCCESS" for _, _, state in found)
    if status not in (0, 10) or not found:
        return Verdict(False, 0, seconds, f"CBMC gave no verdict (exit status {status}): "
                       + " / ".join(output.splitlines()[-3:]))
    if wrong:
        kind = "cannot be reached" if wrong[0].split(" ", 1)[1].startswith("reach: ") else "fails"
        return Verdict(False, goals, seconds, f"{kind}: {wrong[0]}"
                       + (f" (and {len(wrong) - 1} more)" if len(wrong) > 1 else ""))
    if not reached:
        return Verdict(False, goals, seconds, "the proof has no reaches(...): it may be vacuous")
    return Verdict(True, goals, seconds, "")


def cbmc_refusal(status, output, seconds):
    """A mutant is refused when a property is violated."""
    found = re.search(r"^Violated property:\n.*\n\s*(.*)", output, re.M)
    if status == 10 and found:
        return Verdict(True, 1, seconds, found.group(1))
    what = "the mutant is accepted" if status == 0 else f"CBMC gave no verdict (exit status {status})"
    return Verdict(False, 0, seconds, what)


def judge(proof, mutant, status, output, seconds, limit):
    """The verdict on one run."""
    if status is None:
        return Verdict(False, 0, seconds, f"no answer within {limit} s")
    if proof.tool == "cbmc":
        return (cbmc_refusal if mutant else cbmc_verdict)(status, output, seconds)
    raise ProverError(f"no prover for {proof.tool}")


def command_for(source, proof, mutant):
    """The command line of one run with the proof's tool."""
    return cbmc_command(source, proof, mutant)
