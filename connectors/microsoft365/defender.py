"""The client of Microsoft Defender for Endpoint, which lists, imports and removes a tenant's indicators."""

from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from urllib.parse import urlencode

from connectors.microsoft365.clients import ServiceClient
from connectors.microsoft365.http import ServiceRequest, ServiceWire, WebService, body_of, next_page, to_rows
from toolkit.errors import NotFound, Refused, Rejected, RequestFailed, ServiceError, Unavailable
from toolkit.sdk import Caller, Pace, Paging, segment
from toolkit.values import Body

LARGEST_PAGE = 10_000
LARGEST_IMPORT = 500
CALL_SECONDS = 60 / 100
IMPORT_SECONDS = 60 / 30
PERMISSION = "Ti.ReadWrite.All"
_PATH = "/api/indicators"
_IMPORT_PATH = f"{_PATH}/import"


def _to_error(_: ServiceRequest, status: int, text: str) -> ServiceError | None:
    if status != HTTPStatus.FORBIDDEN:
        return None
    advice = f"this app needs the WindowsDefenderATP application permission {PERMISSION}, with admin consent"
    return Refused(f"{text}; {advice}", missing=PERMISSION)


# Follows https://learn.microsoft.com/defender-endpoint/api/common-errors
DEFENDER: WebService[ServiceRequest] = WebService(
    name="Defender",
    product="Defender for Endpoint",
    scope="https://api.securitycenter.microsoft.com/.default",
    refusal=_to_error,
    statuses={HTTPStatus.NOT_FOUND: NotFound},
)


class IndicatorImport:
    """An import of indicators in one request.

    If the request is repeated, it contains only the indicators without a result.
    """

    def __init__(self, indicators: Sequence[Body], send: Callable[[ServiceRequest], Body]) -> None:
        self._indicators = indicators
        self._send = send
        self._results: dict[str, Body] = {}
        self.request = ServiceRequest("POST", _IMPORT_PATH, {"Indicators": list(indicators)})

    def send(self) -> Mapping[str, Body]:
        """Send the indicators that have no result yet, and return all results.

        Raise Unavailable if the response leaves an indicator out.
        """
        request = ServiceRequest("POST", _IMPORT_PATH, {"Indicators": self._find_indicators_without_result()})
        self._results |= {
            _read_lower_case_value(result, "indicator"): result for result in to_rows(request, self._send(request))
        }
        if missing := self._find_indicators_without_result():
            values = ", ".join(_read_lower_case_value(indicator, "indicatorValue") for indicator in missing)
            raise Unavailable(f"{request}: the response has no result for {values}")
        return self._results

    def find(self, rows: Sequence[Body]) -> Mapping[str, Body] | None:
        """Return the tenant's own indicators as the results of an import that got no response.

        Return None if an indicator is missing.
        """
        rows_by_key = {_make_indicator_key(row): row for row in rows}
        matches = [
            rows_by_key[_make_indicator_key(indicator)]
            for indicator in self._find_indicators_without_result()
            if _make_indicator_key(indicator) in rows_by_key
        ]
        self._results |= {_read_lower_case_value(row, "indicatorValue"): row for row in matches}
        return None if self._find_indicators_without_result() else self._results

    def outcomes(self, error: RequestFailed | None = None) -> list[Body | RequestFailed]:
        """Return each indicator's result, in order. An indicator without a result gets `error` instead."""
        return [
            self._find_outcome(_read_lower_case_value(indicator, "indicatorValue"), error)
            for indicator in self._indicators
        ]

    def _find_outcome(self, value: str, error: RequestFailed | None) -> Body | RequestFailed:
        result = self._results.get(value)
        if result is None:
            return error or Unavailable(f"{self.request}: the response has no result for {value}")
        if result.get("isFailed"):
            return Rejected(f"{self.request}: {value}: {result.get('failureReason') or 'no reason given'}")
        return result

    def _find_indicators_without_result(self) -> list[Body]:
        return [
            indicator
            for indicator in self._indicators
            if _read_lower_case_value(indicator, "indicatorValue") not in self._results
        ]


def _make_indicator_key(row: Body) -> tuple[str, str]:
    return str(row.get("indicatorType")), _read_lower_case_value(row, "indicatorValue")


