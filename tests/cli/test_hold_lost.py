"""Holds that were confirmed and are so no longer, and what a release must not let go."""

import signal
from collections.abc import Callable

import pytest

from tests.cli.test_hold import CASE, DATA_HOLD, GET, PERSON, SET, Office, _release, critical
from tests.cli.test_hold import held as held  # noqa: PLC0414 - the fixtures
from tests.cli.test_hold import keep_held as keep_held  # noqa: PLC0414
from tests.cli.test_hold import keep_placed as keep_placed  # noqa: PLC0414
from tests.cli.test_hold import office as office  # noqa: PLC0414
from tests.door import GOOGLE, MICROSOFT
from tests.registered import toolkit_waiting
from tests.schools import with_people
from toolkit.holds.reasons import LICENCE_ENDED, LOST, SHOWN
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import ReasonCode, admin_text

pytestmark = with_people(users=24, staff=10)

_CRITICAL = critical()
_IN_PLACE = (0, "holds: all in place")
OTHER = "dilys.dewhurst"


def _patched(office: Office, **change: object) -> None:
    office.tenant.patch("exchange.mailboxes", office.mailbox(PERSON)["Guid"], **change)


def _due(office: Office) -> tuple[int, str]:
    answered = office.door.toolkit("due", "--yes", TOOLKIT_HOLDS_KEY=office.key)
    return answered.exit, answered.out.splitlines()[-1]


def test_a_hold_that_ended_with_its_licence_is_critical_until_a_person_was_shown_it(held: Office) -> None:
    _patched(held, LitigationHoldEnabled=False, PersistedCapabilities=[])

    listed, job, night = held.hold("list"), _due(held), held.drift()
    confirmed, after = held.hold("confirm"), held.hold("confirm")

    both = f"{critical(LICENCE_ENDED)[1]}; {admin_text(LOST(cloud=cloud_title(MICROSOFT)))}"
    assert (listed.exit, job, night) == (3, (3, both), (3, both))
    assert "! mailbox  unavailable (was confirmed, and is gone" in listed.out
    assert (confirmed.exit, after.exit) == (3, 0)
    assert "was confirmed, and is gone" in confirmed.out
    assert "was confirmed, and is gone" not in after.out
    assert held.drift() == _IN_PLACE


def _without_plans(office: Office) -> None:
    users = office.tenant.objects("users")
    key = next(key for key, row in users.items() if row["userPrincipalName"] == office.address(PERSON))
    office.tenant.patch("users", key, assignedPlans=[], assignedLicenses=[])


@pytest.mark.parametrize(
    ("change", "code"),
    [
        pytest.param(lambda office: _patched(office, PersistedCapabilities=[]), LICENCE_ENDED, id="mailbox"),
        pytest.param(_without_plans, LICENCE_ENDED, id="account"),
        pytest.param(lambda office: _patched(office, RetentionComment="You are on hold"), SHOWN, id="shown"),
    ],
)
def test_a_failure_of_a_confirmed_hold_has_its_reason_everywhere_and_no_job_forgets_it(
    held: Office, change: Callable[[Office], None], code: ReasonCode
) -> None:
    change(held)

    night, listed, job, later = held.drift(), held.hold("list"), _due(held), held.drift()

    reason = admin_text(code(cloud=cloud_title(MICROSOFT)))
    assert (night, job, later) == (critical(code), critical(code), critical(code))
    assert listed.exit == 3
    assert f"! mailbox  confirmed ({reason}" in listed.out
    assert f"! {held.address(PERSON)}, {reason}" in listed.out


@pytest.mark.parametrize("change", [lambda office: _patched(office, PersistedCapabilities=[]), _without_plans])
def test_a_licence_that_ended_is_critical_until_a_person_closes_it(
    held: Office, change: Callable[[Office], None]
) -> None:
    change(held)

    confirmed, after = held.hold("confirm"), held.hold("confirm")

    assert (confirmed.exit, after.exit) == (3, 0)
    assert f"! {held.address(PERSON)}, " in confirmed.out
    assert f"! {held.address(PERSON)}, " not in after.out
    assert held.drift() == _IN_PLACE


def test_a_hold_that_cannot_be_placed_again_stays_critical_and_says_why(held: Office) -> None:
    _patched(held, LitigationHoldEnabled=False)
    held.tenant.fault("refused", SET, times=99)

    job, night, confirmed, later = _due(held), held.drift(), held.hold("confirm"), held.drift()

    assert job[0] == 3
    assert job[1].startswith(_CRITICAL[1])
    assert "a hold could not be placed" in job[1]
    assert (night[0], later[0]) == (3, 3)
    assert night[1].startswith(_CRITICAL[1])
    assert confirmed.exit == 1
    assert "mailbox  FAILED (was confirmed, and was gone: removed by hand" in confirmed.out
    assert f"{SET}: this app may not run it" in confirmed.out


