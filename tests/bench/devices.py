"""What looking at very many policies of devices and browsers costs, beside a plain client that asks for each."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.bench.row import Bound, Row
from tests.bench.running import LATENCY, plain, toolkit
from tests.bench.scenarios import Place
from tests.door import GOOGLE, Door

_POLICIES, _INDICATORS, _NEW, _CLASSES = 200, 1000, 100, 40
_UNITS = "google.orgunits"
_HEADING = "playbook: many\ntitle: Many\nowner: Office\nresources:\n"
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


def new_policies(place: Place) -> Iterator[Row]:
    """Create 100 compliance policies, each with its assignments, as fast as the service's concurrency lets us."""
    door = place.school("new policies")
    policy = "  - microsoft365.windows_compliance_policy: Policy {0:03}\n    password_required: true\n"
    policy += "    assigned_to: [all-staff@example-primary.example]\n"
    door.write("10-policies.yaml", _HEADING + "".join(policy.format(number) for number in range(_NEW)))
    measured, asked = toolkit(door, "apply", "--yes")
    assert measured.exit == 0, measured.out
    one_by_one = asked.requests * LATENCY / 1000
    yield Row(
        f"{_NEW} new compliance policies: apply", measured.seconds, measured.megabytes, measured.seconds / one_by_one,
        f"one request after the other, {one_by_one:.1f} s",
        [Bound("requests after sign-in", asked.requests, 2 * _NEW + 8), Bound("writes", len(asked.writes), 2 * _NEW)],
        asked.requests, asked.rounds,
    )  # fmt: skip


def units(place: Place) -> Iterator[Row]:
    """Plan the block list of 40 organisational units, once all is as wanted."""
    door = place.school("units", cloud=GOOGLE)
    stored = door.tenant.objects(_UNITS)
    pupils = next(one for one in stored.values() if one["orgUnitPath"] == "/Pupils")
    copies = {
        f"03bench{number:06}": {**pupils, "orgUnitId": f"id:03bench{number:06}", "name": f"Class {number:02}",
                                "orgUnitPath": f"/Class {number:02}"}
        for number in range(_CLASSES)
    }  # fmt: skip
    door.tenant.control("PUT", f"/objects/{_UNITS}", {**stored, **copies})
    policy = (
        "  - google_workspace.chrome_policy: users.UrlBlocking @ /Class {0:02}\n    url_blocklist: [web.whatsapp.com]\n"
    )
    door.write("40-units.yaml", _HEADING + "".join(policy.format(number) for number in range(_CLASSES)))
    assert door.toolkit("apply", "--yes").exit == 0
    measured, asked = toolkit(door, "plan")
    assert measured.exit == 0, measured.out
    one_by_one = asked.requests * LATENCY / 1000
    yield Row(
        f"{_CLASSES} units, nothing to do: plan", measured.seconds, measured.megabytes, measured.seconds / one_by_one,
        f"one request after the other, {one_by_one:.1f} s",
        [Bound("requests after sign-in", asked.requests, _CLASSES + 6), Bound("writes", len(asked.writes), 0)],
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
