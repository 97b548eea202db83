"""What looking at very many policies of devices and browsers costs, beside a plain client that asks for each."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.bench.row import Bound, Row
from tests.bench.running import plain, toolkit
from tests.bench.scenarios import Place
from tests.door import Door

_POLICIES, _INDICATORS = 200, 1000
_COMPLIANCE, _BLOCKED = "intune.compliancePolicies", "defender.indicators"
_PATH = "/deviceManagement/deviceCompliancePolicies"
_PLAYBOOK = """\
playbook: devices
title: Devices
owner: Head Teacher
controls:
  - device.compliance: {for: staff, platforms: [windows, ios, macos, android_work_profile]}
  - web.chat_im_block:
      for: everyone
      block: [whatsapp, telegram, signal]
      adopt: {"School web: everyone": LA Edge baseline}
"""


def devices(place: Place) -> Iterator[Row]:
    """Plan over 200 compliance policies and 1,000 indicators of others, once all is as wanted."""
    door = place.school("devices")
    _fill(door, _COMPLIANCE, _POLICIES, "displayName", "Trust {:03}")
    _fill(door, _BLOCKED, _INDICATORS, "indicatorValue", "site{:04}.example")
    door.write("10-devices.yaml", _PLAYBOOK)
    assert door.toolkit("apply", "--yes").exit == 0
    measured, asked = toolkit(door, "plan")
    assert measured.exit == 0, measured.out
    beside = plain(door, [f"{_PATH}/{key}/assignments" for key in door.tenant.objects(_COMPLIANCE)], [])
    yield Row(
        f"{_POLICIES} policies, {_INDICATORS} indicators, nothing to do: plan", measured.seconds, measured.megabytes,
        measured.seconds / beside.seconds, f"a plain client that asks for each policy, {beside.seconds:.2f} s",
        [Bound("requests after sign-in", asked.requests, 12), Bound("writes", len(asked.writes), 0)],
        asked.requests, asked.rounds,
    )  # fmt: skip


def _fill(door: Door, collection: str, number: int, name: str, called: str) -> None:
    """Store as many copies of a seeded object as are wanted, each by a name of its own."""
    stored = door.tenant.objects(collection)
    key, model = next(iter(stored.items()))
    copies: dict[str, Mapping[str, Any]] = {}
    for count in range(number - len(stored)):
        title = called.format(count)
        one = str(uuid5(NAMESPACE_URL, title)) if "-" in key else str(10_000 + count)
        copies[one] = {**model, "id": one, name: title}
    door.tenant.control("PUT", f"/objects/{collection}", {**stored, **copies})
