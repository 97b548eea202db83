"""Cmdlets for the organisation's settings and policies that need more than a row in `cmdlets.json`.

The pages of the cmdlets are below https://learn.microsoft.com/powershell/module/exchangepowershell/, such as
set-remotedomain.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.emulator.audit_log import BY_HAND, Event, Thing, read_events
from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Request,
    Run,
    apply_parameters,
    change_object,
    change_single_object,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.retention_rules import as_sequence, read_preserving_holds
from connectors.emulator.store import Body

_ORGANIZATION, _OUTLOOK = "exchange.organizationConfig", "exchange.externalInOutlook"
ENTRIES = 200
BYTES = 8 * 1024


def _get_organization(request: Request) -> Outcome:
    """Return the organisation's settings, with the retention policies that cover the whole organisation."""
    kept = read_preserving_holds(request.store, request.tenant_id, request.now)
    return Outcome(
        [
            {**row, "InPlaceHolds": [*as_sequence(row.get("InPlaceHolds")), *kept.by_address.get("all", ())]}
            for row in request.all(_ORGANIZATION)
        ]
    )


def _get_outlook(request: Request) -> Outcome:
    return Outcome([_policy_row(row) for row in request.all(_OUTLOOK)])


def _set_outlook(request: Request) -> Outcome:
    """Change the tag that Outlook shows on mail from outside. The Identity is accepted and ignored."""
    setting = request.all(_OUTLOOK)[0]
    after = apply_parameters(setting, request.parameters)
    entries = after["AllowList"]
    listed = [str(entry) for entry in entries] if isinstance(entries, Sequence) else []
    if len(listed) > ENTRIES or sum(len(entry.encode()) for entry in listed) > BYTES:
        raise Refused(f"AllowList can't hold more than {ENTRIES} entries or {BYTES} bytes.")
    return Outcome(writes=[Put(_OUTLOOK, str(setting["Guid"]), _policy_row(after))])


def _policy_row(row: Body) -> Body:
    return {"Identity": row["Guid"], "Enabled": row["Enabled"], "AllowList": row["AllowList"]}


def _adjust_domain(before: Body, after: Body) -> Body:
    """Make two settings of a remote domain agree, as the service does: automatic replies, and whether the domain is
    internal.
    """
    if after["AllowedOOFType"] == "InternalLegacy" != before["AllowedOOFType"]:
        return {**after, "IsInternal": True}
    if before["IsInternal"] and not after["IsInternal"]:
        return {**after, "AllowedOOFType": "ExternalLegacy"}
    return after


EXCHANGE_ADMIN = "ExchangeAdmin"
_ADMIN, _SERVICE_PRINCIPAL = 2, 6  # UserType, as the Management Activity API's schema numbers them
_NOUNS: Mapping[str, str] = {
    "exchange.transportRules": "TransportRule",
    "exchange.outboundSpamPolicies": "HostedOutboundSpamFilterPolicy",
    "exchange.antiPhishPolicies": "AntiPhishPolicy",
    "exchange.contentFilterPolicies": "HostedContentFilterPolicy",
    "exchange.filesProtection": "AtpPolicyForO365",
    "exchange.malwareFilterPolicies": "MalwareFilterPolicy",
    "exchange.owaMailboxPolicies": "OwaMailboxPolicy",
    "exchange.connectionFilters": "HostedConnectionFilterPolicy",
    "exchange.sharingPolicies": "SharingPolicy",
    "exchange.dkimSigningConfigs": "DkimSigningConfig",
    "exchange.rightsManagement": "IRMConfiguration",
    "exchange.remoteDomains": "RemoteDomain",
    "exchange.reportSubmissionPolicies": "ReportSubmissionPolicy",
    "exchange.externalInOutlook": "ExternalInOutlook",
    "exchange.lists": "DistributionGroup",
    "exchange.mailboxes": "Mailbox",
    "exchange.organizationConfig": "OrganizationConfig",
    "exchange.adminAuditLogConfig": "AdminAuditLogConfig",
}

_NO_PARAMETERS = frozenset({"WhenChanged", "WhenChangedUTC", "State"})  # Enable- and Disable- set the last of them


def _search_audit_log(request: Request) -> Outcome:
    begins, ends = (datetime.fromisoformat(request.text(name)) for name in ("StartDate", "EndDate"))
    if ends <= begins:
        raise Refused("The start date must be before the end date.")
    if request.text("RecordType") not in {"", EXCHANGE_ADMIN}:
        return Outcome()
    size = request.parameters.get("ResultSize")
    matches = [row for row in _audit_rows(request) if begins <= datetime.fromisoformat(str(row["CreationDate"])) < ends]
    newest = matches[::-1][: size if isinstance(size, int) else 100]
    return Outcome([{**row, "ResultIndex": n, "ResultCount": len(matches)} for n, row in enumerate(newest, 1)])


def _audit_rows(request: Request) -> Iterator[Body]:
    for event in read_events(request.store, request.tenant_id, *_NOUNS):
        for changed_object in event.things:
            operation = _cmdlet_of_event(request, event, changed_object)
            user = event.doer.name if event.doer.person else event.doer.application_id
            audit_data: Body = {
                "CreationTime": event.at.removesuffix("Z"),
                "Id": event.id,
                "Operation": operation,
                "OrganizationId": request.tenant_id,
                "RecordType": 1,
                "ResultStatus": "True",
                "UserType": _ADMIN if event.doer.person else _SERVICE_PRINCIPAL,
                "UserId": user,
                "Workload": "Exchange",
                "ObjectId": changed_object.name,
                "AppId": event.doer.application_id,
                "ClientAppId": "",
                "Parameters": [
                    {"Name": name, "Value": value} for name, value in _recorded_parameters(request, changed_object)
                ],
            }
            yield {
                "RecordType": EXCHANGE_ADMIN,
                "CreationDate": event.at,
                "UserIds": user,
                "Operations": operation,
                "AuditData": json.dumps(audit_data),
                "Identity": event.id,
            }


def _recorded_parameters(request: Request, changed_object: Thing) -> Iterator[tuple[str, str]]:
    """Yield the parameters of a recorded cmdlet. The value of a changed property is its current value."""
    yield "Identity", changed_object.key
    body = request.store.get(request.tenant_id, changed_object.collection, changed_object.key) or {}
    yield from ((name, str(body.get(name))) for name in changed_object.changed if name not in _NO_PARAMETERS)


def _cmdlet_of_event(request: Request, event: Event, changed_object: Thing) -> str:
    if event.operation != BY_HAND:
        return event.operation
    verb = "New" if changed_object.new else "Remove" if changed_object.gone else "Set"
    if list(changed_object.changed) == ["State"]:  # the portal has a switch of its own for that
        body = request.store.get(request.tenant_id, changed_object.collection, changed_object.key) or {}
        verb = "Enable" if body.get("State") == "Enabled" else "Disable"
    return f"{verb}-{_NOUNS[changed_object.collection]}"


RUNS: Mapping[str, Run] = {
    "Get-OrganizationConfig": _get_organization,
    "Set-AtpPolicyForO365": change_single_object("exchange.filesProtection"),
    "Set-IRMConfiguration": change_single_object("exchange.rightsManagement"),
    "Set-OrganizationConfig": change_single_object(_ORGANIZATION),
    "Set-TransportConfig": change_single_object("exchange.transportConfig"),
    "Get-ExternalInOutlook": _get_outlook,
    "Set-ExternalInOutlook": _set_outlook,
    "Search-UnifiedAuditLog": _search_audit_log,
    "Set-RemoteDomain": change_object("exchange.remoteDomains", _adjust_domain),
}
