"""Reads what holds for each named setting at its unit: one list of policies for all of them, one of units."""

from collections.abc import Collection, Iterator

from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.policy_setting.names import split_name
from connectors.google_workspace.kinds.policy_setting.reducing import effective
from connectors.google_workspace.kinds.policy_setting.rows import SettingType
from connectors.google_workspace.kinds.policy_setting.table import TYPES
from connectors.google_workspace.policy_values import type_of
from toolkit.errors import NotFound
from toolkit.sdk.endpoint import NamedOnly, ReadOnlyObjects, Wanted
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.shapes import mapping, text

POLICIES_FOR_GROUPS = "policies for groups"
POLICIES_FOR_LICENCES = "policies for licences"


class PolicySettings(ReadOnlyObjects):
    """The settings of the console; nothing of them can be written."""

    def read(self, via: GoogleWorkspace, wanted: Wanted) -> Iterator[Remote | Unreadable]:
        """Read the named ones; a unit that is not there makes the setting at it unknown."""
        names = sorted(wanted.names) if isinstance(wanted, NamedOnly) else []
        known: dict[str, tuple[SettingType, str]] = {}
        for name in names:
            try:
                known[name] = split_name(name)
            except ValueError as wrong:
                yield Unreadable(name, name, str(wrong))
        if not known:
            return
        policies = via.policies.of(_any_of({setting.name for setting, _unit in known.values()}))
        for name, (setting, path) in known.items():
            try:
                units = via.units.down_to(path)
            except NotFound as gone:
                reason = f"{gone}; name one that the admin console lists under Directory > Organizational units"
                yield Unreadable(name, name, reason)
                continue
            found = effective(setting, policies, units)
            beside = {POLICIES_FOR_GROUPS: found.groups, POLICIES_FOR_LICENCES: found.licences}
            yield Remote(name, name, {**found.value, **beside})

    def by_hand(self, name: str) -> str:
        setting, unit = split_name(name)
        return (
            f"{name}: no API of Google's sets this; set it in the Admin console > {setting.console}, with {unit} chosen"
        )


def names_there(via: GoogleWorkspace) -> Iterator[str]:
    """Name each setting at each unit where somebody chose something; Google's own policies are nobody's choice."""
    units = {unit.policy_id: path for path, unit in via.units.all().items()}
    found = [policy for policy in via.policies.of(_any_of(TYPES)) if policy.get("type") == "ADMIN"]
    places = {(type_of(policy), text(mapping(policy.get("policyQuery")).get("orgUnit"))) for policy in found}
    return (f"{setting} @ {units[unit]}" for setting, unit in sorted(places) if unit in units)


def _any_of(types: Collection[str]) -> str:
    """Write an expression for these types."""
    return f"({'|'.join(sorted(types)).replace('.', '[.]')})"
