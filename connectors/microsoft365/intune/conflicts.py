"""Policies that set what one of ours is to set, in another way and for the same: no one knows what a device then gets.

Where it is not known whether both reach a device, ours is written and the plan says that it may not work. Follows
https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
"""

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import field
from functools import partial

from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.audience import EVERYBODY, FILTER, MIXED, Audience, SharedReach, target_name
from connectors.microsoft365.intune.client import ASSIGNMENTS, CATALOGUE, CONFIGURATIONS, WITH_SETTINGS, Via
from connectors.microsoft365.intune.devices import ComputersOfPeople
from connectors.microsoft365.intune.policy import bears_mark_of
from connectors.microsoft365.intune.setting_keys import is_merged, keys_of, values_of
from toolkit.errors import BadAnswer, Conflict, NotFound
from toolkit.records import dataclass
from toolkit.sdk import Address, Desired, Doubt, Observed, Remote, text
from toolkit.values import Body, Settings, effective, entries, unique


def group_ids(words: Iterable[str], id_of: Callable[[str], str]) -> frozenset[str]:
    """Return what some words of a playbook mean; groups that are not there are reported elsewhere."""
    return frozenset(identifier for word in words if (identifier := _id(word, id_of)))


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
        is_in_collection = collection.removeprefix("/beta") == self.collection.removeprefix("/beta")
        return is_in_collection and (self.odata_type is None or row.get(_TYPE) == self.odata_type) and self.may_be(row)


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


def conflicts(via: Via, desired: Sequence[Desired], deleted_ids: Collection[str], own: Own) -> Iterator[Doubt]:
    """Doubt every object that sets what another policy sets otherwise for some of the same people or devices.

    Those that are `going`, by their ids, are in no one's way.
    """
    if not any(own.claims(resource) for resource in desired):
        return
    policies = [policy for policy in read_policies(via) if text(policy.row.get("id")) not in deleted_ids]
    placed_policies = [
        _DesiredPolicy(resource, own.claims(resource), *_locate(via, resource, own, policies)) for resource in desired
    ]
    desired_names = {placed.desired.address.name.casefold() for placed in placed_policies}
    for number, placed in enumerate(placed_policies):
        if own.on_computers(placed.desired) and placed.claims and placed.audience.has_people(via.intune.groups):
            computers = ComputersOfPeople(via.intune.devices)
            yield from computers.doubts(placed.desired.address.name, next(iter(placed.claims)))
        yield from _conflicts_between_playbooks(via, placed, placed_policies[:number], own)
        for policy in policies:
            # It is going to be as another is wanted.
            is_managed = bears_mark_of(policy.row, placed.desired.settings) and policy.name.casefold() in desired_names
            contested = _contested_settings(placed, policy, own)
            if not contested or policy is placed.itself or is_managed:
                continue
            if common := placed.audience.common(audience_now(policy), via.intune.groups):
                maybe = all(shared.doubt for shared in common)
                rival = (
                    _to_rival(placed, policy, own, common)
                    if maybe and not _meets_now(via, placed, policy, contested)
                    else None
                )
                reason = _reason(via, policy, contested, common, own, is_asked=rival is not None)
                yield Doubt(
                    placed.desired.address.name, next(iter(contested)), reason, by=policy.name, maybe=maybe, rival=rival
                )


def audiences(via: Via, desired: Sequence[Desired], own: Own) -> Iterator[tuple[Desired, Audience]]:
    """Give for whom each object is going to be that claims anything."""
    claiming = [resource for resource in desired if own.claims(resource)]
    policies = list(read_policies(via)) if claiming else []
    yield from ((resource, _locate(via, resource, own, policies)[1]) for resource in claiming)


@dataclass(frozen=True, slots=True)
class _DesiredPolicy:
    """An object that is to be written, with what it is in the tenant already and for whom it is going to be."""

    desired: Desired
    claims: Mapping[str, frozenset[str]]
    itself: IntunePolicy | None
    audience: Audience

    def values(self, own: Own) -> Settings:
        """Return what it is going to have of the settings that it names."""
        current = own.shows(self.itself.row) if self.itself else {}
        return {name: effective(value, current.get(name)) for name, value in self.desired.settings.items()}


def _to_rival(placed: _DesiredPolicy, other: IntunePolicy, own: Own, common: Sequence[SharedReach]) -> Observed | None:
    """Return a policy of others for the school's decision, if only a filter may keep it and ours apart."""
    if placed.desired.handling.beside or not any(shared.doubt == FILTER for shared in common):
        return None
    kind_name = placed.desired.address.kind if own.holds(other.collection, other.row) else "policy"
    address = Address(placed.desired.address.provider, kind_name, other.name)
    return Observed(address, {}, Remote(text(other.row.get("id")), other.name, other.row))


def _meets_now(via: Via, placed: _DesiredPolicy, other: IntunePolicy, contested: Collection[str]) -> bool:
    """Return whether ours sets all of it already, in the tenant, for some of the same."""
    if placed.itself is None:
        return False
    keys = placed.itself.keys.keys() & other.keys.keys()
    sets = all(placed.claims[setting] & keys for setting in contested)
    return sets and bool(audience_now(placed.itself).common(audience_now(other), via.intune.groups))


