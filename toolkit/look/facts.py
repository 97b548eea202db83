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
def questions() -> Mapping[str, Any]:
    """Return the table of questions. The first lines of questions.toml explain its keys."""
    return tomllib.loads(files("toolkit.look").joinpath("questions.toml").read_text(encoding="utf-8"))


def controls_asked(provider: str) -> Mapping[str, Mapping[str, Json]]:
    """Return the controls whose checks answer the questions about a cloud, each with settings that do not depend
    on a school.
    """
    sources = [row[provider] for section in questions()["section"] for row in section["row"] if provider in row]
    named = dict.fromkeys(source["control"] for source in sources if "control" in source)
    return {name: questions()["controls"][name] for name in named}


def sections_of(clouds: Sequence[CloudReading]) -> Iterator[LookSection]:
    """Yield the sections of the page, without the questions that no cloud answers."""
    for section in questions()["section"]:
        rows = [_look_row(row, clouds) for row in section["row"]]
        if shown := [row for row in rows if row.facts]:
            yield LookSection(section["title"], shown)


def first_rows(rows: Sequence[LookRow]) -> Sequence[LookRow]:
    """Return the questions for the top of the page: the first question about each risk, the most pressing risk
    first.
    """
    of_risk = {row.risk: row for row in reversed(rows)}
    order = questions()["first"]
    in_order = [row for row in rows if of_risk[row.risk] is row]
    return sorted(in_order, key=lambda row: order.index(row.risk) if row.risk in order else len(order))


def _look_row(row: Mapping[str, Any], clouds: Sequence[CloudReading]) -> LookRow:
    facts = [_look_fact(row[cloud.provider], cloud) for cloud in clouds if cloud.provider in row]
    return LookRow(row["label"], row["risk"], facts)


def _look_fact(source: Mapping[str, Any], cloud: CloudReading) -> LookFact:
    text, state = _answer_source(source, cloud)
    top = _top_text(source, cloud) if state is LookState.ASK else ""
    return LookFact(cloud.provider, text, state, source["source"], top)


def _top_text(source: Mapping[str, Any], cloud: CloudReading) -> str:
    """Return the text of a question for the top of the page.

    It is shorter than elsewhere if the table of questions has a shorter text.
    """
    if "top" not in source:
        return ""
    return _fill_in(source["top"], cloud.findings[source["control"], source["subject"]].evidence)


def _answer_source(source: Mapping[str, Any], cloud: CloudReading) -> tuple[str, LookState]:
    if "not_read" in source:
        return source["not_read"], LookState.UNREAD
    if "people" in source:
        return _count_people(cloud)
    if "control" in source:
        finding = cloud.findings.get((source["control"], source["subject"]))
        return _read_finding(source, finding) if finding else (SEE_BELOW, LookState.UNREAD)
    return _read_kind(source, cloud)


def _count_people(cloud: CloudReading) -> tuple[str, LookState]:
    if "people" in cloud.directory.unknown:
        return SEE_BELOW, LookState.UNREAD
    people = cloud.directory.people.values()
    enabled = sum(person.enabled for person in people)
    return f"{enabled} enabled and {len(people) - enabled} disabled, including shared accounts", LookState.READ


def _read_finding(source: Mapping[str, Any], finding: Finding) -> tuple[str, LookState]:
    if finding.status is Status.UNKNOWN:
        return SEE_BELOW, LookState.UNREAD
    if finding.status is Status.UNAVAILABLE:
        return sentence_of(finding.reason).found or _UNLICENSED, LookState.UNAVAILABLE
    text = source.get("words", {}).get(str(finding.evidence.get(source.get("value", ""))))
    if text is None and "text" in source:
        text = _fill_in(source["text"], finding.evidence)
    text = text or sentence_of(finding.reason).found
    return text, _look_state(source, finding.evidence, failed=finding.status is Status.FAIL)


def _fill_in(text: str, numbers: Mapping[str, Json]) -> str:
    shown = {name: Number(f"{value:,}", value) for name, value in numbers.items() if isinstance(value, int)}
    return text.format(**shown)


