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
from toolkit.planning.verdicts.objects import MAY_NOT_WORK
from toolkit.records import dataclass
from toolkit.sdk.check import Status
from toolkit.sdk.dates import day
from toolkit.sdk.reason import Reason, admin_text, same_words
from toolkit.sdk.verdict import FactVerdict

MOST = 3
"""How many matters page one names."""
CERTAINTY: Mapping[FactVerdict, int] = {
    FactVerdict.FAILS: 3,
    FactVerdict.IN_PART: 2,
    FactVerdict.UNREAD: 1,
    FactVerdict.OPEN: 0,
}
"""The points of a matter for how sure it is; `serious` of standards.toml has those for the harm (3, 2 or 1)."""
_CERTAINTY_TEXTS: Mapping[FactVerdict, str] = {
    FactVerdict.FAILS: "known to be wrong",
    FactVerdict.IN_PART: "known to be wrong for some",
    FactVerdict.UNREAD: "not known",
    FactVerdict.OPEN: "not confirmed",
}
_HARM_OF_DOCUMENT = 2
GAPS = frozenset({ClauseStanding.NOT_MET, ClauseStanding.PARTLY, ClauseStanding.NOT_CHECKED, ClauseStanding.UNDECIDED})
_IN_CLOUD = same_words("found_in_cloud", "{subject} ({cloud}): {found}")
_DOCUMENT = "policy.document"
_DOCUMENT_TITLE = "The policy document"
_ON_FILE = {
    "the review": _DOCUMENT,
    "the signature": _DOCUMENT,
    "the link": _DOCUMENT,
    "the history": _DOCUMENT,
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
    lacking: int = 0  # how many are not as required
    since: datetime | None = None  # since when each report has named it

    @property
    def harm(self) -> int:
        return _HARM_OF_DOCUMENT if self.subject == _DOCUMENT else standards().entry(self.subject).serious

    @property
    def rank(self) -> tuple[int, int, int]:
        """Return a sort key that puts the worst problem first.

        It compares points, then harm, then the number of cases that are not as required.
        """
        return -(self.harm + CERTAINTY[self.verdict]), -self.harm, -self.lacking


@dataclass(frozen=True, slots=True, kw_only=True)
class MatterLine:
    """A problem that needs attention, as the first page of the report shows it."""

    matter: str
    subject: str
    what: str
    certainty: str
    risk: str
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
            subject = fact.control or _ON_FILE.get(fact.subject.part) or next(iter(clause.controls), "")
            on_file = fact.subject.part in _ON_FILE and fact.verdict is FactVerdict.OPEN
            if subject and fact.verdict in CERTAINTY and not on_file:
                yield _Matter(
                    subject,
                    _certainty_verdict(fact),
                    fact.reason,
                    fact.says,
                    clause.name,
                    clause.owner,
                    fact.count.of - fact.count.ok if fact.count else 0,
                    lacking_since.get(admin_text(fact.subject)),
                )


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
        certainty=_CERTAINTY_TEXTS[matter.verdict],
        risk=risk_by_control().get(matter.subject, ""),
        who_says=governor_text(_source_of(matter)),
        since=since,
        known_since=_known_since_text(since, export),
        clauses=list(dict.fromkeys(other.clause for other in same if other.clause)),
        owner=matter.lead,
    )


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
