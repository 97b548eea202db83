"""The client that kinds use: the indicators of a tenant, listed, imported by the hundred, and removed."""

from collections.abc import Callable, Sequence

from connectors.microsoft365.defender.answers import body_of, next_link, rows_of
from connectors.microsoft365.defender.imports import LARGEST_IMPORT, IndicatorImport
from connectors.microsoft365.defender.pace import Pace
from connectors.microsoft365.defender.requests import DefenderRequest, refuse_writes
from connectors.microsoft365.defender.wire import DefenderWire
from toolkit.errors import ServiceError, SignInRefused
from toolkit.sdk.calls import Caller
from toolkit.sdk.paging import Paging
from toolkit.values import Body

LARGEST_PAGE = 10_000
CALL_SECONDS = 60 / 100
IMPORT_SECONDS = 60 / 30
_PATH = "/api/indicators"


class Defender:
    """Microsoft Defender for Endpoint.

    Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent. `calls` and
    `imports` hold requests apart as the service asks. Follows
    https://learn.microsoft.com/defender-endpoint/api/ti-indicator
    """

    def __init__(self, wire: DefenderWire, caller: Caller, *, calls: Pace, imports: Pace, read_only: bool) -> None:
        self._wire = wire
        self._caller = caller
        self._calls = calls
        self._imports = imports
        self._read_only = read_only

    @property
    def sent(self) -> int:
        """Count the requests sent so far."""
        return self._wire.sent

    def indicators(self) -> Sequence[Body]:
        """List all active indicators; raises where any page of them fails."""
        rows: list[Body] = []
        path: str | None = _page(0)
        paging = Paging(f"GET {_PATH}", self._wire.limits)
        while path:
            request = DefenderRequest("GET", paging.follow(path))
            body = self._read(request)
            page = rows_of(request, body)
            rows.extend(page)
            link = next_link(body)
            path = self._wire.page(link, str(request)) if link else None
            if path is None and len(page) >= LARGEST_PAGE:
                path = _page(len(rows))
        return list({str(row.get("id")): row for row in rows}.values())  # one that moved to another page comes twice

    def create_indicators(self, indicators: Sequence[Body], *, settles: float) -> Sequence[Body | ServiceError]:
        """Create indicators, 500 in a request, and return for each its result or its error, in their order.

        An import replaces an indicator of the same value and type, so that one sent twice could overwrite what was
        changed in between: after an unclear answer each is looked for before it is sent again.
        """
        return self._in_chunks(indicators, lambda some: self._created(some, settles))

    def replace_indicators(self, indicators: Sequence[Body]) -> Sequence[Body | ServiceError]:
        """Replace indicators that are there, 500 in a request; likewise."""
        return self._in_chunks(indicators, self._replaced)

    def delete_indicator(self, identifier: str) -> None:
        """Remove an indicator; that it is gone when this is sent again is what was wanted."""
        request = DefenderRequest("DELETE", f"{_PATH}/{identifier}")
        self._guard(request)
        self._caller.delete(str(request), lambda: self._sent(request, self._calls))

    def close(self) -> None:
        self._wire.close()

    def _in_chunks(
        self, indicators: Sequence[Body], write: Callable[[IndicatorImport], object]
    ) -> Sequence[Body | ServiceError]:
        outcomes: list[Body | ServiceError] = []
        for start in range(0, len(indicators), LARGEST_IMPORT):
            some = IndicatorImport(indicators[start : start + LARGEST_IMPORT], self._import)
            self._guard(some.request)
            try:
                write(some)
            except SignInRefused:
                raise
            except ServiceError as error:
                outcomes += some.outcomes(error)
            else:
                outcomes += some.outcomes()
        return outcomes

    def _created(self, some: IndicatorImport, settles: float) -> None:
        self._caller.create(str(some.request), some.send, lambda: some.find(self.indicators()), settles=settles)

    def _replaced(self, some: IndicatorImport) -> None:
        self._caller.change(str(some.request), some.send)

    def _import(self, request: DefenderRequest) -> Body:
        return self._sent(request, self._imports)

    def _read(self, request: DefenderRequest) -> Body:
        return self._caller.read(str(request), lambda: self._sent(request, self._calls))

    def _guard(self, request: DefenderRequest) -> None:
        if self._read_only:
            refuse_writes(request)

    def _sent(self, request: DefenderRequest, pace: Pace) -> Body:
        pace.wait()
        return body_of(request, self._wire.send(request))


def _page(skip: int) -> str:
    return f"{_PATH}?$top={LARGEST_PAGE}" + (f"&$skip={skip}" if skip else "")
