"""Clauses of school policies whose class, controls and evidence are known. New clauses are compared with them."""

from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from toolkit.playbook.policy_entries import ClauseClass
from toolkit.records import dataclass

_LABELS = "## "
_COMMENT = "# "


@dataclass(frozen=True, slots=True)
class KnownClause:
    """A clause with its class, and with the controls and evidence that serve it, best first."""

    says: str
    clause_class: ClauseClass
    serves: tuple[str, ...]


@cache
def known_clauses() -> Sequence[KnownClause]:
    """Return the known clauses, which are in our own words."""
    text = (files("toolkit.policy_draft") / "known-clauses.txt").read_text(encoding="utf-8")
    clauses = []
    clause_class, serves = ClauseClass.PEOPLE, tuple[str, ...]()
    for line in text.splitlines():
        if line.startswith(_LABELS):
            name, _, names = line.removeprefix(_LABELS).partition(": ")
            clause_class, serves = ClauseClass(name), tuple(names.split(", ") if names else ())
        elif not line.startswith(_COMMENT):
            clauses.append(KnownClause(line, clause_class, serves))
    return clauses
