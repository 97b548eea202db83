"""What holds at a unit: defaults, Google's own policies, then those of each unit from the top down to it.

Follows https://cloud.google.com/identity/docs/concepts/policy-api-concepts
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from connectors.google_workspace.kinds.policy_setting.table import Reducer, SettingType
from connectors.google_workspace.policies import type_of, value_of
from connectors.google_workspace.units import Unit, Units
from toolkit.sdk.endpoint import mapping, text
from toolkit.values import Body, Json

_GROUPS_ASKED = "entity.groups"
_LICENCES_ASKED = "entity.licenses"
_SYSTEM = -1  # before the layer of the top unit, which is 0


@dataclass(frozen=True, slots=True)
class Effective:
    """The value at one unit, in Google's names, and how many policies could make it another for some people."""

    value: Body
    groups: int  # policies for groups, which are no part of the value
    licences: int  # policies in it that only people with certain licences have


@dataclass(frozen=True, slots=True)
class _Placed:
    layer: int
    order: float
    value: Body
    licensed: bool


def effective(setting: SettingType, policies: Iterable[Body], units: Sequence[Unit]) -> Effective:
    """Work out a setting for the last of the units, which lead down to it; a policy for any other unit is not its."""
    known = [policy for policy in policies if type_of(policy) in setting.names]
    of_groups = [policy for policy in known if is_for_a_group(policy)]
    layers = {unit.policy_id: number for number, unit in enumerate(units)}
    placed = [
        one for policy in known if policy not in of_groups and (one := _placed(setting, policy, layers)) is not None
    ]
    placed.sort(key=lambda one: (one.layer, one.order))
    value: Body = setting.defaults
    if setting.absent and not known:
        value = {field.wire_name: setting.absent for field in setting.fields}
    for number, one in enumerate(placed):
        last = number + 1 == len(placed) or placed[number + 1].layer > one.layer
        if last or setting.reducer is not Reducer.MAX:
            value = _laid(setting, value, one.value)
    return Effective(value, len(of_groups), sum(one.licensed for one in placed))


def elsewhere(
    setting: SettingType, policies: Iterable[Body], units: Units, path: str, apart: Collection[str] = ()
) -> Iterator[tuple[str, Effective]]:
    """Give what holds, of the people of a unit, for those of a unit below with a policy of its own, and for groups.

    `apart` are units about which a playbook asks too.
    """
    known = [policy for policy in policies if type_of(policy) in setting.names]
    place, here = units.at(path), effective(setting, known, units.down_to(path))
    chosen = {text(mapping(policy.get("policyQuery")).get("orgUnit")) for policy in known if not is_for_a_group(policy)}
    for unit in units.all().values():
        if unit.policy_id in chosen and place.holds(unit.path) and unit.path not in {place.path, *apart}:
            yield f"the unit {unit.path}", effective(setting, known, units.down_to(unit.path))
    for policy in filter(is_for_a_group, known):
        group = text(mapping(policy.get("policyQuery")).get("group")) or "of a query"
        yield f"the group {group}", replace(here, value=_laid(setting, here.value, value_of(policy)))


def is_for_a_group(policy: Body) -> bool:
    """Return whether a policy counts for a group, and not for a unit."""
    query = mapping(policy.get("policyQuery"))
    return bool(query.get("group")) or _GROUPS_ASKED in str(query.get("query", ""))


def _placed(setting: SettingType, policy: Body, layers: Mapping[str, int]) -> _Placed | None:
    """Find the layer of a policy: one without a unit is the top unit's, one for a deleted unit is no one's."""
    query = mapping(policy.get("policyQuery"))
    unit = query.get("orgUnit")
    layer = layers.get(str(unit)) if unit else 0
    if layer is None:
        return None
    value = value_of(policy)
    return _Placed(
        _SYSTEM if policy.get("type") == "SYSTEM" and layer == 0 else layer,
        float(str(query.get("sortOrder") or 0)),
        _by_its_name(policy, value) if setting.reducer is Reducer.EACH else value,
        _LICENCES_ASKED in str(query.get("query", "")),
    )


def _by_its_name(policy: Body, value: Body) -> Body:
    """Give an object by its display name, which tells it from others of its type."""
    name = text(value.get("displayName")) or text(policy.get("name"))
    return {name: {field: one for field, one in value.items() if field != "displayName"}}


def _laid(setting: SettingType, below: Body, above: Body) -> Body:
    """Lay one value over another: what the upper one says counts, what it does not say stays."""
    return {**below, **{name: _joined(setting, below.get(name), one) for name, one in above.items()}}


def _joined(setting: SettingType, below: Json, above: Json) -> Json:
    if not isinstance(below, list) or not isinstance(above, list):
        return above
    match setting.reducer:
        case Reducer.MAX | Reducer.EACH:
            return above
        case Reducer.MERGE:
            return [*below, *above]
        case Reducer.MAX_MAP:
            entries = [*below, *above]
            by_key = {str(one.get(setting.key)): one for one in entries if isinstance(one, Mapping)}
            return list(by_key.values())
