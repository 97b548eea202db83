"""For whom a check is made: an audience, less who is excepted, less who is not in the pilot yet."""

from datetime import datetime

import pytest

from toolkit.errors import SignInRefused, Unavailable
from toolkit.school.school import ProtectedList, School
from toolkit.sdk.check import CheckOccasion, Finding, Status, check_subject
from toolkit.sdk.directory import EVERYONE, Audience, Group, Scope
from toolkit.sdk.reason import COULD_NOT_BE_READ
from toolkit.sdk.resource import Mode, Origin

NOW = datetime.fromisoformat("2026-11-10T09:00:00+00:00")
SCHOOL = School(
    name="Example Primary School",
    short_name="EPS",
    domains=("example-primary.example",),
    time_zone="Europe/London",
    tenants={},
    roles={},
    protected=ProtectedList(),
    mode=Mode.CHECK,
    phone=None,
    website=None,
    origin=Origin("00-school.yaml", 1),
)
STAFF = Audience("staff", Group("1", "Staff", None, frozenset({"ann", "bob"})))
TRIP = Audience("trip leaders", Group("2", "Trip leaders", None, frozenset({"bob"})))


@pytest.mark.parametrize(
    ("scope", "reached"),
    [
        (Scope(Audience(EVERYONE)), {"ann", "bob", "eve"}),
        (Scope(STAFF), {"ann", "bob"}),
        (Scope(STAFF, excepted_audiences=(TRIP,)), {"ann"}),
        (Scope(STAFF, pilot=TRIP), {"bob"}),
        (Scope(Audience(EVERYONE), excepted_audiences=(TRIP,), pilot=STAFF), {"ann"}),
    ],
)
def test_a_check_reaches_whom_the_control_is_for(scope: Scope, reached: set[str]) -> None:
    occasion = CheckOccasion(SCHOOL, scope, NOW)

    assert {person for person in ("ann", "bob", "eve") if occasion.reaches(person)} == reached


def test_what_cannot_be_read_is_unknown_with_its_reason() -> None:
    def look() -> Finding:
        raise Unavailable("nobody answers")

    assert check_subject("devices", look) == Finding(
        "devices", Status.UNKNOWN, COULD_NOT_BE_READ(text="nobody answers")
    )


def test_a_sign_in_that_is_refused_is_no_finding() -> None:
    def look() -> Finding:
        raise SignInRefused("wrong secret")

    with pytest.raises(SignInRefused):
        check_subject("devices", look)
