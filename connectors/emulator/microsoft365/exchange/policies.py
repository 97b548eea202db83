"""Cmdlets that are data alone: Get shows a collection, Set changes those properties of an object that are sent."""

from collections.abc import Callable, Iterable, Mapping

from connectors.emulator.microsoft365.exchange.cmdlet import Cmdlet, Outcome, Put, Request, chosen, identified, limited
from connectors.emulator.microsoft365.exchange.errors import Refused
from connectors.emulator.microsoft365.exchange.parameters import IDENTITY, REHEARSAL, CmdletParameter, by_name
from connectors.emulator.microsoft365.exchange.values import changed
from connectors.emulator.wire import Body, Json

NAMES = ("Name", "Guid", "DistinguishedName")
_ABOUT_THE_CALL = {"Identity", "Confirm", "WhatIf"}


def reader(name: str, collection: str, parameters: Iterable[CmdletParameter], readers: frozenset[str]) -> Cmdlet:
    """Make a cmdlet that shows a collection."""

    def run(request: Request) -> Outcome:
        rows = [{**row, "Identity": row["Name"]} for row in request.all(collection)]
        return limited(request, chosen(request, rows, NAMES))

    return Cmdlet(name, run, by_name(parameters), readers)


def as_sent(_before: Body, after: Body) -> Body:
    """Leave everything as it was sent."""
    return after


def writer(
    name: str, collection: str, parameters: Iterable[CmdletParameter], adjusted: Callable[[Body, Body], Body] = as_sent
) -> Cmdlet:
    """Make a cmdlet that changes one object, then adjusts what depends on what was changed."""

    def run(request: Request) -> Outcome:
        objects = request.all(collection)
        before = identified(objects, request.text("Identity"), NAMES)
        after = adjusted(before, merged(before, request.parameters))
        taken = {str(other["Name"]).lower() for other in objects if other["Guid"] != before["Guid"]}
        if str(after["Name"]).lower() in taken:
            raise Refused(f"An object with the name '{after['Name']}' already exists.")
        return Outcome(writes=[Put(collection, str(before["Guid"]), after)])

    return Cmdlet(name, run, by_name((IDENTITY,), parameters, REHEARSAL))


def merged(before: Body, sent: Mapping[str, Json]) -> Body:
    """Apply parameters to an object."""
    properties = {name: value for name, value in sent.items() if name not in _ABOUT_THE_CALL}
    return {**before, **{name: changed(before.get(name), value) for name, value in properties.items()}}
