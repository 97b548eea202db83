"""The walk of a message: three-valued rules, the end of processing, and certain results in spite of unknown rules."""

from collections.abc import Sequence
from dataclasses import replace

import pytest

from toolkit.planning.mail_flow.walk import WalkResult, differing_results, group_outcomes, walk_message
from toolkit.sdk.mail_flow import (
    MailDirectory,
    MailMessage,
    MailRecipient,
    MailResult,
    MailRule,
    MailStage,
)
from toolkit.sdk.truth import Truth, all_of, any_of, cannot_tell, negate, no, yes

HEAD, LIST = "head@school.example", "staff@school.example"
MESSAGE = MailMessage(sender="a@parents.example", to_addresses=(HEAD,), subject="Trip")
DIRECTORY = MailDirectory(frozenset({"school.example"}), {HEAD: MailRecipient(HEAD)})
MAYBE = cannot_tell("the text is not known")


def rule(name: str, truth: Truth, result: MailResult | None = None, *, ends: bool = False) -> MailRule:
    """Return a rule that answers the same for every message."""
    return MailRule(
        kind="rule", name=name, matches=lambda _message, _recipient: truth, result=result, ends_stage=ends, effect=name
    )


def result_of(*rules: MailRule, message: MailMessage = MESSAGE) -> tuple[MailResult, str]:
    (walked,) = walk_message([MailStage("rules", rules)], message, DIRECTORY)
    return walked.result, walked.by


REJECTS = rule("rejects", yes(), MailResult.REJECTED)


@pytest.mark.parametrize(
    ("rules", "expected"),
    [
        ([], (MailResult.NOT_STOPPED, "")),
        ([rule("no", no(), MailResult.REJECTED)], (MailResult.NOT_STOPPED, "")),
        ([REJECTS], (MailResult.REJECTED, "rejects")),
        ([rule("stop", yes(), ends=True), REJECTS], (MailResult.NOT_STOPPED, "")),
        ([rule("marks perhaps", MAYBE), REJECTS], (MailResult.REJECTED, "rejects")),
        ([rule("stops perhaps", MAYBE, ends=True), REJECTS], (MailResult.UNKNOWN, "")),
        ([rule("perhaps", MAYBE, MailResult.REJECTED), REJECTS], (MailResult.REJECTED, "perhaps or rejects")),
        ([rule("perhaps", MAYBE, MailResult.REJECTED)], (MailResult.UNKNOWN, "")),
        ([rule("unreadable", MAYBE, MailResult.UNKNOWN), REJECTS], (MailResult.UNKNOWN, "")),
        ([replace(REJECTS, only_reports=True)], (MailResult.NOT_STOPPED, "")),
    ],
    ids=lambda value: ", ".join(rule.name for rule in value) if isinstance(value, list) else str(value[0]),
)
def test_a_result_is_certain_only_if_every_possible_way_has_it(
    rules: Sequence[MailRule], expected: tuple[MailResult, str]
) -> None:
    assert result_of(*rules) == expected


def test_a_message_that_is_stopped_on_every_way_is_stopped_even_if_the_way_is_unknown() -> None:
    rules = (rule("first", MAYBE, MailResult.QUARANTINED), REJECTS)

    (walked,) = walk_message([MailStage("rules", rules)], MESSAGE, DIRECTORY)

    assert (walked.result, walked.is_stopped) == (MailResult.UNKNOWN, True)
    assert walked.reasons == ("first: the text is not known",)


def test_the_end_of_a_stage_does_not_end_the_next_stage() -> None:
    stages = [MailStage("rules", [rule("stop", yes(), ends=True)]), MailStage("later", [REJECTS])]

    (walked,) = walk_message(stages, MESSAGE, DIRECTORY)

    assert walked.result is MailResult.REJECTED


def test_a_later_rule_sees_the_message_as_an_earlier_rule_changed_it() -> None:
    marks = MailRule(
        kind="rule",
        name="marks",
        matches=lambda _message, _recipient: MAYBE,
        change=lambda message: replace(message, subject=f"[office] {message.subject}"),
    )
    sees = MailRule(
        kind="rule",
        name="sees",
        matches=lambda message, _recipient: Truth(str(message.subject).startswith("[office]")),
        result=MailResult.DROPPED,
    )

    assert result_of(sees, marks) == (MailResult.NOT_STOPPED, "")
    assert result_of(replace(marks, matches=lambda _message, _recipient: yes()), sees) == (MailResult.DROPPED, "sees")
    assert result_of(marks, sees)[0] is MailResult.UNKNOWN


def test_a_rule_that_no_way_reaches_is_not_a_step() -> None:
    (walked,) = walk_message([MailStage("rules", [REJECTS, rule("later", yes())])], MESSAGE, DIRECTORY)

    assert [step.name for step in walked.steps] == ["rejects"]


def test_the_members_of_a_list_are_grouped_by_equal_outcome() -> None:
    people = tuple(f"p{number}@school.example" for number in range(5))
    directory = replace(DIRECTORY, recipients={LIST: MailRecipient(LIST, is_list=True, members=people)})
    spares_one = MailRule(
        kind="rule",
        name="rejects",
        matches=lambda _message, recipient: Truth(recipient != people[0]),
        result=MailResult.REJECTED,
    )
    results = walk_message([MailStage("rules", [spares_one])], replace(MESSAGE, to_addresses=(LIST,)), directory)

    groups = group_outcomes(results)

    assert [(group.example.result, len(group.recipients)) for group in groups] == [
        (MailResult.REJECTED, 4),
        (MailResult.NOT_STOPPED, 1),
    ]
    assert {result.via for result in results} == {LIST}