@pytest.mark.soak
def test_a_hold_that_kept_less_for_a_time_is_reported_once_it_is_repaired(held: Office) -> None:
    _patched(held, LitigationHoldDuration="30.00:00:00")

    job, night, again = _due(held), held.drift(), _due(held)

    assert (job, night, again) == (_CRITICAL, _IN_PLACE, _IN_PLACE)
    assert held.mailbox(PERSON)["LitigationHoldDuration"] == "Unlimited"


def test_an_account_that_was_not_there_is_looked_for_again(office: Office) -> None:
    people = office.tenant.objects("google.users")
    key = next(key for key, row in people.items() if row["primaryEmail"] == office.address(PERSON))
    office.tenant.delete("google.users", key)
    placed = office.place(PERSON)
    office.tenant.put("google.users", key, dict(people[key]))
    office.later(hours=25)

    confirmed = office.hold("confirm")

    assert "nothing to hold, because this cloud has no such account" in placed.out
    assert confirmed.exit == 0
    assert set(office.standings()[GOOGLE].values()) == {"confirmed"}


def test_a_directory_that_cannot_be_read_delays_no_hold_on_the_other_cloud(office: Office) -> None:
    office.tenant.fault("refused", "directory.users.list", times=99)

    placed = office.place(PERSON, OTHER)

    assert placed.exit == 1
    assert office.mailbox(PERSON)["LitigationHoldEnabled"] is True
    assert "Google Workspace: could not be read: " in placed.out


@pytest.fixture
def released(office: Office) -> Office:
    """Let two people sign in."""
    office.door.write("61-holds.yaml", DATA_HOLD)
    return office


@pytest.fixture
def placed(keep_placed: Callable[[], Office]) -> Office:
    """Open a school in which a person is on hold, and let two people sign in."""
    office = keep_placed()
    office.door.write("61-holds.yaml", DATA_HOLD)
    return office


def test_a_mailbox_stays_on_hold_for_a_case_that_could_not_find_it(placed: Office) -> None:
    placed.tenant.fault("refused", GET, times=1)
    other = placed.hold("place", "2026-C", "--person", "-", says=f"{placed.address(PERSON)}\n")
    _release(placed, "edwin.elmsworth")

    second = _release(placed, "beth.birchall")

    assert other.exit == 1
    assert second.exit == 0
    assert "left on hold: another case needs it" in second.out
    assert placed.mailbox(PERSON)["LitigationHoldEnabled"] is True


def test_a_mailbox_that_others_held_before_stays_on_hold(released: Office) -> None:
    guid, date = released.mailbox(PERSON)["Guid"], "2026-01-12T09:00:00.0000000+00:00"
    held = {"LitigationHoldEnabled": True, "LitigationHoldDuration": "Unlimited", "LitigationHoldDate": date}
    released.tenant.patch("exchange.mailboxes", guid, **held)
    assert released.place(PERSON).exit == 0
    _release(released, "edwin.elmsworth")

    second = _release(released, "beth.birchall")

    assert second.exit == 0
    assert "Microsoft 365, mailbox: still on hold because it was on hold before this case" in second.out
    assert released.mailbox(PERSON)["LitigationHoldEnabled"] is True
    assert set(released.standings()[GOOGLE].values()) == {"absent"}


def test_a_person_who_was_added_needs_a_new_agreement(placed: Office) -> None:
    _release(placed, "edwin.elmsworth")
    assert placed.place(OTHER).exit == 0

    second = _release(placed, "beth.birchall")
    held = placed.mailbox(OTHER)["LitigationHoldEnabled"]
    third = _release(placed, "edwin.elmsworth")

    assert (second.exit, held, third.exit) == (5, True, 0)
    assert placed.mailbox(OTHER)["LitigationHoldEnabled"] is False


def test_what_a_killed_run_may_have_placed_is_not_called_released(released: Office) -> None:
    command = ["hold", "place", CASE, "--person", released.address(PERSON), "--playbooks", str(released.door.playbooks)]
    with toolkit_waiting(released.door, *command, TOOLKIT_HOLDS_KEY=released.key) as client:
        released.tenant.fault("kill_after", SET, pid=client.pid)
        client.communicate("go\n")
    released.tenant.disarm()
    assert client.returncode == -signal.SIGKILL
    assert released.mailbox(PERSON)["LitigationHoldEnabled"] is True
    _release(released, "edwin.elmsworth")

    early = _release(released, "beth.birchall")
    confirmed = released.hold("confirm")
    late = released.hold("release", CASE)

    assert (early.exit, confirmed.exit, late.exit) == (3, 3, 0), late.out + late.err
    assert "Run `toolkit hold confirm`" in early.out
    assert released.mailbox(PERSON)["LitigationHoldEnabled"] is False
    assert MICROSOFT in released.standings()
