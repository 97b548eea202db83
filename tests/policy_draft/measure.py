"""Measure the proposals against clauses that a reader has labelled.

`python -m tests.policy_draft.measure FILE [--part train|kept]` prints three figures. FILE is YAML: a list of sources,
each with `clauses`, whose entries have `text`, `class`, `controls` (best first) and `reason`. A class that `reason`
names next to "arguable" counts as right too. The third of the clauses whose SHA-256 leaves 2 when divided by 3 is kept
aside: words are never chosen by it, and no known clause is one of them or much like one of them. The other clauses of
our own files are known to the product, so that their figures say nothing.
"""

import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.policy_draft.propose import MOST, ClauseProposal, propose

PARTS = 3
KEPT = 2
RECORDS: Mapping[str, frozenset[str]] = {
    "gov.acknowledgement": frozenset({"acknowledgements"}),
    "gov.approvals": frozenset({"approvals", "requests"}),
    "gov.attestation": frozenset({"attested"}),
    "gov.exceptions": frozenset({"approvals"}),
    "gov.incidents": frozenset({"incidents"}),
    "gov.review_cycle": frozenset({"review", "signature", "history"}),
}
"""Subjects that the playbooks cover with evidence in registers, not with a control."""


@dataclass(frozen=True)
class Labelled:
    """A clause with the right answers."""

    text: str
    classes: frozenset[str]
    controls: Sequence[str]

    @property
    def is_kept(self) -> bool:
        return int(sha256(self.text.encode()).hexdigest(), 16) % PARTS == KEPT

    def names_right_control(self, proposal: ClauseProposal) -> bool:
        right = {name for control in self.controls for name in RECORDS.get(control, {control})}
        return bool(right & set(proposal.serves[:MOST]))


def read_labelled(path: Path) -> Iterator[Labelled]:
    sources: list[Mapping[str, Any]] = YAML(typ="safe", pure=True).load(path.read_text(encoding="utf-8"))
    for entry in (clause for source in sources for clause in source["clauses"]):
        reason = entry.get("reason", "")
        words = re.findall(r"\w+", reason) if "arguable" in reason else []
        arguable = {str(name) for name in ClauseClass if name in words}
        yield Labelled(entry["text"], frozenset({entry["class"], *arguable}), entry["controls"])


def figures(clauses: Sequence[Labelled]) -> dict[str, tuple[int, int]]:
    """Return for each figure how many clauses are right, of how many."""
    return figures_of([(clause, propose(clause.text)) for clause in clauses])


def figures_of(proposals: Sequence[tuple[Labelled, ClauseProposal]]) -> dict[str, tuple[int, int]]:
    """Return the same for proposals that were already made."""
    with_control = [(clause, made) for clause, made in proposals if clause.controls]
    conduct = [made for clause, made in proposals if "people" in clause.classes and not clause.controls]
    by_class = [made.clause_class in clause.classes for clause, made in proposals]
    return {
        "right control among the first three": (
            sum(clause.names_right_control(made) for clause, made in with_control),
            len(with_control),
        ),
        "no proposal for conduct": (sum(not made.serves for made in conduct), len(conduct)),
        "right class": (sum(by_class), len(by_class)),
    }


def main(arguments: Sequence[str]) -> None:
    path, part = Path(arguments[0]), arguments[2] if arguments[1:2] == ["--part"] else ""
    clauses = [clause for clause in read_labelled(path) if not part or clause.is_kept is (part == "kept")]
    for name, (right, of) in figures(clauses).items():
        sys.stdout.write(f"{name}: {right} of {of} ({right / of:.0%})\n" if of else f"{name}: no clause\n")


if __name__ == "__main__":
    main(sys.argv[1:])
