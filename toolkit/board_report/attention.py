"""Choose the problems that most need the board's attention, in the order that docs/for-governors.md publishes."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from toolkit.board_report.export import Export
from toolkit.board_report.plain_language import capital, gap_text, governor_text, title_of
from toolkit.board_report.reviewed_text import risk_by_control, standards
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.checks.test_records import TESTED
from toolkit.planning.policy.page import NOBODY, Fact
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.planning.verdicts.judge import READ_FROM
from toolkit.planning.verdicts.object_reasons import MAY_NOT_WORK
from toolkit.records import dataclass
from toolkit.render.values_text import count_text
from toolkit.sdk.check import Status
from toolkit.sdk.dates import day
from toolkit.sdk.reason import Reason, admin_text, same_words
from toolkit.sdk.verdict import FactVerdict, PartOutcome

MOST = 3
"""How many matters page one names."""
_CERTAINTY_TEXTS: Mapping[FactVerdict, str] = {
    FactVerdict.FAILS: "known to be wrong",
    FactVerdict.IN_PART: "known to be wrong for some",
    FactVerdict.UNREAD: "not known",
    FactVerdict.OPEN: "not confirmed",
}
"""How certain a matter is, the most certain first."""
_CERTAINTY_ORDER = tuple(_CERTAINTY_TEXTS)
_KNOWN = frozenset({FactVerdict.FAILS, FactVerdict.IN_PART})
"""A known failure, of everything or of a part, outranks everything that is only not known."""
_UNAVAILABLE = "no computer ensures it here, and no one has confirmed it"
_HARM_OF_DOCUMENT = 2
GAPS = frozenset({ClauseStanding.NOT_MET, ClauseStanding.PARTLY, ClauseStanding.NOT_CHECKED, ClauseStanding.UNDECIDED})
_IN_CLOUD = same_words("found_in_cloud", "{subject} ({cloud}): {found}")
_DOCUMENT = "policy.document"
_DOCUMENT_TITLE = "The policy document"
_AT_THE_TOP = frozenset({"the review", "the signature", "the history"})
"""The subjects of facts about the policy document that are printed at the top of page one, and so not as matters."""
_ON_FILE = {
    "the link": _DOCUMENT,
    "the acknowledgements": "gov.acknowledgement",
    "the approvals": "gov.approvals",
    "the requests": "gov.approvals",
    "the incidents": "gov.incidents",
    "the loans": "identity.no_shared_accounts",
    "the attested": "gov.attestation",
}
"""The subject of each fact about the school's own files."""


@dataclass(frozen=True, slots=True)
class _Matter:
    subject: str
    verdict: FactVerdict
    reason: Reason
    says: Reason
    clause: str = ""  # "" if the policy does not ask for it
    lead: str = "Head Teacher"
    is_partly_met: bool = False  # a part of the clause is in place
    lacking: int = 0  # how many are not as required
    since: datetime | None = None  # since when each report has named it
    is_unavailable: bool = False  # toolkit cannot set or check it here

    @property
    def harm(self) -> int:
        return _HARM_OF_DOCUMENT if self.subject == _DOCUMENT else standards().entry(self.subject).serious

    @property
    def rank(self) -> tuple[int, int, int, bool, int]:
        """Return a sort key that puts the worst problem first.

        It compares whether the problem is known, then its harm, then how much is wrong: everything, some of it, or a
        rule of which a part is in place, and the number of cases.
        """
        certainty = _CERTAINTY_ORDER.index(self.verdict)
        known_first = 0 if self.verdict in _KNOWN else certainty
        return known_first, -self.harm, certainty, self.is_partly_met, -self.lacking

    @property
    def certainty(self) -> str:
        return _UNAVAILABLE if self.is_unavailable else _CERTAINTY_TEXTS[self.verdict]


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterLine:
    """A problem that needs attention, as the first page of the report shows it."""

    matter: str
    subject: str
    what: str
    certainty: str
    risk: str
    in_order_told: (
        str  # how many other checks of the same control are in order, "" if none is or it is known to be wrong
    )
    who_says: str
    since: datetime | None
    known_since: str
    clauses: Sequence[str]
    owner: str


def choose_matters(export: Export) -> list[MatterLine]:
    """Return the problems that need attention most, in the published order.

    Each subject is listed once, with every clause that it affects.
    """
    report = export.report
    mentioned = {name for status in report.statuses for name in status.clause.controls}
    unasked = [finding for finding in report.looked.findings if finding.control not in mentioned]
    matters = sorted(
        [*_matters_of_clauses(report.statuses, export), *_matters_outside_clauses(unasked)],
        key=lambda matter: matter.rank,
    )
    worst: dict[str, _Matter] = {}
    for matter in matters:
        worst.setdefault(matter.subject, matter)
    first = list(worst.values())[:MOST]
    return [
        _matter_line(matter, [other for other in matters if other.subject == matter.subject], export)
        for matter in first
    ]


