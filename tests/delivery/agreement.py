"""Compares the predicted results of a message with the outcomes of its delivery, recipient by recipient."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from toolkit.planning.mail_flow.walk import STOPS, WalkResult
from toolkit.sdk import MailResult


class Verdict(StrEnum):
    """Whether a prediction and a delivery agree about a recipient."""

    AGREES = "agree"
    CANNOT_TELL = "cannot tell"  # the prediction is unknown
    SURER = "surer than the delivery"  # the prediction is certain, and the delivery is unknown
    DIFFERS = "differ"


_RESULTS = {"delivered": MailResult.NOT_STOPPED}


@dataclass(frozen=True)
class Case:
    """A recipient of a drawn message, with both answers. An answer is None if it does not name the recipient."""

    verdict: Verdict
    place: str  # of the message: cloud, set and number
    recipient: str
    outcome: Mapping[str, Any] | None
    prediction: WalkResult | None

    @property
    def reasons(self) -> tuple[str, ...]:
        return self.prediction.reasons if self.prediction else ()


def compare_message(
    place: str, outcomes: Sequence[Mapping[str, Any]], predicted: Sequence[WalkResult]
) -> Iterator[Case]:
    """Yield a case for each recipient. Recipients that only a rule added are left out, because they are copies.

    If a list does not let a message through, its outcome is the outcome of its members.
    """
    delivered = {outcome["recipient"]: outcome for outcome in outcomes if not outcome["added_by"]}
    results: dict[str, WalkResult] = {}
    for result in predicted:  # no one gets a message twice: the first way counts
        results.setdefault(result.recipient, result)
    for recipient, result in results.items():
        outcome = delivered.get(recipient) or delivered.get(result.via)
        yield Case(_judge(outcome, result), place, recipient, outcome, result)
    named = results.keys() | {result.via for result in results.values()}
    for recipient in delivered.keys() - named:
        yield Case(Verdict.DIFFERS, place, recipient, delivered[recipient], None)


def _judge(outcome: Mapping[str, Any] | None, result: WalkResult) -> Verdict:
    if outcome is None:
        return Verdict.DIFFERS
    expected = str(_RESULTS.get(outcome["result"], outcome["result"]))
    is_unknown = result.result is MailResult.UNKNOWN
    if is_unknown and (not result.is_stopped or expected == "unknown"):
        return Verdict.CANNOT_TELL
    if expected == "unknown":
        return Verdict.SURER
    if is_unknown:
        return Verdict.AGREES if expected in STOPS else Verdict.DIFFERS
    same_rule = not outcome["by"] or set(outcome["by"].split(" or ")) <= set(result.by.split(" or "))
    rejected = outcome["kind"] == "transport_rule" and expected == "rejected"
    same_text = not rejected or "" in (result.text, outcome["text"]) or result.text == outcome["text"]
    return Verdict.AGREES if expected == result.result and same_rule and same_text else Verdict.DIFFERS


@dataclass
class Comparison:
    """The cases of several sets: a count for each verdict, the reasons of unknown answers, and cases to look at."""

    counts: Counter[tuple[str, Verdict]] = field(default_factory=Counter)  # by cloud
    reasons: Counter[str] = field(default_factory=Counter)
    disagreements: list[Case] = field(default_factory=list)

    def add(self, cloud: str, case: Case) -> None:
        self.counts[cloud, case.verdict] += 1
        if case.verdict is Verdict.CANNOT_TELL:
            self.reasons.update({_without_name(reason) for reason in case.reasons})
        elif case.verdict is not Verdict.AGREES:
            self.disagreements.append(case)

    def count(self, verdict: Verdict) -> int:
        return sum(number for (_cloud, of), number in self.counts.items() if of is verdict)

    @property
    def share_unknown(self) -> float:
        """Return the share of recipients for whom the prediction cannot tell."""
        return self.count(Verdict.CANNOT_TELL) / max(1, self.counts.total())


def _without_name(reason: str) -> str:
    """Return a reason without the name of the drawn rule before it."""
    name, colon, rest = reason.partition(": ")
    return rest if colon and name.startswith("Rule ") else reason
