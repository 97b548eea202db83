"""Build the first sentence of a report, and count the clauses with each status."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime

from toolkit.board_report.board_requests import count_statuses
from toolkit.board_report.export import Export
from toolkit.board_report.partly_causes import (
    JUDGED,
    PartlyCause,
    count_partly_causes,
    wrong_record_clauses,
    wrong_rules,
)
from toolkit.board_report.plain_language import name_first
from toolkit.messages import one_of
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.records import dataclass
from toolkit.render.values_text import count_text

_MOST_WRONG = 8
"""How many rules with something wrong page one names. It counts the others."""


@dataclass(frozen=True, slots=True)
class EarlierSummary:
    """The number of clauses with each status in the earlier report."""

    at: datetime
    all: Mapping[str, int]


@dataclass(frozen=True, slots=True, kw_only=True)
class SummarySection:
    """The number of clauses with each status, and the causes for which clauses are partly met."""

    told: str
    clauses: int
    all: Mapping[str, int]
    partly_of_all: Mapping[str, int]  # by cause
    judged: int
    of_judged: Mapping[str, int]
    partly_of_judged: Mapping[str, int]  # by cause
    evidence_only_told: str
    evidence_only: int
    people_only: int
    before: EarlierSummary | None


def summary_section(export: Export) -> SummarySection:
    """Return the number of clauses with each status, now and in the earlier report."""
    report, before = export.report, export.past.before
    judged = [status for status in report.statuses if status.clause.of_class in JUDGED]
    unratified = sum(status.clause.of_class is ClauseClass.UNRATIFIED for status in report.statuses)
    others = {*JUDGED, ClauseClass.PEOPLE, ClauseClass.UNRATIFIED}
    on_record = [status for status in report.statuses if status.clause.of_class not in others]
    of_judged, causes = _count_by_status(judged), count_partly_causes(judged)
    return SummarySection(
        told=_repeatable_sentence(of_judged, causes) + _unratified_sentence(unratified),
        clauses=len(report.statuses),
        all=report.summary,
        partly_of_all=count_partly_causes(report.statuses),
        judged=len(judged),
        of_judged=of_judged,
        partly_of_judged=causes,
        evidence_only_told=_records_sentence(_count_by_status(on_record)),
        evidence_only=len(on_record),
        people_only=len(report.statuses) - len(judged) - len(on_record) - unratified,
        before=EarlierSummary(before.at, count_statuses(before.statuses)) if before else None,
    )


def _count_by_status(statuses: Sequence[ClauseStatus]) -> Mapping[str, int]:
    numbers = Counter(str(status.status) for status in statuses)
    return {str(standing): numbers[str(standing)] for standing in ClauseStanding}


def _repeatable_sentence(of_judged: Mapping[str, int], causes: Mapping[str, int]) -> str:
    """Return one sentence about the clauses that a computer can check, for a governor to repeat.

    Its numbers add up to the number of these clauses.
    """
    together, met = sum(of_judged.values()), of_judged[ClauseStanding.MET] + of_judged[ClauseStanding.ON_FILE]
    if not together:
        return "No clause is judged in this report."
    if met == together:
        rules = "The 1 rule that can be checked is" if met == 1 else f"All {met} rules that can be checked are"
        return f"{rules} in place."
    wrong = of_judged[ClauseStanding.NOT_MET] + causes[PartlyCause.WRONG]
    unknown = of_judged[ClauseStanding.NOT_CHECKED] + causes[PartlyCause.UNCERTAIN] + causes[PartlyCause.UNCONFIRMED]
    excepted, undecided = of_judged[ClauseStanding.EXCEPTED], of_judged[ClauseStanding.UNDECIDED]
    parts = [
        f"Of {count_text(together, 'rule')} that can be checked, {met} {'is' if met == 1 else 'are'} in place",
        *([f"{excepted} {'has' if excepted == 1 else 'have'} an accepted exception"] if excepted else []),
        *([f"{wrong} {'has' if wrong == 1 else 'have'} something wrong"] if wrong else []),
        *([f"{unknown} {'is' if unknown == 1 else 'are'} not known or not confirmed"] if unknown else []),
        *([f"{undecided} {'waits' if undecided == 1 else 'wait'} for a decision"] if undecided else []),
    ]
    return f"{one_of(parts, 'and')}."


def wrong_sentence(statuses: Sequence[ClauseStatus]) -> str:
    """Return the rules behind the number of rules that have something wrong, or "" if there are none.

    Clauses that rest on records are not in this number, and a second sentence names them. The summary pack, which may
    leave the school, does not have this sentence.
    """
    names, on_record = wrong_rules(statuses), wrong_record_clauses(statuses)
    sentences = []
    if names:
        are = "rule that has something wrong is" if len(names) == 1 else f"{len(names)} that have something wrong are"
        where = ", which the next pages list" if len(names) > _MOST_WRONG else ""
        sentences.append(f"The {are} {name_first(names, _MOST_WRONG)}{where}.")
    if on_record:
        have = "has" if len(on_record) == 1 else "have"
        sentences.append(f"On the school’s records, {name_first(on_record)} {have} something wrong too.")
    return " ".join(sentences)


def _unratified_sentence(number: int) -> str:
    if not number:
        return ""
    if number == 1:
        return " 1 clause is UNRATIFIED and not checked, because no person has accepted it yet."
    return f" {number} clauses are UNRATIFIED and not checked, because no person has accepted them yet."


def _records_sentence(of_records: Mapping[str, int]) -> str:
    """Return a sentence about the clauses that rest on the school's records, or "" if there are none."""
    number = sum(of_records.values())
    if not number:
        return ""
    states = ", ".join(f"{count} {standing}" for standing, count in of_records.items() if count)
    clauses = "1 more clause rests" if number == 1 else f"{number} more clauses rest"
    return f"{clauses} on the school’s records and {'is' if number == 1 else 'are'} not counted above: {states}."
