"""Who may use Vault, and which matters they see.

A super administrator may do and see everything. Anybody else needs a role with privileges of Vault, and sees the
matters that they own or that are shared with them, unless a privilege shows all. The privileges are those of
support.google.com/vault/answer/2799699; their spelling in a role is the emulator's own.
"""

from collections.abc import Callable
from enum import StrEnum
from typing import TypeAlias

from connectors.emulator.google_workspace.api import errors
from connectors.emulator.google_workspace.api.request import Handler, MethodCall
from connectors.emulator.google_workspace.directory.roles import ASSIGNMENTS, ROLES
from connectors.emulator.google_workspace.people import MATTERS
from connectors.emulator.google_workspace.values import mapping, sequence, text
from connectors.emulator.wire import Body

_FORBIDDEN = "The caller does not have permission"


class Privilege(StrEnum):
    """What a role may let somebody do in Vault."""

    MANAGE_MATTERS = "MANAGE_MATTERS"
    MANAGE_HOLDS = "MANAGE_HOLDS"
    VIEW_ALL_MATTERS = "VIEW_ALL_MATTERS"


InMatter: TypeAlias = Callable[[MethodCall, Body], Body]


def needing(privilege: Privilege, handler: Handler) -> Handler:
    """Answer those alone who have a privilege; whoever has another one of Vault's may still read."""

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
