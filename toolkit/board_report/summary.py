"""Build the first sentence of a report, and count the clauses with each status."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from toolkit.board_report.board_requests import counts
from toolkit.board_report.export import Export
from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.records import dataclass

JUDGED = frozenset({ClauseClass.SETTABLE, ClauseClass.VISIBLE})
"""The classes of clauses that a computer can judge."""


@dataclass(frozen=True, slots=True)
class EarlierSummary:
    """The number of clauses with each status in the earlier report."""

    at: datetime
    all: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySection:
    """The number of clauses with each status."""

    told: str
    clauses: int
    all: Mapping[str, int]
    judged: int
    of_judged: Mapping[str, int]
    evidence_only: int
    people_only: int
    before: EarlierSummary | None


def summary(export: Export) -> SummarySection:
    """Return the number of clauses with each status, now and in the earlier report."""
    report, before = export.report, export.past.before
    judged = Counter(str(status.status) for status in report.statuses if status.clause.of_class in JUDGED)
    people = sum(status.clause.of_class is ClauseClass.PEOPLE for status in report.statuses)
    return SummarySection(
        told=_counts_sentence(judged),
        clauses=len(report.statuses),
        all=report.summary,
        judged=judged.total(),
        of_judged={str(standing): judged[str(standing)] for standing in ClauseStanding},
        evidence_only=len(report.statuses) - judged.total() - people,
        people_only=people,
        before=EarlierSummary(before.at, counts(before.statuses)) if before else None,
    )


_IN_WORDS = {
    ClauseStanding.PARTLY: "{number} partly",
    ClauseStanding.NOT_MET: "{number} not",
    ClauseStanding.NOT_CHECKED: "{number} not known",
    ClauseStanding.EXCEPTED: "{number} with an accepted exception",
    ClauseStanding.UNDECIDED: "{number} waiting for a decision",
}


def _counts_sentence(judged: Mapping[str, int]) -> str:
    """Return a sentence about the clauses that can be checked. Its numbers add up to the number of these clauses."""
    all_of_them, met = sum(judged.values()), judged[str(ClauseStanding.MET)]
    if not all_of_them:
        return "No clause is judged in this report."
    rest = [words.format(number=judged[str(standing)]) for standing, words in _IN_WORDS.items()]
    some = [words for words, standing in zip(rest, _IN_WORDS, strict=True) if judged[str(standing)]]
    first = f"{met} of {all_of_them} rules that can be checked {'is' if met == 1 else 'are'} in place"
    return f"{'; '.join([first, *some])}."
