"""Where apps are closed, as the verdicts on the parts of every cloud bear it out."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime

import pytest

from toolkit.planning.checks.attestation_findings import judge_confirmations
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.coverage import AccessRoute, Coverage, compute_coverage
from toolkit.planning.plan_details import RealisedControl
from toolkit.planning.policy.page import NOBODY
from toolkit.planning.verdicts.judge import RunEvidence, judge_parts
from toolkit.playbook.attestations import Attestation
from toolkit.sdk.part import SCHOOL, SURFACES, Closing, Closure, Level, Part, Realisation
from toolkit.sdk.reason import AS_RECORDED
from toolkit.sdk.resource import Origin
from toolkit.sdk.verdict import Ground, PartKey, PartOutcome, Verdict

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
    ).place(Origin("90.yaml", 3), {"on": 7})


def _table(
    controls: Sequence[RealisedControl], outcomes: Mapping[str, PartOutcome] | None = None
) -> Sequence[Coverage]:
    """Give the table where every part is in place, or as said of its cloud."""
    return compute_coverage(controls, list(_verdicts(controls, outcomes or {})))


def _verdicts(controls: Sequence[RealisedControl], outcomes: Mapping[str, PartOutcome]) -> Iterator[Verdict]:
    for control in controls:
        for part in control.realisation.parts:
            outcome = outcomes.get(control.provider, PartOutcome.IN_PLACE)
            ground = Ground(outcome=outcome, reason=AS_RECORDED(text=f"so on {control.provider}"), says=NOBODY)
            key = PartKey(control.control, control.audience, control.exception, control.provider, part.name)
            yield Verdict(key, part.level, part.needed, (ground,))


def _confirmed(controls: Sequence[RealisedControl], attestations: Sequence[Attestation]) -> Sequence[Verdict]:
    """Give the verdicts where only the word of people was looked at."""
    own = [one for one in attestations if one.provider == SCHOOL]
    finding, _ = judge_confirmations(NETWORK, own, TODAY)
    found = ControlFinding(control="web.chat_im_block", provider=SCHOOL, clauses=(), finding=finding, part=NETWORK)
    now = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
    return judge_parts(RunEvidence(controls=controls, findings=[found], titles={}, now=now))


def _way(table: Sequence[Coverage], surface: str) -> AccessRoute:
    words, _ = SURFACES[surface]
    (found,) = (way for way in table[0].ways if way.surface == words)
    return found


def test_what_no_part_speaks_of_is_as_open_as_it_is_by_itself() -> None:
    (row,) = _table([_realised("cloud")])

    assert (row.control, row.audience, row.apps) == ("web.chat_im_block", "staff", ("WhatsApp",))
    assert [(way.surface, way.closing) for way in row.ways] == list(SURFACES.values())


WORSE = {
    "open before closed": ([Closing.OPEN, Closing.CLOSED], Closing.OPEN),
    "not proven before closed": ([Closing.WRITTEN, Closing.CLOSED], Closing.WRITTEN),
    "open before not proven": ([Closing.OPEN, Closing.WRITTEN], Closing.OPEN),
    "open before not seen": ([Closing.NOT_SEEN, Closing.OPEN], Closing.OPEN),
}


@pytest.mark.parametrize(("closings", "worst"), WORSE.values(), ids=WORSE.keys())
def test_of_two_clouds_that_have_a_way_the_worse_one_counts(closings: Sequence[Closing], worst: Closing) -> None:
    one, other = (Closure("managed_browser", ("WhatsApp",), closing, closing) for closing in closings)
    names = dict(zip(["one", "other"], closings, strict=True))

    way = _way(_table([_realised("one", one), _realised("other", other)]), "managed_browser")

    cloud = next(name for name, closing in names.items() if closing is worst)
    assert way == AccessRoute(SURFACES["managed_browser"][0], worst, f"on {cloud}: {worst}", tuple(names.items()))


def test_a_cloud_that_has_a_way_and_leaves_an_app_out_leaves_it_open() -> None:
    left_out = Closure("managed_browser", ("Signal",), Closing.CLOSED)
    closed = Closure("managed_browser", ("WhatsApp",), Closing.CLOSED)

    way = _way(_table([_realised("one", left_out), _realised("other", closed)]), "managed_browser")

    assert (way.closing, way.condition) == (Closing.OPEN, "on one")


def test_a_cloud_without_a_way_says_nothing_of_it() -> None:
    closed = Closure("chromeos_app", ("WhatsApp",), Closing.CLOSED)

    assert _way(_table([_realised("one"), _realised("other", closed)]), "chromeos_app").closing is Closing.CLOSED


JUDGED = {
    PartOutcome.IN_PLACE: (Closing.CLOSED, ""),
    PartOutcome.DIFFERS: (Closing.NOT_YET, "so on cloud"),
    PartOutcome.REFUSED: (Closing.OPEN, "so on cloud"),
    PartOutcome.FAILED: (Closing.OPEN, "so on cloud"),
    PartOutcome.IN_PART: (Closing.NOT_YET, "so on cloud"),
    PartOutcome.UNAVAILABLE: (Closing.OPEN, "so on cloud"),
    PartOutcome.EXCEPTED: (Closing.OPEN, "so on cloud"),
    PartOutcome.UNKNOWN: (Closing.NOT_SEEN, "so on cloud"),
    PartOutcome.NOT_LOOKED_AT: (Closing.NOT_LOOKED_AT, ""),
}


@pytest.mark.parametrize(("outcome", "way"), JUDGED.items(), ids=map(str, JUDGED))
def test_a_way_is_closed_as_far_as_the_verdict_says(outcome: PartOutcome, way: tuple[Closing, str]) -> None:
    closed = Closure("windows_app", ("WhatsApp",), Closing.CLOSED)

    found = _way(_table([_realised("cloud", closed)], {"cloud": outcome}), "windows_app")

    assert (found.closing, found.condition) == way


def test_apps_that_are_closed_in_the_same_ways_stand_together_and_others_apart() -> None:
    closed = Closure("windows_app", ("WhatsApp", "Signal"), Closing.CLOSED)

    table = _table([_realised("cloud", closed, apps=("WhatsApp", "Telegram", "Signal"))])

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
    because = "Defender knows no groups of people"
    controls = [_realised("cloud", Closure("other_browser", ("WhatsApp",), Closing.OPEN, because)), _by_people()]

    table = compute_coverage(controls, _confirmed(controls, attestations))

    assert _way(table, "network").closing is closing
    off_network = "away from the school's network, because only the network's filter blocks the app"
    ways = ("managed_browser", "other_browser", "windows_app", "chromeos_app", "supervised_ipad")
    attested = closing is Closing.ATTESTED
    assert {way: _way(table, way).condition.startswith(off_network) for way in ways} == dict.fromkeys(ways, attested)
    assert _way(table, "other_browser").condition.endswith(because)
    elsewhere = ("android_personal", "mobile_data")
    assert {way: _way(table, way).condition for way in elsewhere} == dict.fromkeys(elsewhere, "")


def test_audiences_have_a_table_each() -> None:
    staff = _realised("cloud", Closure("windows_app", ("WhatsApp",), Closing.CLOSED))
    pupils = RealisedControl("web.chat_im_block", "cloud", (), Realisation(()), "pupils", ("WhatsApp",))

    table = _table([staff, pupils])

    assert [(row.audience, row.ways[2].closing) for row in table] == [
        ("staff", Closing.CLOSED),
        ("pupils", Closing.OPEN),
    ]


@pytest.mark.parametrize("outcome", [PartOutcome.REFUSED, PartOutcome.FAILED], ids=str)
def test_an_exception_that_is_not_made_leaves_closed_what_is_closed_for_the_others(outcome: PartOutcome) -> None:
    surface = "windows_app"
    staff = _realised("cloud", Closure(surface, ("WhatsApp",), Closing.CLOSED))
    part = Part(
        name="app", level=Level.ENFORCED, covers="apps", closures=(Closure(surface, ("WhatsApp",), Closing.OPEN),)
    )
    trip = RealisedControl("web.chat_im_block", "cloud", (), Realisation((part,)), "trip", ("WhatsApp",), "trip")
    made, refused = (
        [*_verdicts([staff], {}), *_verdicts([trip], {"cloud": one})] for one in (PartOutcome.IN_PLACE, outcome)
    )

    opened, left = (compute_coverage([staff, trip], verdicts)[1] for verdicts in (made, refused))

    assert (opened.exception, opened.ways[2].closing) == ("trip", Closing.OPEN)
    assert (left.exception, left.ways[2].closing) == ("trip", Closing.CLOSED)
