"""Reads the school's register of devices, a CSV file."""

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import date
from functools import lru_cache
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from toolkit.controls.control import CsvFile, TenantWideSettings
from toolkit.controls.testing import read_csv
from toolkit.records import dataclass
from toolkit.sdk import declare, plain_name

_COLUMNS = ("serial", "tag", "kind", "holder", "place", "bought", "disposed", "approved")
_NEEDED = frozenset({"serial", "kind"})
# placeholders that some mainboards and virtual machines report as serial number
_NO_SERIALS = frozenset(
    {"", "0", "none", "n/a", "unknown", "default string", "not specified", "not applicable", "system serial number"}
    | {"to be filled by o.e.m.", "0123456789", "123456789"}
)
_VIRTUAL = ("vmware", "virtual", "parallels", "qemu", "kvm")


@dataclass(frozen=True, slots=True)
class Asset:
    """A device in the school's register."""

    serial: str  # in lower case, or "" if the device has no serial number of its own
    kind: str
    tag: str = ""
    holder: str = ""  # an e-mail address, a role or a place
    disposed: date | None = None
    place: str = ""
    approved: date | None = None  # the date on which a role approved it

    @property
    def label(self) -> str:
        return self.tag or self.serial.upper()

    def is_disposed(self, today: date) -> bool:
        """Return whether the device was disposed of by `today`."""
        return self.disposed is not None and self.disposed <= today


def normalise_serial(written: str, model: str = "") -> str:
    """Return a serial number in lower case, or "" if it is a placeholder or belongs to a virtual machine."""
    serial = plain_name(written)
    virtual = any(word in text for word in _VIRTUAL for text in (serial, model.casefold()))
    return "" if virtual or serial in _NO_SERIALS else serial


@lru_cache(maxsize=8)
def read_register(text: str) -> tuple[Asset, ...]:
    """Parse the register. Raise ValueError with the line number of an error."""
    assets: dict[str, Asset] = {}
    for row in read_csv(text, _COLUMNS, _NEEDED):
        kind = row.required_cell("kind").casefold()
        row.day("bought")
        asset = Asset(
            serial=normalise_serial(row["serial"]),
            kind=kind,
            tag=row["tag"],
            holder=row["holder"],
            disposed=row.day("disposed"),
            place=row["place"],
            approved=row.day("approved"),
        )
        if asset.serial in assets:
            raise ValueError(f"line {row.line} of the file: the serial {asset.serial.upper()} is in the file twice")
        assets[asset.serial or f"no serial, row {row.line}"] = asset
    return tuple(assets.values())


def _check_register(text: str) -> str:
    if "\n" in text:  # a text without a new line is still the path
        read_register(text)
    return text


RegisterFile = Annotated[CsvFile, AfterValidator(_check_register)]
"""The path of the register of devices. Validation replaces it with the file's content."""


class DeviceRegister(TenantWideSettings):
    """The school's register of devices, and the cloud that manages each kind of device."""

    register_file: RegisterFile = Field(description="The register, a CSV file.", examples=["text/devices.csv"])
    managed_by: dict[Annotated[str, Field(min_length=1)], Literal["microsoft365", "google_workspace"]] = declare(
        "The cloud that manages each kind of device. Devices of other kinds are ignored.",
        {"laptop": "microsoft365", "chromebook": "google_workspace"},
        default={
            "laptop": "microsoft365",
            "desktop": "microsoft365",
            "tablet": "microsoft365",
            "phone": "microsoft365",
            "chromebook": "google_workspace",
        },
    )

    def expected_assets(self, provider: str, today: date) -> Sequence[Asset]:
        """Return the registered devices that are in use and that a cloud should manage."""
        kinds = {kind.casefold() for kind, cloud in self.managed_by.items() if cloud == provider}
        return [asset for asset in self._assets_in_use(today) if asset.kind in kinds]

    def other_kinds_text(self, today: date) -> str:
        """Return a text that counts the devices in use whose kind no cloud manages, for each kind."""
        kinds = {kind.casefold() for kind in self.managed_by}
        others = Counter(asset.kind for asset in self._assets_in_use(today) if asset.kind not in kinds)
        return ", ".join(f"{kind} ({count})" for kind, count in sorted(others.items()))

    def _assets_in_use(self, today: date) -> Iterator[Asset]:
        assets = (
            read_register(self.register_file) if "\n" in self.register_file else ()
        )  # without a new line it is still the path
        return (asset for asset in assets if not asset.is_disposed(today))
