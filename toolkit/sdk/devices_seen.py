"""Count devices by state and by last contact. The checks of all clouds use these functions."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from toolkit.records import dataclass
from toolkit.sdk.check import Finding, Status
from toolkit.sdk.measurement import Measurement
from toolkit.sdk.reason import Reason, ReasonCode, Things, admin_text, same_words
from toolkit.sdk.verdict import Count
from toolkit.values import Json

UNSEEN_DAYS = 30
UNSEEN = same_words("device_unseen", f"unseen for {UNSEEN_DAYS} days")()
OF_OTHERS = ReasonCode(
    "device_of_others", admin="of people outside the audience", governor="of people this is not for"
)()
OTHER_PLATFORM = same_words("device_of_another_platform", "on a platform that was not requested")()
_COUNT = same_words("device_count", "{number} {what}")
_WRONG = same_words("devices_wrong", ": {counts}")
_APART = ReasonCode("devices_apart", admin="; counted separately: {counts}", governor="; not included: {counts}")


@dataclass(frozen=True, slots=True)
class SeenDevice:
    """A device with its state, its model, and whether it belongs to the school."""

    state: Reason
    model: str
    is_school_owned: bool = False


class CountedDevices(Measurement):
    """The number of devices that a check examined. If no device was examined, the check has no verdict."""

    devices: int

    @property
    def whole(self) -> int:
        """Return the number of examined devices."""
        return self.devices


class DeviceStates(CountedDevices):
    """The number of devices in each state. `measure` describes the state that passes the check."""

    owned: int  # devices that the school owns
    fine: int
    measure: str
    states: Mapping[str, int]
    apart: Mapping[str, int]  # counted separately and not judged
    models: Mapping[str, Mapping[str, int]]  # number of devices by model, for each state that does not pass
    in_scope: int | None = None

    @property
    def count(self) -> Count:
        """Return the number of devices that pass the check."""
        return Count(self.fine, self.devices)


def is_unseen(last_contact: Json, now: datetime) -> bool:
    """Return whether a device has not connected for UNSEEN_DAYS days or longer.

    A device without a date has never connected.
    """
    seen = parse_last_contact(last_contact)
    return seen is None or now - seen > timedelta(days=UNSEEN_DAYS)


def parse_last_contact(last_contact: Json) -> datetime | None:
    """Return the time of a device's last contact, or None if the response has no time with a time zone."""
    try:
        seen = datetime.fromisoformat(str(last_contact))
    except ValueError:
        return None
    return seen if seen.tzinfo else None


def make_device_finding(
    subject: str,
    reason_code: ReasonCode,
    devices: Sequence[SeenDevice],
    *,
    passing_state: Reason,
    state_description: str,
    unknown_state: Reason | None = None,
    unjudged_devices: Sequence[SeenDevice] = (),
) -> Finding:
    """Return a finding with the number of devices in the state `passing_state`.

    The finding passes if there are devices and all of them are in this state. `reason_code` has {fine}, {short}, {all}
    and {owned} in its wordings. `state_description` describes the state in a few words. If all other devices are in the
    state `unknown_state`, the result is unknown. Devices in `unjudged_devices` are counted separately and not judged.
    """
    states, others = _group_by_state(devices), _group_by_state(unjudged_devices)
    owned = sum(device.is_school_owned for device in devices)
    wrong = {state: number for state, number in states.items() if state != passing_state}
    short = len(devices) - states.get(passing_state, 0)
    numbers = {"fine": states.get(passing_state, 0), "short": short, "all": len(devices), "owned": owned}
    reason = reason_code(**{name: Things(number) for name, number in numbers.items()}).then(
        _WRONG(counts=_count_reasons(wrong)) if wrong else None,
        _APART(counts=_count_reasons(others)) if others else None,
    )
    measurement = DeviceStates(
        devices=len(devices),
        owned=owned,
        fine=states.get(passing_state, 0),
        measure=state_description,
        states=_counts_by_text(states),
        apart=_counts_by_text(others),
        models={admin_text(state): _count_models(devices, state) for state in wrong},
    )
    status = Status.FAIL if not devices or set(wrong) - {unknown_state} else Status.UNKNOWN if wrong else Status.PASS
    return Finding(subject, status, reason, measurement=measurement)


def _count_reasons(numbers: Mapping[Reason, int]) -> tuple[Reason, ...]:
    return tuple(_COUNT(number=Things(number), what=state) for state, number in numbers.items())


def _counts_by_text(numbers: Mapping[Reason, int]) -> Mapping[str, int]:
    return {admin_text(state): number for state, number in numbers.items()}


def _group_by_state(devices: Sequence[SeenDevice]) -> Mapping[Reason, int]:
    ordered = sorted(devices, key=lambda device: admin_text(device.state))
    return dict(Counter(device.state for device in ordered).most_common())


def _count_models(devices: Sequence[SeenDevice], state: Reason) -> Mapping[str, int]:
    return dict(sorted(Counter(device.model for device in devices if device.state == state).items()))
