"""The Calendar API: when people are busy, and the entries of somebody's own calendar.

What a test may read and change at the control plane:

    calendar.events     by person's id / event's id: events as Google shows them; a series has its `recurrence`, and one
                        time of it that was changed or cancelled is an event with `recurringEventId`
    calendar.acl        by person's id: {"role": "none"} hides a calendar from everybody else; else the domain sees
                        when its owner is busy
    gmail.vacation      by person's id: the automatic reply, which the Gmail API answers for
"""

from types import MappingProxyType

from connectors.emulator.google_workspace.api.errors import Wording
from connectors.emulator.google_workspace.api.service import GoogleApi
from connectors.emulator.google_workspace.calendar import events, free_busy
from connectors.emulator.google_workspace.calendar.seed import seed

__all__ = ["SERVICE", "seed"]

SERVICE = GoogleApi(
    name="google calendar",
    hosts=("calendar-json.googleapis.com", "www.googleapis.com"),
    roots=("/calendar/v3", "/batch/calendar"),
    api=("calendar", "v3"),
    project_host="calendar-json.googleapis.com",
    handlers=MappingProxyType({**events.HANDLERS, **free_busy.HANDLERS}),
    wording=Wording(reasons=True, statuses=False),
    most_in_batch=50,
    notes=MappingProxyType(
        {
            "calendar.events.list": "one's own calendar alone; no q, no sync",
            "calendar.freebusy.query": "calendars alone, no groups",
        }
    ),
)
