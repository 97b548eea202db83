"""userUsageReport.get: when each person last signed in and last used their mail, as it was known of one day."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.directory.serialise import check_customer, etag, for_administrators
from connectors.emulator.google_workspace.seeded import NEVER
from connectors.emulator.google_workspace.values import customer_id, text
from connectors.emulator.wire import Body, Json

LAST_USE, LAG = "reports.lastUse", "reports.lag"
_LAGS: Mapping[str, int] = {"accounts": 2, "gmail": 3}  # days
_KEPT = timedelta(days=450)
_CLOSING = time(16, 30, tzinfo=UTC)  # when somebody used it last on a day that was not the very last
# By parameter, what it is read from.
_KNOWN: Mapping[str, str] = {
    "accounts:last_login_time": "login",
    **{f"gmail:timestamp_last_{kind}": "mail" for kind in ("access", "imap", "interaction", "pop", "webmail")},
}
_NOT_EMULATED = ("filters", "groupIdFilter", "orgUnitID")


def _get(asked: MethodCall) -> Body:
    if asked.text("customerId"):
        check_customer(asked, "customerId")
    for name in _NOT_EMULATED:
        if asked.parameters.get(name):
            raise errors.not_emulated(f"userUsageReport.get with {name}")
    day = _day(asked)
    parameters = [one for one in asked.text("parameters").split(",") if one] or list(_KNOWN)
    late = {one: day > _last_day(asked, one) for one in _LAGS}
    present = [one for one in parameters if not late.get(one.partition(":")[0])]
    page = read_page(asked.parameters, asked.number("maxResults", 1000))
    everyone = _people(asked)
    rows = [_report(asked, person, day, present) for person in page_of(everyone, page)]
    asked_for = dict.fromkeys(one.partition(":")[0] for one in parameters)
    found: dict[str, Json] = {"warnings": [_warning(day, one) for one in asked_for if late.get(one)]}
    found = found if found["warnings"] else {}
    reports: dict[str, Json] = {"usageReports": rows} if rows else {}
    return {
        "kind": "admin#reports#usageReports",
        "etag": etag(reports),
        **found,
        **reports,
        **page.next_token(len(everyone)),
    }


def _day(asked: MethodCall) -> date:
    try:
        day = date.fromisoformat(asked.text("date"))
    except ValueError as bad:
        raise errors.invalid(f"Invalid date: {asked.text('date')}") from bad
    last = max(_last_day(asked, one) for one in _LAGS)
    if day > last:
        raise errors.invalid(f"Data for dates later than {last} is not yet available. Please check back later")
    if day < last - _KEPT:
        raise errors.invalid(f"Data for dates earlier than {last - _KEPT} is not available.")
    return day


def _last_day(asked: MethodCall, application: str) -> date:
    lags = {**_LAGS, **(asked.collection(LAG).get("days") or {})}
    days = lags[application]
    assert isinstance(days, int)
    return asked.now.date() - timedelta(days=days)


def _people(asked: MethodCall) -> Sequence[Body]:
    key = asked.text("userKey")
    if key == "all":
        return asked.collection(people.USERS).all()
    person = people.find_user(asked.store, asked.tenant_id, key)
    if person is None:
        raise errors.not_found("Resource Not Found: userKey")
    return [person]


def _report(asked: MethodCall, person: Body, day: date, parameters: Sequence[str]) -> Body:
    entity: Body = {
        "type": "USER",
        "customerId": customer_id(asked.tenant_id),
        "userEmail": person["primaryEmail"],
        "profileId": person["id"],
    }
    use = asked.collection(LAST_USE).get(str(person["id"])) or {}
    values = list(_values(use, day, parameters))
    body: dict[str, Json] = {"date": day.isoformat(), "entity": entity, "parameters": values}
    return {"kind": "admin#reports#usageReport", **body, "etag": etag(body)}


def _values(use: Body, day: date, parameters: Sequence[str]) -> Iterator[Body]:
    for name in parameters:
        if name not in _KNOWN:
            raise errors.not_emulated(f"the parameter {name} of usage reports")
        last = text(use.get(_KNOWN[name]))
        yield {"name": name, "datetimeValue": _known_of(last, day) if last else NEVER}


def _known_of(last: str, day: date) -> str:
    """Tell what was known on a day of somebody whose very last use is known now."""
    instant = datetime.fromisoformat(last)
    seen = instant if instant.date() <= day else datetime.combine(day, _CLOSING)
    return seen.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _warning(day: date, application: str) -> Body:
    return {
        "code": "PARTIAL_DATA_AVAILABLE",
        "message": f"Data for date {day} for application {application} is not available right now, please try again "
        "after a few hours.",
        "data": [{"key": "date", "value": day.isoformat()}, {"key": "application", "value": application}],
    }


HANDLERS: Mapping[str, Handler] = {"reports.userUsageReport.get": for_administrators(_get)}
