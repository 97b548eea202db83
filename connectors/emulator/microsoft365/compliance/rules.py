"""The rule of a retention policy: how long something is kept, and whether it is deleted then."""

from uuid import uuid4

from connectors.emulator.microsoft365.compliance.locations import READERS, teams
from connectors.emulator.microsoft365.compliance.policies import NAMES, locked, rehearsed, touched
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet, Outcome, Put, Remove, Request, chosen, identified
from connectors.emulator.microsoft365.exchange.errors import Refused
from connectors.emulator.microsoft365.exchange.parameters import (
    IDENTITY,
    WHICH,
    CmdletParameter,
    Reach,
    by_name,
    elsewhere,
)
from connectors.emulator.microsoft365.retention_rules import POLICIES, RULES
from connectors.emulator.wire import Body, Json

_DURATION, _OPTION = "RetentionDuration", "ExpirationDateOption"
_UNSAID: Body = {
    "Comment": "",
    "ContentMatchQuery": "",
    _OPTION: "CreationAgeInDays",
    "RetentionComplianceAction": "Keep",
    _DURATION: "Unlimited",
}


def _list(request: Request) -> Outcome:
    rows = chosen(request, [_shown(rule) for rule in request.all(RULES)], NAMES)
    named = request.text("Policy")
    if named:
        guid = identified(request.all(POLICIES), named, NAMES)["Guid"]
        rows = [rule for rule in rows if rule["Policy"] == guid]
    return Outcome(rows)


def _shown(rule: Body) -> Body:
    return {**rule, "Identity": rule["Name"], "Mode": "Enforce", "Disabled": False}


def _create(request: Request) -> Outcome:
    policy = identified(request.all(POLICIES), request.text("Policy"), NAMES)
    rules = request.all(RULES)
    if any(rule["Policy"] == policy["Guid"] for rule in rules):
        raise Refused(f"The policy '{policy['Name']}' already has a rule.")
    guid = str(uuid4())
    name = request.text("Name") or guid
    if any(str(rule["Name"]).lower() == name.lower() for rule in rules):
        raise Refused(f"There is already a compliance rule with the name '{name}'.")
    made: Body = {
        "Name": name,
        "Guid": guid,
        "Policy": policy["Guid"],
        **{key: request.parameters.get(key, unset) for key, unset in _UNSAID.items()},
        "CreatedBy": request.caller,
        "WhenCreated": formats.moment(request.now),
        **touched(request),
    }
    _check_option(request, policy)
    return Outcome([_shown(made)], writes=[Put(RULES, guid, made), _distribute(request, policy)])


def _change(request: Request) -> Outcome:
    before = identified(request.all(RULES), request.text("Identity"), NAMES)
    policy = _policy(request, before)
    sent = {name: request.parameters[name] for name in _UNSAID if name in request.parameters}
    if policy["RestrictiveRetention"] and _days(sent.get(_DURATION, before[_DURATION])) < _days(before[_DURATION]):
        raise locked(policy)
    _check_option(request, policy)
    after = {**before, **sent, **touched(request)}
    return Outcome(writes=[Put(RULES, str(before["Guid"]), after), _distribute(request, policy)])


def _remove(request: Request) -> Outcome:
    rule = identified(request.all(RULES), request.text("Identity"), NAMES)
    policy = _policy(request, rule)
    if policy["RestrictiveRetention"]:
        raise locked(policy)
    return Outcome(writes=[Remove(RULES, str(rule["Guid"])), _distribute(request, policy)])


def _policy(request: Request, rule: Body) -> Body:
    return identified(request.all(POLICIES), str(rule["Policy"]), ("Guid",))


def _distribute(request: Request, policy: Body) -> Put:
    return Put(POLICIES, str(policy["Guid"]), {**policy, **touched(request)})


def _days(duration: Json) -> float:
    return float("inf") if duration == "Unlimited" else float(str(duration))


def _check_option(request: Request, policy: Body) -> None:
    if teams(policy) and request.parameters.get(_OPTION) == "ModificationAgeInDays":
        raise Refused("ModificationAgeInDays can't be used in a policy for Teams.")


_SETTINGS = (
    CmdletParameter("Comment", "String", unset=""),
    CmdletParameter("ContentMatchQuery", "String", unset=""),
    CmdletParameter(_OPTION, "ExpirationDateOption", nullable=False),
    CmdletParameter("RetentionComplianceAction", "RetentionComplianceAction", nullable=False),
    CmdletParameter(_DURATION, "Unlimited", unset="Unlimited", lowest=1),
    CmdletParameter("Force", "SwitchParameter", reach=Reach.IGNORED),
)
_OTHERS = elsewhere(
    "ApplyComplianceTag", "ContentContainsSensitiveInformation", "ContentDateFrom", "ContentDateTo",
    "ExcludedItemClasses", "RetentionDurationDisplayHint", "PriorityCleanup",
)  # fmt: skip

# https://learn.microsoft.com/powershell/module/exchangepowershell/new-retentioncompliancerule
CMDLETS = (
    Cmdlet("Get-RetentionComplianceRule", _list, by_name((WHICH, CmdletParameter("Policy", "String"))), READERS),
    Cmdlet(
        "New-RetentionComplianceRule",
        _create,
        by_name(
            (
                CmdletParameter("Name", "String", longest=64),
                CmdletParameter("Policy", "String", required=True),
                *_SETTINGS,
            ),
            (*_OTHERS, *elsewhere("PublishComplianceTag")),
            rehearsed(),
        ),
        notes="one rule a policy; no labels",
    ),
    Cmdlet("Set-RetentionComplianceRule", _change, by_name((IDENTITY, *_SETTINGS), _OTHERS, rehearsed())),
    Cmdlet("Remove-RetentionComplianceRule", _remove, by_name((IDENTITY,), elsewhere("ForceDeletion"), rehearsed())),
)