def _look_state(source: Mapping[str, Any], numbers: Mapping[str, Json], *, failed: bool = False) -> LookState:
    match source.get("ask"):
        case "failed":
            return LookState.ASK if failed else LookState.READ
        case [str(name), str(comparison), limit]:
            return LookState.ASK if _COMPARE[comparison](numbers[name], limit) else LookState.READ
        case _:
            return LookState.READ


def _read_kind(source: Mapping[str, Any], cloud: CloudReading) -> tuple[str, LookState]:
    unless = source.get("unless")
    if unless and unless["value"] in _setting_values(cloud, unless["kind"], unless["setting"]):
        return unless["text"], LookState.READ
    kind = source["kind"]
    if kind in cloud.unavailable:
        return _UNLICENSED, LookState.UNAVAILABLE
    if any(unknown.kind == f"{cloud.provider}.{kind}" for unknown in cloud.unknown) or kind in cloud.left_out:
        return SEE_BELOW, LookState.UNREAD
    if "words" in source:
        return _describe_values(
            source, _setting_values(cloud, kind, source["setting"]), kinds(cloud.provider)[kind].title
        )
    there = cloud.objects.get(kind, ())
    counts: dict[str, Json] = {"n": sum(_matches_settings(rule, source["where"]) for rule in there), "all": len(there)}
    return _fill_in(source["text"], counts), _look_state(source, counts)


def _setting_values(cloud: CloudReading, kind: str, setting: str) -> list[Json]:
    """Return the values that a setting has in the objects of a kind that have the setting."""
    values = (rule.settings.get(setting) for rule in cloud.objects.get(kind, ()))
    return [plain(value) for value in values if value is not None]


def _value_word(value: Json) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _describe_values(source: Mapping[str, Any], values: Sequence[Json], title: str) -> tuple[str, LookState]:
    words = Counter(map(_value_word, values))
    if not words:
        return f"not set: the service's own default applies ({title})", LookState.READ
    shown = {word: source["words"].get(word, "a value that toolkit does not know") for word in words}
    state = LookState.ASK if source.get("ask") in words else LookState.READ
    if len(words) == 1:
        return next(iter(shown.values())), state
    return "; ".join(f"{shown[word]} ({count} of {len(values)} places)" for word, count in words.items()), state


def _matches_settings(rule: Observed, where: Mapping[str, Json]) -> bool:
    """Return whether a rule has all settings that the table of questions names.

    A list must contain the value in the table.
    """
    values = {name: plain(rule.settings.get(name)) for name in where}
    return all(_includes(values[name], word) for name, word in where.items())


def _includes(value: Json, word: Json) -> bool:
    return word in value if isinstance(value, list) else value == word


def gaps_of(cloud: CloudReading) -> Iterator[Gap]:
    """Yield each gap in the reading of a cloud: a kind, object, group of people or finding that could not be read."""
    for what, why in cloud.directory.unknown.items():
        yield Gap(f"{cloud.title}: {what}", why, _advice_text(None))
    for unknown in cloud.unknown:
        name = unknown.kind.partition(".")[2]
        single = f" {unknown.address.name}" if unknown.address else ""
        title = kinds(cloud.provider)[name].title
        yield Gap(f"{cloud.title}: {title}{single}", admin_text(unknown.reason), _advice_text(unknown.reason))
    for (control, subject), finding in cloud.findings.items():
        if finding.status is Status.UNKNOWN:
            yield Gap(f"{cloud.title}: {subject} ({control})", admin_text(finding.reason), _advice_text(finding.reason))


def _advice_text(reason: Reason | None) -> str:
    if reason and any(part.code is PERMISSION_MISSING for part in reason.nested_reasons):
        return "sign in as someone with the role Global Reader, and agree to the permissions"
    if reason and any(part.code is NOT_LICENSED for part in reason.nested_reasons):
        return "nothing to do: the licences do not include it"
    return "look again later. If it fails again, send look.json to the maintainers"
