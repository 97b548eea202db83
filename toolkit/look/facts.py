"""Convert the readings of the clouds into the facts on the page.

The table questions.toml says which facts answer which question.
"""

import operator
import tomllib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any

from toolkit.board_report.plain_language import sentence_of
from toolkit.look.model import CloudReading, Gap, LookFact, LookRow, LookSection, LookState
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.providers import kinds
from toolkit.sdk.reason import NOT_LICENSED, PERMISSION_MISSING, Number, Reason, admin_text
from toolkit.sdk.resource import Observed
from toolkit.values import Json, plain

SEE_BELOW = "could not be read, see the reason below"
_UNLICENSED = "the school's licences do not include it"
_COMPARE: Mapping[str, Callable[[Any, Any], bool]] = {">": operator.gt, "<": operator.lt, "=": operator.eq}


@cache
def read_question_table() -> Mapping[str, Any]:
    """Return the table of questions. The first lines of questions.toml explain its keys."""
    return tomllib.loads(files("toolkit.look").joinpath("questions.toml").read_text(encoding="utf-8"))


def controls_for_questions(provider: str) -> Mapping[str, Mapping[str, Json]]:
    """Return the controls whose checks answer the questions about a cloud, each with settings that do not depend
    on a school.
    """
    sources = [
        row[provider] for section in read_question_table()["section"] for row in section["row"] if provider in row
    ]
    named = dict.fromkeys(source["control"] for source in sources if "control" in source)
    return {name: read_question_table()["controls"][name] for name in named}


def build_sections(clouds: Sequence[CloudReading]) -> Iterator[LookSection]:
    """Yield the sections of the page, without the questions that no cloud answers."""
    for section in read_question_table()["section"]:
        rows = [_to_look_row(row, clouds) for row in section["row"]]
        if shown := [row for row in rows if row.facts]:
            yield LookSection(section["title"], shown)


def questions_for_top_of_page(questions: Sequence[LookRow]) -> Sequence[LookRow]:
    """Return the questions for the top of the page: the first question about each risk, the most pressing risk
    first.
    """
    of_risk = {row.risk: row for row in reversed(questions)}
    order = read_question_table()["first"]
    in_order = [row for row in questions if of_risk[row.risk] is row]
    return sorted(in_order, key=lambda row: order.index(row.risk) if row.risk in order else len(order))


def _to_look_row(table_row: Mapping[str, Any], clouds: Sequence[CloudReading]) -> LookRow:
    facts = [_to_look_fact(table_row[cloud.provider], cloud) for cloud in clouds if cloud.provider in table_row]
    return LookRow(table_row["label"], table_row["risk"], facts)


def _to_look_fact(table_entry: Mapping[str, Any], cloud: CloudReading) -> LookFact:
    text, state = _answer_question(table_entry, cloud)
    top = _text_for_top_of_page(table_entry, cloud) if state is LookState.ASK else ""
    return LookFact(cloud.provider, text, state, table_entry["source"], top)


def _text_for_top_of_page(table_entry: Mapping[str, Any], cloud: CloudReading) -> str:
    """Return the text of a question for the top of the page.

    It is shorter than elsewhere if the table of questions has a shorter text.
    """
    if "top" not in table_entry:
        return ""
    return _fill_in_numbers(table_entry["top"], cloud.findings[table_entry["control"], table_entry["subject"]].evidence)


def _answer_question(table_entry: Mapping[str, Any], cloud: CloudReading) -> tuple[str, LookState]:
    if "not_read" in table_entry:
        return table_entry["not_read"], LookState.UNREAD
    if "people" in table_entry:
        return _answer_with_people_count(cloud)
    if "control" in table_entry:
        finding = cloud.findings.get((table_entry["control"], table_entry["subject"]))
        return _answer_from_finding(table_entry, finding) if finding else (SEE_BELOW, LookState.UNREAD)
    return _answer_from_kind(table_entry, cloud)


def _answer_with_people_count(cloud: CloudReading) -> tuple[str, LookState]:
    if "people" in cloud.directory.unknown:
        return SEE_BELOW, LookState.UNREAD
    people = cloud.directory.people.values()
    enabled = sum(person.enabled for person in people)
    return f"{enabled} enabled and {len(people) - enabled} disabled, including shared accounts", LookState.READ


def _answer_from_finding(table_entry: Mapping[str, Any], finding: Finding) -> tuple[str, LookState]:
    if finding.status is Status.UNKNOWN:
        return SEE_BELOW, LookState.UNREAD
    if finding.status is Status.UNAVAILABLE:
        return sentence_of(finding.reason).found or _UNLICENSED, LookState.UNAVAILABLE
    text = table_entry.get("words", {}).get(str(finding.evidence.get(table_entry.get("value", ""))))
    if text is None and "text" in table_entry:
        text = _fill_in_numbers(table_entry["text"], finding.evidence)
    text = text or sentence_of(finding.reason).found
    return text, _state_of_fact(table_entry, finding.evidence, failed=finding.status is Status.FAIL)


