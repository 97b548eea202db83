"""The entries of one calendar between two instants."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connectors.emulator.microsoft365.graph import filters
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.outlook.mailbox import forbidden, owner
from connectors.emulator.microsoft365.graph.outlook.occurrences import occurrences
from connectors.emulator.microsoft365.graph.outlook.zones import applied, preferred
from connectors.emulator.microsoft365.graph.query import Query, check_property, cut, read_query
from connectors.emulator.microsoft365.graph.types import properties
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body

CALENDARS = frozenset({"Calendars.ReadBasic", "Calendars.Read", "Calendars.ReadWrite"})
_LARGEST_PAGE, _PAGE = 1000, "10"
_ORDERS = ("start/dateTime", "start/datetime asc", "start/dateTime asc")
_OPTIONS = frozenset({"$select", "$filter", "$top", "$orderby", "$skiptoken", "$format"})
_NEEDED = "This request requires a time window specified by the query string parameters StartDateTime and EndDateTime."


def actions() -> Sequence[Action]:
    """List the two paths of the view of somebody's own calendar."""
    notes = "$select, $filter (eq, ne, in, and, or), $top; Prefer: outlook.timezone"
    paths = ("/users/{id}/calendarView", "/users/{id}/calendar/calendarView")
    return [Action("GET", path, CALENDARS, _list, notes=notes, forbid=forbidden) for path in paths]


def _list(asking: ActionRequest) -> Answer:
    person, query = owner(asking), read_query(asking.call, _OPTIONS)
    name = preferred(asking.call)
    start, end = _window(asking)
    for chosen in query.selected:
        check_property(chosen, "event")
    if query.options.get("$orderby", _ORDERS[0]) not in _ORDERS:
        raise GraphError(501, "NotEmulated", f"The emulator orders a calendar view by {_ORDERS[0]} alone.")
    rows: list[Body] = [one.shown(name) for one in occurrences(asking, person, start, end)]
    if text := query.options.get("$filter"):
        test = filters.parse(text, type_name="event", known=properties("event"), advanced=True)
        rows = [row for row in rows if test(row)]
    sized = replace(query, options={"$top": _PAGE, **query.options})
    page = cut(asking.call, sized, rows, largest=_LARGEST_PAGE)
    found = page["value"]
    assert isinstance(found, list)
    page["value"] = [_chosen(row, query) for row in found]
    context = asking.context(f"users('{person['id']}')/calendarView")
    return Answer(body={**context, **page}, headers=applied(asking.call))


def _chosen(row: Body, query: Query) -> Body:
    if not query.selected or query.selected == ["*"]:
        return row
    return {"id": row["id"], **{name: row.get(name) for name in query.selected}}


def _window(asking: ActionRequest) -> tuple[datetime, datetime]:
    """Read the two instants; one without an offset is in UTC, whatever zone the caller prefers."""
    given = {name.lower(): value for name, value in asking.call.query}
    try:
        start, end = (_instant(given[name]) for name in ("startdatetime", "enddatetime"))
    except (KeyError, ValueError) as bad:
        raise GraphError(400, "ErrorInvalidParameter", _NEEDED) from bad
    if end < start:
        raise GraphError(400, "ErrorInvalidParameter", "The end of the time window must not be before its start.")
    return start, end


def _instant(written: str) -> datetime:
    # A plus sign that nobody escaped arrives as a space.
    read = datetime.fromisoformat(written.replace(" ", "+"))
    return read if read.tzinfo else read.replace(tzinfo=UTC)
