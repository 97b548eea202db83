"""Policies that set what one of ours is to set, in another way and for the same: no one knows what a device then gets.

Where it is not known whether both reach a device, ours is written and the plan says that it may not work. Follows
https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial

from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.audience import EVERYBODY, FILTER, MIXED, Audience, SharedReach, word_for
from connectors.microsoft365.intune.client import ASSIGNMENTS, CATALOGUE, CONFIGURATIONS, WITH_SETTINGS, Via
from connectors.microsoft365.intune.devices import ComputersOfPeople
from connectors.microsoft365.intune.policy import bears_mark_of
from connectors.microsoft365.intune.setting_keys import is_merged, keys_of, values_of
from toolkit.errors import BadAnswer, Conflict, NotFound
from toolkit.records import dataclass
from toolkit.sdk import Address, Desired, Doubt, Observed, Remote, text
from toolkit.values import Body, Settings, effective, entries, unique


def known(words: Iterable[str], id_of: Callable[[str], str]) -> frozenset[str]:
    """Return what some words of a playbook mean; groups that are not there are reported elsewhere."""
    return frozenset(found for word in words if (found := _id(word, id_of)))


def _id(word: str, id_of: Callable[[str], str]) -> str:
    if word in EVERYBODY:
        return word
    try:
        return id_of(word)
    except (NotFound, Conflict):
        return ""


_TYPE = "@odata.type"


def _no_values(_settings: Settings) -> Mapping[str, Hashable]:
    return {}


def _shows_nothing(_row: Body) -> Settings:
    return {}


@dataclass(frozen=True, slots=True)
class Own:
    """Where objects of a kind are, and which settings one claims: for each of them the keys of what it sets."""

    collection: str
    odata_type: str | None
    claims: Callable[[Desired], Mapping[str, frozenset[str]]]
    titles: Mapping[str, str] = field(default_factory=dict)  # what a setting is called in a sentence
    may_be: Callable[[Body], bool] = bool  # whether the kind could take over an object
    shows: Callable[[Body], Settings] = _shows_nothing  # the settings that an object of the kind has
    values: Callable[[Settings], Mapping[str, Hashable]] = _no_values  # what settings of the kind set, by the keys
    on_computers: Callable[[Desired], bool] = bool  # whether one is written for a Windows computer, for all who use it

    def holds(self, collection: str, row: Body) -> bool:
        """Say whether an object is of the kind."""
        mine = collection.removeprefix("/beta") == self.collection.removeprefix("/beta")
        return mine and (self.odata_type is None or row.get(_TYPE) == self.odata_type) and self.may_be(row)


@dataclass(frozen=True, slots=True)
class IntunePolicy:
    """A policy of another admin, with what it sets."""

    collection: str
    row: Body
    keys: Mapping[str, str]  # each with what the policy calls it
    values: Mapping[str, Hashable]  # of these, as far as they can be compared

    @property
    def name(self) -> str:
        return str(self.row.get("displayName") or self.row.get("name") or self.row.get("id"))


def conflicts(via: Via, desired: Sequence[Desired], going: Collection[str], own: Own) -> Iterator[Doubt]:
    """Doubt every object that sets what another policy sets otherwise for some of the same people or devices.

    Those that are `going`, by their ids, are in no one's way.
    """
    if not any(own.claims(one) for one in desired):
        return
    policies = [other for other in read_policies(via) if text(other.row.get("id")) not in going]
    wanted = [_Wanted(one, own.claims(one), *_place(via, one, own, policies)) for one in desired]
    written = {one.desired.address.name.casefold() for one in wanted}
    for number, one in enumerate(wanted):
        if own.on_computers(one.desired) and one.claims and one.audience.has_people(via.intune.groups):
            computers = ComputersOfPeople(via.intune.devices)
            yield from computers.doubts(one.desired.address.name, next(iter(one.claims)))
        yield from _of_each_other(via, one, wanted[:number], own)
        for other in policies:
            # It is going to be as another is wanted.
            ours = bears_mark_of(other.row, one.desired.settings) and other.name.casefold() in written
            both = _both(one, other, own)
            if not both or other is one.itself or ours:
                continue
            if common := one.audience.common(audience_now(other), via.intune.groups):
                maybe = all(shared.maybe for shared in common)
                rival = _to_rival(one, other, own, common) if maybe and not _meets_now(via, one, other, both) else None
                reason = _reason(via, other, both, common, own, is_asked=rival is not None)
                yield Doubt(one.desired.address.name, next(iter(both)), reason, by=other.name, maybe=maybe, rival=rival)


def audiences(via: Via, desired: Sequence[Desired], own: Own) -> Iterator[tuple[Desired, Audience]]:
    """Give for whom each object is going to be that claims anything."""
    claiming = [one for one in desired if own.claims(one)]
    policies = list(read_policies(via)) if claiming else []
    yield from ((one, _place(via, one, own, policies)[1]) for one in claiming)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """An object that is to be written, with what it is in the tenant already and for whom it is going to be."""

    desired: Desired
    claims: Mapping[str, frozenset[str]]
    itself: IntunePolicy | None
    audience: Audience

    def values(self, own: Own) -> Settings:
        """Return what it is going to have of the settings that it names."""
        now = own.shows(self.itself.row) if self.itself else {}
        return {name: effective(value, now.get(name)) for name, value in self.desired.settings.items()}


def _to_rival(ours: _Wanted, other: IntunePolicy, own: Own, common: Sequence[SharedReach]) -> Observed | None:
    """Return a policy of others for the school's decision, if only a filter may keep it and ours apart."""
    if ours.desired.handling.beside or not any(shared.maybe == FILTER for shared in common):
        return None
    of_kind = ours.desired.address.kind if own.holds(other.collection, other.row) else "policy"
    address = Address(ours.desired.address.provider, of_kind, other.name)
    return Observed(address, {}, Remote(text(other.row.get("id")), other.name, other.row))


