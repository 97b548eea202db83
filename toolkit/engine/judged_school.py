"""Judge the policy for one school of a trust, over its slice of a tenant and the settings of the whole tenant.

A school may be in several tenants, one on each cloud. The readings of all tenants are then judged together.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from toolkit.engine.judged_slice import limit_to_judged_school
from toolkit.engine.policy import PolicyReading
from toolkit.planning.checks.findings import ControlFinding, findings_on_unreachable_provider
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.policy.facts import RunResults
from toolkit.playbook.entries import Playbooks
from toolkit.records import dataclass
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import Reason


@dataclass(frozen=True, slots=True)
class UnreadTenant:
    """A tenant of a school that was not read, with the school's playbooks there."""

    playbooks: Playbooks
    reason: Reason


def join_readings(school: str, readings: Sequence[PolicyReading], unread: Sequence[UnreadTenant] = ()) -> RunResults:
    """Return the readings of all tenants of a school as one, each with its time.

    Every control on a cloud of a tenant that was not read is unknown.
    """
    results = [reading.results for reading in readings]
    absent = [limit_to_judged_school(tenant.playbooks) for tenant in unread]
    missing = [
        finding
        for tenant, playbooks in zip(unread, absent, strict=True)
        for provider in playbooks.slices.schools[school].tenants
        for finding in findings_on_unreachable_provider(provider, playbooks, tenant.reason)
    ]
    first = results[0]
    return replace(
        first,
        playbooks=_join_playbooks(school, [*(result.playbooks for result in results), *absent]),
        plan=_join_plans([result.plan for result in results]),
        findings=[*_join([result.findings for result in results], _subject_of_finding), *missing],
        controls=_join([result.controls for result in results], _subject_of_control),
        now=max(result.now for result in results),
        link=next((result.link for result in results if result.link), None),
        overdue_exceptions=[change for result in results for change in result.overdue_exceptions],
        read_times={
            provider: reading.results.now for reading in readings for provider in reading.playbooks.school.tenants
        },
    )


class _OfCloud(Protocol):
    @property
    def provider(self) -> str: ...


_Entry = TypeVar("_Entry", bound=_OfCloud)


def _join(lists: Sequence[Sequence[_Entry]], subject: Callable[[_Entry], Hashable]) -> list[_Entry]:
    """Return the entries of all tenants. An entry about the school itself, which several tenants have, counts once."""
    joined = [*lists[0]]
    for others in lists[1:]:
        subjects = {subject(entry) for entry in joined if entry.provider == SCHOOL}
        joined += [entry for entry in others if entry.provider != SCHOOL or subject(entry) not in subjects]
    return joined


def _subject_of_finding(finding: ControlFinding) -> Hashable:
    return finding.control, finding.finding.subject


def _subject_of_control(control: RealisedControl) -> Hashable:
    return control.control, control.audience, control.exception


def _join_playbooks(school: str, parts: Sequence[Playbooks]) -> Playbooks:
    """Return the playbooks of a school with the clouds of all its tenants."""
    own = [part.slices.schools[school] for part in parts]
    tenants = {provider: tenant for part in own for provider, tenant in part.tenants.items()}
    return replace(
        parts[0],
        school=replace(own[0], tenants=tenants),
        playbooks=tuple(playbook for part in parts for playbook in part.playbooks),
        departures=tuple({departure.name: departure for part in parts for departure in part.departures}.values()),
    )


def _join_plans(plans: Sequence[Plan]) -> Plan:
    first, *others = plans
    for other in others:
        first = replace(
            first.add_rows(*other.rows),
            controls=(*first.controls, *other.controls),
            desired_controls={**first.desired_controls, **other.desired_controls},
        )
    return first
