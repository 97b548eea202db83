"""What a hold is about: a service (its corpus), a query in the terms of that service, and the accounts it names."""

from collections.abc import Mapping
from datetime import UTC, datetime

from connectors.emulator import clock
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import MethodCall
from connectors.emulator.google_workspace.values import mapping, text
from connectors.emulator.wire import Body, Json

GROUPS = "GROUPS"  # the one corpus whose accounts are groups, and which takes no unit
_QUERIES: Mapping[str, str] = {
    "MAIL": "mailQuery",
    "DRIVE": "driveQuery",
    GROUPS: "groupsQuery",
    "HANGOUTS_CHAT": "hangoutsChatQuery",
    "VOICE": "voiceQuery",
    "CALENDAR": "calendarQuery",
    "GEMINI": "geminiQuery",
    "GEMINI_IN_WORKSPACE": "",  # there is nothing to narrow it by
}
_DATES = ("startTime", "endTime")


def read_corpus(body: Body) -> str:
    """Read the service of a hold; raises ApiError where the body names none."""
    corpus = text(body.get("corpus"))
    if corpus not in _QUERIES:
        raise errors.invalid_argument("Hold corpus is required.")
    return corpus


def read_query(body: Body, corpus: str) -> Body:
    """Read the query of a hold as it is kept; raises ApiError for one of another service."""
    name, given = _QUERIES[corpus], mapping(body.get("query"))
    if any(value is not None and key != name for key, value in given.items()):
        raise errors.invalid_argument(f"The query of a hold on {corpus} can only be {name or 'empty'}.")
    return {name: _rounded(mapping(given.get(name)))} if name else {}


def _rounded(query: Body) -> Body:
    """Take the dates of a query to the midnight that begins their day, in GMT."""
    set_ = {name: value for name, value in query.items() if value not in (None, "")}
    dates: dict[str, Json] = {name: _midnight(text(set_[name])) for name in _DATES if name in set_}
    return {**set_, **dates}


def _midnight(written: str) -> str:
    try:
        instant = datetime.fromisoformat(written)
    except ValueError as bad:
        raise errors.invalid_argument(f"Invalid time: {written}") from bad
    if instant.tzinfo is None:
        raise errors.invalid_argument(f"Invalid time, it has no zone: {written}")
    return f"{instant.astimezone(UTC):%Y-%m-%d}T00:00:00Z"


def held_account(asked: MethodCall, corpus: str, written: Body) -> Body:
    """Make what a hold stores of an account from its address or its id; raises ApiError for an unknown account."""
    address, key = text(written.get("email")), text(written.get("accountId"))
    find = people.find_group if corpus == GROUPS else people.find_user
    # An id has no @; what looks like an address in its place is nobody's.
    found = find(asked.store, asked.tenant_id, address or key.partition("@")[0])
    if found is None:
        raise errors.invalid_argument(f"There is no account {address or key}.")
    name = mapping(found.get("name")) if corpus != GROUPS else {}
    names: dict[str, Json] = {"firstName": name.get("givenName"), "lastName": name.get("familyName")}
    return {
        "accountId": found["id"],
        "email": found["email"] if corpus == GROUPS else found["primaryEmail"],
        **{one: value for one, value in names.items() if value},
        "holdTime": clock.text(asked.now),
    }
