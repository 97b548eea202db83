"""Build the acts that the board is asked to do, each with a date that the school's files justify."""

from collections.abc import Callable, Iterator, Mapping, Sequence

from toolkit.board_report.attention import is_at_the_top
from toolkit.board_report.expiring import POLICY_REVIEW
from toolkit.board_report.first_questions import FILTER, filtering_requests
from toolkit.board_report.future_dates import FutureEntry
from toolkit.board_report.page_one import LapseSection
from toolkit.board_report.partly_causes import unknown_rules
from toolkit.board_report.plain_language import governor_text, name_first, title_of
from toolkit.board_report.proposed_dates import BoardAct, ProposedDate, act_by, next_school_date
from toolkit.engine.policy import PolicyReport
from toolkit.messages import one_of
from toolkit.planning.policy.facts import NOT_YET_CHECKED
from toolkit.planning.policy.page import UNCONFIRMED, Fact
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.playbook.entries import Departure
from toolkit.render.values_text import count_text
from toolkit.sdk.dates import day
from toolkit.sdk.verdict import FactVerdict, PartOutcome

_SOON = 14
"""How many days ahead an exception that ends is an act."""
_NAMED = 3
"""How many open choices and how many rules an act names. It counts the others."""


def board_acts(report: PolicyReport, lapses: LapseSection, future: Sequence[FutureEntry] = ()) -> list[BoardAct]:
    """Return the acts that the board is asked to do.

    An act without a date of its own gets the next date of the school's calendar. `future` holds register entries whose
    dates are in the future.
    """
    proposed = next_school_date(report.playbooks.school, report.now.date())
    acts = [
        *map(BoardAct, filtering_requests(report, _rules_text(report, CONCERNS["untested"]))),
        *_decision_acts(report),
        *_renewal_acts(lapses),
        *_evidence_acts(report),
        *_correction_acts(future),
    ]
    return [act if act.on else act_by(act.what, proposed) for act in dict.fromkeys(acts)]


def _decision_acts(report: PolicyReport) -> Iterator[BoardAct]:
    if not report.statuses:
        purpose = "so that each clause can be judged"
        yield BoardAct(f"Ask for the clauses of the school's policy to be put on file, {purpose}.")
    elif report.first:
        names = [status.clause.name for status in report.statuses if any(map(is_at_the_top, status.evidence))]
        clauses = f" ({', '.join(names)})" if names else ""
        yield BoardAct(f"Put the policy document in order{clauses}. The top of page one lists its faults.")
    yield from _choice_acts(report)
    for departure in report.playbooks.departures:
        yield from _exception_acts(departure, report)


def _choice_acts(report: PolicyReport) -> Iterator[BoardAct]:
    undecided = report.playbooks.open_choices
    for choice in undecided[:_NAMED]:
        clauses = f" ({', '.join(choice.clauses)})" if choice.clauses else ""
        yield BoardAct(f"Decide: {choice.question}{clauses}.")
    if more := len(undecided[_NAMED:]):
        choices = count_text(more, "more choice")
        yield BoardAct(f"Decide {choices} that the policy leaves open, listed with the exceptions.")
    named_clauses = {name for choice in undecided for name in choice.clauses}
    for status in report.statuses:
        if status.status is ClauseStanding.UNDECIDED and status.clause.name not in named_clauses:
            for reason in status.because:
                yield BoardAct(f"Decide: {governor_text(reason)} ({status.clause.name}).")


def _exception_acts(departure: Departure, report: PolicyReport) -> Iterator[BoardAct]:
    last = departure.last_day(report.now.tzinfo)
    if departure.live(report.now) and (last - report.now.date()).days <= _SOON:
        what = f"Decide whether the exception “{departure.name}” ends or is approved again."
        yield act_by(what, ProposedDate(last, "the exception ends then"))
    clouds = dict.fromkeys(
        overstay.provider for overstay in report.looked.overdue_exceptions if overstay.exception == departure.name
    )
    if clouds:
        where = one_of([title_of(cloud) for cloud in clouds], "and")
        ended = f"because it ended on {day(last)}"
        yield BoardAct(f"Ask for the exception “{departure.name}” to be removed on {where}, {ended}.")


