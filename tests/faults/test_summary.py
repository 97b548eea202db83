"""The summary of an apply counts what was sent, also if the rest of a change was refused or could not be read back."""

import re
from pathlib import Path

import pytest

from tests.cases import CASES, ask_for, playbook, put, resource, snapshot
from tests.door import GOOGLE, Door, open_door
from tests.emulated import Tenant

_COMPLIANCE = "microsoft365.windows_compliance_policy"
_NEW = "POST /deviceManagement/deviceCompliancePolicies"
_LIST = "GET /deviceManagement/deviceCompliancePolicies"


@pytest.fixture
def asking(bare_door: Door) -> Door:
    settings = {"assigned_to": ["all-staff@example-primary.example"], "password_required": True}
    bare_door.write("10.yaml", playbook(*(resource(_COMPLIANCE, name, settings) for name in ("One", "Two"))))
    return bare_door


def _last_line(text: str) -> str:
    return re.sub(r"; .*", "", next(line for line in text.splitlines() if line.startswith("Applied: ")))


def test_what_was_created_and_not_assigned_is_counted_and_known_to_the_ledger(asking: Door) -> None:
    asking.tenant.fault("refused", "POST /deviceManagement/deviceCompliancePolicies/{id}/assign", times=2)

    applied = asking.toolkit("apply", "--yes")
    asking.tenant.disarm()

    assert applied.exit == 1
    created = asking.tenant.operations().count(_NEW)
    assert created >= 1
    changes = f"{created} change{'s' if created > 1 else ''}"
    assert _last_line(applied.out).startswith(f"Applied: {changes} sent but not confirmed as planned")
    assert "create different: partly written (" in applied.out
    assert (
        "but the tenant has different values: assigned_to is None instead of ('all-staff@example-primary.example',)"
        in applied.out
    )
    logged = asking("audit", "log", "--last", "1", "--json").json["runs"][0]
    assert {step["state"] for step in logged["steps"]} == {"applied"}
    assert asking.toolkit("apply", "--yes").exit == 0
    assert asking.tenant.operations().count(_NEW) == 2


def test_what_was_created_and_could_not_be_read_back_is_counted(asking: Door) -> None:
    asking.tenant.fault("refused", _LIST, nth=2, times=50)

    applied = asking.toolkit("apply", "--yes", "--json")
    asking.tenant.disarm()

    assert applied.exit == 4
    assert applied.json["summary"]["unconfirmed"] == 2
    listed = asking("audit", "log", "--last", "1").out
    assert "2 sent but not confirmed" in listed
    assert "not done" not in listed
    again = asking.toolkit("apply", "--yes")
    assert (again.exit, asking.tenant.operations().count(_NEW)) == (0, 2)


def test_a_change_that_was_refused_as_a_whole_is_not_done(asking: Door) -> None:
    asking.tenant.fault("refused", _NEW, times=2)

    applied = asking.toolkit("apply", "--yes")

    assert applied.exit == 1
    assert _last_line(applied.out) == "Applied: 0 changes done, 2 changes not made"


def test_a_text_that_a_refusal_in_part_left_is_not_the_services_writing_of_ours(tenant: Tenant, tmp_path: Path) -> None:
    door = open_door(tenant, tmp_path, samples=False, clouds=[GOOGLE])
    (case,) = [one for one in CASES if (one.kind, one.stem) == ("google_workspace.detector", "words")]
    ask_for(door, case)
    assert door.toolkit("apply", "--yes").exit == 0
    edits = [edit for edit in case.edits if edit.setting in {"description", "unit"}]
    put(tenant, case.apply_edits(tenant, snapshot(tenant, [case.stored]), *edits))
    tenant.fault("refused", "cloudidentity.policies.delete", times=1)  # the new one is made, the old one stays

    refused, again = door.toolkit("apply", "--yes"), door.toolkit("apply", "--yes")

    assert (refused.exit, again.exit) == (1, 0), refused.out + again.out
    value = tenant.read_object(case.stored, case.key(tenant))["setting"]["value"]
    assert value["description"].startswith("Agreed by the governors")
