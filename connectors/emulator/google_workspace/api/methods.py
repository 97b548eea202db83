"""The methods of an API as its discovery document tells: paths, parameters, bodies and scopes."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from connectors.emulator.google_workspace.api.schemas import DiscoverySchema, Types, parse
from connectors.emulator.google_workspace.values import mapping, text, texts
from connectors.emulator.wire import Body

_VARIABLE = re.compile(r"\{(\+?)([^}]+)\}")


@dataclass(frozen=True, slots=True)
class MethodParameter:
    """A parameter of a path or query."""

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
    """One method; its path is matched as it comes, decoded and without a slash at its end."""

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
        """Say whether it changes anything: a POST that a read-only scope suffices for only asks."""
        return self.http_method != "GET" and not any(scope.endswith(".readonly") for scope in self.scopes)


class Found(NamedTuple):
    """A method with the values that stand in the path."""

    method: Method
    values: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Interface:
    """One API: those of its methods that are emulated, and all its types."""

    name: str
    version: str
    title: str
    methods: tuple[Method, ...]
    types: Types
    parameters: Mapping[str, MethodParameter]  # of every method: fields, alt, prettyPrint ...

    def find(self, http_method: str, path: str) -> Found | None:
        """Find the method of a request."""
        path = path.strip("/")
        for method in self.methods:
            if method.http_method == http_method and (found := method.path.fullmatch(path)):
                return Found(method, dict(zip(method.variables, found.groups(), strict=True)))
        return None


def read_interface(document: Body, emulated: frozenset[str]) -> Interface:
    """Read a discovery document, keeping the methods whose ids are named."""
    prefix = text(document["servicePath"])
    return Interface(
        name=text(document["name"]),
        version=text(document["version"]),
        title=text(document["title"]),
        methods=tuple(_method(prefix, one) for one in _methods(document) if text(one["id"]) in emulated),
        types=Types({name: parse(mapping(one)) for name, one in mapping(document["schemas"]).items()}),
        parameters={name: _parameter(name, mapping(one)) for name, one in mapping(document["parameters"]).items()},
    )


def _methods(resource: Body) -> Iterator[Body]:
    yield from (mapping(one) for one in mapping(resource.get("methods")).values())
    for inside in mapping(resource.get("resources")).values():
        yield from _methods(mapping(inside))


def _method(prefix: str, written: Body) -> Method:
    parameters = {name: _parameter(name, mapping(one)) for name, one in mapping(written.get("parameters")).items()}
    path = prefix + text(written["path"])
    request, response = written.get("request"), written.get("response")
    return Method(
        id=text(written["id"]),
        http_method=text(written["httpMethod"]),
        path=re.compile(_expression(path, parameters)),
        variables=tuple(name for _, name in _VARIABLE.findall(path)),
        parameters=parameters,
        request=parse(mapping(request)) if request else None,
        response=parse(mapping(response)) if response else None,
        scopes=frozenset(texts(written.get("scopes"))),
    )


def _expression(path: str, parameters: Mapping[str, MethodParameter]) -> str:
    """Turn a path template into a regular expression: {name} is one segment, {+name} follows its own pattern."""
    written, end = "", 0
    for variable in _VARIABLE.finditer(path):
        pattern = parameters[variable[2]].pattern
        inside = pattern.pattern.removeprefix("^").removesuffix("$") if variable[1] and pattern else "[^/]+"
        written += re.escape(path[end : variable.start()]) + f"({inside})"
        end = variable.end()
    return written + re.escape(path[end:])


def _parameter(name: str, written: Body) -> MethodParameter:
    pattern, default = written.get("pattern"), written.get("default")
    least, most = written.get("minimum"), written.get("maximum")
    return MethodParameter(
        name=name,
        in_path=written.get("location") == "path",
        schema=parse(written),
        required=written.get("required") is True,
        repeated=written.get("repeated") is True,
        default=text(default) if default is not None else None,
        pattern=re.compile(text(pattern)) if pattern else None,
        least=int(text(least)) if least is not None else None,
        most=int(text(most)) if most is not None else None,
    )
