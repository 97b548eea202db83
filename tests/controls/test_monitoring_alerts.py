"""Monitoring alerts and who gets them, asked through the command line."""

from datetime import UTC, datetime, timedelta

import pytest

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

MAILBOX, READERS = "address for monitoring alerts", "people who read monitoring alerts"
LAST, TESTS = "last monitoring alert", "test alerts on record"
SAFEGUARDING, DSL = "safeguarding@example-primary.example", "dsl@example-primary.example"
COVER = "beth.birchall@example-primary.example"
HEAD = "when,category,severity,system,acknowledged_by,acknowledged_at\n"
TEST = "2026-10-13T08:45,test,low,on Chromebooks,DSL,2026-10-13T08:51\n"
CLOUDS = ["microsoft365", "google_workspace"]
Found = dict[tuple[str, str], tuple[str, str]]


def _write(door: Door, address: str, cloud: str, *, cover: str = COVER, record: str | None = None) -> None:
    settings = f"alert_address: {address}, mail_on: {cloud}, readers: safeguarding, holiday_cover: [{cover}]"
    if record is not None:
        door.write("alerts.csv", HEAD + record)
        settings += ", alerts_file: alerts.csv"
    entry = f"web.monitoring_alerts: {{{settings}}}"
    door.write("40-web.yaml", f"playbook: web\nclauses: [MIS-12]\ncontrols:\n  - {entry}\n")


def _check(door: Door, address: str, cloud: str, *, cover: str = COVER, record: str | None = None) -> Found:
    _write(door, address, cloud, cover=cover, record=record)
    answered = door.toolkit("check", "--only", "web.monitoring_alerts", "--json")
    assert answered.exit in {0, 3, 4}, answered.err
    found = answered.json["findings"]
    return {(row["provider"], row["subject"]): (row["status"], row["reason"]) for row in found}


@pytest.mark.parametrize("cloud", CLOUDS)
def test_an_address_that_takes_outside_mail_passes_and_the_other_cloud_is_left_out(cloud: str, wide_door: Door) -> None:
    found = _check(wide_door, SAFEGUARDING, cloud)

    (other,) = set(CLOUDS) - {cloud}
    assert found[cloud, MAILBOX] == ("pass", f"{SAFEGUARDING} accepts mail from outside the school")
    assert found[cloud, READERS][0] == "pass"
    assert found["school", LAST][0] == "manual"
    assert "address for alerts is on the school's other cloud" in found[other, MAILBOX][1]
    assert wide_door.toolkit("apply", "--yes", "--json").json["changes"] == []


def test_a_list_of_exchange_that_refuses_outside_mail_fails(bare_door: Door) -> None:
    mailbox, cloud = ("microsoft365", MAILBOX), "microsoft365"
    status, reason = _check(bare_door, DSL, cloud)[mailbox]
    assert (status, "allow people outside the organisation" in reason) == ("fail", True)
    lists = bare_door.tenant.objects("exchange.lists")
    (key,) = [key for key, row in lists.items() if row["PrimarySmtpAddress"] == DSL]
    bare_door.tenant.patch("exchange.lists", key, RequireSenderAuthenticationEnabled=False)
    assert _check(bare_door, DSL, cloud)[mailbox][0] == "pass"
    bare_door.tenant.patch("exchange.lists", key, ModerationEnabled=True)
    assert "wait for a moderator" in _check(bare_door, DSL, cloud)[mailbox][1]
    bare_door.tenant.patch("exchange.lists", key, RequireSenderAuthenticationEnabled=None)
    assert _check(bare_door, DSL, cloud)[mailbox][0] == "unknown"

    assert "is not a mailbox or group here" in _check(bare_door, "gone@example-primary.example", cloud)[mailbox][1]


def test_a_group_of_google_that_refuses_or_holds_outside_mail_fails(google_door: Door) -> None:
    mailbox, cloud = ("google_workspace", MAILBOX), "google_workspace"
    assert "Anyone on the web" in _check(google_door, DSL, cloud)[mailbox][1]
    groups = google_door.tenant.objects("google.groups")
    (key,) = [key for key, row in groups.items() if row["email"] == SAFEGUARDING]
    google_door.tenant.patch("google.groupSettings", key, messageModerationLevel="MODERATE_NON_MEMBERS")
    status, reason = _check(google_door, SAFEGUARDING, cloud)[mailbox]
    assert (status, "a manager of the group must approve" in reason) == ("fail", True)

    assert _check(google_door, COVER, cloud)[mailbox][0] == "pass"
    assert _check(google_door, "gone@example-primary.example", cloud)[mailbox][0] == "fail"


