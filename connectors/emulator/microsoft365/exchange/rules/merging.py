"""What becomes of a rule when parameters are sent: changed, filled in by the service, or refused as half a pair."""

from collections.abc import Mapping

from connectors.emulator.microsoft365.exchange.errors import Refused
from connectors.emulator.microsoft365.exchange.parameters import CmdletParameter
from connectors.emulator.microsoft365.exchange.rules.table import PARTS, SET, is_set, set_parts
from connectors.emulator.microsoft365.exchange.values import changed
from connectors.emulator.wire import Body, Json

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
