"""Who may release a hold, whomever it is about; and what is said of the mailboxes that can be held."""

import pytest
from pydantic import ValidationError

from toolkit.controls.data import Hold, reason_two_cannot_act
from toolkit.controls.legal_holds import hold_posts_part, holdable_mailboxes_finding
from toolkit.sdk.check import Status
from toolkit.sdk.part import Level
from toolkit.sdk.reason import admin_text


@pytest.mark.parametrize(
    ("posts", "said"),
    [
        (["Chair of Governors", "School Business Manager"], ""),
        (["Head", "Chair of Governors", "School Business Manager"], ""),
        (["Deputy Head Teacher", "Head of Year 6"], ""),
        (["Head Teacher"], "names only one post"),
        (["Chair of Governors", "chair  of governors"], "names only one post"),
        (["Head Teacher", "Chair of Governors"], "about the Head,"),
        (["The Executive Headteacher", "Chair of Governors"], "about the Head,"),
        (["IT Technician", "Chair of Governors"], "about the IT technician,"),
        (["Head", "ICT network manager", "Chair of Governors"], ""),
        (["Senior IT technician", "Network administrator", "Chair of Governors"], "about the IT technician,"),
    ],
)
def test_two_are_left_to_release_a_hold_on_the_head_or_the_technician(posts: list[str], said: str) -> None:
    assert said in (told := reason_two_cannot_act(posts))
    assert bool(told) == bool(said)


def test_a_playbook_that_leaves_the_head_alone_to_release_is_refused() -> None:
    with pytest.raises(ValidationError, match="a hold may be about the Head"):
        Hold(may_place=["Head"], may_release=["Head", "Chair of Governors"])


def test_who_may_is_left_to_people_in_the_words_of_the_playbook() -> None:
    wanted = Hold(may_place=["Head", "Chair of Governors"], may_release=["Bursar", "Deputy", "Chair of Governors"])

    part = hold_posts_part(wanted, "in the console")

    assert part.level is Level.MANUAL
    assert part.covers == (
        "requested by: Head or Chair of Governors; released by two of: Bursar, Deputy and Chair of Governors"
    )


@pytest.mark.parametrize(
    ("lacking", "without", "status", "reason"),
    [
        ([], 0, Status.PASS, "44 of 44 mailboxes can be held"),
        (
            [],
            2,
            Status.PASS,
            "44 of 44 mailboxes can be held; 2 of the people in this control's audience have no mailbox here",
        ),
        (
            [],
            1,
            Status.PASS,
            "44 of 44 mailboxes can be held; 1 of the people in this control's audience has no mailbox here",
        ),
        (
            ["shared", "of people", "shared"],
            0,
            Status.FAIL,
            "44 of 47 mailboxes can be held; a plan is missing for: 1 of people, 2 shared",
        ),
    ],
)
def test_mailboxes_are_counted_with_the_reason(lacking: list[str], without: int, status: Status, reason: str) -> None:
    found = holdable_mailboxes_finding("mailboxes", capable=44, lacking=lacking, without=without, needs="a plan")

    assert (found.status, admin_text(found.reason)) == (status, reason)


def test_no_mailbox_at_all_is_unknown() -> None:
    assert (
        holdable_mailboxes_finding("mailboxes", capable=0, lacking=[], without=3, needs="a plan").status
        is Status.UNKNOWN
    )
