"""Who made a difference, from the tenants' own logs: Intune's, the directory's and Google's."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tests.cases import playbook, resource
from tests.door import Door, open_door
from tests.emulated import Emulator


def _key(door: Door, collection: str, text: str) -> str:
    return next(key for key, body in door.tenant.objects(collection).items() if text in f"{key} {body}")


def _by_address(door: Door) -> Mapping[str, Any]:
    changes = door.toolkit("drift", "--json").json["changes"]
    return {change["address"]: change for change in changes}


def test_each_log_names_the_application_or_the_person(emulator: Emulator, tmp_path: Path) -> None:
    tenant = emulator.open_tenant(users=20)
    door = open_door(tenant, tmp_path, samples=False)
    asked = playbook(
        resource(
            "microsoft365.windows_compliance_policy",
            "School PCs",
            {"password_required": True, "password_minimum_length": 8},
        ),
        resource("microsoft365.password_expiry", tenant.domain, {"valid_for_days": 100}),
        resource("google_workspace.chrome_policy", "users.UrlBlocking @ /Staff", {"url_blocklist": ["chat.example"]}),
    )
    door.write("10-all.yaml", asked)
    applied = door.toolkit("apply", "--yes")
    assert applied.exit == 0, applied.out + applied.err
    policies, urls = "intune.compliancePolicies", "google.chromePolicies"
    person = f"caretaker@{tenant.domain}"
    tenant.patch_by("Other Tool", policies, _key(door, policies, "School PCs"), passwordMinimumLength=4)
    tenant.patch_by(person, "domains", tenant.domain, passwordValidityPeriodInDays=2147483647)
    tenant.patch_by("Filter Company", urls, _key(door, urls, "chat.example"), value={"urlBlocklist": []})
    before = tenant.last_request()

    found = _by_address(door)

    actors = {address.partition("[")[0]: change["actor"] for address, change in found.items()}
    assert actors == {
        "microsoft365.windows_compliance_policy": {"kind": "application", "name": "Other Tool"},
        "microsoft365.password_expiry": {"kind": "person", "name": person},
        "google_workspace.chrome_policy": {"kind": "application", "name": "Filter Company"},
    }
    asked_of_logs = [one for one in tenant.operations(before) if "udit" in one or "activities" in one]
    assert sorted(asked_of_logs) == [
        "GET /auditLogs/directoryAudits",
        "GET /deviceManagement/auditEvents",
        "reports.activities.list",
    ]
    tenant.close()
