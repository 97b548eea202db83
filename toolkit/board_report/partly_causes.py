"""Why a clause is only partly met: something is wrong, it may not work everywhere, or it is not fully confirmed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum

from toolkit.planning.policy.page import Fact
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.planning.verdicts.object_reasons import MAY_NOT_WORK
from toolkit.playbook.policy_entries import ClauseClass
from toolkit.sdk.verdict import FactVerdict

JUDGED = frozenset({ClauseClass.SETTABLE, ClauseClass.VISIBLE})
"""The classes of clauses that a computer can judge."""


class PartlyCause(StrEnum):
    """Why a clause is only partly met, from the most to the least serious cause."""

    WRONG = "something is wrong"
    UNCERTAIN = "set, not known to work everywhere"
    UNCONFIRMED = "no one has confirmed it"


CAUSE_TEXTS: Mapping[str, str] = {
    PartlyCause.WRONG: "something is wrong",
    PartlyCause.UNCERTAIN: "set, not known to work everywhere",
    PartlyCause.UNCONFIRMED: "not fully confirmed",
}
"""Each cause as governors read it. Documents have the values of the causes."""


def partly_cause(status: ClauseStatus) -> PartlyCause | None:
    """Return the most serious cause for which a clause is partly met, or None if it has another status.

    A known failure outranks everything. A clause is only unconfirmed if nothing that was read is wrong or uncertain.
    """
    if status.status is not ClauseStanding.PARTLY:
        return None
    if any(_is_known_failure(fact) for fact in status.evidence):
        return PartlyCause.WRONG
    if any(fact.reason.has(MAY_NOT_WORK) for fact in status.evidence):
        return PartlyCause.UNCERTAIN
    return PartlyCause.UNCONFIRMED


def _is_known_failure(fact: Fact) -> bool:
    return fact.verdict in {FactVerdict.FAILS, FactVerdict.IN_PART} and not fact.reason.has(MAY_NOT_WORK)


def wrong_rules(statuses: Iterable[ClauseStatus]) -> Sequence[str]:
    """Return the names of the rules that a computer can check and that have something wrong."""
    return [status.clause.name for status in statuses if status.clause.of_class in JUDGED and _is_wrong(status)]


def wrong_record_clauses(statuses: Iterable[ClauseStatus]) -> Sequence[str]:
    """Return the names of the clauses that rest on the school's records and that have something wrong."""
    return [status.clause.name for status in statuses if status.clause.of_class not in JUDGED and _is_wrong(status)]


def unknown_rules(statuses: Iterable[ClauseStatus]) -> Sequence[str]:
    """Return the names of the rules that a computer can check and that are not known or not confirmed."""
    return [status.clause.name for status in statuses if status.clause.of_class in JUDGED and _is_unknown(status)]


def _is_wrong(status: ClauseStatus) -> bool:
    return status.status is ClauseStanding.NOT_MET or partly_cause(status) is PartlyCause.WRONG


def _is_unknown(status: ClauseStatus) -> bool:
    causes = {PartlyCause.UNCERTAIN, PartlyCause.UNCONFIRMED}
    return status.status is ClauseStanding.NOT_CHECKED or partly_cause(status) in causes


def count_partly_causes(statuses: Iterable[ClauseStatus]) -> Mapping[str, int]:
    """Return how many clauses are partly met for each cause."""
    numbers = Counter(map(partly_cause, statuses))
    return {str(cause): numbers[cause] for cause in PartlyCause}


def split_partly(counts: Mapping[str, int], causes: Mapping[str, int]) -> Mapping[str, int]:
    """Return the counts of clauses by label, best first, with the causes in place of "partly".

    Without causes, as in a document of an earlier version, "partly" is not split.
    """
    labelled: dict[str, int] = {}
    for standing in ClauseStanding:
        if standing is ClauseStanding.PARTLY and causes:
            labelled |= {clause_label(standing, cause): causes[cause] for cause in reversed(PartlyCause)}
        else:
            labelled[str(standing)] = counts.get(str(standing), 0)
    return labelled


def clause_label(status: str, cause: str | None) -> str:
    """Return the status of a clause with the cause for which it is only partly met.

    A cause without the status would read as a status of its own.
    """
    return f"{ClauseStanding.PARTLY}: {CAUSE_TEXTS.get(cause, cause)}" if cause else status
