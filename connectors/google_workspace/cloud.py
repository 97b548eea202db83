"""Where Google's services are for a run, and how this machine reaches them."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from toolkit.sdk.connector import Target
from toolkit.sdk.limits import Limits, RunDeadline


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
    limits: Limits
    deadline: RunDeadline

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
    limits = target.limits
    deadline = target.deadline or RunDeadline(limits.run_seconds)
    if target.emulator is None:
        return Cloud(
            root="",
            ca_file=target.ca_file,
            first_wait=1.0,
            patience=target.patience,
            settles=target.settles,
            limits=limits,
            deadline=deadline,
        )
    return Cloud(
        root=str(target.emulator["url"]).rstrip("/"),
        # Its own: TOOLKIT_CA_FILE may be there for the web filter between here and the real services.
        ca_file=Path(str(target.emulator["ca_file"])),
        first_wait=0.05,
        patience=target.patience,
        settles=target.settles,
        limits=limits,
        deadline=deadline,
    )
