"""The cost of reading very many device and browser policies, next to a plain client that requests each."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tests.bench.row import Bound, Row
from tests.bench.running import one_by_one, plain
from tests.bench.scenarios import Comparison, Place
from tests.door import GOOGLE, Door

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
    """Plan without changes over very many unmanaged compliance policies and indicators."""
    policies, indicators = place.number(whole=200, short=40), place.number(whole=1000, short=200)
    door = place.school("devices")
    _fill(door, _COMPLIANCE, policies, "displayName", "Trust {:03}")
    _fill(door, _BLOCKED, indicators, "indicatorValue", "site{:04}.example")
    door.write("10-devices.yaml", _PLAYBOOK)
    first = door.toolkit("apply", "--yes", "--reach", "300")  # settings for staff now reach everyone
    assert first.exit == 0, first.out[-3000:] + first.err
    measured, counts = place.over_playbooks(door, "plan")
    assert measured.exit == 0, measured.out
    yield place.row(
        f"{policies} policies, {indicators} indicators, nothing to do: plan",
        (measured, counts),
        [Bound("requests after sign-in", counts.requests, 12), Bound("writes", len(counts.writes), 0)],
        lambda: _each_policy(door),
    )


def new_policies(place: Place) -> Iterator[Row]:
    """Create compliance policies with assignments, as fast as the service's concurrency allows."""
    new = place.number(whole=100, short=20)
    door = place.school("new policies")
    policy = "  - microsoft365.windows_compliance_policy: Policy {0:03}\n    password_required: true\n"
    policy += "    assigned_to: [all-staff@example-primary.example]\n"
    door.write("10-policies.yaml", _HEADING + "".join(policy.format(number) for number in range(new)))
    measured, counts = place.over_playbooks(door, "apply", "--yes")
    assert measured.exit == 0, measured.out
    yield place.row(
        f"{new} new compliance policies: apply",
        (measured, counts),
        [Bound("requests after sign-in", counts.requests, 2 * new + 8), Bound("writes", len(counts.writes), 2 * new)],
        lambda: one_by_one(counts),
    )


def units(place: Place) -> Iterator[Row]:
    """Plan the block lists of many organisational units without changes."""
    classes = place.number(whole=40, short=10)
    door = place.school("units", cloud=GOOGLE)
    stored = door.tenant.objects(_UNITS)
    pupils = next(unit for unit in stored.values() if unit["orgUnitPath"] == "/Pupils")
    copies = {
        f"03bench{number:06}": {**pupils, "orgUnitId": f"id:03bench{number:06}", "name": f"Class {number:02}",
                                "orgUnitPath": f"/Class {number:02}"}
        for number in range(classes)
    }  # fmt: skip
    door.tenant.control("PUT", f"/objects/{_UNITS}", {**stored, **copies})
    policy = (
        "  - google_workspace.chrome_policy: users.UrlBlocking @ /Class {0:02}\n    url_blocklist: [web.whatsapp.com]\n"
    )
    door.write("40-units.yaml", _HEADING + "".join(policy.format(number) for number in range(classes)))
    first = door.toolkit("apply", "--yes", "--reach", "300")  # settings for staff now reach everyone
    assert first.exit == 0, first.out[-3000:] + first.err
    measured, counts = place.over_playbooks(door, "plan")
    assert measured.exit == 0, measured.out
    yield place.row(
        f"{classes} units, nothing to do: plan",
        (measured, counts),
        [Bound("requests after sign-in", counts.requests, classes + 6), Bound("writes", len(counts.writes), 0)],
        lambda: one_by_one(counts),
    )


def _each_policy(door: Door) -> Comparison:
    beside = plain(door, [f"{_PATH}/{key}/assignments" for key in door.tenant.objects(_COMPLIANCE)], [])
    return beside.seconds, f"a plain client that asks for each policy, {beside.seconds:.2f} s"


def _fill(door: Door, collection: str, number: int, name: str, called: str) -> None:
    """Store copies of a seeded object, each under its own name, until there are `number` objects."""
    stored = door.tenant.objects(collection)
    key, model = next(iter(stored.items()))
    copies: dict[str, Mapping[str, Any]] = {}
    for count in range(number - len(stored)):
        title = called.format(count)
        identifier = str(uuid5(NAMESPACE_URL, title)) if "-" in key else str(10_000 + count)
        copies[identifier] = {**model, "id": identifier, name: title}
    door.tenant.control("PUT", f"/objects/{collection}", {**stored, **copies})
