# SPDX-License-Identifier: BSD-2-Clause
"""What there is to prove, and the mutants: read from the proofs' own files.

A proof is a function NAME_proof below a comment of this form:

    /* Proof NAME
     * Claim: ...                what is shown
     * For: ...                  for which inputs
     * Bound: ...                what is bounded, and how
     * Core: ...                 which functions of the kernel are run
     * Flags: ...                the prover's flags besides those that all proofs get
     * Tier: short | long
     */

A mutant, in mutants.txt, is one line of the kernel's source changed so that the proof named with
it must fail.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
TOP = HERE.parents[2]
KEYS = ("Claim", "For", "Bound", "Core", "Flags", "Tier")
REQUIRED = ("Claim", "For", "Bound", "Core", "Tier")


class BadCatalogue(Exception):
    """A proof or a mutant is not written as it must be; the text says where and what."""


@dataclass
class Mutant:
    """One change of one line of the source at `path` (relative to the project)."""

    proof: str
    path: str
    old: str
    new: str
    where: str

    def apply(self, text):
        """The changed text of the file."""
        if text.count(self.old) != 1:
            raise BadCatalogue(f"{self.where}: {self.old!r} is {text.count(self.old)} times in "
                               f"{self.path}, not once; write the line as it is there now")
        return text.replace(self.old, self.new)


@dataclass
class Proof:
    """One proof."""

    name: str
    path: Path
    tool: str
    fields: dict
    mutants: list = field(default_factory=list)

    @property
    def flags(self):
        """The flags that only this proof gets."""
        return self.fields.get("Flags", "").split()

    @property
    def tier(self):
        """short or long."""
        return self.fields["Tier"]


def parse_comment(text, where):
    """{key: value} of a proof's comment."""
    fields, key = {}, None
    for line in text.splitlines():
        line = re.sub(r"^\s*\*? ?", "", line).rstrip()
        found = re.match(r"(\w+):\s*(.*)", line)
        if found and found.group(1) in KEYS:
            key = found.group(1)
            fields[key] = found.group(2)
        elif key and line.strip():
            fields[key] += " " + line.strip()
    for wanted in REQUIRED:
        if not fields.get(wanted):
            raise BadCatalogue(f"{where}: the proof has no '{wanted}:' line")
    if fields["Tier"] not in ("short", "long"):
        raise BadCatalogue(f"{where}: the tier is 'short' or 'long', not {fields['Tier']!r}")
    return fields


def read_proofs(path):
    """The proofs of one file."""
    text = path.read_text()
    tool = {"wp": "wp", "eva": "eva"}.get(path.parent.name, "cbmc")
    found = []
    for match in re.finditer(r"/\* Proof (\w+)\n(.*?)\*/\n(?:static )?\w+ (\w+)\(", text, re.S):
        name, comment, function = match.groups()
        where = f"{path.relative_to(TOP)}:{text.count(chr(10), 0, match.start()) + 1}"
        if function != f"{name}_proof":
            raise BadCatalogue(f"{where}: the function after proof {name} is {function}, "
                               f"not {name}_proof")
        found.append(Proof(name, path, tool, parse_comment(comment, where)))
    functions = len(re.findall(r"^void \w+_proof\(void\)\n\{", text, re.M))
    if functions != len(found):
        raise BadCatalogue(f"{path.relative_to(TOP)}: {functions} functions end in _proof, but "
                           f"{len(found)} have a comment '/* Proof NAME'")
    return found


def read_mutants(path):
    """The mutants: blocks of 'PROOF: FILE', '- OLD', '+ NEW'."""
    mutants, lines = [], path.read_text().splitlines()
    for number, line in enumerate(lines, 1):
        found = re.match(r"(\w+): (\S+)$", line)
        if line.startswith(("#", "- ", "+ ")) or not line.strip():
            continue
        where = f"{path.relative_to(TOP)}:{number}"
        if not found:
            raise BadCatalogue(f"{where}: 'PROOF: FILE' expected, not {line!r}")
        block = lines[number:number + 2]
        if len(block) < 2 or not block[0].startswith("- ") or not block[1].startswith("+ "):
            raise BadCatalogue(f"{where}: a line '- OLD' and a line '+ NEW' must follow")
        mutants.append(Mutant(found.group(1), found.group(2), block[0][2:], block[1][2:], where))
    return mutants


def read_all():
    """All proofs, each with its mutants; every proof has one at least."""
    proofs = [proof for path in sorted(HERE.rglob("*_proof.c")) for proof in read_proofs(path)]
    by_name = {proof.name: proof for proof in proofs}
    if len(by_name) != len(proofs):
        raise BadCatalogue("two proofs have the same name")
    for mutant in read_mutants(HERE / "mutants.txt"):
        if mutant.proof not in by_name:
            raise BadCatalogue(f"{mutant.where}: there is no proof {mutant.proof}")
        by_name[mutant.proof].mutants.append(mutant)
    bare = [proof.name for proof in proofs if not proof.mutants]
    if bare:
        raise BadCatalogue(f"mutants.txt has no mutant for {', '.join(bare)}: "
                           "a proof that refuses nothing shows nothing")
    return proofs
