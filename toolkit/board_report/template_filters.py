"""The filters of the report's template: dates, sentences, answers, and an icon for each status."""

import json
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence

from toolkit.board_report.partly_causes import PartlyCause, clause_label
from toolkit.board_report.period import duration_text
from toolkit.board_report.plain_language import capital, day_of, moment_of, title_of
from toolkit.board_report.proposed_dates import acts_by_date
from toolkit.board_report.tables import ReportData
from toolkit.records import dataclass

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
    "(?:[\\s\\d]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff])*"
)


def _to_sentence(text: str) -> str:
    return f"{capital(text)}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


def isolate_right_to_left(value: object) -> object:
    """Put right-to-left text into `bdi` elements, so that it does not change the order of the text next to it."""
    from markupsafe import Markup, escape

    if not isinstance(value, str) or isinstance(value, Markup) or not _RIGHT_TO_LEFT.search(value):
        return value
    parts, end = [], 0
    for match in _RIGHT_TO_LEFT.finditer(value):
        parts += [escape(value[end : match.start()]), Markup("<bdi>{}</bdi>").format(match.group())]
        end = match.end()
    return Markup("").join([*parts, escape(value[end:])])


def _to_plain_text(text: str) -> str:
    from markupsafe import escape

    return escape(text)


def _negative_answers(answers: Sequence[ReportData]) -> list[ReportData]:
    """Return every answer except yes, or all answers if every answer is yes."""
    return [answer for answer in answers if answer["answer"] != "yes"] or [*answers]


def join_facts(evidence: Sequence[ReportData]) -> list[ReportData]:
    """Return each fact once, with all clauses that need it."""
    facts: dict[str, ReportData] = {}
    for entry in evidence:
        fact = {name: value for name, value in entry.items() if name != "clause"}
        line = facts.setdefault(json.dumps(fact, sort_keys=True), {**fact, "clauses": []})
        line["clauses"].append(entry["clause"] or "no clause")
    return list(facts.values())


def _join_moves(changed: Sequence[ReportData]) -> list[ReportData]:
    """Combine clauses that changed in the same way and for the same reason into one sentence."""
    moves: dict[str, ReportData] = {}
    for change in changed:
        move = {**change, "clause": "", "sentence": ""}
        line = moves.setdefault(json.dumps(move, sort_keys=True), {**move, "clauses": []})
        line["clauses"].append(change["clause"])
    return [
        {**joined_move, "sentence": f"{_name_list(joined_move['clauses'])} {joined_move['change']}"}
        for joined_move in moves.values()
    ]


def _name_list(names: Sequence[str]) -> str:
    return f"Each of {', '.join(names[:-1])} and {names[-1]}" if names[1:] else names[0]


def _join_objects(objects: Sequence[ReportData]) -> list[ReportData]:
    """Merge objects with the same kind and state into one entry. An object that differs keeps its own entry."""
    names_by_kind: dict[tuple[str, str], list[str]] = {}
    for entry in objects:
        if not entry["differs"] and entry["kind"]:
            names_by_kind.setdefault((entry["kind"], entry["state"]), []).append(entry["name"])
    joined_objects = [entry for entry in objects if entry["differs"] or not entry["kind"]]
    for (kind, state), names in names_by_kind.items():
        joined_objects.append(
            {"object": f"{kind}[{'; '.join(map(_count_times, Counter(names).items()))}]", "state": state, "differs": []}
        )
    return joined_objects


def _count_times(counted: tuple[str, int]) -> str:
    name, number = counted
    return f"{number} times {name}" if number > 1 else name


@dataclass(frozen=True, slots=True)
class ControlEvidence:
    """The facts about a control or about the school's own records, and the limits of each check by cloud."""

    control: str
    facts: Sequence[ReportData]

    @property
    def title(self) -> str:
        return title_of(self.control) if self.control else "The school's own records"

    @property
    def clauses(self) -> list[str]:
        return list(dict.fromkeys(clause for fact in self.facts for clause in fact["clauses"]))

    @property
    def limits(self) -> Mapping[str, Sequence[str]]:
        return {fact["source"]: fact["limits"] for fact in self.facts if fact["limits"]}


def _source_and_time(fact: ReportData) -> str:
    """Return the source of a fact, with the time when it was read."""
    return capital(f"{fact['origin']}, {moment_of(fact['seen'])}" if fact["seen"] else fact["origin"])


def _control_anchor(control: str) -> str:
    return f"rests-on-{control.replace('.', '-') or 'records'}"


def _show_once(entry: ReportData, control: str, before: dict[str, str]) -> ReportData:
    """Return an object's differences at the first control that has the object.

    Later controls get a reference to the first control instead.
    """
    first = before.setdefault(json.dumps(entry, sort_keys=True), control) if entry["differs"] else control
    return entry if first == control else {**entry, "state": f"differs, as under {title_of(first)}", "differs": []}


def by_control(facts: Sequence[ReportData]) -> dict[str, ControlEvidence]:
    """Group the facts by the title of their control."""
    facts_by_control: dict[str, list[ReportData]] = {}
    before: dict[str, str] = {}
    for fact in facts:
        control = fact["control"] or ""
        objects = [_show_once(entry, control, before) for entry in fact["objects"]]
        facts_by_control.setdefault(control, []).append({**fact, "objects": objects})
    groups = [ControlEvidence(control, control_facts) for control, control_facts in facts_by_control.items()]
    return {group.title: group for group in groups}


def _failed_tests(section: ReportData) -> list[str]:
    """Return the sentences about the latest tests that failed, which page one prints in bold."""
    return [test["told"] for test in section["tests"] if test.get("result") == "failed"]


