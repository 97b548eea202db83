"""The methods and types of an API, from its discovery document: paths, parameters, bodies and scopes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from connectors.emulator.google_workspace.values import mapping, text, texts
from connectors.emulator.store import Body, Json

_RANGES: Mapping[str, range] = {
    "int32": range(-(2**31), 2**31),
    "uint32": range(2**32),
    "int64": range(-(2**63), 2**63),
    "uint64": range(2**64),
}


@dataclass(frozen=True, slots=True)
class DiscoverySchema:
    """A type in a discovery document: an object, a map, a list, a simple value, or a reference to another type."""

    type: str
    ref: str = ""
    format: str = ""
    enum: tuple[str, ...] = ()
    properties: Mapping[str, "DiscoverySchema"] = field(default_factory=dict)
    items: "DiscoverySchema | None" = None
    additional: "DiscoverySchema | None" = None
    read_only: bool = False
    description: str = ""


class Violation(NamedTuple):
    """A value that does not fit its type, and its position in the request body."""

    field: str  # policy.setting.type; "" at the top
    unknown: str  # a name that the type does not have, or ""
    description: str


def parse(raw: Body) -> DiscoverySchema:
    """Parse a type from a discovery document."""
    items, additional = raw.get("items"), raw.get("additionalProperties")
    return DiscoverySchema(
        type=text(raw.get("type")) or "any",
        ref=text(raw.get("$ref")),
        format=text(raw.get("format")),
        enum=tuple(texts(raw.get("enum"))),
        properties={name: parse(mapping(schema)) for name, schema in mapping(raw.get("properties")).items()},
        items=parse(mapping(items)) if items else None,
        additional=parse(mapping(additional)) if additional else None,
        read_only=raw.get("readOnly") is True,
        description=text(raw.get("description")),
    )


@dataclass(frozen=True, slots=True)
class Types:
    """The types in a discovery document."""

    schemas: Mapping[str, DiscoverySchema]

    def resolve(self, schema: DiscoverySchema) -> DiscoverySchema:
        return self.schemas[schema.ref] if schema.ref else schema

    def violations(self, value: Json, schema: DiscoverySchema, place: str = "") -> Iterator[Violation]:
        """Yield each part of a value that does not fit its type. Null counts as omitted, as in Google's APIs."""
        schema = self.resolve(schema)
        if value is None or schema.type == "any":
            return
        match schema.type:
            case "object":
                yield from self._object_violations(value, schema, place)
            case "array":
                yield from self._list_violations(value, schema, place)
            case _:
                if problem := _simple_violation(value, schema):
                    yield Violation(place, "", problem)

    def _object_violations(self, value: Json, schema: DiscoverySchema, place: str) -> Iterator[Violation]:
        if not isinstance(value, Mapping):
            yield Violation(place, "", "Invalid value, an object was expected")
            return
        for name, inside in value.items():
            property_schema = schema.properties.get(name) or schema.additional
            if property_schema is None:
                yield Violation(place, name, "Cannot find field.")
            else:
                yield from self.violations(inside, property_schema, f"{place}.{name}".strip("."))

    def _list_violations(self, value: Json, schema: DiscoverySchema, place: str) -> Iterator[Violation]:
        if not isinstance(value, list):
            yield Violation(place, "", "Invalid value, a list was expected")
            return
        assert schema.items
        for number, inside in enumerate(value):
            yield from self.violations(inside, schema.items, f"{place}[{number}]")

    def without_read_only(self, body: Body, schema: DiscoverySchema) -> dict[str, Json]:
        """Return a body without the properties that only the service may set. Google ignores them."""
        schema = self.resolve(schema)
        kept: dict[str, Json] = {}
        for name, value in body.items():
            property_schema = schema.properties.get(name)
            if property_schema is None or property_schema.read_only:
                if property_schema is None:
                    kept[name] = value
                continue
            nested = isinstance(value, Mapping) and self.resolve(property_schema).properties
            kept[name] = self.without_read_only(mapping(value), property_schema) if nested else value
        return kept


def _simple_violation(value: Json, schema: DiscoverySchema) -> str:
    """Return the error message for a simple value, or "" if the value fits its type."""
    expected = f"TYPE_{(schema.format or schema.type).upper()}"
    match schema.type:
        case "boolean":
            fits = isinstance(value, bool)
        case "integer":
            fits = isinstance(value, int) and not isinstance(value, bool) and value in _RANGES[schema.format or "int32"]
        case "number":
            fits = isinstance(value, int | float) and not isinstance(value, bool)
        case _ if schema.format in ("int64", "uint64"):
            fits = _is_long_number(value, _RANGES[schema.format])
        case _:
            fits = isinstance(value, str)
            if fits and schema.enum and value not in schema.enum:
                return f"enum value {value!r} is unknown"
    return "" if fits else expected


