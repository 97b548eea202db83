"""Puts pydantic's errors in their places of the file and reduces those of a union to the alternative that was meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from toolkit.yaml.node import MappingNode, Step, find


@dataclass(frozen=True, slots=True)
class Complaint:
    """One error at a place of the file; `branch` is the alternative of a union that it comes from."""

    path: tuple[Step, ...]
    union: tuple[Step, ...] | None  # the place of the outermost union above it
    branch: str
    error: ErrorDetails

    @property
    def kind(self) -> str:
        return self.error["type"]

    @property
    def of_type(self) -> bool:
        """Say whether the value is of another kind than this alternative takes."""
        return self.kind.endswith(("_type", "_parsing")) or self.kind in {"enum", "is_instance_of", "literal_error"}


def complaints(error: ValidationError, table: MappingNode) -> Sequence[Complaint]:
    """Give what is wrong, places as they are in the file, without what only follows from another mistake."""
    found = [_placed(one, table) for one in error.errors(include_url=False)]
    unions: dict[tuple[Step, ...], list[Complaint]] = {}
    for one in found:
        if one.union is not None:
            unions.setdefault(one.union, []).append(one)
    best = [one for together in unions.values() for one in _meant(together)]
    return [*(one for one in found if one.union is None), *best]


def _placed(error: ErrorDetails, table: MappingNode) -> Complaint:
    """Leave out the steps that are names of alternatives: the file has no such key."""
    path: tuple[Step, ...] = ()
    union: tuple[Step, ...] | None = None
    branch = ""
    last = len(error["loc"]) - 1
    for position, step in enumerate(error["loc"]):
        if find(table, (*path, step)) is not None or (position == last and error["type"] == "missing"):
            path = (*path, step)
        elif union is None:
            union, branch = path, str(step)
    return Complaint(path, union, branch, error)


def _meant(together: Iterable[Complaint]) -> Sequence[Complaint]:
    """Choose the alternative that took in most of what was written."""
    branches: dict[str, list[Complaint]] = {}
    for one in together:
        branches.setdefault(one.branch, []).append(one)
    return max(branches.values(), key=_fit)


def _fit(branch: Sequence[Complaint]) -> tuple[int, bool, bool, int]:
    """Rank an alternative: how deep it went, whether its keys are the written ones, whether its types are."""
    depth = max(len(one.path) for one in branch)
    other_keys = any(one.kind in {"missing", "extra_forbidden"} for one in branch)
    other_types = any(one.of_type for one in branch)
    return depth, not other_keys, not other_types, -len(branch)
