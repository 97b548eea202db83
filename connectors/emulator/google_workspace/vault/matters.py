"""Matters: create, get, list and close, and who sees them.

The states are those of developers.google.com/workspace/vault/guides/matters. Only an open one changes, and only one
without holds closes.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import TypeAlias
from uuid import uuid4

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall, page_of, read_page
from connectors.emulator.google_workspace.directory.customer import ASSIGNMENTS, ROLES
from connectors.emulator.google_workspace.people import HOLDS, MATTERS
from connectors.emulator.google_workspace.values import mapping, sequence, text
from connectors.emulator.store import Body, Json

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


def _close(asked: MethodCall, matter: Body) -> Body:
    check_open(matter)
    if asked.collection(HOLDS).below(text(matter["matterId"])):
        raise errors.failed_precondition("Matter has holds: delete them before it is closed.")
    return {"matter": _stored(asked, {**matter, "state": "CLOSED"})}


HANDLERS: Mapping[str, Handler] = {
    "vault.matters.create": needing(_MANAGE, _create),
    "vault.matters.list": needing(_MANAGE, _list),
    "vault.matters.get": in_matter(_MANAGE, _shown),
    "vault.matters.close": in_matter(_MANAGE, _close),
}
