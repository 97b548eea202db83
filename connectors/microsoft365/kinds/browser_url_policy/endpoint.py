"""Reads and writes catalogue policies with lists of addresses; PUT replaces all settings, so others' are put again."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from connectors.microsoft365.intune import Via, assignments, conflicts
from connectors.microsoft365.intune.configuration import settings_of_kinds
from connectors.microsoft365.intune.conflicts import CATALOGUE, WITH_SETTINGS, settings_hidden
from connectors.microsoft365.intune.ownership_marker import described, is_marked
from connectors.microsoft365.intune.policy import beside
from connectors.microsoft365.intune.reading import again, seen
from connectors.microsoft365.intune.setting_keys import keys_of, of_definition
from connectors.microsoft365.kinds.browser_url_policy.lists import (
    DEFINITIONS,
    MOST,
    TITLES,
    others,
    shown_lists,
    with_lists,
)
from toolkit.errors import BadAnswer, Rejected
from toolkit.sdk.endpoint import Everything, NamedOnly, Wanted
from toolkit.sdk.kind import Doubt, OtherObject
from toolkit.sdk.resource import Desired, Remote, Unreadable
from toolkit.sdk.shapes import texts
from toolkit.values import Body, Settings, effective, entries, unique

_FOR_WINDOWS: Body = {"platforms": "windows10", "technologies": "mdm"}
_KEPT = ("name", "description", "platforms", "technologies", "roleScopeTagIds", "templateReference")


class BrowserUrlPolicies:
    """The policies that have such a list, and those with our mark; others of the catalogue are left alone."""

    def read(self, via: Via, wanted: Wanted) -> Iterable[Remote | Unreadable]:
        """Read them from the list of the whole catalogue."""
        every = via.intune.all(CATALOGUE, expand=WITH_SETTINGS)
        rows = [row for row in every if settings_hidden(row) or has_lists(row)]
        found = list(seen(via, rows, called="name", hidden=settings_hidden))
        match wanted:
            case Everything():
                return found
            case NamedOnly(names):
                return [one for one in found if one.name in names]

    def create(self, via: Via, name: str, body: Body) -> None:
        """Make a policy, and assign it in a second call."""
        settings = beside(body)
        targets = assignments.assignments([], settings, via.intune.groups.named)
        wire = {"name": name, **described({}, settings), **_FOR_WINDOWS, "settings": _settings({}, settings, name)}

        def is_it(row: Body) -> bool:
            return row.get("name") == name and is_marked(row)

        made = via.intune.create(CATALOGUE, wire, is_it)
        if not made.get("id"):
            raise BadAnswer(f"POST {CATALOGUE}: the answer does not say which policy was made")
        if targets:
            via.intune.assign(CATALOGUE, str(made["id"]), targets)

    def update(self, via: Via, remote: Remote, name: str, body: Body) -> None:
        """Change what a policy is called, or the whole with its lists, and its assignments."""
        settings = beside(body)
        lists, assigns = (bool({*names} & settings.keys()) for names in (DEFINITIONS, assignments.SETTINGS))
        whole = lists or assigns
        now = again(via, CATALOGUE, remote, expand=WITH_SETTINGS, hidden=settings_hidden) if whole else remote.body
        targets = assignments.assignments(assignments.targets_of(now) or [], settings, via.intune.groups.named)
        renamed = {"name": name} if name != remote.name else {}
        called = {**renamed, **described(now, settings)}
        if lists:
            kept = {key: now[key] for key in _KEPT if key in now}
            via.intune.replace(CATALOGUE, remote.id, {**kept, **called, "settings": _settings(now, settings, name)})
        elif called:
            via.intune.patch(CATALOGUE, remote.id, called)
        if assigns:
            via.intune.assign(CATALOGUE, remote.id, targets)

    def delete(self, via: Via, remote: Remote) -> None:
        """Remove a policy; Rejected where others put settings into it, which would be gone too."""
        if foreign := others(again(via, CATALOGUE, remote, expand=WITH_SETTINGS, hidden=settings_hidden)):
            raise Rejected(
                f"{remote.name} stays: others put {len(foreign)} settings into it that would be gone with it "
                f"({foreign[0]}); take out what is theirs, or delete it by hand"
            )
        via.intune.delete(CATALOGUE, remote.id)


def has_lists(row: Body) -> bool:
    """Say whether a policy of the catalogue has one of the lists, or is ours."""
    return is_marked(row) or any(shown_lists(row).values())


def other_policies(via: Via) -> Iterator[OtherObject]:
    """List the policies of others that no kind compares, each with the settings of our kinds that it sets too."""
    settings = settings_of_kinds()
    for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS):
        if not settings_hidden(row) and not has_lists(row):
            there = keys_of(row).keys()
            too = tuple(name for name, keys in settings.items() if keys & there)
            yield OtherObject(str(row.get("name") or row.get("id")), too)


def doubts(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Doubt groups that are not there, and lists that grew too long."""
    yield from assignments.doubts(via, desired)
    yield from _too_long(via, desired)


def conflicts_of(via: Via, desired: Sequence[Desired], going: Collection[str]) -> Iterator[Doubt]:
    """Find the policies that are in the way."""
    yield from conflicts.conflicts(via, desired, going, _OWN)


def _claims(desired: Desired) -> Mapping[str, frozenset[str]]:
    claimed = [name for name in DEFINITIONS if effective(desired.settings.get(name), None)]
    return {name: frozenset({of_definition(DEFINITIONS[name])}) for name in claimed}


def _shows(row: Body) -> Settings:
    return {name: unique(texts(listed)) or None for name, listed in shown_lists(row).items()}


_OWN = conflicts.Own(CATALOGUE, None, _claims, TITLES, has_lists, _shows)


def _too_long(via: Via, desired: Sequence[Desired]) -> Iterator[Doubt]:
    """Count what others' entries and ours come to."""
    there = {
        str(row.get("name")).casefold(): shown_lists(row) for row in via.intune.all(CATALOGUE, expand=WITH_SETTINGS)
    }
    for one in desired:
        now = there.get((one.handling.adopt or one.address.name).casefold(), {})
        for name in DEFINITIONS:
            held = now.get(name)
            before = tuple(str(entry) for entry in held) if isinstance(held, list) else ()
            count = len(entries(effective(one.settings.get(name), before)))
            if count > MOST:
                yield Doubt(one.address.name, name, f"{count:,} entries are too many: browsers take {MOST:,} in a list")


def _settings(before: Body, settings: Body, name: str) -> list[Body]:
    """Give all settings that a policy is to have; Rejected where a list is too long, or nothing would be left."""
    lists = {one: texts(settings[one]) for one in DEFINITIONS if one in settings}
    for one, listed in lists.items():
        if len(listed) > MOST:
            raise Rejected(f"{name}: {TITLES[one]} would have {len(listed):,} entries; browsers take {MOST:,}")
    made = with_lists(before, lists)
    if not made:
        raise Rejected(f"{name}: nothing would be left in it, and Intune keeps no policy without a setting; delete it")
    return made