def test_a_list_that_rejects_the_message_has_one_result() -> None:
    directory = replace(DIRECTORY, recipients={LIST: MailRecipient(LIST, is_list=True, members=("p@school.example",))})
    stages = [MailStage("who may post", [REJECTS], for_lists=True)]

    (walked,) = walk_message(stages, replace(MESSAGE, to_addresses=(LIST,)), directory)

    assert (walked.recipient, walked.result) == (LIST, MailResult.REJECTED)


def test_a_list_whose_members_are_unknown_is_unknown_unless_it_is_stopped_itself() -> None:
    unread = MailRecipient(LIST, is_list=True, failure="Graph refused")
    directory, message = replace(DIRECTORY, recipients={LIST: unread}), replace(MESSAGE, to_addresses=(LIST,))

    (goes_on,) = walk_message([], message, directory)
    (stopped,) = walk_message([MailStage("rules", [REJECTS])], message, directory)

    assert (goes_on.result, goes_on.reasons) == (
        MailResult.UNKNOWN,
        (f"the members of {LIST} are unknown (Graph refused)",),
    )
    assert stopped.result is MailResult.REJECTED


def joint(*rules: MailRule, is_joint: bool = True) -> WalkResult:
    stages = [MailStage(one.name, [one], is_joint=is_joint) for one in rules]
    (walked,) = walk_message(stages, MESSAGE, DIRECTORY)
    return walked


def test_rules_without_a_documented_order_stop_a_message_and_no_one_knows_which_wins() -> None:
    quarantines = rule("quarantines", yes(), MailResult.QUARANTINED)

    both = joint(quarantines, REJECTS)
    assert (both.result, both.is_stopped) == (MailResult.UNKNOWN, True)
    assert both.reasons == ("quarantines and rejects apply, and the service does not document which of them wins",)
    assert joint(quarantines, REJECTS, is_joint=False).result is MailResult.QUARANTINED
    assert joint(REJECTS, replace(REJECTS, name="other")).by == "rejects or other"
    later = [
        MailStage("joint", [quarantines], is_joint=True),
        MailStage("then", []),
        MailStage("x", [REJECTS], is_joint=True),
    ]
    assert walk_message(later, MESSAGE, DIRECTORY)[0].result is MailResult.QUARANTINED


def test_a_message_that_goes_to_one_of_two_places_is_unknown() -> None:
    first, second = (
        replace(rule(to, truth, MailResult.REDIRECTED), people=(to,)) for to, truth in (("a", MAYBE), ("b", yes()))
    )

    assert result_of(first, second)[0] is MailResult.UNKNOWN
    assert result_of(first, replace(second, people=("a",))) == (MailResult.REDIRECTED, "a or b")


def test_a_message_to_a_missing_address_does_not_reach_the_rules_after_the_lists() -> None:
    stages = [MailStage("filter", []), MailStage("lists", [], for_lists=True), MailStage("rules", [REJECTS])]
    missing = replace(MESSAGE, to_addresses=("hed@school.example",))

    assert walk_message(stages, missing, DIRECTORY)[0].result is MailResult.UNKNOWN
    assert walk_message([MailStage("filter", [REJECTS]), *stages], missing, DIRECTORY)[0].result is MailResult.REJECTED


def test_an_address_that_the_school_does_not_have_is_unknown() -> None:
    (walked,) = walk_message([], replace(MESSAGE, to_addresses=("hed@school.example",)), DIRECTORY)

    assert walked.result is MailResult.UNKNOWN
    assert walked.reasons == ("there is no recipient hed@school.example here. Check the address",)


def test_too_many_combinations_are_unknown() -> None:
    def mark(number: int) -> MailRule:
        change = rule(str(number), MAYBE)
        return replace(change, change=lambda message: replace(message, subject=f"{message.subject}{number}"))

    assert result_of(*map(mark, range(20)))[0] is MailResult.UNKNOWN


def test_an_address_whose_outcome_differs_after_a_plan_is_named() -> None:
    before = walk_message([], MESSAGE, DIRECTORY)
    after = walk_message([MailStage("rules", [REJECTS])], MESSAGE, DIRECTORY)

    (change,) = differing_results(before, after)

    assert change.address == HEAD
    assert [group.example.result for group in (*change.before, *change.after)] == [
        MailResult.NOT_STOPPED,
        MailResult.REJECTED,
    ]
    assert not differing_results(before, before)


def test_a_list_that_a_plan_closes_is_a_difference_for_the_list() -> None:
    directory = replace(DIRECTORY, recipients={LIST: MailRecipient(LIST, is_list=True, members=(HEAD, "p@s.example"))})
    message, closed = replace(MESSAGE, to_addresses=(LIST,)), MailStage("who may post", [REJECTS], for_lists=True)

    (change,) = differing_results(walk_message([], message, directory), walk_message([closed], message, directory))

    assert (change.address, len(change.before[0].recipients), change.after[0].recipients) == (LIST, 2, (LIST,))


@pytest.mark.parametrize(
    ("truths", "every", "some"),
    [
        ((True, True), True, True),
        ((True, None), None, True),
        ((False, None), False, None),
        ((None, None), None, None),
        ((False, False), False, False),
        ((), True, False),
    ],
)
def test_one_no_refutes_and_one_yes_confirms_in_spite_of_unknown_answers(
    truths: tuple[bool | None, ...],
    every: bool | None,  # noqa: FBT001
    some: bool | None,  # noqa: FBT001
) -> None:
    answers = [Truth(value) for value in truths]

    assert all_of(answers).value is every
    assert any_of(answers).value is some
    assert negate(any_of(answers)).value is all_of(map(negate, answers)).value