def _is_long_number(value: Json, allowed: range) -> bool:
    """Return whether a value is a long number.

    In JSON, a long number may be a string, an integer, or a number that ends in .0.
    """
    if isinstance(value, float):
        return value.is_integer()
    if isinstance(value, bool) or not isinstance(value, int | str):
        return False
    return str(value).lstrip("-").isdigit() and int(value) in allowed


_VARIABLE = re.compile(r"\{(\+?)([^}]+)\}")


@dataclass(frozen=True, slots=True)
class MethodParameter:
    """A parameter of a method, in the path or in the query."""

    name: str
    in_path: bool
    schema: DiscoverySchema
    required: bool
    repeated: bool
    default: str | None
    pattern: re.Pattern[str] | None
    least: int | None
    most: int | None


@dataclass(frozen=True, slots=True)
class Method:
    """A method of an API. The path of a request is decoded and loses a final slash before it is matched."""

    id: str
    http_method: str
    path: re.Pattern[str]
    variables: tuple[str, ...]
    parameters: Mapping[str, MethodParameter]
    request: DiscoverySchema | None
    response: DiscoverySchema | None
    scopes: frozenset[str]

    @property
    def write(self) -> bool:
        """Return whether the method changes anything. A POST method that accepts a read-only scope counts as a read."""
        return self.http_method != "GET" and not any(scope.endswith(".readonly") for scope in self.scopes)


class Found(NamedTuple):
    """A method that a request's path matches, with the values from the path."""

    method: Method
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Interface:
    """One API, with its emulated methods and all its types."""

    name: str
    version: str
    title: str
    methods: tuple[Method, ...]
    types: Types
    parameters: Mapping[str, MethodParameter]  # of every method: fields, alt, prettyPrint ...

    def find(self, http_method: str, path: str) -> Found | None:
        path = path.strip("/")
        for method in self.methods:
            if method.http_method == http_method and (match := method.path.fullmatch(path)):
                return Found(method, dict(zip(method.variables, match.groups(), strict=True)))
        return None


def read_interface(document: Body, emulated: frozenset[str]) -> Interface:
    """Parse a discovery document. Keep only the methods with the given ids."""
    prefix = text(document["servicePath"])
    return Interface(
        name=text(document["name"]),
        version=text(document["version"]),
        title=text(document["title"]),
        methods=tuple(_to_method(prefix, method) for method in methods_of(document) if text(method["id"]) in emulated),
        types=Types({name: parse(mapping(schema)) for name, schema in mapping(document["schemas"]).items()}),
        parameters={
            name: _to_parameter(name, mapping(parameter)) for name, parameter in mapping(document["parameters"]).items()
        },
    )


def methods_of(resource: Body) -> Iterator[Body]:
    """Yield the methods of a discovery document or resource, including the methods of the resources inside it."""
    yield from (mapping(method) for method in mapping(resource.get("methods")).values())
    for inside in mapping(resource.get("resources")).values():
        yield from methods_of(mapping(inside))


def _to_method(prefix: str, raw: Body) -> Method:
    parameters = {
        name: _to_parameter(name, mapping(parameter)) for name, parameter in mapping(raw.get("parameters")).items()
    }
    path = prefix + text(raw["path"])
    request, response = raw.get("request"), raw.get("response")
    return Method(
        id=text(raw["id"]),
        http_method=text(raw["httpMethod"]),
        path=re.compile(_path_expression(path, parameters)),
        variables=tuple(name for _, name in _VARIABLE.findall(path)),
        parameters=parameters,
        request=parse(mapping(request)) if request else None,
        response=parse(mapping(response)) if response else None,
        scopes=frozenset(texts(raw.get("scopes"))),
    )


def _path_expression(path: str, parameters: Mapping[str, MethodParameter]) -> str:
    """Convert a path template to a regular expression. {name} is one segment, and {+name} follows its own pattern."""
    written, end = "", 0
    for variable in _VARIABLE.finditer(path):
        pattern = parameters[variable[2]].pattern
        inside = pattern.pattern.removeprefix("^").removesuffix("$") if variable[1] and pattern else "[^/]+"
        written += re.escape(path[end : variable.start()]) + f"({inside})"
        end = variable.end()
    return written + re.escape(path[end:])


def _to_parameter(name: str, raw: Body) -> MethodParameter:
    pattern, default = raw.get("pattern"), raw.get("default")
    least, most = raw.get("minimum"), raw.get("maximum")
    return MethodParameter(
        name=name,
        in_path=raw.get("location") == "path",
        schema=parse(raw),
        required=raw.get("required") is True,
        repeated=raw.get("repeated") is True,
        default=text(default) if default is not None else None,
        pattern=re.compile(text(pattern)) if pattern else None,
        least=int(text(least)) if least is not None else None,
        most=int(text(most)) if most is not None else None,
    )
