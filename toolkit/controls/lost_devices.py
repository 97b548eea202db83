"""The control for lost devices: who decides on a wipe, the message on the device, and drills."""

from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date, datetime
from typing import Annotated, Self

from pydantic import Field, model_validator

from toolkit.controls.control import Control
from toolkit.controls.data import Title, is_post
from toolkit.controls.device_register import DeviceRegister
from toolkit.controls.inventory import WHICH
from toolkit.records import dataclass
from toolkit.sdk import (
    Count,
    CountedDevices,
    Finding,
    Measurement,
    Part,
    ReasonCode,
    Status,
    Things,
    checked,
    day,
    declare,
    manual,
    same_words,
)

LOST_WIPE = "device.lost_wipe"
REACH, PRACTICE, WIPES = "devices that can be locked", "practice with lost devices", "wipes by two people"
_TWO = 2
_SHOWN = 10


class LostWipe(DeviceRegister):
    """The procedure for a lost device.

    A run never locks a device, and toolkit never wipes a device. One person runs `toolkit device lost SERIAL` at once,
    at any hour. A wipe needs two people, in the cloud's own console. `toolkit device wipe-form` writes the form for it.
    """

    message: Annotated[str, Field(min_length=1, max_length=200)] = declare(
        "The message shown on a lost device.", default="This device belongs to a school and is lost. Please call us."
    )
    phone: str | None = declare(
        "The telephone number shown on a lost device. Default: the number in the school file.", "01632 960000"
    )
    may_wipe: list[Title] = Field(
        min_length=_TWO,
        description="The job titles of the people who decide on a wipe. Two people decide together.",
        examples=[["School Business Manager", "Data Protection Officer"]],
    )
    practise_every_days: Annotated[int, Field(ge=1, le=1000)] = declare(
        "Days after which the procedure must be practised again. A real use counts as practice.", default=366
    )

    @model_validator(mode="after")
    def _check_posts(self) -> Self:
        if all(is_post(post, self.may_wipe[0]) for post in self.may_wipe):
            raise ValueError("`may_wipe` names only one post, but a wipe needs two people. Name another post")
        return self

    def message_with_number(self, phone: str | None) -> str:
        """Return the message with the telephone number added, for a cloud that has no separate field for the number."""
        number = self.phone or phone
        return f"{self.message} Telephone: {number}" if number else self.message


def lost_device_parts(where: str) -> Iterator[Part]:
    """Yield the parts of the control that are the same on every cloud."""
    yield checked(
        REACH,
        "registered devices that can be locked remotely or are encrypted",
        "`toolkit check` only compares, and sends nothing to devices",
        "a device that is switched off is not locked until it is online again",
    )
    yield checked(
        PRACTICE,
        "when `toolkit device lost` was last practised or used on a device that this cloud manages",
        "`toolkit check` reads it from the ledger",
        "a drill reads the device but does not lock it",
    )
    yield manual(
        WIPES,
        "a wipe, or the removal of the school's data, needs two people",
        f"toolkit never wipes a device. `toolkit device wipe-form SERIAL` writes the form. {where}",
    )


@dataclass(frozen=True, slots=True)
class ReachableDevice:
    """Whether a registered device is encrypted and can be locked, as a cloud reports it."""

    serial: str  # in lower case
    lockable: bool
    encrypted: bool


_PROTECTED = ReasonCode(
    "lost_devices_protected",
    admin="{fine} of {all} devices can be locked or are encrypted; {lockable} can be locked",
    governor="{fine} of {all} devices on the school's list are encrypted or can be locked remotely if they are lost",
    lacking="{short} of {all} devices on the school's list could not be locked if {short:it was|they were} lost, and "
    "{short:is|are} not known to be encrypted",
)
_MISSING = same_words("lost_devices_missing", "; not managed here: {count}")
_NO_SERIAL = same_words("lost_devices_without_serial", "; without a serial number of their own: {count}")


class LockableDevices(CountedDevices):
    """Counts of registered devices, in total and by whether they can be locked or are encrypted."""

    fine: int
    lockable: int
    missing: int

    @property
    def count(self) -> Count:
        """Return the number of devices that can be locked or are encrypted."""
        return Count(self.fine, self.devices)


def lockable_devices_finding(
    settings: LostWipe, provider: str, devices: Iterable[ReachableDevice], today: date
) -> Finding:
    """Return the finding that counts registered devices that a cloud can lock or that are encrypted."""
    assets = settings.expected_assets(provider, today)
    here = {device.serial: device for device in devices}
    pairs = [(asset, here.get(asset.serial)) for asset in assets if asset.serial]
    missing = [asset.label for asset, device in pairs if device is None]
    neither = [asset.label for asset, device in pairs if device and not (device.lockable or device.encrypted)]
    short, bare = len(missing) + len(neither), len(assets) - len(pairs)
    lockable = sum(bool(device and device.lockable) for _, device in pairs)
    fine = len(pairs) - short
    reason = _PROTECTED(
        fine=Things(fine),
        short=Things(short),
        all=Things(len(assets)),
        lockable=Things(lockable),
    ).then(
        _NO_SERIAL(count=Things(bare)) if bare else None,
        _MISSING(count=Things(len(missing))) if missing else None,
        WHICH(which=", ".join(sorted([*missing, *neither])[:_SHOWN])) if short else None,
    )
    measurement = LockableDevices(devices=len(assets), fine=fine, lockable=lockable, missing=len(missing))
    status = Status.FAIL if short else Status.UNKNOWN if bare else Status.PASS
    return Finding(REACH, status, reason, measurement=measurement)


_PRACTISED = same_words("lost_device_practised", "{how} on {day}")
_NEVER = same_words("lost_device_never", "the procedure for a lost device has never been practised or used here")
_COUNTS = same_words(
    "lost_device_counts", "; devices reported lost: {lost}, found again: {found}, wiped according to the cloud: {wiped}"
)
_OVERDUE = same_words("lost_device_overdue", "{last}; it must be practised every {days} days")


@dataclass(frozen=True, slots=True)
class LostCounts:
    """Counts of devices on a cloud that were reported lost, found again and wiped."""

    lost: int = 0
    found: int = 0
    wiped: int = 0


class LostPractice(Measurement):
    """The last drill or real use of the procedure, and counts of devices reported lost."""

    last: datetime | None
    how: str | None = None
    lost: int | None = None
    found: int | None = None
    wiped: int | None = None


def practice_finding(settings: LostWipe, at: datetime | None, how: str, counts: LostCounts, today: date) -> Finding:
    """Return the finding about the last drill or real use of the procedure, which the ledger records."""
    if at is None:
        return Finding(PRACTICE, Status.MANUAL, _NEVER(), measurement=LostPractice(last=None))
    last = _PRACTISED(how=how, day=day(at))
    measurement = LostPractice(last=at, how=how)
    if counts.lost:
        numbers = {name: Things(number) for name, number in asdict(counts).items()}
        last, measurement = last.then(_COUNTS(**numbers)), LostPractice(last=at, how=how, **asdict(counts))
    if (today - at.date()).days > settings.practise_every_days:
        overdue = _OVERDUE(last=last, days=str(settings.practise_every_days))
        return Finding(PRACTICE, Status.FAIL, overdue, measurement=measurement)
    return Finding(PRACTICE, Status.PASS, last, measurement=measurement)


CONTROLS = (
    Control(
        name=LOST_WIPE,
        title="Lock or wipe of a lost device",
        clauses=("SEC-15",),
        settings=LostWipe,
        reaches_people=False,
        asks=("lost_devices",),
    ),
)
