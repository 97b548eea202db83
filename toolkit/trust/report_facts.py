"""The facts of a trust's report: the policy of each school by sections, the worst matters, and the exceptions.

A school in several tenants has an answer from each. On each cloud, the answer of the cloud's own tenant counts.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from toolkit.planning.policy.statuses import PASSING, WORST_FIRST, ClauseStanding
from toolkit.records import dataclass
from toolkit.sdk.dates import day
from toolkit.sdk.providers import cloud_titles
from toolkit.trust.model import Trust, TrustSchool
from toolkit.trust.results import TenantResult

NOT_READ, VARIED = "not read", "varied as agreed"
_PASSING = frozenset(map(str, PASSING))
_GAPS = (ClauseStanding.NOT_MET, ClauseStanding.PARTLY)
_ORDER = (*_GAPS, NOT_READ, ClauseStanding.UNDECIDED, ClauseStanding.NOT_CHECKED, VARIED, ClauseStanding.ON_FILE,
          ClauseStanding.MET, ClauseStanding.NOT_TECHNICAL)  # fmt: skip
_WORDS = {ClauseStanding.EXCEPTED: VARIED}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClauseFacts:
    """The status of a clause in a school."""

    clause: str
    says: str
    section: str
    owner: str
    status: str  # a word of the legend
    because: Sequence[str]
    sources: Sequence[str]


@dataclass(frozen=True, slots=True)
class StatusCount:
    """How many clauses of a section have a status."""

    status: str
    count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolFacts:
    """A school: when its tenants were read, and the status of each clause and section."""

    short_name: str
    name: str
    owner: str
    readings: Sequence[str]
    unread_reasons: Sequence[str]  # why a tenant was not read
    sections: Mapping[str, Sequence[StatusCount]]
    clauses: Sequence[ClauseFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A clause that some schools do not meet, with one of the reasons."""

    clause: str
    says: str
    status: str
    schools: Sequence[str]
    because: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgreedVariation:
    """An exception of a school, or a value that the trust lets the school decide."""

    school: str
    control: str
    what: str
    until: date | None
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustReportFacts:
    """The report on all schools of a trust. Schools are in the order of trust.yaml, and have no rank and no total."""

    trust: str
    at: datetime
    practice_run: bool
    sections: Sequence[str]
    schools: Sequence[SchoolFacts]
    matters: Sequence[Matter]
    variations: Sequence[AgreedVariation]


def collect_school(
    trust: Trust, school: TrustSchool, results: Iterable[TenantResult], varied: frozenset[str]
) -> SchoolFacts:
    """Return the facts of a school from the answers of its tenants. `varied` has the controls with an own value."""
    answers: dict[str, Mapping[str, Any]] = {}
    unread: list[str] = []
    for result in (result for result in results if result.tenant in school.tenants):
        answer: Any = result.answer or {}
        reports = answer.get("schools") or ([answer] if "short_name" in answer else [])
        own = next((report for report in reports if report["short_name"] == school.short_name), None)
        if own:
            answers[result.tenant] = own
        else:
            unread.append(f"{result.tenant}: {result.text()}")
    clauses = list(_join_clauses(school, answers, varied))
    sections = dict.fromkeys(clause.section for clause in clauses)
    return SchoolFacts(
        short_name=school.short_name,
        name=school.name,
        owner=school.owner,
        readings=[_reading(trust, school, tenant, answer) for tenant, answer in answers.items()],
        unread_reasons=unread,
        sections={section: _count(clause for clause in clauses if clause.section == section) for section in sections},
        clauses=clauses,
    )


def _reading(trust: Trust, school: TrustSchool, tenant: str, answer: Mapping[str, Any]) -> str:
    clouds = [cloud_titles()[name] for name, place in school.places.items() if place.tenant == tenant]
    at = datetime.fromisoformat(answer["now"]).astimezone(trust.zone)
    return f"{' and '.join(clouds)} at {at:%H:%M} on {day(at.date())}"


def _join_clauses(
    school: TrustSchool, answers: Mapping[str, Mapping[str, Any]], varied: frozenset[str]
) -> Iterator[ClauseFacts]:
    by_name: dict[str, dict[str, Mapping[str, Any]]] = {}
    for tenant, answer in answers.items():
        for row in answer["clauses"]:
            by_name.setdefault(row["clause"], {})[tenant] = row
    for rows in by_name.values():
        yield _join_clause(school, rows, varied)


def _join_clause(school: TrustSchool, rows: Mapping[str, Mapping[str, Any]], varied: frozenset[str]) -> ClauseFacts:
    """Return a clause's facts. Of two clouds, the worse status counts."""
    first = next(iter(rows.values()))
    counted: dict[str, str] = {}
    evidence = [fact for fact in first["evidence"] if fact["provider"] not in school.places]
    for provider, place in school.places.items():
        row = rows.get(place.tenant, first)
        if provider in row["clouds"]:
            counted[provider] = row["clouds"][provider]
        evidence += [fact for fact in row["evidence"] if fact["provider"] == provider]
    status, because, sources = first["status"], first["plainly"], first["sources"]
    if len(rows) > 1 and counted:
        status = min(counted.values(), key=lambda word: WORST_FIRST.index(ClauseStanding(word)))
        explaining = [fact for fact in evidence if (fact["verdict"] == "holds") is (status in _PASSING)]
        because = [fact["plainly"] for fact in explaining]
        sources = [fact["source"] for fact in explaining if fact["source"]]
    return ClauseFacts(
        clause=first["clause"],
        says=first["says"],
        section=first["place"]["section"],
        owner=first["owner"],
        status=_word(status, evidence, varied),
        because=list(dict.fromkeys(because)),
        sources=list(dict.fromkeys(sources)),
    )


def _word(status: str, evidence: Sequence[Mapping[str, Any]], varied: frozenset[str]) -> str:
    standing = ClauseStanding(status)
    if standing is ClauseStanding.NOT_CHECKED and any(fact["verdict"] == "unread" for fact in evidence):
        return NOT_READ
    if standing is ClauseStanding.MET and any(fact.get("control") in varied for fact in evidence):
        return VARIED
    return str(_WORDS.get(standing, standing))


def _count(clauses: Iterable[ClauseFacts]) -> Sequence[StatusCount]:
    """Return the number of clauses with each status. Conduct is counted only in a section without other clauses."""
    every = [clause.status for clause in clauses]
    words = [word for word in every if word != ClauseStanding.NOT_TECHNICAL] or every
    return [StatusCount(str(word), words.count(word)) for word in _ORDER if word in words]


def find_matters(schools: Sequence[SchoolFacts]) -> Iterator[Matter]:
    """Yield the clauses that schools do not meet. The clauses that most schools do not meet come first."""
    failing: dict[str, list[tuple[SchoolFacts, ClauseFacts]]] = {}
    for school in schools:
        for clause in school.clauses:
            if clause.status in _GAPS:
                failing.setdefault(clause.clause, []).append((school, clause))
    for rows in sorted(failing.values(), key=lambda pairs: -len(pairs)):
        worst = min((clause for _, clause in rows), key=lambda clause: _GAPS.index(ClauseStanding(clause.status)))
        yield Matter(
            clause=worst.clause,
            says=worst.says,
            status=worst.status,
            schools=[school.name for school, _ in rows],
            because=next(iter(worst.because), ""),
        )
