"""Query options ($filter, $top with pages, $select), and lists that read only the rows of the requested page."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar, overload
from urllib.parse import urlencode

from connectors.emulator.microsoft365.graph import errors, filters
from connectors.emulator.microsoft365.graph.models import properties
from connectors.emulator.service import Call
from connectors.emulator.store import Body, Json, Store

_PAGE, LARGEST_PAGE = 100, 999
KNOWN_OPTIONS = frozenset({"$filter", "$top", "$select", "$skiptoken", "$format"})
_NAMES = KNOWN_OPTIONS | {"$expand", "$orderby", "$count"}
K = TypeVar("K")


@dataclass(frozen=True, slots=True)
class Query:
    """The options of a request. As in Graph, their names may begin with a dollar sign or not."""

    options: Mapping[str, str]

    @property
    def selected_names(self) -> list[str]:
        return [name.strip() for name in self.options.get("$select", "").split(",") if name.strip()]


def read_query(call: Call, options_allowed: frozenset[str] = KNOWN_OPTIONS) -> Query:
    """Return the options of a call. Raise GraphError for an option that is malformed or not emulated."""
    options = {_option_name(name): value for name, value in call.query if name.strip("?")}
    odd = sorted(name for name in options if name.startswith("$") and name not in options_allowed)
    if odd:
        raise errors.not_emulated(f"the query option {', '.join(odd)} of {call.method} {call.path}")
    return Query(options)


def _option_name(name: str) -> str:
    # IntuneCD sends a doubled question mark before $expand.
    name = name.lstrip("?")
    return name if name.startswith("$") or f"${name.lower()}" not in _NAMES else f"${name.lower()}"


def page(
    call: Call, query: Query, bodies: Sequence[Body], *,
    type_name: str, typed: bool = True, largest: int = LARGEST_PAGE,
) -> dict[str, Json]:  # fmt: skip
    """Return one page of a list and the link to the next page. Without a type, the properties come from the rows."""
    names = properties(type_name) if type_name else frozenset(name for body in bodies for name in body)
    chosen = _filter_rows(bodies, query, type_name, names)
    for name in query.selected_names if typed and type_name else ():
        check_property(name, type_name)
    return one_page(call, query, chosen, largest=largest)


def one_page(call: Call, query: Query, bodies: Sequence[Body], *, largest: int = LARGEST_PAGE) -> dict[str, Json]:
    """Return one page of a list, and the link to the next page."""
    size, start = _page_size(query, largest), _page_start(query)
    more = start + size < len(bodies)
    link: Body = {"@odata.nextLink": next_link(call, _page_token(start + size))} if more else {}
    return {**link, "value": bodies[start : start + size]}


def check_property(name: str, type_name: str) -> None:
    """Refuse a selected property that the type does not have."""
    if name not in properties(type_name) and not name.startswith("@") and name != "*":
        raise errors.bad_request(
            f"Parsing OData Select and Expand failed: Could not find a property named '{name}' on type "
            f"'microsoft.graph.{type_name}'."
        )


def _filter_rows(bodies: Sequence[Body], query: Query, type_name: str, names: frozenset[str]) -> Sequence[Body]:
    text = query.options.get("$filter")
    if not text or not names:
        return bodies
    test = filters.parse_filter(text, type_name=type_name, names=names)
    return [body for body in bodies if test(body)]


def _page_size(query: Query, largest: int) -> int:
    text = query.options.get("$top")
    if text is None:
        return _PAGE
    if not text.isdigit() or not 1 <= int(text) <= largest:
        raise errors.unsupported_query(
            f"Invalid page size specified: '{text}'. Must be between 1 and {largest} inclusive."
        )
    return int(text)


def _page_token(start: int) -> str:
    return urlsafe_b64encode(json.dumps({"start": start}).encode()).decode()


def _page_start(query: Query) -> int:
    token = query.options.get("$skiptoken")
    if token is None:
        return 0
    try:
        return int(json.loads(urlsafe_b64decode(token))["start"])
    except (NotBase64, ValueError, KeyError, TypeError) as bad:
        raise errors.expired_page() from bad


def next_link(call: Call, token: str) -> str:
    kept = [(name, value) for name, value in call.query if _option_name(name) != "$skiptoken"]
    return f"{call.base}{call.path}?{urlencode([*kept, ('$skiptoken', token)], safe='$')}"


class Stored(Sequence[Body]):
    """The rows of a stored collection, in order. A page reads only its own rows."""

    def __init__(self, store: Store, tenant_id: str, collection: str) -> None:
        self._store, self._place = store, (tenant_id, collection)

    def __len__(self) -> int:
        return self._store.count(*self._place)

    def __iter__(self) -> Iterator[Body]:
        return iter(self._store.all(*self._place))

    @overload
    def __getitem__(self, index: int) -> Body: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Body]: ...
    def __getitem__(self, index: int | slice) -> Body | Sequence[Body]:
        start, stop, _ = (slice(index, index + 1) if isinstance(index, int) else index).indices(len(self))
        bodies = self._store.read_range(*self._place, start=start, count=stop - start)
        return bodies[0] if isinstance(index, int) else bodies

    def find(self, name: str, value: str) -> Body | None:
        """Return the first object with a property of this value, ignoring case. The id of an object is also its key."""
        if name == "id":
            return self._store.get(*self._place, value.lower())
        return self._store.find(*self._place, name, value)


class Looked(Sequence[Body], Generic[K]):
    """A list whose objects are looked up one at a time, by id or from other objects.

    A page looks up only its own objects.
    """

    def __init__(self, keys: Sequence[K], look_up: Callable[[K], Body | None]) -> None:
        self._keys, self._look_up = keys, look_up

    def __len__(self) -> int:
        return len(self._keys)

    @overload
    def __getitem__(self, index: int) -> Body: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Body]: ...
    def __getitem__(self, index: int | slice) -> Body | Sequence[Body]:
        if isinstance(index, int):
            return self._look_up(self._keys[index]) or {}
        bodies = map(self._look_up, self._keys[index])
        return [body for body in bodies if body is not None]
