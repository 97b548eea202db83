"""`toolkit check`: what expires in the tenants and in the school's registers, when, and who must act."""

from typing import Any

import pytest

from tests.door import GOOGLE, MICROSOFT, Door
from tests.granting import grant, printed_permissions
from tests.schools import with_people
from toolkit.sdk.expiry import RECORDED, ROWS
from toolkit.sdk.providers import expiries, providers

pytestmark = with_people(users=24, staff=10)

ASKED = """\
registers: school
expiry: {}
expires:
  - {what: domain example-primary.example, ends: 2027-12-31, acts: Office}
"""
APPS = "app_credentials"


def _board(door: Door, text: str = ASKED) -> tuple[int, dict[str, list[Any]]]:
    door.write("91-registers.yaml", text)
    answered = door.toolkit("check", "--json")
    rows: dict[str, list[Any]] = {}
    for entry in answered.json["expiry"]:
        rows.setdefault(f"{entry['provider']}.{entry['row']}", []).append(entry)
    return answered.exit, rows


def _shown(entries: list[Any]) -> list[tuple[str, str, str | None]]:
    return [(entry["what"].partition(", secret")[0], entry["state"], entry["ends"]) for entry in entries]


def test_every_row_is_read_from_some_cloud() -> None:
    read = {source.row for provider in providers() for source in expiries(provider) if source.read}

    assert read == set(ROWS) - {RECORDED, "chrome_enrolment"}


def test_the_board_shows_each_row_and_who_must_act(wide_door: Door) -> None:
    code, rows = _board(wide_door)

    assert code == 3
    assert _shown(rows[f"{MICROSOFT}.{APPS}"]) == [
        ("Homework app (trial)", "ended", "2025-08-31"),
        ("MIS sync", "soon", "2026-11-21"),
        ("toolkit reader", "later", "2028-01-01"),
        ("toolkit writer", "later", "2028-01-01"),
    ]  # the secret of the MIS that ended in September was replaced
    assert {entry["within"] for entry in rows[f"{MICROSOFT}.{APPS}"]} == {14, None}
    assert _shown(rows[f"{MICROSOFT}.apple_push"]) == [("of devices@example-primary.example", "soon", "2026-12-04")]
    assert _shown(rows[f"{MICROSOFT}.windows_support"]) == [("10 with Windows 11 23H2 Education", "soon", "2026-11-10")]
    assert _shown(rows[f"{MICROSOFT}.saml_signing"]) == [("Web filter", "later", "2028-02-01")]
    assert _shown(rows[f"{MICROSOFT}.android_binding"]) == [("binding", "later", None)]
    assert [entry["count"] for entry in rows[f"{GOOGLE}.chromebook_updates"]] == [4, 11]
    assert rows[f"{GOOGLE}.licences"][0]["state"] == "not_recorded"
    assert _shown(rows["school.recorded"]) == [("domain example-primary.example", "later", "2027-12-31")]
    assert all(entry["acts"] for entries in rows.values() for entry in entries)


def test_a_school_that_does_not_ask_for_the_board_reads_nothing_for_it(bare_door: Door) -> None:
    code, rows = _board(bare_door, "registers: school\n")

    assert (code, rows) == (0, {})
    assert not [name for name in bare_door.tenant.operations() if "applications" in name or "subscriptions" in name]


def test_nothing_that_ended_is_no_finding(bare_door: Door) -> None:
    bare_door.tenant.delete("expiring.applications", "trial")

    code, rows = _board(bare_door)

    assert code == 0
    assert {entry["state"] for entries in rows.values() for entry in entries} == {"soon", "later"}


def test_rows_can_be_left_out_and_have_days_of_their_own(bare_door: Door) -> None:
    text = f"{ASKED}".replace("expiry: {}", "expiry: {days: {apple_push: [20]}, leave_out: [app_credentials]}")

    code, rows = _board(bare_door, text)

    assert code == 0
    assert f"{MICROSOFT}.{APPS}" not in rows
    assert rows[f"{MICROSOFT}.apple_push"][0]["state"] == "later"


