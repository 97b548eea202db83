"""Write an export as a single HTML file without scripts or requests to other computers."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING

from toolkit.board_report.pack import TITLES, Pack
from toolkit.board_report.partly_causes import CAUSE_TEXTS, PartlyCause, clause_label
from toolkit.board_report.pictures import bar_pieces, judged_counts, section_tiles, trend
from toolkit.board_report.plain_language import capital, day_of, moment_of
from toolkit.board_report.reviewed_text import fixed_sentences
from toolkit.board_report.tables import ReportData
from toolkit.board_report.template_filters import (
    CAUSE_SIGNS,
    PHRASES,
    SIGNS,
    by_control,
    isolate_right_to_left,
    join_facts,
)
from toolkit.planning.policy.statuses import PASSING, ClauseStanding
from toolkit.records import dataclass

if TYPE_CHECKING:
    from jinja2 import Environment


def _cause_labels(cause: PartlyCause) -> frozenset[str]:
    """Return the labels of clauses that are partly met for a cause.

    A document of an earlier version has no causes, so its clauses are listed under the most serious cause.
    """
    old = [str(ClauseStanding.PARTLY)] if cause is PartlyCause.WRONG else []
    return frozenset([clause_label(ClauseStanding.PARTLY, cause), *old])


_LONG = 3
"""From this number of reasons on, a later clause with the same reasons links to the first."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """The reasons about a subject, or the name of an earlier clause that already lists these reasons.

    The subject is "" if a reason does not name any.
    """

    subject: str
    sentences: tuple[str, ...]
    earlier_clause: str = ""


@dataclass(frozen=True, slots=True)
class ClauseReasons:
    """A clause of the policy with the reasons for its status."""

    clause: ReportData
    reasons: Sequence[Reasons]


def clauses_with_reasons(clauses: Sequence[ReportData]) -> list[ClauseReasons]:
    """Return every clause with its reasons.

    If an earlier clause has the same long list of reasons, the list is replaced by the name of that clause.
    """
    return list(_clauses_with_reasons(clauses))


def _clauses_with_reasons(clauses: Sequence[ReportData]) -> Iterator[ClauseReasons]:
    under: dict[tuple[str, tuple[str, ...]], str] = {}
    for clause in clauses:
        reasons = []
        for subject, findings in _group_reasons(clause):
            first = under.setdefault((subject, findings), clause["clause"]) if len(findings) >= _LONG else ""
            reasons.append(Reasons(subject, findings, "" if first == clause["clause"] else first))
        yield ClauseReasons(clause, reasons)


def _group_reasons(clause: ReportData) -> list[tuple[str, tuple[str, ...]]]:
    grouped: list[tuple[str, tuple[str, ...]]] = []
    for subject, finding in _reasons_by_subject(clause):
        if subject and grouped and grouped[-1][0] == subject:
            grouped[-1] = (subject, (*grouped[-1][1], finding))
        else:
            grouped.append((subject, (finding,)))
    return grouped


def _reasons_by_subject(clause: ReportData) -> Iterator[tuple[str, str]]:
    """Yield each reason with its subject. Documents of earlier versions have reasons without a subject."""
    if "reasons" in clause:
        yield from ((reason["subject"], reason["found"]) for reason in clause["reasons"])
    else:
        yield from (("", capital(text)) for text in clause["because"])


@dataclass(frozen=True, slots=True)
class StatusGroup:
    """The clauses that share a heading in the governors' pack."""

    id: str
    heading: str
    clauses: Sequence[ReportData]

    @property
    def lead(self) -> str:
        """Return the role that leads on most of the clauses. If several roles lead on as many, return the first."""
        return max(owners := [clause["owner"] for clause in self.clauses], key=owners.count, default="")


RECORDS, CONDUCT = "records", "conduct"
GROUPS: Sequence[tuple[str, str, frozenset[str]]] = (
    ("not-met", "Rules that are not met", frozenset({ClauseStanding.NOT_MET})),
    ("undecided", "Rules that wait for a decision", frozenset({ClauseStanding.UNDECIDED})),
    ("wrong", f"Rules that are partly met: {CAUSE_TEXTS[PartlyCause.WRONG]}", _cause_labels(PartlyCause.WRONG)),
    (
        "uncertain",
        f"Rules that are partly met: {CAUSE_TEXTS[PartlyCause.UNCERTAIN]}",
        _cause_labels(PartlyCause.UNCERTAIN),
    ),
    (
        "unconfirmed",
        f"Rules that are partly met: {CAUSE_TEXTS[PartlyCause.UNCONFIRMED]}",
        _cause_labels(PartlyCause.UNCONFIRMED),
    ),
    ("not-checked", "Rules that are not checked", frozenset({ClauseStanding.NOT_CHECKED})),
    ("in-place", "Rules that are in place", frozenset(map(str, PASSING))),
)
"""The groups of the clauses that a computer can check, in order. The first is always shown, even if it is empty."""


