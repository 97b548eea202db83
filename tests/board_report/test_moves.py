"""Where a clause's move came from follows from what is on record, and from nothing else."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.board_report.reading import OF_THE_TRADE
from tests.board_report.school import NOW, export_of
from toolkit.board_report.change_origin import CALENDAR, INSIDE, OUTSIDE, RECORDS, UNKNOWN
from toolkit.board_report.changes import changed_clauses
from toolkit.board_report.export import AttributedDifference, Differences, Export
from toolkit.board_report.period import EarlierStatuses, FoundChange
from toolkit.planning.finding_state import Ending
from toolkit.planning.policy.facts import NO_PLAYBOOK_ASKS
from toolkit.planning.policy.page import NOBODY, PLAYBOOKS_SAY, Fact
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.sdk.reason import AS_RECORDED, About, ControlName
from toolkit.sdk.resource import Address
from toolkit.sdk.verdict import PartOutcome

RULE = Address("microsoft365", "transport_rule", "A")
BEFORE, LATER = (datetime(2026, 10, day, tzinfo=UTC) for day in (1, 20))
MISSING = Fact(
    outcome=PartOutcome.DIFFERS,
    reason=AS_RECORDED(text="the rule is missing"),
    says=AS_RECORDED(text="read"),
    read_at=NOW,
    addresses=(RULE,),
)
HOLDS = replace(MISSING, outcome=PartOutcome.IN_PLACE, reason=AS_RECORDED(text="the rule is there"))
COUNTED = Fact(
    outcome=PartOutcome.IN_PART, reason=AS_RECORDED(text="43 of 46 have it"), says=AS_RECORDED(text="read"), read_at=NOW
)
SHORT = Fact(
    outcome=PartOutcome.DIFFERS, reason=AS_RECORDED(text="they ask for 8, and the policy for 12"), says=PLAYBOOKS_SAY
)
UNASKED = Fact(
    outcome=PartOutcome.UNCONFIRMED, reason=NO_PLAYBOOK_ASKS(control=ControlName("x.y")), says=NOBODY, control="x.y"
)
UNREAD = Fact(outcome=PartOutcome.UNKNOWN, reason=AS_RECORDED(text="no answer"), says=NOBODY, read_at=NOW)
CONFIRMED = Fact(outcome=PartOutcome.UNCONFIRMED, reason=AS_RECORDED(text="overdue since 1 October"), says=NOBODY)
ENDED = FoundChange(
    first_seen=LATER, since=LATER, address=RULE, path="", what="missing", cause="tenant", actor="p", ended=NOW,
    how=Ending.REPAIRED,
)  # fmt: skip


def _differs(cause: str, since: datetime = LATER, by: str = "") -> Differences:
    return Differences(
        by_address={RULE: [AttributedDifference(RULE, since, cause, by)]}, roles={"p": "a member of staff"}
    )


@pytest.fixture
def export(tmp_path: Path) -> Export:
    return export_of(tmp_path / "playbooks")


def _move(
    export: Export, was: ClauseStanding, now: ClauseStanding, *facts: Fact, others: bool = False, **past: object
) -> tuple[str, str]:
    """Give where the move of one clause came from, and why."""
    before = EarlierStatuses(
        at=BEFORE, playbooks="others" if others else export.report.playbooks.digest, statuses={"SYS-10": str(was)}
    )
    (status,) = [one for one in export.report.statuses if one.clause.name == "SYS-10"]
    status = replace(status, status=now, evidence=facts, because=tuple(fact.reason for fact in facts))
    differences = past.pop("differences", _differs("tenant", BEFORE.replace(year=2025)))
    told = replace(
        export,
        report=replace(export.report, statuses=[status]),
        past=replace(export.past, **{"before": before, **past}),  # type: ignore[arg-type]
        differences=differences,  # type: ignore[arg-type]
    )
    (one,) = changed_clauses(told)
    assert one.sentence.startswith(f"SYS-10 was “{was}” and is “{now}” now: ")
    assert one.sentence.endswith(".")
    assert not OF_THE_TRADE.search(one.sentence)
    return one.where, one.sentence


MET, NOT_MET, PARTLY, UNCHECKED = (
    ClauseStanding.MET,
    ClauseStanding.NOT_MET,
    ClauseStanding.PARTLY,
    ClauseStanding.NOT_CHECKED,
)


@pytest.mark.parametrize(
    ("cause", "where", "said"),
    [
        (
            "tenant",
            OUTSIDE,
            "the rule is missing, changed outside the agreed set-up by a member of staff and first seen on",
        ),
        ("both", OUTSIDE, "changed outside the agreed set-up"),
        ("followed", OUTSIDE, "changed outside the agreed set-up"),
        ("playbook", INSIDE, "asks for a setting that is not made yet"),
        ("time", CALENDAR, "a date in the agreed set-up came or an exception ended"),
        ("not known", UNKNOWN, "the cause is not on record"),
    ],
)
def test_what_is_not_as_wanted_now_came_from_where_its_cause_says(
    export: Export, cause: str, where: str, said: str
) -> None:
    differences = _differs(cause, by="a member of staff")

    found = _move(export, MET, NOT_MET, MISSING, others=True, differences=differences)

    assert found[0] == where
    assert said in found[1]


_WORSE: Sequence[tuple[ClauseStanding, Sequence[Fact], bool, str, str]] = [
    (PARTLY, [HOLDS, SHORT], True, INSIDE, "the agreed set-up was changed, and a run of the tool followed it on 20"),
    (
        UNCHECKED,
        [UNASKED],
        True,
        INSIDE,
        "the agreed set-up does not include “x.y”, so it is not checked; the agreed set-up was changed",
    ),
    (UNCHECKED, [UNREAD], True, UNKNOWN, "it is unknown whether anything changed"),
    (PARTLY, [COUNTED], False, OUTSIDE, "counted in the cloud and set by no run"),
    (PARTLY, [COUNTED], True, UNKNOWN, "nothing on record says which it was"),
    (UNCHECKED, [CONFIRMED], True, RECORDS, "overdue since 1 October"),
    (PARTLY, [CONFIRMED, replace(COUNTED, outcome=PartOutcome.IN_PLACE)], True, RECORDS, "overdue since 1 October"),
    (NOT_MET, [MISSING], True, UNKNOWN, "nothing on record says why"),  # it was missing before as well
]


@pytest.mark.parametrize(("now", "facts", "others", "where", "said"), _WORSE)
def test_what_got_worse_otherwise(  # noqa: PLR0917
    export: Export, now: ClauseStanding, facts: Sequence[Fact], others: bool, where: str, said: str  # noqa: FBT001
) -> None:  # fmt: skip
    found = _move(export, MET, now, *facts, others=others, last_writes={RULE: LATER})

    assert found[0] == where
    assert said in found[1]


def test_what_got_better_was_put_right_or_put_in_place(export: Export) -> None:
    repaired = _move(
        export, NOT_MET, MET, HOLDS, endings={RULE: ENDED}, last_writes={RULE: NOW}, differences=_differs("tenant")
    )
    by_hand = _move(export, NOT_MET, MET, HOLDS, endings={RULE: replace(ENDED, how=Ending.TENANT, actor=None)})
    wanted = _move(
        export, NOT_MET, MET, HOLDS, endings={RULE: replace(ENDED, cause="playbook")}, last_writes={RULE: NOW}
    )
    written = _move(export, NOT_MET, MET, HOLDS, last_writes={RULE: LATER})
    others = _move(export, NOT_MET, MET, others=True)

    assert repaired[0] == by_hand[0] == OUTSIDE
    assert "by a member of staff, first seen on 20 October 2026, and a run of the tool put it right on" in repaired[1]
    assert "it was put right there without the tool, as was found on 10 November 2026" in by_hand[1]
    assert wanted[0] == written[0] == others[0] == INSIDE
    assert "a run of the tool put it in place on 20 October 2026, as agreed" in written[1]
    assert "no run had to change anything" in others[1]


RULE_FAILS, RULE_HOLDS = replace(MISSING, subject=About("rule")), replace(HOLDS, subject=About("rule"))


def test_what_can_be_looked_at_again_came_from_nowhere_that_is_known(export: Export) -> None:
    (status,) = [one for one in export.report.statuses if one.clause.name == "SYS-10"]
    partly = replace(status, status=PARTLY, evidence=(CONFIRMED, HOLDS), because=(CONFIRMED.reason,))
    before = EarlierStatuses(
        at=BEFORE, playbooks="d", statuses={"SYS-10": "not checked"}, lacking={"SYS-10": {"rule": "unread"}}
    )
    report, past = replace(export.report, statuses=[partly]), replace(export.past, before=before)

    (told,) = changed_clauses(replace(export, report=report, past=past))

    assert told.where == UNKNOWN
    assert told.sentence == (
        "SYS-10 was “not checked” and is “partly” now: it can be read again, which was not possible before; overdue"
        " since 1 October."
    )


LESS: dict[str, tuple[dict[str, str] | None, Fact, list[str], str]] = {
    "a part fails that held": ({}, RULE_FAILS, [OUTSIDE], "less of it is in place: the rule is missing"),
    "a part that held for some holds for nobody": (
        {"rule": "in part"},
        RULE_FAILS,
        [OUTSIDE],
        "less of it is in place: the rule is missing",
    ),
    "what is counted fails that held": (
        {},
        replace(COUNTED, subject=About("people")),
        [OUTSIDE],
        "less of it is in place: 43 of 46 have it, which is counted in the cloud and set by no run",
    ),
    "a part cannot be read any more": (
        {},
        replace(UNREAD, subject=About("rule")),
        [UNKNOWN],
        "less of it could be checked: no answer; it is unknown whether anything changed",
    ),
    "a confirmation has run out": (
        {},
        replace(CONFIRMED, subject=About("the attested")),
        [RECORDS],
        "less of it is confirmed: overdue since 1 October",
    ),
    "a part failed before as well": ({"rule": "fails"}, RULE_FAILS, [], ""),
    "a part holds that failed": ({"rule": "fails"}, RULE_HOLDS, [], ""),
    "nobody wrote down what failed": (None, RULE_FAILS, [], ""),
}


@pytest.mark.parametrize(("lacked", "fact", "where", "said"), LESS.values(), ids=LESS.keys())
def test_a_clause_of_which_less_holds_is_told_though_its_word_is_the_same(
    export: Export, lacked: dict[str, str] | None, fact: Fact, where: list[str], said: str
) -> None:
    (status,) = [one for one in export.report.statuses if one.clause.name == "SYS-10"]
    lacking = None if lacked is None else {"SYS-10": lacked}
    digest = export.report.playbooks.digest
    before = EarlierStatuses(at=BEFORE, playbooks=digest, statuses={"SYS-10": "partly"}, lacking=lacking)
    partly = replace(status, status=PARTLY, evidence=(fact,), because=(fact.reason,))

    told = changed_clauses(
        replace(
            export,
            report=replace(export.report, statuses=[partly]),
            past=replace(export.past, before=before),
            differences=_differs("tenant"),
        )
    )

    assert [one.where for one in told] == where
    assert all(one.sentence.startswith(f"SYS-10 is “partly” as before, and {said}") for one in told)


def test_what_a_run_wrote_for_people_was_set_by_a_run_though_no_fact_names_them(export: Export) -> None:
    reply = Address("microsoft365", "automatic_replies", "", label="somebody")
    counted = replace(COUNTED, outcome=PartOutcome.IN_PLACE, control="mail.out_of_office")
    plan = replace(export.report.looked.plan, desired_controls={reply: frozenset({"mail.out_of_office"})})
    asking = replace(export, report=replace(export.report, looked=replace(export.report.looked, plan=plan)))

    where, said = _move(asking, PARTLY, MET, counted, last_writes={reply: LATER})

    assert (where, "a run of the tool put it in place on 20 October" in said) == (INSIDE, True)
    assert _move(export, PARTLY, MET, counted, last_writes={reply: LATER})[0] == OUTSIDE
