"""The school's register of devices against both clouds, asked through the command line."""

import pytest

from tests.door import Door
from tests.schools import few_people
from toolkit.controls.device_register import normalise_serial

pytestmark = few_people

REGISTERED, OUTSIDE, HOLDERS = "devices in the register", "devices outside the register", "holders of devices"
HEAD = "serial,tag,kind,holder,place,bought,disposed\n"
LAPTOPS = [f"EX{number:06d},LT-{number:02},laptop,,,2025-09-01," for number in (*range(9), 11)]
TABLETS = [f"ex{number:06d} ,,Tablet,,,," for number in (9, 10)]
CHROMEBOOKS = [f"CB{number:06d},CB-{number:03},chromebook,,,," for number in range(1, 17) if number != 3]
INTUNE, CHROMEOS = "intune.managedDevices", "google.chromeosDevices"


def _playbook(door: Door, rows: list[str], settings: str = "") -> None:
    door.write("devices.csv", HEAD + "\n".join(rows) + "\n")
    entry = f"device.inventory: {{register_file: devices.csv, unseen_days: 365{settings}}}"
    door.write("20-devices.yaml", f"playbook: devices\nclauses: [INT-09]\ncontrols:\n  - {entry}\n")


def _check(door: Door, rows: list[str], settings: str = "") -> dict[tuple[str, str], tuple[str, str]]:
    _playbook(door, rows, settings)
    answered = door.toolkit("check", "--only", "device.inventory", "--json")
    assert answered.exit in {0, 3, 4}, answered.err
    found = answered.json["findings"]
    return {(row["provider"], row["subject"]): (row["status"], row["reason"]) for row in found}


def test_a_register_that_has_every_device_passes_on_both_clouds(wide_door: Door) -> None:
    found = _check(wide_door, [*LAPTOPS, *TABLETS, *CHROMEBOOKS, "EXIPAD000001,,camera,,,,", ",,projector,,,,"])

    assert {status for status, _ in found.values()} == {"pass"}
    fine = "12 of 12 registered devices for this cloud are managed here; of a kind that no cloud manages: "
    assert found["microsoft365", REGISTERED][1] == f"{fine}camera (1), projector (1)"
    assert wide_door.toolkit("apply", "--yes", "--json").json["changes"] == []


def test_what_the_register_and_intune_do_not_share_is_counted_and_named(bare_door: Door) -> None:
    left = "EX000003,LT-03,laptop,leaver@example-primary.example,,,"
    disposed = "EX000004,LT-04,laptop,,,2020-09-01,2026-07-01"
    rows = [
        *LAPTOPS[:3],
        left,
        disposed,
        *LAPTOPS[5:],
        TABLETS[0],
        "GONE1,LT-99,laptop,Amara.Ashdown@example-primary.example,,,",
    ]

    found = _check(bare_door, rows)

    assert found["microsoft365", REGISTERED] == (
        "fail",
        "10 of 11 registered devices for this cloud are managed here; not found: 1; these are LT-99",
    )
    assert found["microsoft365", OUTSIDE][0] == "fail"
    assert "2 of 12 school devices" in found["microsoft365", OUTSIDE][1]
    assert found["microsoft365", OUTSIDE][1].endswith("recorded as disposed of: 1; these are EX000004, EX000010")
    assert "1 of 2 devices have a holder" in found["microsoft365", HOLDERS][1]
    assert found["microsoft365", HOLDERS][1].endswith("these are LT-03")


def test_a_device_is_looked_for_until_the_date_on_which_it_is_disposed_of(bare_door: Door) -> None:
    kept = [row + "2999-01-01" for row in LAPTOPS]

    found = _check(bare_door, [*kept, *TABLETS, "GONE1,LT-99,laptop,,,,2999-01-01", ",,,,,,"])

    assert found["microsoft365", OUTSIDE][0] == "pass"
    assert found["microsoft365", REGISTERED][1].endswith("not found: 1; these are LT-99")


def test_a_serial_that_is_no_devices_own_is_never_compared(bare_door: Door) -> None:
    first, second, *_ = bare_door.tenant.objects(INTUNE)
    bare_door.tenant.patch(INTUNE, first, serialNumber="Default string\u200b")
    bare_door.tenant.patch(INTUNE, second, serialNumber="7745-1", model="Virtual Machine")

    found = _check(bare_door, ["Default string,LT-00,laptop,,,,", "7745-1,LT-01,laptop,,,,", *LAPTOPS[2:], *TABLETS])

    assert found["microsoft365", OUTSIDE][0] == "unknown"
    assert "not compared because they have no serial number of their own: 2" in found["microsoft365", OUTSIDE][1]
    assert "not found: 1" in found["microsoft365", REGISTERED][1]


