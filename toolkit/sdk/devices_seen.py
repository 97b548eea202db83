"""What measures of devices share on every cloud: when one counts as unseen, and how many of which are put in words."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from toolkit.sdk.finding import Finding, Status
from toolkit.values import Json

UNSEEN_DAYS = 30
UNSEEN = f"unseen for {UNSEEN_DAYS} days"


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """One device: how it stands in words, what model it is, and whether the school owns it."""

    state: str
    model: str
    owned: bool = False


def is_unseen(last: Json, now: datetime) -> bool:
    """Say whether a device was not heard of for too long; one that does not say when was never heard of."""
    try:
        seen = datetime.fromisoformat(str(last))
    except ValueError:
        return True
    if seen.tzinfo is None:
        return True
    return now - seen > timedelta(days=UNSEEN_DAYS)


def measured(
    subject: str,
    told: str,
    counted: Sequence[SeenDevice],
    *,
    fine: str,
    unread: str = "",
    apart: Sequence[SeenDevice] = (),
) -> Finding:
    """Say how many of the devices are fine; passes where all of them are, and where there are any.

    `told` is what is said of the fine ones, with {fine}, {all} and {owned} in it. Where the others could not be read,
    which is the state `unread`, it is unknown. Those `apart` are counted and judge nothing.
    """
    states, others = _by_state(counted), _by_state(apart)
    owned = sum(one.owned for one in counted)
    wrong = {state: number for state, number in states.items() if state != fine}
    reason = told.format(fine=states.get(fine, 0), all=len(counted), owned=owned)
    reason += f": {listed(wrong)}" if wrong else ""
    reason += f"; counted apart: {listed(others)}" if others else ""
    evidence: dict[str, Json] = {
        "devices": len(counted),
        "owned": owned,
        "fine": states.get(fine, 0),
        "states": states,
        "apart": others,
        "models": {state: _models(counted, state) for state in wrong},
    }
    status = Status.FAIL if not counted or set(wrong) - {unread} else Status.UNKNOWN if wrong else Status.PASS
    return Finding(subject, status, reason, evidence)


def listed(numbers: Mapping[str, int]) -> str:
    """Put numbers in words, those of which there are none left out."""
    return ", ".join(f"{number} {what}" for what, number in numbers.items() if number)


def _by_state(devices: Sequence[SeenDevice]) -> Mapping[str, int]:
    """Count devices by how they stand, most first."""
    return dict(Counter(one.state for one in sorted(devices, key=lambda one: one.state)).most_common())


def _models(devices: Sequence[SeenDevice], state: str) -> Json:
    return dict(sorted(Counter(one.model for one in devices if one.state == state).items()))
