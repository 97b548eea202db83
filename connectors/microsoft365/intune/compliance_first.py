"""Finds compliance policies that override a device configuration. The strictest of several compliance policies applies.

A setting of the tenant decides about devices without a compliance policy. Follows
https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
"""

import json
import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from connectors.microsoft365.intune.assignments import ALL_DEVICES, ALL_USERS
from connectors.microsoft365.intune.audience import EVERYBODY, Audience, SharedReach
from connectors.microsoft365.intune.client import Groups, Via
from connectors.microsoft365.intune.compliance import COLLECTION, EXPAND, CompliancePolicies
from connectors.microsoft365.intune.conflicts import IntunePolicy, audience_of, find_present_policy, present_audience
from connectors.microsoft365.intune.setting_keys import is_number, is_set
from toolkit.records import dataclass
from toolkit.sdk import Desired, Join, kinds, text
from toolkit.values import Body, Json, effective

# Properties with another name in a compliance policy than in a configuration.
_COMPLIANCE_NAMES = {"passwordMinutesOfInactivityBeforeScreenTimeout": "passwordMinutesOfInactivityBeforeLock"}
_GENERAL = re.compile(r"General(Device)?Configuration$")


STRICTNESS: Mapping[str, int] = {
    "lowSecurityBiometric": 1, "required": 2, "any": 2, "numeric": 3, "atLeastNumeric": 3, "numericComplex": 4,
    "alphabetic": 5, "atLeastAlphabetic": 5, "alphanumeric": 6, "atLeastAlphanumeric": 6, "alphanumericWithSymbols": 7,
}  # fmt: skip
"""The strictness of password types, from the weakest up. Other types cannot be compared.

The order is from PASSWORD_QUALITY in https://developer.android.com/reference/android/app/admin/DevicePolicyManager
"""


@dataclass(frozen=True, slots=True)
class ConfiguredSetting:
    """A setting of a device configuration, with the value in that configuration."""

    setting: str
    wire: str  # the property in Graph
    value: Json
    join: Join  # which of two numbers is stricter


def strictest(join: Join, numbers: Iterable[int]) -> int:
    """Return the number that applies if several policies set one.

    If neither direction is stricter, the highest applies.
    """
    return min(numbers) if join is Join.LOWEST else max(numbers)


def is_weaker(join: Join, number: int, required: int) -> bool:
    """Return whether a number is a weaker requirement than the required number."""
    if join is Join.EQUAL:
        return number != required
    return number != required and strictest(join, (number, required)) == required


@dataclass(frozen=True, slots=True)
class PlannedCompliance:
    """The compliance policies of a platform, as they will be after the run."""

    via: Via
    kind: str
    desired: Sequence[Desired]  # the desired policies of the kind
    deleted_ids: Collection[str]  # ids of policies that the plan deletes

    def policies_of_type(self, odata_type: str) -> Iterator[tuple[str, Body, Audience]]:
        """Yield the name, the properties and the audience of each policy with this type."""
        rows = self.via.intune.all(COLLECTION, expand=EXPAND)
        existing = [
            IntunePolicy(COLLECTION, row, {}, {})
            for row in rows
            if row.get("@odata.type") == f"#microsoft.graph.{odata_type}"
            and text(row.get("id")) not in self.deleted_ids
        ]
        desired_policies = [(resource, find_present_policy(resource, existing)) for resource in self.desired]
        managed = [itself for _, itself in desired_policies if itself]
        yield from (
            (f'"{policy.name}"', policy.row, present_audience(policy)) for policy in existing if policy not in managed
        )
        for resource, itself in desired_policies:
            name = f'"{resource.address.name}", at {resource.origin},'
            yield (
                name,
                self._to_planned_policy(resource, itself.row if itself else {}),
                audience_of(self.via, resource, itself),
            )

    def _to_planned_policy(self, desired: Desired, before: Body) -> Body:
        table = kinds("microsoft365")[self.kind].spec.table()
        settings = [(table[name], value) for name, value in desired.settings.items() if name in table]
        written = {
            setting.wire: setting.form.write(effective(value, None))
            for setting, value in settings
            if "." not in setting.wire
        }
        return {**before, **written}


def requires_less_than(join: Join, values: Sequence[Json], required: Json) -> bool | None:
    """Return whether compliance policies together require less than a configuration. None means unknown."""
    if required in values and not is_number(required):
        return False
    if is_number(required) and all(map(is_number, values)):
        return is_weaker(join, strictest(join, filter(is_number, values)), required)
    strict = [STRICTNESS.get(str(value), 0) for value in (required, *values)]
    if strict[0] and max(strict[1:]) >= strict[0]:
        return False
    return True if all(strict) else None


