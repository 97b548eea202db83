"""Search-UnifiedAuditLog, as far as it tells what administrators changed in Exchange."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime

from connectors.emulator.audit_log import BY_HAND, Event, Thing, events
from connectors.emulator.microsoft365.exchange.cmdlet import Outcome, Request, Run
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.wire import Body

EXCHANGE_ADMIN = "ExchangeAdmin"
_ADMIN, _SERVICE_PRINCIPAL = 2, 6  # UserType, as the Management Activity API's schema numbers them
_NOUNS: Mapping[str, str] = {
    "exchange.transportRules": "TransportRule",
    "exchange.outboundSpamPolicies": "HostedOutboundSpamFilterPolicy",
    "exchange.malwareFilterPolicies": "MalwareFilterPolicy",
    "exchange.remoteDomains": "RemoteDomain",
    "exchange.externalInOutlook": "ExternalInOutlook",
    "exchange.mailboxes": "Mailbox",
    "exchange.organizationConfig": "OrganizationConfig",
}

_NO_PARAMETERS = frozenset({"WhenChanged", "WhenChangedUTC", "State"})  # Enable- and Disable- set the last of them


def _search(request: Request) -> Outcome:
    begins, ends = (datetime.fromisoformat(request.text(name)) for name in ("StartDate", "EndDate"))
    if ends <= begins:
        raise Refused("The start date must be before the end date.")
    if request.text("RecordType") not in {"", EXCHANGE_ADMIN}:
        return Outcome()
    size = request.parameters.get("ResultSize")
    found = [row for row in _rows(request) if begins <= datetime.fromisoformat(str(row["CreationDate"])) < ends]
    newest = found[::-1][: size if isinstance(size, int) else 100]
    return Outcome([{**row, "ResultIndex": n, "ResultCount": len(found)} for n, row in enumerate(newest, 1)])


def _rows(request: Request) -> Iterator[Body]:
    for event in events(request.store, request.tenant_id, *_NOUNS):
        for thing in event.things:
            operation = _operation(request, event, thing)
            user = event.doer.name if event.doer.person else event.doer.application_id
            told: Body = {
                "CreationTime": event.at.removesuffix("Z"),
                "Id": event.id,
                "Operation": operation,
                "OrganizationId": request.tenant_id,
                "RecordType": 1,
                "ResultStatus": "True",
                "UserType": _ADMIN if event.doer.person else _SERVICE_PRINCIPAL,
                "UserId": user,
                "Workload": "Exchange",
                "ObjectId": thing.name,
                "AppId": event.doer.application_id,
                "ClientAppId": "",
                "Parameters": [{"Name": name, "Value": value} for name, value in _parameters(request, thing)],
            }
            yield {
                "RecordType": EXCHANGE_ADMIN,
                "CreationDate": event.at,
                "UserIds": user,
                "Operations": operation,
                "AuditData": json.dumps(told),
                "Identity": event.id,
            }


def _parameters(request: Request, thing: Thing) -> Iterator[tuple[str, str]]:
    """Show what a cmdlet was given: of what it changed the values as they are now."""
    yield "Identity", thing.key
    body = request.store.get(request.tenant_id, thing.collection, thing.key) or {}
    yield from ((name, str(body.get(name))) for name in thing.changed if name not in _NO_PARAMETERS)


def _operation(request: Request, event: Event, thing: Thing) -> str:
    if event.operation != BY_HAND:
        return event.operation
    verb = "New" if thing.new else "Remove" if thing.gone else "Set"
    if list(thing.changed) == ["State"]:  # the portal has a switch of its own for that
        body = request.store.get(request.tenant_id, thing.collection, thing.key) or {}
        verb = "Enable" if body.get("State") == "Enabled" else "Disable"
    return f"{verb}-{_NOUNS[thing.collection]}"


RUNS: Mapping[str, Run] = {"Search-UnifiedAuditLog": _search}
