"""Microsoft Defender for Endpoint. Only the indicators of a tenant are emulated."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeAlias

from connectors.emulator import clock
from connectors.emulator.microsoft365.applications import DEFENDER
from connectors.emulator.microsoft365.defender.checking import (
    DefenderError,
    answer,
    bad_indicator,
    check_indicator,
    fixed_error,
    forbidden,
    not_found,
)
from connectors.emulator.service import Answer, Call, Operation, Principal, Service
from connectors.emulator.store import Body, Json, Store

COLLECTION = "defender.indicators"
EVERY = "Ti.ReadWrite.All"  # Ti.ReadWrite only reaches the application's own indicators
_LARGEST_PAGE, _LARGEST_IMPORT, _MOST = 10_000, 500, 15_000


@dataclass(frozen=True, slots=True)
class IndicatorRequest:
    """A request about the indicators of a tenant, such as sites to block."""

    call: Call
    store: Store
    principal: Principal
    key: str

    def body(self) -> Mapping[str, Json]:
        try:
            body = json.loads(self.call.body or b"null")
        except ValueError as no_json:
            raise bad_indicator("InvalidRequestBody", "Request body is incorrect.") from no_json
        if not isinstance(body, Mapping):
            raise bad_indicator("MissingRequestBody", "Request body is missing.")
        return body

    def visible_indicators(self) -> list[Body]:
        """Return the indicators that the application may see."""
        bodies: list[Body] = list(self.store.all(self.principal.tenant_id, COLLECTION))
        return bodies if EVERY in self.principal.roles else [body for body in bodies if _is_own_indicator(self, body)]

    @property
    def now(self) -> str:
        return clock.text(clock.now(self.store, self.principal.tenant_id))


Perform: TypeAlias = Callable[[IndicatorRequest], Answer]
_Known: TypeAlias = dict[tuple[str, str], Body]  # by value and type, without regard to case


def list_indicators(request: IndicatorRequest) -> Answer:
    options = dict(request.call.query)
    if odd := sorted(set(options) - {"$top", "$skip", "$filter"}):
        raise DefenderError(501, "NotEmulated", f"The emulator's defender does not emulate the option {odd[0]}.")
    top, skip = (_read_number(options, name, unset) for name, unset in (("$top", _LARGEST_PAGE), ("$skip", 0)))
    if top > _LARGEST_PAGE:
        raise bad_indicator("InvalidInput", f"The limit of {_LARGEST_PAGE} for $top was exceeded.")
    rows = _filter_by_value(options.get("$filter", ""), request.visible_indicators())
    return Answer(body={**_response_context(request, ""), "value": rows[skip : skip + top]})


_VALUE = re.compile(r"indicatorValue eq '((?:[^']|'')*)'")


def _filter_by_value(raw: str, rows: list[Body]) -> list[Body]:
    """Return the rows with a given value. No other filter is emulated."""
    if not raw:
        return rows
    named = _VALUE.fullmatch(raw.strip())
    if named is None:
        raise DefenderError(501, "NotEmulated", f"The emulator's defender does not emulate the filter {raw}.")
    value = named[1].replace("''", "'").lower()
    return [row for row in rows if str(row["indicatorValue"]).lower() == value]


def write_indicator(request: IndicatorRequest) -> Answer:
    """Write one indicator. Change the indicator with the same value and type, or else add a new indicator."""
    return Answer(
        body={
            **_response_context(request, "/$entity"),
            **_write_one(request, request.body(), _indicators_by_identity(request)),
        }
    )


def import_indicators(request: IndicatorRequest) -> Answer:
    """Write many indicators. Each has its own result."""
    given = request.body().get("Indicators")
    if not isinstance(given, list) or not given:
        raise bad_indicator("MissingRequiredParameter", "Parameter 'Indicators' is missing.")
    if len(given) > _LARGEST_IMPORT:
        raise bad_indicator(
            "MaximumBatchSizeExceeded",
            f"Maximum batch size was exceeded: {len(given)}. The limit is {_LARGEST_IMPORT}.",
        )
    indicators = _indicators_by_identity(request)
    return Answer(body={"value": [_import_result(request, indicator, indicators) for indicator in given]})


def remove_indicator(request: IndicatorRequest) -> Answer:
    if request.key not in {str(body["id"]) for body in request.visible_indicators()}:
        raise not_found(request.key)
    request.store.delete(request.principal.tenant_id, COLLECTION, request.key)
    return Answer(status=204)


def _write_one(request: IndicatorRequest, body: Json, indicators: _Known) -> Body:
    whole = check_indicator(body)
    before = indicators.get(_value_and_type(whole))
    if before is None and len(indicators) >= _MOST:
        raise bad_indicator("MaximumIndicatorsExceeded", f"There is a limit of {_MOST} active indicators per tenant.")
    if before is not None and EVERY not in request.principal.roles and not _is_own_indicator(request, before):
        raise DefenderError(403, "DisallowedOperation", "The indicator was written by another application.")
    highest = max((int(str(indicator["id"])) for indicator in indicators.values()), default=0)
    fresh: Body = {
        "id": str(highest + 1),
        "source": request.principal.application_id,
        "sourceType": "AadApp",
        "createdBy": request.principal.application_id,
        "createdByDisplayName": "toolkit",
        "createdBySource": "PublicApi",
        "creationTimeDateTimeUtc": request.now,
    }
    changed: Body = {
        "lastUpdateTime": request.now,
        "lastUpdatedBy": request.principal.application_id if before else None,
        "version": None,
    }
    made = {**(before or fresh), **whole, **changed}
    request.store.put(request.principal.tenant_id, COLLECTION, str(made["id"]), made)
    indicators[_value_and_type(made)] = made
    return made


def _import_result(request: IndicatorRequest, body: Json, indicators: _Known) -> Body:
    value = body.get("indicatorValue") if isinstance(body, Mapping) else None
    try:
        made = _write_one(request, body, indicators)
    except DefenderError as refused:
        return {"id": None, "indicator": value, "isFailed": True, "failureReason": refused.message}
    return {"id": made["id"], "indicator": value, "isFailed": False, "failureReason": None}


def _is_own_indicator(request: IndicatorRequest, body: Body) -> bool:
    return body["createdBy"] == request.principal.application_id


def _indicators_by_identity(request: IndicatorRequest) -> _Known:
    return {
        _value_and_type(indicator): indicator
        for indicator in request.store.all(request.principal.tenant_id, COLLECTION)
    }


def _value_and_type(indicator: Body) -> tuple[str, str]:
    return str(indicator["indicatorValue"]).lower(), str(indicator["indicatorType"])


def _read_number(options: Mapping[str, str], name: str, default: int) -> int:
    text = options.get(name)
    if text is None:
        return default
    if not text.isdigit():
        raise bad_indicator("InvalidInput", f"Invalid value '{text}' for option '{name}'.")
    return int(text)


def _response_context(request: IndicatorRequest, suffix: str) -> Body:
    return {"@odata.context": f"{request.call.base}/api/$metadata#Indicators{suffix}"}


_PERMISSIONS = frozenset({EVERY, "Ti.ReadWrite"})
_OPERATIONS: Mapping[Operation, Perform] = {
    Operation("GET /api/indicators", write=False, notes="$top and $skip, without $filter"): list_indicators,
    Operation(
        "POST /api/indicators", write=True, notes="also changes the indicator that has the same value and type"
    ): write_indicator,
    Operation("POST /api/indicators/import", write=True, notes="at most 500"): import_indicators,
    Operation("DELETE /api/indicators/{id}", write=True): remove_indicator,
}


class _Chosen(NamedTuple):
    operation: Operation
    key: str


class Defender(Service):
    """The Defender service at api.securitycenter.microsoft.com."""

    name = "defender"
    hosts = ("api.securitycenter.microsoft.com", "api.security.microsoft.com")
    roots = ("/api/indicators",)
    audiences = (DEFENDER,)
    emulated_operations = tuple(_OPERATIONS)

    def operations(self, call: Call) -> Sequence[Operation]:
        chosen = _find_operation(call)
        return [chosen.operation] if chosen else []

    def answer(self, call: Call, store: Store) -> Answer:
        chosen = _find_operation(call)
        assert chosen
        try:
            if call.principal is None:
                raise fixed_error(401)
            if not _PERMISSIONS & call.principal.roles:
                raise forbidden(_PERMISSIONS)
            return _OPERATIONS[chosen.operation](IndicatorRequest(call, store, call.principal, chosen.key))
        except DefenderError as refused:
            return answer(refused)


def _find_operation(call: Call) -> _Chosen | None:
    parts = [part for part in call.path.split("/") if part]
    for operation in _OPERATIONS:
        method, template = operation.name.split()
        names = template.strip("/").split("/")
        same = len(names) == len(parts) and all(
            name.startswith("{") or name.lower() == part.lower() for name, part in zip(names, parts, strict=True)
        )
        if method == call.method and same:
            return _Chosen(operation, parts[-1])
    return None


SERVICE = Defender()