def _matters_of_clauses(statuses: Sequence[ClauseStatus], export: Export) -> Iterator[_Matter]:
    for status in statuses:
        clause = status.clause
        lacking_since = (export.past.lacking or {}).get(clause.name, {})
        for fact in status.evidence if status.status in GAPS else ():
            part = fact.subject.part
            subject = fact.control or _ON_FILE.get(part) or next(iter(clause.controls), "")
            left_out = is_at_the_top(fact) or (part in _ON_FILE and fact.verdict is FactVerdict.OPEN)
            if subject and fact.verdict in _CERTAINTY_TEXTS and not left_out:
                yield _Matter(
                    subject,
                    _certainty_verdict(fact),
                    fact.reason,
                    fact.says,
                    clause.name,
                    clause.owner,
                    status.status is ClauseStanding.PARTLY,
                    fact.count.of - fact.count.ok if fact.count else 0,
                    lacking_since.get(admin_text(fact.subject)),
                    fact.outcome is PartOutcome.UNAVAILABLE,
                )


def is_at_the_top(fact: Fact) -> bool:
    """Return whether a fact is a fault of the policy document, which the top of page one lists."""
    return fact.subject.part in _AT_THE_TOP and fact.verdict is not FactVerdict.HOLDS


def _certainty_verdict(fact: Fact) -> FactVerdict:
    """Return the verdict that says how certain a problem is.

    Settings that are in place but may not work everywhere are not known to be wrong.
    """
    return FactVerdict.UNREAD if fact.reason.has(MAY_NOT_WORK) else fact.verdict


def _matters_outside_clauses(findings: Sequence[ControlFinding]) -> Iterator[_Matter]:
    """Yield the failures of controls that no clause names but that external standards ask for."""
    for control_finding in findings:
        if control_finding.finding.status is Status.FAIL:
            cloud = title_of(control_finding.provider)
            where = _IN_CLOUD(
                subject=control_finding.finding.subject, cloud=cloud, found=control_finding.finding.reason
            )
            yield _Matter(control_finding.control, FactVerdict.FAILS, where, READ_FROM(cloud=cloud))


def _matter_line(matter: _Matter, same: Sequence[_Matter], export: Export) -> MatterLine:
    title = _DOCUMENT_TITLE if matter.subject == _DOCUMENT else standards().entry(matter.subject).title
    since = matter.since.astimezone(export.report.now.tzinfo) if matter.since else None
    return MatterLine(
        matter=matter.subject,
        subject=title or title_of(matter.subject),
        what=capital(gap_text(matter.reason)),
        certainty=matter.certainty,
        risk=risk_by_control().get(matter.subject, ""),
        in_order_told=_in_order_text(matter, export.report.statuses),
        who_says=governor_text(_source_of(matter)),
        since=since,
        known_since=_known_since_text(since, export),
        clauses=list(dict.fromkeys(other.clause for other in same if other.clause)),
        owner=matter.lead,
    )


def _in_order_text(matter: _Matter, statuses: Sequence[ClauseStatus]) -> str:
    """Return how many other checks of the same control are in order, or "" for a problem that is known."""
    if matter.verdict not in {FactVerdict.UNREAD, FactVerdict.OPEN}:
        return ""
    in_order = {
        (fact.provider, fact.subject, fact.reason)
        for status in statuses
        for fact in status.evidence
        if fact.control == matter.subject and fact.verdict is FactVerdict.HOLDS
    }
    verb = "is" if len(in_order) == 1 else "are"
    return f"{count_text(len(in_order), 'other check')} of it {verb} in order." if in_order else ""


def _source_of(matter: _Matter) -> Reason:
    """Return the source of a problem. The source of a failed test is the person who made it."""
    testers = (part for part in _parts_of(matter.reason) if part.code in TESTED)
    return next(testers, matter.says) if matter.says == NOBODY else matter.says


def _parts_of(reason: Reason) -> Iterator[Reason]:
    """Yield a reason, the reasons in its parameters, and the reasons that follow each of them."""
    for part in reason.nested_reasons:
        yield part
        for following in part.more:
            yield from _parts_of(following)


def _known_since_text(since: datetime | None, export: Export) -> str:
    """Return how long reports have named the problem, or "" if earlier reports did not record problems."""
    if export.past.lacking is None:
        return ""
    if since is None:
        return "New in this report"
    return f"Reported since {day(since.date())}"
