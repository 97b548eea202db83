"""Compliance policies that go before a configuration: of several the strictest counts, whatever a configuration says.

Behind them all is the tenant's own setting, which counts for the devices that no policy reaches. Follows https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
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
from connectors.microsoft365.intune.conflicts import IntunePolicy, audience_now, audience_of, find_itself
from connectors.microsoft365.intune.setting_keys import is_number, is_set
from toolkit.records import dataclass
from toolkit.sdk import Desired, Join, kinds, text
from toolkit.values import Body, Json, effective

# What a compliance policy calls otherwise than a configuration.
_CALLED = {"passwordMinutesOfInactivityBeforeScreenTimeout": "passwordMinutesOfInactivityBeforeLock"}
_GENERAL = re.compile(r"General(Device)?Configuration$")


_STRICTNESS: Mapping[str, int] = {
    "lowSecurityBiometric": 1, "required": 2, "any": 2, "numeric": 3, "atLeastNumeric": 3, "numericComplex": 4,
    "alphabetic": 5, "atLeastAlphabetic": 5, "alphanumeric": 6, "atLeastAlphanumeric": 6, "alphanumericWithSymbols": 7,
}  # fmt: skip
"""How strict the types of passwords are, from the weakest on; a type that is not here cannot be compared.

The order is that of PASSWORD_QUALITY in https://developer.android.com/reference/android/app/admin/DevicePolicyManager
"""


@dataclass(frozen=True, slots=True)
class AskedSetting:
    """A value that a configuration asks for."""

    setting: str
    wire: str  # the property of Graph
    value: Json
    join: Join  # which of two numbers is the stricter


def strictest(join: Join, numbers: Iterable[int]) -> int:
    """Return which of several numbers counts; of those of which neither end is the stricter, the highest."""
    return min(numbers) if join is Join.LOWEST else max(numbers)


def is_weaker(join: Join, number: int, asked: int) -> bool:
    """Return whether a number asks for less than another."""
    if join is Join.EQUAL:
        return number != asked
    return number != asked and strictest(join, (number, asked)) == asked


@dataclass(frozen=True, slots=True)
class PlannedCompliance:
    """The compliance policies of one platform as they are once a plan is carried out."""

    via: Via
    kind: str
    wanted: Sequence[Desired]  # of the kind, that the playbooks ask for
    going: Collection[str]  # ids of those that are deleted

    def each(self, odata_type: str) -> Iterator[tuple[str, Body, Audience]]:
        """Give what each is called, what it has, and for whom it is."""
        rows = self.via.intune.all(COLLECTION, expand=EXPAND)
        there = [
            IntunePolicy(COLLECTION, row, {}, {})
            for row in rows
            if row.get("@odata.type") == f"#microsoft.graph.{odata_type}" and text(row.get("id")) not in self.going
        ]
        ours = [(one, find_itself(one, there)) for one in self.wanted]
        taken = [itself for _, itself in ours if itself]
        yield from ((f'"{one.name}"', one.row, audience_now(one)) for one in there if one not in taken)
        for one, itself in ours:
            name = f'"{one.address.name}", at {one.origin},'
            yield name, self._written(one, itself.row if itself else {}), audience_of(self.via, one, itself)

    def _written(self, desired: Desired, before: Body) -> Body:
        table = kinds("microsoft365")[self.kind].spec.table()
        known = [(table[name], value) for name, value in desired.settings.items() if name in table]
        written = {one.wire: one.form.write(effective(value, None)) for one, value in known if "." not in one.wire}
        return {**before, **written}


def asks_less(join: Join, values: Sequence[Json], asked: Json) -> bool | None:
    """Return whether policies together ask for less than a configuration; None where that cannot be compared."""
    if asked in values and not is_number(asked):
        return False
    if is_number(asked) and all(map(is_number, values)):
        return is_weaker(join, strictest(join, filter(is_number, values)), asked)
    strict = [_STRICTNESS.get(str(value), 0) for value in (asked, *values)]
    if strict[0] and max(strict[1:]) >= strict[0]:
        return False
    return True if all(strict) else None


def weaker_compliance(
    policies: PlannedCompliance, type_name: str, asked: Sequence[AskedSetting], audience: Audience
) -> Iterator[tuple[AskedSetting, str]]:
    """Give each setting of which devices are, or may be, asked less, with the reason.

    A policy that only may reach the devices counts last. A switch that a compliance policy has off asks for nothing.
    """
    odata_type, groups = _GENERAL.sub("CompliancePolicy", type_name), policies.via.intune.groups
    every = policies.each(odata_type) if asked else ()
    reached = [(name, row, common) for name, row, other in every if (common := audience.common(other, groups))]
    for one in asked:
        wire = _CALLED.get(one.wire, one.wire)
        asking = [(name, row.get(wire), common) for name, row, common in reached if is_set(row.get(wire))]
        certain = [each for each in asking if not all(shared.maybe for shared in each[2])]
        counting = certain or asking
        less = asks_less(one.join, [value for _, value, _ in counting], one.value) if counting else False
        if less is not False:
            yield one, _reason(one, [each for each in counting if _counts(one, each[1], counting)], groups, less=less)


_Counting: TypeAlias = tuple[str, Json, Sequence[SharedReach]]


def _counts(asked: AskedSetting, value: Json, counting: Sequence[_Counting]) -> bool:
    """Return whether a number is the strictest of all; of other values each may count."""
    numbers = [number for _, number, _ in counting if is_number(number)]
    return len(numbers) < len(counting) or value == strictest(asked.join, numbers)


def _reason(asked: AskedSetting, counting: Sequence[_Counting], groups: Groups, *, less: bool | None) -> str:
    names = ", ".join(sorted({name for name, _, _ in counting}))
    values = ", ".join(dict.fromkeys(_value_text(value) for _, value, _ in counting))
    whom = ", ".join(dict.fromkeys(_words(common, groups) for _, _, common in counting))
    value = _value_text(asked.value)
    unknown = "" if less else "; which of the two asks for more is unknown"
    return (
        f"compliance policy {names} has {asked.setting} {values} for {whom}, and a compliance policy goes before "
        f"a configuration, which asks for {value}{unknown}: ask for {value} there too"
    )


def _value_text(value: Json) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _words(common: Sequence[SharedReach], groups: Groups) -> str:
    return ", ".join(shared.words(groups) for shared in common)


_TYPES: Mapping[str, Sequence[str]] = {
    "windows": ["windows_compliance_policy"],
    "ios": ["ios_compliance_policy"],
    "ipados": ["ios_compliance_policy"],
    "macos": ["macos_compliance_policy"],
    "android": ["android_work_profile_compliance_policy", "android_fully_managed_compliance_policy"],
}
"""The kinds of policies for the devices whose system's name begins so."""
JUDGING = tuple(dict.fromkeys(kind for names in _TYPES.values() for kind in names))


