"""Transport rules. They run in the order of their priorities, and a rule's priority is its place in the collection."""

from collections.abc import Mapping, Sequence
from uuid import uuid4

from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange import rules as table
from connectors.emulator.microsoft365.exchange.cmdlet import (
    Arrange,
    Outcome,
    Put,
    Remove,
    Request,
    Run,
    choose_rows,
    find_object,
    limit_rows,
)
from connectors.emulator.microsoft365.exchange.parameters import Refused
from connectors.emulator.microsoft365.exchange.rules import apply_to_rule, rule_as_shown, without_details
from connectors.emulator.store import Body, Json

RULES = "exchange.transportRules"
_NAMES = ("Name", "Guid", "ImmutableId", "DistinguishedName")


def _list_rules(request: Request) -> Outcome:
    shown = [rule_as_shown(rule, place) for place, rule in enumerate(request.all(RULES))]
    state = request.text("State")
    rows = [rule for rule in choose_rows(request, shown, _NAMES) if state in {"", rule["State"]}]
    if request.parameters.get("ExcludeConditionActionDetails"):
        rows = [without_details(rule) for rule in rows]
    return limit_rows(request, rows)


def _create_rule(request: Request) -> Outcome:
    rules = request.all(RULES)
    table.check_number(rules)
    identifier = str(uuid4())
    named: dict[str, Json] = {
        **table.BLANK,
        "Guid": identifier,
        "ImmutableId": identifier,
        "CreatedBy": request.caller,
        "State": "Disabled" if request.parameters.get("Enabled") is False else "Enabled",
    }
    rule = _check_rule(request, named, rules)
    place = table.check_priority(_read_priority(request, len(rules)), len(rules))
    shown = (rule_as_shown(rule, place),)
    if place == len(rules):
        return Outcome(shown, writes=[Put(RULES, identifier, rule)])
    return Outcome(shown, writes=[_arrange([*rules[:place], rule, *rules[place:]])])


def _change_rule(request: Request) -> Outcome:
    rules = request.all(RULES)
    rule = _find_rule(request, rules)
    others = [other for other in rules if other["Guid"] != rule["Guid"]]
    after = _check_rule(request, {**table.BLANK, **rule}, others)
    before = rules.index(rule)
    place = table.check_priority(_read_priority(request, before), len(others))
    if place == before:
        return Outcome(writes=[Put(RULES, str(rule["Guid"]), after)])
    return Outcome(writes=[_arrange([*others[:place], after, *others[place:]])])


def _remove_rule(request: Request) -> Outcome:
    rule = _find_rule(request, request.all(RULES))
    return Outcome(writes=[Remove(RULES, str(rule["Guid"]))])


def _switch_rule(request: Request, state: str) -> Outcome:
    rule = _find_rule(request, request.all(RULES))
    mode = {"Mode": request.parameters["Mode"]} if "Mode" in request.parameters else {}
    after = {**rule, **mode, "State": state, **_change_author(request)}
    return Outcome(writes=[Put(RULES, str(rule["Guid"]), after)])


def _find_rule(request: Request, rules: Sequence[Body]) -> Body:
    return find_object(rules, request.text("Identity"), _NAMES)


def _check_rule(request: Request, rule: Body, others: Sequence[Body]) -> Body:
    recipients = table.index_recipients(request.all("exchange.recipients"), request.all("exchange.acceptedDomains"))
    sent = {
        name: recipients.resolve_names(table.NEW[name.lower()], value) if name.lower() in table.NEW else value
        for name, value in request.parameters.items()
    }
    connector = sent.get("RouteMessageOutboundConnector")
    if connector and connector not in {outbound["Name"] for outbound in request.all("exchange.outboundConnectors")}:
        raise Refused(f"The outbound connector '{connector}' couldn't be found.")
    after = {**apply_to_rule(rule, sent), **_change_author(request)}
    table.check_rule(after, others)
    return after


def _change_author(request: Request) -> Body:
    return {"LastModifiedBy": request.caller, "WhenChanged": formats.to_moment(request.now)}


def _read_priority(request: Request, default: int) -> int:
    priority = request.parameters.get("Priority", default)
    return priority if isinstance(priority, int) else default


def _arrange(rules: Sequence[Body]) -> Arrange:
    return Arrange(RULES, {str(rule["Guid"]): rule for rule in rules})


RUNS: Mapping[str, Run] = {
    "Get-TransportRule": _list_rules,
    "New-TransportRule": _create_rule,
    "Set-TransportRule": _change_rule,
    "Remove-TransportRule": _remove_rule,
    "Enable-TransportRule": lambda request: _switch_rule(request, "Enabled"),
    "Disable-TransportRule": lambda request: _switch_rule(request, "Disabled"),
}
