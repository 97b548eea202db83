"""Retention policies: where something is kept; what is kept how long says the one rule of each."""

from collections.abc import Mapping
from uuid import uuid4

from connectors.emulator.microsoft365.compliance import locations
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.cmdlet import Outcome, Put, Remove, Request, Run, chosen, identified
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.retention_rules import POLICIES, RULES, distributed
from connectors.emulator.wire import Body, Json

NAMES = ("Name", "Guid")
_LOCK = "RestrictiveRetention"
_WORKLOADS = "Exchange, SharePoint, OneDriveForBusiness, Skype, ModernGroup"


def _list(request: Request) -> Outcome:
    detailed = bool(request.parameters.get("DistributionDetail"))
    rows = [_shown(request, policy, detailed=detailed) for policy in request.all(POLICIES)]
    return Outcome(chosen(request, rows, NAMES))


def _shown(request: Request, policy: Body, *, detailed: bool) -> Body:
    """Show a policy; without its distribution the locations are empty and the status says nothing."""
    vague: dict[str, Json] = {name: [] for name in locations.PROPERTIES}
    status = "Success" if distributed(policy, request.now) else "Pending"
    return {
        **policy,
        **({} if detailed else vague),
        "Identity": policy["Name"],
        "Workload": _WORKLOADS,
        "TeamsPolicy": locations.teams(policy),
        "DistributionStatus": status if detailed else "Pending",
        "DistributionResults": [],
    }


def _create(request: Request) -> Outcome:
    name = request.text("Name")
    _check_free(request, name)
    made: Body = {
        "Name": name,
        "Guid": str(uuid4()),
        "Comment": request.text("Comment"),
        "Enabled": request.parameters.get("Enabled", True),
        "Mode": "Enforce",
        _LOCK: request.parameters.get(_LOCK, False),
        **locations.given(request),
        "CreatedBy": request.caller,
        "WhenCreated": formats.moment(request.now),
        **touched(request),
    }
    return Outcome([_shown(request, made, detailed=False)], writes=[Put(POLICIES, str(made["Guid"]), made)])


def _change(request: Request) -> Outcome:
    before = identified(request.all(POLICIES), request.text("Identity"), NAMES)
    sent = {name: request.parameters[name] for name in ("Comment", "Enabled", _LOCK) if name in request.parameters}
    if before[_LOCK] and (False in (sent.get("Enabled"), sent.get(_LOCK)) or locations.narrows(request)):
        raise locked(before)
    after = {**before, **sent, **locations.changed(request, before), **touched(request)}
    return Outcome(writes=[Put(POLICIES, str(before["Guid"]), after)])


def _remove(request: Request) -> Outcome:
    policy = identified(request.all(POLICIES), request.text("Identity"), NAMES)
    if policy[_LOCK]:
        raise locked(policy)
    rules = [str(rule["Guid"]) for rule in request.all(RULES) if rule["Policy"] == policy["Guid"]]
    return Outcome(writes=[Remove(POLICIES, str(policy["Guid"])), *(Remove(RULES, guid) for guid in rules)])


def touched(request: Request) -> Body:
    """Record who changed something and when; what is changed is distributed again."""
    return {"LastModifiedBy": request.caller, "WhenChanged": formats.moment(request.now)}


def locked(policy: Body) -> Refused:
    """Refuse to keep less than a policy under Preservation Lock does: it can never be loosened again."""
    return Refused(
        f"The policy '{policy['Name']}' has RestrictiveRetention (Preservation Lock): it can't be turned off, removed "
        "or made less restrictive."
    )


def _check_free(request: Request, name: str) -> None:
    if any(str(policy["Name"]).lower() == name.lower() for policy in request.all(POLICIES)):
        raise Refused(f"There is already a compliance policy with the name '{name}'.")


RUNS: Mapping[str, Run] = {
    "Get-RetentionCompliancePolicy": _list,
    "New-RetentionCompliancePolicy": _create,
    "Set-RetentionCompliancePolicy": _change,
    "Remove-RetentionCompliancePolicy": _remove,
}
