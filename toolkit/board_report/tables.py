"""The document of an export as tables for a spreadsheet; every cell is text or a number, and none is run."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from toolkit.planning.policy.statuses import ClauseStanding
from toolkit.records import dataclass
from toolkit.render.values_text import inert

Told = Mapping[str, Any]
"""A document as it was made, or as it was read back."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: a title, headings, and lines as long as those."""

    title: str
    headings: tuple[str, ...]
    lines: Sequence[Sequence[str | int]]


def tables(told: Told) -> Iterator[Sheet]:
    """Give the tables that a document holds; those a pack leaves out are missing."""
    yield _summary(told)
    if "gaps" in told:
        yield from _first_page(told)
    for name, (title, columns) in _COLUMNS.items():
        if name in told:
            table = _table(title, columns, told[name])
            yield replace(table, headings=tuple(_dated(one, told) for one in table.headings))
    if "evidence" in told:
        yield _table("Evidence", _EVIDENCE, [line for one in told["evidence"] for line in _of_objects(one)])
    if "decisions" in told:
        made = [*({**one, "by": "no one yet"} for one in told["decisions"]["open"]), *told["decisions"]["made"]]
        yield _table("Decisions", ("question", "chosen", "by", "on", "minute", "review"), made)
    if "changes" in told:
        yield from _changes(told["changes"])
    yield from (sheet(told[name]) for name, sheet in _SHEETS.items() if name in told)
    if "cases" in told:
        yield _copies(told["cases"])


def _first_page(told: Told) -> Iterator[Sheet]:
    yield _table("Gaps", ("subject", "what", "risk", "owner", "who_says", "clauses"), told["gaps"])
    answers = [{"question": one["question"], **each} for one in told["questions"] for each in one["answers"]]
    yield _table("Asked first", ("question", "about", "answer", "detail"), answers)
    needs = [{"what": one} for one in told["needs"]]
    yield _table("Needed", ("what",), needs)
    counted = [{**one, "what": f"{one['role']}: signed", "number": one["signed"]} for one in told["acknowledgements"]]
    incidents = {"what": "incidents: still open", "number": told["incidents"]["open"], "of": told["incidents"]["all"]}
    yield _table("Registers", ("what", "on", "number", "of", "told"), [*counted, incidents])


def _changes(told: Told) -> Iterator[Sheet]:
    yield _table("Clauses that moved", ("clause", "before", "now", "where", "sentence"), told["clauses"])
    happened = [*told["runs"], *told["found"]]
    if words := told["earlier"]["words"]:
        happened.append({"what": words})
    columns = ("at", "what", "detail", "where", "by", "ended", "minutes", "object", "setting", "sentence")
    yield _table("What was done", columns, happened)


def _of_objects(fact: Told) -> Iterator[Told]:
    """Give a line of evidence for each object that a fact was seen on, or the only one of a fact that has none."""
    confirmed = fact.get("confirmed") or {}
    words = {f"confirmed_{name}": confirmed.get(name) for name in ("by", "on", "until")}
    whole = {**fact, **words, "outcome": fact["verdict"], "read_at": fact["seen"]}
    for one in fact["objects"] or [{}]:
        yield {**whole, **one}


def _expires(told: Told) -> Sheet:
    unread = [{"what": what, "state": "not known"} for what in told["not_known"]]
    return _table("Expires", ("what", "ends", "days", "acts", "state"), [*told["lines"], *unread])


def _requirements(told: Sequence[Told]) -> Sheet:
    """Return a line for each piece of evidence of each requirement."""
    rows = [{**standard, **row, "status": row["state"]} for standard in told for row in standard["rows"]]
    return _table("Requirements", _REQUIREMENTS, [{**row, **shown} for row in rows for shown in row["shown"]])


def _dated(heading: str, told: Told) -> str:
    before = told["summary"]["before"]
    return f"{heading} ({before['at'][:10]})" if heading == "before" and before else heading


def main_table(told: Told) -> Sheet:
    """Return the table for a file that holds one: what the pack adds to the others, or else the counts."""
    found = {table.title: table for table in tables(told)}
    return next(found[title] for title in _MAIN if title in found)


