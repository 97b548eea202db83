"""Limit an object that cannot be split, such as the removal of an app, to the entries of the covered schools."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from toolkit.planning.contribution import Contribution
from toolkit.playbook.slices import Slices
from toolkit.sdk.connector import Connection
from toolkit.sdk.kind import Kind
from toolkit.sdk.resource import ALL_ENTRIES
from toolkit.values import entries

_ROOT_UNIT = "/"


def is_named_for_people(kind: Kind[Connection], contribution: Contribution) -> bool:
    """Return whether the name of an object has its unit or group, as the name of a Chrome policy does."""
    return any(group != _ROOT_UNIT for group in kind.reaches(contribution.address.name, {}).groups)


def select_covered_entries(
    schools: Mapping[str, Sequence[Contribution]], slices: Slices, kind: Kind[Connection], lists: Collection[str]
) -> list[Contribution]:
    """Return the contributions of the covered schools. The run leaves entries of other schools in the `lists`."""
    covered = {school: own for school, own in schools.items() if slices.covers(school)}
    if not covered or len(covered) == len(schools) or slices.is_judged:
        return [contribution for own in schools.values() for contribution in own]
    others = [contribution for school, own in schools.items() if school not in covered for contribution in own]
    spared = {path: _entries_in_list(kind, path, others) for path in lists}
    return [
        replace(contribution, spared={**spared, **contribution.spared}, schools=tuple(schools), is_shared=True)
        for own in covered.values()
        for contribution in own
    ]


def _entries_in_list(kind: Kind[Connection], path: str, contributions: Sequence[Contribution]) -> frozenset[str]:
    if any(contribution.unknown for contribution in contributions):
        return frozenset([ALL_ENTRIES])
    form = kind.spec.table()[path].form
    return frozenset(entry for c in contributions for entry in entries(form.read(c.settings.get(path))))
