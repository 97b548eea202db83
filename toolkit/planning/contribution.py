"""The settings that playbook entries require of an object, and how the settings of several entries are combined."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import field, replace

from pydantic import ValidationError

from toolkit.errors import Problem
from toolkit.records import dataclass
from toolkit.sdk.resource import Address, Desired, Handling, Mode, Origin, Reach
from toolkit.sdk.spec import Join, Setting, Spec
from toolkit.values import AtLeast, Json, Value, entries


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The settings that one playbook entry requires an object to have, as written in the playbook."""

    address: Address
    settings: Mapping[str, Json]
    origins: Mapping[str, Origin]
    origin: Origin
    mode: Mode
    handling: Handling = field(default_factory=Handling)
    renamed_from: str | None = None
    made_by: str | None = None
    reach: Reach | None = None
    unknown: str = ""  # why its audience is not known
    lost_group: bool = False  # because its group is empty, gone or unread
    empty: bool = False  # because the group has no members
    pilot: str = ""  # the role of the pilot and its last date, while there is a pilot
    withdrawn: bool = False  # takes back an earlier entry, unless another entry still asks for it
    reviewed: Mapping[str, str] = field(default_factory=dict)  # see Resource
    gives_way: bool = False  # belongs to an unresolved exception, so other entries for the object count
    spared: Mapping[str, frozenset[str]] = field(default_factory=dict)  # see Desired
    as_applied: Mapping[str, frozenset[str]] = field(default_factory=dict)  # likewise
    unmanaged_properties: Mapping[str, str] = field(default_factory=dict)  # likewise
    schools: tuple[str, ...] = ()  # likewise
    is_shared: bool = False  # likewise


def join_contributions(
    all_contributions: Sequence[Contribution], spec: type[Spec]
) -> tuple[Desired | None, list[Problem]]:
    """Combine the settings that several playbook entries require of the same object.

    Return the object, and a problem for each contradiction between the entries.
    """
    contributions = [
        contribution for contribution in all_contributions if not contribution.gives_way
    ] or all_contributions
    first = contributions[0]
    written: dict[str, Json] = {}
    origins: dict[str, Origin] = {}
    problems: list[Problem] = []
    for contribution in contributions:
        for name, value in contribution.settings.items():
            origin = contribution.origins.get(name, contribution.origin)
            if name not in written:
                written[name], origins[name] = value, origin
                continue
            joined = _join_values(spec.table()[name], written[name], value)
            if isinstance(joined, _Clash):
                text = f"{first.address}: {name} is {value!r} here and {written[name]!r} at {origins[name]}"
                problems.append(Problem(origin.path, origin.line, text))
            else:
                written[name] = joined
    if problems:
        return None, problems
    settings = spec.desired(written)
    lines = {key: origin for contribution in contributions for key, origin in contribution.origins.items()}
    keys = {name: [key for key in spec.nesting_keys(name) if key in lines] for name in settings if name not in written}
    inside = {
        name: lines[nearest[0]] for name, nearest in keys.items() if nearest and spec.nesting_keys(name) != (name,)
    }
    desired = _to_desired(contributions, settings, {**origins, **inside})
    spared, as_applied = (
        _join_entries(lists)
        for lists in zip(
            *((contribution.spared, contribution.as_applied) for contribution in all_contributions), strict=True
        )
    )
    return replace(desired, spared=spared, as_applied=as_applied), []


def _join_entries(lists: Iterable[Mapping[str, frozenset[str]]]) -> Mapping[str, frozenset[str]]:
    """Combine the list entries that several playbook entries require, by setting."""
    together: dict[str, frozenset[str]] = {}
    for path, there in (entry for part_lists in lists for entry in part_lists.items()):
        together[path] = together.get(path, frozenset()) | there
    return together


def describe_invalid_settings(validation_error: ValidationError) -> list[str]:
    """Return an error message for each invalid setting. A message of toolkit's own validators is returned unchanged."""
    sentences = []
    for error in validation_error.errors():
        text = error["ctx"]["error"] if error["type"] == "value_error" else error["msg"]
        sentences.append(f"{'.'.join(map(str, error['loc']))}: {text}" if error["loc"] else str(text))
    return sentences


def _to_desired(
    contributions: Sequence[Contribution], settings: Mapping[str, Value], origins: Mapping[str, Origin]
) -> Desired:
    first = contributions[0]
    reaches = [c.reach for c in contributions if c.reach]
    return Desired(
        address=first.address,
        settings=settings,
        origins=origins,
        origin=first.origin,
        mode=first.mode,
        handling=next((c.handling for c in contributions if c.handling != Handling()), Handling()),
        renamed_from=next((c.renamed_from for c in contributions if c.renamed_from), None),
        made_by=tuple(dict.fromkeys(c.made_by for c in contributions if c.made_by)),
        unknown=next((c.unknown for c in contributions if c.unknown), ""),
        lost_group=all(c.lost_group for c in contributions),
        empty=all(c.empty for c in contributions if c.unknown),
        reach=max(reaches, key=lambda reach: reach.people or 0) if reaches else None,
        reviewed={setting: why for c in contributions for setting, why in c.reviewed.items()},
        unmanaged_properties={path: value for c in contributions for path, value in c.unmanaged_properties.items()},
        schools=tuple(dict.fromkeys(school for c in contributions for school in c.schools)),
        is_shared=any(c.is_shared for c in contributions),
    )


def join_lists(setting: Setting, value: Json, other_value: Json) -> Json:
    """Combine two lists of entries. If one list requires an entry that the other list forbids, the entry is kept."""
    first, second = setting.form.read(value), setting.form.read(other_value)
    items = {*entries(first), *entries(second)}
    if all(isinstance(written, Mapping) and "exactly" in written for written in (value, other_value)):
        return {"exactly": sorted(items)}
    lacking = {entry for read in (first, second) if isinstance(read, AtLeast) for entry in read.lacking} - items
    open_ended = any(isinstance(written, Mapping) and "exactly" not in written for written in (value, other_value))
    if not (open_ended or setting.at_least):
        return sorted(items)
    return {"contains": sorted(items), **({"lacks": sorted(lacking)} if lacking else {})}


class _Clash:
    """Two values of the same setting that contradict each other."""


def _join_values(setting: Setting, value: Json, other_value: Json) -> "Json | _Clash":
    first, second = setting.form.read(value), setting.form.read(other_value)
    if first == second:
        return value
    match setting.join:
        case Join.UNION:
            return join_lists(setting, value, other_value)
        case Join.LOWEST_BUT_ZERO if isinstance(first, int) and isinstance(second, int):
            return min(first, second) or max(first, second)
        case Join.LOWEST | Join.HIGHEST if isinstance(first, int) and isinstance(second, int):
            return min(first, second) if setting.join is Join.LOWEST else max(first, second)
        case _:
            return _Clash()
