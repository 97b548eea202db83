"""Reads devices from Google: ChromeOS devices, and other devices on which people use a school account.

Follows https://cloud.google.com/identity/docs/reference/rest/v1/devices and
https://developers.google.com/workspace/admin/directory/reference/rest/v1/chromeosdevices
"""

from collections import Counter
from collections.abc import Sequence
from threading import Lock

from connectors.google_workspace.api.calls import Api, Call
from connectors.google_workspace.permissions import needs
from toolkit.errors import BadAnswer
from toolkit.records import dataclass
from toolkit.sdk import DeviceUse, text
from toolkit.values import Body

PERMISSIONS = needs(
    "directory.chromeosdevices.list", "cloudidentity.devices.list", "cloudidentity.devices.deviceUsers.list"
)
_CHROMEOS = (
    "nextPageToken,chromeosdevices(deviceId,serialNumber,status,lastSync,model,orgUnitPath,autoUpdateThrough,bootMode,"
    "annotatedAssetId,annotatedLocation)"
)
_DEVICES = (
    "nextPageToken,devices(name,serialNumber,deviceType,ownerType,model,encryptionState,compromisedState,lastSyncTime)"
)
_USES = "nextPageToken,deviceUsers(name,userEmail,managementState,passwordState,compromisedState)"
_CUSTOMER = "customers/my_customer"
_MOST_CHROMEOS, _MOST_DEVICES, _MOST_USES = 300, 100, 20  # on a page
_MOBILE = frozenset({"ANDROID", "IOS", "GOOGLE_SYNC"})


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and a record for each account that uses it, with the state of the password and the approval."""

    body: Body
    uses: Sequence[Body] = ()

    @property
    def mobile(self) -> bool:
        """Return whether the device is a phone or tablet."""
        return self.body.get("deviceType") in _MOBILE

    @property
    def model(self) -> str:
        return str(self.body.get("model") or "of an unknown model")

    @property
    def school_owned(self) -> bool:
        """Return whether the school has registered the device as its own in Google."""
        return self.body.get("ownerType") == "COMPANY"


class Devices:
    """The lists of all devices. Each list is read once in a run."""

    def __init__(self, chromeos: Api, identity: Api) -> None:
        self._chromeos = chromeos
        self._identity = identity
        self._known: dict[str, Sequence[Body]] = {}
        self._reading = Lock()

    def chromeos(self) -> Sequence[Body]:
        """Return all ChromeOS devices, including devices that are out of service."""
        parameters: Body = {"customerId": "my_customer", "maxResults": _MOST_CHROMEOS, "fields": _CHROMEOS}
        return self._read_once(self._chromeos, Call("directory.chromeosdevices.list", parameters), "chromeosdevices")

    def label(self, device: str, body: Body) -> Body:
        """Write labels into the record of a ChromeOS device, and return the record.

        The list of devices is then read again.
        """
        parameters: Body = {"customerId": "my_customer", "deviceId": device, "projection": "FULL"}
        answer = self._chromeos.change(Call("directory.chromeosdevices.patch", parameters, body))
        with self._reading:
            self._known = {key: rows for key, rows in self._known.items() if not key.startswith("directory.")}
        return answer

    def other_devices(self) -> Sequence[Device]:
        """Return the devices that people use, and school devices that no one uses. ChromeOS devices are left out."""
        in_use, inventory = self._list_view("USER_ASSIGNED_DEVICES"), self._list_view("COMPANY_INVENTORY")
        identifiers = {text(row.get(name)) for row in in_use for name in ("name", "serialNumber")} - {""}
        unused = [row for row in inventory if not {text(row.get("name")), text(row.get("serialNumber"))} & identifiers]
        uses: dict[str, list[Body]] = {}
        for row in self._list_uses():
            uses.setdefault(text(row.get("name")).partition("/deviceUsers/")[0], []).append(row)
        return [Device(row, uses.get(text(row.get("name")), ())) for row in (*in_use, *unused)]

    def use(self) -> DeviceUse:
        """Return the number of all devices.

        A device counts once for each of its users. ChromeOS devices count as shared.
        """
        uses = [text(use.get("userEmail")).casefold() for device in self.other_devices() for use in device.uses]
        return DeviceUse(Counter(uses), len(self.chromeos()) + sum(not device.uses for device in self.other_devices()))

    def _list_uses(self) -> Sequence[Body]:
        parameters: Body = {"parent": "devices/-", "customer": _CUSTOMER, "pageSize": _MOST_USES, "fields": _USES}
        return self._read_once(
            self._identity, Call("cloudidentity.devices.deviceUsers.list", parameters), "deviceUsers"
        )

    def _list_view(self, view: str) -> Sequence[Body]:
        parameters: Body = {"customer": _CUSTOMER, "view": view, "pageSize": _MOST_DEVICES, "fields": _DEVICES}
        return self._read_once(self._identity, Call("cloudidentity.devices.list", parameters), "devices")

    def _read_once(self, api: Api, call: Call, items: str) -> Sequence[Body]:
        key = f"{call.method} {call.parameters.get('view')}"
        with self._reading:
            if key not in self._known:
                rows = api.pages(call, items)
                if not all(text(row.get("name") or row.get("deviceId")) for row in rows):
                    raise BadAnswer(f"{call}: the response contains a device without a name")
                self._known[key] = rows
            return self._known[key]
