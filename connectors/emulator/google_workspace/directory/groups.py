"""Groups: list, get, insert, patch, update and delete."""

from collections.abc import Mapping

from connectors.emulator.google_workspace import people
from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, read_page
from connectors.emulator.google_workspace.directory.domains import check_domain
from connectors.emulator.google_workspace.directory.members import MEMBERS, groups_of
from connectors.emulator.google_workspace.directory.serialise import (
    GROUP_FIELDS,
    check_customer,
    check_etag,
    check_new_address,
    for_administrators,
    paged,
    read_query,
    shown,
)
from connectors.emulator.google_workspace.groups_settings import SETTINGS, default_settings
from connectors.emulator.google_workspace.values import new_group_id, text
from connectors.emulator.wire import Body

_LONGEST_PAGE = 200


def known_group(asked: MethodCall) -> Body:
    """Find the group that a path names."""
    body = people.find_group(asked.store, asked.tenant_id, asked.text("groupKey"))
    if body is None:
        raise errors.not_found("Resource Not Found: groupKey")
    return body


def _list(asked: MethodCall) -> Body:
    if not any(asked.text(name) for name in ("customer", "domain", "userKey")):
        raise errors.ApiError(400, "badRequest", "Bad Request")
    if asked.text("customer"):
        check_customer(asked)
    rows = asked.collection(people.GROUPS).all()
    if domain := asked.text("domain"):
        check_domain(asked, domain)
        rows = [row for row in rows if text(row["email"]).lower().endswith("@" + domain.lower())]
    if key := asked.text("userKey"):
        holding = groups_of(asked, key)
        rows = [row for row in rows if row["id"] in holding]
    if query := asked.text("query"):
        if not query.startswith("memberKey="):
            test = read_query(query, GROUP_FIELDS)
            rows = [row for row in rows if test(row)]
        else:
            holding = groups_of(asked, query.removeprefix("memberKey=").strip("'"))
            rows = [row for row in rows if row["id"] in holding]
    rows.sort(key=lambda row: text(row["email"]), reverse=asked.text("sortOrder").upper() == "DESCENDING")
    page = read_page(asked.parameters, min(asked.number("maxResults", _LONGEST_PAGE), _LONGEST_PAGE))
    return paged("groups", "groups", [_shown(asked, row) for row in rows], page)


def _shown(asked: MethodCall, body: Body) -> Body:
    count = len(asked.collection(MEMBERS).below(str(body["id"])))
    return shown("group", {**body, "directMembersCount": str(count)})


def _get(asked: MethodCall) -> Body:
    return _shown(asked, known_group(asked))


def _insert(asked: MethodCall) -> Body:
    address = text(asked.body["email"])
    check_new_address(asked, address)
    key = new_group_id()
    body: Body = {
        "id": key,
        "email": address,
        "name": text(asked.body.get("name")) or address.partition("@")[0],
        "description": text(asked.body.get("description")),
        "adminCreated": True,
    }
    _store(asked, body)
    asked.collection(SETTINGS).put(key, default_settings())
    return _shown(asked, body)


def _change(asked: MethodCall) -> Body:
    before = known_group(asked)
    count = len(asked.collection(MEMBERS).below(str(before["id"])))
    check_etag(asked, {**before, "directMembersCount": str(count)})
    address = text(asked.body.get("email"))
    if address and address.lower() != text(before["email"]).lower():
        check_new_address(asked, address)
    changes = {name: asked.body[name] for name in ("email", "name", "description") if asked.body.get(name) is not None}
    body = {**before, **changes}
    _store(asked, body)
    return _shown(asked, body)


def _store(asked: MethodCall, body: Body) -> None:
    asked.collection(people.GROUPS).put(str(body["id"]), body)
    people.remember(asked.store, asked.tenant_id, body)


def _delete(asked: MethodCall) -> None:
    key = str(known_group(asked)["id"])
    members = asked.collection(MEMBERS)
    for one in members.below(key):
        members.delete(one)
    asked.collection(people.GROUPS).delete(key)
    asked.collection(SETTINGS).delete(key)


HANDLERS: Mapping[str, Handler] = {
    "directory.groups.list": for_administrators(_list),
    "directory.groups.get": for_administrators(_get),
    "directory.groups.insert": for_administrators(_insert),
    "directory.groups.patch": for_administrators(_change),
    "directory.groups.update": for_administrators(_change),
    "directory.groups.delete": for_administrators(_delete),
}
