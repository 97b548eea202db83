"""A service of cmdlets: its addresses, its cmdlets, and the directory roles that administer it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet
from connectors.emulator.microsoft365.exchange.errors import Denied, NotEmulated
from connectors.emulator.service import Call, Operation, Principal

APP_ROLE = "Exchange.ManageAsApp"


@dataclass(frozen=True, slots=True)
class Workload:
    """One service of cmdlets: Exchange Online, or Security & Compliance."""

    name: str
    hosts: Sequence[str]
    roots: Sequence[str]
    audiences: Sequence[str]
    cmdlets: Callable[[], Mapping[str, Cmdlet]]  # by name in lower case
    known: Mapping[str, str]  # names, by themselves in lower case, of what the vendor has and nobody emulates
    administrators: frozenset[str]

    def opens(self, principal: Principal | None) -> bool:
        """Tell whether a token opens the service at all."""
        return principal is not None and APP_ROLE in principal.roles

    def allowed(self, principal: Principal | None, name: str) -> Cmdlet:
        """Find a cmdlet that the caller may run: one of the caller's directory roles covers it.

        Raises Denied, which does not tell an unknown cmdlet from a forbidden one, and NotEmulated.
        """
        cmdlet = self.cmdlets().get(name.lower())
        if cmdlet is None and name.lower() in self.known:
            raise NotEmulated(self.known[name.lower()])
        if cmdlet is None or principal is None:
            raise Denied
        if not principal.directory_roles & (self.administrators | cmdlet.readers):
            raise Denied
        return cmdlet

    def operation(self, name: str) -> Operation:
        """Name a cmdlet as the vendor spells it."""
        cmdlet = self.cmdlets().get(name.lower())
        if cmdlet:
            return cmdlet.operation
        return Operation(
            self.known.get(name.lower(), name), write=not name.lower().startswith(("get-", "test-", "search-"))
        )


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
