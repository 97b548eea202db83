"""Security & Compliance, where retention lives: Exchange's protocol at the host of a region. Experimental."""

from threading import Lock

from connectors.microsoft365.cloud import Cloud
from connectors.microsoft365.compliance.region import find_region
from connectors.microsoft365.exchange.client import Exchange
from connectors.microsoft365.exchange.service import COMPLIANCE
from connectors.microsoft365.exchange.wire import ExchangeWire
from connectors.microsoft365.sign_in import SignIn
from toolkit.sdk.calls import Caller


class Compliance:
    """One tenant's Security & Compliance; nothing is sent, not even the sign-in, before its cmdlets are asked for.

    Experimental: Microsoft documents its PowerShell module alone, and others saw sign-ins without a person fail, so
    whatever is written has to be read back. A rehearsal (WhatIf) is none here: the cmdlet runs. Follows
    https://learn.microsoft.com/powershell/exchange/app-only-auth-powershell-v2
    """

    def __init__(self, cloud: Cloud, tenant_id: str, sign_in: SignIn, caller: Caller, *, read_only: bool) -> None:
        self._cloud = cloud
        self._tenant_id = tenant_id
        self._sign_in = sign_in
        self._caller = caller
        self._read_only = read_only
        self._global = self._wire(cloud.compliance)
        self._opening = Lock()
        self._opened: Exchange | None = None

    @property
    def sent(self) -> int:
        """Count the requests sent so far."""
        return self._global.sent + (self._opened.sent if self._opened else 0)

    def cmdlets(self) -> Exchange:
        """Give the cmdlets at the tenant's region, which is asked for once; raises the errors of toolkit.errors."""
        with self._opening:
            if self._opened is None:
                base = self._caller.read("EXOBanner", lambda: find_region(self._global, self._cloud))
                self._opened = Exchange(
                    self._wire(base), self._caller, tenant_id=self._tenant_id, read_only=self._read_only
                )
            return self._opened

    def close(self) -> None:
        self._global.close()
        if self._opened:
            self._opened.close()

    def _wire(self, base: str) -> ExchangeWire:
        return ExchangeWire(self._cloud, self._sign_in, COMPLIANCE, base=base, tenant_id=self._tenant_id)


__all__ = ["Compliance"]