def _meets_now(via: Via, ours: _Wanted, other: IntunePolicy, both: Collection[str]) -> bool:
    """Return whether ours sets all of it already, in the tenant, for some of the same."""
    if ours.itself is None:
        return False
    keys = ours.itself.keys.keys() & other.keys.keys()
    sets = all(ours.claims[setting] & keys for setting in both)
    return sets and bool(audience_now(ours.itself).common(audience_now(other), via.intune.groups))


def _both(one: _Wanted, other: IntunePolicy, own: Own) -> Mapping[str, Sequence[str]]:
    """Return the settings that both set and not to one value, each with what the other policy calls it."""
    shared = {setting: common for setting, keys in one.claims.items() if (common := keys & other.keys.keys())}
    if not shared:
        return {}
    theirs = own.shows(other.row) if own.holds(other.collection, other.row) else {}
    wanted = one.values(own)
    equal = {name for name, value in wanted.items() if name in theirs and theirs[name] == value}
    values = own.values(wanted)
    differing = {
        setting: sorted(other.keys[key] for key in keys if not _is_fine(key, values, other))
        for setting, keys in shared.items()
        if setting not in equal
    }
    return {setting: called for setting, called in differing.items() if called}


def _is_fine(key: str, values: Mapping[str, Hashable], other: IntunePolicy) -> bool:
    """Return whether two policies may both set a key: Intune merges it, or both set it to the same."""
    return is_merged(key) or (key in values and key in other.values and other.values[key] == values[key])


def _place(via: Via, one: Desired, own: Own, policies: Sequence[IntunePolicy]) -> tuple[IntunePolicy | None, Audience]:
    itself = find_itself(one, [other for other in policies if own.holds(other.collection, other.row)])
    return itself, audience_of(via, one, itself)


def _of_each_other(via: Via, one: _Wanted, before: Sequence[_Wanted], own: Own) -> Iterator[Doubt]:
    """Doubt an object that sets what another of the playbooks sets otherwise for some of the same."""
    for other in before:
        mine, theirs = one.values(own), other.values(own)
        both = [
            name
            for name, keys in one.claims.items()
            if any(keys & claimed for claimed in other.claims.values()) and (name, mine.get(name)) not in theirs.items()
        ]
        if both and (common := one.audience.common(other.audience, via.intune.groups)):
            whom = ", ".join(shared.words(via.intune.groups) for shared in common)
            reason = (
                f'"{other.desired.address.name}", at {other.desired.origin}, sets it for {whom} too, and '
                f"{_why(common)}: ask for both for the same people, or for others"
            )
            maybe = all(shared.maybe for shared in common)
            yield Doubt(one.desired.address.name, both[0], reason, maybe=maybe)


