"""Predicted messages and delivered messages agree. `python -m tests.delivery.compare` compares 200 sets."""

import pytest

from tests.delivery.agreement import Case, Comparison, Verdict, compare_message
from tests.delivery.compare import compare_set, table
from tests.delivery.draw import draw_set
from tests.emulated import Emulator
from toolkit.planning.mail_flow.walk import WalkResult
from toolkit.sdk import MailResult

PARENT, HEAD = "parent@home.example", "amara.ashdown@example-primary.example"
MOST_UNKNOWN = 0.05


def _compare(emulator: Emulator, *numbers: int, decided_only: bool) -> Comparison:
    comparison = Comparison()
    for number in numbers:
        drawn = draw_set(number, seed=7, messages=20, decided_only=decided_only)
        compare_set(emulator, drawn, comparison)
    return comparison


def test_predictions_agree_with_deliveries_and_hardly_any_is_unknown(emulator: Emulator) -> None:
    comparison = _compare(emulator, 0, 1, 2, 3, decided_only=True)

    assert comparison.disagreements == []
    assert comparison.share_unknown <= MOST_UNKNOWN
    assert comparison.counts["microsoft365", Verdict.AGREES] > 50
    assert comparison.counts["google_workspace", Verdict.AGREES] > 10


def test_a_message_that_needs_other_conditions_is_unknown_and_never_guessed(emulator: Emulator) -> None:
    comparison = _compare(emulator, 0, 1, 2, decided_only=False)

    assert comparison.disagreements == []
    assert comparison.count(Verdict.CANNOT_TELL)
    assert any("properties of documents are not known" in reason for reason in comparison.reasons)


def _outcome(result: str, by: str = "Rule 1", **more: object) -> dict[str, object]:
    return {"recipient": HEAD, "result": result, "by": by, "kind": "transport_rule", "text": "", "added_by": "", **more}


@pytest.mark.parametrize(
    ("outcome", "predicted", "expected"),
    [
        (_outcome("delivered", ""), WalkResult(HEAD, MailResult.NOT_STOPPED), Verdict.AGREES),
        (_outcome("rejected"), WalkResult(HEAD, MailResult.REJECTED, by="Rule 1"), Verdict.AGREES),
        (_outcome("rejected"), WalkResult(HEAD, MailResult.REJECTED, by="Rule 1 or Rule 2"), Verdict.AGREES),
        (_outcome("rejected"), WalkResult(HEAD, MailResult.REJECTED, by="Rule 2"), Verdict.DIFFERS),
        (
            _outcome("rejected", text="No."),
            WalkResult(HEAD, MailResult.REJECTED, by="Rule 1", text="Yes."),
            Verdict.DIFFERS,
        ),
        (_outcome("rejected"), WalkResult(HEAD, MailResult.NOT_STOPPED), Verdict.DIFFERS),
        (_outcome("unknown"), WalkResult(HEAD, MailResult.NOT_STOPPED), Verdict.SURER),
        (_outcome("unknown"), WalkResult(HEAD, MailResult.UNKNOWN), Verdict.CANNOT_TELL),
        (_outcome("rejected"), WalkResult(HEAD, MailResult.UNKNOWN), Verdict.CANNOT_TELL),
        (_outcome("rejected"), WalkResult(HEAD, MailResult.UNKNOWN, is_stopped=True), Verdict.AGREES),
        (_outcome("delivered"), WalkResult(HEAD, MailResult.UNKNOWN, is_stopped=True), Verdict.DIFFERS),
        (_outcome("delivered"), WalkResult(PARENT, MailResult.NOT_STOPPED), Verdict.DIFFERS),
    ],
)
def test_an_answer_agrees_only_with_the_same_result_rule_and_text(
    outcome: dict[str, object], predicted: WalkResult, expected: Verdict
) -> None:
    cases = list(compare_message("set 0, message 0", [outcome], [predicted]))

    assert {case.verdict for case in cases} == {expected}


def test_the_table_counts_each_verdict_and_reason() -> None:
    comparison = Comparison()
    unknown = WalkResult(HEAD, MailResult.UNKNOWN, reasons=("Rule 1: the text is not known",))
    for verdict, predicted in ((Verdict.AGREES, None), (Verdict.DIFFERS, None), (Verdict.CANNOT_TELL, unknown)):
        comparison.add("microsoft365", Case(verdict, "set 0, message 0", HEAD, None, predicted))

    assert list(table(comparison)) == [
        "                                microsoft365               all",
        "agree                                      1                 1",
        "cannot tell                                1                 1",
        "surer than the delivery                    0                 0",
        "differ                                     1                 1",
        "cannot tell: 33.3%",
        "     1  the text is not known",
    ]
