"""Measure the proposals by cross-validation over the known clauses, with a learning curve.

`python -m tests.policy_draft.cross_validate` divides the known clauses into five parts by their SHA-256. It makes the
proposals for each part with the other four, and with a half and a quarter of them. The subjects of topics.yaml were
chosen with some of these clauses, so that the figures are too favourable. They compare settings with one another. Trust
the clauses that were kept aside (`measure.py --part kept`).
"""

import sys
from collections.abc import Iterator, Sequence
from hashlib import sha256

from tests.policy_draft.measure import Labelled, figures_of
from toolkit.policy_draft.clause_statistics import ClauseStatistics
from toolkit.policy_draft.known_clauses import KnownClause, known_clauses
from toolkit.policy_draft.propose import ClauseProposal, propose

PARTS = 5
SHARES = (0.25, 0.5, 1.0)


def part_of(clause: KnownClause) -> int:
    return int(sha256(clause.says.encode()).hexdigest(), 16) % PARTS


def proposals_of_parts(clauses: Sequence[KnownClause], share: float) -> Iterator[tuple[Labelled, ClauseProposal]]:
    """Yield each clause with its proposal by a share of the clauses of the other parts."""
    for part in range(PARTS):
        others = [clause for clause in clauses if part_of(clause) != part]
        count = round(share * len(others))
        statistics = ClauseStatistics(sorted(others, key=lambda clause: sha256(clause.says.encode()).digest())[:count])
        for clause in clauses:
            if part_of(clause) == part:
                labelled = Labelled(clause.says, frozenset({str(clause.clause_class)}), clause.serves)
                yield labelled, propose(clause.says, statistics)


def main() -> None:
    clauses = known_clauses()
    for share in SHARES:
        sys.stdout.write(f"with {round(share * (1 - 1 / PARTS) * len(clauses))} known clauses\n")
        for name, (right, of) in figures_of(list(proposals_of_parts(clauses, share))).items():
            sys.stdout.write(f"  {name}: {right} of {of} ({right / of:.0%})\n")


if __name__ == "__main__":
    main()
