"""Counts the devices in Google that meet the requirements: Chromebooks by their status, phones by their reports."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from connectors.google_workspace.devices import Device
from connectors.google_workspace.permissions import needs as leave
from connectors.google_workspace.via import GoogleWorkspace
from toolkit.controls.device import Compliance
from toolkit.errors import NotFound
from toolkit.records import dataclass
from toolkit.sdk import (
    OF_OTHERS,
    OTHER_PLATFORM,
    UNSEEN,
    UNSEEN_DAYS,
    CheckOccasion,
    DeviceStates,
    Finding,
    Measurement,
    Reason,
    ReasonCode,
    SeenDevice,
    Status,
    check_subject,
    is_unseen,
    make_device_finding,
    same_words,
)
from toolkit.values import Body, Json

CHROMEOS, PHONES = "ChromeOS devices", "phones and tablets"
_SEEN, _FINE = same_words("device_seen", "seen")(), same_words("device_fine", "in order")()
_NONE = ReasonCode(
    "no_device_in_use",
    admin="no device that this applies to is in use here, so none could be checked",
    governor="no device that this applies to is in use here, so none could be checked",
)
_NOT_USED = same_words("no_such_device_in_use", "no such device that this applies to is in use")
_UNUSED = same_words("device_unused", "used by no one")()
_CHROMEOS_SEEN = same_words(
    "chromeos_seen",
    f"{{fine}} of {{all}} in service were seen in the last {UNSEEN_DAYS} days",
    lacking=f"{{short}} of {{all}} Chromebooks {{short:was|were}} not seen in the last {UNSEEN_DAYS} days",
)
_OWNED = ", {owned} of the {all} owned by the school"
_LACKING = "{short} of {all} phones and tablets {short:is|are} not, or may not be, protected"
_HAVE_PASSWORD = f"{{fine}} of {{all}} have a password and are not compromised{_OWNED}"
_SAFE = same_words("phones_safe", _HAVE_PASSWORD, lacking=_LACKING)
_ARE_ENCRYPTED = f"{{fine}} of {{all}} have a password, are encrypted and not compromised{_OWNED}"
_SAFE_AND_ENCRYPTED = same_words("phones_safe_and_encrypted", _ARE_ENCRYPTED, lacking=_LACKING)
_COMPROMISED = same_words("device_compromised", "compromised")()
_WITHOUT_PASSWORD = same_words("device_without_password", "without a password")()
_NOT_ENCRYPTED = same_words("device_not_encrypted", "not encrypted")()
_SILENT = same_words("device_silent", "that do not report all of this")()
_CHROMEOS_STATUS = same_words("chromeos_status", "{status}")
_CHROMEOS_STATUSES = {
    "DEPROVISIONED": ReasonCode("chromeos_deprovisioned", admin="deprovisioned", governor="taken out of use")(),
    "": same_words("chromeos_without_status", "without a status")(),
}
# A person's relation to a device that is not approved for them. The first that applies counts.
_NOT_IN_USE = {
    "PENDING_APPROVAL": same_words("device_waiting", "waiting for approval")(),
    "BLOCKED": same_words("device_blocked", "blocked")(),
    "WIPING": same_words("device_being_wiped", "being wiped")(),
    "WIPED": same_words("device_wiped", "wiped")(),
    "UNENROLLED": ReasonCode("device_unenrolled", admin="unenrolled", governor="no longer managed")(),
}

needs = leave(
    "directory.chromeosdevices.list",
    "cloudidentity.devices.list",
    "cloudidentity.devices.deviceUsers.list",
    "directory.users.list",
)


def check(settings: Compliance, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count the devices that meet the requirements.

    Devices that are out of use or out of scope are counted separately.
    """
    rules = _DeviceRules(settings, context)
    findings = [
        check_subject(CHROMEOS, lambda: _count_chromeos(rules, via)),
        check_subject(PHONES, lambda: _count_phones(rules, via)),
    ]
    counts = {
        finding.subject: finding.measurement for finding in findings if isinstance(finding.measurement, DeviceStates)
    }
    with_devices = [finding for finding in findings if finding.subject not in counts or counts[finding.subject].devices]
    only_apart = NoDeviceInUse(apart={subject: states.apart for subject, states in counts.items()})
    yield from with_devices or [Finding("devices", Status.FAIL, _NONE(), measurement=only_apart)]
    if with_devices and CHROMEOS in counts and not counts[CHROMEOS].devices:
        unused = replace(counts[CHROMEOS], in_scope=0)
        yield Finding(CHROMEOS, Status.PASS, _NOT_USED(), measurement=unused)


class NoDeviceInUse(Measurement):
    """A result without any device in use. It has the devices that are counted separately, by type and state."""

    apart: Mapping[str, Mapping[str, int]]

    def to_json(self) -> Body:
        """Return the device types as keys of the result."""
        return self.apart


