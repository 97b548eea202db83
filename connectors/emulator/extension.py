"""The hooks through which a program, such as a test, extends the emulator. By default they do nothing."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from starlette.routing import BaseRoute

from connectors.emulator.service import Answer, Call, Operation
from connectors.emulator.store import Store

if TYPE_CHECKING:
    from connectors.emulator.dispatch import Answering
    from connectors.emulator.emulation import Emulation

Performer: TypeAlias = Callable[[Call, Store], Answer]


class Dropped(Exception):
    """Raised if the connection must end without a response."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request as the server received it."""

    method: str
    path: str  # decoded but for ?, # and the backslash
    query: str
    headers: Mapping[str, str]  # names in lower case
    body: bytes

    @property
    def host(self) -> str:
        return self.headers.get("host", "localhost")

    @property
    def target(self) -> str:
        return f"{self.path}?{self.query}" if self.query else self.path


class Around:
    """A hook that runs before and after one request. It may change, delay or replace the response."""

    def perform(self, answering: "Answering", operation: Operation, call: Call, perform: Performer) -> Answer:  # noqa: ARG002
        """Perform one operation on a store. Raise Dropped if the connection must be cut."""
        return perform(call, answering.store)

    def change_answer(self, answer: Answer, request: HttpRequest) -> Answer:  # noqa: ARG002
        """Return the complete response, possibly changed, before the server sends it."""
        return answer

    async def ended(self, request: HttpRequest, answering: "Answering | None", answer: Answer | None) -> None:
        """Run just before a response is sent, or after the emulator has decided to send none."""


class Extension:
    """The additions to one emulator."""

    def hook(self) -> Around:
        """Return the hook for one request."""
        return Around()

    def open_store(self, path: Path | None) -> Store:
        return Store(path)

    def routes(self, emulation: "Emulation") -> Sequence[BaseRoute]:  # noqa: ARG002
        """Return additional routes for the control plane."""
        return ()

    def forget(self, tenant: str) -> None:
        """Forget the extension's data about a tenant that was deleted."""
