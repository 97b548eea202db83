"""Virus protection on devices, and who signs in to them: asked through the command line."""

import pytest

from tests.door import Door

SUMMARIES, CHROMEOS, CHROME = "intune.settingSummaries", "google.chromeosDevices", "google.chromePolicies"
ON, VERIFIED = "antivirus on Windows", "verified start of Chromebooks"


def _write(door: Door, control: str, settings: str) -> None:
    head = "playbook: devices\ntitle: Devices\nowner: Head Teacher\nclauses: [SYS-07]\n\ncontrols:\n"
    door.write("20-devices.yaml", f"{head}  - {control}: {{{settings}}}\n")


def _apply(door: Door) -> list[str]:
    ended = door.toolkit("apply", "--yes", "--json")
    assert ended.exit in {0, 3}, ended.out + ended.err
    return [change["address"] for change in ended.json["changes"]]


def _check(door: Door, control: str) -> dict[str, tuple[str, str]]:
    found = door.toolkit("check", "--only", control, "--json").json["findings"]
    return {row["subject"]: (row["status"], row["reason"]) for row in found}


def test_nothing_is_blocked_until_the_devices_were_counted_for_a_month(wide_door: Door) -> None:
    _write(wide_door, "device.antimalware", "for: staff, audit_from: 2026-11-01, block_from: 2026-12-01")
    assert _apply(wide_door) == []  # Chrome's own protection is set for the whole organisation already
    assert _check(wide_door, "device.antimalware")[ON][0] == "pass"

    _write(wide_door, "device.antimalware", "for: staff, audit_from: 2026-09-07, block_from: 2026-10-12")

    assert sorted(_apply(wide_door)) == [
        "google_workspace.chrome_policy[users.DownloadRestrictions @ /Staff]",
        "microsoft365.windows_configuration[School virus protection: staff]",
    ]
    assert _apply(wide_door) == []
    assert wide_door.toolkit("drift").exit == 0


def test_another_makers_antivirus_counts_as_one(bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", "for: staff")
    ((key, _),) = [(key, row) for key, row in bare_door.tenant.objects(SUMMARIES).items() if key == "antivirus"]
    assert _check(bare_door, "device.antimalware")[ON] == (
        "pass",
        "10 of 10 Windows computers have an antivirus on, of any maker",
    )
    bare_door.tenant.patch(SUMMARIES, key, compliantDeviceCount=7, nonCompliantDeviceCount=2, unknownDeviceCount=1)

    assert _check(bare_door, "device.antimalware")[ON] == (
        "fail",
        "7 of 10 Windows computers have an antivirus on, of any maker; not known: 1",
    )
    bare_door.tenant.delete(SUMMARIES, key)

    status, reason = _check(bare_door, "device.antimalware")[ON]
    assert (status, "Antivirus: Require" in reason) == ("unknown", True)


def test_a_chromebook_in_developer_mode_fails(google_door: Door) -> None:
    _write(google_door, "device.antimalware", "for: staff")
    assert _check(google_door, "device.antimalware")[VERIFIED][0] == "pass"
    active = [key for key, row in google_door.tenant.objects(CHROMEOS).items() if row["status"] == "ACTIVE"]
    google_door.tenant.patch(CHROMEOS, active[0], bootMode="Dev")

    status, reason = _check(google_door, "device.antimalware")[VERIFIED]

    assert (status, "1 in developer mode" in reason) == ("fail", True)


@pytest.mark.parametrize(
    "settings",
    ["block_from: 2026-12-01", "audit_from: 2026-11-02, block_from: 2026-12-01"],
    ids=["never counted", "29 days"],
)
def test_blocking_without_a_month_of_counting_is_refused(settings: str, bare_door: Door) -> None:
    _write(bare_door, "device.antimalware", f"for: staff, {settings}")

    plan = bare_door.toolkit("plan")

    assert (plan.exit, "at least 30 days after" in plan.err) == (2, True), plan.err


SIGN_IN = "google_workspace.chrome_policy[devices.SignInRestriction @ /Shared devices]"
UNITS = "device_units: [/Shared devices]"


def _list_at(door: Door, entries: list[str]) -> None:
    units = door.tenant.objects("google.orgunits")
    ((_, unit),) = [item for item in units.items() if item[1]["orgUnitPath"] == "/Shared devices"]
    key = f"orgunits/{unit['orgUnitId'].removeprefix('id:')}/chrome.devices.SignInRestriction"
    value = {"deviceAllowNewUsers": "ALLOW_NEW_USERS_ENUM_RESTRICTED_LIST", "userAllowlist": entries}
    stored = door.tenant.objects(CHROME)
    door.tenant.put(CHROME, key, {**stored[key], "value": value})


def test_school_accounts_and_those_listed_sign_in_and_no_one_is_taken_off_the_list(wide_door: Door) -> None:
    _write(wide_door, "identity.signin_restriction", f"{UNITS}, also: {{trust_staff: ['*@Trust.example']}}")
    assert sorted(_apply(wide_door)) == [
        SIGN_IN,  # guests are shut out there already
        "microsoft365.windows_configuration[School sign-in]",
    ]
    assert _apply(wide_door) == []
    found = _check(wide_door, "identity.signin_restriction")
    assert found["others on the list of sign-ins"][0] == "pass"
    assert found["Chromebooks outside the units"][0] == "pass"
    assert found["domains that may sign in"][0] == "pass"
    own = ["*@example-primary.example", "*@trust.example"]

    _list_at(wide_door, [*own, "exam@partner.example"])

    assert _apply(wide_door) == []
    status, reason = _check(wide_door, "identity.signin_restriction")["others on the list of sign-ins"]
    assert (status, "exam@partner.example" in reason) == ("fail", True)
    _list_at(wide_door, ["*@trust.example"])
    assert wide_door.toolkit("drift").exit == 3
    assert _apply(wide_door) == [SIGN_IN]


def test_a_chromebook_in_another_unit_is_not_covered(google_door: Door) -> None:
    _write(google_door, "identity.signin_restriction", UNITS)
    active = [key for key, row in google_door.tenant.objects(CHROMEOS).items() if row["status"] == "ACTIVE"]
    google_door.tenant.patch(CHROMEOS, active[0], orgUnitPath="/Shared devices of old")

    status, reason = _check(google_door, "identity.signin_restriction")["Chromebooks outside the units"]

    assert (status, reason.endswith("does not reach: /Shared devices of old")) == ("fail", True)


@pytest.mark.parametrize(
    ("settings", "says"),
    [
        ("also: {visitors: []}", "visitors"),
        ("also: {visitors: ['*']}", "must be an address, or all of a domain"),
        ("device_units: []", "device_units"),
        ("hours: {from: '08:00', to: '16:00'}", "unknown setting `hours`"),
        ("for: staff", "leave `for` out"),
    ],
    ids=["empty list", "everyone", "no unit", "hours", "for some"],
)
def test_a_restriction_that_would_lock_people_out_is_refused(settings: str, says: str, google_door: Door) -> None:
    _write(google_door, "identity.signin_restriction", settings)

    plan = google_door.toolkit("plan")

    assert (plan.exit, says in plan.err) == (2, True), plan.err
