"""The cases of a cloud, grouped so that cases without a common object share a tenant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import zip_longest

import pytest

from tests.cases import CASES, Case, Edit

FEW = 2
"""The number of edits of a case that `make test` makes. `make soak` makes all, each case in its own tenant."""

JOINED = {"google_workspace.chrome_policy", "microsoft365.defender_indicator"}
"""Kinds whose objects are written together with one call. They have groups of their own, so that calls are counted."""

Round = Sequence[tuple[Case, Edit]]
"""Edits that are made at the same time, at most one for each case."""


@dataclass(frozen=True)
class CaseGroup:
    """Cases that share a tenant. At most `most` edits of a case are made one by one."""

    name: str
    cases: Sequence[Case]
    most: int | None

    def __str__(self) -> str:
        return self.name

    @property
    def shares_calls(self) -> bool:
        """Return whether one call may repair several of the edits."""
        return len(self.cases) > 1 and self.cases[0].kind in JOINED

    @property
    def allowing(self) -> Sequence[str]:
        """Return the options that lift the limits on changes and on people who lose protection."""
        kinds = dict.fromkeys(case.kind for case in self.cases)
        return ["--lose", "1000", *(word for kind in kinds for word in ("--allow-changes", kind))]

    def all_edits(self) -> Round:
        """Return every edit of every case."""
        return [(case, edit) for case in self.cases for edit in case.all_edits]

    def first_edits(self) -> Sequence[Round]:
        """Return one round with the first edit of each case. A soak test has a round for each edit."""
        return self._rounds(self.most and 1)

    def few_edits(self) -> Sequence[Round]:
        """Return rounds for a few edits of each case, from first to last. A soak test has a round for every edit."""
        return self._rounds(self.most)

    def _rounds(self, most: int | None) -> Sequence[Round]:
        edits = [[(case, edit) for edit in _spread(case.all_edits, most)] for case in self.cases]
        return [[edited for edited in edited_at_once if edited] for edited_at_once in zip_longest(*edits)]


def groups(*, read_only: bool) -> list[object]:
    """Return the groups of all clouds, and for soak tests a group for each case with all its edits, as parameters."""
    cases = [case for case in CASES if case.read_only == read_only]
    names = dict.fromkeys(_name(case) for case in cases)
    together = [group for name in names for group in _groups(name, [case for case in cases if _name(case) == name])]
    alone = [pytest.param(CaseGroup(str(case), [case], None), marks=pytest.mark.soak) for case in cases]
    return [*together, *alone]


def _name(case: Case) -> str:
    return case.kind if case.kind in JOINED else case.provider


def _groups(name: str, cases: Sequence[Case]) -> Iterator[CaseGroup]:
    """Put each case into the first group without a case that touches the same objects."""
    groups: list[list[Case]] = []
    for case in cases:
        for group in groups:
            if not any(_cannot_share_tenant(case, other) for other in group):
                group.append(case)
                break
        else:
            groups.append([case])
    for number, group in enumerate(groups, start=1):
        yield CaseGroup(f"{name}/{number}", group, FEW)


def _cannot_share_tenant(case: Case, other: Case) -> bool:
    alone = case.kind == other.kind and (case.alone or other.alone)
    return alone or not _edited_objects(case).isdisjoint(_edited_objects(other))


def _edited_objects(case: Case) -> set[str]:
    """Return the object of a case without its unit, because units inherit it, and the other objects that it edits."""
    keys = {f"{edit.stored} {edit.key.format(owner=case.owner)}" for edit in case.all_edits if edit.key}
    return {f"{case.kind} {case.name.partition(' @ ')[0]}", *keys}


def _spread(edits: Sequence[Edit], most: int | None) -> Sequence[Edit]:
    """Return at most so many edits, evenly spread from the first to the last."""
    if most is None or len(edits) <= most:
        return edits
    if most == 1:
        return edits[:1]
    return [edits[place * (len(edits) - 1) // (most - 1)] for place in range(most)]
