"""Where Microsoft's services are for a run, and how this machine reaches them."""

from dataclasses import dataclass
from pathlib import Path

from toolkit.sdk.connector import Target
from toolkit.sdk.limits import Limits, RunDeadline

COMPLIANCE_HOST = "ps.compliance.protection.outlook.com"
CONNECT_SECONDS = 10.0
READ_SECONDS = 100.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """The addresses of the services; `trust_environment` lets HTTPS_PROXY and its like count.

    A call that fails in passing is tried again after `first_wait` seconds and more, for `patience` seconds in all.
    """

    authority: str
    exchange: str
    compliance: str  # where the region is asked for, each of which has a host below this one
    graph: str
    defender: str
    ca_file: Path | None
    trust_environment: bool
    emulated: bool
    first_wait: float
    patience: float
    settles: float | None  # seconds in which reads have heard of a write; None: as long as each kind says
    limits: Limits
    deadline: RunDeadline

    @property
    def verify(self) -> str | bool:
        """Give what a client is told to trust: one authority's certificate, or everybody's."""
        return str(self.ca_file) if self.ca_file else True


def find_cloud(target: Target) -> Cloud:
    """Find the services of a target."""
    limits = target.limits
    deadline = target.deadline or RunDeadline(limits.run_seconds)
    if target.emulator is None:
        return Cloud(
            authority="https://login.microsoftonline.com",
            exchange="https://outlook.office365.com",
            compliance=f"https://{COMPLIANCE_HOST}",
            graph="https://graph.microsoft.com/v1.0",
            defender="https://api.securitycenter.microsoft.com",
            ca_file=target.ca_file,
            trust_environment=True,
            emulated=False,
            first_wait=1.0,
            patience=target.patience,
            settles=target.settles,
            limits=limits,
            deadline=deadline,
        )
    url = str(target.emulator["url"]).rstrip("/")
    return Cloud(
        authority=url,
        exchange=url,
        compliance=f"{url}/{COMPLIANCE_HOST}",
        graph=f"{url}/graph.microsoft.com/v1.0",
        defender=f"{url}/api.securitycenter.microsoft.com",
        # Its own: TOOLKIT_CA_FILE may be there for the web filter between here and the real services.
        ca_file=Path(str(target.emulator["ca_file"])),
        trust_environment=False,
        emulated=True,
        first_wait=0.05,
        patience=target.patience,
        settles=target.settles,
        limits=limits,
        deadline=deadline,
    )
