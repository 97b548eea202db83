"""Locks a lost device through Intune, and ends its holder's sessions in Entra. It cannot wipe a device.

Follows https://learn.microsoft.com/graph/api/intune-devices-manageddevice-remotelock,
https://learn.microsoft.com/graph/api/intune-devices-manageddevice-enablelostmode,
https://learn.microsoft.com/graph/api/user-revokesigninsessions and https://learn.microsoft.com/graph/api/user-update
"""

from collections.abc import Mapping, Sequence
from functools import partial
from secrets import token_urlsafe

from connectors.microsoft365.graph.client import Graph
from connectors.microsoft365.intune.devices import PATH
from connectors.microsoft365.permissions import MANAGED_DEVICES, graph
from connectors.microsoft365.person_sign_in import find_user
from toolkit.errors import BadAnswer, ServiceError
from toolkit.sdk import (
    ActName,
    ActSeen,
    ActState,
    LostAct,
    LostDevice,
    Permissions,
    flag,
    mappings,
    most_recent_record,
    parse_last_contact,
    plain_name,
    segment,
    text,
)
from toolkit.values import Body

PERMISSIONS = Permissions(
    read=(MANAGED_DEVICES, graph("User.Read.All"), graph("Domain.Read.All")),
    write=(
        graph("DeviceManagementManagedDevices.PrivilegedOperations.All"),
        graph("User.RevokeSessions.All"),
        graph("User-PasswordProfile.ReadWrite.All"),
    ),
)
_FIELDS = (
    "id,serialNumber,model,operatingSystem,isEncrypted,isSupervised,lastSyncDateTime,managedDeviceOwnerType,"
    "userPrincipalName"
)
_RESULTS = "deviceActionResults"
_STATES: Mapping[str, ActState] = {
    "pending": ActState.WAITING,
    "active": ActState.WAITING,
    "done": ActState.DONE,
    "failed": ActState.FAILED,
    "canceled": ActState.FAILED,
    "notSupported": ActState.FAILED,
}
_LOST_MODE, _END_LOST_MODE, _LOCK = "enableLostMode", "disableLostMode", "remoteLock"
_WIPES = ("factoryReset", "wipe", "removeCompanyData", "retire")  # in Intune's log and in Graph
_APPLE = frozenset({"ios", "ipados"})
_OWNED = {"company": False, "personal": True}
_SESSIONS, _PASSWORD_SET = "signInSessionsValidFromDateTime", "lastPasswordChangeDateTime"
_ACCOUNT = "id,mail,userPrincipalName,onPremisesSyncEnabled"
_BY_HAND = "in the school's own directory, set a new password now"


