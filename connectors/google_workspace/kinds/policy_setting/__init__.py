"""Settings of the admin console, which Google's Policy API shows and does not change."""

from collections.abc import Collection, Iterator, Sequence

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.kinds.policy_setting.raw import (
    RAW,
    check_name,
    check_setting,
    is_raw,
    kind_of,
    name_of,
    split_name,
)
from connectors.google_workspace.kinds.policy_setting.reducing import Effective, effective, elsewhere
from connectors.google_workspace.kinds.policy_setting.spec import (
    POLICIES_FOR_GROUPS,
    POLICIES_FOR_LICENCES,
    PolicySetting,
)
from connectors.google_workspace.kinds.policy_setting.table import SettingType
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.policies import type_of
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound
from toolkit.sdk.endpoint import NamedOnly, ReadOnlyObjects, Wanted, mapping, text
from toolkit.sdk.kind import Doubt, Kind, Lifecycle, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Desired, Observed, Remote, Unreadable
from toolkit.sdk.targets import Scale
from toolkit.values import Body, Settings, satisfied

_EVERY_TYPE = "[a-z0-9_]+[.].*"


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
        policies = via.policies.of(_any_of({name for setting, _unit in known.values() for name in setting.names}))
        for name, (setting, path) in known.items():
            try:
                units = via.units.down_to(path)
            except NotFound as gone:
                reason = f"{gone}; name one that the admin console lists under Directory > Organizational units"
                yield Unreadable(name, name, reason)
                continue
            yield Remote(name, name, _body(setting, effective(setting, policies, units)))

    def by_hand(self, name: str) -> str:
        setting, unit = split_name(name)
        place = " > ".join(filter(None, ("the Admin console", setting.console)))
        return f"{name}: no API of Google's sets this; set it in {place}, with {unit} chosen"


def names_there(via: GoogleWorkspace) -> Iterator[str]:
    """Name each setting at each unit where an administrator chose something; Google's own policies are left out."""
    units = {unit.policy_id: path for path, unit in via.units.all().items()}
    found = [policy for policy in via.policies.of(_EVERY_TYPE) if policy.get("type") == "ADMIN"]
    places = {(type_of(policy), text(mapping(policy.get("policyQuery")).get("orgUnit"))) for policy in found}
    names = {name_of(setting, units[unit]) for setting, unit in places if unit in units and not kind_of(setting)}
    return iter(sorted(names))


def unknown_fields(observed: Observed, wanted: Settings) -> str | None:
    """Say which fields by Google's names Google does not show, and which it shows: one is misspelt, or was removed."""
    shown = [name for name, value in observed.settings.items() if value is not None]
    missing = [name for name, value in wanted.items() if is_raw(name) and value is not None and name not in shown]
    if not missing:
        return None
    has = f"it shows: {', '.join(sorted(shown))}" if shown else "it shows nothing of this setting"
    return f"Google shows no field {', '.join(missing)} here, so the name is wrong or the value was removed; {has}"


def _not_everywhere(via: GoogleWorkspace, desired: Sequence[Desired], _going: Collection[str]) -> Iterator[Doubt]:
    """Name the units below and the groups for which a policy of theirs says something else."""
    asked = {one.address.name: split_name(one.address.name) for one in desired}
    policies = via.policies.of(_any_of({name for setting, _unit in asked.values() for name in setting.names}))
    for one in desired:
        setting, path = asked[one.address.name]
        apart = [unit for other, unit in asked.values() if other.name == setting.name]
        for place, found in elsewhere(setting, policies, via.units, path, apart):
            shown = PolicySetting.observed(_body(setting, found))
            if differing := [name for name, wanted in one.settings.items() if not satisfied(wanted, shown.get(name))]:
                why = f"{', '.join(differing)} differs for {place}"
                yield Doubt(one.address.name, differing[0], why, beside=True, whole=False)


def _body(setting: SettingType, found: Effective) -> Body:
    """Give the fields that have words by Google's names, and those that have none apart."""
    worded = {field.wire_name for field in setting.fields}
    raw = {name: value for name, value in found.value.items() if name not in worded}
    return {
        **{name: value for name, value in found.value.items() if name in worded},
        **({RAW: raw} if raw else {}),
        POLICIES_FOR_GROUPS: found.groups,
        POLICIES_FOR_LICENCES: found.licences,
    }


def _any_of(types: Collection[str]) -> str:
    """Write an expression for these types."""
    return f"({'|'.join(sorted(types)).replace('.', '[.]')})"


KIND = Kind(
    name="policy_setting",
    title="setting of the admin console",
    plural="settings",
    spec=PolicySetting,
    endpoint=PolicySettings(),
    reference="https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings",
    reach=Scale.UNIT,
    permissions=Permissions(needs("cloudidentity.policies.list", "directory.orgunits.list")),
    whole=False,
    read_only=True,
    conflicts=_not_everywhere,
    logged=ADMIN,
    sample="""\
- google_workspace.policy_setting: security.password @ /Staff
  minimum_length: 12
  allowed_strength: STRONG
""",
    names=NameRules(check=check_name, check_setting=check_setting, not_looked_for="policies for groups"),
    lifecycle=Lifecycle(promotion=unknown_fields),
    names_there=names_there,
)
