"""The school's devices: one for every answer that Intune has about compliance, and those nobody has on their own."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from connectors.emulator import clock
from connectors.emulator.microsoft365.graph.bodies import complete
from connectors.emulator.microsoft365.graph.intune.devices import STATES
from connectors.emulator.microsoft365.graph.intune.seed.policies import OWN_ANDROID, TRUST_BASELINE, policy_id
from connectors.emulator.microsoft365.graph.models import BETA, model
from connectors.emulator.school import Person, School
from connectors.emulator.wire import Body, Json

_NEVER = "0001-01-01T00:00:00Z"  # a date that Intune does not know
_FOREVER = "9999-12-31T23:59:59Z"
_UNLISTED = frozenset({"deviceConfigurationStates", "logCollectionRequests", "users", "windowsProtectionState"})


@dataclass(frozen=True, slots=True)
class _Device:
    name: str
    system: str  # Windows, iOS, Android
    model: str
    compliance: str  # what Intune says of the device as a whole
    policy: str = ""  # which policy reached it; none: it was never evaluated
    state: str = ""  # what that policy says of it
    person: int | None = None  # whose it is, by place among the staff
    category: str = "Staff laptop"
    seen: int = 0  # days ago
    owner: str = "company"


_DEVICES = (
    _Device("STAFF-LT-01", "Windows", "Latitude 5440", "compliant", TRUST_BASELINE, "compliant", 0),
    _Device("STAFF-LT-02", "Windows", "Latitude 5440", "compliant", TRUST_BASELINE, "compliant", 1),
    _Device("STAFF-LT-03", "Windows", "Latitude 5440", "noncompliant", TRUST_BASELINE, "nonCompliant", 2),
    _Device("STAFF-LT-04", "Windows", "Latitude 5440", "inGracePeriod", TRUST_BASELINE, "nonCompliant", 3),
    _Device("STAFF-LT-05", "Windows", "Latitude 5440", "unknown", TRUST_BASELINE, "unknown", 4),
    _Device("STAFF-LT-06", "Windows", "Latitude 5440", "conflict", TRUST_BASELINE, "conflict", 5),
    _Device("STAFF-LT-07", "Windows", "Latitude 5440", "unknown", person=6),  # enrolled, never evaluated
    _Device("STAFF-LT-08", "Windows", "Latitude 5440", "compliant", TRUST_BASELINE, "compliant", 7, seen=40),
    _Device("STAFF-LT-09", "Windows", "Latitude 5440", "error", TRUST_BASELINE, "error", 8),
    _Device("RECEPTION-IPAD-1", "iOS", "iPad (9th generation)", "compliant", category="Shared"),
    _Device("RECEPTION-IPAD-2", "iOS", "iPad (9th generation)", "compliant", category="Shared"),
    _Device("HALL-WHITEBOARD", "Windows", "OptiPlex 7010", "noncompliant", TRUST_BASELINE, "nonCompliant",
            category="Presentation"),
    _Device("HEAD-PHONE", "Android", "Pixel 8a", "compliant", OWN_ANDROID, "compliant", 0, "Phone", owner="personal"),
)  # fmt: skip


def devices(school: School) -> Iterator[Body]:
    """Make the devices; one without a policy says that it is compliant, as Intune does unless told otherwise."""
    for number, device in enumerate(_DEVICES):
        yield _device(school, device, number)


def _device(school: School, device: _Device, number: int) -> Body:
    person = school.people[device.person] if device.person is not None and device.person < len(school.people) else None
    seen = clock.START - timedelta(days=device.seen, hours=number)
    grace = clock.START + timedelta(hours=48) if device.compliance == "inGracePeriod" else None
    given: Body = {
        "id": school.identifier("managed device", device.name),
        "azureADDeviceId": school.identifier("entra device", device.name),
        "azureADRegistered": True,
        "complianceGracePeriodExpirationDateTime": clock.text(grace) if grace else _FOREVER,
        "complianceState": device.compliance,
        "deviceActionResults": [],
        "deviceCategoryDisplayName": device.category,
        "deviceEnrollmentType": _ENROLMENTS[device.system],
        "deviceName": device.name,
        "deviceRegistrationState": "registered",
        "easActivationDateTime": _NEVER,
        "enrolledDateTime": "2025-09-02T08:15:00Z",
        "enrollmentProfileName": device.category if device.system == "Windows" else None,
        "exchangeLastSuccessfulSyncDateTime": _NEVER,
        "isEncrypted": device.compliance != "noncompliant",
        "isSupervised": device.system == "iOS",
        "jailBroken": "Unknown",
        "lastSyncDateTime": clock.text(seen),
        "managedDeviceName": f"{device.name}_{number}",
        "managedDeviceOwnerType": device.owner,
        "managementAgent": "mdm",
        "managementCertificateExpirationDate": "2027-09-02T08:15:00Z",
        "managementState": "managed",
        "manufacturer": {"Windows": "Dell Inc.", "iOS": "Apple", "Android": "Google"}[device.system],
        "model": device.model,
        "operatingSystem": device.system,
        "osVersion": {"Windows": "10.0.22631.4317", "iOS": "18.1", "Android": "15.0"}[device.system],
        "partnerReportedThreatState": "unknown",
        "serialNumber": f"EX{number:06d}",
        **_owner(person),
    }
    return {**complete(given, model("managedDevice", BETA) or {}, without=_UNLISTED), STATES: _states(school, device)}


_ENROLMENTS = {"Windows": "windowsAutoEnrollment", "iOS": "appleBulkWithoutUser", "Android": "userEnrollment"}


def _owner(person: Person | None) -> Body:
    if person is None:
        return {"userId": "", "userDisplayName": "", "userPrincipalName": "", "emailAddress": ""}
    address = person.address
    return {
        "userId": person.id,
        "userDisplayName": person.display_name,
        "userPrincipalName": address,
        "emailAddress": address,
    }


def _states(school: School, device: _Device) -> list[Json]:
    if not device.policy:
        return []
    return [
        {
            "id": policy_id(school, device.policy),
            "displayName": device.policy,
            "platformType": "windows10AndLater" if device.system == "Windows" else "androidWorkProfile",
            "settingCount": 6,
            "settingStates": [],
            "state": device.state,
            "version": 4,
        }
    ]
