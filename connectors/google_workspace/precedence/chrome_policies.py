"""The precedence of Chrome policies. The first of a person's groups with a policy applies, otherwise the nearest unit.

A group's policy replaces the policy of the unit, and a unit's policy replaces the policy of the unit above. Lists are
not merged. Follows https://developers.google.com/chrome/policy/reference/rest/v1/customers.policies.groups
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from connectors.google_workspace.chrome_policy import GROUPS, UNITS
from connectors.google_workspace.kinds.chrome_policy import words_at
from connectors.google_workspace.kinds.chrome_policy.reading import ResolvedPolicy, read_resolved
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.chrome_policy.state import State, to_body
from connectors.google_workspace.kinds.chrome_policy.table import INHERITED, NESTING, PolicyName, split_name
from connectors.google_workspace.units import ROOT
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import BadAnswer
from toolkit.sdk import (
    Address,
    Desired,
    EffectiveValue,
    Group,
    Layer,
    LayerConflict,
    LayerPlace,
    MachineSetting,
    PrecedenceInputs,
    SettledValue,
)
from toolkit.values import AtLeast, Settings, effective, entries, satisfied

if TYPE_CHECKING:
    from connectors.google_workspace.kinds.chrome_policy.table import Schema
    from connectors.google_workspace.units import Unit

_GROUP_RANK, _UNIT_RANK = 0, 1
Policy = tuple["Schema", str]
"""A policy, and its app or ""."""


class ChromePrecedence:
    """Reads the units and groups that people are in, and the policies that are set for them."""

    kinds = ("chrome_policy",)
    inherits = True
    nesting = NESTING
    about_place = frozenset({INHERITED})

    def read(self, via: GoogleWorkspace, desired: Sequence[Desired]) -> PrecedenceInputs:
        """Return the policies at all units and groups of the people whom the desired objects reach."""
        return _PrecedenceReader.begin(via, desired).scene()

    def is_set(self, settings: Settings) -> bool:
        """Return whether a policy is set at the target itself, and not inherited."""
        return not settings.get(INHERITED)

    def settings_after_write(self, desired: Settings, before: Settings) -> Settings | None:
        """Return the target's own settings after a change.

        Return None if the target would have no settings of its own.
        """
        unchanged = all(satisfied(value, before.get(name)) for name, value in desired.items())
        if desired.get(INHERITED) or (unchanged and not self.is_set(before)):
            return None
        after = {**before, **{name: effective(value, before.get(name)) for name, value in desired.items()}}
        replaces_values = any(not isinstance(value, AtLeast) for value in desired.values())
        if not replaces_values and not any(value for name, value in after.items() if name != INHERITED):
            return None  # nothing is left, so the target inherits again
        return {name: value for name, value in after.items() if name != INHERITED and value is not None}

    def resolve(self, setting: str, layers: Sequence[Layer]) -> EffectiveValue:
        """Return the value of a setting in the first layer. A setting that the first layer lacks is not set."""
        if not layers:
            return SettledValue(None)
        first = [layer for layer in layers if layer.place.rank == layers[0].place.rank]
        if len(first) > 1:  # groups without policies, whose order the service decides later
            return LayerConflict(tuple(first))
        return SettledValue(layers[0].settings.get(setting), layers[0], tuple(layers[1:]))

    def outranking_policies(self, desired: Desired, machine: Sequence[MachineSetting]) -> Iterator[str]:
        """Yield a warning for each setting that a policy of a Windows computer overrides in Chrome.

        A computer's policy overrides an account's policy with the same name, unless Chrome is set to merge policies.
        Edge does not read Google's policies. Follows https://support.google.com/chrome/a/answer/9037717
        """
        for setting, value in sorted(desired.settings.items()):
            desired_entries = {*entries(value)}
            for machine_setting in machine:
                if (
                    desired_entries
                    and machine_setting.setting == f"chrome_{setting}"
                    and (machine_setting.entries is None or desired_entries - {*machine_setting.entries})
                ):
                    yield _GOES_BEFORE.format(
                        setting=setting,
                        name=machine_setting.name,
                        lacking=_describe_missing(desired_entries, machine_setting),
                    )
        allowed_there = {
            entry
            for machine_setting in machine
            if machine_setting.setting.endswith(_ALLOWLIST)
            for entry in machine_setting.entries or ()
        }
        not_allowed = {*entries(desired.settings.get(_ALLOWLIST))} - allowed_there
        for machine_setting in machine:
            if not machine_setting.setting.endswith(_ALLOWLIST) and not_allowed & {*(machine_setting.entries or ())}:
                yield _STAYS_BLOCKED.format(
                    name=machine_setting.name, browser=machine_setting.setting.partition("_")[0].title()
                )


_ALLOWLIST = "url_allowlist"
_GOES_BEFORE = (
    'on Windows computers, Chrome takes its {setting} from "{name}" of another cloud instead, unless Chrome merges '
    "both policies. {lacking}"
)
_STAYS_BLOCKED = (
    '"{name}" of another cloud blocks the allowed addresses for {browser} on Windows computers, and no list there '
    "allows "
    "them. An exception on only one cloud may have no effect there"
)


def _describe_missing(desired_entries: set[str], machine_setting: MachineSetting) -> str:
    if machine_setting.entries is None:
        return "The entries of that list are unknown"
    missing = len(desired_entries - {*machine_setting.entries})
    return (
        "1 of the school's entries is not in that list"
        if missing == 1
        else f"{missing} of the school's entries are not in that list"
    )


PRECEDENCE = ChromePrecedence()


@dataclass(slots=True)
class _PrecedenceReader:
    """The units, the groups and the order of groups by which the precedence of desired policies is decided."""

    via: GoogleWorkspace
    policy_names: Mapping[Address, PolicyName]
    orders: Mapping[Policy, Sequence[str]]  # ids of groups
    groups: Mapping[str, Group]  # by id
    missing_groups: frozenset[str] = frozenset()  # addresses of groups that do not exist
    units: Mapping[str, Unit] = field(default_factory=dict)  # by path

    @classmethod
    def begin(cls, via: GoogleWorkspace, desired: Sequence[Desired]) -> _PrecedenceReader:
        """Read the order of groups and the members of groups. Policies for devices do not apply to groups."""
        policy_names = {resource.address: split_name(resource.address.name) for resource in desired}
        policies = {(name.schema, name.app) for name in policy_names.values() if name.schema.for_groups}
        ordered = sorted(policies, key=lambda policy: (policy[0].name, policy[1]))
        orders = {(schema, app): via.chrome.group_order(schema.full_name, app) for schema, app in ordered}
        addresses = {name.group for name in policy_names.values() if name.group}
        ids = {identifier for order in orders.values() for identifier in order}
        directory = via.directory(people=False, groups=sorted(addresses | ids))
        if unread := sorted(directory.unknown.keys() - directory.gone):
            raise BadAnswer(f"the members of the group {unread[0]} are unknown: {directory.unknown[unread[0]]}")
        groups = {group.id: group for group in directory.groups.values()}
        if unknown := next(filter(None, (group.unknown_for(NESTING) for group in groups.values())), ""):
            raise BadAnswer(f"the people that a policy applies to are unknown: {unknown}")
        return cls(via, policy_names, orders, groups, frozenset(directory.gone & addresses), via.units.all())

    def scene(self) -> PrecedenceInputs:
        """Return the people with their targets, and each policy at each target once."""
        places = {address: place for address, name in self.policy_names.items() if (place := self._find_place(name))}
        ours = {(place.key, place.included): address for address, place in places.items()}
        empty = {
            self._find_targets_above(name.unit)
            for name in self.policy_names.values()
            if not name.group and name.unit in self.units
        }
        return PrecedenceInputs(self._list_person_targets(), empty, tuple(self._make_layers(ours)), places)

    def _list_person_targets(self) -> Iterator[frozenset[str]]:
        """Yield the targets of each person: the units and groups that the person is in."""
        members = [(GROUPS + group.id, group.members) for group in self.groups.values()]
        units_above = {
            path: self._find_targets_above(path)
            for path in {account.unit for account in self.via.accounts.all().values()}
        }
        for key, account in self.via.accounts.all().items():
            yield units_above[account.unit].union(target for target, people in members if key in people)

    def _find_targets_above(self, path: str) -> frozenset[str]:
        return frozenset(UNITS + unit.id for unit in self.units.values() if unit.holds(path))

    def _find_place(self, name: PolicyName) -> LayerPlace | None:
        """Return the place of a policy's target in the order of precedence, or None if the target does not exist."""
        if name.group:
            group = next((candidate for candidate in self.groups.values() if candidate.address == name.group), None)
            return self._make_group_place(name.schema, name.app, group.id, bare=not name.unit) if group else None
        unit = self.units.get(name.unit)
        return _make_unit_place(name.schema, name.app, unit) if unit else None

    def _make_group_place(self, schema: Schema, app: str, identifier: str, *, bare: bool = False) -> LayerPlace:
        """Return the place of a group in the order of precedence. Groups without a policy come last."""
        order = [*self.orders[schema, app]]
        at = order.index(identifier) if identifier in order else len(order)
        return LayerPlace(_make_policy_key(schema, app), frozenset({GROUPS + identifier}), (_GROUP_RANK, at), bare=bare)

    def _make_layers(self, ours: Mapping[tuple[str, frozenset[str]], Address]) -> Iterator[Layer]:
        for schema, app in dict.fromkeys((name.schema, name.app) for name in self.policy_names.values()):
            rows_by_place: dict[LayerPlace, ResolvedPolicy] = {}
            for row in self._list_effective_policies(schema, app):
                if place := self._find_source_place(schema, app, row):
                    rows_by_place[place] = row
            for place, row in rows_by_place.items():
                address = ours.get((place.key, place.included))
                yield Layer(
                    place,
                    self._make_layer_label(schema, app, row.source),
                    self._read_policy_settings(schema, row),
                    address,
                )

    def _list_effective_policies(self, schema: Schema, app: str) -> Iterator[ResolvedPolicy]:
        """Yield the effective policy at each target.

        If the policy is set at the target itself, also yield the effective policy of the unit above.
        """
        for target in self._list_targets(schema, app):
            at: str | None = target
            while at and (row := self._find_effective_policy(schema, app, at)):
                yield row
                at = self._find_parent_target(at) if row.source == at else None

    def _find_parent_target(self, target: str) -> str | None:
        """Return the target of the unit above a unit, or None for the top unit and for a group."""
        path = next((unit.path for unit in self.units.values() if UNITS + unit.id == target), ROOT)
        return None if path == ROOT else UNITS + self.units[path.rpartition(ROOT)[0] or ROOT].id

    def _find_effective_policy(self, schema: Schema, app: str, target: str) -> ResolvedPolicy | None:
        rows = map(read_resolved, self.via.chrome.effective_policies(target, schema.namespace))
        return next((row for row in rows if (row.schema, row.app) == (schema.full_name, app)), None)

    def _find_source_place(self, schema: Schema, app: str, row: ResolvedPolicy) -> LayerPlace | None:
        identifier = row.source.partition("/")[2]
        if row.source.startswith(GROUPS):
            return self._make_group_place(schema, app, identifier) if identifier in self.groups else None
        unit = next((candidate for candidate in self.units.values() if candidate.id == identifier), None)
        return _make_unit_place(schema, app, unit) if unit else None

    def _list_targets(self, schema: Schema, app: str) -> Iterator[str]:
        """Yield the targets to read for a policy: groups that have it, and units of everyone whom its objects reach."""
        about = [name for name in self.policy_names.values() if (name.schema, name.app) == (schema, app)]
        yield from (GROUPS + group_id for group_id in self.orders.get((schema, app), ()) if group_id in self.groups)
        accounts = self.via.accounts.all()
        addresses = {name.group for name in about}
        members = {key for group in self.groups.values() if group.address in addresses for key in group.members}
        used = {account.unit for account in accounts.values()}
        units = {self.units[name.unit] for name in about if not name.group and name.unit in self.units}
        paths = {path for path in used if any(unit.holds(path) for unit in units)}
        paths |= {accounts[key].unit for key in members if key in accounts}
        paths |= {unit.path for unit in units}
        yield from sorted(UNITS + self.units[path].id for path in paths if path in self.units)

    def _read_policy_settings(self, schema: Schema, row: ResolvedPolicy) -> Settings:
        state = State(row.value, None, set_here=True)
        settings = ChromePolicy.observed(to_body(state, words_at(self.via, schema)))
        return {
            schema_field.name: value
            for schema_field in schema.fields
            if (value := settings[schema_field.name]) is not None
        }

    def _make_layer_label(self, schema: Schema, app: str, source: str) -> str:
        identifier = source.partition("/")[2]
        paths = (unit.path for unit in self.units.values() if unit.id == identifier)
        group = self.groups.get(identifier)
        where = f"group:{group.address or group.name}" if group and source.startswith(GROUPS) else next(paths, source)
        return f"{_make_policy_key(schema, app)} @ {where}"


def _make_unit_place(schema: Schema, app: str, unit: Unit) -> LayerPlace:
    return LayerPlace(_make_policy_key(schema, app), frozenset({UNITS + unit.id}), (_UNIT_RANK, -unit.depth))


def _make_policy_key(schema: Schema, app: str) -> str:
    return f"{schema.name} {app}".strip()