class LostDevicesOfIntune:
    """Finds and locks lost devices that Intune manages."""

    def __init__(self, client: Graph) -> None:
        self._graph = client

    def find(self, serial: str) -> LostDevice | None:
        """Return the device with a serial number.

        All devices are read, because Intune cannot filter every type of device by serial number.
        """
        return most_recent_record(
            _to_device(row) for row in self._graph.pages(PATH, select=_FIELDS) if _has_serial(row, serial)
        )

    def lock(self, device: LostDevice, message: str, phone: str) -> LostAct:
        """Return the action that locks a device: lost mode on supervised iPads and iPhones, otherwise a remote lock.

        Intune cannot lock Windows computers.
        """
        platform = device.platform.casefold()
        if platform == "windows":
            return LostAct(
                ActName.LOCK, "lock", cannot="Intune cannot lock Windows computers. Encryption protects the data"
            )
        if platform in _APPLE and device.supervised:
            parameters = {"message": message, "phoneNumber": phone, "footer": ""}
            return self._make_act(ActName.LOCK, "lost mode with the school's message", device, _LOST_MODE, parameters)
        return self._make_act(ActName.LOCK, "lock", device, _LOCK, None)

    def unlock(self, device: LostDevice) -> LostAct:
        """Return the action that ends lost mode. A device that was only locked opens with its own passcode."""
        if device.platform.casefold() in _APPLE and device.supervised:
            return self._make_act(ActName.UNLOCK, "end lost mode", device, _END_LOST_MODE, None)
        return LostAct(
            ActName.UNLOCK, "unlock", cannot="no request is needed, because the device opens with its own passcode"
        )

    def read_wipe(self, device: LostDevice) -> ActSeen:
        """Return Intune's record of the last wipe of a device, or of the last removal of the school's data."""
        return self._read_result(device.id, _WIPES)

    def close(self, account: str) -> Sequence[LostAct]:
        """Return the actions that close an account: end all sessions, and set a random password if Entra manages it."""
        person = find_user(self._graph, account, _ACCOUNT)
        if person is None:
            return ()
        path = f"/users/{segment(text(person.get('id')))}"
        revoke = LostAct(
            ActName.SIGN_OUT,
            "end all sessions of the holder",
            do=partial(self._revoke_sessions, path),
            read=partial(self._read_instant, path, _SESSIONS),
            account=account,
        )
        return revoke, self._password_action(person, path, account)

    def _password_action(self, person: Body, path: str, account: str) -> LostAct:
        label = "set a random password that no one knows"
        cannot = self._explain_password_obstacle(person)
        set_password, read = partial(self._set_password, path), partial(self._read_instant, path, _PASSWORD_SET)
        return LostAct(ActName.PASSWORD, label, cannot, do=set_password, read=read, account=account)

    def _explain_password_obstacle(self, person: Body) -> str:
        """Return why a password cannot be set in Entra, or "" if it can."""
        if flag(person.get("onPremisesSyncEnabled")):
            return f"the account is synchronised: {_BY_HAND}"
        domain = text(person.get("userPrincipalName")).rpartition("@")[2]
        try:
            domain_row = self._graph.get(f"/domains/{segment(domain)}", select="id,authenticationType")
        except ServiceError as error:
            return f"the domain's type of sign-in could not be read ({error}): {_BY_HAND}"
        is_managed = text(domain_row.get("authenticationType")) == "Managed"
        return "" if is_managed else f"another service manages the passwords of this domain: {_BY_HAND}"

    def _make_act(self, name: ActName, label: str, device: LostDevice, action: str, body: Body | None) -> LostAct:
        return LostAct(
            name,
            label,
            do=lambda: self._graph.send_once(f"{PATH}/{segment(device.id)}/{action}", body or {}),
            read=lambda: self._read_result(device.id, (action,)),
        )

    def _read_result(self, device: str, actions: Sequence[str]) -> ActSeen:
        answer = self._graph.get(f"{PATH}/{segment(device)}", select=f"id,{_RESULTS}")
        results = [row for row in mappings(answer.get(_RESULTS)) if row.get("actionName") in actions]
        if not results:
            return ActSeen(ActState.NOT_DONE)
        last = max(results, key=lambda row: text(row.get("startDateTime")))
        state = _STATES.get(text(last.get("actionState")))
        if state is None:
            raise BadAnswer(f"GET {PATH}: an action of a device has an unknown state")
        return ActSeen(state, text(last.get("startDateTime")))

    def _revoke_sessions(self, path: str) -> None:
        self._graph.send_once(f"{path}/revokeSignInSessions", {})

    def _set_password(self, path: str) -> None:
        """Set a random password that is not stored anywhere. An administrator must later give the holder a new one."""
        password = f"{token_urlsafe(32)}aA1-"
        profile: Body = {"forceChangePasswordNextSignIn": True, "password": password}
        self._graph.send("PATCH", path, {"passwordProfile": profile})

    def _read_instant(self, path: str, field: str) -> ActSeen:
        """Return when sessions were last ended, or the password was last set. Entra does not show who did that."""
        return ActSeen(ActState.NOT_SHOWN, text(self._graph.get(path, select=f"id,{field}").get(field)))


def _has_serial(row: Body, serial: str) -> bool:
    return plain_name(text(row.get("serialNumber"))) == serial


def _to_device(row: Body) -> LostDevice:
    encrypted = row.get("isEncrypted")
    encryption_labels = {True: "encrypted", False: "NOT encrypted"}
    return LostDevice(
        id=text(row.get("id")),
        serial=text(row.get("serialNumber")).strip(),
        model=text(row.get("model")),
        platform=text(row.get("operatingSystem")),
        encryption=encryption_labels[encrypted] if isinstance(encrypted, bool) else "encryption not shown",
        seen=parse_last_contact(row.get("lastSyncDateTime")),
        personal=_OWNED.get(text(row.get("managedDeviceOwnerType"))),
        holder=text(row.get("userPrincipalName")),
        supervised=flag(row.get("isSupervised")),
    )
