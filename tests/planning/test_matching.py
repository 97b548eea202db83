"""Which object of the tenant is the one that is wanted."""

from collections.abc import Mapping, Sequence

import pytest

from tests.planning.building import address, desired, observed
from toolkit.planning.matching import LastApplied, match_objects
from toolkit.sdk.resource import EVERY, Address, Desired, Handling, Mode, Observed
from toolkit.values import AtLeast, Value

KNOWN = {address("Tag"): LastApplied(remote_id="<1>")}


def _ids(
    wanted: Sequence[Desired], seen: Sequence[Observed], known: Mapping[Address, LastApplied] | None = None
) -> list[str]:
    matched, refusals = match_objects(wanted, seen, known or {})
    found = [f"{p.desired.address.name}: {p.observed.remote.id if p.observed else 'new'}" for p in matched]
    return [*found, *(refusal.reason for refusal in refusals)]


@pytest.mark.parametrize(
    ("wanted", "seen", "known", "expected"),
    [
        (desired("Tag"), [observed("Tag", identifier="<1>")], {}, "Tag: <1>"),
        (desired("Tag"), [observed("TAG", identifier="<1>")], {}, "Tag: <1>"),
        (desired("Tag"), [observed("Other")], {}, "Tag: new"),
        (desired("Tag"), [observed("Renamed", identifier="<1>")], KNOWN, "Tag: <1>"),
        (desired("Tag"), [observed("Other"), observed("Tag", identifier="<2>")], KNOWN, "Tag: <2>"),
        (desired("Tag", renamed_from="Old"), [observed("old", identifier="<3>")], {}, "Tag: <3>"),
        (desired("Tag", renamed_from="Old"), [observed("Old"), observed("Tag")], {}, "Tag: <Tag>"),
        (desired("Tag", renamed_from="Old"), [observed("Other")], {}, "Tag: new"),
        (desired("Tag", handling=Handling(adopt="Theirs")), [observed("theirs")], {}, "Tag: <theirs>"),
        (desired("Tag", handling=Handling(adopt="Theirs")), [observed("Theirs"), observed("Tag")], {}, "Tag: <Tag>"),
        (
            desired("Tag", handling=Handling(adopt="Theirs")),
            [observed("Other")],
            {},
            "adopt: the tenant has no cloud.thing named 'Theirs'",
        ),
        (desired("Tag", handling=Handling(adopt="Theirs")), [observed("Other")], KNOWN, "Tag: new"),
    ],
    ids=[
        "its name",
        "its name in other letters",
        "not there",
        "the id that it had",
        "its name before the id that it had",
        "the name that it had",
        "its name before the one that it had",
        "neither name",
        "the one to adopt",
        "adopted before",
        "nothing to adopt",
        "adopted before and deleted since",
    ],
)
def test_an_object_is_found_by_its_name_its_id_or_what_the_playbook_says(
    wanted: Desired, seen: Sequence[Observed], known: Mapping[Address, LastApplied], expected: str
) -> None:
    assert _ids([wanted], seen, known) == [expected]


def test_an_object_of_another_entry_is_not_taken_by_its_old_name() -> None:
    wanted = [desired("New", renamed_from="Old"), desired("Old")]

    assert _ids(wanted, [observed("Old")]) == ["New: new", "Old: <Old>"]


def test_two_objects_of_one_name_are_refused_unless_we_remember_which_is_ours() -> None:
    twins = [observed("Tag", identifier="<1>"), observed("Tag", identifier="<2>")]

    assert "2 objects with this name" in _ids([desired("Tag")], twins)[0]
    assert _ids([desired("Tag")], twins, KNOWN) == ["Tag: <1>"]


@pytest.mark.parametrize(
    ("own", "every", "both"),
    [
        ("a", "a", "a"),
        (AtLeast(("a",)), AtLeast(("a", "b")), AtLeast(("a", "b"))),
        (AtLeast(("a",)), AtLeast(("b",)), AtLeast(("a", "b"))),
        (("a", "b"), AtLeast(("b",)), ("a", "b")),
        (AtLeast(("b",)), ("a", "b"), ("a", "b")),
    ],
)
def test_an_object_s_own_entry_and_the_one_for_every_object_are_both_kept(
    own: Value, every: Value, both: Value
) -> None:
    wanted = [desired("A", {"entries": own, "text": "mine"}), desired(EVERY, {"entries": every, "most": 1})]
    matched, refusals = match_objects(wanted, [observed("A"), observed("B")], {})

    assert refusals == []
    assert {pair.desired.address.name: pair.desired.settings for pair in matched} == {
        "A": {"entries": both, "text": "mine", "most": 1},
        "B": {"entries": every, "most": 1},
    }


@pytest.mark.parametrize(
    ("own", "every"),
    [("a", "b"), (1, None), (("a",), AtLeast(("b",))), (AtLeast(("c",)), ("a", "b")), (("a",), ("b",))],
)
def test_an_object_s_own_entry_that_contradicts_the_one_for_every_object_is_refused(own: Value, every: Value) -> None:
    wanted = [desired("A", {"entries": own}), desired(EVERY, {"entries": every})]
    matched, (refusal,) = match_objects(wanted, [observed("A"), observed("B")], {})

    assert [pair.desired.address.name for pair in matched] == ["B"]
    assert refusal.address == address("A")
    assert "things.yaml:7" in refusal.reason


def test_what_is_checked_of_every_object_stays_apart_from_what_is_written_of_one() -> None:
    wanted = [desired("A", {"text": "a"}), desired(EVERY, {"text": "b"}, mode=Mode.CHECK)]
    matched, refusals = match_objects(wanted, [observed("A")], {})

    assert refusals == []
    assert [(pair.desired.mode, pair.desired.settings["text"]) for pair in matched] == [
        (Mode.ENFORCE, "a"),
        (Mode.CHECK, "b"),
    ]
