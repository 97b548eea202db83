"""The verdicts on parts of controls as JSON."""

from collections.abc import Iterable

from toolkit.render.serialise import row
from toolkit.sdk.verdict import Count, Verdict
from toolkit.values import Body, Json


def verdicts_answer(verdicts: Iterable[Verdict]) -> list[Body]:
    """Give every verdict with what it rests on; parts of which nothing is asked are left out."""
    return [_verdict(verdict) for verdict in verdicts if verdict.grounds]


def _verdict(verdict: Verdict) -> Body:
    grounds = [
        {**row(ground, "outcome", "reason", "who_says=says"), "count": _count(ground.count)}
        for ground in verdict.grounds
    ]
    key = ("control=key.control", "for?=key.audience", "exception?=key.exception", "provider=key.provider")
    return {**row(verdict, *key, "part=key.part", "level", "outcome", "needed"), "grounds": grounds}


def _count(count: Count | None) -> Json:
    return row(count, "ok", "of", "unknown", "noun") if count else None
