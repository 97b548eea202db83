"""Settings of the organisation and its policies that are more than a row of `cmdlets.json`.

The pages of the cmdlets are those of https://learn.microsoft.com/powershell/module/exchangepowershell/, such as
set-remotedomain.
"""

from collections.abc import Mapping, Sequence

from connectors.emulator.microsoft365.exchange.cmdlet import Outcome, Put, Request, Run, changing, merged
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.wire import Body

_ORGANIZATION, _OUTLOOK = "exchange.organizationConfig", "exchange.externalInOutlook"
ENTRIES = 200
BYTES = 8 * 1024


def _set_organization(request: Request) -> Outcome:
    """Change the organisation, which is known without an Identity."""
    before = request.all(_ORGANIZATION)[0]
    return Outcome(writes=[Put(_ORGANIZATION, str(before["Guid"]), merged(before, request.parameters))])


def _get_outlook(request: Request) -> Outcome:
    return Outcome([_shown(row) for row in request.all(_OUTLOOK)])


def _set_outlook(request: Request) -> Outcome:
    """Change the tag that Outlook shows on mail from outside; Identity is taken and means nothing."""
    setting = request.all(_OUTLOOK)[0]
    after = merged(setting, request.parameters)
    entries = after["AllowList"]
    listed = [str(entry) for entry in entries] if isinstance(entries, Sequence) else []
    if len(listed) > ENTRIES or sum(len(entry.encode()) for entry in listed) > BYTES:
        raise Refused(f"AllowList can't hold more than {ENTRIES} entries or {BYTES} bytes.")
    return Outcome(writes=[Put(_OUTLOOK, str(setting["Guid"]), _shown(after))])


def _shown(row: Body) -> Body:
    return {"Identity": row["Guid"], "Enabled": row["Enabled"], "AllowList": row["AllowList"]}


def _adjust_domain(before: Body, after: Body) -> Body:
    """Keep automatic replies and the domain's being internal in step, as the service does."""
    if after["AllowedOOFType"] == "InternalLegacy" != before["AllowedOOFType"]:
        return {**after, "IsInternal": True}
    if before["IsInternal"] and not after["IsInternal"]:
        return {**after, "AllowedOOFType": "ExternalLegacy"}
    return after


RUNS: Mapping[str, Run] = {
    "Set-OrganizationConfig": _set_organization,
    "Get-ExternalInOutlook": _get_outlook,
    "Set-ExternalInOutlook": _set_outlook,
    "Set-RemoteDomain": changing("exchange.remoteDomains", _adjust_domain),
}
