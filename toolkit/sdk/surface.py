"""Where an app or a site can be used, and how far each of these ways is closed."""

from dataclasses import dataclass
from enum import StrEnum


class Closing(StrEnum):
    """How far one way to an app is closed."""

    CLOSED = "closed"
    WRITTEN = "written, not proven"  # what has to be on beside it was not read as on
    ATTESTED = "attested"  # somebody confirmed it, until a date
    NOT_YET = "not yet"  # the object that closes it differs: a plan would put it right
    NOT_LOOKED_AT = "not looked at"  # this command does not read whether it is so
    NOT_SEEN = "not seen"  # nothing that toolkit reads shows it
    OPEN = "open"


@dataclass(frozen=True, slots=True)
class Closure:
    """What a part does about some apps on one surface."""

    surface: str  # a key of SURFACES
    apps: tuple[str, ...]  # by their titles
    closing: Closing
    given: str = ""  # what has to be so for it to hold, or why it is open


SURFACES: dict[str, tuple[str, Closing]] = {
    "managed_browser": ("Chrome or Edge, signed in with a school account", Closing.OPEN),
    "other_browser": ("other browsers on the school's computers", Closing.OPEN),
    "windows_app": ("the app on the school's Windows computers", Closing.OPEN),
    "chromeos_app": ("the Android app on Chromebooks", Closing.OPEN),
    "supervised_ipad": ("supervised iPads in this Intune", Closing.OPEN),
    "other_ipad": ("iPads that another system manages", Closing.NOT_SEEN),
    "android_work": ("the work profile of Android phones", Closing.OPEN),
    "android_personal": ("the personal side of Android phones", Closing.OPEN),
    "network": ("the school's network (filter, firewall)", Closing.NOT_SEEN),
    "guest_network": ("the guest Wi-Fi", Closing.NOT_SEEN),
    "mobile_data": ("personal phones on mobile data", Closing.OPEN),
}
"""Every surface: in words, and how it is where no part says anything of it."""