@dataclass(frozen=True, slots=True)
class SubjectFindings:
    """The findings about a control, or about the school's own records, with the clauses that each finding affects."""

    subject: str
    findings: Mapping[str, Sequence[str]]


def _by_subject(clauses: Sequence[ReportData]) -> list[SubjectFindings]:
    """Return every finding of the report once, by subject. Clauses about conduct have no findings."""
    findings: dict[str, dict[str, list[str]]] = {}
    for clause in clauses:
        for reason in clause["reasons"] if clause["status"] != "not technical" else ():
            names = findings.setdefault(reason["subject"], {}).setdefault(capital(reason["found"]), [])
            if clause["clause"] not in names:
                names.append(clause["clause"])
    own = findings.pop("", None)
    named = [SubjectFindings(subject, findings[subject]) for subject in sorted(findings)]
    return [*named, *([SubjectFindings("The school’s own records", own)] if own else [])]


PHRASES: Mapping[str, Callable[..., object]] = {
    "day": day_of,
    "moment": moment_of,
    "sentence": _to_sentence,
    "plain": _to_plain_text,
    "disagreeing": _negative_answers,
    "origin": _source_and_time,
    "moves": _join_moves,
    "objects": _join_objects,
    "anchor": _control_anchor,
    "lasted": duration_text,
    "date": day_of,
    "failed_tests": _failed_tests,
    "by_subject": _by_subject,
    "acts": acts_by_date,
    "label": clause_label,
}
"""The filters of the template, by name."""


@dataclass(frozen=True, slots=True)
class Sign:
    """The icon and the colours of a status in the report's pictures. The icon is a square of sixteen units."""

    colour: str
    icon: str
    fill: str
    ink: str = "#fff"
    stripes: str = "#fff"
    dashes: str = ""  # the width of a stripe and of a gap, "" for none
    line: str = "none"  # the dashes of its line over past reports


def _stroked_path(path: str, colour: str = "#fff") -> str:
    return f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="1.8" stroke-linecap="round"/>'


def _outlined_circle(colour: str, dashes: str = "0") -> str:
    return (
        f'<circle cx="8" cy="8" r="6.9" fill="#fff" stroke="{colour}" stroke-width="1.4" stroke-dasharray="{dashes}"/>'
    )


def _filled_path(path: str, colour: str) -> str:
    return f'<path d="{path}" fill="{colour}"/>'


_GREEN, _AMBER, _RED, _PURPLE, _TEAL, _GREY, _BLUE = (
    "#1d6b3a", "#8a5a00", "#8f1d1d", "#5a3e8e", "#22636a", "#5c5c5c", "#0b4a8f",
)  # fmt: skip

SIGNS: Mapping[str, Sign] = {
    "met": Sign(
        _GREEN, f'<circle cx="8" cy="8" r="7.5" fill="{_GREEN}"/>{_stroked_path("M4.6 8.3l2.4 2.4 4.4-5")}',
        "#bfe0c8", "#1a1a1a",
    ),
    "partly": Sign(
        _AMBER, _outlined_circle(_AMBER) + _filled_path("M8 1.1a6.9 6.9 0 0 0 0 13.8z", _AMBER),
        "#f2c14e", "#1a1a1a", _AMBER, "1 5", "9 4",
    ),
    "not met": Sign(
        _RED, _filled_path("M2.6 .6h10.8l2 2v10.8l-2 2H2.6l-2-2V2.6z", _RED) + _stroked_path("M5 5l6 6M11 5l-6 6"),
        _RED, line="3 2",
    ),
    "exception accepted": Sign(
        _PURPLE, _filled_path("M8 .4L15.6 8 8 15.6.4 8z", _PURPLE), _PURPLE, dashes="1 7", line="9 3 2 3"
    ),
    "evidence on file": Sign(
        _TEAL, _filled_path("M2 .6h12v14.8H2z", _TEAL) + _stroked_path("M5 5h6M5 8h6M5 11h6"),
        _TEAL, dashes="1 2", line="5 3 1 3",
    ),
    "not technical": Sign(_GREY, _outlined_circle(_GREY), "#9a9a9a", "#1a1a1a", line="1 2"),
    "not checked": Sign(
        _GREY,
        _outlined_circle(_GREY, "2.6 1.7")
        + _stroked_path("M6.2 6.3a1.9 1.9 0 1 1 2.7 1.7c-.7.4-.9.7-.9 1.3M8 11.6v.1", _GREY),
        "#e4e7ea", "#1a1a1a", _GREY, "1 12", line="2 5",
    ),
    "decision needed": Sign(
        _BLUE, _filled_path("M8 .8l7.6 14H.4z", _BLUE) + _stroked_path("M8 6v4.2M8 12.6v.1"),
        _BLUE, dashes="4 4", line="14 3",
    ),
}  # fmt: skip

CAUSE_SIGNS: Mapping[str, Sign] = {
    clause_label("partly", PartlyCause.UNCONFIRMED): Sign(
        _AMBER,
        _outlined_circle(_AMBER, "2.6 1.7") + _filled_path("M8 1.1a6.9 6.9 0 0 0-6.9 6.9H8z", _AMBER),
        "#fdf3d6", "#1a1a1a", _AMBER, "1 9",
    ),
    clause_label("partly", PartlyCause.UNCERTAIN): SIGNS["partly"],
    clause_label("partly", PartlyCause.WRONG): Sign(
        _AMBER,
        _outlined_circle(_RED) + _stroked_path("M8 4v5M8 11.8v.1", _RED),
        "#e08a2b", "#1a1a1a", _RED, "2 3",
    ),
}  # fmt: skip
"""The icon and the colours of each cause for which a clause is only partly met."""
