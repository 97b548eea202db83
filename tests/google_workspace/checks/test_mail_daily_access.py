"""Who opened their mail in the last working days: counted, never named, and only as far as Google's reports know."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from connectors.google_workspace.checks.mail.daily_access import check
from connectors.google_workspace.connection import GoogleWorkspace
from tests.emulated import Tenant
from tests.google_workspace.connected import delegate, users
from toolkit.controls.mail import DailyAccess
from toolkit.school.calendar import Break, Calendar, Days, Term
from toolkit.school.school import ProtectedList, School
from toolkit.sdk.check import CheckOccasion, Finding, Status
from toolkit.sdk.directory import Audience, Scope
from toolkit.sdk.reason import admin_text
from toolkit.sdk.resource import Mode, Origin

USE, LAG = "reports.lastUse", "reports.lag"
REPORT = "reports.userUsageReport.get"
NOW = datetime(2026, 11, 10, 9, tzinfo=UTC)
TERM = Term("Autumn", Days(date(2026, 9, 1), date(2026, 12, 18)))
CALENDAR = Calendar(zone=ZoneInfo("Europe/London"), opens=time(8, 30), shuts=time(15, 30), terms=(TERM,))
SCHOOL = School(
    name="Example Primary School",
    short_name="Example",
    domains=("example-primary.example",),
    time_zone="Europe/London",
    tenants={},
    roles={},
    protected=ProtectedList(),
    mode=Mode.ENFORCE,
    phone=None,
    website=None,
    origin=Origin("00-school.yaml", 1),
    calendar=CALENDAR,
)


def test_who_opened_their_mail_is_counted_as_of_the_latest_whole_report(reading: GoogleWorkspace) -> None:
    found = checked(reading, days=1)

    # Two were there last on Wednesday, one in summer, one never; Saturday's report is the latest.
    assert admin_text(found.reason) == (
        "42 of 46 opened their mail in the last working day up to 7 November 2026, the date of the latest usage report"
    )
    assert found.status is Status.FAIL
    assert found.evidence == {
        "as_of": "2026-11-07",
        "since": "2026-11-06",
        "checked": 46,
        "opened": 42,
        "never": 1,
        "not_checked": 0,
        "without_mailbox": 0,
    }


@pytest.mark.parametrize(("days", "since", "opened"), [(2, "2026-11-05", 42), (3, "2026-11-04", 44)])
def test_the_days_counted_are_working_days(reading: GoogleWorkspace, days: int, since: str, opened: int) -> None:
    found = checked(reading, days=days)

    assert (found.evidence["since"], found.evidence["opened"]) == (since, opened)
    assert f"in the last {days} working days" in admin_text(found.reason)


def test_a_half_term_counts_for_nothing(reading: GoogleWorkspace) -> None:
    break_ = Break("Half-term", Days(date(2026, 10, 26), date(2026, 11, 6)))
    half_term = replace(CALENDAR, terms=(replace(TERM, half_terms=(break_,)),))

    assert checked(reading, days=1, calendar=half_term).evidence["since"] == "2026-10-23"


def test_without_a_calendar_every_day_from_monday_to_friday_counts(reading: GoogleWorkspace) -> None:
    assert checked(reading, days=6, calendar=None).evidence["since"] == "2026-10-30"


def test_more_days_than_the_calendar_knows_are_unknown(reading: GoogleWorkspace) -> None:
    found = checked(reading, days=60)

    assert (found.status, found.evidence) == (Status.UNKNOWN, {})
    assert "the school's calendar has too few working days" in admin_text(found.reason)


def test_where_everybody_did_it_passes(reading: GoogleWorkspace, tenant: Tenant) -> None:
    for person in users(tenant, "/Staff"):
        tenant.put(USE, person["id"], {"mail": "2026-11-09T08:00:00Z"})

    found = checked(reading, days=1)

    assert (found.status, found.evidence["opened"]) == (Status.PASS, 46)


def test_signing_in_is_not_opening_mail(reading: GoogleWorkspace, tenant: Tenant) -> None:
    person = users(tenant, "/Staff")[0]
    tenant.put(USE, person["id"], {"login": "2026-11-09T08:00:00Z"})

    found = checked(reading, days=1)

    assert (found.evidence["opened"], found.evidence["never"]) == (41, 2)


def test_whoever_has_no_figure_is_counted_apart_and_passes_nothing(reading: GoogleWorkspace, tenant: Tenant) -> None:
    for person in users(tenant, "/Staff"):
        tenant.put(USE, person["id"], {"mail": "2026-11-09T08:00:00Z"})
    reading.accounts.all()
    for person in users(tenant, "/Staff")[:2]:
        tenant.delete("google.users", person["id"])

    found = checked(reading, days=1)

    assert (found.status, found.evidence["not_checked"]) == (Status.UNKNOWN, 2)
    assert admin_text(found.reason).startswith("44 of 44 opened their mail")
    assert admin_text(found.reason).endswith("; not in the usage report: 2")


def test_whoever_has_no_mailbox_is_not_asked_for(reading: GoogleWorkspace, tenant: Tenant) -> None:
    suspended, emptied = users(tenant, "/Staff")[:2]
    tenant.patch("google.users", suspended["id"], suspended=True)
    tenant.patch("google.users", emptied["id"], isMailboxSetup=False)

    found = checked(reading, days=1)

    assert (found.evidence["checked"], found.evidence["without_mailbox"]) == (44, 1)
    assert admin_text(found.reason).endswith("; 1 without a mailbox here, not counted")


def test_where_nobody_has_a_mailbox_mail_is_not_used(reading: GoogleWorkspace, tenant: Tenant) -> None:
    for person in users(tenant, "/Staff"):
        tenant.patch("google.users", person["id"], isMailboxSetup=False)

    found = checked(reading, days=1)

    assert (found.status, found.evidence["in_scope"]) == (Status.PASS, 0)
    assert admin_text(found.reason) == "none of the 46 people in the audience has a mailbox here"


@pytest.mark.parametrize(("lag", "as_of"), [({"accounts": 5, "gmail": 5}, "2026-11-05"), ({"gmail": 6}, "2026-11-04")])
def test_reports_that_come_late_are_told_with_their_day(
    reading: GoogleWorkspace, tenant: Tenant, lag: dict[str, int], as_of: str
) -> None:
    tenant.put(LAG, "days", lag)

    assert checked(reading, days=1).evidence["as_of"] == as_of


def test_where_no_report_of_the_last_days_is_whole_it_is_unknown(reading: GoogleWorkspace, tenant: Tenant) -> None:
    tenant.put(LAG, "days", {"gmail": 20})

    found = checked(reading, days=1)

    assert found.status is Status.UNKNOWN
    assert admin_text(found.reason) == "Google has no complete report of mail use since 3 November 2026"


@pytest.mark.parametrize("nth", [1, 3])
def test_a_report_that_cannot_be_read_to_its_end_is_unknown(reading: GoogleWorkspace, tenant: Tenant, nth: int) -> None:
    tenant.fault("refused", REPORT, nth=nth, times=99)

    assert checked(reading, days=1).status is Status.UNKNOWN


def test_without_the_scope_it_is_unknown_and_the_scope_is_named(reading: GoogleWorkspace, tenant: Tenant) -> None:
    delegate(tenant, "reader", without="admin.reports.usage.readonly")

    found = checked(reading, days=1)

    assert found.status is Status.UNKNOWN
    assert "admin.reports.usage.readonly" in admin_text(found.reason)


def test_nobody_is_named(reading: GoogleWorkspace, tenant: Tenant) -> None:
    told = str(checked(reading, days=1))

    assert not [one["primaryEmail"] for one in users(tenant) if one["primaryEmail"] in told or one["id"] in told]


def test_a_report_takes_a_look_at_two_days_and_one_list(reading: GoogleWorkspace, tenant: Tenant) -> None:
    checked(reading, days=1)

    assert tenant.operations().count(REPORT) == 3


def test_nothing_is_looked_at_before_an_impact_assessment_covers_it(reading: GoogleWorkspace, tenant: Tenant) -> None:
    scope = Scope(Audience("staff"))

    assert list(check(DailyAccess(), CheckOccasion(SCHOOL, scope, NOW), reading)) == []
    assert tenant.requests() == []


def checked(via: GoogleWorkspace, *, days: int, calendar: Calendar | None = CALENDAR) -> Finding:
    """Check the staff."""
    group = via.directory(people=True, groups=["/Staff"]).groups["/Staff"]
    scope = Scope(Audience("staff", group))
    (found,) = check(
        DailyAccess.model_construct(working_days=days, dpia="DPIA-2026-04"),
        CheckOccasion(replace(SCHOOL, calendar=calendar), scope, NOW),
        via,
    )
    return found
