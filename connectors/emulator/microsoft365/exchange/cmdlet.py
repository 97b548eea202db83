"""Cmdlets: their names, parameters, roles, output and writes. Most cmdlets are only a row in `cmdlets.json`."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias

from connectors.emulator.data_files import read_data
from connectors.emulator.microsoft365.exchange.filters import parse_filter
from connectors.emulator.microsoft365.exchange.parameters import Missing, Parameters, Refused, read_parameters
from connectors.emulator.microsoft365.exchange.values import apply_change
from connectors.emulator.service import Operation
from connectors.emulator.store import Body, Json, Store

FIRST_THOUSAND = (
    "By default, only the first 1000 items are returned. "
    "Use the ResultSize parameter to specify the number of items returned."
)
MORE = (
    "There are more results available than are currently displayed. "
    "To view them, increase the value for the ResultSize parameter."
)


@dataclass(frozen=True, slots=True)
class Put:
    """A write that stores one object, new or existing."""

    collection: str
    key: str
    body: Body


@dataclass(frozen=True, slots=True)
class Remove:
    """A write that removes one object."""

    collection: str
    key: str


@dataclass(frozen=True, slots=True)
class Arrange:
    """A write that stores a whole collection in a given order."""

    collection: str
    bodies: Mapping[str, Body]


@dataclass(frozen=True, slots=True)
class Outcome:
    """The rows that a cmdlet returns, and its writes. With -WhatIf, the writes are not made."""

    rows: Sequence[Body] = ()
    warnings: Sequence[str] = ()
    writes: Sequence[Put | Remove | Arrange] = ()


@dataclass(frozen=True, slots=True)
class Request:
    """The converted parameters of a cmdlet, by the names in its table, with the tenant."""

    tenant_id: str
    caller: str  # id of the application that asks
    parameters: Mapping[str, Json]
    store: Store
    now: datetime

    def all(self, collection: str) -> Sequence[Body]:
        """Return the objects of a collection in order. An object's key is its Guid, or its name if it has no Guid."""
        kept = self.store.all_by_key(self.tenant_id, collection)
        return [{"Name": key, **body, "Guid": key} for key, body in kept.items()]

    def text(self, name: str) -> str:
        """Return the text of a parameter, or "" if the request omits it or sends null."""
        value = self.parameters.get(name)
        return value if isinstance(value, str) else ""


Run: TypeAlias = Callable[[Request], Outcome]


@dataclass(frozen=True, slots=True)
class Cmdlet:
    """One cmdlet of Exchange Online."""

    name: str
    run: Run
    parameters: Parameters
    readers: frozenset[str]  # roles that may run it in addition to the administrators (contract 1.1: seen on the wire)
    notes: str

    @property
    def operation(self) -> Operation:
        return Operation(self.name, write=not self.name.startswith(("Get-", "Search-")), notes=self.notes)


def find_object(rows: Iterable[Body], identity: str, names: Sequence[str]) -> Body:
    """Return the object with an identity: any of its names or mail addresses, in upper or lower case."""
    sought = identity.lower()
    for row in rows:
        addresses = row.get("EmailAddresses")
        mail = addresses if isinstance(addresses, Sequence) and not isinstance(addresses, str) else ()
        if any(str(row.get(name) or "").lower() == sought for name in names):
            return row
        if any(str(address).lower() == f"smtp:{sought}" for address in mail):
            return row
    raise Missing(identity)


def choose_rows(request: Request, rows: Sequence[Body], names: Sequence[str]) -> Sequence[Body]:
    """Return the rows that Identity and Filter select. If Identity is null or empty, every object is selected."""
    identity = request.text("Identity")
    if identity:
        rows = [find_object(rows, identity, names)]
    matches = parse_filter(request.text("Filter"))
    return [row for row in rows if matches(row)]


LIMITS = "exchange.limits"
"""Objects by which a test sets the differences between tenants.

`result_size` has `most`, which caps even Unlimited. `warnings` puts the warnings into a header. `hidden` has, by the
name of a cmdlet, the parameters that the role group of the app hides.
"""


