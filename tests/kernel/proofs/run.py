#!/usr/bin/env python3
# SPDX-License-Identifier: BSD-2-Clause
"""Make the machine-checked proofs of the kernel's core, and show that each refuses its mutants.

usage: run.py [--tier short|long] [--only NAME]... [--jobs N] [--no-mutants] [--list]

The short tier is the default; `long` makes both. An answer is kept in build/proofs/answers under
a digest of everything it depends on (the preprocessed proof with the kernel's source, the prover,
its flags), so a run that was interrupted goes on where it stopped, and a proof is made again when
and only when something it depends on has changed. Exit status 0: all proved, all mutants refused.
"""

import argparse
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed

import catalogue
import provers

LIMIT_SECONDS = {"short": 300, "long": 1800}


def parse_arguments():
    """The command line."""
    parser = argparse.ArgumentParser(usage=__doc__.split("usage: ")[1].split("\n")[0])
    parser.add_argument("--tier", choices=("short", "long"), default="short")
    parser.add_argument("--only", action="append", default=[], metavar="NAME")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--no-mutants", action="store_true")
    parser.add_argument("--list", action="store_true", help="say what there is to prove")
    return parser.parse_args()


class Runner:
    """Answers questions, from the kept answers where there is one."""

    def __init__(self, versions):
        self.versions = versions
        self.answers = provers.BUILD / "answers"
        self.answers.mkdir(parents=True, exist_ok=True)

    def answer(self, proof, mutant, number):
        """(verdict, was it kept from before)."""
        work = provers.BUILD / "work" / (f"{proof.name}-mutant-{number}" if mutant else proof.name)
        source = provers.preprocess(proof, mutant, work)
        command = provers.command_for(source, proof, mutant)
        key = provers.question(source, proof, command, self.versions[proof.tool])
        kept = self.answers / f"{key}.json"
        if kept.is_file():
            return provers.Verdict(**json.loads(kept.read_text())), True
        limit = LIMIT_SECONDS[proof.tier]
        status, output, seconds = provers.run_limited(command, limit, work / "output.txt")
        verdict = provers.judge(proof, mutant, status, output, seconds, limit)
        if verdict.ok:
            partial = kept.with_suffix(f".{os.getpid()}.{number}.part")
            partial.write_text(json.dumps(verdict.as_dict()) + "\n")
            partial.rename(kept)
        return verdict, False


def show(proof, mutant, verdict, was_kept, progress):
    """One line, at once."""
    what = f"mutant {mutant.where.split('/')[-1]} of {proof.name}" if mutant else proof.name
    state = "FAILED" if not verdict.ok else "refuse" if mutant else "proved"
    note = "kept" if was_kept else f"{verdict.seconds:.1f} s"
    detail = f": {verdict.text}" if verdict.text else f": {verdict.goals} goals"
    print(f"{progress} {state} {what} ({note}){detail}", flush=True)


def table(proofs, verdicts):
    """What has been proved, by what, up to where."""
    print(f"\n{'proof':28} {'tool':5} {'tier':5} {'goals':>5} {'seconds':>8} {'mutants':>8}  bound")
    for proof in proofs:
        main = verdicts.get((proof.name, None))
        refused = sum(verdicts[key].ok for key in verdicts if key[0] == proof.name and key[1] is not None)
        tried = sum(key[0] == proof.name and key[1] is not None for key in verdicts)
        seconds = sum(v.seconds for key, v in verdicts.items() if key[0] == proof.name)
        goals = main.goals if main and main.ok else "FAILED"
        print(f"{proof.name:28} {proof.tool:5} {proof.tier:5} {goals:>5} {seconds:8.1f} "
              f"{f'{refused}/{tried}':>8}  {proof.fields['Bound']}")


def main():
    """Runs what was asked for; the exit status."""
    options = parse_arguments()
    proofs = catalogue.read_all()
    unknown = set(options.only) - {proof.name for proof in proofs}
    if unknown:
        raise catalogue.BadCatalogue(f"there is no proof {sorted(unknown)[0]}; there are: "
                                     + ", ".join(sorted(proof.name for proof in proofs)))
    wanted = [proof for proof in proofs
              if (proof.name in options.only if options.only
                  else proof.tier == "short" or options.tier == "long")]
    if options.list:
        for proof in wanted:
            print(f"{proof.name} ({proof.tool}, {proof.tier}, {len(proof.mutants)} mutants): "
                  f"{proof.fields['Claim']}")
        return 0
    start = time.monotonic()
    runner = Runner(provers.prepare({proof.tool for proof in wanted}))
    jobs = [(proof, None, 0) for proof in wanted]
    if not options.no_mutants:
        jobs += [(proof, mutant, number) for proof in wanted
                 for number, mutant in enumerate(proof.mutants, 1)]
    verdicts = {}
    with ThreadPoolExecutor(options.jobs) as pool:
        futures = {pool.submit(runner.answer, *job): job for job in jobs}
        for done in as_completed(futures):
            proof, mutant, number = futures[done]
            verdict, was_kept = done.result()
            verdicts[(proof.name, number if mutant else None)] = verdict
            show(proof, mutant, verdict, was_kept, f"[{len(verdicts)}/{len(jobs)}]")
    table(wanted, verdicts)
    failed = sum(not verdict.ok for verdict in verdicts.values())
    print(f"{time.monotonic() - start:.0f} s, {sum(v.goals for k, v in verdicts.items() if k[1] is None)}"
          " goals", flush=True)
    print(f"{len(verdicts) - failed} passed, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (catalogue.BadCatalogue, provers.ProverError) as error:
        print(f"proofs: error: {error}", file=sys.stderr, flush=True)
        sys.exit(2)
