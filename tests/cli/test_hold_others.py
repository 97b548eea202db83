"""Holds that others placed: drift watches them in both clouds, whether toolkit has a case or not."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.cli.test_hold import _NONE_OPEN, Office, critical
from tests.cli.test_hold import office as office  # noqa: PLC0414 - the fixture
from tests.door import GOOGLE, MICROSOFT
from tests.google_workspace.held import HOLDS, add_hold
from tests.schools import with_people
from toolkit.holds.reasons import LOST_OF_OTHERS, NOT_ASKED, NOT_WATCHED
from toolkit.sdk.providers import cloud_title
from toolkit.sdk.reason import admin_text

pytestmark = with_people(users=24, staff=10)

LEAVER, TEACHER = "gethin.leaver", "callum.copperfield"
USERS, MAILBOXES = "google.users", "exchange.mailboxes"


def _account(office: Office, name: str) -> tuple[str, dict[str, Any]]:
    users = office.tenant.objects(USERS).items()
    return next((key, dict(row)) for key, row in users if row["primaryEmail"] == office.address(name))


def _leave_the_unit(office: Office) -> None:
    office.tenant.patch(USERS, _account(office, LEAVER)[0], orgUnitPath="/Pupils")


def _hold_in_vault(office: Office, query: dict[str, Any]) -> None:
    matter = next(iter(office.tenant.objects(HOLDS))).partition("/")[0]
    account = {"accountId": _account(office, TEACHER)[1]["id"]}
    add_hold(office.tenant, matter, "h1", corpus="MAIL", query=query, accounts=[account])


def _end_a_hold_on_a_unit(office: Office) -> None:
    ((key, _),) = office.tenant.objects(HOLDS).items()
    office.tenant.delete(HOLDS, key)


def _end_a_litigation_hold(office: Office) -> None:
    office.tenant.patch(MAILBOXES, office.mailbox(LEAVER)["Guid"], LitigationHoldEnabled=False)


def _shorten_a_litigation_hold(office: Office) -> None:
    office.tenant.patch(MAILBOXES, office.mailbox(LEAVER)["Guid"], LitigationHoldDuration="30.00:00:00")


@pytest.mark.parametrize(
    ("cloud", "weaken", "name"),
    [
        (GOOGLE, _leave_the_unit, LEAVER),
        (GOOGLE, _end_a_hold_on_a_unit, ""),
        (MICROSOFT, _end_a_litigation_hold, LEAVER),
        (MICROSOFT, _shorten_a_litigation_hold, LEAVER),
    ],
)
def test_a_hold_of_others_that_ends_is_critical_without_a_case_until_a_person_closes_it(
    office: Office, cloud: str, weaken: Callable[[Office], None], name: str
) -> None:
    lost = critical(LOST_OF_OTHERS, cloud)
    first, second = office.drift(), office.drift()

    weaken(office)
    seen, again = office.drift(), office.drift()
    listed, confirmed = office.hold("list"), office.hold("confirm")
    after = office.drift()

    assert (first, second) == (_NONE_OPEN, _NONE_OPEN)
    assert (seen, again) == (lost, lost)
    assert (listed.exit, confirmed.exit) == (3, 3)
    assert "that others placed no longer there" in listed.out
    assert not name or office.address(name) in confirmed.out
    assert (after, office.hold("confirm").exit) == (_NONE_OPEN, 0)
    assert not (office.door.playbooks / "private").exists()


def test_a_hold_of_others_on_an_account_is_watched_until_it_is_narrowed(office: Office) -> None:
    _hold_in_vault(office, {"mailQuery": {}})
    assert office.drift() == _NONE_OPEN

    _hold_in_vault(office, {"mailQuery": {"terms": "pond"}})
    narrowed = office.drift()
    _hold_in_vault(office, {"mailQuery": {}})

    assert narrowed == critical(LOST_OF_OTHERS, GOOGLE)
    assert office.drift() == _NONE_OPEN


def test_drift_names_no_one_whom_others_hold(office: Office) -> None:
    office.drift()
    _leave_the_unit(office)
    told = [office.door.toolkit("drift"), office.door.toolkit("drift", "--json"), office.door("audit", "log", "--json")]

    said = "".join(answered.out + answered.err for answered in told).lower()
    kept = b"".join(path.read_bytes() for path in office.door.state.rglob("*") if path.is_file()
                    and path.name != "serve.json")  # fmt: skip
    secret = ("gethin", _account(office, LEAVER)[1]["id"], office.mailbox(LEAVER)["ExternalDirectoryObjectId"])
    assert [word for word in secret if word in said or word.encode() in kept.lower()] == []


def test_a_case_of_ours_is_no_hold_of_others_before_and_after_it_is_confirmed(office: Office) -> None:
    assert office.place(TEACHER).exit == 0
    office.drift()  # while the mailbox is only requested
    office.later(hours=25)
    assert office.hold("confirm").exit == 0
    office.drift()

    office.tenant.patch(MAILBOXES, office.mailbox(TEACHER)["Guid"], LitigationHoldEnabled=False)
    ours = office.drift()
    office.tenant.patch(MAILBOXES, office.mailbox(TEACHER)["Guid"], LitigationHoldEnabled=True)
    _leave_the_unit(office)

    assert ours == critical()
    assert office.drift() == critical(LOST_OF_OTHERS, GOOGLE)


@pytest.mark.parametrize(
    ("cloud", "operation"), [(GOOGLE, "vault.matters.list"), (MICROSOFT, "GET /security/cases/ediscoveryCases")]
)
def test_holds_of_others_that_cannot_be_read_are_unknown_once_any_are_known(
    office: Office, cloud: str, operation: str
) -> None:
    def refused() -> tuple[int, str]:
        office.tenant.fault("refused", operation, times=99)
        seen = office.drift()
        office.tenant.disarm()
        return seen

    new = refused()
    assert office.drift() == _NONE_OPEN
    known = refused()

    title = cloud_title(cloud)
    said = admin_text(NOT_WATCHED(cloud=title, why="")).strip()
    assert (new[0], new[1].startswith(f"{_NONE_OPEN[1]}; {said} a permission is missing")) == (0, True), new
    said = admin_text(NOT_ASKED(cloud=title, why="")).strip()
    assert (known[0], known[1].startswith(f"holds: unknown; {said} a permission is missing")) == (4, True), known


def test_confirm_on_an_empty_register_asks_both_clouds(office: Office) -> None:
    before = office.tenant.last_request()
    confirmed = office.hold("confirm")
    asked = set(office.tenant.operations(before))
    _leave_the_unit(office)

    assert confirmed.exit == 0
    assert {"vault.matters.list", "Get-Mailbox", "GET /security/cases/ediscoveryCases"} <= asked
    assert "Google Workspace: others hold data of " in confirmed.out
    assert office.drift() == critical(LOST_OF_OTHERS, GOOGLE)


@pytest.mark.parametrize("operation", ["vault.matters.list", "Get-Mailbox"])
def test_confirm_on_an_empty_register_ends_with_4_if_a_cloud_cannot_be_read(office: Office, operation: str) -> None:
    office.tenant.fault("refused", operation, times=99)

    assert office.hold("confirm").exit == 4
