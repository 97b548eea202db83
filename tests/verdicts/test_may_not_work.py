"""What is only maybe so is never told as in place, and a known difference goes before it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest

from connectors.microsoft365.kinds.browser_url_policy import BrowserUrlPolicy
from toolkit.planning.change import Create
from toolkit.planning.coverage import compute_coverage
from toolkit.planning.plan import Plan, PlanRow, rows_for_uncertain_objects, to_rows
from toolkit.planning.plan_details import RealisedControl, Remark
from toolkit.planning.plan_states import CHANGED, MATCHING, OVERRIDDEN
from toolkit.planning.verdicts.judge import RunEvidence, judge_parts
from toolkit.sdk.part import Closing, Closure, Level, Part, Realisation, Resource
from toolkit.sdk.resource import Address, Desired, Origin
from toolkit.sdk.verdict import Count, PartOutcome, Verdict

NOW = datetime(2026, 11, 10, 9, 0, tzinfo=UTC)
LIST = Address("microsoft365", "browser_url_policy", "School web: staff")
PART = Part(
    name="browser lists",
    level=Level.ENFORCED,
    covers="browsers",
    resources=(Resource(LIST.kind, LIST.name, BrowserUrlPolicy()),),
    closures=(Closure("managed_browser", ("WhatsApp",), Closing.CLOSED),),
)
CONTROL = RealisedControl("web.chat_im_block", "microsoft365", (), Realisation((PART,)), "staff", ("WhatsApp",))
SOME = Remark(LIST, "", "1 computer is shared", whole=False, sure=False, count=Count(9, 10, 1, "device"))
ALL = Remark(LIST, "Theirs", "a filter may let it through", sure=False)
WRITTEN = Create(Desired(LIST, {}, {}, Origin("10.yaml", 1)), ())

Rows = Sequence[PlanRow[Any]]
AS_WANTED: Rows = to_rows(MATCHING, [LIST])


def _verdict(*states: Rows) -> Verdict:
    rows = tuple(row for state in states for row in state)
    plan = Plan(rows=rows, desired_controls={LIST: frozenset([CONTROL.control])})
    read = RunEvidence(controls=[CONTROL], plan=plan, titles={}, now=NOW)
    (verdict,) = judge_parts(read)
    return verdict


@pytest.mark.parametrize(
    ("rows", "outcome"),
    [
        ([AS_WANTED], PartOutcome.IN_PLACE),
        ([AS_WANTED, rows_for_uncertain_objects([SOME])], PartOutcome.IN_PART),
        ([AS_WANTED, rows_for_uncertain_objects([ALL])], PartOutcome.UNKNOWN),
        ([AS_WANTED, rows_for_uncertain_objects([SOME, ALL])], PartOutcome.IN_PART),
        ([AS_WANTED, to_rows(OVERRIDDEN, [ALL])], PartOutcome.UNKNOWN),
        ([AS_WANTED, to_rows(OVERRIDDEN, [Remark(LIST, "Theirs", "it runs first")])], PartOutcome.DIFFERS),
        ([to_rows(CHANGED, [WRITTEN]), rows_for_uncertain_objects([SOME, ALL])], PartOutcome.DIFFERS),
    ],
)
def test_a_verdict_claims_no_more_than_is_known(rows: Sequence[Rows], outcome: PartOutcome) -> None:
    assert _verdict(*rows).outcome is outcome


def test_the_devices_on_which_it_is_known_are_counted_and_the_objects_too() -> None:
    counts = [ground.count for ground in _verdict(AS_WANTED, rows_for_uncertain_objects([SOME])).grounds]

    assert counts == [Count(1, 1), Count(9, 10, 1, "device")]


@pytest.mark.parametrize("maybe", [SOME, ALL])
def test_an_app_is_closed_as_it_is_written_and_not_proven(maybe: Remark) -> None:
    (table,) = compute_coverage([CONTROL], [_verdict(AS_WANTED, rows_for_uncertain_objects([maybe]))])

    assert table.ways[0].closing is Closing.WRITTEN
    assert maybe.text in table.ways[0].condition