def _renewal_acts(lapses: LapseSection) -> Iterator[BoardAct]:
    """Yield the acts about entries that have lapsed or that end soon. The first end is the date of the second act."""
    if number := sum(line.what != POLICY_REVIEW for line in lapses.lines):
        entries = "the entry" if number == 1 else f"the {number} entries"
        yield BoardAct(f"Ask for {entries} under “What has lapsed” to be renewed or closed.")
    if ends := [line.ended for line in lapses.soon]:
        entries = "entry that ends" if len(ends) == 1 else f"{len(ends)} entries that end"
        because = "the entry ends then" if len(ends) == 1 else "the first of them ends then"
        yield act_by(f"Ask for the {entries} within 14 days to be renewed or closed.", ProposedDate(min(ends), because))


def _evidence_acts(report: PolicyReport) -> Iterator[BoardAct]:
    open_statuses = [status for status in report.statuses if status.status is not ClauseStanding.NOT_TECHNICAL]
    unconfirmed = {
        (fact.subject, "" if fact.control else status.clause.name)
        for status in open_statuses
        for fact in status.evidence
        if _is_unconfirmed(fact)
    }
    if unconfirmed:
        confirmations = count_text(len(unconfirmed), "dated confirmation")
        rules = _rules_text(report, CONCERNS["unconfirmed"])
        yield BoardAct(f"Ask for {confirmations} that the school has not given yet, for {rules}.")
    if rules := _rules_text(report, CONCERNS["unchecked"]):
        yield BoardAct(f"Ask who checks the parts that this report does not check, for {rules}.")
    if rules := _rules_text(report, CONCERNS["unavailable"]):
        yield BoardAct(f"Ask how the school makes up for the parts that no computer ensures here, for {rules}.")
    if rules := _rules_text(report, CONCERNS["unread"]):
        yield BoardAct(f"Ask when the parts that could not be read will be checked, for {rules}.")


def _is_unconfirmed(fact: Fact) -> bool:
    return fact.verdict is FactVerdict.OPEN and fact.reason.has(UNCONFIRMED.code)


def _has_no_check(status: ClauseStatus) -> bool:
    """Return whether nothing checks a clause or a part of it."""
    is_empty = status.status is ClauseStanding.NOT_CHECKED and not status.evidence
    return is_empty or any(
        fact.verdict is FactVerdict.OPEN and fact.reason.has(NOT_YET_CHECKED) for fact in status.evidence
    )


CONCERNS: Mapping[str, Callable[[ClauseStatus], bool]] = {
    "untested": lambda status: any(
        fact.control == FILTER and fact.outcome is PartOutcome.UNCONFIRMED for fact in status.evidence
    ),
    "unconfirmed": lambda status: any(map(_is_unconfirmed, status.evidence)),
    "unchecked": _has_no_check,
    "unavailable": lambda status: any(fact.outcome is PartOutcome.UNAVAILABLE for fact in status.evidence),
    "unread": lambda status: any(fact.verdict is FactVerdict.UNREAD for fact in status.evidence),
}
"""The conditions for an act about a rule. Each rule that is not known or not confirmed meets one of them."""


def _rules_text(report: PolicyReport, concerns: Callable[[ClauseStatus], bool]) -> str:
    """Return the rules that an act is about, or "" if there are none.

    Rules that page one counts as not known or not confirmed come first, so that both numbers can be compared.
    """
    statuses = [status for status in report.statuses if status.status is not ClauseStanding.NOT_TECHNICAL]
    names = [status.clause.name for status in statuses if concerns(status)]
    unknown = unknown_rules(report.statuses)
    counted = [name for name in names if name in unknown]
    others = [name for name in names if name not in unknown]
    total = count_text(len(unknown), "rule")
    parts = [
        *([f"{len(counted)} of the {total} not known or not confirmed{_names_text(counted)}"] if counted else []),
        *([f"{count_text(len(others), 'other clause')}"] if counted and others else []),
        *([f"{count_text(len(others), 'clause')}{_names_text(others)}"] if others and not counted else []),
    ]
    return one_of(parts, "and") if parts else ""


def _names_text(names: Sequence[str]) -> str:
    return f" ({name_first(names, _NAMED)})"


def _correction_acts(future: Sequence[FutureEntry]) -> Iterator[BoardAct]:
    if future:
        dates = count_text(len(future), "future date")
        yield BoardAct(f"Ask for {dates} in the school's registers to be corrected.")
