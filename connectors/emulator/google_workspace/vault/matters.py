"""Matters: create, get, list and close, with access checks.

The states follow developers.google.com/workspace/vault/guides/matters. Only an open matter can change. Only a matter
without holds can be closed.
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
    """A privilege in Vault that a role may have."""

    MANAGE_MATTERS = "MANAGE_MATTERS"
    MANAGE_HOLDS = "MANAGE_HOLDS"
    MANAGE_SEARCHES = "MANAGE_SEARCHES"
    MANAGE_EXPORTS = "MANAGE_EXPORTS"
    VIEW_ALL_MATTERS = "VIEW_ALL_MATTERS"


InMatter: TypeAlias = Callable[[MethodCall, Body], Body]


def require_privilege(privilege: Privilege, handler: Handler) -> Handler:
    """Return a handler that requires a privilege. A caller with any other privilege in Vault may still read."""

    def answer(call: MethodCall) -> Body | None:
        held = privileges(call)
        if privilege not in held and not (held and call.method == "GET"):
            raise errors.forbidden(_FORBIDDEN)
        return handler(call)

    return answer


def require_matter(privilege: Privilege, handler: InMatter) -> Handler:
    """Return a handler that runs only for a matter that the caller can see."""
    return require_privilege(privilege, lambda call: handler(call, _find_matter(call)))


def privileges(call: MethodCall) -> frozenset[Privilege]:
    """Return the caller's privileges in Vault."""
    caller = mapping(call.caller)
    if not caller or caller.get("suspended"):
        return frozenset()
    if caller.get("isAdmin"):
        return frozenset(Privilege)
    assigned = (
        assignment for assignment in call.collection(ASSIGNMENTS).all() if assignment["assignedTo"] == caller["id"]
    )
    roles = (call.collection(ROLES).get(text(assignment["roleId"])) for assignment in assigned)
    granted = [mapping(privilege) for role in roles for privilege in sequence(mapping(role).get("rolePrivileges"))]
    names = {text(privilege.get("privilegeName")) for privilege in granted}
    return frozenset(privilege for privilege in Privilege if privilege in names)


def can_see(call: MethodCall, matter: Body) -> bool:
    """Return whether a caller may see a matter, because they own it, share it, or may see all matters."""
    own = mapping(call.caller).get("id")
    shared = any(
        mapping(permission).get("accountId") == own for permission in sequence(matter.get("matterPermissions"))
    )
    return shared or Privilege.VIEW_ALL_MATTERS in privileges(call)


def _find_matter(call: MethodCall) -> Body:
    matter = call.collection(MATTERS).get(call.text("matterId"))
    if matter is None:
        raise errors.not_found()
    if not can_see(call, matter):
        raise errors.forbidden(_FORBIDDEN)
    return matter


_LONGEST_PAGE = 100
_MANAGE = Privilege.MANAGE_MATTERS


def check_open(matter: Body) -> None:
    """Refuse an operation that needs an open matter."""
    _check_state(matter, "OPEN")


def _check_state(matter: Body, *states: str) -> None:
    if matter["state"] not in states:
        raise errors.failed_precondition(f"Matter must be {' or '.join(states)}, and is {matter['state']}.")


def _project_matter(call: MethodCall, matter: Body) -> Body:
    """Return a matter in the requested view. Only the full view contains the people who can see it."""
    if call.text("view") == "FULL":
        return matter
    return {name: value for name, value in matter.items() if name != "matterPermissions"}


def _create_matter(call: MethodCall) -> Body:
    """Create a matter that belongs to the caller. Several matters may have the same name."""
    name, description = text(call.body.get("name")), text(call.body.get("description"))
    if not name:
        raise errors.invalid_argument("Matter name is required.")
    region = text(call.body.get("matterRegion"))
    matter: Body = {
        "matterId": str(uuid4()),
        "name": name,
        **({"description": description} if description else {}),
        "state": "OPEN",
        **({"matterRegion": region} if region else {}),
        "matterPermissions": [{"accountId": mapping(call.caller)["id"], "role": "OWNER"}],
    }
    return _store_matter(call, matter)


def _store_matter(call: MethodCall, matter: Body) -> Body:
    call.collection(MATTERS).put(text(matter["matterId"]), matter)
    return _project_matter(call, matter)


def _list_matters(call: MethodCall) -> Body:
    size = call.number("pageSize", _LONGEST_PAGE)
    if size < 0:
        raise errors.invalid_argument()
    state = call.text("state").removeprefix("STATE_UNSPECIFIED")
    seen = [matter for matter in call.collection(MATTERS).all() if can_see(call, matter)]
    rows = [matter for matter in seen if matter["state"] == state] if state else seen
    page = read_page(call.parameters, min(size, _LONGEST_PAGE))
    shown: list[Json] = [_project_matter(call, matter) for matter in page_of(rows, page)]
    return {**({"matters": shown} if shown else {}), **page.next_token(len(rows))}


def _close_matter(call: MethodCall, matter: Body) -> Body:
    check_open(matter)
    if call.collection(HOLDS).with_prefix(text(matter["matterId"])):
        raise errors.failed_precondition("Matter has holds: delete them before it is closed.")
    return {"matter": _store_matter(call, {**matter, "state": "CLOSED"})}


HANDLERS: Mapping[str, Handler] = {
    "vault.matters.create": require_privilege(_MANAGE, _create_matter),
    "vault.matters.list": require_privilege(_MANAGE, _list_matters),
    "vault.matters.get": require_matter(_MANAGE, _project_matter),
    "vault.matters.close": require_matter(_MANAGE, _close_matter),
}