def test_two_people_and_a_cover_for_the_holidays_need_enabled_accounts(bare_door: Door) -> None:
    readers = ("microsoft365", READERS)
    status, reason = _check(bare_door, SAFEGUARDING, "microsoft365", cover="gone@example-primary.example")[readers]
    assert (status, reason.endswith("holiday cover with an enabled account: 0 of 1")) == ("fail", True)
    users = bare_door.tenant.objects("users")
    (key,) = [key for key, user in users.items() if user["mail"] == COVER]
    bare_door.tenant.patch("users", key, accountEnabled=False)

    status, reason = _check(bare_door, SAFEGUARDING, "microsoft365")[readers]

    assert (status, "enabled account: 1 (at least 2 needed)" in reason) == ("fail", True)


@pytest.mark.parametrize(
    ("record", "status", "says"),
    [
        (
            TEST,
            "pass",
            "the test alert of 13 October 2026 was acknowledged; alerts on record: 1; not acknowledged: 0; days",
        ),
        (
            TEST + "2026-11-02,bullying,high,x,,\n",
            "pass",
            "not acknowledged: 1, the oldest from 2026-11-02; days since",
        ),
        (TEST + "2026-11-02,Test,low,x,,\n", "fail", "no one has acknowledged the test alert of 2 November 2026"),
        ("2026-11-02,Test,low,x,,\n" + TEST.replace("10-13", "11-03"), "pass", "3 November 2026 was acknowledged"),
        (TEST.replace("2026", "2025"), "fail", "no test alert in the last 120 days"),
        ("2999-01-01,test,low,x,DSL,2999-01-01\n", "fail", "no test alert in the last 120 days"),
        (TEST.replace("DSL,2026", "DSL,2999"), "fail", "no one has acknowledged the test alert of 13 October 2026"),
        (TEST + "2999-01-01,test,low,x,,\n", "pass", "not counted because the date is in the future: 1"),
        ("", "fail", "no test alert in the last 120 days; alerts on record: 0"),
    ],
)
def test_only_a_failed_or_a_missing_test_counts_and_never_silence(
    record: str, status: str, says: str, bare_door: Door
) -> None:
    found = _check(bare_door, SAFEGUARDING, "microsoft365", record=record)["school", TESTS]

    assert (found[0], says in found[1]) == (status, True), found


@pytest.mark.parametrize(
    ("record", "says"),
    [
        ("2026-10-13,test,low,x,a.b@example.org,\n", "line 2 of the file: `acknowledged_by` has an e-mail address"),
        ("13 October,test,low,x,,\n", "line 2 of the file: `when` must be a date, or a date and time"),
        ("2026-10-13,test,low,x,DSL,2026-10-12\n", "line 2 of the file: `acknowledged_at` is before `when`"),
        (",test,low,x,,\n", "line 2 of the file: `when` is empty"),
    ],
)
def test_a_record_that_cannot_be_read_is_refused_at_its_line(record: str, says: str, bare_door: Door) -> None:
    _write(bare_door, SAFEGUARDING, "microsoft365", record=record)

    ended = bare_door.toolkit("validate")

    assert (ended.exit, says in ended.err) == (2, True), ended.err


def _count(door: Door) -> tuple[str, dict[str, object]]:
    settings = f"alert_address: {SAFEGUARDING}, mail_on: microsoft365, readers: safeguarding, holiday_cover: [{COVER}]"
    entry = f"web.monitoring_alerts: {{{settings}, alert_sender: alerts@monitor.example}}"
    door.write("40-web.yaml", f"playbook: web\nclauses: [MIS-12]\ncontrols:\n  - {entry}\n")
    findings = door.toolkit("check", "--json").json["findings"]
    (found,) = [one for one in findings if one["subject"] == "alerts delivered"]
    return str(found["status"]), {**found["evidence"]}


def test_messages_of_the_monitor_are_counted_by_trace_and_silence_is_no_gap(bare_door: Door) -> None:
    tenant = bare_door.tenant
    assert _count(bare_door)[0] == "unknown"  # the app may not read traces
    reader = ("User.Read.All", "GroupMember.Read.All", "Organization.Read.All", "Exchange.ManageAsApp")
    tenant.grant("reader", roles=[*reader, "ExchangeMessageTrace.Read.All"])
    assert _count(bare_door) == ("pass", {"delivered": 0, "last": None})

    tenant.set_now("2026-11-10T09:00:00Z")
    today = datetime(2026, 11, 10, 9, tzinfo=UTC)
    for key, (days, sender, status) in enumerate(
        ((1, "alerts@monitor.example", "delivered"), (3, "alerts@monitor.example", "delivered"),
         (2, "alerts@monitor.example", "quarantined"), (2, "shop@elsewhere.example", "delivered"),
         (12, "alerts@monitor.example", "delivered"))
    ):  # fmt: skip
        at = (today - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
        row = {"senderAddress": sender, "recipientAddress": SAFEGUARDING, "receivedDateTime": at, "status": status}
        tenant.put("exchange.messageTraces", str(key), {**row, "subject": "A pupil's name"})

    status, evidence = _count(bare_door)

    assert (status, evidence["delivered"]) == ("pass", 2)
    assert evidence["last"] == (today - timedelta(days=1)).date().isoformat()
