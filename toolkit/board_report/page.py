"""An export as one HTML file without scripts or requests, and as a PDF short enough to print."""

from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import TYPE_CHECKING, Any

from toolkit.board_report.pack import TITLES, Pack
from toolkit.board_report.pictures import pieces, tiles, trend
from toolkit.board_report.plain_language import capital, day_of, moment_of
from toolkit.board_report.reviewed_text import boilerplate
from toolkit.board_report.tables import Told
from toolkit.board_report.template_filters import PHRASES, SIGNS, by_control, isolate, joined
from toolkit.errors import UsageError
from toolkit.installed import with_extra
from toolkit.planning.policy.statuses import PASSING, ClauseStanding
from toolkit.records import dataclass

if TYPE_CHECKING:
    from jinja2 import Environment

_LONG = 3
"""From how many reasons on the same ones are not told again under a later clause."""


@dataclass(frozen=True, slots=True)
class Reasons:
    """What was found about one thing, which is "" where a reason names none; or the clause that tells it already."""

    subject: str
    found: tuple[str, ...]
    under: str = ""


@dataclass(frozen=True, slots=True)
class ClauseReasons:
    """A clause and its reasons."""

    clause: Told
    reasons: Sequence[Reasons]


def lines(clauses: Sequence[Told]) -> list[ClauseReasons]:
    """Give every clause with its reasons; those that an earlier clause gives at length are named by that clause."""
    return list(_lines(clauses))


def _lines(clauses: Sequence[Told]) -> Iterator[ClauseReasons]:
    under: dict[tuple[str, tuple[str, ...]], str] = {}
    for clause in clauses:
        told = []
        for subject, found in _grouped(clause):
            first = under.setdefault((subject, found), clause["clause"]) if len(found) >= _LONG else ""
            told.append(Reasons(subject, found, "" if first == clause["clause"] else first))
        yield ClauseReasons(clause, told)


def _grouped(clause: Told) -> list[tuple[str, tuple[str, ...]]]:
    told: list[tuple[str, tuple[str, ...]]] = []
    for subject, found in _reasons(clause):
        if subject and told and told[-1][0] == subject:
            told[-1] = (subject, (*told[-1][1], found))
        else:
            told.append((subject, (found,)))
    return told


def _reasons(clause: Told) -> Iterator[tuple[str, str]]:
    """Give each reason with its subject; an older document has whole texts alone."""
    if "reasons" in clause:
        yield from ((one["subject"], one["found"]) for one in clause["reasons"])
    else:
        yield from (("", capital(text)) for text in clause["because"])


@dataclass(frozen=True, slots=True)
class StatusGroup:
    """The clauses of some statuses, under one heading of the governors' pack."""

    id: str
    heading: str
    clauses: Sequence[Told]

    @property
    def lead(self) -> str:
        """Return the lead of most clauses, which a list names once; of those of equal number the first."""
        return max(owners := [clause["owner"] for clause in self.clauses], key=owners.count, default="")


GROUPS: Sequence[tuple[str, str, frozenset[ClauseStanding]]] = (
    ("not-met", "Clauses that are not met", frozenset({ClauseStanding.NOT_MET})),
    ("undecided", "Clauses that wait for a decision", frozenset({ClauseStanding.UNDECIDED})),
    ("partly", "Clauses that are partly met", frozenset({ClauseStanding.PARTLY})),
    ("not-checked", "Clauses that are not checked", frozenset({ClauseStanding.NOT_CHECKED})),
    ("in-place", "Clauses that are in place", PASSING),
    ("conduct", "Clauses that depend on conduct", frozenset({ClauseStanding.NOT_TECHNICAL})),
)
"""The order of the groups; the first is always shown, also where it is empty."""


def groups(clauses: Sequence[Told]) -> list[StatusGroup]:
    """Return every clause once, in groups by status, the worst first."""
    found = [
        StatusGroup(key, heading, [clause for clause in clauses if clause["status"] in statuses])
        for key, heading, statuses in GROUPS
    ]
    return [found[0], *(group for group in found[1:] if group.clauses)]


LINES = 500
"""The most lines of one table on paper."""
OBJECTS = 20
"""The most objects in one cell on paper."""

_TABLES = ("clauses", "exceptions", "confirmations", "evidence")


