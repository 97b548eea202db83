"""Importing indicators: a request of up to 500, its results, and which indicators have no result yet."""

from collections.abc import Callable, Mapping, Sequence

from connectors.microsoft365.defender.answers import rows_of
from connectors.microsoft365.defender.requests import DefenderRequest
from toolkit.errors import Rejected, ServiceError, Unavailable
from toolkit.values import Body

LARGEST_IMPORT = 500
_PATH = "/api/indicators/import"


class IndicatorImport:
    """Indicators that go into one request; only those without a result are sent again."""

    def __init__(self, indicators: Sequence[Body], send: Callable[[DefenderRequest], Body]) -> None:
        self._indicators = indicators
        self._send = send
        self._results: dict[str, Body] = {}
        self.request = DefenderRequest("POST", _PATH, {"Indicators": list(indicators)})

    def send(self) -> Mapping[str, Body]:
        """Send the indicators without a result; raise Unavailable where the answer leaves any of them out."""
        request = DefenderRequest("POST", _PATH, {"Indicators": self._waiting()})
        self._results |= {_value(result, "indicator"): result for result in rows_of(request, self._send(request))}
        if waiting := self._waiting():
            named = ", ".join(_value(indicator, "indicatorValue") for indicator in waiting)
            raise Unavailable(f"{request}: the answer has no result for {named}")
        return self._results

    def find(self, rows: Sequence[Body]) -> Mapping[str, Body] | None:
        """Take what the tenant shows as the result of an import without an answer; None while any is missing."""
        there = {_key(row): row for row in rows}
        found = [there[_key(indicator)] for indicator in self._waiting() if _key(indicator) in there]
        self._results |= {_value(row, "indicatorValue"): row for row in found}
        return None if self._waiting() else self._results

    def outcomes(self, error: ServiceError | None = None) -> list[Body | ServiceError]:
        """Return the result of each indicator in order, the error for those that have none."""
        return [self._outcome(_value(indicator, "indicatorValue"), error) for indicator in self._indicators]

    def _outcome(self, value: str, error: ServiceError | None) -> Body | ServiceError:
        result = self._results.get(value)
        if result is None:
            return error or Unavailable(f"{self.request}: there is no result for {value}")
        if result.get("isFailed"):
            return Rejected(f"{self.request}: {value}: {result.get('failureReason') or 'no reason given'}")
        return result

    def _waiting(self) -> list[Body]:
        return [indicator for indicator in self._indicators if _value(indicator, "indicatorValue") not in self._results]


def _key(row: Body) -> tuple[str, str]:
    return str(row.get("indicatorType")), _value(row, "indicatorValue")


def _value(row: Body, name: str) -> str:
    """Return an indicator's value in lower case: the service ignores case."""
    return str(row.get(name) or "").lower()
