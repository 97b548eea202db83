"""getSchedule: when twenty people are free, busy or away, each with a schedule or an error of their own."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.emulator.microsoft365.applications import texts
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest
from connectors.emulator.microsoft365.graph.errors import GraphError
from connectors.emulator.microsoft365.graph.outlook.calendar_view import CALENDARS, Occurrence, occurrences
from connectors.emulator.microsoft365.graph.outlook.mailbox import (
    SCHEDULE_ERRORS,
    addressed,
    forbidden,
    has_mailbox,
    owner,
)
from connectors.emulator.microsoft365.graph.outlook.settings import settings_of
from connectors.emulator.microsoft365.graph.outlook.zones import applied, preferred, read_instant, shown
from connectors.emulator.service import Answer
from connectors.emulator.wire import Body, Json

_MOST, _LONGEST = 20, timedelta(days=62)
_SHORTEST_SLOT, _LONGEST_SLOT, _SLOT = 5, 1440, 30  # minutes
# What shows through where several take place at once: whatever stands further down.
_DIGITS: Mapping[str, bytes] = {"free": b"0", "workingElsewhere": b"4", "tentative": b"1", "busy": b"2", "oof": b"3"}


@dataclass(frozen=True, slots=True)
class _Window:
    start: datetime
    end: datetime
    step: timedelta
    zone: str  # in which the caller wants times


def actions() -> Sequence[Action]:
    """List the two spellings of the action."""
    notes = "at most 20 schedules, under 62 days; Prefer: outlook.timezone; no subjects"
    paths = ("/users/{id}/calendar/getSchedule", "/users/{id}/calendar/microsoft.graph.getSchedule")
    return [Action("POST", path, CALENDARS, _get, notes=notes, forbid=forbidden, asks=True) for path in paths]


def _get(asking: ActionRequest) -> Answer:
    owner(asking)
    body = {name.lower(): value for name, value in asking.body().items()}
    addresses = texts(body.get("schedules"))
    start, end = read_instant(body.get("starttime")), read_instant(body.get("endtime"))
    minutes = body.get("availabilityviewinterval", _SLOT)
    if not isinstance(minutes, int) or not _SHORTEST_SLOT <= minutes <= _LONGEST_SLOT:
        raise _refused("ErrorInvalidMergedFreeBusyInterval", "The value of availabilityViewInterval must be 5 to 1440.")
    if not addresses or len(addresses) > _MOST:
        raise _refused("ErrorInvalidParameter", f"The number of schedules must be 1 to {_MOST}.")
    if end <= start:
        raise _refused("ErrorInvalidTimeInterval", "The end of the time window must be after its start.")
    if end - start >= _LONGEST:
        text = (
            "The requested time duration specified for FreeBusyViewOptions.TimeWindow is not within the allowed limits."
        )
        raise _refused("ErrorTimeIntervalTooBig", text)
    name, step = preferred(asking.call), timedelta(minutes=minutes)
    window = _Window(start, end, step, name)
    found: list[Json] = [_schedule(asking, address, window) for address in addresses]
    context = asking.context("Collection(microsoft.graph.scheduleInformation)")
    return Answer(body={**context, "value": found}, headers=applied(asking.call))


def _refused(code: str, text: str) -> GraphError:
    return GraphError(400, code, text)


def _schedule(asking: ActionRequest, address: str, window: _Window) -> Body:
    person = addressed(asking, address)
    if person is None or not has_mailbox(person):
        text = f"Unable to resolve e-mail address {address} to an Active Directory object."
        return _unreadable(address, {"message": text, "responseCode": "ErrorMailRecipientNotFound"})
    if refusal := asking.store.get(asking.tenant_id, SCHEDULE_ERRORS, str(person["id"])):
        return _unreadable(address, refusal)
    found = occurrences(asking, person, window.start, window.end)
    return {
        "scheduleId": address,
        "availabilityView": _view(found, window),
        "scheduleItems": [
            {
                "status": one.event["showAs"],
                "start": shown(one.start, window.zone),
                "end": shown(one.end, window.zone),
            }
            for one in found
        ],
        "workingHours": settings_of(asking, person)["workingHours"],
    }


def _unreadable(address: str, refusal: Body) -> Body:
    return {"scheduleId": address, "availabilityView": "", "error": refusal}


def _view(found: Sequence[Occurrence], window: _Window) -> str:
    """Write one digit for each slot; whatever touches a slot takes all of it."""
    start, end, step = window.start, window.end, window.step
    view = bytearray(b"0" * -((start - end) // step))
    ranks = list(_DIGITS)
    for one in sorted(found, key=lambda one: ranks.index(str(one.event["showAs"]))):
        first = max(0, (one.start - start) // step)
        last = min(len(view), -((start - one.end) // step))
        if last > first:
            view[first:last] = _DIGITS[str(one.event["showAs"])] * (last - first)
    return view.decode()
