"""A person's manager. Follows https://learn.microsoft.com/graph/api/user-list-manager."""

from collections.abc import Sequence

from connectors.emulator.microsoft365.graph import errors
from connectors.emulator.microsoft365.graph.actions import Action, ActionRequest, find
from connectors.emulator.microsoft365.graph.directory import USERS
from connectors.emulator.microsoft365.graph.query import Stored
from connectors.emulator.service import Answer


def actions() -> Sequence[Action]:
    return (Action("GET", "/users/{id}/manager", USERS, _show_manager, notes="$select"),)


def _show_manager(request: ActionRequest) -> Answer:
    people = Stored(request.store, request.tenant_id, "users")
    person = find(people, ("id", "userPrincipalName"), request.key)
    key = str((person or {}).get("manager") or "")
    manager = find(people, ("id",), key) if key else None
    if manager is None:
        raise errors.not_found("manager" if person else request.key)
    shown = {name: manager[name] for name in ("id", "displayName", "userPrincipalName", "mail") if name in manager}
    return Answer(
        body={**request.context("directoryObjects", single=True), "@odata.type": "#microsoft.graph.user", **shown}
    )
