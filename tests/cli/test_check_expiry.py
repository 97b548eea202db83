"""`toolkit check`: what expires in the tenants and in the school's registers, when, and who must act."""

from typing import Any

import pytest

from tests.door import GOOGLE, MICROSOFT, Door
from tests.granting import grant, printed
from toolkit.sdk.expiry import RECORDED, ROWS
from toolkit.sdk.providers import expiries, providers

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
    needed = printed(bare_door, "read")
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
    assert rows[f"{MICROSOFT}.licences"][0]["reason"] == "its state is Suspended"
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
        ("last MIS sync", "ended", "2026-11-04"),
        ("guest Wi-Fi licence", "soon", "2026-11-30"),
        ("domain example-primary.example", "not_recorded", None),
    ]
    told = bare_door.toolkit("check").out
    assert "! last MIS sync: ended 6 days ago, 4 November 2026; last seen on 1 November 2026" in told
    assert "    -> IT support\n" in told


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "expiry: {leave_out: [apple_pushes]}",
            '"apple_pushes" is no row of the expiry board: did you mean `apple_push`?',
        ),
        ("expiry: {days: {apple_push: []}}", "must hold at least one number of days"),
        ("expires:\n  - {what: x, seen: 2026-11-01, acts: a}", "must have either `ends`, or `seen` and `every`"),
    ],
)
def test_a_wrong_register_is_named_with_its_line(bare_door: Door, text: str, said: str) -> None:
    bare_door.write("91-registers.yaml", f"registers: school\n{text}\n")

    answered = bare_door.toolkit("validate")

    assert answered.exit == 2
    assert "91-registers.yaml:" in answered.err
    assert said in answered.err