def test_a_row_that_may_not_be_read_is_unknown_and_names_its_permission(bare_door: Door) -> None:
    bare_door.tenant.delete("expiring.applications", "trial")
    bare_door.write("91-registers.yaml", ASKED)
    needed = printed_permissions(bare_door, "read")
    grant(bare_door, "reader", needed)
    assert _board(bare_door)[0] == 0  # what is printed is enough

    grant(bare_door, "reader", needed, without=["DeviceManagementServiceConfig.Read.All"])
    code, rows = _board(bare_door)

    assert code == 4
    (entry,) = rows[f"{MICROSOFT}.apple_push"]
    assert entry["state"] == "unknown"
    assert "reading it needs DeviceManagementServiceConfig.Read.All (Microsoft Graph)" in entry["reason"]
    assert rows[f"{MICROSOFT}.apple_apps"][0]["state"] == "later"


def test_a_school_without_intune_has_no_rows_of_it_and_no_failure(bare_door: Door) -> None:
    bare_door.tenant.delete("expiring.applications", "trial")
    bare_door.tenant.patch("organization", bare_door.tenant.tenant_id, assignedPlans=[])

    code, rows = _board(bare_door)

    assert code == 0
    assert rows[f"{MICROSOFT}.apple_push"][0]["state"] == "unavailable"
    assert rows[f"{MICROSOFT}.licences"][0]["state"] == "later"


@pytest.mark.parametrize(
    ("edition", "build", "state"),
    [
        ("Education", "10.0.26100.1", "later"),
        ("Pro", "10.0.26100.1", "ended"),
        ("", "10.0.26100.1", "unknown"),
        ("", "10.0.19045.1", "ended"),
        ("", "10.0.26200.1", "later"),
        ("Education", "10.0.99999.1", "unknown"),
    ],
)
def test_a_windows_version_ends_by_its_edition(bare_door: Door, edition: str, build: str, state: str) -> None:
    devices = bare_door.tenant.objects("intune.managedDevices")
    windows = [key for key, one in devices.items() if one["operatingSystem"] == "Windows"]
    for key in windows[1:]:
        bare_door.tenant.delete("intune.managedDevices", key)
    bare_door.tenant.patch("intune.managedDevices", windows[0], skuFamily=edition, osVersion=build)

    _, rows = _board(bare_door)

    assert [entry["state"] for entry in rows[f"{MICROSOFT}.windows_support"]] == [state]


def test_a_suspended_licence_and_a_store_that_lost_its_account_are_findings(bare_door: Door) -> None:
    bare_door.tenant.delete("expiring.applications", "trial")
    bare_door.tenant.patch("expiring.subscriptions", "staff", status="Suspended")
    bare_door.tenant.patch(
        "expiring.androidManagedStoreAccountEnterpriseSettings", "store", lastAppSyncStatus="credentialsNotValid"
    )

    code, rows = _board(bare_door)

    assert code == 3
    assert rows[f"{MICROSOFT}.licences"][0]["state"] == "ended"
    assert rows[f"{MICROSOFT}.licences"][0]["reason"] == "the state of the subscription is Suspended"
    assert rows[f"{MICROSOFT}.android_binding"][0]["state"] == "ended"


