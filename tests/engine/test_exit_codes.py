"""Which exit code wins where several things are so at once."""

from itertools import combinations

import pytest

from tests.cases import resource
from tests.contract.rules import STORED, apply, rule, stored_rule, write_rules
from tests.door import CommandResult, Door
from tests.schools import few_people
from toolkit.engine.run_report import QUIET_UNKNOWNS, exit_of_unknown, worst
from toolkit.errors import Exit
from toolkit.planning.audience.resolve import AUDIENCE_EMPTY, AUDIENCE_UNKNOWN
from toolkit.planning.audience.unresolved import EXCEPTION_EMPTY, EXCEPTION_UNKNOWN
from toolkit.planning.plan_states import PLAN_STATES
from toolkit.sdk.reason import ReasonCode

pytestmark = few_people

ORDER = (Exit.FAILED, Exit.REFUSED, Exit.PENDING, Exit.UNREAD)
TAG, READ = "microsoft365.external_in_outlook", "Get-ExternalInOutlook"


@pytest.mark.parametrize("codes", [codes for n in range(len(ORDER) + 1) for codes in combinations(ORDER, n)], ids=str)
def test_the_worst_of_several_codes_wins_in_whatever_order_they_come(codes: tuple[Exit, ...]) -> None:
    expected = codes[0] if codes else Exit.AS_WANTED

    assert worst(codes) is expected
    assert worst([*reversed(codes), Exit.AS_WANTED]) is expected


def _tag(door: Door, mode: str) -> None:
    write_rules(door, resource(TAG, "organisation", {"enabled": True}), file="20-tag", mode=mode)


def _answers(door: Door) -> list[CommandResult]:
    return [door.toolkit(command, "--json") for command in ("plan", "drift")]


def test_a_difference_beside_a_kind_that_cannot_be_read_is_pending_and_both_are_counted(bare_door: Door) -> None:
    write_rules(bare_door, rule("A", prepend_subject="[a] "))
    _tag(bare_door, "enforce")
    apply(bare_door)
    bare_door.tenant.fault("refused", READ, times=99)
    unread = _answers(bare_door)
    bare_door.tenant.patch(STORED, stored_rule(bare_door, "A")["Guid"], PrependSubject="[theirs] ")

    both = _answers(bare_door)

    assert [answer.exit for answer in unread] == [4, 4]
    assert [answer.exit for answer in both] == [3, 3]
    for answer in both:
        assert (answer.json["summary"]["update"], answer.json["summary"]["unknown"]) == (1, 1)


def test_a_drift_that_ended_with_3_beside_an_unread_kind_did_not_see_that_kind_as_it_should_be(bare_door: Door) -> None:
    write_rules(bare_door, rule("A", prepend_subject="[a] "))
    _tag(bare_door, "check")
    bare_door.tenant.fault("refused", READ, times=99)
    assert bare_door.toolkit("drift").exit == 3
    bare_door.tenant.disarm()

    drift = bare_door.toolkit("drift", "--json")

    causes = {finding["address"].partition("[")[0]: finding["cause"] for finding in drift.json["findings"]}
    assert causes[TAG] == "not known"


@pytest.mark.parametrize(
    ("code", "people", "code_of_check"),
    [
        (AUDIENCE_EMPTY, 14, Exit.PENDING),
        (AUDIENCE_EMPTY, None, Exit.AS_WANTED),
        (EXCEPTION_EMPTY, 14, Exit.PENDING),
    ],
)
def test_an_empty_group_is_no_unread_group(code: ReasonCode, people: int | None, code_of_check: Exit) -> None:
    assert exit_of_unknown(code(why="the group is empty"), people) is code_of_check


@pytest.mark.parametrize(
    ("code", "people"),
    [
        (AUDIENCE_UNKNOWN, None),
        (AUDIENCE_UNKNOWN, 14),
        (EXCEPTION_UNKNOWN, None),
        (EXCEPTION_UNKNOWN, 14),
        (EXCEPTION_EMPTY, None),
    ],
)
def test_any_other_unknown_ends_with_4(code: ReasonCode, people: int | None) -> None:
    assert exit_of_unknown(code(why="not read"), people) is Exit.UNREAD


def test_every_unknown_that_does_not_end_with_4_has_its_reason() -> None:
    quiet = [state for state in PLAN_STATES if state.sign == "?" and state.exits.plan is not Exit.UNREAD]

    assert all(QUIET_UNKNOWNS.values())
    assert {state.name for state in quiet} <= QUIET_UNKNOWNS.keys()
