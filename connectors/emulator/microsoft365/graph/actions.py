"""Routes and actions: the operations of Graph, each with a path, permissions and a function."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.query import Stored
from connectors.emulator.service import Answer, Call, Operation, Principal
from connectors.emulator.store import Body, Store

BOTH = ("v1.0", "beta")
BETA_ALONE = ("beta",)


@dataclass(frozen=True, slots=True)
class ActionRequest:
    """A request to an action of Graph, with the caller and the keys in the path."""

    call: Call
    store: Store
    principal: Principal
    version: str
    keys: tuple[str, ...]  # the keys in the path, in their order

    @property
    def tenant_id(self) -> str:
        return self.principal.tenant_id

    @property
    def key(self) -> str:
        """Return the last key in the path. Ids are in lower case."""
        return self.keys[-1].lower()

    def body(self) -> Body:
        """Return the body, which must be a JSON object."""
        try:
            body = json.loads(self.call.body or b"null")
        except ValueError as bad:
            raise errors.bad_request("Unable to read JSON request payload.") from bad
        if not isinstance(body, Mapping):
            raise errors.bad_request("Empty Payload. JSON content expected.")
        return body

    def context(self, name: str, *, single: bool = False) -> Body:
        """Return the property @odata.context of a response."""
        return {"@odata.context": f"{self.call.base}/{self.version}/$metadata#{name}{'/$entity' if single else ''}"}


def forbidden(permissions: frozenset[str]) -> GraphError:
    """Return the error with which the directory refuses a caller without permission."""
    del permissions
    return errors.fault(403)


@dataclass(frozen=True, slots=True)
class Action:
    """An operation of Graph that is found by its method and path."""

    method: str
    template: str  # keys stand in braces: /domains/{id}
    permissions: frozenset[str]  # one of these is enough
    perform: Callable[[ActionRequest], Answer]
    versions: Sequence[str] = BOTH
    notes: str = ""
    forbid: Callable[[frozenset[str]], GraphError] = forbidden
    asks: bool = False  # it does not change anything, although it is not a GET

    @property
    def operation(self) -> Operation:
        place = "" if "v1.0" in self.versions else "beta"
        notes = ": ".join(note for note in (place, self.notes) if note)
        return Operation(f"{self.method} {self.template}", write=self.method != "GET" and not self.asks, notes=notes)


class Chosen(NamedTuple):
    """The action that a request is for, with the keys in its path."""

    action: Action
    keys: tuple[str, ...]


def choose(actions: Sequence[Action], method: str, parts: Sequence[str]) -> Chosen | None:
    """Return the action of a request, from the segments of its path after the version."""
    for action in actions:
        if action.method == method and (keys := _match_keys(action.template, parts)) is not None:
            return Chosen(action, keys)
    return None


def answer(chosen: Chosen, call: Call, store: Store, principal: Principal, version: str) -> Answer:
    """Return the response of an action. Raise GraphError if the caller may not use it or Graph would refuse it."""
    action = chosen.action
    if version not in action.versions:
        raise errors.no_segment(next(part for part in action.template.split("/")[2:] if not part.startswith("{")))
    if not action.permissions & principal.roles:
        raise action.forbid(action.permissions)
    return action.perform(ActionRequest(call, store, principal, version, chosen.keys))


def _match_keys(template: str, parts: Sequence[str]) -> tuple[str, ...] | None:
    names = template.strip("/").split("/")
    if len(names) != len(parts):
        return None
    pairs = list(zip(names, parts, strict=True))
    if not all(name.startswith("{") or name.lower() == part.lower() for name, part in pairs):
        return None
    return tuple(part for name, part in pairs if name.startswith("{"))


_KEYED = re.compile(r"^([^(]+)\('?(.*?)'?\)$")

_SELECT = "$select"
_LIST = "$select, $filter (eq, in, and, or, any()), $top, without $orderby, $count, $expand"


@dataclass(frozen=True, slots=True)
class PathTarget:
    """The tenant of a path, and the key of its object if there is one."""

    store: Store
    principal: Principal
    key: str = ""


Source: TypeAlias = Callable[[PathTarget], Sequence[Body]]


@dataclass(frozen=True, slots=True)
class GraphRoute:
    """One route. `/groups/{id}/members` shows a list, and `/groups/{id}` shows the object with the key."""

    method: str
    template: str
    type_name: str  # the file of the class in msgraph-sdk: user, subscribed_sku
    source: Source
    permissions: frozenset[str]
    context: str  # the part after $metadata#
    defaults: tuple[str, ...] = ()  # properties that are shown without $select. Empty for all of them.
    keys: tuple[str, ...] = ("id",)  # properties that name one object

    @property
    def single(self) -> bool:
        return self.template.endswith("}")

    @property
    def operation(self) -> Operation:
        return Operation(f"{self.method} {self.template}", write=False, notes=_SELECT if self.single else _LIST)


class Match(NamedTuple):
    """A route with the key from the path, and the type that the list is limited to."""

    route: GraphRoute
    key: str
    cast: str  # microsoft.graph.user or nothing


def split_path(path: str) -> list[str]:
    """Split a path into segments. Empty segments are ignored, and users('x') is the same as users/x."""
    names: list[str] = []
    for part in path.split("/"):
        keyed = _KEYED.match(part)
        names.extend(keyed.groups() if keyed else [part] if part else [])
    return names


def match(routes: Sequence[GraphRoute], method: str, parts: Sequence[str]) -> Match | None:
    """Return the route of a request, from the segments of its path after the version."""
    rest = list(parts)
    if rest and rest[-1] == "$count":
        return None
    cast = rest.pop() if rest and rest[-1].startswith("microsoft.graph.") else ""
    for route in routes:
        key = _match_key(route, rest) if route.method == method else None
        if key is not None and not (route.single and cast):
            return Match(route, key, cast)
    return None


def _match_key(route: GraphRoute, parts: Sequence[str]) -> str | None:
    """Return the key in a path that belongs to a route.

    The key is "" if the route has none. Return None if the path belongs to another route.
    """
    names = route.template.strip("/").split("/")
    if len(names) != len(parts):
        return None
    keys = [part for name, part in zip(names, parts, strict=True) if name.startswith("{")]
    same = all(name.startswith("{") or name.lower() == part.lower() for name, part in zip(names, parts, strict=True))
    return (keys[0] if keys else "") if same else None


def find(bodies: Sequence[Body], keys: Sequence[str], value_or_key: str) -> Body | None:
    """Return an object by one of its identifying properties, ignoring case. `appId='x'` names a property itself."""
    name, equals, value = value_or_key.partition("=")
    if equals:
        keys, value_or_key = [name], value.strip("'")
    if isinstance(bodies, Stored):
        return next((body for key in keys if (body := bodies.find(key, value_or_key))), None)
    return next((body for body in bodies if any(_has_value(body, key, value_or_key) for key in keys)), None)


def _has_value(body: Mapping[str, object], key: str, value: str) -> bool:
    return str(body.get(key, "")).lower() == value.lower()
