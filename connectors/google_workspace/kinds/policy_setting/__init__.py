"""Settings of the admin console. Google's Policy API shows them but cannot change them.

The effective value at a unit follows https://cloud.google.com/identity/docs/concepts/policy-api-concepts
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial

from connectors.google_workspace.audit_log import ADMIN
from connectors.google_workspace.kind_tables import refusal_of
from connectors.google_workspace.kinds.policy_setting.raw import (
    RAW,
    check_setting,
    is_raw,
    kind_of,
    name_of,
    split_name,
)
from connectors.google_workspace.kinds.policy_setting.spec import (
    POLICIES_FOR_GROUPS,
    POLICIES_FOR_LICENCES,
    PolicySetting,
)
from connectors.google_workspace.kinds.policy_setting.table import Reducer, SettingType
from connectors.google_workspace.permissions import needs
from connectors.google_workspace.policies import type_of, value_of
from connectors.google_workspace.units import Unit, Units
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.errors import NotFound
from toolkit.records import dataclass
from toolkit.sdk import (
    Desired,
    Doubt,
    EffectArea,
    Kind,
    Lifecycle,
    NamedOnly,
    NameRules,
    ObjectEffects,
    Observed,
    Permissions,
    ReadOnlyObjects,
    ReadScope,
    Remote,
    Scale,
    Unreadable,
    mapping,
    text,
)
from toolkit.values import Body, Json, Settings, satisfied

_GROUPS_IN_QUERY = "entity.groups"
_LICENCES_IN_QUERY = "entity.licenses"
_SYSTEM = -1  # before the layer of the top unit, which is 0


@dataclass(frozen=True, slots=True)
class Effective:
    """The effective value of a setting at a unit, with Google's names, and the number of policies for groups."""

    value: Body
    groups: int  # policies for groups, which are not part of the value
    licences: int  # policies in the value that apply only to people with certain licences


@dataclass(frozen=True, slots=True)
class _LayeredPolicy:
    layer: int
    order: float
    value: Body
    licensed: bool


def effective(setting: SettingType, policies: Iterable[Body], units: Sequence[Unit]) -> Effective:
    """Return the effective value of a setting at the last of the units. The units lead down from the top unit."""
    own_policies = [policy for policy in policies if type_of(policy) in setting.names]
    group_policies = [policy for policy in own_policies if is_for_a_group(policy)]
    layers = {unit.policy_id: number for number, unit in enumerate(units)}
    layered = [
        layered_policy
        for policy in own_policies
        if policy not in group_policies and (layered_policy := _assign_to_layer(setting, policy, layers)) is not None
    ]
    layered.sort(key=lambda layered_policy: (layered_policy.layer, layered_policy.order))
    value: Body = setting.defaults
    if setting.absent and not own_policies:
        value = {field.wire_name: setting.absent for field in setting.fields}
    for number, layered_policy in enumerate(layered):
        is_last = number + 1 == len(layered) or layered[number + 1].layer > layered_policy.layer
        if is_last or setting.reducer is not Reducer.MAX:
            value = _override_fields(setting, value, layered_policy.value)
    return Effective(value, len(group_policies), sum(layered_policy.licensed for layered_policy in layered))


def differing_places(
    setting: SettingType, policies: Iterable[Body], units: Units, path: str, apart: Collection[str] = ()
) -> Iterator[tuple[str, Effective]]:
    """Yield each unit below a unit and each group that has its own policy, with the effective value there.

    The units in `apart` are left out, because a playbook names them separately.
    """
    own_policies = [policy for policy in policies if type_of(policy) in setting.names]
    place, at_unit = units.unit_at(path), effective(setting, own_policies, units.path_to(path))
    units_with_policy = {
        text(mapping(policy.get("policyQuery")).get("orgUnit")) for policy in own_policies if not is_for_a_group(policy)
    }
    for unit in units.all().values():
        if unit.policy_id in units_with_policy and place.holds(unit.path) and unit.path not in {place.path, *apart}:
            yield f"the unit {unit.path}", effective(setting, own_policies, units.path_to(unit.path))
    for policy in filter(is_for_a_group, own_policies):
        group = text(mapping(policy.get("policyQuery")).get("group")) or "defined by a query"
        yield f"the group {group}", replace(at_unit, value=_override_fields(setting, at_unit.value, value_of(policy)))


def is_for_a_group(policy: Body) -> bool:
    """Return whether a policy applies to a group instead of a unit."""
    query = mapping(policy.get("policyQuery"))
    return bool(query.get("group")) or _GROUPS_IN_QUERY in str(query.get("query", ""))


def _assign_to_layer(setting: SettingType, policy: Body, layers: Mapping[str, int]) -> _LayeredPolicy | None:
    """Return a policy with the number of its unit in the path, or None if its unit is not in the path.

    A policy without a unit belongs to the top unit.
    """
    query = mapping(policy.get("policyQuery"))
    unit = query.get("orgUnit")
    layer = layers.get(str(unit)) if unit else 0
    if layer is None:
        return None
    value = value_of(policy)
    return _LayeredPolicy(
        _SYSTEM if policy.get("type") == "SYSTEM" and layer == 0 else layer,
        float(str(query.get("sortOrder") or 0)),
        _index_by_name(policy, value) if setting.reducer is Reducer.EACH else value,
        _LICENCES_IN_QUERY in str(query.get("query", "")),
    )


def _index_by_name(policy: Body, value: Body) -> Body:
    """Return a table with one object under its display name, which identifies the object among objects of its type."""
    name = text(value.get("displayName")) or text(policy.get("name"))
    return {name: {field: field_value for field, field_value in value.items() if field != "displayName"}}


