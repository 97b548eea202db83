"""What a request asks for: the cmdlet named in its body, with parameters checked against the cmdlet's table."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet
from connectors.emulator.microsoft365.exchange.errors import BadParameters, NotEmulated, UnknownParameter
from connectors.emulator.microsoft365.exchange.parameters import EVERYWHERE, Reach, by_name
from connectors.emulator.microsoft365.exchange.values import converted
from connectors.emulator.service import Call
from connectors.emulator.wire import Json


@dataclass(frozen=True, slots=True)
class Invocation:
    """A cmdlet by name, with its parameters as they were sent."""

    name: str
    parameters: Mapping[str, Json]


class Malformed(Exception):
    """The body is not an invocation."""


def read_body(call: Call) -> Mapping[str, Json]:
    """Read the JSON object that a call carries."""
    try:
        body = json.loads(call.body)
    except ValueError:
        raise Malformed("The request body is not JSON.") from None
    if not isinstance(body, Mapping):
        raise Malformed("The request body is not a JSON object.")
    return body


def read_invocation(call: Call) -> Invocation:
    """Read {"CmdletInput": {"CmdletName": ..., "Parameters": {...}}}; Parameters may be empty, and not null."""
    asked = read_body(call).get("CmdletInput")
    name = asked.get("CmdletName") if isinstance(asked, Mapping) else None
    if not isinstance(asked, Mapping) or not isinstance(name, str) or not name:
        raise Malformed("CmdletInput.CmdletName is required.")
    parameters = asked.get("Parameters")
    if not isinstance(parameters, Mapping):
        raise Malformed("CmdletInput.Parameters must be an object.")
    return Invocation(name, parameters)


def bound(cmdlet: Cmdlet, sent: Mapping[str, Json]) -> Mapping[str, Json]:
    """Convert the parameters that were sent; what is accepted and ignored is left out."""
    table = {**by_name(EVERYWHERE), **cmdlet.parameters}
    values: dict[str, Json] = {}
    for name, value in sent.items():
        if "@" in name:  # a type beside its value, as in "AllowList@odata.type"
            continue
        parameter = table.get(name.lower())
        if parameter is None or parameter.reach is Reach.ABSENT:
            raise UnknownParameter(name)
        if parameter.reach is Reach.ELSEWHERE:
            raise NotEmulated(f"{cmdlet.name} -{parameter.name}")
        if parameter.name in values:
            raise BadParameters(f"Cannot bind parameter because parameter '{parameter.name}' is specified twice.")
        if parameter.kept:
            values[parameter.name] = converted(parameter, value)
    for parameter in table.values():
        if parameter.required and not values.get(parameter.name):
            raise BadParameters(
                f"Cannot process command because of one or more missing mandatory parameters: {parameter.name}."
            )
    return values
