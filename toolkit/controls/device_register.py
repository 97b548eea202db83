"""The school's register of devices: reading it, and which cloud manages devices of which kind."""

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
# What cheap boards and virtual machines have in the place of a serial.
_NO_SERIALS = frozenset(
    {"", "0", "none", "n/a", "unknown", "default string", "not specified", "not applicable", "system serial number"}
    | {"to be filled by o.e.m.", "0123456789", "123456789"}
)
_VIRTUAL = ("vmware", "virtual", "parallels", "qemu", "kvm")


@dataclass(frozen=True, slots=True)
class Asset:
    """One line of the register."""

    serial: str  # in small letters, "" where the device has none of its own
    kind: str
    tag: str = ""
    holder: str = ""  # an address, a role or a place
    disposed: date | None = None
    place: str = ""
    approved: date | None = None  # when a role let it onto the school's systems

    @property
    def label(self) -> str:
        return self.tag or self.serial.upper()

    def is_disposed(self, today: date) -> bool:
        """Return whether the device is gone; one whose date is still to come is in use."""
        return self.disposed is not None and self.disposed <= today


def own_serial(written: str, model: str = "") -> str:
    """Return a serial in small letters; "" for what is no device's own, such as that of a virtual machine."""
    serial = plain_name(written)
    virtual = any(word in text for word in _VIRTUAL for text in (serial, model.casefold()))
    return "" if virtual or serial in _NO_SERIALS else serial


@lru_cache(maxsize=8)
def read_register(text: str) -> tuple[Asset, ...]:
    """Read the register; ValueError with the line of what is wrong."""
    assets: dict[str, Asset] = {}
    for row in read_csv(text, _COLUMNS, _NEEDED):
        kind = row.required_cell("kind").casefold()
        row.day("bought")
        asset = Asset(
            serial=own_serial(row["serial"]),
            kind=kind,
            tag=row["tag"],
            holder=row["holder"],
            disposed=row.day("disposed"),
            place=row["place"],
            approved=row.day("approved"),
        )
        if asset.serial in assets:
            raise ValueError(f"line {row.line} of the file: the serial {asset.serial.upper()} is written twice")
        assets[asset.serial or f"no serial, row {row.line}"] = asset
    return tuple(assets.values())


def _check_register(text: str) -> str:
    if "\n" in text:  # else it is still the path, which nothing has read yet
        read_register(text)
    return text


RegisterFile = Annotated[CsvFile, AfterValidator(_check_register)]
"""The register of devices, read; its path before that."""


class DeviceRegister(TenantWideSettings):
    """The school's register of devices, and which cloud manages devices of which kind."""

    register_file: RegisterFile = Field(description="The register, a CSV file.", examples=["text/devices.csv"])
    managed_by: dict[Annotated[str, Field(min_length=1)], Literal["microsoft365", "google_workspace"]] = declare(
        "Which cloud manages the devices of a kind; those of other kinds are not looked for.",
        {"laptop": "microsoft365", "chromebook": "google_workspace"},
        default={
            "laptop": "microsoft365",
            "desktop": "microsoft365",
            "tablet": "microsoft365",
            "phone": "microsoft365",
            "chromebook": "google_workspace",
        },
    )

    def expected(self, provider: str, today: date) -> Sequence[Asset]:
        """List the devices in use that a cloud should manage."""
        kinds = {kind.casefold() for kind, cloud in self.managed_by.items() if cloud == provider}
        return [asset for asset in self._in_use(today) if asset.kind in kinds]

    def other_kinds(self, today: date) -> str:
        """Count the devices in use by kinds that no cloud manages: a mistyped kind is among them."""
        kinds = {kind.casefold() for kind in self.managed_by}
        others = Counter(asset.kind for asset in self._in_use(today) if asset.kind not in kinds)
        return ", ".join(f"{kind} ({count})" for kind, count in sorted(others.items()))

    def _in_use(self, today: date) -> Iterator[Asset]:
        assets = read_register(self.register_file) if "\n" in self.register_file else ()  # else still the path
        return (asset for asset in assets if not asset.is_disposed(today))