def test_the_register_warns_of_what_no_service_shows(bare_door: Door) -> None:
    text = (
        "registers: school\nexpires:\n"
        "  - {what: last MIS sync, seen: 2026-11-01, every: 3, acts: IT support}\n"
        "  - {what: guest Wi-Fi licence, ends: 2026-11-30, acts: Office, days: [30]}\n"
    )

    code, rows = _board(bare_door, text)

    assert code == 3
    assert _shown(rows["school.recorded"]) == [
        ("time for the next MIS sync", "ended", "2026-11-04"),
        ("guest Wi-Fi licence", "soon", "2026-11-30"),
        ("domain example-primary.example", "not_recorded", None),
    ]
    told = bare_door.toolkit("check").out
    assert "! time for the next MIS sync: ended 6 days ago, 4 November 2026; last seen on 1 November 2026" in told
    assert "    -> IT support\n" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "expiry: {leave_out: [apple_pushes]}",
            '"apple_pushes" is not a row of the expiry board: did you mean `apple_push`?',
        ),
        ("expiry: {days: {apple_push: []}}", "must have at least one number of days"),
        ("expires:\n  - {what: x, seen: 2026-11-01, acts: a}", "must have either `ends`, or `seen` and `every`"),
    ],
)
def test_a_wrong_register_is_named_with_its_line(bare_door: Door, text: str, said: str) -> None:
    bare_door.write("91-registers.yaml", f"registers: school\n{text}\n")

    answered = bare_door.toolkit("validate")

    assert answered.exit == 2
    assert "91-registers.yaml:" in answered.err
    assert said in answered.err


_INCIDENT = 'incidents: [{{clause: GEN-19, what: misdirected e-mail, on: 2026-11-07, found: "{found}"{more}}}]\n'
_REQUEST = "requests: [{{clause: SYS-05, what: software, asked: class teacher, on: {on}{more}}}]\n"
_ANSWERED = ", decided: 2026-11-09, answer: refused, by: Head Teacher"
_LOAN = "loans: [{{log_in: Supply 1, to: supply teacher, on: 2026-11-02, until: {until}{more}}}]\n"
_TWICE = """\
loans:
  - {log_in: Supply 1, to: supply teacher, on: 2026-11-02, until: 2026-11-06}
  - {log_in: Supply 1, to: supply teacher, on: 2026-11-06, until: 2026-11-09}
"""
_TOLD = ', dpo: "2026-11-07 10:00", ico: '


@pytest.mark.parametrize(
    ("entry", "shown"),
    [
        (_INCIDENT.format(found="2026-11-07 09:01", more=""), ("Data Protection Officer", "soon", "2026-11-10")),
        (_INCIDENT.format(found="2026-11-07 08:59", more=""), ("Data Protection Officer", "ended", "2026-11-10")),
        (_INCIDENT.format(found="2026-11-07 08:59", more=_TOLD + "not needed"), None),
        (_INCIDENT.format(found="2026-11-07 08:59", more=_TOLD + '"2026-11-09 12:00"'), None),
        (_REQUEST.format(on="2026-10-27", more=""), ("Head Teacher", "soon", "2026-11-10")),
        (_REQUEST.format(on="2026-10-26", more=""), ("Head Teacher", "ended", "2026-11-09")),
        (_REQUEST.format(on="2026-10-01", more=_ANSWERED), None),
        (_LOAN.format(until="2026-11-10", more=""), ("School Business Manager", "soon", "2026-11-10")),
        (_LOAN.format(until="2026-11-09", more=""), ("School Business Manager", "ended", "2026-11-09")),
        (_LOAN.format(until="2026-11-06", more=", back: 2026-11-06"), None),
    ],
)
def test_what_waits_in_a_register_is_on_the_board_until_it_is_done(
    entry: str, shown: tuple[str, str, str] | None, bare_door: Door
) -> None:
    code, rows = _board(bare_door, f"registers: school\n{entry}")

    found = [(row["acts"], row["state"], row["ends"]) for row in rows.get("school.recorded", ())]
    assert found == ([shown] if shown else [])
    assert code == (3 if shown and shown[1] == "ended" else 0)


