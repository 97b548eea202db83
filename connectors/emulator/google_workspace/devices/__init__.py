"""Phones, tablets and ChromeOS devices: the devices of a new school and their collections."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import NamedTuple

from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace.seeded import Seat, list_seats
from connectors.emulator.google_workspace.values import org_unit_id, text
from connectors.emulator.school import School
from connectors.emulator.service import Seed
from connectors.emulator.store import Body, Json

DEVICES = "google.devices"  # by id, without the devices/ before it
DEVICE_USERS = "google.deviceUsers"  # by device's id / the id of the person's use of it
CHROMEOS_DEVICES = "google.chromeosDevices"  # by id


def device_of(user: Body) -> str:
    """Return the name of the device of a device user, such as devices/D for devices/D/deviceUsers/U."""
    return text(user["name"]).partition("/deviceUsers/")[0]


_FIRST_SEEN, _SEEN, _LONG_AGO = "2025-09-03T07:40:00Z", "2026-11-09T16:20:00Z", "2026-05-22T15:05:00Z"
_TROLLEYS, _BOARDS = 14, 2
_OLD = 5  # so many of the trolleys are of a model whose updates end in the next summer


class _Phone(NamedTuple):
    """The state of a phone or tablet."""

    kind: str  # ANDROID, IOS
    state: str = "APPROVED"
    device_state: str = "APPROVED"
    password: str = "PASSWORD_SET"  # noqa: S105 (the name of a state)
    encryption: str = "ENCRYPTED"
    compromised: bool = False
    seen: str = _SEEN
    company: bool = False


_PHONES = (
    _Phone("ANDROID"),
    _Phone("IOS", "PENDING_APPROVAL", "PENDING"),
    _Phone("ANDROID", "BLOCKED", "BLOCKED"),
    _Phone("ANDROID", password="PASSWORD_NOT_SET"),  # noqa: S106 (the name of a state)
    _Phone("ANDROID", encryption="NOT_ENCRYPTED"),
    _Phone("ANDROID", compromised=True),
    _Phone("IOS", seen=_LONG_AGO),
    _Phone("IOS", "WIPING", "WIPING"),
    _Phone("ANDROID", "WIPED", "WIPED"),
    _Phone("ANDROID", "UNENROLLED", "UNPROVISIONED"),
    _Phone("ANDROID", encryption="UNSUPPORTED_BY_DEVICE"),
    _Phone("IOS", company=True),
)
_WELL = (_Phone("ANDROID"), _Phone("IOS"))
_MODELS = {"ANDROID": ("Google", "Pixel 8a", "Android 15"), "IOS": ("Apple", "iPad (10th generation)", "iOS 18.1")}


def seed(school: School) -> Seed:
    """Return the phones, tablets and Chromebooks of a new tenant, by collection."""
    staff = [seat for seat in list_seats(school) if seat.staff]
    phones = [(seat, _phone_state(number)) for number, seat in enumerate(staff)]
    return {
        DEVICES: {_device_id(school, seat): _seeded_device(school, seat, phone) for seat, phone in phones},
        DEVICE_USERS: dict(_seeded_device_user(school, seat, phone) for seat, phone in phones),
        CHROMEOS_DEVICES: {str(chromebook["deviceId"]): chromebook for chromebook in _seeded_chromebooks(school)},
    }


def _phone_state(number: int) -> _Phone:
    return _PHONES[number] if number < len(_PHONES) else _WELL[number % len(_WELL)]


def _device_id(school: School, seat: Seat) -> str:
    """Return a device id that is as long as Google's. It cannot be confused with another part of a path."""
    return urlsafe_b64encode(b"\x12$" + school.identifier("google device", seat.id).encode()).decode().rstrip("=")


def _seeded_device(school: School, seat: Seat, phone: _Phone) -> Body:
    maker, model, system = _MODELS[phone.kind]
    key = _device_id(school, seat)
    owned: dict[str, Json] = {"createTime": _FIRST_SEEN, "assetTag": "IPAD-001"} if phone.company else {}
    made = from_template(
        __file__, "device", key=key, id=school.identifier("google device id", seat.id)[:16].replace("-", ""),
        serial="EXIPAD000001" if phone.company else school.identifier("google serial", seat.id)[-12:].upper(),
        kind=phone.kind,
        owner="COMPANY" if phone.company else "BYOD", maker=maker, model=model, system=system,
        state=phone.device_state, encryption=phone.encryption,
        compromised="COMPROMISED" if phone.compromised else "UNCOMPROMISED", seen=phone.seen,
    )  # fmt: skip
    return {**made, **owned}


def _seeded_device_user(school: School, seat: Seat, phone: _Phone) -> tuple[str, Body]:
    device, key = _device_id(school, seat), school.identifier("google device user", seat.id)
    body = from_template(
        __file__, "user", device=device, key=key, address=seat.address, state=phone.state, password=phone.password,
        compromised="COMPROMISED" if phone.compromised else "NOT_COMPROMISED", seen=phone.seen,
    )  # fmt: skip
    return f"{device}/{key}", body


def _seeded_chromebooks(school: School) -> Iterator[Body]:
    """Yield the Chromebooks in trolleys and at whiteboards.

    One is disabled, one is deprovisioned, and one has not been seen for a long time.
    """
    for number in range(1, _TROLLEYS + 1):
        status = {2: "DISABLED", 3: "DEPROVISIONED"}.get(number, "ACTIVE")
        seen = _LONG_AGO if number == _TROLLEYS else _SEEN
        yield _seeded_chromebook(school, "/Shared devices", number, status, seen)
    for number in range(_TROLLEYS + 1, _TROLLEYS + _BOARDS + 1):
        yield _seeded_chromebook(school, "/Shared devices/Presentation devices", number, "ACTIVE", _SEEN)


def _seeded_chromebook(school: School, unit: str, number: int, status: str, seen: str) -> Body:
    return from_template(
        __file__, "chromebook", id=school.identifier("google chromebook", str(number)), serial=f"CB{number:06d}",
        generation="G9" if number > _OLD else "G6", updates="2033-06-01" if number > _OLD else "2027-06-01",
        status=status, asset=f"CB-{number:03}", location="Library" if unit == "/Shared devices" else "Hall", unit=unit,
        unit_id=org_unit_id(school.tenant_id, unit), seen=seen,
    )  # fmt: skip
