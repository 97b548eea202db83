"""Compliance policies that go before a configuration: of several the strictest counts, whatever a configuration says.

Follows https://learn.microsoft.com/intune/intune-service/configuration/device-profile-troubleshoot
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from connectors.microsoft365.intune.assignments import targets_of
from connectors.microsoft365.intune.audience import Audience, SharedReach
from connectors.microsoft365.intune.client import Groups, Via
from connectors.microsoft365.intune.compliance import COLLECTION, EXPAND
from connectors.microsoft365.intune.setting_keys import is_number
from toolkit.errors import BadAnswer
from toolkit.sdk.spec import Join
from toolkit.values import Body

# What a compliance policy calls otherwise than a configuration.
_CALLED = {"passwordMinutesOfInactivityBeforeScreenTimeout": "passwordMinutesOfInactivityBeforeLock"}
_GENERAL = re.compile(r"General(Device)?Configuration$")


@dataclass(frozen=True, slots=True)
class AskedNumber:
    """A number that a configuration asks for."""

    setting: str
    wire: str  # the property of Graph
    value: int
    join: Join  # which of two numbers is the stricter


def strictest(join: Join, numbers: Iterable[int]) -> int:
    """Return which of several numbers counts; of those of which neither end is the stricter, the highest."""
    return min(numbers) if join is Join.LOWEST else max(numbers)


def is_weaker(join: Join, number: int, asked: int) -> bool:
    """Return whether a number asks for less than another."""
    if join is Join.EQUAL:
        return number != asked
    return number != asked and strictest(join, (number, asked)) == asked


def weaker_compliance(
    via: Via, type_name: str, asked: Sequence[AskedNumber], audience: Audience
) -> Iterator[tuple[AskedNumber, str]]:
    """Give each number of which devices are asked less, with the reason; what only may reach them counts last."""
    reached = list(_reaching(via, _GENERAL.sub("CompliancePolicy", type_name), audience)) if asked else []
    for one in asked:
        name = _CALLED.get(one.wire, one.wire)
        asking = [(row, common) for row, common in reached if is_number(row.get(name))]
        certain = [(row, common) for row, common in asking if not all(shared.maybe for shared in common)]
        whom_of = {row_name(row): _words(common, via.intune.groups) for row, common in certain or asking}
        values = {row_name(row): row.get(name) for row, _ in certain or asking}
        found = {called: value for called, value in values.items() if is_number(value)}
        if found and is_weaker(one.join, counts := strictest(one.join, found.values()), one.value):
            names = ", ".join(f'"{name}"' for name, value in sorted(found.items()) if value == counts)
            whom = ", ".join(dict.fromkeys(whom_of[called] for called, value in found.items() if value == counts))
            reason = (
                f"compliance policy {names} has {one.setting} {counts} for {whom}, and a compliance policy goes before "
                f"a configuration, which asks for {one.value}: ask for {one.value} there too"
            )
            yield one, reason


def _reaching(via: Via, compliance_type: str, audience: Audience) -> Iterator[tuple[Body, Sequence[SharedReach]]]:
    for row in via.intune.all(COLLECTION, expand=EXPAND):
        if row.get("@odata.type") != f"#microsoft.graph.{compliance_type}":
            continue
        targets = targets_of(row)
        if targets is None:
            raise BadAnswer(f"{row_name(row)}: its assignments were not shown with their filters")
        if common := audience.common(Audience.of_targets(targets), via.intune.groups):
            yield row, common


def _words(common: Sequence[SharedReach], groups: Groups) -> str:
    return ", ".join(shared.words(groups) for shared in common)


def row_name(row: Body) -> str:
    """Return what a policy is called."""
    return str(row.get("displayName") or row.get("id"))
