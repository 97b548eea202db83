"""The additions that a program, such as a test, makes to the emulator. By default there are none."""

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
    """The connection ends without an answer."""


@dataclass(frozen=True, slots=True)
class HttpRequest:
    """One HTTP request as it came."""

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
    """A hook around one request."""

    def perform(self, answering: "Answering", operation: Operation, call: Call, perform: Performer) -> Answer:  # noqa: ARG002
        """Perform one operation on a store. Raise Dropped if the connection must be cut."""
        return perform(call, answering.store)

    def change_answer(self, answer: Answer, request: HttpRequest) -> Answer:  # noqa: ARG002
        """Change the whole answer before it leaves."""
        return answer

    async def ended(self, request: HttpRequest, answering: "Answering | None", answer: Answer | None) -> None:
        """Do the hook's work before an answer leaves, or in its place."""


class Extension:
    """The additions to one emulator."""

    def hook(self) -> Around:
        """Return a hook for one request."""
        return Around()

    def open_store(self, path: Path | None) -> Store:
        return Store(path)

    def routes(self, emulation: "Emulation") -> Sequence[BaseRoute]:  # noqa: ARG002
        """Return routes of the control plane in addition to its own."""
        return ()

    def forget(self, tenant: str) -> None:
        """Forget the data about a tenant that was closed."""
