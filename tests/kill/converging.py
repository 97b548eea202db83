"""What has to be true of the run after a killed one, wherever that was killed."""

from tests.kill.school import WANTED, School


def converges(school: School) -> None:
    """Run again, and see that it says what was half done, leaves everything once and in order, and a sound chain."""
    half_done = school.half_done()
    assert school.checked().sound, school.checked().faults
    asked = school.asked()

    again = school.apply()

    assert again.exit == 0, again.out + again.err
    told = [line for line in again.out.splitlines() if "left half done" in line]
    assert len(told) == len(half_done)
    assert not [step for step in half_done if not any(f": {step}: " in line for line in told)]
    assert school.rules() == WANTED
    assert school.failures(asked) == []
    assert school.half_done() == []
    assert school.checked().sound, school.checked().faults
    assert school.door.toolkit("plan").exit == 0
