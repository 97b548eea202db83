"""The phrases of a page: days, sentences, reasons put together, and words kept from turning round others; pure."""

import re
from collections.abc import Callable, Mapping, Sequence

from toolkit.planning.clauses.fact import NOBODY
from toolkit.report.export.looks import lasted
from toolkit.report.export.tables import Told
from toolkit.report.export.wording import day_of, moment_of

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
    "(?:[\\s\\d]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff])*"
)


def _sentence(text: str) -> str:
    """Make a sentence of what may be one already."""
    return f"{_upper(text)}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


def isolated(value: object) -> object:
    """Keep words that are written from right to left from turning round what stands beside them."""
    from markupsafe import Markup, escape

    if not isinstance(value, str) or isinstance(value, Markup) or not _RIGHT_TO_LEFT.search(value):
        return value
    parts, end = [], 0
    for found in _RIGHT_TO_LEFT.finditer(value):
        parts += [escape(value[end : found.start()]), Markup("<bdi>{}</bdi>").format(found.group())]
        end = found.end()
    return Markup("").join([*parts, escape(value[end:])])


def _plain(text: str) -> str:
    """Give a text for where no element can stand."""
    from markupsafe import escape

    return escape(text)


def _grouped(reasons: Sequence[str]) -> list[tuple[str, list[str]]]:
    """Put reasons together that are about one thing, which is said once; the others stand alone."""
    told: list[tuple[str, list[str]]] = []
    for reason in reasons:
        subject, found, rest = reason.partition(": ")
        if found and told and told[-1][0] == _upper(subject):
            told[-1][1].append(rest)
        else:
            told.append((_upper(subject), [rest]) if found else ("", [_upper(reason)]))
    return told


def _upper(text: str) -> str:
    if text[1:2].isupper():  # iPad
        return text
    return f"{text[:1].upper()}{text[1:]}"


def _limits(evidence: Sequence[Told]) -> list[tuple[str, str, list[str]]]:
    """Give what each look covers and where it ends, once for all that rests on it."""
    found = {(one["control"], one["source"]): one["limits"] for one in evidence if one["control"] and one["limits"]}
    return [(control, source, limits) for (control, source), limits in sorted(found.items())]


def _beyond(who_says: Sequence[str], reasons: Sequence[str]) -> list[str]:
    """Keep of who says so what the reasons have not said already."""
    return [one for one in who_says if one != NOBODY and not any(one in reason for reason in reasons)]


PHRASES: Mapping[str, Callable[..., object]] = {
    "day": day_of,
    "moment": moment_of,
    "grouped": _grouped,
    "beyond": _beyond,
    "sentence": _sentence,
    "plain": _plain,
    "limits": _limits,
    "lasted": lasted,
    "date": day_of,
}
"""What the template asks for by name."""
