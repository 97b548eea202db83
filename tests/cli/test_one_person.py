"""Two accounts of one person never count as two people, whichever cloud they sign in to."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from tests.cli.test_hold import CASE, DATA_HOLD, Office, _release
from tests.cli.test_hold import keep_placed as keep_placed  # noqa: PLC0414 - the fixtures
from tests.cli.test_hold import office as office  # noqa: PLC0414
from tests.door import GOOGLE, CommandResult
from tests.schools import with_people

pytestmark = with_people(users=24, staff=10)

MANAGER, DEPUTY, PUPIL = "edwin.elmsworth", "beth.birchall", "callum.copperfield"


@pytest.fixture
def wanted(office: Office) -> Office:
    """Open a school in which two people may release a case."""
    office.door.write("61-holds.yaml", DATA_HOLD)
    return office


def _release_by_google(office: Office, address: str) -> CommandResult:
    """Run `toolkit hold release --with google_workspace` while a person signs in in their browser."""
    return _release(office, address, "--with", GOOGLE)


def _rename(office: Office, name: str, address: str, *, aliases: list[str], full: str) -> None:
    """Give a person's Google account another address than the one that Microsoft 365 has."""
    users = office.tenant.objects("google.users")
    key = next(key for key, row in users.items() if row["primaryEmail"] == office.address(name))
    named = {**users[key]["name"], "fullName": full}
    office.tenant.patch("google.users", key, primaryEmail=address, aliases=aliases, name=named)


@pytest.mark.parametrize(
    ("aliases", "full", "why"),
    [
        ([MANAGER], "E. Elmsworth", "you have asked already"),
        pytest.param(
            [],
            "Edwin  ELMSWORTH",
            "you may be the person who asked first, because both accounts have the same name",
            marks=pytest.mark.soak,
        ),
        pytest.param(
            [],
            "The Office",
            "no cloud has an account for both of you, so you may be the person who asked first",
            marks=pytest.mark.soak,
        ),
    ],
)
def test_two_addresses_of_one_person_on_two_clouds_are_one_person(
    wanted: Office, aliases: list[str], full: str, why: str
) -> None:
    other = wanted.address("bursar")
    _rename(wanted, MANAGER, other, aliases=[wanted.address(name) for name in aliases], full=full)
    assert wanted.place(PUPIL).exit == 0

    first, second = _release(wanted, MANAGER), _release_by_google(wanted, other)

    assert (first.exit, second.exit) == (5, 5), second.err
    assert why in second.err
    assert "a release needs two different people" in second.err
    assert wanted.mailbox(PUPIL)["LitigationHoldEnabled"] is True


@pytest.fixture
def placed(keep_placed: Callable[[], Office]) -> Office:
    """Open a school in which a pupil is on hold, and two people may release the case."""
    office = keep_placed()
    office.door.write("61-holds.yaml", DATA_HOLD)
    return office


def test_two_people_on_two_clouds_are_two(placed: Office) -> None:
    wanted = placed
    first, second = _release(wanted, MANAGER), _release_by_google(wanted, wanted.address(DEPUTY))

    assert (first.exit, second.exit) == (5, 0), second.err
    assert wanted.mailbox(PUPIL)["LitigationHoldEnabled"] is False


def test_a_second_account_with_the_same_name_is_no_second_person(placed: Office) -> None:
    wanted = placed
    users = wanted.tenant.objects("users")
    key = next(key for key, row in users.items() if row["userPrincipalName"] == wanted.address(DEPUTY))
    wanted.tenant.patch("users", key, displayName="Edwin Elmsworth")

    first, second = _release(wanted, MANAGER), _release(wanted, DEPUTY)

    assert (first.exit, second.exit) == (5, 5)
    assert "both accounts have the same name" in second.err


def test_an_account_that_was_made_again_under_its_address_is_no_second_person(wanted: Office) -> None:
    _rename(wanted, MANAGER, wanted.address("bursar"), aliases=[], full="The Office")
    assert wanted.place(PUPIL).exit == 0
    first = _release(wanted, MANAGER)
    users = wanted.tenant.objects("users")
    key, row = next(pair for pair in users.items() if pair[1]["userPrincipalName"] == wanted.address(MANAGER))
    again = str(uuid4())
    wanted.tenant.delete("users", key)
    wanted.tenant.put("users", again, {**row, "id": again})
    program = wanted.tenant.read_object("applications", "sign_in")
    wanted.tenant.patch("applications", "sign_in", assigned=[*program["assigned"], again])

    second, third = wanted.hold("release", CASE), _release(wanted, MANAGER)

    assert (first.exit, second.exit, third.exit) == (5, 5, 5), second.err
    assert "the account is no longer in the directory of this school" in second.err
    assert "not released: 1 of 2 people have signed in" in third.out
    assert wanted.mailbox(PUPIL)["LitigationHoldEnabled"] is True


@pytest.mark.soak
def test_whom_a_case_is_about_has_no_say_by_an_account_that_the_case_did_not_find(wanted: Office) -> None:
    other = wanted.address("bursar")
    _rename(wanted, MANAGER, other, aliases=[], full="The Office")
    assert wanted.place(MANAGER).exit == 0

    answered = _release_by_google(wanted, other)

    assert answered.exit == 5
    assert "no cloud has an account for both of you, so you may be a person in the case" in answered.err
