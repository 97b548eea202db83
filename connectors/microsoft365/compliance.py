"""Security & Compliance, where retention lives: Exchange's protocol at the host of a region. Experimental."""

import re
from threading import Lock

from connectors.microsoft365.cloud import COMPLIANCE_HOST
from connectors.microsoft365.exchange.client import Exchange, path_of
from connectors.microsoft365.exchange.service import COMPLIANCE, Command
from connectors.microsoft365.http import ServiceRequest, ServiceWire, raise_refusal
from toolkit.errors import BadAnswer
from toolkit.sdk.calls import Caller
from toolkit.sdk.links import split_link

_REGION = re.compile(r"([a-z0-9][a-z0-9-]*)\.(?:ps\.compliance|admin)\.protection\.outlook\.com")


class Compliance:
    """One tenant's Security & Compliance; nothing is sent, not even the sign-in, before its cmdlets are asked for.

    Experimental: Microsoft documents its PowerShell module alone, and others saw sign-ins without a person fail, so
    whatever is written has to be read back. A rehearsal (WhatIf) is none here: the cmdlet runs. Follows
    https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
    """

    def __init__(self, wire: ServiceWire, caller: Caller, *, tenant_id: str, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._tenant_id = tenant_id
        self._cmdlets = Exchange(wire, caller, tenant_id=tenant_id, read_only=read_only)
        self._locating = Lock()
        self._located = False

    @property
    def sent(self) -> int:
        """Count the requests sent so far."""
        return self._wire.sent

    def cmdlets(self) -> Exchange:
        """Return the cmdlets at the tenant's region, which is asked for once; raises the errors of toolkit.errors."""
        with self._locating:
            if not self._located:
                self._wire.root = self._caller.read("EXOBanner", lambda: find_region(self._wire, self._tenant_id))
                self._located = True
            return self._cmdlets

    def close(self) -> None:
        self._wire.close()


def find_region(wire: ServiceWire, tenant_id: str) -> str:
    """Ask once, and give the address of the tenant's region; raises the errors of toolkit.errors.

    Of the redirect only the region's label counts, so that no token is ever sent to an address that an answer named;
    it may show the region as `LABEL.admin.protection.outlook.com:446`, which runs no cmdlets.
    """
    banner = Command("EXOBanner")
    reply = wire.send(ServiceRequest("GET", f"{path_of(tenant_id)}/{banner}('AutogenSession')?Version=3.9.2"))
    if not reply.redirects:
        if not reply.fine:
            raise_refusal(COMPLIANCE, banner, reply)
        raise BadAnswer(f"{banner}: Security & Compliance does not say in which region the tenant is")
    location = reply.headers.get("location", "")
    found = _REGION.fullmatch(split_link(location, str(banner)).hostname or "")
    if not found:
        raise BadAnswer(f"{banner}: {location!r} is no region of Security & Compliance; is a web filter in between?")
    return wire.root.replace(COMPLIANCE_HOST, f"{found[1]}.{COMPLIANCE_HOST}")
