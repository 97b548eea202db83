"""How a clause stands follows from its facts, in a fixed order; of two clouds the worse one counts."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from toolkit.planning.policy.page import Fact
from toolkit.planning.policy.statuses import (
    ClauseStanding,
    PastStatuses,
    StatusGrounds,
    find_status_periods,
    work_out_status,
)
from toolkit.playbook.policy_entries import Clause, ClauseClass, ClausePlace
from toolkit.sdk.part import SCHOOL
from toolkit.sdk.reason import AS_RECORDED, admin_text
from toolkit.sdk.resource import Address, Origin
from toolkit.sdk.verdict import MEANS, FactVerdict

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
RULE = Address("left", "rule", "School disclaimer")
HOLDS, FAILS, OPEN, UNREAD, EXCEPTED, IN_PART = (
    FactVerdict.HOLDS,
    FactVerdict.FAILS,
    FactVerdict.OPEN,
    FactVerdict.UNREAD,
    FactVerdict.EXCEPTED,
    FactVerdict.IN_PART,
)

UNDECIDED = AS_RECORDED(text="the governors have not decided")


def _clause(of_class: ClauseClass = ClauseClass.SETTABLE) -> Clause:
    return Clause(
        name="EML-18",
        says="Each message carries the wording.",
        of_class=of_class,
        owner="Head Teacher",
        place=ClausePlace("E-mail", 9, "The School standard"),
        parts={},
        origin=Origin("policy.yaml", 3),
    )


def _fact(verdict: FactVerdict, provider: str = "left", *, seen: datetime | None = NOW, says: str = "a tenant") -> Fact:
    reason = f"{verdict} on {provider}"
    return Fact(
        outcome=next(outcome for outcome, means in MEANS.items() if means is verdict),
        reason=AS_RECORDED(text=reason),
        says=AS_RECORDED(text=says),
        provider=provider,
        read_at=seen,
        addresses=(RULE,),
    )


def _grounds(**more: object) -> StatusGrounds:
    return StatusGrounds(now=NOW, providers=["left", "right"], **more)  # type: ignore[arg-type]


ONE_CLOUD = {
    "nothing is known": ([], ClauseStanding.NOT_CHECKED),
    "all holds": ([HOLDS, HOLDS], ClauseStanding.MET),
    "one thing fails, whatever else cannot be read": ([HOLDS, FAILS, EXCEPTED, UNREAD], ClauseStanding.PARTLY),
    "something fails and something cannot be read": ([FAILS, UNREAD], ClauseStanding.PARTLY),
    "one thing cannot be read and the rest holds": ([HOLDS, EXCEPTED, UNREAD], ClauseStanding.NOT_CHECKED),
    "some holds, some is open and some cannot be read": ([HOLDS, OPEN, UNREAD], ClauseStanding.PARTLY),
    "all that fails is excepted": ([HOLDS, EXCEPTED], ClauseStanding.EXCEPTED),
    "something fails beside the exception": ([HOLDS, EXCEPTED, FAILS], ClauseStanding.PARTLY),
    "something is open beside the exception": ([HOLDS, EXCEPTED, OPEN], ClauseStanding.PARTLY),
    "some holds and some fails": ([HOLDS, FAILS], ClauseStanding.PARTLY),
    "some holds and nobody looks at the rest": ([HOLDS, OPEN], ClauseStanding.PARTLY),
    "it holds for some people": ([IN_PART], ClauseStanding.PARTLY),
    "nothing holds": ([FAILS, OPEN], ClauseStanding.NOT_MET),
    "nobody looks at any of it": ([OPEN, OPEN], ClauseStanding.NOT_CHECKED),
}


@pytest.mark.parametrize(("verdicts", "standing"), ONE_CLOUD.values(), ids=ONE_CLOUD.keys())
def test_the_order_on_one_cloud(verdicts: Sequence[FactVerdict], standing: ClauseStanding) -> None:
    told = work_out_status(_clause(), [_fact(verdict) for verdict in verdicts], _grounds())

    assert told.status is standing
    assert told.because


TWO_CLOUDS = {
    "not met before not checked": (FAILS, UNREAD, ClauseStanding.NOT_MET),
    "not checked before met": (HOLDS, UNREAD, ClauseStanding.NOT_CHECKED),
    "partly before not checked": (IN_PART, UNREAD, ClauseStanding.PARTLY),
    "met on one and open on the other": (HOLDS, OPEN, ClauseStanding.PARTLY),
    "partly before an exception": (EXCEPTED, IN_PART, ClauseStanding.PARTLY),
    "an exception before met": (HOLDS, EXCEPTED, ClauseStanding.EXCEPTED),
    "met on both": (HOLDS, HOLDS, ClauseStanding.MET),
}


@pytest.mark.parametrize(("left", "right", "standing"), TWO_CLOUDS.values(), ids=TWO_CLOUDS.keys())
def test_of_two_clouds_the_worse_one_counts_whichever_it_is(
    left: FactVerdict, right: FactVerdict, standing: ClauseStanding
) -> None:
    one_way = work_out_status(_clause(), [_fact(left, "left"), _fact(right, "right")], _grounds())
    other_way = work_out_status(_clause(), [_fact(right, "left"), _fact(left, "right")], _grounds())

    assert (one_way.status, other_way.status) == (standing, standing)
    assert set(one_way.by_provider) == {"left", "right"}


def test_what_is_the_schools_own_counts_on_each_cloud() -> None:
    facts = [_fact(HOLDS, "left"), _fact(HOLDS, "right"), _fact(OPEN, SCHOOL, seen=None, says="nobody")]

    told = work_out_status(_clause(), facts, _grounds())

    assert told.by_provider == {"left": ClauseStanding.PARTLY, "right": ClauseStanding.PARTLY}
    assert (told.because, told.says) == ((AS_RECORDED(text=f"open on {SCHOOL}"),), (AS_RECORDED(text="nobody"),))


def test_people_come_first_then_what_is_undecided() -> None:
    waiting = _grounds(pending_decisions={"EML-18": UNDECIDED})
    word = _fact(HOLDS, SCHOOL, seen=None, says="confirmed by Head Teacher on 1 November 2026")

    people = work_out_status(_clause(ClauseClass.PEOPLE), [word], waiting)
    undecided = work_out_status(_clause(), [_fact(UNREAD), _fact(HOLDS)], waiting)

    assert (people.status, people.says) == (ClauseStanding.NOT_TECHNICAL, (word.says,))
    assert (undecided.status, undecided.because) == (ClauseStanding.UNDECIDED, (UNDECIDED,))


def test_a_clause_of_which_evidence_alone_can_be_held_is_never_met() -> None:
    assert work_out_status(_clause(ClauseClass.SUPPORTED), [_fact(HOLDS)], _grounds()).status is ClauseStanding.ON_FILE
    assert work_out_status(_clause(ClauseClass.VISIBLE), [_fact(HOLDS)], _grounds()).status is ClauseStanding.MET


def test_what_a_tenant_said_too_long_ago_is_not_checked() -> None:
    old = _fact(HOLDS, seen=NOW - timedelta(days=1, seconds=1))

    told = work_out_status(_clause(), [old], _grounds())

    assert told.status is ClauseStanding.NOT_CHECKED
    assert list(map(admin_text, told.because)) == ["last checked on 09.11.2026, which is too long ago: holds on left"]
    assert (
        work_out_status(_clause(), [_fact(HOLDS, seen=NOW - timedelta(days=1))], _grounds()).status
        is ClauseStanding.MET
    )


def _runs(*statuses: str) -> Sequence[PastStatuses]:
    """Give a run each day, yesterday's first."""
    return [PastStatuses(at=NOW - timedelta(days=n), statuses={"EML-18": s}) for n, s in enumerate(statuses, 1) if s]


