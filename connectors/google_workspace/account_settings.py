"""The settings that reach a Google account: Chrome policies, settings of the admin console, and rules.

A group's policy goes before the policies of units, the group with the highest priority first, and the nearest unit
before the units above it. Follows https://support.google.com/a/answer/9224126
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from connectors.google_workspace.chrome_policy import GROUPS, UNITS
from connectors.google_workspace.kinds.chrome_policy.reading import ResolvedPolicy, read_resolved
from connectors.google_workspace.kinds.chrome_policy.spec import ChromePolicy
from connectors.google_workspace.kinds.chrome_policy.state import is_set_here
from connectors.google_workspace.kinds.chrome_policy.table import INHERITED, SCHEMAS, PolicyName, Schema, split_name
from connectors.google_workspace.kinds.policy_setting import is_for_a_group
from connectors.google_workspace.kinds.policy_setting.raw import RAW, kind_of, name_of
from connectors.google_workspace.kinds.policy_setting.spec import PolicySetting
from connectors.google_workspace.kinds.policy_setting.table import TYPES, Reducer, SettingType, known_name, raw_type
from connectors.google_workspace.marked_policies import reaches as unit_targets
from connectors.google_workspace.policies import type_of, value_of
from connectors.google_workspace.units import ROOT, Unit
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound, ServiceError
from toolkit.sdk import (
    VENDORS_OWN,
    AccountFacts,
    CloudAccount,
    Combination,
    LayeredSettings,
    MailObject,
    NotRead,
    Objects,
    SettingLayer,
    Truth,
    cannot_tell,
    mapping,
    text,
    yes,
)
from toolkit.values import Body, Settings, canonical_text

_CHROME, _RULES, _SETTING = "chrome_policy", "dlp_rule", "policy_setting"
_EVERY_TYPE = "[a-z0-9_]+[.].*"
_ALERTS = "rule.system_defined_alerts"  # Google's own notices to administrators, which reach no account
_BROWSER, _CONSOLE, _PROTECTION = "Chrome", "Admin console", "Data protection"


class GoogleAccountReader:
    """A reader of the settings of a single account."""

    kinds = (_CHROME, _RULES)
    not_read = (
        NotRead("policies of Chromebooks, which follow the unit of the device", "Admin console > Devices > Chrome"),
        NotRead("rules for single mailboxes and their delegates", "Admin console > Directory > Users"),
        NotRead("Chrome policies for groups of apps that no unit manages", "Admin console > Chrome > Apps"),
    )

    def __init__(self, via: GoogleWorkspace) -> None:
        self._via = via
        self._policies: Sequence[Body] | None = None
        self._console_failure = ""

    def find(self, address: str) -> CloudAccount | None:
        """Return the account with an address or another address of it."""
        accounts = self._via.accounts.all().values()
        account = next((account for account in accounts if address.casefold() in account.known_as), None)
        return CloudAccount(account.id, account.address.casefold(), account.unit) if account else None

    def object_names(self, account: CloudAccount) -> Mapping[str, frozenset[str]]:
        """Return the Chrome policies that are set at the account's units, and for groups."""
        names = [*self._names_at_units(account)]
        apps = {split_name(name).app for name in names} - {""}
        return {_CHROME: frozenset([*names, *self._names_at_groups(apps)])}

    def _names_at_units(self, account: CloudAccount) -> Iterator[str]:
        schemas = {schema.full_name: schema for schema in SCHEMAS.values()}
        for unit in self._units(account):
            for row in self._rows_at(UNITS + unit.id):
                if (schema := schemas.get(row.schema)) and schema.for_groups:
                    yield f"{schema.name} {row.app}".strip() + f" @ {unit.path}"

    def _names_at_groups(self, apps: set[str]) -> Iterator[str]:
        for schema in SCHEMAS.values():
            if schema.for_groups:
                for app in sorted(apps) if schema.is_for_one_app else [""]:
                    for group in self._via.chrome.group_order(schema.full_name, app):
                        yield f"{schema.name} {app}".strip() + f" @ group:{self._group_address(group)}"

    def _group_address(self, identifier: str) -> str:
        directory = self._via.directory(people=False, groups=[identifier])
        group = directory.groups.get(identifier)
        return (group.address or identifier).casefold() if group else identifier

    def named_groups(self, account: CloudAccount, objects: Objects) -> frozenset[str]:
        """Return the groups and units that the policies and rules name."""
        chrome = {split_name(entry.name).group for entry in objects.get(_CHROME, ())} - {""}
        covered = {schema.full_name for schema in SCHEMAS.values()}
        rows = [row for unit in self._units(account) for row in self._rows_at(UNITS + unit.id)]
        orders = [self._via.chrome.group_order(row.schema, row.app) for row in rows if row.schema not in covered]
        rules = (unit_targets(rule.name, rule.settings).named_groups for rule in objects.get(_RULES, ()))
        console = {group for policy in self._read_policies() if (group := _group_of(policy))}
        return frozenset(chrome | console).union(*rules, *orders)

    def list_layers(self, facts: AccountFacts) -> Iterator[LayeredSettings]:
        """Yield the settings of Chrome, then the settings of the admin console, then the rules."""
        yield from self._chrome(facts)
        yield from self._uncovered_chrome(facts)
        yield from self._console(facts)
        rules = [_to_rule_layer(rule, facts) for rule in facts.objects.get(_RULES, ())]
        if rules:
            yield LayeredSettings(area=_PROTECTION, title="data protection rule", layers=tuple(rules))

    def _chrome(self, facts: AccountFacts) -> Iterator[LayeredSettings]:
        by_policy: dict[tuple[Schema, str], list[_PlacedPolicy]] = {}
        for entry in facts.objects.get(_CHROME, ()):
            name = split_name(entry.name)
            if name.schema.for_groups and _is_set_here(entry) and (place := self._place(name, facts)):
                by_policy.setdefault((name.schema, name.app), []).append(_PlacedPolicy(*place, entry))
        for (schema, app), placed in sorted(by_policy.items(), key=lambda item: (item[0][0].name, item[0][1])):
            placed.sort(key=lambda policy: policy.rank)
            yield LayeredSettings(
                area=_BROWSER,
                title=f"{schema.title} {app}".strip(),
                layers=tuple(policy.to_layer() for policy in placed),
                combination=Combination.FIRST,
                where=f"Admin console > Devices > Chrome > {schema.console}",
            )

    def _uncovered_chrome(self, facts: AccountFacts) -> Iterator[LayeredSettings]:
        """Yield the Chrome policies at the account's units that toolkit cannot set, with Google's names."""
        covered = {schema.full_name for schema in SCHEMAS.values()}
        rows = [row for unit in self._units(facts.account) for row in self._rows_at(UNITS + unit.id)]
        policies = dict.fromkeys((row.schema, row.app) for row in rows if row.schema not in covered)
        for schema, app in policies:
            groups = [GROUPS + group for group in self._via.chrome.group_order(schema, app)]
            units = [UNITS + unit.id for unit in reversed(self._units(facts.account))]
            layers = [
                layer for target in (*groups, *units) if (layer := self._uncovered_layer(target, schema, app, facts))
            ]
            yield LayeredSettings(
                area=_BROWSER,
                title=f"{schema.removeprefix('chrome.')} {app}".strip(),
                layers=tuple(layers),
                combination=Combination.FIRST,
                where="Admin console > Devices > Chrome",
            )

    def _uncovered_layer(self, target: str, schema: str, app: str, facts: AccountFacts) -> SettingLayer | None:
        row = next((row for row in self._rows_at(target) if (row.schema, row.app) == (schema, app)), None)
        if row is None:
            return None
        identifier = target.partition("/")[2]
        group = target.startswith(GROUPS)
        place = f"group:{self._group_address(identifier)}" if group else self._via.units.unit_by_id(identifier).path
        name = f"{schema.removeprefix('chrome.')} {app}".strip() + f" @ {place}"
        reaches = facts.is_in(identifier) if group else yes(f"the unit {place}")
        return SettingLayer(_CHROME, name, {key: canonical_text(value) for key, value in row.value.items()}, reaches)

    def _units(self, account: CloudAccount) -> Sequence[Unit]:
        return self._via.units.path_to(account.unit)

    def _rows_at(self, target: str) -> Iterator[ResolvedPolicy]:
        """Yield the Chrome policies of people that are set at a unit or for a group itself."""
        for namespace in sorted({schema.namespace for schema in SCHEMAS.values() if schema.for_groups}):
            for row in map(read_resolved, self._via.chrome.effective_policies(target, namespace)):
                if row.source == target:
                    yield row

    def _place(self, name: PolicyName, facts: AccountFacts) -> "tuple[tuple[int, int], Truth] | None":
        """Return the rank of a policy and whether it reaches the account, or None for another unit."""
        if name.group:
            order = [
                self._group_address(group) for group in self._via.chrome.group_order(name.schema.full_name, name.app)
            ]
            at = order.index(name.group) if name.group in order else len(order)
            return (0, at), facts.is_in(name.group)
        unit = self._via.units.unit_at(name.unit)
        return ((1, -unit.depth), yes(f"the unit {unit.path}")) if unit.holds(facts.account.unit) else None

    def _console(self, facts: AccountFacts) -> Iterator[LayeredSettings]:
        by_type: dict[str, list[Body]] = {}
        policies_read = self._read_policies()
        if self._console_failure:
            yield LayeredSettings(
                area=_CONSOLE,
                title="settings",
                layers=(),
                doubt=self._console_failure,
                where="Admin console > Apps > Google Workspace",
            )
        for policy in policies_read:
            if not kind_of(type_of(policy)) and type_of(policy) != _ALERTS:
                by_type.setdefault(type_of(policy), []).append(policy)
        for name, policies in sorted(by_type.items()):
            setting = TYPES.get(known_name(name)) or raw_type(name)
            layers = [layer for policy in policies if (layer := self._console_layer(setting, policy, facts))]
            layers.sort(key=lambda ranked: ranked[0], reverse=True)
            merges = setting.reducer is not Reducer.MAX and any(map(_has_lists, layers))
            if layers:
                yield LayeredSettings(
                    area=_CONSOLE,
                    title=setting.title or name,
                    layers=tuple(layer for _, layer in layers),
                    combination=Combination.ALL if merges else Combination.FIRST,
                    where=" > ".join(filter(None, ("Admin console", setting.console))),
                )

    def _console_layer(
        self, setting: SettingType, policy: Body, facts: AccountFacts
    ) -> tuple[tuple[int, int, float], SettingLayer] | None:
        query = mapping(policy.get("policyQuery"))
        order = float(str(query.get("sortOrder") or 0))
        if is_for_a_group(policy):
            group = _group_of(policy)
            reaches = facts.is_in(group) if group else cannot_tell("a query decides whom the policy reaches")
            return (2, 0, order), _to_console_layer(setting, policy, f"group:{self._group_address(group)}", reaches)
        try:
            unit = self._via.units.unit_by_id(str(query["orgUnit"])) if query.get("orgUnit") else None
        except NotFound:
            return None
        if unit and not unit.holds(facts.account.unit):
            return None
        admin = policy.get("type") != "SYSTEM"
        rank = (1 if admin else 0, unit.depth if unit else 0, order)
        way = f"the unit {unit.path if unit else ROOT}" if admin else VENDORS_OWN
        reaches = (
            yes(way) if "entity.licenses" not in str(query.get("query", "")) else cannot_tell("licences decide it")
        )
        return rank, _to_console_layer(setting, policy, unit.path if unit else ROOT, reaches)

    def _read_policies(self) -> Sequence[Body]:
        """Return the settings of the admin console, or none and the reason in `_console_failure`."""
        if self._policies is None:
            try:
                self._policies = self._via.policies.list_by_type(_EVERY_TYPE)
            except ServiceError as error:
                self._policies, self._console_failure = (), str(error)
        return self._policies


