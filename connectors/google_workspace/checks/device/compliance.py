"""How the school's devices stand in Google: ChromeOS devices by status, phones and tablets by what they report."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import cast

from connectors.google_workspace.checks.device_ownership import reached
from connectors.google_workspace.connection import GoogleWorkspace
from connectors.google_workspace.devices import Device
from connectors.google_workspace.permissions import needs as leave
from toolkit.controls.device.compliance import Compliance
from toolkit.sdk.check import CheckOccasion, looked_at
from toolkit.sdk.devices_seen import UNSEEN, UNSEEN_DAYS, SeenDevice, is_unseen, measured
from toolkit.sdk.finding import Finding, Status
from toolkit.sdk.permission import Permission
from toolkit.values import Body, Json

CHROMEOS, PHONES = "ChromeOS devices", "phones and tablets"
_SEEN, _FINE = "seen", "as wanted"
_NONE = "no device of those that this is for is in use here, so nothing is known of any"
_UNUSED = "used by nobody"
_WITHOUT_ENCRYPTION = "have a password and are not compromised"
# How somebody stands to a device who has no approval for it; the first that is there counts.
_NOT_IN_USE = {
    "PENDING_APPROVAL": "waiting for approval",
    "BLOCKED": "blocked",
    "WIPING": "being wiped",
    "WIPED": "wiped",
    "UNENROLLED": "unenrolled",
}


def needs(_settings: object) -> tuple[Permission, ...]:
    """Name what the service account and its administrator need for it."""
    return leave(
        "directory.chromeosdevices.list",
        "cloudidentity.devices.list",
        "cloudidentity.devices.deviceUsers.list",
        "directory.users.list",
    )


def check(settings: object, context: CheckOccasion, via: GoogleWorkspace) -> Iterable[Finding]:
    """Count the devices that are as wanted; what is not in use, or not asked for, is counted apart."""
    asked = _Asked(cast(Compliance, settings), context)
    found = [looked_at(CHROMEOS, lambda: _chromeos(asked, via)), looked_at(PHONES, lambda: _phones(asked, via))]
    some = [one for one in found if one.status is Status.UNKNOWN or one.evidence["devices"]]
    yield from some or [Finding("devices", Status.FAIL, _NONE, {one.subject: one.evidence["apart"] for one in found})]


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a playbook asks of which devices, and as of when."""

    settings: Compliance
    context: CheckOccasion

    def names(self, device: Device) -> bool:
        """Say whether a phone or tablet runs what a playbook asks for."""
        platform = "ios" if device.body.get("deviceType") == "IOS" else "android"
        return any(named.startswith(platform) for named in self.settings.platforms)

    def state(self, device: Device, approved: Sequence[Body]) -> str:
        """Say what is the matter with a device that is in use; where it is several things, the worst."""
        body, told = device.body, {use.get("passwordState") for use in approved}
        compromised = {body.get("compromisedState"), *(use.get("compromisedState") for use in approved)}
        encryption = body.get("encryptionState") if self.settings.encryption else "ENCRYPTED"
        if self.unseen(body.get("lastSyncTime")):
            return UNSEEN
        if "COMPROMISED" in compromised:
            return "compromised"
        if "PASSWORD_NOT_SET" in told:
            return "without a password"
        if encryption in ("NOT_ENCRYPTED", "UNSUPPORTED_BY_DEVICE"):
            return "not encrypted"
        safe = encryption == "ENCRYPTED" and compromised <= {"UNCOMPROMISED", "NOT_COMPROMISED"}
        return _FINE if safe and told == {"PASSWORD_SET"} else "that do not say all of this"

    def unseen(self, last: Json) -> bool:
        return is_unseen(last, self.context.now)


def _chromeos(asked: _Asked, via: GoogleWorkspace) -> Finding:
    rows = via.devices.chromeos()
    in_service = [row for row in rows if row.get("status") == "ACTIVE"]
    others = [row for row in rows if row.get("status") != "ACTIVE"]
    return measured(
        CHROMEOS,
        f"{{fine}} of {{all}} in service were seen in the last {UNSEEN_DAYS} days",
        [_chromebook(row, UNSEEN if asked.unseen(row.get("lastSync")) else _SEEN) for row in in_service],
        fine=_SEEN,
        apart=[_chromebook(row, _status(row)) for row in others],
    )


def _chromebook(row: Body, state: str) -> SeenDevice:
    return SeenDevice(state, str(row.get("model") or "of an unknown model"), owned=True)


def _status(row: Body) -> str:
    return str(row.get("status") or "without a status").lower().replace("_", " ")


def _phones(asked: _Asked, via: GoogleWorkspace) -> Finding:
    counted: list[SeenDevice] = []
    apart: list[SeenDevice] = []
    for device in [device for device in via.devices.others() if device.mobile]:
        uses = reached(device, asked.context, via)
        approved = [use for use in uses if use.get("managementState") == "APPROVED"]
        if not asked.names(device):
            apart.append(_seen(device, "on a platform that is not asked for"))
        elif approved:
            counted.append(_seen(device, asked.state(device, approved)))
        elif device.uses:
            apart.append(_seen(device, _why_not_in_use(uses)))
        else:
            counted.append(_seen(device, _UNUSED))
    safe = "have a password, are encrypted and not compromised" if asked.settings.encryption else _WITHOUT_ENCRYPTION
    told = f"{{fine}} of {{all}} {safe}, {{owned}} of the {{all}} owned by the school"
    return measured(PHONES, told, counted, fine=_FINE, apart=apart)


def _seen(device: Device, state: str) -> SeenDevice:
    return SeenDevice(state, device.model, owned=device.owned)


def _why_not_in_use(uses: Sequence[Body]) -> str:
    states = {use.get("managementState") for use in uses}
    words = [word for state, word in _NOT_IN_USE.items() if state in states]
    return words[0] if words else "of people whom this is not for"