def devices_without_policy(via: Via, wanted: Sequence[Desired], going: Collection[str]) -> tuple[int, int, int]:
    """Count the devices that no compliance policy reaches, those of which that is not known, and all."""
    audiences = {kind: list(_audiences(via, kind, wanted, going)) for kind in JUDGING}
    found: Counter[bool | None] = Counter()
    devices = via.intune.devices.all()
    for device in devices:
        system = text(device.get("operatingSystem")).casefold()
        names = next((names for begins, names in _TYPES.items() if system.startswith(begins)), ())
        reached = [
            _reaches(one, text(device.get("userId")), via.intune.groups) for kind in names for one in audiences[kind]
        ]
        found[True if True in reached else None if None in reached else False] += 1
    return found[False], found[None], len(devices)


def has_policies(via: Via, wanted: Sequence[Desired], going: Collection[str]) -> bool:
    """Return whether there is a compliance policy, for whomever it is."""
    return any(True for kind in JUDGING for _ in _audiences(via, kind, wanted, going))


def _audiences(via: Via, kind: str, wanted: Sequence[Desired], going: Collection[str]) -> Iterator[Audience]:
    endpoint: object = kinds("microsoft365")[kind].endpoint
    if isinstance(endpoint, CompliancePolicies):
        planned = PlannedCompliance(via, kind, [one for one in wanted if one.address.kind == kind], going)
        yield from (audience for _, _, audience in planned.each(endpoint.type_name))


def _reaches(audience: Audience, user: str, groups: Groups) -> bool | None:
    """Return whether a policy reaches a device of a user; None where a filter or a group of devices may decide it."""
    held = groups.held(sorted((audience.included | audience.excluded) - EVERYBODY))
    if ALL_DEVICES in audience.included:
        return None if audience.filtered or any(held[one].devices for one in audience.excluded) else True
    through = {one for one in audience.included if user and (one == ALL_USERS or user in held[one].people)}
    if through and not any(user in held[one].people for one in audience.excluded):
        return None if audience.filtered else True
    return None if any(one in held and held[one].devices for one in audience.included) else False
