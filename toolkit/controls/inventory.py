"""The control `device.inventory`, which compares the school's register with the devices that each cloud manages."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Annotated

from pydantic import Field

from toolkit.controls.control import Control
from toolkit.controls.device_register import Asset, DeviceRegister, normalise_serial, read_register
from toolkit.records import dataclass
from toolkit.sdk import (
    NOTHING_TO_COUNT,
    CheckOccasion,
    Count,
    CountedDevices,
    Finding,
    Part,
    Reason,
    ReasonCode,
    Status,
    Things,
    checked,
    declare,
    same_words,
)

REGISTERED, OUTSIDE, HOLDERS = "devices in the register", "devices outside the register", "holders of devices"
_SHOWN = 10
_NEVER = datetime(1, 1, 1, tzinfo=UTC)


class Inventory(DeviceRegister):
    """The school's register of devices, compared with the devices that each cloud manages.

    The register is a CSV file with the columns serial, tag, kind, holder, place, bought, disposed and approved. Serial
    numbers of virtual machines and placeholder serial numbers are not compared.
    """

    unseen_days: Annotated[int, Field(ge=1, le=365)] = declare(
        "Days without contact after which a device counts as not seen.", default=90
    )


@dataclass(frozen=True, slots=True)
class ManagedDevice:
    """The facts that a cloud reports about a school device."""

    serial: str
    model: str
    seen: datetime | None
    in_use: bool = True  # not deprovisioned

    @property
    def label(self) -> str:
        return self.serial.strip() or self.model


def inventory_parts() -> Iterator[Part]:
    """Yield the parts of the control that are the same on every cloud."""
    reads = "`toolkit check` only compares, and changes nothing"
    yield checked(
        REGISTERED,
        "registered devices that this cloud should manage",
        reads,
        "the list of expiry dates shows when a device stops getting updates",
    )
    yield checked(
        OUTSIDE,
        "school devices that this cloud manages, but that are missing from the register or recorded as disposed of",
        reads,
        "personally owned devices are left out",
    )
    yield checked(HOLDERS, "devices whose holder in the register is an e-mail address", reads)


_ARE_THERE = ReasonCode(
    "registered_devices_there",
    admin="{fine} of {all} registered devices for this cloud are managed here",
    governor="{fine} of {all} devices of the school's list are managed",
    lacking="{short} of {all} devices of the school's list {short:was|were} not found, or not seen for a long time",
)
_MISSING = same_words("registered_devices_missing", "; not found: {count}")
_UNSEEN = same_words("registered_devices_unseen", "; not seen for {days} days: {count}")
_NOT_LISTED = ReasonCode(
    "devices_outside_register",
    admin="{short} of {all} school devices are not in the register, or are recorded there as disposed of",
    governor="{short} of {all} devices that the school manages are not on its list",
    lacking="{short} of {all} devices that the school manages {short:is|are} not on its list",
)
_DISPOSED = same_words("devices_disposed", "; recorded as disposed of: {count}")
NO_SERIAL = same_words(
    "devices_without_serial", "; not compared because they have no serial number of their own: {count}"
)
_LEFT = ReasonCode(
    "holders_left",
    admin="{short} of {all} devices have a holder in the register who has no enabled account here",
    governor="{short} of {all} devices are registered to a person who no longer has an account",
    lacking="{short} of {all} devices {short:is|are} registered to a person who no longer has an account",
)
_NO_HOLDER = same_words(
    "no_holder_is_an_address", "no registered device for this cloud has an e-mail address as holder"
)
_OTHER_KINDS = ReasonCode("devices_of_other_kinds", admin="; of a kind that no cloud manages: {kinds}", governor="")
WHICH = ReasonCode("devices_listed", admin="; these are {which}", governor="")


class RegisteredDevices(CountedDevices):
    """Counts of registered devices: managed and seen recently, not found, and not seen recently."""

    fine: int
    missing: int
    unseen: int
    not_compared: int

    @property
    def count(self) -> Count:
        """Return the number of registered devices that are managed and were seen recently."""
        return Count(self.fine, self.devices)


class DevicesOutside(CountedDevices):
    """Counts of managed devices that are missing from the register, or that the register lists as disposed of."""

    outside: int
    disposed: int
    not_compared: int


class DeviceHolders(CountedDevices):
    """Counts of devices, in total and with a holder who no longer has an account."""

    left: int


def compare_inventory(
    settings: Inventory, provider: str, devices: Iterable[ManagedDevice], context: CheckOccasion
) -> Iterator[Finding]:
    """Yield the findings that compare the register with a cloud's devices."""
    rows, today = list(devices), context.now.date()
    by_serial = newest_records(rows)
    here = {serial: device for serial, device in by_serial.items() if device.in_use}
    bare = sum(1 for row in rows if row.in_use and not normalise_serial(row.serial, row.model))
    yield _registered_finding(settings, settings.expected_assets(provider, today), here, context)
    yield _outside_finding(settings, here, bare, today)
    yield _holders_finding(settings.expected_assets(provider, today), context)


