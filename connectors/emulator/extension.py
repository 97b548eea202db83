"""What a program that runs the emulator may add to it, as the tests do; alone it adds nothing."""

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
    """What happens around one request."""

    def perform(self, answering: "Answering", operation: Operation, call: Call, perform: Performer) -> Answer:  # noqa: ARG002
        """Have one operation performed on a store; raises Dropped where nothing is to be sent."""
        return perform(call, answering.store)

    def change_answer(self, answer: Answer, request: HttpRequest) -> Answer:  # noqa: ARG002
        """Change the whole answer before it leaves."""
        return answer

    async def ended(self, request: HttpRequest, answering: "Answering | None", answer: Answer | None) -> None:
        """Do what is to be done before an answer leaves, or in place of one."""


class Extension:
    """What is added to one emulator."""

    def hook(self) -> Around:
        """Make what happens around one request."""
        return Around()

    def open_store(self, path: Path | None) -> Store:
        return Store(path)

    def routes(self, emulation: "Emulation") -> Sequence[BaseRoute]:  # noqa: ARG002
        """List what the control plane answers beside its own."""
        return ()

    def forget(self, tenant: str) -> None:
        """Forget what is kept of a tenant that is closed."""
