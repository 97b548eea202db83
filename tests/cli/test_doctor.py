"""`toolkit doctor`: whether everything is there that the playbooks need."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.door import CommandResult, Door
from tests.granting import APPLICATION, grant, names, printed_permissions
from tests.schools import with_people
from toolkit.engine.doctor.diagnosis import DiagnosisState
from toolkit.engine.doctor.tenant_access import _diagnose_clock

pytestmark = with_people(users=24, staff=10)

ROLES = ["Organization.Read.All", "User.Read.All", "GroupMember.Read.All", "Domain.Read.All", "Exchange.ManageAsApp"]

SCOPES = "https://www.googleapis.com/auth/"


def _doctor_finding(door: Door, subject: str, *, section: str = "", **variables: str) -> Mapping[str, Any]:
    return _of(door.toolkit("doctor", "--json", **variables), subject, section)


def _of(answered: CommandResult, subject: str, section: str = "") -> Mapping[str, Any]:
    """Return what a doctor that was asked for JSON found of one thing."""
    told = answered.json["diagnoses"]
    (one,) = (one for one in told if one["subject"] == subject and section in one["section"])
    return dict(one)


def _keep_few(door: Door) -> None:
    """Keep of the samples the disclaimer on both clouds, and the rules for mail."""
    for path in door.playbooks.glob("[1-9]*.yaml"):
        if not path.name.startswith(("30", "39")):
            path.unlink()


def test_all_is_well_on_a_fresh_school_and_nothing_is_written(small_door: Door) -> None:
    answered = small_door.toolkit("doctor")

    assert answered.exit == 0, answered.out
    assert "on emulated tenants on this machine (simulated data)" in answered.out.splitlines()[0]
    assert "Microsoft 365, read identity" in answered.out
    assert "Microsoft 365, write identity" in answered.out
    assert "Google Workspace, read identity" in answered.out
    assert "Google Workspace, write identity" in answered.out
    assert re.search(r"Doctor: \d+ ok, 0 missing, 0 wrong, 0 unknown, 3 excess\.", answered.out)
    assert "Needs attention" not in answered.out  # permissions that no one can take away on emulated tenants
    assert "not needed by these playbooks" in small_door.toolkit("doctor", "-v").out
    operations = [one for request in small_door.tenant.requests() for one in request["operations"]]
    assert not [one["name"] for one in operations if one["write"]]
    assert not (small_door.state / "emulator" / "ledger.db").exists()


def test_a_permission_that_is_missing_is_named(small_door: Door) -> None:
    _keep_few(small_door)
    small_door.tenant.grant("reader", roles=[role for role in ROLES if role != "User.Read.All"])

    answered = small_door.toolkit("doctor")
    people = _doctor_finding(small_door, "directory: people", section="read")

    assert answered.exit == 4
    assert people["state"] == "missing"
    assert people["missing"] == ["User.Read.All"]
    assert "missing  directory: people" in answered.out


def test_a_role_that_is_missing_is_named_for_each_kind_and_the_rest_is_still_examined(small_door: Door) -> None:
    _keep_few(small_door)
    small_door.tenant.grant("reader", directory_roles=[])

    answered = small_door.toolkit("doctor", "--json")
    rules = _of(answered, "transport_rule", "read")

    assert answered.exit == 4
    assert rules["state"] == "missing"
    assert "Global Reader" in rules["missing"][0]
    assert "View-Only Configuration" in rules["advice"]
    assert _of(answered, "transport_rule", "write")["state"] == "ok"


def test_what_needs_attention_comes_first_once_and_the_rest_is_counted(small_door: Door) -> None:
    _keep_few(small_door)
    for identity in ("reader", "writer"):
        small_door.tenant.grant(identity, directory_roles=[])

    brief = small_door.toolkit("doctor").out
    diagnoses = small_door.toolkit("doctor", "--json").json["diagnoses"]

    lines = brief.splitlines()
    assert lines[3] == "Needs attention:"
    assert len(lines) <= 30
    urgent = [one for one in diagnoses if one["state"] not in {"ok", "note", "excess"}]
    assert {one["section"] for one in urgent} == {"Microsoft 365, read identity", "Microsoft 365, write identity"}
    for advice in {one["advice"] for one in urgent}:
        alike = [one for one in urgent if one["advice"] == advice]
        at = next(at for at, line in enumerate(lines) if line.endswith(f"-> {advice}"))
        sections = "; ".join(dict.fromkeys(one["section"] for one in alike))
        assert f" {alike[0]['subject']}" in lines[at - 1]
        assert f" ({sections})" in lines[at - 1]
        assert lines[at - 1].endswith(f": {alike[0]['found']}")
    for section in {one["section"] for one in diagnoses}:
        states = [one["state"] for one in diagnoses if one["section"] == section]
        (line,) = (line for line in lines if line.startswith(f"{section}: "))
        assert f"{states.count('ok')} ok (" in line
        assert all(f"{states.count(state)} {state}" in line for state in states)
    assert lines[-1].endswith(" -v lists every check and note.")


def test_leave_to_ask_which_tenant_it_is_comes_first(small_door: Door) -> None:
    _keep_few(small_door)
    small_door.tenant.grant("reader", roles=["Exchange.ManageAsApp"])

    answered = small_door.toolkit("doctor", "--json")
    tenant = _of(answered, "tenant", "Microsoft 365, read identity")

    assert answered.exit == 4
    assert (tenant["state"], tenant["missing"]) == ("missing", ["Organization.Read.All"])


def test_what_gives_no_answer_is_unknown(small_door: Door) -> None:
    _keep_few(small_door)
    small_door.tenant.fault("unavailable", "*TransportRule*", times=1000)

    answered = small_door.toolkit("doctor", TOOLKIT_PATIENCE="0.2")

    assert answered.exit == 4
    assert "unknown  transport_rule" in answered.out


def test_a_sign_in_that_one_cloud_refuses_is_wrong_and_the_other_is_examined(small_door: Door) -> None:
    _keep_few(small_door)
    small_door.tenant.fault("expired_token", "GET /organization*", times=1000)

    answered = small_door.toolkit("doctor", "--json", TOOLKIT_PATIENCE="0.2")

    assert answered.exit == 4
    assert _of(answered, "tenant", "Microsoft 365, read identity")["state"] == "wrong"
    assert _of(answered, "group_footer", "read")["state"] == "ok"


def test_a_refused_sign_in_ends_with_one(bare_door: Door) -> None:
    bare_door.tenant.fault("expired_token", "GET /organization*", times=1000)

    answered = bare_door.toolkit("doctor", "-v", TOOLKIT_PATIENCE="0.2")

    assert answered.exit == 1
    assert "wrong    tenants: " in answered.out
    assert "ok       ledger" in answered.out


def test_what_an_identity_lacks_has_too_much_and_what_of_it_ends_soon_is_named(small_door: Door) -> None:
    door, read, write = small_door, printed_permissions(small_door, "read"), printed_permissions(small_door, "write")
    own = {identity: names(given, "microsoft365", APPLICATION) for identity, given in (("r", read), ("w", write))}
    grant(door, "reader", read)
    grant(door, "writer", write, without=[f"{SCOPES}cloud-identity.policies"])
    door.tenant.grant("reader", roles=[*own["r"], "Device.Read.All"])
    door.tenant.grant(
        "writer",
        roles=[*(one for one in own["w"] if one != "Domain.ReadWrite.All"), "Domain.Read.All", "Application.Read.All"],
        directory_roles=["Exchange Administrator", "Compliance Administrator", "Global Administrator"],
        secret_expires=(datetime.now(UTC) + timedelta(days=17, hours=1)).isoformat(),
    )

    told = door.toolkit("doctor", "--json").json
    found = {(one["section"], one["subject"], one["state"]): one for one in told["diagnoses"]}

    microsoft, google = "Microsoft 365, {} identity", "Google Workspace, {} identity"
    assert found[microsoft.format("read"), "permissions", "excess"]["excess"] == ["Device.Read.All (Microsoft Graph)"]
    assert (google.format("read"), "permissions", "ok") in found
    missing = found[microsoft.format("write"), "permissions", "missing"]
    assert missing["missing"] == ["Domain.ReadWrite.All (Microsoft Graph)"]
    assert "toolkit permissions --write" in missing["advice"]
    assert found[microsoft.format("write"), "permissions", "excess"]["excess"] == [
        "Domain.Read.All (Microsoft Graph)",
        "Global Administrator",
    ]
    assert found[google.format("write"), "permissions", "missing"]["missing"] == [f"{SCOPES}cloud-identity.policies"]
    assert "in 17 days" in found[microsoft.format("write"), "client secret", "wrong"]["found"]
    assert "ends on" in found[microsoft.format("read"), "client secret", "ok"]["found"]
    assert told["summary"]["excess"] == 2


def test_another_schools_tenant_ends_with_two(small_door: Door) -> None:
    school = small_door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("domain: example-primary.example", "domain: other.example"))

    answered = small_door.toolkit("doctor")

    assert answered.exit == 2
    assert "wrong tenant: the playbooks are for Example Primary School" in answered.out
    assert not [name for name in small_door.tenant.operations() if "Get-" in name]


def test_a_file_of_secrets_that_others_may_read_is_a_finding(
    bare_door: Door, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / ".env"
    file.write_text("TOOLKIT_PATIENCE=5\n")
    file.chmod(0o644)

    open_to_others = _doctor_finding(bare_door, ".env")
    file.chmod(0o600)

    assert (open_to_others["state"], open_to_others["advice"]) == ("wrong", f"chmod 600 {file}")
    assert _doctor_finding(bare_door, ".env")["state"] == "ok"


def test_variables_and_proxies_are_named_without_their_values(bare_door: Door) -> None:
    answered = bare_door.toolkit(
        "doctor",
        "-v",
        TOOLKIT_READ_MICROSOFT365_CLIENT_SECRET="hidden-value",
        TOOLKIT_TARGET="emulator",
        HTTPS_PROXY="http://user:hidden-value@proxy.example:8080",
    )

    assert "TOOLKIT_READ_MICROSOFT365_CLIENT_SECRET" in answered.out
    assert "HTTPS_PROXY: not used on the emulated tenants" in answered.out
    assert "hidden-value" not in answered.out + answered.err


def test_a_ca_file_that_holds_no_certificate_is_a_finding(bare_door: Door, tmp_path: Path) -> None:
    file = tmp_path / "filter.pem"
    file.write_text("no certificate")

    wrong = _doctor_finding(bare_door, "certificates", TOOLKIT_CA_FILE=str(file))
    right = _doctor_finding(bare_door, "certificates", TOOLKIT_CA_FILE=bare_door.tenant.emulator.ca_file)

    assert wrong["state"] == "wrong"
    assert right["state"] == "ok"


def test_a_ledger_that_is_not_sound_is_a_finding(bare_door: Door) -> None:
    bare_door.toolkit("drift")
    (bare_door.state / "emulator" / "ledger.head").write_text('{"format": 1, "count": 9, "hash": "x"}')

    ledger = _doctor_finding(bare_door, "ledger")

    assert (ledger["state"], ledger["advice"]) == ("wrong", "toolkit audit verify")


def test_a_state_directory_that_cannot_be_written_is_a_finding_and_ends_the_examination(
    bare_door: Door, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("")

    answered = bare_door.toolkit("doctor", TOOLKIT_STATE=str(tmp_path / "file"))

    assert answered.exit == 2
    assert "cannot be written to: Not a directory" in answered.out
    assert "set TOOLKIT_STATE to a directory" in answered.out


@pytest.mark.parametrize(
    ("seconds", "state"), [(10, DiagnosisState.OK), (400, DiagnosisState.WRONG), (-400, DiagnosisState.WRONG)]
)
def test_a_clock_that_is_off_is_a_finding(seconds: int, state: DiagnosisState) -> None:
    assert _diagnose_clock(datetime.now(UTC) - timedelta(seconds=seconds)).state is state


def test_a_service_that_says_no_time_leaves_the_clock_unknown() -> None:
    assert _diagnose_clock(None).state is DiagnosisState.UNKNOWN


def test_what_is_not_read_whole_is_tried_by_what_the_playbooks_name_and_what_commands_need_is_no_excess(
    small_door: Door,
) -> None:
    door, scope = small_door, f"{SCOPES}chrome.management.policy.readonly"
    grant(door, "reader", printed_permissions(door, "read"), without=[scope])
    grant(door, "writer", printed_permissions(door, "write", "toolkit hold", "toolkit retention start"))

    told = door.toolkit("doctor", "--json").json["diagnoses"]

    chrome = next(one for one in told if one["subject"] == "chrome_policy" and "read identity" in one["section"])
    assert (chrome["state"], scope in chrome["found"]) == ("missing", True)
    assert not [one for one in told if one["state"] == "excess"]
    assert "granted only for `toolkit hold`: eDiscovery.ReadWrite.All (Microsoft Graph)" in [
        one["found"] for one in told
    ]


def _protect(door: Door, account: str) -> None:
    school = door.playbooks / "00-school.yaml"
    school.write_text(school.read_text().replace("breakglass@example-primary.example", account))


def test_a_protected_address_that_no_account_has_is_named_by_doctor_and_plan(small_door: Door) -> None:
    _keep_few(small_door)
    _protect(small_door, "braekglass@example-primary.example")

    told, plan = small_door.toolkit("doctor"), small_door.toolkit("plan")

    assert told.exit == 4
    for answered in (told, plan):
        said = " ".join(answered.out.split())
        assert "the school file protects braekglass@example-primary.example, but no account has this address" in said
    assert small_door.toolkit("plan", "--json").json["not_protected"] == ["braekglass@example-primary.example"]


@pytest.mark.soak
def test_nothing_is_said_of_a_protected_address_while_the_people_of_one_cloud_are_not_known(small_door: Door) -> None:
    _keep_few(small_door)
    _protect(small_door, "braekglass@example-primary.example")
    small_door.tenant.grant("reader", roles=[role for role in ROLES if role != "User.Read.All"])

    read_in_part = small_door.toolkit("plan", "--json").json
    of_one_cloud = small_door.toolkit("plan", "--json", "--provider", "google_workspace").json

    assert read_in_part["not_protected"] == of_one_cloud["not_protected"] == []
