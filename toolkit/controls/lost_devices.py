"""The procedure for a lost device: posts that decide on a wipe, the message, and practice."""

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
    """The procedure for a lost device. A run never locks a device, and toolkit never wipes one.

    One person runs `toolkit device lost SERIAL` at once, at any hour. A wipe takes two people in the cloud's own
    console. `toolkit device wipe-form` writes the form for it.
    """

    message: Annotated[str, Field(min_length=1, max_length=200)] = declare(
        "The message on a lost device.", default="This device belongs to a school and is lost. Please call us."
    )
    phone: str | None = declare("The number on a lost device. If left out: the school file's.", "01632 960000")
    may_wipe: list[Title] = Field(
        min_length=_TWO,
        description="Who decides on a wipe, by their posts: two people do it together.",
        examples=[["School Business Manager", "Data Protection Officer"]],
    )
    practise_every_days: Annotated[int, Field(ge=1, le=1000)] = declare(
        "After how many days the procedure must be practised again. A real use counts.", default=366
    )

    @model_validator(mode="after")
    def _two_posts(self) -> Self:
        if all(is_post(post, self.may_wipe[0]) for post in self.may_wipe):
            raise ValueError("`may_wipe` names one post, and a wipe takes two people: name another")
        return self

    def message_with_number(self, phone: str | None) -> str:
        """Return the message with the number to call, for a cloud that has no field for the number."""
        number = self.phone or phone
        return f"{self.message} Telephone: {number}" if number else self.message


def lost_parts(where: str) -> Iterator[Part]:
    """Return the parts that both clouds have."""
    yield checked(
        REACH,
        "devices of the register that can be locked from afar, or are encrypted",
        "`toolkit check` compares; nothing is sent",
        "a device that is switched off is locked when it is next online",
    )
    yield checked(
        PRACTICE,
        "when `toolkit device lost` was last practised or used on a device that this cloud manages",
        "`toolkit check` reads it from the ledger",
        "practising reads everything and sends nothing",
    )
    yield manual(
        WIPES,
        "a wipe, or the removal of the school's data, takes two people",
        f"toolkit never wipes: `toolkit device wipe-form SERIAL` writes the form; {where}",
    )


@dataclass(frozen=True, slots=True)
class ReachableDevice:
    """A device of the register as a cloud shows it."""

    serial: str  # in small letters
    lockable: bool
    encrypted: bool


_PROTECTED = ReasonCode(
    "lost_devices_protected",
    admin="{fine} of {all} can be locked or are encrypted, {lockable} can be locked",
    governor="{fine} of {all} devices of the school's list can be locked from afar if they are lost, or are encrypted",
    lacking="{short} of {all} devices of the school's list could not be locked if {short:it was|they were} "
    "lost, and {short:is|are} not known to be encrypted",
)
_MISSING = same_words("lost_devices_missing", "; not managed here: {count}")
_NO_SERIAL = same_words("lost_devices_without_serial", "; without a serial of their own: {count}")


class LockableDevices(CountedDevices):
    """Counts of devices of the register that could be locked or are encrypted."""

    fine: int
    lockable: int
    missing: int

    @property
    def count(self) -> Count:
        """Return how many can be locked or are encrypted."""
        return Count(self.fine, self.devices)


def protected(settings: LostWipe, provider: str, devices: Iterable[ReachableDevice], today: date) -> Finding:
    """Return the finding about devices of the register that a cloud could lock, or that are encrypted."""
    assets = settings.expected(provider, today)
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
_NEVER = same_words("lost_device_never", "the procedure for a lost device was never practised or used here")
_COUNTS = same_words(
    "lost_device_counts", "; devices reported lost: {lost}, found again: {found}, wiped, as read: {wiped}"
)
_OVERDUE = same_words("lost_device_overdue", "{last}; it must be practised every {days} days")


@dataclass(frozen=True, slots=True)
class LostCounts:
    """Counts of a cloud's devices that were reported lost, found again and wiped."""

    lost: int = 0
    found: int = 0
    wiped: int = 0


class LostPractice(Measurement):
    """The last practice or use of the procedure, with counts of devices reported lost since."""

    last: datetime | None
    how: str | None = None
    lost: int | None = None
    found: int | None = None
    wiped: int | None = None


def judge_practice(settings: LostWipe, at: datetime | None, how: str, counts: LostCounts, today: date) -> Finding:
    """Return the finding about the last practice or use of the procedure in the ledger."""
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