def weaker_compliance(
    policies: PlannedCompliance, type_name: str, settings: Sequence[ConfiguredSetting], audience: Audience
) -> Iterator[tuple[ConfiguredSetting, str]]:
    """Yield each setting that compliance policies weaken, or may weaken, with the reason.

    If it is uncertain whether a policy reaches a device, the policy counts only if no other policy certainly does. A
    switch that is off requires nothing.
    """
    odata_type, groups = _GENERAL.sub("CompliancePolicy", type_name), policies.via.intune.groups
    all_policies = policies.policies_of_type(odata_type) if settings else ()
    reached = [
        (name, row, common) for name, row, other in all_policies if (common := audience.overlaps_with(other, groups))
    ]
    for setting in settings:
        wire = _COMPLIANCE_NAMES.get(setting.wire, setting.wire)
        with_value = [(name, row.get(wire), common) for name, row, common in reached if is_set(row.get(wire))]
        certain_policies = [policy for policy in with_value if not all(shared.doubt for shared in policy[2])]
        counting = certain_policies or with_value
        less = (
            requires_less_than(setting.join, [value for _, value, _ in counting], setting.value) if counting else False
        )
        if less is not False:
            yield (
                setting,
                _describe_weakening(
                    setting,
                    [policy for policy in counting if _may_apply(setting, policy[1], counting)],
                    groups,
                    requires_less=less,
                ),
            )


_CountedPolicy: TypeAlias = tuple[str, Json, Sequence[SharedReach]]


def _may_apply(setting: ConfiguredSetting, value: Json, counting: Sequence[_CountedPolicy]) -> bool:
    """Return whether a policy's value may apply: the strictest number, or any value that is not a number."""
    numbers = [number for _, number, _ in counting if is_number(number)]
    return len(numbers) < len(counting) or value == strictest(setting.join, numbers)


def _describe_weakening(
    setting: ConfiguredSetting, counting: Sequence[_CountedPolicy], groups: Groups, *, requires_less: bool | None
) -> str:
    names = ", ".join(sorted({name for name, _, _ in counting}))
    values = ", ".join(dict.fromkeys(_format_value(value) for _, value, _ in counting))
    audiences = ", ".join(dict.fromkeys(_describe_overlap(common, groups) for _, _, common in counting))
    value = _format_value(setting.value)
    unknown = "" if requires_less else ". Which of the two requires more is unknown"
    return (
        f"compliance policy {names} has {setting.setting} {values} for {audiences}. A compliance policy takes "
        f"precedence over a configuration, which requires {value}{unknown}. Set the compliance policy to {value} too"
    )


def _format_value(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _describe_overlap(overlaps: Sequence[SharedReach], groups: Groups) -> str:
    return ", ".join(shared.describe(groups) for shared in overlaps)


_TYPES: Mapping[str, Sequence[str]] = {
    "windows": ["windows_compliance_policy"],
    "ios": ["ios_compliance_policy"],
    "ipados": ["ios_compliance_policy"],
    "macos": ["macos_compliance_policy"],
    "android": ["android_work_profile_compliance_policy", "android_fully_managed_compliance_policy"],
}
"""The kinds of policies by the beginning of the operating system's name."""
JUDGING = tuple(dict.fromkeys(kind for names in _TYPES.values() for kind in names))


def devices_without_policy(via: Via, desired: Sequence[Desired], deleted_ids: Collection[str]) -> tuple[int, int, int]:
    """Return the number of devices without a compliance policy, of devices that may have none, and of all devices."""
    audiences = {kind: list(_list_policy_audiences(via, kind, desired, deleted_ids)) for kind in JUDGING}
    counts: Counter[bool | None] = Counter()
    devices = via.intune.devices.all()
    for device in devices:
        system = text(device.get("operatingSystem")).casefold()
        names = next((names for begins, names in _TYPES.items() if system.startswith(begins)), ())
        reached = [
            _reaches(audience, text(device.get("userId")), via.intune.groups)
            for kind in names
            for audience in audiences[kind]
        ]
        counts[True if True in reached else None if None in reached else False] += 1
    return counts[False], counts[None], len(devices)


def has_policies(via: Via, desired: Sequence[Desired], deleted_ids: Collection[str]) -> bool:
    """Return whether any compliance policy will be assigned to anyone after the run."""
    return any(True for kind in JUDGING for _ in _list_policy_audiences(via, kind, desired, deleted_ids))


def _list_policy_audiences(
    via: Via, kind: str, desired: Sequence[Desired], deleted_ids: Collection[str]
) -> Iterator[Audience]:
    endpoint: object = kinds("microsoft365")[kind].endpoint
    if isinstance(endpoint, CompliancePolicies):
        planned = PlannedCompliance(
            via, kind, [resource for resource in desired if resource.address.kind == kind], deleted_ids
        )
        yield from (audience for _, _, audience in planned.policies_of_type(endpoint.type_name))


def _reaches(audience: Audience, user: str, groups: Groups) -> bool | None:
    """Return whether a policy reaches a user's device.

    Return None if this depends on a filter or on a group of devices.
    """
    members_by_group = groups.members_of(sorted((audience.included | audience.excluded) - EVERYBODY))
    if ALL_DEVICES in audience.included:
        return (
            None
            if audience.with_filter or any(members_by_group[target].devices for target in audience.excluded)
            else True
        )
    through = {
        target
        for target in audience.included
        if user and (target == ALL_USERS or user in members_by_group[target].people)
    }
    if through and not any(user in members_by_group[target].people for target in audience.excluded):
        return None if audience.with_filter else True
    return (
        None
        if any(target in members_by_group and members_by_group[target].devices for target in audience.included)
        else False
    )
