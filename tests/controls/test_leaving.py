"""What is said of accounts that are switched off, and of those that end for good: counts, and names where asked for."""

from datetime import date, timedelta
from typing import Literal

import pytest
from pydantic import ValidationError

from tests.door import Door
from tests.schools import few_people
from toolkit.controls.data import DELAY, LeaverHandover, coming_deletions_finding, disabled_accounts_finding
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.reason import AS_RECORDED, admin_text

pytestmark = few_people

TODAY = date(2026, 11, 10)
WHO = "gethin.leaver@example-primary.example"


def _open(*left: str, accounts: int = 3, names: Literal["none", "listed"] = "none") -> Finding:
    wanted = LeaverHandover(names=names)
    return disabled_accounts_finding(
        "licences", wanted, accounts, left, what=AS_RECORDED(text="accounts with a licence"), then="take it back"
    )


def test_what_is_open_is_counted_and_says_to_ask_first_and_names_nobody() -> None:
    found = _open(WHO)

    assert found.status is Status.FAIL
    assert admin_text(found.reason) == (
        "1 of 3 accounts with a licence. To fix: take it back; before removing anything, check `toolkit hold list`"
    )
    assert found.evidence == {"accounts": 3, "open": 1}


def test_names_stand_there_where_the_playbook_allows_it() -> None:
    found = _open(WHO, names="listed")

    assert admin_text(found.reason).endswith(f"; these are {WHO}")
    assert found.evidence["who"] == [WHO]


@pytest.mark.parametrize(
    ("accounts", "reason"), [(3, "none of 3 accounts with a licence"), (0, "no accounts with a licence")]
)
def test_nothing_open_passes(accounts: int, reason: str) -> None:
    assert (_open(accounts=accounts).status, admin_text(_open(accounts=accounts).reason)) == (Status.PASS, reason)


@pytest.mark.parametrize(
    ("days", "status", "said"),
    [
        ([], Status.PASS, "no account was deleted recently"),
        ([8, 20], Status.PASS, "none of 2 will be deleted for good within 7 days"),
        ([7, 20], Status.FAIL, "1 of 2 ends for good within 7 days, the first on Tuesday 17 November, with mail"),
        ([0, 7], Status.FAIL, "2 of 2 end for good within 7 days, the first on Tuesday 10 November, with mail"),
    ],
)
def test_what_ends_for_good_is_told_some_days_before(days: list[int], status: Status, said: str) -> None:
    ends = [("who@example.org", TODAY + timedelta(number)) for number in days]

    found = coming_deletions_finding(LeaverHandover(), ends, TODAY)

    assert found.status is status
    assert admin_text(found.reason).startswith(said)
    assert "@" not in admin_text(found.reason)


@pytest.mark.parametrize("written", [{"for": "staff"}, {"ends_within_days": 0}, {"names": "all"}])
def test_what_would_miss_whoever_left_is_refused(written: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        LeaverHandover.model_validate(written)


@pytest.mark.parametrize(
    ("shown", "status", "says"),
    [
        ({"DelayedDelicensingEnabled": False}, "unavailable", "a mailbox closes as soon as its licence is removed"),
        ({"DelayedDelicensingEnabled": True}, "pass", "a mailbox is kept for 30 days after its licence is removed"),
        ({"DelayedDelicensingEnabled": None}, "unknown", "does not show DelayedDelicensingEnabled"),
    ],
)
def test_whether_a_mailbox_outlives_its_licence_is_read_for_leavers_and_holds(
    shown: dict[str, bool | None], status: str, says: str, bare_door: Door
) -> None:
    (organization,) = bare_door.tenant.objects("exchange.organizationConfig")
    bare_door.tenant.patch("exchange.organizationConfig", organization, **shown)
    hold = (
        "data.hold: {for: everyone, may_place: [Head Teacher], may_release: [Deputy Head Teacher, Chair of Governors]}"
    )
    asked = f"  - {hold}\n  - data.leaver_handover: {{names: none}}\n"
    bare_door.write("61-holds.yaml", f"playbook: holds\nclauses: [SEC-13]\ncontrols:\n{asked}")

    answered = bare_door.toolkit("check", "--json")
    assert answered.err == ""
    found = answered.json["findings"]

    rows = [row for row in found if row["subject"] == DELAY]
    assert [row["control"] for row in rows] == ["data.hold", "data.leaver_handover"]
    assert {(row["status"], says in row["reason"]) for row in rows} == {(status, True)}
