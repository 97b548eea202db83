"""The main job: a playbook applied to an emulated tenant."""

import pytest

from tests.door import Door
from tests.emulated import whole_school


def test_after_an_apply_all_is_as_wanted_and_a_second_one_changes_nothing(applied_door: Door) -> None:
    _is_as_wanted(applied_door)


@pytest.mark.soak
@whole_school
def test_the_same_at_a_school_whose_lists_are_longer_than_a_page(door: Door) -> None:
    first = door.toolkit("apply", "--yes")

    assert first.exit == 0, first.out + first.err
    _is_as_wanted(door)


def _is_as_wanted(door: Door) -> None:
    asked = door.tenant.last_request()
    checked = [door.toolkit(command) for command in ("plan", "drift")]
    second = door.toolkit("apply", "--yes")

    assert [answer.exit for answer in checked] == [0, 0]
    assert "toolkit rollover" not in checked[1].out  # groups that are there lead nowhere
    assert second.exit == 0
    assert "nothing to do" in second.out
    operations = [one for request in door.tenant.requests(asked) for one in request["operations"]]
    assert not [one["name"] for one in operations if one["write"]]
