"""Alert policies: Microsoft's own, which can only be switched on and off, and custom policies.

https://learn.microsoft.com/powershell/module/exchangepowershell/new-protectionalert
"""

from collections.abc import Mapping
from uuid import uuid4

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.cmdlet import (
    NAMES,
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    apply_parameters,
    find_object,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.retention_rules import as_sequence
from connectors.emulator.store import Body

ALERTS = "compliance.protectionAlerts"


def _list_alerts(request: Request) -> Outcome:
    """Return all alert policies, even if the identity in the request is unknown."""
    rows = [{**row, "Identity": row["Name"]} for row in request.all(ALERTS)]
    named = [row for row in rows if request.text("Identity").lower() in {str(row[name]).lower() for name in NAMES[:2]}]
    return Outcome(named or rows)


def _create_alert(request: Request) -> Outcome:
    name, sent = request.text("Name"), request.parameters
    if any(str(row["Name"]).lower() == name.lower() for row in request.all(ALERTS)):
        raise Refused(f"There is already an alert with the name '{name}'.")
    if len(as_sequence(sent.get("Operation"))) != 1:
        raise Refused("Operation takes one value.")
    if sent.get("AggregationType") != "None":
        raise Refused("This alert needs a licence that the organization doesn't have.")
    guid = str(uuid4())
    made: Body = {
        "Guid": guid,
        "IsSystemRule": False,
        "ReadOnly": False,
        "NotificationEnabled": True,
        "WhenCreated": formats.to_moment(request.now),
        "WhenChanged": formats.to_moment(request.now),
        **sent,
    }
    return Outcome([made], writes=[Put(ALERTS, guid, made)])


def _change_alert(request: Request) -> Outcome:
    before = find_object(request.all(ALERTS), request.text("Identity"), NAMES)
    after = {**apply_parameters(before, request.parameters), "WhenChanged": formats.to_moment(request.now)}
    return Outcome(writes=[Put(ALERTS, str(before["Guid"]), after)])


def _remove_alert(request: Request) -> Outcome:
    alert = find_object(request.all(ALERTS), request.text("Identity"), NAMES)
    if alert.get("IsSystemRule"):
        raise Refused(f"The alert '{alert['Name']}' is a system rule and can't be removed.")
    return Outcome(writes=[Remove(ALERTS, str(alert["Guid"]))])


RUNS: Mapping[str, Run] = {
    "Get-ProtectionAlert": _list_alerts,
    "New-ProtectionAlert": _create_alert,
    "Set-ProtectionAlert": _change_alert,
    "Remove-ProtectionAlert": _remove_alert,
}
