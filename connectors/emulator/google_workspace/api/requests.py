"""Parses a request for its method: the parameters, the body, and the fields that the response must contain."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias
from urllib.parse import parse_qsl

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.methods import (
    DiscoverySchema,
    Found,
    Interface,
    Method,
    MethodParameter,
    Types,
)
from connectors.emulator.service import Call
from connectors.emulator.store import Body, Json

_OVERRIDE = "x-http-method-override"
_INT32 = 2**31


def apply_method_override(call: Call) -> Call:
    """Return a call with the method that one of its headers names.

    Clients send a long GET request as a POST request with its query as a form.
    """
    method = call.headers.get(_OVERRIDE, "").upper()
    if call.method != "POST" or not method:
        return call
    if method != "GET":
        return replace(call, method=method)
    form = parse_qsl(call.body.decode(errors="replace"), keep_blank_values=True)
    return replace(call, method="GET", query=[*call.query, *form], body=b"")


def read_parameters(interface: Interface, route: Found, query: Sequence[tuple[str, str]]) -> dict[str, Json]:
    """Return the parameters of a call. Omitted parameters have their defaults. Raise ApiError if one is not valid."""
    method = route.method
    given: dict[str, list[str]] = {name: [value] for name, value in route.values.items()}
    for name, value in query:
        declared = method.parameters.get(name) or interface.parameters.get(name)
        if declared is None or declared.in_path:
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
        read = [_parse_value(parameter, text) for text in written]
        values[name] = read if parameter.repeated else read[-1]
    return values


def _parse_value(parameter: MethodParameter, raw: str) -> Json:
    schema = parameter.schema
    if parameter.pattern and not parameter.pattern.fullmatch(raw):
        raise errors.bad_parameter(parameter.name, raw, f"It does not match {parameter.pattern.pattern}.")
    match schema.type:
        case "boolean":
            if raw.lower() not in ("true", "false"):
                raise errors.bad_parameter(parameter.name, raw, "Values must be true or false.")
            return raw.lower() == "true"
        case "integer":
            return _parse_number(parameter, raw)
        case _:
            # Enumerations are written in either case and with underscores, as ascending and all_including_parent.
            if schema.enum and _parse_word(raw) not in map(_parse_word, schema.enum):
                raise errors.bad_parameter(parameter.name, raw, f"Allowed values: [{', '.join(schema.enum)}]")
            return raw


def _parse_word(word: str) -> str:
    return word.lower().replace("_", "")


def _parse_number(parameter: MethodParameter, raw: str) -> int:
    least = parameter.least if parameter.least is not None else -_INT32
    most = parameter.most if parameter.most is not None else _INT32 - 1
    if not raw.lstrip("-").isdigit() or not least <= int(raw) <= most:
        raise errors.bad_parameter(parameter.name, raw, f"Values must be within the range: [{least}, {most}]")
    return int(raw)


def read_body(interface: Interface, method: Method, call: Call) -> dict[str, Json]:
    """Return the body of a call without properties that only the service may set. Raise ApiError if it is not valid."""
    if method.request is None:
        if call.body.strip():
            raise errors.invalid("Request bodies are not allowed for this method.")
        return {}
    body = _parse_json(call.body)
    schema = interface.types.resolve(method.request)
    if violations := list(interface.types.violations(body, schema)):
        raise errors.bad_body(violations)
    return interface.types.without_read_only(body, schema)


def _parse_json(body: bytes) -> Body:
    try:
        read = json.loads(body or b"{}")
    except ValueError as bad:
        raise errors.parse_error() from bad
    if not isinstance(read, dict):
        raise errors.parse_error()
    return read


Mask: TypeAlias = "Mapping[str, Mask]"  # no names: everything below
_TOKENS = re.compile(r"[^\s,()/]+|[,()/]")


def read_mask(raw: str, types: Types, schema: DiscoverySchema | None) -> Mask:
    """Parse a mask for a type.

    Raise ApiError if the text is not a mask, or names a field that the type does not have.
    """
    parsing = _MaskParser(raw)
    mask = parsing.parse_fields()
    if parsing.has_tokens or not mask:
        raise errors.bad_mask(raw)
    if schema is not None:
        _check_mask(mask, types, schema)
    return mask


def apply_mask(value: Json, mask: Mask) -> Json:
    """Return the parts of a JSON value that a field mask selects."""
    if not mask:
        return value
    if isinstance(value, list):
        return [apply_mask(entry, mask) for entry in value]
    if not isinstance(value, Mapping):
        return value
    every = mask.get("*")
    chosen = {name: mask.get(name, every) for name in value}
    return {name: apply_mask(value[name], inside) for name, inside in chosen.items() if inside is not None}


def _check_mask(mask: Mask, types: Types, schema: DiscoverySchema) -> None:
    schema = types.resolve(schema)
    if schema.type == "array":
        assert schema.items
        _check_mask(mask, types, schema.items)
        return
    for name, inside in mask.items():
        property_schema = schema.properties.get(name) or schema.additional
        if property_schema is None and name != "*" and schema.type != "any":
            raise errors.bad_mask(name)
        if property_schema is not None and inside:
            _check_mask(inside, types, property_schema)


class _MaskParser:
    """Parses the text of a field mask, which selects the fields of a response."""

    def __init__(self, raw: str) -> None:
        self._written = raw
        self._tokens = _TOKENS.findall(raw)

    @property
    def has_tokens(self) -> bool:
        return bool(self._tokens)

    def parse_fields(self) -> dict[str, Mask]:
        """Parse a mask such as `a,b/c,d(e,f)`."""
        mask: dict[str, Mask] = {}
        while True:
            name, inside = self._parse_field()
            # a/b,a/c names both parts of a. a,a/b names all of a.
            mask[name] = {**mask[name], **inside} if name in mask and mask[name] and inside else inside
            if self._take_token() != ",":
                return mask
            self._tokens.pop(0)

    def _parse_field(self) -> tuple[str, Mask]:
        name = self._tokens.pop(0) if self._tokens else ""
        if not name or name in ",()/":
            raise errors.bad_mask(self._written)
        match self._take_token():
            case "/":
                self._tokens.pop(0)
                inside, below = self._parse_field()
                return name, {inside: below}
            case "(":
                self._tokens.pop(0)
                several = self.parse_fields()
                if self._take_token() != ")":
                    raise errors.bad_mask(self._written)
                self._tokens.pop(0)
                return name, several
            case _:
                return name, {}

    def _take_token(self) -> str:
        return self._tokens[0] if self._tokens else ""