_UNKNOWN = "where two policies set one thing in two ways no one knows what a device gets"


def _why(common: Sequence[SharedReach]) -> str:
    """Say what two policies for the same come to, and why it is not known whether they meet."""
    return "; ".join(unique([_UNKNOWN, *(shared.maybe for shared in common if shared.maybe)]))


def read_policies(via: Via) -> Iterator[IntunePolicy]:
    """Give every configuration and policy of the catalogue; BadAnswer where one does not show what it sets."""
    for collection, expand in ((CONFIGURATIONS, ASSIGNMENTS), (CATALOGUE, WITH_SETTINGS)):
        yield from via.intune.each(collection, partial(_read_policy, collection), expand=expand)


def _read_policy(collection: str, row: Body) -> IntunePolicy:
    if collection == CATALOGUE and (missing := settings_hidden(row)):
        raise BadAnswer(f"{row.get('name') or row.get('id')}: {missing}")
    return IntunePolicy(collection, row, keys_of(row), values_of(row))


def settings_hidden(row: Body) -> str:
    """Say that not all settings of a policy of the catalogue were shown; nothing where they were."""
    settings, counted = row.get("settings"), row.get("settingCount")
    if not isinstance(settings, list):
        return "its settings were not shown"
    if isinstance(counted, int) and counted > len(settings):
        return f"{len(settings)} of its {counted} settings were shown"
    return ""


def find_itself(desired: Desired, own: Sequence[IntunePolicy]) -> IntunePolicy | None:
    """Find what an object is in the tenant already, as the plan does: by its name, or as the playbook says."""
    adopted = [name for name in (desired.renamed_from, desired.handling.adopt) if name]
    named = [other for other in own if other.name.casefold() == desired.address.name.casefold()]
    marked = [other for other in named if bears_mark_of(other.row, desired.settings)]
    plain = [] if desired.handling.beside else named
    others = [other for name in adopted for other in own if other.name.casefold() == name.casefold()]
    return next(iter((*marked, *plain, *others)), None)


def audience_of(via: Via, desired: Desired, itself: IntunePolicy | None) -> Audience:
    """Give for whom an object is going to be: as the playbook says, else as it is."""
    now = audience_now(itself) if itself else Audience(frozenset(), frozenset())
    named = {
        name: known(entries(desired.settings[name]), via.intune.groups.named)
        for name in ("assigned_to", "excluded")
        if name in desired.settings
    }
    included = named.get("assigned_to", now.included)
    return Audience(included, named.get("excluded", now.excluded), now.filtered & included)


def audience_now(other: IntunePolicy) -> Audience:
    """Return for whom a policy is; BadAnswer where its assignments were not shown whole."""
    targets = targets_of(other.row)
    if targets is None:
        raise BadAnswer(f"{other.name}: its assignments were not shown with their filters")
    return Audience.of_targets(targets)


def _reason(
    via: Via,
    other: IntunePolicy,
    both: Mapping[str, Sequence[str]],
    common: Sequence[SharedReach],
    own: Own,
    *,
    is_asked: bool,
) -> str:
    what = ", ".join(own.titles.get(setting, setting) for setting in both)
    definitions = unique(written for names in both.values() for written in names)
    called = f" (as {', '.join(definitions)})" if other.collection == CATALOGUE else ""
    whom = ", ".join(shared.words(via.intune.groups) for shared in common)
    take = f"take it over with `adopt: {other.name}`" if own.holds(other.collection, other.row) else "clear it there"
    sets = f'"{other.name}" sets {what} for {whom} too{called}, and {_why(common)}'
    apart = _apart(via, common)
    return f"{sets}. You can {apart}, or choose" if is_asked else f"{sets}: {take}, or {apart}"


def _apart(via: Via, common: Sequence[SharedReach]) -> str:
    """Say how the other policy leaves ours alone; a group of people takes none of their devices out of a policy."""
    if any(one.maybe == MIXED for one in common):
        return "have it assigned to groups of people there"
    groups = ", ".join(word_for(via.intune.groups, one.through) for one in common if one.through not in EVERYBODY)
    return f"have {groups} excluded there" if groups else "have it assigned to others there"
