"""People: users.list, get, insert, patch, update, delete, undelete, makeAdmin and signOut."""

from collections.abc import Mapping

from connectors.emulator import clock
from connectors.emulator.data_files import from_template
from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.directory.domains import check_domain
from connectors.emulator.google_workspace.directory.orgunits import known_path
from connectors.emulator.google_workspace.directory.serialise import (
    USER_FIELDS,
    check_customer,
    check_etag,
    check_new_address,
    listed,
    read_query,
    shown,
)
from connectors.emulator.google_workspace.mailboxes import close_box, open_box
from connectors.emulator.google_workspace.people import on_hold
from connectors.emulator.google_workspace.values import customer_id, mapping, new_number, text
from connectors.emulator.wire import Body, Json

_SECRET = ("password", "hashFunction")  # taken and never shown
_ORDERS: Mapping[str, tuple[str, ...]] = {
    "email": ("primaryEmail",),
    "givenname": ("name", "givenName"),
    "familyname": ("name", "familyName"),
}


def _list(asked: MethodCall) -> Body:
    if not asked.text("customer") and not asked.text("domain"):
        raise errors.ApiError(400, "badRequest", "Bad Request")
    if asked.text("customer"):
        check_customer(asked)
    page = read_page(asked.parameters, asked.number("maxResults", 100))
    deleted = asked.text("showDeleted").lower() == "true"
    kept = asked.collection(people.DELETED_USERS if deleted else people.USERS)
    if not any(asked.text(name) for name in ("query", "orderBy", "domain")):
        rows, total = kept.some(start=page.start, count=page.size), kept.count()
    else:
        chosen = _chosen(asked, kept.all())
        rows, total = list(page_of(chosen, page)), len(chosen)
    return listed("users", "users", [_shown(asked, row) for row in rows], page, total)


def _chosen(asked: MethodCall, rows: list[Body]) -> list[Body]:
    if domain := asked.text("domain"):
        check_domain(asked, domain)
        rows = [row for row in rows if text(row["primaryEmail"]).lower().endswith("@" + domain.lower())]
    if query := asked.text("query"):
        test = read_query(query, USER_FIELDS)
        rows = [row for row in rows if test(row)]
    if order := asked.text("orderBy"):
        path = _ORDERS[order.lower()]
        rows.sort(key=lambda row: _at(row, path).lower(), reverse=asked.text("sortOrder").upper() == "DESCENDING")
    return rows


def _at(row: Body, path: tuple[str, ...]) -> str:
    value: Json = row
    for name in path:
        value = mapping(value).get(name)
    return text(value)


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


def _insert(asked: MethodCall) -> Body:
    address = text(asked.body["primaryEmail"])
    check_new_address(asked, address)
    key, now = new_number(), clock.text(asked.now)
    new = from_template(__file__, "new_user", id=key, now=now, customer=customer_id(asked.tenant_id))
    body: dict[str, Json] = {**new, **_written(asked, {})}
    body.setdefault("emails", [{"address": address, "primary": True}])
    _store(asked, body)
    open_box(asked.store, asked.tenant_id, body)
    return _shown(asked, body)


def _change(asked: MethodCall) -> Body:
    """Change what the body names: users.update does no more either."""
    before = _known(asked)
    check_etag(asked, _plain(before))
    address = text(asked.body.get("primaryEmail"))
    if address and address.lower() != text(before["primaryEmail"]).lower():
        check_new_address(asked, address)
    if asked.body.get("archived") and not before.get("archived"):
        raise errors.condition_not_met("Insufficient Archived User licenses")
    body = {**before, **_written(asked, before)}
    if body.get("suspended") and not before.get("suspended"):
        body["suspensionReason"] = "ADMIN"
    _store(asked, body)
    return _shown(asked, body)


def _plain(body: Body) -> Body:
    return {name: value for name, value in body.items() if name not in (*_SECRET, "customSchemas")}


def _written(asked: MethodCall, before: Body) -> dict[str, Json]:
    """Make the stored form of what a body sets: lists are taken whole, the name field by field."""
    body = {name: value for name, value in asked.body.items() if name not in ("kind", "etag", "id")}
    if "name" in body:
        name = {**mapping(before.get("name")), **mapping(body["name"])}
        name["fullName"] = f"{text(name.get('givenName'))} {text(name.get('familyName'))}".strip()
        body["name"] = name
    if "orgUnitPath" in body:
        body["orgUnitPath"] = known_path(asked, text(body["orgUnitPath"]))
    return body


def _store(asked: MethodCall, body: Body) -> None:
    asked.collection(people.USERS).put(str(body["id"]), body)
    people.remember(asked.store, asked.tenant_id, body)


def _delete(asked: MethodCall) -> None:
    body = _known(asked)
    check_etag(asked, _plain(body))
    if on_hold(asked.store, asked.tenant_id, body):
        raise errors.condition_not_met(f"{body['primaryEmail']} is on hold in Vault and cannot be deleted.")
    key = str(body["id"])
    asked.collection(people.DELETED_USERS).put(key, {**body, "deletionTime": clock.text(asked.now)})
    asked.collection(people.USERS).delete(key)
    close_box(asked.store, asked.tenant_id, key)


def _undelete(asked: MethodCall) -> None:
    body = asked.collection(people.DELETED_USERS).get(asked.text("userKey"))
    if body is None:
        raise errors.not_found("Resource Not Found: userKey")
    restored = {name: value for name, value in body.items() if name != "deletionTime"}
    path = text(asked.body.get("orgUnitPath")) or "/"
    restored["orgUnitPath"] = known_path(asked, path)
    _store(asked, restored)
    open_box(asked.store, asked.tenant_id, restored)
    asked.collection(people.DELETED_USERS).delete(str(body["id"]))


def _make_admin(asked: MethodCall) -> None:
    body = _known(asked)
    _store(asked, {**body, "isAdmin": asked.body.get("status") is True})


def _sign_out(asked: MethodCall) -> None:
    """End all sessions of a person, of which nothing is kept here."""
    _known(asked)


HANDLERS: Mapping[str, Handler] = {
    "directory.users.list": _list,
    "directory.users.get": lambda asked: _shown(asked, _known(asked)),
    "directory.users.insert": _insert,
    "directory.users.patch": _change,
    "directory.users.update": _change,
    "directory.users.delete": _delete,
    "directory.users.undelete": _undelete,
    "directory.users.makeAdmin": _make_admin,
    "directory.users.signOut": _sign_out,
}
