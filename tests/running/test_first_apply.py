"""The main job: a playbook applied to an emulated tenant."""

from tests.door import Door


def test_a_second_apply_changes_nothing(door: Door) -> None:
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out + first.err

    asked = door.tenant.last_request()
    second = door.toolkit("apply", "--yes")

    assert second.exit == 0
    assert "nothing to do" in second.out
    operations = [one for request in door.tenant.requests(asked) for one in request["operations"]]
    assert not [one["name"] for one in operations if one["write"]]


def test_plan_and_drift_agree_that_all_is_as_wanted(door: Door) -> None:
    door.toolkit("apply", "--yes")

    assert door.toolkit("plan").exit == 0
    assert door.toolkit("drift").exit == 0
