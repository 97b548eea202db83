"""The devices that Intune manages, and the effect of shared devices on settings that are assigned to people."""

from collections import Counter
from collections.abc import Iterator, Sequence
from threading import Lock

from connectors.microsoft365.graph.via import Graph
from toolkit.errors import BadAnswer, ServiceError
from toolkit.records import dataclass
from toolkit.sdk import Count, DeviceUse, Doubt, text
from toolkit.values import Body

PATH = "/deviceManagement/managedDevices"
_FIELDS = (
    "id,userId,complianceState,lastSyncDateTime,managedDeviceOwnerType,deviceCategoryDisplayName,model,operatingSystem,"
    "serialNumber,isEncrypted"
)
_SHARED_WORDS = ("shared", "presentation")  # words in the categories of devices with several users
_WINDOWS = "windows"


class ManagedDevices:
    """All devices that Intune manages in the tenant. The list is read once in a run."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._devices: Sequence[Body] | None = None
        self._lock = Lock()

    def all(self) -> Sequence[Body]:
        """Return every device. Raise BadAnswer if a device has no id."""
        with self._lock:
            if self._devices is None:
                rows = self._graph.pages(PATH, select=_FIELDS)
                if not all(text(row.get("id")) for row in rows):
                    raise BadAnswer(f"GET {PATH}: a device has no id")
                self._devices = rows
            return self._devices

    def use(self) -> DeviceUse:
        """Return the number of managed devices, counted by user."""
        owned = Counter(text(device.get("userId")) for device in self.all() if not _is_shared(device))
        return DeviceUse(owned, sum(map(_is_shared, self.all())))


def is_categorised_as_shared(device: Body) -> bool:
    """Return whether a device's category shows that several people use the device."""
    category = text(device.get("deviceCategoryDisplayName")).casefold()
    return any(word in category for word in _SHARED_WORDS)


def _is_shared(device: Body) -> bool:
    return is_categorised_as_shared(device) or not text(device.get("userId"))


@dataclass(frozen=True, slots=True)
class ComputersOfPeople:
    """The Windows computers that several people share. A setting for one person applies there to everyone."""

    devices: ManagedDevices

    def doubts(self, name: str, setting: str) -> Iterator[Doubt]:
        """Yield a doubt if computers are shared, or if toolkit cannot tell whether any are."""
        try:
            computers = [
                device for device in self.devices.all() if text(device.get("operatingSystem")).casefold() == _WINDOWS
            ]
        except ServiceError as error:
            reason = f"it is unknown whether Windows computers are shared: {error}"
            yield Doubt(name, setting, reason, is_uncertain=True, is_unread=True)
            return
        shared = sum(map(_is_shared, computers))
        if not shared:
            return
        are = "is" if shared == 1 else "are"
        reason = (
            f"{shared} of {len(computers)} Windows computers {are} shared or without a main user, and there the "
            "person who signs in decides for everyone"
        )
        count = Count(len(computers) - shared, len(computers), shared, "device")
        yield Doubt(name, setting, reason, is_uncertain=True, whole=shared == len(computers), count=count)
