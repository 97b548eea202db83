"""Finds desired policies that conflict with other policies, which set a setting differently for the same audience.

If toolkit cannot tell whether both policies reach a device, it writes the policy, and the plan says that it may not
work. Follows https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
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


def group_ids(names: Iterable[str], id_of: Callable[[str], str]) -> frozenset[str]:
    """Return the ids of groups with these names, without missing groups, which another check reports."""
    return frozenset(identifier for word in names if (identifier := _to_id(word, id_of)))


def _to_id(word: str, id_of: Callable[[str], str]) -> str:
    if word in EVERYBODY:
        return word
    try:
        return id_of(word)
    except (NotFound, Conflict):
        return ""


_TYPE = "@odata.type"


def _no_values(_settings: Settings) -> Mapping[str, Hashable]:
    return {}


def _no_settings(_row: Body) -> Settings:
    return {}


@dataclass(frozen=True, slots=True)
class KindSettings:
    """The collection of a kind's objects, and functions that return an object's settings, keys and values."""

    collection: str
    odata_type: str | None
    claims: Callable[[Desired], Mapping[str, frozenset[str]]]
    titles: Mapping[str, str] = field(default_factory=dict)  # the name of a setting in a sentence
    may_be: Callable[[Body], bool] = bool  # whether the kind could take over an object
    shows: Callable[[Body], Settings] = _no_settings  # the settings of an object of the kind
    values: Callable[[Settings], Mapping[str, Hashable]] = _no_values  # the values of the kind's settings, by key
    on_computers: Callable[[Desired], bool] = bool  # whether the object is for a Windows computer, with all its users

    def holds(self, collection: str, row: Body) -> bool:
        """Return whether an object in a collection belongs to the kind."""
        is_in_collection = collection.removeprefix("/beta") == self.collection.removeprefix("/beta")
        return is_in_collection and (self.odata_type is None or row.get(_TYPE) == self.odata_type) and self.may_be(row)


@dataclass(frozen=True, slots=True)
class IntunePolicy:
    """A policy in the tenant, with its settings. Another administrator may have created it."""

    collection: str
    row: Body
    keys: Mapping[str, str]  # each key with the policy's own name for it
    values: Mapping[str, Hashable]  # values of the keys, if they can be compared

    @property
    def name(self) -> str:
        return str(self.row.get("displayName") or self.row.get("name") or self.row.get("id"))


def conflicts(via: Via, desired: Sequence[Desired], deleted_ids: Collection[str], own: KindSettings) -> Iterator[Doubt]:
    """Yield a doubt for each object that sets a setting differently from another policy with an overlapping audience.

    Policies in `deleted_ids` are left out, because this run deletes them.
    """
    if not any(own.claims(resource) for resource in desired):
        return
    policies = [policy for policy in read_policies(via) if text(policy.row.get("id")) not in deleted_ids]
    placed_policies = [
        _DesiredPolicy(resource, own.claims(resource), *_find_present_policy_and_audience(via, resource, own, policies))
        for resource in desired
    ]
    desired_names = {placed.desired.address.name.casefold() for placed in placed_policies}
    for number, placed in enumerate(placed_policies):
        if own.on_computers(placed.desired) and placed.claims and placed.audience.has_people(via.intune.groups):
            computers = ComputersOfPeople(via.intune.devices)
            yield from computers.doubts(placed.desired.address.name, next(iter(placed.claims)))
        yield from _find_conflicts_between_playbooks(via, placed, placed_policies[:number], own)
        for policy in policies:
            # The policy will become another desired policy.
            is_managed = bears_mark_of(policy.row, placed.desired.settings) and policy.name.casefold() in desired_names
            contested = _contested_settings(placed, policy, own)
            if not contested or policy is placed.itself or is_managed:
                continue
            if common := placed.audience.overlaps_with(present_audience(policy), via.intune.groups):
                maybe = all(shared.doubt for shared in common)
                must_ask = maybe and not _is_already_met(via, placed, policy, contested)
                rival = _to_rival(placed, policy, own, common) if must_ask else None
                reason = _describe_conflict(via, policy, contested, common, own, is_asked=rival is not None)
                yield Doubt(
                    placed.desired.address.name,
                    next(iter(contested)),
                    reason,
                    by=policy.name,
                    is_uncertain=maybe,
                    rival=rival,
                )


def audiences(via: Via, desired: Sequence[Desired], own: KindSettings) -> Iterator[tuple[Desired, Audience]]:
    """Yield each desired object that sets a setting, with the desired audience of the object."""
    claiming = [resource for resource in desired if own.claims(resource)]
    policies = list(read_policies(via)) if claiming else []
    yield from ((resource, _find_present_policy_and_audience(via, resource, own, policies)[1]) for resource in claiming)


@dataclass(frozen=True, slots=True)
class _DesiredPolicy:
    """A desired policy, its desired audience, and the policy in the tenant that it will change."""

    desired: Desired
    claims: Mapping[str, frozenset[str]]
    itself: IntunePolicy | None
    audience: Audience

    def values(self, own: KindSettings) -> Settings:
        """Return the desired values of the settings that the object sets, by key."""
        current = own.shows(self.itself.row) if self.itself else {}
        return {name: effective(value, current.get(name)) for name, value in self.desired.settings.items()}


def _to_rival(
    placed: _DesiredPolicy, other: IntunePolicy, own: KindSettings, common: Sequence[SharedReach]
) -> Observed | None:
    """Return the other policy if only an assignment filter may separate the two, so that the school must decide."""
    if placed.desired.handling.beside or not any(shared.doubt == FILTER for shared in common):
        return None
    kind_name = placed.desired.address.kind if own.holds(other.collection, other.row) else "policy"
    address = Address(placed.desired.address.provider, kind_name, other.name)
    return Observed(address, {}, Remote(text(other.row.get("id")), other.name, other.row))


def _is_already_met(via: Via, placed: _DesiredPolicy, other: IntunePolicy, contested: Collection[str]) -> bool:
    """Return whether the tenant's policy already sets all the contested settings for an overlapping audience."""
    if placed.itself is None:
        return False
    keys = placed.itself.keys.keys() & other.keys.keys()
    sets = all(placed.claims[setting] & keys for setting in contested)
    return sets and bool(present_audience(placed.itself).overlaps_with(present_audience(other), via.intune.groups))


