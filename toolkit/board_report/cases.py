"""The register of holds, for the case pack alone; pure."""

from toolkit.board_report.plain_language import named
from toolkit.holds.model import FAILED, WANTED, Case, Custodian, Holds
from toolkit.sdk.legal_holds import HoldStatus
from toolkit.values import Body
from toolkit.yaml.messages import day

_STANDS = {
    WANTED: "not asked for yet",
    FAILED: "asking for it failed",
    HoldStatus.ABSENT: "not held",
    HoldStatus.REQUESTED: "asked for, and not seen working yet",
    HoldStatus.CONFIRMED: "held, and seen working",
    HoldStatus.WEAKER: "keeps less than a hold without end",
    HoldStatus.UNAVAILABLE: "cannot be held for this account",
}


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
            f"{service} on {named(cloud)}: {_STANDS.get(part.standing, part.standing)}"
            + (f", looked at on {day(part.at.date())}, {part.at:%H:%M}" if part.at else "")
            for cloud, held in one.clouds.items()
            for service, part in held.parts.items()
        ],
    }
