"""Where apps are closed, as the parts of every cloud and what people confirmed say it."""

from collections.abc import Sequence
from datetime import date

import pytest

from toolkit.planning.coverage import Coverage, Way, coverage
from toolkit.planning.plan import RealisedControl
from toolkit.playbook.entries import Attestation
from toolkit.sdk.part import SCHOOL, Level, Part, Realisation
from toolkit.sdk.resource import Origin
from toolkit.sdk.surface import SURFACES, Closing, Closure

TODAY = date(2026, 11, 10)
NETWORK = Part(name="network filter", level=Level.MANUAL, covers="chat apps", closes="network")


def _realised(provider: str, *closures: Closure, apps: Sequence[str] = ("WhatsApp",)) -> RealisedControl:
    part = Part(name="lists", level=Level.ENFORCED, covers="browsers", closures=closures)
    return RealisedControl("web.chat_im_block", provider, (), Realisation((part,)), "staff", tuple(apps))


def _by_people(apps: Sequence[str] = ("WhatsApp",)) -> RealisedControl:
    return RealisedControl("web.chat_im_block", SCHOOL, (), Realisation((NETWORK,)), "staff", tuple(apps))


def _attested(until: date, provider: str = SCHOOL) -> Attestation:
    return Attestation(
        control="web.chat_im_block",
        provider=provider,
        part="network filter",
        by="Head Teacher",
        on=date(2026, 9, 7),
        until=until,
        note="",
        operator=False,
        origin=Origin("90.yaml", 3),
        lines={},
    )


def _way(table: Sequence[Coverage], surface: str) -> Way:
    words, _ = SURFACES[surface]
    (found,) = (way for way in table[0].ways if way.surface == words)
    return found


def test_what_no_part_speaks_of_is_as_open_as_it_is_by_itself() -> None:
    (row,) = coverage([_realised("cloud")], [], TODAY)

    assert (row.control, row.audience, row.apps) == ("web.chat_im_block", "staff", ("WhatsApp",))
    assert [(way.surface, way.closing) for way in row.ways] == list(SURFACES.values())


@pytest.mark.parametrize(
    ("closings", "best"),
    [
        ([Closing.OPEN, Closing.CLOSED], Closing.CLOSED),
        ([Closing.WRITTEN, Closing.CLOSED], Closing.CLOSED),
        ([Closing.OPEN, Closing.WRITTEN], Closing.WRITTEN),
        ([Closing.NOT_SEEN, Closing.OPEN], Closing.OPEN),
    ],
)
def test_of_two_clouds_the_one_that_closes_more_counts(closings: Sequence[Closing], best: Closing) -> None:
    one, other = (Closure("managed_browser", ("WhatsApp",), closing, closing) for closing in closings)

    table = coverage([_realised("one", one), _realised("other", other)], [], TODAY)

    assert _way(table, "managed_browser") == Way(SURFACES["managed_browser"][0], best, best)


def test_apps_that_are_closed_in_the_same_ways_stand_together_and_others_apart() -> None:
    closed = Closure("windows_app", ("WhatsApp", "Signal"), Closing.CLOSED)

    table = coverage([_realised("cloud", closed, apps=("WhatsApp", "Telegram", "Signal"))], [], TODAY)

    assert [row.apps for row in table] == [("WhatsApp", "Signal"), ("Telegram",)]


@pytest.mark.parametrize(
    ("attestations", "closing"),
    [
        ([_attested(date(2027, 9, 6))], Closing.ATTESTED),
        ([_attested(TODAY)], Closing.ATTESTED),
        ([_attested(date(2026, 11, 9))], Closing.NOT_SEEN),
        ([_attested(date(2027, 9, 6), "cloud")], Closing.NOT_SEEN),
        ([], Closing.NOT_SEEN),
    ],
    ids=["live", "its last day", "overdue", "of something else", "none"],
)
def test_the_school_s_network_is_closed_while_somebody_s_word_for_it_counts(
    attestations: Sequence[Attestation], closing: Closing
) -> None:
    table = coverage([_realised("cloud"), _by_people()], attestations, TODAY)

    assert _way(table, "network").closing is closing


def test_audiences_have_a_table_each() -> None:
    staff = _realised("cloud", Closure("windows_app", ("WhatsApp",), Closing.CLOSED))
    pupils = RealisedControl("web.chat_im_block", "cloud", (), Realisation(()), "pupils", ("WhatsApp",))

    table = coverage([staff, pupils], [], TODAY)

    assert [(row.audience, row.ways[2].closing) for row in table] == [
        ("staff", Closing.CLOSED),
        ("pupils", Closing.OPEN),
    ]
