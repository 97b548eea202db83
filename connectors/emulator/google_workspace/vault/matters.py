"""Matters: create, get, list, update, close, reopen, delete, undelete, and with whom they are shared.

The states are those of developers.google.com/workspace/vault/guides/matters: open, closed, deleted. Only an open one
changes, only one without holds closes, only a closed one is deleted, and what is undeleted is closed.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias
from uuid import uuid4

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.directory.roles import ASSIGNMENTS, ROLES
from connectors.emulator.google_workspace.people import HOLDS, MATTERS, USERS
from connectors.emulator.google_workspace.values import mapping, sequence, text
from connectors.emulator.wire import Body, Json

_FORBIDDEN = "The caller does not have permission"


class Privilege(StrEnum):
    """What a role may let a person do in Vault."""

    MANAGE_MATTERS = "MANAGE_MATTERS"
    MANAGE_HOLDS = "MANAGE_HOLDS"
    MANAGE_SEARCHES = "MANAGE_SEARCHES"
    MANAGE_EXPORTS = "MANAGE_EXPORTS"
    VIEW_ALL_MATTERS = "VIEW_ALL_MATTERS"


InMatter: TypeAlias = Callable[[MethodCall, Body], Body]


def needing(privilege: Privilege, handler: Handler) -> Handler:
    """Answer those alone who have a privilege; with another one of Vault's a person may still read."""

    def answer(asked: MethodCall) -> Body | None:
        held = privileges(asked)
        if privilege not in held and not (held and asked.method == "GET"):
            raise errors.forbidden(_FORBIDDEN)
        return handler(asked)

    return answer


def in_matter(privilege: Privilege, handler: InMatter) -> Handler:
    """Answer about a matter that the caller sees."""
    return needing(privilege, lambda asked: handler(asked, _seen(asked)))


def privileges(asked: MethodCall) -> frozenset[Privilege]:
    """List what the caller may do in Vault."""
    caller = mapping(asked.caller)
    if not caller or caller.get("suspended"):
        return frozenset()
    if caller.get("isAdmin"):
        return frozenset(Privilege)
    assigned = (one for one in asked.collection(ASSIGNMENTS).all() if one["assignedTo"] == caller["id"])
    roles = (asked.collection(ROLES).get(text(one["roleId"])) for one in assigned)
    granted = [mapping(one) for role in roles for one in sequence(mapping(role).get("rolePrivileges"))]
    names = {text(one.get("privilegeName")) for one in granted}
    return frozenset(one for one in Privilege if one in names)


def sees(asked: MethodCall, matter: Body) -> bool:
    """Say whether a matter is the caller's, shared with them, or seen by them as all are."""
    own = mapping(asked.caller).get("id")
    shared = any(mapping(one).get("accountId") == own for one in sequence(matter.get("matterPermissions")))
    return shared or Privilege.VIEW_ALL_MATTERS in privileges(asked)


def _seen(asked: MethodCall) -> Body:
    matter = asked.collection(MATTERS).get(asked.text("matterId"))
    if matter is None:
        raise errors.not_found()
    if not sees(asked, matter):
        raise errors.forbidden(_FORBIDDEN)
    return matter


_LONGEST_PAGE = 100
_MANAGE = Privilege.MANAGE_MATTERS


def check_open(matter: Body) -> None:
    """Refuse what only an open matter lets anybody do."""
    _check_state(matter, "OPEN")


def _check_state(matter: Body, *states: str) -> None:
    if matter["state"] not in states:
        raise errors.failed_precondition(f"Matter must be {' or '.join(states)}, and is {matter['state']}.")


def _shown(asked: MethodCall, matter: Body) -> Body:
    """Show a matter; who may see it is told to those alone who ask for everything."""
    if asked.text("view") == "FULL":
        return matter
    return {name: value for name, value in matter.items() if name != "matterPermissions"}


def _create(asked: MethodCall) -> Body:
    """Make a matter of the caller's; nothing keeps two from having one name."""
    name, description = text(asked.body.get("name")), text(asked.body.get("description"))
    if not name:
        raise errors.invalid_argument("Matter name is required.")
    region = text(asked.body.get("matterRegion"))
    matter: Body = {
        "matterId": str(uuid4()),
        "name": name,
        **({"description": description} if description else {}),
        "state": "OPEN",
        **({"matterRegion": region} if region else {}),
        "matterPermissions": [{"accountId": mapping(asked.caller)["id"], "role": "OWNER"}],
    }
    return _stored(asked, matter)


