"""A stored rule as Get-TransportRule shows it, and as it is after parameters are sent."""

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from connectors.emulator.data_files import read_data
from connectors.emulator.microsoft365.exchange import formats
from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter, Refused
from connectors.emulator.microsoft365.exchange.rules.table import (
    ACTIONS,
    BLANK,
    CONDITIONS,
    EXCEPTIONS,
    PARTS,
    SET,
    SHOWN_ALONE,
    is_set,
    set_parts,
    size_of,
    size_of_expressions,
)
from connectors.emulator.microsoft365.exchange.values import changed
from connectors.emulator.wire import Body, Json

_NAMESPACE = "Microsoft.Exchange.MessagingPolicies.Rules.Tasks."
_TABLE = read_data(Path(__file__).parents[1] / "cmdlets.json")
_CLASSES: Mapping[str, str] = _TABLE["classes"]  # those not called as their parameters are; two may make one class


def row(rule: Body, priority: int) -> Body:
    """Show a rule at its place in the order."""
    name = str(rule["Name"])
    return {
        **BLANK,
        **rule,
        "Priority": priority,
        "Size": size_of(rule),
        "RegexSize": size_of_expressions(rule),
        "Description": _description(rule),
        "Conditions": _classes([*_names(rule, CONDITIONS), *_shown_alone(rule, "")], "Predicate"),
        "Exceptions": _classes([*_names(rule, EXCEPTIONS), *_shown_alone(rule, "ExceptIf")], "Predicate"),
        "Actions": _classes(_names(rule, ACTIONS), "Action"),
        "Identity": name,
        "DistinguishedName": f"CN={name},CN=TransportVersioned,CN=Rules,CN=Transport Settings,CN=Configuration",
    }


def without_details(shown: Body) -> Body:
    """Show a rule as ExcludeConditionActionDetails does: blank but for its settings."""
    blank: dict[str, Json] = {parameter.shown: BLANK.get(parameter.shown) for parameter in PARTS}
    hidden = {name: value for name, value in blank.items() if name in shown}
    return {**shown, **hidden, "Description": "", "Conditions": None, "Exceptions": None, "Actions": None}


def _names(rule: Body, parts: tuple[CmdletParameter, ...]) -> list[str]:
    return [parameter.name.removeprefix("ExceptIf") for parameter in set_parts(rule, parts)]


def _shown_alone(rule: Body, prefix: str) -> list[str]:
    return [name for name in SHOWN_ALONE if rule.get(prefix + name)]


def _classes(names: Sequence[str], suffix: str) -> Json:
    return list(dict.fromkeys(f"{_NAMESPACE}{_CLASSES.get(name, name)}{suffix}" for name in names)) or None


def _description(rule: Body) -> str:
    sections = (
        ("If the message:", CONDITIONS),
        ("Take the following actions:", ACTIONS),
        ("Except if the message:", EXCEPTIONS),
    )
    written = ""
    for title, parts in sections:
        lines = [f"\t{_words(parameter)} {_values(rule[parameter.shown])}\r\n" for parameter in set_parts(rule, parts)]
        written += "".join((f"{title}\r\n", *lines)) if lines else ""
    return written


def _words(parameter: CmdletParameter) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", parameter.name.removeprefix("ExceptIf")).lower()


def _values(value: Json) -> str:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else (value,)
    return " or ".join(f"'{formats.shown(entry)}'" for entry in values)


_REJECTION = {
    "RejectMessageEnhancedStatusCode": "5.7.1",
    "RejectMessageReasonText": "Delivery not authorized, message refused",
}
_ELSEWHERE = {"Identity", "Priority", "Enabled", "Confirm", "WhatIf"}


def merged(rule: Body, sent: Mapping[str, Json]) -> dict[str, Json]:
    """Apply parameters to a rule and fill in what the service does."""
    after = dict(rule)
    for name, value in sent.items():
        if name not in _ELSEWHERE:
            after[name] = changed(after.get(name), value)
    for parameter in PARTS:
        if parameter.default is not None:
            _fill(after, parameter, sent)
    _fill_rejection(after, sent)
    _refuse_halves(after)
    return after


def _fill(rule: dict[str, Json], parameter: CmdletParameter, sent: Mapping[str, Json]) -> None:
    """Give a dependent setting its default, or take it away with what it depended on."""
    if all(is_set(SET[name.lower()], rule) for name in parameter.needs):
        rule[parameter.name] = rule.get(parameter.name) or parameter.default
    elif sent.get(parameter.name) is None:
        rule[parameter.name] = parameter.unset


def _fill_rejection(rule: dict[str, Json], sent: Mapping[str, Json]) -> None:
    """Give a rejection the half that it lacks, or take it away where one half is cleared and the other not sent."""
    given = [name for name in _REJECTION if sent.get(name)]
    cleared = [name for name in _REJECTION if name in sent and not sent[name]]
    if cleared and not given:
        rule |= dict.fromkeys(_REJECTION)
    elif any(rule.get(name) for name in _REJECTION):
        rule |= {name: rule.get(name) or default for name, default in _REJECTION.items()}


def _refuse_halves(rule: Body) -> None:
    for parameter in set_parts(rule):
        lacking = [name for name in parameter.needs if not is_set(SET[name.lower()], rule)]
        if lacking:
            raise Refused(f"The parameter {parameter.name} can't be used without {', '.join(lacking)}.")