SINCE = {
    "nothing was recorded": (_runs(), 0),
    "the runs before say the same": (_runs("met", "met"), 2),
    "a run before says something else": (_runs("met", "not met", "met"), 1),
    "it is new": (_runs("partly", "met"), 0),
    "a run before does not speak of it": ([PastStatuses(at=NOW - timedelta(days=1), statuses={"GEN-08": "met"})], 0),
}


@pytest.mark.parametrize(("before", "days"), SINCE.values(), ids=SINCE.keys())
def test_since_goes_back_as_far_as_what_was_recorded_without_a_break(before: Sequence[PastStatuses], days: int) -> None:
    told = work_out_status(_clause(), [_fact(HOLDS)], _grounds(before=find_status_periods(before)))

    assert told.since == NOW - timedelta(days=days)


def test_what_others_put_right_between_two_runs_passes_since_it_was_seen_right() -> None:
    righted = {RULE: NOW - timedelta(hours=30)}

    told = work_out_status(
        _clause(), [_fact(HOLDS)], _grounds(before=find_status_periods(_runs("met", "met")), last_resolved=righted)
    )

    assert told.since == NOW - timedelta(hours=30)


FAILING = {
    "nobody saw it before": ({}, {}, ("met",), 0),
    "a drift saw it since the last report": ({RULE: 12}, {}, ("met",), 12),
    "a drift saw it before a report that knew nothing of it": ({RULE: 50}, {}, ("met",), 24),
    "a drift saw it before the first report": ({RULE: 50}, {}, (), 50),
    "a run put it right after a drift saw it": ({RULE: 12}, {RULE: 6}, ("met",), 0),
    "the report before says the same": ({RULE: 12}, {}, ("not met",), 24),
}


@pytest.mark.parametrize(("astray", "written", "before", "hours"), FAILING.values(), ids=FAILING.keys())
def test_what_fails_does_so_since_it_was_first_seen(
    astray: dict[Address, int], written: dict[Address, int], before: Sequence[str], hours: int
) -> None:
    ago = [{address: NOW - timedelta(hours=n) for address, n in one.items()} for one in (astray, written)]

    told = work_out_status(
        _clause(),
        [_fact(FAILS)],
        _grounds(before=find_status_periods(_runs(*before)), oldest_open_finding=ago[0], last_corrected=ago[1]),
    )

    assert told.since == NOW - timedelta(hours=hours)


def test_what_had_to_be_put_right_between_two_runs_passes_since_then() -> None:
    written = {RULE: NOW - timedelta(hours=30)}

    met = work_out_status(
        _clause(), [_fact(HOLDS)], _grounds(before=find_status_periods(_runs("met", "met")), last_corrected=written)
    )
    failing = work_out_status(
        _clause(),
        [_fact(FAILS)],
        _grounds(before=find_status_periods(_runs("not met", "not met")), last_corrected=written),
    )

    assert met.since == NOW - timedelta(hours=30)
    assert failing.since == NOW - timedelta(days=2)
