"""A cloud on which no one has what a control is about is not used: that is neutral, and an unknown count is unknown."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest

from tests.door import Door
from toolkit.planning.plan import Plan
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.verdicts.judge import RunEvidence, judge_parts
from toolkit.sdk.directory import UseCount
from toolkit.sdk.part import Level, Part, Realisation
from toolkit.sdk.verdict import PartOutcome, Verdict, WireEvidence

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
LACKING = Part(name="rule", level=Level.UNAVAILABLE, covers="mail", reason="no licence for it")


def _verdict(use: UseCount | None, *, control: str = "mail.disclaimer") -> Verdict:
    realised = RealisedControl(control, "microsoft365", (), Realisation((LACKING,)), "staff", use=use)
    read = RunEvidence(controls=[realised], plan=Plan(), titles={"microsoft365": "Microsoft 365"}, now=NOW)
    (verdict,) = judge_parts(read)
    return verdict


@pytest.mark.parametrize(
    ("control", "use", "outcome"),
    [
        ("mail.disclaimer", UseCount(people=12), PartOutcome.NOT_USED),
        ("mail.disclaimer", UseCount(people=12, mailboxes=1), PartOutcome.UNAVAILABLE),
        ("mail.disclaimer", UseCount(), PartOutcome.NOT_USED),
        ("mail.disclaimer", UseCount(unknown="no permission"), PartOutcome.UNKNOWN),
        ("mail.disclaimer", None, PartOutcome.UNAVAILABLE),
        ("device.compliance", UseCount(people=12, devices=0), PartOutcome.NOT_USED),
        ("device.compliance", UseCount(people=12, devices=1), PartOutcome.UNAVAILABLE),
        ("device.compliance", UseCount(people=12), PartOutcome.UNAVAILABLE),
        ("mail.disclaimer", UseCount(people=12, mailboxes=1, devices=0), PartOutcome.UNAVAILABLE),
        ("device.compliance", UseCount(people=12, devices_unknown="no permission"), PartOutcome.UNKNOWN),
        ("identity.idle_lock", UseCount(people=12, devices_unknown="no permission"), PartOutcome.UNAVAILABLE),
        ("identity.idle_lock", UseCount(people=12), PartOutcome.UNAVAILABLE),
        ("identity.idle_lock", UseCount(), PartOutcome.NOT_USED),
        ("identity.idle_lock", UseCount(unknown="no permission"), PartOutcome.UNAVAILABLE),
    ],
)
def test_a_part_is_not_used_where_no_one_has_an_account_or_a_mailbox(
    control: str, use: UseCount | None, outcome: PartOutcome
) -> None:
    assert _verdict(use, control=control).outcome is outcome


def test_what_is_not_used_rests_on_the_count_that_was_read() -> None:
    (ground,) = _verdict(UseCount(people=12)).grounds

    assert ground.count is not None
    assert (ground.count.ok, ground.count.of, ground.evidence) == (0, 12, WireEvidence(NOW))


def test_a_cloud_on_which_no_one_has_a_device_is_not_used_for_controls_of_devices(bare_door: Door) -> None:
    control = "playbook: devices\ncontrols:\n  - device.removable_storage: {for: staff}\n"
    bare_door.write("20-devices.yaml", control)

    before = _of_devices(bare_door)
    for key in bare_door.tenant.objects("intune.managedDevices"):
        bare_door.tenant.delete("intune.managedDevices", key)
    after = _of_devices(bare_door)

    assert "not used" not in before
    assert {*after} == {"not used"}
    assert after["not used"] == {"ok": 0, "of": 46, "unknown": 0, "noun": "person"}


def _of_devices(door: Door) -> Mapping[str, Any]:
    told = door.toolkit("check", "--json").json["verdicts"]
    here = [one for one in told if (one["provider"], one["control"]) == ("microsoft365", "device.removable_storage")]
    return {one["outcome"]: one["grounds"][0]["count"] for one in here}
