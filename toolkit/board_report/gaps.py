"""Finds the gaps that matter most, by what may come of them and not by how many there are."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from toolkit.board_report.plain_language import briefly, named, plainly
from toolkit.planning.checks.findings import ControlFinding
from toolkit.planning.policy.statuses import ClauseStanding, ClauseStatus
from toolkit.sdk.check import Status
from toolkit.sdk.reason import Reason, same_words
from toolkit.sdk.verdict import FactVerdict
from toolkit.values import Body


@dataclass(frozen=True, slots=True)
class Beside:
    """What stands beside one subject: ids by standard, 3 to 1 for serious, and what may come of a gap."""

    serious: int
    risk: str
    ids: Mapping[str, tuple[str, ...]]
    title: str = ""  # of what no control of ours is about
    clauses: tuple[str, ...] = ()  # that it serves; a control's stand in the policy


@dataclass(frozen=True, slots=True)
class Standards:
    """The standards with their versions, and what each asks for."""

    versions: Mapping[str, str]
    controls: Mapping[str, Beside]

    def beside(self, control: str) -> Beside:
        """Give what stands beside a control; one that nobody ranked is of the least weight."""
        return self.controls.get(control) or Beside(1, "", {})


@cache
def standards() -> Standards:
    """Read the standards."""
    written = _stored("standards.yaml")
    versions = dict(written["versions"])
    known = {
        name: Beside(
            one["serious"],
            one.get("risk", ""),
            {key: tuple(one[key]) for key in versions if key in one},
            one.get("title", ""),
            tuple(one.get("clauses", ())),
        )
        for name, one in written["controls"].items()
    }
    return Standards(versions, known)


@cache
def boilerplate() -> Mapping[str, Any]:
    """Read the sentences of an export that are the same every time."""
    return _stored("boilerplate.yaml")


def _stored(name: str) -> Mapping[str, Any]:
    from ruamel.yaml import YAML

    written: Mapping[str, Any] = YAML(typ="safe", pure=True).load((files(__package__) / name).read_text("utf-8"))
    return written


GAPS = frozenset({ClauseStanding.NOT_MET, ClauseStanding.PARTLY, ClauseStanding.NOT_CHECKED, ClauseStanding.UNDECIDED})
MOST = 3
_SURE: Mapping[FactVerdict, int] = {
    FactVerdict.FAILS: 3,
    FactVerdict.IN_PART: 2,
    FactVerdict.UNREAD: 1,
    FactVerdict.OPEN: 0,
}
_IN_CLOUD = same_words("found_in_cloud", "{subject} ({cloud}): {found}")
_READ_FROM = same_words("read_from_cloud", "read from {cloud}")
_DOCUMENT = "document"
_ON_FILE = {
    "the review": _DOCUMENT,
    "the signature": _DOCUMENT,
    "the history": _DOCUMENT,
    "the acknowledgements": "gov.acknowledgement",
    "the approvals": "gov.approvals",
    "the incidents": "gov.incidents",
    "the attested": "gov.attestation",
}
"""What facts of what is on file are about, and the subject that it is."""
_OF_DOCUMENT = "The school works by a policy that has not been renewed or signed."


@dataclass(frozen=True, slots=True)
class _Gap:
    serious: int
    verdict: FactVerdict
    subject: str
    risk: str
    reason: Reason
    says: Reason
    clause: str  # "" where the policy does not ask for it
    owner: str

    @property
    def weight(self) -> int:
        return self.serious + _SURE[self.verdict]


def gaps(statuses: Sequence[ClauseStatus], findings: Sequence[ControlFinding]) -> list[Body]:
    """Give the most serious gaps, each subject once, with every clause that it touches; some are in no clause."""
    mentioned = {name for one in statuses for name in one.clause.controls}
    beside = [one for one in findings if one.control not in mentioned]
    found = sorted([*_found(statuses), *_unasked(beside)], key=lambda gap: (-gap.weight, -gap.serious))
    worst: dict[str, _Gap] = {}
    for gap in found:
        worst.setdefault(gap.subject, gap)
    return [_told(gap, [one for one in found if one.subject == gap.subject]) for gap in list(worst.values())[:MOST]]


def _found(statuses: Sequence[ClauseStatus]) -> Iterator[_Gap]:
    for one in statuses:
        for fact in one.evidence if one.status in GAPS else ():
            if fact.verdict not in _SURE:
                continue
            subject = fact.control or _ON_FILE.get(fact.about.part) or next(iter(one.clause.controls), "")
            beside = standards().beside(subject)
            serious, risk = (2, _OF_DOCUMENT) if subject == _DOCUMENT else (beside.serious, beside.risk)
            if subject and not (fact.about.part in _ON_FILE and fact.verdict is FactVerdict.OPEN):
                name, owner = one.clause.name, one.clause.owner
                yield _Gap(serious, fact.verdict, subject, risk, fact.reason, fact.says, name, owner)


def _unasked(findings: Sequence[ControlFinding]) -> Iterator[_Gap]:
    """Give what fails of controls that no clause names: outside standards and common sense ask for them."""
    for one in findings:
        if one.finding.status is Status.FAIL:
            beside = standards().beside(one.control)
            cloud = named(one.provider)
            where = _IN_CLOUD(subject=one.finding.subject, cloud=cloud, found=one.finding.reason)
            says = _READ_FROM(cloud=cloud)
            yield _Gap(beside.serious, FactVerdict.FAILS, one.control, beside.risk, where, says, "", "Head Teacher")


def _told(gap: _Gap, same: Sequence[_Gap]) -> Body:
    title = "The policy document" if gap.subject == _DOCUMENT else standards().beside(gap.subject).title
    title = title or named(gap.subject)
    return {
        "subject": title,
        "what": briefly(gap.reason),
        "risk": gap.risk,
        "who_says": plainly(gap.says),
        "clauses": list(dict.fromkeys(one.clause for one in same if one.clause)),
        "owner": gap.owner,
    }
