"""The addresses of the service, /adminapi/VERSION/TENANT/ACTION, with slashes doubled or trailing as clients do."""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.emulator.service import Call

HOSTS: Sequence[str] = (
    "outlook.office365.com",
    "outlook.office365.us",
    "outlook-dod.office365.us",
    "outlook.office365.cn",
)
AUDIENCES: Sequence[str] = (*(f"https://{host}" for host in HOSTS), "00000002-0000-0ff1-ce00-000000000000")
ROOT = "/adminapi"


@dataclass(frozen=True, slots=True)
class ExchangeRoute:
    """Where a call goes."""

    version: str
    tenant: str
    action: str  # in lower case

    @property
    def served(self) -> bool:
        """Whether the emulator knows the action; InvokeCommand of v1.0 is known to be refused."""
        return (self.version == "beta" and self.action in {"invokecommand", "$batch"}) or self.outdated

    @property
    def outdated(self) -> bool:
        return self.version == "v1.0" and self.action == "invokecommand"

    def root(self, base: str) -> str:
        """Make the address that @odata.context and next links begin with."""
        return f"{base}{ROOT}/{self.version}/{self.tenant}"


def read_route(call: Call) -> ExchangeRoute | None:
    """Read the path of a call; None where it is none of this service."""
    match [part for part in call.path.split("/") if part]:
        case [root, version, tenant, action] if f"/{root.lower()}" == ROOT:
            return ExchangeRoute(version.lower(), tenant.lower(), action.lower())
    return None
