"""`toolkit doctor` about too much power: permissions that open all mail, secrets, and identities for rare acts."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.door import MICROSOFT, Door, open_door
from tests.emulated import Emulator
from tests.granting import grant, printed_permissions
from tests.schools import Schools, with_people
from toolkit.engine.doctor.diagnosis import Diagnosis, DiagnosisState, exit_code_of_diagnoses

pytestmark = with_people(users=20)

MAIL = playbook(
    resource("microsoft365.transport_rule", "Mark", {"prepend_subject": "[a] "}),
    resource(
        "google_workspace.chrome_policy", "users.IncognitoMode @ /Staff", {"incognito_mode_availability": "UNAVAILABLE"}
    ),
)
SCHEDULE = "schedule: {drift: '02:30'}\n"
SCOPE = "https://www.googleapis.com/auth/"


def diagnoses(door: Door, state: str, **variables: str) -> list[Mapping[str, Any]]:
    answer = door.toolkit("doctor", "--json", **variables).json
    return [diagnosis for diagnosis in answer["diagnoses"] if diagnosis["state"] == state]


@pytest.fixture
def live_door(emulator: Emulator, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Door]:
    """Open the door of a school that is live as far as toolkit knows, and whose app signs in with a secret."""
    assert emulator.proxy
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HTTPS_PROXY", emulator.proxy)
    tenant = emulator.borrow_tenant(users=20, school={"domain": "oak-primary.example"})
    door = open_door(tenant, tmp_path, samples=False, clouds=[MICROSOFT])
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("example-primary.example", "oak-primary.example"))
    writer = tenant.applications["writer"]
    live = {
        "TOOLKIT_TARGET": "live",
        "TOOLKIT_CA_FILE": emulator.ca_file,
        "TOOLKIT_WRITE_MICROSOFT365_AUTH": "secret",
        "TOOLKIT_WRITE_MICROSOFT365_CLIENT_ID": writer["client_id"],
        "TOOLKIT_WRITE_MICROSOFT365_CLIENT_SECRET": writer["client_secret"],
        "TOOLKIT_READ_MICROSOFT365_AUTH": "secret",
        "TOOLKIT_READ_MICROSOFT365_CLIENT_ID": tenant.applications["reader"]["client_id"],
        "TOOLKIT_READ_MICROSOFT365_CLIENT_SECRET": tenant.applications["reader"]["client_secret"],
    }
    yield Door(tenant, door.playbooks, door.state, {**door.variables, **live})
    tenant.close()


@pytest.fixture
def school(schools: Schools) -> Door:
    """Build a small school with one rule on each cloud, whose identity that reads has exactly what it needs."""
    door = schools.build({"users": 20}, files={"30-mail.yaml": MAIL})
    grant(door, "reader", printed_permissions(door, "read"))
    return door


@pytest.mark.parametrize(
    ("permission", "opened"),
    [
        ("Mail.Read", "all mail"),
        ("Mail.ReadWrite", "all mail"),
        ("full_access_as_app", "all mail"),
        ("Sites.FullControl.All", "all files"),
    ],
)
def test_a_permission_of_microsoft_that_opens_everything_is_wrong(school: Door, permission: str, opened: str) -> None:
    school.tenant.grant("reader", roles=[*printed_roles(school), permission])

    (found,) = diagnoses(school, "wrong")

    assert found["section"] == "Microsoft 365, read identity"
    assert found["found"] == f"{permission} opens {opened}, and toolkit never needs it"
    assert found["advice"] == f"remove {permission} from the permissions of this identity"
    assert school.toolkit("doctor").exit == 4


def printed_roles(door: Door) -> list[str]:
    printed = printed_permissions(door, "read")[MICROSOFT]
    return [row["name"] for row in printed if row["sort"] == "application permission"]


@pytest.mark.parametrize(
    "scope", ["https://mail.google.com/", SCOPE + "gmail.readonly", SCOPE + "drive", SCOPE + "cloud-platform"]
)
def test_a_scope_of_google_that_opens_everything_is_wrong(school: Door, scope: str) -> None:
    accounts = school.tenant.objects("google.serviceAccounts").items()
    key = next(key for key, account in accounts if account["name"] == "reader")
    scopes = school.tenant.read_object("google.delegation", key)["scopes"]
    school.tenant.patch("google.delegation", key, scopes=[*scopes, scope])

    (found,) = diagnoses(school, "wrong")

    assert found["section"] == "Google Workspace, read identity"
    assert found["found"].startswith(f"{scope} opens ")


def test_the_identities_of_a_fresh_school_open_nothing_too_wide_and_have_no_warning(school: Door) -> None:
    assert diagnoses(school, "wrong") == []
    assert diagnoses(school, "warning") == []


def test_a_live_secret_is_a_warning_that_names_what_is_safer(live_door: Door) -> None:
    found = diagnoses(live_door, "warning")

    assert [diagnosis["subject"] for diagnosis in found] == ["client secret", "client secret"]
    assert all("TOOLKIT_MICROSOFT365_AUTH=certificate" in diagnosis["advice"] for diagnosis in found)
    assert exit_code_of_diagnoses([Diagnosis("client secret", DiagnosisState.WARNING, "")]) == 0


@pytest.mark.parametrize(
    ("variable", "act"),
    [
        ("TOOLKIT_DEVICE_MICROSOFT365_CLIENT_ID", "may also wipe them"),
        ("TOOLKIT_HOLD_MICROSOFT365_CLIENT_ID", "legal holds"),
        ("TOOLKIT_SHARING_GOOGLE_KEY_FILE", "forwarding"),
    ],
)
def test_an_identity_for_rare_acts_does_not_belong_where_jobs_are_scheduled(
    bare_door: Door, variable: str, act: str
) -> None:
    unscheduled = diagnoses(bare_door, "warning", **{variable: "x"})
    school = bare_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + SCHEDULE)

    (found,) = diagnoses(bare_door, "warning", **{variable: "x"})

    assert unscheduled == []
    assert found["subject"] == "separate identities"
    assert act in found["found"]
    assert found["found"].endswith(f": {variable}")
    assert bare_door.toolkit("doctor", **{variable: "x"}).exit == 0


def test_scheduled_jobs_whose_identity_may_wipe_a_device_are_a_warning(live_door: Door) -> None:
    school = live_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text() + SCHEDULE)

    found = [diagnosis["found"] for diagnosis in diagnoses(live_door, "warning")]

    assert any("DeviceManagementManagedDevices.PrivilegedOperations.All" in sentence for sentence in found)
    assert any("eDiscovery.ReadWrite.All" in sentence for sentence in found)
