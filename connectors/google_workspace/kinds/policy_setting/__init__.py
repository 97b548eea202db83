"""Settings of the admin console, which Google's Policy API shows and takes from nobody."""

from collections.abc import Collection, Iterable, Iterator, Sequence
from typing import Any

from pydantic import create_model

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.kinds.policy_setting.fields import declared
from connectors.google_workspace.kinds.policy_setting.names import check_name, check_setting, split_name
from connectors.google_workspace.kinds.policy_setting.reducing import effective
from connectors.google_workspace.kinds.policy_setting.rows import PolicyField, SettingType
from connectors.google_workspace.kinds.policy_setting.table import TYPES
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.policy_values import type_of
from toolkit.errors import NotFound
from toolkit.sdk.endpoint import NamedOnly, ReadOnlyObjects, Wanted
from toolkit.sdk.kind import Kind, NameRules
from toolkit.sdk.permission import Permissions
from toolkit.sdk.resource import Remote, Unreadable
from toolkit.sdk.shapes import mapping, text
from toolkit.sdk.spec import Spec

_ABOUT = """What the admin console holds for a unit, compared and reported; no API of Google's sets it."""


def made_from(types: Iterable[SettingType]) -> type[Spec]:
    """Make the spec; a field that several settings have is one field of all of them."""
    groups = tuple(_groups(types))
    # Pydantic lists the fields of the last of its bases first.
    return create_model("PolicySetting", __base__=groups[::-1], __doc__=_ABOUT, __module__=__name__)


def _groups(types: Iterable[SettingType]) -> Iterator[type[Spec]]:
    fields: dict[str, PolicyField] = {}
    owners: dict[str, list[SettingType]] = {}
    for one in types:
        for field in one.fields:
            if fields.setdefault(field.name, field) != field:
                raise ValueError(f"{one.name}: another setting has another field that is called {field.name}")
            owners.setdefault(field.name, []).append(one)
    together: dict[tuple[str, ...], list[str]] = {}
    for name, having in owners.items():
        together.setdefault(tuple(one.name for one in having), []).append(name)
    for names in together.values():
        yield _group(owners[names[0]], [fields[name] for name in names])


def _group(owners: Sequence[SettingType], fields: Iterable[PolicyField]) -> type[Spec]:
    title = "; ".join(dict.fromkeys(one.title for one in owners))
    places = "; ".join(dict.fromkeys(one.console for one in owners))
    about = f"Of {', '.join(f'`{one.name}`' for one in owners)}; Admin console > {places}."
    definitions: dict[str, Any] = {field.name: declared(field) for field in fields}
    return create_model(title, __base__=Spec, __doc__=about, __module__=__name__, **definitions)


PolicySetting = made_from(TYPES.values())


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


KIND = Kind(
    name="policy_setting",
    title="setting of the admin console",
    spec=PolicySetting,
    endpoint=PolicySettings(),
    reference="https://cloud.google.com/identity/docs/concepts/supported-policy-api-settings",
    permissions=Permissions(needs("cloudidentity.policies.list", "directory.orgunits.list")),
    whole=False,
    read_only=True,
    logged=ADMIN,
    sample="""\
- google_workspace.policy_setting: security.password @ /Staff
  minimum_length: 12
  allowed_strength: STRONG
""",
    names=NameRules(check=check_name, check_setting=check_setting, not_looked_for="policies for groups"),
    names_there=names_there,
)
