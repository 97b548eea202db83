"""Disables a lost Chromebook, and signs out the person who had it. toolkit never wipes a device.

Follows
https://developers.google.com/workspace/admin/directory/reference/rest/v1/customer.devices.chromeos/batchChangeStatus
and https://developers.google.com/workspace/admin/directory/reference/rest/v1/users/signOut
"""

from collections.abc import Sequence
from functools import partial

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.consent import find_account
from connectors.google_workspace.devices import PERMISSIONS as OF_DEVICES
from connectors.google_workspace.devices import Device, Devices
from connectors.google_workspace.permissions import needs
from toolkit.errors import BadAnswer, NotFound, Rejected
from toolkit.sdk import (
    ActName,
    ActSeen,
    ActState,
    LostAct,
    LostDevice,
    Permissions,
    mapping,
    mappings,
    most_recent_record,
    parse_last_contact,
    plain_name,
    text,
)
from toolkit.values import Body

PERMISSIONS = Permissions(
    read=(*OF_DEVICES, *needs("directory.users.get")),
    write=needs("admin.customer.devices.chromeos.batchChangeStatus", "directory.users.signOut"),
)
_CHROMEBOOK = "ChromeOS"
_CHANGE = "CHANGE_CHROME_OS_DEVICE_STATUS_ACTION_"
_FIELDS = "chromeosdevices(deviceId,serialNumber,status,lastSync,model,annotatedUser),nextPageToken"
_ENCRYPTION = {"ENCRYPTED": "encrypted", "NOT_ENCRYPTED": "NOT encrypted"}
_OWNERS = {"COMPANY": False, "BYOD": True}
_PHONES = "in the admin console, Devices > Mobile and endpoints > Devices > the device > Block"
_PASSWORDS = (
    "in the admin console, Directory > Users > the person > Reset password. toolkit does not set passwords in Google"
)


class LostDevicesOfGoogle:
    """Finds and changes Chromebooks, and finds the other devices that Google manages."""

    def __init__(self, chromeos: Api, directory: Api, other_devices: Devices) -> None:
        self._chromeos = chromeos
        self._directory = directory
        self._others = other_devices

    def find(self, serial: str) -> LostDevice | None:
        """Return the Chromebook with a serial number, or another device with that number, or None."""
        rows = self._find_rows(serial)
        if in_service := [row for row in rows if row.get("status") != "DEPROVISIONED"] or rows:
            return most_recent_record(map(_to_chromebook, in_service))
        devices = [
            device
            for device in self._others.other_devices()
            if plain_name(text(device.body.get("serialNumber"))) == serial
        ]
        return most_recent_record(map(_to_other_device, devices))

    def lock(self, device: LostDevice, message: str, phone: str) -> LostAct:  # noqa: ARG002 - a policy has the message
        """Return the action that disables a Chromebook, so that no one can use it and it shows a message."""
        if device.platform != _CHROMEBOOK:
            return LostAct(ActName.LOCK, "lock", cannot=f"toolkit can only lock Chromebooks: {_PHONES}")
        return self._make_status_action(ActName.LOCK, "disable the Chromebook", device, "DISABLE", "DISABLED")

    def unlock(self, device: LostDevice) -> LostAct:
        """Return the action that enables a Chromebook again."""
        if device.platform != _CHROMEBOOK:
            return LostAct(
                ActName.UNLOCK, "unlock", cannot=f"toolkit did not lock this device: {_PHONES}, then Unblock"
            )
        return self._make_status_action(ActName.UNLOCK, "enable the Chromebook again", device, "REENABLE", "ACTIVE")

    def close(self, account: str) -> Sequence[LostAct]:
        """Return the action that ends all sessions of an account.

        Google does not show whether the sessions have ended.
        """
        if find_account(self._directory, account) is None:
            return ()
        sign_out = LostAct(
            ActName.SIGN_OUT,
            "end all sessions of the holder",
            do=partial(self._sign_out, account),
            has_mark=False,
            account=account,
        )
        return sign_out, LostAct(ActName.PASSWORD, "set a new password", cannot=_PASSWORDS, account=account)

    def read_wipe(self, device: LostDevice) -> ActSeen:  # noqa: ARG002 - Google shows it of no device
        """Return that the state of a wipe is unknown, because Google does not show a wipe from the console."""
        return ActSeen(ActState.NOT_SHOWN)

    def _make_status_action(self, name: ActName, label: str, device: LostDevice, action: str, status: str) -> LostAct:
        do, read = partial(self._send, device.id, action), partial(self._read_status, device, status)
        return LostAct(name, label, do=do, read=read, lasts=True)

    def _send(self, device: str, action: str) -> None:
        body: Body = {"deviceIds": [device], "changeChromeOsDeviceStatusAction": f"{_CHANGE}{action}"}
        call = Call("admin.customer.devices.chromeos.batchChangeStatus", {"customerId": "my_customer"}, body)
        for result in mappings(self._chromeos.send_once(call).get("changeChromeOsDeviceStatusResults")):
            if error := mapping(result.get("error")):
                raise Rejected(f"{call}: {text(error.get('message'))}")
            if result.get("deviceId") == device and "response" in result:
                return
        raise BadAnswer(f"{call}: the response does not show the result for the device")

    def _read_status(self, device: LostDevice, expected: str) -> ActSeen:
        device_rows = [row for row in self._find_rows(plain_name(device.serial)) if row.get("deviceId") == device.id]
        if not device_rows:
            raise NotFound("directory.chromeosdevices.list: the device no longer exists")
        status = text(device_rows[0].get("status"))
        return ActSeen(ActState.DONE if status == expected else ActState.NOT_DONE, status)

    def _sign_out(self, account: str) -> None:
        self._directory.send_once(Call("directory.users.signOut", {"userKey": account}))

    def _find_rows(self, serial: str) -> Sequence[Body]:
        parameters: Body = {"customerId": "my_customer", "query": f"id:{serial}", "fields": _FIELDS}
        rows = self._chromeos.pages(Call("directory.chromeosdevices.list", parameters), "chromeosdevices")
        return [row for row in rows if plain_name(text(row.get("serialNumber"))) == serial]


def _to_chromebook(row: Body) -> LostDevice:
    return LostDevice(
        id=text(row.get("deviceId")),
        serial=text(row.get("serialNumber")).strip(),
        model=text(row.get("model")),
        platform=_CHROMEBOOK,
        encryption="always encrypted, as ChromeOS does by design",
        seen=parse_last_contact(row.get("lastSync")),
        personal=False,
        holder=text(row.get("annotatedUser")),
    )


def _to_other_device(device: Device) -> LostDevice:
    body = device.body
    users = {text(use.get("userEmail")) for use in device.uses}
    return LostDevice(
        id=text(body.get("name")),
        serial=text(body.get("serialNumber")).strip(),
        model=device.model,
        platform=text(body.get("deviceType")),
        encryption=_ENCRYPTION.get(text(body.get("encryptionState")), "encryption not shown"),
        seen=parse_last_contact(body.get("lastSyncTime")),
        personal=_OWNERS.get(text(body.get("ownerType"))),
        holder=users.pop() if len(users) == 1 else "",
    )
