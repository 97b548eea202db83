"""Finds the parts of controls that clauses of the policy name and no cloud has."""

from collections.abc import Iterable, Iterator

from toolkit.errors import PlaybookError, Problem
from toolkit.planning.plan import RealisedControl
from toolkit.playbook.entries import Playbooks
from toolkit.playbook.policy_entries import Clause
from toolkit.yaml.messages import did_you_mean, quoted


def refuse_unknown_parts(playbooks: Playbooks, controls: Iterable[RealisedControl]) -> None:
    """Raise PlaybookError with a problem for each part of a control of the playbooks that no cloud has."""
    parts: dict[str, set[str]] = {}
    for one in controls:
        parts.setdefault(one.control, set()).update(part.name for part in one.realisation.parts)
    problems = [
        Problem(clause.origin.path, clause.origin.line, f"{clause.name}: {message}")
        for clause in playbooks.policy.clauses
        for message in _wrong(clause, parts)
    ]
    if problems:
        raise PlaybookError(problems)


def _wrong(clause: Clause, parts: dict[str, set[str]]) -> Iterator[str]:
    for control, names in clause.parts.items():
        known = parts.get(control)  # None: no playbook asks for it
        for name in names if known else ():
            if known and name not in known:
                yield f"{control} has no part {quoted(name)}{did_you_mean(name, known)}"
