"""The hard cases of a create: its answer is lost, and reads do not show it yet."""

import pytest

from tests.cases import newest, writes
from tests.contract.rules import rule, rule_order, write_rules
from tests.door import Door
from tests.emulated import HANG


@pytest.mark.parametrize("lost", ["throttled_after", "unavailable_after", "dropped_after"])
def test_a_create_that_reads_show_late_is_sent_once(lost: str, bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    bare_door.tenant.fault("stale", "New-TransportRule", seconds=0.15)
    bare_door.tenant.fault(lost, "New-TransportRule", **({"seconds": 0.01} if lost == "throttled_after" else {}))
    before = newest(bare_door)

    answer = bare_door.toolkit("apply", "--yes")

    assert answer.exit == 0, answer.out + answer.err
    assert writes(bare_door, before) == ["New-TransportRule"]
    assert rule_order(bare_door).count("Tag") == 1


def test_a_create_that_reads_show_later_than_ever_makes_no_second_one(bare_door: Door) -> None:
    write_rules(bare_door, rule("Tag"))
    bare_door.tenant.fault("stale", "New-TransportRule", seconds=HANG)
    bare_door.tenant.fault("unavailable_after", "New-TransportRule")

    first = bare_door.toolkit("apply", "--yes", TOOLKIT_PATIENCE="1")
    bare_door.tenant.disarm()
    second = bare_door.toolkit("apply", "--yes")

    assert first.exit in {1, 4}
    assert second.exit == 0, second.out + second.err
    assert rule_order(bare_door).count("Tag") == 1