def _contested_settings(placed: _DesiredPolicy, other: IntunePolicy, own: Own) -> Mapping[str, Sequence[str]]:
    """Return the settings that both set and not to one value, each with what the other policy calls it."""
    shared = {setting: common for setting, keys in placed.claims.items() if (common := keys & other.keys.keys())}
    if not shared:
        return {}
    other_settings = own.shows(other.row) if own.holds(other.collection, other.row) else {}
    desired_values = placed.values(own)
    equal = {name for name, value in desired_values.items() if name in other_settings and other_settings[name] == value}
    values = own.values(desired_values)
    differing = {
        setting: sorted(other.keys[key] for key in keys if not _is_compatible(key, values, other))
        for setting, keys in shared.items()
        if setting not in equal
    }
    return {setting: names for setting, names in differing.items() if names}


def _is_compatible(key: str, values: Mapping[str, Hashable], other: IntunePolicy) -> bool:
    """Return whether two policies may both set a key: Intune merges it, or both set it to the same."""
    return is_merged(key) or (key in values and key in other.values and other.values[key] == values[key])


def _locate(
    via: Via, resource: Desired, own: Own, policies: Sequence[IntunePolicy]
) -> tuple[IntunePolicy | None, Audience]:
    itself = find_itself(resource, [other for other in policies if own.holds(other.collection, other.row)])
    return itself, audience_of(via, resource, itself)


def _conflicts_between_playbooks(
    via: Via, placed: _DesiredPolicy, earlier: Sequence[_DesiredPolicy], own: Own
) -> Iterator[Doubt]:
    """Doubt an object that sets what another of the playbooks sets otherwise for some of the same."""
    for other in earlier:
        values, other_values = placed.values(own), other.values(own)
        contested = [
            name
            for name, keys in placed.claims.items()
            if any(keys & claimed for claimed in other.claims.values())
            and (name, values.get(name)) not in other_values.items()
        ]
        if contested and (common := placed.audience.common(other.audience, via.intune.groups)):
            audience_text = ", ".join(shared.describe(via.intune.groups) for shared in common)
            reason = (
                f'"{other.desired.address.name}", at {other.desired.origin}, sets it for {audience_text} too, and '
                f"{_conflict_reason(common)}: ask for both for the same people, or for others"
            )
            maybe = all(shared.doubt for shared in common)
            yield Doubt(placed.desired.address.name, contested[0], reason, maybe=maybe)


_EITHER_VALUE = "where two policies set one thing in two ways no one knows what a device gets"


def _conflict_reason(common: Sequence[SharedReach]) -> str:
    """Say what two policies for the same come to, and why it is not known whether they meet."""
    return ", but ".join(unique([_EITHER_VALUE, *(shared.doubt for shared in common if shared.doubt)]))


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
    adopted_names = [name for name in (desired.renamed_from, desired.handling.adopt) if name]
    named = [other for other in own if other.name.casefold() == desired.address.name.casefold()]
    marked = [other for other in named if bears_mark_of(other.row, desired.settings)]
    plain = [] if desired.handling.beside else named
    adopted_policies = [other for name in adopted_names for other in own if other.name.casefold() == name.casefold()]
    return next(iter((*marked, *plain, *adopted_policies)), None)


def audience_of(via: Via, desired: Desired, itself: IntunePolicy | None) -> Audience:
    """Give for whom an object is going to be: as the playbook says, else as it is."""
    current = audience_now(itself) if itself else Audience(frozenset(), frozenset())
    named = {
        name: group_ids(entries(desired.settings[name]), via.intune.groups.named)
        for name in ("assigned_to", "excluded")
        if name in desired.settings
    }
    included = named.get("assigned_to", current.included)
    return Audience(included, named.get("excluded", current.excluded), current.with_filter & included)


def audience_now(other: IntunePolicy) -> Audience:
    """Return for whom a policy is; BadAnswer where its assignments were not shown whole."""
    targets = targets_of(other.row)
    if targets is None:
        raise BadAnswer(f"{other.name}: its assignments were not shown with their filters")
    return Audience.from_targets(targets)


def _reason(
    via: Via,
    other: IntunePolicy,
    contested: Mapping[str, Sequence[str]],
    common: Sequence[SharedReach],
    own: Own,
    *,
    is_asked: bool,
) -> str:
    what = ", ".join(own.titles.get(setting, setting) for setting in contested)
    definitions = unique(written for names in contested.values() for written in names)
    label = f" (as {', '.join(definitions)})" if other.collection == CATALOGUE else ""
    audience_text = ", ".join(shared.describe(via.intune.groups) for shared in common)
    take = f"take it over with `adopt: {other.name}`" if own.holds(other.collection, other.row) else "clear it there"
    sets = f'"{other.name}" sets {what} for {audience_text} too{label}, and {_conflict_reason(common)}'
    remedy = _remedy(via, common)
    return f"{sets}. You can {remedy}, or choose" if is_asked else f"{sets}: {take}, or {remedy}"


def _remedy(via: Via, common: Sequence[SharedReach]) -> str:
    """Say how the other policy leaves ours alone; a group of people takes none of their devices out of a policy."""
    if any(overlap.doubt == MIXED for overlap in common):
        return "have it assigned to groups of people there"
    groups = ", ".join(
        target_name(via.intune.groups, overlap.target) for overlap in common if overlap.target not in EVERYBODY
    )
    return f"have {groups} excluded there" if groups else "have it assigned to others there"
