"""The register of holds, for the case pack alone; pure."""

from toolkit.record.register import Case, Custodian, Holds
from toolkit.values import Body


def cases(holds: Holds) -> Body:
    """Give every case with who is held, for how long, and what of them."""
    return {name: _case(case) for name, case in holds.cases.items()}


def _case(case: Case) -> Body:
    return {
        "matter": case.matter,
        "review": case.review.isoformat() if case.review else None,
        "released": case.released.isoformat() if case.released else None,
        "consents": [{"by": one.by, "at": one.at.isoformat()} for one in case.consents],
        "people": [_person(one) for one in case.people.values()],
    }


def _person(one: Custodian) -> Body:
    return {
        "who": one.address,
        "since": one.since.isoformat(),
        "parts": [
            f"{service} in {cloud}: {part.standing}" + (f" at {part.at.isoformat()}" if part.at else "")
            for cloud, held in one.clouds.items()
            for service, part in held.parts.items()
        ],
    }
