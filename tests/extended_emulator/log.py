"""The newest ten thousand requests to each tenant, in memory."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from fnmatch import fnmatchcase
from itertools import count

_KEPT = 10_000


@dataclass(frozen=True, slots=True)
class Performed:
    """One operation of a request and its result. A dropped connection has no status."""

    name: str
    write: bool
    status: int | None
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class LoggedRequest:
    """One HTTP request."""

    n: int
    method: str
    url: str
    service: str
    operations: Sequence[Performed]
    status: int | None
    at: str


class Log:
    """Requests by tenant. Requests without a tenant are under the empty name."""

    def __init__(self) -> None:
        self._entries: dict[str, deque[LoggedRequest]] = {}
        self._numbers = count(1)
        self._added = asyncio.Event()

    def add(
        self, tenant: str, *, method: str, url: str, service: str,
        operations: Sequence[Performed], status: int | None, at: str,
    ) -> None:  # fmt: skip
        entry = LoggedRequest(next(self._numbers), method, url, service, operations, status, at)
        self._entries.setdefault(tenant, deque(maxlen=_KEPT)).append(entry)
        self._added.set()
        self._added = asyncio.Event()

    def after(self, tenant: str, number: int) -> list[dict[str, object]]:
        """Return the requests after a number, oldest first."""
        return [asdict(entry) for entry in self._entries.get(tenant, ()) if entry.n > number]

    def last(self, tenant: str) -> int:
        """Return the number of a tenant's last request; 0 if there is none."""
        entries = self._entries.get(tenant)
        return entries[-1].n if entries else 0

    async def until(self, tenant: str, number: int, operation: str) -> list[dict[str, object]]:
        """Wait until a request after `number` matches a pattern, and return the requests since then."""
        while not any(
            fnmatchcase(performed.name, operation)
            for entry in self._entries.get(tenant, ())
            if entry.n > number
            for performed in entry.operations
        ):
            await self._added.wait()
        return self.after(tenant, number)

    def forget(self, tenant: str | None = None) -> None:
        """Delete one tenant's requests, or all."""
        if tenant is None:
            self._entries.clear()
        else:
            self._entries.pop(tenant, None)
