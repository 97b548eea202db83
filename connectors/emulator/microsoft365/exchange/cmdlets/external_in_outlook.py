"""The tag that Outlook itself shows on mail from outside: one setting for the organisation."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import BY_GLOBAL, Cmdlet, Outcome, Put, Request, merged
from connectors.emulator.microsoft365.exchange.parameters import WHICH, CmdletParameter, Refused, by_name
from connectors.emulator.wire import Body

SETTING = "exchange.externalInOutlook"
ENTRIES = 200
BYTES = 8 * 1024

# https://learn.microsoft.com/powershell/module/exchangepowershell/set-externalinoutlook (no Confirm, no WhatIf)
_PARAMETERS = by_name(
    (
        WHICH,
        CmdletParameter("AllowList", "MultiValuedProperty", unset=()),
        CmdletParameter("Enabled", "Boolean", nullable=False),
    )
)


def _get(request: Request) -> Outcome:
    return Outcome([_shown(row) for row in request.all(SETTING)])


def _set(request: Request) -> Outcome:
    """Change the setting; Identity is taken and means nothing, there being one setting alone."""
    setting = request.all(SETTING)[0]
    after = merged(setting, request.parameters)
    entries = after["AllowList"]
    listed = [str(entry) for entry in entries] if isinstance(entries, Sequence) else []
    if len(listed) > ENTRIES or sum(len(entry.encode()) for entry in listed) > BYTES:
        raise Refused(f"AllowList can't hold more than {ENTRIES} entries or {BYTES} bytes.")
    return Outcome(writes=[Put(SETTING, str(setting["Guid"]), _shown(after))])


def _shown(row: Body) -> Body:
    return {"Identity": row["Guid"], "Enabled": row["Enabled"], "AllowList": row["AllowList"]}


CMDLETS = (
    Cmdlet("Get-ExternalInOutlook", _get, by_name((WHICH,)), BY_GLOBAL),
    Cmdlet("Set-ExternalInOutlook", _set, _PARAMETERS),
)