def test_of_a_device_that_was_enrolled_again_the_record_seen_last_counts(google_door: Door) -> None:
    tenant = google_door.tenant
    retired = next(body for body in tenant.objects(CHROMEOS).values() if body["status"] == "DEPROVISIONED")
    rows = [*CHROMEBOOKS, f"{retired['serialNumber']},CB-03,chromebook,,,,"]
    assert "not found: 1; these are CB-03" in _check(google_door, rows)["google_workspace", REGISTERED][1]
    again = {**retired, "deviceId": "again", "status": "ACTIVE", "lastSync": "2026-11-09T18:00:00Z"}
    tenant.put(CHROMEOS, "again", again)

    assert _check(google_door, rows)["google_workspace", REGISTERED][0] == "pass"

    tenant.patch(CHROMEOS, "again", lastSync="2026-01-09T18:00:00Z")
    assert "not found: 1" in _check(google_door, rows)["google_workspace", REGISTERED][1]


def test_asset_tags_of_chromebooks_are_compared_with_the_register(google_door: Door) -> None:
    subject = ("google_workspace", "asset tags of Chromebooks")
    assert _check(google_door, CHROMEBOOKS)[subject][0] == "pass"
    first, second = [key for key, row in google_door.tenant.objects(CHROMEOS).items() if row["status"] == "ACTIVE"][:2]
    google_door.tenant.patch(CHROMEOS, first, annotatedAssetId="")
    google_door.tenant.patch(CHROMEOS, second, annotatedAssetId="OLD-7")

    assert _check(google_door, CHROMEBOOKS)[subject] == (
        "fail",
        "13 of 15 Chromebooks have the register's tag as their asset ID, 1 have no asset ID, 1 have a different one",
    )


def test_the_lists_of_devices_are_read_once_for_both_controls_of_devices(wide_door: Door) -> None:
    _playbook(wide_door, LAPTOPS)
    path = wide_door.playbooks / "20-devices.yaml"
    path.write_text(path.read_text() + "  - device.compliance: {for: staff}\n")
    after = wide_door.tenant.last_request()

    wide_door.toolkit("check")

    asked = wide_door.tenant.operations(after)
    assert asked.count("directory.chromeosdevices.list") == asked.count("GET /deviceManagement/managedDevices") == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("serial,tag\nA1,1\n", "line 1 of the file: the column `kind` is missing"),
        ("serial,kind,owner\nA1,laptop,x\n", "line 1 of the file: unknown column `owner`"),
        ("serial,kind\nA1,laptop\na1,laptop\n", "line 3 of the file: the serial A1 is in the file twice"),
        ("serial,kind,disposed\nA1,laptop,May\n", "line 2 of the file: `disposed` must be a date such as 2026-09-01"),
        ("serial,kind\nA1,\n", "line 2 of the file: `kind` is empty"),
        ("serial,kind\nA1,laptop,x\n", "line 2 of the file has more cells than line 1"),
        ("serial,tag", "line 1 of the file: the column `kind` is missing"),
        ("serial;kind\nA1;laptop\n", "The columns are separated by semicolons. Save the file with commas"),
        ("serial,kind,tag,tag\nA1,laptop,1,2\n", "line 1 of the file: the column `tag` appears twice"),
        ('serial,kind,holder\n,,\nA1,laptop,"Ann\nA2,laptop,\n', "line 3 of the file: a quotation mark is missing"),
    ],
)
def test_a_register_that_cannot_be_read_is_refused_at_its_line(text: str, says: str, bare_door: Door) -> None:
    _playbook(bare_door, [])
    bare_door.write("devices.csv", text)

    ended = bare_door.toolkit("validate")

    assert (ended.exit, says in ended.err) == (2, True), ended.err


def test_a_register_of_thousands_of_devices_is_read(bare_door: Door) -> None:
    _playbook(
        bare_door, [f"SN{number:06d},LT-{number:04d},laptop,,Room {number},2025-09-01," for number in range(4000)]
    )

    assert bare_door.toolkit("validate").exit == 0


@pytest.mark.parametrize(
    "written", ["", "Default string", "To Be Filled By O.E.M.", "VMware-56 4d 1c", "0", "\ufeffNone "]
)
def test_what_boards_and_virtual_machines_have_is_no_serial(written: str) -> None:
    assert normalise_serial(written) == ""
    assert normalise_serial("\u200bAB-12 ") == "ab-12"