def _read_lower_case_value(row: Body, name: str) -> str:
    """Return an indicator's value in lower case, because the service ignores case."""
    return str(row.get(name) or "").lower()


class Defender(ServiceClient[ServiceWire]):
    """Client of Microsoft Defender for Endpoint.

    Every method raises the errors of toolkit.errors, and WriteInReadOnlyRun before anything is sent. `calls` and
    `imports` space out the requests as the service requires. Follows
    https://learn.microsoft.com/defender-endpoint/api/ti-indicator
    """

    def __init__(self, wire: ServiceWire, caller: Caller, *, calls: Pace, imports: Pace, read_only: bool) -> None:
        super().__init__(wire, caller, read_only=read_only)
        self._calls = calls
        self._imports = imports

    def indicators(self, *, of_value: str = "") -> Sequence[Body]:
        """Return all active indicators, or only the indicators whose value is `of_value`."""
        rows: list[Body] = []
        path: str | None = (
            f"{_PATH}?{urlencode({'$filter': _make_value_filter(of_value)})}" if of_value else _make_page_query(0)
        )
        paging = Paging(f"GET {_PATH}", self._wire.limits)
        while path:
            request = ServiceRequest("GET", paging.check_next_page(path))
            body = self._read(request)
            page = to_rows(request, body)
            rows.extend(page)
            path = next_page(self._wire, request, body)
            if path is None and len(page) >= LARGEST_PAGE:
                path = _make_page_query(len(rows))
        return list(
            {str(row.get("id")): row for row in rows}.values()
        )  # an indicator that moved to another page comes twice

    def create_indicators(self, indicators: Sequence[Body], *, settles: float) -> Sequence[Body | RequestFailed]:
        """Create indicators, 500 in a request. Return each indicator's result or error, in order.

        An import replaces an indicator with the same value and type, so a repeated import could overwrite a newer
        change. After an unclear response, toolkit looks for each indicator before it sends it again.
        """
        return self._write_in_chunks(indicators, lambda chunk: self._create_chunk(chunk, settles))

    def replace_indicators(self, indicators: Sequence[Body]) -> Sequence[Body | RequestFailed]:
        """Replace existing indicators, 500 in a request. Return each indicator's result or error, in order."""
        return self._write_in_chunks(indicators, self._replace_chunk)

    def delete_indicator(self, identifier: str) -> None:
        """Delete an indicator. If a repeated request does not find it, the indicator counts as deleted."""
        request = ServiceRequest("DELETE", f"{_PATH}/{segment(identifier)}")
        self._guard(request)
        self._caller.delete(str(request), lambda: self._send(request, self._calls))

    def _write_in_chunks(
        self, indicators: Sequence[Body], write: Callable[[IndicatorImport], object]
    ) -> Sequence[Body | RequestFailed]:
        outcomes: list[Body | RequestFailed] = []
        for start in range(0, len(indicators), LARGEST_IMPORT):
            chunk = IndicatorImport(indicators[start : start + LARGEST_IMPORT], self._send_import)
            self._guard(chunk.request)
            try:
                write(chunk)
            except ServiceError as error:
                outcomes += chunk.outcomes(error)
            else:
                outcomes += chunk.outcomes()
        return outcomes

    def _create_chunk(self, chunk: IndicatorImport, settles: float) -> None:
        self._caller.create(str(chunk.request), chunk.send, lambda: chunk.find(self.indicators()), settles=settles)

    def _replace_chunk(self, chunk: IndicatorImport) -> None:
        self._caller.change(str(chunk.request), chunk.send)

    def _send_import(self, request: ServiceRequest) -> Body:
        return self._send(request, self._imports)

    def _read(self, request: ServiceRequest) -> Body:
        return self._caller.read(str(request), lambda: self._send(request, self._calls), request=request)

    def _send(self, request: ServiceRequest, pace: Pace) -> Body:
        pace.wait()
        return body_of(DEFENDER, request, self._wire.send(request))


def _make_value_filter(value: str) -> str:
    quoted = value.replace("'", "''")
    return f"indicatorValue eq '{quoted}'"


def _make_page_query(skip: int) -> str:
    return f"{_PATH}?$top={LARGEST_PAGE}" + (f"&$skip={skip}" if skip else "")
