"""A date in a control makes playbooks want something else: no one changed that in the tenant."""

from tests.door import Door
from tests.schools import few_people

pytestmark = few_people

ANTIMALWARE = """\
playbook: devices
title: Virus protection
owner: Head Teacher
controls:
  - device.antimalware: {for: staff, audit_from: 2026-09-07, block_from: 2026-10-12}
"""
NAME = "School virus protection: staff"


def test_drift_says_that_it_is_because_of_the_date(bare_door: Door) -> None:
    bare_door.write("20-devices.yaml", ANTIMALWARE)
    bare_door.tenant.set_now("2026-09-10T09:00:00Z")
    assert bare_door.toolkit("apply", "--yes").exit == 0
    assert bare_door.toolkit("drift").exit == 0

    bare_door.tenant.set_now("2026-10-13T09:00:00Z")
    found = bare_door.toolkit("drift")

    assert found.exit == 3
    assert f"+ {NAME}" in found.out
    assert "new, because of the date" in found.out
    assert "in the tenant, by" not in found.out
