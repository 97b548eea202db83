"""The school's devices: a phone or tablet of everyone who works there, in every state, and trolleys of Chromebooks."""

from base64 import urlsafe_b64encode
from collections.abc import Iterator
from typing import NamedTuple

from connectors.emulator.cloud import Seed
from connectors.emulator.google_workspace.devices import CHROMEOS_DEVICES, DEVICE_USERS, DEVICES
from connectors.emulator.google_workspace.seeded import Seat, seats
from connectors.emulator.google_workspace.values import org_unit_id
from connectors.emulator.school import School
from connectors.emulator.wire import Body, Json

_FIRST_SEEN, _SEEN, _LONG_AGO = "2025-09-03T07:40:00Z", "2026-11-09T16:20:00Z", "2026-05-22T15:05:00Z"
_TROLLEYS, _BOARDS = 14, 2


class _Phone(NamedTuple):
    """What is the matter with one phone or tablet."""

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
    """Make the collections that the services of devices read."""
    staff = [seat for seat in seats(school) if seat.staff]
    each = [(seat, _phone(number)) for number, seat in enumerate(staff)]
    return {
        DEVICES: {_device_id(school, seat): _device(school, seat, phone) for seat, phone in each},
        DEVICE_USERS: dict(_user(school, seat, phone) for seat, phone in each),
        CHROMEOS_DEVICES: {str(one["deviceId"]): one for one in _chromebooks(school)},
    }


def _phone(number: int) -> _Phone:
    return _PHONES[number] if number < len(_PHONES) else _WELL[number % len(_WELL)]


def _device_id(school: School, seat: Seat) -> str:
    """Make an id as long as Google's, which no other part of a path can be taken for."""
    return urlsafe_b64encode(b"\x12$" + school.identifier("google device", seat.id).encode()).decode().rstrip("=")


def _device(school: School, seat: Seat, phone: _Phone) -> Body:
    maker, model, system = _MODELS[phone.kind]
    key = _device_id(school, seat)
    owned: dict[str, Json] = {"createTime": _FIRST_SEEN, "assetTag": "IPAD-001"} if phone.company else {}
    return {
        "name": f"devices/{key}",
        "deviceId": school.identifier("google device id", seat.id)[:16].replace("-", ""),
        "serialNumber": school.identifier("google serial", seat.id)[-12:].upper(),
        "deviceType": phone.kind,
        "ownerType": "COMPANY" if phone.company else "BYOD",
        "manufacturer": maker,
        "brand": maker,
        "model": model,
        "osVersion": system,
        "managementState": phone.device_state,
        "encryptionState": phone.encryption,
        "compromisedState": "COMPROMISED" if phone.compromised else "UNCOMPROMISED",
        "lastSyncTime": phone.seen,
        **owned,
    }


def _user(school: School, seat: Seat, phone: _Phone) -> tuple[str, Body]:
    device, key = _device_id(school, seat), school.identifier("google device user", seat.id)
    body: Body = {
        "name": f"devices/{device}/deviceUsers/{key}",
        "userEmail": seat.address,
        "managementState": phone.state,
        "passwordState": phone.password,
        "compromisedState": "COMPROMISED" if phone.compromised else "NOT_COMPROMISED",
        "createTime": _FIRST_SEEN,
        "firstSyncTime": _FIRST_SEEN,
        "lastSyncTime": phone.seen,
        "languageCode": "en-GB",
    }
    return f"{device}/{key}", body


def _chromebooks(school: School) -> Iterator[Body]:
    """Make the trolleys and what drives the whiteboards: one is disabled, one deprovisioned, one long unseen."""
    for number in range(1, _TROLLEYS + 1):
        status = {2: "DISABLED", 3: "DEPROVISIONED"}.get(number, "ACTIVE")
        seen = _LONG_AGO if number == _TROLLEYS else _SEEN
        yield _chromebook(school, "/Shared devices", number, status, seen)
    for number in range(_TROLLEYS + 1, _TROLLEYS + _BOARDS + 1):
        yield _chromebook(school, "/Shared devices/Presentation devices", number, "ACTIVE", _SEEN)


def _chromebook(school: School, unit: str, number: int, status: str, seen: str) -> Body:
    return {
        "deviceId": school.identifier("google chromebook", str(number)),
        "serialNumber": f"CB{school.identifier('google chromebook serial', str(number))[-8:].upper()}",
        "status": status,
        "model": "Example Chromebook 11 G9",
        "osVersion": "142.0.7444.59",
        "platformVersion": "16433.41.0 (Official Build) stable-channel",
        "bootMode": "Verified",
        "annotatedAssetId": f"CB-{number:03}",
        "annotatedLocation": "Library" if unit == "/Shared devices" else "Hall",
        "orgUnitPath": unit,
        "orgUnitId": f"id:{org_unit_id(school.tenant_id, unit)}",
        "lastEnrollmentTime": _FIRST_SEEN,
        "lastSync": seen,
    }
