"""Reading a request by its method: the values of its parameters, and its body."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from urllib.parse import parse_qsl

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.methods import Found, Interface, Method, MethodParameter
from connectors.emulator.google_workspace.api.schemas import DiscoverySchema
from connectors.emulator.service import Call
from connectors.emulator.wire import Body, Json

_OVERRIDE = "x-http-method-override"
_INT32 = 2**31


def meant(call: Call) -> Call:
    """Take a call for the method that it names in a header; a long GET comes as a POST with its query as a form."""
    method = call.headers.get(_OVERRIDE, "").upper()
    if call.method != "POST" or not method:
        return call
    if method != "GET":
        return replace(call, method=method)
    form = parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True)
    return replace(call, method="GET", query=[*call.query, *form], body=b"")


def read_parameters(interface: Interface, found: Found, query: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """Read the parameters of a call with the defaults of those that it leaves out; raises ApiError."""
    method = found.method
    given: dict[str, list[str]] = {name: [value] for name, value in found.values.items()}
    for name, value in query:
        known = method.parameters.get(name) or interface.parameters.get(name)
        if known is None or known.in_path:
            raise errors.unknown_parameter(name)
        given.setdefault(name, []).append(value)
    every: Mapping[str, MethodParameter] = {**interface.parameters, **method.parameters}
    values: dict[str, Json] = {}
    for name, parameter in every.items():
        written = given.get(name) or ([parameter.default] if parameter.default else [])
        if not written:
            if parameter.required:
                raise errors.required_parameter(name)
            continue
        read = [_value(parameter, one) for one in written]
        values[name] = read if parameter.repeated else read[-1]
    return values


def _value(parameter: MethodParameter, written: str) -> Json:
    schema = parameter.schema
    if parameter.pattern and not parameter.pattern.fullmatch(written):
        raise errors.bad_parameter(parameter.name, written, f"It does not match {parameter.pattern.pattern}.")
    match schema.type:
        case "boolean":
            if written.lower() not in ("true", "false"):
                raise errors.bad_parameter(parameter.name, written, "Values must be true or false.")
            return written.lower() == "true"
        case "integer":
            return _number(parameter, written)
        case _:
            # Enumerations are written in either case: GAM sends ascending.
            if schema.enum and written.lower() not in (one.lower() for one in schema.enum):
                raise errors.bad_parameter(parameter.name, written, f"Allowed values: [{', '.join(schema.enum)}]")
            return written


def _number(parameter: MethodParameter, written: str) -> int:
    least = parameter.least if parameter.least is not None else -_INT32
    most = parameter.most if parameter.most is not None else _INT32 - 1
    if not written.lstrip("-").isdigit() or not least <= int(written) <= most:
        raise errors.bad_parameter(parameter.name, written, f"Values must be within the range: [{least}, {most}]")
    return int(written)


def read_body(interface: Interface, method: Method, call: Call) -> dict[str, Json]:
    """Read the body of a call without what only the service may set; raises ApiError."""
    if method.request is None:
        if call.body.strip():
            raise errors.invalid("Request bodies are not allowed for this method.")
        return {}
    body = _json(call.body)
    schema = interface.types.resolved(method.request)
    if violations := list(interface.types.violations(body, schema)):
        raise errors.bad_body(violations)
    for name in _missing(schema, method.id, body):
        raise errors.ApiError(400, "required", f"Missing required field: {name}", name)
    return interface.types.without_read_only(body, schema)


def _json(body: bytes) -> Body:
    try:
        read = json.loads(body or b"{}")
    except ValueError as bad:
        raise errors.parse_error() from bad
    if not isinstance(read, dict):
        raise errors.parse_error()
    return read


def _missing(schema: DiscoverySchema, method_id: str, body: Body) -> list[str]:
    return [
        name
        for name, known in schema.properties.items()
        if method_id in known.required_for and body.get(name) in (None, "")
    ]
