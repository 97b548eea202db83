"""The cases of a kind, grouped so that those that do not touch each other share a tenant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, zip_longest

import pytest

from tests.cases import CASES, Case, Edit

FEW = 6
"""Edits of a case that `make test` makes one by one; `make soak` makes all of them, each case in its own tenant."""

Round = Sequence[tuple[Case, Edit]]
"""Edits that are made at once, at most one of each case."""


@dataclass(frozen=True)
class CaseGroup:
    """Cases of one kind that are applied to one tenant; `most` is how many edits of each are made one by one."""

    name: str
    cases: Sequence[Case]
    most: int | None

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        return self.cases[0].kind

    def all_edits(self) -> Round:
        """Return every edit of every case."""
        return [(case, edit) for case in self.cases for edit in case.all_edits]

    def first_edits(self) -> Sequence[Round]:
        """Return one round with the first edit of each case; for the soak a round for each edit."""
        return self._rounds(self.most and 1)

    def few_edits(self) -> Sequence[Round]:
        """Return a round for each of a few edits, from the first of each case to its last; for the soak for all."""
        return self._rounds(self.most)

    def _rounds(self, most: int | None) -> Sequence[Round]:
        edits = [[(case, edit) for edit in _spread(case.all_edits, most)] for case in self.cases]
        return [[edited for edited in edited_at_once if edited] for edited_at_once in zip_longest(*edits)]


def groups(*, read_only: bool) -> list[object]:
    """List the groups of all kinds, and for the soak each case alone with all its edits, as parameters of tests."""
    cases = [case for case in CASES if case.read_only == read_only]
    together = [group for _, of_kind in groupby(cases, lambda case: case.kind) for group in _groups(list(of_kind))]
    alone = [pytest.param(CaseGroup(str(case), [case], None), marks=pytest.mark.soak) for case in cases]
    return [*together, *alone]


def _groups(cases: Sequence[Case]) -> Iterator[CaseGroup]:
    """Put each case into the first group of its kind with nothing that it touches."""
    groups: list[list[Case]] = []
    for case in cases:
        for group in groups:
            if not any(_apart(case, other) for other in group):
                group.append(case)
                break
        else:
            groups.append([case])
    for number, group in enumerate(groups, start=1):
        yield CaseGroup(f"{group[0].kind.partition('.')[2]}/{number}", group, FEW)


def _apart(case: Case, other: Case) -> bool:
    return case.alone or other.alone or not _touched(case).isdisjoint(_touched(other))


def _touched(case: Case) -> set[str]:
    """Name the object of a case without its place in the school, which others inherit, and what else it edits."""
    keys = {f"{edit.stored} {edit.key.format(owner=case.owner)}" for edit in case.all_edits if edit.key}
    return {case.name.partition(" @ ")[0], *keys}


def _spread(edits: Sequence[Edit], most: int | None) -> Sequence[Edit]:
    """Return as many edits, from the first to the last of them."""
    if most is None or len(edits) <= most:
        return edits
    if most == 1:
        return edits[:1]
    return [edits[place * (len(edits) - 1) // (most - 1)] for place in range(most)]