def newest_records(devices: Iterable[ManagedDevice]) -> Mapping[str, ManagedDevice]:
    """Return devices by serial number. If a device has several records, the record with the latest contact is used."""
    by_serial: dict[str, ManagedDevice] = {}
    for device in sorted(devices, key=lambda device: device.seen or _NEVER):
        if serial := normalise_serial(device.serial, device.model):
            by_serial[serial] = device
    return by_serial


def _registered_finding(
    settings: Inventory, assets: Sequence[Asset], here: Mapping[str, ManagedDevice], context: CheckOccasion
) -> Finding:
    with_serial, since = [asset for asset in assets if asset.serial], context.now - timedelta(days=settings.unseen_days)
    missing = [asset for asset in with_serial if asset.serial not in here]
    unseen = [asset for asset in with_serial if asset.serial in here and (here[asset.serial].seen or _NEVER) < since]
    bare, amiss = len(assets) - len(with_serial), [*missing, *unseen]
    fine = len(with_serial) - len(amiss)
    measurement = RegisteredDevices(
        devices=len(assets), fine=fine, missing=len(missing), unseen=len(unseen), not_compared=bare
    )
    reason = _ARE_THERE(fine=Things(fine), short=Things(len(amiss)), all=Things(len(assets))).then(
        _MISSING(count=Things(len(missing))) if missing else None,
        _UNSEEN(count=Things(len(unseen)), days=str(settings.unseen_days)) if unseen else None,
        NO_SERIAL(count=Things(bare)) if bare else None,
        device_names_reason(asset.label for asset in amiss),
        _OTHER_KINDS(kinds=others) if (others := settings.other_kinds_text(context.now.date())) else None,
    )
    return Finding(REGISTERED, devices_status(len(amiss), bare), reason, measurement=measurement)


def _outside_finding(settings: Inventory, here: Mapping[str, ManagedDevice], bare: int, today: date) -> Finding:
    register = {asset.serial: asset for asset in read_register(settings.register_file)}
    strange = [here[serial] for serial in here if serial not in register]
    disposed = [here[serial] for serial in here if serial in register and register[serial].is_disposed(today)]
    amiss, total = [*strange, *disposed], len(here) + bare
    measurement = DevicesOutside(devices=total, outside=len(strange), disposed=len(disposed), not_compared=bare)
    reason = _NOT_LISTED(short=Things(len(amiss)), all=Things(total)).then(
        _DISPOSED(count=Things(len(disposed))) if disposed else None,
        NO_SERIAL(count=Things(bare)) if bare else None,
        device_names_reason(device.label for device in amiss),
    )
    return Finding(OUTSIDE, devices_status(len(amiss), bare), reason, measurement=measurement)


def _holders_finding(assets: Sequence[Asset], context: CheckOccasion) -> Finding:
    live = {person.address.casefold() for person in context.scope.audience.people}
    held = [asset for asset in assets if "@" in asset.holder]
    if not held:
        return Finding(HOLDERS, Status.PASS, _NO_HOLDER(), measurement=NOTHING_TO_COUNT)
    left = [asset for asset in held if asset.holder.casefold() not in live]
    reason = _LEFT(short=Things(len(left)), all=Things(len(held))).then(
        device_names_reason(asset.label for asset in left)
    )
    measurement = DeviceHolders(devices=len(held), left=len(left))
    return Finding(HOLDERS, devices_status(len(left), 0), reason, measurement=measurement)


def device_names_reason(labels: Iterable[str]) -> Reason | None:
    """Return a reason that names the first few devices, or None if there are no devices."""
    ordered = sorted(set(labels))
    more = f" and {len(ordered) - _SHOWN} more" if len(ordered) > _SHOWN else ""
    return WHICH(which=", ".join(ordered[:_SHOWN]) + more) if ordered else None


def devices_status(amiss: int, unknown: int) -> Status:
    """Return FAIL if some devices are wrong, UNKNOWN if some devices are unknown, and otherwise PASS."""
    if amiss:
        return Status.FAIL
    return Status.UNKNOWN if unknown else Status.PASS


CONTROLS = (
    Control(
        name="device.inventory",
        title="Register of devices, and who holds them",
        clauses=("INT-09", "SEC-01", "SEC-15"),
        settings=Inventory,
        reaches_people=False,
        asks=("device_register",),
    ),
)
