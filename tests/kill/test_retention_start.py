"""A change that keeps less, killed between begun and ended: the next run tells it, and nothing is made twice."""

import signal
from collections.abc import Mapping
from typing import Any

import pytest

from tests.cases import playbook, resource
from tests.door import CommandResult, Door
from tests.emulated import Tenant
from tests.registered import toolkit_waiting
from tests.schools import few_people

pytestmark = few_people

OF_KIND, NAME = "microsoft365.retention_policy", "Office mail"
OFFICE = "office@example-primary.example"
POLICIES, RULES = "compliance.retentionPolicies", "compliance.retentionRules"
DELETING: Mapping[str, Any] = {"mail": [OFFICE], "keep_days": 60, "action": "delete", "beside": True}


def _ask(door: Door, **changes: object) -> None:
    door.write("10-retention.yaml", playbook(resource(OF_KIND, NAME, {**DELETING, **changes})))


def _killed_after(door: Door, cmdlet: str) -> int:
    """Start it in a process that ends when a cmdlet has taken effect and before its answer."""
    with toolkit_waiting(door, "retention", "start", NAME, str(door.playbooks), "--yes") as client:
        door.tenant.fault("kill_after", cmdlet, pid=client.pid)
        client.communicate("go\n")
    door.tenant.disarm()
    return client.returncode


def _days(tenant: Tenant) -> list[str]:
    """Give the period of every rule of ours, of which there must be one at most."""
    (guid,) = [one["Guid"] for one in tenant.objects(POLICIES).values() if one["Name"] == NAME]
    return [rule["RetentionDuration"] for rule in tenant.objects(RULES).values() if rule["Policy"] == guid]


def test_a_start_that_was_killed_is_told_by_the_next_run_and_nothing_is_made_twice(bare_door: Door) -> None:
    _ask(bare_door)
    assert _killed_after(bare_door, "New-RetentionCompliancePolicy") == -signal.SIGKILL
    half_way, plan = _days(bare_door.tenant), bare_door.toolkit("plan")

    again = _start(bare_door)

    assert (half_way, plan.exit, again.exit) == ([], 5, 0), again.out + again.err
    assert f": create {OF_KIND}[{NAME}]: applied" in plan.out
    assert f"`toolkit retention start '{NAME}'`" in plan.out
    assert _days(bare_door.tenant) == ["60"]
    assert "not finished by run" not in bare_door.toolkit("plan").out
    assert bare_door("audit", "verify").exit == 0


@pytest.mark.soak
def test_a_shortening_that_was_killed_is_told_by_the_next_run_and_leaves_nothing_to_start(bare_door: Door) -> None:
    _ask(bare_door)
    assert _start(bare_door).exit == 0
    _ask(bare_door, keep_days=30)
    assert _killed_after(bare_door, "Set-RetentionComplianceRule") == -signal.SIGKILL

    plan, again = bare_door.toolkit("plan"), _start(bare_door)

    assert (plan.exit, again.exit, _days(bare_door.tenant)) == (0, 0, ["30"])
    assert [one for one in (plan, again) if f": update {OF_KIND}[{NAME}]: applied" not in one.out] == []
    assert "there is nothing to start" in again.out
    assert "not finished by run" not in bare_door.toolkit("plan").out
    assert bare_door("audit", "verify").exit == 0


def _start(door: Door) -> CommandResult:
    return door("retention", "start", NAME, door.playbooks, "--yes")
