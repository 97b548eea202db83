"""Whether a change reaches somebody on hold: yes, no, or not to be told."""

from dataclasses import replace

import pytest

from toolkit.engine.retention_start import HELD, HELD_ALL, HELD_SITE, UNCERTAIN, UNCLEAR, find_hold_that_forbids
from toolkit.errors import Exit
from toolkit.sdk.legal_holds import OnHold
from toolkit.sdk.targets import AffectedPlace, Extent

HEAD, OFFICE = "head-id", "office-id"
EVERYBODY = AffectedPlace(everybody=True)
WITHOUT_HEAD = AffectedPlace(everybody=True, excluded_accounts=frozenset({HEAD, "head@x"}))
THE_OFFICE = AffectedPlace(accounts=frozenset({OFFICE, "office@x"}))
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
    assert Extent((), (), tuple(places)).has_data_of_any(held) is concerned


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

    assert find_hold_that_forbids(Extent((), (), (place,)), held) == expected


HEAD_ELSEWHERE = OnHold(frozenset({"1"}), people={"1": frozenset({"head@old", "h.ead@pupils"})})
STRANGER = OnHold(frozenset({"2"}))


@pytest.mark.parametrize(
    ("places", "held", "met"),
    [
        ([EVERYBODY], HEAD_ELSEWHERE, True),
        ([EVERYBODY], OnHold(), False),
        ([AffectedPlace(everybody=True, all_accounts=frozenset({"office@x"}))], HEAD_ELSEWHERE, False),
        ([AffectedPlace(everybody=True, all_accounts=frozenset({"head@x"}))], HEAD_ELSEWHERE, True),
        ([WITHOUT_HEAD], HEAD_ELSEWHERE, False),
        ([WITHOUT_HEAD, EVERYBODY], HEAD_ELSEWHERE, True),
        ([THE_OFFICE], HEAD_ELSEWHERE, False),
        ([AffectedPlace(accounts=frozenset({"head@x"}))], HEAD_ELSEWHERE, True),
        ([AffectedPlace(accounts=frozenset({"h.ead@pupils"}))], HEAD_ELSEWHERE, True),
        ([AffectedPlace(accounts=frozenset({"h.ead@x"}))], HEAD_ELSEWHERE, False),
        ([SOME_SITES], HEAD_ELSEWHERE, None),
        ([THE_OFFICE], STRANGER, None),
        ([], STRANGER, False),
        ([THE_OFFICE], OnHold(everybody=True), True),
        ([THE_OFFICE], ODD_ALL, None),
        ([EVERYBODY], replace(HEAD_ELSEWHERE, accounts=frozenset(), unclear=frozenset({"1"})), None),
        ([THE_OFFICE], replace(HEAD_ELSEWHERE, accounts=frozenset(), unclear=frozenset({"1"})), False),
    ],
)
def test_a_person_on_hold_in_another_cloud_is_known_by_any_address_at_any_domain_of_the_school(
    places: list[AffectedPlace], held: OnHold, met: object
) -> None:
    assert Extent((), (), tuple(places)).includes_person_on_hold_elsewhere(held, {"x", "old"}) is met
