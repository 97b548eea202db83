"""Narrowing a plan to what somebody asked for."""

from collections.abc import Sequence

import pytest

from tests.planning.building import address, desired
from toolkit.errors import UsageError
from toolkit.planning.change import Create
from toolkit.planning.plan import Plan, Refusal, Remark, Unknown
from toolkit.planning.select import only
from toolkit.sdk.reason import AS_RECORDED, admin_text

PLAN = Plan(
    changes=(Create(desired("Tag"), ()), Create(desired("Note"), ())),
    matching=(address("Same"),),
    unknown=(
        Unknown("cloud.thing", AS_RECORDED(text="no answer")),
        Unknown("cloud.thing", AS_RECORDED(text="not valid"), address("Note")),
    ),
    refused=(Refusal(address("Note"), "no"),),
    remarks=(Remark(address("Tag"), "Other", "yes"),),
    wanted={
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
    assert [change.address.name for change in only(PLAN, words).changes] == changes


def test_what_was_not_asked_for_is_not_told() -> None:
    narrowed = only(PLAN, ["Tag"])

    assert (narrowed.matching, narrowed.refused) == ((), ())
    assert [remark.text for remark in narrowed.remarks] == ["yes"]


def test_a_kind_that_could_not_be_read_is_told_whoever_was_asked_for() -> None:
    assert [admin_text(unknown.reason) for unknown in only(PLAN, ["Tag"]).unknown] == ["no answer"]


def test_a_word_that_names_nothing_is_a_mistake() -> None:
    with pytest.raises(UsageError, match=r"--only mail\.other"):
        only(PLAN, ["Tag", "mail.other"])
