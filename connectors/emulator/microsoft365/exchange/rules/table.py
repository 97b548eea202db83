"""The parameters of New- and Set-TransportRule together, and what a rule is before anything is set."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from connectors.emulator.microsoft365.exchange.parameters import (
    IDENTITY,
    REHEARSAL,
    CmdletParameter,
    Parameters,
    Reach,
    by_name,
)
from connectors.emulator.microsoft365.exchange.rules.actions import ACTIONS, CONDITIONS, EXCEPTIONS, ONLY_NEW, SETTINGS
from connectors.emulator.wire import Body, Json

PARTS = (*CONDITIONS, *EXCEPTIONS, *ACTIONS)
_NAMED = (replace(setting, required=setting.name == "Name") for setting in SETTINGS)
NEW: Parameters = by_name(PARTS, _NAMED, ONLY_NEW, REHEARSAL)
SET: Parameters = by_name((IDENTITY,), PARTS, SETTINGS, REHEARSAL)

_COMPUTED = {"Name", "Priority", "Enabled", "DomainController"}
BLANK: Mapping[str, Json] = {
    parameter.shown: parameter.unset
    for parameter in (*PARTS, *SETTINGS, *ONLY_NEW)
    if parameter.name not in _COMPUTED and parameter.reach is not Reach.RESERVED
} | {
    "State": "Enabled",
    "DlpPolicyId": "00000000-0000-0000-0000-000000000000",
    "ManuallyModified": False,
    "RuleVersion": "14.0.0.0",
    "CreatedBy": "",
    "LastModifiedBy": "",
    "IsValid": True,
    "WhenChanged": None,
}


def is_set(parameter: CmdletParameter, rule: Body) -> bool:
    """Tell whether a rule has a condition, exception or action."""
    return rule.get(parameter.shown) not in (None, False, [], "")


def set_parts(rule: Body, parts: tuple[CmdletParameter, ...] = PARTS) -> Iterator[CmdletParameter]:
    """List the conditions, exceptions or actions that a rule has."""
    return (parameter for parameter in parts if is_set(parameter, rule))
