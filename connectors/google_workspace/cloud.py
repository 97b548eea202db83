"""Where Google's services are for a run, and how this machine reaches them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.errors import UsageError
from toolkit.tenant.connector import Target
from toolkit.tenant.school import Tenant
from toolkit.values import Body


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The way to the services; `root` stands before their host names, "" where they are at their own.

    A call that fails in passing is tried again after `first_wait` seconds and more, for `patience` seconds in all.
    """

    root: str
    ca_file: Path | None
    first_wait: float
    patience: float
    settles: float | None  # seconds in which reads have heard of a write; None: as long as each kind says

    @property
    def emulated(self) -> bool:
        return bool(self.root)

    def address(self, url: str) -> str:
        """Give where what Google has at an address of its own is in this run."""
        if not self.emulated:
            return url
        parts = urlsplit(url)
        return f"{self.root}/{parts.netloc}{parts.path}"


def find_cloud(target: Target) -> Cloud:
    """Find the services of a target."""
    if target.emulator is None:
        return Cloud(
            root="",
            ca_file=target.ca_file,
            first_wait=1.0,
            patience=_patience(target, otherwise=300.0),
            settles=target.settles,
        )
    return Cloud(
        root=str(target.emulator["url"]).rstrip("/"),
        # Its own: TOOLKIT_CA_FILE may be there for the web filter between here and the real services.
        ca_file=Path(str(target.emulator["ca_file"])),
        first_wait=0.05,
        patience=_patience(target, otherwise=30.0),
        settles=target.settles,
    )


def _patience(target: Target, *, otherwise: float) -> float:
    written = target.variables.get("TOOLKIT_PATIENCE", "")
    try:
        return float(written) if written else otherwise
    except ValueError as wrong:
        raise UsageError(f"TOOLKIT_PATIENCE is {written!r}; it must be a number of seconds") from wrong


def emulated_tenant(ready: Body, tenant: Tenant) -> Body:
    """Find what the emulator's ready line says of a tenant.

    One that it does not have leads to its first, as credentials lead to whichever tenant they are of: the run's first
    request then shows that it is another school's.
    """
    described = _described(ready)
    if not described:
        raise UsageError("the emulator has no Google Workspace tenant; `toolkit emulator reset` makes one")
    return next((one for one in described if one["customer_id"] == tenant.id), described[0])


def _described(ready: Body) -> Sequence[Body]:
    described = [one.get("google_workspace") for one in _mappings(ready.get("tenants"))]
    return _mappings(described)


def _mappings(value: object) -> Sequence[Body]:
    return [one for one in value if isinstance(one, Mapping)] if isinstance(value, list) else []