def _fill_in_numbers(text: str, numbers: Mapping[str, Json]) -> str:
    shown = {name: Number(f"{value:,}", value) for name, value in numbers.items() if isinstance(value, int)}
    return text.format(**shown)


def _state_of_fact(table_entry: Mapping[str, Any], numbers: Mapping[str, Json], *, failed: bool = False) -> LookState:
    match table_entry.get("ask"):
        case "failed":
            return LookState.ASK if failed else LookState.READ
        case [str(name), str(comparison), limit]:
            return LookState.ASK if _COMPARE[comparison](numbers[name], limit) else LookState.READ
        case _:
            return LookState.READ


def _answer_from_kind(table_entry: Mapping[str, Any], cloud: CloudReading) -> tuple[str, LookState]:
    unless = table_entry.get("unless")
    if unless and unless["value"] in _setting_values(cloud, unless["kind"], unless["setting"]):
        return unless["text"], LookState.READ
    kind = table_entry["kind"]
    if kind in cloud.unavailable:
        return _UNLICENSED, LookState.UNAVAILABLE
    if any(unknown.kind == f"{cloud.provider}.{kind}" for unknown in cloud.unknown) or kind in cloud.left_out:
        return SEE_BELOW, LookState.UNREAD
    if "words" in table_entry:
        return _describe_values(
            table_entry, _setting_values(cloud, kind, table_entry["setting"]), kinds(cloud.provider)[kind].title
        )
    there = cloud.objects.get(kind, ())
    counts: dict[str, Json] = {
        "n": sum(_matches_settings(rule, table_entry["where"]) for rule in there),
        "all": len(there),
    }
    return _fill_in_numbers(table_entry["text"], counts), _state_of_fact(table_entry, counts)


def _setting_values(cloud: CloudReading, kind: str, setting: str) -> list[Json]:
    """Return the values that a setting has in the objects of a kind that have the setting."""
    values = (rule.settings.get(setting) for rule in cloud.objects.get(kind, ()))
    return [plain(value) for value in values if value is not None]


def _value_as_word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _describe_values(table_entry: Mapping[str, Any], values: Sequence[Json], title: str) -> tuple[str, LookState]:
    words = Counter(map(_value_as_word, values))
    if not words:
        return f"not set: the service's own default applies ({title})", LookState.READ
    shown = {word: table_entry["words"].get(word, "a value that toolkit does not know") for word in words}
    state = LookState.ASK if table_entry.get("ask") in words else LookState.READ
    if len(words) == 1:
        return next(iter(shown.values())), state
    return "; ".join(f"{shown[word]} ({count} of {len(values)} places)" for word, count in words.items()), state


def _matches_settings(rule: Observed, expected_settings: Mapping[str, Json]) -> bool:
    """Return whether a rule has all settings that the table of questions names.

    A list must contain the value in the table.
    """
    values = {name: plain(rule.settings.get(name)) for name in expected_settings}
    return all(_includes(values[name], word) for name, word in expected_settings.items())


def _includes(value: Json, expected_value: Json) -> bool:
    return expected_value in value if isinstance(value, list) else value == expected_value


_ADVICE_ON_BROKEN = "install toolkit again. If it fails again, send the last lines of the command to the maintainers"


def find_gaps(cloud: CloudReading) -> Iterator[Gap]:
    """Yield each gap in the reading of a cloud: a kind, object, group of people or finding that could not be read."""
    for what, why in cloud.directory.unknown.items():
        yield Gap(f"{cloud.title}: {what}", why, _advice_text(None))
    for unknown in cloud.unknown:
        name = unknown.kind.partition(".")[2]
        single = f" {unknown.address.name}" if unknown.address else ""
        title = kinds(cloud.provider)[name].title
        yield Gap(f"{cloud.title}: {title}{single}", admin_text(unknown.reason), _advice_text(unknown.reason))
    for broken in cloud.broken_kinds:
        yield Gap(f"{cloud.title}: {broken.subject}", f"it cannot be loaded: {broken.cause}", _ADVICE_ON_BROKEN)
    for (control, subject), finding in cloud.findings.items():
        if finding.status is Status.UNKNOWN:
            yield Gap(f"{cloud.title}: {subject} ({control})", admin_text(finding.reason), _advice_text(finding.reason))


def _advice_text(reason: Reason | None) -> str:
    if reason and any(part.code is PERMISSION_MISSING for part in reason.nested_reasons):
        return "sign in as someone with the role Global Reader, and agree to the permissions"
    if reason and any(part.code is NOT_LICENSED for part in reason.nested_reasons):
        return "nothing to do: the licences do not include it"
    return "look again later. If it fails again, send look.json to the maintainers"