def _contested_settings(placed: _DesiredPolicy, other: IntunePolicy, own: KindSettings) -> Mapping[str, Sequence[str]]:
    """Return the settings that two policies set differently, each with the names that the other policy has for it."""
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
    """Return whether two policies may both set a key, because their values are equal or Intune merges the values."""
    return is_merged(key) or (key in values and key in other.values and other.values[key] == values[key])


def _find_present_policy_and_audience(
    via: Via, resource: Desired, own: KindSettings, policies: Sequence[IntunePolicy]
) -> tuple[IntunePolicy | None, Audience]:
    itself = find_present_policy(resource, [other for other in policies if own.holds(other.collection, other.row)])
    return itself, audience_of(via, resource, itself)


def _find_conflicts_between_playbooks(
    via: Via, placed: _DesiredPolicy, earlier: Sequence[_DesiredPolicy], own: KindSettings
) -> Iterator[Doubt]:
    """Yield a doubt for each earlier policy in the playbooks that conflicts with a policy."""
    for other in earlier:
        values, other_values = placed.values(own), other.values(own)
        contested = [
            name
            for name, keys in placed.claims.items()
            if any(keys & claimed for claimed in other.claims.values())
            and (name, values.get(name)) not in other_values.items()
        ]
        if contested and (common := placed.audience.overlaps_with(other.audience, via.intune.groups)):
            audience_text = ", ".join(shared.describe(via.intune.groups) for shared in common)
            reason = (
                f'"{other.desired.address.name}", at {other.desired.origin}, sets it differently for {audience_text}, '
                f"so {_describe_effect(common)}. Use the same value in both, or separate their audiences"
            )
            maybe = all(shared.doubt for shared in common)
            yield Doubt(placed.desired.address.name, contested[0], reason, is_uncertain=maybe)


_EITHER_VALUE = "a device may get either value"


def _describe_effect(common: Sequence[SharedReach]) -> str:
    """Return the effect of a conflict on devices, and the reasons if it is uncertain that the audiences overlap."""
    return ", but ".join(unique([_EITHER_VALUE, *(shared.doubt for shared in common if shared.doubt)]))


