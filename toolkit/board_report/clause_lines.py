"""The clauses of the policy with their status, and the outside standards that are about the same."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.board_report.plain_language import (
    Sentence,
    about_plainly,
    capital,
    named,
    negatively,
    plainly,
    sentence_of,
)
from toolkit.board_report.requirements import RECORDED
from toolkit.board_report.reviewed_text import standards
from toolkit.board_report.summary import JUDGED
from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.page import NOBODY
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.records import dataclass
from toolkit.sdk.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseLine:
    """One clause of the policy, its place in the document, its status and the reasons."""

    clause: str
    says: str
    class_: str
    owner: str
    section: str
    paragraph: int
    begins: str
    judged: bool
    status: ClauseStanding
    before: str | None
    because: Sequence[str]
    brief: Sequence[str]
    reasons: Sequence[Sentence]
    lacking: Mapping[str, str]
    who_says: Sequence[str]
    sources: Sequence[str]
    since: datetime
    clouds: Mapping[str, str]
    controls: Sequence[str]


def clause_line(one: ClauseStatus, before: Mapping[str, str]) -> ClauseLine:
    """Return a clause as a report has it; `before` holds the statuses of the report before."""
    clause = one.clause
    return ClauseLine(
        clause=clause.name,
        says=clause.says,
        class_=clause.of_class,
        owner=clause.owner,
        section=clause.place.section,
        paragraph=clause.place.paragraph,
        begins=clause.place.begins,
        judged=clause.of_class in JUDGED,
        status=one.status,
        before=before.get(clause.name),
        because=[plainly(reason) for reason in one.because],
        brief=[capital(negatively(reason)) for reason in one.because],
        reasons=[_reason(sentence_of(reason)) for reason in one.because],
        lacking={about_plainly(about): verdict for about, verdict in one.lacking_of.items()},
        who_says=list(map(plainly, one.says)),
        sources=[plainly(says) for says in one.says if not _is_told(says, one.because)],
        since=one.since,
        clouds={named(name): standing for name, standing in one.by_provider.items()},
        controls=[named(name) for name in clause.controls],
    )


def _is_told(says: Reason, because: Sequence[Reason]) -> bool:
    """Return whether no one says so, or a reason has said who does."""
    return says == NOBODY or any(says in reason.within for reason in because)


def _reason(sentence: Sentence) -> Sentence:
    found = sentence.found if sentence.subject else capital(sentence.found)
    return replace(sentence, subject=capital(sentence.subject), found=found)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardSubject:
    """A subject of outside standards, and the clauses of the policy about it."""

    subject: str
    looked_at: bool
    clauses: Sequence[str]
    ids: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class StandardNames:
    """The editions of the standards, and their subjects in the policy."""

    versions: Mapping[str, str]
    subjects: Sequence[StandardSubject]


def standard_names(report: PolicyReport) -> StandardNames:
    """Return each subject of outside standards that a clause of the policy is about."""
    subjects = []
    for name, one in sorted(standards().controls.items()):
        here = [
            each.clause.name
            for each in report.statuses
            if name in each.clause.controls or each.clause.name in one.clauses
        ]
        if one.ids and here:
            looked_at = not one.title or name.startswith(RECORDED)
            subjects.append(
                StandardSubject(subject=one.title or named(name), looked_at=looked_at, clauses=here, ids=one.ids)
            )
    return StandardNames(standards().versions, subjects)
