"""Holds as JSON, for those who have the register's key."""

from collections.abc import Iterable, Mapping

from toolkit.holds.model import Case
from toolkit.values import Json

FORMAT = 1


def holds_answer(cases: Iterable[Case], target: str, failed: Mapping[str, str]) -> Mapping[str, Json]:
    """Answer with cases, people and how each of their holds stands."""
    return {"format": FORMAT, "target": target, "cases": [_case(case) for case in cases], "unread": dict(failed)}


def _case(case: Case) -> Json:
    return {
        "case": case.name,
        "matter": case.matter,
        "review": case.review.isoformat() if case.review else None,
        "released": case.released.isoformat() if case.released else None,
        "consents": [
            {"by": one.by, "at": one.at.isoformat(), "verified": one.verified or None} for one in case.consents
        ],
        "people": [
            {
                "address": one.address,
                "since": one.since.isoformat(),
                "clouds": {
                    provider: {
                        "id": held.id or None,
                        "unread": held.unread or None,
                        "holds": [
                            {"service": service.value, "standing": str(part.standing), "reason": part.reason or None}
                            for service, part in held.parts.items()
                        ],
                    }
                    for provider, held in one.clouds.items()
                },
            }
            for one in case.people.values()
        ],
    }