def read_policies(via: Via) -> Iterator[IntunePolicy]:
    """Yield every configuration and settings catalogue policy. Raise BadAnswer if a policy hides its settings."""
    for collection, expand in ((CONFIGURATIONS, ASSIGNMENTS), (CATALOGUE, WITH_SETTINGS)):
        yield from via.intune.each(collection, partial(_read_policy, collection), expand=expand)


def _read_policy(collection: str, row: Body) -> IntunePolicy:
    if collection == CATALOGUE and (missing := explain_hidden_settings(row)):
        raise BadAnswer(f"{row.get('name') or row.get('id')}: {missing}")
    return IntunePolicy(collection, row, keys_of(row), values_of(row))


def explain_hidden_settings(row: Body) -> str:
    """Return why Intune did not show all settings of a catalogue policy, or "" if it did."""
    settings, counted = row.get("settings"), row.get("settingCount")
    if not isinstance(settings, list):
        return "its settings were not shown"
    if isinstance(counted, int) and counted > len(settings):
        return f"{len(settings)} of its {counted} settings were shown"
    return ""


def find_present_policy(desired: Desired, policies: Sequence[IntunePolicy]) -> IntunePolicy | None:
    """Return the tenant's policy that a desired object will change. The plan finds the policy in the same way."""
    adopted_names = [name for name in (desired.renamed_from, desired.handling.adopt) if name]
    same_name = [other for other in policies if other.name.casefold() == desired.address.name.casefold()]
    marked = [other for other in same_name if bears_mark_of(other.row, desired.settings)]
    plain = [] if desired.handling.beside else same_name
    adopted = [other for name in adopted_names for other in policies if other.name.casefold() == name.casefold()]
    return next(iter((*marked, *plain, *adopted)), None)


def audience_of(via: Via, desired: Desired, present_policy: IntunePolicy | None) -> Audience:
    """Return the audience that a playbook sets for an object, or the present audience if it sets none."""
    current = present_audience(present_policy) if present_policy else Audience(frozenset(), frozenset())
    ids_by_setting = {
        name: group_ids(entries(desired.settings[name]), via.intune.groups.find_id)
        for name in ("assigned_to", "excluded")
        if name in desired.settings
    }
    included = ids_by_setting.get("assigned_to", current.included)
    return Audience(included, ids_by_setting.get("excluded", current.excluded), current.with_filter & included)


def present_audience(other: IntunePolicy) -> Audience:
    """Return the present audience of a policy. Raise BadAnswer if Intune did not return all its assignments."""
    targets = targets_of(other.row)
    if targets is None:
        raise BadAnswer(f"{other.name}: its assignments were not shown with their filters")
    return Audience.from_targets(targets)


def _describe_conflict(
    via: Via,
    other: IntunePolicy,
    contested: Mapping[str, Sequence[str]],
    common: Sequence[SharedReach],
    own: KindSettings,
    *,
    is_asked: bool,
) -> str:
    setting_names = ", ".join(own.titles.get(setting, setting) for setting in contested)
    definitions = unique(written for names in contested.values() for written in names)
    label = f" (as {', '.join(definitions)})" if other.collection == CATALOGUE else ""
    audience_text = ", ".join(shared.describe(via.intune.groups) for shared in common)
    take = f"adopt it with `adopt: {other.name}`" if own.holds(other.collection, other.row) else "clear it there"
    sets = f'"{other.name}" sets {setting_names} differently for {audience_text}{label}, so {_describe_effect(common)}'
    remedy = _describe_remedy(via, common)
    return f"{sets}. You can {remedy}, or choose" if is_asked else f"{sets}. You can {take}, or {remedy}"


def _describe_remedy(via: Via, common: Sequence[SharedReach]) -> str:
    """Return advice on how to separate two audiences. Excluding a group of people does not exclude their devices."""
    if any(overlap.doubt == MIXED for overlap in common):
        return "have it assigned to groups of people there"
    groups = ", ".join(
        target_name(via.intune.groups, overlap.target) for overlap in common if overlap.target not in EVERYBODY
    )
    return f"have {groups} excluded there" if groups else "have it assigned to another audience there"
