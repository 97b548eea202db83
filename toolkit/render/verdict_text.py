"""The verdicts on parts of controls as JSON."""

from collections.abc import Iterable

from toolkit.render.serialise import to_body
from toolkit.sdk.verdict import Count, Verdict
from toolkit.values import Body


def verdicts_answer(verdicts: Iterable[Verdict]) -> list[Body]:
    """Give every verdict with what it rests on; parts of which nothing is asked are left out."""
    return [_verdict(verdict) for verdict in verdicts if verdict.grounds]


def _verdict(verdict: Verdict) -> Body:
    key = verdict.key
    return to_body(
        {
            "control": key.control,
            "for": key.audience or None,
            "exception": key.exception or None,
            "provider": key.provider,
            "part": key.part,
            "level": verdict.level,
            "outcome": verdict.outcome,
            "needed": verdict.needed,
            "grounds": [
                {
                    "outcome": ground.outcome,
                    "reason": ground.reason,
                    "who_says": ground.says,
                    "count": _count(ground.count),
                }
                for ground in verdict.grounds
            ],
        }
    )


def _count(count: Count | None) -> dict[str, int | str] | None:
    return {"ok": count.ok, "of": count.of, "unknown": count.unknown, "noun": count.noun} if count else None