def shortened(told: Told, lines: int) -> tuple[Told, Mapping[str, int]]:
    """Give the document with the first lines of each table, and how many lines were left out of which."""
    short = dict(told)
    left_out = {}
    for name in _TABLES:
        if name in told:
            rows = joined(told[name]) if name == "evidence" else told[name]
            short[name], left_out[name] = rows[:lines], max(0, len(rows) - lines)
    if "changes" in told:
        happened = told["changes"]["found"]
        short["changes"] = {**told["changes"], "found": happened[:lines]}
        left_out["changes"] = max(0, len(happened) - lines)
    if "evidence" in short:
        short["evidence"] = [_few_objects(one) for one in short["evidence"]]
    return short, left_out


def _few_objects(one: Told) -> Told:
    """Give a line with the first objects, those that differ before the others, and the number of the rest."""
    more = len(one["objects"]) - OBJECTS
    if more <= 0:
        return one
    sorted_by_need = sorted(one["objects"], key=lambda each: not each["differs"])
    rest = {"object": f"{more} more", "state": "listed in the web page of this report", "differs": [], "kind": ""}
    return {**one, "objects": [*sorted_by_need[:OBJECTS], rest]}


def as_html(told: Told) -> str:
    """Write the page."""
    return _page({**told, "evidence": joined(told["evidence"])} if "evidence" in told else told, {})


@cache
def _environment() -> "Environment":
    """Make what keeps the templates once they are compiled."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    environment = Environment(
        loader=PackageLoader("toolkit.board_report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=isolate,
    )
    environment.filters |= {**PHRASES, "pieces": pieces, "tiles": tiles, "trend": trend}
    return environment


def _page(told: Told, left_out: Mapping[str, int]) -> str:
    environment = _environment()
    style = environment.loader.get_source(environment, "page.css")[0] if environment.loader else ""
    return environment.get_template("page.html.j2").render(
        told=told,
        style=style,
        title=TITLES[Pack(told["pack"])],
        signs=SIGNS,
        meanings=boilerplate()["meanings"],
        sections=_sections(told.get("clauses", [])),
        groups=groups(told.get("clauses", [])),
        proof=by_control(told.get("evidence", [])),
        full=told["pack"] == Pack.EVIDENCE,
        left_out=left_out,
        since=since(told),
    )


def as_pdf(told: Told, most: int = LINES) -> bytes:
    """Write the page as a tagged PDF, with so many lines of each table at most (`most`).

    Raises UsageError where what draws it is not on this computer.
    """
    try:
        from weasyprint import HTML
    except (ImportError, OSError) as missing:
        said = str(missing).splitlines()[0]
        raise UsageError(f"--format pdf: what draws pages is missing ({said}); {PDF_NEEDS}") from missing
    page = _page(*shortened(told, most))
    written: bytes = HTML(string=page, url_fetcher=_nothing).write_pdf(pdf_variant="pdf/ua-1")
    return written


PDF_NEEDS = f"{with_extra('reports')}, and on Debian `apt install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0`"


def _nothing(address: str, *_: object, **__: object) -> dict[str, Any]:
    raise ValueError(f"a report asks for nothing, and not for {address}")


def _sections(clauses: Sequence[Told]) -> list[tuple[str, list[ClauseReasons]]]:
    return [(name, list(them)) for name, them in groupby(lines(clauses), key=lambda one: str(one.clause["section"]))]


@dataclass(frozen=True, slots=True)
class ComparisonPeriod:
    """What a report is compared with: as a heading, as a sentence, and in the middle of one."""

    heading: str
    compared: str
    then: str


def since(told: Told) -> ComparisonPeriod:
    """Tell it of the last report, of a day, or of the file of an earlier report."""
    at = told.get("changes", {}).get("since")
    then = f"on {day_of(at)}"
    match told.get("compared", {}).get("with"):
        case "a day":
            asked = day_of(told["compared"]["day"])
            looked = f"The clauses are compared with how they stood on {moment_of(at)}, which counts for that day."
            if at and at[:10] > told["compared"]["day"]:
                first = f"the clauses are compared with the first look after it, of {moment_of(at)}"
                looked = f"Nothing is on record of {asked}: {first}."
            nothing = f"Nothing was on record of the clauses by {asked}, so there is nothing to compare them with."
            return ComparisonPeriod(f"What changed since {asked}", looked if at else nothing, then)
        case "a file":
            known = "this school's record goes on from it"
            foreign = "this school's record does not hold what it rests on, so that it counts by its day alone"
            held = known if told["compared"]["in_record"] else foreign
            compared = f"It is compared with the file of the report of {moment_of(at)}: {held}."
            return ComparisonPeriod(f"What changed since the report of {day_of(at)}", compared, then)
        case _:
            first = "This is the first report, so there is nothing to compare it with."
            last = f"The last one was made on {moment_of(at)}."
            return ComparisonPeriod("What changed since the last report", last if at else first, "in the last report")