@pytest.mark.parametrize(
    ("entry", "line", "says"),
    [
        (_INCIDENT.format(found="yesterday", more=""), 2, 'a date and a time in quotes, such as "2026-10-12 09:40"'),
        (_INCIDENT.format(found="2026-11-31 09:00", more=""), 2, "the calendar has no 2026-11-31"),
        (
            _INCIDENT.format(found="2026-11-07 11:00", more=_TOLD + "not needed"),
            2,
            "no one can be informed before `found`",
        ),
        (_INCIDENT.format(found="2026-11-07 09:00", more=", ico: not needed"), 2, "needs `dpo`"),
        (_INCIDENT.format(found="2026-11-07 09:00", more=", closed: 2026-11-08"), 2, "`ico` before it can be closed"),
        (_REQUEST.format(on="2026-10-01", more=", answer: approved"), 2, "needs `decided`, `answer` and `by`"),
        (_LOAN.format(until="2026-11-01", more=""), 2, "2026-11-01 comes before 2026-11-02"),
        (
            _TWICE,
            4,
            "`Supply 1` is already lent, at",
        ),
    ],
)
def test_an_entry_that_contradicts_itself_is_refused_with_its_line(
    entry: str, line: int, says: str, bare_door: Door
) -> None:
    bare_door.write("91-registers.yaml", f"registers: school\n{entry}")

    answered = bare_door.toolkit("check")

    assert answered.exit == 2
    assert f"91-registers.yaml:{line}: " in answered.err
    assert says in answered.err


def test_an_approved_request_is_an_approval_and_what_is_late_breaks_its_clause(bare_door: Door) -> None:
    clause = "{paragraph: 1, begins: Staff}"
    names = {"SYS-05": "requests", "SYS-06": "approvals", "GEN-19": "incidents", "SEC-11": "loans"}
    clauses = "".join(
        f"  - {{clause: {name}, says: x, class: supported, place: {clause}, evidence: [{sort}]}}\n"
        for name, sort in names.items()
    )
    bare_door.write("policy/01.yaml", f"policy: few\nsection: Few\nowner: Head Teacher\nclauses:\n{clauses}")
    asked = _REQUEST.format(on="2026-10-01", more=_ANSWERED.replace("refused", "approved"))
    done = asked.replace("requests: [", "").replace("]\n", "").replace("SYS-05", "SYS-06")
    register = "registers: school\nrequests:\n  - {first}\n  - {second}\n".format(
        first=done, second=done.replace("SYS-06", "SYS-05")
    )
    found, lent = _INCIDENT.format(found="2026-11-09 08:59", more=_TOLD + "not needed"), _LOAN.format
    found = found.replace('"2026-11-07 10:00"', '"2026-11-09 10:00"')

    bare_door.write("91-registers.yaml", register + found + lent(until="2026-11-13", more=""))
    fine = {one["clause"]: one["status"] for one in bare_door.toolkit("policy", "--json").json["clauses"]}
    late = _INCIDENT.format(found="2026-11-06 08:59", more="") + _REQUEST.format(on="2026-10-01", more="")
    bare_door.write("91-registers.yaml", "registers: school\n" + late + lent(until="2026-11-09", more=""))
    told = bare_door.toolkit("policy", "--json")

    assert set(fine.values()) == {"evidence on file"}
    assert told.exit == 3
    assert {one["clause"]: one["because"] for one in told.json["clauses"]} == {
        "SYS-05": ["a request has waited for an answer since 1 October 2026"],
        "SYS-06": ["no approval that is still valid is on file"],
        "GEN-19": [
            "the 72 hours to tell the ICO of an incident found on 6 November 2026 are over, and no decision is on file"
        ],
        "SEC-11": ["log-ins that were lent and not returned in time: 1, since 9 November 2026"],
    }


def test_a_check_of_one_control_says_that_it_left_the_board_out(wide_door: Door) -> None:
    wide_door.write("91-registers.yaml", ASKED)
    wide_door.write("30-mail.yaml", NOTHING_TO_CONFIRM)

    whole, narrow = (wide_door.toolkit("check", *options) for options in ([], ["--only", "mail.autoforward_block"]))

    assert "Expiry dates: " in whole.out.splitlines()[-1]
    assert narrow.out.splitlines()[-1] == (
        "Check: nothing of mail.autoforward_block is confirmed by people or counted in a tenant. "
        "Expiry dates were not read. Run without --only to see them."
    )
    assert "manual" not in narrow.out


NOTHING_TO_CONFIRM = """\
playbook: forwarding
title: Forwarding
owner: Head Teacher
controls:
  - mail.autoforward_block: {for: everyone, explanation: School mail is not forwarded outside automatically.}
"""
