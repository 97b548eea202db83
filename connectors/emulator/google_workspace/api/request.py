"""A checked call to a method of a Google API, and the page of a list that it requests."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, TypeAlias

from connectors.emulator import clock
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.values import text
from connectors.emulator.store import Body, Json, Store


@dataclass(frozen=True, slots=True)
class Collection:
    """A named collection of objects in a tenant."""

    store: Store
    tenant_id: str
    name: str

    def get(self, key: str) -> Body | None:
        return self.store.get(self.tenant_id, self.name, key)

    def all(self) -> list[Body]:
        return list(self.store.all(self.tenant_id, self.name))

    def read_range(self, *, start: int, count: int) -> list[Body]:
        return list(self.store.read_range(self.tenant_id, self.name, start=start, count=count))

    def with_prefix(self, prefix: str) -> dict[str, Body]:
        """Return the objects that belong to a parent object. Their keys begin with the parent's id."""
        return dict(self.store.with_prefix(self.tenant_id, self.name, f"{prefix}/"))

    def count(self) -> int:
        return self.store.count(self.tenant_id, self.name)

    def put(self, key: str, body: Body) -> None:
        self.store.put(self.tenant_id, self.name, key, body)

    def delete(self, key: str) -> bool:
        return self.store.delete(self.tenant_id, self.name, key)


@dataclass(frozen=True, slots=True)
class MethodCall:
    """A call to a method of a Google API, with its caller, parameters and body."""

    store: Store
    tenant_id: str
    caller: Body | None  # the person that the token acts for; None: an application for itself
    delegated: bool  # by a service account and not by the person's own sign-in
    parameters: Mapping[str, Json]
    body: Mapping[str, Json]
    headers: Mapping[str, str]
    method: str  # GET, PUT, PATCH ...

    def text(self, name: str) -> str:
        """Return a text parameter, or "" if the call omits it."""
        return text(self.parameters.get(name))

    def number(self, name: str, default: int) -> int:
        value = self.parameters.get(name)
        return value if isinstance(value, int) and value else default

    def flag(self, name: str) -> bool:
        return self.parameters.get(name) is True

    def collection(self, name: str) -> Collection:
        return Collection(self.store, self.tenant_id, name)

    @property
    def now(self) -> datetime:
        return clock.now(self.store, self.tenant_id)


Handler: TypeAlias = Callable[[MethodCall], Body | None]  # None: 204, nothing to say


_MARK = "page:"


class ListPage(NamedTuple):
    """The part of a list that one response contains."""

    start: int
    size: int

    def next_token(self, total: int) -> dict[str, Json]:
        """Return the token of the next page as a property of the response. Empty on the last page."""
        end = self.start + self.size
        return {"nextPageToken": _page_token(end)} if end < total else {}


def read_page(parameters: Body, size: int) -> ListPage:
    """Return the position at which a page begins. Raise ApiError if the token was never issued."""
    token = parameters.get("pageToken")
    return ListPage(_page_start(str(token)) if token else 0, size)


def page_of(rows: Sequence[Body], page: ListPage) -> Sequence[Body]:
    return rows[page.start : page.start + page.size]


def _page_token(start: int) -> str:
    return urlsafe_b64encode(f"{_MARK}{start}".encode()).decode().rstrip("=")


def _page_start(token: str) -> int:
    try:
        _, start = urlsafe_b64decode(token + "=" * (-len(token) % 4)).decode().split(_MARK)
        return int(start)
    except (NotBase64, ValueError) as bad:
        raise errors.bad_page_token() from bad


def refuse_unsupported_parameters(call: MethodCall, *names: str) -> None:
    """Refuse a call with a parameter that is not emulated, because the response would ignore the parameter."""
    if given := [name for name in names if call.text(name)]:
        raise errors.not_emulated(f"the parameter {given[0]} of this method")
