"""Whether a change reaches somebody on hold: yes, no, or not to be told."""

import pytest

from toolkit.engine.retention_start import HELD, HELD_ALL, HELD_SITE, UNCERTAIN, UNCLEAR, obstacle
from toolkit.errors import Exit
from toolkit.sdk.legal_holds import OnHold
from toolkit.sdk.targets import AffectedPlace, Extent

HEAD, OFFICE = "head-id", "office-id"
EVERYBODY = AffectedPlace(everybody=True)
WITHOUT_HEAD = AffectedPlace(everybody=True, spared=frozenset({HEAD, "head@x"}))
THE_OFFICE = AffectedPlace(named=frozenset({OFFICE, "office@x"}))
SOME_SITES = AffectedPlace(everybody=True, certain=False)
ALL_SITES = AffectedPlace(everybody=True, sites=True)
NAMED_SITES = AffectedPlace(everybody=True, certain=False, sites=True)
ON_HEAD, ON_SITE = OnHold(frozenset({HEAD})), OnHold(sites=True)
ODD_HEAD, ODD_ALL = OnHold(unclear=frozenset({HEAD})), OnHold(everybody=None)


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


@pytest.mark.parametrize(
    ("place", "held", "reason"),
    [
        (EVERYBODY, OnHold(), None),
        (EVERYBODY, ON_HEAD, HELD),
        (THE_OFFICE, ON_HEAD, None),
        (THE_OFFICE, OnHold(everybody=True), HELD_ALL),
        (WITHOUT_HEAD, OnHold(everybody=True), HELD_ALL),
        (THE_OFFICE, ODD_ALL, UNCLEAR),
        (EVERYBODY, ODD_HEAD, UNCLEAR),
        (THE_OFFICE, ODD_HEAD, None),
        (WITHOUT_HEAD, ODD_HEAD, None),
        (EVERYBODY, OnHold(frozenset({OFFICE}), unclear=frozenset({HEAD})), HELD),
        (EVERYBODY, OnHold(frozenset({OFFICE}), everybody=None), HELD),
        (EVERYBODY, ON_SITE, None),
        (ALL_SITES, ON_SITE, HELD_SITE),
        (ALL_SITES, OnHold(frozenset({HEAD}), sites=True), HELD),
        (NAMED_SITES, ON_SITE, UNCERTAIN),
        (NAMED_SITES, ODD_HEAD, UNCLEAR),
        (NAMED_SITES, ON_HEAD, UNCERTAIN),
        (NAMED_SITES, OnHold(), None),
    ],
)
def test_a_hold_refuses_a_start_and_an_unknown_never_lets_it_pass(
    place: AffectedPlace, held: OnHold, reason: str | None
) -> None:
    unread = {UNCERTAIN, UNCLEAR}
    expected = reason and (Exit.UNREAD if reason in unread else Exit.REFUSED, reason)

    assert obstacle(Extent((), (), (place,)), held) == expected
