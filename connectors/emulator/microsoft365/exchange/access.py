"""Who may run a cmdlet: the token carries an application permission, the service principal a directory role."""

from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet
from connectors.emulator.service import Principal

APP_ROLE = "Exchange.ManageAsApp"
ADMINISTRATORS = frozenset({"Exchange Administrator", "Global Administrator"})


def signed_in(principal: Principal | None, tenant_id: str) -> bool:
    """Tell whether a token opens this tenant's service at all."""
    return principal is not None and principal.tenant_id == tenant_id and APP_ROLE in principal.roles


def may_run(principal: Principal, cmdlet: Cmdlet) -> bool:
    """Tell whether one of the caller's directory roles covers a cmdlet."""
    return bool(principal.directory_roles & (ADMINISTRATORS | cmdlet.readers))
