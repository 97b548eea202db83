"""People in the Directory API: lists and reads accounts, and signs people out."""

from collections.abc import Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.administration import check_customer
from connectors.emulator.google_workspace.api.request import (
    Handler,
    MethodCall,
    page_of,
    read_page,
    refuse_unsupported_parameters,
)
from connectors.emulator.google_workspace.directory.serialise import USER_FIELDS, list_response, read_query, to_resource
from connectors.emulator.store import Body

_SECRET = ("password", "hashFunction")  # taken and never shown


def _list_users(call: MethodCall) -> Body:
    refuse_unsupported_parameters(call, "domain")
    if call.text("orderBy").lower() not in ("", "email"):
        raise errors.not_emulated("that order")
    if not call.text("customer"):
        raise errors.ApiError(400, "badRequest", "Bad Request")
    check_customer(call)
    page = read_page(call.parameters, call.number("maxResults", 100))
    deleted = call.text("showDeleted").lower() == "true"
    kept = call.collection(people.DELETED_USERS if deleted else people.USERS)
    query = call.text("query")
    if query or call.text("orderBy"):
        chosen = list(filter(read_query(query, USER_FIELDS), kept.all()))
        if call.text("orderBy"):
            chosen.sort(key=lambda user: str(user["primaryEmail"]))
        rows, total = list(page_of(chosen, page)), len(chosen)
    else:
        rows, total = kept.read_range(start=page.start, count=page.size), kept.count()
    return list_response("users", "users", [_user_resource(call, row) for row in rows], page, total)


def _user_resource(call: MethodCall, body: Body) -> Body:
    full = call.text("projection").lower() in ("full", "custom")
    hidden = _SECRET if full else (*_SECRET, "customSchemas")
    return to_resource("user", {name: value for name, value in body.items() if name not in hidden})


def _find_user(call: MethodCall) -> Body:
    key = call.text("userKey")
    if key == "me" and call.caller:
        return call.caller
    body = people.find_user(call.store, call.tenant_id, key)
    if body is None:
        raise errors.not_found("Resource Not Found: userKey")
    return body


def _sign_out(call: MethodCall) -> None:
    """End all sessions of a person. The emulator stores no sessions, so nothing changes."""
    _find_user(call)


HANDLERS: Mapping[str, Handler] = {
    "directory.users.list": _list_users,
    "directory.users.get": lambda call: _user_resource(call, _find_user(call)),
    "directory.users.signOut": _sign_out,
}