def _is_set_here(entry: MailObject) -> bool:
    """Return whether a policy is set at its target, also after a plan that sets it there or takes it back."""
    if entry.unreadable or not entry.raw or is_set_here(entry.raw):
        return not entry.settings.get(INHERITED)
    before = ChromePolicy.observed(entry.raw)
    return any(value != before.get(name) for name, value in entry.settings.items() if name != INHERITED)


class _PlacedPolicy(NamedTuple):
    rank: tuple[int, int]
    reaches: Truth
    entry: MailObject

    def to_layer(self) -> SettingLayer:
        if self.entry.unreadable:
            return SettingLayer(_CHROME, self.entry.name, {}, cannot_tell(self.entry.unreadable))
        settings = {name: value for name, value in self.entry.settings.items() if name != INHERITED}
        return SettingLayer(_CHROME, self.entry.name, settings, self.reaches)


def _has_lists(ranked: tuple[tuple[int, int, float], SettingLayer]) -> bool:
    return any(isinstance(value, tuple) for value in ranked[1].settings.values())


def _group_of(policy: Body) -> str:
    return text(mapping(policy.get("policyQuery")).get("group")).removeprefix(GROUPS)


def _to_console_layer(setting: SettingType, policy: Body, place: str, reaches: Truth) -> SettingLayer:
    value = value_of(policy)
    worded = {field.wire_name for field in setting.fields}
    raw = {name: content for name, content in value.items() if name not in worded}
    shown = {name: content for name, content in value.items() if name in worded}
    settings = PolicySetting.observed({**shown, **({RAW: raw} if raw else {})})
    return SettingLayer(_SETTING, name_of(type_of(policy), place), _set(settings), reaches)


def _set(settings: Settings) -> Settings:
    return {name: value for name, value in settings.items() if value is not None}


def _to_rule_layer(rule: MailObject, facts: AccountFacts) -> SettingLayer:
    if rule.unreadable:
        return SettingLayer(_RULES, rule.name, {}, cannot_tell(rule.unreadable))
    reaches = facts.reached_by(unit_targets(rule.name, rule.settings))
    return SettingLayer(_RULES, rule.name, {"state": rule.settings.get("state")}, reaches)


ACCOUNT_SETTINGS = GoogleAccountReader