def limit_rows(request: Request, rows: Sequence[Body]) -> Outcome:
    """Sort rows by SortBy and return at most ResultSize rows, 1000 by default. Add a warning if there are more."""
    rows, size = _sort_rows(request, rows), request.text("ResultSize")
    most = (request.store.get(request.tenant_id, LIMITS, "result_size") or {}).get("most")
    if size == "Unlimited" and isinstance(most, int):
        return Outcome(rows[:most])  # clients disagree whether the service says so
    if size == "Unlimited" or len(rows) <= int(size or 1000):
        return Outcome(rows)
    return Outcome(rows[: int(size or 1000)], [MORE if size else FIRST_THOUSAND])


def _sort_rows(request: Request, rows: Sequence[Body]) -> Sequence[Body]:
    order = request.text("SortBy")
    if not order:
        return rows
    name = next((name for name in _ORDERS if name.lower() == order.lower()), None)
    if name is None:
        raise Refused(f"The property '{order}' can't be used to sort the results.")
    return sorted(rows, key=lambda row: str(row.get(name) or "").lower())


_ORDERS = ("Name", "DisplayName", "Alias", "City", "FirstName", "LastName", "Office", "ServerLegacyDN")
NAMES = ("Name", "Guid", "DistinguishedName")
_ABOUT_THE_CALL = {"Identity", "Confirm", "WhatIf"}


def show_collection(collection: str) -> Run:
    def run(request: Request) -> Outcome:
        rows = [{**row, "Identity": row["Name"], "Id": row["Name"]} for row in request.all(collection)]
        return limit_rows(request, choose_rows(request, rows, NAMES))

    return run


def as_sent(_before: Body, after: Body) -> Body:
    """Return the parameters as they were sent."""
    return after


def change_object(collection: str, adjust: Callable[[Body, Body], Body] = as_sent) -> Run:
    """Return a function that changes one object and then adjusts its dependent properties."""

    def run(request: Request) -> Outcome:
        objects = request.all(collection)
        before = find_object(objects, request.text("Identity"), NAMES)
        after = adjust(before, apply_parameters(before, request.parameters))
        taken = {str(other["Name"]).lower() for other in objects if other["Guid"] != before["Guid"]}
        if str(after["Name"]).lower() in taken:
            raise Refused(f"An object with the name '{after['Name']}' already exists.")
        return Outcome(writes=[Put(collection, str(before["Guid"]), after)])

    return run


def change_single_object(collection: str) -> Run:
    """Return a function that changes the single object of a collection, for cmdlets that take no Identity."""

    def run(request: Request) -> Outcome:
        before = request.all(collection)[0]
        return Outcome(writes=[Put(collection, str(before["Guid"]), apply_parameters(before, request.parameters))])

    return run


def apply_parameters(before: Body, sent: Mapping[str, Json]) -> Body:
    """Return an object after the parameters of a request have changed it."""
    properties = {name: value for name, value in sent.items() if name not in _ABOUT_THE_CALL}
    return {**before, **{name: apply_change(before.get(name), value) for name, value in properties.items()}}


def read_cmdlets(module: str, runs: Mapping[str, Run]) -> Mapping[str, Cmdlet]:
    """Return the cmdlets in the `cmdlets.json` next to a module, by name in lower case.

    A cmdlet without a function of its own shows or changes a collection.
    """
    rows = read_data(Path(module).parent / "cmdlets.json")["cmdlets"]
    return {name.lower(): _cmdlet(name, rows[name], runs.get(name)) for name in sorted(rows)}


def _cmdlet(name: str, row: Mapping[str, Any], run: Run | None) -> Cmdlet:
    if run is None:
        run = (show_collection if name.startswith("Get-") else change_object)(row["collection"])
    return Cmdlet(name, run, read_parameters(row), frozenset(row.get("readers", ())), row.get("notes", ""))


def read_unemulated_cmdlets(module: str) -> Mapping[str, str]:
    """Return the vendor's cmdlets that are not emulated, with the names in lower case as keys."""
    rows = read_data(Path(module).parent / "cmdlets.json")["not_emulated"]
    names = [f"{verb}-{noun}" for row in rows for noun in row["nouns"] for verb in row["verbs"]]
    return {name.lower(): name for name in names}