def group_clauses(clauses: Sequence[ReportData]) -> list[StatusGroup]:
    """Return the clauses in groups. Each clause is in one group.

    The clauses that a computer can check come first, by status, so that their numbers are the numbers of page one.
    Clauses that rest on records follow, worst first, and then clauses about conduct.
    """
    judged = [clause for clause in clauses if clause["judged"]]
    conduct = [clause for clause in clauses if clause["status"] == ClauseStanding.NOT_TECHNICAL]
    records = [clause for clause in clauses if not clause["judged"] and clause not in conduct]
    by_label = [
        StatusGroup(key, heading, [clause for clause in judged if _label_of(clause) in labels])
        for key, heading, labels in GROUPS
    ]
    others = [
        StatusGroup(RECORDS, "Clauses that rest on records", sorted(records, key=_seriousness)),
        StatusGroup(CONDUCT, "Clauses that depend on conduct", conduct),
    ]
    return [by_label[0], *(group for group in [*by_label[1:], *others] if group.clauses)]


def _label_of(clause: ReportData) -> str:
    return clause_label(str(clause["status"]), clause.get("cause"))


def _seriousness(clause: ReportData) -> int:
    """Return the place of a clause in a list by status, worst first."""
    return next((place for place, (_, _, labels) in enumerate(GROUPS) if _label_of(clause) in labels), len(GROUPS))


def as_html(document: ReportData) -> str:
    """Return the report as a page of HTML."""
    facts = {"evidence": join_facts(document["evidence"])} if "evidence" in document else {}
    return render_page({**document, **facts}, {})


@cache
def template_environment() -> "Environment":
    """Return the Jinja environment, which caches the compiled templates."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("toolkit.board_report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=isolate_right_to_left,
    )
    environment.filters |= {
        **PHRASES,
        "pieces": bar_pieces,
        "judged_counts": judged_counts,
        "tiles": section_tiles,
        "trend": trend,
    }
    return environment


def render_page(document: ReportData, left_out: Mapping[str, int]) -> str:
    """Return the HTML page of a document. Each fact must occur only once in the document.

    `left_out` is the number of rows that were removed from each table.
    """
    environment = template_environment()
    style = environment.loader.get_source(environment, "page.css")[0] if environment.loader else ""
    return environment.get_template("page.html.j2").render(
        told=document,
        style=style,
        title=TITLES[Pack(document["pack"])],
        window_title=page_title(document),
        banner=page_banner(document),
        signs=SIGNS,
        labels={**SIGNS, **CAUSE_SIGNS},
        meanings=fixed_sentences()["meanings"],
        sections=_sections_with_clauses(document.get("clauses", [])),
        groups=group_clauses(document.get("clauses", [])),
        proof=by_control(document.get("evidence", [])),
        full=document["pack"] == Pack.EVIDENCE,
        left_out=left_out,
        since=comparison_period(document),
    )


def page_title(document: ReportData) -> str:
    """Return the title of the browser window and of the PDF."""
    return (
        f"{'Practice run: ' if document['practice_run'] else ''}{document['school']}: {TITLES[Pack(document['pack'])]}"
    )


def page_banner(document: ReportData) -> str:
    """Return the warning that is printed at the top of each page, or "" if no warning is needed."""
    warnings = [
        *(["Practice run, simulated data"] if document["practice_run"] else []),
        *(["UNRATIFIED"] if "UNRATIFIED" in document["notice"] else []),
    ]
    return ". ".join(warnings)


def _sections_with_clauses(clauses: Sequence[ReportData]) -> list[tuple[str, list[ClauseReasons]]]:
    return [
        (name, list(entries))
        for name, entries in groupby(clauses_with_reasons(clauses), key=lambda line: str(line.clause["section"]))
    ]


@dataclass(frozen=True, slots=True)
class ComparisonPeriod:
    """The time that a report is compared with, worded as a heading, as a sentence, and as part of a sentence."""

    heading: str
    sentence: str
    then: str


def comparison_period(document: ReportData) -> ComparisonPeriod:
    """Return the time that a report is compared with: the last report, a date, or the file of an earlier report."""
    at = document.get("changes", {}).get("since")
    then = f"on {day_of(at)}"
    match document.get("compared", {}).get("with"):
        case "a day":
            day_text = day_of(document["compared"]["day"])
            looked = f"The clauses are compared with their status on {moment_of(at)}, which counts for that day."
            if at and at[:10] > document["compared"]["day"]:
                first = f"the clauses are compared with the first check after it, of {moment_of(at)}"
                looked = f"Nothing is recorded about {day_text}: {first}."
            nothing = f"Nothing is recorded about the clauses by {day_text}, so there is nothing to compare them with."
            return ComparisonPeriod(f"What changed since {day_text}", looked if at else nothing, then)
        case "a file":
            continued = "this school's record continues from it"
            unconnected = "this school's record does not contain its entries, so only its date counts"
            basis = continued if document["compared"]["in_record"] else unconnected
            compared = f"It is compared with the file of the report of {moment_of(at)}: {basis}."
            return ComparisonPeriod(f"What changed since the report of {day_of(at)}", compared, then)
        case _:
            first = "This is the first report, so there is nothing to compare it with."
            last = f"The last one was made on {moment_of(at)}."
            return ComparisonPeriod("What changed since the last report", last if at else first, "in the last report")
