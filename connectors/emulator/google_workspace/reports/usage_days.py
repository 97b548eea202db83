"""The dates that have usage reports. The figures of each application are some days late."""

from collections.abc import Mapping
from datetime import date, timedelta

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.store import Body

LAG = "reports.lag"
LAGS: Mapping[str, int] = {"accounts": 2, "gmail": 3}  # days
_KEPT = timedelta(days=450)


def requested_day(call: MethodCall) -> date:
    """Return the date that a call names. Raise ApiError for an invalid date, or for a date without a report."""
    try:
        day = date.fromisoformat(call.text("date"))
    except ValueError as bad:
        raise errors.invalid(f"Invalid date: {call.text('date')}") from bad
    last = max(last_day(call, application) for application in LAGS)
    if day > last:
        raise errors.invalid(f"Data for dates later than {last} is not yet available. Please check back later")
    if day < last - _KEPT:
        raise errors.invalid(f"Data for dates earlier than {last - _KEPT} is not available.")
    return day


def last_day(call: MethodCall, application: str) -> date:
    """Return the last date for which an application has figures."""
    lags = {**LAGS, **(call.collection(LAG).get("days") or {})}
    days = lags[application]
    assert isinstance(days, int)
    return call.now.date() - timedelta(days=days)


def late_warning(day: date, application: str) -> Body:
    """Return the warning that an application has no figures yet for a date."""
    return {
        "code": "PARTIAL_DATA_AVAILABLE",
        "message": f"Data for date {day} for application {application} is not available right now, please try again "
        "after a few hours.",
        "data": [{"key": "date", "value": day.isoformat()}, {"key": "application", "value": application}],
    }
