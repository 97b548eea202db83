"""The main job: a playbook applied to an emulated tenant."""

from tests.door import Door
from tests.emulated import whole_school


@whole_school
def test_after_an_apply_all_is_as_wanted_and_a_second_one_changes_nothing(door: Door) -> None:
    first = door.toolkit("apply", "--yes")
    assert first.exit == 0, first.out + first.err

    asked = door.tenant.last_request()
    checked = [door.toolkit(command).exit for command in ("plan", "drift")]
    second = door.toolkit("apply", "--yes")

    assert checked == [0, 0]
    assert second.exit == 0
    assert "nothing to do" in second.out
    operations = [one for request in door.tenant.requests(asked) for one in request["operations"]]
    assert not [one["name"] for one in operations if one["write"]]