def test_empty_labels_of_chromebooks_are_filled_from_the_register_and_others_stay(google_door: Door) -> None:
    tenant = google_door.tenant
    keys = {str(row["serialNumber"]): key for key, row in tenant.objects(CHROMEOS).items() if row["status"] == "ACTIVE"}
    serials = sorted(keys)[:2]
    first, second = (keys[serial] for serial in serials)
    tenant.patch(CHROMEOS, first, annotatedAssetId="", annotatedLocation="")
    tenant.patch(CHROMEOS, second, annotatedAssetId="OLD-7")
    older = {**tenant.read_object(CHROMEOS, first), "deviceId": "older", "lastSync": "2025-01-09T18:00:00Z"}
    tenant.put(CHROMEOS, "older", older)
    tenant.put(CHROMEOS, "board", {**older, "deviceId": "board", "serialNumber": "Default string"})
    rows = [f"{serials[0]},CB-001,chromebook,,Year 4 trolley,,", f"{serials[1]},CB-002,chromebook,,,,"]
    _playbook(google_door, [*rows, "Default string,CB-099,chromebook,,,,"])

    applied = google_door.toolkit("apply", "--yes")

    assert applied.exit == 0, (applied.out, applied.err)
    filled = tenant.read_object(CHROMEOS, first)
    assert (filled["annotatedAssetId"], filled["annotatedLocation"]) == ("CB-001", "Year 4 trolley")
    assert tenant.read_object(CHROMEOS, second)["annotatedAssetId"] == "OLD-7"
    assert [tenant.read_object(CHROMEOS, key)["annotatedAssetId"] for key in ("older", "board")] == ["", ""]
    assert google_door.toolkit("drift").exit == 0
    back = google_door("rollback", "last", google_door.playbooks, "--yes")
    assert (back.exit, tenant.read_object(CHROMEOS, first)["annotatedLocation"]) == (0, "")
    assert google_door.toolkit("plan").exit == 3


def _approved(door: Door, rows: list[str]) -> dict[str, tuple[str, str]]:
    door.write("devices.csv", HEAD.replace("disposed", "disposed,approved") + "\n".join(rows) + "\n")
    entry = "device.enrolment_approval: {for: everyone, register_file: devices.csv}"
    door.write("20-devices.yaml", f"playbook: devices\nclauses: [SYS-14]\ncontrols:\n  - {entry}\n")
    answered = door.toolkit("check", "--only", "device.enrolment_approval", "--json")
    assert answered.exit in {0, 3}, answered.err
    rows_found = [row for row in answered.json["findings"] if row["subject"] == "approvals of the school's devices"]
    return {row["provider"]: (row["status"], row["reason"]) for row in rows_found}


def test_devices_that_no_row_of_the_register_approves_by_today_are_counted_and_named(wide_door: Door) -> None:
    rows = [f"{row},2025-09-01" for row in (*LAPTOPS, *TABLETS, *CHROMEBOOKS, "EXIPAD000001,,camera,,,,")]
    everything = _approved(wide_door, rows)
    waiting = [row.replace("2025-09-01", "2026-11-11") if "EX000003" in row else row for row in rows]
    without = [row.removesuffix("2025-09-01") if "CB000001" in row else row for row in waiting]
    lacking = _approved(wide_door, [row for row in without if "EX000004" not in row])

    assert {status for status, _ in everything.values()} == {"pass"}
    assert everything["microsoft365"][1] == "12 of 12 school devices have a date of approval in the register"
    assert lacking["microsoft365"] == (
        "fail",
        "10 of 12 school devices have a date of approval in the register; these are EX000003, EX000004",
    )
    assert lacking["google_workspace"][0] == "fail"
    assert lacking["google_workspace"][1].endswith("; these are CB000001")


def test_what_needs_no_people_is_judged_where_the_people_cannot_be_read(google_door: Door) -> None:
    door = google_door
    door.tenant.fault("refused", "directory.users.list", times=99)
    entries = "\n".join(
        f"  - {entry}"
        for entry in (
            "device.enrolment_approval: {for: everyone, register_file: devices.csv}",
            "device.compliance: {for: staff, encryption: true}",
        )
    )
    door.write("20-devices.yaml", f"playbook: devices\nclauses: [SYS-14, SYS-15]\ncontrols:\n{entries}\n")
    door.write("devices.csv", HEAD.replace("disposed", "disposed,approved") + f"{CHROMEBOOKS[0]},\n")

    answered = door.toolkit("check", "--json")

    assert answered.exit == 3
    found = {(row["control"], row["subject"]): (row["status"], row["reason"]) for row in answered.json["findings"]}
    status, reason = found["device.enrolment_approval", "approvals of the school's devices"]
    assert (status, "have a date of approval in the register" in reason) == ("fail", True)
    assert found["device.compliance", "ChromeOS devices"][0] in {"pass", "fail"}
    told = [key for key, (status, _) in found.items() if status == "unknown"]
    assert {control for control, _ in told} == {"device.enrolment_approval", "device.compliance"}
    assert not any(
        "it is unknown to whom this control applies" in reason for _, reason in found.values()
    )  # it is said once


def test_a_cloud_of_which_the_register_has_no_device_has_nothing_to_judge(google_door: Door) -> None:
    for key in google_door.tenant.objects(CHROMEOS):
        google_door.tenant.delete(CHROMEOS, key)
    for key in google_door.tenant.objects("google.devices"):
        google_door.tenant.delete("google.devices", key)
    _playbook(google_door, [])

    found = google_door.toolkit("check", "--only", "device.inventory", "--json").json["findings"]

    subjects = {"devices in the register", "devices outside the register", "holders of devices"}
    assert {one["subject"]: one["outcome"] for one in found if one["subject"] in subjects} == dict.fromkeys(
        subjects, "not used"
    )