def _override_fields(setting: SettingType, below: Body, above: Body) -> Body:
    """Return the value below with the fields of the value above, which override it."""
    return {
        **below,
        **{name: _combine_values(setting, below.get(name), upper_value) for name, upper_value in above.items()},
    }


def _combine_values(setting: SettingType, below: Json, above: Json) -> Json:
    if not isinstance(below, list) or not isinstance(above, list):
        return above
    match setting.reducer:
        case Reducer.MAX | Reducer.EACH:
            return above
        case Reducer.MERGE:
            return [*below, *above]
        case Reducer.MAX_MAP:
            entries = [*below, *above]
            by_key = {str(entry.get(setting.key)): entry for entry in entries if isinstance(entry, Mapping)}
            return list(by_key.values())


_EVERY_TYPE = "[a-z0-9_]+[.].*"


class PolicySettings(ReadOnlyObjects):
    """Reads settings of the admin console, which no API can change."""

    def read(self, via: GoogleWorkspace, selection: ReadScope) -> Iterator[Remote | Unreadable]:
        """Yield the selected settings. A setting is unknown if its unit does not exist."""
        names = sorted(selection.names) if isinstance(selection, NamedOnly) else []
        settings: dict[str, tuple[SettingType, str]] = {}
        for name in names:
            try:
                settings[name] = split_name(name)
            except ValueError as invalid_name:
                yield Unreadable(name, name, str(invalid_name))
        if not settings:
            return
        policies = via.policies.list_by_type(
            _make_type_pattern({name for setting, _unit in settings.values() for name in setting.names})
        )
        for name, (setting, path) in settings.items():
            try:
                units = via.units.path_to(path)
            except NotFound as gone:
                reason = f"{gone}. Use a unit that the admin console lists under Directory > Organizational units"
                yield Unreadable(name, name, reason)
                continue
            yield Remote(name, name, _to_body(setting, effective(setting, policies, units)))

    def by_hand(self, name: str) -> str:
        setting, unit = split_name(name)
        place = " > ".join(filter(None, ("the Admin console", setting.console)))
        return f"{name}: no Google API sets this. Set it in {place}, with {unit} selected"


def names_there(via: GoogleWorkspace) -> Iterator[str]:
    """Yield the settings that an administrator has set, with their units. Policies of Google itself are left out."""
    units = {unit.policy_id: path for path, unit in via.units.all().items()}
    admin_policies = [policy for policy in via.policies.list_by_type(_EVERY_TYPE) if policy.get("type") == "ADMIN"]
    places = {(type_of(policy), text(mapping(policy.get("policyQuery")).get("orgUnit"))) for policy in admin_policies}
    names = {name_of(setting, units[unit]) for setting, unit in places if unit in units and not kind_of(setting)}
    return iter(sorted(names))


def describe_unknown_fields(observed: Observed, desired: Settings) -> str | None:
    """Return a message that names the desired fields that Google does not show, or None if it shows all of them."""
    shown_fields = [name for name, value in observed.settings.items() if value is not None]
    missing = [
        name for name, value in desired.items() if is_raw(name) and value is not None and name not in shown_fields
    ]
    if not missing:
        return None
    shown_text = (
        f"Google shows: {', '.join(sorted(shown_fields))}" if shown_fields else "Google shows no fields of this setting"
    )
    return (
        f"Google shows no field {', '.join(missing)} here, so the name is wrong or the value was removed. {shown_text}"
    )


def _find_differing_places(
    via: GoogleWorkspace, desired: Sequence[Desired], _deleted_ids: Collection[str]
) -> Iterator[Doubt]:
    """Yield a doubt for each unit below and each group whose own policy differs from the playbook."""
    places = {resource.address.name: split_name(resource.address.name) for resource in desired}
    policies = via.policies.list_by_type(
        _make_type_pattern({name for setting, _unit in places.values() for name in setting.names})
    )
    for resource in desired:
        setting, path = places[resource.address.name]
        named_units = [unit for other, unit in places.values() if other.name == setting.name]
        for place, setting_there in differing_places(setting, policies, via.units, path, named_units):
            observed = PolicySetting.observed(_to_body(setting, setting_there))
            if differing := [
                name for name, value in resource.settings.items() if not satisfied(value, observed.get(name))
            ]:
                why = f"{', '.join(differing)} differs for {place}"
                yield Doubt(resource.address.name, differing[0], why, only_beside_other=True, whole=False)


def _to_body(setting: SettingType, effective_setting: Effective) -> Body:
    """Return the fields of a setting with Google's names.

    Fields that the table does not have are under a separate key.
    """
    worded = {field.wire_name for field in setting.fields}
    raw = {name: value for name, value in effective_setting.value.items() if name not in worded}
    return {
        **{name: value for name, value in effective_setting.value.items() if name in worded},
        **({RAW: raw} if raw else {}),
        POLICIES_FOR_GROUPS: effective_setting.groups,
        POLICIES_FOR_LICENCES: effective_setting.licences,
    }


def _make_type_pattern(types: Collection[str]) -> str:
    """Return a regular expression that matches these types of settings."""
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
    conflicts=_find_differing_places,
    logged=ADMIN,
    sample="""\
- google_workspace.policy_setting: security.password @ /Staff
  minimum_length: 12
  allowed_strength: STRONG
""",
    names=NameRules(
        check=partial(refusal_of, split_name), check_setting=check_setting, not_looked_for="policies for groups"
    ),
    lifecycle=Lifecycle(promotion=describe_unknown_fields),
    names_there=names_there,
    stops=ObjectEffects(area=EffectArea.ACCOUNTS),
)
