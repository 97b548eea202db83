"""People: users.list, get and signOut."""

from collections.abc import Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, check_left_out, page_of, read_page
from connectors.emulator.google_workspace.directory.serialise import (
    USER_FIELDS,
    check_customer,
    listed,
    read_query,
    shown,
)
from connectors.emulator.store import Body

_SECRET = ("password", "hashFunction")  # taken and never shown


def _list(asked: MethodCall) -> Body:
    check_left_out(asked, "domain")
    if asked.text("orderBy").lower() not in ("", "email"):
        raise errors.not_emulated("that order")
    if not asked.text("customer"):
        raise errors.ApiError(400, "badRequest", "Bad Request")
    check_customer(asked)
    page = read_page(asked.parameters, asked.number("maxResults", 100))
    deleted = asked.text("showDeleted").lower() == "true"
    kept = asked.collection(people.DELETED_USERS if deleted else people.USERS)
    query = asked.text("query")
    if query or asked.text("orderBy"):
        chosen = list(filter(read_query(query, USER_FIELDS), kept.all()))
        if asked.text("orderBy"):
            chosen.sort(key=lambda one: str(one["primaryEmail"]))
        rows, total = list(page_of(chosen, page)), len(chosen)
    else:
        rows, total = kept.some(start=page.start, count=page.size), kept.count()
    return listed("users", "users", [_shown(asked, row) for row in rows], page, total)


def _shown(asked: MethodCall, body: Body) -> Body:
    full = asked.text("projection").lower() in ("full", "custom")
    hidden = _SECRET if full else (*_SECRET, "customSchemas")
    return shown("user", {name: value for name, value in body.items() if name not in hidden})


def _known(asked: MethodCall) -> Body:
    key = asked.text("userKey")
    if key == "me" and asked.caller:
        return asked.caller
    body = people.find_user(asked.store, asked.tenant_id, key)
    if body is None:
        raise errors.not_found("Resource Not Found: userKey")
    return body


def _sign_out(asked: MethodCall) -> None:
    """End all sessions of a person, of which nothing is kept here."""
    _known(asked)


HANDLERS: Mapping[str, Handler] = {
    "directory.users.list": _list,
    "directory.users.get": lambda asked: _shown(asked, _known(asked)),
    "directory.users.signOut": _sign_out,
}