@dataclass(frozen=True, slots=True)
class _DeviceRules:
    """The requirements of a playbook for devices, and the time of the check."""

    settings: Compliance
    context: CheckOccasion

    def names(self, device: Device) -> bool:
        """Return whether a phone or tablet has one of the playbook's platforms."""
        platform = "ios" if device.body.get("deviceType") == "IOS" else "android"
        return any(name.startswith(platform) for name in self.settings.platforms)

    def state(self, device: Device, approved: Sequence[Body]) -> Reason:
        """Return the most serious problem of a device in use, or the reason that it has no problem."""
        body, password_states = device.body, {use.get("passwordState") for use in approved}
        compromised = {body.get("compromisedState"), *(use.get("compromisedState") for use in approved)}
        encryption = body.get("encryptionState") if self.settings.encryption else "ENCRYPTED"
        if self.has_not_been_seen(body.get("lastSyncTime")):
            return UNSEEN
        if "COMPROMISED" in compromised:
            return _COMPROMISED
        if "PASSWORD_NOT_SET" in password_states:
            return _WITHOUT_PASSWORD
        if encryption in ("NOT_ENCRYPTED", "UNSUPPORTED_BY_DEVICE"):
            return _NOT_ENCRYPTED
        safe = encryption == "ENCRYPTED" and compromised <= {"UNCOMPROMISED", "NOT_COMPROMISED"}
        return _FINE if safe and password_states == {"PASSWORD_SET"} else _SILENT

    def has_not_been_seen(self, last: Json) -> bool:
        return is_unseen(last, self.context.now)


def _count_chromeos(rules: _DeviceRules, via: GoogleWorkspace) -> Finding:
    rows = via.device_lists.chromeos()
    in_service = [row for row in rows if row.get("status") == "ACTIVE"]
    other_devices = [row for row in rows if row.get("status") != "ACTIVE"]
    return make_device_finding(
        CHROMEOS,
        _CHROMEOS_SEEN,
        [
            _to_seen_chromebook(row, UNSEEN if rules.has_not_been_seen(row.get("lastSync")) else _SEEN)
            for row in in_service
        ],
        passing_state=_SEEN,
        state_description=f"seen in the last {UNSEEN_DAYS} days",
        unjudged_devices=[_to_seen_chromebook(row, _read_chromeos_status(row)) for row in other_devices],
    )


def _to_seen_chromebook(row: Body, state: Reason) -> SeenDevice:
    return SeenDevice(state, str(row.get("model") or "of an unknown model"), is_school_owned=True)


def _read_chromeos_status(row: Body) -> Reason:
    status = str(row.get("status") or "")
    return _CHROMEOS_STATUSES.get(status) or _CHROMEOS_STATUS(status=status.lower().replace("_", " "))


def _count_phones(rules: _DeviceRules, via: GoogleWorkspace) -> Finding:
    counted: list[SeenDevice] = []
    apart: list[SeenDevice] = []
    for device in [device for device in via.device_lists.other_devices() if device.mobile]:
        uses = uses_in_audience(device, rules.context, via)
        approved = [use for use in uses if use.get("managementState") == "APPROVED"]
        if not rules.names(device):
            apart.append(_to_seen_device(device, OTHER_PLATFORM))
        elif approved:
            counted.append(_to_seen_device(device, rules.state(device, approved)))
        elif device.uses:
            apart.append(_to_seen_device(device, _explain_unused_device(uses)))
        else:
            counted.append(_to_seen_device(device, _UNUSED))
    summary, measure = _SAFE, "with a password and not compromised"
    if rules.settings.encryption:
        summary, measure = _SAFE_AND_ENCRYPTED, "with a password, encrypted, not compromised"
    return make_device_finding(
        PHONES, summary, counted, passing_state=_FINE, state_description=measure, unjudged_devices=apart
    )


def _to_seen_device(device: Device, state: Reason) -> SeenDevice:
    return SeenDevice(state, device.model, is_school_owned=device.school_owned)


def _explain_unused_device(uses: Sequence[Body]) -> Reason:
    states = {use.get("managementState") for use in uses}
    words = [word for state, word in _NOT_IN_USE.items() if state in states]
    return words[0] if words else OF_OTHERS


def uses_in_audience(device: Device, context: CheckOccasion, via: GoogleWorkspace) -> Sequence[Body]:
    """Return the records of a device's use by the people whom the control covers."""
    return [use for use in device.uses if context.reaches(_find_person_id(str(use.get("userEmail")), via))]


def _find_person_id(address: str, via: GoogleWorkspace) -> str:
    """Return a person's id, or their address if the account no longer exists."""
    try:
        return via.accounts.find(address).id
    except NotFound:
        return address
