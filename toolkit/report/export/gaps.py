"""Finds the gaps that matter most, by what may come of them and not by how many there are; pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from toolkit.planning.fact import Fact, Verdict
from toolkit.planning.statuses import ClauseStatus, Standing
from toolkit.report.export.standards import standards
from toolkit.report.export.wording import named, plainly
from toolkit.values import Body

GAPS = frozenset({Standing.NOT_MET, Standing.PARTLY, Standing.NOT_CHECKED, Standing.UNDECIDED})
MOST = 3
_SURE: Mapping[Verdict, int] = {Verdict.FAILS: 3, Verdict.IN_PART: 2, Verdict.UNREAD: 1, Verdict.OPEN: 0}
_DOCUMENT = "document"
_OF_DOCUMENT = "The school works by a policy that nobody has renewed or signed."


@dataclass(frozen=True, slots=True)
class _Gap:
    weight: int
    subject: str
    risk: str
    fact: Fact
    status: ClauseStatus


def gaps(statuses: Sequence[ClauseStatus]) -> list[Body]:
    """Give the most serious gaps, each subject once, with every clause that it touches."""
    found = sorted(_found(statuses), key=lambda gap: -gap.weight)
    worst: dict[str, _Gap] = {}
    for gap in found:
        worst.setdefault(gap.subject, gap)
    return [_told(gap, [one for one in found if one.subject == gap.subject]) for gap in list(worst.values())[:MOST]]


def _found(statuses: Sequence[ClauseStatus]) -> Iterator[_Gap]:
    for one in statuses:
        for fact in one.evidence if one.status in GAPS else ():
            if fact.verdict not in _SURE:
                continue
            subject = fact.control or next(iter(one.clause.controls), _DOCUMENT if one.clause.evidence else "")
            beside = standards().beside(subject)
            serious, risk = (2, _OF_DOCUMENT) if subject == _DOCUMENT else (beside.serious, beside.risk)
            if subject and not (subject == _DOCUMENT and fact.verdict is Verdict.OPEN):
                yield _Gap(serious + _SURE[fact.verdict], subject, risk, fact, one)


def _told(gap: _Gap, same: Sequence[_Gap]) -> Body:
    return {
        "subject": "The policy document" if gap.subject == _DOCUMENT else named(gap.subject),
        "what": plainly(gap.fact.reason),
        "risk": gap.risk,
        "who_says": gap.fact.says,
        "clauses": list(dict.fromkeys(one.status.clause.name for one in same)),
        "owner": gap.status.clause.owner,
    }
