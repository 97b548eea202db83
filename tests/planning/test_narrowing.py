"""Narrowing a plan to what somebody asked for."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from tests.planning.building import Thing, address, desired, observed
from toolkit.errors import UsageError
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan, rows_for_unknown, to_rows
from toolkit.planning.plan_details import RealisedControl, Refusal, Remark, UnavailableKind, Unknown
from toolkit.planning.plan_states import CHANGED, MATCHING, OVERRIDDEN, REFUSED, UNAVAILABLE, UNMANAGED
from toolkit.planning.select import narrow_plan
from toolkit.sdk.part import Level, Part, Realisation, Resource
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Address

PLAN = Plan(
    rows=(
        *to_rows(CHANGED, (Create(desired("Tag"), ()), Create(desired("Note"), ()))),
        *to_rows(MATCHING, (address("Same"),)),
        *rows_for_unknown(
            (
                Unknown("cloud.thing", AS_RECORDED(text="no answer")),
                Unknown("cloud.thing", AS_RECORDED(text="not valid"), address("Note")),
            )
        ),
        *to_rows(REFUSED, (Refusal(address("Note"), "no"),)),
        *to_rows(OVERRIDDEN, (Remark(address("Tag"), "Other", "yes"),)),
    ),
    desired_controls={
        address("Tag"): frozenset({"mail.tag"}),
        address("Note"): frozenset({"mail.note", "mail.tag"}),
        address("Same"): frozenset(),
    },
)


@pytest.mark.parametrize(
    ("words", "changes"),
    [
        ([], ["Tag", "Note"]),
        (["cloud.thing[Tag]"], ["Tag"]),
        (["Note"], ["Note"]),
        (["mail.tag"], ["Tag", "Note"]),
        (["mail.note"], ["Note"]),
        (["Tag", "mail.note"], ["Tag", "Note"]),
        (["Same"], []),
    ],
)
def test_an_object_is_asked_for_by_address_name_or_control(words: Sequence[str], changes: Sequence[str]) -> None:
    assert [change.address.name for change in narrow_plan(PLAN, words).changes] == changes


def test_what_was_not_asked_for_is_not_told() -> None:
    narrowed = narrow_plan(PLAN, ["Tag"])

    assert (narrowed.select(MATCHING), narrowed.refused) == ((), ())
    assert [remark.text for remark in narrowed.select(OVERRIDDEN)] == ["yes"]


NO_ANSWER = AS_RECORDED(text="no answer")


@pytest.mark.parametrize(
    ("words", "kinds"),
    [
        (["Tag"], ["cloud.thing", "mail.tag"]),
        (["Note"], ["cloud.thing", "mail.note", "mail.tag"]),
        (["mail.block"], ["cloud.other", "mail.block"]),
        ([], ["cloud.thing", "cloud.other", "mail.note", "mail.tag", "mail.block"]),
    ],
)
def test_of_what_could_not_be_read_only_what_may_hold_the_asked_for_is_told(
    words: Sequence[str], kinds: Sequence[str]
) -> None:
    part = Part(name="block", level=Level.ENFORCED, covers="all", resources=(Resource("other", "Blocked", Thing()),))
    block = RealisedControl("mail.block", "cloud", (), Realisation((part,)))
    names = ("cloud.thing", "cloud.other", "mail.note", "mail.tag", "mail.block")
    plan = Plan(
        rows=rows_for_unknown(Unknown(name, NO_ANSWER) for name in names),
        desired_controls=PLAN.desired_controls,
        controls=(block,),
    )

    assert sorted(unknown.kind for unknown in narrow_plan(plan, words).unknown) == sorted(kinds)


@pytest.mark.parametrize(
    ("words", "clouds"),
    [
        (["Tag"], []),
        (["microsoft365.thing[There]"], ["microsoft365"]),
        (["mail.tag"], ["microsoft365", "google_workspace"]),
    ],
)
def test_a_cloud_without_an_answer_is_told_where_it_may_hold_what_is_asked_for(
    words: Sequence[str], clouds: Sequence[str]
) -> None:
    there = Address("microsoft365", "thing", "There")
    controls = (RealisedControl("mail.tag", "cloud", (), Realisation(())),)
    unreached = rows_for_unknown(Unknown(name, NO_ANSWER) for name in ("microsoft365", "google_workspace"))
    plan = Plan(rows=unreached, desired_controls={**PLAN.desired_controls, there: frozenset()}, controls=controls)

    assert [unknown.kind for unknown in narrow_plan(plan, words).unknown] == clouds


def test_what_is_not_ours_and_what_other_controls_leave_is_not_counted() -> None:
    controls = tuple(RealisedControl(name, "cloud", (), Realisation(())) for name in ("mail.tag", "mail.note", "web.x"))
    foreign = to_rows(UNMANAGED, [observed("Foreign")])
    unavailable = to_rows(UNAVAILABLE, [UnavailableKind("cloud.other", "licence")])
    plan = replace(PLAN.add_rows(*foreign, *unavailable), controls=controls)

    narrowed = narrow_plan(plan, ["Tag"])

    assert (narrowed.select(UNMANAGED), narrowed.select(UNAVAILABLE)) == ((), ())
    assert [one.control for one in narrowed.controls] == ["mail.tag"]


def test_a_word_that_names_nothing_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"--only mail\.other"):
        narrow_plan(PLAN, ["Tag", "mail.other"])