_COLUMNS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "clauses": (
        "Clauses",
        (
            "clause",
            "says",
            "status",
            "before",
            "because",
            "since",
            "who_says",
            "owner",
            "section",
            "paragraph",
            "begins",
            "class",
        ),
    ),
    "exceptions": (
        "Exceptions",
        (
            "name",
            "about",
            "for",
            "reason",
            "begins",
            "ends",
            "state",
            "removed",
            "left",
            "by",
            "on",
            "assessment",
            "clauses",
        ),
    ),
    "confirmations": ("Confirmations", ("what", "by", "on", "until", "state", "note")),
    "future_dates": ("Dated in the future", ("what", "on")),
    "devices": ("Devices", ("what", "number", "of")),
    "lost_devices": ("Lost devices", ("what", "told")),
    "checklists": (
        "Checklists",
        ("title", "started", "finished", "stopped", "open", "overdue", "verified", "stated"),
    ),
    "records": ("Records", ("what", "state", "told", "source", "on", "until", "reference")),
}
_MAIN = ("Holds", "Evidence", "Clauses", "Requirements", "Summary")
_REQUIREMENTS = ("id", "standard", "edition", "asks", "status", "covers", "what", "state", "told", "source", "read_at")
_EVIDENCE = (
    "clause", "control", "part", "source", "level", "object", "state", "differs", "outcome", "reason", "who_says",
    "read_at", "confirmed_by", "confirmed_on", "confirmed_until", "limits",
)  # fmt: skip


def _table(title: str, columns: tuple[str, ...], entries: Sequence[Told]) -> Sheet:
    headings = tuple(column.replace("_", " ") for column in columns)
    return Sheet(title, headings, [[_cell(entry.get(column)) for column in columns] for entry in entries])


def _summary(told: Told) -> Sheet:
    lines: list[Sequence[str | int]] = [["school", inert(told["school"])], ["report", inert(told["pack"])]]
    if told["notice"]:
        lines.append(["notice", inert(told["notice"])])
    lines += [["made", told["run"]["at"]], ["evidence since", told["run"]["evidence_since"]]]
    lines += [
        ["policy ratified", _cell(told["policy"]["ratified"])],
        ["review due", _cell(told["policy"]["review_due"])],
        ["review overdue, days", told["policy"]["overdue_days"]],
        ["these dates are from", _cell(told["policy"]["dates_from"])],
    ]
    lines += [[f"clauses {status}", told["summary"]["all"][status]] for status in ClauseStanding]
    lines += [["since the time it is compared with", inert(one)] for one in told.get("changes", {}).get("told", [])]
    if before := told["summary"]["before"]:
        lines.append(["compared with", before["at"]])
        lines += [[f"clauses {status}, then", before["all"][status]] for status in ClauseStanding]
    lines += [["clauses", told["summary"]["clauses"]], ["clauses a computer can judge", told["summary"]["judged"]]]
    lines += [["entries of the record", told["record"]["entries"]], ["head of the record", told["record"]["head"]]]
    return Sheet("Summary", ("what", "value"), lines)


def _trend(told: Told) -> Sheet:
    lines = [
        [
            _cell(one["at"]),
            sum(one["of_judged"].values()),
            *(one["of_judged"][status] for status in ClauseStanding),
            _cell(one["moved"]),
            one["found"],
            one["put_right"],
            _cell(one["minutes"]),
        ]
        for one in told["reports"]
    ]
    counted = ("moved", "found", "put right", "minutes until put right, median")
    return Sheet("Trend", ("made", "clauses a computer can judge", *map(str, ClauseStanding), *counted), lines)


def _standards(told: Told) -> Sheet:
    versions = told["versions"]
    lines = [
        [
            _cell(one["subject"]),
            _cell(one["looked_at"]),
            *(_cell(one["ids"].get(key)) for key in versions),
            _cell(one["clauses"]),
        ]
        for one in told["subjects"]
    ]
    return Sheet("Standards", ("subject", "looked at", *versions.values(), "clauses"), lines)


def _cases(told: Told) -> Sheet:
    lines = [
        [_cell(name), _cell(person["who"]), _cell(person["since"]), _cell(person["parts"]), _cell(case["released"])]
        for name, case in told.items()
        for person in case["people"]
    ]
    return Sheet("Holds", ("case", "who", "since", "what is held", "released"), lines)


def _copies(told: Told) -> Sheet:
    columns = ("number", "name", "bytes", "sha256", "what", "state", "chain")
    copies = [{"case": name, **copy} for name, case in told.items() for copy in case.get("copies", ())]
    return _table("Copies of evidence", ("case", *columns), copies)


_SHEETS: Mapping[str, Callable[[Any], Sheet]] = {
    "expires": _expires,
    "requirements": _requirements,
    "trend": _trend,
    "standards": _standards,
    "cases": _cases,
}


def _cell(value: Any) -> str | int:
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case int():
            return value
        case str():
            return inert(value)
        case Mapping():
            return inert("; ".join(f"{key}: {_cell(one)}" for key, one in value.items()))
        case _:
            return inert("; ".join(str(_cell(one)) for one in value))
