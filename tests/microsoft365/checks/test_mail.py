"""Whether replies leave the organisation, and who opened their mail of late: counted, and naming nobody."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from connectors.microsoft365.checks.mail.daily_access import check
from connectors.microsoft365.checks.mail.out_of_office import check as reach
from connectors.microsoft365.connection import Microsoft365
from tests.door import SAMPLES
from tests.emulated import Tenant
from tests.microsoft365.connected import connect
from toolkit.controls.mail import DailyAccess
from toolkit.playbook.load import load
from toolkit.school.calendar import Break, Calendar, Days, Term
from toolkit.school.school import School
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.connector import Identity
from toolkit.sdk.directory import Audience, Scope
from toolkit.sdk.reason import admin_text

NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
LATEST = "the date of the latest usage report"
REMOTE_DOMAINS = "exchange.remoteDomains"


@cache
def _school() -> School:
    return load(SAMPLES).school


def _opened(
    via: Microsoft365, working_days: int, *, everyone: bool = False, calendar: Calendar | None = None
) -> Finding:
    group = via.directory(people=False, groups=["All staff"]).groups["All staff"]
    audience = Audience("everyone") if everyone else Audience("staff", group)
    school = replace(_school(), calendar=calendar)
    wanted = DailyAccess.model_construct(working_days=working_days, dpia="DPIA-2026-04")
    (finding,) = check(wanted, CheckOccasion(school, Scope(audience), NOW), via)
    return finding


def _occasion() -> CheckOccasion:
    return CheckOccasion(_school(), Scope(Audience("everyone")), NOW)


def _remote(tenant: Tenant, name: str, **changes: Any) -> None:
    (key,) = [key for key, one in tenant.objects(REMOTE_DOMAINS).items() if one["Name"] == name]
    tenant.patch(REMOTE_DOMAINS, key, **changes)


def test_replies_reach_people_outside_as_a_tenant_begins(reading: Microsoft365) -> None:
    (finding,) = reach(None, _occasion(), reading)

    assert finding.status is Status.PASS
    assert admin_text(finding.reason).startswith(
        "automatic replies reach people outside (remote domain Default: External)"
    )


@pytest.mark.parametrize(
    ("allowed", "status"),
    [
        ("None", Status.FAIL),
        ("InternalLegacy", Status.FAIL),
        ("ExternalLegacy", Status.PASS),
        (None, Status.UNKNOWN),
    ],
)
def test_what_the_default_domain_allows_decides(
    tenant: Tenant, reading: Microsoft365, allowed: str | None, status: Status
) -> None:
    _remote(tenant, "Default", AllowedOOFType=allowed)

    (finding,) = reach(None, _occasion(), reading)

    assert finding.status is status
    assert ("no automatic reply reaches people outside" in admin_text(finding.reason)) == (status is Status.FAIL)


def test_another_domain_that_gets_no_reply_is_named_as_a_limit(tenant: Tenant, reading: Microsoft365) -> None:
    default = next(iter(tenant.objects(REMOTE_DOMAINS).values()))
    other = {**default, "Guid": "other", "Name": "Trust", "DomainName": "trust.example", "AllowedOOFType": "None"}
    tenant.put(REMOTE_DOMAINS, "other", {**other, "Identity": "Trust"})

    (finding,) = reach(None, _occasion(), reading)

    assert (finding.status, finding.evidence["none_to"]) == (Status.PASS, ["trust.example"])
    assert admin_text(finding.reason).endswith(". No replies go to trust.example")


def test_remote_domains_that_cannot_be_read_are_unknown(tenant: Tenant) -> None:
    tenant.grant("reader", roles=[])
    via = connect(tenant, identity=Identity.READ, read_only=True)

    (finding,) = reach(None, _occasion(), via)
    via.close()

    assert finding.status is Status.UNKNOWN


def test_the_staff_are_counted_as_of_the_day_of_the_report(reading: Microsoft365) -> None:
    finding = _opened(reading, 3)

    # Two were last there on Wednesday the 4th, one in summer, one never; the report is of Sunday the 8th.
    assert finding.status is Status.FAIL
    assert (
        admin_text(finding.reason)
        == f"44 of 46 opened their mail in the last 3 working days up to 8 November 2026, {LATEST}"
    )
    counts = {"opened": 44, "checked": 46, "never": 1, "not_checked": 0, "without_mailbox": 0}
    assert finding.evidence == {**counts, "as_of": "2026-11-08", "since": "2026-11-04"}
    assert _opened(reading, 2).evidence["opened"] == 42


def test_days_without_school_are_no_working_days(tenant: Tenant, reading: Microsoft365) -> None:
    half_term = Break("Half-term", Days(date(2026, 10, 26), date(2026, 10, 30)))
    term = Term("Autumn", Days(date(2026, 9, 1), date(2026, 12, 18)), (half_term,))
    calendar = Calendar(zone=ZoneInfo("Europe/London"), opens=time(8), shuts=time(17), terms=(term,))
    tenant.set_now("2026-11-03T09:00:00Z")
    for key in list(tenant.objects("outlook.mailUse")):
        tenant.patch("outlook.mailUse", key, lastActivityDateTime="2026-10-23T10:00:00Z")

    assert _opened(reading, 1, calendar=calendar).evidence["opened"] == 45
    assert _opened(reading, 1).evidence["opened"] == 0


def test_everybody_who_uses_it_passes(tenant: Tenant, reading: Microsoft365) -> None:
    for key in tenant.objects("users"):
        tenant.put("outlook.mailUse", key, {"lastActivityDateTime": "2026-11-09T08:00:00Z"})

    finding = _opened(reading, 1)

    assert finding.status is Status.PASS
    assert (
        admin_text(finding.reason)
        == f"46 of 46 opened their mail in the last working day up to 8 November 2026, {LATEST}"
    )


def test_a_supply_teacher_without_a_mailbox_changes_nothing(tenant: Tenant, reading: Microsoft365) -> None:
    for key in tenant.objects("users"):
        tenant.put("outlook.mailUse", key, {"lastActivityDateTime": "2026-11-09T08:00:00Z"})
    plans = [{"service": "exchange", "capabilityStatus": "Suspended", "servicePlanId": "x"}]
    group = reading.directory(people=False, groups=["All staff"]).groups["All staff"]
    tenant.patch("users", min(group.members), assignedPlans=plans)

    finding = _opened(reading, 30)

    assert finding.status is Status.PASS
    assert (finding.evidence["checked"], finding.evidence["not_checked"]) == (45, 0)
    assert admin_text(finding.reason).endswith("; 1 without a mailbox here, not counted")


def test_where_nobody_has_a_mailbox_mail_is_not_used(tenant: Tenant, reading: Microsoft365) -> None:
    for key in tenant.objects("users"):
        tenant.patch("users", key, assignedPlans=[])

    finding = _opened(reading, 30)

    assert (finding.status, finding.evidence["in_scope"]) == (Status.PASS, 0)
    assert admin_text(finding.reason) == "none of the 46 people in the audience has a mailbox here"


def test_no_reason_names_anybody(reading: Microsoft365) -> None:
    assert "@" not in admin_text(_opened(reading, 3, everyone=True).reason)


def test_concealed_names_are_unknown_with_the_switch_that_shows_them(tenant: Tenant, reading: Microsoft365) -> None:
    tenant.put("outlook.reportSettings", "settings", {"displayConcealedNames": True})

    finding = _opened(reading, 3)

    assert finding.status is Status.UNKNOWN
    assert "Settings > Org settings > Services > Reports" in admin_text(finding.reason)


def test_a_report_that_may_not_be_read_is_unknown_and_names_the_permission(tenant: Tenant) -> None:
    tenant.grant("reader", roles=["User.Read.All", "GroupMember.Read.All"])
    via = connect(tenant, identity=Identity.READ, read_only=True)

    finding = _opened(via, 3)
    via.close()

    assert finding.status is Status.UNKNOWN
    assert "Reports.Read.All" in admin_text(finding.reason)