def _stored(asked: MethodCall, matter: Body) -> Body:
    asked.collection(MATTERS).put(text(matter["matterId"]), matter)
    return _shown(asked, matter)


def _list(asked: MethodCall) -> Body:
    size = asked.number("pageSize", _LONGEST_PAGE)
    if size < 0:
        raise errors.invalid_argument()
    state = asked.text("state").removeprefix("STATE_UNSPECIFIED")
    seen = [one for one in asked.collection(MATTERS).all() if sees(asked, one)]
    rows = [one for one in seen if one["state"] == state] if state else seen
    page = read_page(asked.parameters, min(size, _LONGEST_PAGE))
    shown: list[Json] = [_shown(asked, one) for one in page_of(rows, page)]
    return {**({"matters": shown} if shown else {}), **page.next_token(len(rows))}


def _update(asked: MethodCall, matter: Body) -> Body:
    """Set name and description, both of which have to be sent; all else in the body is ignored."""
    check_open(matter)
    name, description = text(asked.body.get("name")), text(asked.body.get("description"))
    if not name or "description" not in asked.body:
        raise errors.invalid_argument("Matter name and description are both required.")
    kept = {key: value for key, value in matter.items() if key != "description"}
    return _stored(asked, {**kept, "name": name, **({"description": description} if description else {})})


def _close(asked: MethodCall, matter: Body) -> Body:
    check_open(matter)
    if asked.collection(HOLDS).below(text(matter["matterId"])):
        raise errors.failed_precondition("Matter has holds: delete them before it is closed.")
    return {"matter": _stored(asked, {**matter, "state": "CLOSED"})}


def _reopen(asked: MethodCall, matter: Body) -> Body:
    _check_state(matter, "CLOSED")
    return {"matter": _stored(asked, {**matter, "state": "OPEN"})}


def _delete(asked: MethodCall, matter: Body) -> Body:
    _check_state(matter, "CLOSED")
    return _stored(asked, {**matter, "state": "DELETED"})


def _undelete(asked: MethodCall, matter: Body) -> Body:
    _check_state(matter, "DELETED")
    return _stored(asked, {**matter, "state": "CLOSED"})


def _share(asked: MethodCall, matter: Body) -> Body:
    """Let a person work on a matter too; who has a role already keeps it, as the owner stays the only one."""
    check_open(matter)
    wanted = mapping(asked.body.get("matterPermission"))
    key, owner = text(wanted.get("accountId")), _owner(matter)
    if wanted.get("role") != "COLLABORATOR" or key == owner or asked.collection(USERS).get(key) is None:
        raise errors.invalid_argument()
    permission: Body = {"accountId": key, "role": "COLLABORATOR"}
    _stored(asked, {**matter, "matterPermissions": [*_without(matter, key), permission]})
    return permission


def _unshare(asked: MethodCall, matter: Body) -> Body:
    check_open(matter)
    key, left = text(asked.body.get("accountId")), _without(matter, text(asked.body.get("accountId")))
    if key == _owner(matter) or len(left) == len(sequence(matter.get("matterPermissions"))):
        raise errors.invalid_argument()
    _stored(asked, {**matter, "matterPermissions": left})
    return {}


def _owner(matter: Body) -> str:
    roles = [mapping(one) for one in sequence(matter.get("matterPermissions"))]
    return next((text(one.get("accountId")) for one in roles if one.get("role") == "OWNER"), "")


def _without(matter: Body, key: str) -> list[Json]:
    return [one for one in sequence(matter.get("matterPermissions")) if mapping(one).get("accountId") != key]


HANDLERS: Mapping[str, Handler] = {
    "vault.matters.create": needing(_MANAGE, _create),
    "vault.matters.list": needing(_MANAGE, _list),
    "vault.matters.get": in_matter(_MANAGE, _shown),
    "vault.matters.update": in_matter(_MANAGE, _update),
    "vault.matters.close": in_matter(_MANAGE, _close),
    "vault.matters.reopen": in_matter(_MANAGE, _reopen),
    "vault.matters.delete": in_matter(_MANAGE, _delete),
    "vault.matters.undelete": in_matter(_MANAGE, _undelete),
    "vault.matters.addPermissions": in_matter(_MANAGE, _share),
    "vault.matters.removePermissions": in_matter(_MANAGE, _unshare),
}
