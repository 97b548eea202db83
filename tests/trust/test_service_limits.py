"""A service's limits are for all schools of a tenant together, and are counted before the first write."""

from pathlib import Path

from tests.cases import newest, protect_nobody, writes
from tests.contract.rules import rule, write_rules
from tests.door import open_door
from tests.emulated import Tenant
from tests.schools import few_people

pytestmark = few_people


def test_regular_expressions_beyond_the_limit_of_the_tenant_are_refused_before_a_write(
    tenant: Tenant, tmp_path: Path
) -> None:
    door = open_door(tenant, tmp_path, samples=False)
    protect_nobody(door)
    pattern = "a" * 120
    patterns = [[f"{pattern}{number:03}{part}" for number in range(45)] for part in range(4)]
    marks = {"prepend_subject": "[x] "}
    write_rules(door, *(rule(f"Rule {part}", subject_matches_patterns=patterns[part], **marks) for part in range(4)))
    before = newest(door)

    refused = door.toolkit("apply", "--yes", "--reach", "100000")

    assert refused.exit == 5
    assert "all mail rules of the tenant can have 20480 bytes of regular expressions" in " ".join(refused.out.split())
    assert writes(door, before).count("New-TransportRule") == 3
