"""The phrases of a page: days, sentences, answers, and words kept from turning round others; pure."""

import re
from collections.abc import Callable, Mapping, Sequence

from toolkit.board_report.drift_coverage import lasted
from toolkit.board_report.plain_language import capital, day_of, moment_of, plainly
from toolkit.board_report.tables import Told
from toolkit.planning.policy.fact import NOBODY

_RIGHT_TO_LEFT = re.compile(
    "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
    "(?:[\\s\\d]*[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff])*"
)


def _sentence(text: str) -> str:
    """Make a sentence of what may be one already."""
    return f"{capital(text)}{'' if text.endswith(('.', '!', '?')) else '.'}" if text else ""


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


def _disagreeing(answers: Sequence[Told]) -> list[Told]:
    """Keep the answers that are not yes; where all are, keep all."""
    return [one for one in answers if one["answer"] != "yes"] or [*answers]


def _limits(evidence: Sequence[Told]) -> list[tuple[str, str, list[str]]]:
    """Give what each look covers and where it ends, once for all that rests on it."""
    found = {(one["control"], one["source"]): one["limits"] for one in evidence if one["control"] and one["limits"]}
    return [(control, source, limits) for (control, source), limits in sorted(found.items())]


_NO_ONE = plainly(NOBODY)


def _beyond(who_says: Sequence[str], reasons: Sequence[str]) -> list[str]:
    """Keep of who says so what the reasons have not said already."""
    return [one for one in who_says if one != _NO_ONE and not any(one in reason for reason in reasons)]


PHRASES: Mapping[str, Callable[..., object]] = {
    "day": day_of,
    "moment": moment_of,
    "beyond": _beyond,
    "sentence": _sentence,
    "plain": _plain,
    "disagreeing": _disagreeing,
    "limits": _limits,
    "lasted": lasted,
    "date": day_of,
}
"""What the template asks for by name."""
