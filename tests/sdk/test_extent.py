"""Whether a change reaches somebody on hold: yes, no, or not to be told."""

import pytest

from toolkit.sdk.targets import AffectedPlace, Extent

HEAD, OFFICE = "head-id", "office-id"
EVERYBODY = AffectedPlace(everybody=True)
WITHOUT_HEAD = AffectedPlace(everybody=True, spared=frozenset({HEAD, "head@x"}))
THE_OFFICE = AffectedPlace(named=frozenset({OFFICE, "office@x"}))
SOME_SITES = AffectedPlace(everybody=True, certain=False)


@pytest.mark.parametrize(
    ("places", "held", "concerned"),
    [
        ([EVERYBODY], [HEAD], True),
        ([EVERYBODY], [], False),
        ([WITHOUT_HEAD], [HEAD], False),
        ([WITHOUT_HEAD], ["HEAD@x"], False),
        ([WITHOUT_HEAD], [HEAD, OFFICE], True),
        ([THE_OFFICE], [HEAD], False),
        ([THE_OFFICE], ["Office@X"], True),
        ([SOME_SITES], [HEAD], None),
        ([SOME_SITES], [], False),
        ([SOME_SITES, THE_OFFICE], [HEAD], None),
        ([SOME_SITES, THE_OFFICE], [OFFICE], True),
        ([WITHOUT_HEAD, EVERYBODY], [HEAD], True),
        ([], [HEAD], False),
    ],
)
def test_who_is_on_hold_is_looked_for_in_every_place(
    places: list[AffectedPlace], held: list[str], concerned: object
) -> None:
    assert Extent((), (), tuple(places)).concerns(held) is concerned
