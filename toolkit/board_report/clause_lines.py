"""Build the lines about the policy's clauses with their status, and the external standards on the same subjects."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from toolkit.board_report.partly_causes import JUDGED, PartlyCause, partly_cause
from toolkit.board_report.plain_language import (
    Sentence,
    about_plainly,
    capital,
    gap_text,
    governor_text,
    sentence_of,
    title_of,
)
from toolkit.board_report.requirements import RECORDED
from toolkit.board_report.reviewed_text import standards
from toolkit.engine.policy import PolicyReport
from toolkit.planning.policy.page import NOBODY
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.records import dataclass
from toolkit.sdk.reason import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseLine:
    """A clause of the policy: its place in the document, its status and the reasons for the status."""

    clause: str
    says: str
    class_: str
    owner: str
    section: str
    paragraph: int
    begins: str
    judged: bool
    status: ClauseStanding
    cause: PartlyCause | None  # why it is only partly met
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


def clause_line(clause_status: ClauseStatus, before: Mapping[str, str]) -> ClauseLine:
    """Return the line about a clause. `before` holds the statuses in the earlier report."""
    clause = clause_status.clause
    return ClauseLine(
        clause=clause.name,
        says=clause.says,
        class_=clause.of_class,
        owner=clause.owner,
        section=clause.place.section,
        paragraph=clause.place.paragraph,
        begins=clause.place.begins,
        judged=clause.of_class in JUDGED,
        status=clause_status.status,
        cause=partly_cause(clause_status),
        before=before.get(clause.name),
        because=[governor_text(reason) for reason in clause_status.because],
        brief=[capital(gap_text(reason)) for reason in clause_status.because],
        reasons=[_reason_sentence(sentence_of(reason)) for reason in clause_status.because],
        lacking={about_plainly(about): verdict for about, verdict in clause_status.failed_verdicts.items()},
        who_says=list(map(governor_text, clause_status.says)),
        sources=[governor_text(says) for says in clause_status.says if not _omits_source(says, clause_status.because)],
        since=clause_status.since,
        clouds={title_of(name): standing for name, standing in clause_status.by_provider.items()},
        controls=[title_of(name) for name in clause.controls],
    )


def _omits_source(says: Reason, because: Sequence[Reason]) -> bool:
    """Return whether the source of a fact is left out, because there is none or because a reason already names it."""
    return says == NOBODY or any(says in reason.nested_reasons for reason in because)


def _reason_sentence(sentence: Sentence) -> Sentence:
    finding = sentence.found if sentence.subject else capital(sentence.found)
    return replace(sentence, subject=capital(sentence.subject), found=finding)


@dataclass(frozen=True, slots=True, kw_only=True)
class StandardSubject:
    """A subject of external standards, and the policy clauses about the subject."""

    subject: str
    looked_at: bool
    clauses: Sequence[str]
    ids: Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class StandardNames:
    """The editions of external standards, and the subjects that the policy shares with them."""

    versions: Mapping[str, str]
    subjects: Sequence[StandardSubject]


def standard_names(report: PolicyReport) -> StandardNames:
    """Return each subject of external standards that a policy clause is about, and the editions of the standards."""
    subjects = []
    policy = [status.clause for status in report.statuses]
    for name, entry in sorted(standards().controls.items()):
        here = [
            status.clause.name
            for status in report.statuses
            if name in status.clause.controls or entry.is_about(status.clause, policy)
        ]
        if entry.ids and here:
            looked_at = not entry.title or name.startswith(RECORDED)
            subjects.append(
                StandardSubject(subject=entry.title or title_of(name), looked_at=looked_at, clauses=here, ids=entry.ids)
            )
    return StandardNames(standards().versions, subjects)
