"""Which exit code wins where several things are so at once."""

from itertools import combinations

import pytest

from tests.cases import resource
from tests.contract.rules import STORED, apply, ask, rule, stored
from tests.door import Answered, Door
from toolkit.engine.run_report import worst
from toolkit.errors import Exit

ORDER = (Exit.FAILED, Exit.REFUSED, Exit.PENDING, Exit.UNREAD)
TAG, READ = "microsoft365.external_in_outlook", "Get-ExternalInOutlook"


@pytest.mark.parametrize("codes", [codes for n in range(len(ORDER) + 1) for codes in combinations(ORDER, n)], ids=str)
def test_the_worst_of_several_codes_wins_in_whatever_order_they_come(codes: tuple[Exit, ...]) -> None:
    expected = codes[0] if codes else Exit.AS_WANTED

    assert worst(codes) is expected
    assert worst([*reversed(codes), Exit.AS_WANTED]) is expected


def _tag(door: Door, mode: str) -> None:
    ask(door, resource(TAG, "organisation", {"enabled": True}), file="20-tag", mode=mode)


def _answers(door: Door) -> list[Answered]:
    return [door.toolkit(command, "--json") for command in ("plan", "drift")]


def test_a_difference_beside_a_kind_that_cannot_be_read_is_pending_and_both_are_counted(bare_door: Door) -> None:
    ask(bare_door, rule("A", prepend_subject="[a] "))
    _tag(bare_door, "enforce")
    apply(bare_door)
    bare_door.tenant.fault("refused", READ, times=99)
    unread = _answers(bare_door)
    bare_door.tenant.patch(STORED, stored(bare_door, "A")["Guid"], PrependSubject="[theirs] ")

    both = _answers(bare_door)

    assert [answer.exit for answer in unread] == [4, 4]
    assert [answer.exit for answer in both] == [3, 3]
    for answer in both:
        assert (answer.json["summary"]["update"], answer.json["summary"]["unknown"]) == (1, 1)


def test_a_drift_that_ended_with_3_beside_an_unread_kind_did_not_see_that_kind_as_it_should_be(bare_door: Door) -> None:
    ask(bare_door, rule("A", prepend_subject="[a] "))
    _tag(bare_door, "check")
    bare_door.tenant.fault("refused", READ, times=99)
    assert bare_door.toolkit("drift").exit == 3
    bare_door.tenant.disarm()

    drift = bare_door.toolkit("drift", "--json")

    causes = {finding["address"].partition("[")[0]: finding["cause"] for finding in drift.json["findings"]}
    assert causes[TAG] == "not known"
