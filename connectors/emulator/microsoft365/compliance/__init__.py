"""Security & Compliance. It uses the same protocol as Exchange, with a host for each region.

The global host redirects to the region's host. Only the region's host runs cmdlets.
"""

from collections.abc import Mapping, Sequence
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from connectors.emulator.microsoft365.applications import COMPLIANCE
from connectors.emulator.microsoft365.compliance import alerts, policies
from connectors.emulator.microsoft365.compliance.policies import NAMES, change_stamp, covers_only_teams, lock_refusal
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.answers import no_token
from connectors.emulator.microsoft365.exchange.cmdlet import (
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    choose_rows,
    find_object,
    read_cmdlets,
    read_unemulated_cmdlets,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.exchange.service import ROOT, CmdletService, ExchangeRoute, Workload, read_route
from connectors.emulator.microsoft365.retention_rules import POLICIES, RULES
from connectors.emulator.service import Answer, Batch, Call, Operation
from connectors.emulator.store import Body, Json, Store

_DURATION, _OPTION = "RetentionDuration", "ExpirationDateOption"
_UNSAID: Body = {
    "Comment": "",
    "ContentMatchQuery": "",
    _OPTION: "CreationAgeInDays",
    "RetentionComplianceAction": "Keep",
    _DURATION: "Unlimited",
}


def _list_rules(request: Request) -> Outcome:
    rows = choose_rows(request, [_rule_row(rule) for rule in request.all(RULES)], NAMES)
    named = request.text("Policy")
    if named:
        guid = find_object(request.all(POLICIES), named, NAMES)["Guid"]
        rows = [rule for rule in rows if rule["Policy"] == guid]
    return Outcome(rows)


def _rule_row(rule: Body) -> Body:
    return {**rule, "Identity": rule["Name"], "Mode": "Enforce", "Disabled": False}


def _create_rule(request: Request) -> Outcome:
    policy = find_object(request.all(POLICIES), request.text("Policy"), NAMES)
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
        "WhenCreated": formats.to_moment(request.now),
        **change_stamp(request),
    }
    _check_option(request, policy)
    return Outcome([_rule_row(made)], writes=[Put(RULES, guid, made), _distribute_again(request, policy)])


def _change_rule(request: Request) -> Outcome:
    before = find_object(request.all(RULES), request.text("Identity"), NAMES)
    policy = _find_policy(request, before)
    sent = {name: request.parameters[name] for name in _UNSAID if name in request.parameters}
    if policy["RestrictiveRetention"] and _duration_days(sent.get(_DURATION, before[_DURATION])) < _duration_days(
        before[_DURATION]
    ):
        raise lock_refusal(policy)
    _check_option(request, policy)
    after = {**before, **sent, **change_stamp(request)}
    return Outcome(writes=[Put(RULES, str(before["Guid"]), after), _distribute_again(request, policy)])


def _remove_rule(request: Request) -> Outcome:
    rule = find_object(request.all(RULES), request.text("Identity"), NAMES)
    policy = _find_policy(request, rule)
    if policy["RestrictiveRetention"]:
        raise lock_refusal(policy)
    return Outcome(writes=[Remove(RULES, str(rule["Guid"])), _distribute_again(request, policy)])


def _find_policy(request: Request, rule: Body) -> Body:
    return find_object(request.all(POLICIES), str(rule["Policy"]), ("Guid",))


def _distribute_again(request: Request, policy: Body) -> Put:
    return Put(POLICIES, str(policy["Guid"]), {**policy, **change_stamp(request)})


def _duration_days(duration: Json) -> float:
    return float("inf") if duration == "Unlimited" else float(str(duration))


def _check_option(request: Request, policy: Body) -> None:
    if covers_only_teams(policy) and request.parameters.get(_OPTION) == "ModificationAgeInDays":
        raise Refused("ModificationAgeInDays can't be used in a policy for Teams.")


RUNS: Mapping[str, Run] = {
    **alerts.RUNS,
    **policies.RUNS,
    "Get-RetentionComplianceRule": _list_rules,
    "New-RetentionComplianceRule": _create_rule,
    "Set-RetentionComplianceRule": _change_rule,
    "Remove-RetentionComplianceRule": _remove_rule,
}

GLOBAL = "ps.compliance.protection.outlook.com"
REGION = f"eur01b.{GLOBAL}"
PLACE = "compliance.region"  # region: {"host": ...}, the host of the redirect
_BANNER = Operation("GET EXOBanner", write=False, notes="at the global host: redirects to the host of the region")
_WORKLOAD = Workload(
    name="compliance",
    hosts=(GLOBAL, REGION),
    roots=(),  # its paths are Exchange's own: only the host tells them apart
    audiences=(COMPLIANCE,),
    cmdlets=read_cmdlets(__file__, RUNS),
    other_names=read_unemulated_cmdlets(__file__),
    administrators=frozenset({"Compliance Administrator", "Compliance Data Administrator", "Global Administrator"}),
)


class Compliance(CmdletService):
    """The service at ps.compliance.protection.outlook.com and its regional hosts.

    The global host does not run cmdlets.
    """

    @property
    def emulated_operations(self) -> Sequence[Operation]:
        return [_BANNER, *super().emulated_operations]

    def operations(self, call: Call) -> Sequence[Operation]:
        if _is_regional_host(call):
            return super().operations(call)
        return [_BANNER] if _banner_route(call) else []

    def batch(self, call: Call) -> Batch | None:
        return super().batch(call) if _is_regional_host(call) else None

    def answer(self, call: Call, store: Store) -> Answer:
        """Run a cmdlet, or redirect the request to the region's host."""
        route = _banner_route(call)
        if _is_regional_host(call) or route is None:
            return super().answer(call, store)
        if call.principal is None or not _WORKLOAD.grants_access(call.principal):
            return no_token(call)
        region = store.get(call.principal.tenant_id, PLACE, "region") or {}
        place = f"https://{region.get('host', REGION)}{ROOT}/{route.version}/{route.tenant}/EXOBanner('AutogenSession')"
        return Answer(302, b"", {"Location": f"{place}?{urlencode(call.query)}"})


def _is_regional_host(call: Call) -> bool:
    base = urlsplit(call.base)
    return (base.path.strip("/") or base.hostname or "").lower() != GLOBAL


def _banner_route(call: Call) -> ExchangeRoute | None:
    route = read_route(call)
    is_banner = route is not None and route.version == "beta" and route.action == "exobanner('autogensession')"
    return route if is_banner and call.method == "GET" else None


SERVICE = Compliance(_WORKLOAD)
