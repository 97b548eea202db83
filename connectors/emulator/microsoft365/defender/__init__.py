"""Microsoft Defender for Endpoint as the server knows it: the indicators of a tenant, and nothing else."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from connectors.emulator.data_files import seeded
from connectors.emulator.microsoft365.applications import DEFENDER
from connectors.emulator.microsoft365.defender import checking, indicators
from connectors.emulator.microsoft365.defender.indicators import EVERY, IndicatorRequest, Perform
from connectors.emulator.school import School
from connectors.emulator.service import Answer, Call, Operation, Seed
from connectors.emulator.store import Store

_PERMISSIONS = frozenset({EVERY, "Ti.ReadWrite"})
_OPERATIONS: Mapping[Operation, Perform] = {
    Operation("GET /api/indicators", write=False, notes="$top, $skip; no $filter"): indicators.listed,
    Operation("POST /api/indicators", write=True, notes="changes the one of that value and type"): indicators.written,
    Operation("POST /api/indicators/import", write=True, notes="at most 500"): indicators.imported,
    Operation("POST /api/indicators/BatchDelete", write=True, notes="at most 500"): indicators.removed_together,
    Operation("DELETE /api/indicators/{id}", write=True): indicators.removed,
}


class _Chosen(NamedTuple):
    operation: Operation
    key: str


class Defender:
    """api.securitycenter.microsoft.com."""

    name = "defender"
    hosts = ("api.securitycenter.microsoft.com", "api.security.microsoft.com")
    roots = ("/api/indicators",)
    audiences = (DEFENDER,)
    emulated = tuple(_OPERATIONS)

    def operations(self, call: Call) -> Sequence[Operation]:
        chosen = _choose(call)
        return [chosen.operation] if chosen else []

    def batch(self, call: Call, perform: object) -> Answer | None:
        del call, perform
        return None

    def answer(self, call: Call, store: Store) -> Answer:
        chosen = _choose(call)
        assert chosen
        try:
            if call.principal is None:
                raise checking.fault(401)
            if not _PERMISSIONS & call.principal.roles:
                raise checking.forbidden(_PERMISSIONS)
            return _OPERATIONS[chosen.operation](IndicatorRequest(call, store, call.principal, chosen.key))
        except checking.DefenderError as refused:
            return checking.answer(refused)

    def refuse(self, call: Call, status: int, reason: str = "") -> Answer:
        del call
        if reason:
            return checking.answer(checking.DefenderError(status, reason, "The request was refused."))
        return checking.answer(checking.fault(status))

    def truncate(self, call: Call, answer: Answer) -> Answer:
        if isinstance(answer.body, bytes) or not answer.body or call.method != "GET":
            return answer
        rows = answer.body["value"]
        assert isinstance(rows, Sequence)
        link = f"{call.base}{call.path}?$skip=lost"
        return replace(answer, body={**answer.body, "@odata.nextLink": link, "value": rows[: len(rows) // 2]})


def _choose(call: Call) -> _Chosen | None:
    parts = [part for part in call.path.split("/") if part]
    for operation in _OPERATIONS:
        method, template = operation.name.split()
        wanted = template.strip("/").split("/")
        same = len(wanted) == len(parts) and all(
            name.startswith("{") or name.lower() == part.lower() for name, part in zip(wanted, parts, strict=True)
        )
        if method == call.method and same:
            return _Chosen(operation, parts[-1])
    return None


SERVICE = Defender()


def seed(school: School) -> Seed:
    """Make the indicators that the trust has put there."""
    return seeded(__file__, school)
